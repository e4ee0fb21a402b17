import { columnsOf, wideNames, type Journal } from "../data.ts";

// The conversions that a column needs, by hand and as fast as they get; raw, drizzle and kysely share them. Instants
// are UTC text 'YYYY-MM-DD HH:MM:SS.SSS', decimals integers of 8 places, booleans 0 and 1, documents JSON text.

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const three = (value: number): string => (value < 10 ? `00${value}` : value < 100 ? `0${value}` : String(value));

export const dateText = (date: Date): string =>
  `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${two(date.getUTCHours())}:` +
  `${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${three(date.getUTCMilliseconds())}`;

const pair = (text: string, at: number): number => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;

export const textDate = (text: string): Date =>
  new Date(
    Date.UTC(
      pair(text, 0) * 100 + pair(text, 2),
      pair(text, 5) - 1,
      pair(text, 8),
      pair(text, 11),
      pair(text, 14),
      pair(text, 17),
      pair(text, 20) * 10 + text.charCodeAt(22) - 48,
    ),
  );

const places = 8;

export function decimalInteger(text: string): number {
  const [whole = "", fraction = ""] = text.split(".");
  return Number(whole + fraction.padEnd(places, "0"));
}

export function integerDecimal(value: number): string {
  const digits = String(value).padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

const decimals = wideNames.filter((name) => name.startsWith("decimal"));
const jsons = wideNames.filter((name) => name.startsWith("json"));

/** Makes a journal's row of the driver into one with its values, in place. */
export function decodeRow(journal: Journal, row: Record<string, unknown>): void {
  row["timestamp"] = textDate(row["timestamp"] as string);
  if (journal !== "journal3") return;
  for (const name of decimals) if (row[name] !== null) row[name] = integerDecimal(row[name] as number);
  for (const name of jsons) if (row[name] !== null) row[name] = JSON.parse(row[name] as string);
}

const tupleDecimals = decimals.map((name) => columnsOf("journal3").indexOf(name));
const tupleJsons = jsons.map((name) => columnsOf("journal3").indexOf(name));

export function decodeTuple(journal: Journal, row: unknown[]): void {
  row[1] = textDate(row[1] as string);
  if (journal !== "journal3") return;
  for (const at of tupleDecimals) if (row[at] !== null) row[at] = integerDecimal(row[at] as number);
  for (const at of tupleJsons) if (row[at] !== null) row[at] = JSON.parse(row[at] as string);
}
