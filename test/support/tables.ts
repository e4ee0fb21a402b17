import type { Driver } from "terrapin";
import { testDatabase, type TestDatabase } from "terrapin/testing";
import { afterEach, beforeEach } from "vitest";
import { anew } from "./anew.js";

/** Gives each test of the file (or describe block) a database with the tables of these models, as the default context. */
export function tablesForEach(
  models: Readonly<Record<string, unknown>>,
  open: () => Driver | Promise<Driver> = anew,
): void {
  let db: TestDatabase;
  beforeEach(async () => {
    const driver = await open();
    db = await testDatabase({ connections: { default: () => driver }, models });
  });
  afterEach(() => db.drop());
}
