import type { Encode, Expr, Select } from "./ast.js";
import type { SqlValue } from "./column-type.js";
import type { BoundRowsForm, Dialect } from "./dialect.js";
import { writeBalanced, writeExpr } from "./expressions.js";

/** What a statement calls the one parameter out of which all values are taken. */
export const PACKED = "terrapin_values";

/** The slot of a parameter that is made of all collected values. */
export const ALL_SLOTS = -1;

/** Where one parameter comes from: a slot of the collected values, through an encoder. */
export interface Binder {
  readonly slot: number;
  readonly encode: Encode | null;
}

/** Collects statement text and, in order, where each parameter comes from. */
export class Writer {
  text = "";
  readonly binders: Binder[] = [];
  /** asked twice, it has the same rows where nothing was written in between */
  isSteady = true;
  /** column names carry their table's alias */
  qualified = false;
  /** how deep the expression that is being written stands in others, and the deepest so far */
  depth = 0;
  deepest = 0;

  /**
   * `select` writes a query inside an expression; it is handed in, because statements are made of expressions.
   * `values`: given, parameters are written as literals instead of placeholders.
   */
  constructor(
    readonly dialect: Dialect,
    readonly select: (node: Select, out: Writer) => void,
    readonly values: readonly unknown[] | null = null,
    /** all values are taken out of one parameter */
    readonly packed: BoundRowsForm | null = null,
  ) {}

  put(text: string): void {
    this.text += text;
  }
  name(name: string): void {
    this.text += this.dialect.quote(name);
  }
  expr(expr: Expr): void {
    writeExpr(expr, this);
  }

  /** `a || b || c`, as a tree that is no deeper than it must be. */
  chain(items: readonly Expr[], join: string): void {
    writeBalanced(items, join, this);
  }

  /** One placeholder for the value in `slot`. */
  param(slot: number, encode: Encode | null): void {
    if (this.values !== null) {
      const value = this.values[slot] as SqlValue;
      this.literal(value === null ? null : encode === null ? value : encode(value));
      return;
    }
    this.text += this.packed === null ? "?" : this.packed.valueAt(this.binders.length, `(SELECT v FROM ${PACKED})`);
    this.binders.push({ slot, encode });
  }

  /** A constant, written into the text. */
  literal(value: SqlValue): void {
    this.text += literalText(value, this.dialect.escapesBackslash);
  }

  list<T>(items: readonly T[], separator: string, write: (item: T) => void): void {
    for (let i = 0; i < items.length; i++) {
      if (i > 0) this.text += separator;
      write(items[i]!);
    }
  }
}

/** A value as SQL text: for DDL, `.sql()` and people, never for what runs with a user's values. */
export function literalText(value: SqlValue, escapesBackslash = false): string {
  if (value === null) return "NULL";
  if (typeof value === "string")
    return `'${(escapesBackslash ? value.replaceAll("\\", "\\\\") : value).replaceAll("'", "''")}'`;
  if (typeof value === "object")
    return `x'${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}'`;
  return String(value);
}
