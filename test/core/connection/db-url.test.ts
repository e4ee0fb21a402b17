import { describe, expect, it } from "vitest";
import { ConfigurationError, UnsupportedError } from "../../../core/base/errors.js";
import { databaseOf, parseDbUrl, toBoolean } from "../../../core/connection/db-url.js";

const wal = { journal_mode: "WAL", journal_size_limit: 16_384 };

describe("parseDbUrl", () => {
  it.each([
    ["sqlite://db.sqlite3", { ...wal, file_path: "db.sqlite3" }],
    ["sqlite:///abs/x.db", { ...wal, file_path: "/abs/x.db" }],
    ["sqlite://./a/ü b.db", { ...wal, file_path: "./a/ü b.db" }],
    ["sqlite://:memory:", { file_path: ":memory:" }],
    [
      "sqlite://x.db?journal_mode=DELETE&journal_size_limit=10&cache_size=-4000",
      { journal_mode: "DELETE", journal_size_limit: 10, cache_size: "-4000", file_path: "x.db" },
    ],
    ["sqlite://x.db?foreign_keys=off&foreign_keys=on", { ...wal, foreign_keys: true, file_path: "x.db" }],
  ])("%s", (url, credentials) => {
    expect(parseDbUrl(url)).toEqual({ engine: "sqlite", credentials });
  });

  it.each([
    [
      "mysql://u:p%40ss+word@host:3307/shop?maxsize=5&echo=False&charset=utf8mb4",
      {
        user: "u",
        password: "p@ss word",
        host: "host",
        port: 3307,
        database: "shop",
        maxsize: 5,
        echo: false,
        charset: "utf8mb4",
      },
    ],
    ["mysql://host", { user: null, password: "", host: "host", port: 3306, database: null }],
    ["mysql://u:@[::1]/d", { user: "u", password: "", host: "::1", port: 3306, database: "d" }],
    ["postgres://u@h/d", { user: "u", password: null, host: "h", port: 5432, database: "d" }],
  ])("%s", (url, credentials) => {
    expect(parseDbUrl(url).credentials).toEqual(credentials);
  });

  it.each([
    ["app.db", /begins with its scheme/],
    ["", /begins with its scheme/],
    ["mongo://x/y", /Unknown DB scheme: mongo/],
    ["sqlite://", /No path specified for DB_URL/],
    ["mysql://h:abc/d", /Port is not an integer/],
    ["sqlite://x.db?journal_size_limit=big", /not an integer/],
    ["sqlite://x.db?foreign_keys=maybe", /neither true nor false/],
    ["mysql://u:%zz@h/d", /hexadecimal/],
  ])("refuses %s", (url, message) => {
    expect(() => parseDbUrl(url)).toThrow(message);
    expect(() => parseDbUrl(url)).toThrow(ConfigurationError);
  });

  it("never shows the password in an error", () => {
    let text = "";
    try {
      parseDbUrl("mysql://u:secret@h:abc/d");
    } catch (error) {
      text = String(error);
    }
    expect(text).toContain("Port");
    expect(text).not.toContain("secret");
  });

  it("puts random digits for {} when testing, and keeps escaped braces", () => {
    const { credentials } = parseDbUrl("sqlite:///tmp/test-{}-\\{x\\}.db", { testing: true });
    expect(credentials["file_path"]).toMatch(/^\/tmp\/test-[0-9a-f]{16}-\{x\}\.db$/);
    expect(parseDbUrl("sqlite://a-{}.db").credentials["file_path"]).toBe("a-{}.db");
  });
});

describe("databaseOf", () => {
  it("knows the engines of the seeds", () => {
    expect(databaseOf("tortoise.backends.sqlite")).toBe("sqlite");
    expect(databaseOf("tortoise.backends.mysql")).toBe("mysql");
    expect(databaseOf("mysql")).toBe("mysql");
  });

  it.each([
    ["tortoise.backends.asyncpg", "PostgreSQL"],
    ["tortoise.backends.psycopg", "PostgreSQL"],
    ["mssql", "SQL Server"],
    ["tortoise.backends.oracle", "Oracle"],
  ])("refuses %s by name", (engine, name) => {
    expect(() => databaseOf(engine)).toThrow(UnsupportedError);
    expect(() => databaseOf(engine)).toThrow(name);
  });

  it("refuses an engine that there is not, prototype names too", () => {
    for (const engine of ["nope", "", "constructor", "__proto__"])
      expect(() => databaseOf(engine)).toThrow(ConfigurationError);
  });
});

describe("toBoolean", () => {
  it("reads false as false", () => {
    expect(["False", "0", "no", "OFF", false].map((value) => toBoolean("x", value))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(["true", "1", "Yes", "on", true].map((value) => toBoolean("x", value))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
  });
});
