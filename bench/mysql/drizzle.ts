import { eq, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/mysql2";
import {
  bigint,
  boolean,
  datetime,
  decimal,
  double,
  index,
  int,
  json,
  longtext,
  mysqlTable,
  smallint,
  varchar,
} from "drizzle-orm/mysql-core";
import { createPool } from "mysql2/promise";
import { changed } from "../contenders/change.ts";
import type { Open } from "../contenders/contender.ts";
import { sharedTasks } from "../contenders/drizzle-tasks.ts";
import type { Journal, Json } from "../data.ts";
import { drizzleRelations } from "./drizzle-relations.ts";
import { toolsOf } from "./tools.ts";

const common = () => ({
  id: bigint("id", { mode: "number" }).primaryKey().autoincrement(),
  timestamp: datetime("timestamp", { fsp: 3 }).notNull(),
  level: smallint("level").notNull(),
  text: varchar("text", { length: 255 }).notNull(),
});

const journal1 = mysqlTable("journal1", common(), (table) => [index("j1_level").on(table.level)]);
const journal2 = mysqlTable(
  "journal2",
  { ...common(), parentId: bigint("parent_id", { mode: "number" }).notNull() },
  (table) => [index("j2_level").on(table.level), index("j2_parent").on(table.parentId)],
);
const journal3 = mysqlTable(
  "journal3",
  {
    ...common(),
    float1: double().notNull(),
    small1: smallint().notNull(),
    int1: int().notNull(),
    big1: bigint({ mode: "number" }).notNull(),
    char1: varchar({ length: 255 }).notNull(),
    text1: longtext().notNull(),
    decimal1: decimal({ precision: 12, scale: 8 }).notNull(),
    json1: json().$type<Json>().notNull(),
    float2: double(),
    small2: smallint(),
    int2: int(),
    big2: bigint({ mode: "number" }),
    char2: varchar({ length: 255 }),
    text2: longtext(),
    decimal2: decimal({ precision: 12, scale: 8 }),
    json2: json().$type<Json>(),
    float3: double().notNull(),
    small3: smallint().notNull(),
    int3: int().notNull(),
    big3: bigint({ mode: "number" }).notNull(),
    char3: varchar({ length: 255 }).notNull(),
    text3: longtext().notNull(),
    decimal3: decimal({ precision: 12, scale: 8 }).notNull(),
    json3: json().$type<Json>().notNull(),
    float4: double(),
    small4: smallint(),
    int4: int(),
    big4: bigint({ mode: "number" }),
    char4: varchar({ length: 255 }),
    text4: longtext(),
    decimal4: decimal({ precision: 12, scale: 8 }),
    json4: json().$type<Json>(),
  },
  (table) => [index("j3_level").on(table.level)],
);
const users = mysqlTable("users", {
  id: bigint("id", { mode: "number" }).primaryKey().autoincrement(),
  name: varchar({ length: 100 }).notNull(),
  email: varchar({ length: 200 }).notNull(),
  age: int().notNull(),
  active: boolean().notNull(),
  createdAt: datetime("created_at", { fsp: 3 }).notNull(),
});
const counters = mysqlTable("counters", {
  id: bigint("id", { mode: "number" }).primaryKey().autoincrement(),
  key: varchar({ length: 100 }).notNull().unique(),
  value: int().notNull(),
  updatedAt: datetime("updated_at", { fsp: 3 }).notNull(),
});
const events = mysqlTable("events", {
  id: bigint("id", { mode: "number" }).primaryKey().autoincrement(),
  kind: varchar({ length: 20 }).notNull(),
  payload: longtext().notNull(),
  value: double().notNull(),
  createdAt: datetime("created_at", { fsp: 3 }).notNull(),
});

// The three journals have different column types; the tasks only use what they share.
const tables = { journal1, journal2, journal3 } as unknown as Record<Journal, typeof journal1>;

/** Drizzle as its pages show it: every query is built where it is used, and awaited. */
export const open: Open = async ({ file, schema }) => {
  const tools = await toolsOf(file, schema);
  const pool = createPool({ uri: file, connectionLimit: 10, supportBigNumbers: true });
  const db = drizzle({ client: pool });
  return {
    ...tools,
    close: async () => {
      await tools.end();
      await pool.end();
    },
    relations: drizzleRelations(pool),
    ...sharedTasks(db as never, { journals: tables, users, counters } as never),

    insert: async (journal, row) => (await db.insert(tables[journal]).values(row))[0].insertId,
    insertEach: (journal, rows) =>
      db.transaction(async (tx) => {
        for (const row of rows) await tx.insert(tables[journal]).values(row);
      }),
    insertBulk: (journal, rows) =>
      db.transaction(async (tx) => {
        for (let at = 0; at < rows.length; at += 500) await tx.insert(tables[journal]).values(rows.slice(at, at + 500));
      }),
    saveWhole: (journal, entities, step) =>
      db.transaction(async (tx) => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          const { id, ...values } = entity;
          await tx.update(tables[journal]).set(values).where(eq(tables[journal].id, id));
        }
      }),
    savePart: (journal, entities, step) =>
      db.transaction(async (tx) => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          await tx.update(tables[journal]).set({ level: entity.level }).where(eq(tables[journal].id, entity.id));
        }
      }),
    remove: (journal, entities) =>
      db.transaction(async (tx) => {
        for (const { id } of entities) await tx.delete(tables[journal]).where(eq(tables[journal].id, id));
      }),

    upsert: async (row) =>
      (
        await db
          .insert(counters)
          .values(row)
          .onDuplicateKeyUpdate({
            set: { value: row.value, updatedAt: row.updatedAt, id: sql`LAST_INSERT_ID(${counters.id})` },
          })
      )[0].insertId,
    upsertBulk: (rows) =>
      db.transaction(async (tx) => {
        await tx
          .insert(counters)
          .values([...rows])
          .onDuplicateKeyUpdate({ set: { value: sql`VALUES(value)`, updatedAt: sql`VALUES(updated_at)` } });
        const found = await tx
          .select({ id: counters.id, key: counters.key })
          .from(counters)
          .where(
            inArray(
              counters.key,
              rows.map(({ key }) => key),
            ),
          );
        const keys = new Map(found.map(({ id, key }) => [key, id]));
        return rows.map(({ key }) => keys.get(key) ?? 0);
      }),
    async insertEvents(rows) {
      for (let at = 0; at < rows.length; at += 1000) await db.insert(events).values(rows.slice(at, at + 1000));
    },
    async iterate(visit) {
      for await (const row of db.select().from(events).iterator()) visit(row);
    },
  };
};
