import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { TestProject } from "vitest/node";
import { memoryFolder, stopSharedMariadb } from "../../tools/mariadb.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** where the processes of this run find the server that the first of them starts */
    readonly mariadb: { readonly folder: string; readonly owner: number };
  }
}

/** Runs once before all tests and once after them: a MariaDB that some test started ends here, also after a failure. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(memoryFolder(), "terrapin-run-"));
  project.provide("mariadb", { folder, owner: process.pid });
  return () => stopSharedMariadb(folder);
}
