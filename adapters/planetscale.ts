import { Client } from "@planetscale/database";
import {
  ConfigurationError,
  DBConnectionError,
  OperationalError,
  ParamsError,
  type TerrapinError,
  TransactionManagementError,
  typeName,
  UnsupportedError,
} from "../core/base/errors.js";
import type { BeginOptions, Driver, DriverFacts, Limits, Result, Session } from "../core/connection/driver.js";
import { commitUnknown, type Listening, requestError, statusError, timedFetch } from "../core/connection/request.js";
import type { SqlValue } from "../core/sql/column-type.js";
import type { Dialect } from "../core/sql/dialect.js";
import { refuseControl } from "../drivers/mysql/control.js";
import { mysqlDialect } from "../drivers/mysql/dialect.js";
import { endsTransaction, mysqlError } from "../drivers/mysql/errors.js";
import { statementsOf } from "../drivers/mysql/script.js";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly charset?: number | null;
}

interface Answer {
  readonly fields: readonly Column[];
  readonly rows: unknown[][];
  readonly rowsAffected: number;
  readonly insertId: string;
}

/** What we use of a connection of `@planetscale/database`: one session of the server's. */
interface PlanetscaleConnection {
  execute(
    sql: string,
    values: null,
    options: { as: "array"; cast: (column: Column, value: string | null) => unknown },
  ): unknown;
}

/** What we use of a client of `@planetscale/database`. */
export interface PlanetscaleClient {
  connection(): PlanetscaleConnection;
}

/** How to reach a PlanetScale database: a URL, or host, username and password. */
export interface PlanetscaleOptions {
  /** `https://user:password@host` */
  readonly url?: string;
  readonly host?: string;
  readonly username?: string;
  readonly password?: string;
  /** Milliseconds that one request may take. Default: 30000. */
  readonly requestTimeout?: number;
  readonly fetch?: typeof fetch;
}

const OPTIONS: readonly string[] = ["url", "host", "username", "password", "requestTimeout", "fetch"];

const dialect: Dialect = /* @__PURE__ */ (() => ({ ...mysqlDialect, name: "PlanetScale" }))();

const limits: Limits = {
  // Values travel inside the text.
  maxParams: Infinity,
  maxSqlBytes: 16 * 1024 * 1024,
  maxColumns: 4096,
  maxCompoundTerms: Infinity,
  maxDepth: Infinity,
  maxLikeBytes: Infinity,
  maxStatementsPerRequest: 1,
};

/**
 * PlanetScale through `@planetscale/database`, over HTTP: a URL, options, or a client.
 * @example
 * await init({ connections: { default: planetscale({ host: "…", username: "…", password: "…" }) }, models: { User } });
 */
export function planetscale(source: string | PlanetscaleOptions | PlanetscaleClient): Driver {
  if (typeof source === "string") return planetscale({ url: source });
  if (typeof source !== "object" || source === null)
    throw wrong(`planetscale() takes a URL, options or a client, not ${typeName(source)}`, HINT);
  if ("connection" in source) return new PlanetscaleDriver(() => source, "PlanetScale");
  const { requestTimeout = 30_000, fetch: send, ...config } = source;
  for (const name in source)
    if (!OPTIONS.includes(name)) throw wrong(`planetscale() has no option "${name}"`, `known: ${OPTIONS.join(", ")}`);
  const { url, host, username, password } = config;
  if (url === undefined && (host === undefined || username === undefined || password === undefined))
    throw wrong("planetscale() needs a URL, or host, username and password", HINT);
  const clientFor = (listening?: Listening): PlanetscaleClient => {
    const timed = timedFetch(requestTimeout, send ?? fetch, listening);
    // Older runtimes have no `cache`, and no request like ours is kept anyway.
    const request = (input: string, { cache: _, ...init }: RequestInit = {}): Promise<Response> => timed(input, init);
    return new Client({ ...config, fetch: request } as never) as unknown as PlanetscaleClient;
  };
  return new PlanetscaleDriver(clientFor, hostOf(url) ?? host!);
}

const HINT = 'planetscale({ host: "…", username: "…", password: "…" })';

class PlanetscaleDriver implements Driver {
  readonly dialect: Dialect = dialect;
  readonly limits: Limits = limits;
  readonly facts: DriverFacts = { daemon: true, updateLimit: true, jsonDepth: 100 };

  readonly client: PlanetscaleClient;

  /** `clientFor`: a client whose requests listen to a signal; one that was given cannot. */
  constructor(
    readonly clientFor: (listening?: Listening) => PlanetscaleClient,
    readonly label: string,
  ) {
    this.client = clientFor();
  }

  /** In a session of its own, so that statements side by side do not share one. */
  async run(sql: string, params: readonly SqlValue[], named = false): Promise<Result> {
    if (params.length === 0) refuseControl(sql, false);
    return execute(this.client.connection(), sql, params, named);
  }

  async script(sql: string): Promise<void> {
    const statements = statementsOf(sql);
    for (const statement of statements) refuseControl(statement, false);
    const connection = this.client.connection();
    for (const statement of statements) await execute(connection, statement, [], false);
  }

  async begin({ isolation, signal }: BeginOptions): Promise<Session> {
    if (isolation !== undefined && isolation !== "repeatable read")
      throw new UnsupportedError(`PlanetScale cannot begin a transaction that is ${isolation}`, {
        hint: "its transactions are repeatable read: leave isolation out",
      });
    const listening: Listening = { signal };
    const connection = (signal === undefined ? this.client : this.clientFor(listening)).connection();
    await execute(connection, "BEGIN", [], false);
    return new PlanetscaleSession(new Wire(connection, listening), 0);
  }

  /** Requests stand for themselves; there is nothing to free. */
  close(): void {}

  toError(error: unknown, sql: string | null): TerrapinError {
    return planetscaleError(error, sql);
  }
}

/** One session of the server's: its statements go one after another, each with what the one before made of the session. */
class Wire {
  /** What ended the transaction before its time; null while it is open. */
  ended: unknown = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly connection: PlanetscaleConnection,
    readonly listening: Listening,
  ) {}

  run(sql: string, params: readonly SqlValue[] = [], named = false): Promise<Result> {
    const done = this.#last.then(() => this.#run(sql, params, named));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #run(sql: string, params: readonly SqlValue[], named: boolean): Promise<Result> {
    if (this.ended !== null) throw lost(planetscaleError(this.ended, null));
    try {
      return await execute(this.connection, sql, params, named);
    } catch (error) {
      if (hasEnded(error)) this.ended = error;
      throw error;
    }
  }
}

class PlanetscaleSession implements Session {
  constructor(
    readonly wire: Wire,
    readonly depth: number,
  ) {}

  async run(sql: string, params: readonly SqlValue[], named = false): Promise<Result> {
    if (params.length === 0) refuseControl(sql, true);
    return this.wire.run(sql, params, named);
  }

  async script(sql: string): Promise<void> {
    for (const statement of statementsOf(sql)) {
      refuseControl(statement, true);
      await this.wire.run(statement);
    }
  }

  async begin(): Promise<Session> {
    const inner = new PlanetscaleSession(this.wire, this.depth + 1);
    await this.wire.run(`SAVEPOINT ${inner.#name}`);
    return inner;
  }

  async commit(): Promise<void> {
    if (this.depth > 0) return void (await this.wire.run(`RELEASE SAVEPOINT ${this.#name}`));
    this.wire.listening.signal = undefined;
    try {
      await this.wire.run("COMMIT");
    } catch (error) {
      if (errnoOf(error) !== null || error instanceof TransactionManagementError) throw error;
      throw commitUnknown(error);
    }
  }

  async rollback(): Promise<void> {
    const { wire } = this;
    const isAborted = wire.listening.signal?.aborted === true;
    if (this.depth === 0) wire.listening.signal = undefined;
    if (wire.ended !== null) {
      // Whatever is left of it ends by itself after 20 seconds; its locks may as well go now.
      const done = this.depth === 0 && execute(wire.connection, "ROLLBACK", [], false).catch(() => undefined);
      // Behind a statement that was broken off it may wait, and nobody wants to wait with it.
      if (!isAborted) await done;
      return;
    }
    if (this.depth === 0) return void (await this.wire.run("ROLLBACK"));
    await this.wire.run(`ROLLBACK TO SAVEPOINT ${this.#name}`);
    await this.wire.run(`RELEASE SAVEPOINT ${this.#name}`);
  }

  get #name(): string {
    return `terrapin_${this.depth}`;
  }
}

async function execute(
  connection: PlanetscaleConnection,
  sql: string,
  params: readonly SqlValue[],
  named: boolean,
): Promise<Result> {
  const answer = (await connection.execute(written(sql, params), null, { as: "array", cast: read })) as Answer;
  const { fields, rows, rowsAffected, insertId } = answer;
  const key = insertId === "0" ? null : Number.isSafeInteger(Number(insertId)) ? Number(insertId) : BigInt(insertId);
  const result = { rows, affected: fields.length > 0 ? 0 : rowsAffected, insertId: key };
  if (!named) return result;
  fields.forEach(({ type }, i) => {
    if (!type.endsWith("INT64")) return;
    for (const row of rows) if (typeof row[i] === "string") row[i] = BigInt(row[i]);
  });
  return { ...result, columns: fields.map(({ name }) => name) };
}

/** What stands in quotes or is a comment, and the placeholders outside of both. */
const TOKENS =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|#[^\n]*|--(?:[ \t][^\n]*|(?=\n|$))|\/\*[^]*?\*\/|\?/g;

/** The statement with its values as literals: that is how they travel here. */
function written(sql: string, params: readonly SqlValue[]): string {
  let at = 0;
  const text =
    params.length === 0 ? sql : sql.replace(TOKENS, (token) => (token === "?" ? literal(params[at++]) : token));
  if (at !== params.length)
    throw new ParamsError(`the statement has ${at} placeholders and was given ${params.length} values`, {
      hint: "one value for each ?",
    });
  return text;
}

function literal(value: SqlValue | undefined): string {
  switch (typeof value) {
    case "string":
      return `'${value.replace(/['\\\0]/g, (character) => ESCAPED[character]!)}'`;
    case "number":
      // Digits alone would be an exact number, and a point alone a decimal one.
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
      return Object.is(value, -0) ? "-0e0" : /e/.test(String(value)) ? String(value) : `${value}e0`;
    case "bigint":
      return String(value);
    case "undefined":
      throw new ParamsError("the statement has more placeholders than values", { hint: "one value for each ?" });
    default:
      return value === null ? "NULL" : `x'${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}'`;
  }
}

// A quotation mark is doubled: that holds whether the server reads backslashes or not.
const ESCAPED: Readonly<Record<string, string>> = { "'": "''", "\\": "\\\\", "\0": "\\0" };

/** A value in the form in which fields read it: `value` has one character for each byte. */
function read({ type, charset }: Column, value: string | null): unknown {
  if (value === null || value === undefined) return null;
  if (/^U?INT|^YEAR$/.test(type)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (type.startsWith("FLOAT")) return Number(value);
  if (/^(?:DECIMAL|DATE|DATETIME|TIMESTAMP|TIME)$/.test(type)) return value;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  return charset === BINARY && type !== "JSON" ? bytes : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

const BINARY = 63;

/** `cause`: what ended it. */
const lost = (cause: TerrapinError): TransactionManagementError =>
  new TransactionManagementError("nothing more can run in this transaction: the server has undone it", {
    code: "lost",
    hint: "begin another one, and keep it shorter than 20 seconds",
    cause,
  });

interface Failure {
  readonly message?: string;
  readonly status?: number;
  readonly body?: { readonly code?: string; readonly message?: string };
}

/** `target: …: rpc error: code = AlreadyExists desc = Duplicate entry … (errno 1062) (sqlstate 23000) …` */
const SAID = /^(?:.*?desc = )?(.*?) \(errno (\d+)\) \(sqlstate \w+\)/s;

function errnoOf(error: unknown): number | null {
  const errno = SAID.exec((error as Failure | null)?.body?.message ?? "")?.[2];
  return errno === undefined ? null : Number(errno);
}

/** Vitess's own words for a transaction that it has ended. */
const ENDED = /transaction \S+: (?:not found|ended|in use)|tx_killer|transaction .*(?:ended|expired|rolled back)/i;

function hasEnded(error: unknown): boolean {
  const errno = errnoOf(error);
  if (errno !== null) return endsTransaction(errno, false) || ENDED.test((error as Failure).body!.message!);
  // Without an answer nobody knows in which state the session is.
  return !(error instanceof ParamsError);
}

const OVERLOADED: readonly unknown[] = ["RESOURCE_EXHAUSTED", "resource_exhausted"];

function planetscaleError(error: unknown, sql: string | null): TerrapinError {
  const { status, body } = (error ?? {}) as Failure;
  if (typeof status !== "number") {
    const failed = requestError(error, sql);
    return (
      failed ?? new OperationalError(error instanceof Error ? error.message : String(error), { sql, cause: error })
    );
  }
  if (ENDED.test(body?.message ?? ""))
    return lost(new DBConnectionError("the server ended it", { code: "transient", cause: error }));
  const said = SAID.exec(body?.message ?? "");
  if (said !== null) return mysqlError(Number(said[2]), said[1]!, sql, error);
  if (OVERLOADED.includes(body?.code)) return statusError(429, "too much to do", sql, error);
  if (status !== 400) return statusError(status, body?.code === "UNKNOWN" ? "" : (body?.message ?? ""), sql, error);
  return new OperationalError((body?.message ?? "the statement failed").replace(/: Sql: ".*$/s, ""), {
    sql,
    cause: error,
  });
}

function hostOf(url: string | undefined): string | null {
  if (url === undefined) return null;
  if (!URL.canParse(url)) throw wrong("planetscale() was given a URL that is none", '"https://user:password@host"');
  return new URL(url).host;
}

function wrong(message: string, hint: string): ConfigurationError {
  return new ConfigurationError(message, { code: "adapter_options", hint });
}
