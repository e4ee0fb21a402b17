import { Session } from "node:inspector/promises";
import { journals } from "./data.ts";
import type { Entity } from "./contenders/contender.ts";
import { schemaOfTerrapin } from "./contenders/terrapin.ts";
import { allTests } from "./tests.ts";
import { openSeeded } from "./worker.ts";

// Where the time of one test goes: `node bench/profile.ts M terrapin 1`, or `… 1 mysql://root@127.0.0.1:3306/empty`

const [key = "M", name = "terrapin", model = "1", place = ":memory:"] = process.argv.slice(2);
const journal = journals[Number(model) - 1] ?? "journal1";
const schema = name === "terrapin" ? "" : await schemaOfTerrapin(place);
const contender = await openSeeded(name, place, schema, key === "T" ? 100_000 : 100);
const test = allTests.find((each) => each.key === key);
if (test === undefined) throw new Error(`no test is called ${key}`);

let time = 0;
let runs = 0;
async function work(milliseconds: number): Promise<void> {
  time = 0;
  runs = 0;
  for (const until = performance.now() + milliseconds; performance.now() < until; runs++) {
    const prepared = ((await test?.before?.(contender, journal)) ?? []) as Entity[];
    const started = performance.now();
    await test?.run(contender, journal, runs, prepared);
    time += performance.now() - started;
    await test?.after?.(contender, journal);
  }
}

await work(1000);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 200 });
await session.post("Profiler.start");
await work(2500);
const { profile } = await session.post("Profiler.stop");

const self = new Map<string, number>();
let total = 0;
const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
for (const [index, id] of (profile.samples ?? []).entries()) {
  const frame = nodes.get(id)?.callFrame;
  const delta = profile.timeDeltas?.[index] ?? 0;
  const label = `${frame?.functionName || "(anonymous)"} ${(frame?.url ?? "").split("/").slice(-3).join("/")}:${(frame?.lineNumber ?? 0) + 1}`;
  self.set(label, (self.get(label) ?? 0) + delta);
  total += delta;
}
console.log(`${test.key} ${test.name}: ${((time * 1000) / runs / test.operations).toFixed(2)} µs an operation`);
for (const [label, share] of [...self].sort((left, right) => right[1] - left[1]).slice(0, 28)) {
  console.log(`${((100 * share) / total).toFixed(1).padStart(5)} %  ${label}`);
}
await contender.close();
