// Expressions. `T` is the result's type, in which `At<P>` stands for "the type at path P": it is resolved where the
// model is known. `Refs` collects the paths that were named, to be checked there too.

import type { CheckEnd, PathEnd, PathValue, Problem } from "./paths.js";

/** The type at a path. */
export interface At<Path> {
  readonly $at: Path;
}

/** `null`, when the type `T` may be null. */
export interface NullOf<T> {
  readonly $nullOf: T;
}

/** A path that an expression names, and what must be there. */
export interface Ref<Path, Must extends "field" | "number"> {
  readonly $ref: Path;
  readonly $must: Must;
}

/** The same paths, where numbers must be. */
export type Numeric<Refs> = Refs extends { readonly $ref: infer Path } ? Ref<Path, "number"> : never;

/** Something that the database computes. */
export interface Expression<out T, out Refs> {
  readonly $type: T;
  readonly $refs: Refs;
}

/** What arithmetic takes: a number, a decimal as text, or an expression. */
export type Operand<T, Refs> = number | bigint | `${number}` | Expression<T, Refs>;

/** An expression to calculate with. Null in, null out. */
export interface Arithmetic<out T, out Refs> extends Expression<T, Refs> {
  plus<T2 = never, R2 = never>(other: Operand<T2, R2>): Arithmetic<T | NullOf<T2>, Numeric<Refs | R2>>;
  minus<T2 = never, R2 = never>(other: Operand<T2, R2>): Arithmetic<T | NullOf<T2>, Numeric<Refs | R2>>;
  times<T2 = never, R2 = never>(other: Operand<T2, R2>): Arithmetic<T | NullOf<T2>, Numeric<Refs | R2>>;
  /** Division as in mathematics: two integers may give a fraction. */
  dividedBy<T2 = never, R2 = never>(other: Operand<T2, R2>): Arithmetic<T | NullOf<T2>, Numeric<Refs | R2>>;
  mod<T2 = never, R2 = never>(other: Operand<T2, R2>): Arithmetic<T | NullOf<T2>, Numeric<Refs | R2>>;
  pow<T2 = never, R2 = never>(other: Operand<T2, R2>): Arithmetic<T | NullOf<T2>, Numeric<Refs | R2>>;
}

/**
 * The type of `F`: the value of a field in the database, for filters and updates.
 *
 * `Product.all().update({ stock: F("stock").minus(1) })` gives `UPDATE "product" SET "stock" = … ("stock" - ?) …`: around the
 * number stands a check that the column holds it.
 */
export interface FFunction {
  <const Path extends string>(path: Path): Arithmetic<At<Path>, Ref<Path, "field">>;
}

/** The result type of an expression on the model `I`. */
export type Resolve<I, T> = T extends { readonly $at: infer Path }
  ? PathValue<I, Path>
  : T extends { readonly $nullOf: infer X }
    ? Extract<Resolve<I, X>, null>
    : T;

/** Nothing to add where every path that an expression names is right; else a `Problem`. */
export type CheckRefs<I, Refs> = [RefProblem<I, Refs>] extends [never] ? unknown : RefProblem<I, Refs>;

/** What is wrong with the paths; never when nothing is. */
export type RefProblem<I, Refs> = Refs extends { readonly $ref: infer Path extends string; readonly $must: infer Must }
  ? PathEnd<I, Path> extends infer End
    ? CheckEnd<End, Path> extends infer P extends Problem<string>
      ? P
      : Must extends "number"
        ? NumberProblem<End, Path>
        : never
    : never
  : never;

/** Numbers are what has an order and is neither text nor a date or time. */
export type NumberProblem<End, Path extends string> = End extends { readonly $lookups: infer Lookups }
  ? "gt" extends keyof Lookups
    ? [Extract<keyof Lookups, "icontains" | "year" | "hour">] extends [never]
      ? never
      : Problem<`'${Path}' is not a number`>
    : Problem<`'${Path}' is not a number`>
  : never;

/** In a filter, an expression may stand for the value. */
export type Expressed<I, X> = X extends AnyExpression ? X & CheckRefs<I, X["$refs"]> : never;

/** Any expression. */
export interface AnyExpression {
  readonly $type: unknown;
  readonly $refs: unknown;
}

/** In an update, an expression may stand for the value when the field can hold its result. */
export type Assigned<I, X, Value> = X extends { readonly $type: infer T; readonly $refs: infer Refs }
  ? X & (Resolve<I, T> extends Value ? CheckRefs<I, Refs> : Problem<"this field cannot hold what the expression gives">)
  : never;
