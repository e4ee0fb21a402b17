import { ParamsError, typeName } from "../base/errors.js";
import type { UsingTarget } from "../connection/context.js";
import { Write } from "../queryset/awaitable.js";
import { columnField, metaOf, type Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { FactoryFunction, Factory as TypedFactory, FactoryMany as TypedMany } from "../types/factory.js";

type Row = Record<string, unknown>;
type Maker = (n: number, values: Readonly<Row>) => unknown;

/** What a factory asks of its model's class. */
interface Model {
  new (values: object): object;
  create(values: object, options: object): PromiseLike<object>;
}

/** A value for a relation that can only be made when the object is there. */
type Later = readonly [relation: Relation, value: Many | readonly unknown[]];

/** So many objects of a factory. */
class Many {
  constructor(
    readonly factory: ModelFactory,
    readonly count: number,
    readonly values: Row,
  ) {}
}

/** The class behind `Factory`. */
class ModelFactory {
  constructor(
    readonly model: Model,
    /** values by name, in the order in which they are made; later ones stand in the place of earlier ones */
    readonly layers: readonly Row[],
    /** how many objects were made; shared by the factories that come from one */
    readonly counter: { made: number },
    readonly using: UsingTarget | null,
  ) {}

  build(values: Row = {}): object {
    return this.#build(++this.counter.made, checked(values, "build"));
  }

  buildMany(count: number, values: Row = {}): object[] {
    const given = checked(values, "buildMany");
    return Array.from({ length: counted(count, "buildMany") }, () => this.#build(++this.counter.made, given));
  }

  create(values: Row = {}): Write<object> {
    const given = checked(values, "create");
    const n = ++this.counter.made;
    return new Write(() => this.#create(n, given));
  }

  createMany(count: number, values: Row = {}): Write<object[]> {
    const given = checked(values, "createMany");
    const numbers = Array.from({ length: counted(count, "createMany") }, () => ++this.counter.made);
    return new Write(async () => {
      const made: object[] = [];
      for (const n of numbers) made.push(await this.#create(n, given));
      return made;
    });
  }

  many(count: number, values: Row = {}): Many {
    return new Many(this, counted(count, "many"), checked(values, "many"));
  }

  with(values: Row): ModelFactory {
    return new ModelFactory(this.model, [...this.layers, checked(values, "with")], this.counter, this.using);
  }

  usingDb(target: UsingTarget): ModelFactory {
    return new ModelFactory(this.model, this.layers, this.counter, target);
  }

  reset(): void {
    this.counter.made = 0;
  }

  #build(n: number, given: Row): object {
    const meta = metaOf(this.model);
    const values: Row = {};
    for (const [name, value] of this.#entries(given, meta)) {
      const made = typeof value === "function" ? (value as Maker)(n, values) : value;
      if (isThenable(made))
        throw new ParamsError(`the factory of ${meta.name} has to wait for "${name}", and build() cannot`, {
          hint: "use create(), or give the value: build({ … })",
        });
      if (!(made instanceof ModelFactory) && !isLater(meta.relations.get(name))) values[name] = made;
    }
    return new this.model(values);
  }

  /** What needs no number first, so that every function sees it; and first of all what may be refused before anything is written. */
  #entries(given: Row, meta: Meta): [name: string, value: unknown][] {
    const values = [...this.layers, given].reduce((all, layer) => replaced(all, layer, meta), {});
    const rank = ([name, value]: [string, unknown]): number =>
      typeof value === "function" ? 2 : isLater(meta.relations.get(name)) ? 0 : 1;
    return Object.entries(values).sort((one, other) => rank(one) - rank(other));
  }

  /** First what it refers to, then the object, then what refers to it. */
  async #create(n: number, given: Row): Promise<object> {
    const meta = metaOf(this.model);
    const values: Row = {};
    const later: Later[] = [];
    for (const [name, value] of this.#entries(given, meta)) {
      const made: unknown = typeof value === "function" ? await (value as Maker)(n, values) : value;
      const relation = meta.relations.get(name);
      if (isLater(relation)) later.push([relation, severalOf(relation, made)]);
      else values[name] = made instanceof ModelFactory ? await this.#here(made).create() : made;
    }
    const options = this.using === null ? {} : { usingDb: this.using };
    const object = (await this.model.create(values, options)) as Row;
    for (const [relation, value] of later) await this.#relate(object, relation, value);
    return object;
  }

  async #relate(object: Row, relation: Relation, value: Many | readonly unknown[]): Promise<void> {
    const toThis = relation.through === null ? { [relation.reverse.name]: object } : {};
    const objects =
      value instanceof Many
        ? await this.#here(value.factory).createMany(value.count, { ...value.values, ...toThis })
        : value;
    if (relation.through === null) return;
    const pairs = object[relation.name] as Pairs;
    await (this.using === null ? pairs : pairs.usingDb(this.using)).add(...objects);
  }

  /** A factory for a relation works where this one was told to. */
  #here(related: ModelFactory): ModelFactory {
    return this.using === null ? related : related.usingDb(this.using);
  }
}

interface Pairs {
  usingDb(target: UsingTarget): Pairs;
  add(...objects: readonly unknown[]): PromiseLike<void>;
}

/**
 * Makes objects of a model for tests: the factory knows a value for everything that `create` asks for, a test names only what
 * it is about. A function is given the number of the object, from 1, and the values so far; a factory makes what a foreign key
 * refers to; `many` makes what a relation to several leads to.
 * @example
 * const users = factory(User, { username: (n) => `user${n}` });
 * const orders = factory(Order, { user: users, total: 10, status: "new" });
 * await orders.create({ total: 99 }); // INSERT INTO "user" …; INSERT INTO "order" …
 * await users.createMany(3, { isActive: false });
 */
export const factory: FactoryFunction = ((model: Model, defaults: Row) => {
  if (typeof model !== "function")
    throw new ParamsError(`a factory needs the class of a model, not ${typeName(model)}`, {
      hint: "factory(User, { … })",
    });
  return new ModelFactory(model, [checked(defaults, "factory")], { made: 0 }, null);
}) as unknown as FactoryFunction;
/** Makes objects of the model `I`. */
export type Factory<I> = TypedFactory<I>;
/** So many of them, for a relation that leads to several. */
export type FactoryMany<I> = TypedMany<I>;

/** It can only be made when the object is there. */
const isLater = (relation: Relation | undefined): relation is Relation =>
  relation !== undefined && (relation.many || relation.backward);

/** Values with others in their places: `userId` stands in the place of `user`, `pk` in that of the key. */
function replaced(values: Row, others: Row, meta: Meta): Row {
  const column = (name: string): string => columnField(meta, name)?.name ?? name;
  const taken = new Set(Object.keys(others).map(column));
  const both: Row = {};
  // What is replaced keeps its turn, because others may be made from it.
  for (const name in values) if (!taken.has(column(name)) || Object.hasOwn(others, name)) both[name] = values[name];
  return Object.assign(both, others);
}

function checked(values: unknown, call: string): Row {
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new ParamsError(`${call}() takes { field: value }, not ${typeName(values)}`);
  return { ...values };
}

function counted(count: unknown, call: string): number {
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0)
    throw new ParamsError(
      `${call}() takes how many, a whole number from 0, not ${typeof count === "number" ? count : typeName(count)}`,
    );
  return count;
}

const isThenable = (value: unknown): boolean =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";

/** What a relation is given, or an error before anything is written. */
function severalOf({ meta, name, through, many }: Relation, value: unknown): Many | readonly unknown[] {
  if (many && value instanceof Many) return value;
  if (!many && value instanceof ModelFactory) return value.many(1);
  if (through !== null && Array.isArray(value)) return value;
  throw new ParamsError(`${meta.name}.${name} cannot be made from that`, {
    code: "factory_related",
    hint:
      through !== null
        ? "factory.many(2), or a list of objects or keys"
        : many
          ? "factory.many(2): each is made with this object"
          : "a factory: what it makes refers to this object",
  });
}
