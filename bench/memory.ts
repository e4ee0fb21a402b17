import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comparePrefetch, measurePrefetch } from "./relations/memory.ts";
import { contendersOn } from "./contenders/index.ts";
import { openSeeded } from "./worker.ts";

// Iterating 100,000 rows of a file, or as many as ROWS says: time and peak memory, each contender in a fresh process, three times.
// `memory.ts relations` loads 20,000 objects with 200,000 related ones instead.

const rows = Number(process.env["ROWS"] ?? 100_000);
const [part, name = "", file = ""] = process.argv.slice(2);

if (part === "measure") await measure();
else if (part === "schema") console.log(await (await import("./contenders/terrapin.ts")).schemaOfTerrapin());
else if (part === "seed") await (await openSeeded(name, file, process.env["SCHEMA"] ?? "", rows)).close();
else if (part === "prefetch") await measurePrefetch(name, Number(file));
else if (part === "relations")
  comparePrefetch(name === "" ? ["raw", "terrapin", "drizzle", "kysely"] : name.split(","));
else compare();

async function measure(): Promise<void> {
  const load = contendersOn(file)[name];
  if (load === undefined) throw new Error(`no contender is called ${name}`);
  const open = await load();
  const contender = await open({ file, schema: process.env["SCHEMA"] ?? "" });
  let visited = 0;
  let kept: unknown = null;
  let peakHeap = 0;
  let peakRss = 0;
  const sample = (): void => {
    const { heapUsed, rss } = process.memoryUsage();
    peakHeap = Math.max(peakHeap, heapUsed);
    peakRss = Math.max(peakRss, rss);
  };
  globalThis.gc?.();
  const before = process.memoryUsage();
  let live = 0;
  let started = performance.now();
  await contender.iterate((event) => {
    kept = event;
    if (++visited % 2000 === 0) sample();
    // What is really held: everything else in a heap waits to be collected, and the engine lets that grow.
    if (visited !== Math.floor(rows / 2)) return;
    const paused = performance.now();
    globalThis.gc?.();
    live = process.memoryUsage().heapUsed;
    started += performance.now() - paused;
  });
  const milliseconds = performance.now() - started;
  sample();
  if (visited !== rows || kept === null) throw new Error(`${name} gave ${visited} rows`);
  console.log(JSON.stringify({ milliseconds, rss: before.rss, peakRss, heap: before.heapUsed, peakHeap, live }));
  await contender.close();
}

function compare(): void {
  const folder = mkdtempSync(join(tmpdir(), "terrapin-memory-"));
  const self = join(import.meta.dirname, "memory.ts");
  const child = (values: readonly string[], schema: string): string => {
    const done = spawnSync(process.execPath, ["--expose-gc", self, ...values], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, SCHEMA: schema },
    });
    if (done.status !== 0) throw new Error(`${values.join(" ")} failed`);
    return done.stdout;
  };
  try {
    const schema = child(["schema"], "");
    // Opening makes the tables, and does not mind that they are there.
    const existing = schema.replaceAll(/CREATE (TABLE|INDEX|UNIQUE INDEX) (?!IF)/g, "CREATE $1 IF NOT EXISTS ");
    console.log(
      "| contender | ms | RSS before, MB | peak RSS, MB | more RSS, MB | more heap, MB | of that in use halfway, MB |\n|---|---|---|---|---|---|---|",
    );
    const only = process.env["ONLY"]?.split(",") ?? Object.keys(contendersOn("memory"));
    for (const [index, contender] of only.entries()) {
      const path = join(folder, `${index}.db`);
      child(["seed", contender, path], existing);
      const found = Array.from(
        { length: 3 },
        () => JSON.parse(child(["measure", contender, path], existing)) as Record<string, number>,
      );
      const middle = (key: string): number =>
        found.map((one) => one[key] ?? 0).sort((left, right) => left - right)[1] ?? 0;
      const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
      const more = [
        middle("peakRss") - middle("rss"),
        middle("peakHeap") - middle("heap"),
        middle("live") - middle("heap"),
      ].map(megabytes);
      console.log(
        `| ${contender} | ${middle("milliseconds").toFixed(0)} | ${megabytes(middle("rss"))} | ${megabytes(middle("peakRss"))} | ${more.join(" | ")} |`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
