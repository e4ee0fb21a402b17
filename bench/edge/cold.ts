import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { bundleHandler, handlers } from "./handlers.ts";
import { makeTables, requests, startRuntime } from "./runtime.ts";

// How long a Worker takes from nothing to its first answers, in workerd. The runtime's own start is in every row, so the
// empty Worker is taken off. Workers take turns, so that a slow minute is everybody's; what the runtime's processor did
// until the first answer is not disturbed by others at all.

const rounds = Number(process.argv[2] ?? 11);
const names = Object.keys(handlers);
const codes = new Map<string, string>();
for (const name of names) codes.set(name, (await bundleHandler(name)).code);

interface Times {
  readonly load: number[];
  readonly work: number[];
  readonly query: number[];
}
const times = new Map<string, Times>(names.map((name) => [name, { load: [], work: [], query: [] }]));
const answers = new Map<string, unknown>();

for (let round = 0; round < rounds; round++) {
  for (let turn = 0; turn < names.length; turn++) {
    const name = names[(turn + round) % names.length]!;
    await measure(name, times.get(name)!);
  }
}

const [expected] = [...answers].filter(([name]) => name !== "empty").map(([, answer]) => answer);
for (const [name, answer] of answers)
  if (name !== "empty" && !isDeepStrictEqual(answer, expected))
    throw new Error(`${name} answers ${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`);

const median = (all: readonly number[]): number => all.toSorted((left, right) => left - right)[all.length >> 1]!;
const empty = times.get("empty")!;
const start = `${median(empty.load).toFixed(1)}, of which the processor works ${median(empty.work).toFixed(1)}`;
console.log(`Medians of ${rounds} rounds, in milliseconds; an empty Worker starts in ${start}.\n`);
console.log("| handler | load over an empty one | processor over an empty one | first insert |\n|---|---|---|---|");
for (const [name, { load, work, query }] of times) {
  if (name === "empty") continue;
  const columns = [median(load) - median(empty.load), median(work) - median(empty.work), median(query)];
  console.log(`| ${name} | ${columns.map((column) => column.toFixed(1)).join(" | ")} |`);
}

/** Milliseconds that the processor worked for the runtime, all threads together. */
function worked(): number {
  const [runtime] = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").slice(-1);
  const threads = readdirSync(`/proc/${runtime}/task`);
  const spent = threads.map(
    (thread) => readFileSync(`/proc/${runtime}/task/${thread}/schedstat`, "utf8").split(" ")[0],
  );
  return spent.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1e6;
}

async function measure(name: string, { load, work, query }: Times): Promise<void> {
  const before = performance.now();
  const runtime = await startRuntime(codes.get(name)!);
  try {
    await (await runtime.dispatchFetch("http://worker/ping")).text();
    load.push(performance.now() - before);
    work.push(worked());
    if (name === "empty") return;
    await makeTables(runtime);
    const told: unknown[] = [];
    for (const [i, { method, path, body }] of requests.entries()) {
      const started = performance.now();
      const answer = await runtime.dispatchFetch(`http://worker${path}`, {
        method,
        ...(body !== undefined && { body }),
      });
      const text = await answer.text();
      if (i === 0) query.push(performance.now() - started);
      if (!answer.ok) throw new Error(`${name}: ${method} ${path}: ${answer.status} ${text}`);
      told.push(JSON.parse(text.replace(/"\d{4}-[^"]*Z"/g, '"…"')));
    }
    answers.set(name, told);
  } finally {
    await runtime.dispose();
  }
}
