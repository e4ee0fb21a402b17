import { TerrapinError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { JsonSchema, SchemaPurpose, StandardIssue, StandardSchema } from "../types/json-schema.js";
import type { Meta } from "./meta.js";

/** What a model's values look like as JSON, for forms, documents and validators. JSON Schema, draft 2020-12. */
export function jsonSchema(meta: Meta, purpose: SchemaPurpose): JsonSchema {
  const fields = fieldsFor(meta, purpose);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: meta.name,
    ...(meta.description === null ? {} : { description: meta.description }),
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field, purpose)])),
    required: fields.filter((field) => isRequired(field, purpose)).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** A validator of plain data for a model, as standardschema.dev specifies it: forms and routers know the shape. */
export function standardSchema(meta: Meta, purpose: SchemaPurpose): StandardSchema {
  return {
    "~standard": {
      version: 1,
      vendor: "terrapin",
      validate(input) {
        const issues: StandardIssue[] = [];
        const value = validated(input, meta, purpose, issues);
        return issues.length > 0 ? { issues } : { value };
      },
    },
  };
}

/** What one may send: not what the database or the clock makes. */
function fieldsFor({ fields }: Meta, purpose: SchemaPurpose): readonly Field[] {
  if (purpose === "read") return fields;
  return fields.filter(
    (field) => !(field.generated || field.autoNow || field.autoNowAdd || (field.primaryKey && purpose === "update")),
  );
}

const isRequired = (field: Field, purpose: SchemaPurpose): boolean =>
  purpose === "read" || (purpose === "create" && field.required);

function propertyOf(field: Field, purpose: SchemaPurpose): Record<string, unknown> {
  const { description, generated, autoNow, autoNowAdd } = field;
  const given = field.default ?? field.dbDefault;
  const isPlain = ["string", "number", "boolean"].includes(typeof given) && given !== "now";
  return {
    ...orNull(typed(field), field),
    ...(description === null ? {} : { description }),
    ...(purpose === "create" && isPlain ? { default: given } : {}),
    ...(purpose === "read" && (generated || autoNow || autoNowAdd) ? { readOnly: true } : {}),
  };
}

function orNull(schema: Record<string, unknown>, field: Field): Record<string, unknown> {
  if (!field.null) return schema;
  if (Array.isArray(schema["enum"]))
    return { ...schema, type: [schema["type"], "null"], enum: [...(schema["enum"] as unknown[]), null] };
  return schema["type"] === undefined ? schema : { ...schema, type: [schema["type"], "null"] };
}

function typed(field: Field): Record<string, unknown> {
  const { members } = field.source as { readonly members?: ReadonlySet<unknown> };
  const { type } = field;
  const { ge, le } = field.constraints() as { readonly ge?: unknown; readonly le?: unknown };
  switch (type.kind) {
    case "smallInt":
    case "int":
    case "timeDelta":
      return members === undefined ? { type: "integer", ...bounds(ge, le) } : { type: "integer", enum: [...members] };
    case "bigInt":
      // A bigint is no JSON number: it travels as text.
      return type.mode === "bigint"
        ? { type: "string", pattern: "^-?[0-9]+$" }
        : { type: "integer", ...bounds(ge, le) };
    case "float":
      return { type: "number" };
    case "decimal":
      return type.mode === "number"
        ? { type: "number" }
        : { type: "string", pattern: `^-?[0-9]+(?:\\.[0-9]{1,${Math.max(1, type.decimalPlaces)}})?$` };
    case "boolean":
      return { type: "boolean" };
    case "char":
      return members === undefined
        ? { type: "string", maxLength: type.maxLength }
        : { type: "string", enum: [...members] };
    case "text":
      return { type: "string" };
    case "uuid":
      return { type: "string", format: "uuid" };
    case "date":
      return { type: "string", format: "date" };
    case "time":
      return { type: "string", format: "time" };
    case "datetime":
      return { type: "string", format: "date-time" };
    case "binary":
    case "geometry":
      return { type: "string", contentEncoding: "base64" };
    case "json":
      return {};
    default:
      return type satisfies never;
  }
}

const bounds = (ge: unknown, le: unknown): Record<string, unknown> => ({
  ...(typeof ge === "number" ? { minimum: ge } : {}),
  ...(typeof le === "number" ? { maximum: le } : {}),
});

function validated(
  input: unknown,
  meta: Meta,
  purpose: SchemaPurpose,
  issues: StandardIssue[],
): Record<string, unknown> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    issues.push({ message: `${meta.name} is an object of values`, path: [] });
    return {};
  }
  const fields = fieldsFor(meta, purpose);
  const given = input as Readonly<Record<string, unknown>>;
  const value: Record<string, unknown> = {};
  for (const name of Object.keys(given))
    if (fields.every((field) => field.name !== name))
      issues.push({ message: `${meta.name} takes no "${name}" here`, path: [name] });
  for (const field of fields) {
    const { name } = field;
    if (!Object.hasOwn(given, name) || given[name] === undefined) {
      if (isRequired(field, purpose)) issues.push({ message: `${name} is required`, path: [name] });
      continue;
    }
    try {
      value[name] = given[name] === null ? field.forWrite(null) : checked(field, given[name]);
    } catch (error) {
      if (!(error instanceof TerrapinError)) throw error;
      issues.push({ message: error.message, path: [name] });
    }
  }
  return value;
}

/** Data from outside, as the field holds it. */
function checked(field: Field, given: unknown): unknown {
  const value = field.convert(given);
  field.validate(value);
  return value;
}
