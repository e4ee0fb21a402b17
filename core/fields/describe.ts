import type { ColumnType } from "../sql/column-type.js";
import type { FieldDescription } from "../types/describe.js";
import type { Field } from "./field.js";

/**
 * Describes a data field. `serializable`: as plain JSON; otherwise with its class, its JS type and its default as they are.
 * `columnTypes` gives the column's type by dialect; only those that differ from the general one are told.
 */
export function describeField(
  field: Field,
  serializable = true,
  columnTypes: Readonly<Record<string, string>> = {},
): FieldDescription {
  const general = generalColumnType(field.type);
  const special = Object.entries(columnTypes).filter(([, type]) => type !== general);
  return {
    name: field.name,
    field_type: serializable ? fieldType(field.kind) : field.constructor,
    db_column: field.column,
    js_type: serializable
      ? JS_TYPES[jsType(field.type)]
      : jsType(field.type) === "json"
        ? Object
        : GLOBALS[jsType(field.type) as keyof typeof GLOBALS],
    generated: field.generated,
    nullable: field.null,
    unique: field.unique,
    indexed: field.index || field.unique,
    default: serializable ? plainDefault(field) : (field.default ?? null),
    description: field.description,
    docstring: null,
    constraints: field.constraints(),
    db_field_types: { "": general, ...Object.fromEntries(special) },
    ...(field.type.kind === "datetime" || field.type.kind === "time"
      ? { auto_now_add: field.autoNowAdd || field.autoNow, auto_now: field.autoNow }
      : {}),
  };
}

const JS_TYPES = {
  number: "number",
  bigint: "bigint",
  string: "string",
  boolean: "boolean",
  date: "Date",
  bytes: "Uint8Array",
  json: "unknown",
} as const;
const GLOBALS = {
  number: Number,
  bigint: BigInt,
  string: String,
  boolean: Boolean,
  date: Date,
  bytes: Uint8Array,
} as const;

function jsType(type: ColumnType): keyof typeof JS_TYPES {
  switch (type.kind) {
    case "smallInt":
    case "int":
    case "float":
    case "timeDelta":
      return "number";
    case "bigInt":
    case "decimal":
      return type.mode;
    case "datetime":
      return type.precision === 3 ? "date" : "string";
    case "boolean":
    case "json":
      return type.kind;
    case "binary":
    case "geometry":
      return "bytes";
    default:
      return "string";
  }
}

const ODD_NAMES: Readonly<Record<string, string>> = {
  uuid: "UUIDField",
  json: "JSONField",
  intEnum: "IntEnumFieldInstance",
  charEnum: "CharEnumFieldInstance",
};

/** The class's name spelled from its kind, because minifiers rename classes. */
function fieldType(kind: string): string {
  return Object.hasOwn(ODD_NAMES, kind) ? ODD_NAMES[kind]! : `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Field`;
}

/** The column's type in the words most databases share. */
function generalColumnType(type: ColumnType): string {
  switch (type.kind) {
    case "smallInt":
      return "SMALLINT";
    case "int":
      return "INT";
    case "bigInt":
    case "timeDelta":
      return "BIGINT";
    case "float":
      return "DOUBLE PRECISION";
    case "decimal":
      return `DECIMAL(${type.maxDigits},${type.decimalPlaces})`;
    case "boolean":
      return "BOOL";
    case "char":
      return `VARCHAR(${type.maxLength})`;
    case "uuid":
      return "CHAR(36)";
    case "datetime":
      return "TIMESTAMP";
    case "binary":
      return "BLOB";
    default:
      return type.kind.toUpperCase();
  }
}

/** A field's default as plain JSON. */
export function plainDefault(field: Field): unknown {
  const { default: given, type } = field;
  if (given === undefined || given === null) return null;
  if (typeof given === "function") return `<function ${given.name || "anonymous"}>`;
  if (type.kind === "json") return JSON.stringify(given);
  if (typeof given === "bigint") return String(given);
  if (given instanceof Date) return given.toISOString();
  return given instanceof Uint8Array ? Array.from(given, (byte) => byte.toString(16).padStart(2, "0")).join("") : given;
}
