import type {
  ColumnDescription,
  ForeignKeyDescription,
  IndexDescription,
  TableDescription,
} from "../../core/connection/introspection.js";
import type { Runner } from "../../core/connection/driver.js";

/** The PRAGMAs as tables, because every client of the family can read tables. */
const TABLES =
  "SELECT name, sql FROM sqlite_schema AS t WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT EXISTS (" +
  // Full-text indexes, and the tables behind them.
  "SELECT 1 FROM sqlite_schema AS v WHERE v.sql LIKE 'CREATE VIRTUAL TABLE%' AND (t.name = v.name OR t.name IN" +
  " (v.name || '_data', v.name || '_idx', v.name || '_content', v.name || '_docsize', v.name || '_config'))) ORDER BY name";
const COLUMNS = 'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid';
const KEYS = 'SELECT id, "table", "from", "to", on_delete, on_update FROM pragma_foreign_key_list(?) ORDER BY id, seq';
const INDEXES = 'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY name';
const INDEX_COLUMNS = "SELECT name FROM pragma_index_info(?) ORDER BY seqno";

/** The tables of a SQLite database, read through `runner`; those of the platform, which begin with `hidden`, left out. */
export async function introspectSqlite(runner: Runner, hidden: string | null = null): Promise<TableDescription[]> {
  const tables: TableDescription[] = [];
  for (const [name, sql] of await rowsOf<[string, string | null]>(runner, TABLES))
    if (hidden === null || !name.startsWith(hidden)) tables.push(await tableOf(runner, name, sql));
  return tables;
}

async function tableOf(runner: Runner, name: string, sql: string | null): Promise<TableDescription> {
  const found = await rowsOf<[string, string, number, string | null, number, number]>(runner, COLUMNS, name);
  const primaryKey = found
    .filter(([, , , , pk]) => pk > 0)
    .sort((a, b) => a[4] - b[4])
    .map(([column]) => column);
  const counted = primaryKey.length === 1 && !/\bWITHOUT\s+ROWID\b/i.test(sql ?? "");
  const columns = found
    .filter((column) => column[5] !== 1)
    .map(
      ([column, type, notNull, value, pk, hidden]): ColumnDescription => ({
        name: column,
        type,
        null: notNull === 0 && pk === 0,
        default: value,
        primaryKey: pk > 0,
        // Exactly this type makes the column another name for the rowid; 2 and 3 are computed columns.
        generated: (pk > 0 && counted && type.toUpperCase() === "INTEGER") || hidden > 1,
        comment: null,
      }),
    );
  return {
    name,
    schema: null,
    columns,
    primaryKey,
    foreignKeys: await keysOf(runner, name),
    indexes: await indexesOf(runner, name),
    comment: null,
    sql,
  };
}

async function keysOf(runner: Runner, table: string): Promise<ForeignKeyDescription[]> {
  const keys = new Map<number, ForeignKeyDescription & { columns: string[]; targets: string[] }>();
  for (const [id, target, from, to, onDelete, onUpdate] of await rowsOf<
    [number, string, string, string | null, string, string]
  >(runner, KEYS, table)) {
    let key = keys.get(id);
    if (key === undefined)
      keys.set(id, (key = { name: null, columns: [], table: target, targets: [], onDelete, onUpdate }));
    key.columns.push(from);
    if (to !== null) key.targets.push(to);
  }
  // SQLite numbers them from the last one.
  return [...keys.values()].reverse();
}

async function indexesOf(runner: Runner, table: string): Promise<IndexDescription[]> {
  const indexes: IndexDescription[] = [];
  for (const [name, unique, origin, partial] of await rowsOf<[string, number, string, number]>(
    runner,
    INDEXES,
    table,
  )) {
    if (origin === "pk") continue;
    const columns = (await rowsOf<[string | null]>(runner, INDEX_COLUMNS, name)).map(([column]) => column);
    indexes.push({ name, columns, unique: unique === 1, partial: partial === 1, constraint: origin === "u" });
  }
  return indexes;
}

async function rowsOf<Row extends unknown[]>(runner: Runner, sql: string, name?: string): Promise<Row[]> {
  const { rows } = await runner.run(sql, name === undefined ? [] : [name]);
  return rows as Row[];
}
