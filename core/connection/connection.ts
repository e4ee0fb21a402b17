import { ParamsError } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import { inZone, type Dialect } from "../sql/dialect.js";
import { check, checkStatement, isTight, within } from "../sql/limits.js";
import { Client, type AcquiredConnection, type Capabilities } from "./client.js";
import { currentScope, isInside, runningOn } from "./context.js";
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
import { captureOrigin } from "./fifo.js";
import type { TableDescription } from "./introspection.js";
import { LeasedConnection } from "./lease.js";
import { isWatched, watched, watchedRows, watcher, type RowSource, type Watcher } from "./observing.js";
import type { DriverSource } from "./registry.js";
import { batchInside, Transaction } from "./transaction.js";

const ISOLATION = ["read uncommitted", "read committed", "repeatable read", "serializable"];

/** A database under a name. It is opened by the first statement, and again by the first one after `close`. */
export class Connection extends Client {
  override readonly isTransaction: boolean = false;
  #driver: Driver | null = null;
  #dialect: Dialect | null = null;
  #capabilities: Capabilities | null = null;
  /** Who observes this connection alone; null for nobody. */
  watcher: Watcher | null = null;

  constructor(
    readonly connectionName: string,
    readonly source: DriverSource,
    /** the time zone whose clocks say which day it is; null: UTC */
    readonly zone: string | null = null,
  ) {
    super();
  }

  override get dialect(): Dialect {
    if (this.#driver === null) this.#make();
    return this.#dialect!;
  }

  override get connection(): Connection {
    return this;
  }
  override get together(): boolean {
    const { batch, begin, facts } = this.driver;
    return batch !== undefined && (facts?.remote ?? begin === undefined);
  }
  override get driver(): Driver {
    return this.#driver ?? this.#make();
  }

  override get capabilities(): Capabilities {
    return (this.#capabilities ??= capabilitiesOf(this.driver));
  }

  override run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    if (watcher !== null || this.watcher !== null) return this.#runWatched(sql, params, named);
    return this.#send(sql, params, named);
  }

  #runWatched(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    return watched({ client: this, kind: "run", statements: [{ sql, params }] }, () => this.#send(sql, params, named));
  }

  #send(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    const driver = this.#driver ?? this.#make();
    if (this.#dialect!.limits !== undefined) checkStatement({ sql, params }, this.#dialect!);
    try {
      const result = driver.run(sql, params, named);
      return isPromise(result) ? this.namedLater(result, sql) : result;
    } catch (error) {
      throw driver.toError(error, sql);
    }
  }

  override batch(statements: readonly Statement[]): MaybePromise<Result[]> {
    if (statements.length === 1) return this.alone(statements[0]!);
    const { driver } = this;
    if (this.#dialect!.limits !== undefined) checkBatch(statements, this.#dialect!);
    if (driver.batch !== undefined) {
      const send = (): MaybePromise<Result[]> => this.named(() => driver.batch!(statements), null);
      return isWatched(this) ? watched({ client: this, kind: "batch", statements }, send) : send();
    }
    if (driver.begin !== undefined) return batchInside(this, statements, captureOrigin(this.batch));
    throw this.unsupported("run several statements as one unit", "run them one by one");
  }

  override stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> | AsyncIterable<unknown[]> {
    const rows = (): RowSource => this.rowsOf(this.driver, sql, params);
    if (this.driver.stream === undefined || !isWatched(this)) return rows();
    return watchedRows({ client: this, kind: "stream", statements: [{ sql, params }] }, rows);
  }

  override script(sql: string): MaybePromise<void> {
    const { driver } = this;
    if (driver.script === undefined) throw this.unsupported("run a script", "run its statements one by one");
    const send = (): MaybePromise<void> => this.named(() => driver.script!(sql), sql);
    if (!isWatched(this)) return send();
    return watched({ client: this, kind: "script", statements: [{ sql, params: [] }] }, send);
  }

  override beginNow({ isolation, signal }: BeginOptions, origin: Origin): MaybePromise<Transaction> {
    const { driver } = this;
    if (isolation !== undefined && !ISOLATION.includes(isolation))
      throw new ParamsError("isolation is not one of the levels of SQL", {
        code: "isolation",
        hint: `known: ${ISOLATION.join(", ")}`,
      });
    if (driver.begin === undefined)
      throw this.unsupported(
        "keep a transaction open between statements",
        "put what belongs together into one batch([...]), which is atomic here: await batch([order.save(), guard.affected(1), Item.create({ … })])",
      );
    const begun = (open: Session): Transaction => new Transaction(this, null, open);
    const send = (): MaybePromise<Transaction> => {
      const session = this.named(
        () =>
          driver.begin!({
            origin,
            ...(isolation === undefined ? {} : { isolation }),
            ...(signal === undefined ? {} : { signal }),
          }),
        "BEGIN",
      );
      if (!isPromise(session)) return begun(session);
      return session.then(begun, (error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    };
    return isWatched(this) ? watched({ client: this, kind: "begin", statements: [] }, send) : send();
  }

  override async introspect(): Promise<TableDescription[]> {
    const { driver } = this;
    if (driver.introspect === undefined) throw this.unsupported("describe its tables", "write the models by hand");
    return this.named(() => driver.introspect!(), null);
  }

  override async acquireConnection(): Promise<AcquiredConnection> {
    const running = runningOn(this, currentScope());
    if (running !== null) return running.acquireConnection();
    const { driver } = this;
    if (driver.acquire === undefined) return new LeasedConnection(this, null);
    const origin = captureOrigin(this.acquireConnection);
    return new LeasedConnection(this, await this.named(() => driver.acquire!(origin), null));
  }

  /** Ends its work and frees the client. The next statement opens it again. */
  override async close(): Promise<void> {
    const driver = this.#driver;
    if (driver === null) return;
    if (typeof this.source === "function") this.#driver = null;
    try {
      await driver.close();
    } catch (error) {
      throw driver.toError(error, null);
    }
  }

  #make(): Driver {
    const driver = typeof this.source === "function" ? this.source() : this.source;
    driver.attach?.(isInside);
    const { dialect, limits } = driver;
    const own = this.zone === null ? dialect : inZone(dialect, this.zone);
    this.#dialect = isTight(limits) ? within(own, limits) : own;
    return (this.#driver = driver);
  }
}

function checkBatch(statements: readonly Statement[], dialect: Dialect): void {
  const hint = "write in smaller batches";
  check("the request has", statements.length, "statements", "maxStatementsPerRequest", dialect, hint);
  for (const statement of statements) checkStatement(statement, dialect);
}

function capabilitiesOf({ dialect, facts = {}, begin, batch }: Driver): Capabilities {
  return Object.freeze({
    dialect: dialect.family,
    daemon: facts.daemon === true,
    requiresLimit: dialect.noLimit !== "",
    inlineComment: dialect.comment("text") !== "",
    supportsTransactions: facts.transactions ?? (begin !== undefined || batch !== undefined),
    supportForUpdate: dialect.forUpdate,
    supportIndexHint: dialect.indexHints,
    supportUpdateLimitOrderBy: facts.updateLimit === true,
  });
}
