import { ConfigurationError, UnsupportedError } from "../../core/base/errors.js";
import type { MysqlOptions } from "./options.js";

/** What a value of a configuration file or of a URL is to become. */
type Read = (name: string, value: unknown) => unknown;

const word: Read = (_name, value) => (typeof value === "number" ? String(value) : value);
const number: Read = (name, value) => {
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof read === "number" && !Number.isNaN(read)) return read;
  throw wrong(`"${name}" is not a number`, null);
};
const milliseconds: Read = number;
const seconds: Read = (name, value) => Math.round((number(name, value) as number) * 1000);
const truth: Read = (name, value) => {
  const text = String(value).toLowerCase();
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off"].includes(text)) return false;
  throw wrong(`"${name}" is neither true nor false`, "true, false, 1, 0, yes, no, on, off");
};
const encryption: Read = (name, value) => (typeof value === "object" && value !== null ? value : truth(name, value));
const attributes: Read = (_name, value) => ({ program_name: String(value) });

/** Tortoise's words, however they are joined. Its times are seconds. */
const WORDS: Readonly<Record<string, readonly [option: keyof MysqlOptions, read: Read]>> = {
  host: ["host", word],
  port: ["port", number],
  user: ["user", word],
  username: ["user", word],
  password: ["password", word],
  database: ["database", word],
  db: ["database", word],
  unix_socket: ["socketPath", word],
  socket_path: ["socketPath", word],
  ssl: ["ssl", encryption],
  charset: ["charset", word],
  minsize: ["minSize", number],
  maxsize: ["maxSize", number],
  max_waiting: ["maxWaiting", number],
  max_queries: ["maxQueries", number],
  max_inactive_connection_lifetime: ["idleTimeout", seconds],
  pool_recycle: ["maxLifetime", seconds],
  timeout: ["connectTimeout", seconds],
  connect_timeout: ["connectTimeout", seconds],
  command_timeout: ["commandTimeout", seconds],
  storage_engine: ["storageEngine", word],
  sql_mode: ["sqlMode", word],
  prepared: ["prepared", truth],
  disable_eval: ["disableEval", truth],
  statement_cache_size: ["statementCacheSize", number],
  program_name: ["connectAttributes", attributes],
  application_name: ["connectAttributes", attributes],
};

/** The words of `mysql()` whose times are milliseconds; they are told from Tortoise's by their spelling. */
const MILLISECONDS: readonly (keyof MysqlOptions)[] = [
  "connectTimeout",
  "commandTimeout",
  "acquireTimeout",
  "closeTimeout",
  "maxLifetime",
  "idleTimeout",
  "validateAfter",
];

/** Words that are known, and mean what is so already; any other value of theirs is refused. */
const SETTLED: Readonly<Record<string, readonly [only: boolean, why: string]>> = {
  use_unicode: [true, "every text is Unicode"],
  autocommit: [true, "inTransaction(…) begins a transaction"],
  echo: [false, "init({ logQueries: true }) writes every query"],
  local_infile: [false, "a server must not ask for the client's files"],
  no_delay: [true, "nothing is held back"],
};

/** Words of other drivers that stand for nothing here. */
const REFUSED: Readonly<Record<string, string>> = {
  schema: "a schema of MySQL is a database: write database, or table options of a model",
  server_settings: "that is PostgreSQL's; sqlMode says what the session is like",
  init_command: "sqlMode, storageEngine and charset say what the session is like",
  cursorclass: "rows are instances, values() or valuesList()",
  read_default_file: "write the credentials into the configuration",
  read_default_group: "write the credentials into the configuration",
  driver: "the engine says which client is used",
};

/**
 * The options of `mysql()` from credentials as configuration files and URLs spell them: `max_inactive_connection_lifetime`,
 * `MAX_INACTIVE_CONNECTION_LIFETIME` and `maxInactiveConnectionLifetime` are one word, in seconds; `connectTimeout` and the
 * other names of `mysql()` itself are in milliseconds.
 */
export function mysqlOptions(credentials: Readonly<Record<string, unknown>>): MysqlOptions {
  const options: Record<string, unknown> = {};
  const from: Record<string, string> = {};
  for (const [key, value] of Object.entries(credentials)) {
    if (value === null || value === undefined) continue;
    const found = optionOf(key, value);
    if (found === null) continue;
    const [name, read] = found;
    if (from[name] !== undefined && from[name] !== key)
      throw wrong(`the credentials of MySQL say ${name} twice, as "${from[name]}" and as "${key}"`, null);
    from[name] = key;
    options[name] = read(key, value);
  }
  return options;
}

function optionOf(key: string, value: unknown): readonly [keyof MysqlOptions, Read] | null {
  const own = MILLISECONDS.find((name) => name === key);
  if (own !== undefined) return [own, milliseconds];
  const word = find(WORDS, key);
  if (word !== null) return WORDS[word]!;
  const settled = find(SETTLED, key);
  if (settled !== null) {
    const [only, why] = SETTLED[settled]!;
    if (truth(key, value) === only) return null;
    throw new UnsupportedError(`MySQL's "${key}" can only be ${only} here`, { hint: why });
  }
  const refused = find(REFUSED, key);
  if (refused !== null)
    throw new UnsupportedError(`MySQL connections have no "${key}" here`, { hint: REFUSED[refused]! });
  throw wrong(`the credentials of MySQL have no "${key}"`, `known: ${Object.keys(WORDS).join(", ")}`);
}

const find = (table: object, key: string): string | null =>
  Object.keys(table).find((name) => plain(name) === plain(key)) ?? null;

const plain = (name: string): string => name.replaceAll("_", "").toLowerCase();

function wrong(message: string, hint: string | null): ConfigurationError {
  return new ConfigurationError(message, { code: "mysql_options", hint });
}
