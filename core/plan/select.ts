import { FieldError, ParamsError, UnsupportedError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { ReadColumn, RelatedPart } from "../load/reader.js";
import { inList } from "../lookups/compare.js";
import { checkSorts } from "../query/sorts.js";
import type { IndexHint, Lock } from "../query/locking.js";
import { isKeys, type ParentRows, type Parents, type QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Expr, OrderTerm, RowLock, Select } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import { annotationOf, buildWhere, checkOfGroup, takeFrom, withoutWindow, type BuildKeys } from "./filter.js";
import { asRead, keptFor } from "./kept.js";
import { PLAIN, both, partOf } from "./parts.js";
import { annotationIn, fieldAt, isForward, parseFieldPath, parseRelations } from "./path.js";
import { nextParam, Scope, Slots } from "./scope.js";
import { countValues, isWritten, listWidth } from "./shape.js";

/** A SELECT, and what its columns are read as. */
export interface BuiltSelect {
  readonly query: Select;
  readonly columns: readonly ReadColumn[];
  /** computed values of an object, in the columns after these */
  readonly extras: readonly ReadColumn[];
  /** objects that come along in the columns after those */
  readonly related: readonly RelatedPart[];
  /** where the row tells which of the given parents it belongs to */
  readonly parent: { readonly at: number; readonly column: ReadColumn } | null;
  /** what the rows are ordered by, as it is read; the key that decides between equals is not among it */
  readonly orderedBy: () => readonly ReadColumn[];
}

/** A column to select. */
export interface SelectedColumn extends ReadColumn {
  readonly expr: Expr;
}

/** The table of a query, which names computed values. */
export function scopeFor(state: QueryState, meta: Meta, dialect: Dialect, slots: Slots = new Slots()): Scope {
  const scope = new Scope(meta, dialect, slots);
  scope.takeAnnotations(state, countValues);
  return scope;
}

/** The question as a SQL tree. `slots`: where its values begin, in a statement that has others before. */
export function buildSelect(state: QueryState, meta: Meta, dialect: Dialect, slots?: Slots): BuiltSelect {
  const scope = scopeFor(state, meta, dialect, slots);
  const columns = selectedColumns(state, scope);
  const extras = extraColumns(state, scope);
  const exprs = [...columns, ...extras].map(({ expr, codec }) => asRead(expr, codec));
  const related = relatedParts(state, scope, exprs);
  const link = state.parents === null ? null : parentLink(state.parents.relation as Relation, scope);
  let at = -1;
  if (link !== null) {
    at = exprs.findIndex((expr, i) => i < columns.length && columns[i]!.field === link.inRow && expr.kind === "column");
    if (at < 0) at = exprs.push(link.read) - 1;
  }
  const rows = selectFrom(state, scope, exprs, link);
  const lock = state.access?.lock ?? null;
  const query = lock === null ? rows : locked(rows, lockFor(lock, state, scope));
  const parent = link === null ? null : { at, column: link.column };
  const orderedBy = (): ReadColumn[] => ordersOf(state, meta).map(({ name }) => valueAt(name, scope));
  const shown =
    state.output.kind === "values"
      ? query.columns.map(({ expr }, i) => ({ expr, as: freeName(renamed(columns[i]!, expr), query) }))
      : query.columns;
  return { query: { ...query, columns: shown }, columns, extras, related, parent, orderedBy };
}

/** Rows that are numbered first are locked where they come from. */
const locked = (query: Select, lock: RowLock): Select =>
  "kind" in query.from && query.from.kind === "select"
    ? { ...query, from: { ...query.from, lock } }
    : { ...query, lock };

function lockFor({ busy, of }: Lock, { related }: QueryState, scope: Scope): RowLock {
  const { name: database, forUpdate, forUpdateOf } = scope.dialect;
  if (!forUpdate)
    throw new UnsupportedError(`${database} does not lock single rows, so selectForUpdate() has no meaning there`, {
      code: "no_row_locks",
      hint: "leave it out: inTransaction() keeps everybody else from writing there until it ends",
    });
  if (of.length > 0 && !forUpdateOf)
    throw new UnsupportedError(`selectForUpdate(): ${database} locks the rows of all tables of a query, not of some`, {
      code: "no_row_locks",
      hint: "leave out of, or ask for related rows in a query of their own",
    });
  return { busy, of: of.map((name) => aliasOf(name, related, scope)) };
}

/** The table of a name in `of`: the model's own, or that of a relation that comes along. */
function aliasOf(name: string, related: readonly string[], scope: Scope): string {
  if (name === "self") return scope.alias;
  if (related.some((path) => path === name || path.startsWith(`${name}__`)))
    return scope.at(parseRelations(scope.meta, name)).alias;
  throw new FieldError(`selectForUpdate(): of names "${name}", which does not come with the query`, {
    code: "unknown_relation",
    hint: `known: ${["self", ...related].join(", ")}; selectRelated("${name}") brings it`,
  });
}

/** A computed value as a column. */
function computedColumn(as: string, name: string, scope: Scope): SelectedColumn {
  const { field, expr } = annotationOf(name, scope, keysInside);
  return { name: as, field, codec: field.codec(scope.dialect.codec(field.type)), expr };
}

/** The computed values of objects, which come along with them. */
const extraColumns = ({ output, annotations }: QueryState, scope: Scope): SelectedColumn[] =>
  output.kind === "objects" ? annotations.map(({ name }) => computedColumn(name, name, scope)) : [];

/** Rows are read by position; the name is for those who read the SQL, so one that a database may refuse is left out. */
const renamed = ({ name, field }: ReadColumn, expr: Expr): string | null =>
  name === (expr.kind === "column" ? expr.name : field.column) ||
  name === field.name ||
  !/^[\p{L}_][\p{L}\p{N}_]{0,59}$/u.test(name)
    ? null
    : name;

/** No name that a column has by which the rows are ordered: the name in the row would be meant. */
const freeName = (name: string | null, { orderBy }: Select): string | null =>
  orderBy.some(({ expr }) => expr.kind === "column" && expr.name === name) ? null : name;

const ONE = { kind: "literal", value: 1 } as const;
export const COUNT: Expr = { kind: "call", name: "COUNT", args: [ONE] };

/** The same rows, counted. */
export function buildCount(state: QueryState, meta: Meta, dialect: Dialect): Select {
  const scope = scopeFor(state, meta, dialect);
  if (!state.distinct && state.groupBy === null && !state.isCut) {
    for (const steps of multiplying(state, meta)) scope.at(steps);
    const rows = selectFrom(unordered(state), scope, [COUNT], null);
    if (!scope.windowed) return rows;
    return { ...rowsOf(state, scopeFor(state, meta, dialect)), columns: [{ expr: COUNT, as: null }] };
  }
  return { ...rowsOf(state, scope), columns: [{ expr: COUNT, as: null }] };
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
    .filter((path) => path.includes("__") && annotationIn(state.annotations, path) === null)
    .map((path) => parseFieldPath(meta, path).steps)
    .filter((steps) => steps.some(({ many }) => many));
}

/** Whether there is a row. `slots`: as for `buildSelect`. */
export function buildExists(state: QueryState, meta: Meta, dialect: Dialect, slots?: Slots): Select {
  const scope = scopeFor(state, meta, dialect, slots);
  if (!state.isCut) return { ...selectFrom(unordered(state), scope, [ONE], null), distinct: false, limit: ONE };
  return { ...rowsOf(state, scope), columns: [{ expr: ONE, as: null }], limit: ONE };
}

/** `FROM (SELECT … LIMIT …) AS rows`, to ask something of exactly the rows of a query. */
function rowsOf(state: QueryState, scope: Scope): Select {
  for (const steps of multiplying(state, scope.meta)) scope.at(steps);
  const selected =
    state.distinct && (state.groupBy === null || state.output.kind !== "objects")
      ? [...selectedColumns(state, scope), ...extraColumns(state, scope)].map((column, i) => ({
          expr: column.expr,
          as: `c${i}`,
        }))
      : [{ expr: state.groupBy === null && state.from === null ? scope.column(scope.meta.pk) : ONE, as: "c0" }];
  const exprs = selected.map(({ expr }) => expr);
  const query = selectFrom(state, scope, exprs, null);
  const columns = query.columns.map(({ expr }, i) => ({ expr, as: selected[i]!.as }));
  return { ...PLAIN, columns: [], from: { ...query, columns }, alias: "rows" };
}

/** A query inside another: its table, next to the tables that are there already. */
export function innerScope(state: QueryState, outer: Scope, slots: Slots): Scope {
  const meta = metaOf(state.model);
  const alias = meta === outer.meta ? `${outer.alias}_inner` : meta.table.name;
  const scope = new Scope(meta, outer.dialect, slots, outer.free(alias), { outer });
  scope.takeAnnotations(state, countValues);
  return scope;
}

/** A query inside another, as a list of keys or of one value. */
export const keysInside: BuildKeys = (state, outer, slots, relation) => {
  const scope = innerScope(state, outer, slots);
  const key = relation !== null && isForward(relation) ? relation.to : scope.meta.pk;
  const exprs =
    state.output.kind === "objects" ? [scope.column(key)] : selectedColumns(state, scope).map(({ expr }) => expr);
  if (exprs.length !== 1)
    throw new ParamsError("a query set in __in must give one value per row", {
      hint: 'select it: .valuesList("id", { flat: true })',
    });
  return asList(inside(selectFrom(state, scope, exprs, null), state), scope.dialect);
};

/** The rows of a query in IN; as a table of its own where a list may not be cut off. */
export const asList = (query: Select, { limitInSubqueries }: Dialect): Select =>
  limitInSubqueries || (query.limit === null && query.offset === null) ? query : asTable(query);

/** `SELECT key FROM (SELECT …) AS rows` */
function asTable(query: Select): Select {
  const column: Expr = { kind: "column", table: "rows", name: "key", nullable: true };
  return {
    ...PLAIN,
    columns: [{ expr: column, as: null }],
    from: { ...query, columns: [{ expr: query.columns[0]!.expr, as: "key" }] },
    alias: "rows",
  };
}

/** The order of rows says nothing where all of them are meant. */
export function inside(query: Select, state: QueryState): Select {
  if ((state.access?.lock ?? null) !== null)
    throw new ParamsError("selectForUpdate() of a query inside another locks nothing", {
      hint: "call it on the outer query",
    });
  return emptied(state.isCut ? query : { ...query, orderBy: [] }, state);
}

/** The query without rows, where none are asked for. */
export const emptied = (query: Select, { none }: QueryState): Select =>
  none ? { ...query, where: { kind: "bool", value: false } } : query;

/** Keys of the rows that an UPDATE or DELETE is about. */
export function buildKeys(state: QueryState, scope: Scope): Select {
  const rows = new Scope(scope.meta, scope.dialect, scope.slots, `${scope.alias}_rows`, { outer: scope });
  rows.takeAnnotations(state, countValues);
  const query = selectFrom(state.isCut ? state : unordered(state), rows, [rows.column(scope.meta.pk)], null);
  if (scope.dialect.readsChangedTable) return query;
  // Only as distinct rows of a table of its own it is sure to be read before anything changes.
  return asTable(state.isCut ? query : { ...query, distinct: true });
}

/** What the rows of a query tell of themselves, as a table: its columns are the key, `key`, and the values, `v0`, `v1` … */
export function buildChanges(state: QueryState, rows: Scope, values: readonly Expr[]): Select {
  const query = selectFrom(state, rows, [rows.column(rows.meta.pk), ...values], null);
  const columns = query.columns.map(({ expr }, i) => ({ expr, as: i === 0 ? "key" : `v${i - 1}` }));
  return !state.isCut ? { ...query, columns, orderBy: [], distinct: true } : { ...query, columns };
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
  const read: Expr = asRead(key, codec);
  return { key, read, inRow: null, column, relation };
}

export function selectFrom(state: QueryState, scope: Scope, exprs: readonly Expr[], link: ParentLink | null): Select {
  const filter = buildWhere(state.where, scope, keysInside);
  const where = link === null ? filter.where : both(filter.where, among(link, state.parents!.keys, scope));
  // What is computed is named by its place where it is selected: it is not computed again, and Random() stays what it was.
  const placed = (expr: Expr): Expr => {
    const at = link !== null || expr.kind === "column" ? -1 : exprs.indexOf(expr);
    if (at >= 0) return { kind: "literal", value: at + 1 };
    // A constant by itself would be taken for such a place.
    return expr.kind === "param"
      ? { kind: "case", whens: [{ when: { kind: "bool", value: true }, then: expr }], otherwise: expr }
      : expr;
  };
  const terms = buildOrder(state, scope);
  const isShown = (expr: Expr): boolean => exprs.some((shown) => sameExpr(shown, expr));
  // Rows of which one is shown for several have no order but that of the first of them.
  const hidden =
    state.distinct && state.groupBy === null && scope.dialect.ordersDistinct === "shown"
      ? terms.filter(({ expr }) => !isShown(expr))
      : [];
  const keys =
    hidden.length > 0
      ? exprs.map((expr) => withoutWindow(expr, DISTINCT_ORDER))
      : (state.groupBy ?? []).map((name) => withoutWindow(valueAt(name, scope).expr, `groupBy("${name}")`));
  const orderBy = terms.map((term): OrderTerm => {
    const { expr, descending } = term;
    return hidden.includes(term)
      ? { expr: firstOf(withoutWindow(expr, DISTINCT_ORDER), descending), descending }
      : { expr: placed(expr), descending };
  });
  const columns = exprs.map((expr) => ({ expr, as: null }));
  const limit =
    state.limit === null
      ? null
      : isWritten(state.limit) && link === null
        ? ({ kind: "literal", value: state.limit } as const)
        : nextParam(scope.slots);
  const offset = state.offset === null ? null : nextParam(scope.slots);
  const hint = state.access?.hint ?? null;
  takeFrom(scope, keysInside);
  const query: Select = {
    ...PLAIN,
    ...scope.with,
    ...(hint === null ? undefined : { hints: hintsFor(hint, scope.dialect) }),
    distinct: state.distinct && hidden.length === 0,
    columns,
    from: scope.meta.table,
    alias: scope.alias,
    joins: scope.joins,
    where,
    groupBy: keys.map(placed),
    having: filter.having,
    orderBy,
    limit,
    offset,
  };
  const { kept } = filter;
  const isCut = link !== null && (limit !== null || offset !== null);
  if (kept === null) return isCut ? slicePerParent(query, link, scope) : query;
  if (isCut || scope.correlated)
    throw new UnsupportedError(
      isCut
        ? "limit() for each object counts other rows than the filter by a window keeps"
        : "a query that is compared with the row around it cannot be filtered by a window",
      { code: "window_filter", hint: "number the rows by a window, and filter by that alone" },
    );
  return partOf(kept, "window")!.keep!(query, kept);
}

const DISTINCT_ORDER = "distinct() in an order that is not selected";
const firstOf = (item: Expr, descending: boolean): Expr => ({
  kind: "aggregate",
  name: descending ? "MAX" : "MIN",
  item,
  distinct: false,
});

const sameExpr = (one: Expr, other: Expr): boolean =>
  one === other ||
  (one.kind === "column" && other.kind === "column" && one.table === other.table && one.name === other.name);

function hintsFor(hint: IndexHint, dialect: Dialect): IndexHint {
  if (dialect.indexHints) return hint;
  throw new UnsupportedError(`${dialect.name} cannot be told by ${hint.kind}Index() which index to use`, {
    code: "no_index_hints",
    hint: "leave it out: after ANALYZE the database knows which index is best",
  });
}

/** The key of one of the given parents. */
function among({ key, relation }: ParentLink, keys: Parents["keys"], scope: Scope): Expr {
  const { from, meta } = relation;
  if (!isKeys(keys)) return { kind: "in", left: key, list: parentKeys(keys, relation, scope), negated: false };
  const slot = scope.slots.take();
  const width = listWidth(keys, scope.dialect);
  const { encode } = keptFor(meta, scope.dialect).byField.get(from)!;
  return inList.build({
    left: key,
    field: from,
    path: from.name,
    encode,
    param: (encoder) => ({ kind: "param", slot, encode: encoder }),
    list: (encoder) => ({ kind: "list", slot, width, encode: encoder }),
    dialect: scope.dialect,
    variant: "",
  });
}

/** What the relation starts from, in the rows of a query. */
function parentKeys({ query: state, via }: ParentRows, { from }: Relation, outer: Scope): Select {
  const scope = innerScope(state, outer, outer.slots);
  const link = state.parents === null ? null : parentLink(state.parents.relation as Relation, scope);
  const expr = scope.at(via as readonly Relation[]).column(from);
  return inside(selectFrom(state, scope, [expr], link), state);
}

/** LIMIT and OFFSET for each parent: the rows of each are numbered in their order. */
function slicePerParent(query: Select, { key }: ParentLink, scope: Scope): Select {
  const orderBy = query.orderBy.length > 0 ? query.orderBy : [{ expr: scope.column(scope.meta.pk), descending: false }];
  const call: Expr = { kind: "call", name: "ROW_NUMBER", args: [] };
  const number: Expr = { kind: "window", call, partitionBy: [key], orderBy };
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
  const { output, groupBy } = state;
  if (output.kind === "objects" && groupBy !== null)
    throw new ParamsError("groupBy() gives groups, not objects", {
      code: "grouped",
      hint: "say what to select of each: .values(…) or .valuesList(…)",
    });
  if (output.kind === "objects" || (output.names === null && groupBy === null)) {
    const own = onlyFields(ownNames(state), meta).map((field) => selected(field.name, field, scope));
    if (output.kind === "objects") return own;
    return [...own, ...state.annotations.map(({ name }) => computedColumn(name, name, scope))];
  }
  const seen = new Set<string>();
  const names =
    output.names ??
    [...groupBy!, ...state.annotations.filter(({ ofGroup }) => ofGroup).map(({ name }) => name)].map((name) => ({
      as: name,
      path: name,
    }));
  return names.map(({ as, path }) => {
    if (output.kind === "values" && seen.has(as))
      throw new FieldError(`${meta.name}: values() has two values called "${as}"`, { code: "duplicate_name" });
    seen.add(as);
    checkGrouped(path, scope);
    return { ...valueAt(path, scope), name: as };
  });
}

/** A column or computed value by its path. */
function valueAt(path: string, scope: Scope): SelectedColumn {
  if (annotationIn(scope.annotations, path) === path) return computedColumn(path, path, scope);
  const { steps, field } = parseFieldPath(scope.meta, path);
  return selected(path, field, scope.at(steps));
}

/** Refuses what a group does not have. */
function checkGrouped(path: string, scope: Scope): void {
  if (scope.groupBy === null) return;
  const { meta } = scope;
  const isAnnotation = annotationIn(scope.annotations, path) === path;
  const { steps, field } = isAnnotation ? { steps: [], field: meta.pk } : parseFieldPath(meta, path);
  checkOfGroup({ text: path, annotation: isAnnotation ? path : null, steps, field }, scope);
}

export const selected = (name: string, field: Field, scope: Scope): SelectedColumn => ({
  name,
  field,
  codec: scope.kept.byField.get(field)!.codec,
  expr: scope.column(field),
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
        for (const column of columns) exprs.push(asRead(column.expr, column.codec));
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

/** The names that the rows are ordered by, as the query or else the model says. */
export function ordersOf(state: QueryState, meta: Meta): Order[] {
  return (state.orderBy ?? (state.single || state.groupBy !== null ? [] : meta.ordering)).map((entry) => {
    const descending = entry.startsWith("-");
    return { name: descending ? entry.slice(1) : entry, descending };
  });
}

/** What decides between rows of equal order: the key, but of distinct rows only what they show. */
function deciders(state: QueryState, scope: Scope): readonly Expr[] {
  const orders = ordersOf(state, scope.meta).map(({ name }) => name);
  if (state.groupBy !== null)
    return state.groupBy.filter((name) => !orders.includes(name)).map((name) => valueAt(name, scope).expr);
  if ((!state.distinct && state.from === null) || state.output.kind === "objects") return [scope.column(scope.meta.pk)];
  const named = orders.map((name) => valueAt(name, scope).field);
  return selectedColumns(state, scope)
    .filter(({ field }) => !named.includes(field) && scope.dialect.sorts(field.type))
    .map(({ expr }) => expr);
}

/** The order of the rows; where it must be one, or rows are cut off, the key decides between equals. */
export function buildOrder(state: QueryState, scope: Scope): OrderTerm[] {
  let decided = false;
  const terms = ordersOf(state, scope.meta).map(({ name, descending }): OrderTerm => {
    checkGrouped(name, scope);
    const { field, expr } = valueAt(name, scope);
    checkSorts(field, scope.dialect, name);
    if (field.unique && !field.null && scope.meta.fields.includes(field) && !name.includes("__")) decided = true;
    return { expr, descending: descending !== state.reversed };
  });
  if (!decided && ((terms.length > 0 && state.isCut) || (terms.length === 0 && (state.reversed || state.keyed)))) {
    const descending = terms.at(-1)?.descending ?? state.reversed;
    for (const expr of deciders(state, scope)) terms.push({ expr, descending });
  }
  return terms;
}
