import { ConfigurationError, LimitError, ParamsError, typeName } from "../base/errors.js";
import { asyncStore, currentScope, type UsingTarget } from "./context.js";
import { listenDuring, listeningOf } from "./observe.js";
import type { QueryEvent } from "./observe-event.js";
import type { Sending } from "./observing.js";

/** What went to databases in one stretch of code; it counts on while that runs. */
export interface QueryStats {
  /** Statements, those of batches one by one; what begins and ends transactions is none. */
  readonly statements: number;
  /** Times that something was sent: a batch is one, and so is each BEGIN, COMMIT and ROLLBACK. */
  readonly roundTrips: number;
  /** Rows that were read. */
  readonly rows: number;
  /** Rows that writes matched. */
  readonly affected: number;
  /** Round trips that failed. */
  readonly errors: number;
  /** Milliseconds of all round trips together, also of those at the same time. */
  readonly durationMs: number;
}

/** Counters that count. */
export class Counters implements QueryStats {
  statements = 0;
  roundTrips = 0;
  rows = 0;
  affected = 0;
  errors = 0;
  durationMs = 0;

  /** Counts one event in. */
  add(event: QueryEvent): void {
    this.statements += event.statements.length;
    this.roundTrips += event.roundTrips;
    this.rows += event.rows;
    this.affected += event.affected;
    this.durationMs += event.durationMs;
    if (event.error !== null) this.errors++;
  }
}

/** What `withStats` counts. */
export interface StatsOptions {
  /** A connection or a transaction: everything that goes there meanwhile, whoever sent it. Needed where nothing carries scopes. */
  readonly connection?: UsingTarget;
  /** Statements that may be sent, those of batches one by one; the one after them is a LimitError, and is not sent. */
  readonly maxStatements?: number;
  /** Aborted, nothing more is sent, and the answer is the signal's reason. What is under way is not waited for. */
  readonly signal?: AbortSignal;
}

/**
 * Counts what a function, and all that it calls, sends to databases: one request, one job.
 * @example
 * await withStats(async (stats) => {
 *   await User.filter({ isActive: true }).prefetchRelated("orders");
 *   stats.statements; // 2
 * }, { maxStatements: 40, signal: AbortSignal.timeout(5000) });
 */
export async function withStats<T>(
  work: (stats: QueryStats) => T | PromiseLike<T>,
  options: StatsOptions = {},
): Promise<T> {
  if (typeof work !== "function")
    throw new ParamsError(`withStats takes a function, not ${typeName(work)}`, {
      hint: "withStats(async (stats) => { … })",
    });
  if (options.connection === undefined && asyncStore() === null)
    throw new ConfigurationError("nothing here can tell the queries of this function from others", {
      code: "no_async_context",
      hint: "write withStats(work, { connection }), or init({ asyncContext: asyncContext() }) with asyncContext from terrapin/async-context",
    });
  const { maxStatements, signal, ...listening } = options;
  const counters = new Counters();
  const count = (event: QueryEvent): void => counters.add(event);
  (statsOf ??= new WeakMap()).set(count, counters);
  signal?.throwIfAborted();
  const limit = maxStatements === undefined ? null : budget(maxStatements);
  const check = (sending: Sending): void => {
    signal?.throwIfAborted();
    limit?.(sending);
  };
  const listener = listeningOf(count, listening);
  const isChecked = limit !== null || signal !== undefined;
  const done = listenDuring(isChecked ? { ...listener, check } : listener, () => work(counters));
  return signal === undefined ? done : unlessAborted(done, signal);
}

/** Counts what is sent, not what was answered: statements side by side count at once. */
function budget(maxStatements: number): (sending: Sending) => void {
  if (typeof maxStatements !== "number" || !Number.isInteger(maxStatements) || maxStatements < 0)
    throw new ParamsError("maxStatements is a whole number from 0", { hint: "withStats(work, { maxStatements: 50 })" });
  let sent = 0;
  return ({ statements }) => {
    if (sent + statements.length > maxStatements)
      throw new LimitError(
        `no more than ${maxStatements} statements may be sent here; ${sent} were, and ${statements.length} more were asked for`,
        {
          code: "statement_budget",
          hint: "load relations with prefetchRelated, write in bulk, or raise maxStatements",
        },
      );
    sent += statements.length;
  };
}

/** The answer, or the signal's reason as soon as there is one. */
async function unlessAborted<T>(done: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([done, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Which counters stand behind a listener. */
let statsOf: WeakMap<object, QueryStats> | null = null;

/**
 * The counters of the innermost `withStats` that the calling code runs in, or null outside of one (or where nothing carries scopes).
 * @example
 * response.headers.set("server-timing", `db;dur=${stats()?.durationMs ?? 0}`);
 */
export function stats(): QueryStats | null {
  for (let scope = currentScope(); scope !== null; scope = scope.outer) {
    const { listening } = scope;
    const found = listening == null ? undefined : statsOf?.get(listening.tell);
    if (found !== undefined) return found;
  }
  return null;
}
