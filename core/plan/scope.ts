import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { Expression, Operand } from "../query/expression.js";
import type { Named, NamedJoin, NamedQuery, NamedTables } from "../query/named.js";
import type { Annotation, QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import { isCertain, type Relation } from "../schema/relation.js";
import type { CommonTable, Encode, Expr, Join, Param, TableName } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import { asRead, keptFor, type Kept } from "./kept.js";

/** Numbers the values of one statement, in the order in which the shape walk collected them. */
export class Slots {
  constructor(public next = 0) {}
  take(): number {
    return this.next++;
  }
}

/** A join, until the whole statement is known: what its conditions reject decides its type. */
interface OpenJoin extends Join {
  /** null: the rows of a named query */
  readonly scope: Scope | null;
  type: Join["type"];
}

/** What all tables of one SELECT, UPDATE or DELETE share. */
interface Statement {
  readonly joins: OpenJoin[];
  /** aliases of this statement and of those around it */
  readonly aliases: Set<string>;
  /** the queries that it names like tables */
  readonly named: Map<NamedQuery, Named>;
  /** where their rows are joined */
  readonly namedAt: Map<NamedJoin, string>;
}

/** Where a scope stands; left out: it is the table of a statement of its own. */
interface Place {
  /** the row of the statement around this one that its rows are compared with */
  readonly outer?: Scope;
  /** the relations from the first model of the whole filter to this table */
  readonly prefix?: readonly Relation[];
  /** the table that this one is joined to */
  readonly joinedTo?: Scope;
  /** there may be no row */
  readonly optional?: boolean;
}

/** One table of a statement, and how to name its columns. The tables joined to it are scopes of their own. */
export class Scope {
  readonly kept: Kept;
  readonly outer: Scope | null;
  readonly prefix: readonly Relation[];
  /** the computed values of the statement, and where their values begin */
  readonly annotated: Map<string, Annotation & { readonly slot: number }> = new Map();
  annotations: readonly Annotation[] = [];
  /** what its groups have in common; null: its rows are not grouped */
  groupBy: readonly string[] | null = null;
  /** the named query whose rows these are, and where its values begin */
  from: { readonly query: NamedQuery; readonly slot: number } | null = null;
  /** the query that it is the table of, and where its values begin; null where it has no computed values */
  asked: { readonly state: QueryState; readonly slot: number } | null = null;
  /** the ways to rows that an aggregate gathers, joined to this table: conditions beside it speak of them */
  gathered: readonly (readonly Relation[])[] = [];
  /** the computed values that are built; null while one is being built */
  readonly built: Map<string, Operand | null> = new Map();
  /** its filter asks what a window says of the rows, so that they are chosen twice */
  windowed = false;
  /** it stands where groups are asked: the row around it has what its group has */
  ofGroup = false;
  /** it changes rows, so nothing can be joined */
  noJoins = false;
  /** the statement asks a scope around it for a column, so it cannot run alone */
  correlated = false;
  readonly #statement: Statement;
  readonly #joinedTo: Scope | null;
  readonly #optional: boolean;
  readonly #joined = new Map<Relation, Scope>();
  /** A column that stands in another table too, which is there anyway. */
  #elsewhere: { readonly field: Field; readonly expr: Expr; readonly join: () => void } | null = null;

  constructor(
    readonly meta: Meta,
    readonly dialect: Dialect,
    readonly slots: Slots,
    readonly alias: string = meta.table.name,
    { outer, prefix = [], joinedTo, optional = false }: Place = {},
  ) {
    this.kept = keptFor(meta, dialect);
    this.outer = outer ?? null;
    this.prefix = prefix;
    this.#joinedTo = joinedTo ?? null;
    this.#optional = optional;
    this.#statement =
      joinedTo === undefined
        ? {
            joins: [],
            aliases: new Set(outer === undefined ? [] : outer.#statement.aliases),
            named: new Map(),
            namedAt: new Map(),
          }
        : joinedTo.#statement;
    this.#statement.aliases.add(alias);
  }

  /** Takes the computed values of a query; their values come first. */
  takeAnnotations(state: QueryState, count: (expression: Expression | NamedQuery) => number): void {
    const { annotations, groupBy, from } = state;
    this.asked = { state, slot: this.slots.next };
    this.annotations = annotations;
    this.groupBy = groupBy;
    if (from !== null) {
      this.from = { query: from, slot: this.slots.next };
      this.slots.next += count(from);
    }
    for (const annotation of annotations) {
      checkName(annotation.name, this.meta, groupBy !== null);
      this.annotated.set(annotation.name, { ...annotation, slot: this.slots.next });
      this.slots.next += count(annotation.expression);
    }
  }

  get joins(): readonly Join[] {
    return this.#statement.joins;
  }

  /** What stands before the statement. */
  get with(): { readonly with?: readonly CommonTable[] } {
    const tables = Array.from(this.#statement.named.values(), ({ table }) => table).filter((table) => table !== null);
    return tables.length === 0 ? {} : { with: tables };
  }

  /** What this statement knows of queries under names. */
  tables(slots: { next: number }, rows: NamedTables["rows"]): NamedTables {
    const { named, namedAt, joins } = this.#statement;
    const { outer, alias, from, noJoins } = this;
    return {
      alias,
      from,
      noJoins,
      slots,
      named,
      namedAt,
      joins,
      rows,
      outer: () => outer?.tables(slots, rows) ?? null,
      claim: (wanted) => this.claim(wanted),
    };
  }

  column(field: Field): Expr {
    if (this.#elsewhere !== null) {
      const { field: known, expr, join } = this.#elsewhere;
      if (known === field) return expr;
      this.#elsewhere = null;
      join();
    }
    return { kind: "column", table: this.alias, name: field.column, nullable: field.null || this.#optional };
  }

  /** A column as it is read. */
  read(field: Field): Expr {
    return asRead(this.column(field), this.kept.byField.get(field)!.codec);
  }

  /** The table at the end of some relations, joined on the way. */
  at(relations: readonly Relation[]): Scope {
    let scope: Scope = this;
    for (const relation of relations) scope = scope.#join(relation);
    return scope;
  }

  /** An alias that nothing else in the whole statement has. A table that is no scope takes it with `claim`. */
  free(wanted: string): string {
    const { aliases } = this.#statement;
    let alias = wanted;
    for (let n = 2; aliases.has(alias); n++) alias = `${wanted}_${n}`;
    return alias;
  }

  /** Takes an alias for a table that is no scope. */
  claim(wanted: string): string {
    const alias = this.free(wanted);
    this.#statement.aliases.add(alias);
    return alias;
  }

  /** Keeps clear of the aliases of another statement, whose columns it asks for. */
  avoid(other: Scope): void {
    for (const alias of other.#statement.aliases) this.#statement.aliases.add(alias);
  }

  /** Every path is joined once, under an alias of its own. */
  #join(relation: Relation): Scope {
    const known = this.#joined.get(relation);
    if (known !== undefined) return known;
    const { target, through, from, to } = relation;
    let near = this.column(from);
    const alias = this.free(`${this.alias}__${relation.hidden ? target.table.name : relation.name}`);
    const scope = new Scope(target, this.dialect, this.slots, alias, {
      joinedTo: this,
      optional: this.#optional || !isCertain(relation),
    });
    const { joins } = this.#statement;
    if (through !== null) {
      const middle = this.claim(`${alias}_through`);
      joins.push({
        type: "left",
        table: through.table,
        alias: middle,
        on: equal(at(middle, through.near), near),
        scope,
      });
      near = at(middle, through.far);
    }
    joins.push({ type: "left", table: target.table, alias, on: equal(scope.column(to), near), scope });
    this.#joined.set(relation, scope);
    return scope;
  }

  /** Says that the table is only needed for other columns than this one, which stands elsewhere; `join` adds it then. */
  standsElsewhere(field: Field, expr: Expr, join: () => void): void {
    this.#elsewhere = { field, expr, join };
  }

  /** Joins the table of this scope, which so far stood only in another one's keys. */
  joinSelf(near: Expr, to: Field): void {
    this.#statement.joins.unshift({
      type: "inner",
      table: this.meta.table,
      alias: this.alias,
      on: equal({ kind: "column", table: this.alias, name: to.column, nullable: false }, near),
      scope: this,
    });
  }

  /** Joins a table in the middle that has a row for each pair; gives its alias. */
  joinThrough(table: TableName, far: string, to: Field): string {
    const alias = this.claim(table.name);
    this.#statement.joins.push({
      type: "inner",
      table,
      alias,
      on: equal(at(alias, far), this.column(to)),
      scope: this,
    });
    return alias;
  }

  /** A join becomes INNER where a row without it would be dropped anyway: planners may then start from its table. */
  tighten(where: Expr | null): void {
    const { joins } = this.#statement;
    if (where === null || joins.length === 0) return;
    const rejected = rejectedBy(where);
    for (const join of joins) {
      if (!rejected.includes(join.alias)) continue;
      join.type = "inner";
      for (let at = join.scope; at !== null; at = at.#joinedTo) at.#tighten();
    }
  }

  /** Joins that lose no row: what is selected along with every row. */
  tightenCertain(relations: readonly Relation[]): void {
    let scope: Scope = this;
    for (const relation of relations) {
      if (!isCertain(relation)) return;
      scope = scope.#join(relation);
      scope.#tighten();
    }
  }

  #tighten(): void {
    for (const join of this.#statement.joins) if (join.scope === this) join.type = "inner";
  }
}

/** Refuses a computed value that would hide a field, a relation or a method; groups have none. */
function checkName(name: string, meta: Meta, grouped: boolean): void {
  const hidden = meta.field.has(name) || meta.relations.has(name);
  if (!hidden && (grouped || !(name in (meta.model.prototype as object)))) return;
  throw new FieldError(`no computed value can be called "${name}": ${meta.name} has that already`, {
    code: "annotation_name",
    hint: "choose another name",
  });
}

const at = (table: string, name: string): Expr => ({ kind: "column", table, name, nullable: false });
const equal = (left: Expr, right: Expr): Expr => ({ kind: "compare", op: "=", left, right });

/** The aliases whose columns must not be NULL for the condition to hold. */
export function rejectedBy(expr: Expr): readonly string[] {
  switch (expr.kind) {
    case "and":
      return expr.items.flatMap(rejectedBy);
    case "or": {
      const [first = [], ...others] = expr.items.map(rejectedBy);
      return first.filter((alias) => others.every((other) => other.includes(alias)));
    }
    case "compare":
      return [...tablesOf(expr.left), ...tablesOf(expr.right)];
    case "text":
      return expr.negated ? [] : tablesOf(expr.left);
    case "in":
      return tablesOf(expr.left);
    case "isNull":
      return expr.negated ? tablesOf(expr.item) : [];
    default:
      return [];
  }
}

/** The tables of the columns that make an expression NULL when they are NULL. */
function tablesOf(expr: Expr): readonly string[] {
  switch (expr.kind) {
    case "column":
      return expr.table === null ? [] : [expr.table];
    case "arithmetic":
      return [...tablesOf(expr.left), ...tablesOf(expr.right)];
    case "cast":
    case "inZone":
    case "datePart":
      return tablesOf(expr.item);
    default:
      return [];
  }
}

/** A parameter that takes the next value. */
export const nextParam = (slots: Slots, encode: Encode | null = null): Param => ({
  kind: "param",
  slot: slots.take(),
  encode,
});
