import { resolve } from "node:path";
import { build } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { afterAll, beforeAll, describe, it } from "vitest";
import { conformance } from "../../core/testing/conformance/index.js";
import type { CaseAnswer } from "../adapters/workers/answer.js";

/** Bundles a Worker as its user would, from the package as it is published: whatever needs more of Node stays an error. */
export async function bundleWorker(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(entry)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["workerd", "worker"],
    mainFields: ["module", "main"],
    external: ["node:async_hooks", "cloudflare:*"],
    // The paths of test/tsconfig.json lead to the sources.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
    logLevel: "warning",
  });
  return outputFiles[0]!.text;
}

/** A runtime as it is deployed: the limits, the flags and the rule against evaluated text are real. */
export async function startWorker(entry: string, bindings: Partial<MiniflareOptions>): Promise<Miniflare> {
  const miniflare = new Miniflare({
    modules: true,
    script: await bundleWorker(entry),
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["nodejs_als"],
    ...bindings,
  } as MiniflareOptions);
  await miniflare.ready;
  return miniflare;
}

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
