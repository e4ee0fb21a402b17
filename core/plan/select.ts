import { FieldError, ParamsError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { ReadColumn, RelatedPart } from "../load/reader.js";
import { inList } from "../lookups/compare.js";
import type { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Expr, OrderTerm, Select } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import { buildWhere } from "./filter.js";
import { keptFor } from "./kept.js";
import { fieldAt, isForward, parseFieldPath, parseRelations } from "./path.js";
import { checkSorts, nextParam, Scope, Slots } from "./scope.js";
import { isWritten } from "./shape.js";

/** A SELECT, and what its columns are read as. */
export interface BuiltSelect {
  readonly query: Select;
  readonly columns: readonly ReadColumn[];
  /** objects that come along in the columns after these */
  readonly related: readonly RelatedPart[];
  /** where the row tells which of the given parents it belongs to */
  readonly parent: { readonly at: number; readonly column: ReadColumn } | null;
}

/** A column to select. */
interface SelectedColumn extends ReadColumn {
  readonly expr: Expr;
  readonly scope: Scope;
}

/** The question as a SQL tree. */
export function buildSelect(state: QueryState, meta: Meta, dialect: Dialect): BuiltSelect {
  const scope = new Scope(meta, dialect, new Slots());
  const columns = selectedColumns(state, scope);
  const exprs = columns.map((column) => column.scope.read(column.field));
  const related = relatedParts(state, scope, exprs);
  const link = state.parents === null ? null : parentLink(state.parents.relation as Relation, scope);
  let at = -1;
  if (link !== null) {
    at = exprs.findIndex((expr, i) => i < columns.length && columns[i]!.field === link.inRow && expr.kind === "column");
    if (at < 0) at = exprs.push(link.read) - 1;
  }
  const query = selectFrom(state, scope, exprs, link);
  const parent = link === null ? null : { at, column: link.column };
  if (state.output.kind !== "values") return { query, columns, related, parent };
  return {
    query: { ...query, columns: query.columns.map(({ expr }, i) => ({ expr, as: renamed(columns[i]!) })) },
    columns,
    related,
    parent,
  };
}

/** Rows are read by position; the name is for those who read the SQL, so one that a database may refuse is left out. */
const renamed = ({ name, field }: ReadColumn): string | null =>
  name === field.column || name === field.name || !/^[\p{L}_][\p{L}\p{N}_]{0,59}$/u.test(name) ? null : name;

/** The same rows, counted. */
export function buildCount(state: QueryState, meta: Meta, dialect: Dialect): Select {
  const scope = new Scope(meta, dialect, new Slots());
  const counted: Expr = { kind: "call", name: "COUNT", args: [{ kind: "literal", value: 1 }] };
  if (!state.distinct && state.limit === null && state.offset === null) {
    for (const steps of multiplying(state, meta)) scope.at(steps);
    return { ...selectFrom(unordered(state), scope, [counted], null), orderBy: [] };
  }
  return { ...rowsOf(state, scope), columns: [{ expr: counted, as: null }] };
}

/** The same question where the order of the rows says nothing. */
function unordered(state: QueryState): QueryState {
  const next = state.copy();
  next.orderBy = [];
  next.reversed = next.keyed = false;
  return next;
}

/** The ways of selected values and orders that repeat a row for each related one. */
function multiplying(state: QueryState, meta: Meta): (readonly Relation[])[] {
  const selected = state.output.kind === "objects" ? [] : (state.output.names ?? []).map(({ path }) => path);
  return [...selected, ...ordersOf(state, meta).map(({ name }) => name)]
    .filter((path) => path.includes("__"))
    .map((path) => parseFieldPath(meta, path).steps)
    .filter((steps) => steps.some(({ many }) => many));
}

/** Whether there is a row. */
export function buildExists(state: QueryState, meta: Meta, dialect: Dialect): Select {
  const scope = new Scope(meta, dialect, new Slots());
  const one: Select["limit"] = { kind: "literal", value: 1 };
  if (state.limit === null && state.offset === null)
    return {
      ...selectFrom(unordered(state), scope, [one], null),
      distinct: false,
      orderBy: [],
      limit: one,
    };
  return { ...rowsOf(state, scope), columns: [{ expr: one, as: null }], limit: one };
}

const PLAIN: Omit<Select, "from" | "alias" | "columns"> = {
  kind: "select",
  distinct: false,
  joins: [],
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
};

/** `FROM (SELECT … LIMIT …) AS rows`, to ask something of exactly the rows of a query. */
function rowsOf(state: QueryState, scope: Scope): Select {
  for (const steps of multiplying(state, scope.meta)) scope.at(steps);
  const selected = state.distinct
    ? selectedColumns(state, scope).map((column, i) => ({ expr: column.expr, as: `c${i}` }))
    : [{ expr: scope.column(scope.meta.pk), as: "c0" }];
  const inner = {
    ...selectFrom(
      state,
      scope,
      selected.map(({ expr }) => expr),
      null,
    ),
    columns: selected,
  };
  return { ...PLAIN, columns: [], from: inner, alias: "rows" };
}

/** A query as the right side of IN: one column, the key unless it selects another. */
export function buildInner(state: QueryState, outer: Scope, slots: Slots, relation: Relation | null): Select {
  const meta = metaOf(state.model);
  const alias = meta === outer.meta ? `${outer.alias}_inner` : meta.table.name;
  const scope = new Scope(meta, outer.dialect, slots, outer.free(alias), { outer });
  const key = relation !== null && isForward(relation) ? relation.to : meta.pk;
  const exprs =
    state.output.kind === "objects" ? [scope.column(key)] : selectedColumns(state, scope).map(({ expr }) => expr);
  if (exprs.length !== 1)
    throw new ParamsError("a query set in __in must give one value per row", {
      hint: 'select it: .valuesList("id", { flat: true })',
    });
  const query = selectFrom(state, scope, exprs, null);
  const ordered = state.limit === null && state.offset === null ? { ...query, orderBy: [] } : query;
  return state.none ? { ...ordered, where: { kind: "bool", value: false } } : ordered;
}

/** Keys of the rows that an UPDATE or DELETE is about. */
export function buildKeys(state: QueryState, scope: Scope): Select {
  const rows = new Scope(scope.meta, scope.dialect, scope.slots, `${scope.alias}_rows`, { outer: scope });
  const query = selectFrom(state, rows, [rows.column(scope.meta.pk)], null);
  return state.limit === null && state.offset === null ? { ...query, orderBy: [] } : query;
}

/** How the rows of a query belong to given parents. */
interface ParentLink {
  readonly key: Expr;
  /** the same as it is read: as text where the driver would round it */
  readonly read: Expr;
  /** the field of the row that holds the same, where one does */
  readonly inRow: Field | null;
  readonly column: ReadColumn;
  readonly relation: Relation;
}

function parentLink(relation: Relation, scope: Scope): ParentLink {
  const { through, to, from } = relation;
  const { codec } = keptFor(relation.meta, scope.dialect).byField.get(from)!;
  const column: ReadColumn = { name: from.name, field: from, codec };
  if (through === null) return { key: scope.column(to), read: scope.read(to), inRow: to, column, relation };
  const alias = scope.joinThrough(through.table, through.far, to);
  const key: Expr = { kind: "column", table: alias, name: through.near, nullable: false };
  const read: Expr = codec.readAsText ? { kind: "cast", item: key, to: "text" } : key;
  return { key, read, inRow: null, column, relation };
}

function selectFrom(state: QueryState, scope: Scope, exprs: readonly Expr[], link: ParentLink | null): Select {
  const filter = buildWhere(state.where, scope, buildInner);
  const where = link === null ? filter : both(filter, among(link, scope));
  const orderBy = buildOrder(state, scope);
  const columns = exprs.map((expr) => ({ expr, as: null }));
  const limit =
    state.limit === null
      ? null
      : isWritten(state.limit) && link === null
        ? ({ kind: "literal", value: state.limit } as const)
        : nextParam(scope.slots);
  const offset = state.offset === null ? null : nextParam(scope.slots);
  const query: Select = {
    ...PLAIN,
    distinct: state.distinct,
    columns,
    from: scope.meta.table,
    alias: scope.alias,
    joins: scope.joins,
    where,
    orderBy,
    limit,
    offset,
  };
  return link === null || (limit === null && offset === null) ? query : slicePerParent(query, link, scope);
}

const both = (one: Expr | null, other: Expr): Expr =>
  one === null ? other : { kind: "and", items: one.kind === "and" ? [...one.items, other] : [one, other] };

/** The key of one of the given parents. */
function among({ key, relation: { from, meta } }: ParentLink, scope: Scope): Expr {
  const slot = scope.slots.take();
  const { encode } = keptFor(meta, scope.dialect).byField.get(from)!;
  return inList.build({
    left: key,
    field: from,
    path: from.name,
    encode,
    param: (encoder) => ({ kind: "param", slot, encode: encoder }),
    list: (encoder) => ({ kind: "list", slot, encode: encoder }),
    variant: "",
  });
}

/** LIMIT and OFFSET for each parent: the rows of each are numbered in their order. */
function slicePerParent(query: Select, { key }: ParentLink, scope: Scope): Select {
  const orderBy = query.orderBy.length > 0 ? query.orderBy : [{ expr: scope.column(scope.meta.pk), descending: false }];
  const number: Expr = { kind: "over", name: "ROW_NUMBER", partitionBy: [key], orderBy };
  const inner: Select = {
    ...query,
    distinct: false,
    columns: [...query.columns.map(({ expr }, i) => ({ expr, as: `c${i}` })), { expr: number, as: "n" }],
    orderBy: [],
    limit: null,
    offset: null,
  };
  const column = (name: string): Expr => ({ kind: "column", table: "rows", name, nullable: false });
  const { limit, offset } = query;
  const bounds: Expr[] = [];
  if (offset !== null) bounds.push({ kind: "compare", op: ">", left: column("n"), right: offset });
  if (limit !== null) {
    const last: Expr = offset === null ? limit : { kind: "arithmetic", op: "+", left: offset, right: limit };
    bounds.push({ kind: "compare", op: "<=", left: column("n"), right: last });
  }
  return {
    ...PLAIN,
    columns: query.columns.map((_, i) => ({ expr: column(`c${i}`), as: null })),
    from: inner,
    alias: "rows",
    where: bounds.length === 1 ? bounds[0]! : { kind: "and", items: bounds },
    orderBy: [{ expr: column("n"), descending: false }],
  };
}

/** The columns that a row of the query has, in order; related objects come after them. */
export function selectedColumns(state: QueryState, scope: Scope): SelectedColumn[] {
  const { meta } = scope;
  const { output } = state;
  if (output.kind === "objects" || output.names === null)
    return onlyFields(ownNames(state), meta).map((field) => selected(field.name, field, scope));
  const seen = new Set<string>();
  return output.names.map(({ as, path }) => {
    if (output.kind === "values" && seen.has(as))
      throw new FieldError(`${meta.name}: values() has two values called "${as}"`, { code: "duplicate_name" });
    seen.add(as);
    const { steps, field } = parseFieldPath(meta, path);
    return selected(as, field, scope.at(steps));
  });
}

const selected = (name: string, field: Field, scope: Scope): SelectedColumn => ({
  name,
  field,
  codec: scope.kept.byField.get(field)!.codec,
  expr: scope.column(field),
  scope,
});

/** The names in `only(...)` that are the model's own. */
function ownNames({ only, related }: QueryState): readonly string[] | null {
  if (only === null) return null;
  return only.filter((name) => !related.some((path) => name.startsWith(`${path}__`)));
}

/** The fields of `only(...)`, in the model's order; all of them without it. */
function onlyFields(only: readonly string[] | null, meta: Meta): readonly Field[] {
  if (only === null) return meta.fields;
  const wanted = new Set(only.map((name) => fieldAt(meta, name, name)));
  // The key comes along: without it the object could not be told from others, nor be saved.
  wanted.add(meta.pk);
  return meta.fields.filter((field) => wanted.has(field));
}

/** The objects of `selectRelated(...)`: their columns go to the end of `exprs`. */
function relatedParts(state: QueryState, scope: Scope, exprs: Expr[]): RelatedPart[] {
  if (state.output.kind !== "objects") return [];
  const parts: RelatedPart[] = [];
  for (const path of state.related) {
    const relations = parseRelations(scope.meta, path);
    scope.tightenCertain(relations);
    let siblings = parts;
    relations.forEach((relation, i) => {
      if (relation.many)
        throw new FieldError(`selectRelated(): "${relation.name}" of ${relation.meta.name} leads to many objects`, {
          code: "to_many",
          hint: `prefetchRelated("${path}") loads them`,
        });
      let part = siblings.find((each) => each.relation === relation);
      if (part === undefined) {
        const at = scope.at(relations.slice(0, i + 1));
        const prefix = `${relations
          .slice(0, i + 1)
          .map(({ name }) => name)
          .join("__")}__`;
        const names = (state.only ?? [])
          .filter((name) => name.startsWith(prefix))
          .map((name) => name.slice(prefix.length));
        const own = names.filter((name) => !name.includes("__"));
        const columns = onlyFields(own.length === 0 ? null : own, at.meta).map((field) =>
          selected(field.name, field, at),
        );
        part = { relation, start: exprs.length, columns, isWhole: own.length === 0, parts: [] };
        for (const column of columns) exprs.push(at.read(column.field));
        siblings.push(part);
      }
      siblings = part.parts as RelatedPart[];
    });
  }
  return parts;
}

interface Order {
  readonly name: string;
  readonly descending: boolean;
}

function ordersOf(state: QueryState, meta: Meta): Order[] {
  return (state.orderBy ?? (state.single ? [] : meta.ordering)).map((entry) => {
    const descending = entry.startsWith("-");
    return { name: descending ? entry.slice(1) : entry, descending };
  });
}

/** What decides between rows of equal order: the key, but of distinct rows only what they show. */
function deciders(state: QueryState, scope: Scope): readonly Expr[] {
  if (!state.distinct || state.output.kind === "objects") return [scope.column(scope.meta.pk)];
  const named = ordersOf(state, scope.meta).map(({ name }) => parseFieldPath(scope.meta, name).field);
  return selectedColumns(state, scope)
    .filter(({ field }) => !named.includes(field) && scope.dialect.sorts(field.type))
    .map(({ expr }) => expr);
}

/** The order of the rows; where it must be one, or rows are cut off, the key decides between equals. */
export function buildOrder(state: QueryState, scope: Scope): OrderTerm[] {
  let decided = false;
  const terms = ordersOf(state, scope.meta).map(({ name, descending }): OrderTerm => {
    const { steps, field } = parseFieldPath(scope.meta, name);
    checkSorts(field, scope.dialect, name);
    if (field.unique && !field.null && steps.length === 0) decided = true;
    return { expr: scope.at(steps).column(field), descending: descending !== state.reversed };
  });
  const cut = state.limit !== null || state.offset !== null;
  if (!decided && ((terms.length > 0 && cut) || (terms.length === 0 && (state.reversed || state.keyed)))) {
    const descending = terms.at(-1)?.descending ?? state.reversed;
    for (const expr of deciders(state, scope)) terms.push({ expr, descending });
  }
  return terms;
}
