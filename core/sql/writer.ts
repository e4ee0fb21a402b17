import type { Encode, Expr, Select } from "./ast.js";
import type { SqlValue } from "./column-type.js";
import type { Dialect } from "./dialect.js";
import { writeExpr } from "./expressions.js";

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

  /**
   * `select` writes a query inside an expression; it is handed in, because statements are made of expressions.
   * `values`: given, parameters are written as literals instead of placeholders.
   */
  constructor(
    readonly dialect: Dialect,
    readonly select: (node: Select, out: Writer) => void,
    readonly values: readonly unknown[] | null = null,
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

  /** One placeholder for the value in `slot`. */
  param(slot: number, encode: Encode | null): void {
    if (this.values !== null) {
      const value = this.values[slot] as SqlValue;
      this.literal(value === null ? null : encode === null ? value : encode(value));
      return;
    }
    this.binders.push({ slot, encode });
    this.text += "?";
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
