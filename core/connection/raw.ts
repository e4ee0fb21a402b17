import { ParamsError, typeName } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Result } from "./driver.js";

/** A value that a raw call takes; no field's codec stands behind it, so only these have a plain meaning. */
export type RawValue = null | string | number | bigint | boolean | Date | Uint8Array;

/**
 * Values of a raw call as they are bound. Integers become BigInt, because drivers bind numbers as REAL and `7 / 2`
 * would be 3.5; booleans become 1 and 0; a Date becomes the UTC text that datetime columns hold.
 */
export function rawParams(values: readonly RawValue[]): SqlValue[] {
  if (!Array.isArray(values))
    throw new ParamsError(`the values of a raw query must be an array, not ${typeName(values)}`, {
      hint: "one value for each ? in the SQL, in order",
    });
  return values.map(rawParam);
}

const INT64 = 2n ** 63n;

function rawParam(value: RawValue, at: number): SqlValue {
  const refuse = (what: string, hint: string): ParamsError =>
    new ParamsError(`value ${at + 1} of the raw query is ${what}`, { code: "raw_value", hint });
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (!Number.isFinite(value))
        throw refuse("not a finite number", "databases keep no NaN and no Infinity; use null");
      return value;
    case "bigint":
      if (value >= INT64 || value < -INT64) throw refuse("an integer of more than 64 bits", "pass it as text");
      return value;
    case "boolean":
      return value ? 1n : 0n;
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw refuse("an invalid Date", "check it before the call");
        return value.toISOString().replace("T", " ").slice(0, -1);
      }
  }
  throw refuse(typeName(value), "raw values are null, strings, numbers, bigints, booleans, Dates and Uint8Arrays");
}

/** Rows by position as objects by column name; of two columns with one name the last one stays. */
export function rowsAsObjects({ rows, columns }: Result): Record<string, unknown>[] {
  const names = columns ?? [];
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}
