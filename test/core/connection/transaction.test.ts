import { AsyncLocalStorage } from "node:async_hooks";
import { transform } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ConfigurationError,
  IntegrityError,
  ParamsError,
  TimeoutError,
  TransactionManagementError,
} from "../../../core/base/errors.js";
import { atomic, inTransaction } from "../../../core/connection/atomic.js";
import type { Client } from "../../../core/connection/client.js";
import { Connection } from "../../../core/connection/connection.js";
import {
  Context,
  resolveClient,
  setAsyncStore,
  setDefaultContext,
  type Scope,
} from "../../../core/connection/context.js";
import { ConnectionRegistry, type DriverSource } from "../../../core/connection/registry.js";
import type { Transaction } from "../../../core/connection/transaction.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";

const User = { name: "User" };

async function start(
  sources: Record<string, DriverSource> = { default: sqlite({ filePath: ":memory:", acquireTimeout: 200 }) },
): Promise<Client> {
  const context = new Context(new ConnectionRegistry(sources));
  const [name] = context.connections.names;
  context.bind(User, name!);
  setDefaultContext(context);
  const db = context.connections.client(name!);
  await db.executeScript(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
  );
  return db;
}

/** What a bare `User.create()` does: it finds its own client. */
const add = async (id: number): Promise<unknown> =>
  resolveClient(User, null).run("INSERT INTO t (id) VALUES (?)", [BigInt(id)]);
const ids = async (on: Client): Promise<unknown[]> =>
  (await on.executeQueryDict("SELECT id FROM t ORDER BY id")).map(({ id }) => id);

beforeEach(() => setAsyncStore(new AsyncLocalStorage<Scope>()));
afterEach(() => {
  setDefaultContext(null);
  setAsyncStore(null);
});

describe("inTransaction", () => {
  it("commits what the function did, found by itself, and gives its value", async () => {
    const db = await start();
    expect(
      await inTransaction(async () => {
        await add(1);
        return "done";
      }),
    ).toBe("done");
    expect(await ids(db)).toEqual([1]);
  });

  it("rolls back on every error, also a TransactionManagementError, and throws it on", async () => {
    const db = await start();
    for (const error of [new Error("no money"), new TransactionManagementError("mine"), "text"]) {
      await expect(
        inTransaction(async () => {
          await add(1);
          throw error;
        }),
      ).rejects.toBe(error);
    }
    expect(await ids(db)).toEqual([]);
    await add(2);
    expect(await ids(db)).toEqual([2]);
  });

  it("works by handle without any async context", async () => {
    setAsyncStore(null);
    const db = await start();
    await inTransaction(async (tx) => {
      await tx.run("INSERT INTO t (id) VALUES (1)", []);
      await inTransaction(
        async (inner) => {
          await inner.run("INSERT INTO t (id) VALUES (2)", []);
        },
        { connection: tx },
      );
    });
    expect(await ids(db)).toEqual([1, 2]);
  });

  it("throws at once without an async context when the function takes no tx", async () => {
    setAsyncStore(null);
    await start();
    expect(() => inTransaction(async () => {})).toThrow(ConfigurationError);
    await expect((async () => atomic(async () => {})())()).rejects.toThrow(/async/);
  });

  it("awaits a lazy thing that the function returns inside the transaction", async () => {
    const db = await start();
    let inside: unknown;
    await inTransaction(
      (): PromiseLike<void> => ({
        then(resolve, reject) {
          inside = resolveClient(User, null);
          return add(1)
            .then(() => undefined)
            .then(resolve, reject);
        },
      }),
    );
    expect((inside as Client).isTransaction).toBe(true);
    expect(await ids(db)).toEqual([1]);
  });

  it("nests as savepoints: the inner end leaves the outer one alone", async () => {
    const db = await start();
    await inTransaction(async () => {
      await add(1);
      await expect(
        inTransaction(async () => {
          await add(2);
          await inTransaction(async () => {
            await add(3);
          });
          throw new Error("inner");
        }),
      ).rejects.toThrow("inner");
      await inTransaction(async () => {
        await add(4);
      });
      await add(5);
    });
    expect(await ids(db)).toEqual([1, 4, 5]);
  });

  it("lets savepoints that begin side by side take turns", async () => {
    const db = await start();
    await inTransaction(async () => {
      const outcomes = await Promise.allSettled(
        [1, 2, 3, 4].map((id) =>
          inTransaction(async () => {
            await add(id);
            await Promise.resolve();
            if (id % 2 === 0) throw new Error("even");
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
    });
    expect(await ids(db)).toEqual([1, 3]);
  });

  it("queues two at once, and keeps a stranger's statement out of an open one", async () => {
    const db = await start();
    const order: string[] = [];
    const work = (id: number) =>
      inTransaction(async () => {
        order.push(`begin ${id}`);
        await add(id);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`end ${id}`);
        if (id === 1) throw new Error("undo");
      });
    const first = work(1);
    const second = work(2);
    const stranger = add(3);
    await expect(first).rejects.toThrow("undo");
    await second;
    await stranger;
    expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
    expect(await ids(db)).toEqual([2, 3]);
  });

  it("throws at once when it would wait for itself on the parent connection", async () => {
    const db = await start();
    await inTransaction(async () => {
      await add(1);
      await expect((async () => db.run("INSERT INTO t (id) VALUES (2)", []))()).rejects.toMatchObject({
        code: "waits_for_itself",
      });
      await expect(db.begin()).rejects.toMatchObject({ code: "waits_for_itself" });
      await add(3);
    });
    expect(await ids(db)).toEqual([1, 3]);
  });

  it("throws at once when the outer handle is used inside an open savepoint", async () => {
    const db = await start();
    await inTransaction(async (outer) => {
      await inTransaction(async () => {
        await expect((async () => outer.run("INSERT INTO t (id) VALUES (1)", []))()).rejects.toBeInstanceOf(
          TransactionManagementError,
        );
        await add(2);
      });
    });
    expect(await ids(db)).toEqual([2]);
  });

  it("ends any other wait with a TimeoutError that names the line that began", async () => {
    const db = await start();
    setAsyncStore(null);
    const holdOn = async (): Promise<unknown> => db.begin();
    const tx = (await holdOn()) as Transaction;
    const error = await (async () => db.run("SELECT 1", []))().catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).message).toMatch(/holdOn|transaction\.test/);
    await tx.rollback();
    expect(await ids(db)).toEqual([]);
  });

  it("gives a promise that outlives its transaction a TransactionManagementError", async () => {
    const db = await start();
    let late: Promise<unknown> = Promise.resolve();
    await inTransaction(async () => {
      await add(1);
      late = new Promise((resolve) => setTimeout(resolve, 10)).then(() => add(2));
    });
    await expect(late).rejects.toBeInstanceOf(TransactionManagementError);
    expect(await ids(db)).toEqual([1]);
  });

  it("rolls back and says so when an inner transaction was not awaited", async () => {
    const db = await start();
    let inner: Promise<unknown> = Promise.resolve();
    await expect(
      inTransaction(async () => {
        await add(1);
        inner = inTransaction(async () => {
          await add(2);
          await new Promise((resolve) => setTimeout(resolve, 5));
          await add(3);
        });
        inner.catch(() => {});
      }),
    ).rejects.toMatchObject({ code: "inner_open" });
    await expect(inner).rejects.toBeInstanceOf(TransactionManagementError);
    expect(await ids(db)).toEqual([]);
  });

  it("rolls back when the commit itself fails, and goes on working", async () => {
    const db = await start();
    const error = await inTransaction(async (tx) => {
      await tx.run("INSERT INTO t (id, parent) VALUES (1, 99)", []);
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ kind: "foreignKey" });
    await add(2);
    expect(await ids(db)).toEqual([2]);
  });

  it("never hides the first error behind a rollback that fails", async () => {
    const driver = mock({ dialect: sqliteDialect });
    driver.answer("ROLLBACK", new Error("connection lost"));
    const db = new Connection("default", driver);
    await expect(
      inTransaction(
        async (_tx) => {
          throw new Error("first");
        },
        { connection: db },
      ),
    ).rejects.toThrow("first");
    const tx = await db.begin();
    await expect(tx.rollback()).rejects.toThrow("connection lost");
  });

  it("keeps an explicit end: nothing more may run in it", async () => {
    const db = await start();
    await inTransaction(async (tx) => {
      await add(1);
      await tx.rollback();
      await expect(add(2)).rejects.toBeInstanceOf(TransactionManagementError);
      await expect(tx.commit()).rejects.toThrow("Transaction already finalised");
    });
    await inTransaction(async (tx) => {
      await add(3);
      await tx.commit();
      await expect(tx.rollback()).rejects.toThrow("Transaction already finalised");
    });
    expect(await ids(db)).toEqual([3]);
  });

  it("asks for the connection when there are several, and takes its name", async () => {
    const db = await start({ default: sqlite(":memory:"), other: sqlite(":memory:") });
    const error = await inTransaction(async () => {}).catch((reason: unknown) => reason as ParamsError);
    expect(error).toBeInstanceOf(ParamsError);
    expect((error as ParamsError).hint).toContain("default, other");
    await inTransaction(
      async () => {
        await add(1);
      },
      { connection: "default" },
    );
    expect(await ids(db)).toEqual([1]);
  });

  it("only takes along the models of its own connection", async () => {
    await start({ default: sqlite(":memory:"), other: sqlite(":memory:") });
    await inTransaction(
      async () => {
        expect(resolveClient(User, null).isTransaction).toBe(false);
        await inTransaction(
          async () => {
            expect(resolveClient(User, null).isTransaction).toBe(true);
          },
          { connection: "default" },
        );
      },
      { connection: "other" },
    );
  });

  it("refuses what it does not know: a wrong retry, other options, no function", async () => {
    await start();
    for (const retry of [-1, 1.5, "3", null, { times: -1 }, { times: 1, delay: Number.NaN }])
      await expect(inTransaction(async () => {}, { retry } as never)).rejects.toMatchObject({ code: "retry" });
    await expect(inTransaction(async () => {}, { conection: "x" } as never)).rejects.toThrow(/connection, isolation/);
    expect(() => inTransaction({} as never)).toThrow(ParamsError);
  });

  it("points to batch on a driver that cannot begin", async () => {
    setDefaultContext(
      new Context(new ConnectionRegistry({ default: mock({ dialect: sqliteDialect, without: ["begin"] }) })),
    );
    await expect(inTransaction(async () => {})).rejects.toThrow(/batch/);
  });
});

describe("Transaction", () => {
  it("calls undo functions on rollback only, last first, those of kept savepoints too", async () => {
    const db = await start();
    const undone: string[] = [];
    await inTransaction(async (tx) => {
      tx.onRollback(() => undone.push("kept"));
    });
    expect(undone).toEqual([]);
    await inTransaction(async (tx) => {
      tx.onRollback(() => undone.push("outer"));
      const inner = await tx.begin();
      inner.onRollback(() => undone.push("inner"));
      await inner.commit();
      const failed = await tx.begin();
      failed.onRollback(() => undone.push("failed"));
      await failed.rollback();
      expect(undone).toEqual(["failed"]);
      await tx.rollback();
    });
    expect(undone).toEqual(["failed", "inner", "outer"]);
    expect(await ids(db)).toEqual([]);
  });

  it("rolls back when its scope ends unfinished, and keeps what was committed", async () => {
    const db = await start();
    {
      await using tx = await db.begin();
      await tx.run("INSERT INTO t (id) VALUES (1)", []);
    }
    {
      await using tx = await db.begin();
      await tx.run("INSERT INTO t (id) VALUES (2)", []);
      await tx.commit();
    }
    expect(await ids(db)).toEqual([2]);
  });

  it("moves models to itself with use", async () => {
    const db = await start();
    const tx = await db.begin();
    expect(tx.use({ usingDb: (target: unknown) => target })).toBe(tx);
    await tx.rollback();
  });

  it("runs a batch inside as one unit", async () => {
    const db = await start();
    const tx = await db.begin();
    await tx.executeMany("INSERT INTO t (id) VALUES (?)", [[1], [2]]);
    await expect(tx.executeMany("INSERT INTO t (id) VALUES (?)", [[3], [1]])).rejects.toBeInstanceOf(IntegrityError);
    await tx.commit();
    expect(await ids(db)).toEqual([1, 2]);
  });

  it("goes on after a statement that failed", async () => {
    const db = await start();
    await inTransaction(async () => {
      await add(1);
      await expect(add(1)).rejects.toBeInstanceOf(IntegrityError);
      await add(2);
    });
    expect(await ids(db)).toEqual([1, 2]);
  });

  it("stops when SQLite itself has rolled back", async () => {
    const db = await start();
    await expect(
      inTransaction(async (tx) => {
        await add(1);
        await expect((async () => tx.run("INSERT OR ROLLBACK INTO t (id) VALUES (1)", []))()).rejects.toBeInstanceOf(
          IntegrityError,
        );
        await add(2);
      }),
    ).rejects.toMatchObject({ code: "lost" });
    expect(await ids(db)).toEqual([]);
  });

  it("speaks to a driver over a network in the right order", async () => {
    const driver = mock({ dialect: sqliteDialect, async: true });
    const db = new Connection("default", driver);
    await inTransaction(
      async (tx) => {
        await Promise.all([
          tx.run("A", []),
          tx.run("B", []),
          inTransaction(
            async (inner) => {
              await inner.run("C", []);
            },
            { connection: tx },
          ),
          tx.run("D", []),
        ]);
      },
      { connection: db },
    );
    expect(driver.statements.map(({ sql }) => sql)).toEqual([
      "BEGIN",
      "A",
      "B",
      "SAVEPOINT s1",
      "C",
      "RELEASE s1",
      "D",
      "COMMIT",
    ]);
  });
});

describe("atomic", () => {
  it("wraps a function, with its arguments, this and name", async () => {
    const db = await start();
    const bank = {
      base: 10,
      put: atomic(async function put(this: { base: number }, id: number) {
        await add(this.base + id);
        if (id === 2) throw new Error("no");
        return id;
      }),
    };
    expect(await bank.put(1)).toBe(1);
    await expect(bank.put(2)).rejects.toThrow("no");
    expect(bank.put.name).toBe("put");
    expect(await ids(db)).toEqual([11]);
  });

  it("decorates a method, with and without options, and may be used before init", async () => {
    // The test runner leaves decorators as they are, and no engine runs them yet; esbuild writes what a user's build would.
    const { code } = await transform(
      `export default (atomic, add) => {
      class Bank {
        base = 0;
        @atomic() async put(id: number) {
          await add(this.base + id);
          if (id > 5) throw new Error("no");
        }
        @atomic async bare(id: number) { await add(this.base + id); }
        @atomic({ connection: "default" }) async named(id: number) { await add(this.base + id); }
      }
      return new Bank();
    }`,
      { loader: "ts", target: "es2022" },
    );
    const { default: makeBank } = (await import(
      /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
    )) as { default: (...given: unknown[]) => Record<"put" | "bare" | "named", (id: number) => Promise<void>> };
    const bank = makeBank(atomic, add);
    const db = await start();
    await bank.put(1);
    await expect(bank.put(6)).rejects.toThrow("no");
    await bank.bare(2);
    await bank.named(3);
    expect(await ids(db)).toEqual([1, 2, 3]);
  });
});
