import { exactInteger, sqliteResult, toSqliteError } from "terrapin/sqlite/dialect";
import { GuardError, IntegrityError, OperationalError } from "terrapin";
import { describe, expect, it } from "vitest";

describe("sqliteResult", () => {
  const stale = { rows: [], columns: [], changes: 7n, lastInsertRowid: 12n };

  it.each([
    ["INSERT INTO t VALUES (1)", 7, 12],
    ["REPLACE INTO t VALUES (1)", 7, 12],
    ["WITH w AS (SELECT 1) INSERT INTO t SELECT * FROM w", 7, 12],
    ["UPDATE t SET a = 1", 7, null],
    ["DELETE FROM t", 7, null],
    ["CREATE TABLE t (a)", 0, null],
    ["SAVEPOINT s", 0, null],
    ["SELECT replace(a, 'update ', '') FROM t", 0, null],
  ])("of %s takes what the client's counters mean", (sql, affected, insertId) => {
    expect(sqliteResult(sql, stale, false)).toEqual({ rows: [], affected, insertId });
  });

  it("tells no key of an INSERT that inserted nothing", () => {
    expect(sqliteResult("INSERT OR IGNORE INTO t VALUES (1)", { ...stale, changes: 0 }, false)).toEqual({
      rows: [],
      affected: 0,
      insertId: null,
    });
  });

  it("counts the rows of RETURNING, and keeps keys past 2^53", () => {
    const rows = [[1], [2]];
    const columns = ["id"];
    expect(sqliteResult("DELETE FROM t RETURNING id", { rows, columns }, true)).toEqual({
      rows,
      affected: 2,
      insertId: null,
      columns,
    });
    const insertId = 9007199254740993n;
    const told = sqliteResult("INSERT INTO t VALUES (1)", { ...stale, lastInsertRowid: insertId }, true);
    expect(told).toMatchObject({ insertId, columns: [] });
  });
});

describe("exactInteger", () => {
  it("makes numbers of bigints that fit, and leaves everything else", () => {
    const [most, least] = [BigInt(Number.MAX_SAFE_INTEGER), BigInt(Number.MIN_SAFE_INTEGER)];
    expect([0n, most, least].map(exactInteger)).toEqual([0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
    expect([most + 1n, least - 1n, "1", null, 0.5].map(exactInteger)).toEqual([most + 1n, least - 1n, "1", null, 0.5]);
  });
});

describe("toSqliteError", () => {
  const error = new Error("UNIQUE constraint failed: t.a");

  it.each([2067, "SQLITE_CONSTRAINT_UNIQUE"])("takes the code %s", (code) => {
    const named = toSqliteError(error, "INSERT …", code);
    expect(named).toBeInstanceOf(IntegrityError);
    expect(named).toMatchObject({ kind: "unique", fields: ["a"], sql: "INSERT …", cause: error });
  });

  it("leaves errors of ours, and takes what has no code and is no error", () => {
    const ours = new GuardError("no");
    expect(toSqliteError(ours, null, 5)).toBe(ours);
    expect(toSqliteError("odd", null, undefined)).toBeInstanceOf(OperationalError);
    expect(toSqliteError(null, null, undefined).message).toBe("null");
  });
});
