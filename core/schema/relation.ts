import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { RelationField, RelationKind } from "../fields/relation.js";
import type { TableName } from "../sql/ast.js";
import type { Meta } from "./meta.js";

/** The table between two models of a many-to-many relation, seen from one of them. */
export interface Through {
  readonly table: TableName;
  /** the column that holds the key of the model one looks from */
  readonly near: string;
  /** the column that holds the key of the model one looks at */
  readonly far: string;
  /** the model that owns the table; null when it is made for the relation alone */
  readonly meta: Meta | null;
  /** no pair can stand there twice */
  readonly unique: boolean;
}

/** One end of a relation between two registered models: what an attribute, a path or a load goes along. */
export interface Relation {
  /** the attribute */
  readonly name: string;
  readonly kind: RelationKind;
  /** this end was made by the other model's definition */
  readonly backward: boolean;
  /** no attribute: `relatedName: false` */
  readonly hidden: boolean;
  /** leads to any number of objects */
  readonly many: boolean;
  /** there may be no object */
  readonly nullable: boolean;
  /** the model that has it */
  readonly meta: Meta;
  /** the model that it leads to */
  readonly target: Meta;
  /** the field of `meta` that `to`, or `through.near`, must equal */
  readonly from: Field;
  /** the field of `target` that must equal `from`, or `through.far` */
  readonly to: Field;
  readonly through: Through | null;
  /** what its author wrote */
  readonly field: RelationField;
  /** the other end */
  readonly reverse: Relation;
}

/** True when every object has one: the join to it loses no row. */
export const isCertain = (relation: Relation): boolean =>
  !relation.nullable && !relation.many && relation.field.options.dbConstraint !== false;

/** What the relation fields of a model brought, for a path that begins with one of its relations; each layer knows its own part. */
export function broughtBy(meta: Meta, path: string): object {
  for (const { field } of meta.relations.values()) return field.brings;
  throw noRelation(meta, path);
}

/** The error for a path that does not begin with a relation of the model. `within`: the whole path. */
export function noRelation(meta: Meta, path: string, within: string = path): FieldError {
  const [name] = path.split("__");
  const known = Array.from(meta.relations.values()).filter(({ hidden }) => !hidden);
  return new FieldError(`${meta.name} has no relation "${name}"${within === name ? "" : ` (in "${within}")`}`, {
    code: "unknown_relation",
    hint: `known: ${known.map((relation) => relation.name).join(", ") || "none"}`,
  });
}
