// The types of aggregates, functions, subqueries and windows.

import type {
  AnyExpression,
  Arithmetic,
  Asks,
  At,
  Expression,
  ExpressionOf,
  Gathers,
  ModelIn,
  Must,
  MustKind,
  Needs,
  Ref,
} from "./expressions.js";
import type { Problem } from "./paths.js";
import type { ClockLookups, DateLookups, DatetimeLookups, DayLookups, TextLookups } from "./lookups.js";
import type { Computed, ConstantValue, Given, GivenField, Like, Made, UnknownResult, WholeResult } from "./results.js";
import type { RowsOf } from "./relations.js";
import type { AnyWhere, Q, Truth, WhereKeys } from "./where.js";

/** What a function takes: the name of a field, or an expression. A constant is `Value(…)`. */
export type Source<I = never> = string | ExpressionOf<I>;

/** What it gives. */
export type TypeOf<X> = X extends string ? At<X> : X extends AnyExpression ? X["$type"] : never;

/** What it asks of the model, when it must be something. */
export type RefsOf<X, M extends Must> = X extends string
  ? Ref<X, M>
  : X extends AnyExpression
    ? X["$refs"] | (M extends MustKind ? Needs<X["$type"], M> : never)
    : never;

/** The same for several that must be alike. */
export type AlikeRefs<X> = RefsOf<X, "field"> | Needs<TypeOf<X>, "alike">;

/** A function's result: what it makes of its arguments. */
export type Called<How, X, M extends Must, I = ModelIn<X>> = Expression<Made<How, TypeOf<X>>, RefsOf<X, M>, I>;

/** The same, to calculate with. */
export type Calculated<How, X, M extends Must, I = ModelIn<X>> = Arithmetic<Made<How, TypeOf<X>>, RefsOf<X, M>, I>;

/** Conditions in an expression: an object, a `Q` of the model, or what is itself true or false. */
export type Conditions<I, W> = W | Q<I> | Truth | WhereKeys<I>;

/** What conditions ask of the model. A `Q` was checked where it was made. */
export type AsksOf<W> = [W] extends [never] ? never : string extends keyof W ? never : Asks<W>;

/** How an aggregate gathers. */
export interface AggregateOptions<I, W> {
  /** every value once */
  readonly distinct?: boolean;
  /** only rows for which this holds */
  readonly filter?: Conditions<I, W>;
}

/** An aggregate: what it gives, and what it and its filter ask. */
export type Aggregated<How, X, M extends Must, W, I> = Arithmetic<
  Made<How, TypeOf<X>>,
  RefsOf<X, M> | AsksOf<W> | Gathers,
  I & ModelIn<X>
>;

/** An aggregate function: how its value is made, and what it must be told. */
interface AggregateFunction<How, M extends Must> {
  <const X extends Source, I = unknown, const W extends AnyWhere = never>(
    of: X | About<NoInfer<I>>,
    options?: AggregateOptions<I, W>,
  ): Aggregated<How, X, M, W, I>;
}

/** The type of `Count`. */
export type CountFunction = AggregateFunction<"count", "any">;

/** The type of `Sum`. */
export type SumFunction = AggregateFunction<"sum", "number">;

/** The type of `Avg`. */
export type AvgFunction = AggregateFunction<"average", "number">;

/** The type of `Min` and `Max`. */
export type ExtremeFunction = AggregateFunction<"nullable", "field">;

/** The type of `Value`: a constant. */
export interface ValueFunction {
  <const V extends ConstantValue>(value: V): Arithmetic<Given<V>, never>;
}

/** The type of `Coalesce`: the first argument that is not null; null only where each may be. */
export interface CoalesceFunction {
  <const X extends readonly Source[], I = unknown>(
    ...args: X | About<NoInfer<I>>[]
  ): Arithmetic<Made<"first", TypeOf<X[number]>>, AlikeRefs<X[number]>, I & ModelIn<X[number]>>;
}

/** The type of `NullIf`. */
export interface NullIfFunction {
  <const X extends Source, const Y extends Source>(
    one: X,
    other: Y,
  ): Arithmetic<Made<"nullable", TypeOf<X>>, AlikeRefs<X | Y>, ModelIn<X | Y>>;
}

/** The type of `Abs`. */
export interface AbsFunction {
  <const X extends Source>(number: X): Arithmetic<TypeOf<X>, RefsOf<X, "number">, ModelIn<X>>;
}

/** The type of `Round`: the kind of number stays. */
export interface RoundFunction {
  <const X extends Source>(number: X, places?: number): Arithmetic<TypeOf<X>, RefsOf<X, "number">, ModelIn<X>>;
}

/** The type of `Floor` and `Ceil`. */
export interface WholeFunction {
  <const X extends Source>(number: X): Calculated<"length", X, "number">;
}

/** The type of `Cast`. */
export interface CastFunction {
  <const X extends Source, F extends { readonly $flags: unknown }>(
    of: X,
    to: F,
  ): Arithmetic<Like<F, TypeOf<X>>, RefsOf<X, "field">, ModelIn<X>>;
}

/** Parts of dates and times. */
export type PartName = keyof DayLookups | keyof ClockLookups;

/** The type of `Extract`. */
export interface ExtractFunction {
  <const X extends Source>(of: X, part: PartName): Calculated<"length", X, "field">;
}

/** A day as a result. */
export type DayResult = Computed<string, never, DateLookups<string | Date>>;

/** The type of `Trunc`. */
export interface TruncFunction {
  <const X extends Source>(
    of: X,
    to: keyof DayLookups,
  ): Expression<Like<DayResult, TypeOf<X>>, RefsOf<X, "field">, ModelIn<X>>;
}

/** The type of `Now`. */
export interface NowFunction {
  (): Expression<Like<Computed<Date, never, DatetimeLookups<Date | string>>, never>, never>;
}

/** The type of `JsonValue`. */
export interface JsonValueFunction {
  <const X extends Source, F extends { readonly $flags: unknown }>(
    of: X,
    path: string,
    gives: F,
  ): Arithmetic<Made<"nullable", Like<F, never>>, RefsOf<X, "field">, ModelIn<X>>;
}

/** The type of `JsonLength`. */
export interface JsonLengthFunction {
  <const X extends Source>(of: X): Calculated<"length", X, "field">;
}

/** The type of `Random`. */
export interface RandomFunction {
  (): Arithmetic<Made<"random", never>, never>;
}

/** The type of `Lower`, `Upper` and `Trim`. */
export interface TextFunction {
  <const X extends Source>(text: X): Called<"text", X, "text">;
}

/** The type of `Length`. */
export interface LengthFunction {
  <const X extends Source>(text: X): Calculated<"length", X, "text">;
}

/** The type of `Concat`. */
export interface ConcatFunction {
  <const X extends readonly [Source, ...Source[]]>(...texts: X): Called<"text", X[number], "text">;
}

/** The type of `Substr`. Its numbers are expressions: `Substr("name", Value(1), Value(3))`. */
export interface SubstrFunction {
  <const X extends Source, const Y extends Source, const Z extends Source = never>(
    text: X,
    from: Y,
    length?: Z,
  ): Expression<Made<"text", TypeOf<X | Y | Z>>, RefsOf<X, "text"> | RefsOf<Y | Z, "number">, ModelIn<X | Y | Z>>;
}

/** The type of `Replace`. */
export interface ReplaceFunction {
  <const X extends Source, const Y extends Source, const Z extends Source>(
    text: X,
    what: Y,
    by: Z,
  ): Called<"text", X | Y | Z, "text">;
}

/** What follows a condition: a constant or an expression. */
export type Branch = ConstantValue | AnyExpression;

/** What it gives. */
export type BranchType<X> = X extends AnyExpression ? X["$type"] : Given<X>;

/** What it asks of the model. */
export type BranchRefs<X> = X extends AnyExpression ? X["$refs"] : never;

/** A branch of a `Case`. */
export interface WhenOf<T, Refs, in I = unknown> {
  readonly $then: T;
  readonly $refs: Refs;
  readonly $model: (model: I) => void;
}

/** For the compiler: an argument is about the model `I`, which a `Q` in it looks for. */
export interface About<in I> {
  readonly $model: (model: I) => void;
}

/** Any branch. */
export interface AnyWhen {
  readonly $then: unknown;
  readonly $refs: unknown;
}

/** The type of `When`. */
export interface WhenFunction {
  <const X extends Branch, I = unknown, const W extends AnyWhere = never>(
    where: Conditions<I, W>,
    then: X | About<NoInfer<I>>,
  ): WhenOf<BranchType<X>, BranchRefs<X> | AsksOf<W>, I & ModelIn<X>>;
}

/** What a `Case` gives where no condition holds. */
export interface Otherwise {
  readonly otherwise: Branch;
}

/** What the parts of a `Case` give. */
export type ThenOf<X> = X extends { readonly $then: infer T }
  ? T
  : X extends { readonly otherwise: infer Else }
    ? BranchType<Else>
    : never;

/** What they ask of the model. */
export type ThenRefs<X> = X extends { readonly $refs: infer Refs }
  ? Refs
  : X extends { readonly otherwise: infer Else }
    ? BranchRefs<Else>
    : never;

/** Null, where no part says what else. */
export type ElseNull<X> = [Extract<X, Otherwise>] extends [never] ? Given<null> : never;

/** The type of `Case`. */
export interface CaseFunction {
  <const X extends readonly (AnyWhen | Otherwise)[], I = unknown>(
    ...branches: X | About<NoInfer<I>>[]
  ): Arithmetic<
    Made<"either", ThenOf<X[number]> | ElseNull<X[number]>>,
    ThenRefs<X[number]> | Needs<ThenOf<X[number]>, "alike">,
    I & ModelIn<X[number]>
  >;
}

/** Nothing to add where a row is one value. */
export type OneValue<Row> = Row extends string | number | bigint | boolean | null | Date | Uint8Array
  ? unknown
  : Problem<`select one value: .valuesList("id", { flat: true })`>;

/** A row as a field. Text may be a decimal, so nothing more is known of it. */
export type PickedField<V> = [V] extends [string]
  ? string extends V
    ? UnknownResult<string, never>
    : Computed<V, never, TextLookups<V>>
  : [V] extends [number]
    ? WholeResult<never>
    : GivenField<V>;

/** The type of `Subquery`. */
export interface SubqueryFunction {
  <Row>(
    query: RowsOf<Row> & NoInfer<OneValue<Row>>,
  ): Arithmetic<Made<"nullable", Like<PickedField<NonNullable<Row>>, never>>, never>;
}

/** The type of `Exists`. */
export interface ExistsFunction {
  (query: RowsOf<unknown>): Expression<Made<"boolean", never>, never>;
}

/** The type of `OuterRef`. The query around is not known here, so the path is checked when it runs. */
export interface OuterRefFunction {
  (path: string): Arithmetic<Like<UnknownResult<any, never>, never>, never>;
}

/** The type of `RawSql`. */
export interface RawSqlFunction {
  <F extends { readonly $flags: unknown } = UnknownResult<unknown, never>>(
    sql: string,
    params?: readonly unknown[],
    gives?: F,
  ): Arithmetic<Like<F, never>, never>;
}

/** An argument's field, as `sqlFunction` gets it: what it gives back is what the result is. */
export interface ArgumentField {
  readonly $flags: unknown;
  readonly $argument: true;
}

/** What such a function gives. */
export type OwnType<F, T> = [F] extends [ArgumentField] ? Made<"either", T> : Like<F, T>;

/** A function made by `sqlFunction`: null, too, where an argument is. */
export interface OwnFunction<F> {
  <const X extends readonly Source[]>(
    ...args: X
  ): Arithmetic<OwnType<F, TypeOf<X[number]>>, RefsOf<X[number], "field">, ModelIn<X[number]>>;
}

/** The type of `sqlFunction`. */
export interface SqlFunctionFactory {
  <F extends { readonly $flags: unknown }>(
    name: string,
    gives: (...args: readonly ArgumentField[]) => F,
  ): OwnFunction<F>;
}
