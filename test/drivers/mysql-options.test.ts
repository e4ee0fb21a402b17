import mysql2 from "mysql2";
import { ConfigurationError, UnsupportedError } from "terrapin";
import { mysql } from "terrapin/mysql";
import { describe, expect, it } from "vitest";
import { checkVersion } from "../../drivers/mysql/client.js";
import { mysqlOptions } from "../../drivers/mysql/credentials.js";
import { settingsOf } from "../../drivers/mysql/options.js";
import { statementsOf } from "../../drivers/mysql/script.js";
import { loose } from "../support/loose.js";

describe("mysql()", () => {
  it("fills in what is left out", () => {
    expect(settingsOf({})).toMatchObject({
      connection: {
        host: "localhost",
        port: 3306,
        charset: "UTF8MB4_BIN",
        connectTimeout: 10_000,
        rowsAsArray: true,
        supportBigNumbers: true,
        bigNumberStrings: false,
        dateStrings: true,
        jsonStrings: true,
        timezone: "Z",
      },
      label: "mysql://localhost:3306",
      minSize: 1,
      maxSize: 10,
      maxWaiting: 10_000,
      maxQueries: 50_000,
      commandTimeout: Infinity,
      prepared: true,
    });
    expect(settingsOf({ maxSize: 1, minSize: 0, acquireTimeout: Infinity })).toMatchObject({
      maxSize: 1,
      acquireTimeout: Infinity,
    });
    expect(settingsOf({ socketPath: "/run/db.sock", database: "shop" }).connection).not.toHaveProperty("host");
  });

  it.each([
    [{ hots: "x" }, /no option "hots"/],
    [{ connectionLimit: 5 }, /maxSize/],
    [{ multipleStatements: true }, /executeScript/],
    [{ flags: ["-FOUND_ROWS"] }, /matched rows/],
    [{ port: "3306" }, /whole number from 1 for port/],
    [{ port: 99_999 }, /from 1 to 65535 for port/],
    [{ maxSize: 0 }, /maxSize/],
    [{ minSize: 5, maxSize: 2 }, /minSize above its maxSize/],
    [{ connectTimeout: -1 }, /connectTimeout/],
    [{ user: 7 }, /text for user, not a number/],
    [{ ssl: "Amazon RDS" }, /ssl/],
    [{ prepared: "no" }, /prepared/],
    [{ storageEngine: "InnoDB; DROP" }, /storageEngine/],
    [{ sqlMode: "ANSI" }, /cuts values off/],
    [{ sqlMode: "TRADITIONAL,NO_BACKSLASH_ESCAPES" }, /NO_BACKSLASH_ESCAPES/],
    [{ sqlMode: "STRICT_TRANS_TABLES', x = '" }, /list of modes/],
  ])("refuses %j", (options, message) => {
    const make = () => mysql(loose(options) as never);
    expect(make).toThrow(message);
    expect(make).toThrow(ConfigurationError);
  });

  it("refuses character sets that cannot hold every text", () => {
    expect(() => mysql({ charset: "latin1" })).toThrow(UnsupportedError);
    expect(settingsOf({ charset: "utf8mb4_unicode_ci" }).connection["charset"]).toBe("UTF8MB4_UNICODE_CI");
  });

  it("refuses what is neither URL, options nor pool", () => {
    for (const given of [null, undefined, 7]) expect(() => mysql(given as never)).toThrow(/a URL, options or a pool/);
    expect(() => mysql("sqlite://app.db")).toThrow(/URL of sqlite/);
    expect(() => mysql("postgres://h/d")).toThrow(/PostgreSQL/);
    expect(() => mysql({ getConnection: () => {} } as never)).toThrow(/another one/);
  });

  it("never shows a password", () => {
    const { label } = mysql("mysql://app:secret@db:3307/shop");
    expect(label).toBe("mysql://db:3307/shop");
  });

  it("refuses a pool that counts changed rows", async () => {
    const pool = mysql2.createPool({ host: "h", flags: ["-FOUND_ROWS"] });
    expect(() => mysql(pool)).toThrow(/matched/);
    await pool.promise().end();
  });

  it("takes over how many connections a given pool has", async () => {
    const pool = mysql2.createPool({ host: "h", port: 3307, database: "d", connectionLimit: 3 });
    const driver = mysql(pool.promise());
    expect(driver.label).toBe("mysql://h:3307/d");
    await pool.promise().end();
  });
});

describe("credentials", () => {
  const options = {
    host: "db",
    port: 3307,
    user: "app",
    password: "secret",
    database: "shop",
    minSize: 2,
    maxSize: 20,
    maxQueries: 100,
    idleTimeout: 90_000,
    connectTimeout: 2500,
    commandTimeout: 60_000,
    ssl: true,
    storageEngine: "InnoDB",
  };

  it.each([
    [
      "snake_case",
      {
        host: "db",
        port: "3307",
        user: "app",
        password: "secret",
        database: "shop",
        minsize: 2,
        maxsize: "20",
        max_queries: 100,
        max_inactive_connection_lifetime: 90,
        connect_timeout: 2.5,
        command_timeout: "60",
        ssl: "yes",
        storage_engine: "InnoDB",
      },
    ],
    [
      "UPPER_CASE",
      {
        HOST: "db",
        PORT: 3307,
        USER: "app",
        PASSWORD: "secret",
        DATABASE: "shop",
        MIN_SIZE: 2,
        MAX_SIZE: 20,
        MAX_QUERIES: 100,
        MAX_INACTIVE_CONNECTION_LIFETIME: 90,
        CONNECT_TIMEOUT: 2.5,
        COMMAND_TIMEOUT: 60,
        SSL: true,
        STORAGE_ENGINE: "InnoDB",
      },
    ],
    [
      "camelCase",
      {
        host: "db",
        port: 3307,
        user: "app",
        password: "secret",
        database: "shop",
        minSize: 2,
        maxSize: 20,
        maxQueries: 100,
        maxInactiveConnectionLifetime: 90,
        connectTimeout: 2500,
        commandTimeout: 60_000,
        ssl: 1,
        storageEngine: "InnoDB",
      },
    ],
  ])("are read in %s: Tortoise's times are seconds, those of mysql() milliseconds", (_spelling, credentials) => {
    expect(mysqlOptions(credentials)).toEqual(options);
  });

  it("may stand in a URL, times as parts of seconds too", () => {
    const url =
      "mysql://app@db/shop?timeout=2.5&command_timeout=0.25&max_inactive_connection_lifetime=1.5&pool_recycle=9";
    expect(mysql(url)).toMatchObject({
      settings: { connection: { connectTimeout: 2500 }, commandTimeout: 250, idleTimeout: 1500, maxLifetime: 9000 },
    });
    expect(() => mysql("mysql://db/shop?timeout=soon")).toThrow(/"timeout".* is not a number/);
  });

  it("leave out what is null, and what says what is so already", () => {
    expect(mysqlOptions({ user: null, autocommit: true, use_unicode: "true", echo: false })).toEqual({});
  });

  it.each([
    [{ autocommit: false }, /"autocommit" can only be true/],
    [{ echo: true }, /logQueries/],
    [{ local_infile: "on" }, /client's files/],
    [{ schema: "s" }, /no "schema"/],
    [{ server_settings: {} }, /PostgreSQL/],
    [{ init_command: "SET x" }, /sqlMode/],
    [{ hots: "x" }, /no "hots"/],
    [{ maxsize: "many" }, /not a number/],
    [{ ssl: "maybe" }, /neither true nor false/],
    [{ timeout: 1, connect_timeout: 2 }, /connectTimeout twice/],
  ])("refuse %j by name", (credentials, message) => {
    expect(() => mysqlOptions(loose(credentials) as never)).toThrow(message);
  });
});

describe("the server's version", () => {
  it.each(["8.0.19", "8.4.2", "9.1.0", "10.6.0-MariaDB", "5.5.5-10.11.19-MariaDB-0+deb12u1", "11.4.2-MariaDB-log"])(
    "%s is supported",
    (version) => {
      expect(() => checkVersion(version)).not.toThrow();
    },
  );

  it.each(["5.7.44", "8.0.18", "10.5.28-MariaDB", "5.5.5-10.3.1-MariaDB"])("%s is refused by name", (version) => {
    expect(() => checkVersion(version)).toThrow(/is too old/);
  });
});

describe("a script", () => {
  it("is taken apart at its semicolons, not at those in texts, names and comments", () => {
    expect(
      statementsOf(`
        -- first; comment
        INSERT INTO t VALUES ('a;b', "c;\\"d", 'it''s; x\\'; y'); # tail; comment
        UPDATE \`a;b\` SET x = 1 /* in; side */; ;
        SELECT 1--1;
        /* nothing but a comment; */
      `),
    ).toEqual([
      `-- first; comment\n        INSERT INTO t VALUES ('a;b', "c;\\"d", 'it''s; x\\'; y')`,
      "# tail; comment\n        UPDATE `a;b` SET x = 1 /* in; side */",
      "SELECT 1--1",
    ]);
    expect(statementsOf("")).toEqual([]);
    expect(statementsOf("SELECT 1")).toEqual(["SELECT 1"]);
  });

  it("keeps comments that the server runs", () => {
    expect(statementsOf("/*!40101 SET NAMES utf8mb4 */; SELECT 2")).toEqual([
      "/*!40101 SET NAMES utf8mb4 */",
      "SELECT 2",
    ]);
  });

  it("refuses DELIMITER", () => {
    expect(() => statementsOf("DELIMITER //\nSELECT 1//")).toThrow(/DELIMITER/);
  });
});
