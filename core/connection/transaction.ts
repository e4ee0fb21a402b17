import { ParamsError, TransactionManagementError } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import { Client, type AcquiredConnection } from "./client.js";
import type { Connection } from "./connection.js";
import { isInside } from "./context.js";
import {
  isPromise,
  type BeginOptions,
  type Driver,
  type MaybePromise,
  type Origin,
  type Result,
  type Session,
  type Statement,
} from "./driver.js";
import { captureOrigin, Fifo } from "./fifo.js";
import type { TableDescription } from "./introspection.js";
import { LeasedConnection } from "./lease.js";
import { isWatched, watched, watchedRows, watcher, type RowSource, type SendKind } from "./observing.js";

/** Anything that can be moved to another connection: a model class, a query set, a relation. */
export interface Usable {
  usingDb(target: Transaction): unknown;
}

type State = "open" | "committed" | "rolledBack";

/** Gives an object back what it held before a write. */
export type Restore = (object: object, key: unknown, held: unknown) => void;

/** An open transaction, or a savepoint inside one. Ends with `commit` or `rollback`; leaving `await using` rolls back. */
export class Transaction extends Client {
  override readonly isTransaction: boolean = true;
  override readonly driver: Driver;
  #state: State = "open";
  #session: Session | null;
  /** Of each write a Restore and what it takes: a flat list, because a function for each write costs as much as the write. */
  #undo: unknown[] = [];
  /** One savepoint at a time: those that began side by side take turns. */
  #turns: Fifo | null = null;
  #child: Transaction | null = null;

  /** `parent`: the transaction that this one is a savepoint of. */
  constructor(
    readonly connection: Connection,
    readonly parent: Transaction | null,
    session: Session | null,
  ) {
    super();
    this.driver = connection.driver;
    this.#session = session;
  }

  override get dialect(): Dialect {
    return this.connection.dialect;
  }
  override get connectionName(): string {
    return this.connection.connectionName;
  }
  override get together(): boolean {
    return this.driver.facts?.remote === true && this.#session?.batch !== undefined;
  }
  /** Its beginning and its end are no requests of their own. */
  protected get isSilent(): boolean {
    return false;
  }
  /** True until it is committed or rolled back. */
  get isOpen(): boolean {
    return this.#state === "open";
  }
  /** What the driver began; null while it is on its way. */
  get session(): Session | null {
    return this.#session;
  }

  override run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    if (this.#state !== "open") throw this.#finished();
    if (this.#turns !== null && !this.#turns.free) return this.#runLater(sql, params, named);
    if (watcher !== null || this.connection.watcher !== null) return this.#runWatched(sql, params, named);
    return this.#send(sql, params, named);
  }

  #runWatched(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    return watched({ client: this, kind: "run", statements: [{ sql, params }] }, () => this.#send(sql, params, named));
  }

  #send(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    try {
      const result = this.#session!.run(sql, params, named);
      return isPromise(result) ? this.namedLater(result, sql) : result;
    } catch (error) {
      throw this.driver.toError(error, sql);
    }
  }

  override batch(statements: readonly Statement[]): MaybePromise<Result[]> {
    if (statements.length === 1) return this.alone(statements[0]!);
    return this.#whenFree(() => {
      const session = this.#session!;
      if (session.batch !== undefined) {
        const send = (): MaybePromise<Result[]> => this.named(() => session.batch!(statements), null);
        return isWatched(this) ? watched({ client: this, kind: "batch", statements }, send) : send();
      }
      return batchInside(this, statements, captureOrigin(this.batch));
    });
  }

  override stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> | AsyncIterable<unknown[]> {
    if (this.#state !== "open") throw this.#finished();
    if (this.#turns !== null && !this.#turns.free)
      return this.rowsOf({ run: () => this.run(sql, params) }, sql, params);
    const session = this.#session!;
    const rows = (): RowSource => this.rowsOf(session, sql, params);
    if (session.stream === undefined || !isWatched(this)) return rows();
    return watchedRows({ client: this, kind: "stream", statements: [{ sql, params }] }, rows);
  }

  override script(sql: string): MaybePromise<void> {
    return this.#whenFree(() => {
      const session = this.#session!;
      if (session.script === undefined)
        throw this.unsupported("run a script inside a transaction", "run its statements one by one");
      const send = (): MaybePromise<void> => this.named(() => session.script!(sql), sql);
      if (!isWatched(this)) return send();
      return watched({ client: this, kind: "script", statements: [{ sql, params: [] }] }, send);
    });
  }

  override beginNow({ isolation }: BeginOptions, origin: Origin): MaybePromise<Transaction> {
    if (isolation !== undefined)
      throw new ParamsError("a transaction inside a transaction cannot choose its isolation", {
        code: "isolation",
        hint: "give it to the outermost one",
      });
    return this.#whenFree(() => this.#nest(origin));
  }

  override async introspect(): Promise<TableDescription[]> {
    if (this.#state !== "open") throw this.#finished();
    const { driver } = this;
    if (driver.introspect === undefined) throw this.unsupported("describe its tables", "write the models by hand");
    return this.named(() => driver.introspect!(this), null);
  }

  override async acquireConnection(): Promise<AcquiredConnection> {
    if (this.#state !== "open") throw this.#finished();
    return new LeasedConnection(this, null);
  }

  /** A transaction is finished, not closed. */
  override async close(): Promise<void> {
    throw new TransactionManagementError("a transaction cannot be closed", {
      hint: "commit it, roll it back, or close its connection",
    });
  }

  /**
   * The same model, query set or relation, on this transaction.
   * @example
   * await tx.use(User).filter({ isActive: true }); // the same as User.usingDb(tx).filter(…)
   */
  use<Item extends Usable>(item: Item): Item {
    return item.usingDb(this) as Item;
  }

  /** Keeps what was done; in a savepoint, for the transaction around it to keep or to undo. */
  async commit(): Promise<void> {
    await this.finish(true);
  }

  /** Undoes what was done since it began, and nothing else. */
  async rollback(): Promise<void> {
    await this.finish(false);
  }

  /** Calls `undo` when this transaction, or one around it, is rolled back: last given, first called. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo, null, null, null);
  }

  /** The same for an object that was written: `restore(object, key, held)`. */
  restoreOnRollback(restore: Restore, object: object, key: unknown, held: unknown): void {
    this.#undo.push(restore, object, key, held);
  }

  /** What `commit` and `rollback` do; it answers at once where the driver does. */
  finish(keep: boolean): MaybePromise<void> {
    if (this.#state !== "open")
      throw new TransactionManagementError("Transaction already finalised", {
        code: "finalised",
        hint: `it was ${this.#state === "committed" ? "committed" : "rolled back"} before`,
      });
    if (keep && this.#turns !== null && !this.#turns.free) {
      throw new TransactionManagementError("a transaction inside this one is still open", {
        code: "inner_open",
        hint: "await everything that you start inside a transaction",
      });
    }
    return keep ? this.#commit() : this.#rollback();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== "open") return;
    try {
      await this.#rollback();
    } catch {
      // Nothing was committed either way, and an error thrown from here would hide the one that led here.
    }
  }

  #commit(): MaybePromise<void> {
    this.#state = "committed";
    const session = this.#session!;
    const kept = (): void => {
      if (this.parent !== null) this.parent.#undo = this.parent.#undo.concat(this.#undo);
      this.#leave();
    };
    const failed = (error: unknown): MaybePromise<void> => {
      this.#state = "rolledBack";
      const end = (): never => {
        this.#restore();
        this.#leave();
        throw this.driver.toError(error, "COMMIT");
      };
      return settle(() => this.#control("rollback", () => session.rollback()), end, end);
    };
    return settle(() => this.#control("commit", () => session.commit()), kept, failed);
  }

  #rollback(): MaybePromise<void> {
    this.#end();
    const end = (): void => {
      this.#restore();
      this.#leave();
    };
    return settle(
      () => this.#control("rollback", () => this.#session!.rollback()),
      end,
      (error) => {
        end();
        throw this.driver.toError(error, "ROLLBACK");
      },
    );
  }

  /** Marks it and every savepoint inside it as rolled back. */
  #end(): void {
    this.#state = "rolledBack";
    if (this.#child !== null && this.#child.#state === "open") this.#child.#end();
    this.#turns?.abandon(this.#finished());
  }

  /** Instances get back what they held, those of a savepoint that is still open too. */
  #restore(): void {
    if (this.#child !== null) this.#child.#restore();
    const undo = this.#undo;
    this.#undo = [];
    for (let i = undo.length - 4; i >= 0; i -= 4) (undo[i] as Restore)(undo[i + 1] as object, undo[i + 2], undo[i + 3]);
  }

  #leave(): void {
    const { parent } = this;
    if (parent === null || parent.#child !== this) return;
    parent.#child = null;
    parent.#turns?.release(this);
  }

  #nest(origin: Origin): MaybePromise<Transaction> {
    const child = new Transaction(this.connection, this, null);
    this.#turns ??= new Fifo({ name: "the transaction", timeout: this.driver.acquireTimeout ?? 10_000, isInside });
    this.#turns.hold(child, origin);
    this.#child = child;
    const send = (): MaybePromise<Transaction> => {
      const session = this.#session!.begin();
      return isPromise(session) ? session.then((open) => child.#open(open)) : child.#open(session);
    };
    return settle(
      () => this.#control("begin", send),
      (begun) => begun,
      (error) => {
        child.#state = "rolledBack";
        child.#leave();
        throw this.driver.toError(error, "SAVEPOINT");
      },
    );
  }

  #open(session: Session): this {
    this.#session = session;
    return this;
  }

  #control<T>(kind: SendKind, send: () => MaybePromise<T>): MaybePromise<T> {
    return isWatched(this) && !this.isSilent ? watched({ client: this, kind, statements: [] }, send) : send();
  }

  /** Apart from `run`, which would pay for the function also when it is not needed. */
  #runLater(sql: string, params: readonly SqlValue[], named?: boolean): Promise<Result> {
    return this.#turns!.wait(() => this.run(sql, params, named));
  }

  #whenFree<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#state !== "open") throw this.#finished();
    if (this.#turns !== null && !this.#turns.free) return this.#turns.wait(() => this.#whenFree(work));
    return work();
  }

  #finished(): TransactionManagementError {
    return new TransactionManagementError(
      `this transaction was ${this.#state === "committed" ? "committed" : "rolled back"} already`,
      {
        code: "finished",
        hint: "await everything that you start inside a transaction, and begin another one for more",
      },
    );
  }
}

/** Runs statements as one unit in a transaction of their own on `client`. */
export async function batchInside(client: Client, statements: readonly Statement[], origin: Origin): Promise<Result[]> {
  const tx = await client.beginNow({}, origin);
  try {
    const results: Result[] = [];
    for (const { sql, params, named } of statements) results.push(await tx.run(sql, params, named));
    await tx.finish(true);
    return results;
  } catch (error) {
    await abort(tx);
    throw error;
  }
}

/** Rolls back what is still open, without ever hiding the error that led here. */
export async function abort(tx: Transaction): Promise<void> {
  if (!tx.isOpen) return;
  try {
    await tx.finish(false);
  } catch {
    // The first error is the one to show.
  }
}

/** `work`, then one of the two: at once where the work is done at once. */
function settle<T, R>(
  work: () => MaybePromise<T>,
  then: (value: T) => MaybePromise<R>,
  failed: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  let answer: MaybePromise<T>;
  try {
    answer = work();
  } catch (error) {
    return failed(error);
  }
  return isPromise(answer) ? answer.then(then, failed) : then(answer);
}
