import { IntegrityError, OperationalError, TerrapinError, TransactionManagementError } from "../../base/errors.js";
import { atomic, inTransaction } from "../../connection/atomic.js";
import type { Transaction } from "../../connection/transaction.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { F } from "./select.js";
import type { Table } from "./models.js";

/** Runs a transaction again whose locks crossed those of another one: the database ends one of the two. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OperationalError && error.code === "deadlock")) throw error;
    }
  }
}

/** A model on a transaction. */
const on = (tx: Transaction, model: Table): Table => tx.use(model);

const names = async (t: Kit): Promise<unknown> => t.Person.orderBy("name").valuesList("name", { flat: true });

/** A promise that others wait for. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const needs = ["transactions"] as const;
const implicit = ["transactions", "asyncContext"] as const;

/** Atomic work: by handle, by context, nested, failing, at the same time. */
export const transactions: readonly ConformanceCase[] = [
  {
    name: "what was done in a transaction is kept",
    needs,
    run: async (t) => {
      const answer = await inTransaction(async (tx) => {
        await on(tx, t.Person).create({ name: "a" });
        await t.Person.create({ name: "b" }, { usingDb: tx });
        const one = await t.Person.usingDb(tx).get({ name: "a" });
        one.age = 5;
        await one.save({ usingDb: tx });
        equal(await t.Person.all().usingDb(tx).count(), 2);
        return "answer";
      });
      equal(answer, "answer");
      equal(await t.Person.orderBy("name").valuesList("name", "age"), [
        ["a", 5],
        ["b", null],
      ]);
    },
  },
  {
    name: "a function that throws undoes everything, and its error comes through",
    needs,
    run: async (t) => {
      const kept = await t.Person.create({ name: "kept", age: 1 });
      const mine = new Error("mine");
      const made = new t.Person({ name: "gone" });
      const error = await fails(
        () =>
          inTransaction(async (tx) => {
            await made.save({ usingDb: tx });
            ok(made.pk !== undefined, "no key inside the transaction");
            kept.age = 2;
            await kept.save({ usingDb: tx });
            await t.Person.bulkCreate([new t.Person({ name: "bulk" })], { usingDb: tx });
            await t.Person.filter({ name: "kept" }).update({ note: "x" }, { usingDb: tx });
            throw mine;
          }),
        Error,
      );
      ok(error === mine, "another error came out");
      equal(await t.Person.all().valuesList("name", "age", "note"), [["kept", 1, ""]]);
      equal(made.pk ?? null, null);
      await made.save();
      await kept.save();
      equal(await t.Person.orderBy("name").valuesList("name", "age"), [
        ["gone", null],
        ["kept", 2],
      ]);
    },
  },
  {
    name: "savepoints nest three deep, and an inner one leaves the outer ones alone",
    needs,
    run: async (t) => {
      await inTransaction(async (one) => {
        await on(one, t.Person).create({ name: "1" });
        await fails(
          () =>
            inTransaction(
              async (two) => {
                await on(two, t.Person).create({ name: "2" });
                await inTransaction(
                  async (three) => {
                    await on(three, t.Person).create({ name: "3" });
                  },
                  { connection: two },
                );
                equal(await t.Person.usingDb(two).count(), 3);
                throw new Error("two");
              },
              { connection: one },
            ),
          Error,
          { message: /two/ },
        );
        equal(await t.Person.usingDb(one).count(), 1);
        await inTransaction(
          async (two) => {
            await on(two, t.Person).create({ name: "4" });
            await fails(
              () =>
                inTransaction(
                  async (three) => {
                    await on(three, t.Person).create({ name: "5" });
                    throw new Error("three");
                  },
                  { connection: two },
                ),
              Error,
              { message: /three/ },
            );
          },
          { connection: one },
        );
      });
      equal(await names(t), ["1", "4"]);
    },
  },
  {
    name: "a savepoint that was kept goes with the transaction around it",
    needs,
    run: async (t) => {
      const made = new t.Person({ name: "inner" });
      await fails(
        () =>
          inTransaction(async (outer) => {
            await inTransaction(
              async (inner) => {
                await made.save({ usingDb: inner });
              },
              { connection: outer },
            );
            throw new Error("outer");
          }),
        Error,
        { message: /outer/ },
      );
      equal(await t.Person.count(), 0);
      equal(made.pk ?? null, null);
    },
  },
  {
    name: "many calls at once inside one transaction all take part",
    needs,
    run: async (t) => {
      await inTransaction(async (tx) => {
        await Promise.all(Array.from({ length: 30 }, (_, i) => on(tx, t.Person).create({ name: `n${i}`, age: i })));
        const counts = await Promise.all(
          Array.from({ length: 10 }, (_, i) => on(tx, t.Person).filter({ age__lt: i }).count()),
        );
        equal(counts, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        await Promise.all(
          [0, 1, 2].map((i) =>
            inTransaction(
              async (inner) => {
                await on(inner, t.Person).create({ name: `s${i}` });
                if (i === 1) throw new Error("one of three");
              },
              { connection: tx },
            ).catch(() => undefined),
          ),
        );
      });
      equal(await t.Person.filter({ name__startswith: "n" }).count(), 30);
      equal(await t.Person.filter({ name__startswith: "s" }).orderBy("name").valuesList("name", { flat: true }), [
        "s0",
        "s2",
      ]);
    },
  },
  {
    name: "a statement that fails leaves the transaction usable",
    needs,
    run: async (t) => {
      await t.Person.create({ name: "a" });
      await inTransaction(async (tx) => {
        await on(tx, t.Person).create({ name: "b" });
        await fails(() => on(tx, t.Person).create({ name: "a" }), IntegrityError);
        await on(tx, t.Person).create({ name: "c" });
      });
      equal(await names(t), ["a", "b", "c"]);
    },
  },
  {
    name: "begin, commit and rollback by hand",
    needs,
    run: async (t) => {
      const first = await t.db.begin();
      await on(first, t.Person).create({ name: "a" });
      await first.commit();
      await fails(() => first.commit(), TransactionManagementError);
      await fails(() => first.rollback(), TransactionManagementError);
      const second = await t.db.begin();
      await on(second, t.Person).create({ name: "b" });
      const inner = await second.begin();
      await on(inner, t.Person).create({ name: "c" });
      await inner.rollback();
      await fails(() => on(inner, t.Person).count(), TransactionManagementError);
      await second.commit();
      equal(await names(t), ["a", "b"]);
      const third = await t.db.begin();
      await on(third, t.Person).create({ name: "d" });
      await third.rollback();
      const left = await t.db.begin();
      await on(left, t.Person).create({ name: "e" });
      await left[Symbol.asyncDispose]();
      equal(await names(t), ["a", "b"]);
      equal([first.isOpen, second.isOpen, left.isOpen], [false, false, false]);
    },
  },
  {
    name: "a finished transaction refuses everything, also for a promise that outlives it",
    needs,
    run: async (t) => {
      const late = gate();
      let straggler: Promise<unknown> = Promise.resolve();
      let handle: Transaction | null = null;
      await inTransaction(async (tx) => {
        handle = tx;
        await on(tx, t.Person).create({ name: "a" });
        straggler = late.opened.then(() => on(tx, t.Person).create({ name: "late" }));
      });
      late.open();
      await fails(() => straggler, TransactionManagementError);
      await fails(() => t.Person.usingDb(handle!).count(), TransactionManagementError);
      await fails(() => t.Person.create({ name: "b" }, { usingDb: handle! }), TransactionManagementError);
      equal(await names(t), ["a"]);
    },
  },
  {
    name: "two transactions at once take turns or run side by side, and both are whole",
    needs,
    run: async (t) => {
      await t.Person.create({ name: "sum", age: 0 });
      const add = (amount: number): Promise<void> =>
        again(() =>
          inTransaction(async (tx) => {
            await on(tx, t.Person)
              .filter({ name: "sum" })
              .update({ age: F("age").plus(amount) });
            await new Promise((resolve) => setTimeout(resolve, 5));
            await on(tx, t.Person).create({ name: `added ${amount}` });
          }),
        );
      const undone = (): Promise<void> =>
        again(() =>
          inTransaction(async (tx) => {
            await on(tx, t.Person).filter({ name: "sum" }).update({ age: -1 });
            throw new Error("undone");
          }),
        );
      await Promise.all([add(1), add(10), add(100), fails(undone, Error, { message: /undone/ })]);
      equal(await t.Person.get({ name: "sum" }).values("age"), { age: 111 });
      equal(await t.Person.count(), 4);
    },
  },
  {
    name: "a stranger never sees what is rolled back",
    needs,
    run: async (t) => {
      const begun = gate();
      const strangers = begun.opened.then(async () =>
        Promise.all([
          t.Person.filter({ name: "gone" }).count().then(Number),
          t.Person.create({ name: "stranger" }).then(() => 0),
        ]),
      );
      await fails(
        () =>
          inTransaction(async (tx) => {
            await on(tx, t.Person).create({ name: "gone" });
            begun.open();
            await new Promise((resolve) => setTimeout(resolve, 5));
            throw new Error("back");
          }),
        Error,
        { message: /back/ },
      );
      equal(await strangers, [0, 0]);
      equal(await names(t), ["stranger"]);
    },
  },
  {
    name: "a batch happens whole or not at all",
    needs: ["batch"],
    run: async (t) => {
      const table = t.db.dialect.quote("conformance_tag");
      const insert = (code: string): { sql: string; params: string[] } => ({
        sql: `INSERT INTO ${table} (code) VALUES (?)`,
        params: [code],
      });
      const results = await t.db.batch([
        insert("a"),
        insert("b"),
        { sql: `UPDATE ${table} SET label = ?`, params: ["x"] },
        { sql: `SELECT code FROM ${table} ORDER BY code`, params: [] },
      ]);
      equal(
        [results.map(({ affected }) => affected).slice(0, 3), results[3]!.rows],
        [
          [1, 1, 2],
          [["a"], ["b"]],
        ],
      );
      await fails(async () => t.db.batch([insert("c"), insert("a")]), IntegrityError);
      equal(await t.Tag.orderBy("code").valuesList("code", { flat: true }), ["a", "b"]);
      equal(await t.db.batch([]), []);
    },
  },
  {
    name: "calls inside a transaction find it by themselves",
    needs: implicit,
    run: async (t) => {
      await fails(
        () =>
          inTransaction(async () => {
            await t.Person.create({ name: "a" });
            await inTransaction(async () => {
              await t.Person.create({ name: "b" });
            });
            await fails(
              () =>
                inTransaction(async () => {
                  await t.Person.create({ name: "c" });
                  throw new Error("inner");
                }),
              Error,
              { message: /inner/ },
            );
            equal(await names(t), ["a", "b"]);
            throw new Error("outer");
          }),
        Error,
        { message: /outer/ },
      );
      equal(await t.Person.count(), 0);
      await inTransaction(() => t.Person.create({ name: "lazy" }));
      equal(await names(t), ["lazy"]);
    },
  },
  {
    name: "atomic makes a function atomic",
    needs: implicit,
    run: async (t) => {
      const both = atomic(async (first: string, second: string): Promise<number> => {
        await t.Person.create({ name: first });
        await t.Person.create({ name: second });
        return 2;
      });
      equal(await both("a", "b"), 2);
      await fails(() => both("c", "a"), IntegrityError);
      equal(await names(t), ["a", "b"]);
    },
  },
  {
    name: "the connection itself, used inside its transaction, answers or refuses: it never hangs",
    needs: implicit,
    run: async (t) => {
      const outside = t.db.connection;
      await inTransaction(async () => {
        await t.Person.create({ name: "a" });
        for (const call of [
          () => t.Person.usingDb(outside).count(),
          () => t.Person.create({ name: "b" }, { usingDb: outside }),
          () => outside.begin(),
        ]) {
          const begun = Date.now();
          const outcome: unknown = await (async (): Promise<unknown> => call())().catch((error: unknown) => error);
          ok(Date.now() - begun < 2000, "it waited for its own transaction");
          if (typeof outcome === "object" && outcome !== null && "rollback" in outcome)
            await (outcome as unknown as Transaction).rollback();
          else
            ok(
              typeof outcome === "number" || outcome instanceof t.Person || outcome instanceof TerrapinError,
              "the outcome is neither a result nor a named error",
            );
        }
      });
      ok(await t.Person.exists({ name: "a" }), "the transaction itself was lost");
    },
  },
];
