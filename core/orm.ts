import { ConfigurationError, ParamsError, typeName } from "./base/errors.js";
import { atomic, inTransaction } from "./connection/atomic.js";
import type { Client } from "./connection/client.js";
import {
  OBSERVING,
  readySettings,
  type EngineConfig,
  type InitConfig,
  type ModelSource,
  type Settings,
} from "./connection/config.js";
import {
  asyncStore,
  Context,
  currentContext,
  getDefaultContext,
  setAsyncStore,
  setDefaultContext,
  type AsyncStore,
  type Scope,
} from "./connection/context.js";
import type { Driver, MaybePromise } from "./connection/driver.js";
import { madeRouter, routeBy, routerIn, type Router, type RouterSource } from "./connection/routers.js";
import { ConnectionRegistry, type ConnectionToken, type DriverSource } from "./connection/registry.js";
import { ModelBase } from "./model/model.js";
import { watchUnrunWrites } from "./queryset/awaitable.js";
import { batch } from "./queryset/batch.js";
import { createSchema, schemaStatements } from "./schema/create.js";
import { describeModel as describeMeta } from "./schema/describe.js";
import { discoverModels } from "./schema/discover.js";
import { linkModels } from "./schema/link.js";
import { DEFINITION, metaOf, type Meta, type ModelLike } from "./schema/meta.js";
import { Registry } from "./schema/registry.js";
import type { ModelDescription } from "./types/describe.js";

/** What a runtime lends: everything here is missing where only ready drivers and model classes can be used. */
export interface Platform {
  /** What carries transactions through async calls. */
  readonly asyncContext?: () => AsyncStore<Scope>;
  /** Takes every form of configuration; without it only ready drivers and model classes are taken. */
  readonly settingsOf?: (config: InitConfig, file?: unknown) => Settings;
  /** The driver for an engine and its credentials. */
  readonly resolveDriver?: (config: EngineConfig) => MaybePromise<Driver>;
  /** What a configuration file holds. */
  readonly readConfigFile?: (path: string) => Promise<unknown>;
  /** The exports of a module. */
  readonly importModule?: (path: string) => Promise<Readonly<Record<string, unknown>>>;
  readonly warn?: (message: string) => void;
  /** Observes the connections of a context as its configuration says. */
  readonly observe?: (context: Context, config: InitConfig, warn: (message: string) => void) => void;
  /** True while somebody is writing the program, and wants to be told of mistakes that do no harm but do nothing. */
  readonly development?: () => boolean;
}

/** How to make tables. */
export interface SchemaOptions {
  /** Leave tables alone that are there already; default: true. */
  readonly safe?: boolean;
  /** Only the tables of this connection; default: of all. */
  readonly connection?: string;
}

/** Connections, models and settings that belong together: what `init` and `context` make. */
export class TerrapinContext extends Context {
  constructor(
    connections: ConnectionRegistry,
    readonly registry: Registry,
    readonly settings: Settings,
  ) {
    super(connections);
  }

  /** The model classes by app and name. */
  get apps(): Readonly<Record<string, Readonly<Record<string, ModelLike>>>> {
    return this.registry.apps;
  }

  /** Makes the tables of all models. */
  async generateSchemas({ safe = true, connection }: SchemaOptions = {}): Promise<void> {
    for (const [name, metas] of this.#metasByConnection(connection)) {
      const client = this.connections.get(name);
      const statements = schemaStatements(metas, client.dialect, { safe });
      if (client.dialect.transactionalDdl) {
        if (statements.length > 0) await client.batch(statements.map(({ sql }) => ({ sql, params: [] })));
        continue;
      }
      for (const { sql, unless } of statements)
        if (unless === null || (await client.run(unless, [])).rows.length === 0) await client.run(sql, []);
    }
  }

  /** What `generateSchemas` would run, as text. */
  schemaSql({ safe = true, connection }: SchemaOptions = {}): string {
    const groups = this.#metasByConnection(connection);
    if (groups.size > 1)
      throw new ParamsError("the models are on several connections", {
        code: "which_connection",
        hint: `schemaSql({ connection }): ${[...groups.keys()].join(", ")}`,
      });
    return Array.from(groups, ([name, metas]) =>
      createSchema(metas, this.connections.get(name).dialect, { safe })
        .map((sql) => `${sql};`)
        .join("\n"),
    ).join("\n");
  }

  /** Describes models, all of them unless some are given, by `app.Model`. */
  describeModels(models: readonly object[] | null = null, serializable = true): Record<string, ModelDescription> {
    const metas = models === null ? this.registry.metas() : models.map((model) => metaOf(model));
    return Object.fromEntries(metas.map((meta) => [meta.label, describeMeta(meta, serializable)]));
  }

  /** Closes every connection; the next query opens its own again. */
  async closeConnections(): Promise<void> {
    await this.connections.closeAll();
  }

  #metasByConnection(only: string | undefined): Map<string, Meta[]> {
    if (only !== undefined) this.connections.binding(only);
    const groups = new Map<string, Meta[]>();
    for (const meta of this.registry.metas()) {
      const name = this.registry.connectionOf(meta);
      if (only !== undefined && only !== name) continue;
      groups.set(name, [...(groups.get(name) ?? []), meta]);
    }
    return groups;
  }
}

/**
 * Makes the default context: connections, models, settings. Nothing is opened before it is used. A second `init` closes
 * the connections of the first.
 * @example
 * await init({ connections: { default: sqlite("app.db") }, models: { User, Order } });
 */
export async function init(config: InitConfig, platform: Platform = {}): Promise<TerrapinContext> {
  const made = await makeContext(config, platform);
  await getDefaultContext()?.connections.closeAll();
  setDefaultContext(made);
  const watch = made.settings.development ?? platform.development?.() ?? false;
  watchUnrunWrites(watch ? warnOf(platform) : null);
  await createDatabases(made);
  return made;
}

/**
 * Makes a context beside the default one: for a test, a tenant, a request.
 * @example
 * const orm = await context({ connections: { default: sqlite(":memory:") }, models: { User } });
 * await orm.run(() => User.all().count());
 */
export async function context(config: InitConfig, platform: Platform = {}): Promise<TerrapinContext> {
  const made = await makeContext(config, platform);
  await createDatabases(made);
  return made;
}

/**
 * Makes the tables of all models.
 * @example
 * await generateSchemas(); // CREATE TABLE IF NOT EXISTS …
 */
export async function generateSchemas(options: SchemaOptions = {}): Promise<void> {
  await current().generateSchemas(options);
}

/**
 * What `generateSchemas` would run, as text.
 * @example
 * console.log(schemaSql({ safe: false })); // CREATE TABLE …
 */
export function schemaSql(options: SchemaOptions = {}): string {
  return current().schemaSql(options);
}

/**
 * Closes every connection of the current context.
 * @example
 * await closeConnections();
 */
export async function closeConnections(): Promise<void> {
  await currentContext().connections.closeAll();
}

/**
 * Runs a program to its end and closes the connections then, also when it fails.
 * @example
 * await runAsync(async () => { await init(config); await main(); });
 */
export async function runAsync<T>(work: (() => T | PromiseLike<T>) | PromiseLike<T>): Promise<T> {
  try {
    return await (typeof work === "function" ? work() : work);
  } finally {
    await getDefaultContext()?.connections.closeAll();
  }
}

/**
 * Gives models their descriptions without any connection.
 * @example
 * await initModels([{ User, Order }], "models");
 */
export async function initModels(
  sources: readonly ModelSource[],
  appLabel: string,
  platform: Platform = {},
): Promise<void> {
  const registry = new Registry();
  await registerModels(registry, appLabel, sources, { connection: "default", tableName: null }, platform);
  linkModels(registry);
}

/**
 * Describes one model.
 * @example
 * describeModel(User); // { name: "models.User", table: "users", … }
 */
export function describeModel(model: object, serializable = true): ModelDescription {
  return describeMeta(metaOf(model), serializable);
}

/**
 * Describes models by `app.Model`; all of the current context unless some are given.
 * @example
 * describeModels(); // { "models.User": { … } }
 */
export function describeModels(
  models: readonly object[] | null = null,
  serializable = true,
): Record<string, ModelDescription> {
  return current().describeModels(models, serializable);
}

/**
 * The connection of this name in the current context; inside a transaction of it, the transaction.
 * @example
 * await getConnection("default").executeScript("…");
 */
export function getConnection(name: string): Client {
  return currentContext().connections.get(name);
}

/** The connections of the current context. */
export const connections = {
  get names(): string[] {
    return currentContext().connections.names;
  },
  /** The connection of this name; inside a transaction of it, the transaction. */
  get: (name: string): Client => currentContext().connections.get(name),
  /** Every connection. */
  all: (): Client[] => currentContext().connections.all(),
  /** Puts another client in a connection's place until `reset` is given the answer. */
  set: (name: string, client: Client): ConnectionToken => currentContext().connections.set(name, client),
  /** Takes back what `set` did. */
  reset: (token: ConnectionToken): void => currentContext().connections.reset(token),
  /** Forgets a connection without closing it. */
  discard: (name: string): void => currentContext().connections.discard(name),
  /** Closes every connection. */
  closeAll: (options: { readonly discard?: boolean } = {}): Promise<void> =>
    currentContext().connections.closeAll(options),
};

/** The calls that set Terrapin up and take it down, in one object. */
export interface TerrapinNamespace {
  readonly init: (config: InitConfig) => Promise<TerrapinContext>;
  readonly context: (config: InitConfig) => Promise<TerrapinContext>;
  readonly initModels: (sources: readonly ModelSource[], appLabel: string) => Promise<void>;
  readonly runAsync: typeof runAsync;
  readonly generateSchemas: typeof generateSchemas;
  readonly schemaSql: typeof schemaSql;
  readonly closeConnections: typeof closeConnections;
  readonly describeModel: typeof describeModel;
  readonly describeModels: typeof describeModels;
  readonly getConnection: typeof getConnection;
  readonly connections: typeof connections;
  readonly inTransaction: typeof inTransaction;
  readonly atomic: typeof atomic;
  readonly batch: typeof batch;
  /** The model classes of the current context by app and name. */
  readonly apps: Readonly<Record<string, Readonly<Record<string, ModelLike>>>>;
}

/** The namespace for a platform. */
export function terrapinFor(platform: Platform): TerrapinNamespace {
  return {
    init: (config) => init(config, platform),
    context: (config) => context(config, platform),
    initModels: (sources, appLabel) => initModels(sources, appLabel, platform),
    runAsync,
    generateSchemas,
    schemaSql,
    closeConnections,
    describeModel,
    describeModels,
    getConnection,
    connections,
    inTransaction,
    batch,
    atomic,
    get apps() {
      return current().apps;
    },
  };
}

/** Everything that sets Terrapin up, for runtimes that lend nothing: drivers and model classes are passed ready. */
export const Terrapin: TerrapinNamespace = /* @__PURE__ */ terrapinFor({});

async function makeContext(config: InitConfig, platform: Platform): Promise<TerrapinContext> {
  const { settingsOf = readySettings, readConfigFile } = platform;
  const settings = settingsOf(
    config,
    config.configFile === undefined ? undefined : await readConfigFile?.(config.configFile),
  );
  const drivers: Record<string, DriverSource> = {};
  for (const [name, source] of Object.entries(settings.connections))
    drivers[name] = isEngine(source) ? await platform.resolveDriver!(source) : source;
  const made = new TerrapinContext(new ConnectionRegistry(drivers, settings.timezone), new Registry(), settings);
  for (const [label, { sources, connection }] of Object.entries(settings.apps)) {
    await registerModels(made.registry, label, sources, { connection, tableName: settings.tableName }, platform);
  }
  linkModels(made.registry);
  for (const meta of made.registry.metas()) made.bind(meta, made.registry.connectionOf(meta));
  if (settings.routers.length > 0)
    made.route = routeBy(
      await Promise.all(settings.routers.map((source) => routerOf(source, platform))),
      made.connections.names,
    );
  if (settings.asyncContext !== undefined) setAsyncStore(settings.asyncContext);
  else if (asyncStore() === null && platform.asyncContext !== undefined) setAsyncStore(platform.asyncContext());
  const observing = OBSERVING.find((name) => config[name] !== undefined);
  if (observing !== undefined) {
    if (platform.observe === undefined) throw cannotObserve(observing);
    platform.observe(made, config, warnOf(platform));
  }
  return made;
}

function warnOf({ warn }: Platform): (message: string) => void {
  // oxlint-disable-next-line no-console -- a platform without a way to warn has at least this one
  return warn ?? ((message) => console.warn(message));
}

function cannotObserve(option: string): ConfigurationError {
  return new ConfigurationError(`init cannot take ${option} here, where only what is imported is loaded`, {
    code: "needs_observe",
    hint: "observe(listener), observe(queryLog()), observe(slowQueries(200)), observe(repeatedQueries(5)) with these from terrapin",
  });
}

async function registerModels(
  registry: Registry,
  label: string,
  sources: readonly ModelSource[],
  { connection, tableName }: { readonly connection: string; readonly tableName: Settings["tableName"] },
  platform: Platform,
): Promise<void> {
  for (const source of sources) {
    const models = discoverModels(typeof source === "string" ? await importModule(source, platform) : source);
    const names = Object.keys(models);
    if (names.length === 0 && (typeof source === "string" || Object.keys(source).length > 0))
      platform.warn?.(
        `${typeof source === "string" ? `the module "${source}"` : `a module of the app "${label}"`} has no models`,
      );
    for (const name of names) {
      const model = models[name]!;
      registry.add(
        model,
        { name, app: model[DEFINITION]!.options.app ?? label, tableName, objects: ModelBase.objectsOf },
        connection,
      );
    }
  }
}

async function routerOf(source: RouterSource, platform: Platform): Promise<Router> {
  return typeof source === "string" ? routerIn(source, await importModule(source, platform)) : madeRouter(source);
}

async function createDatabases({ connections: all, settings }: TerrapinContext): Promise<void> {
  if (settings.createDb) for (const client of all.all()) await client.dbCreate();
}

function isEngine(source: DriverSource | EngineConfig): source is EngineConfig {
  return typeof source === "object" && "engine" in source;
}

async function importModule(
  path: string,
  { importModule: load }: Platform,
): Promise<Readonly<Record<string, unknown>>> {
  if (typeof path !== "string")
    throw new ConfigurationError(`a module is an object or a path, not ${typeName(path)}`, { code: "module" });
  if (load !== undefined) return load(path);
  throw new ConfigurationError(`the module "${path}" cannot be found by its path here`, {
    code: "no_files",
    hint: 'pass it: import * as models from "./models.js", then modules: { models: [models] }',
  });
}

function current(): TerrapinContext {
  return currentContext() as TerrapinContext;
}
