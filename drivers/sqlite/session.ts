import { TransactionManagementError } from "../../core/base/errors.js";
import type { Result, Session } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";

/** What a session asks of the driver whose connection it runs on. */
export interface SqliteHost {
  /** the connection has an open transaction */
  readonly inTransaction: boolean;
  /** runs a statement, whoever holds the connection */
  execute(sql: string, params: readonly SqlValue[], named: boolean): Result;
  /** begins or ends something */
  control(sql: string): unknown;
  /** the outermost session is done */
  finished(session: Session): void;
}

/**
 * A transaction that the driver has begun on a connection which answers at once, or a savepoint of one. It notices when SQLite has
 * ended it, because what follows would be kept statement by statement.
 */
export class SqliteSession<Host extends SqliteHost = SqliteHost> implements Session {
  readonly #depth: number;
  /** the outermost session of this transaction */
  readonly #root: SqliteSession<Host>;
  #lost = false;

  constructor(
    readonly host: Host,
    readonly parent: SqliteSession<Host> | null = null,
  ) {
    this.#depth = parent === null ? 0 : parent.#depth + 1;
    this.#root = parent === null ? this : parent.#root;
  }

  run(sql: string, params: readonly SqlValue[], named?: boolean): Result {
    if (this.#root.#lost) throw this.#error("nothing more can run in this transaction");
    try {
      return this.host.execute(sql, params, named === true);
    } catch (error) {
      throw this.#checked(error);
    }
  }

  begin(): Session {
    const inner = this.inner();
    this.inside(() => this.host.control(`SAVEPOINT ${inner.#name}`));
    return inner;
  }

  commit(): void {
    if (this.#root.#lost) throw this.#error("the transaction cannot be committed");
    this.host.control(this.parent === null ? "COMMIT" : `RELEASE ${this.#name}`);
    if (this.parent === null) this.host.finished(this);
  }

  rollback(): void {
    try {
      if (!this.host.inTransaction) return;
      this.host.control(this.parent === null ? "ROLLBACK" : `ROLLBACK TO ${this.#name}`);
      if (this.parent !== null) this.host.control(`RELEASE ${this.#name}`);
    } finally {
      if (this.parent === null) this.host.finished(this);
    }
  }

  /** Its connection is gone. */
  lose(): void {
    this.#lost = true;
  }

  /** A session inside this one. */
  protected inner(): SqliteSession<Host> {
    return new SqliteSession(this.host, this);
  }

  /** Does something that may end the transaction. */
  protected inside<T>(work: () => T): T {
    if (this.#root.#lost) throw this.#error("nothing more can run in this transaction");
    try {
      return work();
    } catch (error) {
      throw this.#checked(error);
    }
  }

  /** Throws when the transaction is over, and says what has ended it. */
  protected still(what: string): void {
    if (this.host.inTransaction) return;
    this.#root.#lost = true;
    throw this.#error(what);
  }

  get #name(): string {
    return `terrapin_${this.#depth}`;
  }

  /** A full disk, or ON CONFLICT ROLLBACK. */
  #checked(error: unknown): unknown {
    if (!this.host.inTransaction) this.#root.#lost = true;
    return error;
  }

  #error(what: string): TransactionManagementError {
    return new TransactionManagementError(
      `${what}: it has ended already, by SQLite, a script, or closing the connection`,
      { code: "lost", hint: "begin another one" },
    );
  }
}
