import { AsyncLocalStorage } from "node:async_hooks";
import type { AsyncStore } from "../core/connection/context.js";

let made: AsyncLocalStorage<unknown> | null = null;

/**
 * What carries transactions through async calls: an AsyncLocalStorage, always the same one, so that requests side by side may
 * each ask for it. In Workers it needs `nodejs_als` or `nodejs_compat`.
 * @example
 * await init({ connections: { default: sqlite("app.db") }, models: { User }, asyncContext: asyncContext() });
 */
export function asyncContext<T = unknown>(): AsyncStore<T> {
  return (made ??= new AsyncLocalStorage<unknown>()) as unknown as AsyncStore<T>;
}
