import { ConfigurationError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import { KeyField, type RelationField } from "../fields/relation.js";
import type { LinkMany } from "./link-many.js";
import type { Unlinked } from "./link.js";
import type { Meta } from "./meta.js";
import type { Relation } from "./relation.js";
import type { Registry } from "./registry.js";

type Open<T> = { -readonly [Key in keyof T]: T[Key] };

/** What relation fields bring to find what they lead to. */
export interface LinkEnds {
  readonly linkEnds: typeof linkEnds;
}

/** Both ends of each relation, which nobody has seen yet. */
export function linkEnds(unlinked: readonly Unlinked[], registry: Registry): readonly Relation[] {
  const found = unlinked.map((each) => ({ ...each, target: targetOf(each.meta, each.name, each.field, registry) }));
  // A key may point to a field that is a key itself: those are pointed first.
  const pointing = new Set<Field>();
  const point = (key: KeyField): void => {
    const one = found.find(({ meta, name }) => keyOf(meta, name) === key);
    if (one === undefined || pointing.has(key)) return;
    pointing.add(key);
    const to = pointedField(one.meta, one.name, one.field, one.target);
    if (to instanceof KeyField) point(to);
    key.pointTo(to);
  };
  for (const { meta, name, field } of found) {
    if (field.kind === "manyToMany") continue;
    checkAction(meta, name, field);
    point(keyOf(meta, name));
  }
  const ends = found.flatMap(({ meta, name, field, target }) =>
    field.kind === "manyToMany"
      ? (field.brings as LinkMany).linkMany(meta, name, field, target, registry)
      : linkOne(meta, name, field, target),
  );
  checkEnds(ends);
  return ends;
}

/** The model that a relation names: of the same app, or the only one of that name. */
function targetOf(meta: Meta, name: string, { to, kind }: RelationField, registry: Registry): Meta {
  if (to === "self") return meta;
  const metas = registry.metas();
  const found =
    metas.find((each) => each.label === to || (each.app === meta.app && each.name === to)) ??
    only(
      metas.filter((each) => each.name === to),
      meta,
      name,
      to,
    );
  if (found !== undefined) return found;
  throw wrong(meta, name, `there is no model "${to}"`, {
    code: "unknown_model",
    hint: `known: ${metas.map(({ label }) => label).join(", ")}; fields.${kind} takes the key in models, or "app.Model"`,
  });
}

function only(metas: readonly Meta[], meta: Meta, name: string, to: string): Meta | undefined {
  if (metas.length < 2) return metas[0];
  throw wrong(meta, name, `"${to}" is the name of ${metas.length} models`, {
    code: "two_candidates",
    hint: `say which: ${metas.map(({ label }) => `"${label}"`).join(" or ")}`,
  });
}

const keyOf = (meta: Meta, name: string): KeyField => meta.field.get(`${name}Id`) as KeyField;

/** The target's key, or the field that `toField` names. */
function pointedField(meta: Meta, name: string, { options }: RelationField, target: Meta): Field {
  const { toField = "pk" } = options;
  const field = toField === "pk" ? target.pk : target.field.get(toField);
  if (field === undefined)
    throw wrong(meta, name, `${target.name} has no field "${toField}"`, {
      code: "unknown_field",
      hint: `known: ${target.names.join(", ")}`,
    });
  if (field.unique) return field;
  throw wrong(meta, name, `${target.name}.${toField} is not unique, so nothing can point to it`, {
    code: "not_unique",
    hint: "give it unique: true",
  });
}

function checkAction(meta: Meta, name: string, { options }: RelationField): void {
  const { onDelete } = options;
  if (onDelete === "SET_NULL" && options.null !== true)
    throw wrong(meta, name, "onDelete SET_NULL needs null: true", {
      code: "bad_option",
      hint: "or choose another onDelete",
    });
  if (onDelete === "SET_DEFAULT" && options.dbDefault === undefined)
    throw wrong(meta, name, "onDelete SET_DEFAULT needs a dbDefault", {
      code: "bad_option",
      hint: "the database sets it, so it must know the value",
    });
}

function linkOne(meta: Meta, name: string, field: RelationField, target: Meta): readonly [Relation, Relation] {
  const key = keyOf(meta, name);
  const single = field.kind === "oneToOne";
  const forward: Open<Relation> = {
    name,
    kind: field.kind,
    backward: false,
    hidden: false,
    many: false,
    nullable: key.null,
    meta,
    target,
    from: key,
    to: pointedField(meta, name, field, target),
    through: null,
    field,
    reverse: null as never,
  };
  const backward: Relation = {
    ...forward,
    ...backwardName(meta, name, field, single ? "" : "s"),
    backward: true,
    many: !single,
    nullable: true,
    meta: target,
    target: meta,
    from: forward.to,
    to: key,
    reverse: forward,
  };
  forward.reverse = backward;
  return [forward, backward];
}

let made: string | null = null;
/** Part of the names of hidden ends: a filter may be made of a stranger's text, which must not name them. */
const secret = (): string => (made ??= Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2));

/** What the other end is called: as its author says, or after the model. A hidden one gets a name that nobody can write. */
export function backwardName(
  meta: Meta,
  name: string,
  { options: { relatedName } }: RelationField,
  plural: string,
): Pick<Relation, "name" | "hidden"> {
  if (relatedName === false) return { name: `${meta.label}.${name} ${secret()}`, hidden: true };
  return { name: relatedName ?? meta.name.charAt(0).toLowerCase() + meta.name.slice(1) + plural, hidden: false };
}

/** No other end may have a name that its model has already. */
function checkEnds(ends: readonly Relation[]): void {
  const own = ends.filter(({ backward }) => !backward);
  const others = ends.filter(({ backward, hidden }) => backward && !hidden);
  others.forEach(({ meta, name, target, reverse }, i) => {
    const isThere =
      meta.relations.has(name) ||
      meta.field.has(name) ||
      name in (meta.model.prototype as object) ||
      [...own, ...others.slice(0, i)].some((each) => each.meta === meta && each.name === name);
    if (isThere)
      throw wrong(target, reverse.name, `its other end would be ${meta.name}.${name}, which is there already`, {
        code: "related_name_clash",
        hint: "choose another relatedName, or false for none",
      });
  });
}

/** The error for a relation that cannot be as its author wrote it. */
export function wrong(
  meta: Meta,
  name: string,
  problem: string,
  details: { readonly code: string; readonly hint: string },
): ConfigurationError {
  return new ConfigurationError(`${meta.name}.${name}: ${problem}`, details);
}
