// Filters: `{ name: …, age__gt: …, author__name__icontains: … }`, and `Q` around them.

import type { Expressed, Expression } from "./expressions.js";
import type { FieldsOf, OwnNames } from "./keys.js";
import type { Model } from "./instance.js";
import type { TargetOf, Virtual } from "./paths.js";
import type { HasTarget, MemberOf, RelationLookups } from "./relations.js";
import type { Made } from "./results.js";
import type { TARGET } from "./symbols.js";

/** The type of the argument of one filter key, or a sentence. */
export type Argument<I, Key> = Key extends keyof FieldsOf<I>
  ? FieldsOf<I>[Key]["$in" & keyof FieldsOf<I>[Key]]
  : Key extends `${infer Head}__${infer Rest}`
    ? ArgumentAfter<I, Head, Rest>
    : Virtual<I, Key> extends infer End
      ? BareArgument<End>
      : never;

/** The argument of a virtual name without a lookup. */
export type BareArgument<End> = End extends { readonly $problem: infer Sentence }
  ? Sentence
  : End extends { readonly $in: infer Value }
    ? Value
    : never;

/** The argument of a key that goes on after its first name. */
export type ArgumentAfter<I, Head, Rest> = Head extends keyof FieldsOf<I>
  ? AfterField<FieldsOf<I>[Head], Head, Rest>
  : Virtual<I, Head> extends infer End
    ? End extends { readonly $problem: infer Sentence }
      ? Sentence
      : AfterField<End, Head, Rest>
    : never;

/** A lookup of the field, or a name behind the relation. */
export type AfterField<Found, Head, Rest> = Rest extends keyof MemberOf<Found, "$lookups">
  ? MemberOf<Found, "$lookups">[Rest]
  : Found extends HasTarget
    ? Argument<Found[typeof TARGET], Rest>
    : `'${Rest & string}' is not a lookup of '${Head & string}'`;

/**
 * For completion: the names of a model with their lookups, those of its relations, and those one step away. Longer keys are
 * checked as typed.
 */
export type NamesOf<I, Name> = Name extends keyof FieldsOf<I>
  ? Name | `${Name & string}__${(keyof MemberOf<FieldsOf<I>[Name], "$lookups"> & string) | NamesAt<FieldsOf<I>[Name]>}`
  : Name extends "pk"
    ? "pk" | "pk__in"
    : Name extends keyof Model | symbol
      ? never
      : Name extends keyof I & string
        ? NamesBehind<TargetOf<I[Name]>, Name>
        : never;

/** The columns behind a relation; none behind a column. */
export type NamesAt<Relation> = Relation extends HasTarget ? OwnNames<Relation[typeof TARGET]> : never;

/** A relation that another model defines, bare, with each lookup, and with each column behind it. */
export type NamesBehind<Target, Name extends string> = [Target] extends [never]
  ? never
  : Name | `${Name}__${keyof RelationLookups<Target, "pk"> | OwnNames<Target>}`;

/** A filter of the model `I`, to pass on: `function search(where: Where<User>) { return User.filter(where); }`. */
export type Where<I> = { readonly [Key in NamesOf<I, keyof I>]?: Argument<I, Key> };

/**
 * The same keys, for completion only: what a filter takes before anything is written in it. Attributes are not looked at here,
 * so that relations from other models are missing: a method whose type comes from a query would be a circle.
 */
export type WhereKeys<I> = { readonly [Key in keyof FieldsOf<I> | "pk" as NamesOf<I, Key>]?: never };

/** Any filter. */
export interface AnyWhere {
  readonly [key: string]: unknown;
}

/**
 * The filter `W` with each value compared to what its key takes. `W` only brings the names, so `undefined` is never
 * right, whatever the compiler's options.
 */
export type CheckWhere<I, W> = {
  [Key in keyof W]: Argument<I, Key> | Expressed<I, W[Key], Argument<I, Key>>;
};

/**
 * A condition to keep, combine and pass on. It is made for a model, and only that model's queries take it.
 */
export interface Q<in I> {
  /** Not to be called: it says which model this is for, and keeps the methods out of completion in a filter. */
  (model: I): never;
  /** True where this and all the others are. */
  and(...others: (Q<I> | Truth)[]): Q<I>;
  /** True where this or one of the others is. */
  or(...others: (Q<I> | Truth)[]): Q<I>;
  /** True where this is not; NULLs included. */
  not(): Q<I>;
}

/** An expression that is true or false and asks no field: `Exists(…)`. */
export type Truth = Expression<Made<"boolean", never>, never>;

/**
 * The type of `Q`.
 *
 * `User.filter(Q.or(Q({ name: "a" }), Q({ age__gt: 3 })))` gives `… WHERE ("name" = ? OR "age" > ?)`.
 */
export interface QFactory {
  /** Inside a query set's method the model is known from there. Elsewhere write `User.q({ … })`. */
  <I, W extends AnyWhere = WhereKeys<I>>(where: Truth | (unknown extends I ? Modelless<W> : CheckWhere<I, W>)): Q<I>;
  /** True where all parts are. */
  and<I>(...parts: (Q<I> | Truth)[]): Q<I>;
  /** True where one of the parts is. */
  or<I>(...parts: (Q<I> | Truth)[]): Q<I>;
  /** True where the part is not; NULLs included. */
  not<I>(part: Q<I> | Truth): Q<I>;
}

/** What is said of a `Q` that nothing tells its model. */
export type Modelless<W> = {
  [Key in keyof W]: "Q alone does not know its model: write User.q({ … })" | Expressed<unknown, W[Key]>;
};

/** One part of a filter: conditions, a `Q` of the same model, or what is itself true or false. */
export type Part<I, W> = Q<NoInfer<I>> | Truth | CheckWhere<I, W>;
