import * as terrapin from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { expectSqlOf } from "../../support/expect-sql.js";
import { loose, type Loose } from "../../support/loose.js";

const { fields, Model, Q, RawSql, sqlLookup, withLookups } = loose(terrapin);
const { Terrapin } = terrapin;

const divisibleBy = sqlLookup("{column} % {value} = 0", { takes: fields.int() });
const before = sqlLookup("/* {value} */ {column} < {value} -- '{column}'");
const near = sqlLookup({ sqlite: "abs({column} - {value}) <= 1.0", mysql: "ABS({column} - {value}) <= 1.0" });
const elsewhere = sqlLookup({ mysql: "SOUNDEX({column}) = SOUNDEX({value})" });
const hasWord = sqlLookup("instr(' ' || {column} || ' ', ' ' || {value} || ' ') > 0");

class Box extends (Model as Loose).define({
  id: fields.int({ primaryKey: true }),
  size: withLookups(fields.int({ null: true, column: "how_big" }), { divisible_by: divisibleBy, near }),
  label: withLookups(withLookups(fields.text({ blank: true }), { has_word: hasWord }), {
    soundsLike: elsewhere,
    before,
  }),
  price: withLookups(fields.decimal({ maxDigits: 8, decimalPlaces: 2, default: 0 }), { before }),
}) {}
class Lid extends (Model as Loose).define({ id: fields.int({ primaryKey: true }), box: fields.foreignKey("Box") }) {}
const boxes: Loose = loose(Box);

const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { Box, Lid } as never });
afterAll(() => orm.closeConnections());
beforeAll(() =>
  orm.run(async () => {
    await orm.generateSchemas();
    for (const [i, size] of [0, 3, 4, 6, null, -9].entries())
      await boxes.create({ id: i + 1, size, label: i === 1 ? "red box" : `box'${i}`, price: `${i}.50` });
    await loose(Lid).create({ boxId: 2 });
  }),
);
const ids = (where: Loose, call: "filter" | "exclude" = "filter"): Promise<number[]> =>
  orm.run(() => boxes[call](where).orderBy("id").valuesList("id", { flat: true }));

describe("a lookup of one's own", () => {
  it("is SQL around the column and the value, which is bound", async () => {
    const expectSql = await expectSqlOf({ Box, Lid });
    await expectSql(() => boxes.filter({ size__divisible_by: 3 }).values("id"), {
      sqlite: ['SELECT "id" FROM "box" WHERE ("how_big" % ? = 0)', [3n]],
    });
    await expectSql(() => boxes.exclude({ label__has_word: "a' OR 1" }).values("id"), {
      sqlite: [
        `SELECT "id" FROM "box" WHERE ((instr(' ' || "label" || ' ', ' ' || ? || ' ') > 0)) IS NOT TRUE`,
        ["a' OR 1"],
      ],
    });
    await expectSql(() => loose(Lid).filter({ box__size__divisible_by: 2 }).values("id"), {
      sqlite: [
        'SELECT "lid"."id" FROM "lid" LEFT JOIN "box" AS "lid__box" ON "lid__box"."id" = "lid"."box_id" WHERE ("lid__box"."how_big" % ? = 0)',
        [2n],
      ],
    });
    await expectSql(() => boxes.filter({ price__before: "1.5" }).values("id"), {
      sqlite: [`SELECT "id" FROM "box" WHERE (/* {value} */ "price" < ? -- '{column}'\n)`, [150n]],
    });
  });

  it("finds rows, its exclusion all others, NULL among them", async () => {
    expect(await ids({ size__divisible_by: 3 })).toEqual([1, 2, 4, 6]);
    expect(await ids({ size__divisible_by: 3 }, "exclude")).toEqual([3, 5]);
    expect(await ids(Q.or(Q({ size__near: 5 }), Q({ label__has_word: "red" })))).toEqual([2, 3, 4]);
    expect(await ids({ price__before: "2.50", label__before: "c" })).toEqual([1]);
    expect(await orm.run(() => loose(Lid).filter({ box__label__has_word: "red" }).count())).toBe(1);
    expect(await orm.run(() => boxes.filter({ size__divisible_by: 2, size__not: 0 }).update({ label: "even" }))).toBe(
      2,
    );
  });

  it("stands beside the lookups of the field, and in hints", async () => {
    expect(await ids({ size__gt: 5 })).toEqual([4]);
    await expect(ids({ size__nope: 1 })).rejects.toMatchObject({
      code: "unknown_lookup",
      hint: expect.stringMatching(/range, divisible_by, near$/) as string,
    });
    await expect(ids({ label__divisible_by: 1 })).rejects.toMatchObject({ code: "unknown_lookup" });
    await expect(ids({ id__divisible_by: 1 })).rejects.toMatchObject({ code: "unknown_lookup" });
  });

  it("checks its value as the field that it takes", async () => {
    await expect(ids({ size__divisible_by: "x" })).rejects.toMatchObject({
      code: "bad_value",
      message: expect.stringContaining("divisible_by") as string,
    });
    await expect(ids({ size__divisible_by: null })).rejects.toMatchObject({ code: "null_value" });
    await expect(ids({ size__divisible_by: boxes.filter({ id: 1 }) })).rejects.toMatchObject({ code: "bad_value" });
  });

  it("is refused where nothing is said for the database", async () => {
    await expect(ids({ label__soundsLike: "box" })).rejects.toMatchObject({ code: "own_lookup" });
    const driver = mock({ dialect: { ...sqliteDialect, family: "mysql" } });
    const context = await Terrapin.context({ connections: { default: driver }, models: { Box, Lid } as never });
    await context.run(() => boxes.filter({ label__soundsLike: "box" }).count());
    expect(driver.statements[0]!.sql).toBe('SELECT COUNT(1) FROM "box" WHERE (SOUNDEX("label") = SOUNDEX(?))');
  });
});

describe("refuses", () => {
  it.each<readonly [name: string, work: () => unknown, error: string, code: string]>([
    ["no SQL", () => sqlLookup(""), "ParamsError", "params"],
    ["no column", () => sqlLookup("{value} = 1"), "ParamsError", "params"],
    ["no value", () => sqlLookup("{column} = 1"), "ParamsError", "params"],
    ["a value in quotes only", () => sqlLookup("{column} = '{value}'"), "ParamsError", "params"],
    ["a placeholder", () => sqlLookup("{column} = {value} + ?"), "ParamsError", "params"],
    ["a family that there is not", () => sqlLookup({ postgres: "{column} ~ {value}" }), "ParamsError", "params"],
    ["no family", () => sqlLookup({}), "ParamsError", "params"],
    ["a kind that is no field", () => sqlLookup("{column} = {value}", { takes: "int" }), "ParamsError", "params"],
    ["what is no field", () => withLookups("int", {}), "ConfigurationError", "bad_lookup"],
    ["a relation", () => withLookups(fields.foreignKey("Box"), {}), "ConfigurationError", "bad_lookup"],
    ["a name that is one already", () => withLookups(fields.int(), { gt: near }), "ConfigurationError", "bad_lookup"],
    ["a name of two parts", () => withLookups(fields.int(), { a__b: near }), "ConfigurationError", "bad_lookup"],
    ["a name with a quote", () => withLookups(fields.int(), { 'a"': near }), "ConfigurationError", "bad_lookup"],
    ["what is no lookup", () => withLookups(fields.int(), { a: "x" }), "ConfigurationError", "bad_lookup"],
  ])("%s", (_name, work, error, code) => {
    let thrown: unknown;
    try {
      work();
    } catch (e) {
      thrown = e;
    }
    expect(thrown).toMatchObject({ name: error, code });
  });
});

it("SQL of one's own may end in a comment", async () => {
  const query = boxes.annotate({ n: RawSql("id + ? -- one more", [1], fields.int()) }).filter({ n: 3 });
  expect(await orm.run(() => query.valuesList("id", "n"))).toEqual([[2, 3]]);
});
