import { TransactionManagementError } from "../../core/base/errors.js";
import type { Result, Session, Statement } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";

/** What a session asks of the driver whose connection it runs on. */
export interface SessionHost {
  /** the connection has an open transaction */
  readonly inTransaction: boolean;
  execute(sql: string, params: readonly SqlValue[], named: boolean): Result;
  executeScript(sql: string): void;
  streamHere(sql: string, params: readonly SqlValue[]): Iterable<unknown[]>;
  /** runs statements as one unit, in a savepoint of this name */
  batchInside(name: string, statements: readonly Statement[]): Result[];
  /** begins or ends something */
  control(sql: string): void;
  /** the outermost session is done */
  finished(session: Session): void;
}

/** A transaction on the main connection, or a savepoint of one. */
export class SqliteSession implements Session {
  readonly #depth: number;
  /** the outermost session of this transaction */
  readonly #root: SqliteSession;
  #lost = false;

  constructor(
    readonly driver: SessionHost,
    readonly parent: SqliteSession | null,
  ) {
    this.#depth = parent === null ? 0 : parent.#depth + 1;
    this.#root = parent === null ? this : parent.#root;
  }

  run(sql: string, params: readonly SqlValue[], named?: boolean): Result {
    if (this.#root.#lost) throw this.#error("nothing more can run in this transaction");
    try {
      return this.driver.execute(sql, params, named === true);
    } catch (error) {
      throw this.#checked(error);
    }
  }

  batch(statements: readonly Statement[]): Result[] {
    return this.#inside(() => this.driver.batchInside("terrapin_batch", statements));
  }

  stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> {
    return this.#inside(() => this.driver.streamHere(sql, params));
  }

  script(sql: string): void {
    this.#inside(() => this.driver.executeScript(sql));
    if (this.driver.inTransaction) return;
    this.#root.#lost = true;
    throw this.#error("the script ended the transaction that it ran in");
  }

  begin(): Session {
    const inner = new SqliteSession(this.driver, this);
    this.#inside(() => this.driver.control(`SAVEPOINT ${inner.#name}`));
    return inner;
  }

  commit(): void {
    if (this.#root.#lost) throw this.#error("the transaction cannot be committed");
    if (this.parent !== null) return this.driver.control(`RELEASE ${this.#name}`);
    this.driver.control("COMMIT");
    this.driver.finished(this);
  }

  rollback(): void {
    try {
      if (!this.driver.inTransaction) return;
      if (this.parent === null) return this.driver.control("ROLLBACK");
      this.driver.control(`ROLLBACK TO ${this.#name}`);
      this.driver.control(`RELEASE ${this.#name}`);
    } finally {
      if (this.parent === null) this.driver.finished(this);
    }
  }

  /** Its connection is gone. */
  lose(): void {
    this.#lost = true;
  }

  get #name(): string {
    return `terrapin_${this.#depth}`;
  }

  #inside<T>(work: () => T): T {
    if (this.#root.#lost) throw this.#error("nothing more can run in this transaction");
    try {
      return work();
    } catch (error) {
      throw this.#checked(error);
    }
  }

  /** A full disk, or ON CONFLICT ROLLBACK: SQLite ended it, and what follows would be kept statement by statement. */
  #checked(error: unknown): unknown {
    if (!this.driver.inTransaction) this.#root.#lost = true;
    return error;
  }

  #error(what: string): TransactionManagementError {
    return new TransactionManagementError(
      `${what}: it has ended already, by SQLite, a script, or closing the connection`,
      { code: "lost", hint: "begin another one" },
    );
  }
}
