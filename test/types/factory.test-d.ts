// Factories of tests: what they must know, what they may be given, and what they make.
import { OrderStatus, same } from "./models.js";
import {
  Account,
  Article,
  Category,
  City,
  Country,
  Item,
  Order,
  order,
  Profile,
  Tag,
  tag,
  User,
  user,
} from "./related-models.js";
import { factory, type Factory, type FactoryMany } from "./support.js";

const users = factory(User, { username: (n) => `user${n}`, email: (_, { username }) => `${username}@example.com` });
const orders = factory(Order, { user: users, total: "1.50", quantity: 1, status: "paid" });
const tags = factory(Tag, { name: async (n) => `tag${n}` });
const profiles = factory(Profile, { user: users });
const articles = factory(Article, { title: "x", author: users, tags: tags.many(2) });
factory(Item, { sku: (n) => `${n}`, order: orders, price: 3 });
factory(Item, { pk: "x", orderId: 3, price: 3 });
factory(Account, { owner: users, balance: 0 });
factory(City, { name: "x", country: factory(Country, { code: "de" }), twin: null });
factory(Category, { name: "x", ownerId: 3, parent: null, similar: [] });
factory(Article, { title: "x", author: user, tags: [tag, 3], editor: (n) => (n === 1 ? users : user) });

export async function making() {
  same<typeof users, Factory<User>>();
  const made = await users.create();
  same<typeof made, User>();
  same<ReturnType<typeof users.build>, User>();
  const many = await orders.createMany(3, { user, total: (n) => n, status: OrderStatus.Paid });
  same<typeof many, Order[]>();
  users.buildMany(2, { isActive: false });
  const variant = users.with({ isActive: false, nick: null });
  same<typeof variant, Factory<User>>();
  same<ReturnType<typeof tags.many>, FactoryMany<Tag>>();
  await users.create({ orders: orders.many(2, { total: 1 }), profile: profiles, articles: () => articles.many(1) });
  await tags.create({ articles: [3] });
  await tags.create({ articles: articles.many(3) });
  await orders.create({ userId: 5n, reviewer: users, items: factory(Item, { sku: "x", order, price: 1 }).many(2) });
  await users.usingDb("other").create({ age: (n, values) => n + (values.age ?? 0) });
  users.reset();
}

export function mistakes() {
  // @ts-expect-error what create asks for
  factory(User, { username: "x" });
  // @ts-expect-error neither user nor userId
  factory(Order, { total: 1, quantity: 1 });
  // @ts-expect-error both
  factory(Order, { total: 1, quantity: 1, user: users, userId: 3 });
  // @ts-expect-error a factory of another model
  factory(Order, { total: 1, quantity: 1, user: tags });
  // @ts-expect-error a function that gives something else
  factory(Tag, { name: (n) => n });
  // @ts-expect-error a name that there is not
  factory(Tag, { name: "x", nam: "x" });
  // @ts-expect-error undefined
  users.create({ username: undefined });
  // @ts-expect-error another kind of value
  users.create({ age: "x" });
  // @ts-expect-error a status that there is not
  orders.create({ status: "lost" });
  // @ts-expect-error one object for several
  users.create({ orders });
  // @ts-expect-error objects that refer to somebody else
  users.create({ orders: [order] });
  // @ts-expect-error of another model
  users.create({ orders: tags.many(2) });
  // @ts-expect-error several for one
  users.create({ profile: profiles.many(1) });
  // @ts-expect-error objects of another model
  articles.create({ tags: [user] });
  // @ts-expect-error the object and its key
  orders.create({ user, userId: 3 });
  // @ts-expect-error not a model
  factory({}, { a: 1 });
  // @ts-expect-error a method is no field
  users.create({ greeting: "x" });
  // @ts-expect-error no count
  users.createMany({ isActive: true });
}
