import { afterEach, describe, expect, it, vi } from "vitest";
import { OperationalError, ParamsError } from "../../../core/base/errors.js";
import { Connection } from "../../../core/connection/connection.js";
import { setAsyncStore, type AsyncStore, type Scope } from "../../../core/connection/context.js";
import { observe, type ObserveOptions } from "../../../core/connection/observe.js";
import { usersLine } from "../../../core/connection/observe-caller.js";
import type { QueryEvent } from "../../../core/connection/observe-event.js";
import { watcher } from "../../../core/connection/observing.js";
import { mock, type MockOptions } from "../../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { asyncContext } from "../../../node/async-context.js";
import { later } from "../../support/later.js";

const mocked = (options: Partial<MockOptions> = {}) => {
  const driver = mock({ dialect, ...options });
  return { driver, db: new Connection("main", driver) };
};

const stops: (() => void)[] = [];
/** Observes until the test ends. */
const seen = (options: ObserveOptions = {}): QueryEvent[] => {
  const events: QueryEvent[] = [];
  stops.push(observe((event) => events.push(event), options));
  return events;
};
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  expect(watcher).toBeNull();
});

describe("an event", () => {
  it.each([false, true])("tells what a statement was and gave (driver answers later: %s)", async (async) => {
    const { db } = mocked({ async, answers: [{ rows: [[1], [2]] }, { affected: 3 }] });
    const events = seen();
    const before = Date.now();
    await db.run("SELECT id FROM t WHERE a = ? AND b = ? AND c = ?", ["secret", null, 1n]);
    await db.run("UPDATE t SET a = ?", [new Uint8Array(3)]);
    expect(events).toHaveLength(2);
    expect(events[0]).toEqual({
      kind: "run",
      sql: "SELECT id FROM t WHERE a = ? AND b = ? AND c = ?",
      statements: [
        {
          sql: "SELECT id FROM t WHERE a = ? AND b = ? AND c = ?",
          paramTypes: ["text", "null", "integer"],
          params: null,
          rows: 2,
          affected: 0,
        },
      ],
      paramTypes: ["text", "null", "integer"],
      params: null,
      startedAt: expect.any(Number) as number,
      durationMs: expect.any(Number) as number,
      rows: 2,
      affected: 0,
      roundTrips: 1,
      connection: "main",
      transaction: null,
      caller: null,
      error: null,
    });
    expect(events[0]!.startedAt).toBeGreaterThan(before - 1000);
    expect(events[0]!.durationMs).toBeGreaterThanOrEqual(0);
    expect(events[1]).toMatchObject({ rows: 0, affected: 3, paramTypes: ["blob"] });
    expect(JSON.stringify(events, (_key, value: unknown) => (typeof value === "bigint" ? "n" : value))).not.toContain(
      "secret",
    );
  });

  it("holds the values, and the caller, only for who asked for them", async () => {
    const { db } = mocked();
    const [without, withThem] = [seen({ caller: true }), seen({ params: true })];
    await db.run("SELECT ?, ?", ["ö 🐢", 1.5]);
    expect(without[0]).toMatchObject({ params: null, paramTypes: ["text", "real"] });
    expect(without[0]!.statements[0]!.params).toBeNull();
    expect(withThem[0]!.params).toEqual(["ö 🐢", 1.5]);
    expect(without[0]!.caller).toContain("observe.test.ts");
    expect(withThem[0]!.caller).toBeNull();
  });

  it.each([false, true])("names the error of a statement that failed, which still fails (later: %s)", async (async) => {
    const { db } = mocked({ async, answers: [new Error("boom")] });
    const events = seen();
    await expect((async () => db.run("SELECT ?", ["secret"]))()).rejects.toThrow(OperationalError);
    expect(events).toMatchObject([{ sql: "SELECT ?", rows: 0, error: { name: "OperationalError", sql: "SELECT ?" } }]);
  });

  it("is one for a batch, with each statement in it", async () => {
    const { db } = mocked({ answers: [{ affected: 1 }, { affected: 2 }] });
    const events = seen({ params: true });
    await db.batch([
      { sql: "INSERT a", params: ["x"] },
      { sql: "INSERT b", params: [1n, null] },
    ]);
    expect(events).toMatchObject([
      {
        kind: "batch",
        sql: "INSERT a;\nINSERT b",
        roundTrips: 1,
        affected: 3,
        paramTypes: ["text", "integer", "null"],
        params: ["x", 1n, null],
        statements: [
          { sql: "INSERT a", affected: 1 },
          { sql: "INSERT b", affected: 2 },
        ],
      },
    ]);
    await db.batch([{ sql: "INSERT c", params: [] }]);
    expect(events[1]).toMatchObject({ kind: "run", sql: "INSERT c" });
  });

  it("tells of the batch of a driver that has none statement by statement", async () => {
    const { db } = mocked({ without: ["batch"], answers: [{}, new Error("second fails")] });
    const events = seen();
    const items = [1, 2].map((i) => ({ sql: `INSERT ${i}`, params: [] }));
    await expect((async () => db.batch(items))()).rejects.toThrow("second fails");
    expect(events.map(({ sql }) => sql)).toEqual(["BEGIN", "INSERT 1", "INSERT 2", "ROLLBACK"]);
    expect(events.map(({ error }) => error?.message ?? null)).toEqual([null, null, "second fails", null]);
  });

  it("numbers transactions and the savepoints inside them", async () => {
    const { db } = mocked();
    const events = seen();
    const tx = await db.begin();
    await tx.run("SELECT 1", []);
    for (const end of ["commit", "rollback"] as const) {
      const inner = await tx.begin();
      await inner.run("SELECT 2", []);
      await inner[end]();
    }
    await tx.commit();
    const number = events[0]!.transaction!;
    expect(number).toMatch(/^\d+$/);
    expect(events.map(({ kind, sql, transaction }) => [kind, sql, transaction?.slice(number.length)])).toEqual([
      ["begin", "BEGIN", ""],
      ["run", "SELECT 1", ""],
      ["begin", "SAVEPOINT", ".1"],
      ["run", "SELECT 2", ".1"],
      ["commit", "RELEASE SAVEPOINT", ".1"],
      ["begin", "SAVEPOINT", ".2"],
      ["run", "SELECT 2", ".2"],
      ["rollback", "ROLLBACK TO SAVEPOINT", ".2"],
      ["commit", "COMMIT", ""],
    ]);
    const other = await db.begin();
    await other.rollback();
    expect(Number(events.at(-1)!.transaction)).toBe(Number(number) + 1);
  });

  it("tells of a commit that failed and of the rollback after it", async () => {
    const { db, driver } = mocked();
    const events = seen();
    const tx = await db.begin();
    driver.answer("COMMIT", new Error("deferred"));
    await expect(tx.commit()).rejects.toThrow("deferred");
    expect(events.map(({ kind, error }) => [kind, error?.message])).toEqual([
      ["begin", undefined],
      ["commit", "deferred"],
      ["rollback", undefined],
    ]);
  });

  it("tells of a begin that failed", async () => {
    const { db, driver } = mocked();
    const events = seen();
    driver.answer("BEGIN", new Error("full"));
    await expect(db.begin()).rejects.toThrow("full");
    expect(events).toMatchObject([{ kind: "begin", transaction: null, error: { message: "full" } }]);
  });

  it("tells of scripts, and of a leased connection's statements", async () => {
    const db = new Connection("main", sqlite(":memory:"));
    const events = seen();
    await db.executeScript("CREATE TABLE t (id INTEGER); CREATE TABLE u (id INTEGER)");
    const leased = await db.acquireConnection();
    await leased.executeQuery("SELECT * FROM t");
    await leased.release();
    expect(events).toMatchObject([
      { kind: "script", sql: expect.stringContaining("CREATE TABLE u") as string },
      { kind: "run", sql: "SELECT * FROM t" },
    ]);
    await db.close();
  });
});

describe("an event of a stream", () => {
  const open = async (wrap: boolean) => {
    const driver = sqlite(":memory:");
    const db = new Connection("main", wrap ? later(driver) : driver);
    await db.executeScript("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2), (3)");
    return db;
  };

  it.each([false, true])("comes at its end, with the rows that were read (later: %s)", async (wrap) => {
    const db = await open(wrap);
    const events = seen();
    const rows: unknown[] = [];
    for await (const row of db.stream("SELECT id FROM t", [])) {
      expect(events).toEqual([]);
      rows.push(row[0]);
    }
    expect(rows).toEqual([1, 2, 3]);
    expect(events).toMatchObject([{ kind: "stream", sql: "SELECT id FROM t", rows: 3, error: null }]);
    await db.close();
  });

  it.each([false, true])("comes when the loop is left, and the driver is told to stop (later: %s)", async (wrap) => {
    const db = await open(wrap);
    const events = seen();
    for await (const row of db.stream("SELECT id FROM t", [])) if (row[0] === 2) break;
    expect(events).toMatchObject([{ rows: 2 }]);
    await db.executeScript("DROP TABLE t");
    await db.close();
  });
});

describe("an event of a stream that fails", () => {
  it.each([false, true])("names the error, whether at the start or on the way (later: %s)", async (wrap) => {
    const driver = sqlite(":memory:");
    const db = new Connection("main", wrap ? later(driver) : driver);
    await db.executeScript("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)");
    const events = seen();
    const read = async (sql: string) => {
      for await (const row of db.stream(sql, [])) expect(row).toHaveLength(1);
    };
    await expect(read("SELECT nothing FROM t")).rejects.toThrow(OperationalError);
    await expect(read("SELECT CASE n WHEN 1 THEN 1 ELSE abs(-9223372036854775807 - 1) END FROM t")).rejects.toThrow(
      "does not fit",
    );
    expect(events).toMatchObject([
      { kind: "stream", rows: 0, error: { name: "OperationalError" } },
      { kind: "stream", error: { message: expect.stringContaining("does not fit") as string } },
    ]);
    await db.close();
  });
});

describe("the caller", () => {
  it("is the first line outside of our folders, in the stacks of V8 and of others", () => {
    const ours = "file:///app/node_modules/terrapin/dist/core/connection/observe-caller.js:9:17";
    const stack = (lines: readonly string[]): string => ["Error", ...lines.map((line) => `    at ${line}`)].join("\n");
    const library = [
      `callerLine (${ours})`,
      "Lazy.run (file:///app/node_modules/terrapin/dist/core/queryset/run.js:1:2)",
    ];
    expect(usersLine(stack([...library, "node:internal/x:1:1", "async load (file:///app/core/load.js:10:5)"]))).toBe(
      "load (file:///app/core/load.js:10:5)",
    );
    expect(usersLine(stack([...library, "async Promise.all (index 0)", "async C:\\app\\a b.js:1:2"]))).toContain(
      "b.js:1:2",
    );
    expect(usersLine(`callerLine@${ours}\nload@file:///app/load.js:10:5\n`)).toBe("load (file:///app/load.js:10:5)");
    expect(usersLine(stack(library))).toBeNull();
    expect(usersLine("Error")).toBeNull();
  });

  it("is the first that waits where everything is bundled into one file", () => {
    const lines = ["a (worker.js:1:10)", "b (worker.js:1:20)", "async fetch (worker.js:9:5)"];
    expect(usersLine(["Error", ...lines.map((line) => `    at ${line}`)].join("\n"))).toBe("fetch (worker.js:9:5)");
  });

  it.each([false, true])("is the line that awaits, not one of ours (later: %s)", async (async) => {
    const { db } = mocked({ async });
    const events = seen({ caller: true });
    const askForIt = async () => {
      await db.executeQuery("SELECT 1");
    };
    await askForIt();
    expect(events[0]!.caller).toMatch(/askForIt \(.*observe\.test\.ts:\d+:\d+\)$/);
  });

  it("is there for a query that fails", async () => {
    const { db } = mocked({ answers: [new Error("boom")] });
    const events = seen({ caller: true });
    await expect(db.executeQuery("SELECT 1")).rejects.toThrow("boom");
    expect(events[0]).toMatchObject({ caller: expect.stringContaining("observe.test.ts") as string });
  });
});

describe("observing", () => {
  it("ends when it is told to, however often, and answers stay the driver's own", async () => {
    const { db } = mocked({ answers: [{ rows: [[1]] }] });
    const first: string[] = [];
    const stop = observe(({ sql }) => first.push(sql));
    const second = seen();
    expect(db.run("SELECT 1", [])).toEqual({ rows: [[1]], affected: 0, insertId: null });
    stop();
    stop();
    void db.run("SELECT 2", []);
    expect(first).toEqual(["SELECT 1"]);
    expect(second).toHaveLength(2);
  });

  it("keeps to one connection, by name or itself, with its transactions", async () => {
    const [one, other] = [mocked().db, new Connection("other", mock({ dialect }))];
    const [byName, itself] = [seen({ connection: "main" }), seen({ connection: one })];
    void one.run("SELECT 1", []);
    void other.run("SELECT 2", []);
    const tx = await one.begin();
    void tx.run("SELECT 3", []);
    for (const events of [byName, itself])
      expect(events.map(({ sql }) => sql)).toEqual(["SELECT 1", "BEGIN", "SELECT 3"]);
  });

  it("keeps to one transaction, with its savepoints", async () => {
    const { db } = mocked();
    const tx = await db.begin();
    const events = seen({ connection: tx });
    void db.run("SELECT 1", []);
    const inner = await tx.begin();
    void inner.run("SELECT 2", []);
    await inner.commit();
    await tx.commit();
    expect(events.map(({ sql }) => sql)).toEqual(["SAVEPOINT", "SELECT 2", "RELEASE SAVEPOINT", "COMMIT"]);
  });

  it("refuses what is no listener, and options it does not know", () => {
    expect(() => observe(null as never)).toThrow(ParamsError);
    expect(() => observe({} as never)).toThrow("a listener is a function");
    expect(() => observe(() => {}, { parms: true } as never)).toThrow('no option "parms"');
  });
});

describe("a listener that fails", () => {
  it("breaks no query, is reported once, and the next one is told", async () => {
    const { db } = mocked({ answers: [{ rows: [[7]] }] });
    const warn = vi.fn();
    stops.push(
      observe(
        () => {
          throw new Error("listener broke");
        },
        { warn },
      ),
    );
    const events = seen();
    expect(db.run("SELECT 1", [])).toMatchObject({ rows: [[7]] });
    void db.run("SELECT 2", []);
    expect(events).toHaveLength(2);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain("listener broke");
  });

  it("may also fail later, and what warns may fail too", async () => {
    const { db } = mocked();
    const warn = vi.fn(() => {
      throw new Error("and so did warn");
    });
    stops.push(observe(() => Promise.reject(new Error("later")), { warn }));
    await db.run("SELECT 1", []);
    await db.run("SELECT 2", []);
    await new Promise((done) => setTimeout(done, 0));
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe("a listener that queries", () => {
  afterEach(() => setAsyncStore(null));

  it("is not told of its own queries", async () => {
    const { db, driver } = mocked();
    const told: string[] = [];
    stops.push(
      observe(({ sql }) => {
        told.push(sql);
        void db.run("INSERT audit", []);
      }),
    );
    void db.run("SELECT 1", []);
    expect(told).toEqual(["SELECT 1"]);
    expect(driver.statements).toHaveLength(2);
  });

  it("is not told of them after an await either, where scopes are carried", async () => {
    setAsyncStore(asyncContext() as AsyncStore<Scope>);
    const { db, driver } = mocked({ async: true });
    const told: string[] = [];
    stops.push(
      observe(async ({ sql }) => {
        told.push(sql);
        await Promise.resolve();
        await db.run("INSERT audit", []);
      }),
    );
    await db.run("SELECT 1", []);
    await new Promise((done) => setTimeout(done, 5));
    expect(told).toEqual(["SELECT 1"]);
    expect(driver.statements).toHaveLength(2);
  });
});
