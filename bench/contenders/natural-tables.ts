import { wideNames, type Kind } from "../data.ts";

const types: Readonly<Record<Kind, string>> = {
  float: "REAL",
  small: "INTEGER",
  int: "INTEGER",
  big: "INTEGER",
  char: "TEXT",
  text: "TEXT",
  decimal: "NUMERIC",
  json: "TEXT",
};

const wideColumns = wideNames
  .map((name) => {
    const type = types[name.slice(0, -1) as Kind];
    return `${name} ${type}${/[13]$/.test(name) ? " NOT NULL" : ""}`;
  })
  .join(", ");

/** The tables that drizzle and kysely use: instants as integers of milliseconds, decimals as NUMERIC. */
export const naturalTables = (() => {
  const key = "id INTEGER PRIMARY KEY AUTOINCREMENT";
  const journal = `${key}, timestamp INTEGER NOT NULL, level INTEGER NOT NULL, text TEXT NOT NULL`;
  return [
    `CREATE TABLE IF NOT EXISTS journal1 (${journal})`,
    "CREATE INDEX IF NOT EXISTS j1_level ON journal1 (level)",
    `CREATE TABLE IF NOT EXISTS journal2 (${journal}, parent_id INTEGER NOT NULL)`,
    "CREATE INDEX IF NOT EXISTS j2_level ON journal2 (level)",
    "CREATE INDEX IF NOT EXISTS j2_parent ON journal2 (parent_id)",
    `CREATE TABLE IF NOT EXISTS journal3 (${journal}, ${wideColumns})`,
    "CREATE INDEX IF NOT EXISTS j3_level ON journal3 (level)",
    `CREATE TABLE IF NOT EXISTS users (${key}, name TEXT NOT NULL, email TEXT NOT NULL, age INTEGER NOT NULL, active INTEGER NOT NULL, created_at INTEGER NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS counters (${key}, key TEXT NOT NULL UNIQUE, value INTEGER NOT NULL, updated_at INTEGER NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS events (${key}, kind TEXT NOT NULL, payload TEXT NOT NULL, value REAL NOT NULL, created_at INTEGER NOT NULL)`,
  ].join(";\n");
})();
