import { describe, expect, it } from "vitest";
import {
  OperationalError,
  ParamsError,
  TransactionManagementError,
  UnsupportedError,
} from "../../../core/base/errors.js";
import { Connection } from "../../../core/connection/connection.js";
import { mock, type MockOptions } from "../../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";

const mocked = (options: Partial<MockOptions> = {}) => {
  const driver = mock({ dialect, ...options });
  return { driver, db: new Connection("default", driver) };
};
const open = async (): Promise<Connection> => {
  const db = new Connection("default", sqlite(":memory:"));
  await db.executeScript("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n)");
  return db;
};

describe("Client.run", () => {
  it("answers at once when the driver does, and with a promise when the driver does", async () => {
    expect(mocked({ answers: [{ rows: [[1]] }] }).db.run("SELECT 1", [])).toEqual({
      rows: [[1]],
      affected: 0,
      insertId: null,
    });
    const later = mocked({ async: true, answers: [{ rows: [[1]] }] }).db.run("SELECT 1", []);
    expect(later).toBeInstanceOf(Promise);
    expect((await later).rows).toEqual([[1]]);
  });

  it("names errors, thrown or rejected, with the SQL and without the values", async () => {
    const { db } = mocked({ answers: [new Error("boom")] });
    expect(() => db.run("SELECT ?", ["secret"])).toThrow(OperationalError);
    const error = await Promise.resolve(
      mocked({ async: true, answers: [new Error("boom")] }).db.run("SELECT ?", ["secret"]),
    ).catch((reason: unknown) => reason as OperationalError);
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ sql: "SELECT ?", message: "boom" });
    expect(JSON.stringify(error)).not.toContain("secret");
  });
});

describe("raw calls", () => {
  it("executeQuery gives the number of rows found, or of rows changed", async () => {
    const db = await open();
    expect(await db.executeQuery("INSERT INTO t (name) VALUES (?), (?)", ["ali", "bo"])).toEqual([2, []]);
    expect(await db.executeQuery("SELECT id, name FROM t ORDER BY id")).toEqual([
      2,
      [
        { id: 1, name: "ali" },
        { id: 2, name: "bo" },
      ],
    ]);
    expect(await db.executeQuery("UPDATE t SET name = 'x' WHERE id > ?", [9])).toEqual([0, []]);
    expect(await db.executeQuery("SELECT * FROM t WHERE id = ?", [77])).toEqual([0, []]);
    expect(await db.executeQuery("DELETE FROM t RETURNING id")).toEqual([2, [{ id: 1 }, { id: 2 }]]);
  });

  it("executeQueryDict gives objects, and a column called __proto__ is only a column", async () => {
    const db = await open();
    const [row] = await db.executeQueryDict('SELECT 1 AS "__proto__", 2 AS b');
    expect(Object.entries(row!)).toEqual([
      ["__proto__", 1],
      ["b", 2],
    ]);
  });

  it("executeInsert gives the generated key, what RETURNING returns, or null", async () => {
    const db = await open();
    expect(await db.executeInsert("INSERT INTO t (name) VALUES (?)", ["ali"])).toBe(1);
    expect(await db.executeInsert("INSERT INTO t (name) VALUES (?) RETURNING id", ["bo"])).toBe(2);
    expect(await db.executeInsert("INSERT OR IGNORE INTO t (id) VALUES (1)")).toBeNull();
    expect(await db.executeInsert("UPDATE t SET name = 'x'")).toBeNull();
  });

  it("executeMany is all or nothing, and nothing for no values", async () => {
    const db = await open();
    await db.executeMany("INSERT INTO t (id) VALUES (?)", [[1], [2]]);
    await expect(db.executeMany("INSERT INTO t (id) VALUES (?)", [[3], [1]])).rejects.toMatchObject({
      kind: "primaryKey",
    });
    await db.executeMany("INSERT INTO t (id) VALUES (?)", []);
    expect(await db.executeQueryDict("SELECT id FROM t")).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("binds integers as integers, booleans as 0 and 1, dates as UTC text", async () => {
    const db = await open();
    const [row] = await db.executeQueryDict(
      "SELECT typeof(?) AS i, 7 / ? AS d, ? AS t, ? AS f, ? AS at, ? AS nil, typeof(?) AS r, typeof(?) AS b",
      [5, 2, true, false, new Date(Date.UTC(2024, 1, 3, 4, 5, 6, 7)), null, 1.5, new Uint8Array([1])],
    );
    expect(row).toEqual({
      i: "integer",
      d: 3,
      t: 1,
      f: 0,
      at: "2024-02-03 04:05:06.007",
      nil: null,
      r: "real",
      b: "blob",
    });
  });

  it("reads integers exactly: numbers where they fit, bigint where not", async () => {
    const db = await open();
    expect(await db.executeQueryDict("SELECT ? AS big, ? AS small", [2n ** 53n + 1n, 3n])).toEqual([
      { big: 2n ** 53n + 1n, small: 3 },
    ]);
  });

  it.each([
    ["undefined", undefined, "undefined"],
    ["an invalid Date", new Date(Number.NaN), "an invalid Date"],
    ["NaN", Number.NaN, "not a finite number"],
    ["too big an integer", 2n ** 63n, "64 bits"],
    ["an object", {}, "an object"],
    ["an array", [1], "an array"],
    ["a symbol", Symbol("x"), "a symbol"],
  ])("refuses %s with a ParamsError that names its place", async (_what, value, said) => {
    const db = await open();
    await expect(db.executeQuery("SELECT ?, ?", [1, value as never])).rejects.toThrow(ParamsError);
    await expect(db.executeQuery("SELECT ?, ?", [1, value as never])).rejects.toThrow(new RegExp(`value 2 .*${said}`));
  });

  it("refuses values that are no array and SQL that is none", async () => {
    const { db } = mocked();
    await expect(db.executeQuery("SELECT 1", "x" as never)).rejects.toThrow(ParamsError);
    await expect(db.executeQuery("")).rejects.toThrow(ParamsError);
    await expect(db.executeQuery(undefined as never)).rejects.toThrow(ParamsError);
  });
});

describe("Connection", () => {
  it("makes its driver on first use, once, and again after close", async () => {
    let made = 0;
    const db = new Connection("default", () => {
      made++;
      return mock({ dialect });
    });
    expect(made).toBe(0);
    await db.executeQuery("SELECT 1");
    await db.executeQuery("SELECT 1");
    expect(made).toBe(1);
    await db.close();
    await db.executeQuery("SELECT 1");
    expect(made).toBe(2);
  });

  it("tells what it can do, in a record that cannot be changed", () => {
    const { capabilities } = new Connection("default", sqlite(":memory:"));
    expect(capabilities).toEqual({
      dialect: "sqlite",
      daemon: false,
      requiresLimit: true,
      inlineComment: true,
      supportsTransactions: true,
      supportForUpdate: false,
      supportIndexHint: false,
      supportUpdateLimitOrderBy: true,
    });
    expect(() => {
      (capabilities as { daemon: boolean }).daemon = true;
    }).toThrow(TypeError);
    expect(mocked({ without: ["begin", "batch"] }).db.capabilities.supportsTransactions).toBe(false);
  });

  it("makes a batch from a transaction where the driver has none, and refuses where there is neither", async () => {
    const { db, driver } = mocked({ without: ["batch"] });
    await db.batch([
      { sql: "A", params: [] },
      { sql: "B", params: [] },
    ]);
    expect(driver.statements.map(({ sql }) => sql)).toEqual(["BEGIN", "A", "B", "COMMIT"]);
    const neither = mocked({ without: ["batch", "begin"] }).db;
    expect(() => neither.batch(["A", "B"].map((sql) => ({ sql, params: [] })))).toThrow(UnsupportedError);
  });

  it("sends a batch of one statement as that statement, which is one unit already", async () => {
    const { db, driver } = mocked({ without: ["batch", "begin"] });
    await db.batch([{ sql: "A", params: [] }]);
    expect(driver.statements.map(({ sql }) => sql)).toEqual(["A"]);
  });

  it("says what to do instead when a driver cannot begin", async () => {
    const { db } = mocked({ without: ["begin"] });
    await expect(db.begin()).rejects.toThrow(/batch/);
    await expect(db.begin()).rejects.toBeInstanceOf(UnsupportedError);
  });

  it("refuses isolation levels that there are not", async () => {
    const { db, driver } = mocked();
    await expect(db.begin({ isolation: "chaos" as never })).rejects.toThrow(ParamsError);
    await db.begin({ isolation: "serializable" });
    expect(driver.statements[0]!.sql).toBe("BEGIN serializable");
  });

  it("streams, and falls back to all rows at once where the driver cannot", async () => {
    for (const without of [[], ["stream"]] as const) {
      const { db } = mocked({ without, answers: [{ rows: [[1], [2]] }] });
      const rows: unknown[] = [];
      for await (const row of db.stream("SELECT 1", [])) rows.push(row);
      expect(rows).toEqual([[1], [2]]);
    }
  });

  it("gives an acquired connection that is given back at the end of its scope", async () => {
    const db = await open();
    let kept;
    {
      await using held = await db.acquireConnection();
      kept = held;
      expect(await held.executeQueryDict("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    }
    await expect(kept.executeQuery("SELECT 1")).rejects.toBeInstanceOf(TransactionManagementError);
    expect((await db.executeQuery("SELECT 1"))[0]).toBe(1);
  });
});
