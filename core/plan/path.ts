import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import { findLookup, lookupNamed, lookupNames, RELATION } from "../lookups/index.js";
import type { Lookup } from "../lookups/lookup.js";
import type { Annotation } from "../query/state.js";
import { knownNames, type Meta } from "../schema/meta.js";
import { noRelation, type Relation } from "../schema/relation.js";

/** A column, and the relations on the way to it. */
export interface FieldPath {
  readonly text: string;
  readonly steps: readonly Relation[];
  readonly field: Field;
}

/** A filter key taken apart: `user__age__gte` goes along `user` to the field `age`, for the lookup `gte`. */
export interface Path extends FieldPath {
  readonly lookup: Lookup;
  /** the relation whose objects, or keys, are the values; null where the path ends in a column */
  readonly relation: Relation | null;
  /** the computed value that it names; its field is known when it is built */
  readonly annotation: string | null;
  /** the name of the lookup */
  readonly word: string;
}

/** Words that may follow the name of a relation; a field of the target with such a name comes first. */
const RELATION_LOOKUPS = ["exact", "not", "in", "not_in", "isnull", "not_isnull"];

/** Takes a filter key apart, or throws a FieldError that lists what would be right. */
export function parsePath(meta: Meta, text: string, annotations: readonly Annotation[] = []): Path {
  const annotation = annotationIn(annotations, text);
  if (annotation !== null) return parseAnnotation(text, annotation);
  const { steps, field, relation, rest } = follow(meta, text);
  const word = rest ?? "exact";
  const lookup = findLookup(word, relation === null ? field : RELATION);
  if (lookup !== null) return { text, steps, field, relation, lookup, word, annotation };
  throw new FieldError(
    `${ownerOf(meta, steps).name}: "${word}" is not a lookup of ${field.kind} field "${field.name}" (in "${text}")`,
    {
      code: "unknown_lookup",
      hint: `known: ${lookupNames(field)}`,
    },
  );
}

/** The annotation that a path begins with. */
export function annotationIn(annotations: readonly Annotation[], text: string): string | null {
  if (annotations.length === 0) return null;
  const at = text.indexOf("__");
  const head = at < 0 ? text : text.slice(0, at);
  return annotations.some(({ name }) => name === head) ? head : null;
}

/** What can be said of a lookup before the type of its left side is known: lookups of one name take the same values. */
function parseAnnotation(text: string, annotation: string): Path {
  const word = text === annotation ? "exact" : text.slice(annotation.length + 2);
  const field = { name: annotation } as Field;
  return { text, steps: [], field, relation: null, lookup: lookupNamed(word), word, annotation };
}

/** The column, or the key behind a relation, at a path: for expressions. */
export function parseOperandPath(meta: Meta, text: string): FieldPath {
  const { steps, field, rest, relation } = follow(meta, text);
  if (rest !== null)
    fieldAt(relation?.target ?? ownerOf(meta, steps), relation === null ? `${field.name}__${rest}` : rest, text);
  return { text, steps, field };
}

/** The column at a path, for calls that read, order or set: no lookup may follow. */
export function parseFieldPath(meta: Meta, text: string): FieldPath {
  const { steps, field, relation, rest } = follow(meta, text);
  if (relation !== null && rest === null)
    throw new FieldError(`"${text}" is a relation of ${relation.meta.name}, not a value`, {
      code: "relation",
      hint:
        isForward(relation) && !text.includes("__")
          ? `its column is ${relation.from.name}; its fields are ${text}__${relation.target.pk.name}, …`
          : `name one of its fields: ${text}__${relation.target.pk.name}`,
    });
  // Throws: no name of a model has two underscores.
  if (rest !== null)
    fieldAt(relation?.target ?? ownerOf(meta, steps), relation === null ? `${field.name}__${rest}` : rest, text);
  return { text, steps, field };
}

const ownerOf = (meta: Meta, steps: readonly Relation[]): Meta => steps.at(-1)?.target ?? meta;

interface Followed {
  readonly steps: readonly Relation[];
  readonly field: Field;
  /** set where the path ends in a relation instead of a column */
  readonly relation: Relation | null;
  /** what follows the last name that is known */
  readonly rest: string | null;
}

/** Goes along the names of a path as far as they lead. */
function follow(meta: Meta, text: string): Followed {
  const steps: Relation[] = [];
  let owner = meta;
  let before: Relation | null = null;
  let rest: string | null = text;
  while (rest !== null) {
    const at = rest.indexOf("__");
    const name = at < 0 ? rest : rest.slice(0, at);
    const field = owner.field.get(name) ?? (name === "pk" ? owner.pk : undefined);
    const relation = field === undefined ? owner.relations.get(name) : undefined;
    if (field === undefined && relation === undefined) {
      if (before !== null && (at < 0 ? RELATION_LOOKUPS.includes(name) : false)) break;
      // Throws: there is no such name.
      fieldAt(owner, name, text);
    }
    rest = at < 0 ? null : rest.slice(at + 2);
    if (field !== undefined) {
      // The column that points to this field holds the same value, without a join.
      if (before !== null && field === before.to && isForward(before))
        return { steps, field: before.from, relation: null, rest };
      if (before !== null) steps.push(before);
      return { steps, field, relation: null, rest };
    }
    if (before !== null) steps.push(before);
    before = relation!;
    owner = relation!.target;
  }
  const end = before!;
  if (isForward(end)) return { steps, field: end.from, relation: end, rest };
  return { steps: [...steps, end], field: end.target.pk, relation: end, rest };
}

/** True where the owner itself has the column. */
export const isForward = (relation: Relation): boolean => !relation.backward && relation.through === null;

/** The relations of a path that names one of them last: for loading. */
export function parseRelations(meta: Meta, text: string): Relation[] {
  let owner = meta;
  return text.split("__").map((name) => {
    const relation = owner.relations.get(name);
    if (relation === undefined || relation.hidden) throw noRelation(owner, name, text);
    owner = relation.target;
    return relation;
  });
}

/** The field of a name, `pk` included. `where` is what the user wrote, for the message. */
export function fieldAt(meta: Meta, name: string, where: string): Field {
  const field = meta.field.get(name) ?? (name === "pk" ? meta.pk : undefined);
  if (field !== undefined) return field;
  const inside = where === name ? "" : ` (in "${where}")`;
  const relation = meta.relations.get(name);
  throw new FieldError(`${meta.name} has no field "${name}"${inside}`, {
    code: "unknown_field",
    hint:
      relation !== undefined && isForward(relation)
        ? `the column of this relation is ${relation.from.name}`
        : `known: ${knownNames(meta)}`,
  });
}
