import { describe, expect, test } from "vitest";
import { durableObject } from "../../adapters/durable-object.js";
import { ConfigurationError } from "../../core/base/errors.js";
import { conformanceInWorkerd, runProbe, worker } from "../support/workerd.js";

describe("a Durable Object in workerd", () => {
  const miniflare = worker("test/adapters/workers/durable-object.ts", () => ({
    durableObjects: { SUITE: { className: "Suite", useSQLite: true } },
  }));

  conformanceInWorkerd(miniflare);

  test("keeps a transaction open while other things happen, and strangers out of it", async () => {
    expect(await runProbe(miniflare(), "interactive")).toEqual([["inside 1", "outside 1"], ["stranger"]]);
  });

  test("undoes an inner transaction alone", async () => {
    expect(await runProbe(miniflare(), "nested")).toEqual(["outer", "inner"]);
  });

  test("runs a batch whole or not at all", async () => {
    expect(await runProbe(miniflare(), "batches")).toEqual(["IntegrityError", ["a", "b"]]);
  });

  test("has transactions that cannot wait, and refuses a function that wants to", async () => {
    expect(await runProbe(miniflare(), "sync")).toEqual([
      1,
      1,
      ["no", "the function of a synchronous transaction gave a promise (await inTransaction(…) instead)"],
    ]);
    expect(await runProbe(miniflare(), "syncInside")).toBe("sync_transaction");
  });

  test("shares nothing with another object of the same isolate", async () => {
    const response = await miniflare().dispatchFetch("http://worker/two");
    const [a, b] = (await response.json()) as [string[], string[]];
    expect(a.toSorted()).toEqual(["a", "a0", "a2"]);
    expect(b.toSorted()).toEqual(["b", "b1", "b3"]);
  });
});

describe("durableObject() refuses", () => {
  const storage = { sql: { exec: () => null! }, transactionSync: () => null!, transaction: () => null! };
  test.each([
    ["what is no storage", () => durableObject({} as never), "takes the storage of a Durable Object, not an object"],
    ["an unknown option", () => durableObject(storage, { timeout: 1 } as never), 'has no option "timeout"'],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });
});
