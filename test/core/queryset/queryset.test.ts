import { Terrapin } from "terrapin";
import { beforeEach, describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose, type Loose } from "../../support/loose.js";
import { Author, Book, Tag } from "../../support/models.js";

const driver = mock({ dialect: sqliteDialect });
await Terrapin.init({ connections: { default: driver }, models: { Author, Book, Tag } });
beforeEach(() => driver.clear());
const authors = loose(Author);
const books = loose(Book);

describe("deriving never changes the base", () => {
  it.each<[string, (base: Loose) => unknown]>([
    ["filter", (base) => base.filter({ stock: 9 })],
    ["exclude", (base) => base.exclude({ stock: 9 })],
    ["limit", (base) => base.limit(4)],
    ["offset", (base) => base.offset(4)],
    ["slice", (base) => base.slice(1, 2)],
    ["distinct", (base) => base.distinct()],
    ["only", (base) => base.only("stock")],
    ["values", (base) => base.values("stock")],
    ["valuesList", (base) => base.valuesList("stock")],
    ["none", (base) => base.none()],
    ["all", (base) => base.all()],
    ["usingDb", (base) => base.usingDb("elsewhere")],
    ["first", (base) => base.first()],
    ["get", (base) => base.get({ stock: 9 })],
    ["count", (base) => base.count()],
    ["exists", (base) => base.exists({ stock: 9 })],
    ["update", (base) => base.update({ stock: 9 })],
    ["delete", (base) => base.delete()],
    ["inBulk", (base) => base.inBulk([1])],
    ["create", (base) => base.create({ title: "a", isbn: "b", price: 1 })],
  ])("%s", async (_, derive) => {
    const base = books.filter({ stock: 1 }).orderBy("price").limit(5);
    const before = base.sql();
    const derived = derive(base);
    expect(derived).not.toBe(base);
    expect(base.sql()).toBe(before);
    await base;
    expect(driver.statements).toEqual([
      { sql: expect.stringContaining('WHERE "stock" = ? ORDER BY "price", "id" LIMIT'), params: [1, 5] },
    ]);
  });

  it.each<[string, (base: Loose) => unknown]>([
    ["orderBy", (base) => base.orderBy("stock")],
    ["reverse", (base) => base.reverse()],
    ["last", (base) => base.last()],
    ["latest", (base) => base.latest("stock")],
    ["earliest", (base) => base.earliest("stock")],
  ])("%s", (_, derive) => {
    const base = books.filter({ stock: 1 }).orderBy("price");
    const before = base.sql();
    expect(derive(base)).not.toBe(base);
    expect(base.sql()).toBe(before);
  });

  it("and two branches of one base are apart", () => {
    const base = books.all();
    const cheap = base.filter({ price__lt: 5 });
    const dear = base.filter({ price__gt: 50 });
    expect(cheap.sql()).toContain('"price" < 500');
    expect(cheap.sql()).not.toContain(">");
    expect(dear.sql()).toContain('"price" > 5000');
    expect(base.sql()).not.toContain("WHERE");
  });
});

describe("what the caller gave is taken at the call", () => {
  it("an object that is filled on", () => {
    const where: Record<string, unknown> = { name: "a" };
    const query = authors.filter(where);
    where.name = "b";
    where.age = 3;
    expect(query.sql()).toContain(`WHERE "name" = 'a'`);
    expect(query.sql()).not.toContain('age" =');
  });

  it("a list that goes on growing", () => {
    const ages = [1, 2];
    const query = authors.filter({ age__in: ages });
    ages.push(3);
    expect(query.sql()).toContain("[1,2]");
  });

  it("a range whose bounds move", () => {
    const bounds = [1, 2];
    const query = authors.filter({ age__range: bounds });
    bounds[1] = 99;
    expect(query.sql()).toContain('"age" <= 2');
  });

  it("a Date that is set", () => {
    const at = new Date(0);
    const query = books.filter({ createdAt__gt: at, publishedOn__in: [at] });
    at.setUTCFullYear(2026);
    expect(query.sql()).not.toContain("2026");
  });

  it("a Q that is combined on", () => {
    const base = authors.q({ name: "a" });
    const query = authors.filter(base);
    base.or(authors.q({ name: "b" }));
    base.not();
    expect(query.sql()).toContain(`WHERE "name" = 'a'`);
  });

  it("names of an order", () => {
    const names = ["age"];
    const query = authors.orderBy(...names);
    names[0] = "name";
    expect(query.sql()).toContain('ORDER BY "age"');
  });

  it("values of an update", async () => {
    const values: Record<string, unknown> = { name: "a" };
    const write = authors.all().update(values);
    values.name = "b";
    values.age = 1;
    await write;
    expect(driver.statements).toEqual([{ sql: 'UPDATE "authors" SET "name" = ?', params: ["a"] }]);
  });

  it("values of create, however deep", async () => {
    const values: Record<string, unknown> = { title: "a", isbn: "b", price: 1, createdAt: new Date(0) };
    const write = books.create(values);
    values.title = "z";
    (values.createdAt as Date).setUTCFullYear(2026);
    await write;
    expect(driver.statements[0]!.params).toContain("a");
    expect(driver.statements[0]!.params).toContain("1970-01-01 00:00:00.000");
  });

  it("objects of bulkCreate are its own list", async () => {
    const tags = [new Tag({ slug: "a" })];
    const write = loose(Tag).bulkCreate(tags);
    tags.push(new Tag({ slug: "b" }));
    await write;
    expect(driver.statements.map(({ params }) => params)).toEqual([["a", "", null]]);
  });

  it("keys of inBulk", async () => {
    const keys = [1];
    const read = authors.inBulk(keys);
    keys.push(2);
    await read;
    expect(driver.statements[0]!.params).toEqual(["[1]"]);
  });
});

describe("undefined is thrown at the call", () => {
  it.each<[string, () => unknown]>([
    ["filter", () => authors.filter({ name: undefined })],
    ["filter beside others", () => authors.filter({ age: 1, name: undefined })],
    ["exclude", () => authors.exclude({ name: undefined })],
    ["get", () => authors.get({ name: undefined })],
    ["getOrNone", () => authors.getOrNone({ id: undefined })],
    ["exists", () => authors.exists({ name: undefined })],
    ["Q", () => authors.q({ name: undefined })],
    ["create", () => authors.create({ name: undefined })],
    ["update", () => authors.all().update({ name: undefined })],
    ["getOrCreate", () => authors.getOrCreate({ name: undefined })],
    ["getOrCreate, defaults", () => authors.getOrCreate({ name: "a" }, { age: undefined })],
    ["updateOrCreate", () => authors.updateOrCreate({ name: "a" }, { age: undefined })],
    ["new", () => new (authors as unknown as new (values: object) => unknown)({ name: undefined })],
    ["updateFromDict", () => loose(new Author({ name: "a" })).updateFromDict({ name: undefined })],
  ])("by %s", (_, call) => {
    expect(call).toThrow(
      expect.objectContaining({
        name: "ParamsError",
        code: "undefined",
        message: expect.stringContaining("is undefined"),
      }),
    );
    expect(driver.statements).toEqual([]);
  });

  it("names the value that is missing, and omitUndefined as the way out", () => {
    expect(() => authors.filter({ age: undefined })).toThrow(/filter\(\): "age" is undefined.*omitUndefined/);
  });
});

describe("wrong shapes are thrown at the call", () => {
  it.each<[string, () => unknown]>([
    ["filter(undefined)", () => authors.filter(undefined)],
    ["filter(null)", () => authors.filter(null)],
    ["filter(text)", () => authors.filter("name = 'a'")],
    ["filter(array)", () => authors.filter([{ name: "a" }])],
    ["filter(Map), which would match everything", () => authors.filter(new Map([["name", "a"]]))],
    ["filter(Date)", () => authors.filter(new Date())],
    ["filter(promise)", () => authors.filter(Promise.resolve({ name: "a" }))],
    ["filter(number)", () => authors.filter(3)],
    ["create(array)", () => authors.create([])],
    ["create(null)", () => authors.create(null)],
    ["create(Map)", () => authors.create(new Map())],
    ["update(Map)", () => authors.all().update(new Map([["age", 1]]))],
    ["orderBy(number)", () => authors.orderBy(3)],
    ["orderBy(array)", () => authors.orderBy(["name"])],
    ["values(number)", () => authors.values(3)],
    ["values({ a: 3 })", () => authors.values({ a: 3 })],
    ["only(null)", () => authors.only(null)],
    ["valuesList of two, flat", () => authors.valuesList("name", "age", { flat: true })],
    ["valuesList of none, flat", () => authors.valuesList({ flat: true })],
    ["inBulk(number)", () => authors.inBulk(3)],
    ["raw(number)", () => authors.raw(3)],
    ["bulkUpdate without names", () => authors.bulkUpdate([], [])],
    ["getOrCreate with a lookup", () => authors.getOrCreate({ name__contains: "a" })],
    ["getOrCreate with two values for one name", () => authors.getOrCreate({ name: "a" }, { name: "b" })],
  ])("%s", (_, call) => {
    expect(call).toThrow(expect.objectContaining({ name: "ParamsError" }));
  });

  it.each<[string, () => unknown]>([
    ["only()", () => authors.only()],
    ["latest()", () => authors.all().latest()],
    ["earliest()", () => authors.all().earliest()],
  ])("%s", (_, call) => {
    expect(call).toThrow(expect.objectContaining({ name: "FieldError", code: "no_fields" }));
  });
});

describe("a slice keeps its order, because another would cut other rows out", () => {
  const slices: [string, Loose][] = [
    ["limit", books.limit(3)],
    ["limit 0", books.limit(0)],
    ["offset", books.offset(3)],
    ["slice", books.orderBy("price").slice(1, 3)],
  ];
  it.each(slices)("%s", async (_, sliced) => {
    for (const [name, call] of [
      ["orderBy", () => sliced.orderBy("stock")],
      ["reverse", () => sliced.reverse()],
      ["last", () => sliced.last()],
      ["latest", () => sliced.latest("stock")],
      ["earliest", () => sliced.earliest("stock")],
    ] as const)
      expect(call).toThrow(
        expect.objectContaining({
          name: "ParamsError",
          code: "sliced",
          message: expect.stringContaining(`${name}()`),
          hint: expect.stringContaining("order first"),
        }),
      );
    expect(await sliced.first()).toBe(null);
  });
});

describe("a query of no rows is no statement", () => {
  it.each<[string, () => PromiseLike<unknown>, unknown]>([
    ["a query set", () => authors.none(), []],
    ["filtered after", () => authors.none().filter({ age: 1 }), []],
    ["count", () => authors.none().count(), 0],
    ["exists", () => authors.none().exists(), false],
    ["first", () => authors.none().first(), null],
    ["getOrNone", () => authors.none().getOrNone(), null],
    ["explain", () => authors.none().explain(), []],
    ["explain of one row", () => authors.none().first().explain(), []],
    ["count of limit 0", () => authors.limit(0).count(), 0],
    ["exists of limit 0", () => authors.limit(0).exists(), false],
    ["update", () => authors.none().update({ age: 1 }), 0],
    ["delete", () => authors.none().delete(), 0],
    ["update of limit 0", () => authors.filter({ age: 1 }).limit(0).update({ age: 1 }), 0],
    ["delete of limit 0", () => authors.limit(0).delete(), 0],
    ["inBulk of no keys", () => authors.inBulk([]), new Map()],
    ["bulkCreate of nothing", () => authors.bulkCreate([]), []],
    ["bulkUpdate of nothing", () => authors.bulkUpdate([], ["age"]), 0],
  ])("%s", async (_, make, answer) => {
    expect(await make()).toEqual(answer);
    expect(driver.statements).toEqual([]);
  });

  it("get of none is DoesNotExist", async () => {
    await expect(authors.none().get()).rejects.toMatchObject({ name: "DoesNotExist", code: "does_not_exist" });
    expect(driver.statements).toEqual([]);
  });
});

describe("one row", () => {
  const answering = async (count: number): Promise<Loose> => {
    const own = mock({ dialect: sqliteDialect });
    own.answer("SELECT", () => ({ rows: Array.from({ length: count }, (_, i) => [i + 1, "a", null, null, 1]) }));
    return Terrapin.context({ connections: { default: own }, models: { Author } });
  };

  it("get throws for none and for several", async () => {
    await expect((await answering(0)).run(() => authors.get({ age: 1 }))).rejects.toMatchObject({
      name: "DoesNotExist",
      code: "does_not_exist",
      message: expect.stringContaining('"Author" does not exist'),
      hint: expect.stringContaining("getOrNone"),
    });
    await expect((await answering(2)).run(() => authors.get({ age: 1 }))).rejects.toMatchObject({
      name: "MultipleObjectsReturned",
      code: "multiple_objects",
      message: expect.stringContaining('"Author"'),
    });
    expect(await (await answering(1)).run(() => authors.get({ age: 1 }))).toMatchObject({ id: 1 });
  });

  it("getOrNone gives null for none, and throws for several", async () => {
    expect(await (await answering(0)).run(() => authors.getOrNone({ age: 1 }))).toBeNull();
    await expect((await answering(2)).run(() => authors.getOrNone({ age: 1 }))).rejects.toMatchObject({
      name: "MultipleObjectsReturned",
    });
  });

  it("first, last, latest and earliest give null for none", async () => {
    const orm = await answering(0);
    expect(
      await orm.run(() =>
        Promise.all([authors.first(), authors.last(), authors.latest("age"), authors.earliest("age")]),
      ),
    ).toEqual([null, null, null, null]);
  });
});

describe("inBulk", () => {
  it("by another field has its values as keys", async () => {
    driver.answer(/"email" IN/, { rows: [[1, "a", "x@y", null, 1]] });
    expect(await authors.inBulk(["x@y", "z"], "email")).toEqual(
      new Map([["x@y", expect.objectContaining({ name: "a" })]]),
    );
  });

  it("of objects that hold only some fields reads the key too", async () => {
    await authors.only("name").inBulk([3], "age");
    expect(driver.statements[0]!.sql).toContain('SELECT "id", "name", "age" FROM');
  });

  it("of values is refused: the keys would not be among them", async () => {
    await expect(authors.values("name").inBulk([1])).rejects.toMatchObject({ name: "ParamsError" });
  });

  it("by an unknown field names the known ones", async () => {
    await expect(authors.inBulk([1], "nope")).rejects.toMatchObject({ name: "FieldError", code: "unknown_field" });
  });
});

describe("sql()", () => {
  it("has the values written into it, whatever is in them", () => {
    expect(authors.filter({ name: "it's; DROP TABLE--" }).sql()).toBe(
      `SELECT "id", "name", "email", "age", "is_active" FROM "authors" WHERE "name" = 'it''s; DROP TABLE--'`,
    );
  });

  it("of one row", () => {
    expect(authors.get({ id: 1 }).sql()).toBe(
      'SELECT "id", "name", "email", "age", "is_active" FROM "authors" WHERE "id" = 1 LIMIT 2',
    );
  });

  it("runs nothing, and refuses what running would refuse", () => {
    expect(() => authors.filter({ nope: 1 }).sql()).toThrow(
      expect.objectContaining({ name: "FieldError", code: "unknown_field" }),
    );
    expect(driver.statements).toEqual([]);
  });
});

it("a model that nobody registered says how to do that", async () => {
  const { fields, Model } = await import("terrapin");
  class Stranger extends Model.define({ name: fields.text() }) {}
  await expect(Stranger.all()).rejects.toMatchObject({
    name: "ConfigurationError",
    code: "not_registered",
    message: "Stranger is not registered (pass it to Terrapin.init({ models: { … } }))",
  });
});

it("a class that only inherits from a registered model is another model", async () => {
  class Poet extends Author {}
  await expect(Poet.all()).rejects.toMatchObject({
    name: "ConfigurationError",
    code: "not_registered",
    message: expect.stringContaining("Poet"),
  });
});
