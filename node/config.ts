import { ConfigurationError, typeName } from "../core/base/errors.js";
import {
  OBSERVING,
  commonSettings,
  type EngineConfig,
  type InitConfig,
  type ModelSource,
  type Settings,
} from "../core/connection/config.js";
import type { DriverSource } from "../core/connection/registry.js";
import { parseDbUrl } from "../core/connection/db-url.js";

const FORMS = ["connections", "dbUrl", "config", "configFile"] as const;
const OPTIONS = [
  ...FORMS,
  "models",
  "apps",
  "modules",
  "createDb",
  "testing",
  "routers",
  "useTz",
  "timezone",
  "tableName",
  "asyncContext",
  "development",
  ...OBSERVING,
];

/** Checks a configuration and gives it its one normal form. `file`: what `configFile` holds. */
export function settingsOf(given: InitConfig, file?: unknown): Settings {
  checkForm(given);
  const section = given.config ?? (given.configFile === undefined ? null : file);
  const from = section === null ? sectionsOf(given) : readSections(section);
  const testing = given.testing === true;
  const connections = Object.fromEntries(
    Object.entries(from.connections).map(([name, config]) => [name, connectionOf(name, config, testing)]),
  );
  return {
    ...commonSettings(given, from),
    connections,
    apps: Object.fromEntries(
      Object.entries(from.apps).map(([label, app]) => [label, appOf(label, app, Object.keys(connections))]),
    ),
  };
}

/** Exactly one way to say where the databases are. */
export function checkForm(given: InitConfig): void {
  if (typeof given !== "object" || given === null)
    throw wrong(
      `init takes a configuration, not ${typeName(given)}`,
      "init({ connections: { default: … }, models: { … } })",
    );
  for (const name in given)
    if (!OPTIONS.includes(name)) throw wrong(`init has no option "${name}"`, `known: ${OPTIONS.join(", ")}`);
  const forms = FORMS.filter((form) => given[form] !== undefined);
  if (forms.length !== 1)
    throw wrong(
      forms.length === 0
        ? "init was not told where the database is"
        : `init was told where the databases are in ${forms.length} ways: ${forms.join(", ")}`,
      `exactly one of ${FORMS.join(", ")}`,
    );
  if (given.dbUrl !== undefined && given.modules === undefined)
    throw wrong("dbUrl needs modules", '{ dbUrl: "sqlite://app.db", modules: { models: [models] } }');
  if (given.dbUrl === undefined && given.modules !== undefined)
    throw wrong("modules goes with dbUrl", "with connections, write models or apps");
  if (given.connections === undefined && (given.models !== undefined || given.apps !== undefined))
    throw wrong("models and apps go with connections", "with dbUrl, write modules");
  if (given.models !== undefined && given.apps !== undefined)
    throw wrong("models and apps exclude each other", "models is short for one app called models");
}

interface Sections {
  readonly connections: Readonly<Record<string, unknown>>;
  readonly apps: Readonly<Record<string, unknown>>;
  readonly routers?: unknown;
  readonly useTz?: unknown;
  readonly timezone?: string | undefined;
}

function sectionsOf({ connections, models, apps, dbUrl, modules }: InitConfig): Sections {
  if (dbUrl !== undefined) {
    if (typeof dbUrl !== "string") throw wrong(`dbUrl is a string, not ${typeName(dbUrl)}`, null);
    const grouped = Object.entries(record(modules, "modules")).map(([label, sources]) => [label, { models: sources }]);
    return { connections: { default: dbUrl }, apps: Object.fromEntries(grouped) };
  }
  const known = record(connections, "connections");
  if (apps !== undefined) return { connections: known, apps: record(apps, "apps") };
  return {
    connections: known,
    apps:
      models === undefined ? {} : { models: { models: record(models, "models"), defaultConnection: onlyName(known) } },
  };
}

/** The shape of the seeds, in any of its spellings: `default_connection`, `defaultConnection`, `DEFAULT_CONNECTION`. */
function readSections(section: unknown): Sections {
  const { connections, apps, routers, useTz, timezone } = spelled(section, "config", [
    "connections",
    "apps",
    "routers",
    "useTz",
    "timezone",
    "driver",
  ]);
  if (connections === undefined)
    throw wrong('config has no "connections"', "{ connections: { default: … }, apps: { models: { models: [ … ] } } }");
  if (apps === undefined)
    throw wrong('config has no "apps"', "{ connections: { default: … }, apps: { models: { models: [ … ] } } }");
  return {
    connections: record(connections, "connections"),
    apps: record(apps, "apps"),
    routers,
    useTz,
    timezone: timezone as string | undefined,
  };
}

function connectionOf(name: string, config: unknown, testing: boolean): DriverSource | EngineConfig {
  if (typeof config === "string") return parseDbUrl(config, { testing });
  if (typeof config === "function") return config as () => never;
  if (typeof config === "object" && config !== null && typeof (config as { run?: unknown }).run === "function")
    return config as DriverSource;
  const { engine, credentials } = spelled(config, `the connection "${name}"`, ["engine", "credentials"]);
  if (typeof engine !== "string")
    throw wrong(
      `the connection "${name}" names no engine`,
      '{ engine: "tortoise.backends.sqlite", credentials: { file_path: "app.db" } }',
    );
  return { engine, credentials: record(credentials ?? {}, `the credentials of "${name}"`) };
}

function appOf(label: string, app: unknown, connections: readonly string[]): Settings["apps"][string] {
  const { models, defaultConnection } = spelled(app, `the app "${label}"`, ["models", "defaultConnection"]);
  if (models === undefined) throw wrong(`the app "${label}" has no models`, "{ models: [ … ] }");
  const connection = defaultConnection ?? "default";
  if (typeof connection !== "string" || !connections.includes(connection)) {
    throw wrong(
      `the app "${label}" uses the connection ${typeof connection === "string" ? `"${connection}"` : typeName(connection)}, which there is not`,
      `known: ${connections.join(", ")}`,
      "unknown_connection",
    );
  }
  return {
    sources: Array.isArray(models) ? (models as ModelSource[]) : [record(models, `the models of "${label}"`)],
    connection,
  };
}

function onlyName(connections: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(connections);
  return names.length === 1 ? names[0]! : "default";
}

/** The values of `record` under known names, however their words are joined; an unknown name is an error. */
export function spelled(given: unknown, what: string, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record(given, what))) {
    const name = names.find((each) => plain(each) === plain(key));
    if (name === undefined) throw wrong(`${what} has no "${key}"`, `known: ${names.join(", ")}`);
    if (name in found) throw wrong(`${what} says "${name}" twice, in two spellings`, null);
    found[name] = value;
  }
  return found;
}

/** `FILE_PATH`, `file_path` and `filePath` are one word. */
export const plain = (name: string): string => name.replaceAll("_", "").toLowerCase();

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw wrong(`${what} is a record, not ${typeName(value)}`, null);
}

function wrong(message: string, hint: string | null, code = "init"): ConfigurationError {
  return new ConfigurationError(message, { code, hint });
}
