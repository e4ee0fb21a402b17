// Queries under names: what their columns are where they stand.
import { Avg, Coalesce, Concat, Count, Exists, F, Max, OuterRef, Subquery, Sum, Value, With } from "./support.js";
import { same } from "./models.js";
import { Order, User } from "./related-models.js";

const spent = With(
  "spent",
  Order.all()
    .groupBy("userId")
    .annotate({ sum: Sum("total"), n: Count("id"), last: Max("createdAt") })
    .values("userId", "sum", "n", "last"),
);

async function asked() {
  const a = await spent.filter({ sum__gt: 3, n__gte: 2, last__year: 2024 }).orderBy("-sum", "n");
  same<(typeof a)[number], { userId: number; sum: string | null; n: number; last: Date | null }>();
  const b = await spent.values("n", { total: "sum" });
  same<(typeof b)[number], { n: number; total: string | null }>();
  const c = await spent.aggregate({ most: Max("sum"), mean: Avg("n") });
  same<typeof c, { most: string | null; mean: number | null }>();
  const d = await spent.first();
  same<typeof d, { userId: number; sum: string | null; n: number; last: Date | null } | null>();
  const e = await spent.valuesList("n", { flat: true });
  same<typeof e, number[]>();
  // @ts-expect-error it has no such column
  spent.filter({ nope: 1 });
  // @ts-expect-error a sum has no text lookups
  spent.filter({ n__icontains: "1" });
  // @ts-expect-error no such column to order by
  spent.orderBy("total");
  // @ts-expect-error objects are no rows of values
  With("orders", Order.all());
  // @ts-expect-error nor are tuples
  With("orders", Order.all().valuesList("id"));
}

async function joined() {
  const a = await User.filter({ id: spent.col("userId") }).annotate({ n: spent.col("n") });
  same<(typeof a)[number]["n"], number>();
  const own = spent.on({ userId: "id" });
  const b = await User.annotate({ n: own.col("n"), sum: Coalesce(own.col("sum"), Value(0)) })
    .filter({ n__gt: 1 })
    .values("n", "sum");
  same<(typeof b)[number], { n: number | null; sum: string }>();
  const c = await User.annotate({ more: own.col("n").plus(F("age")) }).values("more");
  same<(typeof c)[number], { more: number | null }>();
  await User.filter({ id__in: spent.valuesList("userId", { flat: true }) });
  await User.annotate({
    n: Subquery(spent.filter({ userId: OuterRef("id") }).valuesList("n", { flat: true })),
    any: Exists(spent.filter({ userId: OuterRef("id") })),
  });
  // @ts-expect-error it has no such column
  spent.col("nope");
  // @ts-expect-error nothing of it can be called so
  spent.on({ nope: "id" });
  // @ts-expect-error the model has no such field
  User.annotate({ n: spent.on({ userId: "nope" }).col("n") });
  // @ts-expect-error an instant is no name
  User.filter({ username: spent.col("last") });
}

async function recursive() {
  const near = With.recursive(
    "near",
    User.filter({ id: 1 })
      .annotate({ depth: Value(0), way: F("username") })
      .values("id", "depth", "way"),
    (above) =>
      User.filter({ id: above.col("id") })
        .annotate({ depth: above.col("depth").plus(1), way: Concat(above.col("way"), "username") })
        .values("id", "depth", "way"),
    { distinct: true },
  );
  const a = await near.filter({ depth__lt: 3, way__startswith: "a" });
  same<(typeof a)[number], { id: number; depth: number; way: string }>();
  With.recursive(
    "near",
    User.filter({ id: 1 }).values("id"),
    // @ts-expect-error what follows has no `id`
    (above) => User.filter({ id: above.col("id") }).values("username"),
  );
  // @ts-expect-error the rows have no such column
  With.recursive("near", User.all().values("id"), (above) => User.filter({ id: above.col("x") }).values("id"));
}

export const used = [asked, joined, recursive];
