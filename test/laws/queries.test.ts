import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as terrapin from "../../core/index.js";
import { planCache } from "../../core/index.js";
import { loose } from "../support/loose.js";
import { mysqlLaws, SQLITE } from "./drivers.js";
import { families, openFamily, type Data, type Family, type ModelName, type Plain } from "./family.js";
import { calculate, close, compare, follow, gathered, isManyWay, KEYS, named, type Gathered } from "./gathering.js";
import { holds, someModel, toQ, trees, type Tree } from "./paths.js";
import { runs } from "./world.js";

const { Count, RowNumber, Window } = loose(terrapin);
const LONG = 240_000;

/** A whole query: which rows, what of each or of each group, in which order, and how many. */
interface Asked {
  readonly model: ModelName;
  readonly where: Tree;
  readonly not: Tree | null;
  readonly values: readonly Gathered[];
  /** a condition on the first value, or on the first value of the group */
  readonly least: { readonly lookup: "gt" | "lte" | "isnull"; readonly value: number | boolean } | null;
  readonly keys: (typeof KEYS)[ModelName];
  readonly descending: boolean;
  readonly limit: number | null;
  readonly offset: number | null;
  /** only the first so many rows of those with the same `num` */
  readonly top: number | null;
}

const asked: fc.Arbitrary<Asked> = someModel.chain((model) =>
  fc.record({
    model: fc.constant(model),
    where: trees(model, 2, false),
    not: fc.option(trees(model, 2, false)),
    values: fc.array(gathered(model), { minLength: 1, maxLength: 3 }),
    least: fc.option(
      fc.oneof(
        fc.record({ lookup: fc.constantFrom("gt" as const, "lte" as const), value: fc.constantFrom(0, 1) }),
        fc.record({ lookup: fc.constant("isnull" as const), value: fc.boolean() }),
      ),
    ),
    keys: fc.uniqueArray(fc.constantFrom(...KEYS[model]), { minLength: 1, maxLength: 2 }),
    descending: fc.boolean(),
    limit: fc.option(fc.integer({ min: 0, max: 4 })),
    offset: fc.option(fc.integer({ min: 0, max: 3 })),
    top: fc.option(fc.integer({ min: 1, max: 2 })),
  }),
);

const isNumber = ({ call, way }: Gathered): boolean => call === "Count" || way.column === "num";

/** What plain JavaScript leaves of rows that have the first value `a0`. */
function kept(rows: readonly Plain[], { least }: Asked): Plain[] {
  if (least === null) return [...rows];
  const { lookup, value } = least;
  return rows.filter(({ a0 }) => {
    if (lookup === "isnull") return (a0 === null) === value;
    return a0 !== null && (lookup === "gt" ? compare(a0, value) > 0 : compare(a0, value) <= 0);
  });
}

const sliced = <T>(rows: readonly T[], { limit, offset }: Asked): T[] =>
  rows.slice(offset ?? 0, limit === null ? undefined : (offset ?? 0) + limit);

/** The rows that the conditions choose. */
const chosen = ({ model, where, not }: Asked, data: Data): Plain[] =>
  data[model].filter((row) => holds(where, model, row, data) && (not === null || !holds(not, model, row, data)));

const laws = [...SQLITE, await mysqlLaws()];

describe.each(laws)("random queries on $name", ({ open, share }) => {
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

  const start = ({ model, where, not }: Asked) => {
    const query = family.models[model].filter(toQ(where, family.models));
    return not === null ? query : query.exclude(toQ(not, family.models));
  };
  const narrowed = (query: ReturnType<typeof start>, { least, limit, offset }: Asked) => {
    let some = least === null ? query : query.filter({ [`a0__${least.lookup}`]: least.value });
    if (limit !== null) some = some.limit(limit);
    return offset === null ? some : some.offset(offset);
  };
  const numeric = asked.filter(({ least, values: [first] }) => least?.lookup === "isnull" || isNumber(first!));

  test(
    "give the rows that plain JavaScript gives: filtered, excluded, computed, filtered by that, ordered, cut off",
    async () => {
      await fc.assert(
        fc.asyncProperty(families, numeric, async (data, one) => {
          await family.fill(data);
          const { model, values, descending } = one;
          const names = ["id", ...values.map((_, i) => `a${i}`)];
          const sign = descending ? "-" : "";
          const base = start(one).annotate(named(values)).orderBy(`${sign}a0`, `${sign}id`);
          const rows = chosen(one, data).map((row) => ({
            id: row["id"],
            ...Object.fromEntries(values.map((each, i) => [`a${i}`, calculate(each, model, [row], data)])),
          })) as Plain[];
          const order = (left: Plain, right: Plain): number =>
            (compare(left["a0"], right["a0"]) || compare(left["id"], right["id"])) * (descending ? -1 : 1);
          const wanted = sliced(kept(rows, one).toSorted(order), one);
          const query = narrowed(base, one);
          expect(close(await query.values(...names)), query.values(...names).sql()).toEqual(close(wanted));
          expect(((await query) as Plain[]).map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
          expect(await query.count(), query.sql()).toBe(wanted.length);
          expect(await query.exists(), query.sql()).toBe(wanted.length > 0);
        }),
        runs(Math.ceil(1200 * share)),
      );
    },
    LONG,
  );

  test(
    "give the groups that plain JavaScript gives: of chosen rows, filtered by what is gathered, ordered, cut off",
    async () => {
      await fc.assert(
        fc.asyncProperty(families, numeric, async (data, one) => {
          await family.fill(data);
          const { model, keys, descending } = one;
          const values = one.values.map((each) => (isManyWay(model, each) ? { ...each, distinct: false } : each));
          const paths = keys.map(([path]) => path);
          const groups = new Map<string, Plain[]>();
          for (const row of chosen(one, data)) {
            const of = keys.map(([, steps, column]) => follow(row, model, steps, data)[0]?.[column] ?? null);
            groups.set(JSON.stringify(of), [...(groups.get(JSON.stringify(of)) ?? []), row]);
          }
          const rows = [...groups].map(([of, members]) => ({
            ...Object.fromEntries((JSON.parse(of) as unknown[]).map((value, i) => [paths[i]!, value])),
            ...Object.fromEntries(values.map((each, i) => [`a${i}`, calculate(each, model, members, data)])),
            n: members.length,
          })) as Plain[];
          const order = (left: Plain, right: Plain): number => {
            for (const name of ["n", ...paths]) {
              const found = compare(left[name], right[name]);
              if (found !== 0) return descending ? -found : found;
            }
            return 0;
          };
          const sign = descending ? "-" : "";
          const base = start(one)
            .groupBy(...paths)
            .annotate({ ...named(values), n: Count("id") })
            .orderBy(`${sign}n`, ...paths.map((path) => `${sign}${path}`));
          const query = narrowed(base, one).values();
          const wanted = sliced(kept(rows, one).toSorted(order), one);
          const byName = (row: Plain): Plain =>
            Object.fromEntries(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1)));
          expect(
            close(await query).map((row) => byName(row as Plain)),
            query.sql(),
          ).toEqual(close(wanted).map((row) => byName(row as Plain)));
          expect(await query.count(), query.sql()).toBe(wanted.length);
          expect(await query.exists(), query.sql()).toBe(wanted.length > 0);
        }),
        runs(Math.ceil(1200 * share)),
      );
    },
    LONG,
  );

  test(
    "keep the first few of those with the same value, numbered among all that the other conditions choose",
    async () => {
      await fc.assert(
        fc.asyncProperty(families, numeric, async (data, one) => {
          await family.fill(data);
          const { model, values, descending } = one;
          const top = one.top ?? 1;
          const sign = descending ? "-" : "";
          const base = start(one)
            .annotate({
              ...named(values),
              place: Window(RowNumber(), { partitionBy: "num", orderBy: `${sign}id` }),
            })
            .filter({ place__lte: top })
            .orderBy(`${sign}id`);
          const rows = chosen(one, data).map((row) => ({
            id: row["id"],
            num: row["num"],
            a0: calculate(values[0]!, model, [row], data),
          })) as Plain[];
          const some = kept(rows, one).toSorted(
            (left, right) => compare(left["id"], right["id"]) * (descending ? -1 : 1),
          );
          const seen = new Map<unknown, number>();
          const first = some.filter(({ num }) => {
            seen.set(num, (seen.get(num) ?? 0) + 1);
            return seen.get(num)! <= top;
          });
          const wanted = sliced(first, one).map(({ id }) => id);
          const query = narrowed(base, one);
          expect(await query.valuesList("id", { flat: true }), query.sql()).toEqual(wanted);
          expect(await query.count(), query.sql()).toBe(wanted.length);
        }),
        runs(Math.ceil(600 * share)),
      );
    },
    LONG,
  );
});
