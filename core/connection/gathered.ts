import { UnsupportedError } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import type { AcquiredConnection, Client } from "./client.js";
import type { MaybePromise, Result, Session, Statement } from "./driver.js";
import { Transaction } from "./transaction.js";

/** Statements that one caller waits for. */
interface Waiting {
  /** what asked, as a whole; null: nobody waits */
  readonly asker: Asker | null;
  readonly statements: readonly Statement[];
  readonly done: (results: Result[]) => void;
  readonly failed: (error: unknown) => void;
}

/** What asked, and what it makes of the answers. */
interface Asker {
  answer: Promise<unknown> | null;
}

/** Statements that insert rows with generated keys into one table. */
interface Inserted {
  count: number;
  readonly by: { readonly waiting: Waiting; readonly check: () => Statement; isChecked: boolean }[];
}

/** A row that a statement inserts. */
interface Made {
  readonly table: string;
  /** which of the table's new rows with generated keys it is; null: it brings its own key */
  readonly at: number | null;
}

const NOBODY: Session = {
  run: () => ({ rows: [], affected: 0, insertId: null }),
  commit: () => undefined,
  rollback: () => undefined,
  begin: () => NOBODY,
};

/**
 * A transaction without a conversation: statements are gathered, and answered when all of them have been sent as one batch. What
 * must be known of an answer before the next question can be asked has no place in it.
 */
export class Gathered extends Transaction {
  override readonly gathers: boolean = true;
  readonly #waiting: Waiting[] = [];
  /** objects whose rows the statements insert; null: nobody knows their keys before they are there */
  readonly #made = new Map<object, Made | null>();
  /** rows with generated keys that the statements insert, by table */
  readonly #tables = new Map<string, Inserted>();
  /** what errors mean, by the text that they have */
  readonly #marks: ((cause: unknown) => unknown)[] = [];
  #size = 0;
  #writes = 0;
  #isSent = false;
  #wake: (() => void) | null = null;
  #asker: Asker | null = null;

  /** `target`: what sends them. */
  constructor(readonly target: Client) {
    super(target.connection, target.isTransaction ? (target as Transaction) : null, NOBODY);
  }

  override get together(): boolean {
    return true;
  }
  override get aside(): Client {
    return this.target.aside;
  }
  protected override get isSilent(): boolean {
    return true;
  }
  /** How many statements wait. */
  get size(): number {
    return this.#size;
  }
  /** How many of them change rows. */
  get writes(): number {
    return this.#writes;
  }
  /** Says that the rows of the write that comes now are counted by a statement of their own. */
  countsApart(): void {
    this.#writes++;
  }

  override run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    return this.batch([named === true ? { sql, params, named } : { sql, params }]).then(([result]) => result!);
  }

  override batch(statements: readonly Statement[]): Promise<Result[]> {
    if (this.#isSent) throw needsAnswer();
    return new Promise((done, failed) => {
      this.#waiting.push({ asker: this.#asker, statements, done, failed });
      this.#size += statements.length;
      for (const { sql } of statements) if (WRITES.test(sql)) this.#writes++;
      this.#wake?.();
    });
  }

  override stream(): Iterable<unknown[]> {
    throw notHere("stream rows");
  }
  override script(): never {
    throw notHere("run a script");
  }
  override beginNow(): never {
    throw notHere("begin a transaction");
  }
  override async acquireConnection(): Promise<AcquiredConnection> {
    throw notHere("lend its connection");
  }

  /** Adds a statement whose answer nobody waits for: it fails, or not. */
  check(statement: Statement): void {
    this.#waiting.push(silent(statement));
    this.#size++;
  }

  /** A text for the error of a statement that may fail, and what such an error means. */
  mark(meaning: (cause: unknown) => unknown): string {
    return `terrapin_mark_${this.#marks.push(meaning) - 1}_`;
  }

  /** Runs what asks here, until it waits for an answer or needs none. */
  async gather<T>(work: () => Promise<T>): Promise<{ readonly answer: Promise<T> }> {
    const from = this.size;
    const asker: Asker = (this.#asker = { answer: null });
    const asked = new Promise<void>((resolve) => (this.#wake = resolve));
    const answer = work();
    // It may fail before anybody waits for it.
    asker.answer = answer.catch(() => undefined);
    if (this.size === from) await Promise.race([asked, answer.then(() => undefined)]);
    return { answer };
  }

  /**
   * Notes that the last statement inserts this object. `check` makes a statement that fails unless the row inserted last has the
   * highest key of the table; null for an object that brings its own key, after which nobody knows how the others count on.
   */
  expect(object: object, table: string, check: (() => Statement) | null): void {
    if (check === null) {
      this.forgetKeys(table);
      this.#made.set(object, { table, at: null });
      return;
    }
    let inserted = this.#tables.get(table);
    if (inserted === undefined) this.#tables.set(table, (inserted = { count: 0, by: [] }));
    const waiting = this.#waiting.at(-1)!;
    if (inserted.by.at(-1)?.waiting !== waiting) inserted.by.push({ waiting, check, isChecked: false });
    this.#made.set(object, { table, at: ++inserted.count });
  }

  /** Notes that nobody can tell any more which generated keys the rows of a table have; null: of any table. */
  forgetKeys(table: string | null): void {
    for (const [object, made] of this.#made)
      if (made !== null && made.at !== null && (table === null || made.table === table)) this.#made.set(object, null);
    if (table === null) this.#tables.clear();
    else this.#tables.delete(table);
  }

  /** True for an object whose row a statement inserts. */
  inserts(object: object): boolean {
    return this.#made.has(object);
  }

  /**
   * How many rows with generated keys are inserted into the table of an object after its own; null where nobody can tell. From here
   * on the batch fails should keys not have been counted up.
   */
  rowsAfter(object: object): number | null {
    const made = this.#made.get(object) ?? null;
    if (made === null || made.at === null) return null;
    const { count, by } = this.#tables.get(made.table)!;
    for (const each of by) {
      if (each.isChecked) continue;
      each.isChecked = true;
      this.#waiting.splice(this.#waiting.indexOf(each.waiting) + 1, 0, silent(each.check()));
      this.#size++;
    }
    return count - made.at;
  }

  /** Sends everything as one batch and gives out the answers. */
  async send(): Promise<void> {
    this.#isSent = true;
    try {
      const all = this.#waiting.flatMap(({ statements }) => statements);
      const results = all.length === 0 ? [] : await this.target.batch(all);
      let at = 0;
      let last: Asker | null = null;
      for (const { asker, statements, done } of this.#waiting) {
        // What is told later may ask what was told before: a row knows the key of another one then.
        if (asker !== last && last !== null) await last.answer;
        last = asker;
        done(results.slice(at, (at += statements.length)));
      }
    } catch (error) {
      const named = this.#named(error);
      await this.give(named);
      throw named;
    }
  }

  #named(error: unknown): unknown {
    const at = /terrapin_mark_(\d+)_/.exec((error as { message?: string } | null)?.message ?? "")?.[1];
    return at === undefined ? error : this.#marks[Number(at)]!(error);
  }

  /** Ends it without sending anything: whoever waits is given the error. */
  async give(error: unknown): Promise<void> {
    this.#isSent = true;
    for (const { failed } of this.#waiting) failed(error);
    if (this.isOpen) await this.finish(false);
  }

  /** Runs `work`, which asks all that it asks at once, and sends that. */
  async whole<T>(work: () => MaybePromise<T>): Promise<T> {
    try {
      const { answer } = await this.gather(async () => work());
      await this.send();
      const value = await answer;
      await this.finish(true);
      return value;
    } catch (error) {
      if (this.isOpen) await this.give(error);
      throw error;
    }
  }
}

/** Statements of ours that change rows; many values come under a name of their own. */
const WRITES = /^(?:WITH terrapin_values AS \(SELECT \? AS v\) )?(?:INSERT|UPDATE|DELETE) /;

const silent = (statement: Statement): Waiting => ({
  asker: null,
  statements: [statement],
  done: () => undefined,
  failed: () => undefined,
});

const notHere = (what: string): UnsupportedError =>
  new UnsupportedError(`a batch cannot ${what}`, { hint: "do it before the batch, or after it" });

function needsAnswer(): UnsupportedError {
  return new UnsupportedError("this needs an answer before it can ask for more, and a batch is sent as a whole", {
    code: "needs_answer",
    hint: "run it before the batch, or after it",
  });
}

/** Refuses, in a batch, what has to look before it can write. */
export function checkConverses(client: Client, what: string): void {
  if (client.gathers)
    throw new UnsupportedError(`batch: ${what} has to look first, which a batch in one request cannot`, {
      code: "needs_answer",
      hint: "run it before the batch, or after it",
    });
}
