// Queries under names: what their columns are in other queries.

import type { AnyExpression, Arithmetic } from "./expressions.js";
import type { PickedField, RefsOf } from "./functions.js";
import type { Attributes } from "./instance.js";
import type { FieldsOf } from "./keys.js";
import type { QueryOfRows } from "./combined.js";
import type { Problem } from "./paths.js";
import type { QueryOf, QuerySet } from "./queryset.js";
import type { Flagged, Like, Made } from "./results.js";
import type { FIELDS } from "./symbols.js";

/** The columns of a query as fields. */
export type ColumnsOf<I, Row> = {
  [K in keyof Row]-?: K extends keyof FieldsOf<I>
    ? Flagged<FieldsOf<I>[K], NullFlagOf<Row[K]>>
    : Flagged<PickedField<NonNullable<Row[K]>>, NullFlagOf<Row[K]>>;
};

/** The flag of a value that may be null. */
export type NullFlagOf<V> = null extends V ? "null" : never;

/** What stands for the model, where the rows of a named query are asked. */
export type NamedRow<Fields> = Attributes<Fields> & HasColumns<Fields>;

/** Its columns. */
export interface HasColumns<Fields> {
  readonly [FIELDS]: Fields;
}

/** Rows of a named query beside those of a query. */
export interface JoinedRows<Fields> {
  /** A column of them. The filter says which rows belong together: `filter({ id: spent.col("customerId") })`. */
  col<N extends keyof Fields & string>(name: N): Arithmetic<Like<Fields[N], never>, never>;
}

/** The same where there may be none. */
export interface OptionalRows<Fields, Refs> {
  /** A column of them, or null. */
  col<N extends keyof Fields & string>(name: N): Arithmetic<Made<"nullable", Like<Fields[N], never>>, Refs>;
}

/** What columns of a named query must equal: names of fields, or expressions. */
export type Equals<Fields> = { readonly [K in keyof Fields]?: string | AnyExpression };

/** What these ask of the model. */
export type EqualsRefs<X> = X[keyof X] extends infer Each ? RefsOf<Each, "any"> : never;

/** A query under a name: to be asked more, and to stand in other queries. */
export interface NamedQuerySet<I, Row, Fields> extends QuerySet<I, Row>, JoinedRows<Fields> {
  /** Its rows beside those of a query, or nulls: `spent.on({ customerId: "id" }).col("sum")`. */
  on<const X extends Equals<Fields>>(equals: X): OptionalRows<Fields, EqualsRefs<X>>;
}

/** Nothing to add where rows are objects of values. */
export type CheckNamed<Row> = Row extends { readonly [FIELDS]: unknown } | readonly unknown[]
  ? Problem<"say what its rows have: .values('id', 'name')">
  : Row extends object
    ? unknown
    : Problem<"say what its rows have: .values('id', 'name')">;

/** How a query goes on from its own rows. */
export interface RecursiveOptions {
  /** a row that was found before is found once: for graphs with circles */
  readonly distinct?: boolean;
}

/** The type of `With`. */
export interface WithFunction {
  <I, Row>(
    name: string,
    query: QueryOf<I, Row> & NoInfer<CheckNamed<Row>>,
  ): NamedQuerySet<NamedRow<ColumnsOf<I, Row>>, Row, ColumnsOf<I, Row>>;

  /**
   * A query that goes on from its own rows: `first`, then `next` from those, and so on until there are no more.
   * @example
   * const below = With.recursive(
   *   "below",
   *   Category.filter({ id: 1 }).values("id"),
   *   (below) => Category.filter({ parent: below.col("id") }).values("id"),
   * );
   * await Category.filter({ id__in: below.valuesList("id", { flat: true }) });
   */
  recursive<I, Row>(
    name: string,
    first: QueryOf<I, Row> & NoInfer<CheckNamed<Row>>,
    next: (itself: JoinedRows<ColumnsOf<I, Row>>) => QueryOfRows<{ readonly [K in keyof Row]: unknown }>,
    options?: RecursiveOptions,
  ): NamedQuerySet<NamedRow<ColumnsOf<I, Row>>, Row, ColumnsOf<I, Row>>;
}
