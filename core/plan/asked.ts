import { FieldError, ParamsError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { BuildContext, Operand, RelatedRows } from "../query/expression.js";
import type { BuildRows, NamedTables } from "../query/named.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Expr, Join, TableName } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import {
  beside,
  buildWhere,
  checkOfGroup,
  checkTree,
  combine,
  Filter,
  groupOf,
  joinedTo,
  locate,
  nothing,
  rootOf,
  sameGroup,
  treeOf,
  type Group,
  type PlaceInStatement,
} from "./filter.js";
import { annotationIn, parseFieldPath, parseOperandPath } from "./path.js";
import { Scope, Slots } from "./scope.js";
import { relatedRows } from "./related-row.js";
import { innerScope, inside, scopeFor, selected, selectedColumns, selectFrom, type SelectedColumn } from "./select.js";
import { countValues } from "./shape.js";

export type { PlaceInStatement } from "./filter.js";

// What expressions ask of the statement in which they stand. They bring it: a program without expressions does not load it.

/** What an expression may ask where it stands. */
export function contextAt(place: PlaceInStatement): BuildContext {
  const { filter, scope, slots, grouped } = place;
  const { dialect } = scope;
  return {
    dialect,
    grouped,
    rows: () => besideJoined(contextAt({ ...place, grouped: false }), scope),
    slot: () => slots.take(),
    operand: (path) => operandAt(path, place),
    condition: (q) => {
      const at = new Slots(slots.next);
      const tree = treeOf(q, scope, at);
      slots.next = at.next;
      if (grouped) checkTree(tree, scope);
      return nothing(
        (grouped === filter.ofGroups ? filter : new Filter(filter.inner, grouped)).build(tree, scope, false),
      );
    },
    related: (paths, ofGroup = false) => rowsAt(paths, place, ofGroup),
    query: (state) => valueOf(state, place),
    outer() {
      const outer = contextAt({ ...place, scope: outerOf(scope), grouped: rootOf(scope).ofGroup });
      return outer.grouped && !dialect.havingKnowsColumns
        ? { ...outer, operand: (path) => gatheredOnce(outer.operand(path)) }
        : outer;
    },
    tables: tablesAt(place),
  };
}

/** What the statement of a scope knows of queries under names. */
export function tablesAt({ scope, slots }: PlaceInStatement): NamedTables {
  return scope.tables(slots, (at) => (state) => {
    const own = new Slots(at.next);
    const rows = rowsOfNamed(state, scope.dialect, own);
    at.next = own.next;
    return rows;
  });
}

function operandAt(path: string, { filter, scope, grouped }: PlaceInStatement): Operand {
  const root = rootOf(scope);
  const isAnnotation = annotationIn(root.annotations, path) === path;
  if (isAnnotation && !grouped) return filter.annotation(path, scope);
  if (isAnnotation) {
    checkOfGroup({ text: path, annotation: path, steps: [], field: root.meta.pk }, scope);
    return filter.annotation(path, scope);
  }
  const { steps, field } = parseOperandPath(root.meta, path);
  if (grouped) checkOfGroup({ text: path, annotation: null, steps, field }, scope);
  const { scope: owner, rest } = locate(scope, steps);
  if (scope.noJoins && rest.length > 0) return lookedUp(path, rest, field, scope);
  // An aggregate gathers every row on the way; a row alone has one value.
  if (scope.prefix.length === 0 && besideGroups(scope, [steps]).length > 0) checkOne(path, rest);
  return { field, expr: owner.at(rest).column(field), within: field.type };
}

/** The related rows that an aggregate gathers. */
function rowsAt(paths: readonly string[], place: PlaceInStatement, ofGroup: boolean): RelatedRows | null {
  const { scope, grouped } = place;
  const { meta, annotations } = rootOf(scope);
  const ways = paths
    .filter((path) => annotationIn(annotations, path) === null)
    .map((path) => parseOperandPath(meta, path).steps);
  // Rows that are joined to make the groups are gathered with them, and what they lead to is asked of each.
  const groups = besideGroups(scope, ways, grouped);
  const [group] = groups;
  if (group === undefined) return null;
  if (groups.some((other) => !sameGroup(other, group)))
    throw new FieldError(`an aggregate gathers the rows of one relation: ${paths.join(", ")}`, {
      code: "two_relations",
      hint: "annotate each by itself, and calculate with both",
    });
  if (ofGroup) return rowsOfGroup(group, ways, place);
  const { rows, link, key, query } = relatedRows(group, scope);
  rows.gathered = ways;
  const isOwn: Expr = { kind: "compare", op: "=", left: link, right: key };
  const context = contextAt({ ...place, scope: rows, grouped: false });
  return {
    context: grouped ? besideJoined(context, scope) : context,
    ask: (answer, where) => ({
      kind: "scalar",
      query: query(answer, where === null ? isOwn : combine("and", [isOwn, where], false)),
    }),
  };
}

/** The related rows of all rows of a group: the rows are chosen once more, next to those they lead to. */
function rowsOfGroup({ steps }: Group, ways: readonly (readonly Relation[])[], place: PlaceInStatement): RelatedRows {
  const { filter, scope } = place;
  const { state, slot } = scope.asked!;
  const { meta, dialect, outer } = scope;
  const alias = scope.claim(`${scope.alias}_of_group`);
  const chosen = new Scope(meta, dialect, new Slots(slot), alias, outer === null ? {} : { outer });
  chosen.takeAnnotations(state, countValues);
  const { where: isChosen } = buildWhere(state.where, chosen, filter.inner, true);
  const valueOf = (name: string, at: Scope): Expr => {
    if (annotationIn(scope.annotations, name) !== null) return filter.annotation(name, at).expr;
    const { steps: way, field } = parseFieldPath(meta, name);
    return at.at(way).column(field);
  };
  // What a group shares is asked of it as a gathered value: a query inside of HAVING may know no other.
  const keys = state.groupBy!.map((name) =>
    alike(valueOf(name, chosen), { kind: "aggregate", name: "MIN", item: valueOf(name, scope), distinct: false }),
  );
  chosen.avoid(scope);
  const { rows, link, key, query } = relatedRows({ from: chosen, steps }, chosen);
  rows.gathered = ways;
  const isOwn: Expr = { kind: "compare", op: "=", left: link, right: key };
  const gathered = (answer: Expr, where: Expr | null): Expr => {
    const conditions = [...keys, ...(isChosen === null ? [] : [isChosen]), ...(where === null ? [] : [where])];
    const related = query(answer, combine("and", conditions, false));
    const tables = [...(chosen.with.with ?? []), ...(related.with ?? [])];
    const joins: Join[] = [
      ...chosen.joins,
      { type: "inner", table: related.from as TableName, alias: related.alias, on: isOwn },
      ...related.joins,
    ];
    const named = tables.length === 0 ? {} : { with: tables };
    return { kind: "scalar", query: { ...related, ...named, from: meta.table, alias, joins } };
  };
  return {
    context: besideJoined(contextAt({ ...place, scope: rows, grouped: false }), chosen),
    ask(answer, where) {
      const item = gathered(answer, where);
      if (keys.length > 0) return item;
      // Without keys there is one group, also of no rows; only an aggregate makes it one.
      const one: Expr = { kind: "aggregate", name: "MAX", item, distinct: false };
      const counts = answer.kind === "aggregate" && answer.name === "COUNT";
      return counts ? { kind: "call", name: "COALESCE", args: [one, { kind: "literal", value: 0 }] } : one;
    },
  };
}

/** Both are equal, or both NULL: what puts rows into one group. */
function alike(one: Expr, other: Expr): Expr {
  const same: Expr = { kind: "compare", op: "=", left: one, right: other };
  if (one.kind === "column" && !one.nullable) return same;
  const isNull = (item: Expr): Expr => ({ kind: "isNull", item, negated: false });
  return { kind: "or", items: [same, { kind: "and", items: [isNull(one), isNull(other)] }] };
}

/** The statement around the one that a scope belongs to. */
function outerOf(scope: Scope): Scope {
  const root = rootOf(scope);
  if (root.outer !== null) {
    for (let at = scope; at !== root.outer; at = at.outer!) at.correlated = true;
    return root.outer;
  }
  throw new FieldError("OuterRef() stands in a query inside another one", { code: "outer_ref" });
}

/** What a group shares, as a gathered value: a query inside of HAVING may know no other. */
const gatheredOnce = (operand: Operand): Operand =>
  operand.expr.kind === "column"
    ? { ...operand, expr: { kind: "aggregate", name: "MIN", item: operand.expr, distinct: false } }
    : operand;

/** A column behind to-one relations where nothing can be joined: it is looked up for each row. */
function lookedUp(path: string, steps: readonly Relation[], field: Field, scope: Scope): Operand {
  checkOne(path, steps);
  const [first, ...rest] = steps as [Relation, ...Relation[]];
  const { rows, link, key, query } = relatedRows({ from: scope, steps: [first] }, scope);
  const expr = rows.at(rest).column(field);
  return {
    field,
    expr: { kind: "scalar", query: query(expr, { kind: "compare", op: "=", left: link, right: key }) },
    within: field.type,
  };
}

/** Refuses a way to many values where one is meant. */
function checkOne(path: string, steps: readonly Relation[]): void {
  const many = steps.find((relation) => relation.many);
  if (many === undefined) return;
  throw new FieldError(`"${path}" has many values: "${many.name}" leads to many objects`, {
    code: "to_many",
    hint: "gather them, Max(…), or select the path with values(…), which gives a row for each",
  });
}

/** The to-many rows that ways need next to those that are joined to make the groups. */
const besideGroups = (scope: Scope, ways: Scope["gathered"], grouped = true): Group[] =>
  beside(scope, grouped ? joinedTo(scope) : [], () => ways.flatMap((steps) => groupOf(steps, scope)));

/** The same context, whose conditions speak of the rows that are joined to make the groups. */
const besideJoined = (context: BuildContext, scope: Scope): BuildContext => ({
  ...context,
  condition: (q) => beside(scope, joinedTo(scope), () => context.condition(q)),
});

/** A query that stands inside, as a value. */
function valueOf(
  state: QueryState,
  { scope: outer, slots, grouped }: PlaceInStatement,
): ReturnType<BuildContext["query"]> {
  const scope = innerScope(state, outer, slots);
  scope.ofGroup = grouped;
  const columns: readonly SelectedColumn[] =
    state.output.kind === "objects"
      ? [selected(scope.meta.pk.name, scope.meta.pk, scope)]
      : selectedColumns(state, scope);
  const [column] = columns;
  if (column === undefined || columns.length > 1)
    throw new ParamsError("a query set in Subquery() must give one value per row", {
      hint: 'select it: .valuesList("id", { flat: true })',
    });
  const query = inside(selectFrom(state, scope, [column.expr], null), state);
  return { query, operand: { field: column.field, expr: { kind: "scalar", query } } };
}

/** A query as a table: its columns as they are stored, under their names. */
function rowsOfNamed(state: QueryState, dialect: Dialect, slots: Slots): ReturnType<BuildRows> {
  const scope = scopeFor(state, metaOf(state.model), dialect, slots);
  const columns = selectedColumns(state, scope);
  const exprs = columns.map(({ expr }) => expr);
  return { columns, query: inside(selectFrom(state, scope, exprs, null), state) };
}

/** An expression in the place of a condition. */
export function truthOf({ field, expr }: Operand): Expr {
  if (field.kind !== "boolean")
    throw new FieldError(`an expression in the place of a condition is true or false, and this one is ${field.kind}`, {
      code: "bad_value",
      hint: "compare it: annotate it under a name, and filter by that",
    });
  return expr;
}
