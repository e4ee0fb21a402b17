// Creating and changing what refers to other models.
import { OrderStatus, same } from "./models.js";
import {
  Account,
  Article,
  article,
  Category,
  City,
  country,
  Item,
  Limit,
  Order,
  order,
  Profile,
  Tag,
  tag,
  User,
  user,
  Wheel,
  car,
  account,
} from "./related-models.js";
import { F, omitUndefined } from "./support.js";

async function creating() {
  const made = await Order.create({ user, total: "1.50", quantity: 1 });
  same<typeof made, Order>();
  await Order.create({ userId: 5, total: 1.5, quantity: 1, status: "paid", reviewer: null });
  await Order.create({ userId: user.id, total: 1, quantity: 1, status: OrderStatus.Paid, reviewerId: null });
  await Order.create({ user: 5n, total: 1, quantity: 1, reviewer: user, createdAt: new Date() });
  await Item.create({ sku: "x", order, price: 1 });
  await Item.create({ pk: "x", orderId: 3, price: 1 });
  await Article.create({ title: "x", author: user });
  await Article.create({ title: "x", author: user, editor: user });
  await City.create({ name: "x", country, twin: "de" });
  await City.create({ name: "x", countryId: "de", twinId: null });
  await Account.create({ owner: user, balance: 3 });
  await Account.create({ ownerId: 3, balance: 3 });
  await Account.create({ pk: 3, balance: 3 });
  await Limit.create({ account, amount: 3 });
  await Limit.create({ accountId: 3, amount: 3 });
  await Profile.create({ user });
  await Category.create({ name: "x", ownerId: 3 });
  await Wheel.create({ car, keeper: user });
  await User.create({ username: "a", email: "b" });
  await Order.all().create({ user, total: 1, quantity: 1 });
  await Order.create({ total: 1, quantity: 1, user, ...omitUndefined({ reviewerId: 3 as number | undefined }) });
  new Order({ user, total: 1 });
  new Order({ userId: 3, reviewer: null });
  new Wheel({ car, keeperId: 3 });
  // @ts-expect-error neither user nor userId
  Order.create({ total: 1, quantity: 1 });
  // @ts-expect-error the reviewer is not the user
  Order.create({ total: 1, quantity: 1, reviewer: user });
  // @ts-expect-error both
  Order.create({ user, userId: 3, total: 1, quantity: 1 });
  // @ts-expect-error both, of one that may be left out
  Order.create({ user, reviewer: user, reviewerId: 3, total: 1, quantity: 1 });
  // @ts-expect-error another model
  Order.create({ user: tag, total: 1, quantity: 1 });
  // @ts-expect-error wrong type of key
  Order.create({ user: "x", total: 1, quantity: 1 });
  // @ts-expect-error wrong type of key
  Order.create({ userId: "x", total: 1, quantity: 1 });
  // @ts-expect-error null where none can be
  Order.create({ user: null, total: 1, quantity: 1 });
  // @ts-expect-error null where none can be
  Order.create({ userId: null, total: 1, quantity: 1 });
  // @ts-expect-error undefined
  Order.create({ user: undefined, total: 1, quantity: 1 });
  // @ts-expect-error undefined in one that may be null
  Order.create({ user, reviewer: undefined, total: 1, quantity: 1 });
  // @ts-expect-error what is not loaded is not there
  Order.create({ user: order.user, total: 1, quantity: 1 });
  // @ts-expect-error many-to-many comes later
  Article.create({ title: "x", author: user, tags: [tag] });
  // @ts-expect-error what refers to it comes later
  User.create({ username: "a", email: "b", orders: [order] });
  // @ts-expect-error a path is no value
  Order.create({ user__username: "x", total: 1, quantity: 1 });
  // @ts-expect-error a text is needed for the key, besides the order
  Item.create({ order, price: 1 });
  // @ts-expect-error the relation that is the key
  Account.create({ balance: 3 });
  // @ts-expect-error both, and the parent's
  Wheel.create({ car });
  // @ts-expect-error it refers to a text
  City.create({ name: "x", country: 3 });
  // @ts-expect-error another model
  new Order({ user: tag });
  // @ts-expect-error many-to-many comes later
  new Article({ title: "x", tags: [tag] });
}

async function gettingOrCreating() {
  const [got, created] = await Order.getOrCreate({ user, note: "x" }, { total: 1, quantity: 1 });
  same<typeof got, Order>();
  same<typeof created, boolean>();
  await Order.getOrCreate({ note: "x" }, { userId: 3, total: 1, quantity: 1 });
  await Order.updateOrCreate({ userId: 3, total: 1, quantity: 1 }, { reviewer: user });
  await Account.getOrCreate({ owner: user }, { balance: 3 });
  // @ts-expect-error user is in neither
  Order.getOrCreate({ note: "x" }, { total: 1, quantity: 1 });
  // @ts-expect-error user is in both, the other way round
  Order.getOrCreate({ userId: 3, total: 1, quantity: 1 }, { user });
  // @ts-expect-error user is in both
  Order.getOrCreate({ user, total: 1, quantity: 1 }, { userId: 3 });
  // @ts-expect-error another model
  Order.updateOrCreate({ user, total: 1, quantity: 1 }, { reviewer: tag });
}

async function changing() {
  const count = await Order.filter({ paid: 1 }).update({ user });
  same<typeof count, number>();
  await Order.all().update({ userId: 3, paid: F("quantity").times(F("paid")), reviewer: null });
  await Order.all().update({ user: 3, reviewerId: null, note: F("user__username") });
  await Order.all().update({ userId: F("userId"), reviewerId: F("userId") });
  await City.all().update({ country, twin: "de" });
  await Order.bulkUpdate([order], ["user", "reviewerId", "paid"]);
  await Order.all().bulkUpdate([order], ["reviewer"], { batchSize: 3 });
  await Order.bulkCreate([order], { updateFields: ["user", "paid"], onConflict: ["user", "note"] });
  await order.save({ updateFields: ["user", "reviewerId"] });
  await order.refreshFromDb(["userId"]);
  order.updateFromDict({ user, reviewerId: null }).total.trim();
  order.clone(5).userId.toFixed();
  // @ts-expect-error both
  Order.all().update({ user, userId: 3 });
  // @ts-expect-error another model
  Order.all().update({ user: tag });
  // @ts-expect-error null where none can be
  Order.all().update({ user: null });
  // @ts-expect-error undefined
  Order.all().update({ reviewer: undefined });
  // @ts-expect-error what refers to it is no value
  User.all().update({ orders: order });
  // @ts-expect-error many-to-many is no value
  Article.all().update({ tags: tag });
  // @ts-expect-error a path is no value
  Order.all().update({ user__age: 3 });
  // @ts-expect-error what may be null does not fit
  Order.all().update({ userId: F("reviewerId") });
  // @ts-expect-error a text is no key
  Order.all().update({ userId: F("user__username") });
  // @ts-expect-error what refers to it is no column
  User.bulkUpdate([user], ["orders"]);
  // @ts-expect-error many-to-many is no column
  Article.bulkUpdate([article], ["tags"]);
  // @ts-expect-error unknown
  Order.bulkUpdate([order], ["usr"]);
  // @ts-expect-error many-to-many is no column
  article.save({ updateFields: ["tags"] });
  // @ts-expect-error both
  order.updateFromDict({ user, userId: 3 });
  // @ts-expect-error another model
  order.updateFromDict({ user: tag });
}
export const used = [creating, gettingOrCreating, changing, Tag];
