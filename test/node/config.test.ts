import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../core/base/errors.js";
import type { InitConfig } from "../../core/connection/config.js";
import { settingsOf } from "../../node/config.js";
import { mock } from "../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../drivers/sqlite/dialect.js";

const driver = mock({ dialect });
const User = class {};
const memory = { engine: "sqlite", credentials: { file_path: ":memory:" } };

describe("settingsOf", () => {
  it("takes ready drivers with models", () => {
    const settings = settingsOf({ connections: { default: driver }, models: { User } });
    expect(settings).toMatchObject({
      apps: { models: { sources: [{ User }], connection: "default" } },
      createDb: false,
      useTz: false,
      timezone: null,
      tableName: null,
    });
    expect(settings.connections["default"]).toBe(driver);
  });

  it("takes the only connection for models, whatever its name", () => {
    expect(settingsOf({ connections: { main: driver }, models: { User } }).apps["models"]!.connection).toBe("main");
    expect(() => settingsOf({ connections: { a: driver, b: driver }, models: { User } })).toThrow(
      /"default".*known: a, b/,
    );
  });

  it("takes a URL with modules", () => {
    const settings = settingsOf({
      dbUrl: "sqlite://:memory:",
      modules: { models: ["./models.js", { User }], blog: { User } },
    });
    expect(settings.connections).toEqual({ default: memory });
    expect(settings.apps).toEqual({
      models: { sources: ["./models.js", { User }], connection: "default" },
      blog: { sources: [{ User }], connection: "default" },
    });
  });

  it.each([
    [
      "snake_case",
      {
        connections: {
          default: { engine: "tortoise.backends.sqlite", credentials: { file_path: "x" } },
          log: "sqlite://:memory:",
        },
        apps: { shop: { models: ["./shop.js"], default_connection: "log" } },
        use_tz: true,
        timezone: "UTC",
      },
    ],
    [
      "camelCase",
      {
        connections: {
          default: { engine: "tortoise.backends.sqlite", credentials: { file_path: "x" } },
          log: "sqlite://:memory:",
        },
        apps: { shop: { models: ["./shop.js"], defaultConnection: "log" } },
        useTz: true,
        routers: [],
      },
    ],
    [
      "UPPER_CASE",
      {
        CONNECTIONS: {
          default: { ENGINE: "tortoise.backends.sqlite", CREDENTIALS: { file_path: "x" } },
          log: "sqlite://:memory:",
        },
        APPS: { shop: { MODELS: ["./shop.js"], DEFAULT_CONNECTION: "log" } },
        USE_TZ: true,
        DRIVER: "x",
      },
    ],
  ])("takes the seeds' record in %s", (_spelling, config) => {
    const settings = settingsOf({ config });
    expect(settings.connections).toEqual({
      default: { engine: "tortoise.backends.sqlite", credentials: { file_path: "x" } },
      log: memory,
    });
    expect(settings.apps).toEqual({ shop: { sources: ["./shop.js"], connection: "log" } });
    expect(settings.useTz).toBe(true);
  });

  it("lets the record's settings win over the arguments", () => {
    expect(
      settingsOf({ config: { connections: { default: driver }, apps: {}, useTz: false }, useTz: true }).useTz,
    ).toBe(false);
  });

  it("takes what a file holds", () => {
    expect(
      settingsOf({ configFile: "x.json" }, { connections: { default: "sqlite://:memory:" }, apps: {} }).connections,
    ).toEqual({ default: memory });
    expect(() => settingsOf({ configFile: "x.json" }, "text")).toThrow(ConfigurationError);
  });

  const wrong: [string, unknown, RegExp][] = [
    ["nothing", {}, /exactly one of connections, dbUrl, config, configFile/],
    ["no record", null, /null/],
    ["two ways", { connections: {}, dbUrl: "sqlite://x" }, /2 ways/],
    ["three ways", { config: {}, dbUrl: "sqlite://x", configFile: "y", modules: {} }, /3 ways/],
    ["an option that there is not", { connections: {}, db_url: "x" }, /"db_url"/],
    ["dbUrl without modules", { dbUrl: "sqlite://x" }, /needs modules/],
    ["modules without dbUrl", { connections: {}, modules: {} }, /goes with dbUrl/],
    ["models without connections", { dbUrl: "sqlite://x", modules: {}, models: {} }, /go with connections/],
    ["models and apps", { connections: {}, models: {}, apps: {} }, /exclude/],
    ["no connections section", { config: { apps: {} } }, /has no "connections"/],
    ["no apps section", { config: { connections: {} } }, /has no "apps"/],
    ["an unknown section", { config: { connections: {}, apps: {}, app: {} } }, /has no "app"/],
    ["a section in two spellings", { config: { connections: {}, CONNECTIONS: {}, apps: {} } }, /twice/],
    [
      "an unknown connection",
      { config: { connections: { default: driver }, apps: { shop: { models: [], default_connection: "log" } } } },
      /"log", which there is not.*known: default/,
    ],
    ["an app without models", { config: { connections: { default: driver }, apps: { shop: {} } } }, /no models/],
    ["a connection without an engine", { connections: { default: { credentials: {} } } }, /names no engine/],
    ["a connection that is a number", { connections: { default: 7 } }, /a number/],
    ["a router that is none", { connections: {}, routers: [7] }, /Router must be either str or type/],
    ["routers that are no list", { connections: {}, routers: "x" }, /list/],
    ["models that are a list", { connections: { default: driver }, models: [User] }, /an array/],
  ];
  it.each(wrong)("refuses %s", (_what, config, message) => {
    expect(() => settingsOf(config as InitConfig)).toThrow(message);
    expect(() => settingsOf(config as InitConfig)).toThrow(ConfigurationError);
  });

  it("takes a time zone by its name, and refuses one that there is not", () => {
    expect(settingsOf({ connections: {}, timezone: "Europe/Berlin" })).toMatchObject({ timezone: "Europe/Berlin" });
    expect(() => settingsOf({ connections: {}, timezone: "Mars/Olympus" })).toThrow(/"Mars\/Olympus"/);
    expect(() => settingsOf({ connections: {}, timezone: "Mars/Olympus" })).toThrow(ConfigurationError);
  });
});
