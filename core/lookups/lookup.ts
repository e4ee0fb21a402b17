import type { Field, LookupGroup } from "../fields/field.js";
import type { Encode, Expr, ListParam, Param } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";

/** What a lookup may ask for while it builds its condition. */
export interface LookupContext {
  /** the column, or the expression, on the left */
  readonly left: Expr;
  readonly field: Field;
  /** the whole key as the user wrote it, for messages */
  readonly path: string;
  /** the user's value, cleaned by the field and encoded for the column */
  readonly encode: Encode;
  /** a parameter made of the condition's value; null: bound as it is */
  readonly param: (encode: Encode | null) => Param;
  /** the condition's list, each element through `encode` */
  readonly list: (encode: Encode | null) => ListParam;
  readonly dialect: Dialect;
  /** the full-text index that the field is in, or an error; not there for computed values */
  readonly search?: () => Omit<Extract<Expr, { readonly kind: "search" }>, "kind" | "slot" | "raw">;
  /** which of the forms that `variant` tells apart this is */
  readonly variant: string;
}

/** One word after the last `__`: which fields have it, how its value is checked, and the condition it gives. */
export interface Lookup {
  readonly groups: readonly LookupGroup[];
  /** Said of the value when it is wrong: "a whole number", "true or false". */
  readonly expects: string | null;
  /** Refuses a value of the wrong shape; what the field itself checks is left to the field. */
  readonly accepts: ((value: unknown) => boolean) | null;
  /** Values that need another statement give another word; the same word, the same statement. */
  readonly variant: ((value: unknown) => string) | null;
  /** null is a value of its own here; elsewhere it is refused */
  readonly takesNull: boolean;
  readonly takesList: boolean;
  /** it asks which of two values is the greater */
  readonly bySize: boolean;
  /** an expression or a query may stand in place of the value */
  readonly takesExpression: boolean;
  readonly build: (context: LookupContext) => Expr;
  /** the condition is the negation of what `build` gives */
  readonly negated: boolean;
}

/** Completes a lookup from what is special about it. */
export function lookup(groups: readonly LookupGroup[], build: Lookup["build"], special: Partial<Lookup> = {}): Lookup {
  return {
    groups,
    build,
    expects: null,
    accepts: null,
    variant: null,
    takesNull: false,
    takesList: false,
    bySize: false,
    takesExpression: false,
    negated: false,
    ...special,
  };
}

/** The lookup that holds exactly where this one does not. */
export const opposite = (of: Lookup): Lookup => ({ ...of, negated: !of.negated });

export const ALL: readonly LookupGroup[] = ["any", "ordered", "text", "date", "time", "datetime", "json"];
export const VALUES: readonly LookupGroup[] = ["any", "ordered", "text", "date", "time", "datetime"];
export const ORDERED: readonly LookupGroup[] = ["ordered", "text", "date", "time", "datetime"];
