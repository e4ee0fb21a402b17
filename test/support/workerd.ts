import type { Miniflare, MiniflareOptions } from "miniflare";
import { afterAll, beforeAll, describe, it } from "vitest";
import { conformance } from "../../core/testing/conformance/index.js";
import { startWorker } from "../../tools/worker.js";
import type { CaseAnswer } from "../adapters/workers/answer.js";

/** Starts the Worker before the tests of this block and ends it after them; gives the way to it. */
export function worker(entry: string, bindings: () => Partial<MiniflareOptions>): () => Miniflare {
  let miniflare: Miniflare | null = null;
  beforeAll(async () => {
    miniflare = await startWorker(entry, bindings());
  });
  afterAll(() => miniflare?.dispose());
  return () => miniflare!;
}

/** Runs a small program of the Worker's; gives what it gave back, or `{ error }`. */
export async function runProbe(miniflare: Miniflare, name: string): Promise<unknown> {
  const response = await miniflare.dispatchFetch(`http://worker/probe/${name}`);
  const answer = (await response.json()) as { value?: unknown; error?: unknown };
  return "error" in answer ? answer : answer.value;
}

/** Registers the suite that every driver must pass, each case to be run inside a Worker that answers as `answer.ts` does. */
export function conformanceInWorkerd(miniflare: () => Miniflare): void {
  const names = conformance(() => {
    throw new Error("only the names of the cases are needed here");
  });
  for (const [group, { name, cases }] of names.entries()) {
    describe(name, () => {
      for (const [index, one] of cases.entries()) {
        it(one.name, async ({ skip }) => {
          const response = await miniflare().dispatchFetch(`http://suite/${group}/${index}`);
          const { skipped, error } = (await response.json()) as CaseAnswer;
          if (error !== null) throw Object.assign(new Error(error.message), { name: error.name, stack: error.stack });
          if (skipped !== null) skip(skipped);
        });
      }
    });
  }
}
