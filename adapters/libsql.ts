import { createClient } from "@libsql/client";
import {
  ConfigurationError,
  DBConnectionError,
  FieldError,
  type TerrapinError,
  TransactionManagementError,
  typeName,
} from "../core/base/errors.js";
import type {
  BeginOptions,
  Driver,
  DriverFacts,
  Limits,
  Result,
  Runner,
  Session,
  Statement,
} from "../core/connection/driver.js";
import { Fifo } from "../core/connection/fifo.js";
import type { TableDescription } from "../core/connection/introspection.js";
import { commitUnknown, type Listening, requestError, statusError, timedFetch } from "../core/connection/request.js";
import type { SqlValue } from "../core/sql/column-type.js";
import type { Dialect } from "../core/sql/dialect.js";
import { sqliteDialect } from "../drivers/sqlite/dialect.js";
import { sqliteError } from "../drivers/sqlite/errors.js";
import { introspectSqlite } from "../drivers/sqlite/introspect.js";
import { sqliteLimits } from "../drivers/sqlite/limits.js";
import { exactInteger, sqliteResult, wireKind } from "../drivers/sqlite/wire.js";

interface LibsqlAnswer {
  readonly columns: string[];
  readonly rows: ArrayLike<unknown>[];
  readonly rowsAffected: number;
  readonly lastInsertRowid: bigint | undefined;
}

interface LibsqlStatement {
  sql: string;
  args: never[];
}

interface LibsqlRunner {
  execute(statement: LibsqlStatement): Promise<LibsqlAnswer>;
  executeMultiple(sql: string): Promise<void>;
}

interface LibsqlTransaction extends LibsqlRunner {
  batch(statements: LibsqlStatement[]): Promise<LibsqlAnswer[]>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** What we use of a client of `@libsql/client`. Its `intMode` must be `"bigint"`, unless no integer is past 2^53. */
export interface LibsqlClient extends LibsqlRunner {
  readonly protocol: string;
  batch(statements: LibsqlStatement[], mode: "read" | "write"): Promise<LibsqlAnswer[]>;
  transaction(mode: "write"): Promise<LibsqlTransaction>;
  close(): void;
}

/** How to reach a libSQL database; whatever else `createClient` of `@libsql/client` takes may stand here too. */
export interface LibsqlOptions {
  /** `libsql://…`, `https://…`, `wss://…`; on Node also `file:app.db` and `":memory:"`. */
  readonly url: string;
  readonly authToken?: string;
  /** Milliseconds that a request over HTTP may take. Default: 30000. */
  readonly requestTimeout?: number;
  /** Milliseconds that anything waits for somebody else's transaction on a local database. Default: 10000. */
  readonly acquireTimeout?: number;
  readonly fetch?: typeof fetch;
  readonly [more: string]: unknown;
}

const dialect: Dialect = /* @__PURE__ */ (() => ({ ...sqliteDialect, name: "libSQL" }))();

/** The service itself bounds the answer, at 10 MB. */
const limits: Limits = { ...sqliteLimits, maxSqlBytes: 1_000_000 };

/**
 * libSQL and Turso through `@libsql/client`: over HTTP or WebSocket, on Node also a file. A URL, options, or a client.
 * @example
 * await init({ connections: { default: libsql({ url: "libsql://app.turso.io", authToken: "…" }) }, models: { User } });
 */
export function libsql(source: string | LibsqlOptions | LibsqlClient): Driver {
  if (typeof source === "string") return new LibsqlDriver({ url: source }, null);
  if (typeof source !== "object" || source === null)
    throw wrong(`libsql() takes a URL, options or a client, not ${typeName(source)}`, 'libsql({ url: "libsql://…" })');
  if ("execute" in source) return new LibsqlDriver(null, source as LibsqlClient);
  if (typeof source.url !== "string" || source.url === "")
    throw wrong("libsql() needs the URL of a database", 'libsql({ url: "libsql://…", authToken })');
  if (source["intMode"] !== undefined && source["intMode"] !== "bigint")
    throw wrong("libsql() reads integers exactly, so intMode is its own", "leave intMode out; fields say what is read");
  return new LibsqlDriver(source as LibsqlOptions, null);
}

class LibsqlDriver implements Driver {
  readonly dialect: Dialect = dialect;
  readonly limits: Limits = limits;
  readonly facts: DriverFacts;
  readonly label: string;
  readonly acquireTimeout: number;
  readonly #turns: Fifo;
  readonly #local: boolean;
  #isInside: (holder: object) => boolean = () => false;
  #client: LibsqlClient | null;
  readonly #sessions = new Set<object>();

  constructor(
    readonly options: LibsqlOptions | null,
    readonly given: LibsqlClient | null,
  ) {
    this.#client = given;
    const { url = "", acquireTimeout = 10_000 } = options ?? {};
    this.#local = given === null ? !/^(?:libsql|https?|wss?):/.test(url) : given.protocol === "file";
    // What stands behind the question mark may be a token.
    this.label = given === null ? url.replace(/[?#].*$/s, "").replace(/\/\/[^/@]*@/, "//") : "libSQL";
    this.acquireTimeout = acquireTimeout;
    this.facts = { daemon: !this.#local, nul: !this.#local, remote: !this.#local };
    this.#turns = new Fifo({ name: `the connection to ${this.label}`, timeout: acquireTimeout });
  }

  attach(isInside: (holder: object) => boolean): void {
    this.#isInside = isInside;
    this.#turns.attach(isInside);
  }

  run(sql: string, params: readonly SqlValue[], named = false): Promise<Result> {
    const reads = wireKind(sql) === "read";
    return this.#soon(async () => read(sql, await this.#open().execute(this.bound({ sql, params })), named), reads);
  }

  batch(statements: readonly Statement[]): Promise<Result[]> {
    return this.#soon(async () => {
      const bound = statements.map((each) => this.bound(each));
      // What only reads need not wait for the writer.
      const mode = statements.every(({ sql }) => wireKind(sql) === "read") ? "read" : "write";
      return readAll(statements, () => this.#open().batch(bound, mode));
    });
  }

  script(sql: string): Promise<void> {
    return this.#soon(() => this.#open().executeMultiple(sql));
  }

  begin({ origin, signal }: BeginOptions): Promise<Session> {
    return this.#soon(async () => {
      const wire = new Wire(signal);
      const session = new LibsqlSession(this, wire, 0, () => this.#finished(session));
      this.#sessions.add(session);
      if (this.#local) this.#turns.hold(session, origin);
      try {
        // A client costs nothing before its first request, and only one of its own has requests that the signal ends.
        const own = signal !== undefined && this.options !== null && OVER_HTTP.test(this.options.url);
        wire.transaction = await (own ? this.#connect(wire) : this.#open()).transaction("write");
      } catch (error) {
        this.#finished(session);
        throw error;
      }
      return session;
    });
  }

  introspect(on: Runner = this): Promise<TableDescription[]> {
    return introspectSqlite(on);
  }

  close(): void {
    this.#turns.abandon();
    this.#client?.close();
    if (this.given === null) this.#client = null;
  }

  toError(error: unknown, sql: string | null): TerrapinError {
    return libsqlError(error, sql);
  }

  /** The statement as the client takes it. The native client writes texts whole, and reads them up to the first NUL. */
  bound({ sql, params }: Statement): LibsqlStatement {
    if (this.#local && params.some((value) => typeof value === "string" && value.includes("\0")))
      throw new FieldError("a text holds a NUL character, and the native client of libSQL would lose what follows it", {
        code: "nul_character",
        hint: "store it as bytes: fields.binary()",
      });
    return { sql, args: params as never[] };
  }

  #finished(session: object): void {
    this.#sessions.delete(session);
    this.#turns.release(session);
  }

  /**
   * A local database has one writer, and one in memory one connection: there everything takes turns. A server has its own
   * queue of writers, in which a call would wait for the transaction that it runs in.
   */
  async #soon<T>(work: () => Promise<T>, reads = false): Promise<T> {
    if (this.#local) return this.#turns.take(work);
    if (!reads)
      for (const session of this.#sessions)
        if (this.#isInside(session))
          throw new TransactionManagementError("this call would wait for the transaction that it runs in", {
            code: "waits_for_itself",
            hint: "use the innermost transaction's handle, or leave usingDb out so that it is found",
          });
    return work();
  }

  #open(): LibsqlClient {
    return (this.#client ??= this.#connect());
  }

  #connect(listening?: Listening): LibsqlClient {
    const { requestTimeout = 30_000, acquireTimeout: _, fetch: send, ...options } = this.options!;
    const settings = {
      // Milliseconds that a local database waits for another process.
      timeout: 5000,
      ...options,
      intMode: "bigint" as const,
      fetch: timedFetch(requestTimeout, send ?? fetch, listening),
    };
    return createClient(settings) as unknown as LibsqlClient;
  }
}

const OVER_HTTP = /^(?:libsql|https?):/;

/** A transaction of the client's. Its statements go one after another, those of its savepoints included. */
class Wire implements Listening {
  transaction!: LibsqlTransaction;
  #last: Promise<unknown> = Promise.resolve();

  constructor(public signal: AbortSignal | undefined) {}

  next<T>(work: (transaction: LibsqlTransaction) => Promise<T>): Promise<T> {
    const done = this.#last.then(() => work(this.transaction));
    this.#last = done.catch(() => undefined);
    return done;
  }
}

class LibsqlSession implements Session {
  constructor(
    readonly driver: LibsqlDriver,
    readonly wire: Wire,
    readonly depth: number,
    readonly release: () => void,
  ) {}

  run(sql: string, params: readonly SqlValue[], named = false): Promise<Result> {
    return this.wire.next(async (open) => read(sql, await open.execute(this.driver.bound({ sql, params })), named));
  }

  /** In a savepoint of its own, because what came before stays when it fails. */
  async batch(statements: readonly Statement[]): Promise<Result[]> {
    const inner = await this.begin();
    try {
      const results = await readAll(statements, () =>
        this.wire.next((open) => open.batch(statements.map((each) => this.driver.bound(each)))),
      );
      await inner.commit();
      return results;
    } catch (error) {
      await inner.rollback();
      throw error;
    }
  }

  script(sql: string): Promise<void> {
    return this.wire.next((open) => open.executeMultiple(sql));
  }

  async begin(): Promise<Session> {
    const inner = new LibsqlSession(this.driver, this.wire, this.depth + 1, () => {});
    await this.#control(`SAVEPOINT ${inner.#name}`);
    return inner;
  }

  async commit(): Promise<void> {
    try {
      await this.#end((open) => open.commit(), [`RELEASE ${this.#name}`]);
    } catch (error) {
      // What the server said itself is an answer.
      if (this.depth > 0 || typeof (error as { code?: unknown }).code === "string") throw error;
      throw commitUnknown(error);
    }
  }

  async rollback(): Promise<void> {
    await this.#end((open) => open.rollback(), [`ROLLBACK TO ${this.#name}`, `RELEASE ${this.#name}`]);
  }

  get #name(): string {
    return `terrapin_${this.depth}`;
  }

  async #end(whole: (open: LibsqlTransaction) => Promise<void>, savepoint: readonly string[]): Promise<void> {
    if (this.depth === 0) this.wire.signal = undefined;
    try {
      if (this.depth === 0) await this.wire.next(whole);
      else for (const sql of savepoint) await this.#control(sql);
    } finally {
      this.release();
    }
  }

  async #control(sql: string): Promise<void> {
    await this.wire.next((open) => open.execute({ sql, args: [] }));
  }
}

async function readAll(statements: readonly Statement[], ask: () => Promise<LibsqlAnswer[]>): Promise<Result[]> {
  try {
    const answers = await ask();
    return statements.map(({ sql, named = false }, i) => read(sql, answers[i]!, named));
  } catch (error) {
    const { statementIndex: i = -1 } = error as { statementIndex?: number };
    throw libsqlError(error, statements[i]?.sql ?? null);
  }
}

const read = (sql: string, { rows, columns, rowsAffected, lastInsertRowid }: LibsqlAnswer, named: boolean): Result =>
  sqliteResult(
    sql,
    { rows: rows.map((row) => Array.from(row, plain)), columns, changes: rowsAffected, lastInsertRowid },
    named,
  );

/** Integers as numbers where they are exact, bytes as bytes. */
const plain = (value: unknown): unknown => (value instanceof ArrayBuffer ? new Uint8Array(value) : exactInteger(value));

/** What the client says of a transaction that is not there any more. */
const LOST = ["STREAM_EXPIRED", "TRANSACTION_TIMEOUT", "TRANSACTION_CLOSED", "HRANA_CLOSED_ERROR"];

function libsqlError(error: unknown, sql: string | null): TerrapinError {
  const { code, extendedCode, message } = (error ?? {}) as { code?: unknown; extendedCode?: string; message?: string };
  const text = (message ?? String(error)).replace(/^(?:[A-Z_]+: )*(?:SQLite error: )?/, "");
  if (typeof code === "string" && code.startsWith("SQLITE_"))
    return sqliteError(extendedCode ?? code, text, sql, error);
  if (code === "CLIENT_CLOSED" || code === "CLIENT_CLOSED_ERROR" || /^Client was (?:manually )?closed/.test(text))
    return new DBConnectionError("the client of libSQL is closed", {
      code: "closed",
      hint: "give libsql() a URL, and it will be opened again when needed",
      sql,
      cause: error,
    });
  const status = statusOf(error);
  if (status !== null) return statusError(status, "", sql, error);
  if (typeof code === "string" && LOST.includes(code))
    return new TransactionManagementError("the transaction is lost: the server, or a failing request, ended it", {
      code: "lost",
      hint: "nothing of it was kept; begin another one, and keep it short",
      cause: new DBConnectionError("the server gave the stream up", { code: "transient", cause: error }),
    });
  return requestError(error, sql) ?? sqliteError("SQLITE_ERROR", text, sql, error);
}

function statusOf(error: unknown): number | null {
  for (let each = error; each instanceof Error; each = each.cause)
    if (typeof (each as { status?: unknown }).status === "number")
      return (each as unknown as { status: number }).status;
  return null;
}

function wrong(message: string, hint: string): ConfigurationError {
  return new ConfigurationError(message, { code: "adapter_options", hint });
}
