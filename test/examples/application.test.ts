import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terrapin, type InitConfig } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { app } from "../../examples/node-server/app.ts";
import * as models from "../../examples/node-server/models.ts";
import { type Answered, story } from "../support/application.js";
import { mysqlDatabase } from "../support/databases.js";

/** Runs the story in this process. */
async function here(connection: NonNullable<InitConfig["connections"]>[string]): Promise<readonly Answered[]> {
  const orm = await Terrapin.context({ connections: { default: connection }, models });
  try {
    await orm.generateSchemas();
    return await orm.run(() => story(async (path, init) => app.request(path, init)));
  } finally {
    await orm.closeConnections();
  }
}

describe("one application, unchanged, on every database", () => {
  const folder = mkdtempSync(join(tmpdir(), "terrapin-application-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let expected: readonly Answered[];
  beforeAll(async () => {
    expected = await here(sqlite(":memory:"));
  });

  test("answers what it should on SQLite in memory", () => {
    const statuses = expected.map(([, , status]) => status).join(" ");
    expect(statuses).toBe(`${"201 ".repeat(10)}200 200 200 200 200 200 200 200 409 422 200 204 404 422 422 200 200`);
    expect(expected[10]?.[3]).toMatchObject({ title: "Søren's 🐢 100% _", body: "…\0'\"\\", author: { name: "Ann" } });
    expect(expected.at(-2)?.[3]).toEqual({ articles: [], next: null });
    expect(expected.at(-1)![3]).toHaveProperty("articles.length", 9);
  });

  test("and the same on a SQLite file", async () => {
    expect(await here(`sqlite://${folder}/articles.db`)).toEqual(expected);
  });

  test("and the same on MySQL", async () => {
    expect(await here(await mysqlDatabase())).toEqual(expected);
  });
});
