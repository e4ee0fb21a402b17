import {
  DBConnectionError,
  IntegrityError,
  LimitError,
  OperationalError,
  TerrapinError,
  type IntegrityDetails,
  type IntegrityKind,
} from "../../core/base/errors.js";

/** Result codes that say which kind of rule a write broke. */
const INTEGRITY: Readonly<Record<string, IntegrityKind>> = {
  SQLITE_CONSTRAINT_UNIQUE: "unique",
  SQLITE_CONSTRAINT_PRIMARYKEY: "primaryKey",
  SQLITE_CONSTRAINT_ROWID: "primaryKey",
  SQLITE_CONSTRAINT_FOREIGNKEY: "foreignKey",
  SQLITE_CONSTRAINT_NOTNULL: "notNull",
  SQLITE_CONSTRAINT_CHECK: "check",
};

/** Result codes, without their extension, that have a code of ours. */
const OPERATIONAL: Readonly<Record<string, string>> = {
  SQLITE_BUSY: "busy",
  SQLITE_LOCKED: "busy",
  SQLITE_READONLY: "readonly",
  SQLITE_FULL: "full",
  SQLITE_CORRUPT: "corrupt",
  SQLITE_INTERRUPT: "interrupted",
};

const CONNECTION: readonly string[] = ["SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_AUTH", "SQLITE_PERM"];

/** Gives an error of SQLite one of our classes, by its result code; every client of the family hands in what it has. */
export function sqliteError(code: string, message: string, sql: string | null, cause: unknown): TerrapinError {
  const details = { sql, cause };
  if (code.startsWith("SQLITE_CONSTRAINT"))
    return new IntegrityError(message, { ...details, ...integrityOf(code, message) });
  const family = code.split("_", 2).join("_");
  if (CONNECTION.includes(family)) return new DBConnectionError(message, details);
  if (family === "SQLITE_TOOBIG")
    return new LimitError(message, {
      ...details,
      hint: "a value, or a row with all its values, is larger than can be",
    });
  if (/^too many |parser stack overflow|Expression tree is too large/i.test(message))
    return new LimitError(message, details);
  if (message === "integer overflow")
    return new OperationalError("a computed value does not fit its column", {
      ...details,
      code: "out_of_range",
      hint: "nothing was written; a bigInt, or a decimal of more digits, holds more",
    });
  const known = OPERATIONAL[family];
  return new OperationalError(message, known === undefined ? details : { ...details, code: known });
}

/**
 * Gives whatever a client throws one of our classes. `code`: SQLite's result code, as a name or as a number; undefined where it has
 * none, so that it is no error of the database.
 */
export function toSqliteError(error: unknown, sql: string | null, code: string | number | undefined): TerrapinError {
  if (error instanceof TerrapinError) return error;
  const { message } = (error ?? {}) as { message?: unknown };
  const text = typeof message === "string" ? message : String(error);
  if (code === undefined) return new OperationalError(text, { sql, cause: error });
  return sqliteError(typeof code === "number" ? sqliteCode(code) : code, text, sql, error);
}

/** Extended result codes as clients without names for them give them. */
const CODES: Readonly<Record<number, string>> = {
  3: "SQLITE_PERM",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  9: "SQLITE_INTERRUPT",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  23: "SQLITE_AUTH",
  26: "SQLITE_NOTADB",
  275: "SQLITE_CONSTRAINT_CHECK",
  787: "SQLITE_CONSTRAINT_FOREIGNKEY",
  1299: "SQLITE_CONSTRAINT_NOTNULL",
  1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
  2067: "SQLITE_CONSTRAINT_UNIQUE",
  2579: "SQLITE_CONSTRAINT_ROWID",
};

/** The name of a result code: that of its family where it has none of its own, which is the lower byte. */
export function sqliteCode(number: number): string {
  return CODES[number] ?? CODES[number & 0xff] ?? "SQLITE_ERROR";
}

/** What SQLite's own words tell about a broken rule: `UNIQUE constraint failed: users.username, users.email`. */
function integrityOf(code: string, message: string): IntegrityDetails {
  // SQLite makes ON DELETE RESTRICT a trigger of its own.
  const kind = message === "FOREIGN KEY constraint failed" ? "foreignKey" : (INTEGRITY[code] ?? "other");
  const subject = /constraint failed: (.+)$/s.exec(message)?.[1] ?? null;
  if (subject === null) return { kind };
  if (kind === "check") return { kind, constraint: subject };
  const index = /^index '(.+)'$/s.exec(subject);
  if (index !== null) return { kind, constraint: index[1]! };
  if (kind !== "unique" && kind !== "primaryKey" && kind !== "notNull") return { kind };
  const columns = subject.split(", ").map((name) => name.split("."));
  return { kind, table: columns[0]!.slice(0, -1).join("."), fields: columns.map((parts) => parts.at(-1)!) };
}
