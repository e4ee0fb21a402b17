import { FieldError, ParamsError, typeName } from "../base/errors.js";
import type { Output, QueryState, Selection } from "../query/state.js";

/** Refuses what is no name. */
export function checkNames(names: readonly unknown[], call: string): void {
  for (const name of names) {
    if (typeof name !== "string") throw new ParamsError(`${call}() takes names of fields, not ${typeName(name)}`);
  }
}

/** The same, where there must be at least one. */
export function someNames(names: readonly string[], call: string): readonly string[] {
  if (names.length === 0) throw new FieldError(`${call}() needs the name of a field`, { code: "no_fields" });
  checkNames(names, call);
  return names;
}

/** The paths of `selectRelated`, added to those that were given before. */
export function alsoRelated({ related }: QueryState, paths: readonly string[]): readonly string[] {
  checkNames(paths, "selectRelated");
  return [...new Set([...related, ...paths])];
}

/** `values("a", { b: "c" })` */
export function valuesOutput(names: readonly unknown[]): Output {
  return { kind: "values", names: names.length === 0 ? null : names.flatMap(selections) };
}

function selections(name: unknown): Selection[] {
  if (typeof name === "string") return [{ as: name, path: name }];
  if (typeof name !== "object" || name === null)
    throw new ParamsError(`values() takes names of fields and { name: field }, not ${typeName(name)}`);
  return Object.entries(name).map(([as, path]) => {
    if (as === "__proto__") throw new ParamsError('values(): "__proto__" cannot be the name of a value');
    if (typeof path !== "string")
      throw new ParamsError(`values(): "${as}" must be the name of a field, not ${typeName(path)}`);
    return { as, path };
  });
}

/** `valuesList("a", "b")`, `valuesList("a", { flat: true })` */
export function tuplesOutput(given: readonly unknown[]): Output {
  const last = given.at(-1);
  const options = typeof last === "object" && last !== null ? (last as { flat?: boolean }) : null;
  const names = options === null ? given : given.slice(0, -1);
  checkNames(names, "valuesList");
  const selected = (names as readonly string[]).map((name): Selection => ({ as: name, path: name }));
  if (options?.flat !== true) return { kind: "tuples", names: selected.length === 0 ? null : selected };
  if (selected.length !== 1) throw new ParamsError("valuesList(): flat takes exactly one field", { code: "flat" });
  return { kind: "flat", names: selected };
}
