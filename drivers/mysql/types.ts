import { formatDatetime } from "../../core/base/datetime-text.js";
import { canonicalDecimal, isCanonicalDecimal, parseDecimal } from "../../core/base/decimal-text.js";
import { FieldError } from "../../core/base/errors.js";
import {
  readBigint,
  readBytes,
  readDate,
  readDatetime,
  readDatetime6,
  readInteger,
  readJson,
  readTime,
  readUuidBytes,
  uuidBytes,
} from "../../core/fields/stored.js";
import type { Codec, Collation, ColumnType, SqlValue } from "../../core/sql/column-type.js";

type DecimalType = Extract<ColumnType, { readonly kind: "decimal" }>;

/** The column type that MySQL and MariaDB get. */
export function columnType(type: ColumnType): string {
  switch (type.kind) {
    case "smallInt":
      return "SMALLINT";
    case "int":
      return "INT";
    case "bigInt":
    case "timeDelta":
      return "BIGINT";
    case "boolean":
      return "TINYINT(1)";
    case "float":
      return "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.maxDigits},${type.decimalPlaces})`;
    case "char":
      return `VARCHAR(${type.maxLength})${collated(type)}`;
    case "uuid":
      return type.storage === "binary" ? "BINARY(16)" : "CHAR(36)";
    case "text":
      return `LONGTEXT${collated(type)}`;
    case "date":
      return "DATE";
    case "time":
      return "TIME(6)";
    case "datetime":
      return `DATETIME(${type.precision})`;
    case "json":
      return "JSON";
    case "binary":
      return "LONGBLOB";
    default:
      return type satisfies never;
  }
}

const collated = ({ collation }: { readonly collation?: Collation }): string =>
  collation?.mysql === undefined ? "" : ` COLLATE ${collation.mysql}`;

/** How the values of a column type travel to and from MySQL and MariaDB. */
export function codec(type: ColumnType): Codec {
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
      return FLOAT;
    case "date":
      return DATE;
    case "time":
      return TIME;
    case "datetime":
      return type.precision === 3 ? DATETIME : DATETIME6;
    case "json":
      return JSON_TEXT;
    case "binary":
      return BINARY;
    case "uuid":
      return type.storage === "binary" ? UUID_BYTES : PLAIN;
    case "char":
    case "text":
      return PLAIN;
    default:
      return type satisfies never;
  }
}

/** A sum of integers is a decimal to the server, which comes as text. */
const readWhole = (stored: unknown): number => readInteger(typeof stored === "string" ? readBigint(stored) : stored);

const PLAIN: Codec = { encode: null, decode: null, readAsText: false };
const INTEGER: Codec = { encode: null, decode: readWhole, readAsText: false };
const BIGINT: Codec = { encode: null, decode: readBigint, readAsText: false };
const BOOLEAN: Codec = {
  encode: (value: boolean) => (value ? 1 : 0),
  // Some clients give the integers of expressions as text.
  decode: (stored: unknown) => Number(stored) !== 0,
  readAsText: false,
};
const FLOAT: Codec = { encode: null, decode: Number, readAsText: false };
const DATE: Codec = { encode: null, decode: readDate, readAsText: false };
const TIME: Codec = { encode: null, decode: readTime, readAsText: false };
const DATETIME: Codec = {
  encode: (value: Date) => formatDatetime(value.getTime()),
  decode: readDatetime,
  readAsText: false,
};
const DATETIME6: Codec = {
  encode: (value: string) => `${value.slice(0, 10)} ${value.slice(11, 26)}`,
  decode: readDatetime6,
  readAsText: false,
};
const JSON_TEXT: Codec = { encode: (value: unknown) => JSON.stringify(value), decode: readJson, readAsText: false };
const UUID_BYTES: Codec = { encode: uuidBytes, decode: readUuidBytes, readAsText: false };
const BINARY: Codec = { encode: null, decode: readBytes, readAsText: false };

function decimalCodec(type: DecimalType): Codec {
  const { mode, decimalPlaces } = type;
  const read = (stored: unknown): string => readDecimal(stored, type);
  return {
    encode:
      mode === "string"
        ? null
        : (value: number): SqlValue => canonicalDecimal(parseDecimal(String(value))!, decimalPlaces),
    decode: mode === "string" ? read : (stored: unknown) => Number(read(stored)),
    readAsText: false,
  };
}

/** Decimal text in canonical form, of as many digits before the point as there are: sums have more than their column. */
function readDecimal(stored: unknown, { maxDigits, decimalPlaces }: DecimalType): string {
  if (typeof stored === "string" && isCanonicalDecimal(stored, maxDigits, decimalPlaces)) return stored;
  const decimal = parseDecimal(String(stored));
  if (decimal !== null && decimal.places <= decimalPlaces) return canonicalDecimal(decimal, decimalPlaces);
  throw new FieldError("the stored value is not a decimal of the column's places", {
    code: "bad_stored_value",
    hint: `the field has ${decimalPlaces} places`,
  });
}

/** Every decimal column holds exact numbers. */
export const scaleOf = (type: ColumnType): number | null => (type.kind === "decimal" ? type.decimalPlaces : null);
