import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import { findLookup, lookupNames } from "../lookups/index.js";
import type { Lookup } from "../lookups/lookup.js";
import { knownNames, type Meta } from "../schema/meta.js";

/** A filter key taken apart: `age__gte` is the field `age` and the lookup `gte`. */
export interface Path {
  readonly text: string;
  readonly field: Field;
  readonly lookup: Lookup;
}

/** Takes a filter key apart, or throws a FieldError that lists what would be right. */
export function parsePath(meta: Meta, text: string): Path {
  const at = text.indexOf("__");
  const field = fieldAt(meta, at < 0 ? text : text.slice(0, at), text);
  const word = at < 0 ? "exact" : text.slice(at + 2);
  const lookup = findLookup(word, field.lookups);
  if (lookup === null) {
    throw new FieldError(
      `${meta.name}: "${word}" is not a lookup of ${field.kind} field "${field.name}" (in "${text}")`,
      {
        code: "unknown_lookup",
        hint: `known: ${lookupNames(field.lookups)}`,
      },
    );
  }
  return { text, field, lookup };
}

/** The field of a name, `pk` included. `where` is what the user wrote, for the message. */
export function fieldAt(meta: Meta, name: string, where: string): Field {
  const field = meta.field.get(name) ?? (name === "pk" ? meta.pk : undefined);
  if (field !== undefined) return field;
  const inside = where === name ? "" : ` (in "${where}")`;
  throw new FieldError(`${meta.name} has no field "${name}"${inside}`, {
    code: "unknown_field",
    hint: `known: ${knownNames(meta)}`,
  });
}
