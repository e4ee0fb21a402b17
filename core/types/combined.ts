import type { Awaitable } from "./awaitable.js";
import type { ROW } from "./symbols.js";

/** A query that gives such rows. */
export interface QueryOfRows<Row> {
  readonly [ROW]: Row;
}

/** The rows of several queries, put together. */
export interface Combined<Row> extends Awaitable<Row[]> {
  /** By selected values; a minus for descending. */
  orderBy(...names: readonly string[]): Combined<Row>;
  limit(count: number): Combined<Row>;
  offset(count: number): Combined<Row>;
  count(): Awaitable<number>;
  /** The statement with its values written into it: for people, not for running. */
  sql(): string;
}

/** Two queries or more that give the same kinds of values. */
export type QueriesOf<Row> = readonly [
  first: QueryOfRows<Row>,
  second: QueryOfRows<NoInfer<Row>>,
  ...more: QueryOfRows<NoInfer<Row>>[],
];

/** The type of `intersect` and `except`. */
export interface CombineFunction {
  <Row>(...queries: QueriesOf<Row>): Combined<Row>;
}

/** The type of `union`. */
export interface UnionFunction extends CombineFunction {
  /** with every row, also those that are equal */
  <Row>(first: QueryOfRows<Row>, second: QueryOfRows<NoInfer<Row>>, options: { readonly all: boolean }): Combined<Row>;
}
