import { Avg, F, fields, FullTextIndex, Lag, Model, Q, Sum, Terrapin, Value, Window, type SqlValue } from "terrapin";
import { mysql } from "terrapin/mysql";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { mock } from "../../core/testing/mock.js";
import { mysqlDialect } from "../../drivers/mysql/dialect.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { captureQueries } from "../../core/testing/capture.js";
import { mysqlDatabase } from "../support/databases.js";
import { loose } from "../support/loose.js";
import { refusal } from "../support/mysql8.js";

class Item extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 4, unique: true }),
    code: fields.char({ maxLength: 9, null: true, unique: true }),
    price: fields.decimal({ maxDigits: 18, decimalPlaces: 2, default: "0" }),
    a: fields.int({ default: 1 }),
    b: fields.int({ default: 2 }),
    text: fields.text({ blank: true }),
    short: fields.uuid({ storage: "binary", null: true }),
    parent: fields.foreignKey<Item>("self", { null: true, relatedName: "parts" }),
  },
  { table: "item", indexes: [FullTextIndex({ fields: ["text"], name: "fts" })] },
) {}
const Things = loose(Item);
const anyOf = loose(Q);

/** What is sent for a call. */
async function sent(call: () => PromiseLike<unknown>): Promise<[string, readonly SqlValue[]][]> {
  const driver = mock({ dialect: mysqlDialect });
  const orm = await Terrapin.context({ connections: { default: driver }, models: { Item } });
  await orm.run(() => Promise.resolve(call()).catch(() => null));
  for (const { sql } of driver.statements) expect(refusal(sql)).toBeNull();
  return driver.statements.map(({ sql, params }) => [sql, params]);
}
const where = async (condition: object): Promise<[string, readonly SqlValue[]]> => {
  const [[sql, params]] = (await sent(() => Things.filter(condition).valuesList("id"))) as [[string, SqlValue[]]];
  return [sql.replace("SELECT `id` FROM `item` WHERE ", ""), params];
};

describe("MySQL is asked", () => {
  it.each<[object, string, readonly SqlValue[]]>([
    [{ a__in: [] }, "1 = 0", []],
    [{ a__not_in: [] }, "1 = 1", []],
    [{ a__in: [1] }, "`a` IN (?)", [1]],
    [{ a__in: [1, 2, 3] }, "`a` IN (?, ?, ?, ?)", [1, 2, 3, 3]],
    [{ code__in: ["x", null] }, "(`code` IN (?) OR `code` IS NULL)", ["x"]],
    [{ price: "1.5" }, "`price` = CAST(? AS DECIMAL(65,2))", ["1.50"]],
    [{ price__in: ["1.5", 2] }, "`price` IN (CAST(? AS DECIMAL(65,2)), CAST(? AS DECIMAL(65,2)))", ["1.50", "2.00"]],
    [{ name__contains: "%" }, "LOCATE(CAST(? AS BINARY), `name`) > 0", ["%"]],
    [
      { name__startswith: "ab" },
      "`name` >= ? AND `name` < ? AND LOCATE(CAST(? AS BINARY), `name`) = 1",
      ["ab\0\0", "ac", "ab"],
    ],
    [{ text__startswith: "ab" }, "LOCATE(CAST(? AS BINARY), `text`) = 1", ["ab"]],
    [{ name__istartswith: "É" }, "LOCATE(CAST(LOWER(?) AS BINARY), LOWER(`name`)) = 1", ["É"]],
    [{ name__endswith: "b" }, "CAST(RIGHT(`name`, CHAR_LENGTH(?)) AS BINARY) = CAST(? AS BINARY)", ["b", "b"]],
    [{ name__iexact: "É" }, "lower(`name`) = lower(?)", ["É"]],
    [{ name__posix_regex: "^a" }, "`name` REGEXP ?", ["(?-i)^a"]],
    [{ text__search: "sea turtle" }, "MATCH (`text`) AGAINST (? IN BOOLEAN MODE)", ['+"sea" +"turtle"']],
  ])("%o", async (condition, sql, params) => expect(await where(condition)).toEqual([sql, params]));

  it("for numbers that stay exact", async () => {
    expect(await where({ price__gt: F("a").times("1.25") })).toEqual([
      "`price` > (`a` * CAST(? AS DECIMAL(65,2)))",
      ["1.25"],
    ]);
    expect(await where({ a__gt: F("b").dividedBy(F("a")) })).toEqual([
      "CAST(`a` AS DOUBLE) > (CAST(`b` AS DOUBLE) / NULLIF(CAST(`a` AS DOUBLE), 0))",
      [],
    ]);
    expect((await sent(() => Things.all().aggregate({ sum: Sum("price"), mean: Avg("a") })))[0]![0]).toBe(
      "SELECT SUM(`price`) AS `sum`, AVG(CAST(`a` AS DOUBLE)) AS `mean` FROM `item`",
    );
    expect((await sent(() => Things.all().update({ a: F("price") })))[0]![0]).toBe(
      "UPDATE `item` SET `a` = CAST(`price` AS SIGNED)",
    );
  });

  it("to change rows as if it did not see its own changes", async () => {
    expect((await sent(() => Things.all().update({ a: 5, b: F("a") })))[0]![0]).toBe(
      "UPDATE `item` SET `b` = `a`, `a` = ?",
    );
    expect((await sent(() => Things.all().update({ a: F("b"), b: F("a") })))[0]![0]).toBe(
      "UPDATE `item` JOIN (SELECT DISTINCT `item_rows`.`id` AS `key`, `item_rows`.`b` AS `v0`, `item_rows`.`a` AS `v1`" +
        " FROM `item` AS `item_rows`) AS `item_changes` ON `item_changes`.`key` = `item`.`id`" +
        " SET `item`.`a` = `item_changes`.`v0`, `item`.`b` = `item_changes`.`v1`",
    );
    expect((await sent(() => Things.filter({ parts__a: 1 }).delete()))[1]![0]).toBe(
      "DELETE FROM `item` WHERE `id` IN (SELECT `rows`.`key` FROM (SELECT DISTINCT `item_rows`.`id` AS `key` FROM `item` AS" +
        " `item_rows` WHERE `item_rows`.`id` IN (SELECT `item_rows__parts`.`parent_id` FROM `item` AS `item_rows__parts`" +
        " WHERE `item_rows__parts`.`parent_id` IS NOT NULL AND `item_rows__parts`.`a` = ?)) AS `rows`)",
    );
    expect((await sent(() => Things.all().orderBy("a").limit(3).delete()))[1]![0]).toBe(
      "DELETE FROM `item` WHERE `id` IN (SELECT `rows`.`key` FROM (SELECT `item_rows`.`id` AS `key` FROM `item` AS `item_rows`" +
        " ORDER BY `item_rows`.`a`, `item_rows`.`id` LIMIT ?) AS `rows`)",
    );
  });

  it("to insert or update, and which row it was", async () => {
    const one = (): object => new Item({ name: "a" });
    const end = (statement: [string, readonly SqlValue[]]): string =>
      statement[0].slice(statement[0].indexOf(" ON DUP"));
    expect(end((await sent(() => Things.bulkCreate([one()], { ignoreConflicts: true })))[0]!)).toBe(
      " ON DUPLICATE KEY UPDATE `id` = `id`",
    );
    const upsert = await sent(() => Things.bulkCreate([one(), one()], { onConflict: ["name"], updateFields: ["a"] }));
    const four = await sent(() =>
      Things.bulkCreate([one(), one(), one(), one()], { onConflict: ["name"], updateFields: ["a"] }),
    );
    expect(four.find(([sql]) => sql.startsWith("SELECT"))![0]).toBe(
      "SELECT `id`, `name` FROM `item` WHERE `name` IN (?, ?, ?, ?)",
    );
    expect(end(upsert.find(([sql]) => sql.startsWith("INSERT"))!)).toBe(
      " ON DUPLICATE KEY UPDATE `id` = LAST_INSERT_ID(`id`), `a` = CASE WHEN `name` <=> VALUES(`name`) THEN VALUES(`a`)" +
        " ELSE EXP(9999 + LENGTH(`id`)) END",
    );
  });

  it("for keys, which servers that share their tables count in steps", async () => {
    const driver = { ...mock({ dialect: mysqlDialect, answers: [{ affected: 4, insertId: 5 }] }), keyStep: 3 };
    const orm = await Terrapin.context({ connections: { default: driver }, models: { Item } });
    const made = await orm.run(() => Things.bulkCreate(["a", "b", "c", "d"].map((name) => new Item({ name }))));
    expect(made.map(({ id }: { id: number }) => id)).toEqual([5, 8, 11, 14]);
  });

  it("for rows in ways that MariaDB knows as well", async () => {
    const first = async (call: () => PromiseLike<unknown>): Promise<string> => (await sent(call))[0]![0];
    expect(await first(() => Things.orderBy("b").distinct().valuesList("a"))).toBe(
      "SELECT `a` FROM `item` GROUP BY `a` ORDER BY MIN(`b`)",
    );
    expect(
      await first(() => Things.filter({ a__in: Things.all().limit(2).valuesList("b", { flat: true }) }).count()),
    ).toBe(
      "SELECT COUNT(1) FROM `item` WHERE `a` IN (SELECT `rows`.`key` FROM (SELECT `item_inner`.`b` AS `key` FROM `item` AS" +
        " `item_inner` LIMIT 2) AS `rows`)",
    );
    expect(
      await first(() =>
        Things.annotate({ before: Window(Lag("a", Value(1), Value(0)), { orderBy: "id" }) }).valuesList("before"),
      ),
    ).toMatch(/^SELECT CASE WHEN LAG\(1, \?\) OVER \(ORDER BY `id`\) IS NULL THEN \? ELSE LAG\(`a`, \?\) OVER/);
    expect(await first(() => Things.all().forceIndex("fts").offset(2))).toMatch(
      / FROM `item` FORCE INDEX \(`fts`\) LIMIT 18446744073709551615 OFFSET \?$/,
    );
    expect(await first(() => Things.all().explain({ format: "json" }))).toMatch(/^EXPLAIN FORMAT=JSON SELECT /);
  });

  it("to show a statement with its values, backslashes and quotes in them", async () => {
    const orm = await Terrapin.context({ connections: { default: mock({ dialect: mysqlDialect }) }, models: { Item } });
    expect(orm.run(() => Things.filter({ name: "\\'" }).only("id").sql())).toBe(
      "SELECT `id` FROM `item` WHERE `name` = '\\\\'''",
    );
  });
});

const onMysql = await Terrapin.context({ connections: { default: mysql(await mysqlDatabase()) }, models: { Item } });
const onSqlite = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { Item } });
for (const orm of [onMysql, onSqlite]) await orm.generateSchemas();
afterAll(() => Promise.all([onMysql.closeConnections(), onSqlite.closeConnections()]));

describe("a database of MySQL's family", () => {
  beforeEach(() => onMysql.run(() => Things.all().delete()));
  const names = (condition: object): Promise<unknown> =>
    onMysql.run(async () => await Things.filter(condition).orderBy("id").valuesList("name", { flat: true }));

  it("finds texts that begin so, whatever stands behind, and knows the case of all letters", () =>
    onMysql.run(async () => {
      const all = ["a", "a\n", "a ", "a\0", "b", "É", "é", "ab\t"];
      await Things.bulkCreate(all.filter((name) => name !== "a ").map((name) => new Item({ name })));
      expect(await names({ name__startswith: "a" })).toEqual(["a", "a\n", "a\0", "ab\t"]);
      expect(await Things.exclude({ name__startswith: "a" }).count()).toBe(3);
      expect(await names({ name__istartswith: "É" })).toEqual(["É", "é"]);
      expect(await names({ name__iexact: "é" })).toEqual(["É", "é"]);
      expect(await names({ name__endswith: "É" })).toEqual(["É"]);
    }));

  it("swaps values, and sets what related rows of the same table say", () =>
    onMysql.run(async () => {
      const [top, part] = await Things.bulkCreate(["t", "p"].map((name) => new Item({ name })));
      await Things.filter({ id: part.id }).update({ parent: top, a: 7 });
      expect(await Things.all().update({ a: F("b"), b: F("a") })).toBe(2);
      expect(await Things.orderBy("id").valuesList("a", "b")).toEqual([
        [2, 1],
        [2, 7],
      ]);
      expect(await Things.filter({ parent__name: "t" }).update({ a: F("parent__b") })).toBe(1);
      expect(
        await Things.annotate({ most: Sum("parts__b") })
          .filter({ most__gt: 1 })
          .update({ b: 0 }),
      ).toBe(1);
      expect(await Things.orderBy("id").valuesList("a", "b")).toEqual([
        [2, 0],
        [1, 7],
      ]);
    }));

  it("updates no row by another rule than the one that is named", () =>
    onMysql.run(async () => {
      await Things.create({ name: "x", code: "1", a: 5 });
      const other = (): PromiseLike<unknown> =>
        Things.bulkCreate([new Item({ name: "y", code: "1", a: 6 })], { onConflict: ["name"], updateFields: ["a"] });
      await expect(other()).rejects.toMatchObject({ name: "IntegrityError", kind: "unique" });
      expect(await Things.all().valuesList("name", "a")).toEqual([["x", 5]]);
    }));

  it("keeps UUIDs in 16 bytes, on the other family too", async () => {
    const short = "12345678-9abc-4def-8000-00000000abcd";
    for (const orm of [onMysql, onSqlite])
      await orm.run(async () => {
        await Things.all().delete();
        await Things.create({ name: "u", short });
        expect(await Things.filter({ short }).valuesList("short", { flat: true })).toEqual([short]);
        expect(await Things.filter({ short__in: [short, null] }).count()).toBe(1);
        const [row] = await orm.connections.get("default").executeQueryDict("SELECT LENGTH(short) AS n FROM item");
        expect(Number(row!["n"])).toBe(16);
      });
  });

  it("searches words in a full-text index", () =>
    onMysql.run(async () => {
      await Things.bulkCreate([
        new Item({ name: "1", text: "the sea turtle swims" }),
        new Item({ name: "2", text: "the turtle sleeps" }),
      ]);
      expect(await names({ text__search: "turtle sea" })).toEqual(["1"]);
      expect(await names({ text__search: { raw: "+turtle -sea" } })).toEqual(["2"]);
      expect(await names({ text__search: '"( +' })).toEqual([]);
    }));
});

describe("statements on both families", () => {
  it("are as many: of reads, writes, relations and bulk calls", async () => {
    const work: Readonly<Record<string, () => Promise<unknown>>> = {
      create: async () => Things.create({ name: "a" }),
      getOrCreate: async () => Things.getOrCreate({ name: "b" }, { a: 3 }),
      updateOrCreate: async () => Things.updateOrCreate({ name: "a" }, { a: 4 }),
      bulkCreate: async () => Things.bulkCreate(Array.from({ length: 60 }, (_, i) => new Item({ name: `n${i}` }))),
      save: async () => {
        const one = await Things.get({ name: "a" });
        one.b = 9;
        await one.save();
        await one.save();
      },
      bulkUpdate: async () => {
        const all = await Things.all();
        for (const one of all) one.a = 1;
        await Things.bulkUpdate(all, ["a"]);
      },
      parts: async () => {
        const top = await Things.get({ name: "a" });
        await Things.filter({ name__startswith: "n1" }).update({ parent: top });
      },
      prefetch: async () => Things.filter({ name: "a" }).prefetchRelated("parts"),
      selectRelated: async () => Things.filter({ parent__name: "a" }).selectRelated("parent"),
      count: async () => Things.filter(anyOf.or(anyOf({ a: 1 }), anyOf({ parts__a: 1 }))).count(),
      page: async () => Things.orderBy("name").page({ size: 5 }),
      delete: async () => Things.filter({ name__endswith: "9" }).delete(),
    };
    const counts: Record<string, number[]> = {};
    for (const orm of [onSqlite, onMysql])
      await orm.run(async () => {
        await Things.all().delete();
        for (const [name, call] of Object.entries(work))
          (counts[name] ??= []).push((await captureQueries(call)).stats.statements);
      });
    for (const [name, [lite, server]] of Object.entries(counts)) expect([name, server]).toEqual([name, lite]);
  });

  it("compile nothing the second time, also for a longer list", async () => {
    await onMysql.run(async () => {
      const ask = (n: number): Promise<unknown> =>
        Things.filter({ a__in: Array.from({ length: n }, (_, i) => i), name__startswith: `n${n}` }).run();
      await ask(5);
      const { planCache } = await import("terrapin");
      const { compiles } = planCache;
      for (const n of [5, 6, 7, 8]) await ask(n);
      expect(planCache.compiles).toBe(compiles);
    });
  });
});
