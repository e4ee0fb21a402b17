import { snakeCase } from "../base/names.js";
import type { Field } from "../fields/field.js";
import { KeyField, type RelationField } from "../fields/relation.js";
import { backwardName, wrong } from "./ends.js";
import type { Meta } from "./meta.js";
import type { Relation, Through } from "./relation.js";
import type { Registry } from "./registry.js";

/** What `fields.manyToMany` brings to find the table in the middle. */
export interface LinkMany {
  readonly linkMany: typeof linkMany;
}

/** Both ends of a many-to-many relation. */
export function linkMany(
  meta: Meta,
  name: string,
  field: RelationField,
  target: Meta,
  registry: Registry,
): readonly [Relation, Relation] {
  const through = throughOf(meta, name, field, target, registry);
  const forward: { -readonly [Key in keyof Relation]: Relation[Key] } = {
    name,
    kind: "manyToMany",
    backward: false,
    hidden: false,
    many: true,
    nullable: true,
    meta,
    target,
    from: meta.pk,
    to: target.pk,
    through,
    field,
    reverse: null as never,
  };
  const backward: Relation = {
    ...forward,
    ...backwardName(meta, name, field, "s"),
    backward: true,
    meta: target,
    target: meta,
    from: target.pk,
    to: meta.pk,
    through: { ...through, near: through.far, far: through.near },
    reverse: forward,
  };
  forward.reverse = backward;
  return [forward, backward];
}

/** The table between two models: one that a model owns, or one of its own. */
function throughOf(meta: Meta, name: string, { options }: RelationField, target: Meta, registry: Registry): Through {
  const own = snakeCase(meta.name);
  const table = options.through ?? `${meta.table.name}_${target.table.name}`;
  const model = registry
    .metas()
    .find((each) => each.label === table || each.name === table || each.table.name === table);
  if (model !== undefined) {
    const far = throughColumn(meta, name, model, target, options.forwardKey, "forwardKey");
    const near = throughColumn(meta, name, model, meta, options.backwardKey, "backwardKey", far);
    const unique = model.uniqueTogether.some(
      (rule) => rule.length === 2 && rule.every((each) => [near, far].includes(columnOf(model, each) ?? "")),
    );
    return { table: model.table, near, far, meta: model, unique };
  }
  const far = options.forwardKey ?? `${snakeCase(target.name)}_id`;
  const near = options.backwardKey ?? (far === `${own}_id` ? `${own}_rel_id` : `${own}_id`);
  if (near === far)
    throw wrong(meta, name, `forwardKey and backwardKey are both "${near}"`, {
      code: "bad_option",
      hint: "they are two columns of one table",
    });
  return {
    table: { schema: meta.table.schema, name: table },
    near,
    far,
    meta: null,
    unique: options.uniqueIndex !== false,
  };
}

/** The column of a model in the middle that points to one of the ends. */
function throughColumn(
  meta: Meta,
  name: string,
  model: Meta,
  end: Meta,
  given: string | undefined,
  option: string,
  taken: string | null = null,
): string {
  if (given !== undefined) {
    const column = columnOf(model, given) ?? model.fields.find((field) => field.column === given)?.column;
    if (column !== undefined) return column;
    throw wrong(meta, name, `${model.name} has no field "${given}" (${option})`, {
      code: "unknown_field",
      hint: `known: ${model.names.join(", ")}`,
    });
  }
  const keys = model.fields
    .filter((field) => field instanceof KeyField && field.column !== taken && leadsTo(field, end))
    .map(({ column }) => column);
  if (keys.length === 1) return keys[0]!;
  throw wrong(
    meta,
    name,
    keys.length === 0
      ? `${model.name} has no foreign key to ${end.name}`
      : `${model.name} has ${keys.length} foreign keys to ${end.name}`,
    { code: "two_candidates", hint: `say which with ${option}` },
  );
}

function leadsTo(field: Field, end: Meta): boolean {
  const { to } = (field as KeyField).relation;
  return to === end.name || to === end.label;
}

/** The column behind an attribute: a field, or a to-one relation. */
const columnOf = (meta: Meta, name: string): string | undefined =>
  (meta.field.get(name) ?? meta.field.get(`${name}Id`))?.column;
