import { ParamsError, typeName } from "../base/errors.js";
import type { Client } from "./client.js";
import { asyncStore, type Context, currentScope, resolveTarget, type UsingTarget } from "./context.js";
import type { QueryEvent } from "./observe-event.js";
import { Watchers } from "./observe-watchers.js";
import { setWatcher, type Sending } from "./observing.js";
import { Transaction } from "./transaction.js";

/** Where a statement ran, beside its event. */
export interface QueryPlace {
  readonly client: Client;
  /** The innermost scope of the calling code, the same for all that runs in it; null outside of any. */
  readonly scope: object | null;
}

/** Is told of everything that goes to a database. What it gives back or throws changes nothing for the query. */
export type QueryListener = (event: QueryEvent, place: QueryPlace) => unknown;

/** A listener that says itself what it needs. */
export interface QueryObserver {
  readonly onQuery: QueryListener;
  /** Wants the values of parameters. */
  readonly params?: boolean;
  /** Wants the user's line; that costs some microseconds for each statement. */
  readonly caller?: boolean;
}

/** What a listener wants to know, and of what. */
export interface ObserveOptions {
  /** Tell the values of parameters too; default: only how many there are and of what kind. */
  readonly params?: boolean;
  /** Tell which line of the user's asked; default: not, because it costs. */
  readonly caller?: boolean;
  /** Only what goes to this connection (by its name or itself), or runs in this transaction. */
  readonly connection?: UsingTarget;
  /** Only what goes to the connections of this context. */
  readonly context?: Context;
  /** Is told, once, that the listener failed; default: console.warn. */
  readonly warn?: (message: string) => void;
}

/**
 * Tells a listener of everything that goes to a database, until the function that it gives is called.
 * @example
 * const stop = observe(({ sql, durationMs, rows }) => metrics.record(sql, durationMs, rows));
 */
export function observe(listener: QueryListener | QueryObserver, options: ObserveOptions = {}): () => void {
  const { context } = options;
  const listening = listeningOf(listener, options);
  if (context === undefined) return everywhere().add(listening);
  const { connections } = context;
  const { watcher } = connections;
  if (watcher instanceof Watchers) return watcher.add(listening);
  const own: Watchers = new Watchers((active) => connections.watchWith(active ? own : null));
  return own.add(listening);
}

/** A listener as it is kept. */
export interface Listening {
  readonly tell: QueryListener;
  readonly params: boolean;
  readonly caller: boolean;
  /** null: all clients */
  readonly wants: ((client: Client) => boolean) | null;
  readonly warn: (message: string) => void;
  /** Is asked before anything is sent; what it throws is not sent. */
  readonly check?: (sending: Sending) => void;
}

const OPTIONS = ["params", "caller", "connection", "context", "warn"];

/** A listener with its options, checked. */
export function listeningOf(listener: QueryListener | QueryObserver, options: ObserveOptions): Listening {
  const given: QueryObserver = typeof listener === "function" ? { onQuery: listener } : listener;
  if (typeof given !== "object" || given === null || typeof given.onQuery !== "function")
    throw new ParamsError(`a listener is a function, not ${typeName(listener)}`, { hint: "observe((event) => { … })" });
  for (const name in options)
    if (!OPTIONS.includes(name))
      throw new ParamsError(`observe has no option "${name}"`, {
        code: "unknown_option",
        hint: `known: ${OPTIONS.join(", ")}`,
      });
  return {
    tell: given.onQuery,
    params: options.params ?? given.params ?? false,
    caller: options.caller ?? given.caller ?? false,
    wants: options.connection === undefined ? null : wantsOnly(options.connection),
    warn: options.warn ?? warnOnConsole,
  };
}

/** Clients that are the target, or a transaction on it. */
export function wantsOnly(target: UsingTarget): (client: Client) => boolean {
  if (typeof target === "string") return (client) => client.connectionName === target;
  const wanted = resolveTarget(target);
  return (client) => {
    if (client.connection === wanted) return true;
    let each = client instanceof Transaction ? client : null;
    while (each !== null && each !== wanted) each = each.parent;
    return each !== null;
  };
}

/** Runs `work` while a listener is told of what runs inside it; where nothing can tell inside from outside, of everything. */
export async function listenDuring<T>(listening: Listening, work: () => T | PromiseLike<T>): Promise<T> {
  const store = asyncStore();
  const all = everywhere();
  const stop = store === null || listening.wants !== null ? all.add(listening) : all.open();
  try {
    // A query set that the work gives back must run inside too, so it is awaited there.
    const body = async (): Promise<T> => await work();
    if (store === null || listening.wants !== null) return await body();
    return await store.run({ context: null, transaction: null, outer: currentScope(), listening }, body);
  } finally {
    stop();
  }
}

let all: Watchers | null = null;

function everywhere(): Watchers {
  return (all ??= new Watchers((active) => setWatcher(active ? all : null)));
}

// oxlint-disable-next-line no-console -- what nobody gave another way out has at least this one
const warnOnConsole = (message: string): void => console.warn(message);
