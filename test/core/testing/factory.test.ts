import {
  fields,
  FieldError,
  inTransaction,
  Model,
  ParamsError,
  Terrapin,
  ValidationError,
  type ManyToManyRelation,
  type ReverseOneToOne,
  type ReverseRelation,
} from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { expectQueries, factory, type Factory } from "terrapin/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asyncStore, setAsyncStore } from "../../../core/connection/context.js";
import { loose } from "../../support/loose.js";

class User extends Model.define({
  name: fields.char({ maxLength: 20, unique: true }),
  email: fields.char({ maxLength: 50 }),
  isActive: fields.boolean({ default: true }),
  joined: fields.date({ null: true }),
}) {
  declare orders: ReverseRelation<Order>;
  declare profile: ReverseOneToOne<Profile>;
  get label(): string {
    return `${this.name} <${this.email}>`;
  }
}
class Profile extends Model.define({
  user: fields.oneToOne<User>("User", { relatedName: "profile" }),
  bio: fields.text({ blank: true }),
}) {}
class Order extends Model.define({
  number: fields.char({ maxLength: 20, primaryKey: true }),
  user: fields.foreignKey<User>("User", { relatedName: "orders" }),
  reviewer: fields.foreignKey<User>("User", { null: true, relatedName: false }),
  total: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
  tags: fields.manyToMany<Tag>("Tag", { relatedName: "orders" }),
}) {}
class Tag extends Model.define({ name: fields.char({ maxLength: 20 }) }) {
  declare orders: ManyToManyRelation<Order>;
}

const users = factory(User, { name: (n) => `user${n}`, email: (_, { name }) => `${name}@example.com` });
const tags = factory(Tag, { name: (n) => `tag${n}` });
const profiles = factory(Profile, { user: users, bio: "hi" });
const orders = factory(Order, { number: (n) => `ORD-${n}`, user: users, total: "10.00" });

const active = users.with({ joined: "2026-01-02" });

beforeEach(async () => {
  await Terrapin.init({
    connections: { default: sqlite(":memory:"), other: sqlite(":memory:") },
    apps: { models: { models: { User, Profile, Order, Tag } } },
  });
  await Terrapin.generateSchemas();
  const other = await Terrapin.context({
    connections: { default: Terrapin.getConnection("other").driver },
    models: { User, Profile, Order, Tag },
  });
  await other.generateSchemas();
  for (const each of [users, tags, profiles, orders]) each.reset();
});
afterEach(() => Terrapin.closeConnections());

describe("a factory", () => {
  it("writes objects of its model, numbered from 1", async () => {
    const one = await users.create();
    const two = await users.create();
    expect(one).toBeInstanceOf(User);
    expect([one.label, two.label]).toEqual(["user1 <user1@example.com>", "user2 <user2@example.com>"]);
    expect(await User.orderBy("id").values("name", "isActive", "joined")).toEqual([
      { name: "user1", isActive: true, joined: null },
      { name: "user2", isActive: true, joined: null },
    ]);
  });

  it("takes values in the place of its own; what is made from them follows", async () => {
    const user = await users.create({ name: "ann", isActive: false });
    expect([user.name, user.email, user.isActive]).toEqual(["ann", "ann@example.com", false]);
    expect((await users.create({ email: "x@y" })).email).toBe("x@y");
    expect((await users.create({ name: (n) => `number ${n}`, joined: new Date(0) as never })).name).toBe("number 3");
  });

  it("waits for values that are promises", async () => {
    const slow = users.with({ email: async (n, { name }) => `${name}${n}@later` });
    expect((await slow.create({ name: "ann" })).email).toBe("ann1@later");
    expect(() => slow.build()).toThrow('the factory of User has to wait for "email", and build() cannot');
    expect(slow.build({ email: "now" }).email).toBe("now");
  });

  it("makes many, each with its own number", async () => {
    const made = await users.createMany(3, { isActive: false });
    expect(made.map((user) => user.name)).toEqual(["user1", "user2", "user3"]);
    expect(await User.filter({ isActive: false }).count()).toBe(3);
    expect(await users.createMany(0)).toEqual([]);
  });

  it("builds without writing, and without what would have to be written first", async () => {
    await expectQueries(0, () => {
      const user = users.build({ name: "ann" });
      expect([user.pk, user.label]).toEqual([undefined, "ann <ann@example.com>"]);
      const [order] = orders.buildMany(1);
      expect([order!.number, order!.userId, order!.total]).toEqual(["ORD-1", undefined, "10.00"]);
      return null;
    });
    await User.bulkCreate(users.buildMany(3));
    expect(await User.count()).toBe(3);
    expect(orders.build({ userId: 1 }).userId).toBe(1);
  });

  it("is lazy: what nobody awaits is not written, and what is awaited twice is written once", async () => {
    const made = users.create();
    expect(await User.count()).toBe(0);
    expect((await made).id).toBe((await made).id);
    expect(await User.count()).toBe(1);
  });

  it("takes its values at the call", async () => {
    const values = { name: "then" };
    const made = users.create(values);
    values.name = "now";
    expect((await made).name).toBe("then");
  });

  it("has variants that count with it", async () => {
    await users.create();
    const made = await active.create();
    expect([made.name, made.joined]).toEqual(["user2", "2026-01-02"]);
    expect((await active.with({ isActive: false }).create({ joined: null })).joined).toBe(null);
    users.reset();
    expect(active.build().name).toBe("user1");
  });

  it("never makes the same name twice, also at the same time", async () => {
    await Promise.all(Array.from({ length: 20 }, () => users.create()));
    expect(await User.count()).toBe(20);
  });
});

describe("relations", () => {
  it("makes what a foreign key refers to, unless it is given", async () => {
    const order = await orders.create();
    expect((await order.user).name).toBe("user1");
    const ann = await users.create({ name: "ann" });
    const [one, two, three] = await Promise.all([
      orders.create({ user: ann }),
      orders.create({ userId: ann.id }),
      orders.create({ user: users.with({ name: "eva" }), reviewer: ann }),
    ]);
    expect([one.userId, two.userId, three.reviewerId]).toEqual([ann.id, ann.id, ann.id]);
    expect(await User.orderBy("id").valuesList("name", { flat: true })).toEqual(["user1", "ann", "eva"]);
    expect((await orders.createMany(2)).map((each) => each.userId)).toEqual([4, 5]);
  });

  it("decides by a function what a foreign key refers to", async () => {
    const shared = await users.create();
    const some = orders.with({ user: (n) => (n % 2 === 0 ? shared : users) });
    const made = await some.createMany(2);
    expect(made.map((order) => order.userId)).toEqual([2, shared.id]);
  });

  it("relates many-to-many objects: new ones, those that are there, or their keys", async () => {
    const order = await orders.create({ tags: tags.many(2, { name: (n) => `t${n}` }) });
    const names = (each: Order) => each.tags.orderBy("name").valuesList("name", { flat: true });
    expect(await names(order)).toEqual(["t1", "t2"]);
    const [one, two] = await Tag.orderBy("id");
    const second = await orders.create({ tags: [one!, two!.id] });
    expect(await names(second)).toEqual(["t1", "t2"]);
    expect(await Tag.count()).toBe(2);
    const tag = await tags.create({ name: "from the other side", orders: [order, second] });
    expect(await tag.orders.count()).toBe(2);
    expect(await names(await orders.create({ tags: [] }))).toEqual([]);
  });

  it("makes what refers to the new object, once", async () => {
    const withOrders: Factory<User> = users.with({ orders: orders.many(2, { total: 5 }), profile: profiles });
    const user = await withOrders.create();
    expect(await user.orders.orderBy("number").valuesList("number", "total")).toEqual([
      ["ORD-1", "5.00"],
      ["ORD-2", "5.00"],
    ]);
    expect((await user.profile)?.bio).toBe("hi");
    expect(await User.count()).toBe(1);
    // A circle ends where the object is given.
    const order = await orders.create({ user: withOrders });
    expect(await Order.filter({ userId: order.userId }).count()).toBe(3);
  });

  it("works inside a transaction, and leaves nothing when that is rolled back", async () => {
    const undone = inTransaction(
      async () => {
        await orders.create({ tags: tags.many(1) });
        expect([await Order.count(), await User.count(), await Tag.count()]).toEqual([1, 1, 1]);
        throw new Error("no");
      },
      { connection: "default" },
    );
    await expect(undone).rejects.toThrow("no");
    expect([await Order.count(), await User.count(), await Tag.count()]).toEqual([0, 0, 0]);
  });

  it("works by handle, with everything that it makes", async () => {
    const store = asyncStore();
    setAsyncStore(null);
    try {
      const full = users.with({ orders: orders.many(1, { tags: tags.many(1) }), profile: profiles });
      await full.usingDb("other").create();
      const counts = (at: string) =>
        Promise.all([User, Order, Tag, Profile].map((model) => loose(model).usingDb(at).count()));
      expect(await counts("other")).toEqual([1, 1, 1, 1]);
      expect(await counts("default")).toEqual([0, 0, 0, 0]);
      const undone = inTransaction(
        async (tx) => {
          await tx.use(full).create();
          throw new Error("no");
        },
        { connection: "other" },
      );
      await expect(undone).rejects.toThrow("no");
      expect(await User.usingDb("other").count()).toBe(1);
    } finally {
      setAsyncStore(store);
    }
  });
});

describe("mistakes", () => {
  it.each<[string, () => unknown, abstract new (...given: never[]) => Error, RegExp]>([
    ["a value that is refused", () => users.create({ name: "x".repeat(21) }), ValidationError, /name/],
    ["an unknown name", () => users.create({ nam: "x" } as never), FieldError, /nam/],
    ["undefined", () => users.create({ name: undefined as never }), ParamsError, /"name" is undefined/],
    [
      "a function that gives nothing",
      () => users.create({ name: (() => undefined) as never }),
      ParamsError,
      /undefined/,
    ],
    ["values that are none", () => users.create("ann" as never), ParamsError, /create\(\) takes \{ field: value \}/],
    ["a count that is none", () => users.createMany(1.5), ParamsError, /not 1\.5/],
    ["a count below 0", () => users.buildMany(-1), ParamsError, /not -1/],
    [
      "a list for what refers to it",
      () => users.create({ orders: [1] as never }),
      ParamsError,
      /User.orders cannot be made/,
    ],
    [
      "one factory for several",
      () => users.create({ orders: orders as never }),
      ParamsError,
      /User.orders cannot be made/,
    ],
    ["one factory for pairs", () => orders.create({ tags: tags as never }), ParamsError, /Order.tags cannot be made/],
    [
      "a model that is none",
      () => factory({} as never, {} as never),
      ParamsError,
      /the class of a model, not an object/,
    ],
  ])("%s", async (_what, work, kind, message) => {
    const error: unknown = await Promise.resolve()
      .then(work)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toMatch(message);
    expect(await User.count()).toBe(0);
  });
});
