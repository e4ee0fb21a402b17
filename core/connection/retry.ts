import { ParamsError, typeName } from "../base/errors.js";
import type { MaybePromise } from "../base/maybe.js";

/** How often a transaction is begun again, and how long to wait before. */
export interface RetryOptions {
  /** how many times more, at most */
  readonly times: number;
  /** milliseconds before the first time; each further wait is up to twice as long. Default: 20 */
  readonly delay?: number;
}

/**
 * Errors after which the same transaction may succeed, and of which nothing was kept. What may have been committed is not
 * among them.
 */
const TRANSIENT: readonly string[] = [
  "busy",
  "deadlock",
  "lock_timeout",
  "changed_since_read",
  "connection_lost",
  "unreachable",
  "too_many_connections",
  "transient",
  "overloaded",
  "request_timeout",
];

/** True when the transaction that ended with this error may be begun again. */
export function isTransient(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  // What came after the error that ended it says so, and names that one.
  return code === "lost" ? isTransient(cause) : TRANSIENT.includes(code as string);
}

/** Of these nobody knows, after a single request, whether it was kept. */
const UNKNOWN: readonly string[] = ["connection_lost", "transient", "request_timeout", "lost"];

/** True when what was sent as one request, and failed with this error, was surely not kept and may succeed. */
export const isSurelyUndone = (error: unknown): boolean =>
  isTransient(error) && !UNKNOWN.includes((error as { readonly code: string }).code);

/** Does the work, and again after errors of which `may` says so. `again`: what comes before that. */
export async function retried<T>(
  work: () => MaybePromise<T>,
  retry: Required<RetryOptions>,
  may: (error: unknown) => boolean,
  signal: { readonly aborted: boolean } | undefined,
  again?: () => void,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= retry.times || signal?.aborted === true || !may(error)) throw error;
      await pause(retry, attempt);
      again?.();
    }
  }
}

/** Checks what `retry` was given. `hint`: how it is given. */
export function retryOf(given: number | RetryOptions = 0, hint: string): Required<RetryOptions> {
  const { times, delay = 20 } = typeof given === "object" && given !== null ? given : { times: given };
  for (const [name, value] of [
    ["retry", times],
    ["delay", delay],
  ] as const) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
      throw new ParamsError(
        `${name} is a whole number from 0, not ${typeof value === "number" ? value : typeName(value)}`,
        { code: "retry", hint },
      );
  }
  return { times, delay };
}

/** Waits before the next attempt, some longer than others, so that those who met do not meet again. */
function pause({ delay }: Required<RetryOptions>, attempt: number): Promise<void> {
  const most = Math.min(delay * 2 ** attempt, 1000);
  return new Promise((resolve) => {
    setTimeout(resolve, Math.random() * most);
  });
}
