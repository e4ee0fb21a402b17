import {
  asyncStore,
  Context,
  getDefaultContext,
  setAsyncStore,
  setDefaultContext,
  type AsyncStore,
  type Scope,
} from "../../connection/context.js";
import type { Client } from "../../connection/client.js";
import type { Driver, Session } from "../../connection/driver.js";
import { ConnectionRegistry } from "../../connection/registry.js";
import { ModelBase } from "../../model/model.js";
import { createSchema } from "../../schema/create.js";
import type { Meta, ModelLike } from "../../schema/meta.js";
import { Registry } from "../../schema/registry.js";
import { makeModels, type Models } from "./models.js";

/** What a case may need of a driver; the driver shows it by having the method. */
export type Capability =
  | "transactions"
  | "batch"
  | "stream"
  | "introspect"
  | "script"
  | "asyncContext"
  /** ON DELETE SET DEFAULT */
  | "setDefault"
  /** JSON documents of a hundred levels */
  | "deepJson"
  /** texts with NUL characters */
  | "nul";

/** One thing that every driver must do. */
export interface ConformanceCase {
  readonly name: string;
  readonly needs?: readonly Capability[];
  /** Resolves when the driver does it, rejects with what it did instead. */
  readonly run: (t: Kit) => Promise<void>;
}

/** What a case works with: a connection to a database in which the models' tables are new and empty. */
export interface Kit extends Models {
  readonly db: Client;
  readonly driver: Driver;
  readonly metas: readonly Meta[];
  /** The statements that ran during the work, transactions' own words included. */
  statements(work: () => unknown): Promise<string[]>;
  /** How many times something was sent during the work; a batch is one. */
  requests(work: () => unknown): Promise<number>;
  /** A text as the driver can hold it: where it holds no NUL characters, others stand for them. */
  text<Value>(value: Value): Value;
  /** What the library knows of a model. */
  meta(name: keyof Models): Meta;
}

/** How a suite is run. */
export interface ConformanceOptions {
  /** Carries transactions through calls; where none is given and none is set, cases that need it are skipped. */
  readonly asyncContext?: AsyncStore<Scope>;
  /** What this driver is known not to do, and why: the reason that skipped cases give. */
  readonly lacks?: Readonly<Partial<Record<Capability, string>>>;
  /** Runs around each case: for a mode of the plan cache, a time limit, a clean database. */
  readonly around?: (run: () => Promise<void>) => Promise<void>;
}

/** Makes or finds a driver: asked once for each case, which empties the suite's tables and closes it at the end. */
export type OpenDriver = () => Driver | Promise<Driver>;

/** Runs one case; gives the reason when it was skipped, and null when it passed. */
export async function runCase(
  one: ConformanceCase,
  open: OpenDriver,
  options: ConformanceOptions,
): Promise<string | null> {
  const driver = await open();
  const before = { context: getDefaultContext(), store: asyncStore() };
  if (options.asyncContext !== undefined) setAsyncStore(options.asyncContext);
  try {
    const missing = one.needs?.find(
      (capability) => options.lacks?.[capability] !== undefined || !has(driver, capability),
    );
    if (missing !== undefined) return options.lacks?.[missing] ?? `the driver lacks ${missing}`;
    const work = async (): Promise<void> => one.run(await setUp(driver));
    await (options.around === undefined ? work() : options.around(work));
    return null;
  } finally {
    setDefaultContext(before.context);
    setAsyncStore(before.store);
    await driver.close();
  }
}

function has(driver: Driver, capability: Capability): boolean {
  switch (capability) {
    case "transactions":
      return driver.begin !== undefined;
    case "batch":
      return driver.batch !== undefined || driver.begin !== undefined;
    case "asyncContext":
      return asyncStore() !== null;
    case "nul":
      return driver.facts?.nul !== false;
    case "setDefault":
      return driver.dialect.setsDefault;
    case "deepJson":
      return (driver.facts?.jsonDepth ?? 1000) >= 100;
    default:
      return driver[capability] !== undefined;
  }
}

async function setUp(driver: Driver): Promise<Kit> {
  const context = new Context(new ConnectionRegistry({ default: driver }));
  const registry = new Registry();
  const models = makeModels();
  const metas = Object.entries(models).map(([name, model]) =>
    registry.add(
      model as unknown as ModelLike,
      { name, app: "conformance", tableName: null, objects: ModelBase.objectsOf },
      "default",
    ),
  );
  for (const meta of metas) context.bind(meta, "default");
  setDefaultContext(context);
  const db = context.connections.get("default");
  await runAll(db, [
    ...metas.map(({ table }) => `DROP TABLE IF EXISTS ${db.dialect.quote(table.name)}`),
    ...createSchema(metas, db.dialect, { safe: false }),
  ]);
  return {
    ...models,
    db,
    driver,
    metas,
    statements: async (work) => (await recorded(driver, work)).statements,
    requests: async (work) => (await recorded(driver, work)).requests,
    text: (value) =>
      typeof value === "string" && !has(driver, "nul") ? (value.replaceAll("\0", "\u0001") as typeof value) : value,
    meta: (name) => metas.find((meta) => meta.name === name)!,
  };
}

/** Runs statements without values: at once where the driver can, because suites run over networks too. */
export async function runAll(db: Client, statements: readonly string[]): Promise<void> {
  if (db.driver.batch !== undefined) await db.batch(statements.map((sql) => ({ sql, params: [] })));
  else for (const sql of statements) await db.run(sql, []);
}

/** Listens to the driver itself, so that the connection on top of it stays the real one. */
async function recorded(driver: Driver, work: () => unknown): Promise<Heard> {
  const heard: Heard = { statements: [], requests: 0 };
  const silence = listen(driver, heard);
  const begin = driver.begin?.bind(driver);
  if (begin !== undefined) {
    driver.begin = (options) => {
      note(heard, "BEGIN");
      const session = begin(options);
      return session instanceof Promise ? session.then((made) => listenIn(made, heard)) : listenIn(session, heard);
    };
  }
  try {
    await work();
  } finally {
    silence();
    if (begin !== undefined) driver.begin = begin;
  }
  return heard;
}

interface Heard {
  readonly statements: string[];
  requests: number;
}

function note(heard: Heard, ...statements: readonly string[]): void {
  heard.statements.push(...statements);
  heard.requests++;
}

function listen(runner: Pick<Driver, "run" | "batch">, heard: Heard): () => void {
  const run = runner.run.bind(runner);
  const batch = runner.batch?.bind(runner);
  runner.run = (sql, params, named) => {
    note(heard, sql);
    return run(sql, params, named);
  };
  if (batch !== undefined) {
    runner.batch = (statements) => {
      note(heard, ...statements.map(({ sql }) => sql));
      return batch(statements);
    };
  }
  return () => {
    runner.run = run;
    if (batch !== undefined) runner.batch = batch;
  };
}

function listenIn(session: Session, heard: Heard): Session {
  listen(session, heard);
  const { commit, rollback } = session;
  session.commit = () => {
    note(heard, "COMMIT");
    return commit.call(session);
  };
  session.rollback = () => {
    note(heard, "ROLLBACK");
    return rollback.call(session);
  };
  return session;
}
