// What is created and changed.
import { F, omitUndefined } from "./support.js";
import {
  Country,
  Item,
  item,
  Legacy,
  Level,
  Order,
  order,
  OrderStatus,
  same,
  Session,
  Tag,
  tag,
  User,
  user,
} from "./models.js";

async function creating() {
  const made = await User.create({ username: "a", email: "b" });
  same<typeof made, User>();
  await User.create({
    username: "a",
    email: "b",
    nick: null,
    size: "s",
    level: Level.High,
    settings: { theme: "t", tags: ["x"] },
  });
  await User.create({ id: 5n, username: "a", email: "b" }, { usingDb: "other" });
  await User.create({ pk: 5, username: "a", email: "b" });
  await Order.create({ total: "1.50", quantity: 1 });
  await Order.create({ total: 1.5, quantity: 1, status: "paid", day: new Date(), extra: [1] });
  await Order.create({
    total: "1",
    quantity: 1,
    status: OrderStatus.Paid,
    createdAt: new Date(),
    serial: 5,
    file: new Uint8Array(),
  });
  await Item.create({ sku: "x", price: 1 });
  await Item.create({ pk: "x", price: 1 });
  await Session.create({ data: "x" });
  await Tag.create({ name: "x" });
  await Country.create({ code: 5, name: "x" });
  await Country.create({ pk: 5, name: "x" });
  await User.all().create({ username: "a", email: "b" });
  await Legacy.create({ key: "a", id: 1.5 });
  await Tag.create({ id: 7, name: "x" });
  await User.create({ username: "a", email: "b", ...omitUndefined({ age: 3 as number | undefined }) });
  const now: Promise<User> = User.create({ username: "a", email: "b" }).run();
  await now;
  // @ts-expect-error email is required
  User.create({ username: "a" });
  // @ts-expect-error everything is missing
  User.create({});
  // @ts-expect-error unknown name
  User.create({ username: "a", email: "b", emial: "c" });
  // @ts-expect-error undefined
  User.create({ username: "a", email: undefined });
  // @ts-expect-error undefined in an optional field
  User.create({ username: "a", email: "b", nick: undefined });
  // @ts-expect-error wrong type
  User.create({ username: "a", email: 3 });
  // @ts-expect-error null in a field that is not nullable
  User.create({ username: "a", email: null });
  // @ts-expect-error a lookup is not a field
  User.create({ username: "a", email: "b", age__gt: 3 });
  // @ts-expect-error a method is not a field
  User.create({ username: "a", email: "b", greeting: "x" });
  // @ts-expect-error not a status
  Order.create({ total: 1, quantity: 1, status: "payed" });
  // @ts-expect-error a text key must be given
  Item.create({ price: 1 });
  // @ts-expect-error a key that does not count up must be given
  Country.create({ name: "x" });
  // @ts-expect-error a document that is not the field's
  User.create({ username: "a", email: "b", settings: { theme: 3 } });
  // @ts-expect-error an expression is not a value of a new row
  User.create({ username: "a", email: "b", age: F("age") });
  // @ts-expect-error no such option
  User.create({ username: "a", email: "b" }, { using: "other" });
  const unsaved = new User({ username: "x" });
  unsaved.save();
  new Order({ createdAt: new Date(), total: 3 });
  new Tag({ id: 3, name: "x" });
  new Tag();
  // @ts-expect-error unknown name
  new User({ usernam: "x" });
  // @ts-expect-error wrong type
  new User({ username: 3 });
  return unsaved;
}

async function gettingOrCreating() {
  const [got, created] = await User.getOrCreate({ username: "a" }, { email: "b" });
  same<typeof got, User>();
  same<typeof created, boolean>();
  const [put] = await User.updateOrCreate({ username: "a" }, { email: "b", age: 3 }, { usingDb: "other" });
  same<typeof put, User>();
  await User.all().getOrCreate({ username: "a", email: "b" });
  await Tag.updateOrCreate({ name: "x" });
  // @ts-expect-error email is in neither
  User.getOrCreate({ username: "a" }, { age: 3 });
  // @ts-expect-error unknown default
  User.getOrCreate({ username: "a" }, { email: "b", agee: 3 });
  // @ts-expect-error undefined
  User.updateOrCreate({ username: "a", email: "b" }, { nick: undefined });
  // @ts-expect-error a lookup cannot be written
  User.getOrCreate({ username: "a", email: "b", age__gt: 3 });
}

async function many() {
  const made = await User.bulkCreate([user, user], {
    batchSize: 10,
    updateFields: ["age"],
    onConflict: ["username"],
    usingDb: "other",
  });
  same<typeof made, User[]>();
  await User.bulkCreate([user], { ignoreConflicts: true });
  const n = await User.bulkUpdate([user], ["age", "email"], { batchSize: 3 });
  same<typeof n, number>();
  await User.all().bulkCreate([]);
  await User.filter({ age: 3 }).bulkUpdate([user], ["age"]);
  // @ts-expect-error another model
  User.bulkCreate([tag]);
  // @ts-expect-error unknown field
  User.bulkCreate([user], { updateFields: ["agee"] });
  // @ts-expect-error unknown field
  User.bulkUpdate([user], ["agee"]);
  // @ts-expect-error a method is no field
  User.bulkUpdate([user], ["greeting"]);
}

async function instances() {
  await user.save({ updateFields: ["age", "email"], forceUpdate: true, usingDb: "other" });
  await user.save();
  await user.delete({ usingDb: "other" });
  await user.refreshFromDb();
  await user.refreshFromDb(["age"]);
  await user.refreshFromDb({ fields: ["age"], usingDb: "other" });
  await order.refreshFromDb(["createdAt"]);
  user.updateFromDict({ age: 3 }).greeting();
  same<typeof copy, User>();
  const copy = user.clone();
  user.clone(5);
  item.clone("x");
  user.equals(copy);
  user.pk = 5;
  // @ts-expect-error unknown field
  user.save({ updateFields: ["agee"] });
  // @ts-expect-error unknown field
  user.refreshFromDb(["agee"]);
  // @ts-expect-error unknown field
  user.updateFromDict({ agee: 3 });
  // @ts-expect-error undefined
  user.updateFromDict({ nick: undefined });
  // @ts-expect-error wrong type
  user.updateFromDict({ age: "x" });
  // @ts-expect-error wrong type of key
  user.clone("x");
  // @ts-expect-error wrong type of key
  user.pk = "x";
  // @ts-expect-error no such option
  user.save({ using: "other" });
}

async function updating() {
  const n = await User.filter({ age: 3 }).update({ age: F("age").plus(1), nick: null, email: "x" });
  same<typeof n, number>();
  Order.all().update({
    paid: F("quantity").times(F("paid")),
    status: "paid",
    note: F("note"),
    total: F("total").times(2),
    discount: F("paid"),
  });
  User.all().update({ id: F("id").plus(1000), username: F("email") });
  User.all().update({ pk: F("pk").plus(1) }, { usingDb: "other" });
  const d = await User.filter({ age: 3 }).delete();
  same<typeof d, number>();
  // @ts-expect-error unknown name
  User.all().update({ agee: 3 });
  // @ts-expect-error wrong type
  User.all().update({ age: "x" });
  // @ts-expect-error undefined
  User.all().update({ nick: undefined });
  // @ts-expect-error null in a field that is not nullable
  User.all().update({ email: null });
  // @ts-expect-error unknown path in F
  User.all().update({ age: F("agee").plus(1) });
  // @ts-expect-error a number is not a name
  User.all().update({ username: F("age") });
  // @ts-expect-error what may be null does not fit
  User.all().update({ email: F("nick") });
  // @ts-expect-error what may be null in part does not fit either
  Order.all().update({ paid: F("paid").plus(F("discount")) });
  // @ts-expect-error a model has no unfiltered update
  User.update({ age: 3 });
  // @ts-expect-error nor an unfiltered delete
  User.delete();
}
export const used = [creating, gettingOrCreating, many, instances, updating];
