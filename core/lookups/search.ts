import { FieldError } from "../base/errors.js";
import { lookup, type Lookup } from "./lookup.js";

const isRaw = (value: unknown): value is { readonly raw: string } =>
  typeof value === "object" && value !== null && typeof (value as { raw?: unknown }).raw === "string";

/**
 * `title__search: "sea turtles"`: rows whose texts in the field's full-text index have all these words. `{ raw: "sea NOT
 * turtle*" }` is in the database's own search language.
 */
export const search: Lookup = lookup(
  ["text"],
  ({ search: find, param, path, variant }) => {
    if (find === undefined)
      throw new FieldError(`"${path}": a computed value is in no full-text index`, { code: "no_full_text_index" });
    const index = find();
    if (variant === "none") return { kind: "bool", value: false };
    return { kind: "search", ...index, slot: param(null).slot, raw: variant === "raw" };
  },
  {
    expects: "words, or { raw: … }",
    accepts: (value) => (typeof value === "string" ? value : isRaw(value) ? value.raw : "\ud800").isWellFormed(),
    variant: (value) => (typeof value !== "string" ? "raw" : value.trim() === "" ? "none" : ""),
  },
);
