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
  where: readonly QNode[];
  /** null: the model's own ordering */
  orderBy: readonly string[] | null;
  reversed: boolean;
  /** one row is wanted, so the model's own ordering says nothing */
  single: boolean;
  /** the order must be one: by the key where nothing else is said */
  keyed: boolean;
  limit: number | null;
  offset: number | null;
  distinct: boolean;
  /** the query that has no rows */
  none: boolean;
  /** `all()` was called: unfiltered writes are meant */
  all: boolean;
  only: readonly string[] | null;
  output: Output;
  /** a connection's name or handle; null: the current one */
  using: unknown;

  /** `model` is a model class; the layers above know how to read it. */
  constructor(
    readonly model: object,
    from: QueryMembers = NOTHING_ASKED,
  ) {
    this.where = from.where;
    this.orderBy = from.orderBy;
    this.reversed = from.reversed;
    this.single = from.single;
    this.keyed = from.keyed;
    this.limit = from.limit;
    this.offset = from.offset;
    this.distinct = from.distinct;
    this.none = from.none;
    this.all = from.all;
    this.only = from.only;
    this.output = from.output;
    this.using = from.using;
  }

  /** A copy to change before anybody else sees it. */
  copy(): QueryState {
    return new QueryState(this.model, this);
  }
}

type QueryMembers = Omit<QueryState, "model" | "copy">;

const NOTHING_ASKED: QueryMembers = {
  where: [],
  orderBy: null,
  reversed: false,
  single: false,
  keyed: false,
  limit: null,
  offset: null,
  distinct: false,
  none: false,
  all: false,
  only: null,
  output: OBJECTS,
  using: null,
};
