// Model instances: plain data under the fields' names, and a few methods.

import type { Awaitable } from "./awaitable.js";
import type { FieldsOf, HasFields, KeyInput, KeyName, OwnNames, ValueOf } from "./keys.js";
import type { CheckValues, NewValues } from "./writing.js";
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
  /**
   * Writes the object: INSERT when it is new, else UPDATE of the columns that changed.
   *
   * `user.name = "b"; await user.save()` gives `UPDATE "user" SET "name" = ? WHERE "id" = ?`.
   */
  save<I>(this: I, options?: SaveOptions<OwnNames<I>>): Awaitable<void>;

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

  /** Sets several values, each checked as by `create`; writes nothing. */
  updateFromDict<I, V = NewValues<I>>(this: I, values: CheckValues<I, V>): I;

  /** A new, unsaved object with the same values and another key. */
  clone<I>(this: I, pk?: KeyInput<I>): I;

  /** True for an object of the same class with the same key. */
  equals(other: unknown): boolean;
}

/** The attributes that a field map gives to its model. */
export type Instance<Fields> = HasFields<Fields> & { [K in keyof Fields]: ValueOf<Fields, K> };

/** An instance on which only the fields `Names`, and the key, may be read. */
export type Only<I, Names> = { [K in Exclude<keyof I, Hidden<FieldsOf<I>, Names>>]: I[K] };

/** The fields that are neither among `Names` nor the key. */
export type Hidden<Fields, Names> = Exclude<keyof Fields, Names | KeyName<Fields>>;
