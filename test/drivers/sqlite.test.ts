import { join } from "node:path";
import { afterEach, describe, it } from "vitest";
import { planCache, type PlanMode } from "../../core/index.js";
import { conformance } from "../../core/testing/conformance/index.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { asyncContext } from "../../node/async-context.js";
import { later } from "../support/later.js";
import { sharedFolder } from "../support/folder.js";

const runner = { describe, it };

describe.each<PlanMode>(["on", "off", "verify"])("better-sqlite3 in memory, plans %s", (mode) => {
  afterEach(() => {
    planCache.mode = "on";
  });
  conformance(() => sqlite(":memory:"), {
    runner,
    asyncContext: asyncContext(),
    around: async (run) => {
      planCache.mode = mode;
      await run();
    },
  });
});

describe("better-sqlite3 in memory, without async context", () => {
  conformance(() => sqlite(":memory:"), { runner });
});

describe("better-sqlite3 behind promises", () => {
  conformance(() => later(sqlite(":memory:")), { runner, asyncContext: asyncContext() });
});

describe("better-sqlite3 behind promises, with nothing but run and begin", () => {
  conformance(() => later(sqlite(":memory:"), ["batch", "stream", "script", "introspect"]), {
    runner,
    asyncContext: asyncContext(),
  });
});

describe("better-sqlite3 on a file", () => {
  const folder = sharedFolder();
  // One file for all: the suite has to cope with what the case before left behind.
  conformance(() => sqlite({ filePath: join(folder, "app.db"), synchronous: "OFF" }), {
    runner,
    asyncContext: asyncContext(),
  });
});
