import Database from "better-sqlite3";
import { journals, type AnyRow, type EventRow, type Journal, type JournalRow, type UserRow } from "../data.ts";
import { relationTasks } from "../relations/raw.ts";
import { changed } from "./change.ts";
import type { Entity, Open } from "./contender.ts";
import { dateText, decimalInteger, decodeRow, decodeTuple, textDate } from "./convert.ts";
import { binder, chunk, counterOf, textsOf, type Bound } from "./raw-tasks.ts";

// What a careful person writes by hand: statements prepared once, rows from the driver's fastest call for the shape,
// and a conversion only where a column needs one.

type Row = Record<string, unknown>;

const bind = binder(decimalInteger);

export const open: Open = async ({ file, schema }) => {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = NORMAL");
  db.pragma("foreign_keys = ON");
  db.exec(schema);

  const of = {} as Record<Journal, ReturnType<typeof statements>>;
  for (const journal of journals) of[journal] = statements(journal);

  function statements(journal: Journal) {
    const texts = textsOf(journal, '"');
    return {
      insert: db.prepare(texts.insert),
      insertChunk: db.prepare(texts.insertChunk),
      filter: db.prepare(texts.filter),
      tuples: db.prepare(texts.filter).raw(),
      page: db.prepare(texts.page),
      get: db.prepare(texts.get),
      load: db.prepare(texts.load),
      whole: db.prepare(texts.whole),
      part: db.prepare(texts.part),
      remove: db.prepare(texts.remove),
    };
  }

  const inTransaction = db.transaction((work: () => void) => work());
  const userInsert = db.prepare("INSERT INTO users (name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?)");
  const userGet = db.prepare('SELECT id, name, email, age, active, created_at AS "createdAt" FROM users WHERE id = ?');
  const onConflict = " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
  const counterInsert = "INSERT INTO counters (key, value, updated_at) VALUES (?, ?, ?)";
  const upsertOne = db.prepare(`${counterInsert}${onConflict} RETURNING id`).pluck();
  const upsertChunk = db
    .prepare(`${counterInsert}${", (?, ?, ?)".repeat(chunk - 1)}${onConflict} RETURNING id`)
    .pluck();
  const counterAll = db.prepare('SELECT key, value, updated_at AS "updatedAt" FROM counters ORDER BY key');
  const eventInsert = db.prepare("INSERT INTO events (kind, payload, value, created_at) VALUES (?, ?, ?, ?)");
  const eventAll = db.prepare('SELECT id, kind, payload, value, created_at AS "createdAt" FROM events');

  /** Whole chunks in one statement each, the rest row by row. */
  function inChunks(rows: readonly Bound[][], whole: Database.Statement, one: Database.Statement): void {
    inTransaction(() => {
      let at = 0;
      for (; at + chunk <= rows.length; at += chunk) whole.run(rows.slice(at, at + chunk).flat());
      for (; at < rows.length; at++) one.run(rows[at]);
    });
  }

  return {
    exec: (script) => db.exec(script),
    close: () => db.close(),
    stored: (query) => db.prepare(query).all() as AnyRow[],
    relations: relationTasks(db),

    insert: (journal, row) => of[journal].insert.run(bind(journal, row)).lastInsertRowid,
    insertEach(journal, rows) {
      const { insert } = of[journal];
      inTransaction(() => {
        for (const row of rows) insert.run(bind(journal, row));
      });
    },
    insertBulk(journal, rows) {
      inChunks(
        rows.map((row) => bind(journal, row)),
        of[journal].insertChunk,
        of[journal].insert,
      );
    },
    filter(journal, level) {
      const rows = of[journal].filter.all(level) as Row[];
      for (const row of rows) decodeRow(journal, row);
      return rows;
    },
    dicts(journal, level) {
      const rows = of[journal].filter.all(level) as Row[];
      for (const row of rows) decodeRow(journal, row);
      return rows;
    },
    tuples(journal, level) {
      const rows = of[journal].tuples.all(level) as unknown[][];
      for (const row of rows) decodeTuple(journal, row);
      return rows;
    },
    page(journal, level, limit, offset) {
      const rows = of[journal].page.all(level, limit, offset) as Row[];
      for (const row of rows) decodeRow(journal, row);
      return rows;
    },
    get(journal, id) {
      const row = of[journal].get.get(id) as Row | undefined;
      if (row !== undefined) decodeRow(journal, row);
      return row;
    },
    load(journal, count) {
      const rows = of[journal].load.all(count) as Row[];
      for (const row of rows) decodeRow(journal, row);
      return rows as unknown as Entity[];
    },
    saveWhole(journal, entities, step) {
      const { whole } = of[journal];
      inTransaction(() => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          const bound = bind(journal, entity as unknown as JournalRow);
          bound.push(entity.id);
          whole.run(bound);
        }
      });
    },
    savePart(journal, entities, step) {
      const { part } = of[journal];
      inTransaction(() => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          part.run(entity.level, entity.id);
        }
      });
    },
    remove(journal, entities) {
      const { remove } = of[journal];
      inTransaction(() => {
        for (const entity of entities) remove.run(entity.id);
      });
    },

    insertUsers(rows: readonly UserRow[]) {
      for (const row of rows) {
        userInsert.run(row.name, row.email, row.age, row.active ? 1 : 0, dateText(row.createdAt));
      }
    },
    user(id) {
      const row = userGet.get(id) as Row | undefined;
      if (row !== undefined) {
        row["active"] = row["active"] === 1;
        row["createdAt"] = textDate(row["createdAt"] as string);
      }
      return row;
    },
    upsert: (row) => upsertOne.get(counterOf(row)) as number,
    upsertBulk(rows) {
      const bound = rows.map(counterOf);
      const keys: number[] = [];
      inTransaction(() => {
        let at = 0;
        for (; at + chunk <= bound.length; at += chunk)
          keys.push(...(upsertChunk.all(bound.slice(at, at + chunk).flat()) as number[]));
        for (; at < bound.length; at++) keys.push(upsertOne.get(bound[at]) as number);
      });
      return keys;
    },
    counters() {
      const rows = counterAll.all() as Row[];
      for (const row of rows) row["updatedAt"] = textDate(row["updatedAt"] as string);
      return rows;
    },
    insertEvents(rows: readonly EventRow[]) {
      inTransaction(() => {
        for (const row of rows) eventInsert.run(row.kind, row.payload, row.value, dateText(row.createdAt));
      });
    },
    iterate(visit) {
      for (const item of eventAll.iterate()) {
        const row = item as Row;
        row["createdAt"] = textDate(row["createdAt"] as string);
        visit(row as AnyRow);
      }
    },
  };
};
