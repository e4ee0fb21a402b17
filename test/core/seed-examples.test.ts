import { randomBytes } from "node:crypto";
import process from "node:process";
import {
  Avg,
  Count,
  DoesNotExist,
  F,
  IntegrityError,
  Max,
  Min,
  NoValuesFetched,
  Q,
  Sum,
  Terrapin,
  ValidationError,
} from "terrapin";
import type { TerrapinContext } from "terrapin";
import { atomic, inTransaction, TimeoutError } from "terrapin";
import type { MysqlDriver } from "terrapin/mysql";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { captureQueries } from "../../core/testing/capture.js";
import { mysqlServer } from "../support/databases.js";
import { loose } from "../support/loose.js";
import { Article, models, Order, OrderStatus, Product, Tag, User, UserProfile } from "../support/seed-models.js";

// Every example of the guide that Terrapin follows, in its order, with the result that its text promises.

const DAY = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY);
const names = (users: readonly User[]): string[] => users.map(({ username }) => username).sort();
const statements = async (work: () => PromiseLike<unknown>): Promise<number> =>
  (await captureQueries(work)).stats.statements;

const onMysql = process.env.TERRAPIN_TEST_DRIVER === "mysql";

interface Engine {
  readonly ENGINE: string;
  readonly CREDENTIALS: Readonly<Record<string, string | number>>;
}
const sqliteInMemory: Engine = { ENGINE: "tortoise.backends.sqlite", CREDENTIALS: { file_path: ":memory:" } };

/** The guide's settings of MySQL, of a database that is not there yet. */
async function mysqlSettings(more: Engine["CREDENTIALS"] = {}): Promise<Engine> {
  const { hostname, port, username, password } = new URL(await mysqlServer());
  const CREDENTIALS = {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: `terrapin_${randomBytes(6).toString("hex")}`,
    minsize: 1,
    maxsize: 10,
    ...more,
  };
  return { ENGINE: "tortoise.backends.mysql", CREDENTIALS };
}
const configOf = (engine: Engine) => ({
  CONNECTIONS: { default: engine },
  APPS: { models: { models: [models], default_connection: "default" } },
});

/** Its test set-up: settings in one record, tables made, and everything closed afterwards. */
beforeEach(async () => {
  await Terrapin.init({ config: configOf(onMysql ? await mysqlSettings() : sqliteInMemory), createDb: onMysql });
  await Terrapin.generateSchemas();
});
afterEach(() => (onMysql ? Terrapin.connections.get("default").dbDelete() : Terrapin.closeConnections()));

/** A context beside the one of the test, on a new database of MySQL that ends with the test. */
async function openMysql(engine: Engine): Promise<TerrapinContext> {
  const orm = await Terrapin.context({ config: configOf(engine), createDb: true });
  onTestFinished(() => orm.connections.get("default").dbDelete());
  await orm.generateSchemas();
  return orm;
}

const alice = (): PromiseLike<User> =>
  User.create({ username: "alice", email: "alice@example.com", firstName: "Alice", lastName: "Smith" });
const bob = (): PromiseLike<User> => User.create({ username: "bob", email: "bob@gmail.com", firstName: "Bob" });

describe("connections", () => {
  it("take the URL of a file and of memory", async () => {
    for (const dbUrl of ["sqlite://:memory:", "sqlite://db.sqlite3"]) {
      const orm = await Terrapin.context({ dbUrl, modules: { models: [models] } });
      expect(orm.connections.names).toEqual(["default"]);
    }
  });

  it("open MySQL by ENGINE and CREDENTIALS", async () => {
    const engine = await mysqlSettings();
    const orm = await openMysql(engine);
    await orm.run(async () => {
      expect((await alice()).id).toBe(1);
      expect((await User.get({ username: "alice" })).email).toBe("alice@example.com");
    });
    const [row] = await orm.connections.get("default").executeQueryDict("SELECT DATABASE() AS name");
    expect(row).toEqual({ name: engine.CREDENTIALS["database"] });
  });

  it("keep minsize to maxsize connections, and recycle them", async () => {
    const orm = await openMysql(
      await mysqlSettings({
        minsize: 2,
        maxsize: 4,
        max_queries: 20,
        max_inactive_connection_lifetime: 0.2,
        timeout: 60,
        command_timeout: 0.5,
      }),
    );
    const client = orm.connections.get("default");
    const { driver } = client as unknown as { readonly driver: MysqlDriver };
    const threads = new Set<unknown>();
    const ask = async (sql: string): Promise<void> => {
      for (const { thread } of await client.executeQueryDict(sql)) threads.add(thread);
    };
    const open = (size: number) => expect.poll(() => driver.pool.size, { timeout: 5000 }).toBe(size);

    await Promise.all(Array.from({ length: 12 }, () => ask("SELECT CONNECTION_ID() AS thread, SLEEP(0.02)")));
    expect(threads.size).toBe(4);
    expect(driver.pool).toMatchObject({ size: 4, waiting: 0 });
    await open(2);
    for (let i = 0; i < 60; i++) await ask("SELECT CONNECTION_ID() AS thread");
    expect(threads.size).toBeGreaterThan(5);
    expect(driver.pool.size).toBeLessThanOrEqual(4);
    await open(2);
    await expect(ask("SELECT CONNECTION_ID() AS thread, SLEEP(5)")).rejects.toThrow(TimeoutError);
  });
  it.todo("are opened from UNFAZED_SETTINGS by the framework's life cycle: terrapin/app is a later milestone");
});

describe("model definition", () => {
  it("makes the tables, indexes and comments that the models name", async () => {
    const tables = await Terrapin.connections.get("default").introspect();
    for (const table of ["users", "user_profiles", "orders", "tags", "articles", "products"])
      expect(tables.map(({ name }) => name)).toContain(table);
    const indexed = (table: string): unknown[] =>
      tables
        .find(({ name }) => name === table)!
        .indexes.filter(({ unique }) => !unique)
        .map(({ columns }) => columns);
    expect(indexed("users")).toHaveLength(3);
    expect(indexed("products")).toContainEqual(["is_active", "created_at"]);
    expect(Terrapin.schemaSql()).toContain("Registration time");
    expect(User.describe().pk_field).toMatchObject({ name: "id", description: "User ID" });
  });

  it("keeps a model's own methods", async () => {
    const user = await alice();
    expect(String(user)).toBe("User(username=alice)");
  });

  it("inherits the fields of abstract models, theirs first, and makes no table of those", async () => {
    const product = await Product.create({ name: "Lamp", price: "19.90" });
    expect(Object.keys(product)).toEqual(["id", "createdAt", "updatedAt", "name", "price", "isActive"]);
    expect(product).toMatchObject({ id: 1, price: "19.90", isActive: true });
    expect(product.createdAt).toBeInstanceOf(Date);
    expect(Object.keys(Terrapin.describeModels())).toHaveLength(6);
  });
});

describe("create records", () => {
  it("creates one user, who gets a password", async () => {
    const user = await alice();
    user.setPassword("secret123");
    await user.save();
    const read = await User.get({ username: "alice" });
    expect(read).toMatchObject({ id: 1, firstName: "Alice", isActive: true, isStaff: false, lastLogin: null });
    expect(read.checkPassword("secret123")).toBe(true);
    expect(read.dateJoined.getTime()).toBeGreaterThan(Date.now() - 10_000);
  });

  it("creates several at once and gives them back, with their keys", async () => {
    const users = await User.bulkCreate(
      [
        { username: "bob", email: "bob@example.com", firstName: "Bob" },
        { username: "charlie", email: "charlie@example.com", firstName: "Charlie" },
      ].map((data) => new User(data)),
    );
    expect(users.map(({ id, username }) => [id, username])).toEqual([
      [1, "bob"],
      [2, "charlie"],
    ]);
    expect(await User.all().count()).toBe(2);
  });

  it("gets or creates", async () => {
    const find = (): PromiseLike<[User, boolean]> =>
      User.getOrCreate({ username: "david" }, { email: "david@example.com", firstName: "David" });
    const [made, created] = await find();
    const [found, again] = await find();
    expect([created, again]).toEqual([true, false]);
    expect(found.equals(made)).toBe(true);
    expect(found.firstName).toBe("David");
  });
});

describe("query records", () => {
  beforeEach(async () => {
    await User.bulkCreate([
      new User({
        username: "alice",
        email: "alice@example.com",
        firstName: "Alice",
        dateJoined: new Date("2024-12-05T10:00Z"),
      }),
      new User({
        username: "bob",
        email: "bob@gmail.com",
        firstName: "Bob",
        dateJoined: new Date("2024-03-01T10:00Z"),
        lastLogin: new Date(),
      }),
      new User({ username: "MALICE", email: "m@gmail.com", firstName: "Al", isStaff: true, dateJoined: new Date() }),
      new User({
        username: "zoe",
        email: "z@example.com",
        firstName: "Alice",
        isActive: false,
        dateJoined: new Date("2022-12-31T10:00Z"),
      }),
    ]);
  });

  it("gets one, one or null, the first, the filtered", async () => {
    expect((await User.get({ username: "alice" })).email).toBe("alice@example.com");
    expect(await User.getOrNone({ username: "nonexistent" })).toBeNull();
    expect((await User.first())?.username).toBe("alice");
    expect(names(await User.filter({ isActive: true }))).toEqual(["MALICE", "alice", "bob"]);
    const recent = await User.filter({ dateJoined__gte: new Date(Date.UTC(2024, 0, 1)), isActive: true }).exclude({
      isStaff: true,
    });
    expect(names(recent)).toEqual(["alice", "bob"]);
  });

  it("sorts, limits and pages", async () => {
    const sorted = await User.all().orderBy("firstName", "-dateJoined");
    expect(sorted.map(({ username }) => username)).toEqual(["MALICE", "alice", "zoe", "bob"]);
    expect((await User.all().orderBy("-dateJoined").limit(2)).map(({ username }) => username)).toEqual([
      "MALICE",
      "alice",
    ]);
    expect(names(await User.all().orderBy("id").offset(2).limit(10))).toEqual(["MALICE", "zoe"]);
    expect(await User.all().offset(20).limit(10)).toEqual([]);
  });

  it.each<[string, () => PromiseLike<User[]>, string[]]>([
    ["username__icontains", () => User.filter({ username__icontains: "alice" }), ["MALICE", "alice"]],
    ["email__endswith", () => User.filter({ email__endswith: "@gmail.com" }), ["MALICE", "bob"]],
    ["first_name__startswith", () => User.filter({ firstName__startswith: "A" }), ["MALICE", "alice", "zoe"]],
    ["id__gte", () => User.filter({ id__gte: 3 }), ["MALICE", "zoe"]],
    ["id__lt", () => User.filter({ id__lt: 2 }), ["alice"]],
    ["id__in", () => User.filter({ id__in: [1, 2, 30, 40, 50] }), ["alice", "bob"]],
    ["date_joined__date", () => User.filter({ dateJoined__date: new Date() }), ["MALICE"]],
    ["date_joined__year", () => User.filter({ dateJoined__year: 2024 }), ["alice", "bob"]],
    ["date_joined__month", () => User.filter({ dateJoined__month: 12, isStaff: false }), ["alice", "zoe"]],
    ["last_login__isnull", () => User.filter({ lastLogin__isnull: true }), ["MALICE", "alice", "zoe"]],
    ["last_login__not_isnull", () => User.filter({ lastLogin__not_isnull: true }), ["bob"]],
  ])("filters with %s", async (_, query, expected) => {
    expect(names(await query())).toEqual(expected);
  });

  it.each<[string, () => PromiseLike<User[]>, string[]]>([
    ["or", () => User.filter(Q.or(Q({ username: "alice" }), Q({ email: "bob@gmail.com" }))), ["alice", "bob"]],
    ["and", () => User.filter(Q.and(Q({ isActive: true }), Q({ isStaff: false }))), ["alice", "bob"]],
    ["not", () => User.filter(Q.not(Q({ username: "alice" }))), ["MALICE", "bob", "zoe"]],
    [
      "all of them",
      () =>
        User.filter(
          Q.and(
            Q.or(Q({ firstName: "Alice" }), Q({ firstName: "Bob" })),
            Q({ isActive: true }),
            Q.not(Q({ isStaff: true })),
          ),
        ),
      ["alice", "bob"],
    ],
  ])("combines conditions with %s", async (_, query, expected) => {
    expect(names(await query())).toEqual(expected);
  });
});

describe("update records", () => {
  beforeEach(async () => {
    await alice();
    await bob();
    await User.filter({ username: "bob" }).update({ dateJoined: new Date(Date.UTC(2022, 5, 1)) });
  });

  it("changes one object and saves it", async () => {
    const user = await User.get({ username: "alice" });
    user.lastLogin = new Date();
    await user.save();
    expect((await User.get({ username: "alice" })).lastLogin).toEqual(user.lastLogin);
  });

  it("changes many, and says how many", async () => {
    const now = new Date();
    expect(await User.filter({ isActive: true }).update({ lastLogin: now })).toBe(2);
    expect(await User.filter({ dateJoined__lt: new Date(Date.UTC(2023, 0, 1)) }).update({ isActive: false })).toBe(1);
    expect((await User.get({ username: "bob" })).isActive).toBe(false);
  });

  it("adds to the key with F", async () => {
    expect(await User.all().update({ id: F("id").plus(1000) })).toBe(2);
    expect(await User.orderBy("id").valuesList("id", { flat: true })).toEqual([1001, 1002]);
  });
});

describe("delete records", () => {
  it("deletes one, many, and softly", async () => {
    const user = await alice();
    await bob();
    expect(await User.filter({ username: "bob" }).update({ isActive: false })).toBe(1);
    await user.delete();
    expect(await User.all().count()).toBe(1);
    expect(await User.filter({ isActive: false }).delete()).toBe(1);
    expect(await User.all().count()).toBe(0);
  });
});

describe("foreign keys", () => {
  it("take the object or its key, load ahead by a join, and are asked from the other side", async () => {
    const user = await alice();
    const first = await Order.create({ orderNumber: "ORD-001", user, totalAmount: 99.99, status: OrderStatus.PENDING });
    await Order.create({ orderNumber: "ORD-002", userId: user.id, totalAmount: 149.99, status: OrderStatus.PENDING });
    expect(first.userId).toBe(user.id);

    const lines: string[] = [];
    const sent = await statements(async () => {
      for (const order of await Order.filter({ status: OrderStatus.PENDING }).selectRelated("user"))
        lines.push(`Order ${order.orderNumber} belongs to user ${order.user.username}`);
    });
    expect(lines).toEqual(["Order ORD-001 belongs to user alice", "Order ORD-002 belongs to user alice"]);
    expect(sent).toBe(1);

    expect(await user.orders.all()).toHaveLength(2);
    expect(await user.orders.filter({ createdAt__gte: daysAgo(30) })).toHaveLength(2);
    expect(await user.orders.filter({ createdAt__lt: daysAgo(30) })).toEqual([]);
  });
});

describe("one to one", () => {
  beforeEach(async () => {
    const user = await bob();
    await UserProfile.create({ user, bio: "Software Developer", phone: "+1-555-0123", birthDate: "1990-05-15" });
  });

  it("loads from the other side, also with get", async () => {
    const user = await User.get({ username: "bob" }).selectRelated("profile");
    expect(user.profile?.bio).toBe("Software Developer");
    expect(user.profile?.birthDate).toBe("1990-05-15");
  });

  it("is found across, and says how to load what is not loaded; awaited, it comes", async () => {
    const profile = await UserProfile.get({ user__username: "bob" });
    expect(() => loose(profile).user.username).toThrow(NoValuesFetched);
    expect(() => loose(profile).user.username).toThrow(/selectRelated\("user"\).*await object\.user/);
    expect((await profile.user).username).toBe("bob");
    expect((await UserProfile.get({ user__username: "bob" }).selectRelated("user")).user.username).toBe("bob");
  });
});

describe("many to many", () => {
  it("adds, removes, clears and sets, loads ahead, and is asked from both sides", async () => {
    const python = await Tag.create({ name: "Python" });
    const asynchronous = await Tag.create({ name: "Async Programming" });
    const web = await Tag.create({ name: "Web Development" });
    const article = await Article.create({
      title: "Tortoise ORM Guide",
      content: "This is an article about Tortoise ORM...",
      author: await alice(),
    });
    const tags = (): PromiseLike<string[]> => article.tags.all().orderBy("id").valuesList("name", { flat: true });

    await article.tags.add(python, asynchronous, web);
    expect(await tags()).toEqual(["Python", "Async Programming", "Web Development"]);
    await article.tags.remove(web);
    expect(await tags()).toEqual(["Python", "Async Programming"]);
    await article.tags.clear();
    expect(await tags()).toEqual([]);
    await article.tags.set([python, asynchronous]);
    expect(await tags()).toEqual(["Python", "Async Programming"]);

    const articles = await Article.all().prefetchRelated("tags", "author");
    expect(articles.map((each) => [each.title, each.author.username, each.tags.map((tag) => tag.name)])).toEqual([
      ["Tortoise ORM Guide", "alice", ["Python", "Async Programming"]],
    ]);
    expect((await python.articles.all()).map(({ title }) => title)).toEqual(["Tortoise ORM Guide"]);
    expect(await web.articles.all()).toEqual([]);
    expect(await Article.filter({ tags__name: "Python" })).toHaveLength(1);
    expect(await Article.filter({ tags__name: "Web Development" })).toHaveLength(0);
  });
});

describe("aggregation", () => {
  const all = {
    total_orders: Count("id"),
    total_revenue: Sum("totalAmount"),
    avg_order_value: Avg("totalAmount"),
    max_order_value: Max("totalAmount"),
    min_order_value: Min("totalAmount"),
  };

  it("counts, gathers, and gathers by group", async () => {
    const [one, two] = [await alice(), await bob()];
    await Order.bulkCreate(
      [
        { user: one, totalAmount: "100.00" },
        { user: one, totalAmount: "200.50" },
        { user: two, totalAmount: "9.50" },
      ].map((values, i) => new Order({ orderNumber: `N-${i}`, ...values })),
    );
    expect(await User.all().count()).toBe(2);
    expect(await User.filter({ isActive: true }).count()).toBe(2);

    const stats = await Order.all().aggregate(all);
    expect(stats).toMatchObject({
      total_orders: 3,
      total_revenue: "310.00",
      max_order_value: "200.50",
      min_order_value: "9.50",
    });
    expect(Number(stats.avg_order_value)).toBeCloseTo(103.333, 2);

    const groups = await Order.all()
      .groupBy("userId")
      .annotate({ order_count: Count("id"), total_spent: Sum("totalAmount") })
      .values("userId", "order_count", "total_spent");
    expect(groups).toEqual([
      { userId: 1, order_count: 2, total_spent: "300.50" },
      { userId: 2, order_count: 1, total_spent: "9.50" },
    ]);
  });

  it("gives 0 and nulls of nothing", async () => {
    expect(await Order.all().aggregate(all)).toEqual({
      total_orders: 0,
      total_revenue: null,
      avg_order_value: null,
      max_order_value: null,
      min_order_value: null,
    });
  });
});

describe("transactions", () => {
  const transferMoney = atomic(async (from: number, to: number, amount: number) => {
    const sender = await User.get({ id: from });
    const receiver = await User.get({ id: to });
    receiver.balance = (Number(receiver.balance) + amount).toFixed(2);
    await receiver.save();
    if (Number(sender.balance) < amount) throw new Error("Insufficient balance");
    sender.balance = (Number(sender.balance) - amount).toFixed(2);
    await sender.save();
  });

  it("keep a decorated function whole", async () => {
    const [one, two] = [await alice(), await bob()];
    await User.filter({ id: one.id }).update({ balance: "100.00" });
    await transferMoney(one.id, two.id, 30);
    await expect(transferMoney(one.id, two.id, 80)).rejects.toThrow("Insufficient balance");
    expect(await User.orderBy("id").valuesList("balance", { flat: true })).toEqual(["70.00", "30.00"]);
  });

  it("keep a block whole, and roll it back when something fails", async () => {
    const block = (fails: boolean): Promise<void> =>
      inTransaction(async () => {
        const user = await User.create({ username: "test_user", email: "test@example.com" });
        await UserProfile.create({ user, bio: "Test bio" });
        if (fails) throw new Error("Rollback transaction");
      });
    await expect(block(true)).rejects.toThrow("Rollback transaction");
    expect([await User.all().count(), await UserProfile.all().count()]).toEqual([0, 0]);
    await block(false);
    expect([await User.all().count(), await UserProfile.all().count()]).toEqual([1, 1]);
  });
});

describe("migrations", () => {
  it.todo("init-db makes migrations/ and the first file: migrations are a later milestone");
  it.todo("migrate, with --name and --empty, writes a file: migrations are a later milestone");
  it.todo("upgrade, also with --transaction, applies what is not applied: migrations are a later milestone");
  it.todo("downgrade, with --version and --delete, goes back: migrations are a later milestone");
  it.todo("history and heads list files: migrations are a later milestone");
  it.todo("inspectdb, with --table, writes models of tables: migrations are a later milestone");
});

describe("query optimisation", () => {
  it("loads related objects without a query for each", async () => {
    const [one, two] = [await alice(), await bob()];
    const article = await Article.create({ title: "A", content: "…", author: one });
    await article.tags.add(await Tag.create({ name: "Python" }));
    for (const [i, user] of [one, one, two].entries())
      await Order.create({ orderNumber: `N-${i}`, user, totalAmount: 1 });

    const joined: string[] = [];
    const sent = await statements(async () => {
      for (const order of await Order.all().selectRelated("user").orderBy("id")) joined.push(order.user.username);
    });
    expect([joined, sent]).toEqual([["alice", "alice", "bob"], 1]);

    const counts: [string, number, string[]][] = [];
    const loaded = await statements(async () => {
      for (const user of await User.all().prefetchRelated("orders", "articles__tags").orderBy("id"))
        counts.push([
          user.username,
          user.orders.length,
          user.articles.flatMap(({ tags }) => tags.map(({ name }) => name)),
        ]);
    });
    expect([counts, loaded]).toEqual([
      [
        ["alice", 2, ["Python"]],
        ["bob", 1, []],
      ],
      4,
    ]);
  });

  it("selects only what is needed, writes in bulk, and asks whether there is one", async () => {
    const data = Array.from({ length: 100 }, (_, i) => ({ username: `user_${i}`, email: `user_${i}@example.com` }));
    const sent = await statements(() => User.bulkCreate(data.map((each) => new User(each))));
    expect(sent).toBeLessThanOrEqual(3);
    expect(await User.all().orderBy("id").valuesList("username", { flat: true })).toEqual(
      data.map(({ username }) => username),
    );
    expect(await User.all().orderBy("id").limit(1).values("id", "username", "email")).toEqual([{ id: 1, ...data[0] }]);
    expect(await Order.filter({ userId: 1 }).exists()).toBe(false);
    await Order.create({ orderNumber: "1", userId: 1, totalAmount: "1" });
    expect(await Order.filter({ userId: 1 }).exists()).toBe(true);
  });
});

describe("its test examples", () => {
  const sampleUser = (): PromiseLike<User> =>
    User.create({ username: "testuser", email: "test@example.com", firstName: "Test", lastName: "User" });

  it("test_user_creation", async () => {
    const user = await sampleUser();
    expect(user.username).toBe("testuser");
    expect(user.email).toBe("test@example.com");
    expect(user.isActive).toBe(true);
  });

  it("test_user_password", async () => {
    const user = await User.create({ username: "passwordtest", email: "password@example.com" });
    user.setPassword("secret123");
    expect(user.checkPassword("secret123")).toBe(true);
    expect(user.checkPassword("wrongpassword")).toBe(false);
  });

  it("test_order_creation: the amount is exact text, whether it was given as number or as text", async () => {
    const user = await sampleUser();
    const order = await Order.create({
      orderNumber: "TEST-001",
      user,
      totalAmount: 99.99,
      status: OrderStatus.PENDING,
    });
    expect(order.userId).toBe(user.id);
    expect(order.totalAmount).toBe("99.99");
    expect(order.status).toBe(OrderStatus.PENDING);
    expect(await Order.exists({ totalAmount: 99.99 })).toBe(true);
  });

  it("test_user_orders_relationship: amounts compare as numbers", async () => {
    const user = await sampleUser();
    await Order.create({ orderNumber: "REL-001", user, totalAmount: 100 });
    await Order.create({ orderNumber: "REL-002", user, totalAmount: 200 });
    await Order.create({ orderNumber: "REL-003", user, totalAmount: 9.5 });
    expect(await user.orders.all()).toHaveLength(3);
    const high = await user.orders.filter({ totalAmount__gte: 150 });
    expect(high.map(({ orderNumber }) => orderNumber)).toEqual(["REL-002"]);
  });

  it.skipIf(onMysql)(
    "closing the connections empties a database in memory, so that the next test finds it so",
    async () => {
      await sampleUser();
      await Terrapin.closeConnections();
      await Terrapin.generateSchemas();
      expect(await User.all().count()).toBe(0);
    },
  );

  it.todo("boot from UnfazedSettings with setup() and migrate(): terrapin/app is a later milestone");
});

describe("error handling", () => {
  const safely = async (values: { username: string; email: string }): Promise<User> => {
    try {
      return await User.create(values);
    } catch (error) {
      if (error instanceof IntegrityError) {
        if (error.fields.includes("username")) throw new Error("Username already exists", { cause: error });
        if (error.message.includes("email")) throw new Error("Email already in use", { cause: error });
        throw new Error("Data integrity error", { cause: error });
      }
      if (error instanceof ValidationError)
        throw new Error(`Data validation failed: ${error.message}`, { cause: error });
      throw error;
    }
  };

  it("tells which unique rule was broken, and what a field refuses", async () => {
    expect((await safely({ username: "newuser", email: "new@example.com" })).id).toBe(1);
    await expect(safely({ username: "newuser", email: "x@example.com" })).rejects.toThrow("Username already exists");
    await expect(safely({ username: "other", email: "new@example.com" })).rejects.toThrow("Email already in use");
    await expect(safely({ username: "n".repeat(51), email: "y@example.com" })).rejects.toThrow(
      /Data validation failed: .*username/,
    );
  });

  it("gets an object safely", async () => {
    const safe = async (id: number): Promise<User | null> => {
      try {
        return await User.get({ id });
      } catch (error) {
        if (error instanceof DoesNotExist) return null;
        throw error;
      }
    };
    const user = await alice();
    expect(user.equals(await safe(user.id))).toBe(true);
    expect(await safe(99)).toBeNull();
  });
});
