import { FieldError, ParamsError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { ReadColumn } from "../load/reader.js";
import type { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Expr, OrderTerm, Select } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import { buildWhere } from "./filter.js";
import { fieldAt } from "./path.js";
import { checkSorts, nextParam, Scope, Slots } from "./scope.js";
import { isWritten } from "./shape.js";

/** A SELECT, and what its columns are read as. */
export interface BuiltSelect {
  readonly query: Select;
  readonly columns: readonly ReadColumn[];
}

/** The question as a SQL tree. */
export function buildSelect(state: QueryState, meta: Meta, dialect: Dialect): BuiltSelect {
  const scope = new Scope(meta, dialect, new Slots());
  const columns = selectedColumns(state, scope);
  const query = selectFrom(
    state,
    scope,
    columns.map((column) => scope.read(column.field)),
  );
  if (state.output.kind !== "values") return { query, columns };
  return {
    query: { ...query, columns: query.columns.map(({ expr }, i) => ({ expr, as: renamed(columns[i]!) })) },
    columns,
  };
}

/** Rows are read by position; the name is for those who read the SQL, so one that a database may refuse is left out. */
const renamed = ({ name, field }: ReadColumn): string | null =>
  name === field.column || name === field.name || !/^[\p{L}_][\p{L}\p{N}_]{0,59}$/u.test(name) ? null : name;

/** The same rows, counted. */
export function buildCount(state: QueryState, meta: Meta, dialect: Dialect): Select {
  const scope = new Scope(meta, dialect, new Slots());
  const counted: Expr = { kind: "call", name: "COUNT", args: [{ kind: "literal", value: 1 }] };
  if (!state.distinct && state.limit === null && state.offset === null)
    return { ...selectFrom(state, scope, [counted]), orderBy: [] };
  return { ...rowsOf(state, scope), columns: [{ expr: counted, as: null }] };
}

/** Whether there is a row. */
export function buildExists(state: QueryState, meta: Meta, dialect: Dialect): Select {
  const scope = new Scope(meta, dialect, new Slots());
  const one: Select["limit"] = { kind: "literal", value: 1 };
  if (state.limit === null && state.offset === null)
    return { ...selectFrom(state, scope, [one]), distinct: false, orderBy: [], limit: one };
  return { ...rowsOf(state, scope), columns: [{ expr: one, as: null }], limit: one };
}

/** `FROM (SELECT … LIMIT …) AS rows`, to ask something of exactly the rows of a query. */
function rowsOf(state: QueryState, scope: Scope): Select {
  const selected = state.distinct
    ? selectedColumns(state, scope).map((column, i) => ({ expr: scope.column(column.field), as: `c${i}` }))
    : [{ expr: scope.column(scope.meta.pk), as: "c0" }];
  const inner = {
    ...selectFrom(
      state,
      scope,
      selected.map(({ expr }) => expr),
    ),
    columns: selected,
  };
  return {
    kind: "select",
    distinct: false,
    columns: [],
    from: inner,
    alias: "rows",
    joins: [],
    where: null,
    groupBy: [],
    having: null,
    orderBy: [],
    limit: null,
    offset: null,
  };
}

/** A query as the right side of IN: one column, the key unless it selects another. */
export function buildInner(state: QueryState, outer: Scope): Select {
  const meta = metaOf(state.model);
  const scope = new Scope(
    meta,
    outer.dialect,
    outer.slots,
    meta === outer.meta ? `${outer.alias}_inner` : meta.table.name,
  );
  const columns = state.output.kind === "objects" ? [{ field: meta.pk }] : selectedColumns(state, scope);
  if (columns.length !== 1)
    throw new ParamsError("a query set in __in must give one value per row", {
      hint: 'select it: .valuesList("id", { flat: true })',
    });
  const query = selectFrom(state, scope, [scope.column(columns[0]!.field)]);
  const ordered = state.limit === null && state.offset === null ? { ...query, orderBy: [] } : query;
  return state.none ? { ...ordered, where: { kind: "bool", value: false } } : ordered;
}

/** Keys of the rows that a sliced UPDATE or DELETE is about. */
export function buildKeys(state: QueryState, scope: Scope): Select {
  const rows = new Scope(scope.meta, scope.dialect, scope.slots, `${scope.alias}_rows`);
  return selectFrom(state, rows, [rows.column(scope.meta.pk)]);
}

function selectFrom(state: QueryState, scope: Scope, columns: readonly Expr[]): Select {
  const where = buildWhere(state.where, scope, buildInner);
  const orderBy = buildOrder(state, scope);
  return {
    kind: "select",
    distinct: state.distinct,
    columns: columns.map((expr) => ({ expr, as: null })),
    from: scope.meta.table,
    alias: scope.alias,
    joins: [],
    where,
    groupBy: [],
    having: null,
    orderBy,
    limit:
      state.limit === null
        ? null
        : isWritten(state.limit)
          ? { kind: "literal", value: state.limit }
          : nextParam(scope.slots),
    offset: state.offset === null ? null : nextParam(scope.slots),
  };
}

/** The columns that a row of the query has, in order. */
export function selectedColumns(state: QueryState, scope: Scope): ReadColumn[] {
  const { meta } = scope;
  const column = (name: string, field: Field): ReadColumn => ({
    name,
    field,
    codec: scope.kept.byField.get(field)!.codec,
  });
  const { output } = state;
  if (output.kind === "objects") return onlyFields(state.only, meta).map((field) => column(field.name, field));
  if (output.names === null) return onlyFields(state.only, meta).map((field) => column(field.name, field));
  const seen = new Set<string>();
  return output.names.map(({ as, path }) => {
    if (output.kind === "values" && seen.has(as))
      throw new FieldError(`${meta.name}: values() has two values called "${as}"`, { code: "duplicate_name" });
    seen.add(as);
    return column(as, fieldAt(meta, path, path));
  });
}

/** The fields of `only(...)`, in the model's order; all of them without it. */
function onlyFields(only: readonly string[] | null, meta: Meta): readonly Field[] {
  if (only === null) return meta.fields;
  const wanted = new Set(only.map((name) => fieldAt(meta, name, name)));
  // The key comes along: without it the object could not be told from others, nor be saved.
  wanted.add(meta.pk);
  return meta.fields.filter((field) => wanted.has(field));
}

/** What decides between rows of equal order: the key, but of distinct rows only what they show. */
function deciders(state: QueryState, scope: Scope): readonly Field[] {
  if (!state.distinct || state.output.kind === "objects") return [scope.meta.pk];
  const named = (state.orderBy ?? scope.meta.ordering).map((entry) =>
    fieldAt(scope.meta, entry.replace("-", ""), entry),
  );
  return selectedColumns(state, scope)
    .map(({ field }) => field)
    .filter((field) => !named.includes(field) && scope.dialect.sorts(field.type));
}

/** The order of the rows; where it must be one, or rows are cut off, the key decides between equals. */
export function buildOrder(state: QueryState, scope: Scope): OrderTerm[] {
  const { meta } = scope;
  let decided = false;
  const terms = (state.orderBy ?? (state.single ? [] : meta.ordering)).map((entry): OrderTerm => {
    const descending = entry.startsWith("-");
    const name = descending ? entry.slice(1) : entry;
    const field = fieldAt(meta, name, entry);
    checkSorts(field, scope.dialect, entry);
    if (field.unique && !field.null) decided = true;
    return { expr: scope.column(field), descending: descending !== state.reversed };
  });
  const cut = state.limit !== null || state.offset !== null;
  if (!decided && ((terms.length > 0 && cut) || (terms.length === 0 && (state.reversed || state.keyed)))) {
    const descending = terms.at(-1)?.descending ?? state.reversed;
    for (const field of deciders(state, scope)) terms.push({ expr: scope.column(field), descending });
  }
  return terms;
}
