import { ParamsError, typeName } from "../base/errors.js";
import { counted, logEntry } from "../connection/log.js";
import { listenDuring, listeningOf } from "../connection/observe.js";
import type { QueryEvent } from "../connection/observe-event.js";
import { Counters, type QueryStats } from "../connection/stats.js";
import type { UsingTarget } from "../connection/context.js";

/** What to capture. */
export interface CaptureOptions {
  /** Only what goes to this connection or transaction; default: all that the function sends. */
  readonly connection?: UsingTarget;
  /** Keep the values of parameters; default: true, since tests hold no secrets. */
  readonly params?: boolean;
}

/** What a function sent, and what it gave back. */
export interface Captured<T> {
  readonly result: T;
  /** In the order in which the answers came; only the first 1,000 are kept. */
  readonly queries: readonly QueryEvent[];
  /** Counts all of them. */
  readonly stats: QueryStats;
}

/** What a function may send: that many statements, or that many of each. */
export type Expected = number | { readonly statements?: number; readonly roundTrips?: number };

/** What `expectQueries` throws. */
export class QueryCountError extends Error {
  override readonly name: string = "QueryCountError";
  constructor(
    message: string,
    readonly queries: readonly QueryEvent[],
  ) {
    super(message);
  }
}

const MOST = 1000;
/** Statements in a message. */
const SHOWN = 50;

/**
 * Runs a function and gives what it sent to databases.
 * @example
 * const { queries } = await captureQueries(() => User.all());
 * queries[0]!.sql; // SELECT … FROM "users"
 */
export async function captureQueries<T>(
  work: () => T | PromiseLike<T>,
  options: CaptureOptions = {},
): Promise<Captured<T>> {
  const { queries, stats, run } = capturing(work, options);
  return { result: await run(), queries, stats };
}

/**
 * Runs a function and fails unless it sent so many statements; the message lists those that ran. What begins and ends
 * transactions is listed, and counted only as a round trip. Gives what the function gives.
 * @example
 * await expectQueries(2, () => User.all().prefetchRelated("orders"));
 */
export async function expectQueries<T>(
  expected: Expected,
  work: () => T | PromiseLike<T>,
  options: CaptureOptions = {},
): Promise<T> {
  const wanted = expectedOf(expected);
  const { queries, stats, run } = capturing(work, options);
  const result = await run();
  const wrong = (["statements", "roundTrips"] as const).filter(
    (each) => wanted[each] !== undefined && wanted[each] !== stats[each],
  );
  if (wrong.length === 0) return result;
  const what = wrong.map((each) => `expected ${counted(wanted[each]!, WORDS[each])}, not ${stats[each]}`).join("; ");
  const listed = queries.slice(0, SHOWN).map((event, i) => `${i + 1}. ${logEntry(event).replaceAll("\n", "\n   ")}`);
  if (stats.roundTrips > SHOWN) listed.push(`… and ${stats.roundTrips - SHOWN} more`);
  throw new QueryCountError([what, ...listed].join("\n"), queries);
}

const WORDS = { statements: "statement", roundTrips: "round trip" };

function expectedOf(expected: Expected): { readonly statements?: number; readonly roundTrips?: number } {
  const wanted = typeof expected === "number" ? { statements: expected } : expected;
  const { statements, roundTrips } = wanted ?? {};
  for (const count of [statements, roundTrips])
    if (count !== undefined && !(Number.isInteger(count) && count >= 0)) throw notACount(count);
  if (statements === undefined && roundTrips === undefined) throw notACount(expected);
  return wanted;
}

function notACount(count: unknown): ParamsError {
  return new ParamsError(
    `expectQueries takes a number of statements, not ${typeof count === "number" ? count : typeName(count)}`,
    { hint: "expectQueries(2, work), or expectQueries({ roundTrips: 1 }, work)" },
  );
}

function capturing<T>(
  work: () => T | PromiseLike<T>,
  { params = true, ...options }: CaptureOptions,
): { readonly queries: QueryEvent[]; readonly stats: Counters; readonly run: () => Promise<T> } {
  if (typeof work !== "function")
    throw new ParamsError(`queries are counted while a function runs, and this is ${typeName(work)}`, {
      hint: "expectQueries(2, () => User.all())",
    });
  const queries: QueryEvent[] = [];
  const stats = new Counters();
  const take = (event: QueryEvent): void => {
    stats.add(event);
    if (queries.length < MOST) queries.push(event);
  };
  return { queries, stats, run: () => listenDuring(listeningOf(take, { ...options, params }), work) };
}
