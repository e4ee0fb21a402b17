import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { planCache } from "../../core/index.js";
import type { Driver } from "../../core/connection/driver.js";
import type { Rows, Table } from "../../core/testing/conformance/models.js";
import { orders, toQ, trees, type Atom, type Tree } from "./conditions.js";
import { columnOf, COLUMNS, openWorld, rowSets, rules, runs, type World } from "./world.js";
import { mysqlLaws, SQLITE } from "./drivers.js";

let world: World;
let Thing: Table;
let driver: Driver;
let heard: string[] = [];

describe.each([SQLITE[0]!, await mysqlLaws()])("$name", (law) => {
  beforeAll(async () => {
    world = await openWorld(law);
    ({ Thing } = world);
    ({ driver } = world.orm.connections.get("default"));
    const run = driver.run.bind(driver);
    driver.run = (sql, params, named) => {
      heard.push(sql);
      return run(sql, params, named);
    };
  });
  const { maxShapes } = planCache;
  afterEach(() => {
    Object.assign(planCache, { mode: "on", maxShapes });
  });
  afterAll(() => world.close());

  const names = COLUMNS.map(({ name }) => name);

  /** What is asked of a query set: every kind of statement and of output. */
  const endings: readonly ((query: Rows, names: readonly string[], n: number) => PromiseLike<unknown>)[] = [
    (query) => query,
    (query, some) => query.values(...some),
    (query, some) => query.valuesList(...some),
    (query, some) => query.valuesList(some[0], { flat: true }),
    (query, some) => query.only(...some),
    (query) => query.count(),
    (query) => query.exists(),
    (query) => query.first(),
    (query) => query.last(),
    (query, some) => query.latest(...some),
    (query, _, n) => query.limit(n),
    (query, _, n) => query.offset(n).limit(n + 3),
    (query, _, n) => query.distinct().limit(n).count(),
    (query) => query.reverse(),
    (query, _, n) => query.all().limit(n).update({ mark: n }),
    (query) => query.all().update({ mark: 1 }),
    (query, _, n) =>
      query
        .all()
        .slice(n, n + 1)
        .delete(),
  ];

  const selections = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });

  describe("plans", () => {
    test("that are kept are what their queries compile to, over thousands of random queries", async () => {
      planCache.mode = "verify";
      const before = planCache.compiles;
      await fc.assert(
        fc.asyncProperty(
          rowSets(3),
          fc.array(
            fc.tuple(
              trees(),
              trees(0),
              orders,
              selections,
              fc.integer({ min: 0, max: 3 }),
              fc.array(fc.nat(endings.length - 1), { minLength: 2, maxLength: 5 }),
            ),
            { minLength: 3, maxLength: 6 },
          ),
          async (rows, queries) => {
            await world.fill(rows);
            for (const [tree, other, order, some, n, asked] of queries) {
              // Asked twice: the second time a kept plan has to be the same. Side by side: no two endings may share one.
              for (const ending of [...asked, ...asked])
                await endings[ending]!(
                  Thing.filter(toQ(tree, Thing))
                    .exclude(toQ(other, Thing))
                    .orderBy(...order),
                  some,
                  n,
                );
            }
          },
        ),
        runs(250),
      );
      expect(planCache.compiles - before).toBeGreaterThan(3000 * rules.share);
    });

    test("give with a warm cache what they give without one", async () => {
      await fc.assert(
        fc.asyncProperty(
          rowSets(6),
          fc.array(trees(), { minLength: 1, maxLength: 6 }),
          orders,
          selections,
          async (rows, asked, order, some) => {
            await world.fill(rows);
            const answers = async (): Promise<unknown[]> => {
              const found: unknown[] = [];
              for (const tree of asked)
                found.push(
                  await Thing.filter(toQ(tree, Thing))
                    .orderBy(...order, "id")
                    .values(...some),
                  await Thing.exclude(toQ(tree, Thing)).count(),
                );
              return found;
            };
            const [cold, warm] = [await answers(), await answers()];
            planCache.mode = "off";
            const without = await answers();
            planCache.mode = "on";
            expect(cold).toEqual(without);
            expect(warm).toEqual(without);
          },
        ),
        runs(300),
      );
    });

    test("do not depend on values: neither their text nor their number", async () => {
      // Nothing is forgotten meanwhile, so that a plan compiles once.
      planCache.maxShapes = Infinity;
      await fc.assert(
        fc.asyncProperty(plainTrees, fc.integer({ min: 3, max: 50 }), async (tree, n) => {
          const asked = [tree, revalued(tree, 1), revalued(tree, 2)];
          const texts = new Set<string>();
          let compiles = 0;
          for (const [i, each] of asked.entries()) {
            heard = [];
            const before = planCache.compiles;
            await Thing.filter(toQ(each, Thing))
              .orderBy("id")
              .limit(n + i)
              .offset(i);
            if (i > 0) compiles += planCache.compiles - before;
            texts.add(heard.join(";"));
          }
          expect([...texts]).toHaveLength(1);
          expect(compiles).toBe(0);
        }),
        runs(400),
      );
    });
  });

  /** Only what has one form whatever the value: no null, no empty text, no end of the calendar. */
  const plainTrees = trees(0).filter((tree) => atomsOf(tree).every((atom) => atom.kind === "lookup" && isPlain(atom)));

  function isPlain({ lookup, value }: Extract<Atom, { kind: "lookup" }>): boolean {
    return (
      value !== null &&
      lookup !== "isnull" &&
      lookup !== "not_isnull" &&
      lookup !== "year" &&
      lookup !== "date" &&
      !(Array.isArray(value) && value.includes(null)) &&
      !(typeof value === "string" && /^$|\u{10ffff}/u.test(value))
    );
  }

  const atomsOf = (tree: Tree): Atom[] =>
    tree.kind === "leaf" ? [...tree.atoms] : tree.kind === "not" ? atomsOf(tree.item) : tree.items.flatMap(atomsOf);

  /** The same tree with other values. */
  function revalued(tree: Tree, seed: number): Tree {
    if (tree.kind === "not") return { kind: "not", item: revalued(tree.item, seed) };
    if (tree.kind !== "leaf") return { kind: tree.kind, items: tree.items.map((item) => revalued(item, seed)) };
    return {
      kind: "leaf",
      atoms: tree.atoms.map((atom) => (atom.kind === "lookup" ? { ...atom, value: another(atom, seed) } : atom)),
    };
  }

  /** Where each element has a placeholder, lists of about one length share a plan: of three and of four. */
  const lengthOf = ({ length }: readonly unknown[], seed: number): number =>
    driver.dialect.lists === "json" ? seed : length === 3 ? 2 + seed : length;

  function another({ field, lookup, value }: Extract<Atom, { kind: "lookup" }>, seed: number): unknown {
    const { kind } = columnOf.get(field)!;
    if (typeof value === "number" && !["exact", "not", "gt", "gte", "lt", "lte"].includes(lookup)) return value + seed;
    const draw = fc.sample(
      kind.values.filter((one) => !(typeof one === "string" && /^$|\u{10ffff}/u.test(one))),
      { numRuns: 4, seed },
    );
    return lookup === "in" || lookup === "not_in"
      ? draw.slice(0, lengthOf(value as readonly unknown[], seed))
      : lookup === "range"
        ? draw.slice(0, 2)
        : draw[0];
  }
});
