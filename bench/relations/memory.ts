import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { GCProfiler, getHeapStatistics } from "node:v8";
import { openPeer } from "../peers/index.ts";
import type { Contender } from "../contenders/contender.ts";
import { contendersOn, peers } from "../contenders/index.ts";
import { seedScript } from "./data.ts";

// Authors with ten posts each, loaded at once: time and the highest heap, each contender in a fresh process. Four times as
// many objects should take four times as long and four times as much room.

const steps = [5000, 20_000];
const postsOfAuthor = 10;

/** Loads so many authors with their posts, and prints what it took. */
export async function measurePrefetch(name: string, authors: number): Promise<void> {
  const schema = await (await import("../contenders/terrapin.ts")).schemaOfTerrapin();
  const contender = await openContender(name, name === "terrapin" ? "" : schema);
  const posts = authors * postsOfAuthor;
  const script = seedScript({ authors, posts, comments: 0, tags: 1, tagsOfPost: 0 });
  for (const statement of script) await contender.exec(statement);

  globalThis.gc?.();
  const before = process.memoryUsage();
  const collections = new GCProfiler();
  collections.start();
  const started = performance.now();
  const loaded = await contender.relations?.withPosts();
  const milliseconds = performance.now() - started;
  const { statistics } = collections.stop();
  const heaps = statistics.map(({ beforeGC }) => beforeGC.heapStatistics.usedHeapSize);
  const peak = Math.max(getHeapStatistics().used_heap_size, ...heaps);
  globalThis.gc?.();
  const kept = process.memoryUsage().heapUsed;
  const pauses = statistics.reduce((sum, { cost }) => sum + cost / 1000, 0);

  let found = 0;
  for (const author of loaded ?? []) found += [...(author as { posts: Iterable<object> }).posts].length;
  if (loaded?.length !== authors || found !== posts)
    throw new Error(`${name} gave ${loaded?.length} and ${found} objects`);
  console.log(
    JSON.stringify({
      milliseconds,
      pauses,
      heap: peak - before.heapUsed,
      kept: kept - before.heapUsed,
      rss: process.resourceUsage().maxRSS * 1024 - before.rss,
    }),
  );
  await contender.close();
}

async function openContender(name: string, schema: string): Promise<Contender> {
  if (peers.includes(name)) return openPeer(name, { file: ":memory:", schema });
  const load = contendersOn("memory")[name];
  if (load === undefined) throw new Error(`no contender is called ${name}`);
  return (await load())({ file: ":memory:", schema });
}

/** The median of three fresh processes for each contender and size, as a table. */
export function comparePrefetch(names: readonly string[]): void {
  const self = join(import.meta.dirname, "../memory.ts");
  console.log("| contender | authors | posts | ms | of that GC | peak heap, MB | kept heap, MB | more RSS, MB |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const name of names) {
    const times: number[] = [];
    for (const authors of steps) {
      const found = Array.from({ length: 3 }, () => {
        const values = ["--expose-gc", self, "prefetch", name, String(authors)];
        const { status, stdout } = spawnSync(process.execPath, values, {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "inherit"],
        });
        if (status !== 0) throw new Error(`${name} failed`);
        return JSON.parse(stdout) as Record<string, number>;
      });
      const middle = (key: string): number =>
        found.map((one) => one[key] ?? 0).sort((left, right) => left - right)[1] ?? 0;
      const megabytes = ["heap", "kept", "rss"].map((key) => (middle(key) / 1e6).toFixed(0)).join(" | ");
      times.push(middle("milliseconds"));
      console.log(
        `| ${name} | ${authors} | ${authors * postsOfAuthor} | ${middle("milliseconds").toFixed(0)} | ${middle("pauses").toFixed(0)} | ${megabytes} |`,
      );
    }
    console.log(`| ${name} | × 4 | × 4 | × ${((times[1] ?? 0) / (times[0] ?? 1)).toFixed(1)} | | | | |`);
  }
}
