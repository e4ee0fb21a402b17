import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { makeTables, requests, startRuntime } from "./runtime.ts";

interface Worker {
  readonly default: { fetch(request: Request, env: object): Promise<Response> };
}

/**
 * How much of a Worker's code the engine enters while it answers each request twice, in bytes with gzip: what no
 * bundler could take away, however little the Worker uses. It runs here, on the database of a real runtime.
 */
export async function executedBytes(code: string): Promise<number> {
  mkdirSync(".cache", { recursive: true });
  const folder = mkdtempSync(resolve(".cache/executed-"));
  const file = join(folder, "worker.mjs");
  const runtime = await startRuntime("export default {}");
  const session = new Session();
  session.connect();
  try {
    writeFileSync(file, code);
    const env = { DB: await makeTables(runtime) };
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    const worker = (await import(pathToFileURL(file).href)) as Worker;
    for (const { method, path, body } of [...requests, ...requests]) {
      const request = new Request(`http://worker${path}`, { method, ...(body !== undefined && { body }) });
      const answer = await worker.default.fetch(request, env);
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
      await answer.text();
    }
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const functions = result.find(({ url }) => url.endsWith("/worker.mjs"))?.functions ?? [];
    return gzipSync(entered(readFileSync(file, "utf8"), functions), { level: 9 }).length;
  } finally {
    session.disconnect();
    await runtime.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Seen {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

/** The text without the functions that were never called. Outer functions come before the ones inside them. */
function entered(code: string, functions: readonly Seen[]): string {
  const keep = new Uint8Array(code.length).fill(1);
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges) keep.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return Array.from({ length: code.length }, (_, at) => (keep[at] === 1 ? code[at] : "")).join("");
}
