import { typeName, type TerrapinError } from "../base/errors.js";
import type { MaybePromise } from "../base/maybe.js";
import type { Client } from "./client.js";
import { asyncStore, currentScope, type Context, type Scope } from "./context.js";
import { isPromise } from "./driver.js";
import type { Listening, QueryListener, QueryPlace } from "./observe.js";
import { callerLine } from "./observe-caller.js";
import { makeEvent, textOf, type QueryEvent } from "./observe-event.js";
import { rowsWatched } from "./observe-rows.js";
import type { RowSource, Sending, Watcher } from "./observing.js";

/** True while a listener runs: what it sends itself is not told, or that would never end. */
let telling = false;
/** Listeners that have failed; each is reported once. */
let failed: WeakSet<QueryListener> | null = null;

/** Tells listeners of what goes past. */
export class Watchers implements Watcher {
  #listening: readonly Listening[] = [];
  /** How many scopes are being listened to. */
  #scopes = 0;

  /** `onActive` is told whenever the first one comes and the last one goes. */
  constructor(readonly onActive: (active: boolean) => void) {}

  /** Adds a listener; gives the function that takes it away. */
  add(listening: Listening): () => void {
    this.#listening = [...this.#listening, listening];
    return this.#until(() => {
      this.#listening = this.#listening.filter((each) => each !== listening);
    });
  }

  /** Scopes have listeners of their own from now on, until the answer is called. */
  open(): () => void {
    this.#scopes++;
    return this.#until(() => {
      this.#scopes--;
    });
  }

  watch<T>(sending: Sending, work: () => MaybePromise<T>): MaybePromise<T> {
    const told = this.#listenersOf(sending.client);
    if (told === null) return work();
    for (const each of told.listeners) each.check?.(sending);
    const start = new Start(sending, told);
    try {
      const answer = work();
      if (isPromise(answer)) {
        return answer.then(
          (value) => start.end(value),
          (error: unknown) => start.fail(error),
        );
      }
      const spent = start.elapsed;
      if (!start.needsCaller) return start.end(answer, spent);
      // Who waits for a query stands on the stack only once a promise has been kept.
      return Promise.resolve(answer).then((value) => start.end(value, spent));
    } catch (error) {
      const spent = start.elapsed;
      if (!start.needsCaller) return start.fail(error, spent);
      return Promise.reject(error as Error).catch((same: unknown) => start.fail(same, spent));
    }
  }

  watchRows(sending: Sending, source: () => RowSource): RowSource {
    const told = this.#listenersOf(sending.client);
    if (told === null) return source();
    for (const each of told.listeners) each.check?.(sending);
    const start = new Start(sending, told);
    try {
      return rowsWatched(start, source());
    } catch (error) {
      return start.fail(error);
    }
  }

  /** Who is to be told, or null for nobody. */
  #listenersOf(client: Client): Told | null {
    if (telling) return null;
    const scope = currentScope();
    let listeners = this.#listening;
    if (listeners.some(({ wants }) => wants !== null))
      listeners = listeners.filter(({ wants }) => wants === null || wants(client));
    for (let each = scope; each !== null; each = each.outer) {
      if (each.listening === null) return null;
      if (each.listening !== undefined && this.#scopes > 0) listeners = [...listeners, each.listening];
    }
    return listeners.length === 0 ? null : { listeners, place: { client, scope } };
  }

  #until(end: () => void): () => void {
    this.onActive(true);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      end();
      if (this.#listening.length === 0 && this.#scopes === 0) this.onActive(false);
    };
  }
}

interface Told {
  readonly listeners: readonly Listening[];
  readonly place: QueryPlace & { readonly scope: Scope | null };
}

/** A trip that has begun and will be told. */
export class Start {
  #caller: string | null;
  readonly #wantsCaller: boolean;
  readonly #began: number;
  #ended = false;

  constructor(
    readonly sending: Sending,
    readonly told: Told,
  ) {
    this.#wantsCaller = told.listeners.some(({ caller }) => caller);
    this.#caller = this.#wantsCaller ? callerLine() : null;
    this.#began = performance.now();
  }

  /** The user's line is asked for, and is not known yet. */
  get needsCaller(): boolean {
    return this.#wantsCaller && this.#caller === null;
  }

  /** Tells of the answer, and gives it. */
  end<T>(value: T, durationMs: number = this.elapsed): T {
    this.#tell(value, null, durationMs);
    return value;
  }

  /** Tells of the error, and throws it. */
  fail(error: unknown, durationMs: number = this.elapsed): never {
    // Errors have their names already, but for those of `commit` and `rollback`, which the transaction names itself.
    this.#tell(undefined, this.sending.client.driver.toError(error, textOf(this.sending)), durationMs);
    throw error;
  }

  lookForCaller(): void {
    if (this.needsCaller) this.#caller = callerLine();
  }

  get elapsed(): number {
    return performance.now() - this.#began;
  }

  #tell(value: unknown, error: TerrapinError | null, durationMs: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.lookForCaller();
    const outcome = { value, error, durationMs, startedAt: performance.timeOrigin + this.#began, caller: this.#caller };
    tellAll(this.told, (wanting) => makeEvent(this.sending, outcome, wanting));
  }
}

function tellAll({ listeners, place }: Told, make: (wanting: Listening) => QueryEvent): void {
  // One for each kind of listener: nobody is told what only another one asked for.
  const events: (QueryEvent | undefined)[] = [];
  const store = asyncStore();
  for (const listening of listeners) {
    const event = (events[(listening.params ? 1 : 0) + (listening.caller ? 2 : 0)] ??= make(listening));
    telling = true;
    try {
      const work = (): unknown => listening.tell(event, place);
      // Outside of the query's transaction, and unobserved also after its first await.
      const answer =
        store === null
          ? work()
          : store.run({ context: contextIn(place.scope), transaction: null, outer: null, listening: null }, work);
      if (isPromise(answer)) answer.catch((error: unknown) => report(listening, error));
    } catch (error) {
      report(listening, error);
    } finally {
      telling = false;
    }
  }
}

function contextIn(scope: Scope | null): Context | null {
  for (let each = scope; each !== null; each = each.outer) if (each.context !== null) return each.context;
  return null;
}

function report({ tell, warn }: Listening, error: unknown): void {
  failed ??= new WeakSet();
  if (failed.has(tell)) return;
  failed.add(tell);
  const what = error instanceof Error ? (error.stack ?? error.message) : typeName(error);
  try {
    warn(`a listener of queries failed; the queries go on, and this is said once: ${what}`);
  } catch {
    // There is nobody left to tell.
  }
}
