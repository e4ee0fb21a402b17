// Expressions. `T` says what an expression gives, in which `At<P>` stands for "the field at path P": it is found where the
// model is known. `Refs` collects what it asks of the model, to be checked there too, and `I` is a model that a `Q` in it
// asks for.

import type { CheckEnd, PathEnd, Problem } from "./paths.js";
import type { HasId } from "./relations.js";
import type { Made, NumberConstant, NumberKind, ResultField, ResultKind, ResultValue } from "./results.js";
import type { Argument } from "./where.js";

/** The field at a path. */
export interface At<Path> {
  readonly $at: Path;
}

/** What must be at a path: a column, a relation or column, what groups have, or a column of a kind. */
export type Must = "field" | "any" | "group" | MustKind;

/** The kinds that a function may ask for. */
export type MustKind = "number" | "text";

/** A path that an expression names, and what must be there. */
export interface Ref<Path, M extends Must> {
  readonly $ref: Path;
  readonly $must: M;
}

/** What must come out of an expression inside another. */
export interface Needs<T, M extends MustKind | "alike"> {
  readonly $needs: T;
  readonly $kind: M;
}

/** Conditions inside an expression. */
export interface Asks<W> {
  readonly $where: W;
}

/** Said of an expression that gathers rows: before `groupBy` it is of the groups as well. */
export interface Gathers {
  readonly $gathers: true;
}

/** Something that the database computes. */
export interface Expression<out T, out Refs, in I = unknown> {
  readonly $type: T;
  readonly $refs: Refs;
  readonly $model: (model: I) => void;
}

/** Any expression. */
export interface AnyExpression {
  readonly $type: unknown;
  readonly $refs: unknown;
}

/** Any expression about the model `I`. */
export interface ExpressionOf<in I> extends AnyExpression {
  readonly $model: (model: I) => void;
}

/** What arithmetic takes: a number, a decimal as text, or an expression. */
export type Operand = number | bigint | `${number}` | AnyExpression;

/** What such an operand gives. */
export type OperandType<X> = X extends AnyExpression ? X["$type"] : NumberConstant<X>;

/** What such an operand asks of the model. */
export type OperandRefs<X> = X extends AnyExpression ? X["$refs"] | Needs<X["$type"], "number"> : never;

/** The models that the conditions in arguments speak of. */
export type ModelIn<X> = [Extract<X, { readonly $model: unknown }>] extends [
  { readonly $model: (model: infer I) => void },
]
  ? I
  : unknown;

/** The result of an operation on `T`, and on what is given. */
export type Operated<How, T, Refs, I, X> = Arithmetic<
  Made<How, T | OperandType<X>>,
  Refs | Needs<T, "number"> | OperandRefs<X>,
  I & ModelIn<X>
>;

/** An expression to calculate with. Null in, null out. */
export interface Arithmetic<out T, out Refs, in I = unknown> extends Expression<T, Refs, I> {
  plus<const X extends Operand>(other: X): Operated<"number", T, Refs, I, X>;
  minus<const X extends Operand>(other: X): Operated<"number", T, Refs, I, X>;
  times<const X extends Operand>(other: X): Operated<"number", T, Refs, I, X>;
  /** Division as in mathematics: two integers may give a fraction. */
  dividedBy<const X extends Operand>(other: X): Operated<"float", T, Refs, I, X>;
  mod<const X extends Operand>(other: X): Operated<"number", T, Refs, I, X>;
  /** Whole powers up to 8 are exact; others give a float. */
  pow<const X extends Operand>(other: X): Operated<X extends SmallPower ? "number" : "float", T, Refs, I, X>;
}

/** Exponents that are written out as a product. */
export type SmallPower = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * The type of `F`: the value of a field in the database, for filters, updates and annotations.
 *
 * `Product.all().update({ stock: F("stock").minus(1) })` gives `UPDATE "product" SET "stock" = … ("stock" - ?) …`: around the
 * number stands a check that the column holds it.
 */
export interface FFunction {
  <const Path extends string>(path: Path): Arithmetic<At<Path>, Ref<Path, "field">>;
}

/** Nothing to add where all that an expression asks of the model is right; else a `Problem`. */
export type CheckRefs<I, Refs> = [RefProblem<I, Refs>] extends [never] ? unknown : RefProblem<I, Refs>;

/** What is wrong; never when nothing is. */
export type RefProblem<I, Refs> = Refs extends { readonly $ref: infer Path extends string; readonly $must: infer M }
  ? PathProblem<I, PathEnd<I, Path>, Path, M>
  : Refs extends { readonly $needs: infer T; readonly $kind: infer M }
    ? M extends "alike"
      ? AlikeProblem<ResultKind<I, T>>
      : KindProblem<ResultKind<I, T>, T, M>
    : Refs extends { readonly $where: infer W }
      ? WhereProblem<I, W>
      : never;

/** The same for the end of a path. */
export type PathProblem<I, End, Path extends string, M> = End extends { readonly $problem: string }
  ? End
  : M extends "any"
    ? never
    : M extends "group"
      ? End extends HasId
        ? never
        : ColumnProblem<I, End, Path, M>
      : ColumnProblem<I, End, Path, M>;

/** The same where there must be a column. */
export type ColumnProblem<I, End, Path extends string, M> =
  CheckEnd<End, Path> extends infer P extends Problem<string>
    ? P
    : M extends MustKind
      ? KindProblem<ResultKind<I, At<Path>>, At<Path>, M>
      : never;

/** A sentence where there is something of another kind. */
export type KindProblem<Found, T, M> = [
  Exclude<Found, M extends "number" ? NumberKind | "nothing" : "text" | "any" | "nothing">,
] extends [never]
  ? never
  : T extends { readonly $at: infer Path }
    ? Problem<`'${Path & string}' is not a ${M & string}`>
    : Problem<`what stands here is not a ${M & string}: it is ${Exclude<Found, NumberKind> & string}`>;

/** A sentence where one of several kinds may come out. Numbers are one kind. */
export type AlikeProblem<Found> =
  IsOneKind<
    Found extends NumberKind ? (Found extends "any" ? never : "number") : Exclude<Found, "nothing">
  > extends true
    ? never
    : Problem<"these give values of different kinds">;

/** True for one kind, or none. */
export type IsOneKind<Found, All = Found> = [Found] extends [never]
  ? true
  : (Found extends unknown ? ([All] extends [Found] ? true : false) : never) extends true
    ? true
    : false;

/** What is wrong with conditions inside an expression. */
export type WhereProblem<I, W> = { [Key in keyof W]: ConditionProblem<I, Key, W[Key], Argument<I, Key>> }[keyof W];

/** The same for one condition. */
export type ConditionProblem<I, Key, Value, Taken> = Value extends Taken
  ? never
  : Value extends AnyExpression
    ? RefProblem<I, Value["$refs"]>
    : Taken extends `'${string}' is not ${string}`
      ? Problem<Taken>
      : Value extends Constantly<Taken>
        ? never
        : Problem<`'${Key & string}' does not take this value`>;

/** What is written as a constant: its lists are not to be changed. */
export type Constantly<T> = T extends string | number | boolean | null | Date | Uint8Array
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Constantly<T[K]> }
    : T;

/** In a filter, an expression may stand for the value. */
export type Expressed<I, X, Taken = unknown> = X extends AnyExpression
  ? X & NoInfer<CheckCompared<I, X, Taken>>
  : never;

/** Nothing to add where the value can be compared with what the key takes. Inference does not look in here: that would cost. */
export type CheckCompared<I, X extends AnyExpression, Taken> =
  IsHeld<I, X["$type"], Taken | null> extends false
    ? Problem<"this is compared with something of another kind">
    : CheckRefs<I, X["$refs"]>;

/** In an update, an expression may stand for the value when the field can hold its result. */
export type Assigned<I, X, Value> = X extends AnyExpression
  ? X &
      (IsHeld<I, X["$type"], Value> extends true
        ? CheckRefs<I, X["$refs"]>
        : Problem<"this field cannot hold what the expression gives">)
  : never;

/** True when a field of this type can hold a result: the database turns one kind of number into another. */
export type IsHeld<I, T, Value> =
  ResultValue<I, T> extends Value
    ? true
    : "any" extends ResultKind<I, T>
      ? true
      : ResultKind<I, T> extends NumberKind
        ? [Extract<Value, number | bigint>] extends [never]
          ? false
          : Extract<ResultValue<I, T>, null> extends Value
            ? true
            : false
        : false;

/** Named expressions about the model `I`. */
export interface Expressions<in I> {
  readonly [name: string]: ExpressionOf<I>;
}

/** Nothing to add where the names are free, and all that the expressions ask is right. */
export type CheckExpressions<I, Named, Taken = never> = {
  [K in keyof Named]: K extends Taken | "pk" | `${string}__${string}`
    ? Problem<`'${K & string}' cannot be the name of this: choose another`>
    : Named[K] extends AnyExpression
      ? CheckRefs<I, Named[K]["$refs"]>
      : unknown;
};

/** What an expression gives. */
export type ResultOf<I, X> = X extends AnyExpression ? ResultValue<I, X["$type"]> : never;

/** The field that stands for an expression. */
export type FieldOf<I, X> = X extends AnyExpression
  ? Gathers extends X["$refs"]
    ? ResultField<I, X["$type"]> & Gathers
    : ResultField<I, X["$type"]>
  : never;
