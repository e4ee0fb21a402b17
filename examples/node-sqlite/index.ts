import { describe, it } from "node:test";
import { asyncContext } from "terrapin";
import { conformance } from "terrapin/testing";
import { nodeSqlite } from "./driver.ts";

conformance(() => nodeSqlite(":memory:"), { runner: { describe, it }, asyncContext: asyncContext() });
