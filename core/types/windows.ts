// The types of window functions: values of each row that other rows take part in.

import type { AnyExpression, Arithmetic, Gathers, ModelIn } from "./expressions.js";
import type { About, AlikeRefs, RefsOf, Source, TypeOf } from "./functions.js";
import type { OrderPath } from "./paths.js";
import type { Made } from "./results.js";

/** A function that only a window has. */
export interface WindowCall<T, Refs, in I = unknown> {
  readonly $call: T;
  readonly $refs: Refs;
  readonly $model: (model: I) => void;
}

/** Any of them. */
export interface AnyWindowCall {
  readonly $call: unknown;
  readonly $refs: unknown;
}

/** What a window function gives. */
export type CallType<X> = X extends AnyWindowCall ? X["$call"] : X extends AnyExpression ? X["$type"] : never;

/** One name or expression, or several. */
export type OneOrMore = string | AnyExpression | readonly (string | AnyExpression)[];

/** Each of them. */
export type EachOf<X> = X extends readonly (infer Each)[] ? Each : X;

/** Names to order by, without their `-`. */
export type Unsigned<X> = X extends string ? OrderPath<X> : X;

/** Which rows a window function looks at, and in which order. */
export interface WindowOptions<P, O> {
  /** rows with the same values here; left out: all rows */
  readonly partitionBy?: P;
  /** `"-total"` for descending */
  readonly orderBy?: O;
}

/** The type of `Window`. */
export interface WindowFunction {
  <
    const X extends AnyWindowCall | AnyExpression,
    const P extends OneOrMore = never,
    const O extends OneOrMore = never,
    I = unknown,
  >(
    call: X | About<NoInfer<I>>,
    options?: WindowOptions<P, O>,
  ): Arithmetic<
    CallType<X>,
    Exclude<X["$refs"], Gathers> | RefsOf<EachOf<P>, "group"> | RefsOf<Unsigned<EachOf<O>>, "field">,
    I & ModelIn<X>
  >;
}

/** The type of `RowNumber`, `Rank` and `DenseRank`. */
export interface RankFunction {
  (): WindowCall<Made<"count", never>, never>;
}

/** The type of `PercentRank`. */
export interface ShareFunction {
  (): WindowCall<Made<"share", never>, never>;
}

/** The type of `Lag` and `Lead`: null where there is no such row, unless `otherwise` says what then. */
export interface NeighbourFunction {
  <const X extends Source>(
    of: X,
    offset?: AnyExpression,
  ): WindowCall<Made<"nullable", TypeOf<X>>, RefsOf<X, "field">, ModelIn<X>>;
  <const X extends Source, const Y extends Source>(
    of: X,
    offset: AnyExpression,
    otherwise: Y,
  ): WindowCall<Made<"either", TypeOf<X | Y>>, AlikeRefs<X | Y>, ModelIn<X | Y>>;
}

/** The type of `FirstValue` and `LastValue`. */
export interface EndFunction {
  <const X extends Source>(of: X): WindowCall<TypeOf<X>, RefsOf<X, "field">, ModelIn<X>>;
}
