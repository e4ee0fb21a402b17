import { ConfigurationError, typeName } from "../../core/base/errors.js";
import type { Driver } from "../../core/connection/driver.js";
import { SqliteDriver } from "./client.js";
import { settingsOf, type SqliteOptions } from "./options.js";
import { nodeDialect } from "./regexp.js";
import type { SqliteDatabase } from "./statements.js";

export type { SqliteOptions } from "./options.js";
export type { SqliteDatabase } from "./statements.js";

/**
 * SQLite through better-sqlite3: a path, ":memory:", options, or a database that is open already.
 * @example
 * await Terrapin.init({ connections: { default: sqlite("app.db") }, models: { User } });
 */
export function sqlite(source: string | SqliteOptions | SqliteDatabase): Driver {
  if (typeof source === "string") return new SqliteDriver(nodeDialect, settingsOf({ filePath: source }), null);
  if (typeof source !== "object" || source === null)
    throw new ConfigurationError(`sqlite() takes a path, options or a database, not ${typeName(source)}`, {
      code: "sqlite_options",
      hint: 'sqlite("app.db")',
    });
  if ("prepare" in source)
    return new SqliteDriver(
      nodeDialect,
      settingsOf({ filePath: source.name || ":memory:", readonly: source.readonly }),
      source,
    );
  return new SqliteDriver(nodeDialect, settingsOf(source), null);
}
