import { ConfigurationError, typeName } from "../../core/base/errors.js";
import { databaseOf, parseDbUrl } from "../../core/connection/db-url.js";
import { MysqlClient, type MysqlDriver, type MysqlPool, type MysqlPromisePool } from "./client.js";
import { mysqlOptions } from "./credentials.js";
import { mysqlDialect } from "./dialect.js";
import { settingsOf, type MysqlOptions } from "./options.js";

export type { MysqlDriver, MysqlPool, MysqlPromisePool } from "./client.js";
export type { MysqlOptions } from "./options.js";
export type { PoolCounters } from "./pool.js";

/**
 * MySQL and MariaDB through mysql2: a URL, options, or a pool of mysql2 that is made already.
 * @example
 * await Terrapin.init({ connections: { default: mysql("mysql://app:secret@db:3306/shop?maxsize=20") }, models: { User } });
 * await Terrapin.init({ connections: { default: mysql({ host: "db", user: "app", database: "shop" }) }, models: { User } });
 */
export function mysql(source: string | MysqlOptions | MysqlPool | MysqlPromisePool): MysqlDriver {
  if (typeof source === "string") return mysql(optionsOf(source));
  if (typeof source !== "object" || source === null)
    throw new ConfigurationError(`mysql() takes a URL, options or a pool, not ${typeName(source)}`, {
      code: "mysql_options",
      hint: 'mysql({ host: "localhost", user: "app", database: "shop" })',
    });
  const pool = poolOf(source);
  if (pool === null) return new MysqlClient(mysqlDialect, settingsOf(source as MysqlOptions), null);
  const { connectionLimit, connectionConfig } = pool.config as {
    readonly connectionLimit: number;
    readonly connectionConfig: Readonly<Record<string, unknown>>;
  };
  const { host, port, socketPath, database } = connectionConfig as Readonly<Record<string, never>>;
  return new MysqlClient(
    mysqlDialect,
    settingsOf({
      ...(socketPath ? { socketPath } : { host, port }),
      ...(database ? { database } : {}),
      minSize: 0,
      maxSize: connectionLimit === 0 ? 1_000_000 : connectionLimit,
      maxQueries: Infinity,
      maxLifetime: Infinity,
      validateAfter: Infinity,
    }),
    pool,
  );
}

function optionsOf(url: string): MysqlOptions {
  const { engine, credentials } = parseDbUrl(url);
  if (databaseOf(engine) === "mysql") return mysqlOptions(credentials);
  throw new ConfigurationError(`mysql() was given a URL of ${engine}`, {
    code: "mysql_options",
    hint: "mysql://user:password@host:3306/database",
  });
}

/** The pool with callbacks, also out of one with promises; null for options. */
function poolOf(source: object): MysqlPool | null {
  const inner = "pool" in source ? (source.pool as object) : source;
  if (typeof (inner as Partial<MysqlPool>).getConnection !== "function") return null;
  if (typeof (inner as MysqlPool).config === "object") return inner as MysqlPool;
  throw new ConfigurationError("mysql() takes a pool of mysql2, and this is another one", { code: "mysql_options" });
}
