import { ConfigurationError } from "../base/errors.js";
import type { MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import type { Field } from "../fields/field.js";
import type { RelationField } from "../fields/relation.js";
import type { TableName } from "../sql/ast.js";
import type { IndexFactory, SpatialIndexFactory, SpatialIndexOptions } from "../types/meta.js";
import type { Relation } from "./relation.js";

/** An index over fields, as a model's `indexes` may hold it. */
export interface IndexOptions {
  readonly fields: readonly string[];
  /** default: `idx_<table>_<first column>_<hash>` */
  readonly name?: string;
  /** only rows with these values are in the index (a partial index) */
  readonly where?: Readonly<Record<string, unknown>>;
  readonly unique?: boolean;
  /** it is over the words of texts */
  readonly fullText?: FullText;
  /** it is over shapes */
  readonly spatial?: true;
}

/** How a full-text index takes texts apart. */
export interface FullText {
  readonly tokenizer: string | null;
}

/** A rule of a table that no field can say. */
export interface ConstraintOptions {
  readonly name: string;
  /** a condition in SQL, written by the model's author: `"price" >= 0` */
  readonly check: string;
}

/** The second argument of `Model.define`. */
export interface ModelOptions {
  readonly table?: string;
  readonly schema?: string;
  readonly abstract?: boolean;
  readonly description?: string;
  readonly uniqueTogether?: readonly (readonly string[])[] | readonly string[];
  readonly indexes?: readonly (readonly string[] | IndexOptions)[];
  readonly constraints?: readonly ConstraintOptions[];
  readonly ordering?: readonly string[];
  readonly app?: string;
  readonly manager?: object;
  readonly naming?: "snake" | "preserve";
  readonly managed?: boolean;
  readonly defaultConnection?: string;
  readonly version?: string;
}

/** What `Model.define` was given, one step of inheritance each. */
export interface Definition {
  readonly fields: Readonly<Record<string, Field | RelationField>>;
  readonly options: ModelOptions;
  readonly parent: Definition | null;
}

/** Writes a row into a new object: made once per plan. */
export type Fill = (object: Record<string, unknown>, row: unknown[]) => void;

/** A row as it was read or written, in stored form: what `save` compares with. */
export interface Stored {
  /** the fields that the row holds, in order */
  readonly fields: readonly Field[];
  readonly row: readonly unknown[];
}

/** What an object keeps of its row: a whole row as it is, a row of some fields with them, null while there is none. */
export type Held = readonly unknown[] | Stored | null;

/** How the layers below `model/` make and read its objects. */
export interface Objects {
  /** Makes an object from a whole row, which the object keeps. */
  readonly fromRow: (fill: Fill, row: unknown[]) => Record<string, unknown>;
  /** Makes an object from a row of some fields. */
  readonly fromPartialRow: (fill: Fill, row: unknown[], fields: readonly Field[]) => Record<string, unknown>;
  /** Makes a new object, as the user would: defaults filled in, unknown names refused. */
  readonly fromValues: (values: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  /** The same with a copy of each value that its giver could change. */
  readonly fromGiven: (values: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  /** The row that the object came from or went to; null for a new object. */
  readonly storedOf: (object: object) => Stored | null;
  /** Says that the object is stored as this row; null: that it is new. */
  readonly remember: (object: object, stored: Stored | null) => void;
  /** A new question about the model's rows, as its default manager starts it: a QueryState, which this layer does not know. */
  readonly start: () => object;
  /** Gives the model's objects an attribute for a relation. */
  readonly addRelation: (relation: Relation) => void;
  /** Says what a relation of the object leads to: an object, null, or a list. It is an attribute of the object's own then. */
  readonly relate: (object: object, relation: Relation, loaded: object | null) => void;
  /** What `relate` said last of a relation; undefined: nothing, or it was forgotten. */
  readonly related: (object: object, relation: Relation) => object | null | undefined;
  /** Makes a relation unloaded again. */
  readonly unrelate: (object: object, relation: Relation) => void;
  /** The two as the object keeps it, for those who come by often. */
  readonly held: (object: object) => Held;
  readonly hold: (object: object, held: Held) => void;
}

/** One object that is about to be written, as its listeners are told of it. */
export interface Heard {
  readonly instance: object;
  readonly usingDb: Client;
  /** the names that `save` was told to write; null: whatever changed */
  readonly updateFields: readonly string[] | null;
  /** the write is an INSERT */
  readonly created: boolean;
}

/**
 * Whoever listens to the writes of a model's objects. What they do is said in `model/signals.ts` alone, so that a program in
 * which nobody listens does not load it.
 */
export interface Listening {
  /** Saves between the listeners of before and after. */
  readonly save: (heard: Heard, write: () => MaybePromise<void>) => MaybePromise<void>;
  /** Deletes between the listeners of before and after. */
  readonly delete: (heard: Heard, write: () => MaybePromise<void>) => MaybePromise<void>;
}

/** A model class, as far as the layers below `model/` know it. */
export interface ModelLike {
  readonly prototype: object;
  readonly [DEFINITION]?: Definition;
  readonly [LISTENING]?: Listening | null;
  [META]?: Meta;
}

/** Where a model class keeps what `define` was given. */
export const DEFINITION: unique symbol = Symbol("terrapin.definition");
/** Where a registered model class keeps its Meta. */
export const META: unique symbol = Symbol("terrapin.meta");
/** Where a model class keeps who listens to it: listeners may come before it is registered. */
export const LISTENING: unique symbol = Symbol("terrapin.listening");

/** All that the library knows of one registered model. One per class, made once. */
export interface Meta {
  /** the key under which the model was registered, never `class.name` */
  readonly name: string;
  readonly app: string;
  /** `app.name` */
  readonly label: string;
  readonly model: ModelLike;
  readonly table: TableName;
  readonly fields: readonly Field[];
  readonly names: readonly string[];
  readonly field: ReadonlyMap<string, Field>;
  readonly pk: Field;
  /** position of `pk` in `fields` */
  readonly pkIndex: number;
  readonly ordering: readonly string[];
  readonly indexes: readonly IndexOptions[];
  readonly uniqueTogether: readonly (readonly string[])[];
  readonly constraints: readonly ConstraintOptions[];
  readonly description: string | null;
  readonly managed: boolean;
  readonly defaultConnection: string | null;
  /** counts the saves of a row, so that nobody writes over what somebody else has written; null: nothing does */
  readonly version: Field | null;
  readonly objects: Objects;
  /** who listens to its objects; null while nobody does, and that is all that a write looks at */
  listening: Listening | null;
  /** both ends of every relation, by attribute */
  readonly relations: ReadonlyMap<string, Relation>;
  /** its own relations know what they lead to */
  readonly linked: boolean;
  /** What the plan layer keeps per dialect. */
  readonly kept: { readonly dialect: object; readonly plans: unknown }[];
}

/** The Meta of a model class, or a ConfigurationError that says how to register it. */
export function metaOf(model: object): Meta {
  const meta = (model as ModelLike)[META];
  // A class that only inherits from a registered one is another model.
  if (meta !== undefined && meta.model === model) return meta;
  const name = (model as { name?: string }).name || "this model";
  throw new ConfigurationError(`${name} is not registered`, {
    code: "not_registered",
    hint: "pass it to Terrapin.init({ models: { … } })",
  });
}

/** The names a user may write, for hints. */
export function knownNames(meta: Meta): string {
  const relations = Array.from(meta.relations.values(), ({ name, hidden }) => (hidden ? [] : [name])).flat();
  return [...meta.names, "pk", ...relations].join(", ");
}

/** The field of a name: `user` is the field behind the relation, `pk` the key. Undefined where there is no column. */
export const columnField = (meta: Meta, name: string): Field | undefined =>
  meta.field.get(name) ?? (name === "pk" ? meta.pk : meta.field.get(`${name}Id`));

/**
 * An index with more to say than its fields: `indexes: [Index({ fields: ["email"], where: { isActive: true } })]`.
 */
export const Index: IndexFactory = ((options: IndexOptions): IndexOptions => options) as IndexFactory;

/**
 * An index over shapes, on databases that have such: `indexes: [SpatialIndex({ fields: ["place"] })]`.
 */
export const SpatialIndex: SpatialIndexFactory = (({ fields, name }: SpatialIndexOptions): IndexOptions => ({
  fields,
  ...(name !== undefined && { name }),
  spatial: true,
})) as SpatialIndexFactory;
