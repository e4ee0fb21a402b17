// Groups: after `groupBy`, only the group's names and what is computed for it can be selected.

import type { Annotated } from "./annotations.js";
import type { Awaitable } from "./awaitable.js";
import type { CheckExpressions, Expressions, FieldOf, Gathers } from "./expressions.js";
import type { FieldsOf } from "./keys.js";
import type { PathValue, Problem } from "./paths.js";
import type { QuerySet } from "./queryset.js";
import type { FlatOption, NamesIn, Selected } from "./selection.js";
import type { GROUP, MODEL } from "./symbols.js";
import type { UsingTarget } from "./using.js";
import type { AnyWhere, Part, WhereKeys } from "./where.js";

/** What `this` is in a method of a grouped query. */
export interface GroupOf<I, Names> {
  readonly [MODEL]: I;
  readonly [GROUP]: Names;
}

/** What was computed before `groupBy` by gathering rows: each group has it. */
export type GatheredNames<Fields> = {
  [K in keyof Fields]: Fields[K] extends Gathers ? K : never;
}[keyof Fields];

/** One argument of a grouped `values`: a name of the group, or an object that gives such names others. */
export type GroupArgument = string | { readonly [name: string]: string };

/** Nothing to add where an argument names parts of the group; else a `Problem`. */
export type CheckGrouped<Names, X> = X extends string
  ? X extends Names
    ? unknown
    : Problem<`'${X}' is not part of the group`>
  : X extends FlatOption
    ? unknown
    : { [K in keyof X]: CheckGrouped<Names, X[K]> };

/** The same for names to order by. */
export type CheckGroupOrder<Names, X> = X extends Names
  ? unknown
  : X extends `-${infer Name}`
    ? CheckGrouped<Names, Name>
    : CheckGrouped<Names, X>;

/** The names in a row: all of the group when none is given. */
export type GroupNames<Names, X> = [X] extends [never] ? Names & string : NamesIn<X>;

/** A row of a grouped `valuesList`. */
export type GroupRow<I, Names, Arguments extends readonly unknown[]> = Arguments extends readonly []
  ? PathValue<I, Names>[]
  : Arguments extends readonly [infer Path, FlatOption]
    ? PathValue<I, Path>
    : { -readonly [K in keyof Arguments]: PathValue<I, Arguments[K]> };

/**
 * One row for all rows with the same values under the group's names. There is nothing to await before `values` or
 * `valuesList` says what of it.
 */
export interface GroupedQuerySet<I, Names> {
  readonly [MODEL]: I;
  readonly [GROUP]: Names;

  /** Conditions on rows, and on what is computed for the group: `.annotate({ n: Count("id") }).filter({ n__gt: 3 })`. */
  filter<I, Names, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: GroupOf<I, Names>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): GroupedQuerySet<I, Names>;
  /** The same for those that are not meant. */
  exclude<I, Names, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: GroupOf<I, Names>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): GroupedQuerySet<I, Names>;

  /** Computes values for each group. */
  annotate<I, Names, const X extends Expressions<I>>(
    this: GroupOf<I, Names>,
    values: X & NoInfer<CheckExpressions<I, X, keyof FieldsOf<I>>>,
  ): GroupedQuerySet<Annotated<I, { -readonly [K in keyof X]: FieldOf<I, X[K]> }>, Names | (keyof X & string)>;

  /** The order of the groups; `-` for descending. */
  orderBy<I, Names, const N extends readonly string[]>(
    this: GroupOf<I, Names>,
    ...names: { [K in keyof N]: (N[K] & NoInfer<CheckGroupOrder<Names, N[K]>>) | Names | `-${Names & string}` }
  ): GroupedQuerySet<I, Names>;

  /** At most `count` groups. */
  limit(count: number): GroupedQuerySet<I, Names>;
  /** Without the first `count` groups. */
  offset(count: number): GroupedQuerySet<I, Names>;
  /** Groups `from` up to `to`, which is not among them; the rest when `to` is left out. */
  slice(from: number, to?: number): GroupedQuerySet<I, Names>;
  /** The same question to another connection, or inside a transaction. */
  usingDb(target: UsingTarget): GroupedQuerySet<I, Names>;

  /** Plain objects with these names of the group, or with all; an object gives them other names. */
  values<I, Names, const X extends readonly GroupArgument[]>(
    this: GroupOf<I, Names>,
    ...names: { [K in keyof X]: (X[K] & NoInfer<CheckGrouped<Names, X[K]>>) | Names }
  ): QuerySet<I, { [K in GroupNames<Names, X[number]>]: Selected<I, X[number], K> }>;

  /** Tuples of these names of the group; with `{ flat: true }` and one name, the values themselves. */
  valuesList<I, Names, const X extends readonly (string | FlatOption)[]>(
    this: GroupOf<I, Names>,
    ...names: { [K in keyof X]: (X[K] & NoInfer<CheckGrouped<Names, X[K]>>) | Names }
  ): QuerySet<I, GroupRow<I, Names, X>>;

  /** How many groups there are. */
  count(): Awaitable<number>;
  /** True when there is a group. */
  exists(): Awaitable<boolean>;
}
