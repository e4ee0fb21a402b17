// Factories: what a new object of a model gets where a test does not say it.

import type { Awaitable } from "./awaitable.js";
import type { FieldsOf, KeyInput, KeyName } from "./keys.js";
import type { HasInstance } from "./model.js";
import type { TargetOf } from "./paths.js";
import type { HasMany, HasTarget } from "./relations.js";
import type { BOUND } from "./symbols.js";
import type { UsingTarget } from "./using.js";
import type { CheckTwice, MissingRelations, NewValues, RequiredNames, ValueFor } from "./writing.js";

/** Makes objects of one model for tests. */
export interface Factory<I> {
  /**
   * An object that is not written. It refers to nothing that would have to be written first: what factories make for its
   * relations is left out.
   */
  build<V = NewValues<I>>(values?: FactoryValues<I, V> & CheckTwice<I, V>): I;
  /** The same several times. */
  buildMany<V = NewValues<I>>(count: number, values?: FactoryValues<I, V> & CheckTwice<I, V>): I[];
  /**
   * An object that is written, after what it refers to and before what refers to it. A value given here stands in the
   * place of the factory's.
   *
   * `await users.create({ isActive: false })`
   */
  create<V = NewValues<I>>(values?: FactoryValues<I, V> & CheckTwice<I, V>): Awaitable<I>;
  /** The same several times, one after another. */
  createMany<V = NewValues<I>>(count: number, values?: FactoryValues<I, V> & CheckTwice<I, V>): Awaitable<I[]>;
  /** For a relation to several: so many objects of this factory. `factory(User, { …, orders: orders.many(2) })` */
  many<V = NewValues<I>>(count: number, values?: FactoryValues<I, V> & CheckTwice<I, V>): FactoryMany<I>;
  /** A factory with some values of its own, which counts together with this one. */
  with<V = NewValues<I>>(values: FactoryValues<I, V> & CheckTwice<I, V>): Factory<I>;
  /** The same factory on another connection, or inside a transaction: `tx.use(users)`. */
  usingDb(target: UsingTarget): Factory<I>;
  /** Counts from 1 again. */
  reset(): void;
}

/** So many objects of a factory, for a relation that leads to several. */
export interface FactoryMany<I> {
  readonly factory: Factory<I>;
  readonly count: number;
}

/** A value, or what makes it from the number of the object and the values that it has so far. */
export type Made<I, T> = T | ((n: number, values: Readonly<NewValues<I>>) => T | PromiseLike<T>);

/** The values `V`, each compared with its field or relation. */
export type FactoryValues<I, V> = { [K in keyof V]: FactoryValue<I, K> };

/** What a factory takes for one name, or a sentence. */
export type FactoryValue<I, Name> = Name extends keyof FieldsOf<I>
  ? FieldsOf<I>[Name] extends HasTarget
    ? Made<I, ToOneOrMany<I, Name, FieldsOf<I>[Name]>>
    : Made<I, ValueFor<I, Name>>
  : Name extends "pk"
    ? Made<I, ValueFor<I, "pk">>
    : Name extends keyof I
      ? OfReverse<I, I[Name], TargetOf<I[Name]>, Name>
      : `'${Name & string}' is not a field`;

/** For a relation that the model defines. */
export type ToOneOrMany<I, Name, Relation> = Relation extends HasMany
  ? Pairs<TargetOf<Relation>>
  : ValueFor<I, Name> | Factory<TargetOf<Relation>>;

/** For a many-to-many relation: objects that are there, their keys, or new ones. */
export type Pairs<R> = FactoryMany<R> | readonly (R | KeyInput<R>)[];

/** For a relation that another model defines: objects that refer to the new one. */
export type OfReverse<I, Attribute, R, Name> = [R] extends [never]
  ? `'${Name & string}' is not a field`
  : Attribute extends HasMany
    ? Made<I, Attribute extends { readonly [BOUND]: true } ? FactoryMany<R> : Pairs<R>>
    : Made<I, Factory<R>>;

/** What a factory must be told, because `create` asks for it. */
export type FactoryNeeds<I, V> = Named<
  V extends { readonly pk: unknown }
    ? Exclude<RequiredNames<FieldsOf<I>>, KeyName<FieldsOf<I>>>
    : RequiredNames<FieldsOf<I>>
> &
  MissingRelations<FieldsOf<I>, keyof V> &
  CheckTwice<I, V>;

/** Something under each of these names. */
export type Named<Names extends PropertyKey> = { readonly [K in Names]: unknown };

/** The type of `factory`. */
export interface FactoryFunction {
  <I, V = NewValues<I>>(model: HasInstance<I>, defaults: FactoryValues<I, V> & FactoryNeeds<I, V>): Factory<I>;
}
