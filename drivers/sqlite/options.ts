import { ConfigurationError, typeName } from "../../core/base/errors.js";

/** How to open a SQLite database. */
export interface SqliteOptions {
  /** A path, or ":memory:". */
  readonly filePath: string;
  readonly readonly?: boolean;
  /** Default: "WAL" for files, so that readers do not wait for the writer. */
  readonly journalMode?: string;
  /** Bytes that the journal keeps after a checkpoint. */
  readonly journalSizeLimit?: number;
  /** Default: true. */
  readonly foreignKeys?: boolean;
  /** Milliseconds that SQLite waits for another process; nothing else runs meanwhile. Default: 5000. */
  readonly busyTimeout?: number;
  /** Default: "NORMAL" with WAL. */
  readonly synchronous?: string;
  /** Milliseconds that a statement waits for somebody else's transaction. Default: 10000. */
  readonly acquireTimeout?: number;
  /** How many prepared statements are kept. Default: 500. */
  readonly statementCacheSize?: number;
  /** Any other PRAGMA by its name. */
  readonly pragmas?: Readonly<Record<string, string | number | boolean>>;
}

/** The options with every default filled in; `pragmas` holds all PRAGMAs in the order in which they run. */
export interface SqliteSettings {
  readonly filePath: string;
  readonly memory: boolean;
  readonly readonly: boolean;
  readonly busyTimeout: number;
  readonly acquireTimeout: number;
  readonly statementCacheSize: number;
  readonly pragmas: readonly string[];
  /** those that a second connection for reading needs too */
  readonly readerPragmas: readonly string[];
}

const KNOWN = [
  "filePath",
  "readonly",
  "journalMode",
  "journalSizeLimit",
  "foreignKeys",
  "busyTimeout",
  "synchronous",
  "acquireTimeout",
  "statementCacheSize",
  "pragmas",
];

/** Checks the options and fills in what they leave out. */
export function settingsOf(options: SqliteOptions): SqliteSettings {
  for (const name in options) {
    if (!KNOWN.includes(name))
      throw wrong(`has no option "${name}"`, `known: ${KNOWN.join(", ")}; other PRAGMAs go into pragmas: { … }`);
  }
  const { filePath } = options;
  if (typeof filePath !== "string" || filePath.trim() === "")
    throw wrong(
      `needs filePath, a path or ":memory:", not ${filePath === "" ? "an empty string" : typeName(filePath)}`,
      'sqlite("app.db")',
    );
  const memory =
    filePath === ":memory:" || (filePath.startsWith("file:") && /:memory:|[?&]mode=memory\b/.test(filePath));
  const readonly = flag("readonly", options.readonly, false);
  const journalMode = options.journalMode ?? (memory || readonly ? null : "WAL");
  const own = Object.entries(options.pragmas ?? {}).map(([name, value]) => pragma(name, value));
  const pragmas = [pragma("foreign_keys", flag("foreignKeys", options.foreignKeys, true))];
  if (journalMode !== null) pragmas.push(pragma("journal_mode", journalMode));
  const synchronous = options.synchronous ?? (journalMode?.toUpperCase() === "WAL" ? "NORMAL" : null);
  if (synchronous !== null) pragmas.push(pragma("synchronous", synchronous));
  if (options.journalSizeLimit !== undefined) pragmas.push(pragma("journal_size_limit", options.journalSizeLimit));
  return {
    filePath,
    memory,
    readonly,
    busyTimeout: count("busyTimeout", options.busyTimeout, 5000),
    acquireTimeout:
      options.acquireTimeout === Infinity ? Infinity : count("acquireTimeout", options.acquireTimeout, 10_000),
    statementCacheSize: count("statementCacheSize", options.statementCacheSize, 500),
    pragmas: [...pragmas, ...own],
    readerPragmas: own,
  };
}

function pragma(name: string, value: string | number | boolean): string {
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw wrong("was given a PRAGMA whose name is not one", "letters, digits and underscores");
  const text = typeof value === "boolean" ? (value ? "ON" : "OFF") : String(value);
  // A PRAGMA takes no parameters, so its value must not be able to be more than a value.
  if (typeof value === "number" ? !Number.isFinite(value) : typeof value === "object" || !/^-?[\w.]+$/.test(text)) {
    throw wrong(`was given a value for the PRAGMA ${name} that is not one`, "a number, true, false, or one word");
  }
  return `${name} = ${text}`;
}

function flag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw wrong(`takes true or false for ${name}, not ${typeName(value)}`, null);
  return value;
}

function count(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw wrong(`takes a whole number from 0 for ${name}`, null);
  return value;
}

function wrong(what: string, hint: string | null): ConfigurationError {
  return new ConfigurationError(`sqlite() ${what}`, { code: "sqlite_options", hint });
}
