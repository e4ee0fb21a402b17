// How a model instance knows its fields, and which of them is its key.

import type { Field } from "./fields.js";
import type { OrderedLookups } from "./lookups.js";
import type { HasId, HasTarget } from "./relations.js";
import type { FIELDS } from "./symbols.js";

/** An instance of a model with the fields `Fields`, as far as all models are alike. */
export interface HasFields<Fields> {
  readonly [FIELDS]: WithIds<Fields>;
  /** The key, whatever its name. */
  pk: KeyValue<WithIds<Fields>>;
}

/** The fields of a model instance, with `userId` where `user` is a foreign key. */
export type FieldsOf<I> = I extends { readonly [FIELDS]: infer Fields } ? Fields : {};

/** Fields, and the columns of their relations. The flags are asked first, because they are known anyway. */
export type WithIds<Fields> = "relation" extends FlagsIn<Fields, keyof Fields> ? Fields & IdFields<Fields> : Fields;

/** The columns of relations. */
export type IdFields<Fields> = {
  [K in ReferenceNames<Fields> as `${K & string}Id`]: Fields[K]["$id" & keyof Fields[K]];
};

/** The key of a model that defines none: an integer that counts up. */
export interface ImplicitKey {
  id: Field<number, "primaryKey" | "generated", OrderedLookups<number>>;
}

/**
 * The fields that a definition gives its model: with `id` when no field of it or of its parents (`All`) is the key,
 * unless the model is abstract.
 */
export type WithKey<Fields, Abstract, All = Fields> = Abstract extends true
  ? Fields
  : "id" extends keyof All
    ? Fields
    : [Extract<FlagsIn<All, keyof All>, "primaryKey" | "key">] extends [never]
      ? ImplicitKey & Fields
      : Fields;

/** All flags of the fields `Names`, as one union. */
export type FlagsIn<Fields, Names extends keyof Fields> = Fields[Names]["$flags" & keyof Fields[Names]];

/** The name of the key field. `id` is looked at first, because it usually is. */
export type KeyName<Fields> =
  "primaryKey" extends FlagsIn<Fields, "id" & keyof Fields>
    ? "id" & keyof Fields
    : { [K in keyof Fields]: "primaryKey" extends FlagsIn<Fields, K> ? K : never }[keyof Fields];

/** The type of the key. An abstract model without one has `unknown`, which its children make precise. */
export type KeyValue<Fields> = [KeyName<Fields>] extends [never] ? unknown : ValueOf<Fields, KeyName<Fields>>;

/** What reading the field `Name` gives. */
export type ValueOf<Fields, Name extends keyof Fields> = Fields[Name]["$get" & keyof Fields[Name]];

/** What writing the field `Name` takes. */
export type InputOf<Fields, Name extends keyof Fields> = Fields[Name]["$in" & keyof Fields[Name]];

/** The type of a model's key. */
export type KeyOf<I> = KeyValue<FieldsOf<I>>;

/** What a key may be given as: `5` for a bigint key, too. */
export type KeyInput<I> =
  KeyName<FieldsOf<I>> extends infer Name extends keyof FieldsOf<I> ? InputOf<FieldsOf<I>, Name> : unknown;

/** The names of a model's own columns. */
export type OwnNames<I> = ColumnNames<FieldsOf<I>> & string;

/** The names of columns among fields: all, where there is no relation. */
export type ColumnNames<Fields> =
  "relation" extends FlagsIn<Fields, keyof Fields>
    ? { [K in keyof Fields]: Fields[K] extends HasTarget ? never : K }[keyof Fields]
    : keyof Fields;

/** The names of relations among fields. */
export type RelationFields<Fields> =
  "relation" extends FlagsIn<Fields, keyof Fields>
    ? { [K in keyof Fields]: Fields[K] extends HasTarget ? K : never }[keyof Fields]
    : never;

/** The names of foreign keys among fields. */
export type ToOneFields<Fields> = "relation" extends FlagsIn<Fields, keyof Fields> ? ReferenceNames<Fields> : never;

/** The same where one is known to be there. */
export type ReferenceNames<Fields> = {
  [K in keyof Fields]: Fields[K] extends HasId ? K : never;
}[keyof Fields];

/** The names under which columns are written: `user` stands for `userId`. */
export type WritableNames<I> = (ColumnNames<FieldsOf<I>> | ToOneFields<FieldsOf<I>>) & string;
