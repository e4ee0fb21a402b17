import type { Field } from "../fields/field.js";
import type { CommonTable, Select } from "../sql/ast.js";
import type { Expression, Step, Walk } from "./expression.js";
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
