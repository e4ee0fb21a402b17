// Loading relations: what a row has then, and which paths may be loaded.
import { alike, type OrderStatus, same } from "./models.js";
import {
  Account,
  Article,
  article,
  Car,
  Category,
  City,
  type Country,
  Item,
  Order,
  order,
  type Owner,
  Profile,
  Tag,
  tag,
  User,
  user,
} from "./related-models.js";
import {
  type Loaded,
  type LoadedMany,
  type ModelClass,
  type ModelInstance,
  Prefetch,
  type QuerySet,
  type ToOneRef,
} from "./support.js";

// ---- selectRelated --------------------------------------------------------------------------------------------------
async function joined() {
  const rows = await Order.filter({ status: "paid" }).selectRelated("user", "reviewer");
  same<typeof rows, Loaded<Order, "user" | "reviewer">[]>();
  const row = rows[0]!;
  same<typeof row.user, User>();
  same<typeof row.reviewer, User | null>();
  row.user.greeting();
  const deep = await Order.all().selectRelated("user__profile").first();
  same<Exclude<typeof deep, null>["user"]["profile"], Profile | null>();
  deep?.user.profile?.visits.toFixed();
  const up = await Item.all().selectRelated("order__user__profile", "order__reviewer");
  same<(typeof up)[number]["order"]["reviewer"], User | null>();
  up[0]!.order.user.profile?.visits.toFixed();
  const around = await Category.all().selectRelated("parent", "owner__favourite");
  same<(typeof around)[number]["owner"]["favourite"], Category | null>();
  around[0]!.parent?.name.trim();
  around[0]!.owner.hi().toFixed();
  const cities = await City.all().selectRelated("country", "twin").get({ name: "x" });
  same<typeof cities.country, Country>();
  same<typeof cities.twin, Country | null>();
  const accounts = await Account.all().selectRelated("owner", "limit");
  accounts[0]!.owner.greeting();
  accounts[0]!.limit?.amount.toFixed();
  const cars = await Car.all().selectRelated("keeper");
  cars[0]!.keeper.greeting();
  // Awaiting what is loaded gives what is loaded.
  same<Awaited<(typeof up)[number]["order"]["reviewer"]>, User | null>();
  // @ts-expect-error may be null
  row.reviewer.greeting();
  // @ts-expect-error not loaded
  row.user.profile?.visits;
  // @ts-expect-error not loaded
  (await Order.all().first())?.user.username;
  // @ts-expect-error to-many
  User.all().selectRelated("orders");
  // @ts-expect-error to-many on the way
  Order.all().selectRelated("user__orders__reviewer");
  // @ts-expect-error many-to-many
  Article.all().selectRelated("tags");
  // @ts-expect-error a column
  Order.all().selectRelated("userId");
  // @ts-expect-error unknown
  Order.all().selectRelated("usr");
  // @ts-expect-error unknown beside a right one
  Order.all().selectRelated("user", "usr");
  // @ts-expect-error unknown, deep
  Order.all().selectRelated("user__profil");
  // @ts-expect-error a query of one's own is for prefetchRelated
  Order.all().selectRelated(Prefetch("user", User.all()));
}

// ---- prefetchRelated ------------------------------------------------------------------------------------------------
async function prefetched() {
  const rows = await User.all().prefetchRelated("orders", "articles__tags", "profile");
  const row = rows[0]!;
  same<typeof row.profile, Profile | null>();
  for (const each of row.articles) for (const one of each.tags) same<typeof one, Tag>();
  same<typeof row.orders.length, number>();
  const whole: User = row;
  const at = row.orders.at(-1);
  same<typeof at, Order | undefined>();
  same<(typeof row.orders)[0], Order>();
  const titles = row.articles.map((each, index) => `${index} ${each.title} ${each.tags.length}`);
  same<typeof titles, string[]>();
  const all = row.articles.flatMap((each) => Array.from(each.tags));
  same<typeof all, Tag[]>();
  row.orders.forEach((each) => each.total.trim());
  const sum = row.orders.reduce((before, each) => before + each.quantity, 0);
  same<typeof sum, number>();
  const found = row.orders.find((each) => each.paid > 3);
  same<typeof found, Order | undefined>();
  row.orders.findIndex((each) => each.paid > 3).toFixed();
  row.orders.findLast((each) => each.paid > 3)?.total.trim();
  const yes: boolean = row.orders.some((each) => each.paid > 3) && row.orders.every((each) => each.paid > 3);
  row.orders.includes(order);
  row.orders.indexOf(order).toFixed();
  row.orders.join(", ").trim();
  for (const [index, each] of row.orders.entries()) same<[typeof index, typeof each], [number, Order]>();
  for (const index of row.orders.keys()) index.toFixed();
  // What a query set calls filter, slice, reverse and values stays the query set's.
  same<typeof some, QuerySet<Order>>();
  const some = row.orders.filter({ status: "paid" });
  const part = row.orders.slice(1, 2);
  same<typeof part, QuerySet<Order>>();
  const ids = await row.orders.values("id");
  same<typeof ids, { id: number }[]>();
  await row.orders.create({ total: 1, quantity: 2 });
  await row.articles[0]!.tags.add(tag);
  await row.articles[0]!.tags.set([tag, 3]);
  await row.articles[0]!.tags.usingDb("other").clear();
  // Awaiting gives the loaded ones, with what is loaded behind them.
  const again = await row.articles;
  again[0]!.tags.map((each) => each.name);
  again.map((each) => each.tags.length);
  const ran = await row.articles.run();
  ran[0]!.tags[0]!.name.trim();
  for await (const each of row.articles) each.tags.length.toFixed();
  const [settled] = await Promise.all([row.articles, row.orders]);
  settled[0]!.tags.length.toFixed();
  // @ts-expect-error what was asked anew is not loaded
  some.length;
  // @ts-expect-error not loaded
  row.orders[0]!.items.length;
  // @ts-expect-error not loaded
  row.articles[0]!.author.greeting();
  // @ts-expect-error may be null
  row.profile.visits;
  // @ts-expect-error rows that are asked anew have nothing loaded
  (await row.articles.filter({ id: 3 }))[0]!.tags.length;
  // @ts-expect-error a list may be empty
  row.orders[0].total;
  // @ts-expect-error a loaded relation is no array to change
  row.orders.push(order);
  // @ts-expect-error another model
  row.articles[0]!.tags.add(order);
  // @ts-expect-error a column
  User.all().prefetchRelated("username");
  // @ts-expect-error a getter of a query set
  User.all().prefetchRelated("paid");
  // @ts-expect-error unknown, deep
  User.all().prefetchRelated("orders__itms");
  // @ts-expect-error one of two
  User.all().prefetchRelated("orders", "artcles");
  // @ts-expect-error no other side was asked for
  User.all().prefetchRelated("owners");
  return [whole, yes];
}

async function keeping() {
  // Calls add up, whatever stands between them.
  const rows = await User.all()
    .prefetchRelated("orders")
    .filter({ age: 3 })
    .exclude({ nick: null })
    .orderBy("-age")
    .prefetchRelated("orders__items", "orders__reviewer")
    .selectRelated("profile")
    .limit(3)
    .offset(1)
    .distinct()
    .usingDb("other");
  for (const one of rows[0]!.orders) {
    one.reviewer?.greeting();
    for (const item of one.items) item.price.toFixed();
  }
  rows[0]!.orders.map((one) => one.items.length);
  rows[0]!.orders.find((one) => one.items.length > 1)?.reviewer?.greeting();
  rows[0]!.orders[0]!.items[0]!.price.toFixed();
  (await rows[0]!.orders).map((one) => one.items.length);
  rows[0]!.profile?.visits;
  const joined = await Order.all().selectRelated("user").selectRelated("user__profile", "reviewer").get({ id: 3 });
  same<typeof joined.user.profile, Profile | null>();
  joined.user.greeting();
  joined.reviewer?.greeting();
  const first = await User.all().prefetchRelated("orders").first();
  same<typeof first, Loaded<User, "orders"> | null>();
  const last = await User.all().first().prefetchRelated("orders__items");
  last?.orders[0]!.items.length.toFixed();
  const one = await User.get({ id: 1 }).prefetchRelated("orders").selectRelated("profile");
  one.orders.length.toFixed();
  one.profile?.visits.toFixed();
  const none = await User.getOrNone({ id: 1 }).prefetchRelated("profile");
  same<typeof none, Loaded<User, "profile"> | null>();
  for await (const each of User.all().prefetchRelated("orders")) each.orders.length.toFixed();
  const some = await Order.all().only("total", "userId").selectRelated("user");
  some[0]!.user.greeting();
  // @ts-expect-error left out
  some[0]!.quantity;
  // @ts-expect-error may be null
  last.orders;
  // @ts-expect-error wrong path after get
  User.get({ id: 1 }).prefetchRelated("ordrs");
  // @ts-expect-error to-many after get
  User.get({ id: 1 }).selectRelated("orders");
}

// ---- Prefetch -------------------------------------------------------------------------------------------------------
async function prefetches() {
  const rows = await User.all().prefetchRelated(
    "profile",
    Prefetch("orders", Order.filter({ status: "paid" }).selectRelated("reviewer").limit(3), { toAttr: "recent" }),
    Prefetch("articles", Article.all().prefetchRelated("tags").orderBy("-title")),
  );
  const row = rows[0]!;
  same<(typeof row.recent)[number]["reviewer"], User | null>();
  alike<(typeof row.recent)[number]["status"], OrderStatus>();
  row.recent.filter((each) => each.paid > 3).length.toFixed();
  row.articles.map((each) => each.tags.length);
  for (const each of row.articles) for (const one of each.tags) one.name.trim();
  row.profile?.visits;
  const nested = await User.all().prefetchRelated(
    Prefetch("orders__items", Item.filter({ price__gt: 3 }), { toAttr: "dear" }),
  );
  for (const one of nested[0]!.orders) one.dear[0]!.price.toFixed();
  const down = await Item.all().prefetchRelated(Prefetch("order__user", User.all().prefetchRelated("articles")));
  down[0]!.order.user.articles.length.toFixed();
  const partly = await Order.all().prefetchRelated(Prefetch("user", User.all().only("username"), { toAttr: "who" }));
  same<Exclude<(typeof partly)[number]["who"], null>["username"], string>();
  const nullable = await Order.all().prefetchRelated(Prefetch("reviewer", User.filter({ age: 3 })));
  same<(typeof nullable)[number]["reviewer"], User | null>();
  const other = await User.all().prefetchRelated(Prefetch("profile", Profile.filter({ visits: 3 })));
  same<(typeof other)[number]["profile"], Profile | null>();
  const single = await User.get({ id: 1 }).prefetchRelated(Prefetch("orders", Order.all(), { toAttr: "all_of_them" }));
  same<typeof single.all_of_them, Order[]>();
  const two = await User.all().prefetchRelated(
    Prefetch("orders", Order.filter({ paid: 1 }), { toAttr: "paidOnes" }),
    Prefetch("orders", Order.filter({ paid: 0 }).selectRelated("reviewer"), { toAttr: "openOnes" }),
  );
  same<(typeof two)[number]["paidOnes"], Order[]>();
  two[0]!.openOnes[0]!.reviewer?.greeting();
  // @ts-expect-error nothing is loaded there
  two[0]!.orders.length;
  // @ts-expect-error only what the query asked for
  two[0]!.paidOnes[0]!.reviewer?.greeting();
  // @ts-expect-error may be null
  partly[0]!.who.username;
  // @ts-expect-error left out
  partly[0]!.who?.email;
  // @ts-expect-error unknown relation
  User.all().prefetchRelated(Prefetch("ordrs", Order.all(), { toAttr: "recent" }));
  // @ts-expect-error unknown relation, deep
  User.all().prefetchRelated(Prefetch("orders__itms", Item.all()));
  // @ts-expect-error another model
  User.all().prefetchRelated(Prefetch("orders", Tag.all()));
  // @ts-expect-error another model under another name
  User.all().prefetchRelated(Prefetch("orders__items", Order.all(), { toAttr: "x" }));
  // @ts-expect-error part of an object is not the object
  User.all().prefetchRelated(Prefetch("orders", Order.all().only("total")));
  // @ts-expect-error values are no objects
  User.all().prefetchRelated(Prefetch("orders", Order.all().values("total"), { toAttr: "x" }));
  // @ts-expect-error a query for one row is for one row
  Prefetch("orders", Order.all().first());
  // @ts-expect-error no such option
  Prefetch("orders", Order.all(), { toAttribute: "x" });
  // @ts-expect-error one of two
  User.all().prefetchRelated("ordrs", Prefetch("orders", Order.all()));
}

// ---- objects that are there -----------------------------------------------------------------------------------------
async function later() {
  const full = await user.fetchRelated("orders__items", "profile");
  for (const one of full.orders) one.items.length.toFixed();
  full.profile?.visits.toFixed();
  const more = await full.fetchRelated("profile__user", "orders__reviewer", "articles");
  more.profile?.user.greeting();
  more.articles.length.toFixed();
  for (const one of more.orders) {
    one.items.length.toFixed();
    one.reviewer?.greeting();
  }
  const mine = await user.fetchRelated(Prefetch("orders", Order.filter({ paid: 1 }), { toAttr: "paidOnes" }), {
    usingDb: "other",
  });
  same<typeof mine.paidOnes, Order[]>();
  const list = await User.fetchForList([user, user], "orders", "profile");
  same<typeof list, Loaded<User, "orders" | "profile">[]>();
  const grown = await User.fetchForList(list, "orders__items");
  grown[0]!.orders[0]!.items.length.toFixed();
  grown[0]!.profile?.visits.toFixed();
  const options = await User.fetchForList([user], "orders", Prefetch("articles", Article.all()), { usingDb: "other" });
  options[0]!.orders.length + options[0]!.articles.length;
  // @ts-expect-error unknown
  user.fetchRelated("ordrs");
  // @ts-expect-error unknown, deep
  user.fetchRelated("orders__itms");
  // @ts-expect-error a column
  user.fetchRelated("username");
  // @ts-expect-error unknown
  User.fetchForList([user], "ordrs");
  // @ts-expect-error another model
  User.fetchForList([tag], "orders");
  // @ts-expect-error no such option
  user.fetchRelated("orders", { using: "other" });
}

// ---- functions that take what is loaded, and those that do not care -----------------------------------------------------
async function render(one: Loaded<User, "orders__items" | "profile">) {
  for (const each of one.orders) for (const item of each.items) item.price.toFixed();
  return one.profile?.visits;
}
async function rendering() {
  const full = await User.get({ id: 1 }).prefetchRelated("orders__items", "profile");
  await render(full);
  const more = await User.all().prefetchRelated("orders__items", "orders__reviewer", "articles__tags", "profile");
  await render(more[0]!);
  const twice = await User.all().prefetchRelated("profile").prefetchRelated("orders").prefetchRelated("orders__items");
  await render(twice[0]!);
  await render(await user.fetchRelated("orders__items", "profile"));
  // @ts-expect-error items are not loaded
  await render(await User.get({ id: 1 }).prefetchRelated("orders", "profile"));
  // @ts-expect-error the profile is not loaded
  await render(await User.get({ id: 1 }).prefetchRelated("orders__items"));
  // @ts-expect-error nothing is loaded
  await render(user);
}

function total(one: Order): string {
  return one.total;
}
async function anyOrder(one: Order): Promise<string> {
  return (await one.user).greeting();
}
async function plain() {
  const row = await Order.get({ id: 1 }).selectRelated("user", "reviewer").prefetchRelated("items");
  total(row);
  await anyOrder(row);
  const orders: Order[] = await Order.all().selectRelated("user");
  const many: readonly Order[] = Array.from((await User.get({ id: 1 }).prefetchRelated("orders")).orders);
  const who: ToOneRef<User> = row.user;
  row.user = user;
  row.reviewer = null;
  await row.save();
  await Order.bulkUpdate([row], ["user"]);
  await Order.create({ user: row.user, total: 1, quantity: 1 });
  await Order.filter({ user: row.user, reviewer__in: [row.user] });
  await row.refreshFromDb();
  row.equals(order);
  // @ts-expect-error a User is no Order
  total(row.user);
  return [orders, many, who];
}

/** over any model, and any rows */
async function page<I extends ModelInstance>(model: ModelClass<I>, size: number): Promise<I[]> {
  return await model.all().limit(size);
}
async function paged<I, Row>(query: QuerySet<I, Row>, size: number): Promise<Row[]> {
  return await query.limit(size);
}
async function names<I extends { user: User }>(rows: readonly I[]): Promise<string[]> {
  return rows.map((row) => row.user.username);
}
async function count<Row>(rows: LoadedMany<Row>): Promise<number> {
  return rows.length;
}
async function generic() {
  same<Awaited<ReturnType<typeof first>>, Order[]>();
  const first = async () => page(Order, 3);
  const rows = await paged(Order.filter({ paid: 1 }).selectRelated("user"), 3);
  rows[0]!.user.username.trim();
  await names(rows);
  await count((await User.get({ id: 1 }).prefetchRelated("orders")).orders);
  alike<Loaded<Owner, "categories">["categories"][number], Category>();
  // @ts-expect-error not loaded
  await names(await Order.all());
  // @ts-expect-error not loaded
  await count(article.tags);
}
export const used = [joined, prefetched, keeping, prefetches, later, rendering, plain, generic];
