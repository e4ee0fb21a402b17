import { NoValuesFetched, ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import { conditions } from "../query/q.js";
import { startOf } from "../query/start.js";
import type { Relation } from "../schema/relation.js";
import type { Failed } from "../types/awaitable.js";
import type { Write } from "./awaitable.js";
import type { BulkCreateOptions } from "./bulk.js";
import { copyValues } from "./create.js";
import { insertObject, type Row } from "./persist.js";
import { QuerySet, type UsingOptions } from "./queryset.js";

/** Objects that are to be paired with the owner, and what makes them. */
export interface Linked<T> {
  readonly answer: T;
  readonly objects: readonly object[];
}

type Change = (owner: object, relation: Relation, given: readonly unknown[], using: unknown) => Write<void>;

/** What `fields.manyToMany` brings to write the pairs of objects. */
export interface Pairs {
  readonly pairs: {
    /** adds the pairs that are missing */
    readonly add: Change;
    /** removes pairs; those that are not there are no error */
    readonly remove: Change;
    /** makes the pairs exactly these: what is missing is added, what is too much removed, all or nothing */
    readonly set: Change;
    /** removes all pairs */
    readonly clear: (owner: object, relation: Relation, using: unknown) => Write<void>;
    /** makes or finds objects, and makes their pairs with the owner */
    readonly linked: <T>(
      owner: object,
      relation: Relation,
      using: unknown,
      make: (all: QuerySet) => MaybePromise<Linked<T>>,
    ) => Write<T>;
    /** makes objects that are new, and their pairs with the owner, all or nothing */
    readonly linkedNew: <T>(
      owner: object,
      relation: Relation,
      using: unknown,
      objects: () => readonly object[],
      store: (objects: readonly object[], unit: Client) => MaybePromise<T>,
    ) => Write<T>;
  };
}

/**
 * What a to-many relation of an object leads to, as a query, and as a place to make more. It is not loaded: to read it at once,
 * without waiting, is refused with the two ways to load it.
 */
export class RelatedQuerySet extends QuerySet {
  readonly #owner: object;
  readonly #relation: Relation;

  constructor(owner: object, relation: Relation, using: unknown = null) {
    const state = startOf(relation.target);
    state.where = [...state.where, conditions([{ [relation.reverse.name]: owner }], relation.name)];
    if (using !== null) state.using = using;
    super(state);
    this.#owner = owner;
    this.#relation = relation;
  }

  override usingDb(target: unknown): RelatedQuerySet {
    return new RelatedQuerySet(this.#owner, this.#relation, target);
  }

  override create(values: object, options: UsingOptions = {}): Write<object> {
    if (this.#relation.through === null) return this.#all(options).create(this.#own(values));
    const given = copyValues(values, "create");
    const { objects } = this.#relation.target;
    return this.#pairs().linkedNew(
      this.#owner,
      this.#relation,
      this.#target(options),
      () => [objects.fromValues(given)],
      ([object], unit) => after(insertObject(object as Row, this.#relation.target, unit), () => object!),
    );
  }
  override getOrCreate(values: object, defaults: object = {}, options: UsingOptions = {}): Write<[object, boolean]> {
    if (this.#relation.through === null) return this.#all(options).getOrCreate(this.#own(values), defaults);
    return this.#pairs().linked(this.#owner, this.#relation, this.#target(options), (all) =>
      after(all.getOrCreate(values, defaults).run(), (answer) => ({ answer, objects: [answer[0]] })),
    );
  }
  override updateOrCreate(values: object, defaults: object = {}, options: UsingOptions = {}): Write<[object, boolean]> {
    if (this.#relation.through === null) return this.#all(options).updateOrCreate(this.#own(values), defaults);
    return this.#pairs().linked(this.#owner, this.#relation, this.#target(options), (all) =>
      after(all.updateOrCreate(values, defaults).run(), (answer) => ({ answer, objects: [answer[0]] })),
    );
  }
  override bulkCreate(objects: readonly object[], options: BulkCreateOptions & UsingOptions = {}): Write<object[]> {
    if (this.#relation.through === null) {
      for (const object of objects) (object as Record<string, unknown>)[this.#relation.reverse.name] = this.#owner;
      return this.#all(options).bulkCreate(objects, options);
    }
    return this.#pairs().linkedNew(
      this.#owner,
      this.#relation,
      this.#target(options),
      () => objects,
      (all, unit) => this.#all({ usingDb: unit }).bulkCreate(all, options).run(),
    );
  }

  add(...objects: unknown[]): Write<void> {
    return this.#pairs().add(this.#owner, this.#relation, objects, this.state.using);
  }
  remove(...objects: unknown[]): Write<void> {
    return this.#pairs().remove(this.#owner, this.#relation, objects, this.state.using);
  }
  set(objects: readonly unknown[]): Write<void> {
    return this.#pairs().set(this.#owner, this.#relation, objects, this.state.using);
  }
  clear(): Write<void> {
    return this.#pairs().clear(this.#owner, this.#relation, this.state.using);
  }

  get length(): never {
    throw notLoaded(this.#relation);
  }
  [Symbol.iterator](): never {
    throw notLoaded(this.#relation);
  }

  #pairs(): Pairs["pairs"] {
    const { field, meta, name, reverse, target, through } = this.#relation;
    if (through !== null) return (field.brings as Pairs).pairs;
    throw new ParamsError(`${meta.name}.${name} is no many-to-many relation`, {
      code: "not_many_to_many",
      hint: `set ${target.name}.${reverse.name} on the other objects and save them`,
    });
  }
  #target({ usingDb }: UsingOptions): unknown {
    return usingDb ?? this.state.using;
  }
  #all(options: UsingOptions): QuerySet {
    const state = startOf(this.#relation.target);
    state.using = this.#target(options);
    return new QuerySet(state);
  }
  /** The values of a new object that belongs to the owner. */
  #own(values: object): object {
    const { reverse, name, meta } = this.#relation;
    if (typeof values === "object" && values !== null && reverse.name in values)
      throw new ParamsError(`${meta.name}.${name}: "${reverse.name}" is the object whose ${name} these are`, {
        hint: "leave it out",
      });
    return { ...values, [reverse.name]: this.#owner };
  }
}

/** The error for reading a relation that is not loaded. */
export const notLoaded = ({ name, meta, many }: Relation): NoValuesFetched =>
  new NoValuesFetched(`${meta.name}.${name} is not loaded, so it cannot be read at once`, {
    hint: `load it with the query: .${many ? "prefetchRelated" : "selectRelated"}("${name}"), or wait for it: await object.${name}`,
  });

type Call = (...given: unknown[]) => unknown;

/**
 * A to-many relation that is loaded: an array of its objects, which takes the calls of the relation too. Awaited, it gives the
 * objects that it holds; `.all()` asks the database again.
 */
export class LoadedList extends Array<object> {
  /** What the array's own methods make is a plain array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  #owner: object | null = null;
  #relation: Relation | null = null;

  /** The list of a relation's objects. */
  static loaded(owner: object, relation: Relation, objects: readonly object[]): LoadedList {
    if (!Object.hasOwn(LoadedList.prototype, "filter")) borrowCalls();
    const list = new LoadedList();
    // push() of a subclass takes three times as long.
    for (let i = 0; i < objects.length; i++) list[i] = objects[i]!;
    list.#owner = owner;
    list.#relation = relation;
    return list;
  }

  /** The relation as a query. */
  static queryOf(list: LoadedList): RelatedQuerySet {
    return new RelatedQuerySet(list.#owner!, list.#relation!);
  }

  async run(): Promise<object[]> {
    return Array.from(this);
  }
  then<A = object[], B = never>(
    done?: ((objects: object[]) => A | PromiseLike<A>) | null,
    failed?: Failed<B>,
  ): Promise<A | B> {
    return this.run().then(done, failed);
  }
}

/** Gives lists every call of the relation, also those that mean something else on an array: `filter` asks the database. */
function borrowCalls(): void {
  // Node asks for this when it prints a list: it is shown as the array that it is.
  void Object.defineProperty(LoadedList.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: LoadedList): object[] {
      return Array.from(this);
    },
  });
  for (let at: object = RelatedQuerySet.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name === "constructor" || name === "length" || Object.hasOwn(LoadedList.prototype, name)) continue;
      void Object.defineProperty(LoadedList.prototype, name, {
        value(this: LoadedList, ...given: unknown[]) {
          const query = LoadedList.queryOf(this) as unknown as Record<string, Call>;
          return query[name]!(...given);
        },
        configurable: true,
        writable: true,
      });
    }
  }
}
