import {
  atomic,
  Avg,
  ConfigurationError,
  Count,
  DoesNotExist,
  F,
  FieldError,
  fields,
  IncompleteInstanceError,
  inTransaction,
  IntegrityError,
  Max,
  Min,
  MultipleObjectsReturned,
  OperationalError,
  OuterRef,
  ParamsError,
  Q,
  RawSql,
  Subquery,
  Sum,
  Terrapin,
  TerrapinError,
  TransactionManagementError,
  ValidationError,
} from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { expect } from "vitest";
import { loose } from "../../support/loose.js";
import { models, Order, Tag, User } from "../../support/seed-models.js";
import type { Proofs } from "../support/tortoise.js";
import { connection, fails, names, people, sends } from "./world.js";

/** The users that a condition finds among alice and bob. */
const finds = async (query: PromiseLike<readonly User[]>, expected: string[]): Promise<void> =>
  expect(names(await query)).toEqual(expected);

export const queries: Proofs = {
  "await queryset": [
    "A01",
    async () => {
      await people();
      const all = Tag.all();
      expect(await sends(async () => void Tag.filter({ name: "x" }))).toBe(0);
      expect(await sends(async () => void ((await all) && (await all)))).toBe(2);
      const write = Tag.create({ name: "new" });
      expect(await sends(async () => void ((await write) && (await write)))).toBe(1);
    },
  ],
  '.order_by("first_name", "-date_joined")': [
    "A55",
    async () => {
      await people();
      const by = (...order: string[]): PromiseLike<string[]> =>
        loose(User)
          .all()
          .orderBy(...order)
          .valuesList("username", { flat: true });
      expect(await by("lastName", "-dateJoined")).toEqual(["alice", "bob"]);
      expect(await by("lastLogin")).toEqual(["alice", "bob"]);
      expect(await by("-lastLogin")).toEqual(["bob", "alice"]);
      await fails(() => by("nothing"), FieldError);
      await fails(() => User.all().limit(1).orderBy("id"), ParamsError, "sliced");
    },
  ],
  ".limit(10)": [
    "A56",
    async () => {
      await people();
      expect(await Order.all().limit(2)).toHaveLength(2);
      await fails(() => Order.all().limit(-1), ParamsError);
    },
  ],
  ".offset(20).limit(10)": [
    "A56",
    async () => {
      await people();
      expect(await Order.orderBy("id").offset(2).limit(10).valuesList("id", { flat: true })).toEqual([3]);
      await fails(() => Order.all().offset(-1), ParamsError);
    },
  ],
  ".count()": [
    "A65",
    async () => {
      await people();
      expect(await Order.all().count()).toBe(3);
      expect(await Order.all().offset(1).limit(10).count()).toBe(2);
    },
  ],
  ".exists()": [
    "A70",
    async () => void (await people(), expect(await Order.filter({ userId: 1 }).exists()).toBe(true)),
  ],
  ".first()": [
    "A51",
    async () => {
      await people();
      expect((await User.filter({ isStaff: true }).first())?.username).toBe("bob");
      expect(await User.filter({ username: "x" }).first()).toBeNull();
    },
  ],
  ".update(is_active=False)": [
    "A60 A64",
    async () => {
      await people();
      expect(await User.filter({ username: "bob" }).update({ isActive: false })).toBe(1);
      expect(await User.filter({ username: "bob" }).update({ isActive: false })).toBe(1);
      await fails(() => loose(User).orderBy("id").update({ isActive: true }), ParamsError);
      await fails(() => User.all().update(loose({ nothing: 1 })), FieldError);
    },
  ],
  ".update(last_login=datetime.now())": [
    "A59 A60",
    async () => {
      const { alice } = await people();
      const now = new Date();
      expect(await User.filter({ isActive: true }).update({ lastLogin: now })).toBe(2);
      await alice.refreshFromDb();
      expect(alice.lastLogin).toEqual(now);
    },
  ],
  '.update(id=F("id") + 1000)': [
    "A61",
    async () => {
      await Tag.bulkCreate([new Tag({ name: "a" }), new Tag({ name: "b" })]);
      expect(await Tag.all().update({ id: F("id").plus(1) })).toBe(2);
      expect(await Tag.all().update({ id: F("id").plus(1000) })).toBe(2);
      expect(await Tag.orderBy("id").valuesList("id", { flat: true })).toEqual([1002, 1003]);
    },
  ],
  ".delete()": [
    "A63",
    async () => {
      await people();
      expect(await User.filter({ username: "alice" }).delete()).toBe(1);
      expect(await Order.all().count()).toBe(1);
    },
  ],
  '.values("id", "username")': [
    "A69",
    async () => {
      await people();
      expect(await User.filter({ id: 1 }).values("id", { who: "username" })).toEqual([{ id: 1, who: "alice" }]);
      await fails(() => loose(User).all().values("nothing"), FieldError);
    },
  ],
  '.values_list("username", flat=True)': [
    "A68",
    async () => {
      await people();
      expect(await User.orderBy("id").valuesList("username", { flat: true })).toEqual(["alice", "bob"]);
      await fails(() => loose(User).all().valuesList("id", "username", { flat: true }), ParamsError, "flat");
    },
  ],
  '.select_related("user")': [
    "A06 A71 A77",
    async () => {
      await people();
      const asked = await sends(async () => {
        const orders = await Order.all().selectRelated("user").selectRelated("user__profile").orderBy("id");
        expect(orders.map(({ user }) => [user.username, user.profile?.bio])).toEqual([
          ["alice", undefined],
          ["alice", undefined],
          ["bob", "Developer"],
        ]);
      });
      expect(asked).toBe(1);
      await fails(() => loose(Order).all().selectRelated("nothing"), FieldError);
    },
  ],
  '.prefetch_related("orders", "articles__tags")': [
    "A72",
    async () => {
      await people();
      const asked = await sends(async () => {
        const users = await User.all().prefetchRelated("orders").prefetchRelated("articles__tags").orderBy("id");
        expect(users.map(({ orders, articles }) => [orders.length, articles[0]?.tags.length])).toEqual([
          [2, 2],
          [1, undefined],
        ]);
      });
      expect(asked).toBe(4);
      await fails(() => loose(User).all().prefetchRelated("username"), FieldError);
    },
  ],
  '.annotate(n=Count("orders"))': [
    "C33",
    async () => {
      await people();
      const rows = await User.all()
        .annotate({ n: Count("orders") })
        .filter({ n__gt: 1 })
        .orderBy("-n");
      expect(rows.map(({ username, n }) => [username, n])).toEqual([["alice", 2]]);
    },
  ],
  '.group_by("user_id").annotate(…).values(…)': [
    "A67",
    async () => {
      await people();
      const groups = Order.all()
        .groupBy("userId")
        .annotate({ n: Count("id"), total: Sum("totalAmount") })
        .values("userId", "n", "total");
      expect(await groups).toEqual([
        { userId: 1, n: 2, total: "300.50" },
        { userId: 2, n: 1, total: "9.50" },
      ]);
    },
  ],
  '.aggregate(total=Sum("total_amount"))': [
    "A66",
    async () => {
      await people();
      expect(await Order.all().aggregate({ total: Sum("totalAmount") })).toEqual({ total: "310.00" });
    },
  ],
  "Count, Sum, Avg, Max, Min": [
    "A66",
    async () => {
      const all = {
        a: Count("id"),
        b: Sum("totalAmount"),
        c: Avg("totalAmount"),
        d: Max("totalAmount"),
        e: Min("totalAmount"),
      };
      expect(await Order.all().aggregate(all)).toEqual({ a: 0, b: null, c: null, d: null, e: null });
      await people();
      expect(await Order.filter({ userId: 1 }).aggregate(all)).toMatchObject({
        a: 2,
        b: "300.50",
        d: "200.50",
        e: "100.00",
      });
      expect(Number((await Order.filter({ userId: 1 }).aggregate(all)).c)).toBe(150.25);
    },
  ],
  "Q(a=1) | Q(b=2)": [
    "A58",
    async () => {
      await people();
      await finds(User.filter(Q.or(Q({ username: "alice" }), Q({ email: "bob@gmail.com" }))), ["alice", "bob"]);
      await finds(User.filter(Q.or(Q({ username: "alice" }), Q({ username: "x" }))), ["alice"]);
    },
  ],
  "Q(a=1) & Q(b=2)": [
    "A58",
    async () => {
      await people();
      await finds(User.filter(Q.and(Q({ isActive: true }), Q({ isStaff: false }))), ["alice"]);
    },
  ],
  "~Q(a=1)": [
    "A58",
    async () => {
      await people();
      await finds(User.filter(Q.not(Q({ lastLogin__gt: new Date(0) }))), ["alice"]);
      await fails(() => loose(User).filter(7), ParamsError);
    },
  ],
  'F("id") + 1': [
    "A61",
    async () => {
      await people();
      await Tag.create({ id: 5, name: "five" });
      const n = F("id");
      const results = { a: n.plus(2), b: n.minus(2), c: n.times(2), d: n.dividedBy(2), e: n.mod(2), f: n.pow(2) };
      expect(await Tag.filter({ id: 5 }).annotate(results).values("a", "b", "c", "d", "e", "f")).toEqual([
        { a: 7, b: 3, c: 10, d: 2.5, e: 1, f: 25 },
      ]);
    },
  ],
  "QuerySet[User], QuerySetSingle[User], RawSQLQuery": [
    "C32 C41 C45",
    async () => {
      await people();
      const [all, one, raw] = [User.all(), User.first(), User.raw("SELECT * FROM users")];
      expect([(await all).length, (await one)?.id, (await raw).length]).toEqual([2, 1, 2]);
      expect((await all).length).toBe(2);
    },
  ],
  "BulkCreateQuery, BulkUpdateQuery, ExistsQuery": [
    "C34 C35 C39",
    async () => {
      const started = loose(Tag)
        .bulkCreate([new Tag({ name: "x" })])
        .run();
      expect(started).toBeInstanceOf(Promise);
      const tags = (await started) as Tag[];
      expect([await loose(Tag).bulkUpdate(tags, ["name"]).run(), await loose(Tag).exists().run()]).toEqual([1, true]);
    },
  ],
  subqueries: [
    "A11",
    async () => {
      await people();
      const dear = Order.filter({ totalAmount__gt: 150 }).valuesList("userId", { flat: true });
      expect(await sends(() => finds(User.filter({ id__in: dear }), ["alice"]))).toBe(1);
      const last = Order.filter({ userId: OuterRef("pk") })
        .orderBy("-id")
        .limit(1)
        .valuesList("orderNumber", { flat: true });
      const rows = await User.all()
        .annotate({ last: Subquery(last) })
        .orderBy("id")
        .values("username", "last");
      expect(rows).toEqual([
        { username: "alice", last: "N-2" },
        { username: "bob", last: "N-3" },
      ]);
    },
  ],
  "raw SQL in a query": [
    "A11",
    async () => {
      await people();
      const long = User.all()
        .annotate({ n: RawSql("length(username) + ?", [1], fields.int()) })
        .filter({ n__gt: 4 });
      expect(await long.values("username", "n")).toEqual([{ username: "alice", n: 6 }]);
    },
  ],
};

const lookup = (query: () => PromiseLike<readonly User[]>, expected: string[]): readonly [string, () => unknown] => [
  "A57",
  async () => {
    await people();
    await finds(query(), expected);
  },
];

export const lookups: Proofs = {
  'username="alice"': [
    "A52 A57",
    async () => {
      await people();
      await finds(User.filter({ username: "alice" }), ["alice"]);
      await finds(User.filter({ lastLogin: null }), ["alice"]);
      // @ts-expect-error: undefined is no value
      await fails(() => User.filter({ username: undefined }), ParamsError, "undefined");
    },
  ],
  username__icontains: [
    "A57",
    async () => {
      await people();
      await finds(User.filter({ username__icontains: "LIC" }), ["alice"]);
      await finds(User.filter({ username__icontains: "%" }), []);
      await User.filter({ username: "bob" }).update({ username: "bobé" });
      await finds(User.filter({ username__icontains: "É" }), []);
    },
  ],
  email__endswith: [
    "A57",
    async () => {
      await people();
      await finds(User.filter({ email__endswith: "@gmail.com" }), ["bob"]);
      await finds(User.filter({ email__endswith: "@GMAIL.com" }), []);
    },
  ],
  first_name__startswith: [
    "A57",
    async () => {
      await people();
      await finds(User.filter({ firstName__startswith: "A" }), ["alice"]);
      await finds(User.filter({ firstName__startswith: "a" }), []);
    },
  ],
  id__gte: lookup(() => User.filter({ id__gte: 2 }), ["bob"]),
  id__lt: lookup(() => User.filter({ id__lt: 2 }), ["alice"]),
  id__in: [
    "A57",
    async () => {
      await people();
      await finds(User.filter({ id__in: [1, 3, 4] }), ["alice"]);
      await finds(User.filter({ lastLogin__in: [null] }), ["alice"]);
      await finds(User.filter({ id__in: [] }), []);
      await finds(User.filter({ id__in: Order.filter({ orderNumber: "N-3" }).valuesList("userId", { flat: true }) }), [
        "bob",
      ]);
    },
  ],
  date_joined__date: lookup(() => User.filter({ dateJoined__date: "2024-12-05" }), ["alice"]),
  date_joined__year: lookup(() => User.filter({ dateJoined__year: 2024 }), ["alice"]),
  date_joined__month: lookup(() => User.filter({ dateJoined__month: 12 }), ["alice"]),
  last_login__isnull: lookup(() => User.filter({ lastLogin__isnull: true }), ["alice"]),
  last_login__not_isnull: lookup(() => User.filter({ lastLogin__not_isnull: true }), ["bob"]),
  total_amount__gte: [
    "A57 A120",
    async () => {
      await people();
      expect(await Order.filter({ totalAmount__gte: 150 }).valuesList("orderNumber", { flat: true })).toEqual(["N-2"]);
    },
  ],
  "pk=…": lookup(() => User.filter({ pk: 1 }), ["alice"]),
  "a field or lookup that there is not": [
    "A04 A52",
    async () => {
      // @ts-expect-error: there is no such field
      await fails(() => User.filter({ nmae: "x" }), FieldError, "unknown_field");
      // @ts-expect-error: a key has no such lookup
      await fails(() => User.filter({ id__icontains: "x" }), FieldError, "unknown_lookup");
      await expect(loose(User).filter({ nmae: 1 })).rejects.toThrow(/known: .*username/);
    },
  ],
};

export const transactions: Proofs = {
  "async with in_transaction():": [
    "A07 A94",
    async () => {
      await inTransaction(async () => {
        await Tag.create({ name: "kept" });
      });
      await expect(
        inTransaction(async () => {
          await Tag.create({ name: "gone" });
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
      expect(await Tag.all().valuesList("name", { flat: true })).toEqual(["kept"]);
    },
  ],
  "@in_transaction() on a function": [
    "A95",
    async () => {
      const make = atomic(async (name: string, broken: boolean) => {
        const tag = await Tag.create({ name });
        if (broken) throw new Error("no");
        return tag.id;
      });
      expect(await make("a", false)).toBe(1);
      await expect(make("b", true)).rejects.toThrow("no");
      // What `@atomic()` on a method does; the test runner cannot read decorators.
      const decorated = atomic()(
        async (name: string): Promise<never> => {
          await Tag.create({ name });
          throw new Error("no");
        },
        loose({ kind: "method", name: "make" }),
      );
      await expect(decorated("c")).rejects.toThrow("no");
      expect(await Tag.all().count()).toBe(1);
    },
  ],
  "an exception inside": [
    "A96",
    async () => {
      const mine = new RangeError("Insufficient balance");
      const block = inTransaction(async () => {
        await Tag.create({ name: "x" });
        throw mine;
      });
      expect(await block.catch((error: unknown) => error)).toBe(mine);
      expect(await Tag.all().count()).toBe(0);
    },
  ],
  "nested transactions": [
    "A12 A97",
    async () => {
      await inTransaction(async () => {
        await Tag.create({ name: "outer" });
        const inner = inTransaction(async () => {
          await Tag.create({ name: "inner" });
          throw new Error("no");
        });
        await expect(inner).rejects.toThrow("no");
      });
      expect(await Tag.all().valuesList("name", { flat: true })).toEqual(["outer"]);
    },
  ],
  "in_transaction() with several connections": [
    "A94",
    async () => {
      const connections = { default: sqlite(":memory:"), other: sqlite(":memory:") };
      const orm = await Terrapin.context({ connections, models });
      await orm.run(async () => {
        await fails(() => inTransaction(async () => 1), ParamsError, "which_connection");
        expect(await inTransaction(async () => 1, { connection: "other" })).toBe(1);
      });
      await orm.closeConnections();
    },
  ],
};

export const errors: Proofs = {
  DoesNotExist: [
    "A112",
    async () => {
      await fails(() => User.get({ id: 99 }), DoesNotExist, "does_not_exist");
      await expect(User.get({ id: 99 })).rejects.toThrow(/User/);
    },
  ],
  MultipleObjectsReturned: [
    "A50 C41",
    async () => void (await people(), await fails(() => User.get({ isActive: true }), MultipleObjectsReturned)),
  ],
  'IntegrityError, "username" in str(e)': [
    "A113",
    async () => {
      await people();
      const again = User.create({ username: "alice", email: "new" });
      const error = await Promise.resolve(again).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error).toMatchObject({ kind: "unique", fields: ["username"], table: "users" });
      expect((error as Error).message).toContain("username");
    },
  ],
  ValidationError: [
    "A114",
    async () => {
      const error = await Promise.resolve(User.create({ username: "n".repeat(51), email: "e" })).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ field: "username" });
      expect((error as Error).message).toContain("username");
      expect((error as Error).message).not.toContain("nnnn");
    },
  ],
  OperationalError: [
    "C07 C50",
    async () => {
      const error = await connection()
        .executeQuery("SELECT * FROM nowhere WHERE a = ?", ["secret"])
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(OperationalError);
      expect(error).toMatchObject({ sql: "SELECT * FROM nowhere WHERE a = ?" });
    },
  ],
  IncompleteInstanceError: [
    "C54",
    async () => {
      await people();
      const part = await User.only("username").get({ id: 1 });
      await fails(() => loose(part).save(), IncompleteInstanceError);
    },
  ],
  ConfigurationError: ["C01 C11", () => fails(() => Terrapin.getConnection("x"), ConfigurationError)],
  ParamsError: ["C42 C49", () => fails(() => User.all().limit(1.5), ParamsError)],
  TransactionManagementError: [
    "C42",
    async () => {
      let ended: unknown = null;
      await inTransaction(async (tx) => void (ended = tx));
      await fails(() => User.all().usingDb(loose(ended)), TransactionManagementError, "finished");
    },
  ],
  "ValueError, KeyError, TypeError of a wrong argument": [
    "C34 C35 C55",
    async () => {
      await fails(() => loose(User).filter(7), ParamsError);
      await fails(() => loose(User).all().orderBy("x"), FieldError);
      const error = await loose(User)
        .all()
        .orderBy("x")
        .run()
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TerrapinError);
      expect(error).toMatchObject({ code: "unknown_field", hint: expect.stringContaining("known:") });
    },
  ],
};
