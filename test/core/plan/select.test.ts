import { describe, expect, it } from "vitest";
import { expectSqlOf, type Expected } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";
import { Author, Book, Tag } from "../../support/models.js";

const expectSql = await expectSqlOf({ Author, Book, Tag });
const AUTHORS = 'SELECT "id", "name", "email", "age", "is_active" FROM "authors"';
const TITLES = 'SELECT "id", "title" FROM "books"';
const authors = loose(Author);
const titles = loose(Book).only("title");

type Row = readonly [name: string, make: () => PromiseLike<unknown>, sql: string, params: Expected[1]];
const check = (rows: readonly Row[]): void => {
  it.each(rows)("%s", async (_, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
};

describe("columns", () => {
  check([
    ["all of them, in the order of the definition", () => authors.all(), AUTHORS, []],
    [
      "only some, the key always among them, in the order of the definition",
      () => authors.only("age", "name"),
      'SELECT "id", "name", "age" FROM "authors"',
      [],
    ],
    ["only the key", () => authors.only("pk"), 'SELECT "id" FROM "authors"', []],
    [
      "values in the order asked for, nothing added",
      () => authors.values("name", "id"),
      'SELECT "name", "id" FROM "authors"',
      [],
    ],
    [
      "values under other names",
      () => authors.values("id", { who: "name" }),
      'SELECT "id", "name" AS "who" FROM "authors"',
      [],
    ],
    [
      "a value under the name of its field is not renamed",
      () => authors.values("isActive"),
      'SELECT "is_active" FROM "authors"',
      [],
    ],
    [
      "a name that is no identifier never reaches the statement",
      () => authors.values({ 'a"b': "name" }),
      'SELECT "name" FROM "authors"',
      [],
    ],
    [
      "a value under the name of a column that the rows are ordered by",
      () => authors.values({ name: "email" }, { years: "age" }).orderBy("name"),
      'SELECT "email", "age" AS "years" FROM "authors" ORDER BY "name"',
      [],
    ],
    ["values without names are all columns", () => authors.values(), AUTHORS, []],
    ["values after only are those", () => authors.only("name").values(), 'SELECT "id", "name" FROM "authors"', []],
    ["tuples", () => authors.valuesList("name", "age"), 'SELECT "name", "age" FROM "authors"', []],
    ["flat values", () => authors.valuesList("name", { flat: true }), 'SELECT "name" FROM "authors"', []],
    ["pk by its column", () => authors.valuesList("pk", { flat: true }), 'SELECT "id" FROM "authors"', []],
    [
      "each row once",
      () => authors.valuesList("age", { flat: true }).distinct(),
      'SELECT DISTINCT "age" FROM "authors"',
      [],
    ],
    [
      "the first distinct rows, decided by what they show",
      () => authors.values("age", "name").distinct().orderBy("-age").limit(3),
      'SELECT DISTINCT "age", "name" FROM "authors" ORDER BY "age" DESC, "name" DESC LIMIT ? + 0',
      [3],
    ],
    [
      "the first distinct rows that show nothing but their order",
      () => authors.valuesList("age", { flat: true }).distinct().orderBy("age").limit(3),
      'SELECT DISTINCT "age" FROM "authors" ORDER BY "age" LIMIT ? + 0',
      [3],
    ],
  ]);

  it.each([
    ["only", () => authors.only("nope")],
    ["values", () => authors.values("nope")],
    ["values by another name", () => authors.values({ a: "nope" })],
    ["valuesList", () => authors.valuesList("nope")],
    ["orderBy", () => authors.orderBy("nope")],
    ["orderBy, descending", () => authors.orderBy("-nope")],
    ["latest", () => authors.all().latest("nope")],
  ])("an unknown name in %s is refused with the known ones", async (_, make) => {
    await expect(expectSql(make, { sqlite: ["", []] })).rejects.toMatchObject({
      name: "FieldError",
      code: "unknown_field",
      message: expect.stringContaining('Author has no field "nope"'),
      hint: "known: id, name, email, age, isActive, pk",
    });
  });

  it("two values under one name are refused, because one would be lost", async () => {
    await expect(
      expectSql(() => authors.values("name", { name: "email" }), { sqlite: ["", []] }),
    ).rejects.toMatchObject({ name: "FieldError", code: "duplicate_name" });
  });
});

describe("order", () => {
  check([
    ["of the model, unless another is asked for", () => titles, `${TITLES} ORDER BY "title"`, []],
    ["asked for", () => titles.orderBy("-price", "isbn"), `${TITLES} ORDER BY "price" DESC, "isbn"`, []],
    ["the last one counts", () => titles.orderBy("price").orderBy("stock"), `${TITLES} ORDER BY "stock"`, []],
    ["none, though the model has one", () => titles.orderBy(), TITLES, []],
    ["by pk", () => titles.orderBy("-pk"), `${TITLES} ORDER BY "id" DESC`, []],
    ["reversed", () => titles.orderBy("-price", "stock").reverse(), `${TITLES} ORDER BY "price", "stock" DESC`, []],
    ["reversed twice", () => titles.reverse().reverse(), `${TITLES} ORDER BY "title"`, []],
    [
      "reversed without any order is that of the key",
      () => authors.all().reverse(),
      `${AUTHORS} ORDER BY "id" DESC`,
      [],
    ],
    [
      "a new order is not reversed by an old reverse",
      () => titles.reverse().orderBy("price"),
      `${TITLES} ORDER BY "price"`,
      [],
    ],
  ]);
});

describe("slices decide between equals by the key", () => {
  check([
    [
      "in the direction of the last term",
      () => titles.orderBy("price").limit(3),
      `${TITLES} ORDER BY "price", "id" LIMIT ? + 0`,
      [3],
    ],
    [
      "descending too",
      () => titles.orderBy("price", "-stock").limit(3),
      `${TITLES} ORDER BY "price", "stock" DESC, "id" DESC LIMIT ? + 0`,
      [3],
    ],
    ["with the model's own order", () => titles.limit(3), `${TITLES} ORDER BY "title", "id" LIMIT ? + 0`, [3]],
    [
      "not when a unique column has decided",
      () => titles.orderBy("isbn").limit(3),
      `${TITLES} ORDER BY "isbn" LIMIT ? + 0`,
      [3],
    ],
    [
      "a unique column that may be NULL has not",
      () => authors.all().orderBy("email").limit(3),
      `${AUTHORS} ORDER BY "email", "id" LIMIT ? + 0`,
      [3],
    ],
    [
      "not when the key is in the order",
      () => titles.orderBy("-id", "price").limit(3),
      `${TITLES} ORDER BY "id" DESC, "price" LIMIT ? + 0`,
      [3],
    ],
    ["no order was asked for, so none is made", () => authors.all().limit(3), `${AUTHORS} LIMIT ? + 0`, [3]],
    ["with an offset alone", () => titles.offset(5), `${TITLES} ORDER BY "title", "id" LIMIT -1 OFFSET ? + 0`, [5]],
    [
      "limit and offset in either order",
      () => authors.all().offset(5).limit(3),
      `${AUTHORS} LIMIT ? + 0 OFFSET ? + 0`,
      [3, 5],
    ],
    ["slice", () => authors.all().slice(5, 8), `${AUTHORS} LIMIT ? + 0 OFFSET ? + 0`, [3, 5]],
    ["slice to the end", () => authors.all().slice(5), `${AUTHORS} LIMIT -1 OFFSET ? + 0`, [5]],
    ["the last limit counts", () => authors.all().limit(9).limit(2), `${AUTHORS} LIMIT 2`, []],
  ]);

  it.each([
    ["limit", [-1]],
    ["limit", [1.5]],
    ["limit", ["3"]],
    ["limit", [Number.NaN]],
    ["offset", [-1]],
    ["offset", [null]],
    ["slice", [3, 1]],
    ["slice", [-1]],
    ["limit", [Infinity]],
  ])("%s(%j) is refused at the call", (method, given) => {
    expect(() => authors.all()[method](...given)).toThrow(expect.objectContaining({ name: "ParamsError" }));
  });
});

describe("one row", () => {
  check([
    [
      "get asks for two, to know that one is too many",
      () => authors.get({ name: "a" }),
      `${AUTHORS} WHERE "name" = ? LIMIT 2`,
      ["a"],
    ],
    ["getOrNone too", () => authors.getOrNone({ name: "a" }), `${AUTHORS} WHERE "name" = ? LIMIT 2`, ["a"]],
    ["get by key", () => authors.get({ pk: 1 }), `${AUTHORS} WHERE "id" = ? LIMIT 2`, [1]],
    ["first is by key when there is no order", () => authors.first(), `${AUTHORS} ORDER BY "id" LIMIT 1`, []],
    ["last turns everything round", () => authors.last(), `${AUTHORS} ORDER BY "id" DESC LIMIT 1`, []],
    [
      "first with an order",
      () => titles.orderBy("-price").first(),
      `${TITLES} ORDER BY "price" DESC, "id" DESC LIMIT 1`,
      [],
    ],
    ["last with an order", () => titles.orderBy("-price").last(), `${TITLES} ORDER BY "price", "id" LIMIT 1`, []],
    ["latest", () => titles.latest("publishedOn"), `${TITLES} ORDER BY "published_on" DESC, "id" DESC LIMIT 1`, []],
    ["earliest", () => titles.earliest("publishedOn"), `${TITLES} ORDER BY "published_on", "id" LIMIT 1`, []],
    [
      "latest of a descending name",
      () => titles.latest("-publishedOn"),
      `${TITLES} ORDER BY "published_on", "id" LIMIT 1`,
      [],
    ],
    [
      "values of one row",
      () => authors.get({ id: 1 }).values("name"),
      'SELECT "name" FROM "authors" WHERE "id" = ? LIMIT 2',
      [1],
    ],
    [
      "only some of one row",
      () => authors.get({ id: 1 }).only("name"),
      'SELECT "id", "name" FROM "authors" WHERE "id" = ? LIMIT 2',
      [1],
    ],
  ]);
});

describe("counting", () => {
  check([
    ["all rows, without an order", () => titles.count(), 'SELECT COUNT(1) FROM "books"', []],
    ["filtered rows", () => authors.filter({ age: 3 }).count(), 'SELECT COUNT(1) FROM "authors" WHERE "age" = ?', [3]],
    [
      "the rows of a slice",
      () => authors.all().slice(1, 5).count(),
      'SELECT COUNT(1) FROM (SELECT "authors"."id" AS "c0" FROM "authors" LIMIT ? + 0 OFFSET ? + 0) AS "rows"',
      [4, 1],
    ],
    [
      "distinct values",
      () => authors.values("age").distinct().count(),
      'SELECT COUNT(1) FROM (SELECT DISTINCT "authors"."age" AS "c0" FROM "authors") AS "rows"',
      [],
    ],
    [
      "whether there is a row",
      () => authors.filter({ age: 3 }).exists(),
      'SELECT 1 FROM "authors" WHERE "age" = ? LIMIT 1',
      [3],
    ],
    [
      "whether there is such a row",
      () => authors.exists({ age: 3 }),
      'SELECT 1 FROM "authors" WHERE "age" = ? LIMIT 1',
      [3],
    ],
    [
      "whether there is a row in a slice",
      () => authors.all().offset(3).exists(),
      'SELECT 1 FROM (SELECT "authors"."id" AS "c0" FROM "authors" LIMIT -1 OFFSET ? + 0) AS "rows" LIMIT 1',
      [3],
    ],
  ]);
});
