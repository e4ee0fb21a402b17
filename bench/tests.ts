import type { Answer, Contender, Entity } from "./contenders/contender.ts";
import { relationTests } from "./relations/tests.ts";
import { repeat } from "./repeat.ts";
import { counterRow, journalRow, journalRows, levelOf, levels, seeded, seededUsers, type Journal } from "./data.ts";

/** What is measured. `before` and `after` run outside the clock, around every call of `run`. */
export interface Test {
  readonly key: string;
  readonly name: string;
  /** how many operations one `run` does */
  readonly operations: number;
  readonly needs?: "dicts" | "tuples" | "relations";
  before?(contender: Contender, journal: Journal): Answer<unknown>;
  run(contender: Contender, journal: Journal, round: number, prepared: Prepared): Answer<unknown>;
  after?(contender: Contender, journal: Journal): Answer<unknown>;
}

/** What `before` hands to `run`. */
export type Prepared = readonly Entity[];

const dropNew = (contender: Contender, journal: Journal) =>
  contender.exec(`DELETE FROM ${journal} WHERE id > ${seeded}`);

const inserted = Object.fromEntries(
  (["journal1", "journal2", "journal3"] as const).map((journal) => [journal, journalRows(journal, 1000, "Insert")]),
) as Record<Journal, ReturnType<typeof journalRows>>;
const hundredCounters = Array.from({ length: 100 }, (_, index) => counterRow(index * 3));

/** Tests over the three journals. */
export const journalTests: readonly Test[] = [
  {
    key: "A",
    name: "insert, one at a time",
    operations: 100,
    run: (contender, journal) =>
      repeat(100, (index) =>
        contender.insert(journal, inserted[journal][index] ?? journalRow(journal, index, "Insert")),
      ),
    after: dropNew,
  },
  {
    key: "B",
    name: "insert many in one transaction",
    operations: 200,
    run: (contender, journal) => contender.insertEach(journal, inserted[journal].slice(0, 200)),
    after: dropNew,
  },
  {
    key: "C",
    name: "insert 1000 in bulk",
    operations: 1000,
    run: (contender, journal) => contender.insertBulk(journal, inserted[journal]),
    after: dropNew,
  },
  {
    key: "D",
    name: "filter, 200 rows",
    operations: 1,
    run: (contender, journal, round) => contender.filter(journal, levelOf(round)),
  },
  {
    key: "E",
    name: "filter, page of 20",
    operations: 10,
    run: (contender, journal, round) => repeat(10, (index) => contender.page(journal, levelOf(round), 20, index * 20)),
  },
  {
    key: "F",
    name: "get by key",
    operations: 200,
    run: (contender, journal, round) =>
      repeat(200, (index) => contender.get(journal, ((index * 31 + round) % seeded) + 1)),
  },
  {
    key: "G",
    name: "filter as dicts, 200 rows",
    operations: 1,
    needs: "dicts",
    run: (contender, journal, round) => contender.dicts?.(journal, levelOf(round)),
  },
  {
    key: "H",
    name: "filter as tuples, 200 rows",
    operations: 1,
    needs: "tuples",
    run: (contender, journal, round) => contender.tuples?.(journal, levelOf(round)),
  },
  {
    key: "I",
    name: "update whole",
    operations: 200,
    before: (contender, journal) => contender.load(journal, 200),
    run: (contender, journal, round, loaded) => contender.saveWhole(journal, loaded, round),
  },
  {
    key: "J",
    name: "update partial",
    operations: 200,
    before: (contender, journal) => contender.load(journal, 200),
    run: (contender, journal, round, loaded) => contender.savePart(journal, loaded, round),
  },
  {
    key: "K",
    name: "delete",
    operations: 200,
    before: (contender, journal) => contender.load(journal, 200),
    run: (contender, journal, _round, loaded) => contender.remove(journal, loaded),
    after: (contender, journal) => restore(contender, journal),
  },
];

/** Tests with a table of their own. */
export const singleTests: readonly Test[] = [
  {
    key: "M",
    name: "get by key, hot loop",
    operations: 500,
    run: (contender, _journal, round) =>
      repeat(500, (index) => contender.user(((index * 31 + round) % seededUsers) + 1)),
  },
  {
    key: "S",
    name: "upsert and know the key, one at a time",
    operations: 100,
    run: (contender, _journal, round) => repeat(100, (index) => contender.upsert(counterRow(round * 17 + index))),
  },
  {
    key: "U",
    name: "upsert 100 in bulk and know the keys",
    operations: 100,
    run: (contender) => contender.upsertBulk(hundredCounters),
  },
  {
    key: "T",
    name: "iterate 100,000 rows",
    operations: 100_000,
    run: (contender) => {
      let rows = 0;
      return contender.iterate(() => rows++);
    },
  },
];

export const allTests: readonly Test[] = [...journalTests, ...singleTests, ...relationTests];

/** Gives a journal its 1000 rows again, with the keys 1 to 1000. */
export async function restore(contender: Contender, journal: Journal): Promise<void> {
  if (contender.empty !== undefined) await contender.empty(journal);
  else await contender.exec(`DELETE FROM ${journal}; DELETE FROM sqlite_sequence WHERE name = '${journal}';`);
  await contender.insertBulk(journal, journalRows(journal, seeded, "Seed"));
}

export { levels };
