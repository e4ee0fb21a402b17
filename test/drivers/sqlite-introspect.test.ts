import { describe, expect, it } from "vitest";
import { Connection } from "../../core/connection/connection.js";
import { sqlite } from "../../drivers/sqlite/index.js";

describe("introspect", () => {
  it("describes tables, columns, keys and indexes", async () => {
    const db = new Connection("default", sqlite(":memory:"));
    await db.executeScript(`
      CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(50) NOT NULL DEFAULT 'x', email TEXT UNIQUE, upper_name TEXT AS (upper(name)));
      CREATE TABLE "order items" (a INTEGER, b TEXT, user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, other INTEGER REFERENCES users, PRIMARY KEY (b, a)) WITHOUT ROWID;
      CREATE INDEX idx_name ON users (name) WHERE name <> '';
      CREATE UNIQUE INDEX idx_lower ON users (lower(name), email);
      CREATE VIEW v AS SELECT 1;
    `);
    const [items, users, ...rest] = await db.introspect();
    expect(rest).toEqual([]);
    expect(users).toMatchObject({
      name: "users",
      schema: null,
      primaryKey: ["id"],
      foreignKeys: [],
      comment: null,
      columns: [
        { name: "id", type: "INTEGER", null: false, default: null, primaryKey: true, generated: true },
        { name: "name", type: "VARCHAR(50)", null: false, default: "'x'", primaryKey: false, generated: false },
        { name: "email", type: "TEXT", null: true, default: null, primaryKey: false, generated: false },
        { name: "upper_name", type: "TEXT", generated: true },
      ],
      indexes: [
        { name: "idx_lower", columns: [null, "email"], unique: true, partial: false, constraint: false },
        { name: "idx_name", columns: ["name"], unique: false, partial: true, constraint: false },
        { columns: ["email"], unique: true, partial: false, constraint: true },
      ],
    });
    expect(items).toMatchObject({
      name: "order items",
      primaryKey: ["b", "a"],
      indexes: [],
      foreignKeys: [
        { name: null, columns: ["user"], table: "users", targets: ["id"], onDelete: "CASCADE", onUpdate: "NO ACTION" },
        { name: null, columns: ["other"], table: "users", targets: [], onDelete: "NO ACTION" },
      ],
    });
    expect(users!.sql).toContain("AUTOINCREMENT");
  });

  it("sees inside a transaction what it has made", async () => {
    const db = new Connection("default", sqlite(":memory:"));
    const tx = await db.begin();
    await tx.executeScript("CREATE TABLE fresh (id INTEGER)");
    expect((await tx.introspect()).map(({ name }) => name)).toEqual(["fresh"]);
    await tx.rollback();
    expect(await db.introspect()).toEqual([]);
  });
});
