import { ConfigurationError } from "../base/errors.js";
import { foreignKeyName, indexName } from "../base/names.js";
import type { Field } from "../fields/field.js";
import type { OnDelete } from "../fields/relation.js";
import type {
  ColumnDefault,
  ColumnDefinition,
  CreateTable,
  Ddl,
  Expr,
  ForeignKey,
  IndexDefinition,
  TableConstraint,
  TableName,
} from "../sql/ast.js";
import { compileDdl } from "../sql/compile.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import { createFullText, inlineFullText } from "./full-text.js";
import { columnField, type IndexOptions, type Meta } from "./meta.js";
import type { Relation } from "./relation.js";

/**
 * The statements that make the models' tables, in the order in which they must run: what a foreign key names comes first,
 * except in a circle; tables in the middle of many-to-many relations come last. Unmanaged models are left out.
 */
export function createSchema(metas: readonly Meta[], dialect: Dialect, options: { readonly safe: boolean }): string[] {
  return schemaStatements(metas, dialect, options).map(({ sql }) => sql);
}

/** A statement of a schema; `unless`: a question that has rows where it has been run before, and cannot be run again. */
export interface SchemaStatement {
  readonly sql: string;
  readonly unless: string | null;
}

/** The same, with what must be asked before a statement. */
export function schemaStatements(
  metas: readonly Meta[],
  dialect: Dialect,
  { safe }: { readonly safe: boolean },
): SchemaStatement[] {
  const managed = inOrderOfKeys(metas.filter((meta) => meta.managed));
  const made = new Set<Meta>();
  const later: Ddl[] = [];
  const statements = managed.flatMap((meta) => {
    made.add(meta);
    const keys = foreignKeysOf(meta, metas).map(({ key, target }) => ({
      key,
      now: dialect.forwardReferences || made.has(target) || !managed.includes(target),
    }));
    later.push(
      ...keys.flatMap(({ key, now }): Ddl[] => (now ? [] : [{ kind: "addForeignKey", table: meta.table, key }])),
    );
    return createTable(
      meta,
      dialect,
      safe,
      keys.flatMap(({ key, now }) => (now ? [key] : [])),
    );
  });
  const middle = managed.flatMap((meta) =>
    ownRelations(meta)
      .filter(({ through }) => through !== null && through.meta === null)
      .flatMap((relation) => createThrough(relation, dialect, safe)),
  );
  return [...statements, ...later, ...middle].map((ddl) => ({
    sql: compileDdl(ddl, dialect),
    unless: safe && ddl.kind === "addForeignKey" ? dialect.foreignKeyThere(ddl.table, ddl.key.name) : null,
  }));
}

/** The relations that a model defines itself. */
export const ownRelations = (meta: Meta): Relation[] =>
  [...meta.relations.values()].filter(({ backward }) => !backward);

/** Models after those that their foreign keys (or the `counting` ones) name; where they name each other, as they were given. */
export function inOrderOfKeys(metas: readonly Meta[], counting: (key: Relation) => boolean = () => true): Meta[] {
  const ordered = new Set<Meta>();
  const waiting = new Set<Meta>();
  const visit = (meta: Meta): void => {
    if (ordered.has(meta) || waiting.has(meta) || !metas.includes(meta)) return;
    waiting.add(meta);
    for (const relation of ownRelations(meta))
      if (relation.through === null && counting(relation)) visit(relation.target);
    waiting.delete(meta);
    ordered.add(meta);
  };
  for (const meta of metas) visit(meta);
  return [...ordered];
}

/** The constraints of a model's foreign keys. A table of another database, which none of `metas` has, is none to name. */
function foreignKeysOf(meta: Meta, metas: readonly Meta[]): { readonly key: ForeignKey; readonly target: Meta }[] {
  return ownRelations(meta)
    .filter(
      ({ through, field, target }) =>
        through === null && field.options.dbConstraint !== false && metas.includes(target),
    )
    .map(({ from, to, target, field }) => ({
      target,
      key: foreignKey(meta.table, from.column, target.table, to.column, field.options.onDelete),
    }));
}

const foreignKey = (
  table: TableName,
  column: string,
  target: TableName,
  to: string,
  onDelete: OnDelete = "CASCADE",
): ForeignKey => ({
  name: foreignKeyName(table.name, column, target.name, to),
  columns: [column],
  table: target,
  targets: [to],
  onDelete: onDelete.replace("_", " "),
});

/** The table in the middle of a many-to-many relation: two columns like the keys, and no pair twice. */
function createThrough({ meta, target, through, field }: Relation, dialect: Dialect, safe: boolean): Ddl[] {
  const { table, near, far, unique } = through!;
  const { onDelete, dbConstraint, description } = field.options;
  const column = (name: string, key: Field): ColumnDefinition => ({
    name,
    type: key.type,
    null: false,
    primaryKey: false,
    generated: false,
    unique: false,
    default: null,
    comment: null,
  });
  const columns = [near, far];
  // The pair's index serves the way there, the other one the way back.
  const indexes: IndexDefinition[] = [
    { name: indexName(unique ? "uidx" : "idx", table.name, columns), columns, unique, where: null },
    { name: indexName("idx", table.name, [far]), columns: [far], unique: false, where: null },
  ];
  return withIndexes(
    {
      kind: "createTable",
      table,
      ifNotExists: safe,
      columns: [column(near, meta.pk), column(far, target.pk)],
      constraints: [],
      foreignKeys:
        dbConstraint === false
          ? []
          : [
              foreignKey(table, near, meta.table, meta.pk.column, onDelete),
              foreignKey(table, far, target.table, target.pk.column, onDelete),
            ],
      indexes,
      comment: description ?? null,
    },
    dialect,
  );
}

/** One model's table, and its indexes where they are statements of their own. */
export function createTable(
  meta: Meta,
  dialect: Dialect,
  safe: boolean,
  foreignKeys: readonly ForeignKey[] = [],
): Ddl[] {
  const made = withIndexes(
    {
      kind: "createTable",
      table: meta.table,
      ifNotExists: safe,
      columns: meta.fields.map((field) => columnOf(field, dialect)),
      constraints: constraintsOf(meta),
      foreignKeys,
      indexes: [...indexesOf(meta, dialect), ...(dialect.inlineIndexes ? inlineFullText(meta) : [])],
      comment: meta.description,
    },
    dialect,
  );
  return dialect.inlineIndexes ? made : [...made, ...createFullText(meta, dialect, safe)];
}

function withIndexes(table: CreateTable, dialect: Dialect): Ddl[] {
  if (dialect.inlineIndexes) return [table];
  return [
    table,
    ...table.indexes.map(
      (index): Ddl => ({ kind: "createIndex", table: table.table, ifNotExists: table.ifNotExists, index }),
    ),
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
  const plain = meta.indexes.filter(({ fullText }) => fullText === undefined);
  return [...single, ...plain].flatMap((options) => {
    const columns = options.fields.map((name) => columnName(meta, name));
    const name = options.name ?? indexName("idx", meta.table.name, columns);
    const index: IndexDefinition = {
      name,
      columns,
      unique: options.unique === true,
      where: partial(options, meta, dialect),
      ...(options.spatial === true && { spatial: overShape(options, meta) }),
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

/** A spatial index needs one field of shapes that is never null, and the error says so before the database does. */
function overShape({ fields }: IndexOptions, meta: Meta): true {
  const field = columnField(meta, fields[0]!)!;
  if (fields.length === 1 && field.type.kind === "geometry" && !field.null) return true;
  throw new ConfigurationError(`${meta.name}: a spatial index cannot be over "${fields.join(", ")}"`, {
    code: "spatial_field",
    hint: "it is over one fields.geometry() without null: true",
  });
}

/** `{ status: "open" }` of a partial index as a condition of literals: an index's text has no parameters. */
function partial({ where }: IndexOptions, meta: Meta, dialect: Dialect): Expr | null {
  const entries = Object.entries(where ?? {});
  if (entries.length === 0) return null;
  return {
    kind: "and",
    items: entries.map(([name, value]): Expr => {
      const field = columnField(meta, name)!;
      const left: Expr = { kind: "column", table: null, name: field.column, nullable: field.null };
      return value === null
        ? { kind: "isNull", item: left, negated: false }
        : { kind: "compare", op: "=", left, right: { kind: "literal", value: encoded(field, value, dialect) } };
    }),
  };
}

const columnName = (meta: Meta, name: string): string => columnField(meta, name)!.column;
