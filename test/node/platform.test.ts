import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ConfigurationError, UnsupportedError } from "../../core/base/errors.js";
import { setAsyncStore, setDefaultContext } from "../../core/connection/context.js";
import { terrapinFor } from "../../core/orm.js";
import { asyncContext } from "../../node/async-context.js";
import { readConfigFile } from "../../node/config-file.js";
import { nodePlatform } from "../../node/platform.js";
import { resolveDriver, sqliteOptions } from "../../node/resolve-driver.js";
import { sharedFolder } from "../support/folder.js";

const Terrapin = terrapinFor(nodePlatform);
const noModels = fileOf("empty.mjs");
const folder = sharedFolder();

function fileOf(name: string): () => string {
  return () => join(folder, name);
}
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(() => {
  write("empty.mjs", "export const VERSION = 1;");
});
afterEach(async () => {
  await Terrapin.closeConnections().catch(() => {});
  setDefaultContext(null);
  setAsyncStore(null);
});

describe("init on Node", () => {
  it("opens a URL, and carries transactions by itself", async () => {
    await Terrapin.init({ dbUrl: `sqlite://${join(folder, "{}.db")}`, modules: {}, testing: true });
    const db = Terrapin.getConnection("default");
    await db.executeScript("CREATE TABLE t (id INTEGER)");
    await Terrapin.inTransaction(async () => {
      expect(Terrapin.getConnection("default").isTransaction).toBe(true);
      await Terrapin.getConnection("default").executeQuery("INSERT INTO t VALUES (1)");
    });
    expect(await db.executeQueryDict("SELECT id FROM t")).toEqual([{ id: 1 }]);
  });

  it("makes the database first when asked to", async () => {
    await Terrapin.init({ connections: { default: `sqlite://${join(folder, "deep", "er", "x.db")}` }, createDb: true });
    expect((await Terrapin.getConnection("default").executeQuery("SELECT 1"))[0]).toBe(1);
  });

  it.each([
    [
      "config.json",
      JSON.stringify({
        connections: { default: { engine: "tortoise.backends.sqlite", credentials: { file_path: ":memory:" } } },
        apps: {},
      }),
    ],
    ["config.yml", 'connections:\n  default: "sqlite://:memory:"\napps: {}\n'],
    [
      "config.yaml",
      "CONNECTIONS:\n  default:\n    ENGINE: tortoise.backends.sqlite\n    CREDENTIALS:\n      FILE_PATH: ':memory:'\nAPPS: {}\n",
    ],
    ["config.mjs", 'export default { connections: { default: "sqlite://:memory:" }, apps: {} };'],
    ["named.mjs", 'export const config = { connections: { default: "sqlite://:memory:" }, apps: {} };'],
  ])("reads %s", async (name, text) => {
    await Terrapin.init({ configFile: write(name, text) });
    expect((await Terrapin.getConnection("default").executeQuery("SELECT 1"))[0]).toBe(1);
  });

  it("refuses files it cannot read", async () => {
    await expect(readConfigFile("config.toml")).rejects.toThrow("Unknown config extension .toml");
    await expect(readConfigFile("config")).rejects.toThrow(ConfigurationError);
    await expect(readConfigFile(join(folder, "missing.json"))).rejects.toThrow(/cannot be read/);
    await expect(readConfigFile(write("bad.json", "{"))).rejects.toThrow(/cannot be parsed/);
    await expect(readConfigFile(write("bad.yml", "a: [\n"))).rejects.toThrow(/cannot be parsed/);
  });

  it("imports modules by path and says which one it cannot find", async () => {
    const connections = { default: "sqlite://:memory:" };
    const warned: string[] = [];
    await terrapinFor({ ...nodePlatform, warn: (text) => void warned.push(text) }).init({
      connections,
      apps: { models: { models: [noModels()] } },
    });
    expect(warned).toEqual([expect.stringContaining("has no models")]);
    await expect(Terrapin.init({ connections, apps: { models: { models: ["./no-such-models.js"] } } })).rejects.toThrow(
      /Module "\.\/no-such-models\.js" not found/,
    );
    await expect(
      Terrapin.init({ connections, apps: { models: { models: ["no-such-package"] } } }),
    ).rejects.toMatchObject({ code: "module_not_found" });
    await expect(
      Terrapin.init({ connections, apps: { models: { models: [write("broken.mjs", "throw new Error('mine')")] } } }),
    ).rejects.toThrow("mine");
  });

  it("refuses databases by name", async () => {
    const start = (engine: string) => Terrapin.init({ connections: { default: { engine, credentials: {} } } });
    await expect(start("tortoise.backends.asyncpg")).rejects.toThrow(/PostgreSQL/);
    await expect(start("tortoise.backends.mssql")).rejects.toBeInstanceOf(UnsupportedError);
    await expect(start("my.backend")).rejects.toBeInstanceOf(ConfigurationError);
  });

  it("resolves MySQL by its URL and by the engine's names, without connecting", async () => {
    const label = async (connection: string | { engine: string; credentials: Record<string, unknown> }) =>
      (await Terrapin.context({ connections: { default: connection }, models: {} })).connections.get("default").driver
        .label;
    expect(await label("mysql://u:p@h:3307/d")).toBe("mysql://h:3307/d");
    expect(await label({ engine: "tortoise.backends.mysql", credentials: { HOST: "h", DATABASE: "d" } })).toBe(
      "mysql://h:3306/d",
    );
  });
});

describe("sqliteOptions", () => {
  it.each([
    [
      "snake_case",
      { file_path: "x", journal_mode: "WAL", foreign_keys: "off", journal_size_limit: "10", cache_size: -1 },
    ],
    ["UPPER_CASE", { FILE_PATH: "x", JOURNAL_MODE: "WAL", FOREIGN_KEYS: 0, JOURNAL_SIZE_LIMIT: 10, CACHE_SIZE: -1 }],
    ["camelCase", { filePath: "x", journalMode: "WAL", foreignKeys: false, journalSizeLimit: 10, cacheSize: -1 }],
  ])("reads credentials in %s", (_spelling, credentials) => {
    expect(sqliteOptions(credentials)).toEqual({
      filePath: "x",
      journalMode: "WAL",
      foreignKeys: false,
      journalSizeLimit: 10,
      pragmas: { cache_size: -1 },
    });
  });

  it("passes over null and refuses what is missing or no number", () => {
    expect(sqliteOptions({ file_path: "x", journal_mode: null })).toEqual({ filePath: "x", pragmas: {} });
    expect(() => sqliteOptions({ host: "x" })).toThrow(/file_path/);
    expect(() => sqliteOptions({ file_path: "x", busy_timeout: "soon" })).toThrow(ConfigurationError);
  });

  it("gives a driver that is not open yet", async () => {
    expect(
      (
        await resolveDriver({
          engine: "tortoise.backends.sqlite",
          credentials: { file_path: join(folder, "later.db") },
        })
      ).label,
    ).toContain("later.db");
  });
});

describe("asyncContext", () => {
  it("follows a call through its promises", async () => {
    const store = asyncContext<number>();
    await store.run(7, async () => {
      await Promise.resolve();
      expect(store.getStore()).toBe(7);
    });
    expect(store.getStore()).toBeUndefined();
  });
});
