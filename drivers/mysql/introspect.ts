import type { Runner } from "../../core/connection/driver.js";
import type {
  ColumnDescription,
  ForeignKeyDescription,
  IndexDescription,
  TableDescription,
} from "../../core/connection/introspection.js";
import { literalText } from "../../core/sql/writer.js";

// Names of columns in information_schema are upper case on one server and lower case on the other: rows are read by position.
const VERSION = "SELECT VERSION()";
const TABLES =
  "SELECT TABLE_NAME, TABLE_COMMENT FROM information_schema.TABLES" +
  " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME";
const COLUMNS =
  "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_COMMENT" +
  " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
const INDEXES =
  "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME FROM information_schema.STATISTICS" +
  " WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";
const KEYS =
  "SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME," +
  " r.DELETE_RULE, r.UPDATE_RULE FROM information_schema.KEY_COLUMN_USAGE AS k" +
  " JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r" +
  " ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME" +
  " WHERE k.TABLE_SCHEMA = DATABASE() ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";
/** MariaDB keeps documents as texts that this rule holds for. */
const DOCUMENTS =
  "SELECT t.TABLE_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS AS c" +
  " JOIN information_schema.TABLE_CONSTRAINTS AS t" +
  " ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME" +
  " WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND c.CHECK_CLAUSE LIKE 'json_valid(%)'";

type Text = string | null;

/** The tables of the database that is in use, read through `runner`. */
export async function introspectMysql(runner: Runner): Promise<TableDescription[]> {
  const rowsOf = async <Row extends unknown[]>(sql: string): Promise<Row[]> =>
    (await runner.run(sql, [])).rows as Row[];
  const [[version]] = (await rowsOf<[string]>(VERSION)) as [[string]];
  const isMariadb = version.includes("MariaDB");
  const tables = await rowsOf<[string, string]>(TABLES);
  const columns = await rowsOf<[string, string, string, string, Text, string, string]>(COLUMNS);
  const indexes = await rowsOf<[string, string, number | string, Text]>(INDEXES);
  const keys = await rowsOf<[string, string, string, string, string, string, string]>(KEYS);
  const documents = isMariadb ? await rowsOf<[string, string]>(DOCUMENTS) : [];
  const isDocument = (table: string, column: string): boolean =>
    documents.some(([of, rule]) => of === table && rule === `json_valid(\`${column.replaceAll("`", "``")}\`)`);
  return tables.map(([name, comment]): TableDescription => {
    const primaryKey = indexes.flatMap(([table, index, , column]) =>
      table === name && index === "PRIMARY" && column !== null ? [column] : [],
    );
    return {
      name,
      schema: null,
      columns: columns
        .filter(([table]) => table === name)
        .map(
          ([, column, type, nullable, value, extra, note]): ColumnDescription => ({
            name: column,
            type: isDocument(name, column) ? "json" : withoutWidth(type),
            null: nullable === "YES",
            default: isMariadb ? defaultOfMariadb(value) : defaultOfMysql(value, type, extra),
            primaryKey: primaryKey.includes(column),
            // MySQL also says so of a default that is an expression.
            generated: /auto_increment|\b(?:virtual|stored|persistent) generated/i.test(extra),
            comment: note === "" ? null : note,
          }),
        ),
      primaryKey,
      foreignKeys: keysOf(keys.filter(([table]) => table === name)),
      indexes: indexesOf(indexes.filter(([table, index]) => table === name && index !== "PRIMARY")),
      comment: comment === "" ? null : comment,
      sql: null,
    };
  });
}

/** MariaDB tells how wide an integer is shown: `bigint(20)`. What is one wide is a boolean on both. */
const withoutWidth = (type: string): string =>
  /^tinyint\(1\)/i.test(type) ? type : type.replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/i, "$1");

/** SQL text, in which no default is the word NULL. */
const defaultOfMariadb = (value: Text): Text => (value === null || value.toUpperCase() === "NULL" ? null : value);

/** The value itself, but for expressions. */
function defaultOfMysql(value: Text, type: string, extra: string): Text {
  if (value === null || /DEFAULT_GENERATED/i.test(extra)) return value;
  return /^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double|bit)\b/i.test(type)
    ? value
    : literalText(value, true);
}

function keysOf(rows: readonly [string, string, string, string, string, string, string][]): ForeignKeyDescription[] {
  const keys = new Map<string, ForeignKeyDescription & { columns: string[]; targets: string[] }>();
  for (const [, name, column, table, target, onDelete, onUpdate] of rows) {
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = { name, columns: [], table, targets: [], onDelete, onUpdate }));
    key.columns.push(column);
    key.targets.push(target);
  }
  return [...keys.values()];
}

function indexesOf(rows: readonly [string, string, number | string, Text][]): IndexDescription[] {
  const indexes = new Map<string, IndexDescription & { columns: Text[] }>();
  for (const [, name, repeats, column] of rows) {
    const unique = Number(repeats) === 0;
    let index = indexes.get(name);
    // A unique index and a unique rule are one thing here.
    if (index === undefined)
      indexes.set(name, (index = { name, columns: [], unique, partial: false, constraint: unique }));
    index.columns.push(column);
  }
  return [...indexes.values()];
}
