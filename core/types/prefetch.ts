// A query of one's own for a relation that is loaded.

import type { QuerySet } from "./queryset.js";

/** How a relation is loaded: which one, by which query, and where the rows go. */
export interface Prefetch<Path, I, Row, To> {
  readonly $path: Path;
  readonly $model: I;
  readonly $row: Row;
  readonly $to: To;
}

/** Options of `Prefetch`. */
export interface PrefetchOptions<To> {
  /** the rows go under this name, and the relation itself stays as it was */
  readonly toAttr?: To;
}

/**
 * The type of `Prefetch`: loads a relation by a query of your own, whose order and limit hold for each parent.
 *
 * `User.all().prefetchRelated(Prefetch("orders", Order.filter({ status: "paid" }), { toAttr: "paid" }))`
 */
export interface PrefetchFunction {
  <const Path extends string, I, Row, const To extends string = never>(
    path: Path,
    querySet: QuerySet<I, Row>,
    options?: PrefetchOptions<To>,
  ): Prefetch<Path, I, Row, To>;
}
