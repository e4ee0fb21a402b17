import { ConfigurationError, UnsupportedError } from "../base/errors.js";
import type { EngineConfig } from "./config.js";

/** A database that a driver of this package speaks to. */
export type Database = "sqlite" | "mysql";

/** Everything that a scheme or the last part of an engine's name may be, and what it means. */
const ENGINES: Readonly<Record<string, Database | "PostgreSQL" | "SQL Server" | "Oracle">> = {
  sqlite: "sqlite",
  mysql: "mysql",
  mariadb: "mysql",
  asyncmy: "mysql",
  aiomysql: "mysql",
  postgres: "PostgreSQL",
  postgresql: "PostgreSQL",
  asyncpg: "PostgreSQL",
  psycopg: "PostgreSQL",
  base_postgres: "PostgreSQL",
  mssql: "SQL Server",
  oracle: "Oracle",
};

type Known = (typeof ENGINES)[string];

const PORTS: Readonly<Record<Known, number>> = {
  sqlite: 0,
  mysql: 3306,
  PostgreSQL: 5432,
  "SQL Server": 1433,
  Oracle: 1521,
};

/** Parameters of a URL that are not text. Everything else is passed on as it is. */
const INTEGERS = [
  "minsize",
  "maxsize",
  "min_size",
  "max_size",
  "pool_recycle",
  "max_queries",
  "statement_cache_size",
  "journal_size_limit",
  "port",
  "busy_timeout",
];
const FLOATS = ["timeout", "connect_timeout", "command_timeout", "max_inactive_connection_lifetime"];
const BOOLEANS = ["echo", "use_unicode", "ssl", "readonly", "foreign_keys"];

/**
 * The database that an engine's name or a URL's scheme stands for. Databases that are known but not supported are
 * refused by name.
 */
export function databaseOf(engine: string): Database {
  const found = known(engine.replace(/^(tortoise\.backends|terrapin)\./, ""));
  if (found === null) {
    throw new ConfigurationError(`there is no driver for the engine "${engine}"`, {
      code: "unknown_engine",
      hint: "known: tortoise.backends.sqlite, tortoise.backends.mysql, sqlite, mysql",
    });
  }
  if (found !== "sqlite" && found !== "mysql")
    throw new UnsupportedError(`${found} is not supported`, { hint: "Terrapin speaks SQLite and MySQL" });
  return found;
}

/**
 * Takes a database URL apart: `sqlite://app.db`, `sqlite:///var/app.db`, `mysql://user:secret@host:3306/shop?maxsize=5`.
 * `testing` puts random digits in the place of `{}` in the path.
 */
export function parseDbUrl(url: string, { testing = false }: { readonly testing?: boolean } = {}): EngineConfig {
  const parts = /^([a-z][\w+.-]*):\/\/([^?#]*)(?:\?([^#]*))?/is.exec(url);
  if (parts === null)
    throw new ConfigurationError("a database URL begins with its scheme", {
      code: "db_url",
      hint: "sqlite://app.db, sqlite://:memory:, mysql://user:password@host:3306/database",
    });
  const scheme = parts[1]!.toLowerCase();
  const database = known(scheme);
  if (database === null)
    throw new ConfigurationError(`Unknown DB scheme: ${scheme}`, { code: "db_url", hint: "known: sqlite, mysql" });
  const place = testing ? withRandom(parts[2]!) : parts[2]!;
  const params = paramsOf(parts[3] ?? "");
  return database === "sqlite" ? sqliteUrl(place, params) : serverUrl(scheme, database, place, params);
}

function known(name: string): Known | null {
  return Object.hasOwn(ENGINES, name) ? ENGINES[name]! : null;
}

function sqliteUrl(path: string, params: Record<string, unknown>): EngineConfig {
  if (path === "")
    throw new ConfigurationError("No path specified for DB_URL", {
      code: "db_url",
      hint: "sqlite://app.db or sqlite://:memory:",
    });
  const defaults = path === ":memory:" ? {} : { journal_mode: "WAL", journal_size_limit: 16_384 };
  return { engine: "sqlite", credentials: { ...defaults, ...params, file_path: path } };
}

function serverUrl(scheme: string, kind: Known, place: string, params: Record<string, unknown>): EngineConfig {
  const parts = /^(?:([^:@/]*)(?::([^@/]*))?@)?(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(?:\/(.*))?$/s.exec(place);
  if (parts === null)
    throw new ConfigurationError(`the ${scheme} URL is not one`, {
      code: "db_url",
      hint: `${scheme}://user:password@host:port/database, with special characters as %..`,
    });
  const [, user, password, host, port, database] = parts;
  if (port !== undefined && port !== "" && !/^\d+$/.test(port))
    throw new ConfigurationError("Port is not an integer", {
      code: "db_url",
      hint: `${scheme}://user:password@host:${PORTS[kind]}/database`,
    });
  return {
    engine: scheme,
    credentials: {
      ...params,
      host: host === "" ? null : host!.replace(/^\[|\]$/g, ""),
      port: port === undefined || port === "" ? PORTS[kind] : Number(port),
      user: user === undefined || user === "" ? null : decoded(user),
      password: password === undefined ? (kind === "mysql" ? "" : null) : decoded(password),
      database: database === undefined || database === "" ? null : decoded(database),
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new ConfigurationError("a % in a database URL is not followed by two hexadecimal digits", {
      code: "db_url",
      hint: "write a plain % as %25",
    });
  }
}

function paramsOf(query: string): Record<string, unknown> {
  return Object.fromEntries(Array.from(new URLSearchParams(query), ([name, value]) => [name, paramOf(name, value)]));
}

function paramOf(name: string, value: string): unknown {
  if (BOOLEANS.includes(name)) return toBoolean(name, value);
  if (!INTEGERS.includes(name) && !FLOATS.includes(name)) return value;
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number) || (INTEGERS.includes(name) && !Number.isInteger(number))) {
    throw new ConfigurationError(
      `the parameter "${name}" of the database URL is not ${INTEGERS.includes(name) ? "an integer" : "a number"}`,
      { code: "db_url" },
    );
  }
  return number;
}

/** `true`, `1`, `yes`, `on` and their opposites; anything else is an error, never silently true. */
export function toBoolean(name: string, value: unknown): boolean {
  const text = String(value).toLowerCase();
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off"].includes(text)) return false;
  throw new ConfigurationError(`"${name}" is neither true nor false`, {
    code: "not_a_boolean",
    hint: "true, false, 1, 0, yes, no, on, off",
  });
}

/** `{}` becomes random digits, `\{` stays a brace. */
function withRandom(path: string): string {
  const digits = Array.from({ length: 16 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  return path.replace(/\\([{}])|\{\}/g, (_match, brace: string | undefined) => brace ?? digits);
}
