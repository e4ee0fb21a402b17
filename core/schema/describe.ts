import { describeField } from "../fields/describe.js";
import type { ModelDescription } from "../types/describe.js";
import type { Meta } from "./meta.js";

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
