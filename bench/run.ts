import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createConnection } from "mysql2/promise";
import { startMariadb } from "../tools/mariadb.ts";
import { journals, type Journal } from "./data.ts";
import { chosenOn, namesOn, peers } from "./contenders/index.ts";
import { versionsOfPeers } from "./peers/index.ts";
import { relationTests } from "./relations/tests.ts";
import { journalTests, singleTests, type Test } from "./tests.ts";
import type { Request } from "./worker.ts";

// Whole tasks, ours against the raw client and against peers. `node bench/run.ts --help` names the options.

const { values: options } = parseArgs({
  options: {
    tests: { type: "string", default: "" },
    models: { type: "string", default: "1,2,3" },
    storage: { type: "string", default: "memory,file" },
    contenders: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
    target: { type: "string", default: "40" },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(`node bench/run.ts [options]
  --tests A,F,M        only these tests; "relations" is all tests over relations
  --models 1,3         only these journals
  --storage memory     of: memory, file, mariadb (a private server)
  --contenders a,b     of: ${namesOn("memory").join(", ")};
                       on mariadb: ${namesOn("mariadb").join(", ")}; raw always takes part. Default: all but
                       ${peers.join(", ")}, which npm run bench:peers installs, for the tests over relations
  --rounds 7           how often every contender is visited
  --target 40          milliseconds of one measurement
  --quick              3 rounds of 10 ms in memory
  --write              keep the tables in bench/results.md, those over relations in bench/results-relations.md, those on
                       MariaDB in bench/results-mysql.md`);
  process.exit(0);
}

const rounds = options.quick ? 3 : Number(options.rounds);
const milliseconds = options.quick ? 10 : Number(options.target);
const storages = (options.quick ? "memory" : options.storage).split(",");
const asked = options.contenders.split(",").filter((name) => name !== "");
const chosen = new Map(storages.map((storage) => [storage, takingPart(storage)]));

function takingPart(storage: string): readonly string[] {
  try {
    return chosenOn(storage, asked);
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(1);
  }
}
const wanted = options.tests === "" ? null : options.tests.toUpperCase().split(",");
const chosenJournals = options.models.split(",").map((model) => journals[Number(model) - 1] ?? "journal1");

interface Case {
  readonly test: Test;
  readonly journal: Journal;
  readonly label: string;
}

const isWanted = (test: Test): boolean => wanted === null || wanted.includes(test.key);
const cases: Case[] = [
  ...journalTests
    .filter(isWanted)
    .flatMap((test) =>
      chosenJournals.map((journal) => ({ test, journal, label: `${test.key}${journal.slice(-1)} ${test.name}` })),
    ),
  ...singleTests
    .filter(isWanted)
    .map((test) => ({ test, journal: "journal1" as const, label: `${test.key} ${test.name}` })),
];
const relationCases: Case[] = relationTests
  .filter((test) => isWanted(test) || wanted?.includes("RELATIONS"))
  .map((test) => ({ test, journal: "journal1" as const, label: `${test.key} ${test.name}` }));

/** A child process that holds one contender. */
class Worker {
  readonly name: string;
  readonly process: ChildProcess;
  constructor(name: string) {
    this.name = name;
    this.process = fork(join(import.meta.dirname, "worker.ts"), [name], { execArgv: ["--expose-gc"] });
  }
  ask<Answer>(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`${this.name} ended with ${code}`));
      this.process.once("exit", ended);
      this.process.once("message", (message: { value?: Answer; error?: string }) => {
        this.process.off("exit", ended);
        if (message.error !== undefined)
          reject(new Error(`${this.name}, ${JSON.stringify(request)}: ${message.error}`));
        else resolve(message.value as Answer);
      });
      this.process.send(request);
    });
  }
  end(): void {
    this.process.removeAllListeners();
    this.process.kill();
  }
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};
const geometricMean = (numbers: readonly number[]): number =>
  Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);

interface Line {
  readonly label: string;
  /** microseconds of one operation by hand */
  readonly raw: number;
  /** the last visit to raw against the first: what the machine alone does to a ratio */
  readonly noise: readonly [number, number];
  /** time ÷ raw; null where the contender has no such call */
  readonly ratios: Readonly<Record<string, number | null>>;
}

async function measure(workers: readonly Worker[], { test, journal, label }: Case): Promise<Line> {
  const digests = new Map<string, string | null>();
  for (const worker of workers)
    digests.set(worker.name, await worker.ask<string | null>({ type: "verify", key: test.key, journal }));
  for (const [name, digest] of digests) {
    if (digest !== null && digest !== digests.get("raw"))
      throw new Error(`${label}: ${name} gives other results than raw`);
  }
  const taking = workers.filter((worker) => digests.get(worker.name) !== null);
  const raw = taking[0];
  if (raw === undefined) throw new Error("raw did not start");
  const others = taking.slice(1);

  const runs = new Map<string, number>();
  for (const worker of taking) {
    const warm = await worker.ask<{ runs: number }>({ type: "measure", key: test.key, journal, milliseconds });
    runs.set(worker.name, warm.runs);
  }
  const visit = async (worker: Worker): Promise<number> =>
    (
      await worker.ask<{ time: number }>({
        type: "measure",
        key: test.key,
        journal,
        milliseconds,
        runs: runs.get(worker.name) ?? 1,
      })
    ).time;

  const ratios = new Map<string, number[]>(others.map((worker) => [worker.name, []]));
  const noise: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const turn = round % Math.max(1, others.length);
    const order = [...others.slice(turn), ...others.slice(0, turn)];
    const half = Math.ceil(order.length / 2);
    const found = new Map<string, number>();
    const byHand = [await visit(raw)];
    for (const worker of order.slice(0, half)) found.set(worker.name, await visit(worker));
    byHand.push(await visit(raw));
    for (const worker of order.slice(half)) found.set(worker.name, await visit(worker));
    byHand.push(await visit(raw));
    const base = median(byHand);
    times.push(base);
    noise.push((byHand[2] ?? 1) / (byHand[0] ?? 1));
    for (const [name, time] of found) ratios.get(name)?.push(time / base);
  }
  return {
    label,
    raw: median(times) / 1000,
    noise: [Math.min(...noise), Math.max(...noise)],
    ratios: Object.fromEntries(
      workers.slice(1).map(({ name }) => [name, ratios.has(name) ? median(ratios.get(name) ?? []) : null]),
    ),
  };
}

function table(lines: readonly Line[], taking: readonly string[]): string {
  const others = taking.slice(1);
  const text = [
    `| test | raw µs | ${others.join(" | ")} | raw ÷ raw |`,
    `|---|---|${others.map(() => "---|").join("")}---|`,
  ];
  const cell = (ratio: number | null | undefined): string => (ratio == null ? "–" : ratio.toFixed(2));
  for (const line of lines) {
    const [low, high] = line.noise;
    const cells = others.map((name) => cell(line.ratios[name]));
    text.push(
      `| ${line.label} | ${line.raw.toFixed(2)} | ${cells.join(" | ")} | ${low.toFixed(2)}–${high.toFixed(2)} |`,
    );
  }
  const mean = (chosen: readonly Line[]) =>
    others.map((name) => {
      const found = chosen.map((line) => line.ratios[name]).filter((ratio): ratio is number => ratio != null);
      return found.length === 0 ? "–" : `**${geometricMean(found).toFixed(2)}**`;
    });
  const shared = lines.filter((line) => others.every((name) => line.ratios[name] != null));
  text.push(`| **geometric mean, all** | | ${mean(lines).join(" | ")} | |`);
  if (shared.length !== lines.length)
    text.push(`| **geometric mean, tests that all have** | | ${mean(shared).join(" | ")} | |`);
  return text.join("\n");
}

const require = createRequire(import.meta.url);
// Some packages hide their package.json behind `exports`.
const versionOf = (name: string): string => {
  const entry = require.resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length);
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
};

const schemaWorker = new Worker("terrapin");
const folder = mkdtempSync(join(tmpdir(), "terrapin-bench-"));
const chapters: string[] = [];
const relationChapters: string[] = [];
const mysqlChapters: string[] = [];

/** A place for each contender: a file, or a database of a server. */
async function placesOf(
  storage: string,
  names: readonly string[],
): Promise<{ places: readonly string[]; end(): Promise<void> }> {
  if (storage !== "mariadb")
    return {
      places: names.map((_, index) => (storage === "memory" ? ":memory:" : join(folder, `${index}.db`))),
      end: async () => {},
    };
  const server = await startMariadb();
  const client = await createConnection(server.url);
  const databases = ["bench_schema", ...names.map((_, index) => `bench_${index}`)];
  for (const name of databases) await client.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await client.end();
  return { places: names.map((_, index) => `${server.url}bench_${index}`), end: () => server.stop() };
}

try {
  for (const [storage, names] of chosen) {
    const withoutPeers = names.filter((name) => !peers.includes(name));
    const { places, end } = await placesOf(storage, names);
    const schema = await schemaWorker.ask<string>({ type: "schema", file: places[0] ?? ":memory:" });
    const workers = names.map((name) => new Worker(name));
    try {
      for (const [index, worker] of workers.entries()) {
        await worker.ask({
          type: "open",
          file: places[index] ?? "",
          schema,
          events: cases.some(({ test }) => test.key === "T") ? 100_000 : 100,
        });
      }
      const light = workers.filter(({ name }) => !peers.includes(name));
      const lines: Line[] = [];
      for (const each of [...cases, ...relationCases]) {
        const line = await measure(relationCases.includes(each) ? workers : light, each);
        lines.push(line);
        const ratios = Object.entries(line.ratios).map(([name, ratio]) => `${name} ${ratio?.toFixed(2) ?? "–"}`);
        console.log(`${storage} ${line.label}: raw ${line.raw.toFixed(2)} µs; ${ratios.join("; ")}`);
      }
      if (storage === "mariadb") {
        if (cases.length > 0)
          mysqlChapters.push(`## Whole tasks\n\n${table(lines.slice(0, cases.length), withoutPeers)}`);
        if (relationCases.length > 0)
          mysqlChapters.push(`## Over relations\n\n${table(lines.slice(cases.length), names)}`);
        continue;
      }
      const title = `## SQLite, ${storage === "memory" ? "in memory" : "file, WAL"}`;
      if (cases.length > 0) chapters.push(`${title}\n\n${table(lines.slice(0, cases.length), withoutPeers)}`);
      if (relationCases.length > 0) relationChapters.push(`${title}\n\n${table(lines.slice(cases.length), names)}`);
    } finally {
      for (const worker of workers) worker.end();
      await end();
    }
  }
} finally {
  schemaWorker.end();
  rmSync(folder, { recursive: true, force: true });
}

const facts =
  `Time ÷ raw, smaller is better: median of ${rounds} rounds of ${milliseconds} ms. Node ${process.versions.node}, ` +
  ["better-sqlite3", "mysql2", "drizzle-orm", "kysely"].map((name) => `${name} ${versionOf(name)}`).join(", ") +
  versionsOfPeers([...new Set([...chosen.values()].flat())]) +
  `; ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}.`;
function report(title: string, found: readonly string[], file: string): void {
  if (found.length === 0) return;
  const text = `# ${title}\n\n${facts}\n\n${found.join("\n\n")}\n`;
  console.log(`\n${text}`);
  if (options.write) writeFileSync(join(import.meta.dirname, file), text);
}
report("Results", chapters, "results.md");
report("Results over relations", relationChapters, "results-relations.md");
report("Results on MariaDB", mysqlChapters, "results-mysql.md");
