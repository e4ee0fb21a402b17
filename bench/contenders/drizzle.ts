import Database from "better-sqlite3";
import { asc, eq, getTableColumns, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { customType, index, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AnyRow, Journal, Json } from "../data.ts";
import { preparedRelationTasks, relationTasks, syncRelationTasks } from "../relations/drizzle.ts";
import { changed } from "./change.ts";
import type { Contender, Open } from "./contender.ts";
import { sharedTasks } from "./drizzle-tasks.ts";
import { dateText, decimalInteger, integerDecimal, textDate } from "./convert.ts";

const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => "text",
  toDriver: dateText,
  fromDriver: textDate,
});
// A prepared statement hands null to toDriver as well.
const decimal = customType<{ data: string; driverData: number | null }>({
  dataType: () => "integer",
  toDriver: (value: string | null) => (value === null ? null : decimalInteger(value)),
  fromDriver: (value) => integerDecimal(value as number),
});
const json = customType<{ data: Json; driverData: string | null }>({
  dataType: () => "text",
  toDriver: (value: Json | null) => (value === null ? null : JSON.stringify(value)),
  fromDriver: (value) => JSON.parse(value as string) as Json,
});

const common = () => ({
  id: integer("id").primaryKey({ autoIncrement: true }),
  timestamp: instant("timestamp").notNull(),
  level: integer("level").notNull(),
  text: text("text").notNull(),
});

const journal1 = sqliteTable("journal1", common(), (table) => [index("j1_level").on(table.level)]);
const journal2 = sqliteTable("journal2", { ...common(), parentId: integer("parent_id").notNull() }, (table) => [
  index("j2_level").on(table.level),
  index("j2_parent").on(table.parentId),
]);
const journal3 = sqliteTable(
  "journal3",
  {
    ...common(),
    float1: real().notNull(),
    small1: integer().notNull(),
    int1: integer().notNull(),
    big1: integer().notNull(),
    char1: text({ length: 255 }).notNull(),
    text1: text().notNull(),
    decimal1: decimal().notNull(),
    json1: json().notNull(),
    float2: real(),
    small2: integer(),
    int2: integer(),
    big2: integer(),
    char2: text({ length: 255 }),
    text2: text(),
    decimal2: decimal(),
    json2: json(),
    float3: real().notNull(),
    small3: integer().notNull(),
    int3: integer().notNull(),
    big3: integer().notNull(),
    char3: text({ length: 255 }).notNull(),
    text3: text().notNull(),
    decimal3: decimal().notNull(),
    json3: json().notNull(),
    float4: real(),
    small4: integer(),
    int4: integer(),
    big4: integer(),
    char4: text({ length: 255 }),
    text4: text(),
    decimal4: decimal(),
    json4: json(),
  },
  (table) => [index("j3_level").on(table.level)],
);
const users = sqliteTable("users", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  email: text().notNull(),
  age: integer().notNull(),
  active: integer({ mode: "boolean" }).notNull(),
  createdAt: instant("created_at").notNull(),
});
const counters = sqliteTable("counters", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  key: text().notNull().unique(),
  value: integer().notNull(),
  updatedAt: instant("updated_at").notNull(),
});
const events = sqliteTable("events", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  kind: text().notNull(),
  payload: text().notNull(),
  value: real().notNull(),
  createdAt: instant("created_at").notNull(),
});

// The three journals have different column types; the tasks only use what they share.
const tables = { journal1, journal2, journal3 } as unknown as Record<Journal, typeof journal1>;
export const plainTables = { journals: tables, users, counters };

export function connect(file: string, schema: string) {
  const client = new Database(file);
  client.pragma("journal_mode = WAL");
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.exec(schema);
  return { client, db: drizzle({ client }) };
}

/** Drizzle as its pages show it: every query is built where it is used, and awaited. */
export const open: Open = async ({ file, schema }) => {
  const { client, db } = connect(file, schema);
  return plain(client, db);
};

export function plain(client: Database.Database, db: ReturnType<typeof connect>["db"]): Contender {
  return {
    exec: (script) => client.exec(script),
    close: () => client.close(),
    stored: (query) => client.prepare(query).all() as AnyRow[],
    relations: relationTasks(client),
    ...sharedTasks(db, plainTables),

    insert: (journal, row) => db.insert(tables[journal]).values(row),
    insertEach: (journal, rows) =>
      db.transaction((tx) => {
        for (const row of rows) tx.insert(tables[journal]).values(row).run();
      }),
    // One statement takes at most 32,766 parameters.
    insertBulk: (journal, rows) =>
      db.transaction((tx) => {
        for (let at = 0; at < rows.length; at += 500)
          tx.insert(tables[journal])
            .values(rows.slice(at, at + 500))
            .run();
      }),
    saveWhole: (journal, entities, step) =>
      db.transaction((tx) => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          const { id, ...values } = entity;
          tx.update(tables[journal]).set(values).where(eq(tables[journal].id, id)).run();
        }
      }),
    savePart: (journal, entities, step) =>
      db.transaction((tx) => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          tx.update(tables[journal]).set({ level: entity.level }).where(eq(tables[journal].id, entity.id)).run();
        }
      }),
    remove: (journal, entities) =>
      db.transaction((tx) => {
        for (const { id } of entities) tx.delete(tables[journal]).where(eq(tables[journal].id, id)).run();
      }),

    upsert: (row) =>
      db
        .insert(counters)
        .values(row)
        .onConflictDoUpdate({ target: counters.key, set: { value: row.value, updatedAt: row.updatedAt } })
        .returning({ id: counters.id }),
    upsertBulk: (rows) =>
      db
        .insert(counters)
        .values([...rows])
        .onConflictDoUpdate({
          target: counters.key,
          set: { value: sql`excluded.value`, updatedAt: sql`excluded.updated_at` },
        })
        .returning({ id: counters.id }),
    insertEvents: (rows) =>
      db.transaction((tx) => {
        for (let at = 0; at < rows.length; at += 1000)
          tx.insert(events)
            .values(rows.slice(at, at + 1000))
            .run();
      }),
    // There is no row stream for SQLite: pages by key.
    async iterate(visit) {
      for (let last = 0; ; ) {
        const page = await db.select().from(events).where(gt(events.id, last)).orderBy(asc(events.id)).limit(1000);
        if (page.length === 0) return;
        for (const row of page) visit(row as AnyRow);
        last = page[page.length - 1]?.id ?? 0;
      }
    },
  };
}

/** Every statement prepared ahead, and awaited, as on any other database. */
export const openPrepared: Open = async ({ file, schema }) => {
  const { client, db, of, user, upsertOne, upsertChunk, eventPage, begin, commit } = prepared(file, schema);

  async function inTransaction(work: () => Promise<void>): Promise<void> {
    begin.run();
    try {
      await work();
      commit.run();
    } catch (error) {
      client.exec("ROLLBACK");
      throw error;
    }
  }
  const inChunks = (rows: readonly AnyRow[], columns: readonly string[], whole: Prepared, one: Prepared) =>
    inTransaction(async () => {
      let at = 0;
      for (; at + chunk <= rows.length; at += chunk) await whole.execute(numbered(rows, columns, at));
      for (; at < rows.length; at++) await one.execute({ ...rows[at] });
    });

  return {
    ...plain(client, db),
    relations: preparedRelationTasks(client),
    insert: (journal, row) => of[journal].insert.execute(row),
    insertEach: (journal, rows) =>
      inTransaction(async () => {
        for (const row of rows) await of[journal].insert.execute(row);
      }),
    insertBulk: (journal, rows) => inChunks(rows, of[journal].columns, of[journal].insertChunk, of[journal].insert),
    filter: (journal, level) => of[journal].filter.execute({ level }) as PromiseLike<object[]>,
    page: (journal, level, limit, offset) =>
      of[journal].page.execute({ level, limit, offset }) as PromiseLike<object[]>,
    get: async (journal, id) => ((await of[journal].get.execute({ id })) as object[])[0],
    dicts: (journal, level) => of[journal].filter.execute({ level }) as PromiseLike<object[]>,
    saveWhole: (journal, entities, step) =>
      inTransaction(async () => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          await of[journal].whole.execute(entity);
        }
      }),
    savePart: (journal, entities, step) =>
      inTransaction(async () => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          await of[journal].part.execute({ level: entity.level, id: entity.id });
        }
      }),
    remove: (journal, entities) =>
      inTransaction(async () => {
        for (const { id } of entities) await of[journal].remove.execute({ id });
      }),
    user: async (id) => ((await user.execute({ id })) as object[])[0],
    upsert: (row) => upsertOne.execute(row) as PromiseLike<Key[]>,
    async upsertBulk(rows) {
      const keys: Key[] = [];
      await inTransaction(async () => {
        let at = 0;
        for (; at + chunk <= rows.length; at += chunk)
          keys.push(...((await upsertChunk.execute(numbered(rows, counterNames, at))) as Key[]));
        for (; at < rows.length; at++) keys.push(...((await upsertOne.execute({ ...rows[at] })) as Key[]));
      });
      return keys;
    },
    async iterate(visit) {
      for (let last = 0; ; ) {
        const page = (await eventPage.execute({ last })) as { id: number }[];
        if (page.length === 0) return;
        for (const row of page) visit(row);
        last = page[page.length - 1]?.id ?? 0;
      }
    },
  };
};

/** Every statement prepared ahead, through the synchronous calls that drizzle has on better-sqlite3 alone. */
export const openSync: Open = async ({ file, schema }) => {
  const { client, db, of, user, upsertOne, upsertChunk, eventPage, begin, commit } = prepared(file, schema);

  function inTransaction(work: () => void): void {
    begin.run();
    try {
      work();
      commit.run();
    } catch (error) {
      client.exec("ROLLBACK");
      throw error;
    }
  }
  const inChunks = (rows: readonly AnyRow[], columns: readonly string[], whole: Prepared, one: Prepared) =>
    inTransaction(() => {
      let at = 0;
      for (; at + chunk <= rows.length; at += chunk) whole.run(numbered(rows, columns, at));
      for (; at < rows.length; at++) one.run({ ...rows[at] });
    });

  return {
    ...plain(client, db),
    relations: syncRelationTasks(client),
    insert: (journal, row) => of[journal].insert.run(row),
    insertEach: (journal, rows) =>
      inTransaction(() => {
        for (const row of rows) of[journal].insert.run(row);
      }),
    insertBulk: (journal, rows) => inChunks(rows, of[journal].columns, of[journal].insertChunk, of[journal].insert),
    filter: (journal, level) => of[journal].filter.all({ level }),
    page: (journal, level, limit, offset) => of[journal].page.all({ level, limit, offset }),
    get: (journal, id) => of[journal].get.get({ id }),
    dicts: (journal, level) => of[journal].filter.all({ level }),
    saveWhole: (journal, entities, step) =>
      inTransaction(() => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          of[journal].whole.run(entity);
        }
      }),
    savePart: (journal, entities, step) =>
      inTransaction(() => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          of[journal].part.run({ level: entity.level, id: entity.id });
        }
      }),
    remove: (journal, entities) =>
      inTransaction(() => {
        for (const { id } of entities) of[journal].remove.run({ id });
      }),
    user: (id) => user.get({ id }),
    upsert: (row) => upsertOne.all(row) as Key[],
    upsertBulk(rows) {
      const keys: Key[] = [];
      inTransaction(() => {
        let at = 0;
        for (; at + chunk <= rows.length; at += chunk)
          keys.push(...(upsertChunk.all(numbered(rows, counterNames, at)) as Key[]));
        for (; at < rows.length; at++) keys.push(...(upsertOne.all({ ...rows[at] }) as Key[]));
      });
      return keys;
    },
    iterate(visit) {
      for (let last = 0; ; ) {
        const page = eventPage.all({ last }) as { id: number }[];
        if (page.length === 0) return;
        for (const row of page) visit(row);
        last = page[page.length - 1]?.id ?? 0;
      }
    },
  };
};

type Key = { readonly id: number };
const chunk = 50;
const counterNames = ["key", "value", "updatedAt"];

interface Prepared {
  execute(values: object): PromiseLike<unknown>;
  run(values: object): unknown;
  all(values: object): object[];
  get(values: object): object | undefined;
}

/** The values of a chunk under the names of its placeholders. */
function numbered(rows: readonly AnyRow[], columns: readonly string[], at: number): object {
  const bound: Record<string, unknown> = {};
  for (let row = 0; row < chunk; row++) {
    for (const name of columns) bound[`${name}_${row}`] = rows[at + row]?.[name];
  }
  return bound;
}

function prepared(file: string, schema: string) {
  const { client, db } = connect(file, schema);
  const hole = (name: string) => sql.placeholder(name);
  const holes = (columns: readonly string[], suffix = "") =>
    Object.fromEntries(columns.map((name) => [name, hole(name + suffix)])) as never;
  const chunkOf = (columns: readonly string[]) => Array.from({ length: chunk }, (_, row) => holes(columns, `_${row}`));

  function statements(table: typeof journal1) {
    const columns = Object.keys(getTableColumns(table)).filter((name) => name !== "id");
    const all = getTableColumns(table) as unknown as Record<string, never>;
    // A placeholder in set() is only converted by its column when it is wrapped as one of its values.
    const set = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, sql`${sql.param(hole(name), all[name])}`])) as never;
    const byLevel = eq(table.level, hole("level"));
    const byKey = eq(table.id, hole("id"));
    const ordered = db.select().from(table).where(byLevel).orderBy(asc(table.id));
    return {
      columns,
      insert: db.insert(table).values(holes(columns)).prepare() as unknown as Prepared,
      insertChunk: db.insert(table).values(chunkOf(columns)).prepare() as unknown as Prepared,
      filter: db.select().from(table).where(byLevel).prepare() as unknown as Prepared,
      page: ordered.limit(hole("limit")).offset(hole("offset")).prepare() as unknown as Prepared,
      get: db.select().from(table).where(byKey).prepare() as unknown as Prepared,
      whole: db.update(table).set(set(columns)).where(byKey).prepare() as unknown as Prepared,
      part: db
        .update(table)
        .set(set(["level"]))
        .where(byKey)
        .prepare() as unknown as Prepared,
      remove: db.delete(table).where(byKey).prepare() as unknown as Prepared,
    };
  }

  const upsertSet = { target: counters.key, set: { value: sql`excluded.value`, updatedAt: sql`excluded.updated_at` } };
  const upsert = (rows: never[]) =>
    db
      .insert(counters)
      .values(rows)
      .onConflictDoUpdate(upsertSet)
      .returning({ id: counters.id })
      .prepare() as unknown as Prepared;
  const nextEvents = db
    .select()
    .from(events)
    .where(gt(events.id, hole("last")))
    .orderBy(asc(events.id))
    .limit(1000);
  return {
    client,
    db,
    of: {
      journal1: statements(tables.journal1),
      journal2: statements(tables.journal2),
      journal3: statements(tables.journal3),
    },
    user: db
      .select()
      .from(users)
      .where(eq(users.id, hole("id")))
      .prepare() as unknown as Prepared,
    upsertOne: upsert([holes(counterNames)]),
    upsertChunk: upsert(chunkOf(counterNames)),
    eventPage: nextEvents.prepare() as unknown as Prepared,
    begin: client.prepare("BEGIN"),
    commit: client.prepare("COMMIT"),
  };
}
