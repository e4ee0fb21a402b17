import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as terrapin from "../../core/index.js";
import { planCache } from "../../core/index.js";
import { setDefaultContext } from "../../core/connection/context.js";
import { loose } from "../support/loose.js";
import { families, isText, openFamily, RELATIONS, type Family, type Plain } from "./family.js";
import { close, compare, expected, follow, gathered, isManyWay, KEYS, named } from "./gathering.js";
import { mysqlLaws, SQLITE } from "./drivers.js";
import { someModel } from "./paths.js";
import { decimalText, runs } from "./world.js";

const { Count, Max, Q, Sum } = loose(terrapin);
const LONG = 120_000;

const laws = [...SQLITE, await mysqlLaws()];

describe.each(laws)("aggregates on $name", ({ open, share }) => {
  let family: Family;
  const { mode } = planCache;
  beforeAll(async () => {
    planCache.mode = "verify";
    family = await openFamily(open());
  });
  afterAll(async () => {
    planCache.mode = mode;
    await family.close();
  });

  test(
    "annotate gathers what the way leads to, however many meet, and filters and orders by it",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          families,
          someModel.chain((model) =>
            fc.tuple(
              fc.constant(model),
              fc.array(gathered(model), { minLength: 1, maxLength: 4 }),
              fc.constantFrom(0, 1, 2),
              fc.constantFrom("gt", "lte", "not", "isnull"),
            ),
          ),
          async (data, [model, asked, limit, lookup]) => {
            await family.fill(data);
            const query = family.models[model].all().annotate(named(asked));
            const rows = data[model].map((row) => ({ id: row["id"], ...expected(asked, model, [row], data) }) as Plain);
            const byKey = rows.toSorted((one, other) => compare(one["id"], other["id"]));
            const names = Object.keys(named(asked));
            const select = (from: typeof query) => from.values("id", ...names);
            expect(close(await select(query.orderBy("id")))).toEqual(close(byKey));
            expect(await query.count()).toBe(rows.length);
            expect(await select(query).count()).toBe(rows.length);
            const objects = (await query.orderBy("id")) as Plain[];
            expect(
              close(objects.map((one) => Object.fromEntries(["id", ...names].map((name) => [name, one[name]])))),
            ).toEqual(close(byKey));
            // By the value and the key, up and down.
            const sorted = byKey.toSorted((one, other) => compare(one["a0"], other["a0"]));
            expect(await query.orderBy("a0", "id").valuesList("id", { flat: true })).toEqual(
              sorted.map(({ id }) => id),
            );
            expect(await query.orderBy("-a0", "-id").valuesList("id", { flat: true })).toEqual(
              sorted.toReversed().map(({ id }) => id),
            );
            // Filter and exclusion part the rows.
            const { call, way: end } = asked[0]!;
            const text = call !== "Count" && isText(end.to, end.column!);
            const value = lookup === "isnull" ? true : text ? String(limit) : limit;
            const holds = ({ a0 }: Plain): boolean =>
              lookup === "isnull"
                ? a0 === null
                : a0 === null
                  ? lookup === "not"
                  : { gt: compare(a0, value) > 0, lte: compare(a0, value) <= 0, not: a0 !== value }[lookup];
            const where = { [`a0__${lookup}`]: value };
            const yes = byKey.filter(holds).map(({ id }) => id);
            const no = byKey.filter((row) => !holds(row)).map(({ id }) => id);
            const keys = (from: typeof query) => from.orderBy("id").valuesList("id", { flat: true });
            expect(await keys(query.filter(where)), query.filter(where).sql()).toEqual(yes);
            expect(await keys(query.exclude(where)), query.exclude(where).sql()).toEqual(no);
            expect(await keys(query.filter(Q.not(Q(where))))).toEqual(no);
            expect(await query.filter(where).count()).toBe(yes.length);
            expect(await query.filter(where).exists()).toBe(yes.length > 0);
            expect(await query.filter(where).orderBy("a0").limit(2).offset(1).count()).toBe(
              Math.min(2, Math.max(0, yes.length - 1)),
            );
          },
        ),
        runs(Math.ceil(250 * share)),
      );
    },
    LONG,
  );

  test(
    "groups gather the rows that have the same values, and conditions on aggregates choose groups",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          families,
          someModel.chain((model) =>
            fc.tuple(
              fc.constant(model),
              fc.uniqueArray(fc.constantFrom(...KEYS[model]), { minLength: 1, maxLength: 2 }),
              fc.array(
                gathered(model).map((each) => (isManyWay(model, each) ? { ...each, distinct: false } : each)),
                { minLength: 1, maxLength: 3 },
              ),
              fc.constantFrom(1, 2),
              fc.boolean(),
            ),
          ),
          async (data, [model, keys, asked, least, before]) => {
            await family.fill(data);
            const paths = keys.map(([path]) => path);
            const all = family.models[model].all();
            const values = { ...named(asked), rows: Count("id") };
            const query = before ? all.annotate(values).groupBy(...paths) : all.groupBy(...paths).annotate(values);
            const groups = new Map<string, Plain[]>();
            const keyOf = (row: Plain): unknown[] =>
              keys.map(([, steps, column]) => follow(row, model, steps, data)[0]?.[column] ?? null);
            for (const row of data[model]) {
              const key = JSON.stringify(keyOf(row));
              groups.set(key, [...(groups.get(key) ?? []), row]);
            }
            const wanted = [...groups].map(([key, rows]) => ({
              ...Object.fromEntries((JSON.parse(key) as unknown[]).map((value, i) => [paths[i]!, value])),
              ...expected(asked, model, rows, data),
              rows: rows.length,
            })) as Plain[];
            const inOrder = (rows: readonly Plain[]): unknown[] =>
              close(rows)
                .map((row) => JSON.stringify(row))
                .sort();
            expect(inOrder(await query.values()), query.values().sql()).toEqual(inOrder(wanted));
            expect(await query.values().count()).toBe(wanted.length);
            const some = wanted.filter(({ rows }) => (rows as number) >= least);
            const having = query.filter({ rows__gte: least }).values(...paths, "rows");
            expect(await having.count()).toBe(some.length);
            expect(await having.exists()).toBe(some.length > 0);
            expect((await query.exclude({ rows__gte: least }).values("rows")).length).toBe(wanted.length - some.length);
            expect(await query.orderBy("-rows").limit(1).valuesList("rows", { flat: true })).toEqual(
              wanted.length === 0 ? [] : [Math.max(...wanted.map(({ rows }) => rows as number))],
            );
          },
        ),
        runs(Math.ceil(250 * share)),
      );
    },
    LONG,
  );

  test(
    "aggregate gives one row about exactly the rows of the query",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          families,
          someModel.chain((model) =>
            fc.tuple(
              fc.constant(model),
              fc.array(
                gathered(model).map((each) => (isManyWay(model, each) ? { ...each, distinct: false } : each)),
                { minLength: 1, maxLength: 3 },
              ),
              fc.nat(3),
              fc.nat(3),
            ),
          ),
          async (data, [model, asked, limit, offset]) => {
            await family.fill(data);
            const all = family.models[model].all();
            const rows = data[model];
            const about = async (query: typeof all, some: readonly Plain[]) =>
              expect(close([await query.aggregate(named(asked))])).toEqual(close([expected(asked, model, some, data)]));
            await about(all, rows);
            await about(all.distinct(), rows);
            await about(all.none(), []);
            await about(
              all.filter({ num: 1 }),
              rows.filter(({ num }) => num === 1),
            );
            await about(
              all.exclude({ num: 1 }),
              rows.filter(({ num }) => num !== 1),
            );
            const sorted = rows.toSorted((one, other) => compare(one["id"], other["id"]));
            await about(all.orderBy("id").limit(limit), sorted.slice(0, limit));
            await about(
              all.orderBy("-id").limit(limit).offset(offset),
              sorted.toReversed().slice(offset, offset + limit),
            );
            const relations = Object.keys(RELATIONS[model]);
            const counts = rows.map((row) => follow(row, model, [relations[0]!], data).length);
            const { most, total } = await all
              .annotate({ n: Count(relations[0]) })
              .filter({ n__gte: 1 })
              .aggregate({ most: Max("n"), total: Sum("n") });
            const some = counts.filter((count) => count >= 1);
            expect([most, total]).toEqual(
              some.length === 0 ? [null, null] : [Math.max(...some), some.reduce((sum, count) => sum + count, 0)],
            );
          },
        ),
        runs(Math.ceil(250 * share)),
      );
    },
    LONG,
  );
});

describe.each([laws[0]!, laws.at(-1)!])("values of different units on $name", ({ open, share }) => {
  const cents = fc.bigInt({ min: -99_999_999n, max: 99_999_999n });
  const rows = fc.array(
    fc.record({ price: fc.option(cents), rate: cents, stock: fc.integer({ min: -999, max: 999 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

  test("are summed, chosen and compared as the numbers that they are", async () => {
    const { fields, Model, Case, Coalesce, F, Value, When, context } = loose(terrapin);
    const decimal = (decimalPlaces: number, more: object = {}): unknown =>
      fields.decimal({ maxDigits: 12, decimalPlaces, ...more });
    class Thing extends Model.define({
      id: fields.int({ primaryKey: true }),
      price: decimal(2, { null: true }),
      rate: decimal(4),
      stock: fields.int(),
    }) {}
    const orm = await context({ connections: { default: open() }, models: { Thing } });
    setDefaultContext(orm);
    await orm.generateSchemas();
    const things = loose(Thing);
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        await things.all().delete();
        await things.bulkCreate(
          given.map(
            ({ price, rate, stock }) =>
              new things({ price: price === null ? null : decimalText(price, 2), rate: decimalText(rate, 4), stock }),
          ),
        );
        const total = (values: readonly (bigint | null)[]): bigint | null =>
          values.reduce((sum, value) => (value === null ? sum : (sum ?? 0n) + value), null);
        const text = (value: bigint | null, places: number): unknown =>
          value === null ? null : decimalText(value, places);
        const fourth = given.map(({ price, rate }) => (price === null ? rate : price * 100n));
        const chosen = given.map(({ price, rate, stock }) =>
          stock > 0 ? (price === null ? null : price * 100n) : stock < 0 ? rate : 70_000n,
        );
        expect(
          await things.aggregate({
            prices: Sum("price"),
            products: Sum(F("price").times(F("stock"))),
            first: Sum(Coalesce("price", "rate")),
            chosen: Sum(
              Case(When({ stock__gt: 0 }, F("price")), When({ stock__lt: 0 }, F("rate")), { otherwise: Value(7) }),
            ),
            over: Count("id", { filter: { price__gt: F("rate") } }),
          }),
        ).toEqual({
          prices: text(total(given.map(({ price }) => price)), 2),
          products: text(total(given.map(({ price, stock }) => (price === null ? null : price * BigInt(stock)))), 2),
          first: text(total(fourth), 4),
          chosen: text(total(chosen), 4),
          over: given.filter(({ price, rate }) => price !== null && price * 100n > rate).length,
        });
      }),
      runs(Math.ceil(200 * share)),
    );
    await orm.closeConnections();
  });
});
