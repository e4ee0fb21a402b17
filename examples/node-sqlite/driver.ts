import { DatabaseSync } from "node:sqlite";
import { Fifo, OperationalError, TerrapinError } from "terrapin";
import type { Driver, Result, Session, SqlValue } from "terrapin";
import { introspectSqlite, sqliteCode, sqliteDialect, sqliteError, sqliteLimits } from "terrapin/sqlite/dialect";

/** SQLite by the client that Node brings along. */
export function nodeSqlite(path: string): Driver {
  let database: DatabaseSync | null = null;
  let isInside = (_holder: object): boolean => false;
  // There is one connection: while a transaction is open on it, everybody else waits here.
  const turns = new Fifo({ name: path, timeout: 10_000, isInside: (holder) => isInside(holder) });
  const inTurn = <T>(work: () => T): T | Promise<T> => (turns.free ? work() : turns.wait(work));

  const run = (sql: string, params: readonly SqlValue[] = [], named = false): Result => {
    const statement = (database ??= new DatabaseSync(path)).prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    // This client binds every number as a float, and a bigint as what it is.
    const values = params.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
    const columns = statement.columns().map(({ name }) => name);
    const [, change] = /^\s*(insert|update|delete)\b/i.exec(sql) ?? [];
    const answer = (rows: unknown[][], affected: number, insertId: number | bigint | null): Result =>
      named ? { rows, affected, insertId, columns } : { rows, affected, insertId };
    if (columns.length > 0) {
      const rows = (statement.all(...values) as unknown as unknown[][]).map((row) => row.map(exact));
      return answer(rows, change === undefined ? 0 : rows.length, null);
    }
    const { changes, lastInsertRowid } = statement.run(...values);
    if (change === undefined) return answer([], 0, null);
    return answer([], Number(changes), /insert/i.test(change) && changes > 0 ? exact(lastInsertRowid) : null);
  };
  const savepoint = (name: string): Session => {
    run(`SAVEPOINT ${name}`);
    const end = (...statements: string[]): void => statements.forEach((sql) => void run(`${sql} ${name}`));
    return {
      run,
      begin: () => savepoint(`${name}_`),
      commit: () => end("RELEASE"),
      rollback: () => end("ROLLBACK TO", "RELEASE"),
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
        run("BEGIN IMMEDIATE");
        const end = (sql: string): void => {
          run(sql);
          turns.release(session);
        };
        const session: Session = {
          run,
          begin: () => savepoint("inner"),
          commit: () => end("COMMIT"),
          rollback: () => end("ROLLBACK"),
        };
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
      if (error instanceof TerrapinError) return error;
      const { message, errcode } = error as Error & { errcode?: number };
      if (errcode === undefined) return new OperationalError(message, { sql, cause: error });
      return sqliteError(sqliteCode(errcode), message, sql, error);
    },
  };
  return driver;
}

/** Integers are numbers wherever they are exact. */
const exact = <T>(value: T): T | number => {
  const number = typeof value === "bigint" ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : value;
};
