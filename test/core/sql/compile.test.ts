import { describe, expect, it } from "vitest";
import type { Expr, Query, Select } from "../../../core/sql/ast.js";
import { compile, compileDdl, writeWithValues } from "../../../core/sql/compile.js";
import { LimitError } from "../../../core/base/errors.js";
import { within } from "../../../core/sql/limits.js";
import { sqliteLimits } from "../../../drivers/sqlite/limits.js";
import { literalText } from "../../../core/sql/writer.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";

const column = (name: string, table: string | null = "t"): Expr => ({ kind: "column", table, name, nullable: false });
const param = (slot: number): Expr => ({ kind: "param", slot, encode: null });
const literal = (value: string | number | bigint | null | Uint8Array): Expr => ({ kind: "literal", value });
const equal = (left: Expr, right: Expr): Expr => ({ kind: "compare", op: "=", left, right });
const select = (changes: Partial<Select> = {}): Select => ({
  kind: "select",
  distinct: false,
  columns: [{ expr: column("a"), as: null }],
  from: { schema: null, name: "t" },
  alias: "t",
  joins: [],
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
  ...changes,
});
const sql = (query: Query): string => compile(query, sqliteDialect).sql;
const where = (expr: Expr): string => sql(select({ where: expr })).slice('SELECT "a" FROM "t" WHERE '.length);

describe("SELECT", () => {
  it.each<[string, Partial<Select>, string]>([
    ["plain", {}, 'SELECT "a" FROM "t"'],
    ["from a schema", { from: { schema: "s", name: "t" } }, 'SELECT "a" FROM "s"."t"'],
    ["under an alias", { alias: "x" }, 'SELECT "a" FROM "t" AS "x"'],
    ["with names for columns", { columns: [{ expr: column("a"), as: 'b"c' }] }, 'SELECT "a" AS "b""c" FROM "t"'],
    ["each row once", { distinct: true }, 'SELECT DISTINCT "a" FROM "t"'],
    [
      "joined, with every column under its table",
      {
        joins: [
          {
            type: "inner",
            table: { schema: null, name: "u" },
            alias: "u",
            on: equal(column("id", "u"), column("uId")),
          },
          {
            type: "left",
            table: { schema: null, name: "v" },
            alias: "v1",
            on: equal(column("id", "v1"), column("vId")),
          },
        ],
      },
      'SELECT "t"."a" FROM "t" JOIN "u" ON "u"."id" = "t"."uId" LEFT JOIN "v" AS "v1" ON "v1"."id" = "t"."vId"',
    ],
    [
      "grouped",
      { groupBy: [column("a"), column("b")], having: equal(column("a"), param(0)) },
      'SELECT "a" FROM "t" GROUP BY "a", "b" HAVING "a" = ?',
    ],
    [
      "ordered",
      {
        orderBy: [
          { expr: column("a"), descending: true },
          { expr: column("b"), descending: false },
        ],
      },
      'SELECT "a" FROM "t" ORDER BY "a" DESC, "b"',
    ],
    [
      "from a query",
      { from: select(), alias: "x", columns: [{ expr: column("a", "x"), as: null }] },
      'SELECT "a" FROM (SELECT "t"."a" FROM "t") AS "x"',
    ],
  ])("%s", (_, changes, text) => {
    expect(sql(select(changes))).toBe(text);
  });
});

describe("expressions", () => {
  it.each<[string, Expr, string]>([
    ["exists", { kind: "exists", query: select(), negated: false }, 'EXISTS (SELECT "t"."a" FROM "t")'],
    ["not exists", { kind: "exists", query: select(), negated: true }, 'NOT EXISTS (SELECT "t"."a" FROM "t")'],
    ["a query as a value", equal(column("a"), { kind: "scalar", query: select() }), '"a" = (SELECT "t"."a" FROM "t")'],
    [
      "case",
      { kind: "case", whens: [{ when: equal(column("a"), literal(1)), then: literal("x") }], otherwise: literal(null) },
      `CASE WHEN "a" = 1 THEN 'x' ELSE NULL END`,
    ],
    [
      "not true",
      {
        kind: "notTrue",
        item: { kind: "or", items: [equal(column("a"), literal(1)), equal(column("b"), literal(2))] },
      },
      '(("a" = 1 OR "b" = 2)) IS NOT TRUE',
    ],
    ["an AND of nothing holds", { kind: "and", items: [] }, "1 = 1"],
    ["an OR of nothing does not", { kind: "or", items: [] }, "1 = 0"],
    ["an OR of one is that one", { kind: "or", items: [equal(column("a"), literal(1))] }, '"a" = 1'],
    [
      "an AND inside an OR",
      {
        kind: "or",
        items: [
          { kind: "and", items: [equal(column("a"), literal(1)), equal(column("b"), literal(2))] },
          equal(column("c"), literal(3)),
        ],
      },
      '("a" = 1 AND "b" = 2 OR "c" = 3)',
    ],
    ["a cast", { kind: "cast", item: column("a"), to: "blob" }, 'CAST("a" AS BLOB)'],
    ["a bare name", { kind: "isNull", item: column("a", null), negated: true }, '"a" IS NOT NULL'],
    [
      "a name with a quote",
      { kind: "isNull", item: column('a" OR 1=1 --'), negated: false },
      '"a"" OR 1=1 --" IS NULL',
    ],
  ])("%s", (_, expr, text) => {
    expect(where(expr)).toBe(text);
  });

  it("binders tell where each parameter comes from, in the order of the text", () => {
    const encode = (value: unknown): string => `<${String(value)}>`;
    const { sql: text, binders } = compile(
      select({
        where: {
          kind: "and",
          items: [
            equal(column("a"), param(2)),
            equal(column("b"), { kind: "param", slot: 0, encode }),
            equal(column("c"), param(2)),
          ],
        },
      }),
      sqliteDialect,
    );
    expect(text).toBe('SELECT "a" FROM "t" WHERE "a" = ? AND "b" = ? AND "c" = ?');
    expect(binders).toEqual([
      { slot: 2, encode: null },
      { slot: 0, encode },
      { slot: 2, encode: null },
    ]);
  });

  it("long chains are balanced trees of the same terms in the same order", () => {
    const items = Array.from({ length: 1000 }, (_, i) => equal(column("a"), literal(i)));
    for (const kind of ["and", "or"] as const) {
      const text = where({ kind, items });
      let depth = 0;
      let deepest = 0;
      for (const letter of text) {
        if (letter === "(") deepest = Math.max(deepest, ++depth);
        if (letter === ")") depth--;
      }
      expect(deepest).toBeLessThanOrEqual(8);
      expect(Array.from(text.matchAll(/= (\d+)/g), ([, number]) => Number(number))).toEqual(items.map((_, i) => i));
    }
  });
});

describe("literals", () => {
  it.each<[string, string | number | bigint | null | Uint8Array, string]>([
    ["null", null, "NULL"],
    ["a quote", "it's", "'it''s'"],
    ["a backslash is no escape", "a\\'", "'a\\'''"],
    ["an integer", -5, "-5"],
    ["64 bits", 9223372036854775807n, "9223372036854775807"],
    ["a fraction", 1.5, "1.5"],
    ["bytes", new Uint8Array([0, 171]), "x'00ab'"],
    ["no bytes", new Uint8Array(0), "x''"],
    ["no text", "", "''"],
  ])("%s", (_, value, text) => {
    expect(literalText(value)).toBe(text);
  });

  it("stand for the parameters when a statement is written for people", () => {
    const query = select({
      where: {
        kind: "and",
        items: [
          equal(column("a"), param(1)),
          equal(column("b"), { kind: "param", slot: 0, encode: (value) => `${String(value)}!` }),
        ],
      },
    });
    expect(writeWithValues(query, sqliteDialect, ["x", null])).toBe(
      `SELECT "a" FROM "t" WHERE "a" = NULL AND "b" = 'x!'`,
    );
  });
});

describe("writes", () => {
  it("INSERT of several rows", () => {
    expect(
      sql({
        kind: "insert",
        table: { schema: "s", name: "t" },
        columns: ["a", "b"],
        rows: [
          [param(0), param(1)],
          [param(2), param(3)],
        ],
        conflict: null,
        returning: [{ expr: column("id", null), as: null }],
      }),
    ).toBe('INSERT INTO "s"."t" ("a", "b") VALUES (?, ?), (?, ?) RETURNING "id"');
  });

  it("UPDATE and DELETE", () => {
    expect(
      sql({
        kind: "update",
        table: { schema: null, name: "t" },
        set: [{ column: "a", value: param(0) }],
        where: equal(column("b"), param(1)),
      }),
    ).toBe('UPDATE "t" SET "a" = ? WHERE "b" = ?');
    expect(sql({ kind: "delete", table: { schema: null, name: "t" }, where: null })).toBe('DELETE FROM "t"');
  });

  it("DROP", () => {
    expect(compileDdl({ kind: "dropTable", table: { schema: null, name: "t" }, ifExists: true }, sqliteDialect)).toBe(
      'DROP TABLE IF EXISTS "t"',
    );
    expect(compileDdl({ kind: "dropTable", table: { schema: "s", name: "t" }, ifExists: false }, sqliteDialect)).toBe(
      'DROP TABLE "s"."t"',
    );
  });

  it("an index of a table in a schema carries the schema itself", () => {
    expect(
      compileDdl(
        {
          kind: "createIndex",
          table: { schema: "s", name: "t" },
          ifNotExists: true,
          index: { name: "i", columns: ["a"], unique: true, where: null },
        },
        sqliteDialect,
      ),
    ).toBe('CREATE UNIQUE INDEX IF NOT EXISTS "s"."i" ON "t" ("a")');
  });
});

describe("the limits of a client", () => {
  const narrow = within(sqliteDialect, { ...sqliteLimits, maxColumns: 3, maxDepth: 6 });
  const chain = (kind: "and" | "or", length: number): Expr => ({
    kind,
    items: Array.from({ length }, (_, i) => equal(column("a"), param(i))),
  });

  it.each<[string, () => unknown, string]>([
    [
      "of a result",
      () => compile(select({ columns: Array.from({ length: 4 }, () => ({ expr: column("a"), as: null })) }), narrow),
      "the query selects, orders or groups by 4 columns, and SQLite takes 3 (maxColumns)",
    ],
    [
      "of an order",
      () =>
        compile(
          select({ orderBy: Array.from({ length: 4 }, () => ({ expr: column("a"), descending: false })) }),
          narrow,
        ),
      "the query selects, orders or groups by 4 columns, and SQLite takes 3 (maxColumns)",
    ],
    [
      "of groups",
      () => compile(select({ groupBy: Array.from({ length: 4 }, () => column("a")) }), narrow),
      "the query selects, orders or groups by 4 columns, and SQLite takes 3 (maxColumns)",
    ],
    [
      "of a table",
      () =>
        compileDdl(
          {
            kind: "createTable",
            table: { schema: null, name: "t" },
            ifNotExists: false,
            columns: new Array<never>(4),
            constraints: [],
            foreignKeys: [],
            comment: null,
          } as never,
          narrow,
        ),
      "the table t has 4 columns, and SQLite takes 3 (maxColumns)",
    ],
    [
      "of an expression",
      () => compile(select({ where: chain("and", 6) }), narrow),
      "the expression is 7 deep, and SQLite takes 6 (maxDepth)",
    ],
  ])("are told by their names: %s", (_name, work, message) => {
    expect(work).toThrow(LimitError);
    expect(work).toThrow(message);
  });

  it("count a chain of n as n deep, a tree of more as the tree that it is, and one term as none", () => {
    for (const [expr, depth] of [
      [chain("and", 1), 2],
      [chain("or", 2), 3],
      [chain("and", 5), 6],
      // Two chains of sixteen.
      [chain("or", 32), 18],
    ] as const) {
      const limited = (maxDepth: number) => within(sqliteDialect, { ...sqliteLimits, maxDepth });
      expect(() => compile(select({ where: expr }), limited(depth))).not.toThrow();
      expect(() => compile(select({ where: expr }), limited(depth - 1))).toThrow(`the expression is ${depth} deep`);
    }
  });
});
