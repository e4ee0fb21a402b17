// Query sets: immutable, lazy, awaitable. `I` is the model, `Row` is what awaiting gives for each row.

import type { ExplainOptions, LockOptions } from "./locking.js";
import type { Annotated, BaseOf, WithResults } from "./annotations.js";
import type { Awaitable, Failed } from "./awaitable.js";
import type { CheckExpressions, Expressions, FieldOf, ResultOf } from "./expressions.js";
import type { GatheredNames, GroupedQuerySet } from "./grouped.js";
import type { Only } from "./instance.js";
import type { ColumnNames, FieldsOf, InputOf, KeyInput, KeyOf, OwnNames, ValueOf, WritableNames } from "./keys.js";
import type {
  CheckLoad,
  CheckPaths,
  CheckSelect,
  CheckToOnes,
  LoadArgument,
  Loaded,
  LoadedBy,
  OfferedPaths,
  OfferedToOnes,
} from "./loading.js";
import type { Page, PageOptions } from "./page.js";
import type { CheckPath, NearNames, OrderNames, OrderPath } from "./paths.js";
import type {
  CheckListed,
  CheckValue,
  ListArgument,
  ListRow,
  Selected,
  ValueArgument,
  ValueNames,
} from "./selection.js";
import type { BOUND, MODEL, NONE, ROW } from "./symbols.js";
import type { UsingOptions, UsingTarget } from "./using.js";
import type { AnyWhere, Part, WhereKeys } from "./where.js";
import type {
  BulkCreateOptions,
  BulkOptions,
  CheckTwice,
  CheckUpdate,
  CheckValues,
  Missing,
  NewValues,
} from "./writing.js";

/** Names to order by, each checked as a path. */
export type OrderBy<I, Names extends readonly string[]> = {
  [K in keyof Names]: (Names[K] & NoInfer<CheckPath<I, OrderPath<Names[K]>>>) | OrderNames<I>;
};

/** Arguments of `valuesList`, each checked. */
export type ListArguments<I, Arguments extends readonly ListArgument[]> = {
  [K in keyof Arguments]: (Arguments[K] & NoInfer<CheckListed<I, Arguments, Arguments[K]>>) | NearNames<I>;
};

/** Arguments of `values`, each checked. */
export type ValueArguments<I, Arguments extends readonly ValueArgument[]> = {
  [K in keyof Arguments]: (Arguments[K] & NoInfer<CheckValue<I, Arguments[K]>>) | NearNames<I>;
};

/** What `this` is in a method of a query set. The methods are generic over it, so that they are not made anew for each
 *  model, and so that the default of `W` is not looked at before completion asks for it. */
export interface QueryOf<I, Row> {
  readonly [MODEL]: I;
  readonly [ROW]: Row;
}

/** The same in a method that makes objects. */
export interface MakerOf<I, Bound> {
  readonly [MODEL]: I;
  readonly [BOUND]: Bound;
}

/** A value by which `inBulk` looks: the name of a field, or `pk`. */
export type LookupName<I> = OwnNames<I> | "pk";

/** What reading that field gives. */
export type LookupValue<I, Name> = Name extends keyof FieldsOf<I> ? ValueOf<FieldsOf<I>, Name> : KeyOf<I>;

/** What that field may be asked with. */
export type LookupInput<I, Name> = Name extends keyof FieldsOf<I> ? InputOf<FieldsOf<I>, Name> : KeyInput<I>;

/** Rows of a model, asked for but not yet fetched. It runs each time it is awaited. */
export interface QuerySet<I, Row = I> {
  readonly [MODEL]: I;
  readonly [ROW]: Row;
  readonly [BOUND]: boolean;

  then<A = Row[], B = never>(done?: ((rows: Row[]) => A | PromiseLike<A>) | null, failed?: Failed<B>): Promise<A | B>;
  catch<B = never>(failed?: Failed<B>): Promise<Row[] | B>;
  finally(done?: (() => void) | null): Promise<Row[]>;
  /** Runs now and gives an ordinary promise. */
  run(): Promise<Row[]>;
  /** Row by row: `for await (const user of User.all()) …`. */
  [Symbol.asyncIterator](): AsyncIterator<Row>;

  /** The same rows. Says that all are meant, where `update` or `delete` ask for a filter. */
  all(): QuerySet<I, Row>;
  /** No rows; it is answered without a statement. */
  none(): QuerySet<I, Row>;
  /** The opposite order; not after `limit`, `offset` or `slice`. */
  reverse(): QuerySet<I, Row>;

  /**
   * The rows for which all conditions hold.
   *
   * `User.all().filter({ age__gt: 3 })` gives `SELECT … FROM "user" WHERE "age" > ?`.
   */
  filter<I, Row, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: QueryOf<I, Row>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): QuerySet<I, Row>;

  /**
   * The rows for which the conditions do not all hold, NULLs included.
   *
   * `User.all().exclude({ age__lt: 5 })` gives `… WHERE ("age" >= ? OR "age" IS NULL)` for a nullable age.
   */
  exclude<I, Row, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: QueryOf<I, Row>,
    where: Part<I, W>,
    ...more: Part<I, W2>[]
  ): QuerySet<I, Row>;

  /** The one row; none is `DoesNotExist`, several are `MultipleObjectsReturned`. */
  get<I, Row, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: QueryOf<I, Row>,
    where?: Part<I, W>,
    ...more: Part<I, W2>[]
  ): SingleQuerySet<I, Row, never>;

  /** The one row, or null; several are `MultipleObjectsReturned`. */
  getOrNone<I, Row, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: QueryOf<I, Row>,
    where?: Part<I, W>,
    ...more: Part<I, W2>[]
  ): SingleQuerySet<I, Row, null>;

  /** The first row, or null. */
  first(): SingleQuerySet<I, Row, null>;
  /** The last row, or null: the first of the opposite order; not after `limit`, `offset` or `slice`. */
  last(): SingleQuerySet<I, Row, null>;

  /** The row that is last by these fields, or null; not after `limit`, `offset` or `slice`. */
  latest<I, Row, const N extends readonly string[]>(
    this: QueryOf<I, Row>,
    ...names: OrderBy<I, N>
  ): SingleQuerySet<I, Row, null>;

  /** The row that is first by these fields, or null; not after `limit`, `offset` or `slice`. */
  earliest<I, Row, const N extends readonly string[]>(
    this: QueryOf<I, Row>,
    ...names: OrderBy<I, N>
  ): SingleQuerySet<I, Row, null>;

  /**
   * The same rows in this order; `-` for descending. It replaces an earlier order, and comes before `limit`, `offset` and `slice`.
   *
   * `User.all().orderBy("-age", "name")` gives `… ORDER BY "age" DESC, "name"`.
   */
  orderBy<I, Row, const N extends readonly string[]>(this: QueryOf<I, Row>, ...names: OrderBy<I, N>): QuerySet<I, Row>;

  /** At most `count` rows. */
  limit(count: number): QuerySet<I, Row>;
  /** Without the first `count` rows. */
  offset(count: number): QuerySet<I, Row>;
  /** Rows `from` up to `to`, which is not among them; the rest when `to` is left out. */
  slice(from: number, to?: number): QuerySet<I, Row>;
  /** Each row once. */
  distinct(): QuerySet<I, Row>;
  /** The same question to another connection, or inside a transaction. */
  usingDb(target: UsingTarget): QuerySet<I, Row>;

  /**
   * With these to-one relations, by joins: `order.user.name` can be read then. Calls add up.
   *
   * `Order.all().selectRelated("user")` gives `SELECT … FROM "order" JOIN "user" …`; a nullable relation is an object or null.
   */
  selectRelated<I, Row, P extends string>(
    this: QueryOf<I, Row>,
    ...paths: ((P & NoInfer<CheckToOnes<I, P>>) | NoInfer<OfferedToOnes<I, P>>)[]
  ): QuerySet<I, Loaded<Row, P>>;
  selectRelated<I, Row, const P extends readonly string[]>(
    this: QueryOf<I, Row>,
    ...paths: { [K in keyof P]: P[K] & NoInfer<CheckSelect<I, P[K]>> }
  ): QuerySet<I, Loaded<Row, P[number]>>;

  /**
   * With these relations, by one statement for each: `user.orders[0]` can be read then. Calls add up.
   *
   * `User.all().prefetchRelated("orders__items")` gives `SELECT … FROM "user"`, `SELECT … FROM "order" WHERE "user_id" IN …`
   * and `SELECT … FROM "item" WHERE "order_id" IN …`. A `Prefetch` brings a query of its own.
   */
  prefetchRelated<I, Row, P extends LoadArgument>(
    this: QueryOf<I, Row>,
    ...paths: ((P & NoInfer<CheckPaths<I, P>>) | NoInfer<OfferedPaths<I, P>>)[]
  ): QuerySet<I, Loaded<Row, P>>;
  prefetchRelated<I, Row, const P extends readonly LoadArgument[]>(
    this: QueryOf<I, Row>,
    ...paths: { [K in keyof P]: P[K] & NoInfer<CheckLoad<I, P[K]>> }
  ): QuerySet<I, LoadedBy<Row, P[number]>>;

  /**
   * Objects on which only these fields, and the key, can be read.
   *
   * `User.all().only("name")` gives `SELECT "id", "name" FROM "user"`.
   */
  only<I, Row, N extends ColumnNames<FieldsOf<BaseOf<I>>> & string>(
    this: QueryOf<I, Row>,
    ...names: N[]
  ): QuerySet<I, Only<I, N>>;

  /**
   * The same rows with computed values, which can be filtered by, ordered by and selected like fields.
   *
   * `User.all().annotate({ n: Count("orders") }).filter({ n__gt: 3 })` gives `SELECT …, (SELECT COUNT(…) FROM "order" …) FROM "user" WHERE …`.
   */
  annotate<I, Row, const X extends Expressions<I>>(
    this: QueryOf<I, Row>,
    values: X & NoInfer<CheckExpressions<I, X, keyof I | keyof FieldsOf<I>>>,
  ): QuerySet<
    Annotated<I, { -readonly [K in keyof X]: FieldOf<I, X[K]> }>,
    WithResults<Row, { -readonly [K in keyof X]: ResultOf<I, X[K]> }>
  >;

  /**
   * One row for all rows with the same values here.
   *
   * `Order.all().groupBy("userId").annotate({ n: Count("id") }).values()` gives `SELECT "user_id", COUNT("id") … GROUP BY "user_id"`.
   */
  groupBy<I, Row, const N extends readonly string[]>(
    this: QueryOf<I, Row>,
    ...names: { [K in keyof N]: (N[K] & NoInfer<CheckPath<I, N[K]>>) | NearNames<I> }
  ): GroupedQuerySet<I, N[number] | GatheredNames<FieldsOf<I>>>;

  /**
   * One object, gathered from all rows.
   *
   * `await Order.all().aggregate({ n: Count("id"), sum: Sum("total") })` gives `SELECT COUNT("id") AS "n", SUM("total") AS "sum" FROM "order"`.
   */
  aggregate<I, Row, const X extends Expressions<I>>(
    this: QueryOf<I, Row>,
    values: X & NoInfer<CheckExpressions<I, X>>,
  ): Awaitable<{ -readonly [K in keyof X]: ResultOf<I, X[K]> }>;

  /**
   * Plain objects with these values, or with all columns; an object gives them other names.
   *
   * `User.all().values("id", { who: "name" })` gives `SELECT "id", "name" AS "who" FROM "user"`.
   */
  values<I, Row, const X extends readonly ValueArgument[]>(
    this: QueryOf<I, Row>,
    ...names: ValueArguments<I, X>
  ): QuerySet<I, { [K in ValueNames<I, X[number]>]: Selected<I, X[number], K> }>;

  /**
   * Tuples of these values; with `{ flat: true }` and one name, the values themselves.
   *
   * `await User.all().valuesList("name", { flat: true })` gives a `string[]`.
   */
  valuesList<I, Row, const X extends readonly ListArgument[]>(
    this: QueryOf<I, Row>,
    ...names: ListArguments<I, X>
  ): QuerySet<I, ListRow<I, X>>;

  /**
   * At most `size` rows after those of an earlier page, and the cursor of the next one; any order that has no to-many path.
   *
   * `User.all().orderBy("-age").page({ size: 20 })` gives `SELECT … ORDER BY "age" DESC, "id" DESC LIMIT …`, and with `after`
   * also `… WHERE "age" <= ? AND ("age" < ? OR "age" = ? AND "id" < ?) …`: nothing is counted or skipped, so the last page costs
   * what the first does.
   */
  page(options: PageOptions): Awaitable<Page<Row>>;

  /** How many rows there are. */
  count(): Awaitable<number>;

  /** True when there is a row, or one for which the conditions hold. */
  exists<I, Row, W extends AnyWhere = WhereKeys<I>, W2 extends AnyWhere = {}>(
    this: QueryOf<I, Row>,
    where?: Part<I, W>,
    ...more: Part<I, W2>[]
  ): Awaitable<boolean>;

  /** The rows with these keys, or these values of a unique field, in a Map; all rows without an argument. */
  inBulk<I, Row, N extends LookupName<I> = "pk">(
    this: QueryOf<I, Row>,
    keys?: readonly LookupInput<I, N>[],
    fieldName?: N,
  ): Awaitable<Map<LookupValue<I, N>, Row>>;

  /** Makes an object and writes it. */
  create<I, Bound, V = NewValues<I>>(
    this: MakerOf<I, Bound>,
    values: CheckValues<I, V> & Missing<I, V, {}, Bound>,
    options?: UsingOptions,
  ): Awaitable<I>;

  /** The object with these values, made with `defaults` when there is none; and whether it was made. */
  getOrCreate<I, Bound, V = NewValues<I>, D = {}>(
    this: MakerOf<I, Bound>,
    values: CheckValues<I, V> & Missing<I, V, D, Bound>,
    defaults?: CheckValues<I, D> & CheckTwice<I, V & D>,
    options?: UsingOptions,
  ): Awaitable<[object: I, created: boolean]>;

  /** The object with these values, changed by `defaults`, or made with them; and whether it was made. */
  updateOrCreate<I, Bound, V = NewValues<I>, D = {}>(
    this: MakerOf<I, Bound>,
    values: CheckValues<I, V> & Missing<I, V, D, Bound>,
    defaults?: CheckValues<I, D> & CheckTwice<I, V & D>,
    options?: UsingOptions,
  ): Awaitable<[object: I, created: boolean]>;

  /** Writes many new objects in few statements, and gives them back. */
  bulkCreate<I, Row>(
    this: QueryOf<I, Row>,
    objects: readonly NoInfer<I>[],
    options?: BulkCreateOptions<I>,
  ): Awaitable<I[]>;

  /** Writes the named fields of many objects in few statements; gives the number of rows that matched. */
  bulkUpdate<I, Row>(
    this: QueryOf<I, Row>,
    objects: readonly NoInfer<I>[],
    names: readonly WritableNames<I>[],
    options?: BulkOptions,
  ): Awaitable<number>;

  /**
   * Changes all rows with one statement; gives the number of rows that matched.
   *
   * `User.filter({ age: 3 }).update({ name: "Ann" })` gives `UPDATE "user" SET "name" = ? WHERE …`. A result of `F` that
   * does not fit its column is an `OperationalError` with code `out_of_range`, and nothing is written.
   */
  update<I, Row, V = NewValues<I>>(
    this: QueryOf<I, Row>,
    values: CheckUpdate<BaseOf<I>, V> & CheckTwice<I, V>,
    options?: UsingOptions,
  ): Awaitable<number>;

  /** Deletes all rows with one statement; gives their number, without what the database deletes along. */
  delete(options?: UsingOptions): Awaitable<number>;

  /** Objects from SQL of your own, which must select the model's columns under their names. */
  raw(sql: string, params?: readonly unknown[]): RawQuerySet<I>;

  /** The statement with its values written into it, to be read and not to be run. */
  sql(): string;
  /** How the database would go about it, in its own rows; nothing for `none()`, which sends no statement. */
  explain(options?: ExplainOptions): Awaitable<Record<string, unknown>[]>;
  /** Locks the rows until the transaction ends; where the database cannot, it is an error. */
  selectForUpdate(options?: LockOptions): QuerySet<I, Row>;
  /** Makes the database use one of these indexes. */
  forceIndex(...names: string[]): QuerySet<I, Row>;
  /** Lets the database choose among these indexes only. */
  useIndex(...names: string[]): QuerySet<I, Row>;
}

/** A query for one row: awaiting gives a `Row`, or a `None`. */
export interface SingleQuerySet<I, Row, None> extends Awaitable<Row | None> {
  readonly [MODEL]: I;
  readonly [ROW]: Row;
  readonly [NONE]: None;

  /** With these to-one relations, by joins: `order.user.name` can be read then. Calls add up. */
  selectRelated<I, Row, None, P extends string>(
    this: SingleOf<I, Row, None>,
    ...paths: ((P & NoInfer<CheckToOnes<I, P>>) | NoInfer<OfferedToOnes<I, P>>)[]
  ): SingleQuerySet<I, Loaded<Row, P>, None>;
  selectRelated<I, Row, None, const P extends readonly string[]>(
    this: SingleOf<I, Row, None>,
    ...paths: { [K in keyof P]: P[K] & NoInfer<CheckSelect<I, P[K]>> }
  ): SingleQuerySet<I, Loaded<Row, P[number]>, None>;

  /** With these relations, by one statement for each: `user.orders[0]` can be read then. Calls add up. */
  prefetchRelated<I, Row, None, P extends LoadArgument>(
    this: SingleOf<I, Row, None>,
    ...paths: ((P & NoInfer<CheckPaths<I, P>>) | NoInfer<OfferedPaths<I, P>>)[]
  ): SingleQuerySet<I, Loaded<Row, P>, None>;
  prefetchRelated<I, Row, None, const P extends readonly LoadArgument[]>(
    this: SingleOf<I, Row, None>,
    ...paths: { [K in keyof P]: P[K] & NoInfer<CheckLoad<I, P[K]>> }
  ): SingleQuerySet<I, LoadedBy<Row, P[number]>, None>;

  /** An object on which only these fields, and the key, can be read. */
  only<I, Row, None, N extends ColumnNames<FieldsOf<BaseOf<I>>> & string>(
    this: SingleOf<I, Row, None>,
    ...names: N[]
  ): SingleQuerySet<I, Only<I, N>, None>;

  /** The same object with computed values. */
  annotate<I, Row, None, const X extends Expressions<I>>(
    this: SingleOf<I, Row, None>,
    values: X & NoInfer<CheckExpressions<I, X, keyof I | keyof FieldsOf<I>>>,
  ): SingleQuerySet<
    Annotated<I, { -readonly [K in keyof X]: FieldOf<I, X[K]> }>,
    WithResults<Row, { -readonly [K in keyof X]: ResultOf<I, X[K]> }>,
    None
  >;

  /** A plain object with these values, or with all columns. */
  values<I, Row, None, const X extends readonly ValueArgument[]>(
    this: SingleOf<I, Row, None>,
    ...names: ValueArguments<I, X>
  ): SingleQuerySet<I, { [K in ValueNames<I, X[number]>]: Selected<I, X[number], K> }, None>;

  /** A tuple of these values; with `{ flat: true }` and one name, the value itself. */
  valuesList<I, Row, None, const X extends readonly ListArgument[]>(
    this: SingleOf<I, Row, None>,
    ...names: ListArguments<I, X>
  ): SingleQuerySet<I, ListRow<I, X>, None>;

  /** The same question to another connection, or inside a transaction. */
  usingDb(target: UsingTarget): SingleQuerySet<I, Row, None>;
  /** The statement with its values written into it, to be read and not to be run. */
  sql(): string;
  /** How the database would go about it, in its own rows. */
  explain(options?: ExplainOptions): Awaitable<Record<string, unknown>[]>;
  selectForUpdate(options?: LockOptions): SingleQuerySet<I, Row, None>;
  forceIndex(...names: string[]): SingleQuerySet<I, Row, None>;
  useIndex(...names: string[]): SingleQuerySet<I, Row, None>;
}

/** What `this` is in a method of a query for one row. */
export interface SingleOf<I, Row, None> {
  readonly [MODEL]: I;
  readonly [ROW]: Row;
  readonly [NONE]: None;
}

/** Objects from SQL of the user's own. It runs each time it is awaited. */
export interface RawQuerySet<I> extends Awaitable<I[]> {
  [Symbol.asyncIterator](): AsyncIterator<I>;
  /** The same statement to another connection, or inside a transaction. */
  usingDb(target: UsingTarget): RawQuerySet<I>;
  /** The statement as you wrote it, with its placeholders. */
  sql(): string;
}
