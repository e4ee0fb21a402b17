// Relations: as fields, and as attributes that are not loaded. `[TARGET]` tells a path where to go on.

import type { Awaitable, Failed } from "./awaitable.js";
import type { Nullable } from "./fields.js";
import type { FieldsOf, KeyInput, KeyName } from "./keys.js";
import type { QuerySet } from "./queryset.js";
import type { BOUND, LOADED, MANY, ROW, TARGET } from "./symbols.js";
import type { UsingTarget } from "./using.js";

/** Has a relation's mark. */
export interface HasTarget {
  readonly [TARGET]: unknown;
}

/** Leads to several objects. */
export interface HasMany {
  readonly [MANY]: unknown;
}

/** Is kept in a column of its own. */
export interface HasId {
  readonly $id: unknown;
}

/** A foreign key, or one-to-one, to the field `K` of `R`. The flag `"key"` says that its column is the model's key. */
export interface ToOneField<R, Flags, K> {
  readonly $get: Nullable<Flags, ToOneRef<R>>;
  readonly $in: Nullable<Flags, R | TargetKey<R, K>>;
  readonly $lookups: RelationLookups<R, K>;
  readonly $flags: Flags | "relation";
  /** the field of the attribute that ends in `Id` */
  readonly $id: IdField<R, Flags, K>;
  readonly [TARGET]: R;
}

/** The column of a foreign key: what it refers to, but for its flags. */
export interface IdField<R, Flags, K> {
  readonly $get: Nullable<Flags, NonNullable<MemberOf<TargetField<R, K>, "$get">>>;
  readonly $in: Nullable<Flags, TargetKey<R, K>>;
  readonly $lookups: MemberOf<TargetField<R, K>, "$lookups">;
  readonly $flags: "relation" | ("key" extends Flags ? "primaryKey" : Flags);
}

/** A many-to-many relation. */
export interface ManyToManyField<R> {
  readonly $get: ManyToManyRelation<R>;
  readonly $in: R | TargetKey<R, "pk"> | null;
  readonly $lookups: RelationLookups<R, "pk">;
  readonly $flags: "relation" | "default";
  readonly [TARGET]: R;
  readonly [MANY]: R;
}

/** A relation that another model defines, as a field of this one. */
export interface ReverseField<R> {
  readonly $in: R | TargetKey<R, "pk"> | null;
  readonly $lookups: RelationLookups<R, "pk">;
  readonly [TARGET]: R;
}

/** The field that a relation refers to; never when it has none of that name. */
export type TargetField<R, K> = K extends "pk" ? FieldsOf<R>[KeyName<FieldsOf<R>>] : FieldsOf<R>[K & keyof FieldsOf<R>];

/** What that field may be asked with. */
export type TargetKey<R, K> = MemberOf<MemberOf<TargetField<R, K>, "$lookups">, "exact">;

/** `T[Name]`, where nothing else says that there is one. */
export type MemberOf<T, Name> = T[Name & keyof T];

/** What may follow the name of a relation in a filter, besides the names behind it. */
export interface RelationLookups<R, K> {
  not: R | TargetKey<R, K> | null;
  in: readonly (R | TargetKey<R, K> | null)[] | RowsOf<R>;
  not_in: readonly (R | TargetKey<R, K> | null)[] | RowsOf<R>;
  isnull: boolean;
  not_isnull: boolean;
}

/** A query set whose rows are objects: `Order.filter({ user__in: User.filter({ … }) })`. */
export interface RowsOf<out R> {
  readonly [ROW]: R;
}

/**
 * A to-one relation as an attribute: the object where it is loaded, else the way to it, `await order.user`. To read on, as
 * in `order.user.name`, ask for it: `Order.filter(…).selectRelated("user")`. An object may be assigned.
 */
export type ToOneRef<R> = R | NotLoaded<R>;

/** A to-one relation that was not loaded. Awaiting it gives the object: `(await order.user).name`. */
export interface NotLoaded<R, Found = R> {
  readonly [LOADED]: false;
  readonly [TARGET]: R;
  then<A = Found, B = never>(done?: ((value: Found) => A | PromiseLike<A>) | null, failed?: Failed<B>): Promise<A | B>;
}

/**
 * The other side of a one-to-one relation: `declare profile: ReverseOneToOne<Profile>`. `await user.profile` gives the
 * object, or null when there is none.
 */
export type ReverseOneToOne<R> = R | NotLoaded<R, R | null> | null;

/** A relation to several objects: a query set of them. Awaiting one that is loaded gives what was loaded. */
export interface ToMany<R> extends QuerySet<R> {
  readonly [TARGET]: R;
  readonly [MANY]: R;

  then<A = this[typeof MANY][], B = never>(
    done?: ((rows: this[typeof MANY][]) => A | PromiseLike<A>) | null,
    failed?: Failed<B>,
  ): Promise<A | B>;
  catch<B = never>(failed?: Failed<B>): Promise<this[typeof MANY][] | B>;
  finally(done?: (() => void) | null): Promise<this[typeof MANY][]>;
  run(): Promise<this[typeof MANY][]>;
  [Symbol.asyncIterator](): AsyncIterator<this[typeof MANY]>;
}

/**
 * The other side of a foreign key: `declare orders: ReverseRelation<Order>`. It is a query set of the objects that refer to
 * this one, and what it makes refers to it, too: `create` and its like need no foreign key here.
 *
 * `await user.orders.create({ total: 3 })` gives `INSERT INTO "order" ("user_id", "total") VALUES (?, ?) …`.
 */
export interface ReverseRelation<R> extends ToMany<R> {
  readonly [BOUND]: true;

  /** The same relation on another connection, or inside a transaction. */
  usingDb(target: UsingTarget): ReverseRelation<R>;
}

/**
 * A many-to-many relation, on either side: `declare articles: ManyToManyRelation<Article>` where another model defines it.
 * What it makes is related to this object at once.
 */
export interface ManyToManyRelation<R> extends ToMany<R> {
  /**
   * Relates these objects, or those with these keys, to this one. Those that are already stay as they are.
   *
   * `await article.tags.add(tag)` gives `INSERT INTO "article_tag" …`; inside a transaction, `article.tags.usingDb(tx).add(tag)`.
   */
  add(...objects: (R | KeyInput<R>)[]): Awaitable<void>;
  /** Takes these objects, or those with these keys, out of the relation. They are not deleted. */
  remove(...objects: (R | KeyInput<R>)[]): Awaitable<void>;
  /** Takes all objects out of the relation. They are not deleted. */
  clear(): Awaitable<void>;
  /** Relates exactly these objects, or those with these keys: adds what is missing and removes the rest. */
  set(objects: readonly (R | KeyInput<R>)[]): Awaitable<void>;
  /** The same relation on another connection, or inside a transaction. */
  usingDb(target: UsingTarget): ManyToManyRelation<R>;
}

/** What a loaded relation to several objects adds to it: all that an array has, but for the names that query sets use. */
export interface LoadedMany<out Row> {
  readonly [MANY]: Row;
  readonly length: number;
  readonly [index: number]: Row;
  readonly at: ReadonlyArray<this[typeof MANY]>["at"];
  readonly map: ReadonlyArray<this[typeof MANY]>["map"];
  readonly flatMap: ReadonlyArray<this[typeof MANY]>["flatMap"];
  readonly forEach: ReadonlyArray<this[typeof MANY]>["forEach"];
  readonly find: ReadonlyArray<this[typeof MANY]>["find"];
  readonly findIndex: ReadonlyArray<this[typeof MANY]>["findIndex"];
  readonly findLast: ReadonlyArray<this[typeof MANY]>["findLast"];
  readonly some: ReadonlyArray<this[typeof MANY]>["some"];
  readonly every: ReadonlyArray<this[typeof MANY]>["every"];
  readonly includes: ReadonlyArray<this[typeof MANY]>["includes"];
  readonly indexOf: ReadonlyArray<this[typeof MANY]>["indexOf"];
  readonly reduce: ReadonlyArray<this[typeof MANY]>["reduce"];
  readonly join: ReadonlyArray<this[typeof MANY]>["join"];
  readonly keys: ReadonlyArray<this[typeof MANY]>["keys"];
  readonly entries: ReadonlyArray<this[typeof MANY]>["entries"];
  [Symbol.iterator](): ArrayIterator<this[typeof MANY]>;
}
