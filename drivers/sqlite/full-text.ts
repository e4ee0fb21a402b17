import type { FullTextDefinition, TableName } from "../../core/sql/ast.js";
import type { Node } from "../../core/sql/dialect.js";
import { literalText, type Writer } from "../../core/sql/writer.js";

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `key IN (SELECT rowid FROM index WHERE index MATCH ?)` */
export function writeSearch({ index, key, slot, raw }: Node<"search">, out: Writer): void {
  out.expr(key);
  out.put(" IN (SELECT rowid FROM ");
  if (index.schema !== null) {
    out.name(index.schema);
    out.put(".");
  }
  out.name(index.name);
  out.put(" WHERE ");
  out.name(index.name);
  out.put(" MATCH ");
  out.param(slot, (value) => (raw ? (value as { readonly raw: string }).raw : wordsOf(value as string)));
  out.put(")");
}

/** Each word in quotation marks, in which nothing is syntax. NUL would end the query. */
const wordsOf = (text: string): string => text.replaceAll("\0", " ").trim().split(/\s+/).map(quote).join(" ");

/**
 * An FTS5 table without texts of its own, which triggers keep up to date. What the table held before the index came is
 * taken in once: while the index is empty.
 */
export function fullTextIndex(table: TableName, index: FullTextDefinition, ifNotExists: boolean): string[] {
  const schema = table.schema === null ? "" : `${quote(table.schema)}.`;
  const fts = quote(index.name);
  const columns = index.columns.map(quote).join(", ");
  const on = quote(table.name);
  const create = (what: string): string => `CREATE ${what}${ifNotExists ? " IF NOT EXISTS" : ""} ${schema}`;
  const values = (row: string): string =>
    [index.key, ...index.columns].map((column) => `${row}.${quote(column)}`).join(", ");
  const add = `INSERT INTO ${fts} (rowid, ${columns}) VALUES (${values("new")});`;
  const remove = `INSERT INTO ${fts} (${fts}, rowid, ${columns}) VALUES ('delete', ${values("old")});`;
  const options = [`content = ${literalText(table.name)}`, `content_rowid = ${literalText(index.key)}`];
  if (index.tokenizer !== null) options.push(`tokenize = ${literalText(index.tokenizer)}`);
  const trigger = (suffix: string, event: string, body: string): string =>
    `${create("TRIGGER")}${quote(`${index.name}_${suffix}`)} AFTER ${event} ON ${on} BEGIN\n  ${body}\nEND`;
  return [
    `${create("VIRTUAL TABLE")}${fts} USING fts5(${columns}, ${options.join(", ")})`,
    trigger("insert", "INSERT", add),
    trigger("delete", "DELETE", remove),
    trigger("update", `UPDATE OF ${[index.key, ...index.columns].map(quote).join(", ")}`, `${remove}\n  ${add}`),
    `INSERT INTO ${schema}${fts} (${fts}) SELECT 'rebuild' WHERE NOT EXISTS (SELECT 1 FROM ${schema}${quote(`${index.name}_docsize`)})`,
  ];
}
