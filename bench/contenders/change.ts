import { levels } from "../data.ts";

/** The change that the update tests make: always another level and another text than the step before. */
export function changed(entity: { readonly id: number }, step: number): { level: number; text: string } {
  return { level: levels[(entity.id + step) % levels.length] ?? 10, text: `Update ${step} of ${entity.id}` };
}
