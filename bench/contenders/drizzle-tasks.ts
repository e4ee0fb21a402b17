import { asc, eq } from "drizzle-orm";
import type { Journal } from "../data.ts";
import type { Contender, Entity } from "./contender.ts";
import type { plainTables, connect } from "./drizzle.ts";

// What drizzle reads in the same words on every database. Its types are different ones for each; the calls are the same.

type Db = ReturnType<typeof connect>["db"];
type Tables = typeof plainTables;
type Shared = "filter" | "page" | "get" | "dicts" | "load" | "insertUsers" | "user" | "counters";

export function sharedTasks(db: Db, { journals, users, counters }: Tables): Pick<Contender, Shared> {
  const filter = (journal: Journal, level: number) =>
    db.select().from(journals[journal]).where(eq(journals[journal].level, level));
  return {
    filter,
    dicts: filter,
    page: (journal, level, limit, offset) => {
      const table = journals[journal];
      return db.select().from(table).where(eq(table.level, level)).orderBy(asc(table.id)).limit(limit).offset(offset);
    },
    get: async (journal, id) => (await db.select().from(journals[journal]).where(eq(journals[journal].id, id)))[0],
    load: async (journal, count) =>
      (await db
        .select()
        .from(journals[journal])
        .orderBy(asc(journals[journal].id))
        .limit(count)) as unknown as Entity[],
    insertUsers: (rows) => db.insert(users).values([...rows]),
    user: async (id) => (await db.select().from(users).where(eq(users.id, id)))[0],
    counters: () => db.select().from(counters).orderBy(asc(counters.key)),
  };
}
