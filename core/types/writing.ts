// Creating and changing. A call's own type parameter `V` only brings the names of the values; each is then compared
// with its field, so a wrong value is shown where it stands, and `undefined` is never right.

import type { Assigned } from "./expressions.js";
import type { FieldsOf, FlagsIn, InputOf, KeyInput, KeyName, ToOneFields, WritableNames } from "./keys.js";
import type { Flag } from "./fields.js";
import type { Problem, Virtual } from "./paths.js";
import type { HasMany } from "./relations.js";
import type { UsingOptions } from "./using.js";

/** The values a model is made or changed with. All are optional here; `Missing` says what `create` asks for. */
export type NewValues<I> = {
  [K in WritableNames<I> & keyof FieldsOf<I>]?: InputOf<FieldsOf<I>, K>;
} & PkValue<I>;

/** The key by its other name. */
export interface PkValue<I> {
  pk?: KeyInput<I>;
}

/** The type of the value for one name, or a sentence. */
export type ValueFor<I, Name> = Name extends keyof FieldsOf<I>
  ? FieldsOf<I>[Name] extends HasMany
    ? `'${Name & string}' is many-to-many: use its add() or set()`
    : InputOf<FieldsOf<I>, Name>
  : Virtual<I, Name> extends { readonly $flags: unknown; readonly $in: infer Value }
    ? Value
    : `'${Name & string}' is not a field`;

/** The values `V`, each compared with its field. */
export type CheckValues<I, V> = { [K in keyof V]: ValueFor<I, K> };

/** The same for an update, where an expression may stand for a value. */
export type CheckUpdate<I, V> = { [K in keyof V]: ValueFor<I, K> | Assigned<I, V[K], ValueFor<I, K>> };

/** The fields that `create` cannot do without. */
export type RequiredNames<Fields> = {
  [K in keyof Fields]: IsOptional<FlagsIn<Fields, K>, Fields[K]> extends true ? never : K;
}[keyof Fields];

/** True when a new object may be given no value: also for a key that the database or the library makes. */
export type IsOptional<Flags, F> = [Flags & Exclude<Flag, "primaryKey">] extends [never]
  ? "primaryKey" extends Flags
    ? "given" extends Flags
      ? false
      : F extends { readonly $lookups: { readonly icontains: unknown } }
        ? false
        : true
    : false
  : true;

/** The values that `create` cannot do without. The same for all calls, so that it is made once per model. */
export type NeededBy<I> = { [K in RequiredNames<FieldsOf<I>>]: InputOf<FieldsOf<I>, K> };

/** The same without the names `Given`. */
export type NeededBesides<I, Given> = {
  [K in Exclude<RequiredNames<FieldsOf<I>>, Given>]: InputOf<FieldsOf<I>, K>;
};

/**
 * What a new object needs, when its key may come as `pk` and other values as defaults, `D`. What is made over a foreign key's
 * other side is bound: which foreign key that is, no type tells, so none is asked for.
 */
export type Missing<I, V, D = {}, Bound = false> = MissingColumns<I, V, D> &
  ([Bound] extends [true] ? unknown : MissingRelations<FieldsOf<I>, keyof V | keyof D>) &
  CheckTwice<I, V & D>;

/** The same without the objects it refers to. */
export type MissingColumns<I, V, D = {}> = V extends { readonly pk: unknown }
  ? NeededBesides<I, keyof D | KeyName<FieldsOf<I>>>
  : [keyof D] extends [never]
    ? NeededBy<I>
    : NeededBesides<I, keyof D>;

/** The foreign keys that a new object needs, when it is given the names `Given`. */
export type MissingRelations<Fields, Given> =
  MissingNames<Fields, ToOneFields<Fields>, Given> extends infer Name extends string
    ? Reference<Name, `give '${Name}' or '${Name}Id'`>
    : never;

/** Their names. */
export type MissingNames<Fields, Names extends keyof Fields, Given> = {
  [K in Names]: IsMissing<FlagsIn<Fields, K>, K, Given> extends true ? K : never;
}[Names];

/** True when a foreign key is required, and neither `user` nor `userId` is given. */
export type IsMissing<Flags, Name, Given> = [Extract<Flags, "null" | "default">] extends [never]
  ? [Extract<Name | `${Name & string}Id` | ("key" extends Flags ? "pk" : never), Given>] extends [never]
    ? true
    : false
  : false;

/** Foreign keys that are missing. The compiler shows the advice with the type's name. */
export type Reference<Name extends string, _Advice extends string> = { [K in Name]: unknown };

/** A sentence where an object and its key are given both. */
export type CheckTwice<I, V> = {
  [K in ToOneFields<FieldsOf<I>> & keyof V & string as `${K}Id` extends keyof V
    ? `${K}Id`
    : never]?: Problem<`'${K}' and '${K}Id' are one value: give one of them`>;
};

/** Options of `bulkUpdate`. */
export interface BulkOptions extends UsingOptions {
  /** how many objects go into one statement; as many as the database takes when left out */
  batchSize?: number;
}

/** Options of `bulkCreate`. */
export interface BulkCreateOptions<I> extends BulkOptions {
  /** rows that would break a unique rule are left out */
  ignoreConflicts?: boolean;
  /** on a conflict, these fields of the row that is there are set */
  updateFields?: readonly WritableNames<I>[];
  /** the unique fields whose conflict is meant */
  onConflict?: readonly WritableNames<I>[];
}

/** `T` without its undefined members: those that might be are optional. */
export type OmitUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The type of `omitUndefined`, which drops undefined members on purpose: `User.filter(omitUndefined({ name }))`.
 */
export interface OmitUndefinedFunction {
  <T extends object>(values: T): OmitUndefined<T>;
}
