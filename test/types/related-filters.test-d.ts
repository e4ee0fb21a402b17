// Paths over relations: in filters, orders, values and expressions, to any depth.
import { same } from "./models.js";
import {
  Account,
  Article,
  article,
  Car,
  Category,
  category,
  City,
  country,
  Item,
  Limit,
  Order,
  order,
  Owned,
  Owner,
  Profile,
  Tag,
  tag,
  User,
  user,
} from "./related-models.js";
import type { OrderStatus } from "./models.js";
import { F, Q, type Where } from "./support.js";

// ---- the relation itself --------------------------------------------------------------------------------------------
async function relations() {
  Order.filter({ user, reviewer: null, user__not: user, user__in: [user, 5, 6n], user__not_in: [5, null] });
  Order.filter({ user: 3, user__isnull: false, reviewer__not_isnull: true, reviewer__not: null, reviewer__in: [null] });
  Order.filter({ userId: 3, userId__in: [1, 2], userId__gt: 3, reviewerId: null, userId__range: [1, 2n] });
  Order.filter({ user__in: User.filter({ age__gt: 3 }), reviewer__not_in: User.all().orderBy("age").limit(3) });
  Order.filter({ pk: 3, pk__in: [1, 2], user__pk: 5, user__pk__in: [5], user__id: 5 });
  User.filter({ orders: order, orders__not: 3, orders__in: [order, 3], orders__isnull: true, profile: null });
  User.filter({
    profile__isnull: false,
    profile__pk: "x",
    profile: "x",
    orders__items: "sku",
    orders__items__pk: "sku",
  });
  Article.filter({ tags: tag, tags__in: [tag, 3], tags__not_in: Tag.filter({ name: "x" }), tags__isnull: true });
  Tag.filter({ articles: article, articles__in: Article.published });
  City.filter({
    country,
    country__in: [country, "de"],
    countryId: "de",
    countryId__startswith: "d",
    country__code: "de",
  });
  City.filter({ country: "de", twin: null, twin__code__in: ["de", "fr"], country__pk: 3 });
  Account.filter({ owner: user, ownerId: 3, pk: 3, pk__in: [1], owner__pk: 3, limit__amount: 3, limit: account() });
  Limit.filter({ account: 3, accountId: 3, account__owner__username: "x", account__ownerId__gt: 3 });
  Category.filter({ parent: category, parent__parent__isnull: true, children__name: "x", similar__parent: null });
  // @ts-expect-error another model
  Order.filter({ user: tag });
  // @ts-expect-error another model in a list
  Order.filter({ user__in: [tag] });
  // @ts-expect-error another model's query set
  Order.filter({ user__in: Tag.all() });
  // @ts-expect-error rows that are no objects
  Order.filter({ user__in: User.all().values("username") });
  // @ts-expect-error undefined
  Order.filter({ user: undefined });
  // @ts-expect-error undefined in a list
  Order.filter({ user__in: [user, undefined] });
  // @ts-expect-error null where none can be
  Order.filter({ user: null });
  // @ts-expect-error null where none can be
  Order.filter({ userId: null });
  // @ts-expect-error boolean
  Order.filter({ user__isnull: "x" });
  // @ts-expect-error no such lookup of a relation
  Order.filter({ user__gt: 3 });
  // @ts-expect-error wrong type of key
  Order.filter({ user: "x" });
  // @ts-expect-error wrong type of key behind a relation
  Order.filter({ user__pk: "x" });
  // @ts-expect-error a number has no text in it
  Order.filter({ userId__icontains: "x" });
  // @ts-expect-error it refers to a text
  City.filter({ country: 3 });
  // @ts-expect-error it refers to a text
  City.filter({ countryId__in: [3] });
  // @ts-expect-error a one-to-one has a column, the other side of it has none
  User.filter({ profileId: "x" });
  // @ts-expect-error nor has many-to-many
  Article.filter({ tagsId: 3 });
  // @ts-expect-error a relation to one that is not loaded is not the object
  Order.filter({ user: order.user });
}
declare function account(): Limit;

// ---- behind it ------------------------------------------------------------------------------------------------------
async function paths() {
  User.filter({ username__icontains: "a", orders__total__gte: 5, articles__tags__name: "py", isActive: true });
  User.filter({ orders__items__order__user__profile__visits__gt: 3, orders__createdAt__year: 2024 });
  Order.exclude({ user__username__in: ["a"], reviewer__nick: null, reviewer__age__range: [1, 2], items__price__lt: 3 });
  await Order.get({ user__username: "a", user__profile__code__not: "x" });
  Order.exists({ user__nick__isnull: true });
  Car.filter({ keeper__username: "x", wheels__car__plate: "y", tags__name: "z", wheels__keeper__age: 3 });
  Owned.q({ keeper__username: "x" });
  Category.filter({ parent__parent__owner__favourite__name__icontains: "x" });
  Owner.filter({ categories__owner__categories__name: "x", favourite__isnull: true });
  User.filter(Q({ username: "a", orders__total__gt: 3 }), Q.or(Q({ profile__visits: 3 }), Q.not(Q({ orders: null }))));
  Order.filter({ paid__lt: F("user__age"), user__age__gte: F("quantity").plus(F("reviewer__age")) });
  // A column and the one behind it may have the same name as a lookup would.
  Order.filter({ user__age__in: [1, 2], user__age__not: 3 });
  // @ts-expect-error unknown, deep
  User.filter({ articles__tags__nam: "x" });
  // @ts-expect-error wrong type
  User.filter({ orders__total__gte: new Date() });
  // @ts-expect-error unknown lookup, deep
  User.filter({ orders__paid__icontains: "x" });
  // @ts-expect-error null, deep
  User.filter({ orders__quantity: null });
  // @ts-expect-error undefined, deep
  User.filter({ orders__note: undefined });
  // @ts-expect-error a column leads nowhere
  Order.filter({ userId__username: "x" });
  // @ts-expect-error a method is no way
  User.filter({ greeting__username: "x" });
  // @ts-expect-error a getter of a query set is no relation
  User.filter({ paid__total: 3 });
  // @ts-expect-error no other side was asked for
  User.filter({ accounts__balance: 3 });
  // @ts-expect-error unknown, in a circle
  Category.filter({ parent__parent__owner__favourite__nam: "x" });
  // @ts-expect-error the path in F is wrong
  Order.filter({ paid__lt: F("user__agee") });
  // @ts-expect-error text is not a number, there either
  Order.filter({ paid__lt: F("user__username").plus(1) });
  // @ts-expect-error a relation has no value
  Order.filter({ paid__lt: F("user") });
  // @ts-expect-error wrong name, deep, in a Q in a Q
  User.filter(Q.or(Q({ username: "a" }), Q({ orders__totl: 3 })));
  // @ts-expect-error a parent's relation is checked, too
  Car.filter({ keeper__usernam: "x" });
}

/** conditions to pass on */
function search(where: Where<Order>) {
  return Order.filter(where);
}
search({ user__in: [3], userId: 3, user__username: "x", items__price: 3 });
// @ts-expect-error unknown
search({ user__usernam: "x" });

// ---- orders ---------------------------------------------------------------------------------------------------------
async function orders() {
  User.all().orderBy("profile__visits", "-orders__user__age", "pk", "-pk");
  Order.all().orderBy("userId", "-user__username", "user__pk", "reviewer__profile__visits");
  const last = await Order.all().latest("user__age", "createdAt");
  same<typeof last, Order | null>();
  Order.earliest("user__age");
  // @ts-expect-error unknown, deep
  User.all().orderBy("orders__usr__age");
  // @ts-expect-error unknown at the end
  Order.all().orderBy("-user__agee");
  // @ts-expect-error unknown, deep
  Order.all().latest("user__agee");
  // @ts-expect-error a relation has no order
  Order.all().orderBy("user");
  // @ts-expect-error a relation at the end has none either
  Order.all().orderBy("user__profile");
}

// ---- values ---------------------------------------------------------------------------------------------------------
async function values() {
  const a = await Order.all().values("id", "user__username", { sum: "total", who: "user__email" });
  same<(typeof a)[number], { id: number; user__username: string; sum: string; who: string }>();
  const b = await Order.all().values("reviewer__username", "pk", "userId", "reviewerId", "user__pk", "createdAt");
  same<
    (typeof b)[number],
    {
      reviewer__username: string | null;
      pk: number;
      userId: number;
      reviewerId: number | null;
      user__pk: number;
      createdAt: Date;
    }
  >();
  const c = await User.all().values("profile__visits", "orders__total");
  same<(typeof c)[number], { profile__visits: number | null; orders__total: string | null }>();
  const d = await Tag.all().values("name", { title: "articles__title" });
  same<(typeof d)[number], { name: string; title: string | null }>();
  const e = await Article.all().values("tags__name", "author__username");
  same<(typeof e)[number], { tags__name: string | null; author__username: string }>();
  const f = await Item.all().values("order__user__profile__visits", "order__reviewer__profile__user__username");
  same<
    (typeof f)[number],
    { order__user__profile__visits: number | null; order__reviewer__profile__user__username: string | null }
  >();
  const g = await City.all().values("countryId", "country__id", "twin__code").first();
  same<typeof g, { countryId: string; country__id: number; twin__code: string | null } | null>();
  const h = await Account.all().values();
  same<(typeof h)[number], { ownerId: number; balance: number }>();
  const i = await Order.all().valuesList("id", "status", "user__age", "reviewer__age");
  const i1: [number, OrderStatus, number, number | null][] = i;
  const i2: typeof i = i1;
  const j = await Order.all().valuesList("user__username", { flat: true });
  same<typeof j, string[]>();
  const k = await Order.get({ id: 3 }).valuesList("reviewer__profile__visits", { flat: true });
  same<typeof k, number | null>();
  User.filter({ id__in: Order.all().valuesList("userId", { flat: true }) });
  // @ts-expect-error a relation is not a value
  Order.all().values("user");
  // @ts-expect-error nor is one from another model
  User.all().values("orders");
  // @ts-expect-error nor is one at the end of a path
  Order.all().values("user__profile");
  // @ts-expect-error nor under another name
  Order.all().values({ who: "user" });
  // @ts-expect-error nor in a list
  Order.all().valuesList("user", { flat: true });
  // @ts-expect-error unknown, deep
  Order.all().values("user__usernam");
  // @ts-expect-error unknown on the way
  Order.all().values("usr__username");
  // @ts-expect-error a lookup is not a value
  Order.all().values("user__age__gt");
  // @ts-expect-error not selected
  a[0]!.total;
  return i2;
}

// ---- parts ----------------------------------------------------------------------------------------------------------
async function parts() {
  const some = (await Order.all().only("total", "userId"))[0]!;
  same<typeof some.userId, number>();
  same<typeof some.id, number>();
  some.total.trim();
  (await some.user).greeting();
  await some.items.first();
  const bare = (await Order.all().only("total"))[0]!;
  const articles = (await Article.all().only("title"))[0]!;
  await articles.tags.first();
  // @ts-expect-error its column was not read
  await bare.user;
  // @ts-expect-error left out
  bare.userId;
  // @ts-expect-error left out
  some.reviewer;
  // @ts-expect-error left out
  some.quantity;
  // @ts-expect-error a relation is no column
  Order.all().only("user");
  // @ts-expect-error columns of others are not its own
  Order.all().only("user__username");
  const keyed = (await Account.all().only("balance"))[0]!;
  same<typeof keyed.ownerId, number>();
  (await keyed.owner).greeting();
}
export const used = [relations, paths, orders, values, parts, Profile];
