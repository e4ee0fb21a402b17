import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { libsql } from "terrapin/libsql";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { afterAll, expect, test } from "vitest";
import { keepOrCompare } from "../house/support/kept.js";
import { mysqlDatabase } from "../support/databases.js";
import { startHranaServer } from "../support/hrana-server.js";
import { startPsdbServer } from "../support/psdb-server.js";
import { runProbe, worker } from "../support/workerd.js";
import { KINDS, survey } from "./workers/survey.js";

const folder = mkdtempSync(join(tmpdir(), "terrapin-values-"));
const database = await mysqlDatabase();
const hrana = await startHranaServer();
const psdb = await startPsdbServer(await mysqlDatabase());
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await hrana.close();
  await psdb.close();
});
const miniflare = worker("test/adapters/workers/values.ts", () => ({
  bindings: { LIBSQL_URL: hrana.url, PLANETSCALE_URL: psdb.url },
  d1Databases: { DB: "survey" },
  durableObjects: { SURVEYS: { className: "Surveys", useSQLite: true } },
}));

const inWorkerd = (name: string) => async (): Promise<readonly string[]> =>
  (await runProbe(miniflare(), name)) as readonly string[];

const drivers: readonly (readonly [name: string, ask: () => Promise<readonly string[]>])[] = [
  ["SQLite", () => survey(sqlite(":memory:"))],
  ["libSQL, a file", () => survey(libsql(`file:${join(folder, "values.db")}`))],
  ["libSQL, HTTP", inWorkerd("libsql")],
  ["D1", inWorkerd("d1")],
  ["Durable Object", inWorkerd("object")],
  ["MySQL, MariaDB", () => survey(mysql(database))],
  ["PlanetScale", inWorkerd("planetscale")],
];

test("every kind of field is kept exactly by every driver, as docs/values.md says; `npm run update:values` writes it anew", async () => {
  const columns: (readonly string[])[] = [];
  for (const [, ask] of drivers) columns.push(await ask());
  expect(columns.flat().filter((cell) => cell.includes("changed"))).toEqual([]);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const page = [
    "# What each driver keeps of each field",
    "",
    "Written by a test, which sends the smallest, largest and strangest values of each kind through each driver, inside the runtime that the driver",
    "is for, and reads them back: what stands here came back as it went. The type of the column comes first, then what SQLite says it has stored.",
    "`npm run update:values` writes this page anew.",
    "",
    row(["field", ...drivers.map(([name]) => name)]),
    row(["---", ...drivers.map(() => "---")]),
    ...KINDS.map(({ written }, i) => row([`\`${written}\``, ...columns.map((cells) => cells[i]!)])),
    "",
  ].join("\n");
  keepOrCompare("docs/values.md", page);
});
