import type { InitConfig, ModelSource } from "../core/connection/config.js";
import * as orm from "../core/orm.js";
import { nodePlatform } from "./platform.js";

export * from "../core/index.js";
export { asyncContext } from "./async-context.js";
export { nodeLog as queryLog } from "./observe.js";

/** Everything that sets Terrapin up, with what Node lends: URLs, module paths, configuration files, async context. */
export const Terrapin: orm.TerrapinNamespace = /* @__PURE__ */ orm.terrapinFor(nodePlatform);

/**
 * Makes the default context: connections, models, settings. Nothing is opened before it is used.
 * @example
 * await init({ connections: { default: sqlite("app.db") }, models: { User, Order } });
 */
export function init(config: InitConfig): Promise<orm.TerrapinContext> {
  return orm.init(config, nodePlatform);
}

/**
 * Makes a context beside the default one: for a test, a tenant, a request.
 * @example
 * const other = await context({ connections: { default: sqlite(":memory:") }, models: { User } });
 */
export function context(config: InitConfig): Promise<orm.TerrapinContext> {
  return orm.context(config, nodePlatform);
}

/**
 * Gives models their descriptions without any connection.
 * @example
 * await initModels(["./models.js"], "models");
 */
export function initModels(sources: readonly ModelSource[], appLabel: string): Promise<void> {
  return orm.initModels(sources, appLabel, nodePlatform);
}
