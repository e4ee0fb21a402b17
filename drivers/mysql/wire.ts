import { DBConnectionError, TimeoutError } from "../../core/base/errors.js";
import type { Result } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import { checkValues } from "./script.js";
import { rowParser, sameColumns, type Column, type RowParser } from "./rows.js";

/** What we use of what mysql2 says of an INSERT, UPDATE, DELETE and everything else without rows. */
export interface RawOutcome {
  readonly affectedRows: number;
  /** text where a number would round it */
  readonly insertId: number | string;
}

/** What we use of a column's description. */
export interface RawColumn {
  readonly name: string;
  readonly columnType?: number;
}

export type RawCallback<Answer = unknown[][] | RawOutcome> = (
  error: RawError | null,
  answer?: Answer | null,
  columns?: readonly RawColumn[],
) => void;

export interface RawError extends Error {
  readonly errno?: number;
  readonly code?: string;
  readonly fatal?: boolean;
}

/** A statement that the server has prepared. */
export interface RawStatement {
  execute(values: readonly unknown[], callback?: RawCallback): RawCommand;
  close(): unknown;
}

/** A command that is on its way; without a callback it tells its rows one by one. */
export interface RawCommand {
  /** Makes what reads the rows of an answer, when its columns are known. */
  buildParserFromFields?(columns: readonly Column[], connection: unknown): unknown;
  on(event: "result", listen: (row: unknown) => void): this;
  on(event: "error", listen: (error: RawError) => void): this;
  on(event: "end", listen: () => void): this;
}

/** How one statement is run; the flags are those that a connection of ours has anyway. */
export interface RawOptions {
  readonly sql: string;
  readonly values?: readonly unknown[];
  readonly [flag: string]: unknown;
}

/** What we use of a mysql2 connection. */
export interface RawConnection {
  readonly threadId: number | null;
  readonly stream: { ref?(): unknown; unref?(): unknown; destroy?(): unknown };
  readonly config: Readonly<Record<string, unknown>>;
  connect(callback: (error: RawError | null) => void): void;
  query(options: RawOptions, callback?: RawCallback): RawCommand;
  execute(options: RawOptions, callback?: RawCallback): RawCommand;
  prepare(options: RawOptions, callback: RawCallback<RawStatement>): unknown;
  unprepare(options: RawOptions): void;
  ping(callback: (error: RawError | null) => void): void;
  end(callback?: () => void): unknown;
  destroy(): void;
  pause(): void;
  resume(): void;
  on(event: "error" | "end", listen: (error?: RawError) => void): unknown;
  removeListener(event: "error" | "end", listen: (error?: RawError) => void): unknown;
}

/** How values travel on a connection. */
export interface WireOptions {
  /** statements are prepared on the server; false: their text carries the values */
  readonly prepared: boolean;
  readonly statementCacheSize: number;
  /** milliseconds that one statement may take; `Infinity`: as long as it likes */
  readonly commandTimeout: number;
  /** flags to give with every statement, for connections that somebody else configured; null: none are needed */
  readonly flags: Readonly<Record<string, unknown>> | null;
  /** an integer in a form that the client sends as one, because it sends numbers as DOUBLE */
  readonly integer: (value: number | bigint) => unknown;
  /** bytes in the form that the client knows as bytes */
  readonly bytes: (value: Uint8Array) => unknown;
  /** does the server undo the whole transaction with this error? */
  readonly ends: (error: RawError) => boolean;
  /** ends, by another connection, what this server thread is doing */
  readonly kill: (threadId: number) => void;
}

/** What was not sent may be sent on another connection. */
export class NotSent {
  constructor(readonly error: unknown) {}
}

/** How a statement ended, once. */
type Told<Answer = unknown[][] | RawOutcome> = (
  error: RawError | NotSent | null,
  answer?: Answer | null,
  columns?: readonly RawColumn[],
) => void;

/** One thing to be done on a connection. */
interface Job {
  readonly sql: string | null;
  /** calls `done` once, when the next may start */
  readonly start: (done: () => void) => void;
  /** it will not be started */
  readonly refuse: (error: unknown) => void;
  /** it was started, and nobody will say how it ended */
  readonly fail: (error: unknown) => void;
}

const LONGLONG = 8;
/** The server forgot a statement, or wants it prepared again. */
const STALE: readonly unknown[] = [1243, 1615];
/** The server keeps no more prepared statements; the text of this one carries its values instead. */
const NO_MORE_STATEMENTS = 1461;
/** A statement that is prepared takes no more values than this. */
const MOST_VALUES = 65_535;
/** What was sent is larger than the server takes: it says so, and hangs up. */
const TOO_LARGE = 1153;
/** The server does not prepare statements of this kind. */
const NOT_PREPARABLE = 1295;

/**
 * One connection to the server. What is given to it runs in that order, one after another, and nothing is sent before it
 * is its turn: so it is always known what has reached the server and what has not.
 */
export class Wire {
  readonly bornAt: number = Date.now();
  /** how many statements it has run */
  count = 0;
  /** when it was last given back */
  idleSince: number = this.bornAt;
  /** the error that ended it; null while it lives */
  lost: unknown = null;
  /** What ended the open transaction behind our back; null while nothing has. */
  ended: unknown = null;
  /** The server was told to stop what runs here, and may hear it too late: nobody else gets this connection. */
  spoiled = false;
  /** A transaction is open, so an error may end it. */
  inTransaction = false;
  readonly #statements: Prepared | null;
  readonly #waiting: Job[] = [];
  #current: Job | null = null;
  #stream: RowStream | null = null;
  #onLost: ((wire: Wire) => void) | null = null;

  constructor(
    readonly raw: RawConnection,
    readonly options: WireOptions,
  ) {
    this.#statements =
      options.prepared && options.flags === null
        ? new Prepared(options.statementCacheSize, (sql) => raw.unprepare({ sql }))
        : null;
    raw.on("error", this.#fail);
    raw.on("end", this.#fail);
  }

  /** Is told when the connection has ended without being asked to. */
  onLost(listen: ((wire: Wire) => void) | null): void {
    this.#onLost = listen;
  }

  /** Somebody else's connection goes on without us. */
  detach(): void {
    this.#onLost = null;
    this.raw.removeListener("error", this.#fail);
    this.raw.removeListener("end", this.#fail);
  }

  /** The statement that is running, for messages. */
  get running(): string | null {
    return this.#current === null ? null : this.#current.sql;
  }

  run(sql: string, params: readonly SqlValue[], named: boolean): Promise<Result> {
    if (named) checkValues(sql, params);
    return new Promise((resolve, reject) => {
      const values = this.#values(params);
      this.#add({
        sql,
        refuse: (error) => reject(new NotSent(error)),
        fail: reject,
        start: (done) => {
          const timer = this.#limit();
          this.#send(sql, values, (error, answer, columns) => {
            const cause = timer === null ? error : timer(error);
            if (cause === null) resolve(this.#result(answer, named ? (columns ?? []) : null));
            else reject(cause as Error);
            done();
          });
        },
      });
    });
  }

  /** Runs text without values and without preparing it: BEGIN, SET, and what only such text can say. */
  text(sql: string): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#add({
        sql,
        refuse: (error) => reject(new NotSent(error)),
        fail: reject,
        start: (done) => {
          this.#query(sql, [], (error, answer, columns) => {
            if (error === null) resolve(this.#result(answer, columns ?? []));
            else reject(error);
            done();
          });
        },
      });
    });
  }

  /** Does it still answer? */
  ping(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#add({
        sql: null,
        refuse: () => resolve(false),
        fail: () => resolve(false),
        start: (done) =>
          this.raw.ping((error) => {
            resolve(error === null || error === undefined);
            done();
          }),
      });
    });
  }

  /** Rows one by one. Whatever is given to the connection while it is read has the rest of the rows held in memory. */
  stream(sql: string, params: readonly SqlValue[]): RowStream {
    const stream = new RowStream(this.raw);
    const values = this.#values(params);
    this.#add({
      sql,
      refuse: (error) => stream.fail(new NotSent(error)),
      fail: (error) => stream.fail(error),
      start: (done) => {
        this.#stream = stream;
        stream.read(
          this.#prepares(values)
            ? this.raw.execute({ sql, values, ...this.options.flags })
            : this.raw.query({ sql, values: this.#plain(values), ...this.options.flags }),
          () => {
            this.#stream = null;
            done();
          },
        );
        // Somebody waits already.
        if (this.#waiting.length > 0) stream.hurry();
      },
    });
    return stream;
  }

  /** Ends it in good order, when what was given to it is done. */
  end(): Promise<void> {
    this.#onLost = null;
    return new Promise((resolve) => {
      this.#add({
        sql: null,
        refuse: () => resolve(),
        fail: () => resolve(),
        start: (done) => {
          const ended = (): void => {
            this.lost ??= new DBConnectionError("the connection was closed");
            resolve();
            done();
          };
          this.raw.end(ended);
        },
      });
    });
  }

  /** Ends it now; what runs on it fails, and the server undoes what was not committed. */
  destroy(error: unknown): void {
    this.#onLost = null;
    this.#die(error);
    // The client does not tell those whose connection it was asked to end.
    this.#current?.fail(this.lost);
    this.raw.destroy();
    this.raw.stream.destroy?.();
  }

  /** Asks the server to stop what runs here. */
  interrupt(): void {
    const { threadId } = this.raw;
    if (this.#current === null || threadId === null) return;
    this.spoiled = true;
    this.options.kill(threadId);
  }

  #add(job: Job): void {
    if (this.lost !== null) return job.refuse(this.lost);
    if (this.#current !== null) {
      this.#waiting.push(job);
      this.#stream?.hurry();
      return;
    }
    this.#start(job);
  }

  #start(job: Job): void {
    this.#current = job;
    this.count++;
    job.start(this.#done);
  }

  readonly #done = (): void => {
    this.#current = null;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (this.lost === null) this.#start(next);
    else this.#refuseAll(next);
  };

  #refuseAll(first: Job): void {
    first.refuse(this.lost);
    for (const job of this.#waiting.splice(0)) job.refuse(this.lost);
  }

  readonly #fail = (error?: RawError): void => {
    if (this.lost !== null) return;
    this.#die(error ?? new DBConnectionError("the server closed the connection", { code: "connection_lost" }));
    this.#onLost?.(this);
  };

  #die(error: unknown): void {
    this.lost ??= error ?? new DBConnectionError("the connection was closed");
    // What runs is told by the client itself; what waits was never sent.
    for (const job of this.#waiting.splice(0)) job.refuse(this.lost);
  }

  #send(sql: string, values: readonly unknown[], callback: Told): void {
    const { flags } = this.options;
    if (!this.#prepares(values)) return this.#query(sql, values, callback);
    if (this.#statements === null) {
      this.#once(callback, (once) => this.raw.execute({ sql, values, ...flags }, once));
      return;
    }
    const statement = this.#statements.get(sql);
    if (statement === undefined) return this.#prepare(this.#statements, sql, values, callback);
    this.#once(callback, (once) => {
      statement.execute(values, (error, answer, columns) => {
        if (!STALE.includes(error?.errno)) return once(error, answer, columns);
        this.#statements!.forget(sql);
        this.#prepare(this.#statements!, sql, values, callback);
      });
    });
  }

  #prepare(statements: Prepared, sql: string, values: readonly unknown[], callback: Told): void {
    this.#once<RawStatement>(
      (error, statement) => {
        if (error === null) {
          const prepared = new Statement(statement!);
          statements.add(sql, prepared);
          this.#once(callback, (once) => prepared.execute(values, once));
        } else if (error.errno === NO_MORE_STATEMENTS || error.errno === NOT_PREPARABLE) {
          this.#query(sql, values, callback);
        } else {
          // Preparing runs nothing, so the statement has not been sent.
          callback(isLoss(error) ? new NotSent(error) : error, null);
        }
      },
      (once) => this.raw.prepare({ sql }, once),
    );
  }

  /** False where the text of a statement carries its values. */
  #prepares(values: readonly unknown[]): boolean {
    return this.options.prepared && values.length <= MOST_VALUES;
  }

  #query(sql: string, values: readonly unknown[], callback: Told): void {
    this.#once(callback, (once) => this.raw.query({ sql, values: this.#plain(values), ...this.options.flags }, once));
  }

  /** The values for a text. */
  #plain(values: readonly unknown[]): readonly unknown[] {
    return this.options.prepared ? values.map(untyped) : values;
  }

  /** What an error means for everything that comes after it. */
  #notice(error: RawError): void {
    if (error.errno === TOO_LARGE) this.spoiled = true;
    if (error.errno === TOO_LARGE || isLoss(error)) return this.#fail(error);
    if (!this.inTransaction || !this.options.ends(error)) return;
    // The next statement would be kept at once, whatever becomes of the rest.
    this.ended = error;
    for (const job of this.#waiting.splice(0)) job.refuse(error);
  }

  /** A connection that ends tells some of its commands twice, and one that has ended may throw. */
  #once<Answer = unknown[][] | RawOutcome>(
    callback: RawCallback<Answer>,
    work: (once: RawCallback<Answer>) => void,
  ): void {
    let told = false;
    const once: RawCallback<Answer> = (error, answer, columns) => {
      if (told) return;
      told = true;
      const failed = error ?? null;
      if (failed !== null) this.#notice(failed);
      callback(failed, answer, columns);
    };
    try {
      work(once);
    } catch (error) {
      once(error as RawError);
    }
  }

  /**
   * Starts the clock of one statement; the answer is called with how it ended, and says which error it is. The server is
   * asked to stop it, and the connection ends when it does not.
   */
  #limit(): ((error: unknown) => unknown) | null {
    const { commandTimeout } = this.options;
    if (commandTimeout === Infinity) return null;
    let expired: TimeoutError | null = null;
    let last: ReturnType<typeof setTimeout> | null = null;
    const timer = setTimeout(() => {
      expired = new TimeoutError(`the statement took more than ${commandTimeout} ms and was ended`, {
        code: "command_timeout",
        hint: "raise commandTimeout, or ask for less at once",
      });
      this.interrupt();
      last = setTimeout(() => this.destroy(expired), GRACE);
    }, commandTimeout);
    return (error) => {
      clearTimeout(timer);
      if (last !== null) clearTimeout(last);
      return error === null ? null : (expired ?? error);
    };
  }

  #values(params: readonly SqlValue[]): readonly unknown[] {
    const { integer, bytes } = this.options;
    const values = new Array<unknown>(params.length);
    for (let i = 0; i < params.length; i++) {
      const value = params[i]!;
      values[i] =
        typeof value === "string" || value === null
          ? value
          : typeof value === "number"
            ? Number.isSafeInteger(value) && !Object.is(value, -0)
              ? integer(value)
              : value
            : typeof value === "bigint"
              ? integer(value)
              : bytes(value);
    }
    return values;
  }

  #result(answer: unknown[][] | RawOutcome | null | undefined, columns: readonly RawColumn[] | null): Result {
    if (Array.isArray(answer)) {
      if (columns === null) return { rows: answer, affected: 0, insertId: null };
      exactIntegers(answer, columns);
      return { rows: answer, affected: 0, insertId: null, columns: columns.map(({ name }) => name) };
    }
    const { affectedRows, insertId } = answer!;
    const result = { rows: [], affected: affectedRows, insertId: keyOf(insertId) };
    return columns === null ? result : { ...result, columns: [] };
  }
}

/** An integer that was meant for a prepared statement, as the digits of a text. */
const untyped = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "unsigned" in value
    ? (value as unknown as { value: bigint }).value
    : value;

/** Milliseconds that a statement has to end after it was told to. */
const GRACE = 5000;

/** 0 is no key: an AUTO_INCREMENT begins with 1. */
function keyOf(insertId: number | string): number | bigint | null {
  if (insertId === 0 || insertId === "0") return null;
  return typeof insertId === "number" ? insertId : BigInt(insertId);
}

/** Integers that a number would round come as text; in raw rows they are bigints. */
function exactIntegers(rows: unknown[][], columns: readonly RawColumn[]): void {
  columns.forEach(({ columnType }, i) => {
    if (columnType !== LONGLONG) return;
    for (const row of rows) if (typeof row[i] === "string") row[i] = BigInt(row[i]);
  });
}

const LOSS: readonly unknown[] = [
  "PROTOCOL_CONNECTION_LOST",
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "ETIMEDOUT",
  "ERR_STREAM_WRITE_AFTER_END",
  "ERR_STREAM_DESTROYED",
];

/** True for an error after which the connection is of no use any more. */
export function isLoss(error: unknown): boolean {
  const { fatal, code } = (error ?? {}) as RawError;
  return fatal === true || LOSS.includes(code);
}

/** One prepared statement, and how its rows were read the last time. */
class Statement {
  #columns: readonly Column[] = [];
  #parser: RowParser | null = null;
  readonly #build: NonNullable<RawCommand["buildParserFromFields"]>;

  constructor(readonly raw: RawStatement) {
    const ours = (columns: readonly Column[]): RowParser | null => this.#parserOf(columns);
    this.#build = function (this: RawCommand, columns, connection) {
      const theirs = Object.getPrototypeOf(this) as RawCommand;
      return ours(columns) ?? theirs.buildParserFromFields!.call(this, columns, connection);
    };
  }

  execute(values: readonly unknown[], callback: RawCallback): void {
    const command = this.raw.execute(values, callback);
    // A client that does not ask so reads the rows by itself.
    if (command.buildParserFromFields !== undefined) command.buildParserFromFields = this.#build;
  }

  /** A table may have changed since. */
  #parserOf(columns: readonly Column[]): RowParser | null {
    if (this.#parser !== null && sameColumns(this.#columns, columns)) return this.#parser;
    this.#columns = columns;
    return (this.#parser = rowParser(columns));
  }
}

/**
 * What the server has prepared on one connection, by text. Two generations instead of an order of use, so that a hit
 * costs one look-up: when the young one is full it becomes the old one, and whatever is used there comes back.
 */
class Prepared {
  #young = new Map<string, Statement>();
  #old = new Map<string, Statement>();
  readonly #half: number;

  /** `close`: ends a statement on the server, and in what the client keeps itself */
  constructor(
    size: number,
    readonly close: (sql: string) => void,
  ) {
    this.#half = Math.max(1, size >> 1);
  }

  get(sql: string): Statement | undefined {
    const found = this.#young.get(sql);
    if (found !== undefined) return found;
    const old = this.#old.get(sql);
    if (old !== undefined) this.add(sql, old);
    return old;
  }

  add(sql: string, statement: Statement): void {
    this.#old.delete(sql);
    if (this.#young.size >= this.#half) {
      for (const unused of this.#old.keys()) this.close(unused);
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(sql, statement);
  }

  forget(sql: string): void {
    this.#young.delete(sql);
    this.#old.delete(sql);
    this.close(sql);
  }
}

/** Rows that are read while they come. Leaving the loop reads the rest and drops it, unless the connection is ended. */
export class RowStream implements AsyncIterableIterator<unknown[]> {
  readonly #rows: unknown[][] = [];
  #at = 0;
  #ended = false;
  #error: unknown = null;
  #hurried = false;
  #dropped = false;
  #paused = false;
  #wake: (() => void) | null = null;
  #finish: (() => void) | null = null;

  constructor(readonly raw: Pick<RawConnection, "pause" | "resume">) {}

  /** `finish` is called once, when nothing more comes. */
  read(command: RawCommand, finish: () => void): void {
    this.#finish = finish;
    command.on("result", (row) => {
      if (this.#dropped) return;
      this.#rows.push(row as unknown[]);
      if (!this.#hurried && this.#rows.length - this.#at >= HELD) this.#pause();
      this.#awake();
    });
    command.on("error", (error) => this.#end(error));
    command.on("end", () => this.#end(null));
  }

  fail(error: unknown): void {
    this.#end(error);
  }

  /** Somebody waits for the connection: the rest is read now. */
  hurry(): void {
    this.#hurried = true;
    this.#resume();
  }

  async next(): Promise<IteratorResult<unknown[]>> {
    for (;;) {
      if (this.#at < this.#rows.length) {
        const value = this.#rows[this.#at++]!;
        if (this.#at === this.#rows.length) {
          this.#rows.length = this.#at = 0;
          this.#resume();
        }
        return { done: false, value };
      }
      if (this.#error !== null) throw this.#error;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<unknown[]>> {
    this.#dropped = true;
    this.#rows.length = this.#at = 0;
    this.hurry();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#finish?.();
    this.#awake();
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.raw.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.raw.resume();
  }
}

/** Rows that a stream holds before it asks the server to wait. */
const HELD = 256;
