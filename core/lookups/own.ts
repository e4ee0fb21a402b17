import { ConfigurationError, ParamsError, typeName, UnsupportedError } from "../base/errors.js";
import { Field } from "../fields/field.js";
import type { Encode, Expr } from "../sql/ast.js";
import type { SqlValue } from "../sql/column-type.js";
import { partsOf } from "../sql/raw-parts.js";
import type { SqlLookupFunction, WithLookupsFunction } from "../types/own-lookups.js";
import { findLookup, type OwnLookups } from "./index.js";
import { lookup, type Lookup, type LookupContext } from "./lookup.js";

const FAMILIES = ["sqlite", "mysql"];

/** A condition in SQL, for columns whose fields are given it. */
class SqlLookup {
  readonly #sql: Readonly<Record<string, readonly string[]>>;
  readonly #takes: Field | null;

  constructor(sql: Readonly<Record<string, readonly string[]>>, takes: Field | null) {
    this.#sql = sql;
    this.#takes = takes;
  }

  /** The lookup of one field under a name. */
  under(name: string, { lookups }: Field): Lookup {
    return lookup([lookups], (context) => this.#build(context, name));
  }

  #build({ left, field, encode, param, dialect, path }: LookupContext, name: string): Expr {
    // The author's lines are told apart by family, as the author tells them: nothing of ours depends on it.
    const { family, name: database } = dialect;
    const parts = this.#sql[family];
    if (parts === undefined)
      throw new UnsupportedError(`"${path}": the lookup "${name}" says nothing for ${database}`, {
        code: "own_lookup",
        hint: `sqlLookup({ ${family}: "…" })`,
      });
    const takes = this.#takes;
    const stored = takes === null ? encode : encoderOf(takes, name, dialect.codec(takes.type).encode);
    // Drivers bind numbers as floats, and a calculation would go on with one.
    const encoded: Encode = (value) => {
      const found = stored(value);
      const isWhole = (takes ?? field).type.kind !== "float" && Number.isSafeInteger(found);
      return isWhole ? BigInt(found as number) : found;
    };
    // What stands between the parts is {column} or {value}; the words were kept at the odd places.
    return {
      kind: "raw",
      parts: parts.filter((_, i) => i % 2 === 0),
      items: parts.filter((_, i) => i % 2 === 1).map((word) => (word === "{column}" ? left : param(encoded))),
    };
  }
}

/** A value as the field that the lookup takes has it; messages name the lookup. */
function encoderOf(takes: Field, name: string, stored: unknown): Encode {
  const named = Object.create(takes, { name: { value: name } }) as Field;
  const encode = stored as ((value: unknown) => SqlValue) | null;
  return (value) => {
    const clean = named.clean(value) as SqlValue;
    return encode === null ? clean : encode(clean);
  };
}

function templateOf(sql: unknown): readonly string[] {
  if (typeof sql !== "string" || sql.trim() === "")
    throw new ParamsError(`sqlLookup() takes a condition in SQL, not ${typeName(sql)}`);
  const parts = partsOf(sql, /\{(?:column|value)\}/g);
  const words = parts.filter((_, i) => i % 2 === 1);
  if (!words.includes("{column}") || !words.includes("{value}"))
    throw new ParamsError("sqlLookup(): the SQL names {column} and {value}", { hint: '"{column} % {value} = 0"' });
  if (parts.some((part, i) => i % 2 === 0 && partsOf(part, /\?/g).length > 1))
    throw new ParamsError("sqlLookup(): a value stands at {value}, not at ?");
  return parts;
}

/**
 * A lookup of one's own, in one line of SQL: `{column}` is the column and `{value}` what it is compared with,
 * which is always bound. Where databases spell it differently, one line for each family. `takes`: a field like the value, where
 * that is not of the column's own kind.
 * @example
 * const divisibleBy = sqlLookup("{column} % {value} = 0", { takes: fields.int() });
 * const soundsLike = sqlLookup({ mysql: "SOUNDEX({column}) = SOUNDEX({value})" });
 */
export const sqlLookup: SqlLookupFunction = ((
  sql: unknown,
  { takes }: { readonly takes?: unknown } = {},
): SqlLookup => {
  if (takes !== undefined && !(takes instanceof Field))
    throw new ParamsError(`sqlLookup(): takes is a field like the value, not ${typeName(takes)}`, {
      hint: "fields.int()",
    });
  const lines = typeof sql === "object" && sql !== null ? sql : Object.fromEntries(FAMILIES.map((name) => [name, sql]));
  const unknown = Object.keys(lines).find((name) => !FAMILIES.includes(name));
  if (unknown !== undefined || Object.keys(lines).length === 0)
    throw new ParamsError(`sqlLookup(): there is no family of databases "${unknown ?? ""}"`, {
      hint: `known: ${FAMILIES.join(", ")}`,
    });
  return new SqlLookup(
    Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, templateOf(line)])),
    takes ?? null,
  );
}) as never;

/**
 * A field with lookups of one's own besides those of its kind.
 * @example
 * class Box extends Model.define({ size: withLookups(fields.int(), { divisible_by: divisibleBy }) }) {}
 * await Box.filter({ size__divisible_by: 3 }); // … WHERE ("size" % ? = 0)
 */
export const withLookups: WithLookupsFunction = ((field: unknown, given: Readonly<Record<string, unknown>>): Field => {
  if (!(field instanceof Field))
    throw new ConfigurationError(`withLookups() takes a field, not ${typeName(field)}`, { code: "bad_lookup" });
  const own: Record<string, Lookup> = {};
  for (const [name, each] of Object.entries(given)) {
    if (!/^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/.test(name) || findLookup(name, field) !== null)
      throw new ConfigurationError(`withLookups(): "${name}" cannot be the name of a lookup of one's own`, {
        code: "bad_lookup",
        hint: "letters and digits, single underscores between them, and no name that the field has already",
      });
    if (!(each instanceof SqlLookup))
      throw new ConfigurationError(`withLookups(): "${name}" is no lookup, but ${typeName(each)}`, {
        code: "bad_lookup",
        hint: 'sqlLookup("{column} … {value}")',
      });
    own[name] = each.under(name, field);
  }
  const copy = Object.assign(Object.create(Object.getPrototypeOf(field) as object) as Field, field);
  return Object.assign(copy, { ownLookups: { ...(field.ownLookups as OwnLookups | null), ...own } });
}) as never;
