import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import BetterSqlite from "better-sqlite3";
import {
  ConfigurationError,
  DBConnectionError,
  ParamsError,
  TerrapinError,
  TransactionManagementError,
} from "../../core/base/errors.js";
import type {
  BeginOptions,
  Driver,
  DriverFacts,
  Lease,
  Limits,
  MaybePromise,
  Origin,
  Result,
  Runner,
  Session,
  Statement,
} from "../../core/connection/driver.js";
import { Fifo } from "../../core/connection/fifo.js";
import type { TableDescription } from "../../core/connection/introspection.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import type { Dialect } from "../../core/sql/dialect.js";
import { toSqliteError } from "./errors.js";
import { introspectSqlite } from "./introspect.js";
import { sqliteLimits } from "./limits.js";
import type { SqliteSettings } from "./options.js";
import { MainSession } from "./main-session.js";
import { allOf, prepare, readNamed, runOf, Statements, type Prepared, type SqliteDatabase } from "./statements.js";
import { addRegexp } from "./regexp.js";
import { RowStream } from "./stream.js";

/**
 * better-sqlite3 behind the driver contract. Everything answers at once, except what has to wait for somebody else's
 * transaction: there is one connection for writing. While it is held, reads of strangers go to a second connection
 * where the database is a file with a write-ahead log; everything else waits in line.
 */
export class SqliteDriver implements Driver {
  readonly limits: Limits = sqliteLimits;
  readonly facts: DriverFacts;
  readonly label: string;
  readonly acquireTimeout: number;
  readonly #turns: Fifo;
  #session: MainSession | null = null;
  #main: Statements | null = null;
  /** For reads of strangers; null where there can be none, or until it is needed. */
  #reader: Statements | null = null;
  #parallel = false;
  /** Connections that streams have given back. */
  readonly #idle: SqliteDatabase[] = [];
  readonly #away = new Set<RowStream>();
  /** Streams of the main connection; SQLite lets nothing be written while one is open. */
  readonly #streams = new Set<RowStream>();

  /** `given`: a database that the user opened; it is never opened again. */
  constructor(
    readonly dialect: Dialect,
    readonly settings: SqliteSettings,
    readonly given: SqliteDatabase | null,
  ) {
    this.label = settings.filePath;
    this.acquireTimeout = settings.acquireTimeout;
    this.facts = { daemon: false, updateLimit: true };
    this.#turns = new Fifo({
      name: `the connection to ${this.label}`,
      timeout: this.acquireTimeout,
    });
  }

  attach(isInside: (holder: object) => boolean): void {
    this.#turns.attach(isInside);
  }

  run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    return this.#turns.free ? this.execute(sql, params, named === true) : this.#runBusy(sql, params, named === true);
  }

  batch(statements: readonly Statement[]): MaybePromise<Result[]> {
    return this.#turns.take(() =>
      this.#atomically(this.settings.readonly ? "BEGIN" : "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", statements),
    );
  }

  stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> | AsyncIterable<unknown[]> {
    const portable = this.#named(sql, () => this.#open().get(sql).portable);
    if (this.#parallel && portable)
      return { [Symbol.iterator]: () => this.#streamAside(sql, params) ?? this.streamHere(sql, params) };
    if (this.#turns.free) return this.streamHere(sql, params);
    const started = (): Promise<RowStream> => this.#turns.wait(() => this.streamHere(sql, params));
    return {
      async *[Symbol.asyncIterator]() {
        yield* await started();
      },
    };
  }

  script(sql: string): MaybePromise<void> {
    return this.#turns.take(() => {
      try {
        this.executeScript(sql);
      } finally {
        this.#endStray();
      }
    });
  }

  begin({ origin }: BeginOptions): MaybePromise<Session> {
    return this.#turns.take(() => {
      this.control(this.settings.readonly ? "BEGIN" : "BEGIN IMMEDIATE");
      return (this.#session = this.#turns.hold(new MainSession(this), origin));
    });
  }

  acquire(origin: Origin): MaybePromise<Lease> {
    return this.#turns.take(() => {
      const lease: Lease = {
        run: (sql, params, named) => this.execute(sql, params, named === true),
        release: () => this.#turns.release(lease),
      };
      return this.#turns.hold(lease, origin);
    });
  }

  introspect(on: Runner = this): Promise<TableDescription[]> {
    return introspectSqlite(on);
  }

  connect({ withDb }: { readonly withDb: boolean }): void {
    if (withDb) this.#open();
  }

  createDatabase(): void {
    if (this.settings.memory || this.given !== null) return;
    mkdirSync(dirname(this.settings.filePath), { recursive: true });
    this.#open();
  }

  dropDatabase(): void {
    this.close();
    if (this.settings.memory) return;
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(this.settings.filePath + suffix, { force: true });
  }

  close(): void {
    this.#session?.lose();
    this.#session = null;
    this.#turns.abandon();
    for (const stream of [...this.#away, ...this.#streams]) stream.return();
    for (const database of this.#idle.splice(0)) database.close();
    this.#reader?.database.close();
    this.#reader = null;
    const main = this.#main;
    this.#main = null;
    if (main?.database.inTransaction) main.database.exec("ROLLBACK");
    main?.database.close();
  }

  toError(error: unknown, sql: string | null): TerrapinError {
    if (error instanceof TerrapinError) return error;
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
    const text = typeof message === "string" ? message : String(error);
    if (typeof code === "string" && code.startsWith("SQLITE_")) return toSqliteError(error, sql, code);
    if (/connection is not open|Cannot open database/.test(text))
      return new DBConnectionError(text, { sql, cause: error });
    // These two classes are how better-sqlite3 refuses arguments: it throws them before SQLite sees anything.
    if (error instanceof TypeError || error instanceof RangeError)
      return new ParamsError(text, {
        cause: error,
        hint: sql === null ? null : "one value for each ?, and one statement at a time",
      });
    return toSqliteError(error, sql, undefined);
  }

  /** Runs a statement on the main connection, whoever holds it. */
  execute(sql: string, params: readonly SqlValue[], named: boolean): Result {
    const prepared = (this.#main ?? this.#open()).get(sql);
    if (prepared.kind !== "read") return this.#change(prepared, params, named);
    if (named) return readNamed(prepared.statement, params);
    return { rows: allOf(prepared.statement, params), affected: 0, insertId: null };
  }

  /** Begins or ends something. Streams give way, because SQLite would refuse or cut them off. */
  control(sql: string): void {
    if (this.#streams.size > 0) this.#settleStreams();
    this.#open().get(sql).statement.run([]);
  }

  executeScript(sql: string): void {
    const main = this.#open();
    if (this.#streams.size > 0) this.#settleStreams();
    try {
      main.database.exec(sql);
    } finally {
      if (CHANGES_SCHEMA.test(sql)) main.clear();
    }
  }

  streamHere(sql: string, params: readonly SqlValue[]): RowStream {
    const stream = this.#streamOn(this.#open().database, sql, params, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  get inTransaction(): boolean {
    return this.#main !== null && this.#main.database.inTransaction;
  }

  /** The session of a transaction is done. */
  finished(session: Session): void {
    this.#session = null;
    this.#turns.release(session);
  }

  batchInside(name: string, statements: readonly Statement[]): Result[] {
    return this.#atomically(
      `SAVEPOINT ${name}`,
      `RELEASE ${name}`,
      `ROLLBACK TO ${name}`,
      statements,
      `RELEASE ${name}`,
    );
  }

  #atomically(
    begin: string,
    commit: string,
    rollback: string,
    statements: readonly Statement[],
    after: string | null = null,
  ): Result[] {
    if (statements.length === 0) return [];
    let running = begin;
    this.control(begin);
    try {
      const results = statements.map(({ sql, params, named }) => this.execute((running = sql), params, named === true));
      this.control((running = commit));
      return results;
    } catch (error) {
      const named = this.toError(error, running);
      try {
        if (this.inTransaction) {
          this.control(rollback);
          if (after !== null) this.control(after);
        }
      } catch {
        // The first error is the one to show.
      }
      throw named;
    }
  }

  #change({ kind, statement }: Prepared, params: readonly SqlValue[], named: boolean): Result {
    if (kind === "control")
      throw new TransactionManagementError("a statement that begins or ends a transaction cannot be run by hand", {
        code: "raw_transaction",
        hint: "use inTransaction(…) or connection.begin()",
      });
    if (this.#streams.size > 0) this.#settleStreams();
    if (kind === "returning") {
      if (named) {
        const answer = readNamed(statement, params);
        return { ...answer, affected: answer.rows.length };
      }
      const rows = allOf(statement, params);
      return { rows, affected: rows.length, insertId: null };
    }
    const { changes, lastInsertRowid } = runOf(statement, params);
    if (kind === "schema") this.#main!.clear();
    const insertId = kind === "insert" && changes > 0 ? this.#exact(lastInsertRowid) : null;
    return named ? { rows: [], affected: changes, insertId, columns: [] } : { rows: [], affected: changes, insertId };
  }

  /** A key past 2^53 came rounded. */
  #exact(rowid: number | bigint): number | bigint {
    if (Number.isSafeInteger(rowid)) return rowid;
    const statement = this.#main!.database.prepare("SELECT last_insert_rowid()").raw(true).safeIntegers(true);
    return (statement.all([]) as bigint[][])[0]![0]!;
  }

  #runBusy(sql: string, params: readonly SqlValue[], named: boolean): MaybePromise<Result> {
    if (this.#parallel && this.#open().get(sql).portable) {
      const reader = this.#readerFor(sql);
      if (reader !== null)
        return named
          ? readNamed(reader.statement, params)
          : { rows: allOf(reader.statement, params), affected: 0, insertId: null };
    }
    return this.#turns.wait(() => this.execute(sql, params, named));
  }

  /** The statement on the second connection, or null: temporary tables and tables of the open transaction are not there. */
  #readerFor(sql: string): Prepared | null {
    try {
      this.#reader ??= new Statements(this.#openReader(), this.settings.statementCacheSize);
      return this.#reader.get(sql);
    } catch {
      return null;
    }
  }

  /** A stream on a connection of its own, so that the main one stays free; null where that cannot be. */
  #streamAside(sql: string, params: readonly SqlValue[]): RowStream | null {
    let database: SqliteDatabase | null = null;
    const giveBack = (): void => {
      if (database === null) return;
      if (this.#main === null || this.#idle.length > 0) database.close();
      else this.#idle.push(database);
    };
    try {
      database = this.#idle.pop() ?? this.#openReader();
      const stream = this.#streamOn(database, sql, params, () => {
        this.#away.delete(stream);
        giveBack();
      });
      this.#away.add(stream);
      return stream;
    } catch {
      giveBack();
      return null;
    }
  }

  #streamOn(database: SqliteDatabase, sql: string, params: readonly SqlValue[], onClose: () => void): RowStream {
    return this.#named(sql, () => {
      const { statement, kind } = prepare(database, sql);
      if (kind !== "read")
        throw new ParamsError("only a statement that reads can be streamed", {
          code: "stream_write",
          hint: "run it instead",
        });
      return new RowStream(statement.iterate(params) as IterableIterator<unknown[]>, onClose, (error) =>
        this.toError(error, sql),
      );
    });
  }

  #named<T>(sql: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.toError(error, sql);
    }
  }

  #settleStreams(): void {
    for (const stream of this.#streams) stream.drain();
    this.#streams.clear();
  }

  /** A script may have begun what it did not end. */
  #endStray(): void {
    if (!this.inTransaction) return;
    this.control("ROLLBACK");
    throw new TransactionManagementError("the script left a transaction open; it was rolled back", {
      code: "raw_transaction",
      hint: "end it with COMMIT",
    });
  }

  #open(): Statements {
    if (this.#main !== null) return this.#main;
    const { filePath, memory, readonly, busyTimeout, pragmas, statementCacheSize } = this.settings;
    if (this.given !== null) {
      if (!this.given.open)
        throw new DBConnectionError("the database that sqlite() was given is closed", {
          hint: "give it a path, and it will be opened again when needed",
        });
      addRegexp(checkedVersion(this.given));
      return (this.#main = new Statements(this.given, statementCacheSize));
    }
    const database = openDatabase(filePath, { readonly, timeout: busyTimeout });
    try {
      checkedVersion(database);
      addRegexp(database);
      for (const pragma of pragmas) database.pragma(pragma);
      this.#parallel = !memory && database.pragma("journal_mode", { simple: true }) === "wal";
    } catch (error) {
      database.close();
      throw error;
    }
    return (this.#main = new Statements(database, statementCacheSize));
  }

  #openReader(): SqliteDatabase {
    const database = openDatabase(this.settings.filePath, { readonly: true, timeout: this.settings.busyTimeout });
    addRegexp(database);
    for (const pragma of this.settings.readerPragmas) database.pragma(pragma);
    return database;
  }
}

/** A script in which none of these words stands leaves prepared statements as they are. */
const CHANGES_SCHEMA = /create|drop|alter|attach|detach|vacuum|reindex|pragma/i;

function openDatabase(path: string, options: { readonly readonly: boolean; readonly timeout: number }): SqliteDatabase {
  // On older versions the native part does not throw, it ends the process.
  const [major] = process.versions.node.split(".");
  if (Number(major) < 22)
    throw new DBConnectionError(`better-sqlite3 needs Node 22 or newer; this is Node ${process.versions.node}`, {
      hint: "run it with a newer Node",
    });
  return new BetterSqlite(path, options) as unknown as SqliteDatabase;
}

const OLDEST = [3, 38] as const;

function checkedVersion(database: SqliteDatabase): SqliteDatabase {
  const [[version]] = database.prepare("SELECT sqlite_version()").raw(true).all([]) as [[string]];
  const [major, minor] = version.split(".").map(Number) as [number, number];
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return database;
  throw new ConfigurationError(`SQLite ${version} is too old`, {
    code: "sqlite_version",
    hint: `Terrapin needs ${OLDEST.join(".")} or newer`,
  });
}
