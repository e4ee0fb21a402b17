import { loadRelations, type Loading } from "../load/prefetch.js";
import { relatedRow, type AskRelated } from "../plan/related-row.js";
import { ofDocuments } from "../lookups/json.js";
import { pairs } from "../queryset/links.js";
import type { Pairs } from "../queryset/related.js";
import { fetchTogether, type Fetching } from "../queryset/together.js";
import { linkEnds, type LinkEnds } from "../schema/ends.js";
import { linkMany, type LinkMany } from "../schema/link-many.js";
import type { FieldsApi } from "../types/fields.js";
import {
  BinaryField,
  BooleanField,
  CharEnumField,
  type EnumSource,
  GeometryField,
  IntEnumField,
  JsonField,
} from "../fields/data.js";
import type { CommonFieldOptions, Field } from "../fields/field.js";
import {
  BigIntField,
  DecimalField,
  type DecimalFieldOptions,
  FloatField,
  IntField,
  TimeDeltaField,
} from "../fields/numbers.js";
import { RelationField, type RelationFieldOptions } from "../fields/relation.js";
import { attributesOf, type Attributes } from "./attributes.js";
import { CharField, TextField, UuidField } from "../fields/text.js";
import { type AutoOptions, DateField, DatetimeField, type DatetimeFieldOptions, TimeField } from "../fields/time.js";

// One function for each kind of column. They are exports of their own, and bring what only their kind needs from the layers
// above the fields: so a bundle holds the kinds that it uses, and what they need.

type Options = CommonFieldOptions;
type Make<Name extends keyof FieldsApi> = FieldsApi[Name];
const made = <Kind extends Field>(field: Kind): never => field.check() as never;

/** An integer of 16 bits. */
export const smallInt: Make<"smallInt"> = (options?: Options) => made(new IntField(options, "smallInt"));
/** An integer of 32 bits. */
export const int: Make<"int"> = (options?: Options) => made(new IntField(options));
/** An integer of 64 bits: a number, or a bigint with `mode: "bigint"`. */
export const bigInt: Make<"bigInt"> = (options?: Options) => made(new BigIntField(options));
/** A number with a fraction, of double precision. */
export const float: Make<"float"> = (options?: Options) => made(new FloatField(options));
/** An exact decimal: text in canonical form, or a number with `mode: "number"`. */
export const decimal: Make<"decimal"> = (options: Options) => made(new DecimalField(options as DecimalFieldOptions));
/** Text of at most `maxLength` characters. */
export const char: Make<"char"> = (options: Options) => made(new CharField(options as Options & { maxLength: number }));
/** Text of any length. */
export const text: Make<"text"> = (options?: Options) => made(new TextField(options));
/** True or false. */
export const boolean: Make<"boolean"> = (options?: Options) => made(new BooleanField(options));
/** A day as `"YYYY-MM-DD"`. */
export const date: Make<"date"> = (options?: Options) => made(new DateField(options));
/** An instant: a Date, or ISO text with microseconds with `precision: 6`. */
export const datetime: Make<"datetime"> = (options?: Options) =>
  made(new DatetimeField(options as DatetimeFieldOptions | undefined));
/** A time of day as `"HH:MM:SS"`, with microseconds where there are any. */
export const time: Make<"time"> = (options?: Options) => made(new TimeField(options as AutoOptions | undefined));
/** A span of time in microseconds. */
export const timeDelta: Make<"timeDelta"> = (options?: Options) => made(new TimeDeltaField(options));
/** A UUID as text; a key that is given none gets a random one. */
export const uuid: Make<"uuid"> = (options?: Options) => made(new UuidField(options));
/** Bytes. */
export const binary: Make<"binary"> = (options?: Options) => made(new BinaryField(options));
/** A shape in space, in the bytes that MySQL stores. */
export const geometry: Make<"geometry"> = (options?: Options) => made(new GeometryField(options));
/** Whatever JSON can hold. */
export const json: Make<"json"> = (options?: Options) => made(new JsonField(options, ofDocuments));
/** One of the numbers of an enum. */
export const intEnum: Make<"intEnum"> = (values: EnumSource, options?: Options) =>
  made(new IntEnumField(values, options));
/** One of the texts of an enum. */
export const charEnum: Make<"charEnum"> = (values: EnumSource, options?: Options) =>
  made(new CharEnumField(values, options));

const relation = (kind: RelationField["kind"], brings: object): never =>
  ((to: string, options: RelationFieldOptions = {}) => new RelationField(kind, to, options, brings)) as never;

type Related = LinkEnds & Attributes & Loading & Fetching & AskRelated;
const RELATED: Related = { linkEnds, attributesOf, loadRelations, fetchTogether, relatedRow };
const MANY: Related & LinkMany & Pairs = {
  linkEnds,
  attributesOf,
  loadRelations,
  fetchTogether,
  relatedRow,
  linkMany,
  pairs,
};

/** One object of another model: `user: fields.foreignKey<User>("User")` has the column `user_id`. */
export const foreignKey: Make<"foreignKey"> = /* @__PURE__ */ relation("foreignKey", RELATED);
/** The same where no two rows have the same object. */
export const oneToOne: Make<"oneToOne"> = /* @__PURE__ */ relation("oneToOne", RELATED);
/** Any number of objects of another model, through a table between the two. */
export const manyToMany: Make<"manyToMany"> = /* @__PURE__ */ relation("manyToMany", MANY);
