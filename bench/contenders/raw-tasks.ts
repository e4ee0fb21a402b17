import { columnsOf, wideNames, type CounterRow, type Journal, type JournalRow } from "../data.ts";
import { dateText } from "./convert.ts";

// What a careful person writes by hand in the same words on every database.

export type Bound = string | number | null;

/** Rows of one INSERT of many. */
export const chunk = 50;

const column = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The statements on a journal, for a database that quotes names so. */
export function textsOf(journal: Journal, quote: '"' | "`") {
  const quoted = (name: string): string => `${quote}${name}${quote}`;
  const names = columnsOf(journal);
  const select = `SELECT ${names.map((name) => `${quoted(column(name))} AS ${quoted(name)}`).join(", ")} FROM ${journal}`;
  const written = names.slice(1).map((name) => quoted(column(name)));
  const values = `(${written.map(() => "?").join(", ")})`;
  const insert = `INSERT INTO ${journal} (${written.join(", ")}) VALUES ${values}`;
  return {
    insert,
    insertChunk: insert + `, ${values}`.repeat(chunk - 1),
    filter: `${select} WHERE level = ?`,
    page: `${select} WHERE level = ? ORDER BY id LIMIT ? OFFSET ?`,
    get: `${select} WHERE id = ?`,
    load: `${select} ORDER BY id LIMIT ?`,
    whole: `UPDATE ${journal} SET ${written.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`,
    part: `UPDATE ${journal} SET level = ? WHERE id = ?`,
    remove: `DELETE FROM ${journal} WHERE id = ?`,
  };
}

/** The parameters of a row; `decimal` is how a database takes exact numbers. */
export const binder =
  (decimal: (text: string) => Bound) =>
  (journal: Journal, row: JournalRow): Bound[] => {
    const bound: Bound[] = [dateText(row.timestamp), row.level, row.text];
    if (journal === "journal2") bound.push(row.parentId ?? null);
    if (journal !== "journal3") return bound;
    for (const name of wideNames) {
      const value = row[name];
      if (value == null) bound.push(null);
      else if (name.startsWith("decimal")) bound.push(decimal(value as string));
      else if (typeof value === "object") bound.push(JSON.stringify(value));
      else bound.push(value);
    }
    return bound;
  };

export const counterOf = (row: CounterRow): Bound[] => [row.key, row.value, dateText(row.updatedAt)];
