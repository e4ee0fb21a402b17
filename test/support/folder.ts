import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

const make = (): string => mkdtempSync(join(tmpdir(), "terrapin-"));
const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** A new empty folder, deleted after all tests of the file or describe block that asks for it. */
export function sharedFolder(): string {
  const folder = make();
  afterAll(() => remove(folder));
  return folder;
}

/** A new empty folder for the test that runs, or from a `beforeEach` for each; deleted after it. */
export function ownFolder(): string {
  const folder = make();
  onTestFinished(() => remove(folder));
  return folder;
}
