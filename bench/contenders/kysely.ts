import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type Generated } from "kysely";
import { wideNames, type AnyRow, type Journal } from "../data.ts";
import { changed } from "./change.ts";
import type { Entity, Open } from "./contender.ts";
import { naturalTables } from "./natural-tables.ts";

// Kysely is a query builder: it gives rows as the driver does, and the conversion is the user's, as written here.

interface JournalTable {
  id: Generated<number>;
  timestamp: number;
  level: number;
  text: string;
}
interface Tables {
  journal1: JournalTable;
  journal2: JournalTable;
  journal3: JournalTable;
  users: { id: Generated<number>; name: string; email: string; age: number; active: number; created_at: number };
  counters: { id: Generated<number>; key: string; value: number; updated_at: number };
  events: { id: Generated<number>; kind: string; payload: string; value: number; created_at: number };
}

type Row = Record<string, unknown>;
const jsons = wideNames.filter((name) => name.startsWith("json"));
const decimals = wideNames.filter((name) => name.startsWith("decimal"));

function decode(journal: Journal, row: Row): Row {
  row["timestamp"] = new Date(row["timestamp"] as number);
  if (journal === "journal2") {
    row["parentId"] = row["parent_id"];
    delete row["parent_id"];
  }
  if (journal !== "journal3") return row;
  for (const name of decimals) if (row[name] !== null) row[name] = String(row[name]);
  for (const name of jsons) if (row[name] !== null) row[name] = JSON.parse(row[name] as string);
  return row;
}

const decodeAll = (journal: Journal, rows: Row[]): AnyRow[] => {
  for (const row of rows) decode(journal, row);
  return rows;
};

function encode(journal: Journal, row: AnyRow): Omit<JournalTable, "id"> {
  const values: Row = { timestamp: (row["timestamp"] as Date).getTime(), level: row["level"], text: row["text"] };
  if (journal === "journal2") values["parent_id"] = row["parentId"];
  if (journal === "journal3") {
    for (const name of wideNames) {
      const value = row[name];
      values[name] = typeof value === "object" && value !== null ? JSON.stringify(value) : value;
    }
  }
  return values as unknown as Omit<JournalTable, "id">;
}

export const open: Open = async ({ file }) => {
  const client = new Database(file);
  client.pragma("journal_mode = WAL");
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.exec(naturalTables);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: client }) });

  const filter = async (journal: Journal, level: number): Promise<AnyRow[]> =>
    decodeAll(
      journal,
      (await db.selectFrom(journal).selectAll().where("level", "=", level).execute()) as unknown as Row[],
    );
  const counterRow = (row: { key: string; value: number; updatedAt: Date }) => ({
    key: row.key,
    value: row.value,
    updated_at: row.updatedAt.getTime(),
  });

  return {
    exec: (script) => client.exec(script),
    close: () => db.destroy(),

    insert: (journal, row) => db.insertInto(journal).values(encode(journal, row)).execute(),
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
    async page(journal, level, limit, offset) {
      const query = db
        .selectFrom(journal)
        .selectAll()
        .where("level", "=", level)
        .orderBy("id")
        .limit(limit)
        .offset(offset);
      return decodeAll(journal, (await query.execute()) as unknown as Row[]);
    },
    async get(journal, id) {
      const row = await db.selectFrom(journal).selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : decode(journal, row as unknown as Row);
    },
    async load(journal, count) {
      const rows = await db.selectFrom(journal).selectAll().orderBy("id").limit(count).execute();
      return decodeAll(journal, rows as unknown as Row[]) as unknown as Entity[];
    },
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
            created_at: createdAt.getTime(),
          })),
        )
        .execute(),
    async user(id) {
      const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
      if (row === undefined) return undefined;
      const { active, created_at, ...rest } = row;
      return { ...rest, active: active === 1, createdAt: new Date(created_at) };
    },
    upsert: (row) =>
      db
        .insertInto("counters")
        .values(counterRow(row))
        .onConflict((conflict) =>
          conflict.column("key").doUpdateSet({ value: row.value, updated_at: row.updatedAt.getTime() }),
        )
        .execute(),
    upsertBulk: (rows) =>
      db
        .insertInto("counters")
        .values(rows.map(counterRow))
        .onConflict((conflict) =>
          conflict.column("key").doUpdateSet({
            value: (column) => column.ref("excluded.value"),
            updated_at: (column) => column.ref("excluded.updated_at"),
          }),
        )
        .execute(),
    async counters() {
      const rows = await db.selectFrom("counters").selectAll().orderBy("key").execute();
      return rows.map(({ updated_at, ...row }) => ({ ...row, updatedAt: new Date(updated_at) }));
    },
    insertEvents: (rows) =>
      db.transaction().execute(async (tx) => {
        for (let at = 0; at < rows.length; at += 1000) {
          const part = rows
            .slice(at, at + 1000)
            .map(({ createdAt, ...row }) => ({ ...row, created_at: createdAt.getTime() }));
          await tx.insertInto("events").values(part).execute();
        }
      }),
    async iterate(visit) {
      for await (const { created_at, ...row } of db.selectFrom("events").selectAll().stream()) {
        visit({ ...row, createdAt: new Date(created_at) });
      }
    },
  };
};
