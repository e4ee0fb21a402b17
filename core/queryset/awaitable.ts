import type { MaybePromise } from "../base/maybe.js";
import type { Failed } from "../types/awaitable.js";

/** A promise to go on from at the next turn. */
const DONE: Promise<unknown> = /* @__PURE__ */ Promise.resolve();
/** No answer yet. */
const NONE: unique symbol = Symbol("none");

/** Something that can be awaited and starts only then. A read starts again at every `await`. */
export abstract class Lazy<T> implements PromiseLike<T> {
  /** Does the work: the answer, or a promise of it. */
  protected abstract start(): MaybePromise<T>;

  /** Starts now. */
  run(): Promise<T> {
    try {
      const answer = this.start();
      return answer instanceof Promise ? answer.catch(rejectWithCaller) : Promise.resolve(answer);
    } catch (error) {
      return rejectWithCaller(error);
    }
  }

  then<A = T, B = never>(done?: ((value: T) => A | PromiseLike<A>) | null, failed?: Failed<B>): Promise<A | B> {
    return this.run().then(done, failed);
  }

  catch<B = never>(failed?: Failed<B>): Promise<T | B> {
    return this.run().catch(failed);
  }
  finally(done?: (() => void) | null): Promise<T> {
    return this.run().finally(done);
  }
}

/** A lazy read, from the function that does it. */
export class Read<T> extends Lazy<T> {
  readonly #work: () => MaybePromise<T>;
  constructor(work: () => MaybePromise<T>) {
    super();
    this.#work = work;
  }
  protected start(): MaybePromise<T> {
    return this.#work();
  }
}

/** A lazy write: it runs at most once, and every `await` gives the first result. */
export class Write<T> extends Lazy<T> {
  readonly #work: () => MaybePromise<T>;
  #result: Promise<T> | null = null;
  #answer: T | typeof NONE = NONE;
  constructor(work: () => MaybePromise<T>) {
    super();
    this.#work = work;
    if (unrun !== null) unrun.register(this, new Error("made here").stack ?? "", this);
  }
  /** It has begun, or is over. */
  get hasBegun(): boolean {
    return this.#result !== null || this.#answer !== NONE;
  }
  /** Lets it run again: what it did was undone. */
  rewind(): void {
    this.#result = null;
    this.#answer = NONE;
  }
  override run(): Promise<T> {
    this.#begin();
    return (this.#result ??= Promise.resolve(this.#answer as T));
  }
  override then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: Failed<B>,
  ): Promise<A | B> {
    this.#begin();
    if (this.#result !== null || typeof done !== "function") return this.run().then(done, failed);
    // An answer that is there goes to the callback itself: a promise of an object is made by looking for `then` in all its classes.
    const answer = this.#answer as T;
    return DONE.then(answer === undefined ? (done as () => A) : () => done(answer));
  }
  protected start(): MaybePromise<T> {
    if (unrun !== null) unrun.unregister(this);
    return this.#work();
  }
  #begin(): void {
    if (this.hasBegun) return;
    try {
      const answer = this.start();
      if (answer instanceof Promise) this.#result = answer.catch(rejectWithCaller);
      else this.#answer = answer;
    } catch (error) {
      this.#result = rejectWithCaller(error);
    }
  }
}

/** Reports writes that nobody ran; null while nobody asked. */
let unrun: FinalizationRegistry<string> | null = null;

/** Says of every write that is collected without having run which line made it; null stops that. */
export function watchUnrunWrites(report: ((message: string) => void) | null): void {
  unrun =
    report === null
      ? null
      : new FinalizationRegistry((stack) => {
          report(`a write was made and never awaited, so it did nothing: ${usersLine(stack)}`);
        });
}

/** The first line of a stack that is not ours; all of it where files are bundled into one. */
function usersLine(stack: string): string {
  const [, ours = null] = /(\S*)queryset.awaitable\./.exec(stack) ?? [];
  if (ours === null) return stack;
  return (
    stack
      .split("\n")
      .slice(1)
      .find((line) => !line.includes(ours.replace(/^\(/, "")))
      ?.trim() ?? stack
  );
}

/** Rejects with the error, its stack extended by the lines that wait for it: `await` alone would not keep them. */
async function rejectWithCaller(error: unknown): Promise<never> {
  await Promise.resolve();
  if (error instanceof Error && Object.isExtensible(error)) {
    // Nothing but what waits is on the stack here, whether the engine says "async" or a source map swallowed it.
    const waiting =
      new Error().stack
        ?.split("\n")
        .filter((line) => line.startsWith("    at ") && !line.includes("processTicksAndRejections"))
        .slice(1) ?? [];
    const missing = waiting.filter((line) => !error.stack?.includes(line));
    if (missing.length > 0) error.stack = `${error.stack}\n${missing.join("\n")}`;
  }
  throw error;
}
