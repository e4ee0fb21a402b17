import { ConfigurationError, typeName } from "../base/errors.js";
import { zoneNamed } from "../base/zone.js";
import type { AsyncStore, Scope } from "./context.js";
import type { QueryLogOptions } from "./log.js";
import type { QueryListener, QueryObserver } from "./observe.js";
import type { RepeatedOptions } from "./observe-repeated.js";
import type { DriverSource } from "./registry.js";
import { checkRouters, type RouterSource } from "./routers.js";

/** A ready driver, a function that makes one, a URL, or an engine with its credentials. */
export type ConnectionConfig =
  | DriverSource
  | string
  | { readonly engine: string; readonly credentials?: Readonly<Record<string, unknown>> };

/** Where models come from: model classes by name (a module is that), or the path of a module (Node). */
export type ModelSource = string | Readonly<Record<string, unknown>>;

/** A group of models with a connection of its own. */
export interface AppConfig {
  readonly models: Readonly<Record<string, unknown>> | readonly ModelSource[];
  readonly defaultConnection?: string;
  readonly default_connection?: string;
}

/** What `init` takes; exactly one of `connections`, `dbUrl`, `config` and `configFile`. */
export interface InitConfig {
  /** Drivers, URLs or engines by name. */
  readonly connections?: Readonly<Record<string, ConnectionConfig>>;
  /** With `connections`: the model classes by name, as the app "models". */
  readonly models?: Readonly<Record<string, unknown>>;
  /** With `connections`: several groups of models. */
  readonly apps?: Readonly<Record<string, AppConfig>>;
  /** A database URL for the connection "default". */
  readonly dbUrl?: string;
  /** With `dbUrl`: modules by app, as objects or (Node) as paths. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, unknown>> | readonly ModelSource[]>>;
  /** Everything in one record, as configuration files hold it: connections, apps, routers, useTz, timezone. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** A .json, .yml, .yaml, .ts or .js file with such a record (Node). */
  readonly configFile?: string;
  /** Makes each database first. */
  readonly createDb?: boolean;
  /** For tests: `{}` in the path of a database URL becomes random digits. */
  readonly testing?: boolean;
  /** Who says where models are read and written; the first answer counts. A class is made once. */
  readonly routers?: readonly RouterSource[];
  readonly useTz?: boolean;
  /** Only "UTC" in this version. */
  readonly timezone?: string;
  /** Names the tables of models that name none; default: the model's name in snake_case. */
  readonly tableName?: (model: string) => string;
  /** What carries transactions through async calls; null: nothing does. Default: what the platform has. */
  readonly asyncContext?: AsyncStore<unknown> | null;
  /** Says of every write that is never awaited which line made it. Default on Node: NODE_ENV is "development". */
  readonly development?: boolean;
  /** Is told of everything that goes to the databases. This and the next five need Node; elsewhere: `observe(…)`. */
  readonly onQuery?: QueryListener | QueryObserver;
  /** Writes every query in lines that a person can read. */
  readonly logQueries?: boolean | QueryLogOptions;
  /** Warns of every query that takes so many milliseconds or more. */
  readonly slowQueryMs?: number;
  /** Warns of a line that runs the same query more often than this: the N+1 of a loop. */
  readonly detectRepeated?: boolean | number | RepeatedOptions;
  /** Tells and logs the values of parameters; default: only their number and kinds. */
  readonly logParams?: boolean;
  /** Tells and logs the user's line that asked; default: not, because it costs. */
  readonly logCaller?: boolean;
}

/** What `init` takes to observe queries. */
export const OBSERVING = ["onQuery", "logQueries", "slowQueryMs", "detectRepeated", "logParams", "logCaller"] as const;

/** A configuration in its one normal form. */
export interface Settings {
  readonly connections: Readonly<Record<string, DriverSource | EngineConfig>>;
  readonly apps: Readonly<Record<string, { readonly sources: readonly ModelSource[]; readonly connection: string }>>;
  readonly routers: readonly RouterSource[];
  readonly createDb: boolean;
  readonly useTz: boolean;
  /** null: UTC */
  readonly timezone: string | null;
  readonly tableName: ((model: string) => string) | null;
  /** undefined: what the platform has */
  readonly asyncContext: AsyncStore<Scope> | null | undefined;
  /** null: what the platform says */
  readonly development: boolean | null;
}

/** A connection as configuration files say it: which engine, and what it needs to connect. */
export interface EngineConfig {
  readonly engine: string;
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** Settings of a configuration whose drivers are ready and whose models are classes: all that works without files. */
export function readySettings(given: InitConfig): Settings {
  const { connections, models, apps } = given;
  if (connections === undefined)
    throw notReady(given.dbUrl === undefined ? "a configuration in files or records" : "a database URL");
  for (const [name, source] of Object.entries(connections)) {
    if (typeof source !== "function" && typeof (source as { run?: unknown }).run !== "function")
      throw notReady(`the connection "${name}"`);
  }
  const names = Object.keys(connections);
  const groups =
    apps ??
    (models === undefined ? {} : { models: { models, defaultConnection: names.length === 1 ? names[0]! : "default" } });
  return {
    ...commonSettings(given, given),
    connections: connections as Settings["connections"],
    apps: Object.fromEntries(Object.entries(groups).map(([label, app]) => [label, readyApp(label, app, names)])),
  };
}

function readyApp(
  label: string,
  { models, defaultConnection = "default" }: AppConfig,
  names: readonly string[],
): Settings["apps"][string] {
  if (!names.includes(defaultConnection))
    throw new ConfigurationError(`the app "${label}" uses the connection "${defaultConnection}", which there is not`, {
      code: "unknown_connection",
      hint: `known: ${names.join(", ")}`,
    });
  return {
    sources: Array.isArray(models) ? (models as ModelSource[]) : [models as Readonly<Record<string, unknown>>],
    connection: defaultConnection,
  };
}

/** What every form of configuration says in the same way. `from`: where time zone and routers stand. */
export function commonSettings(
  given: InitConfig,
  from: { readonly timezone?: unknown; readonly useTz?: unknown; readonly routers?: unknown },
): Omit<Settings, "connections" | "apps"> {
  const name = from.timezone ?? given.timezone ?? "UTC";
  const timezone = typeof name === "string" ? zoneNamed(name) : undefined;
  if (timezone === undefined)
    throw new ConfigurationError(`there is no time zone ${typeof name === "string" ? `"${name}"` : typeName(name)}`, {
      code: "timezone",
      hint: 'a name like "Europe/Berlin", or "UTC"',
    });
  return {
    routers: checkRouters(from.routers ?? given.routers),
    createDb: given.createDb === true,
    development: given.development ?? null,
    useTz: (from.useTz ?? given.useTz) === true,
    timezone,
    tableName: given.tableName ?? null,
    asyncContext: given.asyncContext as AsyncStore<Scope> | null | undefined,
  };
}

function notReady(what: string): ConfigurationError {
  return new ConfigurationError(`${what} cannot be opened by name here`, {
    code: "needs_driver",
    hint: 'pass ready drivers and model classes: connections: { default: sqlite("app.db") } with sqlite from terrapin/sqlite, or the platform\'s own',
  });
}
