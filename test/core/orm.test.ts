import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigurationError, IntegrityError, OperationalError, ParamsError } from "../../core/base/errors.js";
import {
  asyncStore,
  resolveClient,
  setAsyncStore,
  setDefaultContext,
  type Scope,
} from "../../core/connection/context.js";
import * as fields from "../../core/model/kinds.js";
import { ModelBase } from "../../core/model/model.js";
import {
  closeConnections,
  connections,
  context,
  describeModel,
  describeModels,
  generateSchemas,
  getConnection,
  init,
  initModels,
  runAsync,
  schemaSql,
  Terrapin,
  type Platform,
} from "../../core/orm.js";
import { metaOf } from "../../core/schema/meta.js";
import { sqlite } from "../../drivers/sqlite/index.js";

const define = (columns: Record<string, unknown>, options: object = {}): (new () => object) =>
  (ModelBase.define as (columns: object, options: object) => new () => object).call(ModelBase, columns, options);

const models = () => {
  class Base extends define({ createdAt: fields.datetime({ autoNowAdd: true }) }, { abstract: true }) {}
  class User extends define({
    id: fields.int({ primaryKey: true }),
    name: fields.char({ maxLength: 20, unique: true }),
  }) {}
  class Log extends define(
    { id: fields.int({ primaryKey: true }), text: fields.text() },
    { table: "logs", app: "audit", defaultConnection: "log" },
  ) {}
  return { Base, User, Log };
};
const memory = () => sqlite(":memory:");
const platform: Platform = { asyncContext: () => new AsyncLocalStorage<Scope>() };

afterEach(async () => {
  await Terrapin.closeConnections().catch(() => {});
  setDefaultContext(null);
  setAsyncStore(null);
});

describe("init", () => {
  it("registers models by their keys and makes their tables", async () => {
    const { User } = models();
    await init({ connections: { default: memory() }, models: { Person: User } });
    await generateSchemas();
    await connections.get("default").executeInsert("INSERT INTO person (name) VALUES (?)", ["ali"]);
    expect(await resolveClient(metaOf(User), null).run("SELECT name FROM person", [])).toMatchObject({
      rows: [["ali"]],
    });
    expect(Terrapin.apps).toEqual({ models: { Person: User } });
  });

  it("sends models with a connection or an app of their own there", async () => {
    const { User, Log } = models();
    await init({ connections: { default: memory(), log: memory() }, models: { User, Log } });
    await generateSchemas();
    expect(Object.keys(Terrapin.apps)).toEqual(["models", "audit"]);
    expect(resolveClient(metaOf(Log), null).connectionName).toBe("log");
    expect(await getConnection("log").executeQueryDict("SELECT name FROM sqlite_schema WHERE name = 'logs'")).toEqual([
      { name: "logs" },
    ]);
    expect(
      await getConnection("default").executeQueryDict("SELECT name FROM sqlite_schema WHERE name = 'logs'"),
    ).toEqual([]);
  });

  it("replaces the default context and closes the old connections first", async () => {
    const { User } = models();
    const first = memory();
    await init({ connections: { default: first }, models: { User } });
    await generateSchemas();
    await init({ connections: { default: memory() }, models: { User } });
    expect(await getConnection("default").executeQueryDict("SELECT name FROM sqlite_schema")).toEqual([]);
  });

  it("leaves the old context alone when the new configuration is wrong", async () => {
    const { User } = models();
    await init({ connections: { default: memory() }, models: { User } });
    await expect(init({} as never)).rejects.toBeInstanceOf(ConfigurationError);
    await expect(
      init({ connections: { default: memory() }, apps: { a: { models: { User }, defaultConnection: "x" } } }),
    ).rejects.toThrow(/"x"/);
    expect(Terrapin.apps).toEqual({ models: { User } });
  });

  it("names tables with the given function", async () => {
    const { User } = models();
    await init({
      connections: { default: memory() },
      models: { User },
      tableName: (model) => `app_${model.toLowerCase()}`,
    });
    expect(metaOf(User).table.name).toBe("app_user");
  });

  it("takes the platform's async context, keeps it, and gives it up when told to", async () => {
    await init({ connections: { default: memory() } }, platform);
    const store = asyncStore();
    expect(store).not.toBeNull();
    await init({ connections: { default: memory() } }, platform);
    expect(asyncStore()).toBe(store);
    await init({ connections: { default: memory() }, asyncContext: null }, platform);
    expect(asyncStore()).toBeNull();
  });

  it("says which driver to pass where URLs, modules and files cannot be resolved", async () => {
    await expect(init({ dbUrl: "sqlite://:memory:", modules: { models: [] } })).rejects.toMatchObject({
      code: "needs_driver",
      hint: expect.stringContaining("terrapin/sqlite") as string,
    });
    await expect(
      init({ connections: { default: memory() }, apps: { models: { models: ["./models.js"] } } }),
    ).rejects.toThrow(/import \* as models/);
    await expect(init({ configFile: "x.json" })).rejects.toBeInstanceOf(ConfigurationError);
  });
});

describe("discovery", () => {
  it("passes over abstract models and everything that is no model, and warns when nothing is left", async () => {
    const { Base, User } = models();
    const warned: string[] = [];
    await init(
      { connections: { default: memory() }, models: { Base, User, helper: () => 1, VERSION: 2, default: User } },
      { warn: (text) => void warned.push(text) },
    );
    expect(Terrapin.apps).toEqual({ models: { User } });
    expect(warned).toEqual([]);
    await init(
      { connections: { default: memory() }, apps: { empty: { models: [{ helper: 1 }] } } },
      { warn: (text) => void warned.push(text) },
    );
    expect(warned).toEqual([expect.stringContaining('"empty"')]);
  });

  it("takes __models__ instead, as a list of exports or as a record", async () => {
    const { User, Log, Base } = models();
    const second = models();
    const connect = () => ({ default: memory(), log: memory() });
    await init({ connections: connect(), apps: { models: { models: [{ User, Log, __models__: [User, Base] }] } } });
    expect(Terrapin.apps).toEqual({ models: { User } });
    await init({
      connections: connect(),
      apps: { models: { models: [{ hidden: second.User, __models__: { Person: second.User } }] } },
    });
    expect(Terrapin.apps).toEqual({ models: { Person: second.User } });
    await init({ connections: connect(), apps: { models: { models: [{ User, __models__: 7 }] } } });
    expect(Terrapin.apps).toEqual({ models: { User } });
    await expect(
      init({ connections: connect(), apps: { models: { models: [{ __models__: [User] }] } } }),
    ).rejects.toThrow(/does not export/);
  });
});

describe("context", () => {
  it("stands beside the default one, shares the models and costs no new description", async () => {
    const { User } = models();
    await init({ connections: { default: memory() }, models: { User } }, platform);
    const meta = metaOf(User);
    const other = await context({ connections: { default: memory() }, models: { User } }, platform);
    expect(metaOf(User)).toBe(meta);
    await other.generateSchemas();
    await other.run(async () => {
      await connections.get("default").executeInsert("INSERT INTO user (name) VALUES ('ali')");
      expect(await resolveClient(meta, null).run("SELECT count(*) FROM user", [])).toMatchObject({ rows: [[1]] });
      expect(schemaSql()).toContain("CREATE TABLE");
    });
    await expect((async () => resolveClient(meta, null).run("SELECT count(*) FROM user", []))()).rejects.toThrow(
      "no such table",
    );
    await other.closeConnections();
  });
});

describe("generateSchemas", () => {
  it("is safe unless told otherwise, and makes all or nothing", async () => {
    const { User } = models();
    await init({ connections: { default: memory() }, models: { User } });
    await generateSchemas();
    await generateSchemas();
    await expect(generateSchemas({ safe: false })).rejects.toBeInstanceOf(OperationalError);
    await expect(generateSchemas({ connection: "nope" })).rejects.toBeInstanceOf(ConfigurationError);
  });

  it("shows its text for one connection at a time", async () => {
    const { User, Log } = models();
    await init({ connections: { default: memory(), log: memory() }, models: { User, Log } });
    expect(() => schemaSql()).toThrow(ParamsError);
    expect(schemaSql({ connection: "log", safe: false })).toMatch(/^CREATE TABLE "logs"[^]*;$/);
    expect(schemaSql({ connection: "log" })).toMatch(/^CREATE TABLE IF NOT EXISTS "logs"/);
  });

  it("needs init", async () => {
    await expect(generateSchemas()).rejects.toMatchObject({ code: "not_initialised" });
    await expect(closeConnections()).rejects.toBeInstanceOf(ConfigurationError);
    expect(() => connections.names).toThrow(ConfigurationError);
  });
});

describe("describing", () => {
  it("needs no connection after initModels", async () => {
    const { User } = models();
    await initModels([{ User }], "models");
    expect(describeModel(User)).toMatchObject({ name: "models.User", app: "models", table: "user" });
  });

  it("gives all models of the context, or those asked for", async () => {
    const { User, Log } = models();
    await init({ connections: { default: memory(), log: memory() }, models: { User, Log } });
    expect(Object.keys(describeModels())).toEqual(["models.User", "audit.Log"]);
    expect(Object.keys(describeModels([Log]))).toEqual(["audit.Log"]);
  });
});

describe("runAsync", () => {
  it("closes the connections at the end, also when the program fails", async () => {
    const { User } = models();
    const program = async (): Promise<number> => {
      await init({ connections: { default: memory() }, models: { User } });
      await generateSchemas({ safe: false });
      return 7;
    };
    expect(await runAsync(program)).toBe(7);
    expect(await runAsync(program())).toBe(7);
    await expect(
      runAsync(async () => {
        await program();
        await getConnection("default").executeMany("INSERT INTO user (name) VALUES (?)", [["a"], ["a"]]);
      }),
    ).rejects.toBeInstanceOf(IntegrityError);
    expect(await getConnection("default").executeQueryDict("SELECT name FROM sqlite_schema")).toEqual([]);
  });
});
