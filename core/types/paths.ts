// Paths: `name`, `pk`, `relation__name`, … They are parsed as typed, one name at a time; nothing lists the paths of a
// model while a program is checked.

import type { ColumnNames, FieldsOf, FlagsIn, KeyName, OwnNames, RelationFields, ValueOf } from "./keys.js";
import type { HasMany, HasTarget, ReverseField } from "./relations.js";
import type { TARGET } from "./symbols.js";

/** A sentence for the user, shown by the compiler where a name is wrong. */
export interface Problem<Sentence extends string> {
  readonly $problem: Sentence;
}

/** Where a relation leads; never when the attribute is none. */
export type TargetOf<Attribute> = Attribute extends { readonly [TARGET]: infer I } ? I : never;

/** The relation `Name`: the field, or the attribute where another model defines it; never when there is none. */
export type RelationAt<I, Name> = Extract<
  Name extends keyof FieldsOf<I> ? FieldsOf<I>[Name] : Name extends keyof I ? I[Name] : never,
  HasTarget
>;

/** The field that a path ends in, or a `Problem`. */
export type PathEnd<I, Path> = Path extends keyof FieldsOf<I>
  ? FieldsOf<I>[Path]
  : Path extends `${infer Head}__${infer Rest}`
    ? PathThrough<RelationAt<I, Head>, Head, Rest>
    : Virtual<I, Path>;

/** One step of a path, over the relation `Head`. */
export type PathThrough<Relation, Head, Rest> = [Relation] extends [never]
  ? Problem<`'${Head & string}' is not a relation`>
  : PathEnd<TargetOf<Relation>, Rest>;

/** Names that are not fields themselves: `pk`, and the relations that the class declares. */
export type Virtual<I, Name> = Name extends "pk"
  ? FieldsOf<I>[KeyName<FieldsOf<I>>]
  : Name extends keyof I
    ? Declared<TargetOf<I[Name]>, Name>
    : Problem<`'${Name & string}' is not a field`>;

/** A relation that another model defines, and the class declares. */
export type Declared<Target, Name> = [Target] extends [never]
  ? Problem<`'${Name & string}' is not a field`>
  : ReverseField<Target>;

/** Nothing to add where a path ends in a column; else a `Problem`. */
export type CheckPath<I, Path> =
  Path extends OwnNames<I>
    ? unknown
    : Path extends string
      ? PathEnd<I, Path> extends infer End
        ? CheckEnd<End, Path>
        : never
      : unknown;

/** The verdict on where a path ends. */
export type CheckEnd<End, Path extends string> = End extends { readonly $problem: string }
  ? End
  : End extends HasTarget
    ? Problem<`'${Path & string}' is a relation: name one of its fields`>
    : unknown;

/** The value at a path: null, too, where a relation on the way may be missing. */
export type PathValue<I, Path> = Path extends keyof FieldsOf<I>
  ? ValueOf<FieldsOf<I>, Path>
  : PathEnd<I, Path> extends { readonly $get: infer Value }
    ? Value | PathNull<I, Path>
    : never;

/** `null` when a relation on the way may be missing. */
export type PathNull<I, Path> = Path extends `${infer Head}__${infer Rest}` ? StepNull<I, Head, Rest> : never;

/** `null` when this relation, or one after it, may be missing: those that other models define always may. */
export type StepNull<I, Head, Rest> = Head extends keyof FieldsOf<I>
  ? FieldNull<FieldsOf<I>[Head]> | PathNull<TargetOf<FieldsOf<I>[Head]>, Rest>
  : null;

/** `null` when this relation may be missing. */
export type FieldNull<Relation> = Relation extends HasMany
  ? null
  : Relation extends { readonly $flags: infer Flags }
    ? "null" extends Flags
      ? null
      : never
    : never;

/**
 * For completion: the names that are near at hand, those behind the model's own relations among them. Others are checked as
 * typed. Attributes are not looked at here: a getter whose type comes from a query would be a circle.
 */
export type NearNames<I> = NamesNear<FieldsOf<I>> | "pk";

/** Columns, and those one step away. Where there is no relation, all fields are columns. */
export type NamesNear<Fields> =
  "relation" extends FlagsIn<Fields, keyof Fields>
    ? (ColumnNames<Fields> & string) | NamesBehind<Fields, RelationFields<Fields>>
    : keyof Fields & string;

/** The columns one step away. */
export type NamesBehind<Fields, Names extends keyof Fields> = {
  [K in Names & string]: `${K}__${OwnNames<TargetOf<Fields[K]>>}`;
}[Names & string];

/** The same with a `-` for descending order. */
export type OrderNames<I> = NearNames<I> | `-${NearNames<I>}`;

/** The path in a name to order by. */
export type OrderPath<Name> = Name extends `-${infer Path}` ? Path : Name;
