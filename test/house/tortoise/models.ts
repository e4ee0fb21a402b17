import {
  ConfigurationError,
  FieldError,
  fields,
  IntegrityError,
  Model,
  NoValuesFetched,
  OperationalError,
  ParamsError,
  SpatialIndex,
  Terrapin,
  UnsupportedError,
  ValidationError,
} from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { expect } from "vitest";
import { loose, type Loose } from "../../support/loose.js";
import { Article, Order, OrderStatus, Product, Tag, User, UserProfile } from "../../support/seed-models.js";
import type { Proofs } from "../support/tortoise.js";
import { fails, names, people, sends } from "./world.js";

/** A model of one field, called `it`, in a database of its own; `work` gets the class and the text of its tables. */
async function withField(field: unknown, work: (It: Loose, sql: string) => unknown): Promise<void> {
  await withModel({ it: field }, {}, work);
}

async function withModel(columns: object, meta: object, work: (It: Loose, sql: string) => unknown): Promise<void> {
  const It = class It extends loose(Model).define(columns, meta) {};
  const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { It } });
  await orm.run(async () => {
    await orm.generateSchemas();
    await work(It, orm.schemaSql());
  });
  await orm.closeConnections();
}

/** What comes back for what goes in. */
const keeps = (field: unknown, given: unknown, back: unknown = given): Promise<void> =>
  withField(field, async (It) => {
    await It.create({ it: given });
    expect((await It.get()).it).toEqual(back);
  });

export const modelsAndFields: Proofs = {
  "class User(Model)": [
    "A02 A24 C31",
    async () => {
      class OrderItem extends Model.define({ name: fields.text() }) {}
      await Terrapin.initModels([{ OrderItem }], "models");
      expect(OrderItem.describe().table).toBe("order_item");
    },
  ],
  "BigIntField(primary_key=True)": [
    "A25",
    () =>
      withModel({ id: fields.bigInt({ primaryKey: true }), n: fields.bigInt({ mode: "bigint" }) }, {}, async (It) => {
        expect((await It.create({ n: 2n ** 62n + 1n })).id).toBe(1);
        expect((await It.get({ id: 1 })).n).toBe(2n ** 62n + 1n);
        await fails(() => It.create({ id: 2 ** 60, n: 1n }), FieldError);
      }),
  ],
  "IntField(primary_key=True)": [
    "A25",
    () =>
      withModel({ id: fields.int({ primaryKey: true }), n: fields.int() }, {}, async (It) => {
        expect((await It.create({ n: 1 })).id).toBe(1);
        await fails(() => It.create({ n: 2 ** 31 }), ValidationError, "out_of_range");
      }),
  ],
  "CharField(max_length=50)": [
    "A26",
    () =>
      withField(fields.char({ maxLength: 2 }), async (It, sql) => {
        expect(sql).toContain("VARCHAR(2)");
        await It.create({ it: "🐢🐢" });
        await fails(() => It.create({ it: "abc" }), ValidationError);
      }),
  ],
  "TextField()": [
    "A27",
    async () => {
      await keeps(fields.text(), "ünïcode 🐢");
      await fails(() => loose(fields).text({ unique: true }), ConfigurationError);
      await fails(() => loose(fields).text({ index: true }), ConfigurationError);
    },
  ],
  "BooleanField(default=True)": [
    "A28",
    () =>
      withField(fields.boolean({ default: true }), async (It) => {
        await It.create({});
        expect((await It.get()).it).toBe(true);
        await fails(() => It.create({ it: "no" }), FieldError);
      }),
  ],
  "DatetimeField()": [
    "A29",
    async () => {
      await keeps(fields.datetime(), new Date("2024-02-29T12:00:00.123Z"));
      await keeps(fields.datetime({ precision: 6 }), "2024-02-29T12:00:00.123456Z");
    },
  ],
  "auto_now_add=True": [
    "A29 A36",
    () =>
      withField(fields.datetime({ autoNowAdd: true }), async (It) => {
        const before = Date.now();
        expect((await It.create({})).it.getTime()).toBeGreaterThanOrEqual(before);
        expect((await It.create({ it: new Date(0) })).it).toEqual(new Date(0));
      }),
  ],
  "auto_now=True": [
    "A29 A36",
    () =>
      withModel({ it: fields.datetime({ autoNow: true }), n: fields.int() }, {}, async (It) => {
        const made = await It.create({ n: 1 });
        await It.all().update({ it: new Date(0) });
        const read = await It.get();
        read.n = 2;
        await read.save();
        expect((await It.get()).it.getTime()).toBeGreaterThanOrEqual(made.it.getTime());
        await fails(() => loose(fields).datetime({ autoNow: true, autoNowAdd: true }), ConfigurationError);
      }),
  ],
  "DateField(null=True)": [
    "A30",
    async () => {
      await keeps(fields.date({ null: true }), "1990-05-15");
      await keeps(fields.date({ null: true }), null);
    },
  ],
  "DecimalField(max_digits=10, decimal_places=2)": [
    "A31 A120",
    async () => {
      await keeps(fields.decimal({ maxDigits: 10, decimalPlaces: 2 }), 99.99, "99.99");
      await keeps(fields.decimal({ maxDigits: 10, decimalPlaces: 2 }), "1000", "1000.00");
      await people();
      expect(await Order.filter({ totalAmount__gte: 150 }).count()).toBe(1);
      expect(await Order.orderBy("totalAmount").valuesList("totalAmount", { flat: true })).toEqual([
        "9.50",
        "100.00",
        "200.50",
      ]);
    },
  ],
  "CharEnumField(OrderStatus, default=…)": [
    "A32",
    async () => {
      const { alice } = await people();
      expect((await Order.first())?.status).toBe(OrderStatus.PENDING);
      const wrong = { orderNumber: "x", user: alice, totalAmount: 1, status: loose("lost") };
      await fails(() => Order.create(wrong), FieldError, "not_a_member");
      await keeps(fields.charEnum(["a", "b"]), "b");
      await keeps(fields.charEnum({ A: "a" }), "a");
    },
  ],
  "GeometryField() for MySQL": [
    "A32",
    async () => {
      const point = new Uint8Array([0, 0, 0, 0, 1, 1, 0, 0, 0, ...new Uint8Array(16)]);
      await keeps(fields.geometry(), point);
      await withField(fields.geometry(), (It) =>
        fails(() => It.create({ it: point.slice(4) }), FieldError, "not_geometry"),
      );
    },
  ],
  "primary_key=True": [
    "A36",
    async () => {
      expect(User.describe().pk_field.name).toBe("id");
      await fails(() => loose(fields).int({ pk: true }), ConfigurationError, "unknown_option");
    },
  ],
  "null=True": [
    "A36",
    () =>
      withModel({ a: fields.text({ null: true }), b: fields.text() }, {}, async (It) => {
        expect((await It.create({ b: "" })).a).toBeNull();
        await fails(() => It.create({ b: null }), ValidationError, "null");
      }),
  ],
  "default=…": [
    "A36",
    async () => {
      await withField(loose(fields).json({ default: () => [] }), async (It) => {
        const [one, two] = [await It.create({}), await It.create({})];
        expect(one.it).toEqual([]);
        expect(one.it).not.toBe(two.it);
      });
      await withField(fields.int({ default: async () => 7 }), async (It) => expect((await It.create({})).it).toBe(7));
    },
  ],
  "unique=True": [
    "A36",
    () =>
      withField(fields.char({ maxLength: 5, unique: true }), async (It) => {
        await It.create({ it: "a" });
        await fails(() => It.create({ it: "a" }), IntegrityError);
      }),
  ],
  "max_length=…": [
    "A36",
    async () => {
      await withField(fields.char({ maxLength: 5 }), (It) => fails(() => It.create({ it: "abcdef" }), ValidationError));
      await fails(() => loose(fields).char({}), ConfigurationError, "bad_max_length");
      await fails(() => fields.char({ maxLength: 0 }), ConfigurationError, "bad_max_length");
    },
  ],
  "max_digits, decimal_places": [
    "A36",
    async () => {
      await withField(fields.decimal({ maxDigits: 4, decimalPlaces: 1 }), async (It) => {
        await It.create({ it: "999.9" });
        await fails(() => It.create({ it: "1.55" }), FieldError);
        await fails(() => It.create({ it: "12345" }), FieldError);
        expect(await It.all().count()).toBe(1);
      });
      await fails(() => fields.decimal({ maxDigits: 0, decimalPlaces: 0 }), ConfigurationError);
      await fails(() => fields.decimal({ maxDigits: 4, decimalPlaces: -1 }), ConfigurationError);
    },
  ],
  "description=…": [
    "A36 A43",
    () => {
      expect(Terrapin.schemaSql()).toContain("Registration time");
      expect(User.describe().pk_field.description).toBe("User ID");
    },
  ],
  "blank=True": [
    "A36 A45",
    async () => {
      const { alice } = await people();
      expect((await User.get({ id: alice.id })).lastName).toBe("");
    },
  ],
  "an option that there is not": [
    "A36",
    // @ts-expect-error: there is no such option
    () => fails(() => fields.text({ blank: true, colour: "red" }), ConfigurationError, "unknown_option"),
  ],
  "class Meta: table": ["A37", () => expect(User.describe().table).toBe("users")],
  "Meta.indexes": [
    "A38",
    async () => {
      expect(Terrapin.schemaSql()).toMatch(/INDEX IF NOT EXISTS "idx_\S+" ON "products" \("is_active", "created_at"\)/);
      await fails(() => withModel({ a: fields.int() }, { indexes: [["b"]] }, () => undefined), ConfigurationError);
    },
  ],
  "FullTextIndex, SpatialIndex": [
    "A38",
    () => {
      const meta = { indexes: [SpatialIndex({ fields: ["place"] })] };
      return fails(() => withModel({ place: fields.geometry() }, meta, () => undefined), UnsupportedError);
    },
  ],
  "Meta.unique_together": [
    "C31",
    () =>
      withModel({ a: fields.int(), b: fields.int() }, { uniqueTogether: [["a", "b"]] }, async (It) => {
        await It.create({ a: 1, b: 1 });
        await It.create({ a: 1, b: 2 });
        await fails(() => It.create({ a: 1, b: 1 }), IntegrityError);
      }),
  ],
  "Meta.abstract": [
    "A39 A40",
    async () => {
      const product = await Product.create({ name: "Lamp", price: 1 });
      expect(Object.keys(product).slice(0, 3)).toEqual(["id", "createdAt", "updatedAt"]);
      expect(Terrapin.schemaSql()).not.toMatch(/base_?model|timestamped/i);
      expect(Product.describe().abstract).toBe(false);
    },
  ],
  "class Product(TimestampedModel)": [
    "A40",
    async () => {
      class Base extends Model.define({ a: fields.int({ default: 1 }) }, { abstract: true }) {
        twice(): number {
          return this.a * 2;
        }
      }
      class Child extends Base.define({ a: fields.int({ default: 2 }) }) {}
      await Terrapin.initModels([{ Child }], "models");
      expect(new Child().twice()).toBe(4);
    },
  ],
  "a class's docstring": [
    "A44",
    () => {
      expect(User.describe()).toMatchObject({ description: "User model", docstring: null });
      expect(Terrapin.schemaSql()).toContain("User model");
    },
  ],
  "methods and __str__ on the class": [
    "A42",
    async () => {
      const user = new User({ username: "a", email: "b" });
      user.setPassword("x");
      expect([`${String(user)}`, user.checkPassword("x")]).toEqual(["User(username=a)", true]);
    },
  ],
};

export const relations: Proofs = {
  'ForeignKeyField("models.User", related_name="orders")': [
    "A05 A33",
    async () => {
      const { alice } = await people();
      expect(Order.describe().fk_fields.map(({ name }) => name)).toEqual(["user"]);
      expect(User.describe().backward_fk_fields.map(({ name }) => name)).toContain("orders");
      expect(await alice.orders.count()).toBe(2);
    },
  ],
  'OneToOneField("models.User", related_name="profile")': [
    "A05 A34",
    async () => {
      const { alice, bob } = await people();
      expect((await bob.profile)?.bio).toBe("Developer");
      expect(await alice.profile).toBeNull();
      await fails(() => UserProfile.create({ user: bob }), IntegrityError);
    },
  ],
  'ManyToManyField("models.Tag", related_name="articles")': [
    "A05 A35",
    async () => {
      const { python, article } = await people();
      expect((await python.articles.all())[0]?.equals(article)).toBe(true);
      const [one] = Article.describe().m2m_fields;
      const [other] = Tag.describe().m2m_fields;
      expect(loose(one).through).toBeTypeOf("string");
      expect(loose(one).through).toBe(loose(other).through);
      await article.tags.add(python);
      expect(await article.tags.count()).toBe(2);
    },
  ],
  'orders: fields.ReverseRelation["Order"]': [
    "A41",
    async () => {
      class Hides extends loose(Model).define({
        id: fields.int({ primaryKey: true }),
        up: fields.foreignKey("self", { null: true, relatedName: "down" }),
      }) {
        down = undefined;
      }
      const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { Hides } });
      await orm.run(() => fails(() => loose(Hides).create({}), ConfigurationError));
    },
  ],
  'profile: Optional["UserProfile"]': [
    "A41",
    async () => {
      const { bob } = await people();
      expect((await User.get({ id: bob.id }).selectRelated("profile")).profile?.bio).toBe("Developer");
    },
  ],
  "Order.create(user=user)": [
    "A74",
    async () => {
      const { alice, python } = await people();
      expect((await Order.create({ orderNumber: "1", totalAmount: 9.5, user: alice })).userId).toBe(alice.id);
      const unsaved = new User({ username: "x", email: "x" });
      await fails(() => Order.create({ orderNumber: "2", totalAmount: 1, user: unsaved }), OperationalError);
      // @ts-expect-error: a tag is no user
      await fails(() => Order.create({ orderNumber: "3", totalAmount: 1, user: python }), FieldError, "wrong_model");
      expect(await Order.all().count()).toBe(4);
    },
  ],
  "Order.create(user_id=user.id)": [
    "A75",
    async () => {
      const { alice } = await people();
      const order = await Order.create({ orderNumber: "1", totalAmount: 9.5, userId: alice.id });
      expect((await order.user).username).toBe("alice");
      // @ts-expect-error: whose order it is must be said
      await fails(() => Order.create({ orderNumber: "2", totalAmount: 1 }), ValidationError);
      // @ts-expect-error: it is said twice
      await fails(() => Order.create({ orderNumber: "2", totalAmount: 1, user: alice, userId: 1 }), ParamsError);
    },
  ],
  "order.user_id": [
    "A76",
    async () => {
      const { alice, bob } = await people();
      const order = await Order.get({ orderNumber: "N-1" }).selectRelated("user");
      expect([order.userId, order.user.username]).toEqual([alice.id, "alice"]);
      order.userId = bob.id;
      expect((await loose(order).user).username).toBe("bob");
    },
  ],
  "await order.user": [
    "A81",
    async () => {
      await people();
      const order = await Order.get({ orderNumber: "N-1" });
      const asked = await sends(async () => {
        expect((await order.user).username).toBe("alice");
        expect(await order.user).toBe(await order.user);
      });
      expect(asked).toBe(1);
    },
  ],
  "order.user.username without loading": [
    "A81",
    async () => {
      await people();
      const order = await Order.get({ orderNumber: "N-1" });
      // @ts-expect-error: the user is not loaded
      expect(() => order.user.username).toThrow(NoValuesFetched);
      expect(() => loose(order).user.username).toThrow(/selectRelated\("user"\).*await object\.user/);
    },
  ],
  "user.orders.all()": ["A78", async () => expect(await (await people()).alice.orders.all()).toHaveLength(2)],
  "user.orders.filter(created_at__gte=…)": [
    "A78",
    async () => {
      const { alice } = await people();
      expect(await alice.orders.filter({ createdAt__gte: new Date(0) }).count()).toBe(2);
      expect(await alice.orders.filter({ totalAmount__gte: 150 }).count()).toBe(1);
    },
  ],
  "len(user.orders), for tag in article.tags": [
    "A73",
    async () => {
      const { alice } = await people();
      // @ts-expect-error: the orders are not loaded
      expect(() => Math.abs(alice.orders.length)).toThrow(NoValuesFetched);
      const [loaded] = await User.filter({ id: alice.id }).prefetchRelated("orders", "articles__tags");
      expect(loaded?.orders.length).toBe(2);
      expect(Array.from(loaded!.articles[0]!.tags, (tag) => tag.name).sort()).toEqual(["Python", "Web"]);
    },
  ],
  "article.tags.add(tag1, tag2)": [
    "A82",
    async () => {
      const { article, python } = await people();
      const green = await Tag.create({ name: "green" });
      await article.tags.add(python, green.id);
      expect(await article.tags.count()).toBe(3);
    },
  ],
  "article.tags.remove(tag3)": [
    "A83",
    async () => {
      const { article, python } = await people();
      await article.tags.remove(python);
      await article.tags.remove(python);
      expect(names(loose(await article.tags.all().values({ username: "name" })))).toEqual(["Web"]);
      await fails(() => article.tags.remove(), OperationalError);
    },
  ],
  "article.tags.clear()": [
    "A84",
    async () => {
      const { article } = await people();
      await article.tags.clear();
      expect([await article.tags.count(), await Tag.all().count()]).toEqual([0, 2]);
    },
  ],
  "article.tags.set([tag1, tag2])": [
    "A85",
    async () => {
      const { article, web } = await people();
      const green = await Tag.create({ name: "green" });
      await article.tags.set([web, green]);
      expect(await article.tags.all().orderBy("name").valuesList("name", { flat: true })).toEqual(["Web", "green"]);
      await fails(() => article.tags.set([green, 99]), IntegrityError);
      expect(await article.tags.count()).toBe(2);
    },
  ],
  "tag1.articles.all()": ["A86", async () => expect(await (await people()).python.articles.all()).toHaveLength(1)],
  'Article.filter(tags__name="Python")': [
    "A87",
    async () => {
      await people();
      expect(await Article.filter({ tags__name__in: ["Python", "Web"] })).toHaveLength(1);
      expect(await Article.filter({ tags__name: "Rust" })).toEqual([]);
    },
  ],
  'UserProfile.get(user__username="bob")': [
    "A80",
    async () => {
      await people();
      expect((await UserProfile.get({ user__username: "bob" })).bio).toBe("Developer");
      expect(await Tag.filter({ articles__author__orders__totalAmount__gt: 200 }).count()).toBe(2);
    },
  ],
  'User.get(username="bob").select_related("profile")': [
    "A77 A79",
    async () => {
      await people();
      const asked = await sends(async () => {
        expect((await User.get({ username: "bob" }).selectRelated("profile")).profile?.bio).toBe("Developer");
        expect((await User.get({ username: "alice" }).selectRelated("profile")).profile).toBeNull();
      });
      expect(asked).toBe(2);
    },
  ],
};
