import { afterEach, describe, expect, it, vi } from "vitest";
import { ParamsError } from "../../../core/base/errors.js";
import { Connection } from "../../../core/connection/connection.js";
import { queryLog, slowQueries } from "../../../core/connection/log.js";
import { readableSql } from "../../../core/connection/log-sql.js";
import { observe } from "../../../core/connection/observe.js";
import { mock, type MockAnswer } from "../../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
const mocked = (answers: readonly MockAnswer[] = []) => new Connection("main", mock({ dialect, answers }));
const logged = (options: Parameters<typeof queryLog>[0] = {}): string[] => {
  const entries: string[] = [];
  stops.push(observe(queryLog({ write: (entry) => entries.push(entry.replace(/[\d.]+ ms/, "N ms")), ...options })));
  return entries;
};

describe("readable SQL", () => {
  it("leaves short statements on one line", () => {
    expect(readableSql('SELECT "id" FROM "users" WHERE "id" = ?')).toBe('SELECT "id" FROM "users" WHERE "id" = ?');
  });

  it("gives clauses, joins, conditions and subqueries lines of their own", () => {
    expect(
      readableSql(
        'SELECT t0."id", COUNT(t1."id") FROM "users" t0 LEFT JOIN "orders" t1 ON t1."user_id" = t0."id" AND t1."n" > ? ' +
          'WHERE t0."age" BETWEEN ? AND ? AND (t0."a" = ? OR t0."b" = ?) AND t0."id" IN (SELECT "k" FROM "x" WHERE "y" = ? OR "z" IS NULL) ' +
          'GROUP BY t0."id" HAVING COUNT(*) > ? ORDER BY t0."id" LIMIT ? OFFSET ?',
      ),
    ).toBe(
      [
        'SELECT t0."id", COUNT(t1."id")',
        'FROM "users" t0',
        'LEFT JOIN "orders" t1 ON t1."user_id" = t0."id"',
        '  AND t1."n" > ?',
        'WHERE t0."age" BETWEEN ? AND ?',
        '  AND (t0."a" = ? OR t0."b" = ?)',
        '  AND t0."id" IN (',
        '    SELECT "k"',
        '    FROM "x"',
        '    WHERE "y" = ?',
        '      OR "z" IS NULL',
        ")",
        'GROUP BY t0."id"',
        "HAVING COUNT(*) > ?",
        'ORDER BY t0."id"',
        "LIMIT ? OFFSET ?",
      ].join("\n"),
    );
  });

  it("breaks writes where their parts begin", () => {
    expect(
      readableSql(
        'INSERT INTO "users" ("name", "email", "created_at") VALUES (?, ?, ?) ON CONFLICT ("email") DO UPDATE SET "name" = excluded."name" RETURNING "id"',
      ),
    ).toBe(
      [
        'INSERT INTO "users" ("name", "email", "created_at")',
        "VALUES (?, ?, ?)",
        'ON CONFLICT ("email") DO UPDATE SET "name" = excluded."name"',
        'RETURNING "id"',
      ].join("\n"),
    );
  });

  it("touches nothing in quotes or comments, also those that never end", () => {
    const text = "from  x where 'it''s' -- and";
    const sql = `SELECT "a  WHERE b", 'select FROM  (x', \`or \` FROM t WHERE n = '${text.replaceAll("'", "''")}'`;
    const lines = readableSql(sql);
    expect(lines.replace(/\n\s*/g, " ")).toBe(sql);
    expect(readableSql(`SELECT 1 WHERE x = 'unfinished FROM ${"y".repeat(100)}`)).toContain("'unfinished FROM");
    expect(readableSql(`SELECT 1 -- comment FROM here\nFROM t ${"x".repeat(80)}`)).toBe(
      `SELECT 1 -- comment FROM here\nFROM t ${"x".repeat(80)}`,
    );
  });

  it("cuts what nobody would read, in time that grows with the length only", () => {
    const sql = `INSERT INTO t VALUES ${"(?, ?), ".repeat(100_000)}`;
    const before = performance.now();
    const text = readableSql(sql);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(text.length).toBeLessThan(11_000);
    expect(text).toContain("(800,021 characters)");
    expect(() => readableSql(")))((( OR OR".repeat(50))).not.toThrow();
  });
});

describe("the log", () => {
  it("writes what happened, the SQL, and of parameters how many of which kind", async () => {
    const db = mocked([{ rows: [[1]] }, { affected: 2 }, new Error("no such\ntable")]);
    const entries = logged();
    void db.run('SELECT "id" FROM "users" WHERE "name" = ? AND "age" = ?', ["secret", 3n]);
    void db.run("UPDATE t SET a = 1", []);
    expect(() => db.run("SELECT 1", [])).toThrow();
    const tx = await db.begin();
    await tx.rollback();
    expect(entries.map((entry) => entry.replace(/transaction \d+/, "transaction T"))).toEqual([
      '-- main N ms, 1 row\nSELECT "id" FROM "users" WHERE "name" = ? AND "age" = ?\n-- 2 parameters: text, integer',
      "-- main N ms, 2 affected\nUPDATE t SET a = 1",
      "-- main N ms, 0 rows\n-- failed: OperationalError: no such table\nSELECT 1",
      "-- main N ms, transaction T\nBEGIN",
      "-- main N ms, transaction T\nROLLBACK",
    ]);
  });

  it("writes values when it is asked to, long ones and many shortened", () => {
    const db = mocked();
    const entries = logged({ params: true });
    void db.run("a", ["ö 🐢", null, 1n, 2.5, new Uint8Array(4)]);
    void db.run("b", ["x".repeat(1000)]);
    void db.run(
      "c",
      Array.from({ length: 30 }, () => 1n),
    );
    expect(entries[0]).toContain('-- ["ö 🐢", null, 1, 2.5, blob of 4 bytes]');
    expect(entries[1]!.length).toBeLessThan(300);
    expect(entries[2]).toContain("and 10 more]");
  });

  it("writes a batch as one entry", () => {
    const db = mocked();
    const entries = logged();
    void db.batch([
      { sql: "INSERT a", params: ["x"] },
      { sql: "INSERT b", params: [] },
    ]);
    expect(entries).toEqual(["-- main N ms, batch of 2\nINSERT a\n-- 1 parameter: text\nINSERT b"]);
  });

  it("can keep to what was slow or failed", () => {
    const db = mocked([{}, new Error("boom")]);
    const entries = logged({ slowerThanMs: 10_000 });
    void db.run("fast", []);
    expect(() => db.run("broken", [])).toThrow("boom");
    expect(entries).toHaveLength(1);
    expect(entries[0]).toContain("broken");
  });

  it("goes to the console, without colours, when nothing else is said", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    stops.push(observe(queryLog()));
    void mocked().run("SELECT 1", []);
    expect(log.mock.calls[0]![0]).toMatch(/^-- main [\d.]+ ms, 0 rows\nSELECT 1$/);
    log.mockRestore();
  });

  it("refuses a threshold that is none", () => {
    expect(() => queryLog({ slowerThanMs: Number.NaN })).toThrow(ParamsError);
    expect(() => slowQueries("200" as never)).toThrow("not a string");
  });
});

describe("slow queries", () => {
  it("are warned of, the others are not", async () => {
    const driver = mock({ dialect });
    const db = new Connection("main", {
      ...driver,
      run: async (sql, params) => {
        if (sql === "slow") await new Promise((done) => setTimeout(done, 30));
        return driver.run(sql, params);
      },
    });
    const warnings: string[] = [];
    stops.push(observe(slowQueries(20, { warn: (message) => warnings.push(message) })));
    await db.run("fast", []);
    await db.run("slow", ["secret"]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^slow query \(20 ms or more\)\n-- main [\d.]+ ms, 0 rows\nslow\n-- 1 parameter: text$/,
    );
  });
});
