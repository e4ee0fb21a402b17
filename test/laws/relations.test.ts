import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { inTransaction, planCache } from "../../core/index.js";
import { batchOnly } from "../support/batch-only.js";
import type { Loose } from "../support/loose.js";
import { COLUMNS, families, openFamily, type Data, type Family, type ModelName, type Plain } from "./family.js";
import { expectedOf, loadTrees, objectsOf, toQuery } from "./loads.js";
import { Q } from "./loose.js";
import { holds, joined, someModel, someWay, toQ, trees, valueAt, type Tree } from "./paths.js";
import { mysqlLaws, SQLITE } from "./drivers.js";
import { runs } from "./world.js";

/** A thousand databases are filled for each law. */
const LONG = 120_000;

const inOrder = (keys: readonly unknown[]): unknown[] => keys.toSorted(compareValues);
const ids = async (query: Loose): Promise<unknown[]> => inOrder(await query.valuesList("id", { flat: true }));

const found = (tree: Tree, model: ModelName, data: Data): unknown[] =>
  inOrder(data[model].filter((row) => holds(tree, model, row, data)).map(({ id }) => id));

const conditions = someModel.chain((model) =>
  fc.tuple(fc.constant(model), fc.array(trees(model), { minLength: 1, maxLength: 6 })),
);

/** NULL comes first. */
function compareValues(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return (left as number) < (right as number) ? -1 : 1;
}

const laws = [
  SQLITE[0]!,
  { ...SQLITE[1]!, share: 1 / 10 },
  { ...(await mysqlLaws()), share: 1 / 20 },
  { name: "a database that only batches", open: () => batchOnly(), share: 1 / 10 },
];

describe.each(laws)("on $name", ({ name, open, share }) => {
  const some = (count: number): fc.Parameters<unknown> => runs(Math.ceil(count * share));
  let family: Family;
  beforeAll(async () => {
    family = await openFamily(open());
  });
  afterEach(() => {
    planCache.mode = "on";
  });
  afterAll(() => family.close());

  test(
    "a condition over paths finds each row once that plain JavaScript finds, and its exclusion the others",
    async () => {
      await fc.assert(
        fc.asyncProperty(families, conditions, async (data, [model, asked]) => {
          await family.fill(data);
          const table = family.models[model];
          for (const tree of asked) {
            const q = toQ(tree, family.models);
            const expected = found(tree, model, data);
            const others = data[model].map(({ id }) => id).filter((id) => !expected.includes(id));
            expect(await ids(table.filter(q)), table.filter(q).sql()).toEqual(expected);
            expect(await ids(table.exclude(q)), table.exclude(q).sql()).toEqual(inOrder(others));
            expect(await ids(table.filter(Q.not(Q.not(q))))).toEqual(expected);
            expect(await ids(table.exclude(Q.not(q)))).toEqual(expected);
            expect(await table.filter(q).count()).toBe(expected.length);
            expect(await table.filter(q).exists()).toBe(expected.length > 0);
          }
        }),
        some(1500),
      );
    },
    LONG,
  );

  test(
    "filters one after another speak of the same rows as one filter",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          families,
          someModel.chain((model) => fc.tuple(fc.constant(model), trees(model), trees(model))),
          async (data, [model, first, second]) => {
            await family.fill(data);
            const table = family.models[model];
            const [one, other] = [toQ(first, family.models), toQ(second, family.models)];
            const expected = found({ kind: "and", items: [first, second] }, model, data);
            expect(await ids(table.filter(one).filter(other))).toEqual(expected);
            expect(await ids(table.filter(one, other))).toEqual(expected);
            expect(await ids(table.filter(Q.and(one, other)))).toEqual(expected);
          },
        ),
        some(500),
      );
    },
    LONG,
  );

  test(
    "update and delete take every condition that select takes, slices included",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          families,
          someModel.chain((model) => fc.tuple(fc.constant(model), trees(model), trees(model))),
          fc.option(fc.integer({ min: 0, max: 3 })),
          async (data, [model, first, second], limit) => {
            await family.fill(data);
            const table = family.models[model];
            const cut = (query: Loose): Loose => (limit === null ? query : query.orderBy("-id").limit(limit));
            const picked = (tree: Tree, among: Data): unknown[] =>
              found(tree, model, among)
                .toSorted((left, right) => compareValues(right, left))
                .slice(0, limit ?? undefined);
            const marked = picked(first, data);
            expect(await cut(table.all().filter(toQ(first, family.models))).update({ num: 99 })).toBe(marked.length);
            expect(await ids(table.filter({ num: 99 }))).toEqual(inOrder(marked));
            const now: Data = {
              ...data,
              [model]: data[model].map((row) => (marked.includes(row["id"]) ? { ...row, num: 99 } : row)),
            };
            const gone = picked(second, now);
            expect(await cut(table.all().filter(toQ(second, family.models))).delete()).toBe(gone.length);
            // Who has lost a boss or an author goes too, so only those that were meant are looked at.
            expect(await table.filter({ id__in: gone }).count()).toBe(0);
          },
        ),
        some(500),
      );
    },
    LONG,
  );

  const selected = someModel.chain((model) => {
    const value = someWay(model, 3).chain((way) =>
      fc.constantFrom(...COLUMNS[way.end]).map((column) => ({ way, column, path: [...way.names, column].join("__") })),
    );
    return fc.record({
      model: fc.constant(model),
      tree: trees(model, 2, false),
      values: fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: ({ path }) => path }),
      order: fc.uniqueArray(value, { maxLength: 2, selector: ({ path }) => path }),
      descending: fc.boolean(),
      limit: fc.option(fc.integer({ min: 0, max: 4 })),
      offset: fc.option(fc.integer({ min: 0, max: 4 })),
      distinct: fc.boolean(),
    });
  });

  test(
    "values and orders over paths give a row for each related one, and are counted as they come",
    async () => {
      await fc.assert(
        fc.asyncProperty(families, selected, async (data, { model, tree, values, order, descending, ...more }) => {
          await family.fill(data);
          const sign = descending ? "-" : "";
          const query = family.models[model]
            .filter(toQ(tree, family.models))
            .orderBy(...order.map(({ path }) => `${sign}${path}`));
          const paths = values.map(({ path }) => path);
          const rows = data[model]
            .filter((row) => holds(tree, model, row, data))
            .flatMap((row: Plain) =>
              joined(
                [...values, ...order].map(({ way }) => way),
                model,
                row,
                data,
              ).map((places) => {
                const read = (wanted: typeof values): unknown[] =>
                  wanted.map(({ way, column }) => valueAt(way, column, model, row, data, places));
                return { values: read(values), order: read(order) };
              }),
            );
          const text = (list: readonly unknown[]): string[] => list.map((each) => JSON.stringify(each)).toSorted();
          expect(text(await query.valuesList(...paths)), query.valuesList(...paths).sql()).toEqual(
            text(rows.map((row) => row.values)),
          );
          const orders = (await query.valuesList(...order.map(({ path }) => path), "id")) as unknown[][];
          const expected = rows
            .map((row) => row.order)
            .toSorted((left, right) => {
              const at = left.findIndex((value, i) => compareValues(value, right[i]) !== 0);
              return at < 0 ? 0 : compareValues(left[at], right[at]) * (descending ? -1 : 1);
            });
          if (order.length > 0 && values.every(({ way }) => way.names.length === 0))
            expect(orders.map((row) => row.slice(0, order.length))).toEqual(expected);
          let asked = query;
          if (more.distinct) asked = asked.distinct();
          if (more.limit !== null) asked = asked.limit(more.limit);
          if (more.offset !== null) asked = asked.offset(more.offset);
          for (const each of [asked, asked.valuesList(...paths), asked.values(...paths)]) {
            const { length } = await each;
            expect(await each.count(), each.sql()).toBe(length);
            expect(await each.exists(), each.sql()).toBe(length > 0);
          }
        }),
        some(1000),
      );
    },
    LONG,
  );

  test(
    "what is loaded along is what plain JavaScript joins: order, slices for each, nested, joined and asked for",
    async () => {
      await fc.assert(
        fc.asyncProperty(families, loadTrees, async (data, [model, load]) => {
          await family.fill(data);
          const query = toQuery(family.models[model].orderBy("id"), load, family.models);
          const rows = data[model].toSorted((left, right) => compareValues(left["id"], right["id"]));
          expect(objectsOf(await query, load)).toEqual(rows.map((row) => expectedOf(row, model, load, data)));
        }),
        some(1200),
      );
    },
    LONG,
  );

  const keys = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const calls = fc.array(
    fc.record({
      call: fc.constantFrom("add" as const, "remove" as const, "set" as const, "clear" as const, "fetch" as const),
      keys,
      asKeys: fc.boolean(),
      fails: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
      rolledBack: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    }),
    { maxLength: 6 },
  );

  test.skipIf(name === "a database that only batches")(
    "pairs are what a Set would hold after the same calls, and a loaded list follows, rolled back or not",
    async () => {
      const { Person } = family.models;
      await fc.assert(
        fc.asyncProperty(calls, async (asked) => {
          await family.fill({ Person: [], Card: [], Post: [], Note: [], Tag: [] });
          const people: Loose[] = await Person.bulkCreate(
            Array.from({ length: 5 }, (_, i) => new Person({ id: i + 1, code: `c${i}`, word: "" })),
          );
          const owner = people[0];
          let expected = new Set<number>();
          let isLoaded = false;
          for (const { call, keys: picked, asKeys, fails, rolledBack } of asked) {
            if (call === "fetch") {
              await owner.fetchRelated("friends");
              isLoaded = true;
              continue;
            }
            if (call === "remove" && picked.length === 0) continue;
            const given: unknown[] = picked.map((i) => (asKeys ? i + 1 : people[i]));
            const breaks = fails && (call === "add" || call === "set");
            if (breaks) given.push(999);
            const work = (list: Loose): PromiseLike<void> =>
              call === "set" ? list.set(given) : call === "clear" ? list.clear() : list[call](...given);
            const stop = new Error("stop");
            const done = await (rolledBack
              ? inTransaction(async (tx: Loose) => {
                  await work(owner.friends.usingDb(tx));
                  throw stop;
                })
              : Promise.resolve(work(owner.friends))
            ).then(
              () => true,
              (error: unknown) => {
                if (!breaks && error !== stop) throw error;
                return false;
              },
            );
            if (done) {
              const wanted = picked.map((i) => i + 1);
              if (call === "add") expected = new Set([...expected, ...wanted]);
              if (call === "remove") expected = new Set([...expected].filter((id) => !wanted.includes(id)));
              if (call === "set") expected = new Set(wanted);
              if (call === "clear") expected = new Set();
            }
            const now = inOrder([...expected]);
            expect(await ids(owner.friends.all())).toEqual(now);
            if (isLoaded && Object.hasOwn(owner, "friends") && Array.isArray(owner.friends))
              expect(inOrder(Array.from(owner.friends as Loose[], ({ id }) => id))).toEqual(now);
          }
        }),
        some(600),
      );
    },
    LONG,
  );

  test(
    "kept plans are what their queries compile to",
    async () => {
      planCache.mode = "verify";
      await fc.assert(
        fc.asyncProperty(
          families,
          fc.array(conditions, { maxLength: 3 }),
          loadTrees,
          async (data, asked, [from, load]) => {
            await family.fill(data);
            for (const [model, list] of asked)
              for (const tree of list) {
                const query = family.models[model].filter(toQ(tree, family.models));
                for (let i = 0; i < 2; i++) {
                  await query;
                  await query.count();
                  await query.orderBy("-num").limit(i + 3);
                  await query.all().update({ num: i });
                }
              }
            for (let i = 0; i < 2; i++) await toQuery(family.models[from].all(), load, family.models);
          },
        ),
        some(500),
      );
    },
    LONG,
  );
});
