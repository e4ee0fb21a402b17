import { ConfigurationError } from "../core/base/errors.js";
import type { EngineConfig } from "../core/connection/config.js";
import { plain } from "./config.js";
import { databaseOf, toBoolean } from "../core/connection/db-url.js";
import type { Driver } from "../core/connection/driver.js";
import { snakeCase } from "../core/base/names.js";
import { mysqlOptions } from "../drivers/mysql/credentials.js";
import type { SqliteOptions } from "../drivers/sqlite/index.js";

/** The driver for an engine's name and its credentials, in any of their spellings. */
export async function resolveDriver({ engine, credentials }: EngineConfig): Promise<Driver> {
  // Imported late, so that a program needs only the client of the database that it uses.
  if (databaseOf(engine) === "mysql") {
    const { mysql } = await import("../drivers/mysql/index.js");
    return mysql(mysqlOptions(credentials));
  }
  const { sqlite } = await import("../drivers/sqlite/index.js");
  return sqlite(sqliteOptions(credentials));
}

const TEXTS = ["filePath", "journalMode", "synchronous"];
const NUMBERS = ["journalSizeLimit", "busyTimeout", "acquireTimeout", "statementCacheSize"];
const FLAGS = ["readonly", "foreignKeys"];

/** `file_path`, `FILE_PATH` or `filePath` and their like; every other name is a PRAGMA. */
export function sqliteOptions(credentials: Readonly<Record<string, unknown>>): SqliteOptions {
  const options: Record<string, unknown> = {};
  const pragmas: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(credentials)) {
    if (value === null || value === undefined) continue;
    const is = (name: string): boolean => plain(name) === plain(key);
    const text = TEXTS.find(is);
    const number = NUMBERS.find(is);
    const flag = FLAGS.find(is);
    if (text !== undefined) options[text] = value;
    else if (number !== undefined) options[number] = toNumber(key, value);
    else if (flag !== undefined) options[flag] = toBoolean(key, value);
    else pragmas[snakeCase(key)] = value as string;
  }
  if (options["filePath"] === undefined)
    throw new ConfigurationError("the credentials of SQLite have no file_path", {
      code: "sqlite_options",
      hint: '{ file_path: "app.db" } or { file_path: ":memory:" }',
    });
  return { ...(options as unknown as SqliteOptions), pragmas };
}

function toNumber(name: string, value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || Number.isNaN(number))
    throw new ConfigurationError(`"${name}" is not a number`, { code: "sqlite_options" });
  return number;
}
