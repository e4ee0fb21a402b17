import process from "node:process";
import type { AsyncStore, Scope } from "../core/connection/context.js";
import type { Platform } from "../core/orm.js";
import { asyncContext } from "./async-context.js";
import { settingsOf } from "./config.js";
import { readConfigFile } from "./config-file.js";
import { importModule } from "./import-module.js";
import { observeContext } from "./observe.js";
import { resolveDriver } from "./resolve-driver.js";

let store: AsyncStore<Scope> | null = null;

/** What Node lends: one AsyncLocalStorage for the whole process, files, modules, drivers by name. */
export const nodePlatform: Platform = {
  asyncContext: () => (store ??= asyncContext<Scope>()),
  settingsOf,
  resolveDriver,
  readConfigFile,
  importModule,
  observe: observeContext,
  development: () => process.env.NODE_ENV === "development",
  warn: (message) => process.emitWarning(message, { type: "TerrapinWarning" }),
};
