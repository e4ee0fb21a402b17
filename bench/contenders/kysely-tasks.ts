import type { Generated, Insertable, Kysely, SelectQueryBuilder } from "kysely";
import { wideNames, type AnyRow, type Journal } from "../data.ts";
import type { RelationTables } from "../relations/kysely-tasks.ts";
import { changed } from "./change.ts";
import type { Contender, Entity } from "./contender.ts";
import { dateText } from "./convert.ts";

// What kysely does in the same words on every database. It gives rows as the driver does, and the conversion is the user's.

// The three journals have different columns; the tasks only use what they share, so one type stands for all.
export interface JournalTable {
  id: Generated<number>;
  timestamp: string;
  level: number;
  text: string;
  parent_id: Generated<number>;
}
export interface Tables extends RelationTables {
  journal1: JournalTable;
  journal2: JournalTable;
  journal3: JournalTable;
  users: { id: Generated<number>; name: string; email: string; age: number; active: number; created_at: string };
  counters: { id: Generated<number>; key: string; value: number; updated_at: string };
  events: { id: Generated<number>; kind: string; payload: string; value: number; created_at: string };
}

export type Row = Record<string, unknown>;

/** How values travel: the user's own conversions. */
export interface Conversions {
  readonly encode: (journal: Journal, row: AnyRow) => Insertable<JournalTable>;
  /** In place. */
  readonly decodeRow: (journal: Journal, row: Row) => void;
  readonly readInstant: (stored: string) => Date;
}

type Shared =
  | "insertEach"
  | "insertBulk"
  | "filter"
  | "dicts"
  | "page"
  | "get"
  | "load"
  | "saveWhole"
  | "savePart"
  | "remove"
  | "insertUsers"
  | "user"
  | "counters";

/** A row as it is stored; `decimal` is how a database takes exact numbers. */
export const encoder =
  (decimal: (text: string) => number | string): Conversions["encode"] =>
  (journal, row) => {
    const values: Row = { timestamp: dateText(row["timestamp"] as Date), level: row["level"], text: row["text"] };
    if (journal === "journal2") values["parent_id"] = row["parentId"];
    if (journal === "journal3") {
      for (const name of wideNames) {
        const value = row[name];
        if (value === null) values[name] = null;
        else if (name.startsWith("decimal")) values[name] = decimal(value as string);
        else values[name] = typeof value === "object" ? JSON.stringify(value) : value;
      }
    }
    return values as unknown as Insertable<JournalTable>;
  };

export const counterRow = (row: { key: string; value: number; updatedAt: Date }) => ({
  key: row.key,
  value: row.value,
  updated_at: dateText(row.updatedAt),
});

export function sharedTasks(
  db: Kysely<Tables>,
  { encode, decodeRow, readInstant }: Conversions,
): Pick<Contender, Shared> {
  const decodeAll = (journal: Journal, rows: Row[]): AnyRow[] => {
    for (const row of rows) decodeRow(journal, row);
    return rows;
  };
  const select = (journal: Journal): SelectQueryBuilder<Tables, "journal1", Row> => {
    const query = db.selectFrom(journal as "journal1");
    const all =
      journal === "journal2"
        ? query.select(["id", "timestamp", "level", "text", "parent_id as parentId"])
        : query.selectAll();
    return all as SelectQueryBuilder<Tables, "journal1", object> as SelectQueryBuilder<Tables, "journal1", Row>;
  };
  const filter = async (journal: Journal, level: number): Promise<AnyRow[]> =>
    decodeAll(journal, await select(journal).where("level", "=", level).execute());

  return {
    insertEach: (journal, rows) =>
      db.transaction().execute(async (tx) => {
        for (const row of rows) await tx.insertInto(journal).values(encode(journal, row)).execute();
      }),
    insertBulk: (journal, rows) =>
      db.transaction().execute(async (tx) => {
        for (let at = 0; at < rows.length; at += 500) {
          const part = rows.slice(at, at + 500).map((row) => encode(journal, row));
          await tx.insertInto(journal).values(part).execute();
        }
      }),
    filter,
    dicts: filter,
    page: async (journal, level, limit, offset) =>
      decodeAll(
        journal,
        await select(journal).where("level", "=", level).orderBy("id").limit(limit).offset(offset).execute(),
      ),
    async get(journal, id) {
      const row = await select(journal).where("id", "=", id).executeTakeFirst();
      if (row !== undefined) decodeRow(journal, row);
      return row;
    },
    load: async (journal, count) =>
      decodeAll(journal, await select(journal).orderBy("id").limit(count).execute()) as unknown as Entity[],
    saveWhole: (journal, entities, step) =>
      db.transaction().execute(async (tx) => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          await tx.updateTable(journal).set(encode(journal, entity)).where("id", "=", entity.id).execute();
        }
      }),
    savePart: (journal, entities, step) =>
      db.transaction().execute(async (tx) => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          await tx.updateTable(journal).set({ level: entity.level }).where("id", "=", entity.id).execute();
        }
      }),
    remove: (journal, entities) =>
      db.transaction().execute(async (tx) => {
        for (const { id } of entities) await tx.deleteFrom(journal).where("id", "=", id).execute();
      }),

    insertUsers: (rows) =>
      db
        .insertInto("users")
        .values(
          rows.map(({ createdAt, active, ...row }) => ({
            ...row,
            active: active ? 1 : 0,
            created_at: dateText(createdAt),
          })),
        )
        .execute(),
    async user(id) {
      const row: Row | undefined = await db
        .selectFrom("users")
        .select(["id", "name", "email", "age", "active", "created_at as createdAt"])
        .where("id", "=", id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      row["active"] = row["active"] === 1;
      row["createdAt"] = readInstant(row["createdAt"] as string);
      return row;
    },
    async counters() {
      const rows: Row[] = await db
        .selectFrom("counters")
        .select(["key", "value", "updated_at as updatedAt"])
        .orderBy("key")
        .execute();
      for (const row of rows) row["updatedAt"] = readInstant(row["updatedAt"] as string);
      return rows;
    },
  };
}
