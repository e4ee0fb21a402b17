import { createConnection, type RowDataPacket } from "mysql2/promise";
import { textDate } from "../contenders/convert.ts";
import { wideNames, type AnyRow, type Journal } from "../data.ts";

// What every contender on MariaDB has outside the clock, and the conversions that raw, drizzle and kysely share.

/** How a careful person configures mysql2: nothing is rounded, and texts stay texts until a column says otherwise. */
export const exactly = {
  supportBigNumbers: true,
  dateStrings: true,
  jsonStrings: true,
  timezone: "Z",
  connectionLimit: 10,
} as const;

/** Scripts, rows as they are stored, and a journal's counter set back. */
export async function toolsOf(url: string, schema: string) {
  const client = await createConnection({ uri: url, ...exactly, multipleStatements: true } as never);
  if (schema !== "") await client.query(schema);
  return {
    exec: (script: string): Promise<unknown> => client.query(script),
    stored: async (query: string): Promise<readonly AnyRow[]> => (await client.query<RowDataPacket[]>(query))[0],
    empty: (journal: Journal): Promise<unknown> => client.query(`TRUNCATE TABLE ${journal}`),
    end: (): Promise<void> => client.end(),
  };
}

/** The binary protocol leaves out a fraction of zero. */
export const instantOf = (text: string): Date => textDate(text.length === 19 ? `${text}.000` : text);

const jsons = wideNames.filter((name) => name.startsWith("json"));

/** Makes a journal's row of the driver into one with its values, in place. */
export function decodeRow(journal: Journal, row: Record<string, unknown>): void {
  row["timestamp"] = instantOf(row["timestamp"] as string);
  if (journal !== "journal3") return;
  for (const name of jsons) if (row[name] !== null) row[name] = JSON.parse(row[name] as string);
}
