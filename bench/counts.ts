import Database from "better-sqlite3";
import { planCache } from "terrapin";
import { open } from "./contenders/terrapin.ts";
import { journalRows, userRows, counterRow } from "./data.ts";
import { seedRelations } from "./peers/index.ts";
import { relationCounts } from "./relations/counts.ts";
import type { Contender, Entity } from "./contenders/contender.ts";

// Exact numbers: what a call sends and how often a plan is compiled. They do not depend on the machine.

interface Count {
  readonly call: string;
  readonly work: (contender: Contender, entities: readonly Entity[]) => unknown;
  readonly statements: number;
}

const counts: readonly Count[] = [
  { call: "create", work: (contender) => contender.insert("journal1", row), statements: 1 },
  {
    call: "10 creates in a transaction",
    work: (contender) => contender.insertEach("journal1", rows.slice(0, 10)),
    statements: 12,
  },
  { call: "bulkCreate of 1000", work: (contender) => contender.insertBulk("journal1", rows), statements: 22 },
  { call: "filter", work: (contender) => contender.filter("journal1", 10), statements: 1 },
  { call: "filter, order, limit, offset", work: (contender) => contender.page("journal1", 10, 20, 40), statements: 1 },
  { call: "get", work: (contender) => contender.get("journal1", 1), statements: 1 },
  { call: "values", work: (contender) => contender.dicts?.("journal1", 10), statements: 1 },
  { call: "valuesList", work: (contender) => contender.tuples?.("journal1", 10), statements: 1 },
  {
    call: "10 saves in a transaction",
    work: (contender, entities) => contender.saveWhole("journal1", entities, ++step),
    statements: 12,
  },
  {
    call: "10 saves of one field in a transaction",
    work: (contender, entities) => contender.savePart("journal1", entities, ++step),
    statements: 12,
  },
  { call: "upsert of one", work: (contender) => contender.upsert(counterRow(1)), statements: 1 },
  { call: "upsert of 100", work: (contender) => contender.upsertBulk(hundred), statements: 4 },
  ...relationCounts,
];

const rows = journalRows("journal1", 1000, "Count");
const [row] = rows as [(typeof rows)[number]];
const hundred = Array.from({ length: 100 }, (_, index) => counterRow(index));
let step = 0;

let ran = 0;
let prepared = 0;
const statementPrototype = Object.getPrototypeOf(new Database(":memory:").prepare("SELECT 1")) as Record<
  string,
  unknown
>;
const counted = (prototype: Record<string, unknown>, name: string, count: () => void): void => {
  const original = prototype[name] as (...values: unknown[]) => unknown;
  prototype[name] = function (this: unknown, ...values: unknown[]): unknown {
    count();
    return original.apply(this, values);
  };
};
for (const name of ["run", "get", "all", "iterate"]) counted(statementPrototype, name, () => ran++);
counted(Database.prototype as unknown as Record<string, unknown>, "prepare", () => prepared++);

const contender = await open({ file: ":memory:", schema: "" });
await contender.insertUsers(userRows());
await contender.insertBulk("journal1", rows);
await seedRelations(contender);

let wrong = 0;
console.log("| call | statements | prepared again | compiled again |\n|---|---|---|---|");
for (const { call, work, statements } of counts) {
  for (let times = 0; times < 2; times++) await work(contender, await contender.load("journal1", 10));
  const entities = await contender.load("journal1", 10);
  ran = prepared = 0;
  const before = planCache.compiles;
  await work(contender, entities);
  const compiled = planCache.compiles - before;
  const right = ran === statements && prepared === 0 && compiled === 0;
  if (!right) wrong++;
  console.log(
    `| ${call} | ${ran}${ran === statements ? "" : ` (should be ${statements})`} | ${prepared} | ${compiled} |`,
  );
}
await contender.close();
if (wrong > 0) console.error(`${wrong} calls do more than they should`);
process.exitCode = wrong === 0 ? 0 : 1;
