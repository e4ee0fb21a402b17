import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type Generated, type Insertable, type SelectQueryBuilder } from "kysely";
import { wideNames, type AnyRow, type Journal } from "../data.ts";
import { relationTasks, type RelationTables } from "../relations/kysely.ts";
import { changed } from "./change.ts";
import type { Entity, Open } from "./contender.ts";
import { dateText, decimalInteger, decodeRow, textDate } from "./convert.ts";

// Kysely is a query builder: it gives rows as the driver does, and the conversion is the user's, as written here:
// names by aliases where a column is called otherwise, values in place.

// The three journals have different columns; the tasks only use what they share, so one type stands for all.
interface JournalTable {
  id: Generated<number>;
  timestamp: string;
  level: number;
  text: string;
  parent_id: Generated<number>;
}
interface Tables extends RelationTables {
  journal1: JournalTable;
  journal2: JournalTable;
  journal3: JournalTable;
  users: { id: Generated<number>; name: string; email: string; age: number; active: number; created_at: string };
  counters: { id: Generated<number>; key: string; value: number; updated_at: string };
  events: { id: Generated<number>; kind: string; payload: string; value: number; created_at: string };
}

type Row = Record<string, unknown>;

const decodeAll = (journal: Journal, rows: Row[]): AnyRow[] => {
  for (const row of rows) decodeRow(journal, row);
  return rows;
};

function encode(journal: Journal, row: AnyRow): Insertable<JournalTable> {
  const values: Row = { timestamp: dateText(row["timestamp"] as Date), level: row["level"], text: row["text"] };
  if (journal === "journal2") values["parent_id"] = row["parentId"];
  if (journal === "journal3") {
    for (const name of wideNames) {
      const value = row[name];
      if (value === null) values[name] = null;
      else if (name.startsWith("decimal")) values[name] = decimalInteger(value as string);
      else values[name] = typeof value === "object" ? JSON.stringify(value) : value;
    }
  }
  return values as unknown as Insertable<JournalTable>;
}

const decodeUser = (row: Row): AnyRow => {
  row["active"] = row["active"] === 1;
  row["createdAt"] = textDate(row["createdAt"] as string);
  return row;
};

export const open: Open = async ({ file, schema }) => {
  const client = new Database(file);
  client.pragma("journal_mode = WAL");
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.exec(schema);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: client }) });

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
  const counterRow = (row: { key: string; value: number; updatedAt: Date }) => ({
    key: row.key,
    value: row.value,
    updated_at: dateText(row.updatedAt),
  });

  return {
    exec: (script) => client.exec(script),
    close: () => db.destroy(),
    stored: (query) => client.prepare(query).all() as AnyRow[],
    relations: relationTasks(db as unknown as Kysely<RelationTables>),

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
      const row = await db
        .selectFrom("users")
        .select(["id", "name", "email", "age", "active", "created_at as createdAt"])
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? undefined : decodeUser(row);
    },
    upsert: (row) =>
      db
        .insertInto("counters")
        .values(counterRow(row))
        .onConflict((conflict) =>
          conflict.column("key").doUpdateSet({ value: row.value, updated_at: dateText(row.updatedAt) }),
        )
        .returning("id")
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
        .returning("id")
        .execute(),
    async counters() {
      const rows: Row[] = await db
        .selectFrom("counters")
        .select(["key", "value", "updated_at as updatedAt"])
        .orderBy("key")
        .execute();
      for (const row of rows) row["updatedAt"] = textDate(row["updatedAt"] as string);
      return rows;
    },
    insertEvents: (rows) =>
      db.transaction().execute(async (tx) => {
        for (let at = 0; at < rows.length; at += 1000) {
          const part = rows
            .slice(at, at + 1000)
            .map(({ createdAt, ...row }) => ({ ...row, created_at: dateText(createdAt) }));
          await tx.insertInto("events").values(part).execute();
        }
      }),
    async iterate(visit) {
      const query = db.selectFrom("events").select(["id", "kind", "payload", "value", "created_at as createdAt"]);
      for await (const row of query.stream()) {
        (row as Row)["createdAt"] = textDate(row.createdAt);
        visit(row);
      }
    },
  };
};
