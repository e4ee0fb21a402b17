import { ConfigurationError, typeName, UnsupportedError } from "../../core/base/errors.js";

/** How to reach a MySQL or MariaDB server, and how many connections to keep. Times are in milliseconds. */
export interface MysqlOptions {
  /** Default: "localhost". */
  readonly host?: string;
  /** Default: 3306. */
  readonly port?: number;
  /** A Unix socket, in place of host and port. */
  readonly socketPath?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** true: encrypted, the certificate checked; or what `tls.connect` takes: `{ ca, cert, key, rejectUnauthorized }`. */
  readonly ssl?: boolean | Readonly<Record<string, unknown>>;
  /** A character set or collation of the connection; only utf8mb4 holds every text. Default: "utf8mb4". */
  readonly charset?: string;
  /** Default: 10000. */
  readonly connectTimeout?: number;
  /** How long one statement may take. Default: as long as it likes. */
  readonly commandTimeout?: number;
  /** How long to wait for a free connection. Default: 10000. */
  readonly acquireTimeout?: number;
  /** How long `close` waits for what is running. Default: 10000. */
  readonly closeTimeout?: number;
  /** Connections that stay open without work, from the first use on. Default: 1. */
  readonly minSize?: number;
  /** Connections at most. Default: 10. */
  readonly maxSize?: number;
  /** Callers that may wait for a connection. Default: 10000. */
  readonly maxWaiting?: number;
  /** Statements after which a connection is replaced. Default: 50000. */
  readonly maxQueries?: number;
  /** Age at which a connection is replaced. Default: an hour. */
  readonly maxLifetime?: number;
  /** Idle time after which a connection beyond `minSize` is closed. Default: 5 minutes. */
  readonly idleTimeout?: number;
  /** Idle time after which a connection is asked whether it still answers before it is used. Default: 30 seconds. */
  readonly validateAfter?: number;
  /** false: the text of every statement carries its values (Hyperdrive and other proxies). Default: true. */
  readonly prepared?: boolean;
  /** How many prepared statements each connection keeps. Default: 250. */
  readonly statementCacheSize?: number;
  /** true: mysql2 makes no code at run time, which Workers forbid. Default: false. */
  readonly disableEval?: boolean;
  /** The storage engine of new tables. Default: the server's, InnoDB. Others may have no transactions. */
  readonly storageEngine?: string;
  /** The session's SQL mode; it must be strict. Default: what MySQL 8 has, with zero as a key like any other. */
  readonly sqlMode?: string;
  /** What the server shows of this connection: `{ program_name: "shop" }`. */
  readonly connectAttributes?: Readonly<Record<string, string>>;
}

/** The options with every default filled in. */
export interface MysqlSettings {
  /** what is handed to mysql2 */
  readonly connection: Readonly<Record<string, unknown>>;
  readonly database: string | null;
  /** for messages; without user and password */
  readonly label: string;
  readonly commandTimeout: number;
  readonly acquireTimeout: number;
  readonly closeTimeout: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly maxWaiting: number;
  readonly maxQueries: number;
  readonly maxLifetime: number;
  readonly idleTimeout: number;
  readonly validateAfter: number;
  readonly prepared: boolean;
  readonly statementCacheSize: number;
  readonly storageEngine: string | null;
  readonly sqlMode: string;
}

/** Integers and dates stay text where a number or a Date would change them; rows are arrays. */
export const FLAGS: Readonly<Record<string, unknown>> = {
  rowsAsArray: true,
  supportBigNumbers: true,
  bigNumberStrings: false,
  dateStrings: true,
  timezone: "Z",
};

/**
 * What MySQL 8 has by itself, so that both servers refuse the same; but MariaDB, which skips that comment, takes right statements
 * for wrong ones when it looks for half groups (an aggregate of a query that holds another). A zero is a key, not a wish for one.
 * Backslashes escape, because clients that write values into text escape with them.
 */
const SQL_MODE =
  "'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'" +
  " /*!80019 ',ONLY_FULL_GROUP_BY' */";

const KNOWN = [
  "host",
  "port",
  "socketPath",
  "user",
  "password",
  "database",
  "ssl",
  "charset",
  "connectTimeout",
  "commandTimeout",
  "acquireTimeout",
  "closeTimeout",
  "minSize",
  "maxSize",
  "maxWaiting",
  "maxQueries",
  "maxLifetime",
  "idleTimeout",
  "validateAfter",
  "prepared",
  "statementCacheSize",
  "disableEval",
  "storageEngine",
  "sqlMode",
  "connectAttributes",
];

/** Checks the options and fills in what they leave out. */
export function settingsOf(options: MysqlOptions): MysqlSettings {
  for (const name in options) {
    if (KNOWN.includes(name)) continue;
    const instead = OF_MYSQL2[name];
    throw wrong(`has no option "${name}"`, instead ?? `known: ${KNOWN.join(", ")}`);
  }
  const host = text("host", options.host) ?? "localhost";
  const port = count("port", options.port, 3306, 1);
  if (port > 65_535) throw wrong("takes a whole number from 1 to 65535 for port", null);
  const socketPath = text("socketPath", options.socketPath);
  const database = text("database", options.database);
  const sqlMode = text("sqlMode", options.sqlMode);
  if (sqlMode !== null) checkMode(sqlMode);
  const storageEngine = text("storageEngine", options.storageEngine);
  if (storageEngine !== null && !/^\w+$/.test(storageEngine))
    throw wrong("was given a storageEngine that is no name", "InnoDB");
  const maxSize = count("maxSize", options.maxSize, 10, 1);
  const minSize = count("minSize", options.minSize, Math.min(1, maxSize), 0);
  if (minSize > maxSize) throw wrong("was given a minSize above its maxSize", null);
  const ssl = sslOf(options.ssl);
  return {
    connection: {
      ...FLAGS,
      ...(socketPath === null ? { host, port } : { socketPath }),
      ...(options.user === undefined ? {} : { user: text("user", options.user) }),
      ...(options.password === undefined ? {} : { password: text("password", options.password) }),
      ...(database === null ? {} : { database }),
      ...(ssl === null ? {} : { ssl }),
      charset: charsetOf(options.charset),
      connectTimeout: count("connectTimeout", options.connectTimeout, 10_000, 1),
      disableEval: flag("disableEval", options.disableEval, false),
      ...(options.connectAttributes === undefined ? {} : { connectAttributes: options.connectAttributes }),
      jsonStrings: true,
      // Nobody needs a server that asks for the client's files, or for function names to be reserved words.
      flags: ["-LOCAL_FILES", "-IGNORE_SPACE"],
    },
    database,
    label: `mysql://${socketPath ?? `${host}:${port}`}${database === null ? "" : `/${database}`}`,
    commandTimeout: limit("commandTimeout", options.commandTimeout, Infinity),
    acquireTimeout: limit("acquireTimeout", options.acquireTimeout, 10_000),
    closeTimeout: limit("closeTimeout", options.closeTimeout, 10_000),
    minSize,
    maxSize,
    maxWaiting: limit("maxWaiting", options.maxWaiting, 10_000),
    maxQueries: limit("maxQueries", options.maxQueries, 50_000),
    maxLifetime: limit("maxLifetime", options.maxLifetime, 3_600_000),
    idleTimeout: limit("idleTimeout", options.idleTimeout, 300_000),
    validateAfter: limit("validateAfter", options.validateAfter, 30_000),
    prepared: flag("prepared", options.prepared, true),
    statementCacheSize: count("statementCacheSize", options.statementCacheSize, 250, 1),
    storageEngine,
    sqlMode: sqlMode === null ? SQL_MODE : `'${sqlMode}'`,
  };
}

/** Options of mysql2 that somebody who comes from there may look for. */
const OF_MYSQL2: Readonly<Record<string, string>> = {
  connectionLimit: "maxSize",
  maxIdle: "minSize says how many stay open, idleTimeout for how long the others do",
  queueLimit: "maxWaiting",
  waitForConnections: "acquireTimeout says for how long",
  maxPreparedStatements: "statementCacheSize",
  uri: 'mysql("mysql://user:password@host:3306/database")',
  timezone: "the session is in UTC; init({ timezone }) says whose clocks decide the day",
  multipleStatements: "connection.executeScript(sql) sends statements one by one",
  dateStrings: "every field reads its values exactly",
  bigNumberStrings: "every field reads its values exactly",
  supportBigNumbers: "every field reads its values exactly",
  decimalNumbers: 'fields.decimal({ mode: "number" })',
  jsonStrings: "fields.json() reads JSON",
  rowsAsArray: "rows are instances, values() or valuesList()",
  namedPlaceholders: "values are given by position",
  typeCast: "fields read their values",
  flags: "affected rows are matched rows",
};

/** A value that does not fit must be an error, and text must be escaped as clients do. */
function checkMode(mode: string): void {
  const modes = mode.toUpperCase().split(",");
  if (!/^\w+(?:,\w+)*$/.test(mode))
    throw wrong("was given an sqlMode that is no list of modes", "STRICT_TRANS_TABLES,…");
  if (!["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "TRADITIONAL"].some((strict) => modes.includes(strict)))
    throw wrong("was given an sqlMode that cuts values off silently", "add STRICT_TRANS_TABLES");
  for (const wrongMode of ["NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI", "PIPES_AS_CONCAT"])
    if (modes.includes(wrongMode))
      throw wrong(`was given the sqlMode ${wrongMode}, in which statements mean something else`, "leave it out");
}

function charsetOf(given: unknown): string {
  const charset = (text("charset", given) ?? "utf8mb4").toLowerCase();
  if (charset === "utf8mb4") return "UTF8MB4_BIN";
  if (!charset.startsWith("utf8mb4_"))
    throw new UnsupportedError(`the character set "${charset}" cannot hold every text`, {
      code: "charset",
      hint: 'charset: "utf8mb4", or one of its collations',
    });
  return charset.toUpperCase();
}

/** A copy, because the client writes into it; one for all connections, because the client keeps what it makes of it. */
function sslOf(given: MysqlOptions["ssl"]): Record<string, unknown> | null {
  if (given === undefined || given === false) return null;
  if (given === true) return {};
  if (typeof given !== "object" || given === null)
    throw wrong(`takes true, false or an object for ssl, not ${typeName(given)}`, null);
  return { ...given };
}

function text(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw wrong(`takes a text for ${name}, not ${typeName(value)}`, null);
  return value;
}

function flag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw wrong(`takes true or false for ${name}, not ${typeName(value)}`, null);
  return value;
}

function count(name: string, value: unknown, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least)
    throw wrong(`takes a whole number from ${least} for ${name}`, null);
  return value;
}

function limit(name: string, value: unknown, otherwise: number): number {
  if (value === Infinity) return Infinity;
  return count(name, value, otherwise, 0);
}

export function wrong(what: string, hint: string | null): ConfigurationError {
  return new ConfigurationError(`mysql() ${what}`, { code: "mysql_options", hint });
}
