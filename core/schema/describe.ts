import { describeField, type FieldDescription } from "../fields/describe.js";
import type { IndexOptions, Meta } from "./meta.js";

/** A model in the seeds' shape; serializable unless asked otherwise. */
export interface ModelDescription {
  readonly name: string;
  readonly app: string;
  readonly table: string;
  readonly abstract: boolean;
  readonly description: string | null;
  /** always null: classes have no docstring; use `description` */
  readonly docstring: null;
  readonly unique_together: readonly (readonly string[])[];
  readonly indexes: readonly (readonly string[] | IndexOptions)[];
  readonly pk_field: FieldDescription;
  readonly data_fields: readonly FieldDescription[];
  readonly fk_fields: readonly FieldDescription[];
  readonly backward_fk_fields: readonly FieldDescription[];
  readonly o2o_fields: readonly FieldDescription[];
  readonly backward_o2o_fields: readonly FieldDescription[];
  readonly m2m_fields: readonly FieldDescription[];
}

/** Describes one registered model. `serializable: false` gives functions and values as they are. */
export function describeModel(meta: Meta, serializable: boolean): ModelDescription {
  return {
    name: meta.label,
    app: meta.app,
    table: meta.table.name,
    abstract: false,
    description: meta.description,
    docstring: null,
    unique_together: meta.uniqueTogether.map((names) => names.slice()),
    indexes: meta.indexes.map((index) =>
      index.name === undefined && index.where === undefined && !index.unique ? index.fields.slice() : { ...index },
    ),
    pk_field: describeField(meta.pk, serializable),
    data_fields: meta.fields.filter((field) => !field.primaryKey).map((field) => describeField(field, serializable)),
    fk_fields: [],
    backward_fk_fields: [],
    o2o_fields: [],
    backward_o2o_fields: [],
    m2m_fields: [],
  };
}
