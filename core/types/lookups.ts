// What may follow `field__` in a filter, and the type of its argument. `exact` is also the bare `field`.
// The interfaces have `extends`, because each is made once per field kind and not once per use.

import type { ROW } from "./symbols.js";

/** A query set whose rows are single values: `User.all().valuesList("id", { flat: true })`. */
export interface ValuesOf<out V> {
  readonly [ROW]: V;
}

/** What `in` and `not_in` take: a list, in which null stands for NULL, or a query set of values. */
export type AnyOf<V> = readonly (V | null)[] | ValuesOf<V | null>;

/** Lookups that every field has. */
export interface AnyLookups<V> {
  exact: V;
  not: V | null;
  in: AnyOf<V>;
  not_in: AnyOf<V>;
  isnull: boolean;
  not_isnull: boolean;
}

/** Lookups of values that have an order. */
export interface OrderedLookups<V> extends AnyLookups<V> {
  gt: V;
  gte: V;
  lt: V;
  lte: V;
  range: readonly [from: V, to: V];
}

/** Lookups of text. The ones that begin with `i` ignore case. */
export interface TextLookups<V> extends OrderedLookups<V> {
  contains: string;
  icontains: string;
  startswith: string;
  istartswith: string;
  endswith: string;
  iendswith: string;
  iexact: string;
  posix_regex: string;
  iposix_regex: string;
  search: string | { readonly raw: string };
}

/** The parts of a day. */
export interface DayLookups {
  year: number;
  quarter: number;
  month: number;
  week: number;
  day: number;
}

/** The parts of a time of day. */
export interface ClockLookups {
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

/** Lookups of dates. */
export interface DateLookups<V> extends OrderedLookups<V>, DayLookups {}

/** Lookups of times of day. */
export interface TimeLookups<V> extends OrderedLookups<V>, ClockLookups {}

/** Lookups of instants. */
export interface DatetimeLookups<V> extends OrderedLookups<V>, DayLookups, ClockLookups {
  date: string | Date;
}

/** Lookups of JSON documents. `undefined` is no document, even where nothing else is known of it. */
export interface JsonLookups<V> {
  exact: unknown extends V ? {} : V;
  not: (unknown extends V ? {} : V) | null;
  isnull: boolean;
  not_isnull: boolean;
  contains: {};
  contained_by: {};
  filter: { readonly [path: string]: {} | null };
  has_key: string;
  length: number;
}
