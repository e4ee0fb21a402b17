import type { RowValues } from "../../core/sql/ast.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import type { BoundRowsForm } from "../../core/sql/dialect.js";

// Rows of a statement as one parameter: JSON, an array for each row.

export const rows: BoundRowsForm = {
  kindOf(value) {
    if (typeof value === "number") return isExact(value) ? "plain" : "scaled";
    return value instanceof Uint8Array ? "bytes" : "plain";
  },

  textOf(all, columns) {
    let text = "[";
    for (let i = 0; i < all.length; i++) {
      text += i === 0 ? "[" : ",[";
      const row = all[i]!;
      for (let j = 0; j < columns.length; j++) {
        if (j > 0) text += ",";
        text += valueText(row[j]!, columns[j]!);
      }
      text += "]";
    }
    return `${text}]`;
  },

  valueAt: (column, from) => `json_extract(${from}, '$[0][${column}]')`,

  write({ slot, columns }, out) {
    out.put("SELECT ");
    columns.forEach((kind, i) => out.put(`${i === 0 ? "" : ", "}${ITEM[kind](i)} AS c${i}`));
    out.put(" FROM json_each(");
    out.param(slot, null);
    out.put(")");
  },
};

/** How a value is taken out of its row. */
const ITEM: Readonly<Record<RowValues, (i: number) => string>> = {
  plain: (i) => `value ->> ${i}`,
  bytes: (i) => `unhex(value ->> ${i})`,
  scaled: (i) =>
    `CASE json_type(value, '$[${i}]') WHEN 'array' THEN (value ->> '$[${i}][0]') * pow(2, value ->> '$[${i}][1]') ELSE value ->> ${i} END`,
};

/** Very large and very small floats come out of text a bit wrong. */
function isExact(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || Number.isSafeInteger(value) || (size > 1e-50 && size < 1e50);
}

function valueText(value: SqlValue, kind: RowValues): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return kind === "scaled" && !isExact(value) ? scaled(value) : numberText(value);
  return `"${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
}

/** A float's digits without a point would be read as an integer that it only is the nearest double to. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

/** `[m,e]` for m × 2^e, which is exact. */
function scaled(value: number): string {
  let mantissa = value;
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) > Number.MAX_SAFE_INTEGER) {
    mantissa /= 2;
    exponent++;
  }
  return `[${mantissa},${exponent}]`;
}
