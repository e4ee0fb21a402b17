import { formatInstant, isDate, parseDatetime, parseInstant, parseTime, shortTime } from "../base/datetime-text.js";
import { canonicalDecimal, isCanonicalDecimal, parseDecimal, wholeDigits } from "../base/decimal-text.js";
import { FieldError } from "../base/errors.js";
import type { ColumnType } from "../sql/column-type.js";
import { JsonNull } from "./data.js";

// How stored values are read: what the codecs of both families share.

type DecimalType = Extract<ColumnType, { readonly kind: "decimal" }>;

/** A double holds every integer of so many digits. */
export const DOUBLE_DIGITS = 15;

function unreadable(expected: string, hint: string | null = null, cause?: unknown): FieldError {
  return new FieldError(`the stored value is not ${expected}`, { code: "bad_stored_value", hint, cause });
}

/** An integer as a number, refused when the number is not exactly the integer that is stored. */
export function readInteger(stored: unknown): number {
  if (Number.isSafeInteger(stored)) return stored as number;
  if (typeof stored === "bigint" && stored >= -9007199254740991n && stored <= 9007199254740991n) return Number(stored);
  if (typeof stored !== "bigint" && !Number.isInteger(stored)) throw unreadable("an integer");
  throw new FieldError("the stored integer is too large for a number", {
    code: "unsafe_integer",
    hint: 'fields.bigInt({ mode: "bigint" }) reads it exactly',
  });
}

/** An integer of 64 bits, from the text it is selected as. */
export function readBigint(stored: unknown): bigint {
  if (typeof stored === "bigint") return stored;
  if (typeof stored === "number" ? Number.isSafeInteger(stored) : typeof stored === "string" && /^-?\d+$/.test(stored))
    return BigInt(stored as string | number);
  throw unreadable("an integer");
}

/** Foreign writers have other numbers for true. */
export function readBoolean(stored: unknown): boolean {
  return stored !== 0 && stored !== 0n;
}

/** A Date from `YYYY-MM-DD HH:MM:SS.SSS`, and on a slower path from the other ISO forms; without an offset it is UTC. */
export function readDatetime(stored: unknown): Date {
  const ms = typeof stored === "string" ? parseDatetime(stored) : Number.NaN;
  return new Date(ms === ms ? ms : readForeignDatetime(stored));
}

function readForeignDatetime(stored: unknown): number {
  const instant = typeof stored === "string" ? parseInstant(stored) : null;
  if (instant === null) throw unreadable("a date and time");
  if (instant.nanos !== 0)
    throw new FieldError("the stored time has more than milliseconds", {
      code: "too_precise",
      hint: "fields.datetime({ precision: 6 }) reads it exactly",
    });
  return instant.ms;
}

/** Canonical text of an instant with microseconds, `YYYY-MM-DDTHH:MM:SS.ffffffZ`, from any ISO form. */
export function readDatetime6(stored: unknown): string {
  if (typeof stored !== "string") throw unreadable("a date and time");
  if (stored.length === 26 && stored.charCodeAt(10) === 32 && stored.charCodeAt(19) === 46)
    return `${stored.slice(0, 10)}T${stored.slice(11)}Z`;
  const instant = parseInstant(stored);
  if (instant === null) throw unreadable("a date and time");
  if (instant.nanos % 1000 !== 0)
    throw new FieldError("the stored time has more than microseconds", { code: "too_precise" });
  return `${formatInstant(instant, "T")}Z`;
}

/** A day, `YYYY-MM-DD`; of a date and time, its day. */
export function readDate(stored: unknown): string {
  if (typeof stored === "string") {
    if (stored.length === 10) return stored;
    const day = stored.slice(0, 10);
    if (isDate(day) && parseInstant(stored) !== null) return day;
  }
  throw unreadable("a day");
}

/** A time of day in its short form. */
export function readTime(stored: unknown): string {
  if (typeof stored === "string") {
    if (stored.length === 15 && stored.charCodeAt(8) === 46) return shortTime(stored);
    const time = parseTime(stored);
    if (time !== null) return shortTime(time);
  }
  throw unreadable("a time of day");
}

/** A document from its text. */
export function readJson(stored: unknown): unknown {
  // A column that another program declared JSON keeps bare numbers as numbers.
  if (typeof stored === "number") return stored;
  if (typeof stored !== "string") throw unreadable("JSON text");
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch (error) {
    throw unreadable("JSON text", null, error);
  }
  return value === null ? JsonNull : value;
}

/** The same bytes as a plain Uint8Array: a client's own subclass prints, compares and slices differently. */
export function readBytes(stored: unknown): Uint8Array {
  if (stored instanceof Uint8Array) {
    return stored.constructor === Uint8Array
      ? stored
      : new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  }
  if (stored instanceof ArrayBuffer) return new Uint8Array(stored);
  if (typeof stored === "string") return new TextEncoder().encode(stored);
  throw unreadable("bytes");
}

/** Decimal text or a number of a foreign table, in canonical form. */
export function readDecimal(
  stored: unknown,
  { maxDigits, decimalPlaces }: Pick<DecimalType, "maxDigits" | "decimalPlaces">,
): string {
  if (typeof stored === "string" && isCanonicalDecimal(stored, maxDigits, decimalPlaces)) return stored;
  const decimal = parseDecimal(String(stored));
  if (decimal !== null && decimal.places <= decimalPlaces && wholeDigits(decimal) <= maxDigits)
    return canonicalDecimal(decimal, decimalPlaces);
  // Arithmetic leaves a trace behind the digits that a double can be trusted with.
  const rounded = typeof stored === "number" ? parseDecimal(stored.toPrecision(DOUBLE_DIGITS)) : null;
  if (rounded !== null && rounded.places <= decimalPlaces) return canonicalDecimal(rounded, decimalPlaces);
  throw unreadable("a decimal of the column's places", `the field has ${decimalPlaces} places`);
}

/** A UUID from its 16 bytes. */
export function readUuidBytes(stored: unknown): string {
  const bytes = readBytes(stored);
  if (bytes.length !== 16) throw unreadable("a UUID of 16 bytes");
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The 16 bytes of a UUID in its canonical form. */
export function uuidBytes(text: string): Uint8Array {
  const digits = text.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}
