import { AsyncLocalStorage } from "node:async_hooks";
import type { AsyncStore } from "../core/connection/context.js";

/**
 * What carries transactions through async calls: an AsyncLocalStorage. In Workers it needs `nodejs_als` or `nodejs_compat`.
 * @example
 * await init({ connections: { default: sqlite("app.db") }, models: { User }, asyncContext: asyncContext() });
 */
export function asyncContext<T = unknown>(): AsyncStore<T> {
  return new AsyncLocalStorage<T>();
}
