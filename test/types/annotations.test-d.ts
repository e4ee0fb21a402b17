// Annotations, aggregates, groups, functions and windows: what they give, and what they must not be asked.
import {
  Abs,
  Avg,
  Case,
  Coalesce,
  Concat,
  Count,
  DenseRank,
  Exists,
  F,
  fields,
  FirstValue,
  Lag,
  LastValue,
  Lead,
  Length,
  Lower,
  Max,
  Min,
  NullIf,
  OuterRef,
  PercentRank,
  Prefetch,
  Q,
  Random,
  Rank,
  RawSql,
  Replace,
  RowNumber,
  sqlFunction,
  Subquery,
  Substr,
  Sum,
  Trim,
  Upper,
  Value,
  When,
  Window,
} from "./support.js";
import { Order as Sale, same } from "./models.js";
import { Article, Item, Order, Tag, User } from "./related-models.js";

const counted = User.all().annotate({ n: Count("orders") });
const grouped = Order.all()
  .groupBy("userId")
  .annotate({ n: Count("id") });

async function annotations() {
  const a = await User.all()
    .annotate({
      n: Count("orders"),
      spent: Sum("orders__total"),
      avg: Avg("orders__quantity"),
      last: Max("orders__createdAt"),
      low: Lower("nick"),
      name: Lower("username"),
      len: Length("username"),
      next: F("age").plus(1),
      shown: Coalesce("nick", "username"),
      one: Value(1),
    })
    .filter({ n__gte: 3, spent__gt: 10, last__year: 2024, low__icontains: "x", username: "a", shown__startswith: "b" })
    .orderBy("-n", "age");
  const r = a[0]!;
  r.greeting();
  same<typeof r.n, number>();
  same<typeof r.spent, string | null>();
  same<typeof r.avg, number | null>();
  same<typeof r.last, Date | null>();
  same<typeof r.low, string | null>();
  same<typeof r.name, string>();
  same<typeof r.len, number>();
  same<typeof r.next, number>();
  same<typeof r.shown, string>();
  same<typeof r.one, number>();
  const whole: User = r;
  const b = await counted.values("username", "n");
  same<(typeof b)[number], { username: string; n: number }>();
  const c = await counted.annotate({ m: F("n").times(2) }).first();
  same<NonNullable<typeof c>["m"], number>();
  same<NonNullable<typeof c>["n"], number>();
  const d = await Order.all()
    .annotate({ rest: F("quantity").minus(F("discount")), cost: Sum(F("quantity").times(F("items__price"))) })
    .values("rest", "cost");
  same<(typeof d)[number], { rest: number | null; cost: number | null }>();
  const e = await User.all()
    .annotate({ n: Count("orders", { distinct: true, filter: User.q({ orders__status: "paid" }) }) })
    .prefetchRelated("orders");
  same<(typeof e)[0]["n"], number>();
  e[0]!.orders.length;
  const f = await User.get({ id: 3 }).annotate({ n: Count("orders") });
  same<typeof f.n, number>();
  f.greeting();
  const g = await counted.only("username");
  same<(typeof g)[0]["n"], number>();
  same<(typeof g)[0]["username"], string>();
  // @ts-expect-error left out
  g[0]!.email;
  const h = await User.all()
    .values("id")
    .annotate({ n: Count("orders") });
  same<typeof h, { id: number }[]>();
  const i = await counted.valuesList("n", { flat: true });
  same<typeof i, number[]>();
  const j = await Tag.all()
    .annotate({ n: Count("articles") })
    .values();
  same<typeof j, { name: string; id: number; n: number }[]>();
  const k = await User.filter({ id: 1 })
    .first()
    .annotate({ n: Count("orders") })
    .values("n");
  same<typeof k, { n: number } | null>();
  const l = await User.all().prefetchRelated(Prefetch("articles", Article.all().annotate({ n: Count("tags") })));
  for (const each of l[0]!.articles) each.n.toFixed();
  const m = await counted.inBulk([3]);
  same<ReturnType<(typeof m)["get"]> extends { n: number } | undefined ? true : false, true>();
  counted.filter({ age__gt: F("n") }).latest("n");
  counted.update({ age: 3 });
  counted.filter({ n__in: [1, 2], n__range: [1, 2] }, Q.or(Q({ n: 3 }), Q({ age: 4 })));
  counted.exclude(User.q({ age: 3 }));
  Order.filter({
    user__in: counted.filter({ n__gt: 3 }),
  });
  const own = await (null as unknown as User).orders.annotate({ n: Count("items") });
  same<(typeof own)[0]["n"], number>();
  // @ts-expect-error unknown path
  User.all().annotate({ n: Count("ordrs") });
  // @ts-expect-error unknown path, deep
  User.all().annotate({ n: Sum("orders__totl") });
  // @ts-expect-error not a number
  User.all().annotate({ n: Sum("username") });
  // @ts-expect-error not a number
  User.all().annotate({ n: Avg("orders__createdAt") });
  // @ts-expect-error not a number
  User.all().annotate({ n: F("username").plus(1) });
  // @ts-expect-error not a column
  User.all().annotate({ n: Max("orders") });
  // @ts-expect-error not a column
  Order.all().annotate({ n: F("user") });
  // @ts-expect-error wrong path in arithmetic
  User.all().annotate({ n: F("age").plus(F("agee")) });
  // @ts-expect-error a lookup that its type does not have
  counted.filter({ n__icontains: "x" });
  // @ts-expect-error wrong type
  counted.filter({ n: "x" });
  // @ts-expect-error unknown annotation
  counted.orderBy("-m");
  // @ts-expect-error the name of a field
  User.all().annotate({ age: Count("orders") });
  // @ts-expect-error the name of a relation
  User.all().annotate({ orders: Count("orders") });
  // @ts-expect-error the name of a method
  User.all().annotate({ greeting: Count("orders") });
  // @ts-expect-error the name of another annotation
  counted.annotate({ n: Length("username") });
  // @ts-expect-error a path
  User.all().annotate({ a__b: Count("orders") });
  // @ts-expect-error no expression
  User.all().annotate({ n: 3 });
  // @ts-expect-error an annotation cannot be set
  counted.update({ n: 3 });
  // @ts-expect-error not there when rows are changed
  counted.update({ age: F("n") });
  // @ts-expect-error not a column of the table
  counted.only("n");
  // @ts-expect-error not selected
  b[0]!.age;
  return whole;
}

async function conditions() {
  const s = await Order.filter({ paid: 1 }).aggregate({
    n: Count("id"),
    total: Sum("total"),
    max: Max("quantity"),
    paid: Count("id", { filter: Q({ status: "paid" }) }),
    plain: Sum("quantity", { filter: { status: "paid", user__age__gt: 3, items__price__in: [1, 2] } }),
    first: Min("createdAt", { filter: Order.q({ paid: F("quantity") }) }),
    either: Count("items", { filter: Q.or(Q({ paid: 3 }), Q.not(Q({ note: null }))), distinct: true }),
  });
  same<
    typeof s,
    {
      n: number;
      total: string | null;
      max: number | null;
      paid: number;
      plain: number | null;
      first: Date | null;
      either: number;
    }
  >();
  const bytes = await Order.all().aggregate({ n: Coalesce(Sum("total", { filter: { status: "paid" } }), Value(0)) });
  same<typeof bytes.n, string>();
  const settled = Count("orders", { filter: User.q({ orders__status: "paid" }) });
  User.all().annotate({ settled });
  const plain = Count("orders", { filter: { orders__status: "paid" } });
  User.all().annotate({ plain });
  User.all().annotate({ more: plain.plus(settled) });
  // @ts-expect-error wrong name in the Q inside
  Order.all().aggregate({ n: Count("id", { filter: Q({ statuss: "paid" }) }) });
  // @ts-expect-error wrong name in the condition inside
  Order.all().aggregate({ n: Count("id", { filter: { statuss: "paid" } }) });
  // @ts-expect-error wrong value in the condition inside
  Order.all().aggregate({ n: Count("id", { filter: { status: "payed" } }) });
  // @ts-expect-error wrong lookup in the condition inside
  Order.all().aggregate({ n: Count("id", { filter: { paid__icontains: "x" } }) });
  // @ts-expect-error a wrong path in the condition inside
  Order.all().aggregate({ n: Count("id", { filter: { paid: F("quantiti") } }) });
  // @ts-expect-error a Q of another model
  Order.all().aggregate({ n: Count("id", { filter: User.q({ age: 3 }) }) });
  // @ts-expect-error a Q of another model, in a part
  Order.all().aggregate({ n: Count("id", { filter: User.q({ age: 3 }) }).plus(1) });
  // @ts-expect-error a Q of another model, in an argument
  Order.all().aggregate({ n: Coalesce(Count("id", { filter: User.q({ age: 3 }) }), Value(1)) });
  // @ts-expect-error another model
  Order.all().annotate({ settled });
  // @ts-expect-error another model
  Order.all().annotate({ plain });
}

async function groups() {
  const g = await Order.all()
    .groupBy("userId", "status")
    .annotate({ count: Count("id"), spent: Sum("total") })
    .filter({ count__gt: 3, quantity__lt: 5 })
    .orderBy("-spent", "userId")
    .limit(3)
    .values("userId", "count", { s: "spent" });
  same<(typeof g)[number], { userId: number; count: number; s: string | null }>();
  const t = await Order.all()
    .groupBy("user__username")
    .annotate({ count: Count("id") })
    .valuesList("user__username", "count");
  same<typeof t, [string, number][]>();
  const a = await Order.all()
    .groupBy("reviewer__username")
    .annotate({ n: Count("items") })
    .values();
  same<(typeof a)[number], { reviewer__username: string | null; n: number }>();
  const b = await Order.all().groupBy("userId").values("userId");
  same<typeof b, { userId: number }[]>();
  const c = await grouped.valuesList("n", { flat: true }).first();
  same<typeof c, number | null>();
  const d = await Order.all()
    .annotate({ big: F("quantity").times(2) })
    .groupBy("big")
    .annotate({ n: Count("id") })
    .annotate({ twice: F("n").times(2) })
    .values("big", "twice");
  same<typeof d, { big: number; twice: number }[]>();
  const before = Order.all()
    .annotate({ n: Count("id"), last: Max("createdAt"), both: Sum("quantity").plus(Count("id")), k: F("quantity") })
    .groupBy("userId");
  const e = await before.filter({ n__gt: 3 }).orderBy("-last").values("userId", "n", "last", "both");
  same<(typeof e)[number], { userId: number; n: number; last: Date | null; both: number | null }>();
  const f = await before.values();
  same<(typeof f)[number], { userId: number; n: number; last: Date | null; both: number | null }>();
  const n = await grouped.filter({ n__gt: 3 }).count();
  same<typeof n, number>();
  Order.all()
    .groupBy("pk", "userId")
    .annotate({ n: Count("id") })
    .exclude(Q({ n: 3 }))
    .slice(1, 3)
    .values("pk");
  // @ts-expect-error not in the group
  grouped.values("status");
  // @ts-expect-error not in the group
  grouped.values({ s: "status" });
  // @ts-expect-error not in the group
  grouped.valuesList("status", { flat: true });
  // @ts-expect-error not in the group
  grouped.orderBy("-status");
  // @ts-expect-error computed before there were groups
  // biome-ignore format: the mistake is on this line
  Order.all().annotate({ k: F("id") }).groupBy("userId").values("k");
  // @ts-expect-error computed of each row
  before.values("k");
  // @ts-expect-error a window gathers nothing
  // biome-ignore format: the mistake is on this line
  Order.all().annotate({ w: Window(Sum("quantity")) }).groupBy("userId").values("w");
  // @ts-expect-error unknown
  Order.all().groupBy("usrId");
  // @ts-expect-error a relation
  Order.all().groupBy("user");
  // @ts-expect-error unknown
  // biome-ignore format: the mistake is on this line
  Order.all().groupBy("userId").annotate({ n: Count("it") });
  // @ts-expect-error unknown
  Order.all().groupBy("userId").filter({ statuss: 3 });
  // @ts-expect-error there is nothing to await
  Order.all().groupBy("userId").then;
  // @ts-expect-error there are groups, not objects
  Order.all().groupBy("userId").first();
}

async function functions() {
  const [a] = await Sale.all()
    .annotate({
      upper: Upper("note"),
      trim: Trim("status"),
      text: Concat("status", Value("-"), "note"),
      sure: Concat("status", Value("-")),
      part: Substr("note", Value(1), Value(3)),
      other: Replace("status", Value("a"), Value("b")),
      length: Length("note"),
      abs: Abs("discount"),
      exact: Abs("total"),
      none: NullIf("quantity", Value(0)),
      random: Random(),
      first: Coalesce("note", Value("none")),
      maybe: Coalesce("note", "colour"),
      nil: Value(null),
      when: Value(new Date()),
      yes: Value(true),
    })
    .values(
      "upper",
      "trim",
      "text",
      "sure",
      "part",
      "other",
      "length",
      "abs",
      "exact",
      "none",
      "random",
      "first",
      "maybe",
      "nil",
      "when",
      "yes",
    );
  same<
    typeof a,
    | {
        upper: string | null;
        trim: string;
        text: string | null;
        sure: string;
        part: string | null;
        other: string;
        length: number | null;
        abs: number | null;
        exact: string;
        none: number | null;
        random: number;
        first: string;
        maybe: string | null;
        nil: null;
        when: Date;
        yes: boolean;
      }
    | undefined
  >();
  const [b] = await Sale.all()
    .annotate({
      whole: F("quantity").plus(F("paid")),
      price: F("total").times(F("quantity")),
      exact: F("quantity").times(1.5),
      text: F("quantity").times("1.50"),
      wide: F("quantity").times(3 as number),
      sum: F("total").plus(3 as number),
      float: F("ratio").times(F("total")),
      share: F("quantity").dividedBy(2),
      square: F("total").pow(2),
      root: F("total").pow(0.5),
      same: F("serial"),
      next: F("serial").plus(1),
      kilos: F("weight"),
      heavier: F("weight").plus(1),
      chars: Length("status").plus(1),
      nothing: F("quantity").plus(F("discount")),
    })
    .values(
      "whole",
      "price",
      "exact",
      "text",
      "wide",
      "sum",
      "float",
      "share",
      "square",
      "root",
      "same",
      "next",
      "kilos",
      "heavier",
      "chars",
      "nothing",
    );
  same<
    typeof b,
    | {
        whole: number;
        price: string;
        exact: string;
        text: string;
        wide: string | number;
        sum: string;
        float: number | null;
        share: number;
        square: string;
        root: number;
        same: bigint | null;
        next: number | null;
        kilos: number | null;
        heavier: string | null;
        chars: number;
        nothing: number | null;
      }
    | undefined
  >();
  const sums = await Sale.all().aggregate({
    whole: Sum("quantity"),
    serial: Sum("serial"),
    weight: Sum("weight"),
    ratio: Sum("ratio"),
    took: Sum("took"),
    average: Avg("total"),
    least: Min("serial"),
    day: Max("day"),
    colour: Min("colour"),
    more: Sum("total").plus(Count("id")),
    twice: Sum(F("quantity").times(2)),
  });
  same<
    typeof sums,
    {
      whole: number | null;
      serial: number | null;
      weight: string | null;
      ratio: number | null;
      took: number | null;
      average: number | null;
      least: bigint | null;
      day: string | null;
      colour: "red" | "blue" | null;
      more: string | null;
      twice: number | null;
    }
  >();
  const Hex = sqlFunction("hex", () => fields.text());
  const Half = sqlFunction("half", () => fields.float({ null: true }));
  const own = await Sale.all()
    .annotate({ a: Hex("status"), b: Hex("note"), c: Half(F("quantity")) })
    .values("a", "b", "c");
  same<typeof own, { a: string; b: string | null; c: number | null }[]>();
  Sale.all()
    .annotate({ x: Half("quantity").plus(1) })
    .filter({ x__gt: 3 });
  // @ts-expect-error not text
  Sale.all().annotate({ x: Lower("quantity") });
  // @ts-expect-error not text
  Sale.all().annotate({ x: Concat("status", "createdAt") });
  // @ts-expect-error not text
  Sale.all().annotate({ x: Length(F("total")) });
  // @ts-expect-error not a number
  Sale.all().annotate({ x: Abs("status") });
  // @ts-expect-error not a number
  Sale.all().annotate({ x: Sum(Lower("status")) });
  // @ts-expect-error two kinds
  Sale.all().annotate({ x: Coalesce("note", Value(3)) });
  // @ts-expect-error two kinds
  Sale.all().annotate({ x: NullIf("quantity", "note") });
  // @ts-expect-error a constant is Value(…)
  Substr("note", 1, 3);
  // @ts-expect-error unknown
  Sale.all().annotate({ x: Coalesce("note", "nte") });
  // @ts-expect-error unknown
  Sale.all().annotate({ x: Hex("nte") });
}

async function cases() {
  const [a] = await Order.all()
    .annotate({
      size: Case(When({ quantity__gte: 10 }, "big"), When(Q({ user__username: "bob" }), "bob"), { otherwise: "small" }),
      open: Case(When({ quantity__gte: 10 }, "big")),
      mixed: Case(When(Order.q({ paid: 3 }), F("note")), { otherwise: "none" }),
      number: Case(When({ paid: 3 }, 1), { otherwise: F("quantity").plus(1) }),
      yes: Case(When({ paid__gt: F("quantity") }, true), { otherwise: false }),
      nothing: Case(When({ paid: 3 }, null), { otherwise: F("createdAt") }),
    })
    .filter({ size: "big", open__in: ["big"], mixed__icontains: "x", number__gt: 3, yes: true, nothing__year: 2024 })
    .values("size", "open", "mixed", "number", "yes", "nothing");
  same<
    typeof a,
    | {
        size: "big" | "bob" | "small";
        open: "big" | null;
        mixed: string | null;
        number: number;
        yes: boolean;
        nothing: Date | null;
      }
    | undefined
  >();
  const g = await Order.all()
    .groupBy("userId")
    .annotate({ big: Sum(Case(When({ quantity: 10 }, 1), { otherwise: 0 })) })
    .values();
  same<typeof g, { userId: number; big: number | null }[]>();
  Order.all().update({ paid: Case(When({ total__gt: 3 }, 10), { otherwise: F("paid").plus(1) }) });
  Order.filter({ paid__gt: Case(When({ total__gt: 3 }, 10), { otherwise: 3 }) });
  User.all().annotate({ x: Case(When({ nick: "a", orders__isnull: true }, 1), { otherwise: 2 }) });
  // @ts-expect-error wrong value
  // biome-ignore format: the mistake is on this line
  Order.all().annotate({ n: Count("id") }).annotate({ x: Case(When({ n: "x" }, 1)) });
  // @ts-expect-error unknown
  Order.all().annotate({ x: Case(When({ quantiti: 10 }, "big")) });
  // @ts-expect-error unknown in a Q
  Order.all().annotate({ x: Case(When(Q({ quantiti: 10 }), "big")) });
  // @ts-expect-error unknown
  Order.all().annotate({ x: Case(When({ quantity: 10 }, F("nte"))) });
  // @ts-expect-error unknown
  Order.all().annotate({ x: Case(When({ quantity: 10 }, 3), { otherwise: F("quantiti") }) });
  // @ts-expect-error two kinds
  Order.all().annotate({ x: Case(When({ quantity: 10 }, "big"), { otherwise: 3 }) });
  // @ts-expect-error a Q of another model
  Order.all().annotate({ x: Case(When(User.q({ age: 10 }), "big")) });
  // @ts-expect-error not one of its values
  // biome-ignore format: the mistake is on this line
  Order.all().annotate({ x: Case(When({ quantity: 10 }, "big")) }).filter({ x: "bg" });
  // @ts-expect-error unknown
  Order.all().update({ paid: Case(When({ totl__gt: 3 }, 10), { otherwise: 3 }) });
  // @ts-expect-error unknown
  Order.filter({ paid__gt: Case(When({ totl__gt: 3 }, 10), { otherwise: 3 }) });
  // @ts-expect-error null in a field that is not nullable
  Order.all().update({ paid: Case(When({ total__gt: 3 }, 10)) });
}

async function queries() {
  const best = Order.filter({ user: OuterRef("pk") })
    .orderBy("-total")
    .limit(1);
  const [a] = await User.all()
    .annotate({
      best: Subquery(best.valuesList("quantity", { flat: true })),
      last: Subquery(best.valuesList("createdAt", { flat: true })),
      has: Exists(Order.filter({ user: OuterRef("pk"), status: "paid" })),
      raw: RawSql("length(username) + ?", [1], fields.int()),
      maybe: RawSql("?", [1], fields.int({ null: true })),
      any: RawSql("1"),
      more: Subquery(best.valuesList("quantity", { flat: true })).plus(1),
    })
    .filter({ has: true, best__gt: 3, raw__lt: 3, last__year: 2024 })
    .orderBy("-raw")
    .values("best", "last", "has", "raw", "maybe", "any", "more");
  same<
    typeof a,
    | {
        best: number | null;
        last: Date | null;
        has: boolean;
        raw: number;
        maybe: number | null;
        any: unknown;
        more: number | null;
      }
    | undefined
  >();
  Order.filter({ quantity__gt: OuterRef("age"), paid: OuterRef("age").plus(1) });
  Order.all().update({
    quantity: Subquery(Item.filter({ order: OuterRef("pk") }).valuesList("price", { flat: true })) as never,
  });
  // @ts-expect-error objects
  Subquery(Order.all());
  // @ts-expect-error two values
  Subquery(Order.all().valuesList("id", "total"));
  // @ts-expect-error rows
  Subquery(Order.all().values("id"));
  const paid = Exists(Order.filter({ user: OuterRef("pk"), status: "paid" }));
  const buyers = await User.filter(paid, { age: 3 }).exclude(Q.or(Q.not(paid), Q({ age: 4 }), paid));
  same<(typeof buyers)[number], User>();
  User.all().annotate({ word: Case(When(paid, "buys"), { otherwise: "looks" }), n: Count("orders", { filter: paid }) });
  // @ts-expect-error a number is no condition
  User.filter(F("age"));
  // @ts-expect-error a text is no condition
  User.filter(Lower("username"));
  // @ts-expect-error no query
  Exists("orders");
  // @ts-expect-error a lookup that its type does not have
  // biome-ignore format: the mistake is on this line
  User.all().annotate({ has: Exists(Order.all()) }).filter({ has__gt: 3 });
}

async function windows() {
  const [a] = await Order.all()
    .annotate({
      row: Window(RowNumber(), { partitionBy: "user", orderBy: "-total" }),
      rank: Window(Rank(), { partitionBy: ["userId", F("status")], orderBy: ["-user__age", "id"] }),
      dense: Window(DenseRank(), { orderBy: F("paid") }),
      share: Window(PercentRank(), { orderBy: "id" }),
      sum: Window(Sum("total"), { partitionBy: "userId" }),
      all: Window(Count("id")),
      before: Window(Lag("note"), { orderBy: "id" }),
      twice: Window(Lag("quantity", Value(2)), { orderBy: "id" }),
      after: Window(Lead("quantity", Value(1), Value(0)), { orderBy: "id" }),
      first: Window(FirstValue("quantity"), { orderBy: "id" }),
      last: Window(LastValue("discount"), { orderBy: "id" }),
    })
    .filter({ row: 1 })
    .orderBy("row")
    .values("row", "rank", "dense", "share", "sum", "all", "before", "twice", "after", "first", "last");
  same<
    typeof a,
    | {
        row: number;
        rank: number;
        dense: number;
        share: number;
        sum: string | null;
        all: number;
        before: string | null;
        twice: number | null;
        after: number;
        first: number;
        last: number | null;
      }
    | undefined
  >();
  // @ts-expect-error it needs a window
  Order.all().annotate({ n: RowNumber() });
  // @ts-expect-error unknown
  Order.all().annotate({ n: Window(RowNumber(), { partitionBy: "usr" }) });
  // @ts-expect-error unknown
  Order.all().annotate({ n: Window(RowNumber(), { orderBy: ["id", "-totl"] }) });
  // @ts-expect-error several rows
  Order.all().annotate({ n: Window(RowNumber(), { partitionBy: "items" }) });
  // @ts-expect-error unknown
  Order.all().annotate({ n: Window(Lag("totl"), { orderBy: "id" }) });
  // @ts-expect-error not a number
  Order.all().annotate({ n: Window(Sum("note"), { orderBy: "id" }) });
}

async function comparisons() {
  Order.filter({ paid: F("quantity").plus(1), total__gt: F("quantity"), quantity__lt: F("total").times(2) });
  Order.filter({
    note: F("user__username"),
    createdAt__gt: F("user__orders__createdAt"),
    status: Case(When({ paid: 3 }, "paid")),
  });
  Order.filter({ user: F("reviewerId"), note: RawSql("1"), paid__in: RawSql("1"), createdAt: Value(new Date()) });
  counted.filter({ n__gt: F("age"), age: Length("username"), username__contains: Lower("nick") });
  // @ts-expect-error a number and a text
  Order.filter({ paid: F("note") });
  // @ts-expect-error a text and a number
  Order.filter({ note: F("paid") });
  // @ts-expect-error a date and a number
  Order.filter({ createdAt__gt: Length("note") });
  // @ts-expect-error a computed number and a text
  counted.filter({ n: Lower("username") });
}

async function changes() {
  Order.all().update({ userId: 3, paid: F("quantity").times(F("paid")), note: F("user__username") });
  User.all().update({ id: F("id").plus(1000), username: Lower("username") });
  User.all().update({ username: Lower("username"), nick: Concat("username", Value("!")), age: Length("username") });
  Order.all().update({
    quantity: F("quantity").times(1.5),
    total: F("quantity").times(2),
    paid: Coalesce("discount", Value(0)),
  });
  // @ts-expect-error may be null
  User.all().update({ username: Lower("nick") });
  // @ts-expect-error a number is not a name
  User.all().update({ username: Length("username") });
  // @ts-expect-error a text is not a number
  User.all().update({ age: Lower("username") });
  // @ts-expect-error unknown
  User.all().update({ username: Lower("usernam") });
}
export const used = [annotations, conditions, groups, functions, cases, queries, windows, comparisons, changes];
