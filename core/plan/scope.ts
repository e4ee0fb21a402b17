import { UnsupportedError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { Meta } from "../schema/meta.js";
import type { Expr, Param } from "../sql/ast.js";
import type { Encode } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import { keptFor, type Kept } from "./kept.js";

/** Numbers the values of one statement, in the order in which the shape walk collected them. */
export class Slots {
  next = 0;
  take(): number {
    return this.next++;
  }
}

/** The table of one SELECT, UPDATE or DELETE, and how to name its columns. */
export class Scope {
  readonly kept: Kept;

  constructor(
    readonly meta: Meta,
    readonly dialect: Dialect,
    readonly slots: Slots,
    readonly alias: string = meta.table.name,
  ) {
    this.kept = keptFor(meta, dialect);
  }

  column(field: Field): Expr {
    return { kind: "column", table: this.alias, name: field.column, nullable: field.null };
  }

  /** A column as it is read: as text where the driver would round it. */
  read(field: Field): Expr {
    const column = this.column(field);
    return this.kept.byField.get(field)!.codec.readAsText ? { kind: "cast", item: column, to: "text" } : column;
  }
}

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

/** A parameter that takes the next value. */
export const nextParam = (slots: Slots, encode: Encode | null = null): Param => ({
  kind: "param",
  slot: slots.take(),
  encode,
});
