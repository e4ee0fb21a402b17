import { F, fields, Model, planCache, Q } from "terrapin";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptFor } from "../../../core/plan/kept.js";
import { metaOf } from "../../../core/schema/meta.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { recording } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";
import { Author, Book } from "../../support/models.js";

/** Fields that are called like the words with which shapes are told apart. */
class Words extends Model.define({
  id: fields.int({ primaryKey: true }),
  null: fields.int({ null: true }),
  empty: fields.text({ null: true }),
  open: fields.text({ null: true }),
  true: fields.boolean({ null: true }),
  last: fields.date({ null: true }),
  none: fields.int({ null: true }),
  order: fields.int({ null: true }),
  limit: fields.int({ null: true }),
  values: fields.int({ null: true }),
  tuples: fields.int({ null: true }),
  flat: fields.int({ null: true }),
  where: fields.int({ null: true }),
  and: fields.int({ null: true }),
  or: fields.int({ null: true }),
  query: fields.int({ null: true }),
  select: fields.int({ null: true }),
  conflict: fields.int({ null: true }),
  nothing: fields.int({ null: true }),
  pow: fields.int({ null: true }),
  objects: fields.int({ null: true }),
}) {}

const { driver, run } = await recording({ Author, Book, Words });
const authors = loose(Author);
const words = loose(Words);
const f = loose(F);
const q = loose(Q);

/** How many compilations the queries cost. */
async function compiles(...makes: (() => PromiseLike<unknown>)[]): Promise<number> {
  const before = planCache.compiles;
  for (const make of makes) await run(make);
  return planCache.compiles - before;
}

const kept = (model: typeof Author) => keptFor(metaOf(model), sqliteDialect);

beforeEach(() => {
  for (const model of [Author, Book, Words]) kept(loose(model)).clear();
  driver.clear();
});
afterEach(() => {
  planCache.mode = "on";
  planCache.maxShapes = 2000;
});

describe("a query of a known shape compiles nothing", () => {
  it.each<[string, (value: number) => PromiseLike<unknown>]>([
    ["a filter", (value) => authors.filter({ age: value, name__contains: `n${value}` })],
    [
      "a list, whatever its length",
      (value) => authors.filter({ age__in: Array.from({ length: value * 10 }, (_, i) => i) }),
    ],
    ["an empty list and a full one", (value) => authors.filter({ age__in: value === 1 ? [] : [1] })],
    ["a range", (value) => authors.filter({ age__range: [value, value + 1] })],
    [
      "a slice",
      (value) =>
        authors
          .all()
          .orderBy("name")
          .slice(value + 3, value * 10 + 10),
    ],
    ["a tree", (value) => authors.filter(q.or(q({ age: value }), q.not(q({ name: String(value) }))))],
    ["an expression with a constant", (value) => authors.filter({ age__gt: f("id").plus(value) })],
    ["a query set inside", (value) => authors.filter({ id__in: authors.filter({ age: value }) })],
    ["a count", (value) => authors.filter({ age: value }).count()],
    ["whether there is a row", (value) => authors.filter({ age: value }).exists()],
    ["values", (value) => authors.filter({ age: value }).values("name", { a: "age" })],
    ["a first row", (value) => authors.filter({ age: value }).first()],
    ["a year", (value) => loose(Book).filter({ createdAt__year: 2000 + value })],
    ["an update", (value) => authors.filter({ id: value }).update({ age: value, name: String(value) })],
    ["an update by an expression", (value) => authors.filter({ id: value }).update({ age: f("age").plus(value) })],
    ["a delete", (value) => authors.filter({ id: value }).delete()],
    ["an insert", (value) => authors.create({ name: String(value), age: value })],
    [
      "an insert of several rows",
      (value) => authors.bulkCreate(Array.from({ length: 4 }, () => new Author({ name: String(value) }))),
    ],
  ])("%s", async (_, make) => {
    expect(await compiles(() => make(1))).toBe(1);
    expect(
      await compiles(
        () => make(2),
        () => make(3),
      ),
    ).toBe(0);
  });

  it.each<[string, () => PromiseLike<unknown>, () => PromiseLike<unknown>]>([
    [
      "filters one after another and in one",
      () => authors.filter({ age: 1 }).filter({ name: "a" }),
      () => authors.filter({ age: 1, name: "a" }),
    ],
    ["a Q and an object", () => authors.filter(q({ age: 1 })), () => authors.filter({ age: 1 })],
    [
      "ANDs however they nest",
      () => authors.filter(q.and(q({ age: 1 }), q({ name: "a" })), { id: 1 }),
      () => authors.filter({ age: 1, name: "a", id: 1 }),
    ],
    ["an empty Q beside a condition", () => authors.filter(q({}), { age: 1 }), () => authors.filter({ age: 1 })],
    [
      "limit and offset in either order",
      () => authors.all().limit(5).offset(6),
      () => authors.all().offset(6).limit(5),
    ],
  ])("%s are one shape", async (_, one, other) => {
    expect(await compiles(one)).toBe(1);
    expect(await compiles(other)).toBe(0);
    expect(driver.statements[0]!.sql).toBe(driver.statements[1]!.sql);
  });
});

describe("queries of different shapes never share a plan", () => {
  it.each<[string, () => PromiseLike<unknown>, () => PromiseLike<unknown>]>([
    ["a value and null", () => authors.filter({ age: 1 }), () => authors.filter({ age: null })],
    [
      "a list and a list with null",
      () => authors.filter({ age__in: [1] }),
      () => authors.filter({ age__in: [1, null] }),
    ],
    [
      "isnull true and false",
      () => authors.filter({ age__isnull: true }),
      () => authors.filter({ age__isnull: false }),
    ],
    [
      "contains a text and contains nothing",
      () => authors.filter({ name__contains: "a" }),
      () => authors.filter({ name__contains: "" }),
    ],
    [
      "startswith with an end and without",
      () => authors.filter({ name__startswith: "a" }),
      () => authors.filter({ name__startswith: "\u{10ffff}" }),
    ],
    [
      "the last year and another",
      () => loose(Book).filter({ createdAt__year: 9999 }),
      () => loose(Book).filter({ createdAt__year: 2000 }),
    ],
    [
      "a year that cannot be and another",
      () => loose(Book).filter({ createdAt__year: 0 }),
      () => loose(Book).filter({ createdAt__year: 2000 }),
    ],
    [
      "AND and OR",
      () => authors.filter(q.and(q({ age: 1 }), q({ id: 1 }))),
      () => authors.filter(q.or(q({ age: 1 }), q({ id: 1 }))),
    ],
    ["a condition and its negation", () => authors.filter({ age: 1 }), () => authors.exclude({ age: 1 })],
    [
      "(a or b) and c, a or (b and c)",
      () => authors.filter(q.and(q.or(q({ age: 1 }), q({ id: 1 })), q({ name: "a" }))),
      () => authors.filter(q.or(q({ age: 1 }), q.and(q({ id: 1 }), q({ name: "a" })))),
    ],
    ["objects and values", () => authors.all(), () => authors.values("name")],
    ["values and tuples", () => authors.valuesList("age", "name"), () => authors.values("name", "age")],
    ["values with and without another name", () => authors.values("name"), () => authors.values({ a: "name" })],
    ["a value called like another", () => authors.values({ name: "age" }), () => authors.values("name", "age")],
    ["only and all", () => authors.only("name"), () => authors.all()],
    ["distinct or not", () => authors.all().distinct(), () => authors.all()],
    ["an order and its reverse", () => authors.orderBy("age"), () => authors.orderBy("age").reverse()],
    ["a limit and an offset", () => authors.all().limit(7), () => authors.all().offset(7)],
    ["a value and an expression", () => authors.filter({ age: 1 }), () => authors.filter({ age: f("id") })],
    [
      "constants of different places",
      () => authors.filter({ age: f("id").plus(1) }),
      () => authors.filter({ age: f("id").plus("1.5") }),
    ],
    ["small powers", () => authors.filter({ age: f("id").pow(2) }), () => authors.filter({ age: f("id").pow(3) })],
    ["plus and minus", () => authors.filter({ age: f("id").plus(1) }), () => authors.filter({ age: f("id").minus(1) })],
    [
      "a - (b - c), (a - b) - c",
      () => authors.filter({ age: f("id").minus(f("age").minus(f("id"))) }),
      () => authors.filter({ age: f("id").minus(f("age")).minus(f("id")) }),
    ],
    [
      "two queries inside",
      () => authors.filter({ id__in: authors.filter({ age: 1 }) }),
      () => authors.filter({ id__in: loose(Book).filter({ stock: 1 }) }),
    ],
    [
      "a query inside and the empty one",
      () => authors.filter({ id__in: authors.all() }),
      () => authors.filter({ id__in: authors.none() }),
    ],
    [
      "a condition inside and outside",
      () => authors.filter({ id__in: authors.filter({ age: 1 }) }),
      () => authors.filter({ id__in: authors.all(), age: 1 }),
    ],
    [
      "an update with and without null",
      () => authors.all().update({ age: 1 }),
      () => authors.all().update({ age: null }),
    ],
    [
      "an update by a value and by an expression",
      () => authors.all().update({ age: 1 }),
      () => authors.all().update({ age: f("id") }),
    ],
    [
      "inserts with and without the key",
      () => authors.create({ name: "a" }),
      () => authors.create({ id: 1, name: "a" }),
    ],
    [
      "inserts that meet conflicts differently",
      () => authors.bulkCreate([new Author({ name: "a" })], { ignoreConflicts: true }),
      () => authors.bulkCreate([new Author({ name: "a" })]),
    ],
  ])("%s", async (_, one, other) => {
    await compiles(one, other, one, other);
    const [first, second, third, fourth] = driver.statements.map(({ sql }) => sql);
    // Values in another form need not give another text, but no query may get the other's.
    expect([third, fourth]).toEqual([first, second]);
    expect(planCache.mode).toBe("on");
    planCache.mode = "off";
    driver.clear();
    await compiles(one, other);
    expect(driver.statements.map(({ sql }) => sql)).toEqual([first, second]);
  });

  it("not even where fields are called like the words between them", async () => {
    const names = Object.keys(loose(Words).describe().data_fields).map(
      (i) => loose(Words).describe().data_fields[i].name as string,
    );
    const queries: (() => PromiseLike<unknown>)[] = [
      () => words.all(),
      () => words.values(),
      () => words.valuesList(),
      () => words.all().distinct(),
      () => words.all().limit(7),
      () => words.all().offset(7),
      () => words.all().limit(7).offset(7),
      () => words.none(),
      () => words.all().reverse(),
      () => words.first(),
      () => words.filter(q.or(q({ id: 1 }), q({ id: 2 }))),
      () => words.all().update({ id: 3 }),
      () => words.filter({ id: 3 }).update({ id: 3 }),
      () => words.all().delete(),
    ];
    for (const name of names) {
      const text = name === "empty" || name === "open";
      const value = name === "true" ? true : name === "last" ? "2026-01-01" : text ? "a" : 1;
      queries.push(
        () => words.filter({ [name]: value }),
        () => words.filter({ [name]: null }),
        () => words.exclude({ [name]: value }),
        () => words.filter({ [`${name}__in`]: [value, null] }),
        () => words.filter({ [name]: value }).limit(7),
        () => words.orderBy(name),
        () => words.only(name),
        () => words.values(name),
        () => words.values({ values: name }),
        () => words.valuesList(name),
        () => words.valuesList(name, { flat: true }),
        () => words.filter({ [name]: value }).values(),
        () => words.filter({ [name]: value }).valuesList(),
        () => words.all().update({ [name]: value }),
        () => words.all().update({ [name]: null }),
        () => words.filter({ [name]: value }).update({ id: 3 }),
        () => words.all().update({ id: 3, [name]: value }),
        () => words.filter({ [name]: value }).delete(),
        () => words.filter(q.or(q({ [name]: value }), q({ id: 2 }))),
      );
      if (typeof value === "number")
        queries.push(
          () => words.all().update({ id: 3, [name]: f("id") }),
          () => words.filter({ [name]: f("id") }),
          () => words.filter({ id: f(name).pow(2) }),
          () => words.filter({ id: f(name).pow(f("pow")) }),
        );
    }
    const texts = async (): Promise<string[]> => {
      driver.clear();
      for (const query of queries) await run(query);
      return driver.statements.map(
        ({ sql, params }) =>
          `${sql} ${JSON.stringify(params, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}`,
      );
    };
    const cold = await texts();
    const warm = await texts();
    planCache.mode = "off";
    const uncached = await texts();
    expect(cold).toEqual(uncached);
    expect(warm).toEqual(uncached);
    planCache.mode = "verify";
    expect(await texts()).toEqual(uncached);
  });

  it("nor by names that do not exist", async () => {
    await compiles(() => words.all().update({ id: f("pow") }));
    await expect(run(() => words.all().update({ id: 1, "=": 2, pow: 3 }))).rejects.toMatchObject({
      name: "FieldError",
      code: "unknown_field",
    });
  });
});

describe("what is kept", () => {
  it("is bounded, and starts again when the bound is passed", async () => {
    planCache.maxShapes = 50;
    for (let i = 0; i < 400; i++)
      await run(() =>
        authors.filter(...Array.from({ length: i % 40 }, () => ({ age: 1 })), {
          [["name", "id", "age", "email"][i % 4]!]: null,
        }),
      );
    expect(kept(Author).size).toBeLessThanOrEqual(100);
  });

  it("is bounded for names that do not exist too, which may come from anywhere", async () => {
    planCache.maxShapes = 50;
    await run(() => authors.all());
    for (let i = 0; i < 300; i++) {
      await expect(run(() => authors.filter({ [`unknown${i}`]: 1 }))).rejects.toMatchObject({ code: "unknown_field" });
      await expect(run(() => authors.orderBy(`unknown${i}`))).rejects.toMatchObject({ code: "unknown_field" });
      await expect(run(() => authors.values(`unknown${i}`))).rejects.toMatchObject({ code: "unknown_field" });
    }
    expect(kept(Author).size).toBeLessThanOrEqual(60);
    expect(
      await compiles(
        () => authors.filter({ age: 1 }),
        () => authors.filter({ age: 2 }),
      ),
    ).toBe(1);
  });

  it("of updates of single objects is at most eight sets of columns", async () => {
    const { driver: own, run: inside } = await recording({ Book });
    own.answer("UPDATE", { affected: 1 });
    const book = await inside(() => loose(Book).create({ title: "t", isbn: "i", price: 1 }));
    book.id = 1;
    const names = ["title", "isbn", "stock", "weight"] as const;
    const change = async (set: number): Promise<void> => {
      names.forEach((name, i) => {
        if (set & (1 << i))
          book[name] = name === "stock" || name === "weight" ? Number(book[name] ?? 0) + 1 : `${book[name]}x`;
      });
      await inside(() => book.save());
    };
    for (let set = 1; set < 16; set++) await change(set);
    const before = planCache.compiles;
    for (let set = 1; set <= 8; set++) await change(set);
    expect(planCache.compiles - before).toBe(0);
  });

  it("is nothing when plans are off", async () => {
    planCache.mode = "off";
    expect(
      await compiles(
        () => authors.filter({ age: 1 }),
        () => authors.filter({ age: 2 }),
      ),
    ).toBe(2);
    planCache.mode = "on";
    expect(await compiles(() => authors.filter({ age: 3 }))).toBe(1);
  });

  it("is compared with a new compilation in verify mode", async () => {
    planCache.mode = "verify";
    expect(
      await compiles(
        () => authors.filter({ age: 1 }),
        () => authors.filter({ age: 2 }),
      ),
    ).toBe(2);
    let node = kept(Author).root("select");
    node = node.step("age");
    node.plan = { ...(node.plan as object), sql: "SELECT 1" };
    await expect(run(() => authors.filter({ age: 3 }))).rejects.toMatchObject({
      name: "TerrapinError",
      code: "plan_mismatch",
      message: expect.stringContaining("SELECT 1"),
    });
  });

  it("is counted", async () => {
    const { hits } = planCache;
    await compiles(
      () => authors.filter({ age: 1 }),
      () => authors.filter({ age: 1 }),
      () => authors.filter({ age: 1 }),
    );
    expect(planCache.hits - hits).toBe(2);
  });
});
