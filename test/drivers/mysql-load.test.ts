import { inTransaction } from "terrapin";
import { mysql, type MysqlDriver } from "terrapin/mysql";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Connection } from "../../core/connection/connection.js";
import type { Transaction } from "../../core/connection/transaction.js";
import { startMariadb } from "../../tools/mariadb.js";

const ACCOUNTS = 100;
const MONEY = 1000;

// A server that is killed must not be the one of the other tests, and what it says is kept must be.
const server = await startMariadb({ durable: true });
afterAll(() => server.stop());

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
let db: Connection;
const counts = () => (db.driver as MysqlDriver).pool;

beforeEach(async () => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
  db = new Connection(
    "default",
    mysql({
      host: "127.0.0.1",
      port: server.port,
      user: "root",
      database: "bank",
      maxSize: 10,
      acquireTimeout: 120_000,
    }),
  );
  await db.dbCreate();
  await db.executeScript(`
    DROP TABLE IF EXISTS transfer, account;
    CREATE TABLE account (id INT PRIMARY KEY, money BIGINT NOT NULL);
    CREATE TABLE transfer (id INT PRIMARY KEY, source INT NOT NULL, target INT NOT NULL, amount INT NOT NULL)`);
  await db.executeMany(
    "INSERT INTO account VALUES (?, ?)",
    Array.from({ length: ACCOUNTS }, (_, i) => [i, MONEY]),
  );
});

afterEach(async () => {
  process.off("unhandledRejection", note);
  await db.close();
});

/** The same sequence at every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const next = random(42);
const anyOf = (count: number): number => Math.floor(next() * count);

class Refused extends Error {}

interface Transfer {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly amount: number;
  /** after which of its statements it fails by itself; null: it does not */
  readonly failsAfter: number | null;
}

const transfers = (count: number): Transfer[] =>
  Array.from({ length: count }, (_, id) => {
    const source = anyOf(ACCOUNTS);
    return {
      id,
      source,
      target: (source + 1 + anyOf(ACCOUNTS - 1)) % ACCOUNTS,
      amount: 1 + anyOf(50),
      failsAfter: next() < 0.2 ? anyOf(4) : null,
    };
  });

async function move(tx: Transaction, { id, source, target, amount, failsAfter }: Transfer): Promise<void> {
  const steps: [string, (number | string)[]][] = [
    ["UPDATE account SET money = money - ? WHERE id = ?", [amount, source]],
    ["INSERT INTO transfer VALUES (?, ?, ?, ?)", [id, source, target, amount]],
    ["UPDATE account SET money = money + ? WHERE id = ?", [amount, target]],
  ];
  for (const [i, [sql, values]] of steps.entries()) {
    if (failsAfter === i) throw new Refused();
    await tx.executeQuery(sql, values);
  }
  if (failsAfter === 3) await tx.executeQuery("SELECT no_such_column FROM account");
}

/** What happened to each transfer, as the program was told. */
async function run(
  all: readonly Transfer[],
  retry: number,
): Promise<{ done: Set<number>; failed: Map<number, unknown>; unknown: Set<number> }> {
  const done = new Set<number>();
  const failed = new Map<number, unknown>();
  const unknown = new Set<number>();
  await Promise.all(
    all.map(async (transfer) => {
      try {
        await inTransaction((tx) => move(tx, transfer), { connection: db, retry: { times: retry, delay: 5 } });
        done.add(transfer.id);
      } catch (error) {
        if ((error as { code?: string }).code === "commit_unknown") unknown.add(transfer.id);
        else failed.set(transfer.id, error);
      }
    }),
  );
  return { done, failed, unknown };
}

async function kept(): Promise<Set<number>> {
  const { rows } = await db.run("SELECT id FROM transfer", []);
  return new Set(rows.map(([id]) => id as number));
}

/** Every account holds what its transfers say, and nothing came or went. */
async function expectBalance(): Promise<void> {
  const { rows } = await db.run(
    `SELECT COUNT(*), SUM(money), SUM(money <> ${MONEY}
       + COALESCE((SELECT SUM(amount) FROM transfer WHERE target = account.id), 0)
       - COALESCE((SELECT SUM(amount) FROM transfer WHERE source = account.id), 0)) FROM account`,
    [],
  );
  expect(rows.map((row) => row.map(Number))).toEqual([[ACCOUNTS, ACCOUNTS * MONEY, 0]]);
}

describe("2,000 transactions at once on 10 connections", () => {
  it("move money between 100 accounts: none is lost, whatever fails", { timeout: 180_000 }, async () => {
    const all = transfers(2000);
    const { done, failed, unknown } = await run(all, 50);
    expect(unknown.size).toBe(0);
    // What is meant to fail fails, and nothing else: deadlocks were repeated.
    expect(new Set(failed.keys())).toEqual(
      new Set(all.flatMap(({ id, failsAfter }) => (failsAfter === null ? [] : [id]))),
    );
    for (const [id, error] of failed)
      expect((error as Error).name).toBe(all[id]!.failsAfter === 3 ? "OperationalError" : "Error");
    expect(await kept()).toEqual(done);
    await expectBalance();
    expect(counts()).toMatchObject({ size: 10, idle: 10, busy: 0, waiting: 0, lost: 0, timeouts: 0 });
    expect(unhandled).toEqual([]);
  });

  it("meet deadlocks, and without retry each is a failed transfer", { timeout: 180_000 }, async () => {
    // Few accounts, so that they meet.
    const all = transfers(400).map((transfer) => ({
      ...transfer,
      failsAfter: null,
      source: transfer.source % 4,
      target: (transfer.source + 1 + (transfer.target % 3)) % 4,
    }));
    const { done, failed } = await run(all, 0);
    expect(done.size + failed.size).toBe(400);
    expect(failed.size).toBeGreaterThan(0);
    expect(new Set([...failed.values()].map((error) => (error as { code: string }).code))).toEqual(
      new Set(["deadlock"]),
    );
    expect(await kept()).toEqual(done);
    await expectBalance();
    expect(counts()).toMatchObject({ busy: 0, waiting: 0 });
    expect(unhandled).toEqual([]);
  });
});

describe("a server that is killed in the middle and started again", () => {
  it("has every transfer that was acknowledged and none that failed, and the pool recovers", {
    timeout: 180_000,
  }, async () => {
    const all = transfers(2000);
    const running = run(all, 0);
    while (counts().acquired < 600) await sleep(2);
    await server.kill();
    await server.start();
    const { done, failed, unknown } = await running;
    expect(done.size + failed.size + unknown.size).toBe(2000);
    expect(done.size).toBeGreaterThan(0);
    expect(
      [...failed.values()].filter((error) => (error as Error).name === "DBConnectionError").length,
    ).toBeGreaterThan(0);
    const there = await kept();
    expect([...done].filter((id) => !there.has(id))).toEqual([]);
    expect([...failed.keys()].filter((id) => there.has(id))).toEqual([]);
    // Only of those whose COMMIT was on its way nobody was told.
    expect(unknown.size).toBeLessThanOrEqual(10);
    await expectBalance();
    expect(counts()).toMatchObject({ busy: 0, waiting: 0 });

    const again = await run(
      all.filter(({ id, failsAfter }) => !there.has(id) && failsAfter === null),
      50,
    );
    expect(again.failed.size + again.unknown.size).toBe(0);
    await expectBalance();
    expect(counts()).toMatchObject({ busy: 0, waiting: 0, size: 10 });
    expect(unhandled).toEqual([]);
  });

  it("is waited for by transactions that may be repeated", { timeout: 180_000 }, async () => {
    const all = transfers(500).map((transfer) => ({ ...transfer, failsAfter: null }));
    const running = run(all, 100);
    while (counts().acquired < 150) await sleep(2);
    await server.kill();
    await server.start();
    const { done, failed, unknown } = await running;
    expect([...failed.values()].map(String)).toEqual([]);
    const there = await kept();
    expect([...done].filter((id) => !there.has(id))).toEqual([]);
    expect(done.size + unknown.size).toBe(500);
    await expectBalance();
    expect(unhandled).toEqual([]);
  });
});

describe("a server that keeps no more prepared statements", () => {
  it("is given their text, with the values in it", async () => {
    await db.executeQuery("SET GLOBAL max_prepared_stmt_count = 0");
    await db.close();
    const words = "a'\\b \0 \" ; -- ?";
    for (let i = 0; i < 2; i++)
      expect((await db.run("SELECT ?, 'it''s', ?", [words, 9007199254740993n])).rows).toEqual([
        [words, "it's", "9007199254740993"],
      ]);
    await db.executeQuery("SET GLOBAL max_prepared_stmt_count = 16382");
  });
});
