import process from "node:process";
import type { Scope } from "../core/connection/context.js";
import type { Platform } from "../core/orm.js";
import { asyncContext } from "./async-context.js";
import { settingsOf } from "./config.js";
import { readConfigFile } from "./config-file.js";
import { importModule } from "./import-module.js";
import { observeContext } from "./observe.js";
import { resolveDriver } from "./resolve-driver.js";

/** What Node lends: an AsyncLocalStorage, files, modules, drivers by name. */
export const nodePlatform: Platform = {
  asyncContext: () => asyncContext<Scope>(),
  settingsOf,
  resolveDriver,
  readConfigFile,
  importModule,
  observe: observeContext,
  development: () => process.env.NODE_ENV === "development",
  warn: (message) => process.emitWarning(message, { type: "TerrapinWarning" }),
};
