import * as testing from "../core/testing/index.js";
import { nodePlatform } from "./platform.js";

export * from "../core/testing/index.js";

/**
 * Makes databases of their own for tests, with the tables of the models, and the default context on them. No two have the
 * same name, whatever runs beside: one for each test file is what makes files independent.
 * @example
 * const db = await testDatabase({ dbUrl: "sqlite://test-{}.db", modules: { models: ["./models.js"] } });
 * await User.create({ username: "ali" });
 * await db.drop();
 */
export function testDatabase(config: testing.TestDatabaseConfig): Promise<testing.TestDatabase> {
  return testing.testDatabase(config, nodePlatform);
}

/**
 * The same beside the default context: queries inside of `orm.run` go there.
 * @example
 * await using db = await testContext({ dbUrl: "sqlite://:memory:", modules: { models: ["./models.js"] } });
 * await db.orm.run(() => User.create({ username: "ali" }));
 */
export function testContext(config: testing.TestDatabaseConfig): Promise<testing.TestDatabase> {
  return testing.testContext(config, nodePlatform);
}

/**
 * Fixtures for vitest: each file gets a database of its own, each test a sandbox in it. Nothing of vitest is needed here.
 * @example
 * const test = base.extend<TestFixtures>(fixtures({ dbUrl: "sqlite://:memory:", modules: { models: ["./models.js"] } }));
 */
export function fixtures(config: testing.TestDatabaseConfig & testing.SandboxConfig): testing.Fixtures {
  return testing.fixtures(config, nodePlatform);
}
