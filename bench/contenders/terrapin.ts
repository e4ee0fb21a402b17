import { closeConnections, connections, generateSchemas, init, inTransaction, Terrapin } from "terrapin";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { columnsOf, type Journal, type JournalRow } from "../data.ts";
import { Counter, Event, Journal1, Journal2, Journal3, models, User } from "../models.ts";
import { relationTasks } from "../relations/terrapin.ts";
import { changed } from "./change.ts";
import type { Entity, Open } from "./contender.ts";

// The three journals have different fields; the tasks only use what they share, so one type stands for all.
type JournalModel = typeof Journal1;
type Common = Pick<JournalRow, "timestamp" | "level" | "text">;
const journals = { journal1: Journal1, journal2: Journal2, journal3: Journal3 } as unknown as Record<
  Journal,
  JournalModel
>;

export const open: Open = async ({ file }) => {
  const onServer = file.startsWith("mysql:");
  await init({ connections: { default: onServer ? mysql(file) : sqlite(file) }, models });
  await generateSchemas();
  const tools = onServer ? await (await import("../mysql/tools.ts")).toolsOf(file, "") : null;
  const client = connections.get("default");
  const asEntities = (rows: readonly unknown[]): readonly InstanceType<JournalModel>[] =>
    rows as readonly InstanceType<JournalModel>[];

  return {
    exec: (script) => client.executeScript(script),
    stored: (query) => client.executeQueryDict(query),
    ...tools,
    close: async () => {
      await tools?.end();
      await closeConnections();
    },
    relations: relationTasks,

    insert: (journal, row) => journals[journal].create(row as Common),
    insertEach: (journal, rows) =>
      inTransaction(async () => {
        for (const row of rows) await journals[journal].create(row as Common);
      }),
    insertBulk(journal, rows) {
      const JournalClass = journals[journal];
      return JournalClass.bulkCreate(rows.map((row) => new JournalClass(row as Common)));
    },
    filter: (journal, level) => journals[journal].filter({ level }),
    page: (journal, level, limit, offset) =>
      journals[journal].filter({ level }).orderBy("id").limit(limit).offset(offset),
    get: (journal, id) => journals[journal].get({ id }),
    dicts: (journal, level) => journals[journal].filter({ level }).values(),
    tuples: (journal, level) => journals[journal].filter({ level }).valuesList(...(columnsOf(journal) as ["id"])),
    load: (journal, count) => journals[journal].all().orderBy("id").limit(count) as unknown as PromiseLike<Entity[]>,
    saveWhole: (_journal, entities, step) =>
      inTransaction(async () => {
        for (const entity of asEntities(entities)) {
          Object.assign(entity, changed(entity, step));
          await entity.save();
        }
      }),
    savePart: (_journal, entities, step) =>
      inTransaction(async () => {
        for (const entity of asEntities(entities)) {
          entity.level = changed(entity, step).level;
          await entity.save({ updateFields: ["level"] });
        }
      }),
    remove: (_journal, entities) =>
      inTransaction(async () => {
        for (const entity of asEntities(entities)) await entity.delete();
      }),

    insertUsers: (rows) => User.bulkCreate(rows.map((row) => new User(row))),
    user: (id) => User.get({ id }),
    upsert: (row) =>
      Counter.bulkCreate([new Counter(row)], { onConflict: ["key"], updateFields: ["value", "updatedAt"] }),
    upsertBulk: (rows) =>
      Counter.bulkCreate(
        rows.map((row) => new Counter(row)),
        {
          onConflict: ["key"],
          updateFields: ["value", "updatedAt"],
        },
      ),
    counters: () => Counter.all().orderBy("key"),
    insertEvents: (rows) => Event.bulkCreate(rows.map((row) => new Event(row))),
    async iterate(visit) {
      for await (const event of Event.all()) visit(event);
    },
  };
};

/** The tables as Terrapin makes them, for the other contenders. */
export async function schemaOfTerrapin(file = ":memory:"): Promise<string> {
  if (file.startsWith("mysql:")) {
    const orm = await Terrapin.context({ connections: { default: mysql(file) }, models });
    return orm.schemaSql();
  }
  await init({ connections: { default: sqlite(":memory:") }, models });
  await generateSchemas();
  const rows = await connections
    .get("default")
    .executeQueryDict(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    );
  await closeConnections();
  return rows.map((row) => `${String(row["sql"])};`).join("\n");
}
