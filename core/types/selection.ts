// What `values` and `valuesList` select.

import type { OwnNames } from "./keys.js";
import type { CheckPath, PathValue, Problem } from "./paths.js";

/** One argument of `values`: a path, or an object that gives paths other names. */
export type ValueArgument = string | { readonly [name: string]: string };

/** Nothing to add where an argument of `values` is right; else a `Problem`. */
export type CheckValue<I, X> =
  X extends OwnNames<I> ? unknown : X extends string ? CheckPath<I, X> : { [K in keyof X]: CheckPath<I, X[K]> };

/** The names in a row of `values(...)`: all columns when it is given none. */
export type ValueNames<I, X> = [X] extends [never] ? OwnNames<I> : NamesIn<X>;

/** The names that arguments give. */
export type NamesIn<X> = X extends string ? X : keyof X;

/** What `values(...)` selects under the name `K`. */
export type Selected<I, X, K> = K extends X
  ? PathValue<I, K>
  : [X] extends [never]
    ? PathValue<I, K>
    : PathValue<I, Renamed<X, K>>;

/** The path that gets the name `K`. */
export type Renamed<X, K> = X extends string ? never : K extends keyof X ? X[K] : never;

/** What `valuesList` takes last, after one name, to give values instead of tuples. */
export interface FlatOption {
  readonly flat: true;
}

/** One argument of `valuesList`. */
export type ListArgument = string | FlatOption;

/** Nothing to add where an argument of `valuesList` is right; else a `Problem`. */
export type CheckListed<I, Arguments, X> = X extends string
  ? CheckPath<I, X>
  : Arguments extends readonly [string, FlatOption]
    ? unknown
    : Problem<"'flat' takes one name before it">;

/** A row of `valuesList`: all columns when it is given no name. */
export type ListRow<I, Arguments extends readonly unknown[]> = Arguments extends readonly []
  ? PathValue<I, OwnNames<I>>[]
  : Arguments extends readonly [infer Path, FlatOption]
    ? PathValue<I, Path>
    : { -readonly [K in keyof Arguments]: PathValue<I, Arguments[K]> };
