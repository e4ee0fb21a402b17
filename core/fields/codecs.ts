import { formatDatetime } from "../base/datetime-text.js";
import type { Codec, ColumnType } from "../sql/column-type.js";
import { readBytes, readDate, readDatetime, readDatetime6, readJson, readUuidBytes, uuidBytes } from "./stored.js";

// Codecs that both families have: what they store is the same, or means the same to every client.

/** Stored as it is. */
export const PLAIN: Codec = { encode: null, decode: null, readAs: null };

/** True is 1. */
export const toBit = (value: boolean): number => (value ? 1 : 0);

const DATE: Codec = { encode: null, decode: readDate, readAs: null };
const DATETIME: Codec = {
  encode: (value: Date) => formatDatetime(value.getTime()),
  decode: readDatetime,
  readAs: null,
};
const DATETIME6: Codec = {
  encode: (value: string) => `${value.slice(0, 10)} ${value.slice(11, 26)}`,
  decode: readDatetime6,
  readAs: null,
};
const JSON_TEXT: Codec = { encode: (value: unknown) => JSON.stringify(value), decode: readJson, readAs: null };
const UUID_BYTES: Codec = { encode: uuidBytes, decode: readUuidBytes, readAs: null };
/** Bytes as they are. */
export const BINARY: Codec = { encode: null, decode: readBytes, readAs: null };

/** The kinds whose stored form every family has to say itself. */
export type OwnStored = Extract<
  ColumnType,
  { readonly kind: "smallInt" | "int" | "bigInt" | "timeDelta" | "decimal" | "boolean" | "float" | "time" | "geometry" }
>;

/** The codec of a column type, `own` for the kinds that a family stores in its own way. */
export function codecOf(type: ColumnType, own: (type: OwnStored) => Codec): Codec {
  switch (type.kind) {
    case "date":
      return DATE;
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
      return own(type);
  }
}
