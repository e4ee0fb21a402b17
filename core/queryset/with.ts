import { FieldError, ParamsError, typeName, UnsupportedError } from "../base/errors.js";
import { Expression } from "../computed/expression.js";
import { argument } from "../computed/functions/argument.js";
import { tablesAt, type PlaceInStatement } from "../plan/asked.js";
import type { BuildContext, Operand, Place, Step, Walk } from "../query/expression.js";
import type { BuildRows, NamedJoin, NamedQuery, NamedRows, NamedTables, RowColumn } from "../query/named.js";
import { QueryState } from "../query/state.js";
import { META, metaOf, type Meta, type ModelLike } from "../schema/meta.js";
import type { Compound, Expr, Select } from "../sql/ast.js";
import type { WithFunction } from "../types/with.js";
import { QuerySet } from "./queryset.js";

/** How a named query names itself: null, not at all. */
interface Recursion {
  readonly state: QueryState;
  readonly itself: Itself;
  /** a row that was found before is not gone on from */
  readonly distinct: boolean;
}

const NAMED = Symbol("named");
const RECURSIVE = Symbol("recursive");
const ITSELF = Symbol("itself");
const ON = Symbol("on");

/** A query under a name. */
class CommonQuery implements NamedQuery {
  constructor(
    readonly name: string,
    readonly state: QueryState,
    readonly recursion: Recursion | null,
  ) {}

  get model(): object {
    return this.state.from?.model ?? this.state.model;
  }

  walk(at: Step, walk: Walk): Step {
    checkName(this, metOn(walk));
    const node = walk.query(this.state, at.step(NAMED).step(this.name));
    const { recursion } = this;
    return recursion === null ? node : walk.query(recursion.state, node.step(RECURSIVE).step(recursion.distinct));
  }

  build(rows: BuildRows): NamedRows {
    const { name, recursion } = this;
    const { query, columns } = rows(this.state);
    const names = columns.map((each) => each.name);
    if (recursion === null) return { columns, table: { name, columns: names, query, recursive: false } };
    recursion.itself.columns = columns;
    const next = rows(recursion.state);
    checkAlike(name, columns, next.columns);
    checkPlain(name, next.query);
    const whole: Compound = {
      kind: "compound",
      op: recursion.distinct ? "UNION" : "UNION ALL",
      parts: [widened(query, next.query, columns), next.query],
    };
    return { columns, table: { name, columns: names, query: whole, recursive: true } };
  }

  begin(place: Place): unknown {
    return ownRows(tablesAt(place as PlaceInStatement));
  }
}

/** The query inside itself: the rows that were found last. */
class Itself implements NamedQuery {
  columns: NamedRows["columns"] = [];
  constructor(
    readonly name: string,
    readonly model: object,
  ) {}
  walk(at: Step): Step {
    return at.step(ITSELF).step(this.name);
  }
  build(): NamedRows {
    return { table: null, columns: this.columns };
  }
  begin(): unknown {
    return undefined;
  }
}

/** Databases take the length of a text from the first rows, and would cut what is put together from it. */
const widened = (query: Select, next: Select, columns: NamedRows["columns"]): Select => ({
  ...query,
  columns: query.columns.map(({ expr, as }, i) => ({
    expr:
      columns[i]!.field.lookups === "text" && next.columns[i]!.expr.kind !== "column"
        ? ({ kind: "cast", item: expr, to: "longText" } as const)
        : expr,
    as,
  })),
});

function checkAlike(name: string, first: NamedRows["columns"], next: NamedRows["columns"]): void {
  const kinds = (columns: NamedRows["columns"]): string =>
    columns.map(({ name: column, field: { lookups, type } }) => `${column}: ${kindOf(lookups, type)}`).join(", ");
  if (kinds(first) === kinds(next)) return;
  throw new ParamsError(`With.recursive("${name}"): both queries must give the same values, in the same order`, {
    code: "recursive",
    hint: `the first gives ${kinds(first)}; the other ${kinds(next)}`,
  });
}

const kindOf = (lookups: string, type: { readonly kind: string; readonly decimalPlaces?: number }): string =>
  lookups === "text"
    ? "text"
    : /int/i.test(type.kind)
      ? "integer"
      : type.kind + (type.decimalPlaces === undefined ? "" : ` of ${type.decimalPlaces} places`);

/** What databases ask of a query that names itself: once, among its tables, and every row by itself. */
function checkPlain(name: string, query: Select): void {
  const refuse = (problem: string, hint: string): never => {
    throw new UnsupportedError(`With.recursive("${name}"): ${problem}`, { code: "recursive", hint });
  };
  if (!query.joins.some(({ table }) => table.schema === null && table.name === name))
    refuse("the second query does not go on from the rows of the first", `filter by ${name}.col("…") in it`);
  if (query.groupBy.length > 0 || query.having !== null || query.distinct || query.orderBy.length > 0)
    refuse("the second query cannot group its rows, order them or make them distinct", "do it with the whole");
  if (query.limit !== null || query.offset !== null)
    refuse("the second query cannot be cut off", "count the steps in a value, and filter by it");
  if (query.columns.some(({ expr }) => gathers(expr)))
    refuse("the second query cannot gather rows or look at others", "do it with the whole");
}

const gathers = (expr: Expr): boolean => expr.kind === "aggregate" || expr.kind === "window";

/** What a walk has met: the queries by name, because two of one name would be one to the database, and their joins. */
interface Met {
  readonly queries: Map<string, CommonQuery>;
  readonly joins: NamedJoin[];
}
const MET = /* @__PURE__ */ new WeakMap<readonly unknown[], Met>();

function metOn({ values }: Walk): Met {
  let met = MET.get(values);
  if (met === undefined) MET.set(values, (met = { queries: new Map(), joins: [] }));
  return met;
}

function checkName(query: CommonQuery, { queries }: Met): void {
  const other = queries.get(query.name) ?? query;
  if (other !== query)
    throw new ParamsError(`two different queries are called "${query.name}" in one statement`, {
      code: "name_twice",
      hint: "make the one that both need once, or give them different names",
    });
  queries.set(query.name, query);
}

/** A named query of a statement, built where it is asked for first. */
function built(query: NamedQuery, tables: NamedTables, slots: { next: number }): NamedRows {
  for (let at: NamedTables | null = tables; at !== null; at = at.outer()) {
    const known = at.named.get(query);
    if (known === undefined) continue;
    slots.next += known.values;
    return known;
  }
  const first = slots.next;
  const rows = query.build(tables.rows(slots));
  tables.named.set(query, { ...rows, values: slots.next - first });
  return rows;
}

/** The named query that the rows of a statement are. */
const ownRows = (tables: NamedTables): NamedRows => {
  const { query, slot } = tables.from!;
  return built(query, tables, { next: slot });
};

/** The statement whose rows are a named query's: this one, or one around a condition of it. */
function rootOf(tables: NamedTables): NamedTables {
  let at = tables;
  while (at.from === null) at = at.outer()!;
  return at;
}

function columnOf({ name: query }: NamedQuery, name: string, columns: NamedRows["columns"]): RowColumn {
  const found = columns.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new FieldError(`"${query}" has no column "${name}"`, {
    code: "unknown_field",
    hint: `known: ${columns.map((each) => each.name).join(", ")}`,
  });
}

/** Joins the rows of a named query once; gives their alias. */
function joined(join: NamedJoin, columns: NamedRows["columns"], context: BuildContext): string {
  const { namedAt, joins, claim } = context.tables;
  const known = namedAt.get(join);
  if (known !== undefined) return known;
  const { query, on } = join;
  const equals = (on ?? []).map(
    ([column, value]) => [columnOf(query, column, columns).name, (value as Expression).build(context).expr] as const,
  );
  const alias = claim(query.name);
  namedAt.set(join, alias);
  const items = equals.map(
    ([name, right]): Expr => ({
      kind: "compare",
      op: "=",
      left: { kind: "column", table: alias, name, nullable: false },
      right,
    }),
  );
  joins.push({
    type: on === null ? "inner" : "left",
    table: { schema: null, name: query.name },
    alias,
    on: on === null ? { kind: "bool", value: true } : { kind: "and", items },
    scope: null,
  });
  return alias;
}

/** A column of a named query: of the rows themselves, or of rows that are joined to them. */
class NamedColumn extends Expression {
  constructor(
    readonly join: NamedJoin | null,
    readonly name: string,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return this.join?.on?.flatMap(([, equals]) => equals.paths) ?? [];
  }
  walk(at: Step, walk: Walk): Step {
    const { join, name } = this;
    if (join === null) return at.step(NAMED).step(name);
    const { joins } = metOn(walk);
    if (!joins.includes(join)) joins.push(join);
    // Which columns share their rows is part of the statement.
    let node = join.query.walk(at.step(joins.indexOf(join)), walk);
    for (const [column, equals] of join.on ?? []) node = equals.walk(node.step(ON).step(column), walk);
    return node.step(NAMED).step(name);
  }
  build(context: BuildContext): Operand {
    const { join, name } = this;
    const { tables } = context;
    if (join === null) {
      const { columns } = ownRows(rootOf(tables));
      const { field } = columns.find((each) => each.name === name)!;
      return { field, expr: { kind: "column", table: tables.alias, name, nullable: true } };
    }
    if (tables.noJoins)
      throw new UnsupportedError(`update(): nothing can be joined, so "${join.query.name}" has no columns here`, {
        code: "named_update",
        hint: `Subquery(${join.query.name}.filter({ … }).valuesList("${name}", { flat: true }))`,
      });
    const { columns } = built(join.query, tables, tables.slots);
    const { field } = columnOf(join.query, name, columns);
    return { field, expr: { kind: "column", table: joined(join, columns, context), name, nullable: true } };
  }
}

/** Rows of a named query beside those of a statement. */
class JoinedRows {
  readonly #join: NamedJoin;
  constructor(join: NamedJoin) {
    this.#join = join;
  }
  /** A column of them. */
  col(name: string): Expression {
    if (typeof name !== "string") throw new ParamsError(`col() takes the name of a column, not ${typeName(name)}`);
    return new NamedColumn(this.#join, name);
  }
}

/** A query under a name: it can be asked more, and its columns can stand in other queries. */
export class NamedQuerySet extends QuerySet {
  readonly #joined: NamedJoin;
  constructor(query: CommonQuery) {
    super(stateOf(query));
    this.#joined = { query, on: null };
  }

  /** A column of its rows in another query, whose filter says which belong together. */
  col(name: string): Expression {
    return new JoinedRows(this.#joined).col(name);
  }

  /** Its rows in another query, or nulls where there is none: `spent.on({ customerId: "id" }).col("sum")`. */
  on(equals: Readonly<Record<string, unknown>>): JoinedRows {
    const pairs = Object.entries(equals ?? {}).map(([column, value]) => [column, argument(value, "on")] as const);
    if (pairs.length === 0)
      throw new ParamsError("on() takes { column: field }", { hint: 'on({ customerId: "id" }): what must be equal' });
    return new JoinedRows({ query: this.#joined.query, on: pairs });
  }
}

/** A question about the rows of a named query. */
function stateOf(query: CommonQuery): QueryState {
  const state = new QueryState(new RowModel(query));
  state.from = query;
  state.using = query.state.using;
  const names = namesOf(query.state);
  state.output = { kind: "values", names: names.map((name) => ({ as: name, path: name })) };
  state.annotations = names.map((name) => ({ name, expression: new NamedColumn(null, name), ofGroup: false }));
  return state;
}

/** What stands for the model: a table without fields, whose columns are computed values. */
class RowModel implements ModelLike {
  readonly prototype = Object.create(null) as object;
  readonly #query: CommonQuery;
  #meta: Meta | null = null;
  constructor(query: CommonQuery) {
    this.#query = query;
  }
  get [META](): Meta {
    return (this.#meta ??= this.#make());
  }
  #make(): Meta {
    const { name, state } = this.#query;
    return {
      ...metaOf(state.model),
      name,
      label: name,
      model: this,
      table: { schema: null, name },
      fields: [],
      names: namesOf(state),
      field: new Map(),
      pk: undefined as never,
      pkIndex: -1,
      ordering: [],
      indexes: [],
      version: null,
      listening: null,
      relations: new Map(),
      kept: [],
    };
  }
}

/** The columns that a query gives, by name. */
function namesOf({ output, model, annotations, groupBy }: QueryState): readonly string[] {
  if (output.kind === "objects") return [];
  if (output.names !== null) return output.names.map(({ as }) => as);
  if (groupBy !== null) return [...groupBy, ...annotations.filter(({ ofGroup }) => ofGroup).map(({ name }) => name)];
  return [...metaOf(model).names, ...annotations.map(({ name }) => name)];
}

function checked(name: unknown, query: unknown, call: string): QueryState {
  if (typeof name !== "string" || !/^[A-Za-z_][A-Za-z0-9_]{0,59}$/.test(name))
    throw new ParamsError(`${call}() takes a name of letters, digits and underscores first`, {
      code: "bad_name",
      hint: `${call}("spent", Order.all().values(…))`,
    });
  const state = (query as { readonly state?: unknown } | null)?.state;
  if (!(state instanceof QueryState))
    throw new ParamsError(`${call}("${name}") takes a query set, not ${typeName(query)}`);
  if (state.output.kind !== "values")
    throw new ParamsError(`${call}("${name}"): say what its rows have`, {
      code: "named_values",
      hint: '.values("id", "name")',
    });
  if (state.prefetch.length > 0 || state.access !== null)
    throw new ParamsError(`${call}("${name}"): a query under a name loads no relations, and locks nothing`);
  return state;
}

/**
 * A query under a name. It can be asked more, like a table; its columns can stand in queries of models.
 * @example
 * const spent = With("spent", Order.all().groupBy("userId").annotate({ sum: Sum("total") }).values("userId", "sum"));
 * await spent.filter({ sum__gt: 100 }).orderBy("-sum"); // WITH "spent" ("userId", "sum") AS (SELECT …) SELECT … FROM "spent" WHERE …
 * await User.all().annotate({ spent: spent.on({ userId: "id" }).col("sum") }); // … FROM "user" LEFT JOIN "spent" ON …
 */
export const With: WithFunction = /* @__PURE__ */ Object.assign(
  (name: string, query: unknown): NamedQuerySet =>
    new NamedQuerySet(new CommonQuery(name, checked(name, query, "With"), null)),
  {
    recursive(
      name: string,
      first: unknown,
      next: (itself: JoinedRows) => unknown,
      { distinct = false }: { readonly distinct?: boolean } = {},
    ): NamedQuerySet {
      const start = checked(name, first, "With.recursive");
      if (typeof next !== "function")
        throw new ParamsError(`With.recursive("${name}"): the third argument is a function that gives the next rows`);
      const itself = new Itself(name, start.model);
      const state = checked(name, next(new JoinedRows({ query: itself, on: null })), "With.recursive");
      return new NamedQuerySet(new CommonQuery(name, start, { state, itself, distinct }));
    },
  },
) as unknown as WithFunction;
