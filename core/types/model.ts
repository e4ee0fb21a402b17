// Model classes: what `Model.define` makes, and what can be asked of them.

import type { Annotated, WithResults } from "./annotations.js";
import type { CheckExpressions, Expressions, FieldOf, ResultOf } from "./expressions.js";
import type { LockOptions } from "./locking.js";
import type { Awaitable } from "./awaitable.js";
import type { DescribeOptions, ModelDescription } from "./describe.js";
import type { JsonSchema, SchemaPurposeOptions, StandardSchema } from "./json-schema.js";
import type { FieldMap } from "./fields.js";
import type { Instance, Model } from "./instance.js";
import type { ColumnNames, FieldsOf, HasFields, WithIds, WithKey, WritableNames } from "./keys.js";
import type { CheckLoad, CheckPaths, FetchArgument, LoadArgument, Loaded, LoadedBy, OfferedPaths } from "./loading.js";
import type { AbstractOption, MetaOptions } from "./meta.js";
import type {
  ListArguments,
  LookupInput,
  LookupName,
  LookupValue,
  OrderBy,
  QuerySet,
  RawQuerySet,
  SingleQuerySet,
  ValueArguments,
} from "./queryset.js";
import type { Only } from "./instance.js";
import type { ListArgument, ListRow, Selected, ValueArgument, ValueNames } from "./selection.js";
import type { UsingOptions, UsingTarget } from "./using.js";
import type { AnyWhere, CheckWhere, Part, Q, WhereKeys } from "./where.js";
import type { BulkCreateOptions, BulkOptions, CheckTwice, CheckValues, Missing, NewValues } from "./writing.js";

/** What `this` is in a static method: the instance type is read from `prototype`. */
export interface HasInstance<I> {
  readonly prototype: I;
}

/** What every model class can do. */
export interface ModelStatics {
  /**
   * A model that has this one's fields, methods and statics, and more fields.
   *
   * `class Order extends Timestamped.define({ total: fields.int() }) {}`
   */
  define<C extends HasInstance<unknown>, F extends FieldMap, A extends boolean = false>(
    this: C,
    fields: F,
    meta?: MetaOptions<MetaNames<F> | (keyof FieldsOf<C["prototype"]> & string)> & AbstractOption<A>,
  ): Statics<C> & SubclassConstructor<C["prototype"], WithKey<F, A, FieldsOf<C["prototype"]> & F>>;

  /** All rows. */
  all<I>(this: HasInstance<I>): QuerySet<I>;
  /** No rows; it is answered without a statement. */
  none<I>(this: HasInstance<I>): QuerySet<I>;

  /**
   * The rows for which all conditions hold.
   *
   * `User.filter({ age__gt: 3 })` gives `SELECT … FROM "user" WHERE "age" > ?`.
   */
  filter<I, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: HasInstance<I>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): QuerySet<I>;

  /** The rows for which the conditions do not all hold, NULLs included. */
  exclude<I, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: HasInstance<I>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): QuerySet<I>;

  /** The one row; none is `DoesNotExist`, several are `MultipleObjectsReturned`. */
  get<I, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: HasInstance<I>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): SingleQuerySet<I, I, never>;

  /** The one row, or null; several are `MultipleObjectsReturned`. */
  getOrNone<I, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: HasInstance<I>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): SingleQuerySet<I, I, null>;

  /** The first row, or null. */
  first<I>(this: HasInstance<I>): SingleQuerySet<I, I, null>;
  /** The last row, or null: the first of the opposite order. */
  last<I>(this: HasInstance<I>): SingleQuerySet<I, I, null>;
  /** The row that is last by these fields, or null. */
  latest<I, const N extends readonly string[]>(
    this: HasInstance<I>,
    ...names: OrderBy<I, N>
  ): SingleQuerySet<I, I, null>;
  /** The row that is first by these fields, or null. */
  earliest<I, const N extends readonly string[]>(
    this: HasInstance<I>,
    ...names: OrderBy<I, N>
  ): SingleQuerySet<I, I, null>;

  /** All rows in this order; `-` for descending. */
  orderBy<I, const N extends readonly string[]>(this: HasInstance<I>, ...names: OrderBy<I, N>): QuerySet<I>;
  /** At most `count` rows. */
  limit<I>(this: HasInstance<I>, count: number): QuerySet<I>;
  /** Without the first `count` rows. */
  offset<I>(this: HasInstance<I>, count: number): QuerySet<I>;
  /** Rows `from` up to `to`, which is not among them; the rest when `to` is left out. */
  slice<I>(this: HasInstance<I>, from: number, to?: number): QuerySet<I>;

  /** Objects on which only these fields, and the key, can be read. */
  only<I, N extends ColumnNames<FieldsOf<I>> & string>(this: HasInstance<I>, ...names: N[]): QuerySet<I, Only<I, N>>;
  /** Plain objects with these values, or with all columns; an object gives them other names. */
  values<I, const X extends readonly ValueArgument[]>(
    this: HasInstance<I>,
    ...names: ValueArguments<I, X>
  ): QuerySet<I, { [K in ValueNames<I, X[number]>]: Selected<I, X[number], K> }>;
  /** Tuples of these values; with `{ flat: true }` and one name, the values themselves. */
  valuesList<I, const X extends readonly ListArgument[]>(
    this: HasInstance<I>,
    ...names: ListArguments<I, X>
  ): QuerySet<I, ListRow<I, X>>;

  /** How many rows there are. */
  count<I>(this: HasInstance<I>): Awaitable<number>;
  /** True when there is a row, or one for which the conditions hold. */
  exists<I, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: HasInstance<I>,
    where?: Part<I, W>,
    ...more: Part<I, W2>[]
  ): Awaitable<boolean>;
  /** The rows with these keys, or these values of a unique field, in a Map; all rows without an argument. */
  inBulk<I, N extends LookupName<I> = "pk">(
    this: HasInstance<I>,
    keys?: readonly LookupInput<I, N>[],
    fieldName?: N,
    options?: UsingOptions,
  ): Awaitable<Map<LookupValue<I, N>, I>>;

  /** A condition on its own, to keep, combine and pass on. */
  q<I, W extends AnyWhere = WhereKeys<I>>(this: HasInstance<I>, where: CheckWhere<I, W>): Q<I>;

  /**
   * Makes an object and writes it.
   *
   * `await User.create({ name: "a" })` gives `INSERT INTO "user" ("name", "age") VALUES (?, ?) …`.
   */
  create<I, V = NewValues<I>>(
    this: HasInstance<I>,
    values: CheckValues<I, V> & Missing<I, V>,
    options?: UsingOptions,
  ): Awaitable<I>;

  /** The object with these values, made with `defaults` when there is none; and whether it was made. */
  getOrCreate<I, V = NewValues<I>, D = {}>(
    this: HasInstance<I>,
    values: CheckValues<I, V> & Missing<I, V, D>,
    defaults?: CheckValues<I, D> & CheckTwice<I, V & D>,
    options?: UsingOptions,
  ): Awaitable<[object: I, created: boolean]>;

  /** The object with these values, changed by `defaults`, or made with them; and whether it was made. */
  updateOrCreate<I, V = NewValues<I>, D = {}>(
    this: HasInstance<I>,
    values: CheckValues<I, V> & Missing<I, V, D>,
    defaults?: CheckValues<I, D> & CheckTwice<I, V & D>,
    options?: UsingOptions,
  ): Awaitable<[object: I, created: boolean]>;

  /** Writes many new objects in few statements, and gives them back. */
  bulkCreate<I>(this: HasInstance<I>, objects: readonly NoInfer<I>[], options?: BulkCreateOptions<I>): Awaitable<I[]>;

  /** Writes the named fields of many objects in few statements; gives the number of rows that matched. */
  bulkUpdate<I>(
    this: HasInstance<I>,
    objects: readonly NoInfer<I>[],
    names: readonly WritableNames<I>[],
    options?: BulkOptions,
  ): Awaitable<number>;

  /**
   * Loads these relations of several objects, with one statement for each relation; gives the objects back with them. The
   * options may come last.
   *
   * `const full = await User.fetchForList(users, "orders__items")`
   */
  fetchForList<I, Row extends I, P extends LoadArgument>(
    this: HasInstance<I>,
    objects: readonly Row[],
    ...paths: ((P & NoInfer<CheckPaths<I, P>>) | NoInfer<OfferedPaths<I, P>>)[]
  ): Awaitable<Loaded<Row, P>[]>;
  fetchForList<I, Row extends I, const P extends readonly FetchArgument[]>(
    this: HasInstance<I>,
    objects: readonly Row[],
    ...paths: { [K in keyof P]: P[K] & NoInfer<CheckLoad<I, P[K]>> }
  ): Awaitable<LoadedBy<Row, P[number]>[]>;

  /** Objects from SQL of your own, which must select the model's columns under their names. */
  raw<I>(this: HasInstance<I>, sql: string, params?: readonly unknown[]): RawQuerySet<I>;

  /** The same model, asking another connection, or inside a transaction. */
  usingDb<C>(this: C, target: UsingTarget): C;

  /** The model as plain data: its table, its fields and their options. */
  /** All rows with computed values: `User.annotate({ n: Count("orders") })`. */
  annotate<I, const X extends Expressions<I>>(
    this: HasInstance<I>,
    values: X & NoInfer<CheckExpressions<I, X, keyof I | keyof FieldsOf<I>>>,
  ): QuerySet<
    Annotated<I, { -readonly [K in keyof X]: FieldOf<I, X[K]> }>,
    WithResults<I, { -readonly [K in keyof X]: ResultOf<I, X[K]> }>
  >;
  /** Locks the rows of a query until the transaction ends. */
  selectForUpdate<I>(this: HasInstance<I>, options?: LockOptions): QuerySet<I>;
  describe(options?: DescribeOptions): ModelDescription;
  /** What the model's values look like as JSON: `User.jsonSchema({ for: "create" })`. */
  jsonSchema(options?: SchemaPurposeOptions): JsonSchema;
  /** A validator of plain data (standardschema.dev): what it gives can be given to `create`. */
  standardSchema(options?: SchemaPurposeOptions): StandardSchema;
}

/** A model class as a value: `function page<I extends Model>(model: ModelClass<I>) { … }`. */
export interface ModelClass<I = unknown> extends ModelStatics {
  readonly prototype: I;
  new (...values: never[]): I;
}

/** Makes objects of a model with these fields. An interface, so that a declaration file shows the fields once. */
export interface ModelConstructor<Fields> {
  new (values?: NewValues<HasFields<Fields>>): Model & Instance<Fields>;
}

/** Makes objects of a model that inherits from `Parent`. */
export interface SubclassConstructor<Parent, Fields> {
  new (values?: NewValues<Parent & HasFields<Fields>>): Parent & Instance<Fields>;
}

/** What a class gives to its children, besides its instances. */
export type Statics<C> = { [K in Exclude<keyof C, "prototype">]: C[K] };

/** The names that a model's options may use: its fields, and `userId` beside `user`. */
export type MetaNames<Fields> = keyof WithIds<Fields> & string;

/** The type of `Model`. */
export interface ModelRoot {
  /**
   * The class to extend for a model with these fields.
   *
   * `class User extends Model.define({ name: fields.text() }, { table: "users" }) {}`
   */
  define<F extends FieldMap, A extends boolean = false>(
    fields: F,
    meta?: MetaOptions<MetaNames<F>> & AbstractOption<A>,
  ): ModelStatics & ModelConstructor<WithKey<F, A>>;
}
