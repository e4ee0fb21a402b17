import type { MaybePromise } from "../base/maybe.js";
import type { Client } from "./client.js";
import type { Statement } from "./driver.js";

/** How something went to the driver. */
export type SendKind = "run" | "batch" | "stream" | "script" | "begin" | "commit" | "rollback";

/** One trip to the driver. The statements of a batch go together; what begins or ends a transaction is one too. */
export interface Sending {
  readonly client: Client;
  readonly kind: SendKind;
  readonly statements: readonly Statement[];
}

/** Rows one by one, as drivers give them. */
export type RowSource = Iterable<unknown[]> | AsyncIterable<unknown[]>;

/** Whoever stands between clients and drivers. What makes events is known here only by this shape, so that nobody loads it who does not observe. */
export interface Watcher {
  /** Does `work`, which sends this, and tells of it. */
  watch<T>(sending: Sending, work: () => MaybePromise<T>): MaybePromise<T>;
  /** Gives the rows of `source` on, and tells when they end. */
  watchRows(sending: Sending, source: () => RowSource): RowSource;
}

/** The watcher of every connection; null while nobody observes. */
export let watcher: Watcher | null = null;

/** Sets the watcher of every connection, or takes it away. */
export function setWatcher(next: Watcher | null): void {
  watcher = next;
}

/** Is anybody observing this client? */
export function isWatched({ connection }: Client): boolean {
  return watcher !== null || connection.watcher !== null;
}

/** Does `work` before the eyes of whoever observes. */
export function watched<T>(sending: Sending, work: () => MaybePromise<T>): MaybePromise<T> {
  const own = sending.client.connection.watcher;
  const inner = own === null ? work : (): MaybePromise<T> => own.watch(sending, work);
  return watcher === null ? inner() : watcher.watch(sending, inner);
}

/** The same for rows one by one. */
export function watchedRows(sending: Sending, source: () => RowSource): RowSource {
  const own = sending.client.connection.watcher;
  const inner = own === null ? source : (): RowSource => own.watchRows(sending, source);
  return watcher === null ? inner() : watcher.watchRows(sending, inner);
}
