import { createPool } from "mysql2";
import { Kysely, MysqlDialect, sql } from "kysely";
import type { Open } from "../contenders/contender.ts";
import { dateText } from "../contenders/convert.ts";
import { counterRow, encoder, sharedTasks, type Row, type Tables } from "../contenders/kysely-tasks.ts";
import type { RelationTables } from "../relations/kysely-tasks.ts";
import { kyselyRelations } from "./kysely-relations.ts";
import { decodeRow, exactly, instantOf, toolsOf } from "./tools.ts";

// Kysely gives rows as the driver does, and the conversion is the user's, as written here.

const encode = encoder((text) => text);

export const open: Open = async ({ file, schema }) => {
  const tools = await toolsOf(file, schema);
  const db = new Kysely<Tables>({
    dialect: new MysqlDialect({ pool: createPool({ uri: file, ...exactly } as never) }),
  });

  return {
    ...tools,
    close: async () => {
      await tools.end();
      await db.destroy();
    },
    relations: kyselyRelations(db as unknown as Kysely<RelationTables>),
    ...sharedTasks(db, { encode, decodeRow, readInstant: instantOf }),

    insert: async (journal, row) =>
      Number((await db.insertInto(journal).values(encode(journal, row)).executeTakeFirst()).insertId),
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
