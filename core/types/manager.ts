import type { QuerySet } from "./queryset.js";

/** Where a model's queries start; it answers every question that a query set does. */
export interface Manager<I> extends QuerySet<I> {
  readonly $manager: true;
  /** The query that this manager starts from. */
  getQuerySet(): QuerySet<I>;
}

/**
 * The type of `Manager`: `static adults = new Manager<User>((all) => all.filter({ age__gte: 18 }))` in a model, or
 * `manager` among its options.
 */
export interface ManagerConstructor {
  /** `scope` narrows the model's rows; all of them when it is left out. */
  new <I>(scope?: (all: QuerySet<I>) => QuerySet<I>): Manager<I>;
}
