import { expect, test } from "vitest";
import { startWorker } from "../../tools/worker.js";

test("requests side by side in one isolate share nothing, also where nothing carries a scope", async () => {
  const miniflare = await startWorker("test/adapters/workers/by-handle.ts", {
    compatibilityFlags: [],
    d1Databases: { ONE: "one", TWO: "two" },
  });
  const ask = async (path: string): Promise<string[]> =>
    (await (await miniflare.dispatchFetch(`http://worker/${path}`)).json()) as string[];
  try {
    await Promise.all([ask("ONE/setup"), ask("TWO/setup")]);
    const asked = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? `ONE/one-${i}` : `TWO/two-${i}`));
    const answers = await Promise.all(asked.map(ask));
    for (const [i, texts] of answers.entries()) {
      expect(texts).toContain(asked[i]!.slice(4));
      expect(texts.every((text) => text.startsWith(i % 2 === 0 ? "one-" : "two-"))).toBe(true);
    }
    expect([(await ask("ONE/last")).length, (await ask("TWO/last")).length]).toEqual([6, 6]);
  } finally {
    await miniflare.dispose();
  }
});
