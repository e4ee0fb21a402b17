import { describe, it } from "vitest";
import { conformance } from "../../core/testing/conformance/index.js";
import { asyncContext } from "../../node/async-context.js";
import { batchOnly } from "../support/batch-only.js";

describe("a database that only batches, within the limits of D1", () => {
  conformance(() => batchOnly(), { runner: { describe, it }, asyncContext: asyncContext() });
});
