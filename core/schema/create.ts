import { ConfigurationError } from "../base/errors.js";
import { indexName } from "../base/names.js";
import type { Field } from "../fields/field.js";
import type {
  ColumnDefault,
  ColumnDefinition,
  CreateTable,
  Ddl,
  Expr,
  IndexDefinition,
  TableConstraint,
} from "../sql/ast.js";
import { compileDdl } from "../sql/compile.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import type { IndexOptions, Meta } from "./meta.js";

/** The statements that make the models' tables, in the order in which they must run. Unmanaged models are left out. */
export function createSchema(metas: readonly Meta[], dialect: Dialect, { safe }: { readonly safe: boolean }): string[] {
  return metas
    .filter((meta) => meta.managed)
    .flatMap((meta) => createTable(meta, dialect, safe))
    .map((ddl) => compileDdl(ddl, dialect));
}

/** One model's table, and its indexes where they are statements of their own. */
export function createTable(meta: Meta, dialect: Dialect, safe: boolean): Ddl[] {
  const indexes = indexesOf(meta, dialect);
  const table: CreateTable = {
    kind: "createTable",
    table: meta.table,
    ifNotExists: safe,
    columns: meta.fields.map((field) => columnOf(field, dialect)),
    constraints: constraintsOf(meta),
    indexes,
    comment: meta.description,
  };
  if (dialect.inlineIndexes) return [table];
  return [
    table,
    ...indexes.map((index): Ddl => ({ kind: "createIndex", table: meta.table, ifNotExists: safe, index })),
  ];
}

function columnOf(field: Field, dialect: Dialect): ColumnDefinition {
  const { column, type, primaryKey, generated, description } = field;
  return {
    name: column,
    type,
    null: field.null,
    primaryKey,
    generated,
    unique: field.unique && !primaryKey,
    default: defaultOf(field, dialect),
    comment: description,
    references: null,
  };
}

function defaultOf(field: Field, dialect: Dialect): ColumnDefault | null {
  if (field.dbDefault === undefined) return null;
  if (field.dbDefault === "now" && field.isClock) return { kind: "now" };
  return { kind: "value", value: encoded(field, field.dbDefault, dialect) };
}

function encoded(field: Field, value: unknown, dialect: Dialect): SqlValue {
  if (value === null) return null;
  const { encode } = field.codec(dialect.codec(field.type));
  const clean = field.clean(value);
  return encode === null ? (clean as SqlValue) : encode(clean as never);
}

function constraintsOf(meta: Meta): TableConstraint[] {
  const rules = meta.uniqueTogether.map((names): TableConstraint => {
    const columns = names.map((name) => columnName(meta, name));
    return { kind: "unique", name: indexName("uid", meta.table.name, columns), columns, check: null };
  });
  return [
    ...rules,
    ...meta.constraints.map(({ name, check }): TableConstraint => ({ kind: "check", name, columns: [], check })),
  ];
}

function indexesOf(meta: Meta, dialect: Dialect): IndexDefinition[] {
  const single = meta.fields
    .filter((field) => field.index && !field.unique)
    .map((field): IndexOptions => ({ fields: [field.name] }));
  const made = new Map<string, string>();
  return [...single, ...meta.indexes].flatMap((options) => {
    const columns = options.fields.map((name) => columnName(meta, name));
    const name = options.name ?? indexName("idx", meta.table.name, columns);
    const index: IndexDefinition = {
      name,
      columns,
      unique: options.unique === true,
      where: partial(options, meta, dialect),
    };
    const text = compileDdl({ kind: "createIndex", table: meta.table, ifNotExists: false, index }, dialect);
    if (made.has(name)) {
      if (made.get(name) === text) return [];
      throw new ConfigurationError(`${meta.name}: two different indexes are called "${name}"`, {
        code: "index_twice",
        hint: "give one of them another name",
      });
    }
    made.set(name, text);
    return [index];
  });
}

/** `{ status: "open" }` of a partial index as a condition of literals: an index's text has no parameters. */
function partial({ where }: IndexOptions, meta: Meta, dialect: Dialect): Expr | null {
  const entries = Object.entries(where ?? {});
  if (entries.length === 0) return null;
  return {
    kind: "and",
    items: entries.map(([name, value]): Expr => {
      const field = meta.field.get(name)!;
      const left: Expr = { kind: "column", table: null, name: field.column, nullable: field.null };
      return value === null
        ? { kind: "isNull", item: left, negated: false }
        : { kind: "compare", op: "=", left, right: { kind: "literal", value: encoded(field, value, dialect) } };
    }),
  };
}

const columnName = (meta: Meta, name: string): string => (name === "pk" ? meta.pk : meta.field.get(name)!).column;
