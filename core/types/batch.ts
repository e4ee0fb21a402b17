import type { Awaitable } from "./awaitable.js";
import type { MODEL, ROW } from "./symbols.js";
import type { UsingOptions } from "./using.js";

declare const GUARD: unique symbol;

/** What must hold for a batch to be kept; made by `guard`. */
export interface Guard {
  readonly [GUARD]: true;
}

/** How a guard is called in the error when it does not hold. */
export interface GuardOptions {
  readonly name?: string;
}

/** The type of `guard`. */
export interface GuardFactory {
  /** The write before it matched exactly so many rows. */
  affected(count: number, options?: GuardOptions): Guard;
  /** The query has a row by then. */
  exists(querySet: AnyQuery, options?: GuardOptions): Guard;
  /** The query has no row by then. */
  absent(querySet: AnyQuery, options?: GuardOptions): Guard;
}

/** A query set, whatever it is of. */
export interface AnyQuery {
  readonly [MODEL]: unknown;
  readonly [ROW]: unknown;
}

/** Whatever goes into a batch: reads and writes that have not begun, and guards. */
export type BatchItem = Awaitable<unknown> | Guard;

/** What the items of a batch give: true for a guard, because it held. */
export type BatchResults<Items extends readonly unknown[]> = {
  -readonly [Index in keyof Items]: Items[Index] extends Guard ? true : Awaited<Items[Index]>;
};

/** How a batch is run. */
export interface BatchOptions extends UsingOptions {
  /** An AbortSignal: aborted, nothing is sent, or what was done is undone. */
  signal?: { readonly aborted: boolean; throwIfAborted(): void };
  /**
   * How many times more the whole batch runs when the database undid it for what may not happen again, as with `inTransaction`. What
   * went as one request is sent again only when it was surely not kept, or only reads. Default: 0.
   */
  retry?: number | { readonly times: number; readonly delay?: number };
}

/** The type of `batch`. */
export interface BatchFunction {
  <const Items extends readonly BatchItem[]>(items: Items, options?: BatchOptions): Awaitable<BatchResults<Items>>;
}
