import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queryLog } from "../../core/connection/log.js";
import { observe } from "../../core/connection/observe.js";
import { repeatedQueries } from "../../core/connection/observe-repeated.js";
import { conformance } from "../../core/testing/conformance/index.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { asyncContext } from "../../node/async-context.js";
import { later } from "../support/later.js";

const runner = { describe, it };
const ignore = (): void => {};

/** The suite means the same while everything about its statements is told, written and searched. */
describe.each([
  ["at once, and whose callers are looked for,", true, () => sqlite(":memory:")],
  ["later", false, () => later(sqlite(":memory:"))],
])("a driver that answers %s while it is observed", (_name, caller, open) => {
  const stops: (() => void)[] = [];
  let told = 0;
  beforeAll(() => {
    stops.push(
      observe(() => told++, { params: true, caller }),
      observe(queryLog({ params: true, write: ignore })),
    );
    if (caller) stops.push(observe(repeatedQueries({ warn: ignore })));
  });
  afterAll(() => {
    for (const stop of stops.splice(0)) stop();
    expect(told).toBeGreaterThan(1000);
  });
  conformance(open, { runner, asyncContext: asyncContext() });
});
