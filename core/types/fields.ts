// A field carries ready-made types: what reading gives, what writing and filtering take, and its lookups. A model is
// then one mapped type over indexed accesses, and a field's options are looked at once, where it is defined.

import type {
  AnyLookups,
  DateLookups,
  DatetimeLookups,
  JsonLookups,
  OrderedLookups,
  TextLookups,
  TimeLookups,
} from "./lookups.js";
import type { Problem } from "./paths.js";
import type { ManyToManyField, ToOneField } from "./relations.js";

/** The options that the types of a model depend on. */
export type Flag =
  | "primaryKey"
  | "null"
  | "blank"
  | "default"
  | "dbDefault"
  | "generated"
  | "autoNow"
  | "autoNowAdd"
  | "relation"
  | "key";

/** `T`, or null where the flags allow it. */
export type Nullable<Flags, T> = "null" extends Flags ? T | null : T;

/**
 * A column of a model: `Value` is what reading gives, `Lookups` says what may be asked of it. Its members are types
 * only: a program reads nothing from a field.
 */
export interface Field<Value, Flags, Lookups> {
  /** the type of the attribute */
  readonly $get: Nullable<Flags, Value>;
  /** the type that filters and writes take */
  readonly $in: Nullable<Flags, Lookups["exact" & keyof Lookups]>;
  readonly $lookups: Lookups;
  readonly $flags: Flags;
}

/** The first argument of `Model.define`: the model's fields under their names. */
export interface FieldMap {
  readonly [name: string]: { readonly $flags: unknown };
}

/** A rule for values, run before every write: it throws, or returns a sentence, when it refuses. Null is never passed. */
export interface FieldValidator<T> {
  (value: T): unknown;
  /** What `describe()` tells of the rule. */
  readonly describe?: () => Readonly<Record<string, unknown>>;
}

/**
 * The options of every field. Those that are only ever `true` are left out to say no.
 */
export interface CommonOptions<T> {
  /** this field is the model's key */
  primaryKey?: true;
  /** the database makes the value; an integer key counts up unless this is false */
  generated?: boolean;
  /** the column may hold NULL */
  null?: true;
  /** the value of a new object that is given none, or a function that makes it */
  default?: T | (() => T | PromiseLike<T>);
  /** the column's own DEFAULT */
  dbDefault?: T | null;
  unique?: boolean;
  index?: boolean;
  /** the column's name, when it is not the field's in snake case */
  column?: string;
  description?: string;
  validators?: readonly FieldValidator<T>[];
}

/** Options of text. */
export interface TextOptions extends CommonOptions<string> {
  /** a new object that is given no text gets `""` */
  blank?: true;
  /** how the database compares and sorts these texts: the name it has there, or one for each family; default: by code points */
  collation?: string | { readonly sqlite?: string; readonly mysql?: string };
}

/** Options of UUIDs. */
export interface UuidOptions extends CommonOptions<string> {
  /** `"binary"`: in 16 bytes; default: as text of 36 characters */
  storage?: "text" | "binary";
}

/** Options of text with a length. */
export interface CharOptions extends TextOptions {
  maxLength: number;
}

/** Options of 64-bit integers. */
export interface BigIntOptions extends CommonOptions<number | bigint> {
  /** what reading gives; with `"number"`, integers that a number cannot hold are refused */
  mode?: "number" | "bigint";
}

/** Options of decimals. */
export interface DecimalOptions extends CommonOptions<string | number> {
  maxDigits: number;
  decimalPlaces: number;
  /** what reading gives: exact text, or a number on request */
  mode?: "string" | "number";
  /** how a database without decimals keeps them */
  storage?: "integer" | "text" | "numeric";
}

/** Options of dates. */
export interface DateOptions extends CommonOptions<string | Date> {}

/** Options of times of day. */
export interface TimeOptions extends CommonOptions<string> {
  /** set at every save */
  autoNow?: true;
  /** set at the first save */
  autoNowAdd?: true;
}

/** Options of instants. */
export interface DatetimeOptions extends CommonOptions<Date | string> {
  /** digits after the second: 3 reads as a Date, 6 as ISO text with microseconds */
  precision?: 3 | 6;
  /** set at every save */
  autoNow?: true;
  /** set at the first save */
  autoNowAdd?: true;
}

/** Options of enumerations kept as text. */
export interface CharEnumOptions<T> extends CommonOptions<T> {
  /** the column's length, when it should leave room for longer members */
  maxLength?: number;
}

/** The members of an enumeration: of an array, a const object or a TypeScript enum. */
export type EnumValues<E> = E extends readonly (infer V)[] ? V : Extract<E[keyof E], string | number>;

/** The options `Given`, where each is one of `Options`; a sentence for each that is not. */
export type Known<Given, Options> = Given & Options & Unknown<Exclude<keyof Given, keyof Options>>;

/** A sentence for each name. */
export type Unknown<Names> = { [K in Names & string]: Problem<`'${K}' is not an option of this field`> };

/** The flags that options set. */
export type Flags<Options> = keyof Options & Flag;

/** The same for integers, where a key counts up unless it is told not to: `"given"` says so. */
export type IntegerFlags<Options> = Options extends { generated: false }
  ? Exclude<Flags<Options>, "generated"> | "given"
  : Flags<Options>;

/** Makes a JSON field. Its type argument is the document's type: `fields.json<Settings>()`. */
export interface JsonFactory {
  <T = unknown>(options: CommonOptions<T> & { null: true }): Field<T, "null", JsonLookups<T>>;
  <T = unknown>(
    options: CommonOptions<T> & ({ default: T | (() => T | PromiseLike<T>) } | { dbDefault: T } | { generated: true }),
  ): Field<T, "default", JsonLookups<T>>;
  <T = unknown>(options?: CommonOptions<T>): Field<T, never, JsonLookups<T>>;
}

/** What the database does with the rows that refer to one that is deleted. */
export type OnDelete = "CASCADE" | "RESTRICT" | "SET_NULL" | "SET_DEFAULT" | "NO_ACTION";

/**
 * What a foreign key may be by default: any value that a key may have. Which one it has cannot be asked here, where a model
 * may refer to itself and is not known yet; it is checked when the models are registered.
 */
export type DefaultKey = string | number | bigint | Date | Uint8Array;

/** Options of a foreign key. */
export interface RelationOptions {
  /** the relation's name on the other side; when left out, this model's name with a small letter first, and an s where that is several; false for none */
  relatedName?: string | false;
  /** `"CASCADE"` when left out */
  onDelete?: OnDelete;
  /** the relation may lead nowhere, and its column hold NULL */
  null?: true;
  /** the key that a new object refers to when it is given none, or a function that makes it */
  default?: DefaultKey | (() => DefaultKey | PromiseLike<DefaultKey>);
  /** the column's own DEFAULT */
  dbDefault?: DefaultKey | null;
  unique?: boolean;
  index?: boolean;
  /** false: the database is not told that this refers to another table */
  dbConstraint?: boolean;
  /** the other model's unique field that the column holds, when it is not the key; the type argument says so, too */
  toField?: string;
  /** the column's name, when it is not the field's in snake case with `_id` */
  column?: string;
  description?: string;
}

/** Options of a one-to-one relation. */
export interface OneToOneOptions extends RelationOptions {
  /** the relation is the model's key as well */
  primaryKey?: true;
}

/** Options of a many-to-many relation. */
export interface ManyToManyOptions {
  /** the relation's name on the other side; when left out, this model's name with a small letter first, and an s where that is several; false for none */
  relatedName?: string | false;
  /** the name of the table, or model, between the two */
  through?: string;
  /** the column there that refers to the other model */
  forwardKey?: string;
  /** the column there that refers to this model */
  backwardKey?: string;
  /** what happens to rows of the table between when one of the two is deleted */
  onDelete?: OnDelete;
  /** false: the database is not told what the table between refers to */
  dbConstraint?: boolean;
  /** false: the same two may be related more than once */
  uniqueIndex?: boolean;
  description?: string;
}

/** Options without a default. */
export interface NoDefault {
  default?: never;
  dbDefault?: never;
}

/** A second type argument and `toField` say the same, so they come together. */
export type ToField<K> = K extends "pk" ? { readonly toField?: "pk" } : { readonly toField: K };

/** What a foreign key is told after its model's name: nothing at all, when it leads to the key. */
export type RelationArguments<K, Options> = K extends "pk" ? [options?: Options] : [options: Options];

/**
 * Makes a foreign key. The first type argument is the other model, and the first argument its name; the second is the
 * field that `toField` names: `fields.foreignKey<Country, "code">("Country", { toField: "code" })`. Its forms say what a
 * new object must be given: a type argument that is written leaves no other to be found.
 */
export interface ToOneFactory {
  <R, K extends string = "pk">(
    to: string,
    options: RelationOptions & ToField<K> & { null: true },
  ): ToOneField<R, "null", K>;
  <R, K extends string = "pk">(
    to: string,
    ...options: RelationArguments<K, RelationOptions & NoDefault & ToField<K>>
  ): ToOneField<R, never, K>;
  <R, K extends string = "pk">(to: string, options: RelationOptions & ToField<K>): ToOneField<R, "default", K>;
}

/** Makes a one-to-one relation: a foreign key of which no two rows have the same. */
export interface OneToOneFactory extends ToOneFactory {
  <R, K extends string = "pk">(
    to: string,
    options: OneToOneOptions & ToField<K> & { primaryKey: true; null?: never },
  ): ToOneField<R, "key", K>;
}

/** The type of `fields`: one function for each kind of column. */
export interface FieldsApi {
  /** An integer of 16 bits. */
  smallInt<O extends CommonOptions<number> = {}>(
    options?: Known<O, CommonOptions<number>>,
  ): Field<number, IntegerFlags<O>, OrderedLookups<number>>;

  /** An integer of 32 bits. */
  int<O extends CommonOptions<number> = {}>(
    options?: Known<O, CommonOptions<number>>,
  ): Field<number, IntegerFlags<O>, OrderedLookups<number>>;

  /** An integer of 64 bits: a number, or a bigint with `mode: "bigint"`. */
  bigInt<O extends BigIntOptions = {}>(
    options?: Known<O, BigIntOptions>,
  ): Field<O extends { mode: "bigint" } ? bigint : number, IntegerFlags<O>, OrderedLookups<number | bigint>>;

  /** A number with a fraction, of double precision. */
  float<O extends CommonOptions<number> = {}>(
    options?: Known<O, CommonOptions<number>>,
  ): Field<number, Flags<O> | "float", OrderedLookups<number>>;

  /** An exact decimal: text in canonical form, or a number with `mode: "number"`. */
  decimal<O extends DecimalOptions>(
    options: Known<O, DecimalOptions>,
  ): Field<O extends { mode: "number" } ? number : string, Flags<O>, OrderedLookups<string | number>>;

  /** Text of at most `maxLength` characters. */
  char<O extends CharOptions>(options: Known<O, CharOptions>): Field<string, Flags<O>, TextLookups<string>>;

  /** Text of any length. */
  text<O extends TextOptions = {}>(options?: Known<O, TextOptions>): Field<string, Flags<O>, TextLookups<string>>;

  /** True or false. */
  boolean<O extends CommonOptions<boolean> = {}>(
    options?: Known<O, CommonOptions<boolean>>,
  ): Field<boolean, Flags<O>, AnyLookups<boolean>>;

  /** A day as `"YYYY-MM-DD"`. */
  date<O extends DateOptions = {}>(
    options?: Known<O, DateOptions>,
  ): Field<string, Flags<O>, DateLookups<string | Date>>;

  /** An instant: a Date, or ISO text with microseconds with `precision: 6`. */
  datetime<O extends DatetimeOptions = {}>(
    options?: Known<O, DatetimeOptions>,
  ): Field<O extends { precision: 6 } ? string : Date, Flags<O>, DatetimeLookups<Date | string>>;

  /** A time of day as `"HH:MM:SS"`, with microseconds where there are any. */
  time<O extends TimeOptions = {}>(options?: Known<O, TimeOptions>): Field<string, Flags<O>, TimeLookups<string>>;

  /** A span of time in microseconds. */
  timeDelta<O extends CommonOptions<number> = {}>(
    options?: Known<O, CommonOptions<number>>,
  ): Field<number, Flags<O>, OrderedLookups<number>>;

  /** A UUID as text; a key that is given none gets a random one. */
  uuid<O extends UuidOptions = {}>(options?: Known<O, UuidOptions>): Field<string, Flags<O>, AnyLookups<string>>;

  /** Bytes. */
  binary<O extends CommonOptions<Uint8Array> = {}>(
    options?: Known<O, CommonOptions<Uint8Array>>,
  ): Field<Uint8Array, Flags<O>, AnyLookups<Uint8Array>>;

  /**
   * A shape in space: the 4 bytes of its SRID and then WKB, both little-endian, as MySQL stores it. Nothing looks into it; SQL of
   * your own does.
   */
  geometry<O extends CommonOptions<Uint8Array> = {}>(
    options?: Known<O, CommonOptions<Uint8Array>>,
  ): Field<Uint8Array, Flags<O>, AnyLookups<Uint8Array>>;

  /** A JSON document. */
  json: JsonFactory;

  /** One of a few integers: `[1, 2]`, a const object or a TypeScript enum. */
  intEnum<
    const E extends readonly number[] | { readonly [name: string]: number | string },
    O extends CommonOptions<EnumValues<E>> = {},
  >(
    values: E,
    options?: Known<O, CommonOptions<EnumValues<E>>>,
  ): Field<Extract<EnumValues<E>, number>, IntegerFlags<O>, OrderedLookups<Extract<EnumValues<E>, number>>>;

  /** One of a few texts: `["a", "b"]`, a const object or a TypeScript enum. Input may be a member or its text. */
  charEnum<
    const E extends readonly string[] | { readonly [name: string]: string },
    O extends CharEnumOptions<EnumValues<E>> = {},
  >(
    values: E,
    options?: Known<O, CharEnumOptions<EnumValues<E>>>,
  ): Field<EnumValues<E>, Flags<O>, TextLookups<EnumValues<E> | `${EnumValues<E> & string}`>>;

  /**
   * One object of another model. It gives two attributes: `user`, the object, and `userId`, its key.
   *
   * `user: fields.foreignKey<User>("User", { relatedName: "orders" })` makes a column `"user_id"`.
   */
  foreignKey: ToOneFactory;

  /** The same where no two objects may have the same other; on the other side it is one object, or none. */
  oneToOne: OneToOneFactory;

  /** Any number of objects of another model, and there any number of this one: `tags: fields.manyToMany<Tag>("Tag")`. */
  manyToMany<R>(to: string, options?: ManyToManyOptions): ManyToManyField<R>;
}
