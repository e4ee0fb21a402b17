import { describe, expect, test } from "vitest";
import {
  DBConnectionError,
  IntegrityError,
  LimitError,
  OperationalError,
  ParamsError,
} from "../../core/base/errors.js";
import { boundParams, boundText, settleRow, workerdError } from "../../drivers/sqlite/workerd.js";
import { wireKind } from "../../drivers/sqlite/wire.js";

describe("the text that is bound", () => {
  test.each([
    ["no bigint", "SELECT ?, ?", [1, "a"], "SELECT ?, ?"],
    ["a bigint", "SELECT ?, ?", [1, 2n], "SELECT ?, CAST(? AS INTEGER)"],
    ["a ? in a text", "SELECT '?''?', ?", [2n], "SELECT '?''?', CAST(? AS INTEGER)"],
    ["a ? in a name", 'SELECT "a?""?", `?`, [?], ?', [2n], 'SELECT "a?""?", `?`, [?], CAST(? AS INTEGER)'],
    ["a ? in a comment", "SELECT ? -- ?\n, ? /* ? */", [2n, 3], "SELECT CAST(? AS INTEGER) -- ?\n, ? /* ? */"],
    ["a comment that never ends", "SELECT ? /* ?", [2n], "SELECT CAST(? AS INTEGER) /* ?"],
  ])("has integers as integers: %s", (_name, sql, params, text) => {
    expect(boundText(sql, params)).toBe(text);
  });

  test("has the digits of a bigint as its value", () => {
    const bytes = new Uint8Array([1]);
    expect(boundParams([-9223372036854775808n, 1, null, "a", bytes])).toEqual([
      "-9223372036854775808",
      1,
      null,
      "a",
      bytes,
    ]);
  });
});

test.each([
  ["read", "SELECT 1"],
  ["read", "  select replace(a, 'insert into', ?) from b"],
  ["read", "WITH a AS (SELECT 1) SELECT * FROM a"],
  ["read", "WITH a AS (SELECT 1) SELECT 'update x', \"delete\" FROM a"],
  ["read", "VALUES (1)"],
  ["read", "PRAGMA table_info(a)"],
  ["read", "EXPLAIN QUERY PLAN DELETE FROM a"],
  ["insert", "INSERT INTO a VALUES (' returning ')"],
  ["insert", "REPLACE INTO a VALUES (1)"],
  ["insert", "WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a"],
  ["returning", "INSERT INTO a VALUES (1) RETURNING id"],
  ["returning", "delete from a returning *"],
  ["change", "UPDATE a SET b = 'insert'"],
  ["change", "WITH a AS (SELECT 1) UPDATE b SET c = 2"],
  ["change", "-- why\nDELETE FROM a"],
  ["other", "CREATE TABLE a (b TEXT DEFAULT 'select')"],
  ["other", "DROP TABLE a"],
])("a statement is %s: %s", (kind, sql) => {
  expect(wireKind(sql)).toBe(kind);
});

test("bytes come as lists of numbers or as buffers, and are bytes", () => {
  expect(settleRow([1, null, "a", [1, 255], new Uint8Array([3]).buffer])).toEqual([
    1,
    null,
    "a",
    new Uint8Array([1, 255]),
    new Uint8Array([3]),
  ]);
});

describe("errors get their class by their text", () => {
  const named = (text: string) => workerdError(new Error(text), "SELECT 1");

  test.each([
    ["D1_ERROR: UNIQUE constraint failed: t.a, t.b: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)", "unique"],
    ["UNIQUE constraint failed: t.a, t.b: SQLITE_CONSTRAINT", "unique"],
    ["UNIQUE constraint failed: t.a, t.b: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)", "primaryKey"],
    ["D1_ERROR: NOT NULL constraint failed: t.a, t.b: SQLITE_CONSTRAINT", "notNull"],
  ])("%s", (text, kind) => {
    const error = named(text);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ kind, table: "t", fields: ["a", "b"], sql: "SELECT 1" });
    expect(error.message).not.toMatch(/SQLITE|D1_/);
  });

  test.each([
    ["FOREIGN KEY constraint failed: SQLITE_CONSTRAINT", "foreignKey"],
    ["CHECK constraint failed: positive: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_CHECK)", "check"],
  ])("%s", (text, kind) => {
    expect(named(text)).toMatchObject({ kind });
  });

  test.each([
    ["D1_ERROR: too many SQL variables at offset 321: SQLITE_ERROR", LimitError, "limit"],
    ["D1_ERROR: statement too long: SQLITE_TOOBIG", LimitError, "limit"],
    ["D1_TYPE_ERROR: Type 'object' not supported for value 'x'", ParamsError, "params"],
    ["D1_ERROR: Network connection lost.", DBConnectionError, "transient"],
    ["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", OperationalError, "overloaded"],
    ["D1_ERROR: no such table: a: SQLITE_ERROR", OperationalError, "operational"],
  ])("%s", (text, type, code) => {
    const error = named(text);
    expect(error).toBeInstanceOf(type);
    expect(error.code).toBe(code);
    expect((error.cause as Error).message).toBe(text);
  });
});
