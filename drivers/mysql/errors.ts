import {
  DBConnectionError,
  IntegrityError,
  LimitError,
  OperationalError,
  TimeoutError,
  type IntegrityDetails,
  type TerrapinError,
} from "../../core/base/errors.js";
import { indexName } from "../../core/base/names.js";

/** What a MySQL error is to a program, where it is more than a failed statement. */
const OPERATIONAL: Readonly<Record<number, string>> = {
  1213: "deadlock",
  1205: "lock_timeout",
  1020: "changed_since_read",
  3572: "locked",
  1317: "interrupted",
  1290: "readonly",
  1792: "readonly",
  1836: "readonly",
  1114: "full",
  1021: "full",
  1264: "out_of_range",
  1690: "out_of_range",
  1916: "out_of_range",
};

const HINTS: Readonly<Record<string, string>> = {
  deadlock: "run the whole transaction again: inTransaction(fn, { retry })",
  lock_timeout: "somebody else holds the row: run the whole transaction again, or hold locks for less time",
  changed_since_read: "run the whole transaction again: inTransaction(fn, { retry })",
  locked: "somebody else holds the row",
  out_of_range: "nothing was written; a bigInt, or a decimal of more digits, holds more",
};

/** Errors that say that the server could not be reached, or does not let us in. */
const CONNECTION: readonly number[] = [
  1042, 1043, 1044, 1045, 1047, 1049, 1053, 1077, 1081, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1184, 1251, 1698,
  1862, 1927, 2002, 2003, 2005, 2006, 2013, 3032, 3118, 3159, 4031,
];
/** An account has used up something that it may have so much of; connections are one of those. */
const OF_ACCOUNT = 1226;
const TOO_MANY: readonly number[] = [1040, 1203, OF_ACCOUNT];
/** Errors of limits that a server, a table or a statement has. */
const LIMITS: readonly number[] = [1117, 1118, 1153, 1162, 1301, 1390, 1436, 1461];
/** The server's own limits of time: MySQL's, MariaDB's. */
const TIMEOUTS: readonly number[] = [3024, 1969];

/** Errors with which the server undoes the whole transaction. */
const ENDING: readonly number[] = [1213, 1020, 1614, 1613, 1637];
/** Waiting for a lock: undoes the statement, or everything where the server is told so. */
export const LOCK_TIMEOUT = 1205;

/** True when there are as many connections as the server, or the user's account, may have. */
export function isFull(error: unknown): boolean {
  const { errno = 0, message = "" } = (error ?? {}) as { readonly errno?: number; readonly message?: string };
  return TOO_MANY.includes(errno) && (errno !== OF_ACCOUNT || message.includes("max_user_connections"));
}

/** True when the whole transaction is undone. */
export function endsTransaction(errno: number | undefined, rollbackOnTimeout: boolean): boolean {
  return errno !== undefined && (ENDING.includes(errno) || (rollbackOnTimeout && errno === LOCK_TIMEOUT));
}

/**
 * Gives an error of MySQL or MariaDB one of our classes, by its number; every client of the family hands in what it has.
 * Names of errors are no help: clients write the wrong ones for MariaDB's numbers.
 */
export function mysqlError(errno: number, message: string, sql: string | null, cause: unknown): TerrapinError {
  const details = { sql, cause };
  const integrity = INTEGRITY[errno];
  if (integrity !== undefined) return new IntegrityError(message, { ...details, ...integrity(message) });
  // A number that was cut off on its way into a column.
  const known = errno === 1292 && message.startsWith("Truncated incorrect") ? "out_of_range" : OPERATIONAL[errno];
  if (known === "out_of_range" && message.includes("exp(9999 + "))
    return new IntegrityError("a row meets another one by a unique rule that onConflict does not name", {
      ...details,
      kind: "unique",
    });
  if (known === "out_of_range")
    return new OperationalError("a computed value does not fit its column", {
      ...details,
      code: known,
      hint: HINTS[known]!,
    });
  if (known !== undefined)
    return new OperationalError(message, { ...details, code: known, hint: HINTS[known] ?? null });
  if (TOO_MANY.includes(errno))
    return new DBConnectionError(message, {
      ...details,
      code: "too_many_connections",
      hint: "lower maxSize, or raise the server's max_connections",
    });
  if (CONNECTION.includes(errno)) return new DBConnectionError(message, details);
  if (LIMITS.includes(errno)) return new LimitError(message, details);
  if (TIMEOUTS.includes(errno)) return new TimeoutError(message, { ...details, code: "command_timeout" });
  return new OperationalError(message, details);
}

type Tell = (message: string) => IntegrityDetails;

/** `Duplicate entry 'x' for key 'users.email'`; MariaDB leaves the table out. */
const duplicate: Tell = (message) => {
  const key = /for key '(.+)'$/s.exec(message)?.[1];
  if (key === undefined) return { kind: "unique" };
  const [table, name] = key.includes(".") ? splitLast(key) : [null, key];
  return name === "PRIMARY"
    ? { kind: "primaryKey", table, among: (_table, [primaryKey]) => primaryKey ?? null }
    : { kind: "unique", table, constraint: name, among: (of, rules) => ruleCalled(name, of, rules) };
};

/** The columns of the rule that has this name: that of its only column, or one that is made of all of them. */
const ruleCalled = (name: string, table: string, rules: readonly (readonly string[])[]): readonly string[] | null =>
  rules.find(
    (columns) =>
      (columns.length === 1 && columns[0] === name) ||
      ["uid", "idx"].some((prefix) => indexName(prefix, table, columns) === name),
  ) ?? null;

/** ``… fails (`shop`.`orders`, CONSTRAINT `fk` FOREIGN KEY (`user_id`) REFERENCES …)`` */
const foreignKey: Tell = (message) => {
  const parts = /\(`(?:[^`]|``)*`\.`((?:[^`]|``)*)`, CONSTRAINT `((?:[^`]|``)*)` FOREIGN KEY \(([^)]*)\)/.exec(message);
  if (parts === null) return { kind: "foreignKey" };
  const [, table, constraint, columns] = parts;
  return {
    kind: "foreignKey",
    table: unquoted(table!),
    constraint: unquoted(constraint!),
    fields: Array.from(columns!.matchAll(/`((?:[^`]|``)*)`/g), ([, name]) => unquoted(name!)),
  };
};

/** `Column 'name' cannot be null`, `Field 'name' doesn't have a default value` */
const notNull: Tell = (message) => {
  const column = /(?:Column|Field) '(.+?)' /s.exec(message)?.[1];
  return column === undefined ? { kind: "notNull" } : { kind: "notNull", fields: [column] };
};

/** MySQL: `Check constraint 'c' is violated.`; MariaDB: ``CONSTRAINT `c` failed for `shop`.`orders` `` */
const check: Tell = (message) => {
  const mysql = /Check constraint '(.+)' is violated/s.exec(message)?.[1];
  if (mysql !== undefined) return { kind: "check", constraint: mysql };
  const mariadb = /CONSTRAINT `(.+?)` failed for `.+?`\.`(.+)`$/s.exec(message);
  return mariadb === null ? { kind: "check" } : { kind: "check", constraint: mariadb[1]!, table: mariadb[2]! };
};

const INTEGRITY: Readonly<Record<number, Tell>> = {
  1022: duplicate,
  1062: duplicate,
  1169: duplicate,
  1586: duplicate,
  1216: foreignKey,
  1217: foreignKey,
  1451: foreignKey,
  1452: foreignKey,
  1761: foreignKey,
  1762: foreignKey,
  1048: notNull,
  1364: notNull,
  3819: check,
  4025: check,
};

const unquoted = (name: string): string => name.replaceAll("``", "`");

function splitLast(key: string): [string, string] {
  const at = key.lastIndexOf(".");
  return [key.slice(0, at), key.slice(at + 1)];
}
