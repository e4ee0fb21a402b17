import type { Field } from "../fields/field.js";
import type { Expr, Select } from "../sql/ast.js";
import type { ColumnType } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import type { NamedTables } from "./named.js";
import type { QNode } from "./q.js";
import type { QueryState } from "./state.js";

/** A part of a statement, and what it is: the value of a field, which may have no name. */
export interface Operand {
  readonly field: Field;
  readonly expr: Expr;
  /** a number that is an integer of this many decimal places, whatever the field's column would hold */
  readonly scale?: number;
  /** it cannot leave the range of a column of this type */
  readonly within?: ColumnType;
  /** of a constant: the same in the stored form of a field */
  readonly as?: (field: Field) => Expr;
}

/** One step of the walk that finds a plan: everything that is not a value. */
export interface Step {
  step(key: unknown): Step;
}

/** What an expression may ask while it is walked. */
export interface Walk {
  /** gets the values, in the order in which `build` takes their slots */
  readonly values: unknown[];
  /** walks conditions on the same rows */
  readonly where: (q: QNode, at: Step) => Step;
  /** walks a query that stands inside */
  readonly query: (state: QueryState, at: Step) => Step;
}

/** What an expression may ask while it is built. */
export interface BuildContext {
  readonly dialect: Dialect;
  /** true: it speaks of many rows at once, so aggregates gather them; false: of one row */
  readonly grouped: boolean;
  /** the context of the rows that are gathered */
  readonly rows: () => BuildContext;
  /** the place of the next value */
  readonly slot: () => number;
  /** the column, relation key or annotation at a path */
  readonly operand: (path: string) => Operand;
  /** conditions on the same row; null when they say nothing */
  readonly condition: (q: QNode) => Expr | null;
  /** the related rows that paths lead to, of one row or of all rows of the group; null when they lead to one row at most */
  readonly related: (paths: readonly string[], ofGroup?: boolean) => RelatedRows | null;
  /** a query that stands inside, its rows compared with this one by `OuterRef` */
  readonly query: (state: QueryState) => { readonly query: Select; readonly operand: Operand };
  /** the context of the query around this one */
  readonly outer: () => BuildContext;
  /** where queries under names are built and joined */
  readonly tables: NamedTables;
}

/** Related rows, to be asked something about. */
export interface RelatedRows {
  readonly context: BuildContext;
  /** the answer, as a query of its own */
  readonly ask: (answer: Expr, where: Expr | null) => Expr;
}

/** Where an expression stands in a statement. Those who build statements know it, and those who make expressions. */
export type Place = object;

/** Something that the database computes, as those who build statements know it: it brings all that is needed to build it. */
export interface Expression {
  /** Says what it is, step by step, and gives its values. */
  walk(at: Step, walk: Walk): Step;
  /** the paths that it names for the row itself */
  readonly paths: readonly string[];
  /** it gathers many rows, or has a part that does */
  readonly isAggregate: boolean;
  /** Its place in a statement. Slots are taken in the order of the walk. */
  built(place: Place): Operand;
  /** `target op this`, for a filter: both sides in one unit. */
  compared(compare: Extract<Expr, { kind: "compare" }>, target: Operand, place: Place, path: string): Expr;
  /** In the place of a condition: it must be true or false by itself. */
  truth(place: Place): Expr;
  /** In the stored form of the field that it is assigned to. */
  assigned(target: Operand, place: Place): Expr;
}
