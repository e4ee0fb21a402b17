import "./tools/guard.mjs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^terrapin$/, replacement: at("node/index.ts") },
      { find: /^terrapin\/fields$/, replacement: at("core/model/kinds.ts") },
      { find: /^terrapin\/sqlite$/, replacement: at("drivers/sqlite/index.ts") },
      { find: /^terrapin\/libsql$/, replacement: at("adapters/libsql.ts") },
      { find: /^terrapin\/planetscale$/, replacement: at("adapters/planetscale.ts") },
      { find: /^terrapin\/d1$/, replacement: at("adapters/d1.ts") },
      { find: /^terrapin\/durable-object$/, replacement: at("adapters/durable-object.ts") },
      { find: /^terrapin\/sqlite\/dialect$/, replacement: at("drivers/sqlite/family.ts") },
      { find: /^terrapin\/testing$/, replacement: at("node/testing.ts") },
      { find: /^terrapin\/mysql$/, replacement: at("drivers/mysql/index.ts") },
      { find: /^terrapin\/async-context$/, replacement: at("node/async-context.ts") },
    ],
  },
  test: {
    globalSetup: [at("test/support/mariadb-setup.ts")],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/house/**", "test/adapters/**"],
          // For what hangs, not for what is slow: a busy machine takes its time.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "mysql",
          // What holds on both families, once more on a server.
          include: [
            "test/core/lookups/{json,zone}.test.ts",
            "test/core/model/{manager,related-managers,update-from-dict,version}.test.ts",
            "test/core/queryset/{page,stream}.test.ts",
            "test/core/load/prefetch{,-elsewhere}.test.ts",
            "test/core/model/related.test.ts",
            "test/core/seed-examples.test.ts",
            "test/house/tortoise.test.ts",
          ],
          env: { TERRAPIN_TEST_DRIVER: "mysql" },
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "adapters",
          include: ["test/adapters/**/*.test.ts"],
          globalSetup: "test/support/built.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: "house", include: ["test/house/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["core/**", "drivers/**", "adapters/**", "node/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
