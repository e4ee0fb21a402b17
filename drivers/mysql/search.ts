import type { Node } from "../../core/sql/dialect.js";
import type { Writer } from "../../core/sql/writer.js";

/** `MATCH (columns) AGAINST (words IN BOOLEAN MODE)`: the columns must be those of a FULLTEXT index. */
export function writeSearch({ columns, slot, raw }: Node<"search">, out: Writer): void {
  out.put("MATCH (");
  out.list(columns, ", ", (column) => out.expr(column));
  out.put(") AGAINST (");
  out.param(slot, (value) => (raw ? (value as { readonly raw: string }).raw : wordsOf(value as string)));
  out.put(" IN BOOLEAN MODE)");
}

/** Each word is wanted; in quotation marks nothing but another one is syntax. */
const wordsOf = (text: string): string =>
  text
    .replaceAll('"', " ")
    .trim()
    .split(/\s+/)
    .map((word) => `+"${word}"`)
    .join(" ");

/** `item REGEXP pattern`. Case is told by the pattern, because otherwise the column's collation decides. */
export function writeRegex({ item, pattern, ignoreCase }: Node<"regex">, out: Writer): void {
  out.expr(item);
  out.put(" REGEXP ");
  if (pattern.kind !== "param") return out.expr(pattern);
  out.param(pattern.slot, (value) => `${ignoreCase ? "(?i)" : "(?-i)"}${value as string}`);
}
