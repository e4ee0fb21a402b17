import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Rows, Table } from "../../core/testing/conformance/models.js";
import { holds, orders, sorted, toQ, trees } from "./conditions.js";
import { Q } from "./loose.js";
import { COLUMNS, openWorld, rowSets, runs, type Plain, type World } from "./world.js";
import { mysqlLaws, SQLITE } from "./drivers.js";

let world: World;
let Thing: Table;

describe.each([SQLITE[0]!, await mysqlLaws()])("$name", (law) => {
  beforeAll(async () => {
    world = await openWorld(law);
    ({ Thing } = world);
  });
  afterAll(() => world.close());

  const ids = async (query: Rows): Promise<number[]> =>
    (await query.valuesList("id", { flat: true })) as unknown as number[];
  const inOrder = (numbers: readonly number[]): number[] => numbers.toSorted((left, right) => left - right);
  const names = COLUMNS.map(({ name }) => name);

  /** Offset and limit, each there or not. */
  const cuts = fc.record({
    limit: fc.option(fc.integer({ min: 0, max: 8 })),
    offset: fc.option(fc.integer({ min: 0, max: 8 })),
  });
  type Cut = { readonly limit: number | null; readonly offset: number | null };

  function cut(query: Rows, { limit, offset }: Cut): Rows {
    const limited = limit === null ? query : query.limit(limit);
    return offset === null ? limited : limited.offset(offset);
  }

  const sliced = (rows: readonly Plain[], { limit, offset }: Cut): Plain[] =>
    rows.slice(offset ?? 0, limit === null ? undefined : (offset ?? 0) + limit);

  describe("a random condition over random rows", () => {
    test("finds the rows that plain JavaScript finds, and its exclusion the others", async () => {
      await fc.assert(
        fc.asyncProperty(rowSets(), fc.array(trees(), { minLength: 1, maxLength: 8 }), async (rows, asked) => {
          await world.fill(rows);
          for (const tree of asked) {
            const q = toQ(tree, Thing);
            const expected = rows.filter((row) => holds(tree, row, rows)).map(({ id }) => id);
            const others = rows.map(({ id }) => id).filter((id) => !expected.includes(id));
            expect(inOrder(await ids(Thing.filter(q)))).toEqual(expected);
            expect(inOrder(await ids(Thing.exclude(q)))).toEqual(others);
            expect(inOrder(await ids(Thing.filter(Q.not(Q.not(q)))))).toEqual(expected);
            expect(inOrder(await ids(Thing.exclude(Q.not(q))))).toEqual(expected);
          }
        }),
        runs(1200),
      );
    });

    test("is exact in every order and slice, reversed too, and counts itself", async () => {
      await fc.assert(
        fc.asyncProperty(
          rowSets(12),
          trees(0),
          orders,
          cuts,
          fc.boolean(),
          async (rows, tree, order, slice, reversed) => {
            await world.fill(rows);
            const q = toQ(tree, Thing);
            const wanted = order.length === 0 ? ["id"] : order;
            const turned = reversed
              ? wanted.map((name) => (name.startsWith("-") ? name.slice(1) : `-${name}`))
              : wanted;
            const found = rows.filter((row) => holds(tree, row, rows));
            const query = Thing.filter(q).orderBy(...wanted);
            const asked = cut(reversed ? query.reverse() : query, slice);
            const expected = sliced(sorted(found, turned), slice).map(({ id }) => id);
            // Without a cut nothing decides between equals, so only their keys in the order are compared.
            const keysOf = (list: readonly number[]): unknown[] =>
              list.map((id) => turned.map((name) => rows[id - 1]![name.replace(/^-/, "").replace("pk", "id")]));
            const actual = await ids(asked);
            expect(keysOf(actual)).toEqual(keysOf(expected));
            if (slice.limit !== null || slice.offset !== null) expect(actual).toEqual(expected);
            expect(await asked.count()).toBe(expected.length);
            expect(await asked.exists()).toBe(expected.length > 0);
          },
        ),
        runs(1500),
      );
    });

    test("has first and last, latest and earliest at the ends of its order", async () => {
      await fc.assert(
        fc.asyncProperty(rowSets(), trees(0), orders, async (rows, tree, order) => {
          await world.fill(rows);
          const query = Thing.filter(toQ(tree, Thing)).orderBy(...order);
          const wanted = order.length === 0 ? ["id"] : order;
          const expected = sorted(
            rows.filter((row) => holds(tree, row, rows)),
            wanted,
          );
          expect((await query.first())?.id).toBe(expected[0]?.id);
          expect((await query.last())?.id).toBe(expected.at(-1)?.id);
          expect((await query.earliest(...wanted))?.id).toBe(expected[0]?.id);
          expect((await query.latest(...wanted))?.id).toBe(expected.at(-1)?.id);
        }),
        runs(500),
      );
    });

    test("counts as many rows as it gives, distinct and cut off", async () => {
      await fc.assert(
        fc.asyncProperty(
          rowSets(12),
          trees(0),
          orders,
          cuts,
          fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
          async (rows, tree, order, slice, selected) => {
            await world.fill(rows);
            const query = cut(
              Thing.filter(toQ(tree, Thing))
                .orderBy(...order)
                .distinct(),
              slice,
            );
            for (const each of [
              query,
              query.values(...selected),
              query.valuesList(...selected),
              query.valuesList(selected[0], { flat: true }),
            ]) {
              const found = await each;
              expect(await each.count()).toBe(found.length);
              expect(await each.exists()).toBe(found.length > 0);
            }
            const tuples = (await query.valuesList(...selected)) as unknown[];
            expect(new Set(tuples.map(shown)).size).toBe(tuples.length);
          },
        ),
        runs(500),
      );
    });

    test("is taken by update and delete as by select, slices included", async () => {
      await fc.assert(
        fc.asyncProperty(
          rowSets(),
          trees(0),
          trees(0),
          fc.constantFrom(...names),
          cuts,
          async (rows, first, second, order, slice) => {
            await world.fill(rows);
            const marked = sliced(
              sorted(
                rows.filter((row) => holds(first, row, rows)),
                [order],
              ),
              slice,
            ).map(({ id }) => id);
            const all = Thing.all().filter(toQ(first, Thing)).orderBy(order);
            expect(await cut(all, slice).update({ mark: 1 })).toBe(marked.length);
            expect(inOrder(await ids(Thing.filter({ mark: 1 })))).toEqual(inOrder(marked));
            const gone = sliced(
              sorted(
                rows.filter((row) => holds(second, row, rows)),
                [order],
              ),
              slice,
            ).map(({ id }) => id);
            expect(await cut(Thing.all().filter(toQ(second, Thing)).orderBy(order), slice).delete()).toBe(gone.length);
            expect(inOrder(await ids(Thing.all()))).toEqual(
              rows.map(({ id }) => id).filter((id) => !gone.includes(id)),
            );
          },
        ),
        runs(800),
      );
    });
  });

  const shown = (value: unknown): string =>
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "bigint" ? `${inner}n` : inner instanceof Uint8Array ? [...inner] : inner,
    );
});
