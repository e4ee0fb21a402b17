import { FieldError, UnsupportedError } from "../../base/errors.js";
import * as aggregates from "../../computed/functions/aggregate.js";
import * as cases from "../../computed/functions/case.js";
import * as math from "../../computed/functions/math.js";
import * as queries from "../../computed/functions/subquery.js";
import * as texts from "../../computed/functions/text.js";
import * as constants from "../../computed/functions/value.js";
import * as windows from "../../computed/functions/window.js";
import * as combined from "../../queryset/combined.js";
import { With as typedWith } from "../../queryset/with.js";
import { F as typedF } from "../../computed/f.js";
import { equal, fails } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { family, Prefetch, type Family } from "./family.js";
import { HOSTILE } from "./hostile.js";
import { Q } from "./lookups.js";

/** Anything that can be asked more, loosely. */
export type Ask = PromiseLike<unknown> & { readonly [name: string]: (...given: unknown[]) => Ask };
type Make = (...given: unknown[]) => Ask;

const made = { ...aggregates, ...cases, ...math, ...queries, ...texts, ...constants, ...windows, ...combined };
const { Avg, Count, Max, Min, Sum, Case, When, Coalesce, NullIf, Random, Abs } = made as unknown as Record<
  string,
  Make
>;
const { Exists, OuterRef, Subquery, Concat, Length, Lower, Upper, Trim, Substr, Replace, Value } =
  made as unknown as Record<string, Make>;
const { Lag, Lead, Rank, RowNumber, Window, except, intersect, union } = made as unknown as Record<string, Make>;
const F = typedF as unknown as Make;
const With = typedWith as unknown as Make;
export const ask = (table: unknown): Ask => (table as { all(): Ask }).all();
const flat = { flat: true };

/** Three users; two write posts of different scores, with comments and labels. */
export async function writers(t: Kit): Promise<Family> {
  const f = await family(t);
  const [ann, bob] = [await f.User.create({ name: "Ann" }), await f.User.create({ name: "bob" })];
  await f.User.create({ name: "cy" });
  const red = await f.Label.create({ slug: "red" });
  const blue = await f.Label.create({ slug: "blue" });
  for (const [i, author] of [ann, ann, ann, bob, bob].entries()) {
    const post = await f.Post.create({ author, title: `p${i}`, ...(i === 0 ? { reviewer: bob } : {}) });
    await post.labels.add(...(i % 2 === 0 ? [red, blue] : [red]));
    for (let n = 0; n < i; n++) await f.Comment.create({ post, text: n === 0 ? null : `c${n}` });
  }
  return f;
}

const DECIMALS = ["0.10", "0.20", "999999999999.99", null, "-0.30"];

/** Samples of every kind, the fourth of nulls. */
async function samples(t: Kit): Promise<void> {
  for (const [i, decimal] of DECIMALS.entries()) {
    await t.Sample.create(
      decimal === null
        ? {}
        : {
            decimal,
            wide: `${i}.000001`,
            amount: i + 0.125,
            int: i,
            smallInt: i % 2,
            float: i / 4,
            big: 2n ** 53n + BigInt(i),
            text: `t${i}`,
            date: `2024-02-0${i + 1}`,
            datetime: new Date(Date.UTC(2024, 1, i + 1)),
            boolean: i > 1,
          },
    );
  }
}

/** What the database computes. */
export const expressions: readonly ConformanceCase[] = [
  {
    name: "annotate counts several relations without one inflating another",
    run: async (t) => {
      const f = await writers(t);
      equal(
        await ask(f.User).annotate!({
          posts_: Count!("posts"),
          said: Count!("posts__comments"),
          labels: Count!("posts__labels"),
        }).orderBy!("id").valuesList!("name", "posts_", "said", "labels"),
        [
          ["Ann", 3, 3, 5],
          ["bob", 2, 7, 3],
          ["cy", 0, 0, 0],
        ],
      );
      const [first] = (await ask(f.User).annotate!({ n: Count!("posts") }).orderBy!("-n").limit!(1)) as { n: number }[];
      equal(first!.n, 3);
    },
  },
  {
    name: "an aggregate takes a filter, distinct values, and goes along many-to-many relations",
    run: async (t) => {
      const f = await writers(t);
      equal(
        await ask(f.User).annotate!({
          said: Count!("posts__comments", { filter: Q.not(Q({ posts__comments__text: null })) }),
          kinds: Count!("posts__labels", { distinct: true }),
          last: Max!("posts__title", { filter: { posts__labels__slug: "blue" } }),
        }).orderBy!("id").valuesList!("said", "kinds", "last"),
        [
          [1, 2, "p2"],
          [5, 2, "p4"],
          [0, 0, null],
        ],
      );
      equal(await ask(f.Label).annotate!({ n: Count!("posts") }).orderBy!("n").valuesList!("slug", "n"), [
        ["blue", 3],
        ["red", 5],
      ]);
    },
  },
  {
    name: "filters, exclusions, counts and orders by an aggregate; none comes first ascending",
    run: async (t) => {
      const f = await writers(t);
      const query = ask(f.User).annotate!({ n: Count!("posts"), last: Max!("posts__id") });
      equal(await query.filter!({ n__gt: 0 }).count!(), 2);
      equal(await query.exclude!({ last__gt: 3 }).orderBy!("id").valuesList!("name", flat), ["Ann", "cy"]);
      equal(await query.filter!(Q.not(Q({ last__gt: 3 }))).count!(), 2);
      equal(await query.orderBy!("last").valuesList!("name", flat), ["cy", "Ann", "bob"]);
      equal(await query.orderBy!("-last").valuesList!("name", flat), ["bob", "Ann", "cy"]);
      equal(await query.filter!({ n__in: [0, 3] }).count!(), 2);
      equal(await query.filter!({ n__gt: F("id") }).valuesList!("name", flat), ["Ann"]);
    },
  },
  {
    name: "an update and a delete take computed values in their filter, and in what is set",
    run: async (t) => {
      const f = await writers(t);
      const query = ask(f.Post).annotate!({ n: Count!("comments"), by: F("author__name") });
      equal(await query.filter!({ n__gte: 3 }).update!({ title: Concat!("by", Value!(":"), "title") }), 2);
      equal(await ask(f.Post).filter!({ title__startswith: "bob:" }).count!(), 2);
      equal(await query.filter!({ n: 0 }).delete!(), 1);
      equal(await ask(f.Post).count!(), 4);
    },
  },
  {
    name: "groups by columns, paths and computed values; conditions on aggregates choose groups",
    run: async (t) => {
      const f = await writers(t);
      const groups = ask(f.Post).groupBy!("author__name").annotate!({ n: Count!("id"), said: Count!("comments") });
      equal(await groups.orderBy!("-n").values!(), [
        { author__name: "Ann", n: 3, said: 3 },
        { author__name: "bob", n: 2, said: 7 },
      ]);
      equal(await groups.filter!({ said__gt: 5 }).valuesList!("author__name", flat), ["bob"]);
      equal(await groups.exclude!({ said__gt: 5 }).values!("n").count!(), 1);
      equal(await groups.values!().count!(), 2);
      const sizes = ask(f.Post).annotate!({ big: Case!(When!({ id__gt: 3 }, true), { otherwise: false }) });
      equal(await sizes.groupBy!("big").annotate!({ n: Count!("id") }).orderBy!("big").values!(), [
        { big: false, n: 3 },
        { big: true, n: 2 },
      ]);
      equal(
        await ask(f.User).groupBy!("posts__labels__slug").annotate!({ n: Count!("posts") }).orderBy!(
          "posts__labels__slug",
        ).valuesList!("posts__labels__slug", "n"),
        [
          [null, 0],
          ["blue", 3],
          ["red", 5],
        ],
      );
    },
  },
  {
    name: "groups of what a to-many relation leads to have each of its rows, and what they lead to does not multiply them",
    run: async (t) => {
      const f = await writers(t);
      const groups = ask(f.User).groupBy!("posts__labels__slug").annotate!({
        n: Count!("id"),
        users: Count!("id", { distinct: true }),
        said: Count!("posts__comments"),
        words: Count!("posts__comments__text", { distinct: true }),
        last: Max!("posts__comments__text"),
        others: Count!("id", { filter: { posts__title__not: "p4", name__not: F!("posts__title") } }),
      }).orderBy!("posts__labels__slug");
      const names = ["posts__labels__slug", "n", "users", "said", "words", "last", "others"];
      equal(await groups.valuesList!(...names), [
        [null, 1, 1, 0, 0, null, 0],
        ["blue", 3, 2, 6, 3, "c3", 2],
        ["red", 5, 2, 10, 3, "c3", 4],
      ]);
      const many = groups.filter!({ words__gt: 1, others__lt: 3 });
      equal(await many.valuesList!("n", flat), [3]);
      equal(await many.values!("said").count!(), 1);
      equal(await many.values!("said").exists!(), true);
    },
  },
  {
    name: "distinct related values of a group count once, however many of its rows have them",
    run: async (t) => {
      const f = await writers(t);
      const once = { distinct: true };
      const asked = { kinds: Count!("labels", once), words: Count!("comments__text", once), said: Count!("comments") };
      const groups = ask(f.Post).groupBy!("author__name").annotate!({ ...asked, n: Count!("id") });
      equal(await groups.orderBy!("author__name").valuesList!("author__name", "kinds", "words", "said", "n"), [
        ["Ann", 2, 1, 3, 3],
        ["bob", 2, 3, 7, 2],
      ]);
      equal(await groups.filter!({ words__gt: 1 }).valuesList!("author__name", flat), ["bob"]);
      equal(await groups.orderBy!("-words").limit!(1).valuesList!("author__name", flat), ["bob"]);
      equal(await groups.exclude!({ words: 3 }).values!("words").count!(), 1);
      // The rows are those that the filter chose; of them, all that is related.
      const chosen = groups.filter!({ labels__slug: "blue" }).exclude!({ title: "p2" }).orderBy!("author__name");
      equal(await chosen.valuesList!("author__name", "kinds", "words", "n"), [
        ["Ann", 2, 0, 1],
        ["bob", 2, 3, 1],
      ]);
      const own = (filter: object) => Count!("comments__text", { distinct: true, filter });
      const some = ask(f.Post).groupBy!("author__name").annotate!({
        p3: own({ title: "p3" }),
        c1: own({ comments__text: "c1" }),
        both: own(Q.or(Q({ comments__text: "c1" }), Q({ title: "p4", comments__text: "c3" }))),
        sum: Sum!(Length!("comments__text"), once),
        mean: Avg!(Length!("comments__text"), once),
      });
      equal(await some.orderBy!("author__name").values!(), [
        { author__name: "Ann", p3: 0, c1: 1, both: 1, sum: 2, mean: 2 },
        { author__name: "bob", p3: 2, c1: 1, both: 2, sum: 2, mean: 2 },
      ]);
      // Rows without a key are a group of their own, and so are computed keys.
      equal(await ask(f.Post).groupBy!("reviewer__id").annotate!(asked).orderBy!("reviewer__id").values!(), [
        { reviewer__id: null, kinds: 2, words: 3, said: 10 },
        { reviewer__id: 2, kinds: 2, words: 0, said: 0 },
      ]);
      const sizes = ask(f.Post).annotate!({ big: Case!(When!({ id__gt: 3 }, true), { otherwise: false }) });
      equal(await sizes.groupBy!("big").annotate!(asked).orderBy!("big").valuesList!("big", "words"), [
        [false, 1],
        [true, 3],
      ]);
      const many = ask(f.Post).annotate!({ many: Count!("comments") }).exclude!({ many: 0 }).groupBy!("many");
      equal(await many.annotate!(asked).orderBy!("many").valuesList!("many", "words"), [
        [1, 0],
        [2, 1],
        [3, 2],
        [4, 3],
      ]);
      const { said: _said, ...only } = asked;
      equal(await ask(f.Post).aggregate!(only), { kinds: 2, words: 3 });
      equal(await ask(f.Post).orderBy!("id").limit!(3).aggregate!(asked), { kinds: 2, words: 1, said: 3 });
      equal(await ask(f.Post).filter!({ id: 0 }).aggregate!(only), { kinds: 0, words: 0 });
      equal(await ask(f.Post).filter!({ id: 0 }).aggregate!({ x: Sum!("comments__id", once) }), { x: null });
      const late = With("late", ask(f.Post).filter!({ id__gt: 2 }).values!("id"));
      const lately = ask(f.Post).filter!({ id__in: late }).groupBy!("author__name").annotate!(asked);
      equal(await lately.filter!({ words: 3 }).valuesList!("author__name", "words"), [["bob", 3]]);
      const root = await f.Node.create({ name: "root" });
      for (const name of ["a", "b"]) {
        const parent = await f.Node.create({ name, parent: root });
        for (const kid of ["x", name]) await f.Node.create({ name: kid, parent });
      }
      const n = Count!("kids__name", once);
      const nodes = ask(f.Node).groupBy!("parent__name").annotate!({ n }).orderBy!("parent__name");
      equal(await nodes.valuesList!("parent__name", "n"), [
        [null, 2],
        ["a", 0],
        ["b", 0],
        ["root", 3],
      ]);
      const posts = ask(f.Post).filter!({ author: OuterRef!("id"), title__not: "p4" }).groupBy!("authorId");
      const words = Subquery!(posts.annotate!({ n: Count!("comments__text", once) }).valuesList!("n", flat));
      equal(await ask(f.User).annotate!({ words }).orderBy!("id").valuesList!("words", flat), [1, 2, null]);
    },
  },
  {
    name: "groups tell only what they have",
    run: async (t) => {
      await samples(t);
      const groups = ask(t.Sample).groupBy!("smallInt").annotate!({ n: Count!("id") });
      const failure = { code: "not_grouped" };
      await fails(() => groups.values!("text"), FieldError, failure);
      await fails(() => groups.orderBy!("text").values!(), FieldError, failure);
      await fails(() => groups.annotate!({ x: Lower!("text") }).values!(), FieldError, failure);
      await fails(() => groups.filter!(Q.or(Q({ n: 1 }), Q({ text: "t" }))).values!(), FieldError, failure);
      await fails(() => ask(t.Sample).aggregate!({ x: F("int") }), FieldError, failure);
    },
  },
  {
    name: "aggregate gives one object about exactly the rows of the query: sliced, filtered, or none",
    run: async (t) => {
      await samples(t);
      const all = ask(t.Sample);
      const asked = {
        n: Count!("id"),
        sum: Sum!("decimal"),
        mean: Avg!("int"),
        least: Min!("text"),
        last: Max!("date"),
      };
      equal(await all.aggregate!(asked), {
        n: 5,
        sum: "999999999999.99",
        mean: 7 / 4,
        least: "t0",
        last: "2024-02-05",
      });
      equal(await all.orderBy!("id").limit!(2).aggregate!({ n: Count!("id"), sum: Sum!("decimal") }), {
        n: 2,
        sum: "0.30",
      });
      const nothing = { n: 0, sum: null, mean: null, least: null, last: null };
      equal(await all.filter!({ id: -1 }).aggregate!(asked), nothing);
      equal(await all.none!().aggregate!(asked), nothing);
      equal(
        await all.aggregate!({
          some: Sum!("decimal", { filter: { int__lt: 2 } }),
          mean: Sum!("decimal").dividedBy!(Count!("decimal")),
          none: Coalesce!(Sum!("int", { filter: { int: 99 } }), Value!(0)),
        }),
        { some: "0.30", mean: 999999999999.99 / 4, none: 0 },
      );
    },
  },
  {
    name: "sums are exact: decimals as decimals, integers beyond 2^53 as bigints or not at all",
    run: async (t) => {
      await samples(t);
      const all = ask(t.Sample);
      equal(await all.aggregate!({ all: Sum!("wide"), some: Sum!("amount"), bigs: Sum!("big"), most: Max!("big") }), {
        all: "7.000004",
        some: "7.500",
        bigs: 4n * 2n ** 53n + 7n,
        most: 2n ** 53n + 4n,
      });
      equal(await all.aggregate!({ product: Sum!(F("wide").times!(3)) }), { product: "21.000012" });
      await t.Sample.filter({ int: 0 }).update({ bigInt: Number.MAX_SAFE_INTEGER });
      await t.Sample.filter({ int: 1 }).update({ bigInt: 1 });
      await fails(() => all.aggregate!({ s: Sum!("bigInt") }), FieldError, { code: "unsafe_integer" });
    },
  },
  {
    name: "values of different units are brought into one, constants into the form of what stands beside them",
    run: async (t) => {
      await samples(t);
      const all = ask(t.Sample).orderBy!("id");
      const one = (x: unknown): Ask => all.annotate!({ x }).valuesList!("x", flat);
      equal(await one(Coalesce!("decimal", Value!(5))), ["0.10", "0.20", "999999999999.99", "5.00", "-0.30"]);
      equal(await one(Coalesce!(NullIf!("decimal", Value!("0.10")), Value!("1.50"))), [
        "1.50",
        "0.20",
        "999999999999.99",
        "1.50",
        "-0.30",
      ]);
      equal(await one(Coalesce!("date", Value!("2020-02-29"))), [
        "2024-02-01",
        "2024-02-02",
        "2024-02-03",
        "2020-02-29",
        "2024-02-05",
      ]);
      equal(await one(Case!(When!({ int: 0 }, null), When!({ int: 1 }, 7), { otherwise: F("decimal") })), [
        null,
        "7.00",
        "999999999999.99",
        null,
        "-0.30",
      ]);
      await fails(() => one(Coalesce!("text", Value!(5))), FieldError, { code: "bad_value" });
      await fails(() => one(Coalesce!("date", Value!("soon"))), FieldError);
    },
  },
  {
    name: "functions of texts and numbers",
    run: async (t) => {
      await t.Sample.create({ text: " Tea% ", int: -3 });
      await t.Sample.create({});
      const query = ask(t.Sample).orderBy!("id").annotate!({
        low: Lower!(Trim!("text")),
        up: Upper!("text"),
        n: Length!("text"),
        c: Concat!("text", Value!("?"), "text"),
        part: Substr!("text", Value!(2), Value!(3)),
        other: Replace!("text", Value!("%"), Value!("_")),
        abs: Abs!("int"),
      });
      equal(await query.valuesList!("low", "up", "n", "c", "part", "other", "abs"), [
        ["tea%", " TEA% ", 6, " Tea% ? Tea% ", "Tea", " Tea_ ", 3],
        [null, null, null, null, null, null, null],
      ]);
      equal(await query.filter!({ low__endswith: "%" }).count!(), 1);
      equal(await query.exclude!({ low__contains: "%" }).count!(), 1);
      const random = (await ask(t.Sample).annotate!({ r: Random!() }).orderBy!("r").valuesList!("r", flat)) as number[];
      equal(
        random.every((value, i) => value >= 0 && value <= 1 && (i === 0 || value >= random[i - 1]!)),
        true,
      );
    },
  },
  {
    name: "hostile texts are values in every place",
    run: async (t) => {
      for (const text of HOSTILE.map(t.text)) {
        const { id } = await t.Sample.create({ text });
        const mine = ask(t.Sample).filter!({ id });
        equal(await mine.annotate!({ x: Value!(text) }).filter!({ x: Value!(text) }).valuesList!("x", flat), [text]);
        equal(await mine.filter!({ text: Coalesce!(Value!(text), Value!("x")) }).count!(), 1);
        equal(await mine.aggregate!({ n: Count!("id", { filter: { text } }) }), { n: 1 });
        const same = Case!(When!({ text }, text), { otherwise: "no" });
        equal(await mine.annotate!({ x: same }).valuesList!("x", flat), [text]);
        equal(await union!(mine.filter!({ text }).values!("text"), mine.none!().values!("text")), [{ text }]);
      }
    },
  },
  {
    name: "queries inside queries, compared with the row around them",
    run: async (t) => {
      const f = await writers(t);
      const posts = ask(f.Post).filter!({ author: OuterRef!("pk") });
      const query = ask(f.User).orderBy!("id").annotate!({
        first: Subquery!(posts.orderBy!("-id").limit!(1).valuesList!("title", flat)),
        any: Exists!(
          posts.annotate!({ said: Exists!(ask(f.Comment).filter!({ post: OuterRef!("pk") })) }).filter!({
            said: false,
          }),
        ),
        sum: Subquery!(posts.groupBy!("authorId").annotate!({ n: Count!("id") }).valuesList!("n", flat)),
      });
      equal(await query.valuesList!("first", "any", "sum"), [
        ["p2", true, 3],
        ["p4", false, 2],
        [null, false, null],
      ]);
      equal(await query.filter!({ any: true }).count!(), 1);
      equal(await query.exclude!({ first: "p4" }).count!(), 2);
    },
  },
  {
    name: "an expression that is true or false is a condition of its own",
    run: async (t) => {
      const f = await writers(t);
      const has = Exists!(ask(f.Post).filter!({ author: OuterRef!("pk") }));
      const quiet = Exists!(ask(f.Comment).filter!({ post: OuterRef!("pk"), text: null }));
      const told = (query: Ask): Promise<unknown> => query.orderBy!("id").valuesList!("name", flat) as never;
      equal(await told(ask(f.User).filter!(has)), ["Ann", "bob"]);
      equal(await told(ask(f.User).exclude!(has)), ["cy"]);
      equal(await told(ask(f.User).filter!(has, { name: "bob" })), ["bob"]);
      equal(await told(ask(f.User).filter!(Q.or(has, Q({ name: "cy" })))), ["Ann", "bob", "cy"]);
      equal(await told(ask(f.User).filter!(Q.not(Q.and(Q(has), has)))), ["cy"]);
      const word = Case!(When!(quiet, "quiet"), { otherwise: "loud" });
      equal(await ask(f.Post).annotate!({ word }).filter!({ word: "quiet" }).count!(), 4);
      equal(await ask(f.Post).filter!(quiet).update!({ score: 9 }), 4);
      equal(
        await ask(f.User).annotate!({ n: Count!("posts", { filter: has }) }).orderBy!("id").valuesList!("n", flat),
        [3, 2, 0],
      );
      await fails(() => ask(f.User).filter!(Lower!("name")), FieldError, { code: "bad_value", hint: /annotate/ });
      await fails(() => ask(f.User).filter!({ "": F("id") }), FieldError, { code: "unknown_field" });
    },
  },
  {
    name: "what comes before windows does not ask them, and says so",
    run: async (t) => {
      const f = await writers(t);
      const placed = ask(f.Post).annotate!({ place: Window!(RowNumber!(), { orderBy: "id" }) });
      const groups = placed.groupBy!("place").annotate!({ n: Count!("id") });
      await fails(() => groups.values!("n"), UnsupportedError, { code: "window_filter", hint: /With/ });
      await fails(() => placed.aggregate!({ most: Max!("place") }), UnsupportedError, { code: "window_filter" });
      equal(await placed.distinct!().orderBy!("place").count!(), 5);
      // A filter by a window counts the rows that the order repeats.
      const repeated = placed.filter!({ place__gte: 1 }).orderBy!("labels__slug", "id");
      equal(((await repeated) as readonly unknown[]).length, 8);
      equal(await repeated.count!(), 8);
    },
  },
  {
    name: "distinct rows and groups are counted as they come, whatever is computed and ordered by",
    run: async (t) => {
      const f = await writers(t);
      const alike = ask(f.Post).groupBy!("title").annotate!({ n: Count!("id") }).distinct!().valuesList!("n");
      equal(await alike, [[1]]);
      equal(await alike.count!(), 1);
      const ordered = ask(f.Post).annotate!({ one: Value!(1) }).distinct!().orderBy!("author__name", "id");
      equal(await ordered.count!(), 5);
      const told = (await ordered) as readonly { readonly title: string; readonly one: number }[];
      equal(
        told.map(({ title, one }) => `${title} ${one}`),
        ["p0 1", "p1 1", "p2 1", "p3 1", "p4 1"],
      );
    },
  },
  {
    name: "a query inside a group is compared with what the group has",
    run: async (t) => {
      const f = await writers(t);
      const of = (path: string): Ask =>
        Subquery!(ask(f.User).filter!({ name: OuterRef!(path) }).valuesList!("id", flat));
      const groups = ask(f.Post).groupBy!("author__name").annotate!({ who: of("author__name"), n: Count!("id") });
      equal(await groups.orderBy!("who").valuesList!("who", "n"), [
        [1, 3],
        [2, 2],
      ]);
      equal(await groups.filter!({ who: 2 }).valuesList!("n", flat), [2]);
      equal(await groups.filter!({ who__gt: 0 }).values!("n").count!(), 2);
      const others = ask(f.Post).groupBy!("author__name").annotate!({ who: of("title"), n: Count!("id") });
      await fails(() => others.values!("who"), FieldError, { code: "not_grouped" });
    },
  },
  {
    name: "groups of a constant are groups, and a constant orders nothing, selected or not",
    run: async (t) => {
      const f = await writers(t);
      const all = ask(f.Post).annotate!({ zero: Value!(0) });
      const groups = all.groupBy!("zero").annotate!({ n: Count!("id") });
      equal(await groups.values!("n"), [{ n: 5 }]);
      equal(await groups.values!().count!(), 1);
      equal(await all.orderBy!("zero", "-title").values!("title").count!(), 5);
      equal(await all.orderBy!("zero", "-title").limit!(1).valuesList!("title", flat), ["p4"]);
    },
  },
  {
    name: "windows look at other rows of the answer",
    run: async (t) => {
      const f = await writers(t);
      const query = ask(f.Post).orderBy!("id").annotate!({
        n: Window!(RowNumber!(), { partitionBy: "author", orderBy: "-id" }),
        rank: Window!(Rank!(), { orderBy: "authorId" }),
        all: Window!(Count!("id"), { partitionBy: "authorId" }),
        before: Window!(Lag!("title", Value!(1), Value!("none")), { orderBy: "id" }),
        behind: Window!(Lead!("title"), { orderBy: "id" }),
      });
      equal(await query.valuesList!("n", "rank", "all", "before", "behind"), [
        [3, 1, 3, "none", "p1"],
        [2, 1, 3, "p0", "p2"],
        [1, 1, 3, "p1", "p3"],
        [2, 4, 2, "p2", "p4"],
        [1, 4, 2, "p3", null],
      ]);
      await samples(t);
      const all = ask(t.Sample).annotate!({ mean: Window!(Avg!("wide"), { partitionBy: "smallInt" }) });
      equal(await all.orderBy!("id").limit!(2).valuesList!("mean", flat), [
        (0.000001 + 2.000001 + 4.000001) / 3,
        1.000001,
      ]);
    },
  },
  {
    name: "a filter by a window keeps rows after the window has seen all that the rest of the filter chose",
    run: async (t) => {
      const f = await writers(t);
      const query = ask(f.Post).annotate!({
        n: Window!(RowNumber!(), { partitionBy: "author", orderBy: "-id" }),
        all: Window!(Count!("id"), { partitionBy: "authorId" }),
        before: Window!(Lag!("title"), { orderBy: "id" }),
      });
      const titles = (of: Ask): Ask => of.orderBy!("id").valuesList!("title", flat);
      const top = query.filter!({ n__lte: 2 });
      equal(await titles(top), ["p1", "p2", "p3", "p4"]);
      equal(await top.orderBy!("-author__name", "n").limit!(3).valuesList!("title", "n", "all"), [
        ["p4", 1, 2],
        ["p3", 2, 2],
        ["p2", 1, 3],
      ]);
      equal(await titles(top.filter!({ title__not: "p2" })), ["p0", "p1", "p3", "p4"]);
      equal(
        [await top.count!(), await top.limit!(3).count!(), await top.exists!(), await top.exists!({ n: 9 })],
        [4, 3, true, false],
      );
      equal(await titles(query.exclude!({ n: 1 })), ["p0", "p1", "p3"]);
      equal(await titles(query.filter!(Q.or(Q({ before: null }), Q({ title: "p4" }), Q({ n: F("all") })))), [
        "p0",
        "p3",
        "p4",
      ]);
      equal(await titles(query.exclude!({ before: "p2" })), ["p0", "p1", "p2", "p4"]);
      const objects = (await top.orderBy!("id").selectRelated!("author")) as { n: number; author: { name: string } }[];
      equal(
        objects.map(({ n, author }) => [n, author.name]),
        [
          [2, "Ann"],
          [1, "Ann"],
          [2, "bob"],
          [1, "bob"],
        ],
      );
      const users = (await ask(f.User).orderBy!("id").prefetchRelated!(
        Prefetch("posts", query.filter!({ n: 1 })),
      )) as unknown as { posts: { title: string }[] }[];
      equal(
        users.map(({ posts }) => posts.map(({ title }) => title)),
        [["p2"], ["p4"], []],
      );
      await fails(
        () => ask(f.User).prefetchRelated!(Prefetch("posts", query.filter!({ n: 1 }).limit!(1))),
        UnsupportedError,
        { code: "window_filter" },
      );
      equal(await ask(f.User).filter!({ posts__in: query.filter!({ n: 3 }) }).valuesList!("name", flat), ["Ann"]);
      equal(await query.filter!({ n: 1, author__name: "bob" }).update!({ title: "last" }), 1);
      equal(await titles(ask(f.Post)), ["p0", "p1", "p2", "p3", "last"]);
      equal(await query.filter!({ n__gt: 1 }).delete!(), 3);
      equal(await titles(query), ["p2", "last"]);
      const pages = query.orderBy!("-n", "id").filter!({ n: 1 });
      equal(((await pages.page!({ size: 5 })) as unknown as { rows: unknown[] }).rows.length, 2);
    },
  },
  {
    name: "a filter by a window over groups keeps groups",
    run: async (t) => {
      const f = await writers(t);
      const groups = ask(f.Post).groupBy!("authorId").annotate!({ n: Count!("id") }).annotate!({
        place: Window!(Rank!(), { orderBy: "-n" }),
      });
      equal(await groups.filter!({ place: 1 }).values!("authorId", "n"), [{ authorId: 1, n: 3 }]);
      equal(await groups.filter!({ place: 1, n__lt: 3 }).values!("authorId", "n"), [{ authorId: 2, n: 2 }]);
      equal(await groups.filter!({ place__gt: 1 }).count!(), 1);
      const row = ask(f.Post).annotate!({ place: Window!(RowNumber!(), { orderBy: "id" }) }).filter!({ place: 1 });
      await fails(() => row.groupBy!("authorId").annotate!({ n: Count!("id") }).values!(), UnsupportedError, {
        code: "window_filter",
      });
      await fails(() => row.aggregate!({ n: Count!("id") }), UnsupportedError, { code: "window_filter" });
    },
  },
  {
    name: "queries that are put together",
    run: async (t) => {
      const f = await writers(t);
      const [some, more] = [ask(f.User).filter!({ id__lt: 3 }), ask(f.User).filter!({ id__gt: 1 })];
      const named = (rows: unknown): string[] => (rows as { name: string }[]).map(({ name }) => name);
      equal(named(await union!(some, more).orderBy!("-id")), ["cy", "bob", "Ann"]);
      equal(named(await intersect!(some, more)), ["bob"]);
      equal(named(await except!(some, more)), ["Ann"]);
      equal(await union!(some, more, { all: true }).count!(), 4);
      equal(await union!(some, more, { all: true }).limit!(3).count!(), 3);
      equal(
        await union!(some.orderBy!("-id").limit!(1).valuesList!("name", flat), ask(f.Label).valuesList!("slug", flat))
          .orderBy!("name").limit!(2).offset!(1),
        ["bob", "red"],
      );
      await samples(t);
      const all = ask(t.Sample);
      const sums = all.groupBy!("id").annotate!({ s: Sum!("wide"), d: Sum!("decimal") }).filter!({ s__gt: 0 });
      equal(await union!(sums.valuesList!("s", flat), sums.valuesList!("s", flat)).orderBy!("-s").limit!(2), [
        "4.000001",
        "2.000001",
      ]);
    },
  },
];
