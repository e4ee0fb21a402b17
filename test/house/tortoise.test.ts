import process from "node:process";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { errorCodes, guide, moduleOfRows, rowsOf, type Proofs } from "./support/tortoise.js";
import { classMethods, objectMethods } from "./tortoise/calls.js";
import { modelsAndFields, relations } from "./tortoise/models.js";
import { errors, lookups, queries, transactions } from "./tortoise/queries.js";
import { refused, settingUp, tests, theConnection } from "./tortoise/setting-up.js";
import { inWorld } from "./tortoise/world.js";

const page = readFileSync(guide, "utf8");
const rows = rowsOf(page);
const proofs: Proofs = {
  ...settingUp,
  ...theConnection,
  ...modelsAndFields,
  ...relations,
  ...classMethods,
  ...objectMethods,
  ...queries,
  ...lookups,
  ...transactions,
  ...errors,
  ...tests,
};

/** The features of the list of behaviours that wait, by the row that says so. */
const later: Readonly<Record<string, string>> = {
  "postgres://…, mssql://…, oracle://…": "A03",
  "tortoise.backends.asyncpg": "A16",
  "UNFAZED_SETTINGS, INSTALLED_APPS, DEBUG": "A15 A21",
  "Unfazed(settings), app.setup(), ModelCenter, Driver": "A13 A14 A116",
  "connections opened and closed by the framework": "A23",
  "UnfazedSettings(…) in a fixture": "A115",
  "init-db": "A08 A22 A98",
  "migrate, --name, --empty": "A99 A100 A101",
  "upgrade, --transaction": "A102 A103",
  "downgrade, --version, --delete": "A104 A105 A106",
  history: "A107",
  heads: "A108",
  "inspectdb, --table": "A109 A110",
  "migrations/models/": "A111",
};

/** Rows that work and whose public types are not written yet: each must be taken out when they are. */
const untyped: readonly string[] = [];

describe("coming from Tortoise: the page", () => {
  test("has whole rows, each once", () => {
    expect(rows.length).toBeGreaterThan(200);
    expect(rows.filter(({ differs }) => differs === "").map(({ line }) => line)).toEqual([]);
    const seen = rows.map(({ name }) => name);
    expect(seen.filter((name, i) => seen.indexOf(name) !== i)).toEqual([]);
  });

  test("has a proof for every row, and a row for every proof", () => {
    const here = rows.filter((row) => !row.later).map(({ name }) => name);
    expect(here.filter((name) => !Object.hasOwn(proofs, name))).toEqual([]);
    expect(Object.keys(proofs).filter((name) => !here.includes(name))).toEqual([]);
  });

  test("says of what waits which milestone brings it, or which error it is now", () => {
    const waiting = rows.filter((row) => row.later);
    expect(waiting.map(({ name }) => name).sort()).toEqual(Object.keys(later).sort());
    const codes = errorCodes();
    const silent = waiting.filter(({ differs }) => {
      const named = [...differs.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
      return !/\bmilestone (mysql|migrations|app)\b/.test(differs) && !named.some((code) => codes.has(code));
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
    expect(Object.keys(refused).filter((name) => !Object.hasOwn(later, name))).toEqual([]);
  });

  test("gives code for every row that does not give a reason instead", () => {
    const bare = rows.filter((row) => !row.later && row.code.length === 0).map(({ name }) => name);
    expect(bare).toEqual([
      '"models": ["__main__"]',
      "init_models(_init_relations=False)",
      "BaseDBAsyncClient(fetch_inserted=True)",
    ]);
  });

  test("stands for every feature that the two documents name", () => {
    const covered = new Set(
      [...Object.values(proofs).map(([features]) => features), ...Object.values(later)].flatMap((it) => it.split(" ")),
    );
    const all = [
      ...Array.from({ length: 120 }, (_, i) => `A${String(i + 1).padStart(2, "0")}`),
      ...Array.from({ length: 55 }, (_, i) => `C${String(i + 1).padStart(2, "0")}`),
    ];
    expect(all.filter((id) => !covered.has(id))).toEqual([]);
    expect([...covered].filter((id) => !all.includes(id))).toEqual([]);
  });

  test("has only code that compiles", () => {
    const folder = resolve(".cache/tortoise");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const { text, rowAt } = moduleOfRows(page);
    writeFileSync(join(folder, "rows.ts"), text);
    const options = { extends: "../../test/tsconfig.json", include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    const args = ["node_modules/typescript/bin/tsc", "-p", folder, "--noEmit", "--pretty", "false"];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const found = stdout.split("\n").filter((line) => /^\S*rows\.ts\(/.test(line));
    const wrong = found.map((line) => ({
      line,
      name: rowAt(Number(/\((\d+)/.exec(line)![1]))?.name ?? "the page itself",
    }));
    expect(wrong.filter(({ name }) => !untyped.includes(name))).toEqual([]);
    expect(untyped.filter((name) => wrong.every((each) => each.name !== name))).toEqual([]);
  });
});

const onServer = process.env.TERRAPIN_TEST_DRIVER === "mysql";

/** Rows whose proof shows SQLite's own way, and the capability that is another one on a server. */
const OF_SQLITE: Readonly<Record<string, string>> = {
  "Tortoise.generate_schemas(safe=True)": "quoted names",
  "Meta.indexes": "indexes inside the table",
  "save(force_update=True)": "quoted names",
  "Tortoise.close_connections()": "a database that is gone when it is closed",
  "connections.close_all()": "a database that is gone when it is closed",
  "client.close()": "a database that is gone when it is closed",
  "client.query_class": "the dialect's name",
  "User.select_for_update()": "row locks",
  "select_for_update(nowait, skip_locked, of, using_db)": "row locks",
  "@requireCapability(support_for_update=True)": "row locks",
  username__icontains: "letters of all scripts without their case",
};

describe("coming from Tortoise: the rows", () => {
  const here = Object.entries(proofs).filter(([name]) => !onServer || !Object.hasOwn(OF_SQLITE, name));
  test.each(here.map(([name, [, prove]]) => [name, prove] as const))("%s", (_, prove) => inWorld(prove));
  test("what only SQLite shows is still a row", () => {
    expect(Object.keys(OF_SQLITE).filter((name) => !Object.hasOwn(proofs, name))).toEqual([]);
  });
});

describe("coming from Tortoise: what waits is refused", () => {
  test.each(Object.entries(refused))("%s", (_, prove) => inWorld(prove));
});

describe("coming from Tortoise: the check notices", () => {
  const table = [
    "| Tortoise | Terrapin | what differs |",
    "| --- | --- | --- |",
    "| `Q(a=1) \\| Q(b=2)`, `~Q` | `Q.or()` `Q.not()` | functions |",
    "| `heads` | not in this version | milestone migrations |",
    "| `all()` | `User.al()` |",
  ];

  test("the cells of a row, also with a bar in its code, and a row that is not whole", () => {
    expect(rowsOf(table.join("\n"))).toEqual([
      { name: "Q(a=1) | Q(b=2), ~Q", code: ["Q.or()", "Q.not()"], later: false, differs: "functions", line: 3 },
      { name: "heads", code: [], later: true, differs: "milestone migrations", line: 4 },
      { name: "all()", code: ["User.al()"], later: false, differs: "", line: 5 },
    ]);
  });

  test("which row a line of its module came from", () => {
    const { text, rowAt } = moduleOfRows(table.join("\n"));
    const line = text.split("\n").findIndex((each) => each.includes("User.al()")) + 1;
    expect([rowAt(line)?.name, rowAt(1)]).toEqual(["all()", undefined]);
  });

  test("the codes of errors, those of classes too", () => {
    expect([...errorCodes()]).toEqual(expect.arrayContaining(["unsupported", "not_saved", "wrong_model"]));
  });
});
