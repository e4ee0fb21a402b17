/** Rows one by one from an open statement, which can be closed early or emptied into memory to make room for a write. */
export class RowStream implements IterableIterator<unknown[], undefined> {
  #rest: Iterator<unknown[]>;
  #open = true;

  /** `toError` names what SQLite throws while it is read. */
  constructor(
    readonly source: IterableIterator<unknown[]>,
    readonly onClose: () => void,
    readonly toError: (error: unknown) => Error,
  ) {
    this.#rest = source;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown[], undefined> {
    let step: IteratorResult<unknown[]>;
    try {
      step = this.#rest.next();
    } catch (error) {
      this.#close();
      throw this.toError(error);
    }
    if (!step.done) return step;
    this.#close();
    return { done: true, value: undefined };
  }

  return(): IteratorResult<unknown[], undefined> {
    if (this.#open) this.source.return?.();
    this.#rest = [].values();
    this.#close();
    return { done: true, value: undefined };
  }

  /** Takes what is left into memory; the statement is done. */
  drain(): void {
    if (!this.#open) return;
    try {
      this.#rest = [...this.source].values();
    } catch (error) {
      // It is the reader's error, not that of the write which needs the room.
      this.#rest = failing(this.toError(error));
    }
    this.#close();
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.onClose();
  }
}

function failing(error: Error): Iterator<unknown[]> {
  return {
    next: () => {
      throw error;
    },
  };
}
