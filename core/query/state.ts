import type { Expression } from "./expression.js";
import type { Access } from "./locking.js";
import type { NamedQuery } from "./named.js";
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

/** A relation to load after the rows: its path, how to ask for it, and the attribute that gets it. */
export interface PrefetchRequest {
  readonly path: string;
  /** null: everything that is related */
  readonly query: QueryState | null;
  /** null: the relation itself */
  readonly toAttr: string | null;
}

/** A query for the rows that a relation leads to from given rows. Each row tells which of them it belongs to. */
export interface Parents {
  /** the relation, seen from the rows that are given */
  readonly relation: object;
  /** what the relation starts from in the rows that are given, or the query that gives them */
  readonly keys: readonly unknown[] | ParentRows;
}

/** Rows that are asked for in the same request, and the to-one relations from them to those that are meant. */
export interface ParentRows {
  readonly query: QueryState;
  readonly via: readonly object[];
}

/** True for a list of keys. */
export const isKeys = (keys: Parents["keys"]): keys is readonly unknown[] => Array.isArray(keys);

/** A computed value of each row, by name. */
export interface Annotation {
  readonly name: string;
  readonly expression: Expression;
  /** it was named after `groupBy`: a value of each group */
  readonly ofGroup: boolean;
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
  /** computed values of each row, or of each group */
  annotations: readonly Annotation[];
  /** one row for all rows with the same values at these paths; none: one for all rows; null: no grouping */
  groupBy: readonly string[] | null;
  /** paths of to-one relations that come with every row */
  related: readonly string[];
  /** relations that are loaded after the rows */
  prefetch: readonly PrefetchRequest[];
  /** limit and offset are for each of them */
  parents: Parents | null;
  /** locks and hints of indexes; null: none of either, as with nearly every query */
  access: Access | null;
  /** a connection's name or handle; null: the current one */
  using: unknown;
  /** the named query whose rows these are; null: they are a table's, as nearly always */
  from: NamedQuery | null;

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
    this.annotations = from.annotations;
    this.groupBy = from.groupBy;
    this.related = from.related;
    this.prefetch = from.prefetch;
    this.parents = from.parents;
    this.access = from.access;
    this.using = from.using;
    this.from = from.from;
  }

  /** Not all of its rows are meant. */
  get isCut(): boolean {
    return this.limit !== null || this.offset !== null;
  }

  /** A copy to change before anybody else sees it. */
  copy(): QueryState {
    return new QueryState(this.model, this);
  }
}

type QueryMembers = Omit<QueryState, "model" | "copy" | "isCut">;

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
  annotations: [],
  groupBy: null,
  related: [],
  prefetch: [],
  parents: null,
  access: null,
  using: null,
  from: null,
};
