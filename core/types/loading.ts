// Loading relations: what a row becomes, and which paths there are.

import type { FieldsOf } from "./keys.js";
import type { Model } from "./instance.js";
import type { Problem, RelationAt, TargetOf } from "./paths.js";
import type { Prefetch } from "./prefetch.js";
import type { HasMany, HasTarget, LoadedMany } from "./relations.js";
import type { FIELDS, MANY, TARGET } from "./symbols.js";
import type { UsingOptions } from "./using.js";

/**
 * A model's object whose relations are loaded: `Loaded<User, "orders__items" | "profile">`. It is still a `User`.
 *
 * `async function render(user: Loaded<User, "orders">) { for (const order of user.orders) … }`
 */
export type Loaded<I, Paths> = I & Loads<I, Paths>;

/** What loading `Paths` adds to an object. */
export type Loads<I, Paths> = { readonly [Head in HeadOf<Paths>]: LoadedAt<I, Head, TailOf<Paths, Head>> };

/** The first names of paths. */
export type HeadOf<Path> = Path extends `${infer Head}__${string}` ? Head : Path & string;

/** What comes after the first name `Head`. */
export type TailOf<Path, Head extends string> = Path extends `${Head}__${infer Rest}` ? Rest : never;

/** The relation `Name` with what is loaded behind it. */
export type LoadedAt<I, Name, Rest> = LoadedAttribute<I[Name & keyof I], Rest>;

/** A relation that another model defines: it, the way to it, or null. */
export type LoadedAttribute<Value, Rest> = Value extends HasTarget
  ? Value extends HasMany
    ? LoadedMany<LoadedTarget<Value[typeof MANY], Rest>>
    : LoadedTarget<Value[typeof TARGET], Rest>
  : Value extends null
    ? null
    : LoadedTarget<Value, Rest>;

/** An object behind a relation. */
export type LoadedTarget<R, Rest> = [Rest] extends [never] ? R : Loaded<R, Rest>;

/** Any `Prefetch`. */
export interface AnyPrefetch {
  readonly $path: string;
  readonly $model: unknown;
  readonly $row: unknown;
  readonly $to: unknown;
}

/** What `prefetchRelated` takes. */
export type LoadArgument = string | AnyPrefetch;

/** The same with the options of a call that runs. */
export type FetchArgument = LoadArgument | UsingOptions;

/** A row with the relations loaded that `X` names: paths, and `Prefetch` objects. */
export type LoadedBy<Row, X> = Loaded<Row, Extract<X, string>> & Prefetched<Row, Extract<X, AnyPrefetch>>;

/** What `Prefetch` objects add to an object. */
export type Prefetched<I, X> = { readonly [Name in PrefetchName<X>]: PrefetchedAt<I, X, Name> };

/** The attribute that a `Prefetch` sets first: the start of its path, or its `toAttr`. */
export type PrefetchName<X> = X extends { readonly $path: infer Path; readonly $to: infer To }
  ? Path extends `${infer Head}__${string}`
    ? Head
    : [To] extends [never]
      ? Path & string
      : To & string
  : never;

/** What a `Prefetch` puts there. A path of several steps puts its rows at its end. */
export type PrefetchedAt<I, X, Name> =
  X extends Prefetch<infer Path, infer Asked, infer Row, infer To>
    ? Path extends `${infer Head}__${infer Rest}`
      ? Head extends Name
        ? PrefetchedBehind<RelationAt<I, Head>, Prefetch<Rest, Asked, Row, To>>
        : never
      : Name extends ([To] extends [never] ? Path : To)
        ? PrefetchedRows<RelationAt<I, Path>, Row, To>
        : never
    : never;

/** A relation on the way of a `Prefetch`. */
export type PrefetchedBehind<Relation, X> = Relation extends { readonly [MANY]: infer R }
  ? LoadedMany<R & Prefetched<R, X>>
  : Relation extends { readonly [TARGET]: infer R }
    ? (R & Prefetched<R, X>) | NullAt<Relation>
    : never;

/** The rows of a `Prefetch`: a loaded relation, or a plain list under another name. */
export type PrefetchedRows<Relation, Row, To> = Relation extends HasMany
  ? [To] extends [never]
    ? LoadedMany<Row>
    : Row[]
  : [To] extends [never]
    ? Row | NullAt<Relation>
    : Row | null;

/** `null` where a to-one relation may be missing; the other side of a one-to-one always may. */
export type NullAt<Relation> = Relation extends { readonly $get: infer Value } ? Extract<Value, null> : null;

/** Each right path; a `Problem` for each wrong one. */
export type CheckPaths<I, Path> = Path extends string ? Verdict<CheckLoad<I, Path>, Path> : never;

/** The same for `selectRelated`. */
export type CheckToOnes<I, Path> = Path extends string ? Verdict<CheckSelect<I, Path>, Path> : never;

/** The path itself, where nothing is said against it. */
export type Verdict<Check, Path> = Check extends { readonly $problem: string } ? Check : Path;

/** Nothing to add where an argument of `prefetchRelated` is right; else a `Problem`. */
export type CheckLoad<I, X> = X extends string
  ? CheckStep<I, X>
  : X extends Prefetch<infer Path, infer Asked, infer Row, infer To>
    ? CheckPrefetch<PathTarget<I, Path>, Asked, Row, To>
    : unknown;

/** Nothing to add where a path of relations is right. */
export type CheckStep<I, Path> = Path extends `${infer Head}__${infer Rest}`
  ? CheckBehind<LoadTarget<I, Head>, Head, Rest>
  : CheckBehind<LoadTarget<I, Path>, Path, never>;

/** The same for the rest of the path, `never` when there is none. */
export type CheckBehind<Target, Name, Rest> = [Target] extends [never]
  ? Problem<`'${Name & string}' is not a relation`>
  : [Rest] extends [never]
    ? unknown
    : CheckStep<Target, Rest>;

/** Where a relation leads that may be loaded already. */
export type LoadTarget<I, Name> = Name extends keyof FieldsOf<I>
  ? TargetOf<FieldsOf<I>[Name]>
  : Name extends keyof I
    ? AttributeTarget<I[Name]>
    : never;

/** The same for an attribute: what is there, or behind it. */
export type AttributeTarget<Value> = Value extends { readonly [TARGET]: infer R }
  ? R
  : Value extends { readonly [FIELDS]: unknown }
    ? Value
    : never;

/** Where a path of relations leads, or a `Problem`. */
export type PathTarget<I, Path> = Path extends `${infer Head}__${infer Rest}`
  ? [LoadTarget<I, Head>] extends [never]
    ? Problem<`'${Head & string}' is not a relation`>
    : PathTarget<LoadTarget<I, Head>, Rest>
  : [LoadTarget<I, Path>] extends [never]
    ? Problem<`'${Path & string}' is not a relation`>
    : LoadTarget<I, Path>;

/** Nothing to add where a `Prefetch` asks the model that its path leads to, for whole objects. */
export type CheckPrefetch<Target, Asked, Row, To> = Target extends { readonly $problem: string }
  ? Target
  : Asked extends Target
    ? Row extends ([To] extends [never] ? Target : { readonly [FIELDS]: unknown })
      ? unknown
      : Problem<"rows that are not whole objects need a toAttr">
    : Problem<"the query set is of another model">;

/** Nothing to add where a path is to-one all the way. */
export type CheckSelect<I, Path> = Path extends `${infer Head}__${infer Rest}`
  ? CheckOne<RelationAt<I, Head>, Head, Rest>
  : CheckOne<RelationAt<I, Path>, Path, never>;

/** The same for one step. */
export type CheckOne<Relation, Name, Rest> = [Relation] extends [never]
  ? Problem<`'${Name & string}' is not a relation`>
  : Relation extends HasMany
    ? Problem<`'${Name & string}' is to-many: use prefetchRelated`>
    : [Rest] extends [never]
      ? unknown
      : CheckSelect<TargetOf<Relation>, Rest>;

/** For completion: the relations of a model. */
export type RelationNames<I> = RelationName<I, Exclude<keyof I, keyof Model>> & keyof I & string;

/** The names that are relations. */
export type RelationName<I, Names> = Names extends keyof I
  ? [TargetOf<I[Names]>] extends [never]
    ? never
    : Names
  : never;

/** For completion: relations, and those one step away. While a path is written it may be any string; then it is checked. */
export type OfferedPaths<I, Path> = string extends Path ? Steps<I, RelationNames<I>> : never;

/** For completion: the same over to-one relations. */
export type OfferedToOnes<I, Path> = string extends Path ? ToOneSteps<I, ToOneRelations<I>> : never;

/** The names that are to-one relations. */
export type ToOneRelations<I> = { [K in RelationNames<I>]: I[K] extends HasMany ? never : K }[RelationNames<I>];

/** Names, and the relations behind them. */
export type Steps<I, Names extends keyof I & string> = {
  [K in Names]: K | `${K}__${RelationNames<TargetOf<I[K]>>}`;
}[Names];

/** Names, and the to-one relations behind them. */
export type ToOneSteps<I, Names extends keyof I & string> = {
  [K in Names]: K | `${K}__${ToOneRelations<TargetOf<I[K]>>}`;
}[Names];
