import { DBConnectionError, TransactionManagementError, type TerrapinError } from "../../core/base/errors.js";
import type { Result, Session } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import { refuseControl } from "./control.js";
import { statementsOf } from "./script.js";
import { isLoss, NotSent, type RowStream, type Wire } from "./wire.js";

/** What a session asks of the driver that began it. */
export interface SessionHost {
  /** is told once, when the connection is free again */
  readonly finished: () => void;
  readonly toError: (error: unknown, sql: string | null) => TerrapinError;
}

/** A transaction on a connection of its own, or a savepoint of one. */
export class MysqlSession implements Session {
  readonly #depth: number;
  /** the outermost session of this transaction */
  readonly #root: MysqlSession;
  #done = false;

  constructor(
    readonly wire: Wire,
    readonly parent: MysqlSession | null,
    readonly host: SessionHost,
  ) {
    this.#depth = parent === null ? 0 : parent.#depth + 1;
    this.#root = parent === null ? this : parent.#root;
    wire.inTransaction = true;
  }

  run(sql: string, params: readonly SqlValue[], named?: boolean): Promise<Result> {
    if (params.length === 0) refuseControl(sql, true);
    this.#check();
    return this.wire.run(sql, params, named === true).catch(this.#failed);
  }

  stream(sql: string, params: readonly SqlValue[]): RowStream {
    this.#check();
    return this.wire.stream(sql, params);
  }

  async script(sql: string): Promise<void> {
    for (const statement of statementsOf(sql)) {
      refuseControl(statement, true);
      await this.#text(statement);
    }
  }

  async begin(): Promise<Session> {
    const inner = new MysqlSession(this.wire, this, this.host);
    await this.#text(`SAVEPOINT ${inner.#name}`);
    return inner;
  }

  async commit(): Promise<void> {
    if (this.#ended !== null) throw this.#lost("the transaction cannot be committed");
    if (this.parent !== null) return this.#text(`RELEASE SAVEPOINT ${this.#name}`);
    try {
      await this.wire.text("COMMIT");
    } catch (error) {
      if (error instanceof NotSent) throw this.#lost("the transaction cannot be committed");
      if (!isLoss(error)) throw error;
      throw new DBConnectionError(
        "the connection was lost while the transaction was being committed: it may have been committed or not",
        { code: "commit_unknown", sql: "COMMIT", cause: error, hint: "look at the data before doing it again" },
      );
    }
    this.#finish();
  }

  async rollback(): Promise<void> {
    if (this.parent !== null) {
      if (this.#ended !== null) return;
      await this.#text(`ROLLBACK TO SAVEPOINT ${this.#name}`);
      return this.#text(`RELEASE SAVEPOINT ${this.#name}`);
    }
    try {
      if (this.wire.lost === null) await this.wire.text("ROLLBACK");
    } catch (error) {
      // The server undoes what a connection leaves behind.
      this.wire.destroy(error);
    } finally {
      this.#finish();
    }
  }

  get #name(): string {
    return `terrapin_${this.#depth}`;
  }

  /** What ended the transaction; null while it is open. */
  get #ended(): unknown {
    const { wire } = this;
    return this.#root.#done ? FINISHED : (wire.ended ?? wire.lost);
  }

  #check(): void {
    if (this.#ended !== null) throw this.#lost("nothing more can run in this transaction");
  }

  async #text(sql: string): Promise<void> {
    this.#check();
    await this.wire.text(sql).catch(this.#failed);
  }

  readonly #failed = (error: unknown): never => {
    if (error instanceof NotSent) throw this.#lost("nothing more can run in this transaction");
    if (!isLoss(error)) throw error;
    throw new DBConnectionError("the connection was lost inside a transaction; nothing of it was kept", {
      code: "connection_lost",
      cause: error,
      hint: "begin the transaction again",
    });
  };

  #finish(): void {
    if (this.#root.#done) return;
    this.#done = true;
    this.wire.inTransaction = false;
    this.wire.ended = null;
    this.host.finished();
  }

  #lost(what: string): TransactionManagementError {
    const ended = this.#ended;
    const cause = ended === FINISHED ? undefined : this.host.toError(ended, null);
    return new TransactionManagementError(
      `${what}: the server has undone it${cause === undefined ? "" : `, after ${cause.message}`}`,
      { code: "lost", cause, hint: "begin another one" },
    );
  }
}

const FINISHED = "finished";
