import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as terrapin from "../../core/index.js";
import { planCache } from "../../core/index.js";
import { loose, type Loose } from "../support/loose.js";
import { mysqlLaws, SQLITE } from "./drivers.js";
import { families, openFamily, RELATIONS, type Data, type Family, type ModelName, type Plain } from "./family.js";
import {
  alone,
  calculate,
  close,
  compare,
  expected,
  gathered,
  groupsOf,
  isNumber,
  KEYS,
  named,
  textOf,
  type Gathered,
  type Key,
} from "./gathering.js";
import { holds, someModel, stepsOf, toQ, trees, valueAt, type Tree } from "./paths.js";
import { runs } from "./world.js";

const { Count, except, intersect, Max, Q, RowNumber, Sum, union, Window } = loose(terrapin);
const LONG = 240_000;

/** A whole query: which rows, what of each or of each group, in which order, and how many. */
interface Asked {
  readonly model: ModelName;
  readonly where: Tree;
  readonly not: Tree | null;
  readonly values: readonly Gathered[];
  /** a condition on the first value, or on the first value of the group */
  readonly least: { readonly lookup: "gt" | "lte" | "not" | "isnull"; readonly value: unknown } | null;
  readonly keys: readonly Key[];
  readonly descending: boolean;
  readonly limit: number | null;
  readonly offset: number | null;
  /** only the first so many rows of those with the same `num` */
  readonly top: number;
  /** the values are named before the groups are */
  readonly before: boolean;
}

const asked: fc.Arbitrary<Asked> = someModel.chain((model) =>
  fc.array(gathered(model), { minLength: 1, maxLength: 4 }).chain((values) =>
    fc.record({
      model: fc.constant(model),
      where: trees(model, 2, false),
      not: fc.option(trees(model, 2, false)),
      values: fc.constant(values),
      least: fc.option(
        fc.oneof(
          fc.record({
            lookup: fc.constantFrom("gt" as const, "lte" as const, "not" as const),
            value: isNumber(values[0]!) ? fc.constantFrom(0, 1, 2) : fc.constantFrom("a", "t2"),
          }),
          fc.record({ lookup: fc.constant("isnull" as const), value: fc.boolean() }),
        ),
      ),
      keys: fc.uniqueArray(fc.constantFrom(...KEYS[model]), { minLength: 1, maxLength: 2 }),
      descending: fc.boolean(),
      limit: fc.option(fc.integer({ min: 0, max: 4 })),
      offset: fc.option(fc.integer({ min: 0, max: 3 })),
      top: fc.integer({ min: 1, max: 2 }),
      before: fc.boolean(),
    }),
  ),
);

/** Does the condition on the first value hold? NULL fulfils no comparison, and its negation. */
function isKept({ a0 }: Plain, { least }: Asked): boolean {
  if (least === null) return true;
  const { lookup, value } = least;
  if (lookup === "isnull") return (a0 === null) === value;
  if (a0 === null) return lookup === "not";
  const found = compare(a0, value);
  return { gt: found > 0, lte: found <= 0, not: found !== 0 }[lookup];
}

const sliced = <T>(rows: readonly T[], { limit, offset }: Asked): T[] =>
  rows.slice(offset ?? 0, limit === null ? undefined : (offset ?? 0) + limit);

/** By some names, all up or all down. */
const byNames =
  (names: readonly string[], { descending }: Asked) =>
  (left: Plain, right: Plain): number => {
    const order = names.map((name) => compare(left[name], right[name])).find((found) => found !== 0) ?? 0;
    return descending ? -order : order;
  };

/** The rows that the conditions choose. */
function chosen({ model, where, not }: Asked, data: Data): Plain[] {
  const tree: Tree = { kind: "and", items: not === null ? [where] : [where, { kind: "not", item: not }] };
  return data[model].filter((row) => holds(tree, model, row, data));
}

const leadsToOne = (model: ModelName, way: Key["way"]): boolean => stepsOf(model, way).every(({ many }) => !many);
/** What the ways to one object lead to, by their paths. */
const keysOf = ({ model, keys }: Asked, row: Plain, data: Data): Record<string, unknown> =>
  Object.fromEntries(
    keys
      .filter(({ way }) => leadsToOne(model, way))
      .map((key) => [textOf(key), valueAt(key.way, key.column, model, row, data, new Map())]),
  );

const ids = (rows: readonly unknown[]): unknown[] => (rows as readonly Plain[]).map(({ id }) => id);

/** Rows whose values stand in any order. */
const byName = (rows: readonly Plain[]): unknown[] =>
  close(rows).map((row) =>
    Object.fromEntries(Object.entries(row as Plain).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  );

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

  const law = (name: string, count: number, check: (one: Asked, data: Data) => Promise<void>): void =>
    test(
      name,
      () =>
        fc.assert(
          fc.asyncProperty(families, asked, async (data, one) => {
            await family.fill(data);
            await check(one, data);
          }),
          runs(Math.ceil(count * share)),
        ),
      LONG,
    );
  const start = ({ model, where, not }: Asked): Loose => {
    const query = family.models[model].filter(toQ(where, family.models));
    return not === null ? query : query.exclude(toQ(not, family.models));
  };
  const kept = (query: Loose, { least }: Asked): Loose =>
    least === null ? query : query.filter({ [`a0__${least.lookup}`]: least.value });
  const narrowed = (query: Loose, one: Asked): Loose => {
    let some = kept(query, one);
    if (one.limit !== null) some = some.limit(one.limit);
    return one.offset === null ? some : some.offset(one.offset);
  };
  const ordered = (query: Loose, names: readonly string[], { descending }: Asked): Loose =>
    query.orderBy(...names.map((name) => (descending ? `-${name}` : name)));
  const counted = async (query: Loose, count: number): Promise<void> => {
    expect(await query.count(), query.sql()).toBe(count);
    expect(await query.exists(), query.sql()).toBe(count > 0);
  };

  law(
    "give the rows that plain JavaScript gives: filtered, excluded, computed, filtered by that, ordered, cut off",
    1200,
    async (one, data) => {
      const { model, values } = one;
      const names = ["id", ...values.map((_, i) => `a${i}`)];
      const base = ordered(start(one).annotate(named(values, family.models)), ["a0", "id"], one);
      const rows = chosen(one, data)
        .map((row) => ({ id: row["id"], ...expected(values, model, alone([row]), data) }) as Plain)
        .toSorted(byNames(["a0", "id"], one));
      const wanted = sliced(
        rows.filter((row) => isKept(row, one)),
        one,
      );
      const query = narrowed(base, one);
      expect(close(await query.values(...names)), query.values(...names).sql()).toEqual(close(wanted));
      const objects = ((await query) as Plain[]).map((each) =>
        Object.fromEntries(names.map((name) => [name, each[name]])),
      );
      expect(close(objects as Plain[])).toEqual(close(wanted));
      await counted(query, wanted.length);
      await counted(base.values(...names), rows.length);
      if (one.least === null) return;
      // Filter and exclusion part the rows.
      const condition = { [`a0__${one.least.lookup}`]: one.least.value };
      const others = ids(rows.filter((row) => !isKept(row, one)));
      expect(ids(await base.exclude(condition)), base.exclude(condition).sql()).toEqual(others);
      expect(ids(await base.filter(Q.not(Q(condition))))).toEqual(others);
    },
  );

  law(
    "give the groups that plain JavaScript gives: of chosen rows, filtered by what is gathered, ordered, cut off",
    1200,
    async (one, data) => {
      const { model, keys, values, before } = one;
      const paths = keys.map(textOf);
      const rows = groupsOf(keys, model, chosen(one, data), data)
        .map(
          ({ of, members }) =>
            ({ ...of, ...expected(values, model, members, data), n: members.length }) as unknown as Plain,
        )
        .toSorted(byNames(["n", ...paths], one));
      const computed = { ...named(values, family.models), n: Count("id") };
      const groups = before
        ? start(one)
            .annotate(computed)
            .groupBy(...paths)
        : start(one)
            .groupBy(...paths)
            .annotate(computed);
      const base = ordered(groups, ["n", ...paths], one);
      const query = narrowed(base, one).values();
      const wanted = sliced(
        rows.filter((row) => isKept(row, one)),
        one,
      );
      expect(byName(await query), query.sql()).toEqual(byName(wanted));
      await counted(query, wanted.length);
      await counted(base.values(), rows.length);
      // Of each group, how many rows it has: not more for what else is gathered of it.
      expect(await base.valuesList("n", { flat: true })).toEqual(rows.map(({ n }) => n));
      const large = groups.exclude({ n__lte: 1 }).values(...paths);
      await counted(large, rows.filter(({ n }) => (n as number) > 1).length);
    },
  );

  law(
    "keep the first few of those with the same value, numbered among all that the other conditions choose",
    600,
    async (one, data) => {
      const { model, values, top } = one;
      const place = Window(RowNumber(), { partitionBy: "num", orderBy: one.descending ? "-id" : "id" });
      const base = start(one).annotate({ ...named(values, family.models), place });
      const query = narrowed(ordered(base.filter({ place__lte: top }), ["id"], one), one);
      const seen = new Map<unknown, number>();
      const first = chosen(one, data)
        .map((row) => ({ ...row, a0: calculate(values[0]!, model, alone([row]), data) }) as Plain)
        .filter((row) => isKept(row, one))
        .toSorted(byNames(["id"], one))
        .filter(({ num }) => {
          seen.set(num, (seen.get(num) ?? 0) + 1);
          return seen.get(num)! <= top;
        });
      const wanted = ids(sliced(first, one));
      expect(await query.valuesList("id", { flat: true }), query.sql()).toEqual(wanted);
      expect(await query.count(), query.sql()).toBe(wanted.length);
    },
  );

  law("gather exactly the rows of the query in one", 300, async (one, data) => {
    const { model, values, limit, offset } = one;
    const about = async (query: Loose, some: readonly Plain[]): Promise<void> => {
      const row = await query.aggregate(named(values, family.models));
      expect(close([row])).toEqual(close([expected(values, model, alone(some), data) as Plain]));
    };
    const rows = chosen(one, data).toSorted(byNames(["id"], one));
    await about(start(one), rows);
    await about(start(one).distinct(), rows);
    await about(start(one).none(), []);
    let cut = ordered(start(one), ["id"], one).limit(limit ?? 9);
    if (offset !== null) cut = cut.offset(offset);
    await about(cut, sliced(rows, { ...one, limit: limit ?? 9 }));
    const [relation] = Object.keys(RELATIONS[model]);
    const way = { names: [relation!], end: RELATIONS[model][relation!]!.to };
    const count: Gathered = { call: "Count", way, column: null, distinct: false, filter: null };
    const some = rows.map((row) => calculate(count, model, alone([row]), data) as number).filter((n) => n >= 1);
    expect(
      await start(one)
        .annotate({ n: Count(relation) })
        .filter({ n__gte: 1 })
        .aggregate({ most: Max("n"), total: Sum("n") }),
    ).toEqual(
      some.length === 0
        ? { most: null, total: null }
        : { most: Math.max(...some), total: some.reduce((sum, n) => sum + n, 0) },
    );
  });

  law("come in pages that together are the whole answer, in whatever order", 300, async (one, data) => {
    const { model, values, keys, top, descending } = one;
    const order = ["a0", ...keys.filter(({ way }) => leadsToOne(model, way)).map(textOf)];
    // Each up or down by itself, the first as the rest are not.
    const signs = order.map((_, i) => (i === 0) === descending);
    const rows = chosen(one, data)
      .map(
        (row) =>
          ({ ...expected(values, model, alone([row]), data), ...keysOf(one, row, data), id: row["id"] }) as Plain,
      )
      .filter((row) => isKept(row, one))
      .toSorted((left, right) => {
        for (const [i, name] of order.entries()) {
          const found = compare(left[name], right[name]);
          if (found !== 0) return signs[i] === true ? -found : found;
        }
        return compare(left["id"], right["id"]) * (signs.at(-1) === true ? -1 : 1);
      });
    const query = kept(start(one).annotate(named(values, family.models)), one).orderBy(
      ...order.map((name, i) => `${signs[i] === true ? "-" : ""}${name}`),
    );
    for (const asking of [query, query.values("id")]) {
      const found: unknown[] = [];
      let after: string | null = null;
      do {
        const page: Loose = await asking.page({ size: top, ...(after === null ? {} : { after }) });
        found.push(...ids(page.rows));
        after = page.next;
        expect(found.length, asking.sql()).toBeLessThanOrEqual(rows.length);
      } while (after !== null);
      expect(found, asking.sql()).toEqual(ids(rows));
    }
  });

  law("are put together as sets of rows, ordered and cut off as a whole", 200, async (one, data) => {
    const { model, limit, descending } = one;
    const [left, right] = [
      chosen({ ...one, not: null }, data),
      data[model].filter((row) => one.not === null || holds(one.not, model, row, data)),
    ];
    const first = family.models[model].filter(toQ(one.where, family.models));
    const second =
      one.not === null ? family.models[model].all() : family.models[model].filter(toQ(one.not, family.models));
    const has = (rows: readonly Plain[], row: Plain): boolean => rows.some(({ id }) => id === row.id);
    const put: readonly (readonly [Loose, readonly Plain[]])[] = [
      [union(first, second), [...left, ...right.filter((row) => !has(left, row))]],
      [union(first, second, { all: true }), [...left, ...right]],
      [intersect(first, second), left.filter((row) => has(right, row))],
      [except(first, second), left.filter((row) => !has(right, row))],
    ];
    for (const [query, rows] of put) {
      expect(await query.count(), query.sql()).toBe(rows.length);
      const sorted = rows.toSorted(byNames(["num", "id"], one));
      const inOrder = ordered(query, ["num", "id"], one);
      expect(ids(await inOrder), query.sql()).toEqual(ids(sorted));
      const cut = sliced(sorted, { ...one, limit: limit ?? 9 });
      let some = inOrder.limit(limit ?? 9);
      if (one.offset !== null) some = some.offset(one.offset);
      expect(ids(await some), some.sql()).toEqual(ids(cut));
      expect(await some.count(), some.sql()).toBe(cut.length);
    }
    const nums = new Set(left.map(({ num }) => num));
    const others = new Set(right.map(({ num }) => num));
    const [these, those] = [first, second].map((query) => query.valuesList("num"));
    const shared = [...nums].filter((num) => others.has(num));
    const byNum = (some: readonly unknown[]): unknown[] =>
      some.toSorted((a, b) => compare(a, b) * (descending ? -1 : 1)).map((num) => [num]);
    expect(await ordered(intersect(these, those), ["num"], one)).toEqual(byNum(shared));
    expect(await ordered(union(these, those), ["num"], one)).toEqual(byNum([...new Set([...nums, ...others])]));
  });
});
