import { DBConnectionError, OperationalError, ParamsError, TerrapinError } from "../../core/base/errors.js";
import type { Limits } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import type { Dialect } from "../../core/sql/dialect.js";
import { floatText, jsonList, sqliteDialect } from "./dialect.js";
import { sqliteError } from "./errors.js";
import { TOKENS } from "./wire.js";

// SQLite as it is built into workerd: what D1 and the storage of a Durable Object have in common.

/** What it refuses to exceed. */
export const workerdLimits: Limits = {
  maxParams: 100,
  maxSqlBytes: 100_000,
  maxColumns: 100,
  maxCompoundTerms: 5,
  maxDepth: 100,
  maxLikeBytes: 50,
  maxStatementsPerRequest: Infinity,
  maxValueBytes: 2_000_000,
};

/** Names of tables that belong to the platform begin so; asking about their columns is not allowed. */
export const PLATFORM_TABLES = "_cf_";

/** SQLite as it is there, under the name of the product. */
export const workerdDialect = (name: string): Dialect => ({
  ...sqliteDialect,
  name,
  writeList(left, list, negated, out) {
    out.expr(left);
    out.put(negated ? " NOT IN (SELECT " : " IN (SELECT ");
    out.put("CASE type WHEN 'array' THEN (value ->> 0) * pow(2, value ->> 1) ELSE value END FROM json_each(");
    out.param(list.slot, (items) => jsonList(items as readonly unknown[], list, exactFloat));
    out.put("))");
  },
});

/**
 * A float as JSON text. Very large and very small ones come out of text a bit wrong there, so they go as an integer and a
 * power of two: `[m, e]` for m × 2^e, which is exact.
 */
function exactFloat(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size > 1e-50 && size < 1e50)) return floatText(value);
  let [mantissa, exponent] = [value, 0];
  while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent - 1];
  while (Math.abs(mantissa) > Number.MAX_SAFE_INTEGER) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  return `[${mantissa},${exponent}]`;
}

/**
 * The statement with integers as integers: every number is bound as a double there, and a bigint not at all. What has to
 * stay an integer is a bigint by now, and travels as text.
 */
export function boundText(sql: string, params: readonly SqlValue[]): string {
  if (!params.some((value) => typeof value === "bigint")) return sql;
  let at = 0;
  return sql.replace(TOKENS, (token) =>
    token === "?" && typeof params[at++] === "bigint" ? "CAST(? AS INTEGER)" : token,
  );
}

/** The values as they can be bound. */
export const boundParams = (params: readonly SqlValue[]): unknown[] =>
  params.map((value) => (typeof value === "bigint" ? String(value) : value));

/** Makes bytes of what stands for them in a row, in place. */
export function settleRow(row: unknown[]): unknown[] {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value !== "object" || value === null) continue;
    row[i] = Array.isArray(value) ? Uint8Array.from(value as number[]) : new Uint8Array(value as ArrayBuffer);
  }
  return row;
}

/** What Cloudflare says when it was the way, and not the statement, that failed; nothing is known of what was written. */
const TRANSIENT =
  /Network connection lost|storage caused object to be reset|reset because its code was updated|Cannot resolve D1 DB due to transient issue|Internal error in D1 DB storage|internal error; reference/i;
const OVERLOADED = /overloaded/i;

/** Gives an error of workerd one of our classes: all that it has is its text. */
export function workerdError(error: unknown, sql: string | null): TerrapinError {
  if (error instanceof TerrapinError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/^D1_TYPE_ERROR|Wrong number of parameter bindings|Wrong number of bind/.test(text))
    return new ParamsError(text, { cause: error, hint: "one value for each ?: null, number, bigint, text or bytes" });
  const [, message, base, extended] = /^(?:D1_\w+: )?(.*?)(?:: (SQLITE_\w+)(?: \(extended: (SQLITE_\w+)\))?)?$/s.exec(
    text,
  )!;
  if (base !== undefined) return sqliteError(extended ?? extendedOf(base, message!), plain(message!), sql, error);
  const details = { sql, cause: error };
  if (TRANSIENT.test(text)) return new DBConnectionError(message!, { ...details, code: "transient" });
  if (OVERLOADED.test(text)) return new OperationalError(message!, { ...details, code: "overloaded" });
  return sqliteError("SQLITE_ERROR", plain(message!), sql, error);
}

/** Older runtimes leave the extension out; the words say it too. */
function extendedOf(code: string, message: string): string {
  const word = /^(UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed/.exec(message)?.[1];
  return code === "SQLITE_CONSTRAINT" && word !== undefined ? `${code}_${word.replace(" ", "")}` : code;
}

/** Where in the statement something was found says nothing without the statement. */
const plain = (message: string): string => message.replace(/ at offset \d+$/, "");
