import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { DBConnectionError, IntegrityError, ParamsError, TransactionManagementError } from "../../core/base/errors.js";
import { Connection } from "../../core/connection/connection.js";
import { sqlite, type SqliteOptions } from "../../drivers/sqlite/index.js";
import { sharedFolder } from "../support/folder.js";

const folder = sharedFolder();
let files = 0;

const path = (): string => join(folder, `db-${files++}.sqlite3`);
const connect = (options: SqliteOptions): Connection =>
  new Connection("default", sqlite({ acquireTimeout: 100, ...options }));
async function filled(options: SqliteOptions, rows = 5): Promise<Connection> {
  const db = connect(options);
  await db.executeScript("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)");
  await db.executeMany(
    "INSERT INTO t (id, n) VALUES (?, ?)",
    Array.from({ length: rows }, (_, i) => [i + 1, i]),
  );
  return db;
}
const all = async (rows: Iterable<unknown[]> | AsyncIterable<unknown[]>): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const row of rows) found.push(row[0]);
  return found;
};
const places: [string, () => SqliteOptions][] = [
  ["in memory", () => ({ filePath: ":memory:" })],
  ["in a file", () => ({ filePath: path() })],
  ["in a file without a write-ahead log", () => ({ filePath: path(), journalMode: "DELETE" })],
];

describe.each(places)("a database %s", (_place, options) => {
  it("answers at once while nobody holds the connection", async () => {
    const db = await filled(options());
    expect(db.run("SELECT id FROM t WHERE id > ?", [3n])).toEqual({ rows: [[4], [5]], affected: 0, insertId: null });
    expect(db.run("UPDATE t SET n = 0 WHERE id > ?", [3n])).toEqual({ rows: [], affected: 2, insertId: null });
    expect(db.run("INSERT INTO t (n) VALUES (7)", [])).toEqual({ rows: [], affected: 1, insertId: 6 });
    expect(db.run("DELETE FROM t WHERE id > 4 RETURNING id", [])).toEqual({
      rows: [[5], [6]],
      affected: 2,
      insertId: null,
    });
    await db.close();
  });

  it("counts matched rows, not cascades and not triggers", async () => {
    const db = await filled(options());
    await db.executeScript(
      "CREATE TABLE c (t INTEGER REFERENCES t (id) ON DELETE CASCADE); INSERT INTO c SELECT id FROM t; INSERT INTO c SELECT id FROM t",
    );
    expect(await db.executeQuery("DELETE FROM t WHERE id < 3")).toEqual([2, []]);
    expect(await db.executeQuery("UPDATE t SET n = n")).toEqual([3, []]);
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM c")).toEqual([{ n: 6 }]);
    await db.close();
  });

  it("streams all rows, and stops early without leaving anything open", async () => {
    const db = await filled(options(), 100);
    expect((await all(db.stream("SELECT id FROM t ORDER BY id", []))).length).toBe(100);
    for await (const row of db.stream("SELECT id FROM t ORDER BY id", [])) if (row[0] === 3) break;
    await db.executeQuery("DELETE FROM t");
    expect(await all(db.stream("SELECT id FROM t", []))).toEqual([]);
    await db.close();
  });

  it("names what goes wrong in the middle of a stream, also when a write made it read on", async () => {
    const sql = "SELECT json_extract(CASE WHEN id = 3 THEN 'bad' ELSE id END, '$') FROM t ORDER BY id";
    const db = await filled(options());
    const seen: unknown[] = [];
    const read = async (write: boolean): Promise<void> => {
      for await (const [value] of db.stream(sql, [])) {
        seen.push(value);
        if (write) await db.executeQuery("UPDATE t SET n = 5");
      }
    };
    await expect(read(false)).rejects.toMatchObject({ name: "OperationalError", sql });
    await expect(read(true)).rejects.toMatchObject({ name: "OperationalError", sql });
    expect(seen).toEqual([1, 2, ...seen.slice(2)]);
    await expect((async () => all(db.stream("SELECT * FROM nope", [])))()).rejects.toMatchObject({
      name: "OperationalError",
      sql: "SELECT * FROM nope",
    });
    expect((await db.executeQuery("DELETE FROM t"))[0]).toBe(5);
    await db.close();
  });

  it("lets a loop over a stream write, read and begin, and still sees the rows as they were", async () => {
    const db = await filled(options(), 20);
    const seen: unknown[] = [];
    for await (const row of db.stream("SELECT id FROM t ORDER BY id", [])) {
      const id = row[0] as number;
      seen.push(id);
      await db.executeQuery("INSERT INTO t (n) VALUES (?)", [id]);
      await using tx = await db.begin();
      await tx.executeQuery("SELECT 1");
    }
    expect(seen.length).toBe(20);
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 40 }]);
    await db.close();
  });

  it("streams inside a transaction what the transaction sees", async () => {
    const db = await filled(options());
    const tx = await db.begin();
    await tx.executeQuery("INSERT INTO t (id) VALUES (99)");
    const seen: unknown[] = [];
    for await (const row of tx.stream("SELECT id FROM t ORDER BY id", [])) {
      const id = row[0] as number;
      seen.push(id);
      await tx.executeQuery("UPDATE t SET n = 1 WHERE id = ?", [id]);
    }
    await tx.rollback();
    expect(seen).toEqual([1, 2, 3, 4, 5, 99]);
    expect(await all(db.stream("SELECT id FROM t ORDER BY id", []))).toEqual([1, 2, 3, 4, 5]);
    await db.close();
  });

  it("closes with a stream half read and a transaction open, keeping nothing of it, and opens again", async () => {
    const opts = options();
    const db = await filled(opts, 50);
    const rows = (db.stream("SELECT id FROM t", []) as Iterable<unknown[]>)[Symbol.iterator]();
    rows.next();
    const tx = await db.begin();
    await tx.executeQuery("DELETE FROM t");
    await db.close();
    await expect(tx.executeQuery("DELETE FROM t")).rejects.toBeInstanceOf(TransactionManagementError);
    await expect(tx.rollback()).resolves.toBeUndefined();
    if (opts.filePath !== ":memory:")
      expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 50 }]);
    await db.close();
  });

  it("runs a batch as one unit and names the statement that failed", async () => {
    const db = await filled(options());
    const error = await (async () =>
      db.batch([
        { sql: "DELETE FROM t", params: [] },
        { sql: "INSERT INTO t (id) VALUES (?), (?)", params: [1n, 1n] },
      ]))().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      sql: "INSERT INTO t (id) VALUES (?), (?)",
      kind: "primaryKey",
      table: "t",
      fields: ["id"],
    });
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 5 }]);
    expect(db.batch([])).toEqual([]);
    expect(
      await db.batch([
        { sql: "SELECT 1", params: [] },
        { sql: "DELETE FROM t", params: [] },
      ]),
    ).toMatchObject([{ rows: [[1]] }, { affected: 5 }]);
    await db.close();
  });

  it("makes writers wait for an open transaction, in order", async () => {
    const db = await filled({ ...options(), acquireTimeout: 2000 }, 0);
    const tx = await db.begin();
    await tx.executeQuery("INSERT INTO t (id) VALUES (1)");
    const waiting = [2, 3, 4].map((id) => db.executeInsert("INSERT INTO t (n) VALUES (?)", [id]));
    await tx.commit();
    expect(await Promise.all(waiting)).toEqual([2, 3, 4]);
    await db.close();
  });

  it("refuses BEGIN and COMMIT by hand, also behind comments", async () => {
    const db = await filled(options());
    for (const sql of ["BEGIN", "  commit", "-- x\n/* y */ ROLLBACK", "SAVEPOINT a", "release a", "END"]) {
      await expect(db.executeQuery(sql)).rejects.toMatchObject({ code: "raw_transaction" });
    }
    expect(await db.executeQueryDict("SELECT 'BEGIN' AS word")).toEqual([{ word: "BEGIN" }]);
    await db.close();
  });

  it("rolls back what a script begins and does not end, and notices one that ends a transaction", async () => {
    const db = await filled(options());
    await db.executeScript("BEGIN; INSERT INTO t (id) VALUES (10); COMMIT");
    await expect(db.executeScript("BEGIN; DELETE FROM t")).rejects.toMatchObject({ code: "raw_transaction" });
    await expect(db.executeScript("BEGIN; DELETE FROM t; nonsense")).rejects.toThrow();
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 6 }]);
    const tx = await db.begin();
    await expect(tx.executeScript("COMMIT")).rejects.toBeInstanceOf(TransactionManagementError);
    await expect(tx.executeQuery("DELETE FROM t")).rejects.toMatchObject({ code: "lost" });
    await tx.rollback();
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 6 }]);
    await db.close();
  });

  it("sees the new columns of a table after a change of the schema", async () => {
    const db = await filled(options(), 1);
    expect(await db.executeQueryDict("SELECT * FROM t")).toEqual([{ id: 1, n: 0 }]);
    await db.executeQuery("ALTER TABLE t ADD COLUMN extra TEXT DEFAULT 'x'");
    expect(await db.executeQueryDict("SELECT * FROM t")).toEqual([{ id: 1, n: 0, extra: "x" }]);
    expect(await db.run("SELECT * FROM t", [])).toMatchObject({ rows: [[1, 0, "x"]] });
    await db.close();
  });

  it("prepares again what the cache had no room for", async () => {
    const db = await filled({ ...options(), statementCacheSize: 4 });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 10; i++) expect(await db.run(`SELECT ${i}, ?`, [7])).toMatchObject({ rows: [[i, 7]] });
    }
    await db.close();
  });

  it("keeps keys past 2^53 exact", async () => {
    const db = await filled(options(), 0);
    const key = 2n ** 53n + 1n;
    expect(await db.executeInsert("INSERT INTO t (id) VALUES (?)", [key])).toBe(key);
    await db.close();
  });
});

describe("a file with a write-ahead log", () => {
  it("answers a stranger's reads while a transaction is open, with what is committed", async () => {
    const db = await filled({ filePath: path() });
    const tx = await db.begin();
    await tx.executeQuery("DELETE FROM t");
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 5 }]);
    expect(db.run("SELECT id FROM t LIMIT 1", [])).toMatchObject({ rows: [[1]] });
    expect((await all(db.stream("SELECT id FROM t", []))).length).toBe(5);
    await tx.commit();
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 0 }]);
    await db.close();
  });

  it("lets reads wait that another connection cannot answer", async () => {
    const db = await filled({ filePath: path(), acquireTimeout: 1000 });
    await db.executeScript("CREATE TEMP TABLE own (id INTEGER)");
    const tx = await db.begin();
    await tx.executeScript("CREATE TABLE fresh (id INTEGER)");
    const waiting = Promise.all([
      db.executeQuery("SELECT * FROM own"),
      db.executeQuery("SELECT * FROM fresh"),
      db.executeQuery("PRAGMA user_version"),
    ]);
    await tx.commit();
    expect((await waiting).map(([count]) => count)).toEqual([0, 0, 1]);
    await db.close();
  });

  it("sets the PRAGMAs it is asked for, and sane ones otherwise", async () => {
    const pragma = async (db: Connection, name: string): Promise<unknown> =>
      Object.values((await db.executeQueryDict(`PRAGMA ${name}`))[0]!)[0];
    const plain = connect({ filePath: path() });
    expect([
      await pragma(plain, "journal_mode"),
      await pragma(plain, "foreign_keys"),
      await pragma(plain, "synchronous"),
      await pragma(plain, "busy_timeout"),
    ]).toEqual(["wal", 1, 1, 5000]);
    await plain.close();
    const own = connect({
      filePath: path(),
      journalMode: "TRUNCATE",
      foreignKeys: false,
      synchronous: "FULL",
      busyTimeout: 10,
      journalSizeLimit: 99,
      pragmas: { cache_size: -4000 },
    });
    expect([
      await pragma(own, "journal_mode"),
      await pragma(own, "foreign_keys"),
      await pragma(own, "synchronous"),
      await pragma(own, "busy_timeout"),
      await pragma(own, "journal_size_limit"),
      await pragma(own, "cache_size"),
    ]).toEqual(["truncate", 0, 2, 10, 99, -4000]);
    await own.close();
  });

  it("says busy when another program writes, and goes on afterwards", async () => {
    const filePath = path();
    const db = await filled({ filePath, busyTimeout: 10 });
    const other = new BetterSqlite(filePath);
    other.exec("BEGIN IMMEDIATE");
    await expect(db.begin()).rejects.toMatchObject({ code: "busy" });
    await expect(db.executeQuery("DELETE FROM t")).rejects.toMatchObject({ code: "busy" });
    other.exec("ROLLBACK");
    other.close();
    expect((await db.executeQuery("DELETE FROM t"))[0]).toBe(5);
    await db.close();
  });

  it("reads a read-only file and refuses to write it", async () => {
    const filePath = path();
    await (await filled({ filePath })).close();
    const db = connect({ filePath, readonly: true });
    expect(await db.executeQueryDict("SELECT count(*) AS n FROM t")).toEqual([{ n: 5 }]);
    await expect(db.executeQuery("DELETE FROM t")).rejects.toMatchObject({ code: "readonly" });
    const tx = await db.begin();
    expect((await tx.executeQuery("SELECT * FROM t"))[0]).toBe(5);
    await tx.commit();
    await db.close();
  });
});

describe("opening", () => {
  it("happens on first use", async () => {
    const filePath = path();
    const db = connect({ filePath });
    expect(existsSync(filePath)).toBe(false);
    await db.executeQuery("SELECT 1");
    expect(existsSync(filePath)).toBe(true);
    await db.close();
  });

  it("is a DBConnectionError when the folder is missing or the file is no database", async () => {
    await expect(
      connect({ filePath: join(folder, "no", "such", "x.db") }).executeQuery("SELECT 1"),
    ).rejects.toBeInstanceOf(DBConnectionError);
    await expect(connect({ filePath: folder }).executeQuery("SELECT 1")).rejects.toBeInstanceOf(DBConnectionError);
    await expect(
      connect({ filePath: join(import.meta.dirname, "sqlite-client.test.ts"), readonly: true }).executeQuery(
        "SELECT * FROM t",
      ),
    ).rejects.toBeInstanceOf(DBConnectionError);
  });

  it("makes the folder with dbCreate and deletes every file with dbDelete, twice too", async () => {
    const inside = join(folder, "made", "deep");
    const db = connect({ filePath: join(inside, "x.db") });
    await db.dbCreate();
    await db.executeScript("CREATE TABLE t (id INTEGER)");
    expect(readdirSync(inside).length).toBeGreaterThan(0);
    await db.dbDelete();
    expect(readdirSync(inside)).toEqual([]);
    await db.dbDelete();
  });

  it("opens at once with createConnection, and does nothing withDb: false", async () => {
    const filePath = path();
    const db = connect({ filePath });
    await db.createConnection({ withDb: false });
    expect(existsSync(filePath)).toBe(false);
    await db.createConnection();
    expect(existsSync(filePath)).toBe(true);
    await db.close();
  });

  it("takes a database that is open already, with the functions it has, but cannot open it again", async () => {
    const database = new BetterSqlite(":memory:");
    database.function("twice", (n) => Number(n) * 2);
    const db = new Connection("default", sqlite(database as never));
    expect(await db.executeQueryDict("SELECT twice(4) AS n")).toEqual([{ n: 8 }]);
    await db.close();
    expect(database.open).toBe(false);
    await expect(db.executeQuery("SELECT 1")).rejects.toBeInstanceOf(DBConnectionError);
  });
});

describe("wrong calls", () => {
  it("are ParamsErrors: too few values, two statements, a stream that writes", async () => {
    const db = await filled({ filePath: ":memory:" });
    expect(() => db.run("SELECT ?, ?", [1])).toThrow(ParamsError);
    expect(() => db.run("SELECT 1; SELECT 2", [])).toThrow(ParamsError);
    await expect((async () => all(db.stream("DELETE FROM t RETURNING id", [])))()).rejects.toThrow(ParamsError);
    expect((await db.executeQuery("SELECT * FROM t"))[0]).toBe(5);
  });

  it("leave hostile text in values what it is", async () => {
    const db = await filled({ filePath: ":memory:" });
    const text = "'; DROP TABLE t; -- \u0000 \u{1F422} \\";
    expect(await db.executeQueryDict("SELECT ? AS t", [text])).toEqual([{ t: text }]);
    expect((await db.executeQuery("SELECT * FROM t"))[0]).toBe(5);
  });
});
