// Relations as attributes: what they are, what they take, and what a definition may not say.
import { alike, same } from "./models.js";
import {
  type Account,
  account,
  article,
  Car,
  type car,
  type Category,
  category,
  type City,
  city,
  type Country,
  country,
  type Limit,
  Order,
  order,
  type Profile,
  tag,
  type Tag,
  type User,
  user,
  type Wheel,
} from "./related-models.js";
import {
  F,
  fields,
  type ManyToManyRelation,
  Model,
  Prefetch,
  Q,
  type QuerySet,
  type ReverseRelation,
  type ToOneRef,
} from "./support.js";

// ---- attributes -------------------------------------------------------------------------------------------------
declare const profile: Profile;
declare const limit: Limit;
declare const wheel: Wheel;
same<typeof order.user, ToOneRef<User>>();
same<typeof order.reviewer, ToOneRef<User> | null>();
same<typeof order.userId, number>();
same<typeof order.reviewerId, number | null>();
same<typeof profile.userId, number>();
same<typeof city.countryId, string>();
same<typeof city.twinId, string | null>();
same<typeof account.ownerId, number>();
same<typeof account.pk, number>();
same<typeof limit.accountId, number>();
same<typeof limit.pk, number>();
same<typeof profile.pk, string>();
same<typeof category.parentId, number | null>();
same<typeof category.similar, ManyToManyRelation<Category>>();
same<typeof article.tags, ManyToManyRelation<Tag>>();
same<typeof user.orders, ReverseRelation<Order>>();
same<typeof car.keeperId, number>();
same<typeof wheel.keeperId, number>();
same<typeof wheel.carId, number>();
same<typeof wheel.tags, ManyToManyRelation<Tag>>();
wheel.keeperName().trim();
// @ts-expect-error a relation that is the key leaves no room for another
account.id;
// @ts-expect-error there is no column of many-to-many
article.tagsId;

async function awaiting() {
  const one = await order.user;
  same<typeof one, User>();
  const none = await order.reviewer;
  same<typeof none, User | null>();
  const reverse = await user.profile;
  same<typeof reverse, Profile | null>();
  const many = await user.orders;
  same<typeof many, Order[]>();
  const tags = await article.tags.run();
  same<typeof tags, Tag[]>();
  const both = await Promise.all([order.user, user.orders, user.profile]);
  same<typeof both, [User, Order[], Profile | null]>();
  const deep = await (await order.user).profile;
  same<typeof deep, Profile | null>();
  for await (const each of user.orders) same<typeof each, Order>();
  const parent = await category.parent;
  same<typeof parent, Category | null>();
  const owner = await (await account.limit)?.account;
  same<typeof owner, Account | undefined>();
}

// ---- not loaded ---------------------------------------------------------------------------------------------------
// @ts-expect-error not loaded
order.user.username;
// @ts-expect-error not loaded
order.user.id;
// @ts-expect-error not loaded
order.user.greeting();
// @ts-expect-error not loaded
order.reviewer?.username;
// @ts-expect-error not loaded
user.profile?.visits;
// @ts-expect-error not loaded
user.orders.length;
// @ts-expect-error not loaded
user.orders.at(0);
// @ts-expect-error not loaded
user.orders[0];
// @ts-expect-error not loaded
user.orders.map((each: Order) => each.id);
// @ts-expect-error not loaded
for (const each of user.orders) String(each);
// @ts-expect-error not loaded
Array.from(article.tags);
// @ts-expect-error the way to a user is no user
const notYet: User = order.user;

// ---- assigning ----------------------------------------------------------------------------------------------------
order.user = user;
order.reviewer = user;
order.reviewer = null;
order.userId = 3;
order.reviewerId = null;
category.parent = category;
city.countryId = "de";
city.country = country;
// What was assigned is there.
order.user = user;
order.user.greeting();
// @ts-expect-error another model
order.user = tag;
// @ts-expect-error null where none can be
order.user = null;
// @ts-expect-error another model
order.reviewer = order;
// @ts-expect-error a key is not an object
order.user = 3;
// @ts-expect-error wrong type of key
order.userId = "x";
// @ts-expect-error the key is not what it refers to
city.countryId = 3;
// @ts-expect-error null in a key that is not nullable
order.userId = null;

// ---- a query set, and a place to make more ------------------------------------------------------------------------
async function reverse() {
  const made = await user.orders.create({ total: 1, quantity: 2 });
  same<typeof made, Order>();
  await user.orders.create({ total: 1, quantity: 2, reviewer: user }, { usingDb: "other" });
  const [got, created] = await user.orders.getOrCreate({ note: "x" }, { total: 1, quantity: 2 });
  same<typeof got, Order>();
  same<typeof created, boolean>();
  await user.orders.updateOrCreate({ note: "x", total: 3, quantity: 1 });
  const more = await user.orders.bulkCreate([order], { batchSize: 3 });
  same<typeof more, Order[]>();
  const paid = await user.orders.filter({ status: "paid" }).orderBy("-total").first();
  same<typeof paid, Order | null>();
  const elsewhere = user.orders.usingDb("other");
  same<typeof elsewhere, ReverseRelation<Order>>();
  await elsewhere.create({ total: 1, quantity: 2 });
  const count = await user.orders.count();
  same<typeof count, number>();
  const asked: QuerySet<Order> = user.orders;
  same<Awaited<ReturnType<typeof user.open>>[number]["items"][number]["price"], number>();
  const names = (await user.paid.limit(3)).map((each) => each.reviewer?.username);
  same<typeof names, (string | undefined)[]>();
  // @ts-expect-error quantity is required
  user.orders.create({ total: 1 });
  // @ts-expect-error unknown name
  user.orders.create({ total: 1, quantity: 2, quantiti: 3 });
  // @ts-expect-error wrong type
  user.orders.create({ total: 1, quantity: "x" });
  // @ts-expect-error quantity is in neither
  user.orders.getOrCreate({ note: "x" }, { total: 1 });
  // @ts-expect-error a query set is bound to nobody
  user.orders.filter({ paid: 1 }).create({ total: 1, quantity: 2 });
  // @ts-expect-error another model
  user.orders.bulkCreate([tag]);
  // @ts-expect-error only many-to-many relates what is there already
  user.orders.add(order);
  // @ts-expect-error wrong path
  user.orders.filter({ items__prise: 3 });
  return asked;
}

async function manyToMany() {
  const done = await article.tags.add(tag, 3);
  same<typeof done, void>();
  await article.tags.add();
  await article.tags.remove(tag);
  await article.tags.clear();
  await article.tags.set([tag, 5]);
  await article.tags.usingDb("other").add(tag);
  await tag.articles.add(article);
  const made = await article.tags.create({ name: "x" });
  same<typeof made, Tag>();
  await tag.articles.create({ title: "x", author: user });
  await category.similar.add(category);
  const named = await article.tags.filter({ name: "x" });
  same<typeof named, Tag[]>();
  // @ts-expect-error another model
  article.tags.add(order);
  // @ts-expect-error wrong type of key
  article.tags.add("x");
  // @ts-expect-error a list is for set
  article.tags.add([tag]);
  // @ts-expect-error set takes a list
  article.tags.set(tag);
  // @ts-expect-error another model in the list
  article.tags.set([article]);
  // @ts-expect-error what is made over many-to-many needs its foreign keys
  tag.articles.create({ title: "x" });
  // @ts-expect-error what was asked is no relation
  article.tags.filter({ name: "x" }).add(tag);
}

// ---- definitions --------------------------------------------------------------------------------------------------
fields.foreignKey<User>("User");
fields.foreignKey<User>("app.User", {
  relatedName: "x",
  onDelete: "RESTRICT",
  unique: true,
  index: false,
  dbConstraint: false,
  column: "owner",
  description: "who",
});
same<(typeof byDefault)["$flags"], "default" | "relation">();
const byDefault = fields.foreignKey<User>("User", { default: 3, onDelete: "SET_DEFAULT" });
fields.foreignKey<User>("User", { default: () => 3n });
fields.foreignKey<User>("User", { default: async () => 3, dbDefault: 3 });
fields.foreignKey<User>("User", { dbDefault: 3 });
fields.foreignKey<Country, "code">("Country", { toField: "code", default: "de" });
fields.oneToOne<User>("User", { null: true, relatedName: false });
fields.manyToMany<Tag>("Tag", {
  through: "between",
  forwardKey: "tag_id",
  backwardKey: "article_id",
  onDelete: "CASCADE",
  dbConstraint: false,
  uniqueIndex: false,
  description: "words",
});
// @ts-expect-error the name of the model is missing
fields.foreignKey<User>();
// @ts-expect-error no such option
fields.foreignKey<User>("User", { foo: 1 });
// @ts-expect-error no such option beside a right one
fields.foreignKey<User>("User", { null: true, foo: 1 });
// @ts-expect-error a relation has no validators
fields.foreignKey<User>("User", { validators: [] });
// @ts-expect-error not an action
fields.foreignKey<User>("User", { onDelete: "cascade" });
// @ts-expect-error no key is an object
fields.foreignKey<User>("User", { default: { id: 3 } });
// @ts-expect-error nor is it null: that is what null says
fields.foreignKey<User>("User", { null: true, default: null });
// @ts-expect-error nor is it made of nothing
fields.foreignKey<User>("User", { dbDefault: undefined, default: () => undefined });
// @ts-expect-error toField without its type argument
fields.foreignKey<Country>("Country", { toField: "code" });
// @ts-expect-error the type argument without toField
fields.foreignKey<Country, "code">("Country");
// @ts-expect-error another field than the type argument says
fields.foreignKey<Country, "code">("Country", { toField: "id" });
// @ts-expect-error a foreign key is not a key of its own model
fields.foreignKey<User>("User", { primaryKey: true });
// @ts-expect-error a key is never null
fields.oneToOne<User>("User", { primaryKey: true, null: true });
// @ts-expect-error no such option
fields.manyToMany<Tag>("Tag", { null: true });
// @ts-expect-error no such option
fields.manyToMany<Tag>("Tag", { throug: "x" });
// @ts-expect-error unknown name in an index
Order.define({ x: fields.int() }, { indexes: [["usr"]] });
Car.define({ x: fields.int() }, { indexes: [["keeperId", "x"]], ordering: ["-keeper"] });
class Fine extends Model.define({ a: fields.foreignKey<User>("User") }, { ordering: ["a", "-aId", "pk"] }) {}
same<Fine["id"], number>();
class Lost extends Model.define({ to: fields.foreignKey<Country, "cod">("Country", { toField: "cod" }) }) {}
same<Lost["toId"], never>();

// A default must not ask what the key is: the model may refer to itself.
class Knot extends Model.define({
  up: fields.foreignKey<Knot>("self", { default: 1, relatedName: false }),
  down: fields.foreignKey<Knot>("self", { null: true, default: () => 1, dbDefault: null, relatedName: "ups" }),
  side: fields.oneToOne<Knot>("self", { dbDefault: 1, relatedName: false }),
}) {}
declare const knot: Knot;
same<typeof knot.upId, number>();
same<typeof knot.downId, number | null>();

// What a method gives is found from what it asks, so no question may look at the methods: these have no type written.
class Asking extends Model.define({
  age: fields.int(),
  next: fields.foreignKey<Asking>("self", { relatedName: "before" }),
}) {
  declare before: ReverseRelation<Asking>;
  get adults() {
    return Asking.filter(Asking.q({ age: 3, before__age: 3 }), { next__age__gt: F("age") });
  }
  others() {
    return Asking.all()
      .exclude(Q.or(Q({ age: 3 }), Q({ before: this })))
      .filter({});
  }
  all() {
    return Asking.exists();
  }
  one() {
    return Asking.all().get();
  }
  many() {
    return Asking.fetchForList([this], "before__next");
  }
  full() {
    return Asking.all()
      .prefetchRelated("before", Prefetch("before", Asking.all(), { toAttr: "oldest" }))
      .first();
  }
  chained() {
    return this.before.selectRelated("next").orderBy("next__age", "-before__age").values("age", "next__age");
  }
  more() {
    return this.before.create({ age: 3, next: this });
  }
  async me() {
    const { next } = await this.fetchRelated("next");
    return (await this.fetchRelated("before")).before.length + next.age;
  }
  async wrong() {
    // @ts-expect-error no relation
    await this.fetchRelated("age");
    // @ts-expect-error not there
    await this.fetchRelated("befor");
    // @ts-expect-error a method
    await this.fetchRelated("adults");
    const self: Asking = this;
    return (await self.fetchRelated("before__next")).before[0]?.next.age;
  }
}
declare const asking: Asking;
same<Awaited<ReturnType<typeof asking.chained>>, { age: number; next__age: number }[]>();
same<Exclude<Awaited<ReturnType<typeof asking.full>>, null>["oldest"], Asking[]>();
same<Awaited<ReturnType<typeof asking.me>>, number>();
// @ts-expect-error no relation
asking.fetchRelated("age");

/** what is loaded or not makes no difference to these */
async function anybody<I extends { id: number }>(one: ToOneRef<I> | null): Promise<I | null> {
  return one === null ? null : await one;
}
alike<Awaited<ReturnType<typeof anybody<User>>>, User | null>();
export const used = [awaiting, reverse, manyToMany, anybody, notYet];
