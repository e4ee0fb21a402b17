import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { libsql } from "../../adapters/libsql.js";
import { planetscale } from "../../adapters/planetscale.js";
import { batch, context, fields, inTransaction, Model, type TerrapinContext } from "../../core/index.js";
import type { Driver } from "../../core/connection/driver.js";
import { asyncContext } from "../../node/async-context.js";
import { mysqlDatabase } from "../support/databases.js";
import { startHranaServer } from "../support/hrana-server.js";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../support/faults.js";
import { startPsdbServer } from "../support/psdb-server.js";
import { runProbe, worker } from "../support/workerd.js";

class Entry extends Model.define(
  { id: fields.int({ primaryKey: true }), text: fields.char({ maxLength: 20 }) },
  { table: "faults_entry" },
) {}

const database = await mysqlDatabase();

// The servers give up soon what nobody asks for, as real ones do later.
const idleMs = 300;

interface Server {
  readonly url: string;
  expire(): void;
  close(): Promise<void>;
}

const services: readonly (readonly [
  name: string,
  start: () => Promise<Server>,
  open: (url: string, requestTimeout?: number) => Driver,
])[] = [
  ["libSQL", () => startHranaServer({ idleMs }), (url, timeout = 500) => libsql({ url, requestTimeout: timeout })],
  [
    "PlanetScale",
    () => startPsdbServer(database, { idleMs }),
    (url, timeout = 500) => planetscale({ url, requestTimeout: timeout }),
  ],
];

const classes: readonly (readonly [fault: Fault, name: string, code: string, arrives: boolean])[] = [
  ["slow", "TimeoutError", "request_timeout", true],
  ["cut", "DBConnectionError", "transient", true],
  ["lost", "DBConnectionError", "transient", true],
  ["page", "DBConnectionError", "transient", false],
  [429, "OperationalError", "overloaded", false],
  [500, "DBConnectionError", "transient", false],
];

describe.each(services)("%s, when the way to it fails", (_name, start, open) => {
  let server: Server;
  let proxy: FaultyProxy;
  let orm: TerrapinContext;
  let direct: TerrapinContext;

  beforeAll(async () => {
    server = await start();
    proxy = await startFaultyProxy(server.url);
    const config = { models: { Entry }, asyncContext: asyncContext() };
    orm = await context({ ...config, connections: { default: open(proxy.url) } });
    direct = await context({ ...config, connections: { default: open(server.url) } });
    await direct.generateSchemas();
  });
  afterAll(async () => {
    await orm.closeConnections();
    await direct.closeConnections();
    await proxy.close();
    await server.close();
  });
  beforeEach(() => direct.run(() => Entry.all().delete()));
  afterEach(() => server.expire());

  /** What is stored, once the server has given up what was left open. */
  async function stored(): Promise<string[]> {
    server.expire();
    return direct.run(() => Entry.all().orderBy("id").valuesList("text", { flat: true }));
  }
  const failing = async (work: () => unknown): Promise<{ name: string; code: string; sql?: string | null }> =>
    orm.run(async () => {
      try {
        await work();
      } catch (error) {
        return error as { name: string; code: string };
      }
      throw new Error("nothing failed");
    });

  test.each(classes)(
    "%s: a write fails by its class, and took place once or not at all",
    async (fault, name, code, arrives) => {
      proxy.next(fault, "faults_entry");
      const error = await failing(() => Entry.create({ text: "one" }));
      expect(error).toMatchObject({ name, code });
      expect(error.sql).toMatch(/^INSERT/);
      expect(await stored()).toEqual(arrives ? ["one"] : []);
      await orm.run(() => Entry.create({ text: "two" }));
      expect(await stored()).toEqual(arrives ? ["one", "two"] : ["two"]);
    },
  );

  test.each(classes)("%s inside a transaction leaves nothing of it, whatever follows", async (fault, name, code) => {
    const codes: string[] = [];
    const error = await failing(() =>
      inTransaction(async () => {
        await Entry.create({ text: "one" });
        proxy.next(fault, "two");
        try {
          await Entry.create({ text: "two" });
        } catch (thrown) {
          codes.push((thrown as { code: string }).code);
        }
        await Entry.create({ text: "three" });
      }),
    );
    expect(codes).toEqual([code]);
    expect(error).toMatchObject({ name: "TransactionManagementError", code: "lost" });
    expect(await stored()).toEqual([]);
    expect(name).not.toBe("");
  });

  test.each(["slow", "cut", "lost"] as const)(
    "%s at the commit is told as what it is, and never tried again",
    async (fault) => {
      let calls = 0;
      const error = await failing(() =>
        inTransaction(
          async () => {
            calls++;
            await Entry.create({ text: "one" });
            await Entry.create({ text: "two" });
            proxy.next(fault, "COMMIT");
          },
          { retry: { times: 3, delay: 1 } },
        ),
      );
      expect(error).toMatchObject({ name: "DBConnectionError", code: "commit_unknown" });
      expect(calls).toBe(1);
      expect(await stored()).toEqual(["one", "two"]);
    },
  );

  test.each(["lost", 429, 500, "page"] as const)(
    "%s: the whole transaction is tried again where that was asked for",
    async (fault) => {
      let calls = 0;
      await orm.run(() =>
        inTransaction(
          async () => {
            calls++;
            await Entry.create({ text: "one" });
            if (calls === 1) proxy.next(fault, "two");
            await Entry.create({ text: "two" });
          },
          { retry: { times: 3, delay: idleMs } },
        ),
      );
      expect(calls).toBe(2);
      expect(await stored()).toEqual(["one", "two"]);
    },
  );

  test.each(classes)(
    "%s: a batch that is to be tried again is, as long as nothing can happen twice",
    async (fault, name, code) => {
      const write = (): Promise<unknown> => {
        proxy.next(fault, "two");
        return batch([Entry.create({ text: "one" }), Entry.create({ text: "two" })], {
          retry: { times: 2, delay: idleMs },
        }).run();
      };
      // One request whose answer stays away may have been kept; in a transaction only a COMMIT may.
      const isKnown = !orm.connections.get("default").together || code === "overloaded";
      if (isKnown) await orm.run(write);
      else expect(await failing(write)).toMatchObject({ name, code });
      expect(await stored()).toEqual(
        isKnown || fault === "slow" || fault === "cut" || fault === "lost" ? ["one", "two"] : [],
      );
      proxy.next(fault, "name that reads");
      const read = batch([Entry.filter({ text: "name that reads" }).count(), Entry.all().count()], {
        retry: { times: 2, delay: 1 },
      });
      expect((await orm.run(() => read.run()))[0]).toBe(0);
    },
  );

  test("a write that is delivered twice is refused the second time where it has a key", async () => {
    proxy.next("twice", "INSERT");
    const error = await failing(() => Entry.create({ id: 7, text: "one" }));
    expect(error).toMatchObject({ name: "IntegrityError", kind: "primaryKey" });
    expect(await stored()).toEqual(["one"]);
  });

  test("a transaction that the server gave up says so, and nothing of it is kept", async () => {
    const error = await failing(() =>
      inTransaction(async () => {
        await Entry.create({ text: "one" });
        server.expire();
        await Entry.create({ text: "two" });
      }),
    );
    expect(error).toMatchObject({ name: "TransactionManagementError", code: "lost" });
    expect(await stored()).toEqual([]);
  });

  test("a commit of what the server gave up fails, and nothing is kept", async () => {
    const error = await failing(() =>
      inTransaction(async () => {
        await Entry.create({ text: "one" });
        server.expire();
      }),
    );
    expect(error).toMatchObject({ name: "TransactionManagementError", code: "lost" });
    expect(await stored()).toEqual([]);
  });

  test("a signal breaks off the request that runs, and nothing of the transaction is kept", async () => {
    const patient = await context({
      models: { Entry },
      asyncContext: asyncContext(),
      connections: { default: open(proxy.url, 30_000) },
    });
    const reason = new Error("nobody waits for it any more");
    const stop = new AbortController();
    const [before, followed] = [proxy.abandoned, [] as unknown[]];
    const work = patient.run(() =>
      inTransaction(
        async () => {
          await Entry.create({ text: "one" });
          proxy.next("slow", "two");
          setTimeout(() => stop.abort(reason), 20);
          await Entry.create({ text: "two" }).catch(() => undefined);
          await Entry.create({ text: "three" }).catch((error: unknown) =>
            followed.push((error as { code: string }).code),
          );
        },
        { signal: stop.signal, retry: 3 },
      ),
    );
    await expect(work).rejects.toBe(reason);
    expect(followed).toEqual(["lost"]);
    await vi.waitFor(() => expect(proxy.abandoned).toBe(before + 1));
    expect(await stored()).toEqual([]);
    await patient.run(() =>
      inTransaction(() => Entry.create({ text: "four" }), { signal: new AbortController().signal }),
    );
    expect(await stored()).toEqual(["four"]);
    await patient.closeConnections();
  });

  test("nobody there is an error that says that nothing was sent", async () => {
    const gone = await startFaultyProxy(server.url);
    await gone.close();
    const driver = open(gone.url);
    const error = driver.toError(
      await Promise.resolve(driver.run("SELECT 1", [])).catch((thrown: unknown) => thrown),
      "SELECT 1",
    );
    expect(error).toMatchObject({ name: "DBConnectionError", code: "unreachable", sql: "SELECT 1" });
  });
});

const servers = await Promise.all([startHranaServer(), startPsdbServer(database)]);
const proxies = await Promise.all(servers.map(({ url }) => startFaultyProxy(url)));

describe("from workerd, whose words for failures are its own", () => {
  const [LIBSQL_URL, PLANETSCALE_URL] = proxies.map(({ url }) => url) as [string, string];
  const miniflare = worker("test/adapters/workers/faults.ts", () => ({ bindings: { LIBSQL_URL, PLANETSCALE_URL } }));
  afterAll(async () => {
    for (const server of servers) await server.close();
  });

  test.each(classes)("%s is an error of the same class", async (fault, type, code) => {
    for (const proxy of proxies) proxy.next(fault, "SELECT 1");
    for (const name of ["libsql", "planetscale"])
      expect(await runProbe(miniflare(), name)).toMatchObject({ error: { type, code } });
  });

  test("nobody there is one too", async () => {
    for (const name of ["libsql", "planetscale"]) expect(await runProbe(miniflare(), name)).toEqual([[1]]);
    for (const proxy of proxies) await proxy.close();
    for (const name of ["libsql", "planetscale"])
      expect(await runProbe(miniflare(), name)).toMatchObject({ error: { type: "DBConnectionError" } });
  });
});
