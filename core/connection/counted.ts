import type { SqlValue } from "../sql/column-type.js";
import type { BeginOptions, MaybePromise, Origin, Result, Statement } from "./driver.js";
import { isPromise } from "./driver.js";
import { Transaction, type Restore } from "./transaction.js";

/** A transaction that also counts the rows which writes match. */
export class Counted extends Transaction {
  /** Rows that were matched so far. */
  affected = 0;

  constructor(readonly real: Transaction) {
    super(real.connection, real.parent, real.session);
  }

  override get isOpen(): boolean {
    return this.real.isOpen;
  }
  override run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    return this.#count(this.real.run(sql, params, named), (result) => [result]);
  }
  override batch(statements: readonly Statement[]): MaybePromise<Result[]> {
    return this.#count(this.real.batch(statements), (results) => results);
  }
  override stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> | AsyncIterable<unknown[]> {
    return this.real.stream(sql, params);
  }
  override script(sql: string): MaybePromise<void> {
    return this.real.script(sql);
  }
  override beginNow(options: BeginOptions, origin: Origin): MaybePromise<Transaction> {
    return this.real.beginNow(options, origin);
  }
  override onRollback(undo: () => void): void {
    this.real.onRollback(undo);
  }
  override restoreOnRollback(restore: Restore, object: object, key: unknown, held: unknown): void {
    this.real.restoreOnRollback(restore, object, key, held);
  }

  #count<T>(answer: MaybePromise<T>, resultsOf: (answer: T) => readonly Result[]): MaybePromise<T> {
    const counted = (value: T): T => {
      for (const { affected } of resultsOf(value)) this.affected += affected;
      return value;
    };
    return isPromise(answer) ? answer.then(counted) : counted(answer);
  }
}
