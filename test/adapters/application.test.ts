import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terrapin, type InitConfig } from "terrapin";
import { libsql } from "terrapin/libsql";
import { planetscale } from "terrapin/planetscale";
import { sqlite } from "terrapin/sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { app } from "../../examples/node-server/app.ts";
import * as models from "../../examples/node-server/models.ts";
import { type Answered, story } from "../support/application.js";
import { type HranaServer, startHranaServer } from "../support/hrana-server.js";
import { mysqlDatabase } from "../support/databases.js";
import { startPsdbServer } from "../support/psdb-server.js";
import { worker } from "../support/workerd.js";

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
  let hrana: HranaServer;
  beforeAll(async () => {
    hrana = await startHranaServer();
  });
  afterAll(() => hrana.close());
  const miniflare = worker("test/adapters/workers/application.ts", () => ({
    bindings: { LIBSQL_URL: hrana.url },
    d1Databases: { DB: "articles" },
    durableObjects: { ARTICLES: { className: "Articles", useSQLite: true } },
  }));
  let expected: readonly Answered[];
  beforeAll(async () => {
    expected = await here(sqlite(":memory:"));
  });

  test("answers what it should on SQLite in memory", () => {
    const statuses = expected.map(([, , status]) => status).join(" ");
    expect(statuses).toBe(
      `${"201 ".repeat(10)}200 200 200 200 200 200 200 200 409 422 200 204 404 422 422 400 400 422 422 400 422 413 422 400 400 400 200 200`,
    );
    expect(expected[10]?.[3]).toMatchObject({ title: "Søren's 🐢 100% _", body: "…\t'\"\\", author: { name: "Ann" } });
    expect(expected.at(-2)?.[3]).toEqual({ articles: [], next: null });
    expect(expected.at(-1)![3]).toHaveProperty("articles.length", 9);
  });

  test("and the same on a SQLite file", async () => {
    expect(await here(`sqlite://${folder}/articles.db`)).toEqual(expected);
  });

  test("and the same on MySQL", async () => {
    expect(await here(await mysqlDatabase())).toEqual(expected);
  });

  test("and the same on libSQL, over HTTP and on a file", async () => {
    const server = await startHranaServer();
    const told = await here(libsql(server.url));
    await server.close();
    expect(told).toEqual(expected);
    expect(await here(libsql(`file:${folder}/libsql.db`))).toEqual(expected);
  });

  test("and the same on PlanetScale", async () => {
    const server = await startPsdbServer(await mysqlDatabase());
    const told = await here(planetscale(server.url));
    await server.close();
    expect(told).toEqual(expected);
  });

  test.each(["d1", "object", "libsql"])("and the same in workerd: %s", async (host) => {
    const send = (path: string, init: object): Promise<Response> =>
      miniflare().dispatchFetch(`http://${host}${path}`, init) as never;
    expect(await story(send)).toEqual(expected);
  });
});
