import { describe, expect, it } from "vitest";
import {
  DBConnectionError,
  IntegrityError,
  LimitError,
  OperationalError,
  ParamsError,
} from "../../core/base/errors.js";
import { Connection } from "../../core/connection/connection.js";
import { sqliteCode, sqliteError } from "../../drivers/sqlite/errors.js";
import { sqlite } from "../../drivers/sqlite/index.js";

const SCHEMA = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, first TEXT, last TEXT, nick TEXT, age INTEGER CONSTRAINT adult CHECK (age >= 18), UNIQUE (first, last));
  CREATE UNIQUE INDEX lower_nick ON users (lower(nick));
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users (id));
  CREATE TRIGGER no_bob BEFORE INSERT ON users WHEN new.username = 'bob' BEGIN SELECT RAISE(ABORT, 'no bobs'); END;
  INSERT INTO users (id, username, first, last, nick, age) VALUES (1, 'ali', 'a', 'b', 'a', 20);
`;

async function failing(sql: string): Promise<unknown> {
  const db = new Connection("default", sqlite(":memory:"));
  await db.executeScript(SCHEMA);
  return db.executeQuery(sql).catch((error: unknown) => error);
}

describe("an IntegrityError", () => {
  it.each([
    ["INSERT INTO users (username) VALUES ('ali')", { kind: "unique", table: "users", fields: ["username"] }],
    [
      "INSERT INTO users (first, last) VALUES ('a', 'b')",
      { kind: "unique", table: "users", fields: ["first", "last"] },
    ],
    ["INSERT INTO users (nick) VALUES ('A')", { kind: "unique", constraint: "lower_nick", fields: [] }],
    ["INSERT INTO users (id) VALUES (1)", { kind: "primaryKey", table: "users", fields: ["id"] }],
    ["INSERT INTO users (age) VALUES (3)", { kind: "check", constraint: "adult" }],
    ["INSERT INTO orders (user) VALUES (NULL)", { kind: "notNull", table: "orders", fields: ["user"] }],
    ["INSERT INTO orders (user) VALUES (77)", { kind: "foreignKey", fields: [], table: null }],
    ["INSERT INTO users (username) VALUES ('bob')", { kind: "other", message: "no bobs" }],
  ])("%s", async (sql, expected) => {
    const error = await failing(sql);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ ...expected, code: "integrity", sql });
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it("keeps SQLite's words, which name the column", async () => {
    expect(String(await failing("INSERT INTO users (username) VALUES ('ali')"))).toContain("users.username");
  });
});

describe("other errors", () => {
  it("are OperationalErrors with SQLite's words and the SQL", async () => {
    expect(await failing("SELECT * FROM nope")).toMatchObject({
      message: "no such table: nope",
      sql: "SELECT * FROM nope",
      code: "operational",
    });
    expect(await failing("SELEC 1")).toBeInstanceOf(OperationalError);
  });

  it("say in words that a computed integer has more than 64 bits", async () => {
    expect(await failing("SELECT abs(-9223372036854775808)")).toMatchObject({
      name: "OperationalError",
      code: "out_of_range",
      message: expect.stringContaining("a computed value does not fit its column"),
      hint: expect.stringContaining("more digits"),
      sql: "SELECT abs(-9223372036854775808)",
      cause: expect.objectContaining({ message: "integer overflow" }),
    });
  });

  it("are LimitErrors when a limit is met", async () => {
    expect(await failing(`SELECT ${"?,".repeat(32_767)}1`)).toBeInstanceOf(LimitError);
    expect(await failing(`SELECT ${"1+".repeat(2000)}1`)).toBeInstanceOf(LimitError);
  });

  it("are ParamsErrors when a value cannot be bound", () => {
    const db = new Connection("default", sqlite(":memory:"));
    expect(() => db.run("SELECT ?", [true as never])).toThrow(ParamsError);
  });

  it.each([
    ["SQLITE_BUSY_SNAPSHOT", "busy"],
    ["SQLITE_LOCKED_SHAREDCACHE", "busy"],
    ["SQLITE_READONLY_DBMOVED", "readonly"],
    ["SQLITE_FULL", "full"],
    ["SQLITE_CORRUPT_VTAB", "corrupt"],
    ["SQLITE_INTERRUPT", "interrupted"],
    ["SQLITE_ERROR", "operational"],
    ["SQLITE_IOERR_READ", "operational"],
  ])("%s has the code %s", (code, expected) => {
    expect(sqliteError(code, "words", null, null)).toMatchObject({ code: expected, message: "words" });
  });

  it("are DBConnectionErrors when the file cannot be used", () => {
    for (const code of ["SQLITE_CANTOPEN_ISDIR", "SQLITE_NOTADB", "SQLITE_PERM"])
      expect(sqliteError(code, "words", null, null)).toBeInstanceOf(DBConnectionError);
  });
});

describe("a result code that comes as a number", () => {
  it.each([
    [2067, "SQLITE_CONSTRAINT_UNIQUE"],
    [1811, "SQLITE_CONSTRAINT"],
    [5, "SQLITE_BUSY"],
    [517, "SQLITE_BUSY"],
    [1, "SQLITE_ERROR"],
    [4096, "SQLITE_ERROR"],
  ])("%i is %s", (number, code) => {
    expect(sqliteCode(number)).toBe(code);
  });
});
