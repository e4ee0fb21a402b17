import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../core/base/errors.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { settingsOf, type SqliteOptions } from "../../drivers/sqlite/options.js";
import { prepare, Statements } from "../../drivers/sqlite/statements.js";

describe("settingsOf", () => {
  it("gives files a write-ahead log and memory none", () => {
    expect(settingsOf({ filePath: "app.db" }).pragmas).toEqual([
      "foreign_keys = ON",
      "journal_mode = WAL",
      "synchronous = NORMAL",
    ]);
    expect(settingsOf({ filePath: ":memory:" })).toMatchObject({ memory: true, pragmas: ["foreign_keys = ON"] });
    expect(settingsOf({ filePath: "file:x?mode=memory" }).memory).toBe(true);
  });

  it.each([
    ["no path", {}],
    ["an empty path", { filePath: "" }],
    ["an unknown option", { filePath: "x", wal: true }],
    ["a flag that is text", { filePath: "x", foreignKeys: "yes" }],
    ["a negative timeout", { filePath: "x", busyTimeout: -1 }],
    ["a timeout that is text", { filePath: "x", acquireTimeout: "1" }],
    ["a PRAGMA name that is more", { filePath: "x", pragmas: { "a; DROP TABLE t": 1 } }],
    ["a PRAGMA value that is more", { filePath: "x", pragmas: { a: "1; DROP TABLE t" } }],
    ["a journal mode that is more", { filePath: "x", journalMode: "WAL; x" }],
    ["a PRAGMA value that is none", { filePath: "x", pragmas: { a: null } }],
    ["a PRAGMA value that is endless", { filePath: "x", pragmas: { a: Infinity } }],
  ])("refuses %s", (_what, options) => {
    expect(() => settingsOf(options as unknown as SqliteOptions)).toThrow(ConfigurationError);
  });

  it("is asked at the call, and what is no source is refused there", () => {
    for (const source of ["", undefined, null, 7]) expect(() => sqlite(source as never)).toThrow(ConfigurationError);
  });
});

describe("Statements", () => {
  const counted = () => {
    const prepared: string[] = [];
    const statement = { reader: true, readonly: true, raw: () => statement };
    const statements = new Statements(
      {
        prepare: (sql: string) => {
          prepared.push(sql);
          return statement;
        },
      } as never,
      4,
    );
    return { prepared, statements };
  };

  it("prepares a text once while it is in use, and never keeps more than it may", () => {
    const { prepared, statements } = counted();
    for (let i = 0; i < 100; i++) {
      statements.get("hot");
      statements.get(`cold ${i}`);
      expect(statements.size).toBeLessThanOrEqual(4);
    }
    expect(prepared.filter((sql) => sql === "hot").length).toBe(1);
    expect(prepared.length).toBe(101);
  });

  it("knows what a statement is", () => {
    const kind = (sql: string, reader: boolean, readonly: boolean): string => {
      const statement = { reader, readonly, raw: () => statement };
      return prepare({ prepare: () => statement } as never, sql).kind;
    };
    expect(kind("SELECT 1", true, true)).toBe("read");
    expect(kind("insert into t default values", false, false)).toBe("insert");
    expect(kind("/* x */ -- y\n REPLACE INTO t VALUES (1)", false, false)).toBe("insert");
    expect(kind("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", false, false)).toBe("insert");
    expect(kind("WITH a AS (SELECT 1) DELETE FROM t", false, false)).toBe("write");
    expect(kind("DELETE FROM t RETURNING id", true, false)).toBe("returning");
    expect(kind("create table t (a)", false, false)).toBe("schema");
    expect(kind("Begin", false, true)).toBe("control");
    expect(kind("beginning", false, false)).toBe("write");
  });
});
