/** The rows that every contender stores, and the one form in which their answers are compared. */

export const journals = ["journal1", "journal2", "journal3"] as const;
export type Journal = (typeof journals)[number];

export const kinds = ["float", "small", "int", "big", "char", "text", "decimal", "json"] as const;
export type Kind = (typeof kinds)[number];
export type WideName = `${Kind}${1 | 2 | 3 | 4}`;

/** The 32 columns of journal3 beside the common ones; those with an even number take null. */
export const wideNames: readonly WideName[] = ([1, 2, 3, 4] as const).flatMap((number) =>
  kinds.map((kind): WideName => `${kind}${number}`),
);

export type Json = { a: number; b: string; c: number[]; d: { e: number }; f: boolean };
export type Wide = {
  [Name in WideName]: Name extends `json${string}`
    ? Json | null
    : Name extends `${"char" | "text" | "decimal"}${string}`
      ? string | null
      : number | null;
};

export type JournalRow = Partial<Wide> & {
  timestamp: Date;
  level: number;
  text: string;
  parentId?: number;
};

export type UserRow = {
  name: string;
  email: string;
  age: number;
  active: boolean;
  createdAt: Date;
};

export type CounterRow = {
  key: string;
  value: number;
  updatedAt: Date;
};

export type EventRow = {
  kind: string;
  payload: string;
  value: number;
  createdAt: Date;
};

export const levels = [10, 20, 30, 40, 50] as const;
export const seeded = 1000;
export const seededUsers = 100;

const start = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const instant = (index: number): Date => new Date(start + index * 61_007);

export const levelOf = (index: number): number => levels[index % levels.length] ?? 10;

export function journalRow(journal: Journal, index: number, label: string): JournalRow {
  const row: JournalRow = { timestamp: instant(index), level: levelOf(index), text: `${label}, item ${index}` };
  if (journal === "journal2") row.parentId = (index % 97) + 1;
  if (journal === "journal3") Object.assign(row, wideRow(index));
  return row;
}

/** Columns 1 and 3 have values, 2 is null, 4 is null in every other row. */
function wideRow(index: number): Wide {
  const row: Record<string, unknown> = {};
  for (const number of [1, 2, 3, 4]) {
    const empty = number === 2 || (number === 4 && index % 2 === 1);
    row[`float${number}`] = empty ? null : 2.25 + index;
    row[`small${number}`] = empty ? null : (index % 1000) + number;
    row[`int${number}`] = empty ? null : 2_000_000 + index;
    row[`big${number}`] = empty ? null : 99_999_999_000 + index;
    row[`char${number}`] = empty ? null : `char ${index}`;
    row[`text${number}`] = empty ? null : `text of the row with number ${index}`;
    row[`decimal${number}`] = empty ? null : `${index % 1000}.${String(12_345_678 + number)}`;
    row[`json${number}`] = empty ? null : { a: index, b: "b", c: [2], d: { e: 3 }, f: true };
  }
  return row as Wide;
}

export const journalRows = (journal: Journal, count: number, label: string): JournalRow[] =>
  Array.from({ length: count }, (_, index) => journalRow(journal, index, label));

export const userRows = (): UserRow[] =>
  Array.from({ length: seededUsers }, (_, index) => ({
    name: `User ${index}`,
    email: `user${index}@example.org`,
    age: 18 + (index % 60),
    active: index % 3 !== 0,
    createdAt: instant(index),
  }));

export const counterRow = (index: number): CounterRow => ({
  key: `counter ${index % 200}`,
  value: index,
  updatedAt: instant(index),
});

export const eventRows = (from: number, count: number): EventRow[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: `kind ${(from + index) % 7}`,
    payload: `payload of the event with number ${from + index}`,
    value: (from + index) * 1.5,
    createdAt: instant(from + index),
  }));

/** Names of a journal's columns in the order of its tuples. */
export const columnsOf = (journal: Journal): string[] => [
  "id",
  "timestamp",
  "level",
  "text",
  ...(journal === "journal2" ? ["parentId"] : []),
  ...(journal === "journal3" ? wideNames : []),
];

export type AnyRow = Readonly<Record<string, unknown>>;

const typeOf = (name: string): string => {
  if (name === "timestamp" || name.endsWith("At")) return "Date";
  if (name.startsWith("json")) return "document";
  if (name === "active") return "boolean";
  return /^(text|char|decimal|name$|email$|key$|kind$|payload$)/.test(name) ? "string" : "number";
};

const typeOfValue = (value: unknown): string =>
  value instanceof Date ? "Date" : typeof value === "object" ? "document" : typeof value;

/** One row as text; refuses a value of the wrong type, so that no contender wins by leaving a conversion out. */
export function canonical(names: readonly string[], row: object): string {
  return names
    .map((name, index) => {
      const value = Array.isArray(row) ? (row as readonly unknown[])[index] : (row as AnyRow)[name];
      if (value === null) return "null";
      const [is, should] = [typeOfValue(value), typeOf(name)];
      if (is !== should) throw new Error(`${name} is ${is}, not ${should}`);
      if (value instanceof Date) return value.toISOString();
      return typeof value === "object" ? JSON.stringify(value) : String(value);
    })
    .join("|");
}
