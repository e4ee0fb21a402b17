import { join } from "node:path";
import { fields, getConnection, inTransaction, Model, Terrapin, UnsupportedError } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { mock, openSandbox, sandbox } from "terrapin/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asyncStore, setAsyncStore } from "../../../core/connection/context.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { ownFolder } from "../../support/folder.js";

class User extends Model.define({ name: fields.char({ maxLength: 20, unique: true }) }) {}
class Log extends Model.define({ text: fields.text() }) {}

const names = (): PromiseLike<string[]> => User.orderBy("name").valuesList("name", { flat: true });

beforeEach(async () => {
  const folder = ownFolder();
  await Terrapin.init({
    connections: { default: sqlite({ filePath: join(folder, "a.db"), acquireTimeout: 300 }), log: sqlite(":memory:") },
    apps: { models: { models: { User } }, log: { models: { Log }, defaultConnection: "log" } },
  });
  await Terrapin.generateSchemas();
  await User.create({ name: "before" });
});
afterEach(() => Terrapin.closeConnections());

describe("sandbox(work)", () => {
  it("gives what the work gives, and leaves nothing of it on any connection", async () => {
    const seen = await sandbox(async (main, log) => {
      await User.create({ name: "a" });
      await Log.create({ text: "x" });
      expect([main.connectionName, log.connectionName]).toEqual(["default", "log"]);
      await main.use(User).create({ name: "b" });
      return [await names(), await Log.count()];
    });
    expect(seen).toEqual([["a", "b", "before"], 1]);
    expect([await names(), await Log.count()]).toEqual([["before"], 0]);
  });

  it("lets the work's own error through, and undoes it all the same", async () => {
    const mine = new RangeError("mine");
    const failing = sandbox(async () => {
      await User.create({ name: "a" });
      throw mine;
    });
    await expect(failing).rejects.toBe(mine);
    expect(await names()).toEqual(["before"]);
  });

  it("is undone after a failed statement too", async () => {
    await sandbox(async () => {
      await User.create({ name: "a" });
      await expect(User.create({ name: "a" })).rejects.toMatchObject({ kind: "unique" });
      await User.create({ name: "b" });
    });
    expect(await names()).toEqual(["before"]);
  });

  it("makes transactions inside savepoints, which commit and roll back in it", async () => {
    await sandbox(
      async () => {
        await inTransaction(() => User.create({ name: "kept" }), { connection: "default" });
        const undone = inTransaction(
          async () => {
            await User.create({ name: "undone" });
            throw new Error("no");
          },
          { connection: "default" },
        );
        await expect(undone).rejects.toThrow("no");
        expect(await names()).toEqual(["before", "kept"]);
      },
      { connections: ["default"] },
    );
    expect(await names()).toEqual(["before"]);
  });

  it("nests: the inner one is undone alone", async () => {
    await sandbox(async () => {
      await User.create({ name: "outer" });
      await sandbox(async () => {
        await User.all().delete();
        expect(await names()).toEqual([]);
      });
      expect(await names()).toEqual(["before", "outer"]);
    });
    expect(await names()).toEqual(["before"]);
  });

  it("keeps sandboxes apart that run at the same time", async () => {
    const one = (name: string): Promise<string[]> =>
      sandbox(
        async () => {
          await User.create({ name });
          await new Promise((resolve) => setTimeout(resolve, 5));
          return names();
        },
        { connections: ["default"] },
      );
    expect(await Promise.all([one("a"), one("b"), one("c")])).toEqual([
      ["a", "before"],
      ["b", "before"],
      ["before", "c"],
    ]);
    expect(await names()).toEqual(["before"]);
  });

  it("gives objects back the state that they had before", async () => {
    const user = await User.get({ name: "before" });
    const made = await sandbox(async () => {
      user.name = "changed";
      await user.save();
      return User.create({ name: "a" });
    });
    user.name = "again";
    await user.save();
    expect(await names()).toEqual(["again"]);
    await made.save();
    expect(await names()).toEqual(["a", "again"]);
  });

  it("says when its transaction was ended inside", async () => {
    const ended = sandbox(async (tx) => tx.commit(), { connections: ["default"] });
    await expect(ended).rejects.toMatchObject({ code: "sandbox_ended" });
  });

  it("refuses what cannot be one", async () => {
    await expect(sandbox(7 as never)).rejects.toThrow("sandbox takes a function, not a number");
    await expect(sandbox(() => 1, { connections: [] })).rejects.toThrow("a sandbox needs a connection");
    await expect(sandbox(() => 1, { connections: "default" as never })).rejects.toThrow(/list of connections' names/);
    await expect(sandbox(() => 1, { connections: ["nope"] })).rejects.toMatchObject({ code: "unknown_connection" });
  });

  it("names the way out where a driver keeps no transaction open", async () => {
    const driver = mock({ dialect: sqliteDialect, without: ["begin"] });
    const orm = await Terrapin.context({ connections: { default: driver }, models: { User } });
    const error: unknown = await orm.run(() => sandbox(() => User.count())).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ message: /the connection "default" \(SQLite\) has not/, hint: /truncateAllModels/ });
    await expect(orm.run(() => openSandbox())).rejects.toThrow(UnsupportedError);
    expect(driver.statements).toEqual([]);
  });

  describe("where nothing carries scopes", () => {
    const store = asyncStore();
    beforeEach(() => setAsyncStore(null));
    afterEach(() => setAsyncStore(store));

    it("works by handle, and refuses a function that takes none", async () => {
      await sandbox(async (tx) => {
        await tx.use(User).create({ name: "a" });
        expect(await tx.use(User).count()).toBe(2);
      });
      expect(await names()).toEqual(["before"]);
      await expect(sandbox(async () => User.create({ name: "a" }))).rejects.toMatchObject({ code: "no_async_context" });
    });

    it("opens for hooks without any handle", async () => {
      const box = await openSandbox();
      await User.create({ name: "a" });
      await inTransaction(async (tx) => tx.use(User).create({ name: "b" }), { connection: "default" });
      expect(await names()).toEqual(["a", "b", "before"]);
      await box.close();
      expect(await names()).toEqual(["before"]);
    });
  });
});

describe("openSandbox()", () => {
  it("stands between hooks: everything goes into it until it is closed", async () => {
    const box = await openSandbox();
    expect(box.transactions.map((tx) => tx.connectionName)).toEqual(["default", "log"]);
    await User.create({ name: "a" });
    await Log.create({ text: "x" });
    await inTransaction(() => User.create({ name: "b" }), { connection: "default" });
    await getConnection("default").executeInsert("INSERT INTO user (name) VALUES (?)", ["raw"]);
    expect(await names()).toEqual(["a", "b", "before", "raw"]);
    await box.close();
    expect([await names(), await Log.count()]).toEqual([["before"], 0]);
    await box.close();
    await User.create({ name: "after" });
    expect(await names()).toEqual(["after", "before"]);
  });

  it("nests, and is closed by `await using`", async () => {
    {
      await using _outer = await openSandbox();
      await User.create({ name: "outer" });
      {
        await using _inner = await openSandbox();
        await User.create({ name: "inner" });
      }
      await sandbox(() => User.create({ name: "inner" }));
      expect(await names()).toEqual(["before", "outer"]);
    }
    expect(await names()).toEqual(["before"]);
  });

  it("must be closed in order, and undoes everything even when it is not", async () => {
    const outer = await openSandbox();
    const inner = await openSandbox();
    await User.create({ name: "a" });
    await expect(outer.close()).rejects.toMatchObject({ code: "sandbox_order" });
    await inner.close().catch(() => undefined);
    await Terrapin.closeConnections();
    expect(await names()).toEqual(["before"]);
  });

  it("undoes what began when a later connection fails", async () => {
    const orm = await Terrapin.context({
      connections: { default: sqlite(":memory:"), broken: mock({ dialect: sqliteDialect }) },
      models: { User },
    });
    await orm.generateSchemas();
    (orm.connections.get("broken").driver as ReturnType<typeof mock>).answer("BEGIN", new Error("no"));
    await orm.run(async () => {
      await expect(openSandbox()).rejects.toThrow("no");
      await User.create({ name: "a" });
      expect(await names()).toEqual(["a"]);
    });
  });

  it("says when its transaction was ended inside", async () => {
    const box = await openSandbox({ connections: ["default"] });
    await box.transactions[0]!.rollback();
    await expect(box.close()).rejects.toMatchObject({ code: "sandbox_ended" });
    expect(await names()).toEqual(["before"]);
  });
});
