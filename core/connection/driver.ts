import type { TerrapinError } from "../base/errors.js";
import type { MaybePromise } from "../base/maybe.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import type { TableDescription } from "./introspection.js";

export type { MaybePromise } from "../base/maybe.js";

/** The answer to one statement. */
export interface Result {
  /** Rows as arrays, by position in the select list; empty for a statement that gives none. Owned by the caller. */
  readonly rows: unknown[][];
  /** Rows that an INSERT, UPDATE or DELETE matched, cascades not counted; 0 for a SELECT. */
  readonly affected: number;
  /** The generated integer key of the last inserted row, or null when there is none. */
  readonly insertId: number | bigint | null;
  /** Column names in order; only there when `run` was asked for them. */
  readonly columns?: readonly string[];
}

/** One statement with its parameters, by position. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  /** the answer is asked for `columns` too; absent: it is not */
  readonly named?: boolean;
}

/** Whatever can run statements: a driver, or a session of it. */
export interface Runner {
  /**
   * Runs one statement. `?` is the only placeholder. `named` asks for `columns` in the answer.
   * Throws (or rejects with) the client's own error: `Driver.toError` gives it a name.
   */
  run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result>;
  /** Runs statements in order as one atomic unit; all are undone when one fails. */
  batch?(statements: readonly Statement[]): MaybePromise<Result[]>;
  /** Rows one by one, without holding all of them. Its errors have their names already: they come while it is read. */
  stream?(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> | AsyncIterable<unknown[]>;
  /** Runs a script of several statements, without parameters and without an answer. */
  script?(sql: string): MaybePromise<void>;
}

/** Isolation levels, in SQL's words. */
export type Isolation = "read uncommitted" | "read committed" | "repeatable read" | "serializable";

/** Where a session began, for the message of whoever waits for it in vain. */
export interface Origin {
  /** As the engine wrote it; formatted only when somebody reads it. */
  readonly stack?: string;
}

/** How to begin a transaction. */
export interface BeginOptions {
  readonly isolation?: Isolation;
  readonly origin?: Origin;
  /** Ends the wait for a connection, and what the transaction is doing when it is aborted. */
  readonly signal?: AbortSignal;
}

/** An open transaction. Statements of one session are answered in the order in which they were given. */
export interface Session extends Runner {
  commit(): MaybePromise<void>;
  rollback(): MaybePromise<void>;
  /** A transaction inside this one: a savepoint, or the client's own nesting. */
  begin(): MaybePromise<Session>;
}

/** A connection taken out of its pool, or the only one, for several statements that are no transaction. */
export interface Lease extends Runner {
  /** Gives the connection back; called once. */
  release(): MaybePromise<void>;
}

/** What a client can do that neither its dialect nor the presence of a method tells. */
export interface DriverFacts {
  /** the database is a server of its own; absent: false */
  readonly daemon?: boolean;
  /** transactions are kept; absent: they are when `begin` or `batch` is there */
  readonly transactions?: boolean;
  /** a text may hold NUL characters; absent: true */
  readonly nul?: boolean;
  /** how many levels a JSON document may have; absent: 1000, which is what fields take */
  readonly jsonDepth?: number;
  /** UPDATE and DELETE take ORDER BY and LIMIT; absent: false */
  readonly updateLimit?: boolean;
  /** every request travels over a network, so what can be asked together goes as one batch; absent: where there is no `begin` */
  readonly remote?: boolean;
}

/** What a client or platform cannot exceed; `Infinity` where nothing is known to bound it. */
export interface Limits {
  readonly maxParams: number;
  readonly maxSqlBytes: number;
  readonly maxColumns: number;
  readonly maxCompoundTerms: number;
  readonly maxDepth: number;
  readonly maxLikeBytes: number;
  readonly maxStatementsPerRequest: number;
  /** of one text or blob that is bound; absent: nothing is known to bound it */
  readonly maxValueBytes?: number;
}

/**
 * The narrow contract between Terrapin and a database client. Two methods are required; every other one is a
 * capability: leaving it out says that the client cannot do it, and Terrapin answers with an `UnsupportedError`
 * or takes another way.
 */
export interface Driver extends Runner {
  readonly dialect: Dialect;
  readonly limits: Limits;
  /** Ends all work and frees the client. A later `run` opens it again, or says with an error that it cannot. */
  close(): MaybePromise<void>;
  /** Gives a client's error one of our classes, with the SQL and `cause`. Returns errors that already have one unchanged. */
  toError(error: unknown, sql: string | null): TerrapinError;

  /** Begins a transaction on a connection of its own, or on the only one, after those who came before. */
  begin?(options: BeginOptions): MaybePromise<Session>;
  /** Runs a function in a transaction that cannot wait: for clients whose transactions are synchronous. */
  transactionSync?<T>(work: (session: Runner) => T): T;
  /** Tables as the database describes them, seen through `on` (the driver itself unless a session is given). */
  introspect?(on?: Runner): MaybePromise<TableDescription[]>;
  /** Takes a connection for several statements. */
  acquire?(origin: Origin): MaybePromise<Lease>;
  /** Opens now what would be opened on first use; `withDb: false` reaches the server without choosing a database. */
  connect?(options: { readonly withDb: boolean }): MaybePromise<void>;
  /** Takes a named lock; gives the function that frees it. */
  lock?(name: string): MaybePromise<() => MaybePromise<void>>;
  createDatabase?(): MaybePromise<void>;
  dropDatabase?(): MaybePromise<void>;
  /** The database file, server or binding, for messages and logs; never with a password. */
  readonly label?: string;
  readonly facts?: DriverFacts;
  /** How far the keys that the database makes for one INSERT are from each other; absent: 1. */
  readonly keyStep?: number;
  /** Milliseconds that anything waits for its turn before it is a TimeoutError; absent: 10,000. */
  readonly acquireTimeout?: number;
  /**
   * Hands in a test: does the code that is calling now run inside this session or lease? A driver that lets callers
   * wait asks it first, because waiting for one's own ancestor would never end. Called once, before anything runs.
   */
  attach?(isInside: (holder: object) => boolean): void;
}

/** True for the answer that is still on its way. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
