import { DatabaseSync } from "node:sqlite";
import { Fifo, OperationalError, TerrapinError, type Driver, type Result, type Session, type SqlValue } from "terrapin";
import { introspectSqlite, sqliteCode, sqliteDialect, sqliteError, sqliteLimits } from "terrapin/sqlite/dialect";

/** SQLite by the client that Node brings along: one connection, on which others wait while a transaction is open. */
export function nodeSqlite(path: string): Driver {
  let database: DatabaseSync | null = null;
  let isInside = (_holder: object): boolean => false;
  const open = (): DatabaseSync => (database ??= new DatabaseSync(path));
  const turns = new Fifo({ name: path, timeout: 10_000, isInside: (holder) => isInside(holder) });
  const inTurn = <T>(work: () => T): T | Promise<T> => (turns.free ? work() : turns.wait(work));

  const run = (sql: string, params: readonly SqlValue[], named = false): Result => {
    const statement = open().prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    // This client binds every number as a float, and a bigint as what it is.
    const values = params.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
    const columns = statement.columns().map(({ name }) => name);
    const change = /^\s*(insert|update|delete)\b/i.exec(sql)?.[1]?.toLowerCase();
    const rows = columns.length === 0 ? [] : (statement.all(...values) as unknown as unknown[][]);
    const { changes, lastInsertRowid } =
      columns.length === 0 ? statement.run(...values) : { changes: rows.length, lastInsertRowid: null };
    const affected = change === undefined ? 0 : Number(changes);
    const insertId = change === "insert" && affected > 0 ? exact(lastInsertRowid) : null;
    return { rows: rows.map((row) => row.map(exact)), affected, insertId, ...(named && { columns }) };
  };
  const transaction = (begin: string, commit: string, rollback: string, depth: number, done = () => {}): Session => {
    open().exec(begin);
    const end = (sql: string): void => {
      open().exec(sql);
      done();
    };
    const [name, next] = [`inner_${depth}`, depth + 1];
    const undo = `ROLLBACK TO ${name}; RELEASE ${name}`;
    return {
      run,
      begin: () => transaction(`SAVEPOINT ${name}`, `RELEASE ${name}`, undo, next),
      commit: () => end(commit),
      rollback: () => end(rollback),
    };
  };

  const driver: Driver = {
    dialect: sqliteDialect,
    limits: sqliteLimits,
    label: path,
    attach: (test) => void (isInside = test),
    run: (sql, params, named) => inTurn(() => run(sql, params, named)),
    begin: ({ origin }) =>
      inTurn(() => {
        const session = transaction("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", 1, () => turns.release(session));
        turns.hold(session, origin ?? null);
        return session;
      }),
    introspect: (on = driver) => introspectSqlite(on),
    close() {
      turns.abandon(new OperationalError(`${path} was closed`));
      database?.close();
      database = null;
    },
    toError(error, sql) {
      const { message, errcode } = error as Error & { errcode?: number };
      if (error instanceof TerrapinError) return error;
      if (errcode === undefined) return new OperationalError(message, { sql, cause: error });
      return sqliteError(sqliteCode(errcode), message, sql, error);
    },
  };
  return driver;
}

/** Integers are numbers wherever they are exact. */
const exact = <T>(value: T): T | number =>
  Number.isSafeInteger(Number(value)) && typeof value === "bigint" ? Number(value) : value;
