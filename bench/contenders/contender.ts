import type { RelationTasks } from "../relations/contender.ts";
import type { AnyRow, CounterRow, EventRow, Journal, JournalRow, UserRow } from "../data.ts";

/** A value, a promise, or a query that can be awaited: each contender answers as its users would have it. */
export type Answer<Value> = Value | PromiseLike<Value>;

/** Keys as a contender gives them: bare, or each in its row. */
export type Keys = number | readonly (number | { readonly id: number })[];

/** A row as a contender gives it: an instance, or a plain object. It may be changed and handed back. */
export type Entity = { id: number; level: number; text: string };

/** The tasks of the benchmark, in the words of one library. What a library cannot do is left out. */
export interface Contender {
  /** Runs a script outside the clock. */
  exec(script: string): Answer<unknown>;
  close(): Answer<unknown>;
  /** Leaves a journal without rows, its next key 1; absent: the script of SQLite does it. */
  empty?(journal: Journal): Answer<unknown>;
  /** Rows as they are stored, without any conversion; outside the clock. */
  stored(query: string): Answer<readonly AnyRow[]>;

  insert(journal: Journal, row: JournalRow): Answer<unknown>;
  insertEach(journal: Journal, rows: readonly JournalRow[]): Answer<unknown>;
  insertBulk(journal: Journal, rows: readonly JournalRow[]): Answer<unknown>;
  filter(journal: Journal, level: number): Answer<readonly object[]>;
  page(journal: Journal, level: number, limit: number, offset: number): Answer<readonly object[]>;
  get(journal: Journal, id: number): Answer<object | undefined>;
  dicts?(journal: Journal, level: number): Answer<readonly object[]>;
  tuples?(journal: Journal, level: number): Answer<readonly (readonly unknown[])[]>;
  load(journal: Journal, count: number): Answer<Entity[]>;
  saveWhole(journal: Journal, entities: readonly Entity[], step: number): Answer<unknown>;
  savePart(journal: Journal, entities: readonly Entity[], step: number): Answer<unknown>;
  remove(journal: Journal, entities: readonly Entity[]): Answer<unknown>;

  insertUsers(rows: readonly UserRow[]): Answer<unknown>;
  user(id: number): Answer<object | undefined>;
  /** Both tell the key of each row, in the order of the rows. */
  upsert(row: CounterRow): Answer<Keys>;
  upsertBulk(rows: readonly CounterRow[]): Answer<Keys>;
  counters(): Answer<readonly object[]>;
  insertEvents(rows: readonly EventRow[]): Answer<unknown>;
  iterate(visit: (event: object) => void): Answer<unknown>;

  readonly relations?: RelationTasks;
}

/** `schema` is the script of the tables that `generateSchemas` makes: every contender works on the same ones. */
export interface OpenOptions {
  readonly file: string;
  readonly schema: string;
}
export type Open = (options: OpenOptions) => Promise<Contender>;
