import { FieldError, ParamsError, UnsupportedError } from "../../base/errors.js";
import * as aggregates from "../../computed/functions/aggregate.js";
import * as math from "../../computed/functions/math.js";
import * as queries from "../../computed/functions/subquery.js";
import * as texts from "../../computed/functions/text.js";
import * as constants from "../../computed/functions/value.js";
import * as combined from "../../queryset/combined.js";
import { With as typedWith } from "../../queryset/with.js";
import { F as typedF } from "../../computed/f.js";
import { equal, fails } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { ask, writers, type Ask } from "./expressions.js";
import { family, type Family } from "./family.js";
import type { Obj } from "./models.js";

type Make = (...given: unknown[]) => Ask;

const made = { ...aggregates, ...math, ...queries, ...texts, ...constants, ...combined };
const { Avg, Coalesce, Concat, Count, Exists, Max, OuterRef, Subquery, Sum, Value, union } = made as unknown as Record<
  string,
  Make
>;
const F = typedF as unknown as Make;
const With = typedWith as unknown as Make & { readonly recursive: Make };
const flat = { flat: true };

/** How many posts an author wrote, and what the last is called. */
const written = (f: Family): Ask =>
  With(
    "written",
    ask(f.Post).groupBy!("authorId").annotate!({ n: Count!("id"), last: Max!("title") }).values!(
      "authorId",
      "n",
      "last",
    ),
  );

/** root → (a → (aa → aaa), b); other */
async function tree(t: Kit): Promise<{ readonly f: Family; readonly root: Obj }> {
  const f = await family(t);
  const add = (name: string, parent: object | null): PromiseLike<Obj> =>
    f.Node.create({ name, parent }) as PromiseLike<Obj>;
  const root = await add("root", null);
  const a = await add("a", root);
  await add("b", root);
  await add("aaa", await add("aa", a));
  await add("other", null);
  return { f, root };
}

/** A node and what is below it, with the way there. */
const below = (f: Family, id: unknown, deepest = 9): Ask =>
  With.recursive(
    "below",
    ask(f.Node).filter!({ id }).annotate!({ depth: Value!(0), way: F("name") }).values!("id", "depth", "way"),
    (above: Ask) =>
      ask(f.Node).filter!({ parent: above.col!("id") }).annotate!({
        depth: (above.col!("depth") as Ask).plus!(1),
        way: Concat!(above.col!("way"), Value!(" > "), "name"),
      }).filter!({ depth__lte: deepest }).values!("id", "depth", "way"),
  );

/** Queries under names. */
export const named: readonly ConformanceCase[] = [
  {
    name: "a query under a name is asked more, like a table",
    run: async (t) => {
      const f = await writers(t);
      const all = written(f);
      equal(await all.orderBy!("-n"), [
        { authorId: 1, n: 3, last: "p2" },
        { authorId: 2, n: 2, last: "p4" },
      ]);
      equal(await all.filter!({ n__gt: 2 }).valuesList!("last", flat), ["p2"]);
      equal(await all.exclude!({ n: 3 }).valuesList!("authorId", flat), [2]);
      equal(await all.annotate!({ more: (F("n") as Ask).plus!(1) }).orderBy!("more").valuesList!("more", flat), [3, 4]);
      equal(await all.count!(), 2);
      equal(await all.exists!({ n: 9 }), false);
      equal(await all.limit!(1).count!(), 1);
      equal(await all.orderBy!("last").first!(), { authorId: 1, n: 3, last: "p2" });
      equal(await all.latest!("last"), { authorId: 2, n: 2, last: "p4" });
      equal(await all.get!({ last: "p4" }).valuesList!("n", flat), 2);
      equal(await all.groupBy!("last").annotate!({ n: Count!("authorId") }).orderBy!("last").values!(), [
        { last: "p2", n: 1 },
        { last: "p4", n: 1 },
      ]);
      equal(await all.none!(), []);
      const rows: unknown[] = [];
      for await (const row of all.orderBy!("authorId") as unknown as AsyncIterable<unknown>) rows.push(row);
      equal(rows.length, 2);
    },
  },
  {
    name: "aggregates of aggregates, exactly",
    run: async (t) => {
      const f = await writers(t);
      equal(await written(f).aggregate!({ most: Max!("n"), all: Sum!("n"), mean: Avg!("n") }), {
        most: 3,
        all: 5,
        mean: 2.5,
      });
      equal(await written(f).none!().aggregate!({ some: Count!("n"), all: Sum!("n") }), { some: 0, all: null });
      for (const [int, decimal] of [
        [1, "0.10"],
        [1, "0.20"],
        [2, "999999999.99"],
        [3, null],
      ])
        await t.Sample.create({ int, decimal });
      const sums = With(
        "sums",
        ask(t.Sample).groupBy!("int").annotate!({ sum: Sum!("decimal") }).values!("int", "sum"),
      );
      equal(await sums.filter!({ sum__gt: "0.25" }).orderBy!("sum").values!(), [
        { int: 1, sum: "0.30" },
        { int: 2, sum: "999999999.99" },
      ]);
      equal(await sums.filter!({ sum: null }).valuesList!("int", flat), [3]);
      equal(await sums.aggregate!({ all: Sum!("sum") }), { all: "1000000000.29" });
    },
  },
  {
    name: "its columns stand in queries of models: where they equal, or nulls where there is no row",
    run: async (t) => {
      const f = await writers(t);
      const all = written(f);
      equal(
        await ask(f.User).filter!({ id: all.col!("authorId") }).annotate!({ n: all.col!("n") }).orderBy!("-n")
          .valuesList!("name", "n"),
        [
          ["Ann", 3],
          ["bob", 2],
        ],
      );
      const own = all.on!({ authorId: "id" });
      const users = ask(f.User).annotate!({
        n: Coalesce!(own.col!("n"), Value!(0)),
        last: own.col!("last"),
      });
      equal(await users.orderBy!("id").valuesList!("name", "n", "last"), [
        ["Ann", 3, "p2"],
        ["bob", 2, "p4"],
        ["cy", 0, null],
      ]);
      equal(await users.filter!({ n__lt: 3 }).orderBy!("-n").valuesList!("name", flat), ["bob", "cy"]);
      equal(await users.exclude!({ last: "p4" }).count!(), 2);
      equal(await users.filter!({ last: "p4" }).update!({ nick: "x" }), 1);
      equal(await users.filter!({ last: null }).delete!(), 1);
      equal(await ask(f.User).filter!({ nick: "x" }).valuesList!("name", flat), ["bob"]);
    },
  },
  {
    name: "it stands where a query set does: in __in, Subquery, Exists and union",
    run: async (t) => {
      const f = await writers(t);
      const all = written(f);
      const ids = (of: Ask): Ask => of.valuesList!("authorId", flat);
      const names = (of: Ask): Ask => of.orderBy!("id").valuesList!("name", flat);
      equal(await names(ask(f.User).filter!({ id__in: ids(all.filter!({ n__lt: 3 })) })), ["bob"]);
      equal(await names(ask(f.User).exclude!({ id__in: ids(all) })), ["cy"]);
      equal(
        await names(ask(f.User).filter!({ posts__in: ask(f.Post).filter!({ author__in: ids(all), title: "p3" }) })),
        ["bob"],
      );
      const own = all.filter!({ authorId: OuterRef!("id") });
      equal(
        await ask(f.User).annotate!({ n: Subquery!(own.valuesList!("n", flat)), any: Exists!(own) }).orderBy!("id")
          .valuesList!("n", "any"),
        [
          [3, true],
          [2, true],
          [null, false],
        ],
      );
      equal(
        await union!(ids(all), ask(f.User).filter!({ id__gt: 1 }).valuesList!("id", flat)).orderBy!("authorId"),
        [1, 2, 3],
      );
      const again = With("again", all.filter!({ n__gt: 2 }).values!("last"));
      equal(await again, [{ last: "p2" }]);
      equal(await ask(f.User).filter!({ id__in: ids(all) }).update!({ mark: 7 }), 2);
      equal(await ask(f.User).filter!({ mark: 7, id__in: ids(all.filter!({ n: 2 })) }).update!({ mark: 8 }), 1);
    },
  },
  {
    name: "a query that goes on from its own rows walks a tree",
    run: async (t) => {
      const { f, root } = await tree(t);
      const all = below(f, root.id);
      equal(await all.orderBy!("way").valuesList!("depth", "way"), [
        [0, "root"],
        [1, "root > a"],
        [2, "root > a > aa"],
        [3, "root > a > aa > aaa"],
        [1, "root > b"],
      ]);
      equal(await below(f, root.id, 1).count!(), 3);
      equal(
        await ask(f.Node).filter!({ id: all.col!("id") }).annotate!({ depth: all.col!("depth") }).orderBy!(
          "-depth",
          "name",
        ).valuesList!("name", "depth"),
        [
          ["aaa", 3],
          ["aa", 2],
          ["a", 1],
          ["b", 1],
          ["root", 0],
        ],
      );
      const ids = all.filter!({ depth__gte: 2 }).valuesList!("id", flat);
      equal(await ask(f.Node).filter!({ id__in: ids }).update!({ name: "deep" }), 2);
      equal(await ask(f.Node).exclude!({ id__in: all.valuesList!("id", flat) }).valuesList!("name", flat), ["other"]);
      const far = "x".repeat(20);
      await ask(f.Node).filter!({ name: "deep" }).update!({ name: far });
      equal(
        await below(f, root.id).filter!({ depth: 3 }).valuesList!("way", flat),
        [`root > a > ${far} > ${far}`],
        "longer than any text that it began with",
      );
    },
  },
  {
    name: "rows that were found before end a walk in circles",
    run: async (t) => {
      const { f, root } = await tree(t);
      await ask(f.Node).filter!({ id: root.id }).update!({ parent: (await f.Node.get({ name: "aaa" })).id });
      const circle = With.recursive(
        "circle",
        ask(f.Node).filter!({ name: "aa" }).values!("id"),
        (above: Ask) => ask(f.Node).filter!({ parent: above.col!("id") }).values!("id"),
        { distinct: true },
      );
      equal(await ask(f.Node).filter!({ id: circle.col!("id") }).orderBy!("name").valuesList!("name", flat), [
        "a",
        "aa",
        "aaa",
        "b",
        "root",
      ]);
    },
  },
  {
    name: "what a named query cannot do is refused before anything is asked",
    run: async (t) => {
      const f = await writers(t);
      const all = written(f);
      await fails(() => all.filter!({ n: 1 }).update!({ n: 2 }), UnsupportedError, { code: "named_write" });
      await fails(() => all.filter!({ n: 1 }).delete!(), UnsupportedError, { code: "named_write" });
      await fails(() => all.filter!({ nope: 1 }), FieldError, { code: "unknown_field" });
      await fails(() => ask(f.User).filter!({ id: all.col!("nope") }), FieldError, { code: "unknown_field" });
      await fails(
        () => ask(f.User).filter!({ id__in: all.values!("authorId"), name: written(f).col!("last") }),
        ParamsError,
        {
          code: "name_twice",
        },
      );
      const nodes = ask(f.Node);
      const walk = (next: (above: Ask) => Ask): Ask => With.recursive("walk", nodes.values!("id"), next);
      const on = (above: Ask): Ask => nodes.filter!({ parent: above.col!("id") });
      await fails(() => walk(() => nodes.values!("id")), UnsupportedError, { code: "recursive" });
      await fails(() => walk((above) => on(above).limit!(1).values!("id")), UnsupportedError, { code: "recursive" });
      await fails(
        () => walk((above) => on(above).annotate!({ n: Count!("id") }).groupBy!("id").values!("n")),
        ParamsError,
        { code: "recursive" },
      );
      await fails(() => walk((above) => on(above).values!("name")), ParamsError, { code: "recursive" });
    },
  },
];
