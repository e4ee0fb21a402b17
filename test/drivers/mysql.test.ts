import { afterEach, describe, it } from "vitest";
import { planCache, type PlanMode } from "../../core/index.js";
import { conformance } from "../../core/testing/conformance/index.js";
import { mysqlOptions } from "../../drivers/mysql/credentials.js";
import { mysql } from "../../drivers/mysql/index.js";
import { asyncContext } from "../../node/async-context.js";
import { parseDbUrl } from "../../core/connection/db-url.js";
import { mysqlDatabase } from "../support/databases.js";
import { judged } from "../support/mysql8.js";

const runner = { describe, it };
const judge = judged(3000);
const options = mysqlOptions(parseDbUrl(await mysqlDatabase()).credentials);

describe.each<PlanMode>(["on", "verify"])("mysql2, plans %s", (mode) => {
  afterEach(() => {
    planCache.mode = "on";
  });
  conformance(() => judge(mysql(options)), {
    runner,
    asyncContext: asyncContext(),
    around: async (run) => {
      planCache.mode = mode;
      await run();
    },
  });
});
