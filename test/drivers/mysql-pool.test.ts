import { createServer, connect as connectTo, type Socket } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  batch,
  fields,
  inTransaction,
  LimitError,
  Model,
  sqlFunction,
  Terrapin,
  TimeoutError,
  TransactionManagementError,
  Value,
} from "terrapin";
import { mysql, type MysqlDriver, type MysqlOptions } from "terrapin/mysql";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Connection } from "../../core/connection/connection.js";
import { setAsyncStore } from "../../core/connection/context.js";
import { asyncContext } from "../../node/async-context.js";
import { mysqlDatabase } from "../support/databases.js";

const url = await mysqlDatabase();
const { hostname: host, port, username: user, password, pathname } = new URL(url);
const where = { host, port: Number(port), user, password, database: pathname.slice(1) };

class Account extends Model.define(
  { id: fields.int({ primaryKey: true }), money: fields.int() },
  { table: "account" },
) {}
const Sleep = sqlFunction("sleep", () => fields.int());

const open: Connection[] = [];
function connect(options: MysqlOptions = {}): Connection {
  const connection = new Connection("default", mysql({ ...where, closeTimeout: 1000, ...options }));
  open.push(connection);
  return connection;
}
setAsyncStore(asyncContext());
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

const counts = (db: Connection) => (db.driver as MysqlDriver).pool;
const value = async (on: Pick<Connection, "run">, sql: string): Promise<unknown> => (await on.run(sql, [])).rows[0]![0];
const thread = async (on: Pick<Connection, "run">): Promise<string> =>
  String(await value(on, "SELECT CONNECTION_ID()"));
const eventually = (check: () => void): Promise<void> =>
  expect.poll(() => (check(), true), { timeout: 5000 }).toBe(true);
const caught = (work: PromiseLike<unknown>): Promise<Error & { code: string }> =>
  Promise.resolve(work).then(
    () => expect.unreachable("it should fail"),
    (error: Error & { code: string }) => error,
  );

beforeAll(async () => {
  const db = connect();
  await db.executeScript("CREATE TABLE account (id INT PRIMARY KEY, money INT NOT NULL)");
  await db.executeScript("INSERT INTO account VALUES (1, 100), (2, 100)");
});

/** A way to the server that can be cut as a network cuts it: nobody is told before they write. */
async function tunnel(): Promise<{ port: number; cut(): void; close(): void }> {
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = connectTo(where.port, where.host);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on("data", (data) => to.write(data));
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    cut: () => {
      for (const [client, upstream] of pairs) {
        upstream.removeAllListeners("close");
        upstream.destroy();
        client.removeAllListeners("data");
        client.on("data", () => client.resetAndDestroy());
      }
      pairs.clear();
    },
    close: () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
    },
  };
}

describe("connections", () => {
  it("are opened when they are needed, and only as many", async () => {
    const db = connect({ minSize: 0 });
    expect(counts(db)).toMatchObject({ size: 0, opened: 0 });
    for (let i = 0; i < 10; i++) await value(db, "SELECT 1");
    expect(counts(db)).toMatchObject({ size: 1, idle: 1, opened: 1, acquired: 10 });
    await Promise.all(Array.from({ length: 30 }, () => value(db, "SELECT SLEEP(0.01)")));
    expect(counts(db)).toMatchObject({ size: 10, idle: 10, busy: 0, waiting: 0, opened: 10, acquired: 40 });
  });

  it("are kept at the minimum from the first use on, and made at once on request", async () => {
    const db = connect({ minSize: 3, idleTimeout: 20 });
    await value(db, "SELECT 1");
    await eventually(() => expect(counts(db)).toMatchObject({ idle: 3 }));
    await sleep(100);
    expect(counts(db).idle).toBe(3);
    const other = connect({ minSize: 2 });
    await other.createConnection();
    expect(counts(other)).toMatchObject({ idle: 2, opened: 2 });
  });

  it("are replaced after so many statements, and when they are too old", async () => {
    const db = connect({ maxQueries: 4, minSize: 0 });
    const threads = new Set<unknown>();
    for (let i = 0; i < 12; i++) threads.add(await thread(db));
    expect(threads.size).toBeGreaterThan(2);
    const old = connect({ maxLifetime: 30 });
    const first = await thread(old);
    await sleep(50);
    await thread(old);
    expect(await thread(old)).not.toBe(first);
    expect(counts(old).size).toBeLessThanOrEqual(1);
  });

  it("are kept at the minimum when they are replaced or lost", async () => {
    const db = connect({ minSize: 3, maxQueries: 2, idleTimeout: 20 });
    await value(db, "SELECT 1");
    for (let i = 0; i < 20; i++) await value(db, "SELECT 1");
    await eventually(() => expect(counts(db)).toMatchObject({ idle: 3, size: 3 }));
    const killed = connect({ minSize: 2, idleTimeout: 20 });
    const doomed = await thread(killed);
    await eventually(() => expect(counts(killed)).toMatchObject({ idle: 2 }));
    await db.run(`KILL ${doomed}`, []);
    await eventually(() => expect(counts(killed)).toMatchObject({ lost: 1 }));
    await value(killed, "SELECT 1");
    await eventually(() => expect(counts(killed)).toMatchObject({ idle: 2, opened: 3 }));
  });

  it("are closed when nobody needs them, down to the minimum", async () => {
    const db = connect({ minSize: 1, idleTimeout: 30 });
    await Promise.all(Array.from({ length: 5 }, () => value(db, "SELECT SLEEP(0.02)")));
    expect(counts(db).size).toBe(5);
    await eventually(() => expect(counts(db)).toMatchObject({ size: 1, closed: 4 }));
  });

  it("keep no process alive while they have no work", async () => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const before = sockets();
    const db = connect({ minSize: 3 });
    await value(db, "SELECT 1");
    await eventually(() => expect(counts(db).idle).toBe(3));
    expect(sockets()).toBe(before);
  });
});

describe("a connection that is lost", () => {
  const other = () => connect({ maxSize: 1 });

  it("while it is idle is replaced silently", async () => {
    const db = connect({ minSize: 0 });
    await other().executeQuery(`KILL ${await thread(db)}`);
    await eventually(() => expect(counts(db)).toMatchObject({ size: 0, lost: 1 }));
    expect(await value(db, "SELECT 1")).toBe(1);
  });

  it("without anybody knowing is noticed by asking it, after it was idle", async () => {
    const way = await tunnel();
    const db = connect({ host: "127.0.0.1", port: way.port, validateAfter: 10, maxSize: 1 });
    const update = "UPDATE account SET money = money WHERE id = 1";
    await db.executeQuery(update);
    way.cut();
    await sleep(30);
    await db.executeQuery(update);
    expect(counts(db)).toMatchObject({ opened: 2, closed: 1, resent: 0 });
    way.close();
  });

  it("before a statement was sent has the statement sent by another one", async () => {
    const way = await tunnel();
    const db = connect({ host: "127.0.0.1", port: way.port, validateAfter: Infinity, maxSize: 1 });
    await value(db, "SELECT 1");
    way.cut();
    expect(await value(db, "SELECT 'never prepared before'")).toBe("never prepared before");
    expect(counts(db)).toMatchObject({ opened: 2, resent: 1 });
    way.close();
  });

  it("after a statement was sent is an error: it may have been carried out", async () => {
    const way = await tunnel();
    const db = connect({ host: "127.0.0.1", port: way.port, validateAfter: Infinity, maxSize: 1 });
    const add = "UPDATE account SET money = money + 1 WHERE id = 1";
    await db.executeQuery(add);
    way.cut();
    expect(await caught(db.executeQuery(add))).toMatchObject({ name: "DBConnectionError", code: "connection_lost" });
    expect(counts(db).resent).toBe(0);
    await db.executeQuery("UPDATE account SET money = 100 WHERE id = 1");
    way.close();
  });

  it("before a transaction begins is replaced", async () => {
    const way = await tunnel();
    const db = connect({ host: "127.0.0.1", port: way.port, validateAfter: Infinity, maxSize: 1 });
    await value(db, "SELECT 1");
    way.cut();
    expect(await inTransaction((tx) => value(tx, "SELECT 2"), { connection: db })).toBe(2);
    expect(counts(db)).toMatchObject({ opened: 2, resent: 1 });
    way.close();
  });

  it("in a transaction is an error, and nothing was done", async () => {
    const db = connect({ maxSize: 1 });
    const killer = other();
    const error = await caught(
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = 0 WHERE id = 1");
          await killer.executeQuery(`KILL ${await thread(tx)}`);
          const first = await caught(tx.executeQuery("UPDATE account SET money = 0 WHERE id = 2"));
          expect(first.code).toMatch(/connection_lost|lost/);
          const second = await caught(tx.executeQuery("UPDATE account SET money = 0 WHERE id = 2"));
          expect(second).toMatchObject({ name: "TransactionManagementError", code: "lost" });
          throw first;
        },
        { connection: db },
      ),
    );
    expect(error.code).toMatch(/connection_lost|lost/);
    expect((await db.run("SELECT money FROM account", [])).rows).toEqual([[100], [100]]);
    expect(counts(db)).toMatchObject({ busy: 0, idle: 1 });
  });

  it("is no reason not to repeat the transaction, when that is asked for", async () => {
    const db = connect({ maxSize: 2 });
    const killer = other();
    let calls = 0;
    await inTransaction(
      async (tx) => {
        calls++;
        await tx.executeQuery("UPDATE account SET money = money + 1 WHERE id = 1");
        if (calls === 1) await killer.executeQuery(`KILL ${await thread(tx)}`);
        await tx.executeQuery("UPDATE account SET money = money - 1 WHERE id = 2");
      },
      { connection: db, retry: { times: 1, delay: 0 } },
    );
    expect(calls).toBe(2);
    expect((await db.run("SELECT money FROM account ORDER BY id", [])).rows).toEqual([[101], [99]]);
    await db.executeQuery("UPDATE account SET money = 100");
  });
});

describe("waiting", () => {
  it("ends with an error that names the line which holds the connection", async () => {
    const db = connect({ maxSize: 1, acquireTimeout: 50 });
    await using tx = await db.begin();
    const error = await caught(db.executeQuery("SELECT 1"));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.code).toBe("acquire_timeout");
    expect(error.message).toMatch(
      /all 1 are in use, the longest for \d+ ms by what began at .*mysql-pool\.test\.ts:\d+/,
    );
    await tx.commit();
    expect(counts(db)).toMatchObject({ timeouts: 1, waiting: 0 });
  });

  it("or the statement, when that is all there is", async () => {
    const db = connect({ maxSize: 1, acquireTimeout: 50 });
    const slow = value(db, "SELECT SLEEP(0.3)");
    await sleep(20);
    expect((await caught(db.executeQuery("SELECT 1"))).message).toMatch(/by the statement SELECT SLEEP\(0\.3\)/);
    await slow;
  });

  it("is for so many only", async () => {
    const db = connect({ maxSize: 1, maxWaiting: 2 });
    await using tx = await db.begin();
    const waiting = [value(db, "SELECT 1"), value(db, "SELECT 2")];
    const error = await caught(value(db, "SELECT 3"));
    expect(error).toBeInstanceOf(LimitError);
    expect(error.code).toBe("too_many_waiting");
    await tx.commit();
    expect(await Promise.all(waiting)).toEqual([1, 2]);
  });

  it("for oneself is an error at once", async () => {
    const db = connect({ maxSize: 1 });
    await inTransaction(
      async () => {
        const error = await caught(Promise.resolve(db.run("SELECT 1", [])));
        expect(error).toBeInstanceOf(TransactionManagementError);
        expect(error.code).toBe("waits_for_itself");
      },
      { connection: db },
    );
  });

  it("is served in order", async () => {
    const db = connect({ maxSize: 1 });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await value(db, `SELECT ${i}`);
        order.push(i);
      }),
    );
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it("ends when its signal says so", async () => {
    const db = connect({ maxSize: 1 });
    await using tx = await db.begin();
    const controller = new AbortController();
    const failed = caught(inTransaction(async () => {}, { connection: db, signal: controller.signal }));
    await sleep(10);
    const mine = new Error("mine");
    controller.abort(mine);
    expect(await failed).toBe(mine);
    expect(counts(db).waiting).toBe(0);
    await tx.commit();
  });

  it("is bounded from the first connection on", async () => {
    const db = connect({ maxSize: 2, maxWaiting: 3 });
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => value(db, "SELECT SLEEP(0.05)")));
    const codes = asked.map((each) => (each.status === "rejected" ? (each.reason as { code: string }).code : "ok"));
    expect(codes).toEqual(["ok", "ok", "ok", "ok", "ok", ...Array.from({ length: 3 }, () => "too_many_waiting")]);
  });
});

describe("a server that takes no more connections", () => {
  it("is asked by those that there are, and for more after a while", async () => {
    const admin = connect({ maxSize: 1 });
    await admin.executeScript(`
      DROP USER IF EXISTS few_connections;
      CREATE USER few_connections IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 2;
      GRANT SELECT ON \`${where.database}\`.* TO few_connections`);
    const db = connect({ user: "few_connections", password: "few", maxSize: 10, minSize: 0 });
    const held = await db.acquireConnection();
    const asked = Promise.all(Array.from({ length: 20 }, () => value(db, "SELECT SLEEP(0.01)")));
    expect(await asked).toEqual(Array.from({ length: 20 }, () => 0));
    expect(counts(db)).toMatchObject({ size: 2, busy: 1, waiting: 0 });

    await admin.executeQuery("ALTER USER few_connections WITH MAX_USER_CONNECTIONS 5");
    await sleep(600);
    await Promise.all(Array.from({ length: 20 }, () => value(db, "SELECT SLEEP(0.02)")));
    expect(counts(db).size).toBe(5);
    await held.release();

    const other = connect({ user: "few_connections", password: "few", maxSize: 10, minSize: 0 });
    await expect(value(other, "SELECT 1")).rejects.toMatchObject({ code: "too_many_connections" });
    await admin.executeQuery("DROP USER few_connections");
  });
});

describe("ending what runs", () => {
  it("by a signal: the statement stops, the transaction is undone, nobody else is hit", async () => {
    const db = connect({ maxSize: 2 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("mine")), 100);
    const started = Date.now();
    const error = await caught(
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = 0");
          await tx.executeQuery("SELECT SLEEP(20)");
        },
        { connection: db, signal: controller.signal },
      ),
    );
    expect(error).toBe(controller.signal.reason);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect((await db.run("SELECT money FROM account", [])).rows).toEqual([[100], [100]]);
    expect(counts(db)).toMatchObject({ busy: 0, closed: 1 });
  });

  it("of a batch by a signal, too", async () => {
    const db = connect({ maxSize: 2 });
    const orm = await Terrapin.context({ connections: { default: db.driver }, models: { Account } });
    const controller = new AbortController();
    const ended = caught(
      orm.run(() =>
        batch([Account.filter({ id: 1 }).update({ money: 0 }), Account.annotate({ slow: Sleep(Value(20)) })], {
          signal: controller.signal,
        }),
      ),
    );
    setTimeout(() => controller.abort(new Error("mine")), 100);
    expect(await ended).toBe(controller.signal.reason);
    expect((await db.run("SELECT money FROM account", [])).rows).toEqual([[100], [100]]);
  });

  it("by time", async () => {
    const db = connect({ maxSize: 1, commandTimeout: 80 });
    const error = await caught(db.executeQuery("SELECT SLEEP(20)"));
    // MariaDB's SLEEP gives 1 when it is interrupted, other statements an error.
    expect(error).toMatchObject({ name: "TimeoutError", code: "command_timeout" });
    expect(await value(db, "SELECT 1")).toBe(1);
    expect(counts(db)).toMatchObject({ opened: 2, closed: 1 });
  });
});

describe("close", () => {
  it("waits for what was begun, and refuses what comes after", async () => {
    const db = connect({ maxSize: 1 });
    const running = value(db, "SELECT SLEEP(0.1)");
    const waiting = value(db, "SELECT 2");
    await sleep(20);
    const closed = db.driver.close();
    expect(await caught(Promise.resolve(db.driver.run("SELECT 3", [])))).toMatchObject({ code: "closing" });
    expect(await Promise.all([running, waiting])).toEqual([0, 2]);
    await closed;
    expect(counts(db)).toMatchObject({ size: 0, waiting: 0 });
    expect(await value(db, "SELECT 4")).toBe(4);
  });

  it("ends what takes too long", async () => {
    const db = connect({ maxSize: 1, closeTimeout: 50 });
    const running = caught(Promise.resolve(db.run("SELECT SLEEP(20)", [])));
    await sleep(50);
    await db.close();
    expect((await running).name).toBe("DBConnectionError");
    expect(counts(db)).toMatchObject({ size: 0 });
  });

  it("does not wait for the transaction that it is called in", async () => {
    const db = connect({ maxSize: 2, closeTimeout: 5000 });
    const error = await caught(
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = 0");
          await db.driver.close();
          await tx.executeQuery("SELECT 1");
        },
        { connection: db },
      ),
    );
    expect(error).toMatchObject({ code: "lost" });
    expect((await db.run("SELECT money FROM account", [])).rows).toEqual([[100], [100]]);
  });
});

describe("transactions", () => {
  /** Two transactions that each hold a row and want the other's. */
  async function meet(db: Connection, retry: number): Promise<PromiseSettledResult<void>[]> {
    let ready = 0;
    const work = (first: number, second: number): Promise<void> =>
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = money + 1 WHERE id = ?", [first]);
          ready++;
          while (ready < 2) await sleep(2);
          await tx.executeQuery("UPDATE account SET money = money - 1 WHERE id = ?", [second]);
        },
        { connection: db, retry },
      );
    return Promise.allSettled([work(1, 2), work(2, 1)]);
  }

  it("that wait for each other: one is undone, with an error that says so", async () => {
    const db = connect();
    const outcomes = await meet(db, 0);
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(failed).toHaveLength(1);
    expect(failed[0]!.reason).toMatchObject({ name: "OperationalError", code: "deadlock" });
    expect(await value(db, "SELECT SUM(money) FROM account")).toBe("200");
    await db.executeQuery("UPDATE account SET money = 100");
  });

  it("that wait for each other both succeed with retry", async () => {
    const db = connect();
    expect((await meet(db, 3)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect((await db.run("SELECT money FROM account", [])).rows).toEqual([[100], [100]]);
  });

  it("that were undone by the server run nothing more, also what was given to them already", async () => {
    const db = connect();
    let ready = 0;
    const both = async (first: number, second: number, mark: number): Promise<void> =>
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = money WHERE id = ?", [first]);
          ready++;
          while (ready < 2) await sleep(2);
          await Promise.all([
            tx.executeQuery("UPDATE account SET money = money WHERE id = ?", [second]),
            tx.executeQuery("INSERT INTO account VALUES (?, 0)", [mark]),
          ]);
        },
        { connection: db },
      );
    const outcomes = await Promise.allSettled([both(1, 2, 10), both(2, 1, 20)]);
    const kept = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [[i === 0 ? 10 : 20]] : []));
    expect(kept).toHaveLength(1);
    expect((await db.run("SELECT id FROM account WHERE id > 2", [])).rows).toEqual(kept);
    await db.executeQuery("DELETE FROM account WHERE id > 2");
  });

  it("inside a savepoint fall with the whole, and say it", async () => {
    const db = connect();
    let ready = 0;
    const work = (first: number, second: number): Promise<void> =>
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = money + 1 WHERE id = ?", [first]);
          ready++;
          while (ready < 2) await sleep(2);
          await inTransaction(
            (inner) => inner.executeQuery("UPDATE account SET money = money - 1 WHERE id = ?", [second]),
            { connection: tx },
          ).catch(() => {});
        },
        { connection: db },
      );
    const outcomes = await Promise.allSettled([work(1, 2), work(2, 1)]);
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(failed).toHaveLength(1);
    expect(failed[0]!.reason).toMatchObject({ code: "lost" });
    expect(await value(db, "SELECT SUM(money) FROM account")).toBe("200");
    await db.executeQuery("UPDATE account SET money = 100");
  });

  it("run what is given to them at once in that order, on one connection", async () => {
    const db = connect();
    await inTransaction(
      async (tx) => {
        const threads = await Promise.all(Array.from({ length: 10 }, () => thread(tx)));
        expect(new Set(threads).size).toBe(1);
        await Promise.all([
          tx.executeQuery("UPDATE account SET money = 1 WHERE id = 1"),
          tx.executeQuery("UPDATE account SET money = money * 7 WHERE id = 1"),
          tx.executeQuery("UPDATE account SET money = money + 93 WHERE id = 1"),
        ]);
        expect(await value(tx, "SELECT money FROM account WHERE id = 1")).toBe(100);
      },
      { connection: db },
    );
  });

  it.each([
    ["read uncommitted", 777, 777],
    ["read committed", 100, 777],
    ["repeatable read", 100, 100],
  ] as const)("see of others what %s says", async (isolation, during, after) => {
    const db = connect();
    await inTransaction(
      async (tx) => {
        const read = (): Promise<unknown> => value(tx, "SELECT money FROM account WHERE id = 1");
        expect(await read()).toBe(100);
        await inTransaction(
          async (stranger) => {
            await stranger.executeQuery("UPDATE account SET money = 777 WHERE id = 1");
            expect(await read()).toBe(during);
          },
          { connection: db.connection },
        );
        expect(await read()).toBe(after);
      },
      { connection: db, isolation },
    );
    await db.executeQuery("UPDATE account SET money = 100");
  });

  it("that are serializable make writers wait", async () => {
    const db = connect();
    const error = await inTransaction(
      async (tx) => {
        await value(tx, "SELECT money FROM account WHERE id = 1");
        return caught(
          inTransaction(
            async (stranger) => {
              await stranger.executeQuery("SET innodb_lock_wait_timeout = 1");
              await stranger.executeQuery("UPDATE account SET money = 0 WHERE id = 1");
            },
            { connection: db.connection },
          ),
        );
      },
      { connection: db, isolation: "serializable" },
    );
    expect(error).toMatchObject({ code: "lock_timeout" });
  });

  it("show their first error, whatever rolling back says", async () => {
    const db = connect();
    const killer = connect();
    const error = await caught(
      inTransaction(
        async (tx) => {
          await killer.executeQuery(`KILL ${await thread(tx)}`);
          throw new Error("mine");
        },
        { connection: db },
      ),
    );
    expect(error.message).toBe("mine");
    expect(counts(db).busy).toBe(0);
  });

  it("whose COMMIT nobody answers say that nobody knows", async () => {
    const way = await tunnel();
    const db = connect({ host: "127.0.0.1", port: way.port });
    const error = await caught(
      inTransaction(
        async (tx) => {
          await tx.executeQuery("UPDATE account SET money = money");
          way.cut();
        },
        { connection: db, retry: 3 },
      ),
    );
    expect(error).toMatchObject({ name: "DBConnectionError", code: "commit_unknown" });
    way.close();
  });
});
