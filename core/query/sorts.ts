import { UnsupportedError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { Dialect } from "../sql/dialect.js";

/** Refuses to compare by size what this dialect stores as something else. */
export function checkSorts(field: Field, dialect: Dialect, where: string): void {
  if (dialect.sorts(field.type)) return;
  throw new UnsupportedError(
    `"${where}": ${field.kind} field "${field.name}" is stored as text on ${dialect.name}, which has no size`,
    {
      code: "stored_as_text",
      hint: "a decimal of up to 18 digits with the default storage is stored as an integer",
    },
  );
}
