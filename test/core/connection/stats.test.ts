import { afterEach, describe, expect, it } from "vitest";
import { batch, fields, getConnection, inTransaction, Model, stats, withStats } from "terrapin";
import { ConfigurationError, LimitError, ParamsError } from "../../../core/base/errors.js";
import { Connection } from "../../../core/connection/connection.js";
import { asyncStore, setAsyncStore } from "../../../core/connection/context.js";
import { watcher } from "../../../core/connection/observing.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";
import { tablesForEach } from "../../support/tables.js";

class Note extends Model.define({ id: fields.bigInt({ primaryKey: true }), text: fields.text() }) {}

tablesForEach({ Note });
afterEach(() => expect(watcher).toBeNull());

describe("withStats", () => {
  it("counts statements, round trips, rows, writes and errors, and gives the function's answer", async () => {
    const answer = await withStats(async (counters) => {
      await Note.bulkCreate([new Note({ text: "a" }), new Note({ text: "ö" })]);
      await Note.all();
      await getConnection("default")
        .executeQuery("SELECT nothing")
        .catch(() => {});
      expect(counters).toMatchObject({ rows: 2, errors: 1 });
      return counters;
    });
    expect({ ...answer }).toEqual({
      statements: 4,
      roundTrips: 3,
      rows: 2,
      affected: 2,
      errors: 1,
      durationMs: expect.any(Number) as number,
    });
    await Note.all();
    expect(answer.statements).toBe(4);
  });

  it("sends nothing more once its signal is aborted, and does not wait for what is under way", async () => {
    const stop = new AbortController();
    const reason = new RangeError("too late");
    let after: unknown = null;
    let end = (): void => undefined;
    const hanging = new Promise<void>((resolve) => (end = resolve));
    const work = withStats(
      async () => {
        await Note.create({ text: "kept" });
        stop.abort(reason);
        after = await Note.create({ text: "never" }).catch((error: unknown) => error);
        await hanging;
      },
      { signal: stop.signal },
    );
    await expect(work).rejects.toBe(reason);
    await new Promise((resolve) => setTimeout(resolve));
    expect(after).toBe(reason);
    end();
    await new Promise((resolve) => setTimeout(resolve));
    expect(await Note.all().valuesList("text", { flat: true })).toEqual(["kept"]);
    await expect(withStats(async () => Note.all(), { signal: stop.signal })).rejects.toBe(reason);
    await expect(batch([Note.all()], { signal: stop.signal }).run()).rejects.toBe(reason);
  });

  it("counts what begins and ends a transaction as round trips only", async () => {
    await withStats(async (counters) => {
      await inTransaction(async () => {
        await Note.create({ text: "a" });
      });
      expect(counters).toMatchObject({ statements: 1, roundTrips: 3 });
    });
  });

  it("runs a query set that the function gives back inside too", async () => {
    let counted = 0;
    await withStats((counters) => Note.all().then(() => (counted = counters.statements)));
    expect(counted).toBe(1);
  });

  it("keeps concurrent scopes apart, and counts an inner one in the outer one", async () => {
    const inner: number[] = [];
    await withStats(async (outer) => {
      await Promise.all(
        [1, 3, 2].map((times) =>
          withStats(async (counters) => {
            expect(stats()).toBe(counters);
            for (let i = 0; i < times; i++) {
              await Note.count();
              await new Promise((done) => setTimeout(done, 1));
            }
            inner.push(counters.statements);
          }),
        ),
      );
      expect(stats()).toBe(outer);
      expect(outer.statements).toBe(6);
    });
    expect(inner.sort((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(stats()).toBeNull();
  });

  it("stops when the function fails, whose error comes through", async () => {
    await expect(
      withStats(async () => {
        await Note.count();
        throw new Error("mine");
      }),
    ).rejects.toThrow("mine");
    expect(watcher).toBeNull();
  });

  it("keeps the running transaction", async () => {
    await inTransaction(async () => {
      await withStats(() => Note.create({ text: "gone" }));
      throw new Error("undo");
    }).catch(() => {});
    expect(await Note.count()).toBe(0);
  });

  it("needs a function", async () => {
    await expect(withStats(null as never)).rejects.toThrow(ParamsError);
  });
});

describe("withStats by handle", () => {
  const store = asyncStore();
  afterEach(() => setAsyncStore(store));

  it("counts what goes to a connection, where nothing carries scopes", async () => {
    const [db, other] = [1, 2].map((i) => new Connection(`c${i}`, mock({ dialect }))) as [Connection, Connection];
    setAsyncStore(null);
    await withStats(
      async (counters) => {
        await db.run("SELECT 1", []);
        await other.run("SELECT 1", []);
        const tx = await db.begin();
        await withStats(() => tx.run("SELECT 2", []), { connection: tx });
        await tx.commit();
        expect(counters).toMatchObject({ statements: 2, roundTrips: 4 });
        expect(stats()).toBeNull();
      },
      { connection: db },
    );
  });

  it("says so without a handle", async () => {
    setAsyncStore(null);
    const error = await withStats(() => 1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({
      code: "no_async_context",
      hint: expect.stringContaining("{ connection }") as string,
    });
  });
});

describe("withStats with maxStatements", () => {
  const refused = { code: "statement_budget" };

  it("does not send what would be too much, and lets transactions end", async () => {
    await withStats(
      async (counters) => {
        const work = inTransaction(async () => {
          await Note.create({ text: "a" });
          await Note.create({ text: "b" });
          await Note.create({ text: "c" });
        });
        await expect(work).rejects.toThrow(LimitError);
        await expect(work).rejects.toMatchObject(refused);
        expect(counters.statements).toBe(2);
      },
      { maxStatements: 2 },
    );
    expect(await Note.all().count()).toBe(0);
  });

  it("counts statements side by side, and those of a batch one by one", async () => {
    await withStats(
      async () => {
        const asked = await Promise.allSettled([1, 2, 3, 4].map((id) => Note.filter({ id }).count().run()));
        expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
      },
      { maxStatements: 3 },
    );
    await withStats(
      async () => {
        const insert = getConnection("default").executeMany("INSERT INTO note (text) VALUES (?)", [
          ["a"],
          ["b"],
          ["c"],
        ]);
        await expect(insert).rejects.toMatchObject(refused);
        const streamed = async (): Promise<void> => {
          for await (const note of Note.all()) void note;
        };
        await streamed();
        await streamed();
        await expect(streamed()).rejects.toMatchObject(refused);
      },
      { maxStatements: 2 },
    );
    expect(await Note.all().count()).toBe(0);
  });

  it("holds for what runs inside, and for nobody else", async () => {
    await withStats(
      async () => {
        await withStats(() => Note.all(), { maxStatements: 1 });
        await expect(withStats(async () => Note.all(), { maxStatements: 5 })).rejects.toMatchObject(refused);
      },
      { maxStatements: 1 },
    );
    await Note.all();
    await expect(withStats(() => 1, { maxStatements: -1 })).rejects.toThrow(ParamsError);
  });
});
