import { createPool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from "mysql2/promise";
import {
  columnsOf,
  journals,
  wideNames,
  type AnyRow,
  type EventRow,
  type Journal,
  type JournalRow,
  type UserRow,
} from "../data.ts";
import { changed } from "../contenders/change.ts";
import type { Entity, Open } from "../contenders/contender.ts";
import { dateText } from "../contenders/convert.ts";
import { binder, chunk, counterOf, textsOf, type Bound } from "../contenders/raw-tasks.ts";
import { rawRelations } from "./raw-relations.ts";
import { decodeRow, exactly, instantOf, toolsOf } from "./tools.ts";

// What a careful person writes by hand with mysql2: a pool, prepared statements, and a conversion only where a column
// needs one.

type Row = Record<string, unknown>;

const bind = binder((text) => text);

export const open: Open = async ({ file, schema }) => {
  const tools = await toolsOf(file, schema);
  const pool = createPool({ uri: file, ...exactly } as never);
  const of = Object.fromEntries(journals.map((journal) => [journal, textsOf(journal, "`")])) as Record<
    Journal,
    ReturnType<typeof textsOf>
  >;

  const rows = async (sql: string, values: Bound[]): Promise<Row[]> =>
    (await pool.execute<RowDataPacket[]>(sql, values))[0];
  const decoded = async (journal: Journal, sql: string, values: Bound[]): Promise<Row[]> => {
    const found = await rows(sql, values);
    for (const row of found) decodeRow(journal, row);
    return found;
  };
  async function inTransaction<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      const result = await work(connection);
      await connection.commit();
      return result;
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }
  /** Whole chunks in one statement each, the rest row by row. */
  const inChunks = (bound: readonly Bound[][], whole: string, one: string): Promise<void> =>
    inTransaction(async (connection) => {
      let at = 0;
      for (; at + chunk <= bound.length; at += chunk)
        await connection.execute(whole, bound.slice(at, at + chunk).flat());
      for (; at < bound.length; at++) await connection.execute(one, bound[at]);
    });

  const onConflict = " ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at)";
  const counterInsert = "INSERT INTO counters (`key`, value, updated_at) VALUES (?, ?, ?)";

  return {
    exec: tools.exec,
    stored: tools.stored,
    empty: tools.empty,
    close: async () => {
      await tools.end();
      await pool.end();
    },
    relations: rawRelations(pool),

    insert: async (journal, row) =>
      (await pool.execute<ResultSetHeader>(of[journal].insert, bind(journal, row)))[0].insertId,
    insertEach: (journal, all) =>
      inTransaction(async (connection) => {
        for (const row of all) await connection.execute(of[journal].insert, bind(journal, row));
      }),
    insertBulk: (journal, all) =>
      inChunks(
        all.map((row) => bind(journal, row)),
        of[journal].insertChunk,
        of[journal].insert,
      ),
    filter: (journal, level) => decoded(journal, of[journal].filter, [level]),
    dicts: (journal, level) => decoded(journal, of[journal].filter, [level]),
    async tuples(journal, level) {
      const [found] = await pool.execute<RowDataPacket[][]>({ sql: of[journal].filter, rowsAsArray: true }, [level]);
      const all = found as unknown as unknown[][];
      for (const row of all) {
        row[1] = instantOf(row[1] as string);
        if (journal !== "journal3") continue;
        for (const at of tupleJsons) if (row[at] !== null) row[at] = JSON.parse(row[at] as string);
      }
      return all;
    },
    page: (journal, level, limit, offset) => decoded(journal, of[journal].page, [level, limit, offset]),
    get: async (journal, id) => (await decoded(journal, of[journal].get, [id]))[0],
    load: async (journal, count) => (await decoded(journal, of[journal].load, [count])) as unknown as Entity[],
    saveWhole: (journal, entities, step) =>
      inTransaction(async (connection) => {
        for (const entity of entities) {
          Object.assign(entity, changed(entity, step));
          await connection.execute(of[journal].whole, [...bind(journal, entity as unknown as JournalRow), entity.id]);
        }
      }),
    savePart: (journal, entities, step) =>
      inTransaction(async (connection) => {
        for (const entity of entities) {
          entity.level = changed(entity, step).level;
          await connection.execute(of[journal].part, [entity.level, entity.id]);
        }
      }),
    remove: (journal, entities) =>
      inTransaction(async (connection) => {
        for (const { id } of entities) await connection.execute(of[journal].remove, [id]);
      }),

    async insertUsers(all: readonly UserRow[]) {
      for (const row of all)
        await pool.execute("INSERT INTO users (name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?)", [
          row.name,
          row.email,
          row.age,
          row.active ? 1 : 0,
          dateText(row.createdAt),
        ]);
    },
    async user(id) {
      const [row] = await rows("SELECT id, name, email, age, active, created_at AS createdAt FROM users WHERE id = ?", [
        id,
      ]);
      if (row !== undefined) {
        row["active"] = row["active"] === 1;
        row["createdAt"] = instantOf(row["createdAt"] as string);
      }
      return row;
    },
    upsert: async (row) =>
      (await pool.execute<ResultSetHeader>(`${counterInsert}${onConflict}, id = LAST_INSERT_ID(id)`, counterOf(row)))[0]
        .insertId,
    upsertBulk: (all) =>
      inTransaction(async (connection) => {
        let at = 0;
        const bound = all.map(counterOf);
        for (; at + chunk <= bound.length; at += chunk)
          await connection.execute(
            `${counterInsert}${", (?, ?, ?)".repeat(chunk - 1)}${onConflict}`,
            bound.slice(at, at + chunk).flat(),
          );
        for (; at < bound.length; at++) await connection.execute(`${counterInsert}${onConflict}`, bound[at]);
        const [found] = await connection.execute<RowDataPacket[]>(
          `SELECT id, \`key\` FROM counters WHERE \`key\` IN (${all.map(() => "?").join(", ")})`,
          all.map(({ key }) => key),
        );
        const keys = new Map(found.map((row) => [row["key"] as string, row["id"] as number]));
        return all.map(({ key }) => keys.get(key) ?? 0);
      }),
    async counters() {
      const found = await rows("SELECT `key`, value, updated_at AS updatedAt FROM counters ORDER BY `key`", []);
      for (const row of found) row["updatedAt"] = instantOf(row["updatedAt"] as string);
      return found;
    },
    insertEvents: (all: readonly EventRow[]) =>
      inTransaction(async (connection) => {
        for (let at = 0; at < all.length; at += 1000) {
          const part = all.slice(at, at + 1000);
          await connection.query("INSERT INTO events (kind, payload, value, created_at) VALUES ?", [
            part.map((row) => [row.kind, row.payload, row.value, dateText(row.createdAt)]),
          ]);
        }
      }),
    async iterate(visit) {
      const stream = pool.pool
        .query("SELECT id, kind, payload, value, created_at AS createdAt FROM events")
        .stream({ highWaterMark: 256 });
      for await (const item of stream) {
        const row = item as Row;
        row["createdAt"] = instantOf(row["createdAt"] as string);
        visit(row as AnyRow);
      }
    },
  };
};

const tupleJsons = wideNames
  .filter((name) => name.startsWith("json"))
  .map((name) => columnsOf("journal3").indexOf(name));
