import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/** Compares a generated text with the file that is kept in git, or writes that file when told to. */
export function keepOrCompare(file: string, text: string): void {
  if (process.env.TERRAPIN_UPDATE) writeFileSync(file, text);
  expect(existsSync(file), `${file} is missing: write it with the update script`).toBe(true);
  expect(readFileSync(file, "utf8")).toBe(text);
}
