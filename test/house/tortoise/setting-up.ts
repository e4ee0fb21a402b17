import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError, OperationalError, Terrapin, UnsupportedError } from "terrapin";
import type { InitConfig, TerrapinContext } from "terrapin";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { sandbox, testContext, testDatabase, truncateAllModels } from "terrapin/testing";
import { expect } from "vitest";
import { mysqlOptions } from "../../../drivers/mysql/credentials.js";
import { parseDbUrl } from "../../../core/connection/db-url.js";
import { mysqlDatabase } from "../../support/databases.js";
import { ownFolder } from "../../support/folder.js";
import { getDefaultContext } from "../../../core/connection/context.js";
import { loose } from "../../support/loose.js";
import { models, Order, Tag, User } from "../../support/seed-models.js";
import type { Proofs } from "../support/tortoise.js";
import { connection, fails, outside, people, sends } from "./world.js";

const memory = (): Pick<InitConfig, "connections"> => ({ connections: { default: sqlite(":memory:") } });
const apps = { models: { models: [models], default_connection: "default" } };

/** What is written in a context with that configuration can be read. */
async function works(config: InitConfig): Promise<TerrapinContext> {
  const orm = await Terrapin.context(config);
  await orm.run(async () => {
    await orm.generateSchemas();
    await Tag.create({ name: "x" });
    expect(await Tag.all().count()).toBe(1);
    // The server keeps its rows for the next one.
    await Tag.all().delete();
  });
  await orm.closeConnections();
  return orm;
}

/** A file in a folder of its own. */
async function withFile(name: string, text: string, work: (path: string, folder: string) => unknown): Promise<void> {
  const folder = ownFolder();
  if (text !== "") writeFileSync(join(folder, name), text);
  await work(join(folder, name), folder);
}

const mysqlUrl = await mysqlDatabase();
const { credentials } = parseDbUrl(mysqlUrl);

const worksWith = (given: Record<string, unknown>, engine = "mysql"): Promise<unknown> =>
  works({ config: { connections: { default: { engine, credentials: given } }, apps } });

const capitals = (given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toUpperCase(), value]));

const refusesEngine = (engine: string, kind: typeof UnsupportedError | typeof ConfigurationError): Promise<void> =>
  fails(
    () => works({ config: { connections: { default: { engine, credentials: { host: "h", port: 1 } } }, apps } }),
    kind,
  );

export const settingUp: Proofs = {
  'Tortoise.init(db_url="sqlite://db.sqlite3", modules={"models": ["app.models"]})': [
    "C01 C04",
    async () => {
      await works({ dbUrl: "sqlite://:memory:", modules: { models: [models] } });
      const byPath = { dbUrl: "sqlite://:memory:", modules: { models: ["./test/support/seed-models.ts"] } };
      expect(Object.keys((await Terrapin.context(byPath)).apps["models"]!)).toContain("User");
    },
  ],
  "Tortoise.init(config={…})": [
    "C01 C02",
    async () => {
      await works({ config: { connections: { default: "sqlite://:memory:" }, apps } });
      await works({ config: { CONNECTIONS: { default: "sqlite://:memory:" }, APPS: apps, useTz: true } });
      await works({ ...memory(), models });
    },
  ],
  '"connections": {"default": {"engine": …, "credentials": {…}}}': [
    "C02 A16",
    async () => {
      const credentials = { file_path: ":memory:" };
      await works({ config: { connections: { default: { engine: "tortoise.backends.sqlite", credentials } }, apps } });
      await refusesEngine("tortoise.backends.nothing", ConfigurationError);
    },
  ],
  '"connections": {"default": "sqlite://…"}': [
    "C02",
    async () => {
      const other = { engine: "sqlite", credentials: { file_path: ":memory:" } };
      await works({ connections: { default: "sqlite://:memory:", other }, models });
    },
  ],
  '"apps": {"shop": {"models": […], "default_connection": "default"}}': [
    "C02 A19",
    async () => {
      const connections = { main: sqlite(":memory:") };
      const orm = await works({ connections, apps: { models: { models, defaultConnection: "main" } } });
      expect(Object.keys(orm.describeModels())).toContain("models.User");
      await fails(
        () => works({ ...memory(), apps: { models: { models, defaultConnection: "no" } } }),
        ConfigurationError,
      );
    },
  ],
  'init(config_file="db.yml")': [
    "C03",
    async () => {
      const yaml = 'connections:\n  default: "sqlite://:memory:"\napps: {}\n';
      await withFile("db.yml", yaml, async (configFile) => {
        expect((await Terrapin.context({ configFile })).connections.names).toEqual(["default"]);
      });
      await withFile("db.json", '{"connections":{"a":"sqlite://:memory:"},"apps":{}}', async (configFile) => {
        expect((await Terrapin.context({ configFile })).connections.names).toEqual(["a"]);
      });
      await withFile(
        "db.mjs",
        'export default { connections: { b: "sqlite://:memory:" }, apps: {} };',
        async (configFile) => {
          expect((await Terrapin.context({ configFile })).connections.names).toEqual(["b"]);
        },
      );
      await withFile("db.toml", "x", (configFile) => fails(() => Terrapin.context({ configFile }), ConfigurationError));
    },
  ],
  "init(_create_db=True)": [
    "C05",
    () =>
      withFile("made.db", "", async (path) => {
        const orm = await Terrapin.context({ connections: { default: sqlite(path) }, models, createDb: true });
        expect(existsSync(path)).toBe(true);
        await orm.closeConnections();
      }),
  ],
  "init(use_tz=False)": [
    "C01 A20",
    async () => {
      for (const useTz of [false, true]) {
        const orm = await Terrapin.context({ ...memory(), models, useTz });
        await orm.run(async () => {
          await orm.generateSchemas();
          const { alice } = await people();
          expect((await User.get({ id: alice.id })).dateJoined).toEqual(new Date("2024-12-05T10:00:00Z"));
        });
      }
    },
  ],
  'init(timezone="UTC")': [
    "C01 A20",
    async () => {
      const lateInTheYear = { username: "a", email: "a", dateJoined: new Date("2023-12-31T23:30:00Z") };
      for (const [timezone, year] of [
        ["UTC", 2023],
        ["Europe/Berlin", 2024],
      ] as const) {
        const orm = await Terrapin.context({ ...memory(), models, timezone });
        await orm.run(async () => {
          await orm.generateSchemas();
          await User.create(lateInTheYear);
          expect(await User.filter({ dateJoined__year: year }).count()).toBe(1);
          const [{ stored }] = loose(await connection().executeQueryDict("SELECT date_joined AS stored FROM users"));
          expect(stored).toBe("2023-12-31 23:30:00.000");
        });
      }
      await fails(() => Terrapin.context({ ...memory(), models, timezone: "Mars/Base" }), ConfigurationError);
    },
  ],
  'init(routers=["path.router1"])': [
    "C06 A20",
    async () => {
      const asked: string[] = [];
      class Router {
        dbForWrite(): string {
          asked.push("write");
          return "default";
        }
      }
      const orm = await works({
        ...memory(),
        models,
        routers: [{ dbForRead: () => void asked.push("read") as never }, Router],
      });
      // What was written in a scope is read from where it was written.
      expect(new Set(asked)).toEqual(new Set(["write"]));
      await orm.generateSchemas();
      await orm.run(() => Tag.all().count());
      expect(asked.at(-1)).toBe("read");
      await fails(() => works({ ...memory(), models, routers: [loose(7)] }), ConfigurationError);
    },
  ],
  "init() told nothing, or in two ways": [
    "C01",
    async () => {
      await fails(() => Terrapin.init({}), ConfigurationError, "init");
      await fails(() => Terrapin.init({ dbUrl: "sqlite://:memory:" }), ConfigurationError, "init");
      await fails(() => Terrapin.init({ dbUrl: "sqlite://a", modules: {}, config: {} }), ConfigurationError, "init");
    },
  ],
  '"models": ["__main__"]': [
    "C02",
    () =>
      fails(
        () => Terrapin.context({ dbUrl: "sqlite://:memory:", modules: { models: ["__main__"] } }),
        ConfigurationError,
        "module_not_found",
      ),
  ],
  "__models__ = [User] in a module": [
    "C08",
    async () => {
      const module = { User, Order, Tag, __models__: [User, Order] };
      const orm = await Terrapin.context({ dbUrl: "sqlite://:memory:", modules: { models: [module] } });
      expect(Object.keys(orm.apps["models"]!)).toEqual(["User", "Order"]);
    },
  ],
  "Tortoise.generate_schemas(safe=True)": [
    "C07",
    async () => {
      await Terrapin.generateSchemas();
      await Terrapin.generateSchemas({ safe: true });
      expect(Terrapin.schemaSql()).toContain('CREATE TABLE IF NOT EXISTS "users"');
    },
  ],
  "generate_schemas(safe=False)": [
    "C07",
    () => fails(() => Terrapin.generateSchemas({ safe: false }), OperationalError),
  ],
  "generate_schemas() before init()": [
    "C07",
    () => outside(() => fails(() => Terrapin.generateSchemas(), ConfigurationError, "not_initialised")),
  ],
  "Tortoise.close_connections()": [
    "C09 A118",
    async () => {
      await people();
      await Terrapin.closeConnections();
      await Terrapin.generateSchemas();
      expect(await User.all().count()).toBe(0);
    },
  ],
  "connections.close_all()": [
    "C09",
    async () => {
      await people();
      await Terrapin.connections.closeAll();
      await Terrapin.generateSchemas();
      expect(await User.all().count()).toBe(0);
    },
  ],
  "run_async(main())": [
    "C10",
    async () => {
      expect(await Terrapin.runAsync(async () => 7)).toBe(7);
      expect(await Terrapin.runAsync(Promise.resolve(8))).toBe(8);
      await outside(async () => {
        await Terrapin.init({ connections: { default: sqlite(":memory:") }, models: { Tag } });
        const main = async (): Promise<void> => {
          await Terrapin.generateSchemas();
          await Tag.create({ name: "x" });
          throw new Error("in main");
        };
        await expect(Terrapin.runAsync(main)).rejects.toThrow("in main");
        await Terrapin.generateSchemas();
        expect(await Tag.all().count()).toBe(0);
        await Terrapin.closeConnections();
      });
    },
  ],
  'Tortoise.get_connection("default")': [
    "C11",
    async () => {
      expect(connection().connectionName).toBe("default");
      const inside = await Terrapin.inTransaction(async () => connection().isTransaction);
      expect(inside).toBe(true);
      await fails(() => Terrapin.getConnection("other"), ConfigurationError, "unknown_connection");
    },
  ],
  'connections.get("default")': [
    "C11",
    async () => {
      expect(Terrapin.connections.get("default")).toBe(connection());
      await fails(() => Terrapin.connections.get("other"), ConfigurationError);
    },
  ],
  "Tortoise.describe_model(User)": [
    "C12",
    () => expect(Terrapin.describeModel(User)).toMatchObject({ name: "models.User", table: "users" }),
  ],
  "describe_model(User, serializable=False)": [
    "C12",
    () => {
      expect(() => JSON.stringify(Terrapin.describeModel(User))).not.toThrow();
      expect(Terrapin.describeModel(User, false).pk_field.name).toBe("id");
    },
  ],
  "Tortoise.describe_models()": [
    "C13",
    () => {
      expect(Object.keys(Terrapin.describeModels())).toEqual(Object.keys(models).map((name) => `models.${name}`));
      expect(Object.keys(Terrapin.describeModels([Tag]))).toEqual(["models.Tag"]);
    },
  ],
  'Tortoise.init_models(["app.models"], "models")': [
    "C14",
    async () => {
      const { fields, Model } = await import("terrapin");
      class Early extends Model.define({ name: fields.text() }) {}
      await Terrapin.initModels([{ Early }], "early");
      expect(Early.describe().name).toBe("early.Early");
    },
  ],
  "init_models(_init_relations=False)": [
    "C14",
    async () => {
      const { fields, Model } = await import("terrapin");
      class Owner extends Model.define({ name: fields.text() }) {}
      class Thing extends Model.define({ owner: fields.foreignKey<Owner>("Owner", { relatedName: "things" }) }) {}
      await Terrapin.initModels([{ Owner, Thing }], "early");
      expect(Owner.describe().backward_fk_fields.map(({ name }) => name)).toEqual(["things"]);
    },
  ],
  "Tortoise.apps": ["C15", () => expect(Terrapin.apps["models"]!["User"]).toBe(User)],

  "sqlite://db.sqlite3": [
    "A10",
    () =>
      withFile("db.sqlite3", "", async (path, folder) => {
        await works({ dbUrl: `sqlite://${path}`, modules: { models: [models] } });
        expect(existsSync(join(folder, "db.sqlite3"))).toBe(true);
      }),
  ],
  "sqlite://:memory:": ["A10", () => works({ dbUrl: "sqlite://:memory:", modules: { models: [models] } })],
  "tortoise.backends.sqlite": [
    "A16",
    async () => {
      for (const engine of ["sqlite", "tortoise.backends.sqlite"])
        await works({ config: { connections: { default: { engine, credentials: { file_path: ":memory:" } } }, apps } });
    },
  ],
  'credentials: {"file_path": ":memory:"}': [
    "A18",
    async () => {
      for (const key of ["file_path", "FILE_PATH", "filePath"]) {
        const credentials = { [key]: ":memory:", CACHE_SIZE: -64 };
        const orm = await Terrapin.context({
          config: { connections: { default: { engine: "sqlite", credentials } }, apps },
        });
        const [pragma] = await orm.connections.get("default").executeQueryDict("PRAGMA cache_size");
        expect(pragma).toEqual({ cache_size: -64 });
        await orm.closeConnections();
      }
      await works({ connections: { default: sqlite({ filePath: ":memory:" }) }, models });
    },
  ],
  "DATABASE.CONNECTIONS, DATABASE.APPS": [
    "A15 A16 A19",
    () =>
      works({
        config: {
          CONNECTIONS: { default: { ENGINE: "tortoise.backends.sqlite", CREDENTIALS: { FILE_PATH: ":memory:" } } },
          APPS: { models: { MODELS: [models], DEFAULT_CONNECTION: "default" } },
        },
      }),
  ],
  "mysql://user:pass@host:3306/db": ["A03 A10", () => works({ dbUrl: mysqlUrl, modules: { models: [models] } })],
  "tortoise.backends.mysql": [
    "A16",
    async () => {
      for (const engine of ["tortoise.backends.mysql", "mysql"]) await worksWith({ ...credentials }, engine);
    },
  ],
  'credentials: {"host", "port", "user", "password", "database"}': [
    "A17",
    async () => {
      await worksWith(capitals(credentials));
      expect(mysql({ host: "db", port: 3306, user: "app", password: "secret", database: "shop" }).label).toBe(
        "mysql://db:3306/shop",
      );
    },
  ],
  "minsize, maxsize, max_queries": [
    "A88 A89 A90",
    async () => {
      const words = { minsize: 2, maxsize: 10, max_queries: 50000 };
      await worksWith({ ...credentials, ...words });
      await worksWith(capitals({ ...credentials, ...words }));
      expect(mysqlOptions(words)).toEqual({ minSize: 2, maxSize: 10, maxQueries: 50000 });
    },
  ],
  "max_inactive_connection_lifetime, timeout, command_timeout": [
    "A91 A92 A93",
    async () => {
      const words = { max_inactive_connection_lifetime: 300, timeout: 60, command_timeout: 60 };
      await worksWith({ ...credentials, ...words });
      expect(mysqlOptions(words)).toEqual({ idleTimeout: 300_000, connectTimeout: 60_000, commandTimeout: 60_000 });
    },
  ],
  "app.migrate()": [
    "A117",
    async () => {
      await Terrapin.generateSchemas();
      expect(await User.all().count()).toBe(0);
    },
  ],
  "a fixture with :memory: and close_connections()": [
    "A09 A118 A119 A120",
    async () => {
      const [one, two] = [
        await Terrapin.context({ ...memory(), models }),
        await Terrapin.context({ ...memory(), models }),
      ];
      for (const orm of [one, two]) await orm.generateSchemas();
      await one.run(people);
      expect(await one.run(() => User.all().count())).toBe(2);
      expect(await two.run(() => User.all().count())).toBe(0);
      await one.closeConnections();
      await one.generateSchemas();
      expect(await one.run(() => User.all().count())).toBe(0);
    },
  ],
};

const url = (folder: string): InitConfig => ({ dbUrl: `sqlite://${folder}/test-{}.db`, modules: { models: [models] } });

export const tests: Proofs = {
  'initializer(["app.models"], db_url="sqlite://test-{}.sqlite")': [
    "A09",
    () =>
      withFile("x", "", async (_, folder) => {
        const made = await Promise.all([testDatabase(url(folder)), testDatabase(url(folder))]);
        expect(readdirSync(folder).filter((name) => /^test-[0-9a-f]{16}\.db$/.test(name)).length).toBe(2);
        expect(getDefaultContext()).not.toBe(null);
        for (const { orm, drop } of made.reverse()) {
          await orm.run(people);
          await drop();
        }
      }),
  ],
  "finalizer()": [
    "A09",
    () =>
      withFile("x", "", async (_, folder) => {
        const before = getDefaultContext();
        const db = await testDatabase(url(folder));
        await db.drop();
        expect([readdirSync(folder), getDefaultContext()]).toEqual([[], before]);
      }),
  ],
  "env_initializer(), getDBConfig()": [
    "A09",
    async () => {
      await using db = await testContext({ dbUrl: "sqlite://:memory:", modules: { models: [models] } });
      expect(db.orm.apps["models"]).toHaveProperty("User");
    },
  ],
  'async with tortoise_test_context(["app.models"])': [
    "A09",
    async () => {
      const config = { dbUrl: "sqlite://:memory:", modules: { models: [models] } };
      await using one = await testContext(config);
      await using two = await testContext(config);
      await one.orm.run(people);
      expect(await one.orm.run(() => User.count())).toBe(2);
      expect(await two.orm.run(() => User.count())).toBe(0);
    },
  ],
  "@init_memory_sqlite": [
    "A09",
    async () => {
      await using db = await testContext({ ...memory(), models });
      expect(await db.orm.run(() => User.count())).toBe(0);
    },
  ],
  TestCase: [
    "A119",
    async () => {
      await people();
      await sandbox(async () => {
        await User.all().delete();
        expect(await User.count()).toBe(0);
      });
      expect(await User.count()).toBe(2);
    },
  ],
  "TruncationTestCase, truncate_all_models()": [
    "A119",
    async () => {
      await people();
      await truncateAllModels();
      expect([await User.count(), await Order.count(), await Tag.count()]).toEqual([0, 0, 0]);
    },
  ],
  "IsolatedTestCase, tortoise_test_modules": [
    "A09",
    async () => {
      await using db = await testContext({ ...memory(), models: { Tag } });
      await db.orm.run(() => Tag.create({ name: "x" }));
      expect(Object.keys(db.orm.apps["models"]!)).toEqual(["Tag"]);
    },
  ],
  "@requireCapability(support_for_update=True)": [
    "A09",
    () =>
      expect([connection().capabilities.supportForUpdate, connection().capabilities.dialect]).toEqual([
        false,
        "sqlite",
      ]),
  ],
};

/** Rows that wait, with what they throw now. */
export const refused: Readonly<Record<string, () => unknown>> = {
  "postgres://…, mssql://…, oracle://…": async () => {
    for (const scheme of ["postgres", "mssql", "oracle"])
      await fails(
        () => works({ dbUrl: `${scheme}://u:p@h/d`, modules: { models: [models] } }),
        UnsupportedError,
        "unsupported",
      );
  },
  "tortoise.backends.asyncpg": () => refusesEngine("tortoise.backends.asyncpg", UnsupportedError),
};

export const theConnection: Proofs = {
  "BaseDBAsyncClient(connection_name)": ["C16", () => expect(connection().connectionName).toBe("default")],
  "BaseDBAsyncClient(fetch_inserted=True)": [
    "C16",
    async () => {
      const tags = await Tag.bulkCreate([new Tag({ name: "a" }), new Tag({ name: "b" })]);
      expect(tags.map(({ id }) => id)).toEqual([1, 2]);
    },
  ],
  "client.query_class": ["C16", () => expect(connection().dialect.name).toBe("SQLite")],
  "client.executor_class": ["C17", () => expect(connection().dialect.codec).toBeTypeOf("function")],
  "client.schema_generator": [
    "C18",
    () => {
      expect(connection().dialect).toBe(connection().driver.dialect);
      expect(Terrapin.schemaSql()).toContain("CREATE TABLE");
    },
  ],
  "client.capabilities": [
    "C19",
    () => {
      const { capabilities } = connection();
      expect(capabilities.supportsTransactions).toBe(true);
      expect(() => {
        loose(capabilities).daemon = true;
      }).toThrow(TypeError);
    },
  ],
  "client.acquire_connection()": [
    "C20",
    async () => {
      await using held = await connection().acquireConnection();
      expect(await held.executeQueryDict("SELECT 1 AS one")).toEqual([{ one: 1 }]);
      await Promise.resolve(held.release());
      await Terrapin.inTransaction(async () => {
        const inside = await connection().acquireConnection();
        await inside.executeQuery("INSERT INTO tags (name) VALUES ('x')");
        await inside.release();
        throw new Error("no");
      }).catch(() => undefined);
      expect(await Tag.all().count()).toBe(0);
    },
  ],
  "client.close()": [
    "C21",
    async () => {
      await connection().close();
      expect(await connection().executeQueryDict("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    },
  ],
  "client.create_connection(with_db=True)": [
    "C22",
    async () => {
      await connection().createConnection({ withDb: true });
      const orm = await Terrapin.context({ connections: { default: sqlite("/nowhere/at/all.db") }, models });
      await fails(() => orm.connections.get("default").createConnection(), OperationalError);
    },
  ],
  "client.db_create()": [
    "C23",
    () =>
      withFile("new.db", "", async (path) => {
        const orm = await Terrapin.context({ connections: { default: sqlite(path) }, models });
        await orm.connections.get("default").dbCreate();
        expect(existsSync(path)).toBe(true);
        await orm.closeConnections();
      }),
  ],
  "client.db_delete()": [
    "C24",
    () =>
      withFile("old.db", "", async (path) => {
        const orm = await Terrapin.context({ connections: { default: sqlite(path) }, models });
        await orm.generateSchemas();
        expect(existsSync(path)).toBe(true);
        await orm.connections.get("default").dbDelete();
        expect(existsSync(path)).toBe(false);
      }),
  ],
  "client.execute_insert(query, values)": [
    "C25 C30",
    async () => expect(await connection().executeInsert("INSERT INTO tags (name) VALUES (?)", ["red"])).toBe(1),
  ],
  "client.execute_many(query, values)": [
    "C26 C30",
    async () => {
      await connection().executeMany("INSERT INTO tags (name) VALUES (?)", [["red"], ["blue"]]);
      expect(await Tag.all().count()).toBe(2);
      await fails(
        () => connection().executeMany("INSERT INTO tags (name) VALUES (?)", [["green"], ["red"]]),
        OperationalError,
      );
      expect(await Tag.all().count()).toBe(2);
    },
  ],
  "client.execute_query(query, values=None)": [
    "C27 C30",
    async () => {
      await connection().executeMany("INSERT INTO tags (name) VALUES (?)", [["red"], ["blue"]]);
      expect(await connection().executeQuery("SELECT name FROM tags WHERE id < ?", [2])).toEqual([
        1,
        [{ name: "red" }],
      ]);
      expect(await connection().executeQuery("UPDATE tags SET name = name")).toEqual([2, []]);
    },
  ],
  "client.execute_query_dict(query, values=None)": [
    "C28",
    async () => expect(await connection().executeQueryDict("SELECT ? AS a", [7])).toEqual([{ a: 7 }]),
  ],
  "client.execute_script(query)": [
    "C29",
    async () => {
      expect(
        await sends(() => connection().executeScript("CREATE TABLE a (id INTEGER); INSERT INTO a VALUES (1)")),
      ).toBe(1);
      expect(await connection().executeQueryDict("SELECT id FROM a")).toEqual([{ id: 1 }]);
    },
  ],
};
