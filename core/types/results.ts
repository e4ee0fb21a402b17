// What expressions give. Each result is a field: it says what reading it gives, whether that may be null, and what can be
// asked of it.

import type { Field } from "./fields.js";
import type { AnyLookups, DatetimeLookups, OrderedLookups, TextLookups } from "./lookups.js";
import type { PathEnd, PathNull } from "./paths.js";

/** What a function or an operation makes of `Of`. */
export interface Made<How, Of> {
  readonly $how: How;
  readonly $of: Of;
}

/** A constant. */
export interface Given<V> {
  readonly $given: V;
}

/** A number in a calculation, where fractions are exact. */
export interface NumberConstant<V> {
  readonly $number: V;
}

/** What a field says; null, too, where one of `Of` is. */
export interface Like<F, Of> {
  readonly $like: F;
  readonly $of: Of;
}

/** What constants may be. */
export type ConstantValue = string | number | bigint | boolean | Date | null;

/** Kinds of numbers. `"some"` may be whole or not; of `"any"` nothing is known. */
export type NumberKind = "whole" | "decimal" | "float" | "some" | "any";

/** A result as a field. `"default"`: a new object needs no value for it. */
export type Computed<Value, Flags, Lookups> = Field<Value, Flags | "default", Lookups>;

export type WholeResult<Flags> = Computed<number, Flags, OrderedLookups<number>>;
export type FloatResult<Flags> = Computed<number, Flags | "float", OrderedLookups<number>>;
export type DecimalResult<Flags> = Computed<string, Flags, OrderedLookups<string | number>>;
export type SomeResult<Flags> = Computed<string | number, Flags | "some", OrderedLookups<string | number>>;
export type TextResult<Flags> = Computed<string, Flags, TextLookups<string>>;
/** What nobody told. Filters ask it as text. */
export type UnknownResult<Value, Flags> = Computed<Value, Flags | "any", TextLookups<string>>;

/** The field that stands for a result. */
export type ResultField<I, T> = T extends { readonly $at: infer Path }
  ? FieldAt<I, PathEnd<I, Path>, Path>
  : T extends { readonly $how: infer How; readonly $of: infer Of }
    ? MadeFields<ResultField<I, Of>>[How & keyof MadeFields<unknown>]
    : T extends { readonly $given: infer V }
      ? GivenField<V>
      : T extends { readonly $number: infer V }
        ? NumberField<V>
        : T extends { readonly $like: infer F; readonly $of: infer Of }
          ? LikeField<F, NullIn<ResultField<I, Of>>>
          : never;

/** What reading a result gives. */
export type ResultValue<I, T> = GetOf<ResultField<I, T>>;

/** Of which kind a result is. */
export type ResultKind<I, T> = KindOf<ResultField<I, T>>;

/** A field at the end of a path: null, too, where a relation on the way may be missing. */
export type FieldAt<I, End, Path> = End extends {
  readonly $get: infer Value;
  readonly $lookups: infer Lookups;
  readonly $flags: infer Flags;
}
  ? Computed<
      NotNull<Value>,
      Extract<Flags, "float" | "some" | "any"> | NullFlag<Extract<Flags, "null"> | PathNull<I, Path>>,
      Lookups
    >
  : never;

/** The flag, where there is anything. */
export type NullFlag<Null> = [Null] extends [never] ? never : "null";

/** `"null"` when one of these fields may be null. */
export type NullIn<F> = F extends { readonly $flags: infer Flags } ? Extract<Flags, "null"> : never;

/** `"null"` when all of these fields may be null. */
export type NullInAll<F> = (
  F extends { readonly $flags: infer Flags }
    ? "null" extends Flags
      ? "null"
      : true
    : never
) extends "null"
  ? "null"
  : never;

/** What reading fields gives. */
export type GetOf<F> = F extends { readonly $get: infer Value } ? Value : never;

/** What filters compare fields with. */
export type ExactOf<F> = F extends { readonly $lookups: { readonly exact: infer Value } } ? Value : never;

/** The lookups of fields. */
export type LookupsOf<F> = F extends { readonly $lookups: infer Lookups } ? Lookups : never;

/** The fields `F` with these flags besides what kind of number they are. */
export type Flagged<F, Flags> = F extends {
  readonly $get: infer Value;
  readonly $lookups: infer Lookups;
  readonly $flags: infer Own;
}
  ? Computed<NotNull<Value>, Extract<Own, "float" | "some" | "any"> | Flags, Lookups>
  : never;

/** A field that says what a function gives. */
export type LikeField<F, Null> = Flagged<F, NullIn<F> | Null>;

/** What is made of fields `F`, by what makes it. */
export interface MadeFields<F> {
  count: WholeResult<never>;
  /** 0 to 1 */
  share: FloatResult<never>;
  boolean: Computed<boolean, never, AnyLookups<boolean>>;
  random: FloatResult<never>;
  length: WholeResult<NullIn<F>>;
  text: TextResult<NullIn<F>>;
  float: FloatResult<NullIn<F>>;
  number: Sum<KindOf<F>, NullIn<F>>;
  sum: Sum<KindOf<F>, "null">;
  average: FloatResult<"null">;
  /** the same, or null */
  nullable: Flagged<F, "null">;
  /** one of them */
  either: Unified<KindOf<F>, Something<F>, NullIn<F>>;
  /** the first that is not null */
  first: Unified<KindOf<F>, Something<F>, NullInAll<F>>;
}

/** What adding up numbers of these kinds gives. */
export type Sum<Kinds, Null> = "float" extends Kinds
  ? FloatResult<Null>
  : "any" extends Kinds
    ? SomeResult<Null>
    : "decimal" extends Kinds
      ? DecimalResult<Null>
      : "some" extends Kinds
        ? SomeResult<Null>
        : WholeResult<Null>;

/** The fields that are not just null. */
export type Something<F> = F extends { readonly $flags: infer Flags } ? ("nothing" extends Flags ? never : F) : never;

/** A value that is not null, where anything is known of it. */
export type NotNull<Value> = unknown extends Value ? Value : Exclude<Value, null>;

/** One field for several. */
export type Unified<Kinds, F, Null> = [Exclude<Kinds, "nothing">] extends [NumberKind]
  ? [Exclude<Kinds, "nothing">] extends ["whole"]
    ? Computed<Exclude<GetOf<F>, null>, Null, OrderedLookups<ExactOf<F>>>
    : Sum<Kinds, Null>
  : [Exclude<Kinds, "nothing">] extends ["text"]
    ? Computed<Exclude<GetOf<F>, null>, Null, TextLookups<ExactOf<F>>>
    : Computed<Exclude<GetOf<F>, null>, Null, LookupsOf<F>>;

/** Of which kind a field is. */
export type KindOf<F> = F extends { readonly $lookups: infer Lookups; readonly $flags: infer Flags }
  ? Extract<Flags, "float" | "some" | "any" | "nothing"> extends infer Flag
    ? [Flag] extends [never]
      ? KindBy<Lookups>
      : Flag
    : never
  : never;

/** The same by what can be asked of it. */
export type KindBy<Lookups> = "icontains" extends keyof Lookups
  ? "text"
  : "year" extends keyof Lookups
    ? "hour" extends keyof Lookups
      ? "datetime"
      : "date"
    : "hour" extends keyof Lookups
      ? "time"
      : "gt" extends keyof Lookups
        ? string extends Lookups["exact" & keyof Lookups]
          ? "decimal"
          : "whole"
        : "has_key" extends keyof Lookups
          ? "json"
          : boolean extends Lookups["exact" & keyof Lookups]
            ? "boolean"
            : "other";

/** A constant as a field. A literal text keeps its type, so that a `Case` gives a union. */
export type GivenField<V> = V extends string
  ? Computed<V, never, TextLookups<V>>
  : V extends number
    ? `${V}` extends `${string}.${string}` | `${string}e-${string}`
      ? FloatResult<never>
      : Computed<number, number extends V ? "some" : never, OrderedLookups<number>>
    : V extends bigint
      ? WholeResult<never>
      : V extends boolean
        ? Computed<boolean, never, AnyLookups<boolean>>
        : V extends Date
          ? Computed<Date, never, DatetimeLookups<Date | string>>
          : Computed<never, "null" | "nothing", AnyLookups<never>>;

/** A number in a calculation as a field: one with a fraction is a decimal. */
export type NumberField<V> = number extends V
  ? SomeResult<never>
  : V extends bigint
    ? WholeResult<never>
    : `${V & (string | number)}` extends infer Text
      ? Text extends `${string}.${string}` | `${string}e-${string}`
        ? DecimalResult<never>
        : string extends Text
          ? SomeResult<never>
          : `${number}` extends Text
            ? SomeResult<never>
            : WholeResult<never>
      : never;
