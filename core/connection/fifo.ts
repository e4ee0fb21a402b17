import { DBConnectionError, TimeoutError, TransactionManagementError } from "../base/errors.js";
import type { Origin } from "./driver.js";

/** What a queue must know of the place it stands in. */
export interface FifoOptions {
  /** What is waited for, for messages: `the connection to app.db`. */
  readonly name: string;
  /** Milliseconds before waiting ends with a TimeoutError; `Infinity` waits for ever. */
  readonly timeout: number;
  /** Does the code that is calling now run inside this holder? Absent: what `attach` is given knows. */
  readonly isInside?: IsInside;
}

type IsInside = (holder: object) => boolean;

interface Waiter {
  readonly run: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout> | null;
}

/**
 * A fair queue for something that only one may hold. Whoever finds it free goes on without any cost; the others are
 * served in order. Nothing waits for ever: waiting for one's own ancestor is an error at once, any other wait ends.
 */
export class Fifo {
  #holder: object | null = null;
  #origin: Origin | null = null;
  #waiting: Waiter[] = [];
  #isInside: IsInside;

  constructor(readonly options: FifoOptions) {
    this.#isInside = options.isInside ?? (() => false);
  }

  /** The `attach` of a driver whose callers wait here. */
  readonly attach = (isInside: IsInside): void => {
    this.#isInside = isInside;
  };

  /** Nobody holds it, so nobody waits: the caller may go on at once. */
  get free(): boolean {
    return this.#holder === null;
  }

  /** Makes `holder`, which it gives back, the one that all others wait for. Only when free, or inside a job. */
  hold<Holder extends object>(holder: Holder, origin: Origin | null = null): Holder {
    this.#holder = holder;
    this.#origin = origin;
    return holder;
  }

  /** Ends the turn of `holder`; does nothing when it is somebody else's. */
  release(holder: object): void {
    if (this.#holder !== holder) return;
    this.#holder = null;
    this.#origin = null;
    this.#serve();
  }

  /** Runs `job` at once where it is free, otherwise when everybody before has had their turn. The job may `hold`. */
  take<T>(job: () => T | Promise<T>): T | Promise<T> {
    return this.#holder === null ? job() : this.wait(job);
  }

  /** Runs `job` when everybody before has had their turn, which is not now. */
  wait<T>(job: () => T | Promise<T>): Promise<T> {
    const holder = this.#holder;
    if (holder !== null && this.#isInside(holder)) {
      throw new TransactionManagementError(
        `${this.options.name} is held by the transaction that this call runs in; waiting for it would never end`,
        {
          code: "waits_for_itself",
          hint: "use the innermost transaction's handle, or leave usingDb out so that it is found",
        },
      );
    }
    return new Promise<T>((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(job());
        } catch (error) {
          reject(error as Error);
        }
      };
      const { timeout } = this.options;
      const waiter: Waiter = {
        run,
        reject,
        timer: Number.isFinite(timeout) ? setTimeout(() => this.#giveUp(waiter), timeout) : null,
      };
      this.#waiting.push(waiter);
    });
  }

  /** Ends the turn of whoever holds it, and tells everybody who waits why: by default, that it was closed. */
  abandon(error: Error = closed(this.options.name)): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#holder = null;
    this.#origin = null;
    for (const { reject, timer } of waiting) {
      if (timer !== null) clearTimeout(timer);
      reject(error);
    }
  }

  #serve(): void {
    while (this.#holder === null) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (next.timer !== null) clearTimeout(next.timer);
      next.run();
    }
  }

  #giveUp(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    const line = firstLine(this.#origin);
    waiter.reject(
      new TimeoutError(
        `waited ${this.options.timeout} ms for ${this.options.name}, which is held${line === null ? "" : ` by what began ${line}`}`,
        {
          code: "acquire_timeout",
          hint: "finish that transaction, use its handle here, or raise acquireTimeout",
        },
      ),
    );
  }
}

const closed = (name: string): Error =>
  new DBConnectionError(`${name} was closed`, { hint: "await what is running before closing" });

/** Remembers the line that called `above`. One frame is enough, and each costs a quarter of a microsecond. */
export function captureOrigin(above: (...args: never[]) => unknown): Origin {
  const stacks = Error as { captureStackTrace?: (target: object, above: unknown) => void; stackTraceLimit?: number };
  if (stacks.captureStackTrace === undefined) return new Error("began here");
  const origin: { stack?: string } = {};
  const { stackTraceLimit } = stacks;
  stacks.stackTraceLimit = 1;
  stacks.captureStackTrace(origin, above);
  stacks.stackTraceLimit = stackTraceLimit!;
  return origin;
}

/** `at transfer (app.ts:10:3)`, or null where the engine keeps no stacks. */
export function firstLine(origin: Origin | null): string | null {
  const line = origin?.stack?.split("\n").find((each) => /^\s*at /.test(each));
  return line === undefined ? null : line.trim();
}
