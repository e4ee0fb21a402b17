import { ParamsError, UnsupportedError } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import type { Connection } from "./connection.js";
import {
  isPromise,
  type BeginOptions,
  type Driver,
  type Limits,
  type MaybePromise,
  type Origin,
  type Result,
  type Runner,
  type Statement,
} from "./driver.js";
import { captureOrigin } from "./fifo.js";
import type { TableDescription } from "./introspection.js";
import { rawParams, rowsAsObjects, type RawValue } from "./raw.js";
import type { Transaction } from "./transaction.js";

/** What a connection can do; it cannot be changed. */
export interface Capabilities {
  /** the family of its SQL */
  readonly dialect: "sqlite" | "mysql";
  /** the database is a server of its own */
  readonly daemon: boolean;
  /** OFFSET may only follow a LIMIT */
  readonly requiresLimit: boolean;
  /** comments stand inside CREATE TABLE */
  readonly inlineComment: boolean;
  readonly supportsTransactions: boolean;
  readonly supportForUpdate: boolean;
  readonly supportIndexHint: boolean;
  readonly supportUpdateLimitOrderBy: boolean;
}

/** Several statements on one connection; given back with `release` or `await using`. */
export interface AcquiredConnection extends AsyncDisposable {
  run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result>;
  executeQuery(sql: string, values?: readonly RawValue[]): Promise<[count: number, rows: Record<string, unknown>[]]>;
  executeQueryDict(sql: string, values?: readonly RawValue[]): Promise<Record<string, unknown>[]>;
  release(): Promise<void>;
}

/** Whatever statements can be sent to: a connection or a transaction. */
export abstract class Client {
  /** The name it has in `connections`. */
  abstract readonly connectionName: string;
  /** The connection itself, also of a transaction. */
  abstract readonly connection: Connection;
  abstract readonly driver: Driver;
  abstract readonly isTransaction: boolean;
  /** What runs here waits for the rest of a batch: no answer comes before all of it is asked. */
  readonly gathers: boolean = false;
  /** What can be asked together goes as one request: a conversation would cost more, or cannot be had. */
  abstract readonly together: boolean;

  get dialect(): Dialect {
    return this.driver.dialect;
  }
  get limits(): Limits {
    return this.driver.limits;
  }
  get capabilities(): Capabilities {
    return this.connection.capabilities;
  }

  /**
   * Runs one statement whose values are already in their stored form. Answers at once where the driver does.
   * `named` asks for the names of the columns.
   */
  abstract run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result>;
  /** Runs statements in order; when one fails, none has happened. */
  abstract batch(statements: readonly Statement[]): MaybePromise<Result[]>;
  /** Rows one by one. Break off whenever you like: leaving the loop frees what it held. */
  abstract stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> | AsyncIterable<unknown[]>;
  /** Runs a script of several statements, without values and without an answer. */
  abstract script(sql: string): MaybePromise<void>;
  /** What `begin` does; it answers at once where the driver does. */
  abstract beginNow(options: BeginOptions, origin: Origin): MaybePromise<Transaction>;
  /** Tables as the database describes them. */
  abstract introspect(): Promise<TableDescription[]>;
  /** Takes one connection for several statements; inside a transaction, the transaction's. */
  abstract acquireConnection(): Promise<AcquiredConnection>;
  abstract close(): Promise<void>;

  /**
   * Begins a transaction, or a savepoint inside one.
   * @example
   * await using tx = await connection.begin(); // BEGIN IMMEDIATE
   * await tx.use(User).create({ username: "ali" });
   * await tx.commit(); // without it: ROLLBACK
   */
  async begin(options: Omit<BeginOptions, "origin"> = {}): Promise<Transaction> {
    return this.beginNow(options, captureOrigin(this.begin));
  }

  /**
   * Runs raw SQL. The count is that of the rows found, or of those an INSERT, UPDATE or DELETE matched.
   * @example
   * const [count, rows] = await connection.executeQuery("SELECT * FROM users WHERE id < ?", [10]);
   */
  async executeQuery(
    sql: string,
    values: readonly RawValue[] = [],
  ): Promise<[count: number, rows: Record<string, unknown>[]]> {
    const result = await this.run(sqlText(sql), rawParams(values), true);
    return [
      result.columns !== undefined && result.columns.length > 0 ? result.rows.length : result.affected,
      rowsAsObjects(result),
    ];
  }

  /**
   * Runs raw SQL and gives its rows as objects.
   * @example
   * await connection.executeQueryDict("SELECT id FROM users"); // [{ id: 1 }]
   */
  async executeQueryDict(sql: string, values: readonly RawValue[] = []): Promise<Record<string, unknown>[]> {
    return rowsAsObjects(await this.run(sqlText(sql), rawParams(values), true));
  }

  /**
   * Runs a raw INSERT and gives the generated integer key (what it returns first, with RETURNING), or null for none.
   * @example
   * await connection.executeInsert("INSERT INTO users (username) VALUES (?)", ["ali"]); // 1
   */
  async executeInsert(sql: string, values: readonly RawValue[] = []): Promise<number | bigint | null> {
    const { insertId, rows } = await this.run(sqlText(sql), rawParams(values), true);
    const returned = rows.at(-1)?.[0];
    return insertId ?? (typeof returned === "number" || typeof returned === "bigint" ? returned : null);
  }

  /**
   * Runs one raw statement for each list of values, all or none.
   * @example
   * await connection.executeMany("INSERT INTO users (username) VALUES (?)", [["ali"], ["bo"]]);
   */
  async executeMany(sql: string, valuesList: readonly (readonly RawValue[])[]): Promise<void> {
    const text = sqlText(sql);
    const statements = valuesList.map((values) => ({ sql: text, params: rawParams(values), named: true }));
    if (statements.length > 0) await this.batch(statements);
  }

  /**
   * Runs a raw script; semicolons separate its statements.
   * @example
   * await connection.executeScript("CREATE TABLE a (id INTEGER); CREATE TABLE b (id INTEGER)");
   */
  async executeScript(sql: string): Promise<void> {
    await this.script(sqlText(sql));
  }

  /** Opens now what would be opened on first use. `withDb: false` reaches the server without choosing a database. */
  async createConnection({ withDb = true }: { readonly withDb?: boolean } = {}): Promise<void> {
    await this.named(() => this.driver.connect?.({ withDb }), null);
  }

  /** Makes the database itself; where databases are files, the file. */
  async dbCreate(): Promise<void> {
    const { driver } = this;
    if (driver.createDatabase === undefined)
      throw this.unsupported("create a database", "make it with the database's own tools");
    await this.named(() => driver.createDatabase!(), null);
  }

  /** Deletes the database itself, with everything in it. */
  async dbDelete(): Promise<void> {
    const { driver } = this;
    if (driver.dropDatabase === undefined)
      throw this.unsupported("drop a database", "drop it with the database's own tools");
    await this.named(() => driver.dropDatabase!(), null);
  }

  /** Where an answer can be had at once: here, or around what is gathered. */
  get aside(): Client {
    return this;
  }

  /** A batch of one statement: that is one unit already. */
  protected alone({ sql, params, named }: Statement): MaybePromise<Result[]> {
    const answer = this.run(sql, params, named);
    return isPromise(answer) ? answer.then((result) => [result]) : [answer];
  }

  /** Runs `work` and gives the client's errors our names, whether thrown or rejected. */
  protected named<T>(work: () => MaybePromise<T>, sql: string | null): MaybePromise<T> {
    try {
      const answer = work();
      return isPromise(answer) ? this.namedLater(answer, sql) : answer;
    } catch (error) {
      throw this.driver.toError(error, sql);
    }
  }

  /** The same for a promise. Apart, because a method that makes a function pays for it also when it does not. */
  protected namedLater<T>(answer: Promise<T>, sql: string | null): Promise<T> {
    const { driver } = this;
    return answer.catch((error: unknown) => {
      throw driver.toError(error, sql);
    });
  }

  /** Rows of `runner` one by one; all at once where it cannot stream. */
  protected rowsOf(
    runner: Runner,
    sql: string,
    params: readonly SqlValue[],
  ): Iterable<unknown[]> | AsyncIterable<unknown[]> {
    return runner.stream === undefined ? rowsLater(() => this.run(sql, params)) : runner.stream(sql, params);
  }

  /** An error that says what this database cannot do, and the way out. */
  protected unsupported(what: string, hint: string): UnsupportedError {
    return new UnsupportedError(`the connection "${this.connectionName}" (${this.dialect.name}) cannot ${what}`, {
      hint,
    });
  }
}

function sqlText(sql: string): string {
  if (typeof sql !== "string" || sql.trim() === "")
    throw new ParamsError("a raw query needs SQL as a string", { hint: 'executeQuery("SELECT 1")' });
  return sql;
}

async function* rowsLater(run: () => MaybePromise<Result>): AsyncGenerator<unknown[], void, undefined> {
  yield* (await run()).rows;
}
