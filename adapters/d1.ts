import { ConfigurationError, LimitError, typeName, type TerrapinError } from "../core/base/errors.js";
import type { Driver, Limits, Result, Runner, Statement } from "../core/connection/driver.js";
import type { TableDescription } from "../core/connection/introspection.js";
import type { SqlValue } from "../core/sql/column-type.js";
import type { Dialect } from "../core/sql/dialect.js";
import { introspectSqlite } from "../drivers/sqlite/introspect.js";
import { givesRows, wireKind } from "../drivers/sqlite/wire.js";
import {
  boundParams,
  boundText,
  PLATFORM_TABLES,
  settleRow,
  workerdDialect,
  workerdError,
  workerdLimits,
} from "../drivers/sqlite/workerd.js";

/** What D1 tells of a statement beside its rows: what it cost, and where it ran. */
export interface D1Meta {
  readonly changes: number;
  readonly last_row_id: number;
  /** Rows that were looked at; D1 counts them on the bill. */
  readonly rows_read: number;
  /** Rows of tables and indexes that were written; D1 counts them on the bill. */
  readonly rows_written: number;
  /** Milliseconds inside the database. */
  readonly duration: number;
  readonly [more: string]: unknown;
}

interface D1Answer {
  readonly results?: readonly unknown[];
  readonly meta: unknown;
}

interface D1Prepared {
  bind(...values: unknown[]): D1Prepared;
  run(): Promise<D1Answer>;
  raw(options?: { columnNames?: false }): Promise<unknown[][]>;
  raw(options: { columnNames: true }): Promise<[string[], ...unknown[][]]>;
}

interface D1Runner {
  prepare(sql: string): D1Prepared;
  batch(statements: D1Prepared[]): Promise<D1Answer[]>;
}

/** What we use of a D1 binding: `env.DB` is one. */
export interface D1Binding extends D1Runner {
  withSession?(start?: string): D1Runner & { getBookmark(): string | null };
}

/** How to use a D1 database. */
export interface D1Options {
  /**
   * Where a session starts: `"first-primary"`, `"first-unconstrained"`, or the bookmark of an earlier one. In a session reads
   * may go to replicas, and see at least what it saw and wrote before. Default: no session, everything goes to the primary.
   */
  readonly session?: string;
  /** Is told of the counters of every statement. Reads are a little dearer then, because D1 hands their rows out as objects. */
  readonly onMeta?: (meta: D1Meta, sql: string) => void;
}

/** A D1 database as a driver. */
export interface D1Driver extends Driver {
  /** Where the session has come to: pass it as `session` to see, elsewhere or later, what was written here. Null without one. */
  readonly bookmark: string | null;
}

const dialect: Dialect = /* @__PURE__ */ workerdDialect("D1");

const limits: Limits = { ...workerdLimits, maxStatementsPerRequest: 1000 };

/**
 * Cloudflare D1 through its binding. Several statements are one unit in `batch([...])`; D1 keeps no transaction open.
 * @example
 * const orm = await init({ connections: { default: d1(env.DB) }, models: { User } });
 */
export function d1(binding: D1Binding, options: D1Options = {}): D1Driver {
  if (typeof binding?.prepare !== "function" || typeof binding.batch !== "function")
    throw wrong(`d1() takes the binding of a D1 database, not ${typeName(binding)}`, "d1(env.DB)");
  const { session, onMeta } = options;
  for (const name in options)
    if (name !== "session" && name !== "onMeta") throw wrong(`d1() has no option "${name}"`, "known: session, onMeta");
  if (session !== undefined && (typeof session !== "string" || session === ""))
    throw wrong("d1() takes a word or a bookmark as session", '"first-primary", "first-unconstrained" or a bookmark');
  if (session !== undefined && binding.withSession === undefined)
    throw wrong("this D1 binding has no sessions", "update the runtime, or leave session out");
  return new D1Client(binding, session ?? null, onMeta ?? null);
}

class D1Client implements D1Driver {
  readonly dialect: Dialect = dialect;
  readonly limits: Limits = limits;
  readonly label: string = "D1";
  readonly #runner: D1Runner & { getBookmark?(): string | null };

  constructor(
    binding: D1Binding,
    session: string | null,
    readonly onMeta: ((meta: D1Meta, sql: string) => void) | null,
  ) {
    this.#runner = session === null ? binding : binding.withSession!(session);
  }

  get bookmark(): string | null {
    return this.#runner.getBookmark?.() ?? null;
  }

  async run(sql: string, params: readonly SqlValue[], named = false): Promise<Result> {
    const kind = wireKind(sql);
    if (givesRows(kind) && (named || this.onMeta === null)) return this.#rows(sql, params, named);
    const [result] = kind === "change" ? await this.#batch([{ sql, params }]) : [await this.#alone(sql, params)];
    return named ? { ...result!, columns: [] } : result!;
  }

  batch(statements: readonly Statement[]): Promise<Result[]> {
    return this.#batch(statements);
  }

  async #batch(statements: readonly Statement[]): Promise<Result[]> {
    if (statements.length === 0) return [];
    const prepared: D1Prepared[] = [];
    for (const { sql, params } of statements) {
      prepared.push(this.#prepared(distinct(sql), params));
      if (wireKind(sql) === "change") prepared.push(this.#runner.prepare(CHANGES));
    }
    // What counts rows counts as a statement too.
    const most = limits.maxStatementsPerRequest;
    if (prepared.length > most)
      throw new LimitError(
        `the request has ${prepared.length} statements, and D1 takes ${most} (maxStatementsPerRequest)`,
        { hint: "an update or delete takes two; write in smaller batches; nothing was sent" },
      );
    const answers = (await this.#runner.batch(prepared)).values();
    return statements.map(({ sql, named = false }) => {
      const answer = answers.next().value!;
      // Without a row nobody knows the names, and nobody needs them.
      const columns = named ? { columns: Object.keys((answer.results?.[0] ?? {}) as object) } : undefined;
      const result = { ...this.#read(sql, answer), ...columns };
      return wireKind(sql) === "change" ? { ...result, affected: changes(answers.next().value!) } : result;
    });
  }

  async script(sql: string): Promise<void> {
    await this.#runner.prepare(sql).run();
  }

  introspect(on: Runner = this): Promise<TableDescription[]> {
    return introspectSqlite(on, PLATFORM_TABLES);
  }

  /** The binding belongs to the request; there is nothing to free. */
  close(): void {}

  toError(error: unknown, sql: string | null): TerrapinError {
    return workerdError(error, sql);
  }

  #prepared(sql: string, params: readonly SqlValue[]): D1Prepared {
    const statement = this.#runner.prepare(boundText(sql, params));
    return params.length === 0 ? statement : statement.bind(...boundParams(params));
  }

  async #alone(sql: string, params: readonly SqlValue[]): Promise<Result> {
    return this.#read(sql, await this.#prepared(distinct(sql), params).run());
  }

  /** Rows as arrays: the only answer in which columns of one name stay apart. It has no counters. */
  async #rows(sql: string, params: readonly SqlValue[], named: boolean): Promise<Result> {
    const statement = this.#prepared(sql, params);
    const [columns, rows] = named
      ? split(await statement.raw({ columnNames: true }))
      : [undefined, await statement.raw()];
    for (const row of rows) settleRow(row);
    const affected = wireKind(sql) === "returning" ? rows.length : 0;
    return columns === undefined ? { rows, affected, insertId: null } : { rows, affected, insertId: null, columns };
  }

  #read(sql: string, { results = [], meta: told }: D1Answer): Result {
    const meta = told as D1Meta;
    this.onMeta?.(meta, sql);
    const kind = wireKind(sql);
    if (!givesRows(kind)) {
      const made = kind === "insert" && meta.changes > 0;
      return { rows: [], affected: made ? meta.changes : 0, insertId: made ? meta.last_row_id : null };
    }
    const rows = results.map((row) => settleRow(Object.values(row as object)));
    return { rows, affected: kind === "returning" ? rows.length : 0, insertId: null };
  }
}

/** What D1 itself counts as changes has those of cascades and triggers in it. */
const CHANGES = "SELECT changes() AS n";

const changes = ({ results }: D1Answer): number => (results as readonly [{ readonly n: number }])[0].n;

/**
 * A query whose columns have names of their own, because rows that come as objects lose one of two: SQLite numbers the
 * columns of a subquery.
 */
function distinct(sql: string): string {
  return /^\s*(?:select|with|values)\b/i.test(sql) && wireKind(sql) === "read"
    ? `SELECT * FROM (${sql.replace(/[;\s]+$/, "")}\n)`
    : sql;
}

function split([columns, ...rows]: [string[], ...unknown[][]]): [string[], unknown[][]] {
  return [columns, rows];
}

function wrong(message: string, hint: string): ConfigurationError {
  return new ConfigurationError(message, { code: "adapter_options", hint });
}
