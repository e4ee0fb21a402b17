import { ConfigurationError, ParamsError, type TerrapinError, typeName } from "../core/base/errors.js";
import {
  type BeginOptions,
  type Driver,
  isPromise,
  type Limits,
  type MaybePromise,
  type Result,
  type Runner,
  type Session,
  type Statement,
} from "../core/connection/driver.js";
import { Fifo } from "../core/connection/fifo.js";
import type { TableDescription } from "../core/connection/introspection.js";
import type { SqlValue } from "../core/sql/column-type.js";
import type { Dialect } from "../core/sql/dialect.js";
import { introspectSqlite } from "../drivers/sqlite/introspect.js";
import { sqliteResult, wireKind } from "../drivers/sqlite/wire.js";
import {
  boundParams,
  boundText,
  PLATFORM_TABLES,
  settleRow,
  workerdDialect,
  workerdError,
  workerdLimits,
} from "../drivers/sqlite/workerd.js";

/** What we use of the storage of a Durable Object that is kept in SQLite: `ctx.storage` is one. */
export interface DurableObjectStorage {
  readonly sql: {
    exec(sql: string, ...values: unknown[]): { raw(): Iterable<unknown[]>; readonly columnNames: string[] };
  };
  transactionSync<T>(work: () => T): T;
  transaction<T>(work: (transaction: never) => Promise<T>): Promise<T>;
}

/** How to use the storage. */
export interface DurableObjectOptions {
  /** Milliseconds that anything waits for somebody else's transaction. Default: 10000. */
  readonly acquireTimeout?: number;
}

const dialect: Dialect = /* @__PURE__ */ workerdDialect("Durable Object storage");

/**
 * The SQLite storage of a Durable Object. Statements answer at once; while a transaction is open, what does not belong to it
 * waits for its end.
 * @example
 * const orm = await context({ connections: { default: durableObject(ctx.storage) }, models: { User } });
 */
export function durableObject(storage: DurableObjectStorage, options: DurableObjectOptions = {}): Driver {
  if (typeof storage?.sql?.exec !== "function")
    throw wrong(`durableObject() takes the storage of a Durable Object, not ${typeName(storage)}`, STORAGE_HINT);
  for (const name in options)
    if (name !== "acquireTimeout") throw wrong(`durableObject() has no option "${name}"`, "known: acquireTimeout");
  return new DurableObjectDriver(storage, options.acquireTimeout ?? 10_000);
}

const STORAGE_HINT = "durableObject(ctx.storage), of a class under new_sqlite_classes";

class DurableObjectDriver implements Driver {
  readonly dialect: Dialect = dialect;
  readonly limits: Limits = workerdLimits;
  readonly label: string = "the storage of a Durable Object";
  readonly #turns: Fifo;

  constructor(
    readonly storage: DurableObjectStorage,
    readonly acquireTimeout: number,
  ) {
    this.#turns = new Fifo({ name: this.label, timeout: acquireTimeout });
  }

  attach(isInside: (holder: object) => boolean): void {
    this.#turns.attach(isInside);
  }

  run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    return this.#turns.take(() => this.execute(sql, params, named === true));
  }

  batch(statements: readonly Statement[]): MaybePromise<Result[]> {
    return this.#turns.take(() => this.together(statements));
  }

  script(sql: string): MaybePromise<void> {
    return this.#turns.take(() => this.executeScript(sql));
  }

  begin({ origin }: BeginOptions): MaybePromise<Session> {
    return this.#turns.take(async () => {
      const session = new StorageSession(this, () => this.#turns.release(session));
      return this.#turns.hold(session, origin).opened();
    });
  }

  transactionSync<T>(work: (session: Runner) => T): T {
    if (!this.#turns.free)
      throw new ParamsError("a transaction is open, and a synchronous one cannot wait for its end", {
        code: "sync_transaction",
        hint: "await inTransaction(…) instead",
      });
    return this.storage.transactionSync(() => {
      const answer = work({ run: (sql, params, named) => this.execute(sql, params, named === true) });
      if (isPromise(answer as MaybePromise<unknown>))
        throw new ParamsError("the function of a synchronous transaction gave a promise", {
          code: "sync_transaction",
          hint: "await inTransaction(…) instead",
        });
      return answer;
    });
  }

  introspect(on: Runner = this): Promise<TableDescription[]> {
    return introspectSqlite(on, PLATFORM_TABLES);
  }

  /** The storage belongs to the object; there is nothing to free. */
  close(): void {}

  toError(error: unknown, sql: string | null): TerrapinError {
    return workerdError(error, sql);
  }

  /** Runs a statement, whoever holds the storage. */
  execute(sql: string, params: readonly SqlValue[], named: boolean): Result {
    const cursor = this.storage.sql.exec(boundText(sql, params), ...boundParams(params));
    // A cursor is not the state of one moment: it is read before anything else can run.
    const rows = Array.from(cursor.raw(), settleRow);
    const kind = wireKind(sql);
    const told = kind === "insert" || kind === "change" ? this.#told() : null;
    return sqliteResult(sql, { rows, columns: named ? cursor.columnNames : [], ...told }, named);
  }

  /** Runs statements as one unit, whoever holds the storage. */
  together(statements: readonly Statement[]): Result[] {
    return this.storage.transactionSync(() =>
      statements.map(({ sql, params, named }) => {
        try {
          return this.execute(sql, params, named === true);
        } catch (error) {
          throw workerdError(error, sql);
        }
      }),
    );
  }

  executeScript(sql: string): void {
    this.storage.transactionSync(() => void Array.from(this.storage.sql.exec(sql).raw()));
  }

  /** How many rows the last statement matched, and the last key that was made. */
  #told(): { changes: number; lastInsertRowid: number } {
    const cursor = this.storage.sql.exec("SELECT changes(), last_insert_rowid()");
    const [[changes, lastInsertRowid]] = Array.from(cursor.raw()) as [[number, number]];
    return { changes, lastInsertRowid };
  }
}

/** Ends the platform's transaction without keeping anything. */
const ROLLBACK: unique symbol = /* @__PURE__ */ Symbol("rollback");

/** A transaction of the platform's, which lasts as long as the function that it is given: that one waits to be told. */
class StorageSession implements Session {
  #end: (keep: boolean) => void = () => {};
  #ended: Promise<unknown> = Promise.resolve();

  constructor(
    readonly driver: DurableObjectDriver,
    readonly release: () => void,
  ) {}

  /** Begins it, inside the one that is open if there is one. */
  async opened(): Promise<this> {
    try {
      await new Promise<void>((begun, failed) => {
        this.#ended = this.driver.storage.transaction(async () => {
          const told = new Promise<boolean>((resolve) => {
            this.#end = resolve;
          });
          begun();
          if (!(await told)) throw ROLLBACK;
        });
        this.#ended.catch(failed);
      });
      return this;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  run(sql: string, params: readonly SqlValue[], named?: boolean): Result {
    return this.driver.execute(sql, params, named === true);
  }

  batch(statements: readonly Statement[]): Result[] {
    return this.driver.together(statements);
  }

  script(sql: string): void {
    this.driver.executeScript(sql);
  }

  begin(): Promise<Session> {
    return new StorageSession(this.driver, () => {}).opened();
  }

  async commit(): Promise<void> {
    await this.#finish(true);
  }

  async rollback(): Promise<void> {
    try {
      await this.#finish(false);
    } catch (error) {
      if (error !== ROLLBACK) throw error;
    }
  }

  async #finish(keep: boolean): Promise<void> {
    this.#end(keep);
    try {
      await this.#ended;
    } finally {
      this.release();
    }
  }
}

function wrong(message: string, hint: string): ConfigurationError {
  return new ConfigurationError(message, { code: "adapter_options", hint });
}
