import { createHash } from "node:crypto";
import type { Contender, Entity, Keys } from "./contenders/contender.ts";
import { chosenOn, contendersOn, peers } from "./contenders/index.ts";
import {
  canonical,
  columnsOf,
  counterRow,
  eventRows,
  journals,
  userRows,
  type CounterRow,
  type Journal,
} from "./data.ts";
import { openPeer, seedRelations } from "./peers/index.ts";
import { isLeftOut, relationDigest } from "./relations/tests.ts";
import { allTests, restore } from "./tests.ts";

// One contender in a process of its own: does what the parent asks, one thing at a time, and answers.

export type Request =
  | { type: "open"; file: string; schema: string; events: number }
  | { type: "verify"; key: string; journal: Journal }
  | { type: "measure"; key: string; journal: Journal; milliseconds: number; runs?: number }
  | { type: "schema"; file: string }
  | { type: "close" };

/** Opens a contender and fills its tables through its own calls. */
export async function openSeeded(name: string, file: string, schema: string, events: number): Promise<Contender> {
  chosenOn(file, [name]);
  if (peers.includes(name)) return openPeer(name, { file, schema });
  const open = await contendersOn(file)[name]!();
  const contender = await open({ file, schema });
  for (const journal of journals) await restore(contender, journal);
  await contender.insertUsers(userRows());
  await seedRelations(contender);
  for (let from = 0; from < events; from += 10_000)
    await contender.insertEvents(eventRows(from, Math.min(10_000, events - from)));
  return contender;
}

const testOf = (key: string) => {
  const test = allTests.find((each) => each.key === key);
  if (test === undefined) throw new Error(`no test is called ${key}`);
  return test;
};

/** Runs a test some times; gives the time of all runs, in nanoseconds, without what happens around them. */
async function timed(contender: Contender, key: string, journal: Journal, runs: number): Promise<number> {
  const test = testOf(key);
  let total = 0n;
  for (let index = 0; index < runs; index++) {
    const prepared = ((await test.before?.(contender, journal)) ?? []) as Entity[];
    const started = process.hrtime.bigint();
    await test.run(contender, journal, round++, prepared);
    total += process.hrtime.bigint() - started;
    await test.after?.(contender, journal);
  }
  return Number(total);
}

const warmUp = 500;
let round = 1;

/** What the test leaves or answers, as a digest that is the same for all contenders that did it right. */
async function digest(contender: Contender, key: string, journal: Journal): Promise<string> {
  const hash = createHash("sha256");
  const names = columnsOf(journal);
  const add = (rows: readonly object[], columns: readonly string[] = names) => {
    hash.update(`${rows.length} rows\n`);
    for (const row of rows) hash.update(`${canonical(columns, row)}\n`);
  };
  const addStored = async (query: string) => hash.update(JSON.stringify(await contender.stored(query)));
  const byKey = (rows: readonly object[]) => (rows as readonly Entity[]).toSorted((left, right) => left.id - right.id);
  const test = testOf(key);
  if (test.needs === "relations") return relationDigest(contender, key);
  const users = ["id", "name", "email", "age", "active", "createdAt"];
  const counters = ["key", "value", "updatedAt"];

  if (key === "D") add(byKey(await contender.filter(journal, 20)));
  else if (key === "G") add(byKey((await contender.dicts?.(journal, 20)) ?? []));
  else if (key === "H")
    add([...((await contender.tuples?.(journal, 20)) ?? [])].sort((left, right) => Number(left[0]) - Number(right[0])));
  else if (key === "E") add(await contender.page(journal, 30, 20, 40));
  else if (key === "F") add([required(await contender.get(journal, 123))]);
  else if (key === "M") add([required(await contender.user(42))], users);
  else if (key === "S" || key === "U") {
    await contender.exec("DELETE FROM counters");
    for (const number of [1, 2, 1]) {
      const row = counterRow(number + 400);
      await checkKeys(contender, [row], await contender.upsert(row));
    }
    for (const rows of [
      Array.from({ length: 130 }, (_, number) => counterRow(number)),
      Array.from({ length: 70 }, (_, number) => counterRow(number + 200)),
    ])
      await checkKeys(contender, rows, await contender.upsertBulk(rows));
    add(await contender.counters(), counters);
    await addStored("SELECT `key`, value, updated_at FROM counters ORDER BY `key`");
  } else if (key === "T") {
    const rows: string[] = [];
    await contender.iterate((event) => rows.push(canonical(["id", "kind", "payload", "value", "createdAt"], event)));
    hash.update(rows.join("\n"));
  } else {
    await restore(contender, journal);
    const prepared = ((await test.before?.(contender, journal)) ?? []) as Entity[];
    await test.run(contender, journal, 1, prepared);
    add(byKey(await contender.load(journal, 10_000)));
    await addStored(`SELECT * FROM ${journal} ORDER BY id`);
    await restore(contender, journal);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Keys differ between contenders, which have made other numbers of rows; so they are compared with the stored ones. */
async function checkKeys(contender: Contender, rows: readonly CounterRow[], told: Keys): Promise<void> {
  const stored = new Map((await contender.stored("SELECT id, `key` FROM counters")).map(({ key, id }) => [key, id]));
  const keys = typeof told === "number" ? [told] : told.map((each) => (typeof each === "number" ? each : each.id));
  if (keys.length !== rows.length || rows.some(({ key }, index) => stored.get(key) !== keys[index]))
    throw new Error("the keys that an upsert told are not those of its rows");
}

function required(row: object | undefined): object {
  if (row === undefined) throw new Error("the row is not there");
  return row;
}

let contender: Contender | null = null;

async function answer(request: Request): Promise<unknown> {
  if (request.type === "schema") return (await import("./contenders/terrapin.ts")).schemaOfTerrapin(request.file);
  if (request.type === "open") {
    contender = await openSeeded(process.argv[2] ?? "", request.file, request.schema, request.events);
    return null;
  }
  if (contender === null) throw new Error("not open");
  if (request.type === "close") return contender.close();
  const test = testOf(request.key);
  if (test.needs !== undefined && contender[test.needs] === undefined) return null;
  if (isLeftOut(request.key, contender)) return null;
  if (request.type === "verify") return digest(contender, request.key, request.journal);

  const { key, journal, milliseconds } = request;
  if (request.runs !== undefined) {
    // Not a full collection: it throws away compiled code together with the shapes of objects that are gone.
    globalThis.gc?.({ type: "minor" });
    const again = performance.now() + milliseconds / 2;
    while (performance.now() < again) await timed(contender, key, journal, 1);
    return {
      runs: request.runs,
      time: (await timed(contender, key, journal, request.runs)) / request.runs / test.operations,
    };
  }
  globalThis.gc?.();
  // Warm up until the code is compiled, then say how many runs fill the time of one measurement.
  const until = performance.now() + warmUp;
  let nanoseconds = await timed(contender, key, journal, 1);
  while (performance.now() < until) nanoseconds = await timed(contender, key, journal, 1);
  return { runs: Math.max(1, Math.round((milliseconds * 1e6) / nanoseconds)), time: nanoseconds / test.operations };
}

process.on("message", (request: Request) => {
  answer(request).then(
    (value) => process.send?.({ value }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
