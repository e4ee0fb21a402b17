import { FieldError, ParamsError, UnsupportedError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import { isExpression } from "../query/is-expression.js";
import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type {
  Assignment,
  Conflict,
  Delete,
  Expr,
  Insert,
  RowLock,
  RowValues,
  Select,
  TableName,
  Update,
} from "../sql/ast.js";
import { compile, compileBound, type Compiled } from "../sql/compile.js";
import type { Dialect } from "../sql/dialect.js";
import { buildWhere, placeFor } from "./filter.js";
import { keptFor, type Column, type Kept } from "./kept.js";
import { asksTable, contains, PLAIN, readsColumn } from "./parts.js";
import { fieldAt } from "./path.js";
import { keptPlan, planAt, type Planned } from "./plan.js";
import { Scope, Slots } from "./scope.js";
import { buildChanges, buildExists, buildKeys, COUNT, keysInside } from "./select.js";
import { countValues, walkOf, walkState, type ShapeNode } from "./shape.js";

/** An INSERT of whole rows: its text, and the columns of each row in order. */
export interface InsertPlan extends Compiled {
  readonly columns: readonly Column[];
}

/** What `bulkCreate` does when a row is there already. */
export interface OnConflict {
  /** fields of the unique rule; empty: any */
  readonly target: readonly Field[];
  /** fields to set from the new row; null: the new row is dropped */
  readonly update: readonly Field[] | null;
}

/** INSERT of `rows` rows at once, with or without the generated key. */
export function planInsert(
  meta: Meta,
  dialect: Dialect,
  withKey: boolean,
  rows: number,
  conflict: OnConflict | null,
): InsertPlan {
  const kept = keptFor(meta, dialect);
  if (rows === 1 && conflict === null) return planInsertOne(kept, withKey);
  const node = conflictStep(kept.root("insert").step(withKey).step(rows), conflict);
  return (keptPlan(node) as InsertPlan | null) ?? planAt(node, () => makeInsert(kept, withKey, rows, conflict));
}

function conflictStep(start: ShapeNode, conflict: OnConflict | null): ShapeNode {
  if (conflict === null) return start;
  let node = start.step("conflict");
  for (const field of conflict.target) node = node.step(field);
  node = node.step(null);
  if (conflict.update === null) return node.step("nothing");
  for (const field of conflict.update) node = node.step(field);
  return node;
}

/** INSERT of one row. */
export function planInsertOne(kept: Kept, withKey: boolean): InsertPlan {
  const node = withKey ? kept.one.insertKeyed : kept.one.insert;
  return (keptPlan(node) as InsertPlan | null) ?? planAt(node, () => makeInsert(kept, withKey, 1, null));
}

function makeInsert(kept: Kept, withKey: boolean, rows: number, conflict: OnConflict | null): InsertPlan {
  const { meta, dialect } = kept;
  const columns = insertedColumns(kept, withKey);
  return { ...compile(buildInsert(meta, columns, rows, conflict, dialect), dialect), columns };
}

/** The columns of a new row, with or without the key that the database makes. */
export const insertedColumns = (kept: Kept, withKey: boolean): readonly Column[] =>
  kept.columns.filter(({ field }) => withKey || !field.generated);

/** What stands in the place of parameters, by their positions. */
export type Computed = ReadonlyMap<number, Expr>;

/** INSERT of rows in which some values are computed. Nothing of it is kept: what they compute changes with the batch. */
export function planInsertComputed(
  { meta, dialect }: Kept,
  columns: readonly Column[],
  rows: number,
  conflict: OnConflict | null,
  computed: Computed,
): Compiled {
  const insert = buildInsert(meta, columns, rows, conflict, dialect);
  const values = plainRows(columns, rows).map((row, at) =>
    row.map((expr, i) => computed.get(at * columns.length + i) ?? expr),
  );
  return compile({ ...insert, rows: values }, dialect);
}

/** INSERT of one row where a query has none. Its parameters are the row's, then the query's, whose values it comes with. */
export function planInsertUnless(
  kept: Kept,
  columns: readonly Column[],
  there: QueryState,
  computed: Computed | null,
): Planned<Compiled> {
  const { meta, dialect } = kept;
  const values: unknown[] = columns.map(() => null);
  const node = walkState(there, kept.root("insertUnless").step(columns.length), meta, values);
  const make = (): Compiled => {
    const insert = buildInsert(meta, columns, 1, null, dialect);
    const rows = [plainRows(columns, 1)[0]!.map((expr, i) => computed?.get(i) ?? expr)];
    return compile({ ...insert, rows, unless: buildExists(there, meta, dialect, new Slots(columns.length)) }, dialect);
  };
  return { plan: computed === null ? planAt(node, make) : make(), values };
}

/** INSERT of any number of rows, which come as one parameter. */
export function planInsertBound(
  kept: Kept,
  columns: readonly Column[],
  conflict: OnConflict | null,
  kinds: readonly RowValues[],
): Compiled {
  const { meta, dialect } = kept;
  const node = conflictStep(kindsStep(kept.root("insertBound").step(columns.length), kinds), conflict);
  return planAt(node, () =>
    compile({ ...buildInsert(meta, columns, 1, conflict, dialect), rows: { slot: 0, columns: kinds } }, dialect),
  );
}

/** UPDATE of any number of rows by their keys, which come as one parameter: the values of the columns and then the key. */
export function planUpdateBound(kept: Kept, columns: readonly Column[], kinds: readonly RowValues[]): Compiled {
  const { meta, dialect } = kept;
  let node = kept.root("updateBound");
  for (const column of columns) node = node.step(column);
  const bound = (i: number): Expr => ({ kind: "column", table: "rows", name: `c${i}`, nullable: true });
  return planAt(kindsStep(node, kinds), () =>
    compile(
      {
        kind: "update",
        table: meta.table,
        set: columns.map(({ field }, i) => ({ column: field.column, value: bound(i) })),
        from: { slot: 0, columns: kinds },
        where: {
          kind: "compare",
          op: "=",
          left: { kind: "column", table: meta.table.name, name: meta.pk.column, nullable: false },
          right: bound(columns.length),
        },
      },
      dialect,
    ),
  );
}

function kindsStep(start: ShapeNode, kinds: readonly RowValues[]): ShapeNode {
  let node = start;
  for (const kind of kinds) node = node.step(kind);
  return node;
}

/** The same for an UPDATE of one row. */
export function planUpdateComputed({ meta, dialect }: Kept, columns: readonly Column[], computed: Computed): Compiled {
  const update = buildUpdateOne(meta, columns);
  return compile(
    { ...update, set: update.set.map((each, i) => ({ ...each, value: computed.get(i) ?? each.value })) },
    dialect,
  );
}

/** The highest key of a table. */
export const highestKey = ({ table, pk }: Meta): Select => ({
  ...PLAIN,
  columns: [
    {
      expr: {
        kind: "aggregate",
        name: "MAX",
        item: { kind: "column", table: null, name: pk.column, nullable: false },
        distinct: false,
      },
      as: null,
    },
  ],
  from: table,
  alias: table.name,
});

/** The key of a row that was inserted with a generated one, when so many more were inserted after it: keys count up. */
export function latestKey(meta: Meta, rowsAfter: number): Expr {
  const highest: Expr = { kind: "scalar", query: highestKey(meta) };
  if (rowsAfter === 0) return highest;
  return { kind: "arithmetic", op: "-", left: highest, right: { kind: "literal", value: rowsAfter } };
}

function buildInsert(
  meta: Meta,
  columns: readonly Column[],
  rows: number,
  conflict: OnConflict | null,
  dialect: Dialect,
): Insert {
  return {
    kind: "insert",
    table: meta.table,
    columns: columns.map(({ field }) => field.column),
    rows: plainRows(columns, rows),
    conflict: conflict === null ? null : conflictOf(conflict, meta.pk),
    // An upsert may have met an old row: only the database can tell which key it has.
    returning:
      conflict === null || conflict.update === null || !dialect.returning
        ? []
        : [meta.pk, ...conflict.target].map(({ column }) => ({
            expr: { kind: "column", table: null, name: column, nullable: false },
            as: null,
          })),
  };
}

/** A parameter for each value. */
const plainRows = (columns: readonly Column[], rows: number): Expr[][] =>
  Array.from({ length: rows }, (_, at) =>
    columns.map((_column, i): Expr => ({ kind: "param", slot: at * columns.length + i, encode: null })),
  );

/** The keys of the rows that have given values in the fields of a unique rule, with these: for databases that do not tell. */
export function planKeysOf(meta: Meta, dialect: Dialect, target: readonly Field[], rows: number): Compiled {
  let node = keptFor(meta, dialect).root("keys").step(rows);
  for (const field of target) node = node.step(field);
  return planAt(node, () => {
    const columns = [meta.pk, ...target].map((field) => ({ expr: columnOf(field), as: null }));
    const [only, ...others] = target;
    if (only !== undefined && others.length === 0 && dialect.lists === "padded") {
      const cast = dialect.comparesAs(only.type);
      const list = { kind: "list", slot: 0, width: rows, encode: null, ...(cast !== null && { cast }) } as const;
      const where: Expr = { kind: "in", left: columnOf(only), list, negated: false };
      return compile({ ...PLAIN, columns, from: meta.table, alias: meta.table.name, where }, dialect);
    }
    let slot = 0;
    const row = (): Expr => ({
      kind: "and",
      items: target.map((field): Expr => {
        const given: Expr = { kind: "param", slot: slot++, encode: null };
        const cast = dialect.comparesAs(field.type);
        const right: Expr = cast === null ? given : { kind: "cast", item: given, ...cast };
        return { kind: "compare", op: "=", left: columnOf(field), right };
      }),
    });
    const where: Expr = { kind: "or", items: Array.from({ length: rows }, row) };
    return compile({ ...PLAIN, columns, from: meta.table, alias: meta.table.name, where }, dialect);
  });
}

const columnOf = ({ column, null: nullable }: Field): Expr => ({ kind: "column", table: null, name: column, nullable });

const conflictOf = ({ target, update }: OnConflict, pk: Field): Conflict => ({
  key: pk.column,
  counted: pk.generated,
  target: target.map((field) => field.column),
  set:
    update === null
      ? null
      : update.map((field): Assignment => ({ column: field.column, value: { kind: "inserted", name: field.column } })),
});

/** An UPDATE of one row by its key: parameters are the columns' values and then the key. */
export interface UpdatePlan extends Compiled {
  readonly columns: readonly Column[];
}

/** At most this many sets of columns of one model get a plan that is kept. */
const KEPT_COLUMN_SETS = 8;

/** UPDATE of the given columns where the key is the last parameter. */
export function planUpdateOne(kept: Kept, columns: readonly Column[]): UpdatePlan {
  let node = kept.one.update;
  for (let i = 0; i < columns.length; i++) node = node.step(columns[i]!);
  return (keptPlan(node) as UpdatePlan | null) ?? makeUpdateOne(kept, columns, node);
}

function makeUpdateOne({ meta, dialect, one }: Kept, columns: readonly Column[], node: ShapeNode): UpdatePlan {
  const sets = (one.update.plan ??= new Set()) as Set<ShapeNode>;
  const make = (): UpdatePlan => ({ ...compile(buildUpdateOne(meta, columns), dialect), columns });
  if (!sets.has(node) && sets.size >= KEPT_COLUMN_SETS) return make();
  sets.add(node);
  return planAt(node, make);
}

function buildUpdateOne(meta: Meta, columns: readonly Column[]): Update {
  const set = columns.map(
    ({ field }, slot): Assignment => ({ column: field.column, value: { kind: "param", slot, encode: null } }),
  );
  const own = isKey(meta, columns.length);
  const { version } = meta;
  if (version === null || columns.at(-1)?.field !== version)
    return { kind: "update", table: meta.table, set, where: own };
  // The version that the object was read with follows the key: a row that was saved since has another one.
  const same: Expr = {
    kind: "compare",
    op: "=",
    left: { kind: "column", table: null, name: version.column, nullable: false },
    right: { kind: "param", slot: columns.length + 1, encode: null },
  };
  return { kind: "update", table: meta.table, set, where: { kind: "and", items: [own, same] } };
}

/** DELETE of one row by its key. */
export function planDeleteOne({ meta, dialect, one }: Kept): Compiled {
  return (
    (keptPlan(one.delete) as Compiled | null) ??
    planAt(one.delete, () => compile({ kind: "delete", table: meta.table, where: isKey(meta, 0) }, dialect))
  );
}

const isKey = (meta: Meta, slot: number): Expr => ({
  kind: "compare",
  op: "=",
  left: { kind: "column", table: null, name: meta.pk.column, nullable: false },
  right: { kind: "param", slot, encode: null },
});

// Steps that are no names: fields may be called anything.
const COMPUTED = Symbol("computed");
const WHERE = Symbol("where");

/** UPDATE of the rows of a query. */
export function planUpdate(
  state: QueryState,
  changes: Readonly<Record<string, unknown>>,
  meta: Meta,
  dialect: Dialect,
): Planned<Compiled> {
  const values: unknown[] = [];
  let node = keptFor(meta, dialect).root("update");
  for (const name in changes) {
    const value = changes[name];
    node = node.step(name);
    if (isExpression(value)) node = value.walk(node.step(COMPUTED), walkOf(meta, values)) as ShapeNode;
    else {
      // Null is a shape of its own: whether the field takes it is checked while building.
      if (value === null) node = node.step(null);
      values.push(value);
    }
  }
  node = walkState(state, node.step(WHERE), meta, values);
  return { plan: planAt(node, () => compileBound(buildUpdate(state, changes, meta, dialect), dialect)), values };
}

/** The UPDATE as a tree: also for `.sql()`. */
export function buildUpdate(
  state: QueryState,
  changes: Readonly<Record<string, unknown>>,
  meta: Meta,
  dialect: Dialect,
): Update {
  const scope = changingScope(state, changes, meta, dialect, meta.table.name);
  scope.noJoins = true;
  const set = assignmentsOf(changes, scope);
  const ordered = dialect.assignsInOrder ? unseeing(set, meta.table.name) : set;
  if (ordered === null || (!dialect.readsChangedTable && asksTable(set, meta.table)))
    return buildUpdateFrom(state, changes, meta, dialect);
  return { kind: "update", table: meta.table, set: ordered, where: whereOf(state, scope, meta.table) };
}

/** The table of an UPDATE: the values of what is set come first, then those of the computed values, which both what is set and the filter may name. */
function changingScope(
  state: QueryState,
  changes: Readonly<Record<string, unknown>>,
  meta: Meta,
  dialect: Dialect,
  alias: string,
): Scope {
  const slots = new Slots(Object.values(changes).reduce((count: number, value) => count + countValues(value), 0));
  const scope = new Scope(meta, dialect, slots, alias);
  scope.takeAnnotations(state, countValues);
  slots.next = 0;
  return scope;
}

function assignmentsOf(changes: Readonly<Record<string, unknown>>, scope: Scope): Assignment[] {
  const { meta } = scope;
  const set = Object.keys(changes).map((name): Assignment => {
    const field = changedField(meta, name);
    const value = changes[name];
    if (isExpression(value)) {
      const target = { field, expr: scope.column(field) };
      const assigned = value.assigned(target, placeFor(scope, scope.slots, keysInside));
      if (contains(assigned, "window"))
        throw new UnsupportedError(`update(): "${name}" looks at other rows, which change while it does`, {
          code: "window_update",
          hint: "read the values first, and write them with bulkUpdate",
        });
      return { column: field.column, value: assigned };
    }
    const column = scope.kept.byField.get(field)!;
    if (value === null) column.write(null);
    return { column: field.column, value: { kind: "param", slot: scope.slots.take(), encode: column.write } };
  });
  const seen = new Set(set.map(({ column }) => column));
  if (seen.size < set.length) throw new ParamsError("update(): a field is set twice");
  return set;
}

/** The assignments in an order in which none sees what another has done; null where there is none. */
function unseeing(set: readonly Assignment[], table: string): Assignment[] | null {
  const left = set.slice();
  const ordered: Assignment[] = [];
  while (left.length > 0) {
    const next = left.findIndex(
      (one) => !left.some((other) => other !== one && readsColumn(other.value, table, one.column)),
    );
    if (next < 0) return null;
    ordered.push(...left.splice(next, 1));
  }
  return ordered;
}

/** The same UPDATE where what is set is calculated before anything changes. */
function buildUpdateFrom(
  state: QueryState,
  changes: Readonly<Record<string, unknown>>,
  meta: Meta,
  dialect: Dialect,
): Update {
  const rows = changingScope(state, changes, meta, dialect, `${meta.table.name}_rows`);
  const set = assignmentsOf(changes, rows);
  // Those of the computed values are taken.
  for (const { expression } of state.annotations) rows.slots.next += countValues(expression);
  const isConstant = ({ value }: Assignment): boolean => value.kind === "param";
  const computed = set.filter((assignment) => !isConstant(assignment));
  const alias = `${meta.table.name}_changes`;
  const of = (name: string): Expr => ({ kind: "column", table: alias, name, nullable: true });
  const query = buildChanges(
    state,
    rows,
    computed.map(({ value }) => value),
  );
  const key: Expr = { kind: "column", table: meta.table.name, name: meta.pk.column, nullable: false };
  return {
    kind: "update",
    table: meta.table,
    joined: { query, alias, on: { kind: "compare", op: "=", left: of("key"), right: key } },
    set: set.map((assignment) =>
      isConstant(assignment) ? assignment : { ...assignment, value: of(`v${computed.indexOf(assignment)}`) },
    ),
    where: null,
  };
}

function changedField(meta: Meta, name: string): Field {
  if (name.includes("__"))
    throw new FieldError(`update(): "${name}" is not a field of ${meta.name}`, {
      code: "unknown_field",
      hint: `known: ${meta.names.join(", ")}`,
    });
  return fieldAt(meta, name, name);
}

/** DELETE of the rows of a query. */
export function planDelete(state: QueryState, meta: Meta, dialect: Dialect): Planned<Compiled> {
  const values: unknown[] = [];
  const node = walkState(state, keptFor(meta, dialect).root("delete"), meta, values);
  return { plan: planAt(node, () => compileBound(buildDelete(state, meta, dialect), dialect)), values };
}

/** Counts the rows that the same DELETE is about. */
export function planCountDeleted(state: QueryState, meta: Meta, dialect: Dialect): Planned<Compiled> {
  const values: unknown[] = [];
  const node = walkState(state, keptFor(meta, dialect).root("countDeleted"), meta, values);
  const make = (): Compiled => {
    const { table, where } = buildDelete(state, meta, dialect);
    const columns = [{ expr: COUNT, as: null }];
    // Nobody may change them before they go.
    const lock: RowLock | null = dialect.forUpdate ? { of: [], busy: "wait" } : null;
    return compileBound(
      { ...PLAIN, columns, from: table, alias: table.name, where, ...(lock === null ? {} : { lock }) },
      dialect,
    );
  };
  return { plan: planAt(node, make), values };
}

/** The DELETE as a tree: also for `.sql()`. */
export function buildDelete(state: QueryState, meta: Meta, dialect: Dialect): Delete {
  const scope = new Scope(meta, dialect, new Slots());
  // A row that goes takes rows of other tables along, so what is asked of those must be known before.
  return { kind: "delete", table: meta.table, where: whereOf(state, scope, null) };
}

/**
 * Slices and joins have no place in UPDATE and DELETE: their rows are asked for as a set of keys, and so they are where the filter
 * asks a table that changes meanwhile (null: any).
 */
function whereOf(state: QueryState, scope: Scope, changing: TableName | null): Expr | null {
  if (!state.isCut) {
    const trial = new Scope(scope.meta, scope.dialect, new Slots(scope.slots.next));
    trial.takeAnnotations(state, countValues);
    const { where } = buildWhere(state.where, trial, keysInside);
    const asksChanging = !scope.dialect.readsChangedTable && asksTable(where, changing);
    if (trial.joins.length === 0 && !trial.windowed && !asksChanging) {
      scope.slots.next = trial.slots.next;
      return where;
    }
  }
  return { kind: "in", left: scope.column(scope.meta.pk), list: buildKeys(state, scope), negated: false };
}

/** Keys move by this much on their way, so that no new key meets an old one that has yet to move: a quarter of what the column holds. */
const away = (pk: Field, { bitsOf }: Dialect): bigint => 2n ** (bitsOf(pk.type) - 2n);

/**
 * UPDATE that computes new keys from old ones, as two statements: databases check uniqueness row by row, and
 * `id + 1` would meet the next row. Both must run as one unit; the first tells how many rows there were.
 */
export function planMoveKeys(
  state: QueryState,
  changes: Readonly<Record<string, unknown>>,
  meta: Meta,
  dialect: Dialect,
): [Planned<Compiled>, Planned<Compiled>] {
  const { values } = planUpdate(state, changes, meta, dialect);
  const { pk } = meta;
  const key: Expr = { kind: "column", table: null, name: pk.column, nullable: false };
  const distance = away(pk, dialect);
  const by = (op: "+" | "-", value: Expr): Assignment => ({
    column: pk.column,
    value: { kind: "arithmetic", op, left: value, right: { kind: "literal", value: distance } },
  });
  // A key that had moved itself farther than half the way would not be found there.
  const near = (item: Expr): Expr => ({
    kind: "inRange",
    item,
    of: "integer",
    low: 1n - distance / 2n,
    high: distance / 2n - 1n,
  });
  const isWide = distance < 2n ** 62n || (pk.type.kind === "bigInt" && pk.type.mode === "bigint");
  const there = buildUpdate(state, changes, meta, dialect);
  const first: Update = {
    ...there,
    set: there.set.map((assignment) =>
      assignment.column === pk.column ? by("-", isWide ? near(assignment.value) : assignment.value) : assignment,
    ),
  };
  const back: Update = {
    kind: "update",
    table: meta.table,
    set: [by("+", key)],
    where: { kind: "compare", op: "<", left: key, right: { kind: "literal", value: -distance / 2n } },
  };
  return [
    { plan: compile(first, dialect), values },
    { plan: compile(back, dialect), values: [] },
  ];
}
