import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import type { AnyRow } from "../data.ts";
import { relationTasks } from "../relations/kysely.ts";
import type { RelationTables } from "../relations/kysely-tasks.ts";
import type { Open } from "./contender.ts";
import { dateText, decimalInteger, decodeRow, textDate } from "./convert.ts";
import { counterRow, encoder, sharedTasks, type Row, type Tables } from "./kysely-tasks.ts";

// Kysely is a query builder: it gives rows as the driver does, and the conversion is the user's, as written here:
// names by aliases where a column is called otherwise, values in place.

const encode = encoder(decimalInteger);

export const open: Open = async ({ file, schema }) => {
  const client = new Database(file);
  client.pragma("journal_mode = WAL");
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.exec(schema);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: client }) });

  return {
    exec: (script) => client.exec(script),
    close: () => db.destroy(),
    stored: (query) => client.prepare(query).all() as AnyRow[],
    relations: relationTasks(db as unknown as Kysely<RelationTables>),
    ...sharedTasks(db, { encode, decodeRow, readInstant: textDate }),

    insert: (journal, row) => db.insertInto(journal).values(encode(journal, row)).execute(),
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
