import { ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { bind, planNumber } from "../plan/plan.js";
import { checkCount } from "../plan/shape.js";
import { explainFormat, withHint, withLock } from "../query/locking.js";
import { prefetchRequests } from "../query/prefetch.js";
import { conditions, isEmpty, type QNode } from "../query/q.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import { aggregate, annotated, ofGroups } from "./annotate.js";
import { Lazy, Read, type Write } from "./awaitable.js";
import { bulkCreate, bulkUpdate, inBulk, type BulkCreateOptions, type BulkOptions } from "./bulk.js";
import { create, getOrCreate, updateOrCreate } from "./create.js";
import { deleteRows } from "./delete.js";
import { explain, sqlOf } from "./explain.js";
import { alsoRelated, checkNames, someNames, tuplesOutput, valuesOutput } from "./output.js";
import { page, type Page, type PageOptions } from "./page.js";
import { RawQuerySet } from "./raw.js";
import { clientOf, fetch } from "./run.js";
import { SingleQuerySet, type Expected } from "./single.js";
import { stream } from "./stream.js";
import { updateRows } from "./update.js";

/** Where a query runs: a connection's name, a connection or a transaction. */
export interface UsingOptions {
  readonly usingDb?: unknown;
}

/** A lazy, immutable question about the rows of a model: every method gives a new one, `await` runs it. */
export class QuerySet extends Lazy<unknown[]> {
  constructor(readonly state: QueryState) {
    super();
  }

  protected start(): MaybePromise<unknown[]> {
    return fetch(this.state);
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return stream(this.state);
  }

  all(): QuerySet {
    return this.#with((next) => {
      next.all = true;
    });
  }
  none(): QuerySet {
    return this.#with((next) => {
      next.none = true;
    });
  }
  reverse(): QuerySet {
    this.#checkWhole("reverse");
    return this.#with((next) => {
      next.reversed = !next.reversed;
    });
  }

  filter(...where: unknown[]): QuerySet {
    return this.#where(conditions(where, "filter"));
  }
  exclude(...where: unknown[]): QuerySet {
    return this.#where(conditions(where, "exclude").not());
  }

  get(...where: unknown[]): SingleQuerySet {
    return this.#single("one", where, "get");
  }
  getOrNone(...where: unknown[]): SingleQuerySet {
    return this.#single("one or none", where, "getOrNone");
  }

  first(): SingleQuerySet {
    return this.#first((next) => next);
  }
  last(): SingleQuerySet {
    this.#checkWhole("last");
    return this.#first((next) => {
      next.reversed = !next.reversed;
    });
  }
  earliest(...names: string[]): SingleQuerySet {
    this.#checkWhole("earliest");
    return this.#first((next) => {
      next.orderBy = someNames(names, "earliest");
      next.reversed = false;
    });
  }
  latest(...names: string[]): SingleQuerySet {
    this.#checkWhole("latest");
    return this.#first((next) => {
      next.orderBy = someNames(names, "latest");
      next.reversed = true;
    });
  }

  orderBy(...names: string[]): QuerySet {
    checkNames(names, "orderBy");
    this.#checkWhole("orderBy");
    return this.#with((next) => {
      next.orderBy = names;
      next.reversed = false;
    });
  }

  limit(count: number): QuerySet {
    checkCount(count, "limit");
    return this.#with((next) => {
      next.limit = count;
    });
  }

  offset(count: number): QuerySet {
    checkCount(count, "offset");
    return this.#with((next) => {
      next.offset = count;
    });
  }

  slice(from: number, to?: number): QuerySet {
    checkCount(from, "slice");
    if (to !== undefined) checkCount(to, "slice");
    if (to !== undefined && to < from) throw new ParamsError("slice(): the end comes before the start");
    return this.#with((next) => {
      next.offset = from;
      next.limit = to === undefined ? null : to - from;
    });
  }

  /** Rows after a cursor, and the cursor of the next ones. */
  page(options: PageOptions): Read<Page> {
    return page(this.state, options);
  }

  distinct(): QuerySet {
    return this.#with((next) => {
      next.distinct = true;
    });
  }
  selectForUpdate(options: UsingOptions = {}): QuerySet {
    return this.#with((next) => {
      next.access = withLock(next.access, options);
      if (options.usingDb !== undefined) next.using = options.usingDb;
    });
  }
  forceIndex(...names: string[]): QuerySet {
    return this.#with((next) => {
      next.access = withHint(next.access, "force", names);
    });
  }
  useIndex(...names: string[]): QuerySet {
    return this.#with((next) => {
      next.access = withHint(next.access, "use", names);
    });
  }
  usingDb(target: unknown): QuerySet {
    return this.#with((next) => {
      next.using = target;
    });
  }

  only(...names: string[]): QuerySet {
    return this.#with((next) => {
      next.only = someNames(names, "only");
    });
  }
  annotate(values: object): QuerySet {
    return this.#with((next) => {
      next.annotations = annotated(next, values, "annotate");
    });
  }
  groupBy(...names: string[]): QuerySet {
    checkNames(names, "groupBy");
    return this.#with((next) => {
      next.groupBy = someNames(names, "groupBy");
      next.annotations = ofGroups(next.annotations, next.groupBy);
    });
  }
  aggregate(values: object): Read<object> {
    return aggregate(this.state, values);
  }

  selectRelated(...paths: string[]): QuerySet {
    return this.#with((next) => {
      next.related = alsoRelated(next, paths);
    });
  }
  prefetchRelated(...paths: unknown[]): QuerySet {
    return this.#with((next) => {
      next.prefetch = [...next.prefetch, ...prefetchRequests(paths, "prefetchRelated")];
    });
  }
  values(...names: unknown[]): QuerySet {
    return this.#with((next) => {
      next.output = valuesOutput(names);
    });
  }
  valuesList(...names: unknown[]): QuerySet {
    return this.#with((next) => {
      next.output = tuplesOutput(names);
    });
  }

  count(): Read<number> {
    return new Read(() => this.#number("count"));
  }
  exists(...where: unknown[]): Read<boolean> {
    const asked = where.length === 0 ? this : this.filter(...where);
    return new Read(() => after(asked.#number("exists"), (found) => found > 0));
  }

  /** Without an argument, all rows of the query. */
  inBulk(
    ...given: [keys?: readonly unknown[], fieldName?: string, options?: UsingOptions]
  ): Read<Map<unknown, unknown>> {
    const [keys, fieldName = "pk", options = {}] = given;
    return inBulk(this.#using(options).state, given.length === 0 ? null : keys, fieldName);
  }

  create(values: object, options: UsingOptions = {}): Write<object> {
    return create(this.state.model, options.usingDb === undefined ? this.state.using : options.usingDb, values);
  }
  getOrCreate(values: object, defaults: object = {}, options: UsingOptions = {}): Write<[object, boolean]> {
    return getOrCreate(this.#using(options).state, values, defaults);
  }
  updateOrCreate(values: object, defaults: object = {}, options: UsingOptions = {}): Write<[object, boolean]> {
    return updateOrCreate(this.#using(options).state, values, defaults);
  }
  bulkCreate(objects: readonly object[], options: BulkCreateOptions & UsingOptions = {}): Write<object[]> {
    return bulkCreate(this.#using(options).state, objects, options);
  }
  bulkUpdate(
    objects: readonly object[],
    names: readonly string[],
    options: BulkOptions & UsingOptions = {},
  ): Write<number> {
    return bulkUpdate(this.#using(options).state, objects, names, options);
  }

  update(values: object, options: UsingOptions = {}): Write<number> {
    return updateRows(this.#using(options).state, values);
  }
  delete(options: UsingOptions = {}): Write<number> {
    return deleteRows(this.#using(options).state);
  }

  raw(sql: string, params: readonly unknown[] = []): RawQuerySet {
    return new RawQuerySet(this.state, sql, params);
  }

  /** The statement with its values written into it: for people, not for running. */
  sql(): string {
    return sqlOf(this.state);
  }
  explain(options: object = {}): Read<Record<string, unknown>[]> {
    const format = explainFormat(options);
    return new Read(() => explain(this.state, format));
  }

  #number(kind: "count" | "exists"): MaybePromise<number> {
    const { state } = this;
    if (state.none || state.limit === 0) return 0;
    const meta = metaOf(state.model);
    const client = clientOf(state, meta);
    const { plan, values } = planNumber(kind, state, meta, client.dialect);
    return after(client.run(plan.sql, bind(plan.binders, values)), ({ rows }) =>
      rows.length === 0 ? 0 : Number(rows[0]![0]),
    );
  }

  #with(change: (next: QueryState) => void): QuerySet {
    const next = this.state.copy();
    change(next);
    return new QuerySet(next);
  }

  /** Another order would cut other rows out. */
  #checkWhole(call: string): void {
    if (!this.state.isCut) return;
    throw new ParamsError(`${call}() after limit(), offset() or slice() would answer for other rows`, {
      code: "sliced",
      hint: "order first, and slice then",
    });
  }

  #where(q: QNode): QuerySet {
    if (isEmpty(q)) return this;
    const next = this.state.copy();
    next.where = next.where.length === 0 ? [q] : [...next.where, q];
    return new QuerySet(next);
  }

  #single(expected: Expected, where: unknown[], call: string): SingleQuerySet {
    const next = this.state.copy();
    if (where.length > 0) next.where = [...next.where, conditions(where, call)];
    next.single = !next.isCut;
    // Two are enough to know that one is too many.
    next.limit = next.limit === null ? 2 : Math.min(2, next.limit);
    return new SingleQuerySet(next, expected);
  }

  #first(change: (next: QueryState) => unknown): SingleQuerySet {
    const next = this.state.copy();
    change(next);
    next.keyed = true;
    next.limit = next.limit === null ? 1 : Math.min(1, next.limit);
    return new SingleQuerySet(next, "first");
  }

  #using({ usingDb }: UsingOptions): QuerySet {
    return usingDb === undefined ? this : this.usingDb(usingDb);
  }
}
