// Model instances: plain data under the fields' names, and a few methods.

import type { BaseOf } from "./annotations.js";
import type { Awaitable } from "./awaitable.js";
import type {
  FieldsOf,
  FlagsIn,
  HasFields,
  IdFields,
  KeyInput,
  KeyName,
  OwnNames,
  RelationFields,
  ValueOf,
  WritableNames,
} from "./keys.js";
import type { CheckLoad, CheckPaths, FetchArgument, LoadArgument, Loaded, LoadedBy, OfferedPaths } from "./loading.js";
import type { HasMany, HasTarget } from "./relations.js";
import type { FIELDS, LOADED } from "./symbols.js";
import type { CheckTwice, CheckValues, NewValues } from "./writing.js";
import type { UsingOptions } from "./using.js";

/** Options of `save`. */
export interface SaveOptions<Names> extends UsingOptions {
  /** only these columns are written */
  updateFields?: readonly Names[];
  /** INSERT, even when the object was read from the database */
  forceCreate?: boolean;
  /** UPDATE, of all columns; an error when there is no such row */
  forceUpdate?: boolean;
}

/** Options of `refreshFromDb`. */
export interface RefreshOptions<Names> extends UsingOptions {
  fields?: readonly Names[];
}

/** What every model instance has, besides its fields and `pk`. */
export interface Model {
  readonly [LOADED]: true;

  /**
   * Writes the object: INSERT when it is new, else UPDATE of the columns that changed.
   *
   * `user.name = "b"; await user.save()` gives `UPDATE "user" SET "name" = ? WHERE "id" = ?`.
   */
  save<I>(this: I, options?: SaveOptions<WritableNames<I>>): Awaitable<void>;

  /**
   * Deletes the object's row.
   *
   * `await user.delete()` gives `DELETE FROM "user" WHERE "id" = ?`.
   */
  delete(options?: UsingOptions): Awaitable<void>;

  /**
   * Reads the object again, whole or the named fields.
   *
   * `await user.refreshFromDb(["name"])` gives `SELECT "id", "name" FROM "user" WHERE "id" = ? …`.
   */
  refreshFromDb<I>(
    this: I,
    fields?: readonly OwnNames<I>[] | RefreshOptions<OwnNames<I>>,
    options?: UsingOptions,
  ): Awaitable<void>;

  /**
   * Loads these relations of the object, and gives it back with them: read them on what it gives. The options may come last.
   * In a method of the class itself `this` takes names; for paths of several steps write `const self: User = this` first.
   *
   * `const full = await user.fetchRelated("orders__items")` gives `SELECT … FROM "order" WHERE "user_id" IN …` and one more.
   */
  fetchRelated<I, P extends LoadArgument>(
    this: I,
    ...paths: ((P & NoInfer<CheckPaths<I, P>>) | NoInfer<OfferedPaths<I, P>>)[]
  ): Awaitable<Loaded<I, P>>;
  fetchRelated<I extends { readonly [K in P]: HasTarget | { readonly [FIELDS]: unknown } | null }, P extends string>(
    this: I,
    ...paths: P[]
  ): Awaitable<Loaded<I, P>>;
  fetchRelated<I, const P extends readonly FetchArgument[]>(
    this: I,
    ...paths: { [K in keyof P]: P[K] & NoInfer<CheckLoad<I, P[K]>> }
  ): Awaitable<LoadedBy<I, P[number]>>;

  /** Sets several values, each checked as by `create`; writes nothing. */
  updateFromDict<I, V = NewValues<I>>(this: I, values: CheckValues<I, V> & CheckTwice<I, V>): I;

  /** A new, unsaved object with the same values and another key. */
  clone<I>(this: I, pk?: KeyInput<I>): I;

  /** True for an object of the same class with the same key. */
  equals(other: unknown): boolean;
}

/** The attributes that a field map gives to its model: its fields, and `userId` where `user` is a foreign key. */
export type Instance<Fields> = HasFields<Fields> & Attributes<Fields> & IdAttributes<Fields>;

/** The attributes that end in `Id`. */
export type IdAttributes<Fields> = "relation" extends FlagsIn<Fields, keyof Fields> ? Attributes<IdFields<Fields>> : {};

/** What reading fields gives. */
export type Attributes<Fields> = { [K in keyof Fields]: ValueOf<Fields, K> };

/** An instance on which only the fields `Names`, and the key, may be read. */
export type Only<I, Names> = {
  [K in Exclude<keyof I, Hidden<FieldsOf<BaseOf<I>>, Names | KeyName<FieldsOf<BaseOf<I>>>>>]: I[K];
};

/** The fields that are not among `Names`. A foreign key goes with its column. */
export type Hidden<Fields, Names> =
  "relation" extends FlagsIn<Fields, keyof Fields>
    ? Exclude<keyof Fields, Names | KeptRelations<Fields, RelationFields<Fields>, Names>>
    : Exclude<keyof Fields, Names>;

/** The relations that can be followed when only the columns `Names` were read. */
export type KeptRelations<Fields, Relations extends keyof Fields, Names> = {
  [K in Relations]: Fields[K] extends HasMany ? K : `${K & string}Id` extends Names ? K : never;
}[Relations];
