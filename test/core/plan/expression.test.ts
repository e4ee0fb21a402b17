import { F, fields, Model } from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, type Expected } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";

class Item extends Model.define({
  id: fields.int({ primaryKey: true }),
  stock: fields.int({ null: true }),
  total: fields.int(),
  big: fields.bigInt({ mode: "bigint" }),
  price: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
  rate: fields.decimal({ maxDigits: 6, decimalPlaces: 4 }),
  long: fields.decimal({ maxDigits: 30, decimalPlaces: 5 }),
  weight: fields.float(),
  delay: fields.timeDelta(),
  grade: fields.intEnum([1, 2, 3]),
  name: fields.char({ maxLength: 20 }),
  title: fields.text(),
  soldOn: fields.date(),
  boughtOn: fields.date(),
  soldAt: fields.datetime(),
}) {}

const expectSql = await expectSqlOf({ Item });
const f = loose(F);
const items = loose(Item).all();

const INT = "-2147483648 AND 2147483647";
const PRICE = "-9999999999 AND 9999999999";
const RATE = "-999999 AND 999999";
const SAFE = "-9007199254740991 AND 9007199254740991";
const INT64 = "-9223372036854775808 AND 9223372036854775807";

/** The item where it fits, and an error where it does not. */
const checked = (item: string, test: string): string =>
  `(SELECT CASE WHEN ${test} THEN abs(-9223372036854775808) ELSE v END FROM (SELECT ${item} AS v))`;
const within = (item: string, range: string): string => checked(item, `typeof(v) = 'real' OR v NOT BETWEEN ${range}`);
const real = (item: string, range: string): string => checked(item, `v NOT BETWEEN ${range}`);

type Row = readonly [name: string, value: object, sql: string, params: Expected[1]];

describe("an update by an expression", () => {
  it.each<Row>([
    ["integers stay integers", { stock: f("stock").plus(1) }, `"stock" = ${within('("stock" + ?)', INT)}`, [1n]],
    [
      "of several steps keeps their order",
      { stock: f("stock").plus(1).times(f("total").minus(2)) },
      `"stock" = ${within('(("stock" + ?) * ("total" - ?))', INT)}`,
      [1n, 2n],
    ],
    ["a bigint constant", { stock: f("stock").plus(5n) }, `"stock" = ${within('("stock" + ?)', INT)}`, [5n]],
    ["a constant in a string", { stock: f("stock").minus("7") }, `"stock" = ${within('("stock" - ?)', INT)}`, [7n]],
    ["a negative constant", { stock: f("stock").plus(-3) }, `"stock" = ${within('("stock" + ?)', INT)}`, [-3n]],
    ["a column alone", { stock: f("total") }, '"stock" = "total"', []],
    ["the remainder", { stock: f("stock").mod(7) }, '"stock" = ("stock" % ?)', [7n]],
    [
      "division is that of mathematics, rounded to the column",
      { stock: f("stock").dividedBy(2) },
      `"stock" = CAST(${real('round((CAST("stock" AS REAL) / CAST(? AS REAL)))', INT)} AS INTEGER)`,
      [2n],
    ],
    [
      "a fraction is rounded half away from zero without leaving the integers",
      { stock: f("stock").plus("0.5") },
      `"stock" = ${within('(CASE WHEN (("stock" * 10) + ?) < 0 THEN ((("stock" * 10) + ?) - 5) ELSE ((("stock" * 10) + ?) + 5) END / 10)', INT)}`,
      [5n, 5n, 5n],
    ],
    [
      "small powers are products",
      { stock: f("stock").pow(3) },
      `"stock" = ${within('(("stock" * "stock") * "stock")', INT)}`,
      [],
    ],
    ["the power 0 is 1", { stock: f("stock").pow(0) }, `"stock" = ${within("1", INT)}`, []],
    ["the power 1 is the column", { stock: f("stock").pow(1) }, `"stock" = ${within('"stock"', INT)}`, []],
    [
      "other powers are the database's",
      { weight: f("weight").pow("0.5") },
      '"weight" = pow("weight", (CAST(? AS REAL) / 10))',
      [5n],
    ],
    [
      "decimals of one scale are added as they are stored",
      { price: f("price").plus("1.25") },
      `"price" = ${within('("price" + ?)', PRICE)}`,
      [125n],
    ],
    [
      "a whole number meets a decimal in its unit",
      { price: f("price").plus(1) },
      `"price" = ${within('("price" + (? * 100))', PRICE)}`,
      [1n],
    ],
    [
      "a decimal of fewer places is brought to more",
      { rate: f("price").plus(f("rate")) },
      `"rate" = ${within('(("price" * 100) + "rate")', RATE)}`,
      [],
    ],
    [
      "a decimal of more places is rounded to fewer",
      { price: f("rate") },
      `"price" = ${within('(CASE WHEN "rate" < 0 THEN ("rate" - 50) ELSE ("rate" + 50) END / 100)', PRICE)}`,
      [],
    ],
    [
      "places add up in a product",
      { price: f("price").times("1.5") },
      `"price" = ${within('(CASE WHEN ("price" * ?) < 0 THEN (("price" * ?) - 5) ELSE (("price" * ?) + 5) END / 10)', PRICE)}`,
      [15n, 15n, 15n],
    ],
    [
      "a decimal divided is rounded to its places",
      { price: f("price").dividedBy(3) },
      `"price" = CAST(${real('round((((CAST("price" AS REAL) / 100) / CAST(? AS REAL)) * 100))', PRICE)} AS INTEGER)`,
      [3n],
    ],
    ["an integer becomes a decimal", { price: f("stock") }, `"price" = ${within('("stock" * 100)', PRICE)}`, []],
    ["a float takes anything as a real number", { weight: f("price") }, '"weight" = (CAST("price" AS REAL) / 100)', []],
    [
      "floats are calculated as floats",
      { weight: f("weight").plus("0.1") },
      '"weight" = ("weight" + (CAST(? AS REAL) / 10))',
      [1n],
    ],
    [
      "the remainder of floats is written out, because % would cut them to integers",
      { weight: f("weight").mod(2) },
      '"weight" = ("weight" - (CAST(? AS REAL) * CAST(("weight" / CAST(? AS REAL)) AS INTEGER)))',
      [2n, 2n],
    ],
    ["time deltas are numbers", { delay: f("delay").times(2) }, `"delay" = ${within('("delay" * ?)', SAFE)}`, [2n]],
    [
      "scientific notation is written out",
      { price: f("price").plus("1.5e1") },
      `"price" = ${within('("price" + (? * 100))', PRICE)}`,
      [15n],
    ],
    [
      "a tiny number in scientific notation keeps its places",
      { weight: f("weight").plus(1e-7) },
      '"weight" = ("weight" + (CAST(? AS REAL) / 10000000))',
      [1n],
    ],
    [
      "a remainder of what may have overflowed looks at it first",
      { stock: f("stock").times(f("total")).mod(7) },
      `"stock" = ${within(`(${within('("stock" * "total")', INT64)} % ?)`, INT)}`,
      [7n],
    ],
    ["a column of a narrower range fits as it is", { big: f("stock") }, '"big" = "stock"', []],
    ["a column of a wider range may not fit", { stock: f("big") }, `"stock" = ${within('"big"', INT)}`, []],
    ["64 bits are all that a bigint has", { big: f("big").plus(1) }, `"big" = ${within('("big" + ?)', INT64)}`, [1n]],
    [
      "a float beyond 2^53 is no integer, however wide the column",
      { big: f("weight") },
      `"big" = CAST(${real('round("weight")', SAFE)} AS INTEGER)`,
      [],
    ],
    ["text comes from text", { name: f("title") }, '"name" = "title"', []],
    ["a date from a date", { soldOn: f("boughtOn") }, '"sold_on" = "bought_on"', []],
    [
      "values and expressions side by side",
      { name: "a", stock: f("stock").plus(1), total: 4 },
      `"name" = ?, "stock" = ${within('("stock" + ?)', INT)}, "total" = ?`,
      ["a", 1n, 4],
    ],
  ])("%s", async (_, values, sql, params) => {
    await expectSql(() => items.update(values), { sqlite: [`UPDATE "item" SET ${sql}`, params] });
  });

  it("has its parameters before those of the filter", async () => {
    await expectSql(
      () =>
        loose(Item)
          .filter({ total__gt: f("stock").times(2), name: "a" })
          .update({ stock: f("stock").plus(1) }),
      {
        sqlite: [
          `UPDATE "item" SET "stock" = ${within('("stock" + ?)', INT)} WHERE "total" > ("stock" * ?) AND "name" = ?`,
          [1n, 2n, "a"],
        ],
      },
    );
  });
});

describe("a filter by an expression", () => {
  it.each<Row>([
    ["brings both sides to one scale", { price__gt: f("rate") }, '("price" * 100) > "rate"', []],
    [
      "brings a whole number to the scale of a decimal",
      { total__lt: f("price").plus("0.5") },
      '("total" * 100) < ("price" + (? * 10))',
      [5n],
    ],
    ["compares reals when one side is real", { total__lte: f("weight") }, 'CAST("total" AS REAL) <= "weight"', []],
    [
      "division is never cut",
      { total: f("stock").dividedBy(2) },
      'CAST("total" AS REAL) = (CAST("stock" AS REAL) / CAST(? AS REAL))',
      [2n],
    ],
    ["text with text", { name: f("title") }, '"name" = "title"', []],
  ])("%s", async (_, where, sql, params) => {
    await expectSql(() => loose(Item).filter(where).valuesList("id"), {
      sqlite: [`SELECT "id" FROM "item" WHERE ${sql}`, params],
    });
  });
});

describe("an expression that cannot be", () => {
  it.each([
    ["arithmetic on text", { stock: f("name").plus(1) }, "not_a_number", '"name" is not a number'],
    ["arithmetic on a date", { stock: f("soldOn").plus(1) }, "not_a_number", '"soldOn" is not a number'],
    [
      "arithmetic on an enum, whose numbers are codes",
      { stock: f("grade").plus(1) },
      "not_a_number",
      '"grade" is not a number',
    ],
    ["text for a number", { stock: f("name") }, "bad_value", "stock"],
    ["a number for text", { name: f("stock").plus(1) }, "bad_value", "name"],
    ["a date for an instant", { soldAt: f("soldOn") }, "bad_value", "soldAt"],
    ["a name that does not exist", { stock: f("nope").plus(1) }, "unknown_field", 'no field "nope"'],
    ["a path through a relation that does not exist", { stock: f("name__nope") }, "unknown_field", "nope"],
    ["a constant that is no number", { stock: f("stock").plus("1; DROP TABLE item") }, "bad_value", "constant"],
    ["an empty constant", { stock: f("stock").plus("") }, "bad_value", "constant"],
    ["NaN", { stock: f("stock").plus(Number.NaN) }, "bad_value", "constant"],
    ["Infinity", { stock: f("stock").plus(Infinity) }, "bad_value", "constant"],
    ["a whole number that is not exact", { stock: f("stock").plus(2 ** 60) }, "bad_value", "2^53"],
    ["a constant of more than 64 bits", { stock: f("stock").plus("99999999999999999999") }, "bad_value", "64 bits"],
    ["a constant of a billion digits", { stock: f("stock").plus("1e999999999") }, "bad_value", "64 bits"],
    ["a constant of a billion places", { stock: f("stock").plus("1e-999999999") }, "bad_value", "places"],
  ])("%s is refused before any SQL", async (_, values, code, message) => {
    await expect(expectSql(() => items.update(values), { sqlite: ["", []] })).rejects.toMatchObject({
      name: "FieldError",
      code,
      message: expect.stringContaining(message),
    });
  });

  it.each([[true], [null], [undefined], [{}], [[1]], [new Date(0)]])(
    "an operand %s is refused at the call",
    (operand) => {
      expect(() => f("stock").plus(operand)).toThrow(expect.objectContaining({ name: "ParamsError" }));
    },
  );

  it.each([[""], [3], [null], [undefined]])("F(%j) is refused at the call", (name) => {
    expect(() => f(name)).toThrow(expect.objectContaining({ name: "ParamsError" }));
  });
});

it("a decimal that is kept as text is nothing to calculate with, and the error names the way out", async () => {
  await expect(
    expectSql(() => loose(Item).filter({ total__gt: f("long") }), { sqlite: ["", []] }),
  ).rejects.toMatchObject({
    name: "UnsupportedError",
    message: expect.stringContaining('"long"'),
    hint: expect.stringContaining("18 digits"),
  });
});

it("an expression is never changed by what is made of it", async () => {
  const stock = f("stock");
  const more = stock.plus(1);
  stock.times(5);
  more.minus(9);
  await expectSql(() => items.update({ stock: more, total: stock }), {
    sqlite: [`UPDATE "item" SET "stock" = ${within('("stock" + ?)', INT)}, "total" = "stock"`, [1n]],
  });
});
