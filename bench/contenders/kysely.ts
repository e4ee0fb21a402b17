import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type Insertable } from "kysely";
import { wideNames, type AnyRow, type Journal } from "../data.ts";
import { relationTasks, type RelationTables } from "../relations/kysely.ts";
import type { Open } from "./contender.ts";
import { dateText, decimalInteger, decodeRow, textDate } from "./convert.ts";
import { counterRow, sharedTasks, type JournalTable, type Row, type Tables } from "./kysely-tasks.ts";

// Kysely is a query builder: it gives rows as the driver does, and the conversion is the user's, as written here:
// names by aliases where a column is called otherwise, values in place.

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
