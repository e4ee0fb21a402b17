import { formatInstant, parseInstant } from "../../core/base/datetime-text.js";
import { FieldError } from "../../core/base/errors.js";
import { JsonNull } from "../../core/fields/data.js";
import type { Codec, ColumnType } from "../../core/sql/column-type.js";

/** The column type that MySQL gets. */
export function columnType(type: ColumnType): string {
  switch (type.kind) {
    case "smallInt":
      return "SMALLINT";
    case "int":
      return "INT";
    case "bigInt":
    case "timeDelta":
      return "BIGINT";
    case "float":
      return "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.maxDigits},${type.decimalPlaces})`;
    case "boolean":
      return "TINYINT(1)";
    case "char":
      return `VARCHAR(${type.maxLength}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
    case "uuid":
      return "CHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
    case "text":
      return "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
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

/** How the values of a column type travel to and from MySQL. */
export function codec(type: ColumnType): Codec {
  const plain = (decode: ((stored: unknown) => unknown) | null, encode: Codec["encode"] = null): Codec => ({
    encode,
    decode,
    readAsText: false,
  });
  switch (type.kind) {
    case "bigInt":
      return plain(type.mode === "bigint" ? (stored) => BigInt(stored as string) : safeInteger);
    case "timeDelta":
    case "smallInt":
    case "int":
      return plain(safeInteger);
    case "decimal":
      return type.mode === "number" ? plain(Number) : plain(null);
    case "boolean":
      return plain(
        (stored) => stored !== 0,
        (value: boolean) => (value ? 1 : 0),
      );
    case "datetime":
      return type.precision === 3
        ? plain(
            (stored) => new Date(parseInstant(stored as string)!.ms),
            (value: Date) => value.toISOString().slice(0, 23).replace("T", " "),
          )
        : plain(
            (stored) => `${formatInstant(parseInstant(stored as string)!, "T")}Z`,
            (value: string) => `${value.slice(0, 10)} ${value.slice(11, 26)}`,
          );
    case "json":
      return plain(
        (stored) => {
          const value: unknown = JSON.parse(stored as string);
          return value === null ? JsonNull : value;
        },
        (value: unknown) => JSON.stringify(value),
      );
    case "binary":
      return plain((stored) => new Uint8Array(stored as Uint8Array));
    default:
      return plain(null);
  }
}

function safeInteger(stored: unknown): number {
  if (Number.isSafeInteger(stored)) return stored as number;
  throw new FieldError("the stored integer is too large for a number", {
    code: "unsafe_integer",
    hint: 'fields.bigInt({ mode: "bigint" }) reads it exactly',
  });
}
