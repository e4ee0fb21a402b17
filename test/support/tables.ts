import type { Driver } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { testDatabase, type TestDatabase } from "terrapin/testing";
import { afterEach, beforeEach } from "vitest";

/** Gives each test of the file (or describe block) a database with the tables of these models, as the default context. */
export function tablesForEach(
  models: Readonly<Record<string, unknown>>,
  open: () => Driver = () => sqlite(":memory:"),
): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase({ connections: { default: open }, models });
  });
  afterEach(() => db.drop());
}
