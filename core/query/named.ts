import type { Field } from "../fields/field.js";
import type { CommonTable, Join, Select } from "../sql/ast.js";
import type { Expression, Place, Step, Walk } from "./expression.js";
import type { QueryState } from "./state.js";

/** A query that statements name like a table: `With("spent", …)`. It brings all that is needed to build it. */
export interface NamedQuery {
  readonly name: string;
  /** the model whose connection it is asked on */
  readonly model: object;
  /** Says what it is, step by step, and gives its values. */
  walk(at: Step, walk: Walk): Step;
  /** Its place before a statement. Slots are taken in the order of the walk. */
  build(rows: BuildRows): NamedRows;
  /** Puts it before the statement whose rows are its own. */
  begin(place: Place): unknown;
}

/** Builds a query whose rows are a table. */
export type BuildRows = (state: QueryState) => {
  readonly query: Select;
  readonly columns: readonly RowColumn[];
};

/** A column of such a table. */
export interface RowColumn {
  readonly name: string;
  readonly field: Field;
}

/** A named query that is built. */
export interface NamedRows {
  /** null: the statement around it has it already */
  readonly table: CommonTable | null;
  readonly columns: readonly RowColumn[];
}

/** How the rows of a named query are joined to those of a statement. */
export interface NamedJoin {
  readonly query: NamedQuery;
  /** columns of it, and what they must equal: there may be no such row then. null: the filter says which rows belong together */
  readonly on: readonly (readonly [column: string, equals: Expression])[] | null;
}

/** A named query that a statement has, and how many values it takes. */
export interface Named extends NamedRows {
  readonly values: number;
}

/** What a statement knows of queries under names. */
export interface NamedTables {
  /** the alias of the rows themselves */
  readonly alias: string;
  /** where the values of the query begin whose rows these are; null: they are a table's */
  readonly from: { readonly query: NamedQuery; readonly slot: number } | null;
  /** it changes rows, so nothing can be joined */
  readonly noJoins: boolean;
  /** the next value's place; the other builds may move it */
  readonly slots: { next: number };
  /** the queries that are named here, and where they are joined */
  readonly named: Map<NamedQuery, Named>;
  readonly namedAt: Map<NamedJoin, string>;
  readonly joins: { push(join: Join & { scope: null }): unknown };
  /** the same of the statement around this one */
  readonly outer: () => NamedTables | null;
  readonly rows: (slots: { next: number }) => BuildRows;
  /** an alias that nothing else has, kept */
  readonly claim: (wanted: string) => string;
}
