import type { Platform } from "../orm.js";
import { testDatabase, type TestDatabase, type TestDatabaseConfig } from "./database.js";
import { openSandbox, type Sandbox, type SandboxOptions } from "./sandbox.js";

/** How vitest says that a fixture is made for a whole file, and also when no test names it. */
interface FixtureOptions<Scope> {
  readonly scope: Scope;
  readonly auto: true;
}

/** A fixture as `test.extend` of vitest takes it: it uses what it made, and clears away afterwards. */
type Fixture<Needs, Value, Scope> = [
  make: (needs: Needs, use: (value: Value) => Promise<void>) => Promise<void>,
  options: FixtureOptions<Scope>,
];

/** What tests are given: the type argument of `test.extend`. */
export interface TestFixtures {
  readonly db: TestDatabase;
  readonly box: Sandbox;
}

/** What `fixtures` gives to `test.extend`. */
export interface Fixtures {
  /** A database of its own for each test file. */
  db: Fixture<object, TestDatabase, "file">;
  /** Around each test, rolled back after it. */
  box: Fixture<{ readonly db: TestDatabase }, Sandbox, "test">;
}

/**
 * Fixtures for vitest: each file gets a database of its own, each test a sandbox in it. Nothing of vitest is needed here.
 * @example
 * const test = base.extend<TestFixtures>(fixtures({ connections: { default: () => sqlite(":memory:") }, models: { User, Order } }));
 */
export function fixtures(config: TestDatabaseConfig & SandboxConfig, platform: Platform = {}): Fixtures {
  const { sandbox, ...database } = config;
  return {
    db: [
      // vitest reads from the text of the function which fixtures it needs: it has to be a pattern, also when it is empty.
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        const db = await testDatabase(database, platform);
        try {
          await use(db);
        } finally {
          await db.drop();
        }
      },
      { scope: "file", auto: true },
    ],
    box: [
      async ({ db: _ }, use) => {
        const box = await openSandbox(sandbox);
        try {
          await use(box);
        } finally {
          await box.close();
        }
      },
      { scope: "test", auto: true },
    ],
  };
}

/** How the sandbox around each test is made. */
export interface SandboxConfig {
  /** Default: on all connections. */
  readonly sandbox?: SandboxOptions;
}
