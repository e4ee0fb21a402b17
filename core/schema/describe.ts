import { describeField, plainDefault } from "../fields/describe.js";
import type { FieldDescription, ModelDescription } from "../types/describe.js";
import type { Meta } from "./meta.js";
import type { Relation } from "./relation.js";

/** Describes one registered model. `serializable: false` gives functions, classes and values as they are. */
export function describeModel(meta: Meta, serializable: boolean): ModelDescription {
  const relations = [...meta.relations.values()].filter(({ hidden }) => !hidden);
  const described = (kind: Relation["kind"], backward: boolean): FieldDescription[] =>
    relations
      .filter((relation) => relation.kind === kind && relation.backward === backward)
      .map((relation) => describeRelation(relation, serializable));
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
    fk_fields: described("foreignKey", false),
    backward_fk_fields: described("foreignKey", true),
    o2o_fields: described("oneToOne", false),
    backward_o2o_fields: described("oneToOne", true),
    m2m_fields: [...described("manyToMany", false), ...described("manyToMany", true)],
  };
}

const TYPES = {
  foreignKey: ["ForeignKeyFieldInstance", "BackwardFKRelation"],
  oneToOne: ["OneToOneFieldInstance", "BackwardOneToOneRelation"],
  manyToMany: ["ManyToManyFieldInstance", "ManyToManyFieldInstance"],
} as const;

/** One end of a relation, as the seeds describe it. */
function describeRelation(relation: Relation, serializable: boolean): FieldDescription {
  const { name, kind, backward, target, from, through, field, reverse } = relation;
  const { options } = field;
  const onDelete = (options.onDelete ?? "CASCADE").replace("_", " ");
  const forward = kind !== "manyToMany" && !backward;
  const common = {
    name,
    field_type: serializable ? TYPES[kind][backward ? 1 : 0] : field.constructor,
    js_type: serializable ? target.label : target.model,
    generated: false,
    nullable: kind !== "manyToMany" && (backward ? kind === "oneToOne" || reverse.nullable : relation.nullable),
    unique: forward && from.unique,
    indexed: forward && (from.index || from.unique),
    default: forward ? (serializable ? plainDefault(from) : (from.default ?? null)) : null,
    description: backward ? null : (options.description ?? null),
    docstring: null,
    constraints: {},
    db_constraint: options.dbConstraint !== false,
  };
  if (forward) return { ...common, raw_field: from.name, on_delete: onDelete } as never;
  if (through === null) return common as never;
  return {
    ...common,
    model_name: target.label,
    related_name: reverse.hidden ? "" : reverse.name,
    forward_key: through.far,
    backward_key: through.near,
    through: through.table.name,
    on_delete: onDelete,
    _generated: backward,
  } as never;
}
