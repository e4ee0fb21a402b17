import type { QNode } from "./q.js";

/** What a query gives for each row. */
export type Output =
  | { readonly kind: "objects" }
  | { readonly kind: "values" | "tuples"; readonly names: readonly Selection[] | null }
  | { readonly kind: "flat"; readonly names: readonly Selection[] };

/** One selected value: its path, and the name it gets in the row. */
export interface Selection {
  readonly as: string;
  readonly path: string;
}

/** The output of a query that nothing else was said of. */
export const OBJECTS: Output = { kind: "objects" };

/** Everything a query asks for, and nothing about how. Never changed once it is shared: `copy` makes the next record. */
export class QueryState {
  /** conditions that must all hold */
  where: readonly QNode[] = [];
  /** null: the model's own ordering */
  orderBy: readonly string[] | null = null;
  reversed = false;
  /** one row is wanted, so the model's own ordering says nothing */
  single = false;
  /** the order must be one: by the key where nothing else is said */
  keyed = false;
  limit: number | null = null;
  offset: number | null = null;
  distinct = false;
  /** the query that has no rows */
  none = false;
  /** `all()` was called: unfiltered writes are meant */
  all = false;
  only: readonly string[] | null = null;
  output: Output = OBJECTS;
  /** a connection's name or handle; null: the current one */
  using: unknown = null;

  /** `model` is a model class; the layers above know how to read it. */
  constructor(readonly model: object) {}

  /** A copy to change before anybody else sees it. */
  copy(): QueryState {
    const next = new QueryState(this.model);
    next.where = this.where;
    next.orderBy = this.orderBy;
    next.reversed = this.reversed;
    next.keyed = this.keyed;
    next.single = this.single;
    next.limit = this.limit;
    next.offset = this.offset;
    next.distinct = this.distinct;
    next.none = this.none;
    next.all = this.all;
    next.only = this.only;
    next.output = this.output;
    next.using = this.using;
    return next;
  }
}
