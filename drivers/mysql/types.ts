import { canonicalDecimal, isCanonicalDecimal, parseDecimal } from "../../core/base/decimal-text.js";
import { FieldError } from "../../core/base/errors.js";
import { BINARY, codecOf, toBit, type OwnStored } from "../../core/fields/codecs.js";
import { readBigint, readInteger, readTime } from "../../core/fields/stored.js";
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
    case "geometry":
      return "GEOMETRY";
    default:
      return type satisfies never;
  }
}

const collated = ({ collation }: { readonly collation?: Collation }): string =>
  collation?.mysql === undefined ? "" : ` COLLATE ${collation.mysql}`;

/** How the values of a column type travel to and from MySQL and MariaDB. */
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
      return FLOAT;
    case "time":
      return TIME;
    case "geometry":
      return GEOMETRY;
    default:
      return type satisfies never;
  }
}

/** A sum of integers is a decimal to the server, which comes as text. */
const readWhole = (stored: unknown): number => readInteger(typeof stored === "string" ? readBigint(stored) : stored);

const INTEGER: Codec = { encode: null, decode: readWhole, readAs: null };
const BIGINT: Codec = { encode: null, decode: readBigint, readAs: null };
// Some clients give the integers of expressions as text.
const BOOLEAN: Codec = { encode: toBit, decode: (stored: unknown) => Number(stored) !== 0, readAs: null };
const FLOAT: Codec = { encode: null, decode: Number, readAs: null };
const TIME: Codec = { encode: null, decode: readTime, readAs: null };
/** Clients take shapes apart, and lose what they refer to. */
const GEOMETRY: Codec = { ...BINARY, readAs: "blob" };

function decimalCodec(type: DecimalType): Codec {
  const { mode, decimalPlaces } = type;
  const read = (stored: unknown): string => readDecimal(stored, type);
  return {
    encode:
      mode === "string"
        ? null
        : (value: number): SqlValue => canonicalDecimal(parseDecimal(String(value))!, decimalPlaces),
    decode: mode === "string" ? read : (stored: unknown) => Number(read(stored)),
    readAs: null,
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
