// Paths: `name`, `pk`, `relation__name`, … They are parsed as typed, one name at a time; nothing lists the paths of a
// model while a program is checked.

import type { FieldsOf, KeyName, OwnNames, ValueOf } from "./keys.js";
import type { MANY, TARGET } from "./symbols.js";

/** A sentence for the user, shown by the compiler where a name is wrong. */
export interface Problem<Sentence extends string> {
  readonly $problem: Sentence;
}

/** Has a relation's mark. */
export interface HasTarget {
  readonly [TARGET]: unknown;
}

/** Where a relation leads; never when the attribute is none. */
export type TargetOf<Attribute> = Attribute extends { readonly [TARGET]: infer I } ? I : never;

/** The field that a path ends in, or a `Problem`. */
export type PathEnd<I, Path> = Path extends keyof FieldsOf<I>
  ? FieldsOf<I>[Path]
  : Path extends `${infer Head}__${infer Rest}`
    ? PathThrough<I, Head, Rest>
    : Virtual<I, Path>;

/** One step of a path, over the relation `Head`. */
export type PathThrough<I, Head, Rest> = Head extends keyof I
  ? [TargetOf<I[Head]>] extends [never]
    ? Problem<`'${Head & string}' is not a relation`>
    : PathEnd<TargetOf<I[Head]>, Rest>
  : Problem<`'${Head & string}' is not a relation`>;

/** Names that are not fields themselves: `pk`, and the relations that the class declares. */
export type Virtual<I, Name> = Name extends "pk"
  ? FieldsOf<I>[KeyName<FieldsOf<I>>]
  : Name extends keyof I
    ? Declared<I, Name>
    : Problem<`'${Name & string}' is not a field`>;

/** A relation that the class declares. */
export type Declared<I, Name extends keyof I> =
  NonNullable<I[Name]> extends HasTarget ? NonNullable<I[Name]> : Problem<`'${Name & string}' is not a field`>;

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
    ? Problem<`'${Path}' is a relation: name one of its fields`>
    : unknown;

/** The value at a path: null, too, where a relation on the way may be missing. */
export type PathValue<I, Path> = Path extends keyof FieldsOf<I>
  ? ValueOf<FieldsOf<I>, Path>
  : PathEnd<I, Path> extends { readonly $get: infer Value }
    ? Value | PathNull<I, Path>
    : never;

/** `null` when a relation on the way may be missing. */
export type PathNull<I, Path> = Path extends `${infer Head}__${infer Rest}`
  ? Head extends keyof I
    ? StepNull<I[Head], Rest>
    : never
  : never;

/** `null` when this relation, or one after it, may be missing. */
export type StepNull<Relation, Rest> =
  | (Relation extends { readonly [MANY]: unknown } ? null : Extract<Relation, null>)
  | PathNull<TargetOf<Relation>, Rest>;

/** For completion: the names that are near at hand. Others are checked as typed. */
export type NearNames<I> = OwnNames<I> | "pk";

/** The same with a `-` for descending order. */
export type OrderNames<I> = NearNames<I> | `-${NearNames<I>}`;

/** The path in a name to order by. */
export type OrderPath<Name> = Name extends `-${infer Path}` ? Path : Name;
