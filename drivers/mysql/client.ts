import { Buffer } from "node:buffer";
import mysql2 from "mysql2";
import {
  DBConnectionError,
  OperationalError,
  ParamsError,
  TerrapinError,
  UnsupportedError,
} from "../../core/base/errors.js";
import {
  isPromise,
  type BeginOptions,
  type Driver,
  type DriverFacts,
  type Lease,
  type Limits,
  type MaybePromise,
  type Origin,
  type Result,
  type Runner,
  type Session,
} from "../../core/connection/driver.js";
import type { TableDescription } from "../../core/connection/introspection.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import type { Dialect } from "../../core/sql/dialect.js";
import { endsTransaction, isFull, mysqlError } from "./errors.js";
import { introspectMysql } from "./introspect.js";
import { FLAGS, type MysqlSettings } from "./options.js";
import { Pool, type PoolCounters, type WireSource } from "./pool.js";
import { refuseControl } from "./control.js";
import { statementsOf } from "./script.js";
import { MysqlSession } from "./session.js";
import { isLoss, NotSent, Wire, type RawConnection, type RawError, type WireOptions } from "./wire.js";

/** A driver whose connections can be looked at. */
export interface MysqlDriver extends Driver {
  /** What its pool has done and holds. */
  readonly pool: PoolCounters;
}

/** What we use of a mysql2 pool that the user made. */
export interface MysqlPool {
  readonly config?: unknown;
  getConnection(callback: (error: Error | null, connection: unknown) => unknown): unknown;
  end(callback?: (error: Error | null) => unknown): unknown;
}

/** The same behind mysql2/promise. */
export interface MysqlPromisePool {
  getConnection(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** mysql2 behind the driver contract: our own pool over its connections, or over a pool that the user made. */
export class MysqlClient implements MysqlDriver {
  readonly facts: DriverFacts;
  readonly label: string;
  readonly acquireTimeout: number;
  readonly #pool: Pool;
  readonly #source: OwnSource | GivenSource;
  readonly #server: Server = {
    checked: null,
    rollbackOnTimeout: false,
    keyStep: 1,
    maxPacket: 16_777_216,
  };
  #isInside: (holder: object) => boolean = () => false;

  /** `given`: a pool that the user made; our settings then say only how it is used. */
  constructor(
    readonly dialect: Dialect,
    readonly settings: MysqlSettings,
    given: MysqlPool | null,
  ) {
    this.label = settings.label;
    this.acquireTimeout = settings.acquireTimeout;
    const engine = settings.storageEngine;
    this.facts = {
      daemon: true,
      updateLimit: true,
      // MariaDB takes so many, MySQL 100.
      jsonDepth: 32,
      transactions: engine === null || /^(innodb|ndb|ndbcluster|rocksdb)$/i.test(engine),
    };
    const options: WireOptions = {
      prepared: settings.prepared,
      statementCacheSize: settings.statementCacheSize,
      commandTimeout: settings.commandTimeout,
      flags: null,
      // As the DOUBLE that mysql2 makes of numbers they would be rounded, and LIMIT refuses that. Asking for it is slow.
      integer: settings.prepared ? mysql2.TypedParameter.BIGINT : (value) => value,
      bytes: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
      ends: ({ errno }) => endsTransaction(errno, this.#server.rollbackOnTimeout),
      kill: (threadId) => this.#source.kill(threadId),
    };
    this.#source =
      given === null
        ? new OwnSource(settings, options, this.#server)
        : new GivenSource(given, settings, options, this.#server);
    this.#pool = new Pool(
      {
        ...settings,
        name: settings.label,
        keepIdle: given === null,
        isInside: (holder) => this.#isInside(holder),
      },
      this.#source,
      isFull,
    );
  }

  get limits(): Limits {
    return {
      maxParams: 65_535,
      maxSqlBytes: this.#server.maxPacket,
      maxColumns: 4096,
      maxCompoundTerms: Infinity,
      maxDepth: Infinity,
      maxLikeBytes: Infinity,
      maxStatementsPerRequest: Infinity,
    };
  }

  get pool(): PoolCounters {
    return this.#pool.counters;
  }

  attach(isInside: (holder: object) => boolean): void {
    this.#isInside = isInside;
  }

  run(sql: string, params: readonly SqlValue[], named = false): MaybePromise<Result> {
    if (params.length === 0) refuseControl(sql, false);
    return this.#runSomewhere(sql, params, named, 0);
  }

  async *stream(sql: string, params: readonly SqlValue[]): AsyncIterable<unknown[]> {
    const wire = await this.#pool.acquire(null);
    try {
      const rows = wire.stream(sql, params);
      let whole = false;
      try {
        yield* rows;
        whole = true;
      } finally {
        // The server would send all the rest before the connection could be used again.
        if (!whole) wire.destroy(null);
      }
    } catch (error) {
      throw this.toError(error, sql);
    } finally {
      this.#pool.release(wire);
    }
  }

  async script(sql: string): Promise<void> {
    const statements = statementsOf(sql);
    for (const statement of statements) refuseControl(statement, false);
    const wire = await this.#pool.acquire(null);
    try {
      for (const statement of statements) await wire.text(statement);
    } finally {
      this.#pool.release(wire);
    }
  }

  async begin({ isolation, origin, signal }: BeginOptions): Promise<Session> {
    for (let attempt = 0; ; attempt++) {
      const wire = await this.#pool.acquire(origin ?? null, signal ?? null);
      try {
        if (isolation !== undefined) await wire.text(`SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}`);
        await wire.text("START TRANSACTION");
      } catch (error) {
        this.#pool.release(wire);
        // Whether BEGIN was carried out or not, nothing of it is left.
        if (!(error instanceof NotSent || isLoss(error)) || !this.#again(attempt)) throw error;
        continue;
      }
      const session = new MysqlSession(wire, null, {
        toError: (error, sql) => this.toError(error, sql),
        finished: () => {
          unlisten?.();
          this.#pool.release(wire);
        },
      });
      this.#pool.heldBy(wire, session);
      const unlisten = signal === undefined ? null : listen(signal, () => wire.interrupt());
      return session;
    }
  }

  async acquire(origin: Origin): Promise<Lease> {
    const wire = await this.#pool.acquire(origin);
    const lease: Lease = {
      run: (sql, params, named) => {
        if (params.length === 0) refuseControl(sql, false);
        return wire.run(sql, params, named === true);
      },
      release: () => this.#pool.release(wire),
    };
    this.#pool.heldBy(wire, lease);
    return lease;
  }

  async lock(name: string): Promise<() => Promise<void>> {
    const wire = await this.#pool.acquire(null);
    const seconds = this.acquireTimeout === Infinity ? -1 : Math.ceil(this.acquireTimeout / 1000);
    try {
      const { rows } = await wire.run("SELECT GET_LOCK(?, ?)", [name, seconds], false);
      if (Number(rows[0]![0]) !== 1)
        throw new OperationalError(`the lock "${name}" is held by somebody else`, { code: "locked" });
    } catch (error) {
      this.#pool.release(wire);
      throw error;
    }
    return async () => {
      try {
        await wire.run("SELECT RELEASE_LOCK(?)", [name], false);
      } catch (error) {
        // A connection that ends frees what it holds.
        wire.destroy(error);
      } finally {
        this.#pool.release(wire);
      }
    };
  }

  connect({ withDb }: { readonly withDb: boolean }): Promise<void> {
    return withDb ? this.#pool.warm() : this.#source.withoutDatabase(async () => {});
  }

  createDatabase(): Promise<void> {
    return this.#onServer("CREATE DATABASE IF NOT EXISTS", " CHARACTER SET utf8mb4");
  }

  async dropDatabase(): Promise<void> {
    await this.close();
    await this.#onServer("DROP DATABASE IF EXISTS", "");
  }

  get keyStep(): number {
    return this.#server.keyStep;
  }

  introspect(on: Runner = this): Promise<TableDescription[]> {
    return introspectMysql(on);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#source.close();
  }

  toError(error: unknown, sql: string | null): TerrapinError {
    if (error instanceof NotSent) return this.toError(error.error, sql);
    if (error instanceof TerrapinError) return error;
    const { errno, message, code } = (error ?? {}) as Partial<RawError>;
    const text = typeof message === "string" && message !== "" ? message : String(code ?? error);
    // Errors of sockets have negative numbers, those that mysql2 makes have none.
    if (typeof errno === "number" && errno > 0) return mysqlError(errno, text, sql, error);
    if (isLoss(error)) return new DBConnectionError(text, { sql, cause: error, code: "connection_lost" });
    if (error instanceof TypeError || error instanceof RangeError)
      return new ParamsError(text, { cause: error, hint: sql === null ? null : "one value for each ?" });
    return new OperationalError(text, { sql, cause: error });
  }

  #runSomewhere(sql: string, params: readonly SqlValue[], named: boolean, attempt: number): Promise<Result> {
    const wire = this.#pool.acquire(null);
    return isPromise(wire)
      ? wire.then((open) => this.#runOn(open, sql, params, named, attempt))
      : this.#runOn(wire, sql, params, named, attempt);
  }

  async #runOn(wire: Wire, sql: string, params: readonly SqlValue[], named: boolean, attempt: number): Promise<Result> {
    try {
      return await wire.run(sql, params, named);
    } catch (error) {
      if (error instanceof NotSent && this.#again(attempt)) return this.#runSomewhere(sql, params, named, attempt + 1);
      throw error;
    } finally {
      this.#pool.release(wire);
    }
  }

  /** Every idle connection may have been lost, and no new one is. */
  #again(attempt: number): boolean {
    if (attempt > this.settings.maxSize) return false;
    this.#pool.resent();
    return true;
  }

  #onServer(before: string, after: string): Promise<void> {
    const { database } = this.settings;
    if (database === null)
      throw new UnsupportedError("these connections have no database", { hint: 'mysql({ database: "shop" })' });
    return this.#source.withoutDatabase(async (wire) => {
      await wire.text(`${before} ${this.dialect.quote(database)}${after}`);
    });
  }
}

/** What is known of the server since the first connection. */
interface Server {
  /** resolves when it is known to be one that is supported */
  checked: Promise<void> | null;
  /** waiting too long for a lock undoes the whole transaction */
  rollbackOnTimeout: boolean;
  /** how far its keys are from each other: servers that share a table leave room for the others */
  keyStep: number;
  /** bytes of one statement with its values */
  maxPacket: number;
}

/** Connections that we open ourselves. */
class OwnSource implements WireSource {
  constructor(
    readonly settings: MysqlSettings,
    readonly options: WireOptions,
    readonly server: Server,
  ) {}

  open(): Promise<Wire> {
    return this.#open(this.settings.connection, true);
  }

  end(wire: Wire): Promise<void> {
    return wire.end();
  }

  async close(): Promise<void> {}

  kill(threadId: number): void {
    void this.withoutDatabase((wire) => wire.text(`KILL QUERY ${threadId}`)).catch(() => {});
  }

  async withoutDatabase(work: (wire: Wire) => Promise<unknown>): Promise<void> {
    const { database: _left, ...connection } = this.settings.connection;
    const wire = await this.#open(connection, false);
    try {
      await work(wire);
    } finally {
      await wire.end();
    }
  }

  async #open(connection: Readonly<Record<string, unknown>>, prepare: boolean): Promise<Wire> {
    const raw = mysql2.createConnection(connection as never) as unknown as RawConnection;
    const wire = new Wire(raw, this.options);
    try {
      await new Promise<void>((resolve, reject) => raw.connect((error) => (error ? reject(error) : resolve())));
      if (prepare) await prepareSession(wire, this.settings, this.server);
      return wire;
    } catch (error) {
      wire.destroy(error);
      throw unreachable(error, this.settings.label);
    }
  }
}

/** Connections of a pool that the user made. Its flags are put right statement by statement. */
class GivenSource implements WireSource {
  readonly #known = new WeakMap<RawConnection, Wire>();
  #closed: Promise<void> | null = null;
  readonly options: WireOptions;

  constructor(
    readonly pool: MysqlPool,
    readonly settings: MysqlSettings,
    options: WireOptions,
    readonly server: Server,
  ) {
    this.options = { ...options, flags: flagsFor(connectionConfig(pool)) };
  }

  async open(): Promise<Wire> {
    if (this.#isClosed)
      throw new DBConnectionError("the pool that mysql() was given is closed", {
        code: "closed",
        hint: "give it a URL or options, and connections will be opened again when needed",
      });
    const raw = await new Promise<RawConnection>((resolve, reject) =>
      this.pool.getConnection((error, connection) =>
        error ? reject(unreachable(error, this.settings.label) as Error) : resolve(connection as RawConnection),
      ),
    );
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    const wire = new Wire(raw, this.options);
    try {
      await prepareSession(wire, this.settings, this.server);
    } catch (error) {
      wire.destroy(error);
      throw error;
    }
    this.#known.set(raw, wire);
    return wire;
  }

  async end(wire: Wire): Promise<void> {
    (wire.raw as unknown as { release(): void }).release();
  }

  /** Whoever hands a pool in hands it over. */
  close(): Promise<void> {
    if (this.#closed === null && this.#isClosed) return Promise.resolve();
    return (this.#closed ??= new Promise((resolve, reject) =>
      this.pool.end((error) => (error ? reject(error) : resolve())),
    ));
  }

  /** By us, or by whoever made it. */
  get #isClosed(): boolean {
    return this.#closed !== null || (this.pool as { readonly _closed?: boolean })._closed === true;
  }

  kill(threadId: number): void {
    void this.withoutDatabase((wire) => wire.text(`KILL QUERY ${threadId}`)).catch(() => {});
  }

  /** The user's pool has a database, and it need not be the one that is meant. */
  async withoutDatabase(work: (wire: Wire) => Promise<unknown>): Promise<void> {
    const wire = await this.open();
    try {
      await work(wire);
    } finally {
      await this.end(wire);
    }
  }
}

/** Makes a new connection mean what every other one means, and the first time looks at who answers. */
async function prepareSession(wire: Wire, settings: MysqlSettings, server: Server): Promise<void> {
  const engine = settings.storageEngine === null ? "" : `, default_storage_engine = ${settings.storageEngine}`;
  await wire.text(`SET time_zone = '+00:00', sql_mode = ${settings.sqlMode}${engine}`);
  if (server.checked !== null) return;
  const { rows } = await wire.text(
    "SELECT VERSION(), @@max_allowed_packet, @@innodb_rollback_on_timeout, @@auto_increment_increment",
  );
  const [version, maxPacket, rollbackOnTimeout, keyStep] = rows[0]!;
  checkVersion(String(version));
  server.maxPacket = Number(maxPacket);
  server.rollbackOnTimeout = Number(rollbackOnTimeout) === 1;
  server.keyStep = Number(keyStep);
  server.checked = Promise.resolve();
}

/** MySQL 8.0.19 knows checks, row aliases and honest key names; MariaDB 10.6 SKIP LOCKED and atomic DDL. */
export function checkVersion(version: string): void {
  const maria = /mariadb/i.test(version);
  const parts = /(\d+)\.(\d+)\.(\d+)/.exec(version.replace(/^5\.5\.5-/, ""));
  if (parts === null) return;
  const [major, minor, patch] = parts.slice(1).map(Number) as [number, number, number];
  const number = major * 1_000_000 + minor * 1000 + patch;
  if (number >= (maria ? 10_006_000 : 8_000_019)) return;
  throw new UnsupportedError(`${maria ? "MariaDB" : "MySQL"} ${major}.${minor}.${patch} is too old`, {
    code: "server_version",
    hint: "Terrapin speaks to MySQL from 8.0.19 and MariaDB from 10.6",
  });
}

/** What goes wrong on the way to a server, before it has said anything. */
function unreachable(error: unknown, label: string): unknown {
  const { errno, message, code } = (error ?? {}) as Partial<RawError>;
  // Numbers of sockets are negative; those of the server say more than that there is no connection.
  if (error instanceof TerrapinError || error instanceof NotSent || (typeof errno === "number" && errno > 0))
    return error;
  return new DBConnectionError(`${label} cannot be reached: ${message || code || String(error)}`, {
    code: "unreachable",
    cause: error,
    hint: "see whether the server runs, and whether host and port are right",
  });
}

function connectionConfig(pool: MysqlPool): Readonly<Record<string, unknown>> {
  return (pool.config as { connectionConfig: Readonly<Record<string, unknown>> }).connectionConfig;
}

/** FOUND_ROWS: affected rows are those that matched. */
const FOUND_ROWS = 2;

/** What every statement must say for itself, because the pool's own settings mean something else. */
function flagsFor(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if ((Number(config["clientFlags"]) & FOUND_ROWS) === 0)
    throw new UnsupportedError("this pool counts changed rows, not matched ones", {
      code: "found_rows",
      hint: 'leave "-FOUND_ROWS" out of its flags',
    });
  if (mysql2.CharsetToEncoding[Number(config["charsetNumber"])] !== "utf8")
    throw new UnsupportedError("the character set of this pool cannot hold every text", {
      code: "charset",
      hint: 'createPool({ charset: "utf8mb4" }), or leave charset out',
    });
  // What mysql2 takes only from the pool's settings is undone column by column.
  const reread =
    config["jsonStrings"] !== true || config["decimalNumbers"] === true || typeof config["typeCast"] === "function";
  return { ...FLAGS, typeCast: reread ? exactCast : true, nestTables: undefined, namedPlaceholders: false };
}

interface CastField {
  readonly type: string;
  readonly extendedFormat?: string;
  string(encoding?: string): string | null;
}

function exactCast(field: CastField, next: () => unknown): unknown {
  if (field.type === "JSON" || field.extendedFormat === "json") return field.string("utf8");
  return field.type === "DECIMAL" || field.type === "NEWDECIMAL" ? field.string("ascii") : next();
}

function listen(signal: AbortSignal, work: () => void): () => void {
  signal.addEventListener("abort", work, { once: true });
  return () => signal.removeEventListener("abort", work);
}
