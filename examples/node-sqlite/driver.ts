import { DatabaseSync } from "node:sqlite";
import { Fifo, type Driver, type Result, type SqlValue } from "terrapin";
import {
  exactInteger,
  introspectSqlite,
  sqliteDialect,
  sqliteLimits,
  sqliteResult,
  SqliteSession,
  toSqliteError,
  type SqliteHost,
} from "terrapin/sqlite/dialect";

/** SQLite by the client that Node brings along: one connection, on which others wait while a transaction is open. */
export function nodeSqlite(path: string): Driver {
  let database: DatabaseSync | null = null;
  let session: SqliteSession | null = null;
  const open = (): DatabaseSync => (database ??= new DatabaseSync(path));
  const turns = new Fifo({ name: `the connection to ${path}`, timeout: 10_000 });

  const execute = (sql: string, params: readonly SqlValue[], named: boolean): Result => {
    const statement = open().prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    if (columns.length === 0) return sqliteResult(sql, { rows: [], columns, ...statement.run(...params) }, named);
    const rows = statement.all(...params) as unknown as unknown[][];
    return sqliteResult(sql, { rows: rows.map((row) => row.map(exactInteger)), columns }, named);
  };
  const host: SqliteHost = {
    execute,
    control: (sql) => open().exec(sql),
    get inTransaction() {
      return database?.isTransaction === true;
    },
    finished: (done) => turns.release(done),
  };

  const driver: Driver = {
    dialect: sqliteDialect,
    limits: sqliteLimits,
    label: path,
    attach: turns.attach,
    run: (sql, params, named = false) => turns.take(() => execute(sql, params, named)),
    begin: ({ origin }) =>
      turns.take(() => {
        host.control("BEGIN IMMEDIATE");
        return (session = turns.hold(new SqliteSession(host), origin));
      }),
    introspect: (on = driver) => introspectSqlite(on),
    close() {
      session?.lose();
      turns.abandon();
      database?.close();
      database = null;
    },
    toError: (error, sql) => toSqliteError(error, sql, (error as { errcode?: number }).errcode),
  };
  return driver;
}
