import type { Result } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import { exactInteger } from "./wire.js";

/** What we use of a better-sqlite3 statement. */
export interface SqliteStatement {
  readonly reader: boolean;
  readonly readonly: boolean;
  raw(on: boolean): this;
  safeIntegers(on: boolean): this;
  all(...params: readonly unknown[]): unknown[];
  run(...params: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint };
  iterate(params: readonly unknown[]): IterableIterator<unknown>;
  columns(): { readonly name: string }[];
}

/** What we use of a better-sqlite3 database. */
export interface SqliteDatabase {
  readonly name: string;
  readonly open: boolean;
  readonly inTransaction: boolean;
  readonly readonly: boolean;
  readonly memory: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(source: string, options?: { readonly simple: boolean }): unknown;
  close(): unknown;
  function?(
    name: string,
    options: { readonly deterministic: boolean; readonly varargs: boolean },
    call: (...args: unknown[]) => unknown,
  ): unknown;
}

/**
 * read: answers with rows and changes nothing; returning: answers with rows and may change some; insert and write: no
 * rows; schema: what is prepared may be out of date afterwards; control: begins or ends a transaction.
 */
export type StatementKind = "read" | "returning" | "insert" | "write" | "schema" | "control";

/** A prepared statement, and what it is. */
export interface Prepared {
  readonly kind: StatementKind;
  readonly statement: SqliteStatement;
  /** a read that means the same on another connection: no PRAGMA */
  readonly portable: boolean;
}

/**
 * The prepared statements of one database connection by their text. Two generations instead of an order of use, so that
 * a hit costs one look-up: when the young one is full it becomes the old one, and whatever is used there comes back.
 */
export class Statements {
  #young = new Map<string, Prepared>();
  #old = new Map<string, Prepared>();
  readonly #half: number;

  constructor(
    readonly database: SqliteDatabase,
    size: number,
  ) {
    this.#half = Math.max(1, size >> 1);
  }

  get(sql: string): Prepared {
    return this.#young.get(sql) ?? this.#add(sql, this.#old.get(sql) ?? prepare(this.database, sql));
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #add(sql: string, prepared: Prepared): Prepared {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#old.delete(sql);
    this.#young.set(sql, prepared);
    return prepared;
  }
}

/** Prepares a statement; rows come as arrays. */
export function prepare(database: SqliteDatabase, sql: string): Prepared {
  const statement = database.prepare(sql);
  if (statement.reader) statement.raw(true);
  const word = firstWord(sql);
  return {
    kind: kindOf(statement, word, sql),
    statement,
    portable: statement.reader && statement.readonly && word !== "pragma",
  };
}

function kindOf({ reader, readonly }: SqliteStatement, word: string, sql: string): StatementKind {
  if (/^(begin|commit|end|rollback|savepoint|release)$/.test(word)) return "control";
  if (/^(create|drop|alter|attach|detach|vacuum|reindex)$/.test(word)) return "schema";
  if (reader) return readonly ? "read" : "returning";
  if (word === "insert" || word === "replace") return "insert";
  return word === "with" && /\b(insert|replace)\s/i.test(sql) && !/\b(update|delete)\b/i.test(sql) ? "insert" : "write";
}

/** The first word after white space and comments, in small letters. */
function firstWord(sql: string): string {
  return (/^(?:\s|;|--[^\n]*\n|\/\*.*?\*\/)*([a-z]+)/is.exec(sql)?.[1] ?? "").toLowerCase();
}

/** Rows and column names; integers as numbers where they are exact, as bigint where not. */
export function readNamed(statement: SqliteStatement, params: readonly SqlValue[]): Result {
  statement.safeIntegers(true);
  try {
    const rows = statement.all(params) as unknown[][];
    for (const row of rows) for (let i = 0; i < row.length; i++) row[i] = exactInteger(row[i]);
    return { rows, affected: 0, insertId: null, columns: statement.columns().map(({ name }) => name) };
  } finally {
    statement.safeIntegers(false);
  }
}

/**
 * All rows. Parameters are handed over as arguments: out of a list each costs better-sqlite3 20 to 40 ns more. A long list
 * stays one, because arguments lie on the stack.
 */
export function allOf(statement: SqliteStatement, params: readonly unknown[]): unknown[][] {
  const rows = params.length <= MOST_ARGUMENTS ? statement.all(...params) : statement.all(params);
  return rows as unknown[][];
}

/** Runs a statement that gives no rows, in the same way. */
export function runOf(
  statement: SqliteStatement,
  params: readonly unknown[],
): { changes: number; lastInsertRowid: number | bigint } {
  return params.length <= MOST_ARGUMENTS ? statement.run(...params) : statement.run(params);
}

const MOST_ARGUMENTS = 2000;
