import { canonicalDecimal, parseDecimal, placePoint } from "../../core/base/decimal-text.js";
import { BINARY, codecOf, PLAIN, toBit, type OwnStored } from "../../core/fields/codecs.js";
import {
  DOUBLE_DIGITS,
  readBigint,
  readBoolean,
  readDecimal,
  readInteger,
  readTime,
} from "../../core/fields/stored.js";
import type { Codec, Collation, ColumnType, SqlValue } from "../../core/sql/column-type.js";

type DecimalType = Extract<ColumnType, { readonly kind: "decimal" }>;

/** The column type that SQLite and its relatives get: its affinity keeps the stored form as it is. */
export function columnType(type: ColumnType): string {
  switch (type.kind) {
    case "smallInt":
    case "int":
    case "bigInt":
    case "boolean":
    case "timeDelta":
      return "INTEGER";
    case "float":
      return "REAL";
    case "decimal":
      return { integer: "INTEGER", text: "TEXT", numeric: "NUMERIC" }[decimalForm(type)];
    case "char":
      return `VARCHAR(${type.maxLength})${collated(type)}`;
    case "uuid":
      return type.storage === "binary" ? "BLOB" : "CHAR(36)";
    case "text":
      return `TEXT${collated(type)}`;
    case "date":
    case "time":
    case "datetime":
    case "json":
      return "TEXT";
    case "binary":
    case "geometry":
      return "BLOB";
    default:
      return type satisfies never;
  }
}

const collated = ({ collation }: { readonly collation?: Collation }): string =>
  collation?.sqlite === undefined ? "" : ` COLLATE ${collation.sqlite}`;

/** 64 bits hold every integer of so many digits. */
const INTEGER_DIGITS = 18;

/**
 * How a decimal is stored. `integer`: counted in units of its last place, exact in sums, order and ranges, up to 18
 * digits. `text`: canonical text, for more digits and for foreign tables; it compares as text. `numeric`: SQLite's own
 * numbers, for foreign tables.
 */
export function decimalForm(type: DecimalType): "integer" | "text" | "numeric" {
  if (type.storage !== "auto") return type.storage;
  return type.maxDigits <= INTEGER_DIGITS ? "integer" : "text";
}

/** How the values of a column type travel to and from SQLite and its relatives. */
export const codec = (type: ColumnType): Codec => codecOf(type, ownCodec);

function ownCodec(type: OwnStored): Codec {
  switch (type.kind) {
    case "smallInt":
    case "int":
    case "timeDelta":
      return INTEGER;
    case "bigInt":
      return type.mode === "number" ? INTEGER : BIGINT;
    case "decimal":
      return decimalCodec(type);
    case "boolean":
      return BOOLEAN;
    case "float":
      return PLAIN;
    case "time":
      return TIME;
    case "geometry":
      return BINARY;
    default:
      return type satisfies never;
  }
}

const INTEGER: Codec = { encode: null, decode: readInteger, readAs: null };
const BIGINT: Codec = { encode: null, decode: readBigint, readAs: "text" };
const BOOLEAN: Codec = { encode: toBit, decode: readBoolean, readAs: null };
const TIME: Codec = {
  encode: (value: string) => (value.length === 8 ? `${value}.000000` : value),
  decode: readTime,
  readAs: null,
};

function decimalCodec(type: DecimalType): Codec {
  const form = decimalForm(type);
  if (form === "integer") return type.mode === "number" ? scaledNumberCodec(type) : scaledTextCodec(type);
  const { mode, decimalPlaces } = type;
  const read = (stored: unknown): string => readDecimal(stored, type);
  return {
    encode:
      form === "numeric"
        ? mode === "number"
          ? null
          : (value: string): SqlValue => Number(value)
        : mode === "string"
          ? null
          : (value: number): SqlValue => canonicalDecimal(parseDecimal(String(value))!, decimalPlaces),
    decode: mode === "string" ? read : (stored: unknown) => Number(read(stored)),
    readAs: null,
  };
}

/** "12.50" is stored as 1250. */
function scaledTextCodec({ maxDigits, decimalPlaces: places }: DecimalType): Codec {
  const exact = maxDigits <= DOUBLE_DIGITS;
  const scale = 10 ** places;
  return {
    encode: exact
      ? countUnits
      : (value: string): SqlValue => BigInt(places === 0 ? value : value.slice(0, -places - 1) + value.slice(-places)),
    decode: exact
      ? (stored: unknown) => placeUnits(readInteger(stored), scale)
      : (stored: unknown) => placeScaled(String(readBigint(stored)), places),
    readAs: exact ? null : "text",
  };
}

/** The digits of canonical text as one number. */
function countUnits(text: string): number {
  let units = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0) units = units * 10 + digit;
  }
  return text.charCodeAt(0) === 45 ? -units : units;
}

/**
 * A count of units as text with its point. Whole and fraction are written each by itself, because a number of more than
 * nine digits becomes text four times as slowly; with at most 15 digits the division is exact.
 */
function placeUnits(units: number, scale: number): string {
  if (scale === 1) return String(units);
  const size = Math.abs(units);
  const whole = Math.trunc(size / scale);
  const text = `${whole}.${String(scale + size - whole * scale).slice(1)}`;
  return units < 0 ? `-${text}` : text;
}

function placeScaled(digits: string, places: number): string {
  return digits.charCodeAt(0) === 45 ? `-${placePoint(digits.slice(1), places)}` : placePoint(digits, places);
}

/** 12.5 is stored as 1250. With at most 15 digits both directions are exact: the rounding errors stay below a unit. */
function scaledNumberCodec({ decimalPlaces }: DecimalType): Codec {
  const scale = 10 ** decimalPlaces;
  return {
    encode: (value: number): SqlValue => Math.round(value * scale) + 0,
    decode: (stored: unknown) => readInteger(stored) / scale,
    readAs: null,
  };
}

/** How many places the integers of a decimal column stand for; null where it holds no integers. */
export function scaleOf(type: ColumnType): number | null {
  return type.kind === "decimal" && decimalForm(type) === "integer" ? type.decimalPlaces : null;
}

/** Text of digits sorts as text: "10" before "9". */
export function sorts(type: ColumnType): boolean {
  return type.kind !== "decimal" || decimalForm(type) !== "text";
}
