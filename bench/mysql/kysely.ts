import { createPool } from "mysql2";
import { Kysely, MysqlDialect, sql, type Generated, type Insertable, type SelectQueryBuilder } from "kysely";
import { changed } from "../contenders/change.ts";
import type { Entity, Open } from "../contenders/contender.ts";
import { dateText } from "../contenders/convert.ts";
import { wideNames, type AnyRow, type Journal } from "../data.ts";
import { kyselyRelations, type RelationTables } from "./kysely-relations.ts";
import { decodeRow, exactly, instantOf, toolsOf } from "./tools.ts";

// Kysely gives rows as the driver does, and the conversion is the user's, as written here.

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
      values[name] = typeof value === "object" && value !== null ? JSON.stringify(value) : value;
    }
  }
  return values as unknown as Insertable<JournalTable>;
}

export const open: Open = async ({ file, schema }) => {
  const tools = await toolsOf(file, schema);
  const db = new Kysely<Tables>({
    dialect: new MysqlDialect({ pool: createPool({ uri: file, ...exactly } as never) }),
  });

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
    ...tools,
    close: async () => {
      await tools.end();
      await db.destroy();
    },
    relations: kyselyRelations(db as unknown as Kysely<RelationTables>),

    insert: async (journal, row) =>
      Number((await db.insertInto(journal).values(encode(journal, row)).executeTakeFirst()).insertId),
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
      if (row !== undefined) {
        row["active"] = row["active"] === 1;
        row["createdAt"] = instantOf(row["createdAt"] as string);
      }
      return row;
    },
    upsert: async (row) => {
      const { key: _key, ...set } = counterRow(row);
      const { insertId } = await db
        .insertInto("counters")
        .values(counterRow(row))
        .onDuplicateKeyUpdate({ ...set, id: sql`LAST_INSERT_ID(id)` })
        .executeTakeFirst();
      return Number(insertId);
    },
    upsertBulk: (rows) =>
      db.transaction().execute(async (tx) => {
        await tx
          .insertInto("counters")
          .values(rows.map(counterRow))
          .onDuplicateKeyUpdate({ value: sql`VALUES(value)`, updated_at: sql`VALUES(updated_at)` })
          .execute();
        const found = await tx
          .selectFrom("counters")
          .select(["id", "key"])
          .where(
            "key",
            "in",
            rows.map(({ key }) => key),
          )
          .execute();
        const keys = new Map(found.map(({ id, key }) => [key, id]));
        return rows.map(({ key }) => keys.get(key) ?? 0);
      }),
    async counters() {
      const rows: Row[] = await db
        .selectFrom("counters")
        .select(["key", "value", "updated_at as updatedAt"])
        .orderBy("key")
        .execute();
      for (const row of rows) row["updatedAt"] = instantOf(row["updatedAt"] as string);
      return rows;
    },
    async insertEvents(rows) {
      for (let at = 0; at < rows.length; at += 1000)
        await db
          .insertInto("events")
          .values(
            rows.slice(at, at + 1000).map(({ createdAt, ...row }) => ({ ...row, created_at: dateText(createdAt) })),
          )
          .execute();
    },
    async iterate(visit) {
      const rows = db
        .selectFrom("events")
        .select(["id", "kind", "payload", "value", "created_at as createdAt"])
        .stream(256);
      for await (const item of rows) {
        const row: Row = item;
        row["createdAt"] = instantOf(row["createdAt"] as string);
        visit(row);
      }
    },
  };
};
