import { ConfigurationError, ParamsError, typeName } from "../base/errors.js";
import type { Client } from "../connection/client.js";
import type { ConnectionConfig, InitConfig } from "../connection/config.js";
import { asyncStore, getDefaultContext, setDefaultContext } from "../connection/context.js";
import type { Driver } from "../connection/driver.js";
import { abort, Transaction } from "../connection/transaction.js";
import { context, type Platform, type TerrapinContext } from "../orm.js";
import { truncateAllModels } from "./truncate.js";

/** What a test database is made from: as `init`, but that drivers are made for a name that nothing else has. */
export interface TestDatabaseConfig extends Omit<InitConfig, "connections" | "createDb" | "testing"> {
  /** Drivers by connection: `(name) => sqlite(`${name}.db`)`, or all that `init` takes; `{}` in URLs becomes random digits. */
  readonly connections?: Readonly<Record<string, ((name: string) => Driver) | ConnectionConfig>>;
  /** Makes the tables; default: `generateSchemas`. Its place for migrations, and for rows that every test needs. */
  readonly prepare?: (orm: TerrapinContext) => unknown;
}

/** Databases that are there for tests alone. `await using` drops them. */
export interface TestDatabase extends AsyncDisposable {
  /** What the drivers were given as name. */
  readonly name: string;
  readonly orm: TerrapinContext;
  /** Deletes the rows of all models. */
  truncate(): Promise<void>;
  /** Deletes the databases where the driver can, and closes everything. Once. */
  drop(): Promise<void>;
}

/**
 * Makes databases of their own for tests, with the tables of the models, and the default context on them. No two have the
 * same name, whatever runs beside: one for each test file is what makes files independent.
 * @example
 * const db = await testDatabase({ connections: { default: (name) => sqlite(`${name}.db`) }, models: { User, Order } });
 * await User.create({ username: "ali" });
 * await db.drop();
 */
export function testDatabase(config: TestDatabaseConfig, platform: Platform = {}): Promise<TestDatabase> {
  return make(config, platform, true);
}

/**
 * The same beside the default context: queries inside of `orm.run` go there.
 * @example
 * await using db = await testContext({ connections: { default: sqlite(":memory:") }, models: { User, Order } });
 * await db.orm.run(() => User.create({ username: "ali" }));
 */
export function testContext(config: TestDatabaseConfig, platform: Platform = {}): Promise<TestDatabase> {
  return make(config, platform, false);
}

async function make(config: TestDatabaseConfig, platform: Platform, asDefault: boolean): Promise<TestDatabase> {
  const { prepare = (orm: TerrapinContext) => orm.generateSchemas(), connections, ...rest } = config;
  if (typeof prepare !== "function")
    throw new ParamsError(`prepare is a function that makes the tables, not ${typeName(prepare)}`, {
      hint: "prepare: async (orm) => { … }",
    });
  const name = uniqueName();
  const given = connections === undefined ? {} : { connections: named(connections, name) };
  // For URLs; where drivers come ready there are none.
  const orm = await context({ ...rest, ...given, testing: true }, platform);
  const before = getDefaultContext();
  const created: Client[] = [];
  let dropped: Promise<void> | null = null;
  const drop = (): Promise<void> => {
    if (getDefaultContext() === orm) setDefaultContext(before);
    return (dropped ??= dropAll(orm, created));
  };
  if (asDefault) setDefaultContext(orm);
  try {
    for (const client of orm.connections.all()) if (await create(client, name)) created.push(client);
    await (asyncStore() === null ? prepare(orm) : orm.run(() => prepare(orm)));
  } catch (error) {
    await drop().catch(() => undefined);
    throw error;
  }
  return { name, orm, truncate: () => truncateAllModels(orm), drop, [Symbol.asyncDispose]: drop };
}

/** Unlike any other, at any time, on any machine; and a word that every database takes as a name. */
function uniqueName(): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0"));
  return `test_${Date.now().toString(36)}_${random.join("")}`;
}

function named(
  connections: NonNullable<TestDatabaseConfig["connections"]>,
  name: string,
): NonNullable<InitConfig["connections"]> {
  return Object.fromEntries(
    Object.entries(connections).map(([key, source]) => [
      key,
      typeof source === "function" ? () => source(name) : source,
    ]),
  );
}

/**
 * Makes the database of a connection. True when it is ours to drop: nobody else has one of that name, or there is nothing in it. Where
 * neither can be known it is left.
 */
async function create(client: Client, name: string): Promise<boolean> {
  const { driver } = client;
  const { label = "" } = driver;
  if (driver.createDatabase !== undefined) await client.dbCreate();
  const tables = driver.introspect === undefined ? null : await client.introspect();
  if (tables !== null && tables.length > 0)
    throw new ConfigurationError(
      `the database of the connection "${client.connectionName}"${label === "" ? "" : ` (${label})`} has tables already, so it is none for tests`,
      {
        code: "not_a_test_database",
        hint: "use the name: connections: { default: (name) => sqlite(`${name}.db`) }, or {} in a URL",
      },
    );
  return driver.dropDatabase !== undefined && (tables !== null || label.includes(name));
}

async function dropAll(orm: TerrapinContext, created: readonly Client[]): Promise<void> {
  // A sandbox that a failing test left open would keep its connection, and closing waits for what is running.
  for (const client of orm.connections.all()) if (client instanceof Transaction) await abort(outermost(client));
  const outcomes = await Promise.allSettled(created.map((client) => client.dbDelete()));
  await orm.closeConnections();
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function outermost(tx: Transaction): Transaction {
  return tx.parent === null ? tx : outermost(tx.parent);
}
