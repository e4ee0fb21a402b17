import { fields, inTransaction, JsonNull, Length, Model, RowNumber, Terrapin, Window } from "terrapin";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { anew } from "../../support/anew.js";
import { loose } from "../../support/loose.js";

class Shop extends Model.define({
  id: fields.int({ primaryKey: true }),
  name: fields.text({ null: true }),
}) {}

class Sale extends Model.define({
  id: fields.bigInt({ primaryKey: true, mode: "bigint" }),
  name: fields.text(),
  rank: fields.int({ null: true }),
  price: fields.decimal({ maxDigits: 18, decimalPlaces: 2 }),
  weight: fields.float({ null: true }),
  at: fields.datetime({ null: true }),
  code: fields.char({ maxLength: 40, unique: true }),
  shop: fields.foreignKey<Shop>("Shop", { null: true, relatedName: "sales" }),
  note: fields.json({ null: true }),
}) {}

const models = { Shop, Sale };
const orm = await Terrapin.context({ connections: { default: await anew() }, models });
await orm.run(() => orm.generateSchemas());
afterAll(() => orm.closeConnections());

interface Page {
  rows: unknown[];
  next: string | null;
}
/** Typed as it runs: queries of any shape. */
const sales = (): any => loose(Sale).all();

const row = fc.record({
  name: fc.constantFrom("", "a", "A", "é", "😀", "b?"),
  rank: fc.constantFrom(null, -1, 0, 1),
  price: fc.constantFrom("0", "-1.25", "9007199254740993.01", "9007199254740993.02"),
  weight: fc.constantFrom(null, 0.1, 1e300, -2.5),
  at: fc.constantFrom(null, new Date(0), new Date("2026-11-21T08:00:00.001Z")),
  shopId: fc.constantFrom(null, 1, 2, 3),
});
const ORDERS = ["name", "rank", "price", "weight", "at", "shop__name", "shopId", "code", "pk", "id", "size"];
const order = fc
  .uniqueArray(fc.constantFrom(...ORDERS), { maxLength: 3 })
  .chain((names) => fc.tuple(...names.map((name) => fc.boolean().map((down) => (down ? `-${name}` : name)))));

async function fill(rows: readonly object[]): Promise<void> {
  await Sale.all().delete();
  await Shop.all().delete();
  await Shop.bulkCreate([1, 2, 3].map((id) => new Shop({ id, name: id === 3 ? null : `s${id % 2}` })));
  await loose(Sale).bulkCreate(
    rows.map((each, i) => new Sale({ ...each, id: 2n ** 60n + BigInt(i), code: `c${i}` } as never)),
  );
}

/** All pages, one after the other. */
async function pages(query: any, size: number): Promise<unknown[][]> {
  const found: unknown[][] = [];
  let after: string | null = null;
  do {
    const page: Page = await query.page({ size, after });
    found.push(page.rows);
    after = page.next;
  } while (after !== null);
  return found;
}

describe("page", () => {
  it("after page gives every row once, in the order of the query, whatever the order", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 12 }),
        order,
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("objects", "values", "tuples", "flat"),
        async (rows, names, reversed, size, output) =>
          orm.run(async () => {
            await fill(rows);
            let query = sales()
              .annotate({ size: Length("name") })
              .orderBy(...names);
            if (reversed) query = query.reverse();
            if (output === "values") query = query.values("name", "shop__name");
            if (output === "tuples") query = query.valuesList("code", "price");
            if (output === "flat") query = query.valuesList("code", { flat: true });
            // The whole order needs the key too, which a limit brings.
            const all = await query.limit(1000);
            const found = await pages(query, size);
            expect(found.flat()).toEqual(all);
            expect(found.slice(0, -1).every((page) => page.length === size)).toBe(true);
            expect(found.length).toBe(Math.max(1, Math.ceil(rows.length / size)));
          }),
      ),
      { numRuns: 200 },
    ));

  it("says once more what an index can serve, and tells NULL apart in words of its own", async () => {
    const driver = mock({ dialect: sqliteDialect });
    const own = await Terrapin.context({ connections: { default: driver }, models });
    const sent = async (names: string[], last: unknown[]): Promise<string> => {
      driver.clear();
      driver.answer(/FROM/, ({ params }) => ({
        rows:
          params.length < 2
            ? [
                ["a", ...last],
                ["b", ...last],
              ]
            : [],
      }));
      await own.run(async () => {
        const query = sales()
          .orderBy(...names)
          .valuesList("name", { flat: true });
        await query.page({ size: 1, after: (await query.page({ size: 1 })).next });
      });
      const { sql } = driver.statements.at(-1)!;
      return sql.slice(sql.indexOf("WHERE"));
    };
    expect(await sent(["name"], ["a", "7"])).toBe(
      'WHERE "name" >= ? AND ("name" > ? OR "name" = ? AND "id" > ?) ORDER BY "name", "id" LIMIT 2',
    );
    expect(await sent(["-code"], ["a"])).toBe('WHERE "code" < ? ORDER BY "code" DESC LIMIT 2');
    expect(await sent(["-rank"], [3, "7"])).toBe(
      'WHERE ("rank" < ? OR "rank" IS NULL OR "rank" = ? AND "id" < ?) ORDER BY "rank" DESC, "id" DESC LIMIT 2',
    );
    expect(await sent(["rank"], [null, "7"])).toBe(
      'WHERE ("rank" IS NOT NULL OR "rank" IS NULL AND "id" > ?) ORDER BY "rank", "id" LIMIT 2',
    );
    expect(await sent(["-rank"], [null, "7"])).toBe(
      'WHERE "rank" IS NULL AND "id" < ? ORDER BY "rank" DESC, "id" DESC LIMIT 2',
    );
    expect(driver.statements.at(-1)!.params).toEqual([7n]);
  });

  it("is lost by no row that comes, goes or moves before it", () =>
    orm.run(async () => {
      await fill(Array.from({ length: 6 }, (_, i) => ({ name: `n${i}`, price: "0" })));
      const query = sales().orderBy("name").valuesList("name", { flat: true });
      const { next } = await query.page({ size: 2 });
      await Sale.filter({ name__in: ["n0", "n1"] }).delete();
      await loose(Sale).create({ id: 1n, name: "m", price: "0", code: "x" });
      expect((await query.page({ size: 2, after: next })).rows).toEqual(["n2", "n3"]);
    }));

  it("keeps the filter, and loads what is asked for", () =>
    orm.run(async () => {
      await fill([1, 2, 1, null, 1].map((shopId) => ({ name: "n", price: "0", shopId, note: JsonNull })));
      const query = sales().filter({ shopId: 1 }).selectRelated("shop").prefetchRelated("shop__sales");
      const first: Page = await query.page({ size: 2 });
      const { rows, next }: Page = await query.page({ size: 2, after: first.next });
      expect([first.rows.length, rows.length, next]).toEqual([2, 1, null]);
      const [sale] = rows as [Sale];
      expect((sale as any).shop.sales.length).toBe(3);
      expect(await sale.save()).toBeUndefined();
      sale.name = "other";
      await sale.save();
      expect(await Sale.filter({ name: "other" }).count()).toBe(1);
    }));

  it("of nothing is empty", () =>
    orm.run(async () => {
      await fill([]);
      expect(await sales().page({ size: 3 })).toEqual({ rows: [], next: null });
      expect(await sales().none().page({ size: 3 })).toEqual({ rows: [], next: null });
    }));

  it("refuses cursors of another order, another model, and what is none", () =>
    orm.run(async () => {
      await fill(["a", "b", "c"].map((name) => ({ name, price: "0" })));
      const { next }: Page = await sales().orderBy("name").page({ size: 1 });
      const after = next!;
      expect(after).toMatch(/^[\w-]+$/);
      for (const other of [
        sales(),
        sales().orderBy("-name"),
        sales().orderBy("name", "code"),
        loose(Shop).all().orderBy("name"),
      ])
        await expect(other.page({ size: 1, after }).run()).rejects.toMatchObject({
          name: "ParamsError",
          code: "cursor_order",
        });
      expect(
        await sales()
          .orderBy("-name")
          .reverse()
          .page({ size: 1, after })
          .then(
            () => "ok",
            (error: { code: string }) => error.code,
          ),
      ).toBe("cursor_order");
      for (const wrong of ["", "x", "!!", btoa("{}"), btoa("[]"), `${after.slice(0, -8)}`, "é"])
        await expect(sales().orderBy("name").page({ size: 1, after: wrong }).run()).rejects.toMatchObject({
          code: "bad_cursor",
        });
      const [order] = JSON.parse(atob(after.replaceAll("-", "+").replaceAll("_", "/"))) as [string];
      for (const values of [["a"], ["a", 1, 2], ["a", {}], ["a", [1]], ["a", "x"], ["a", { n: "x" }], [true, "1"]])
        await expect(
          sales()
            .orderBy("name")
            .page({ size: 1, after: btoa(JSON.stringify([order, ...values])) })
            .run(),
        ).rejects.toMatchObject({ code: "bad_cursor" });
    }));

  it.each([
    [(): unknown => sales().page({}), "params"],
    [(): unknown => sales().page(), "params"],
    [(): unknown => sales().page({ size: 0 }), "params"],
    [(): unknown => sales().page({ size: 1.5 }), "params"],
    [(): unknown => sales().page({ size: 1, after: 5 }), "params"],
    [(): unknown => sales().page({ size: 1, page: 2 }), "params"],
    [(): unknown => sales().limit(3).page({ size: 1 }), "sliced"],
    [(): unknown => sales().groupBy("name").values("name").page({ size: 1 }), "grouped"],
    [(): unknown => sales().distinct().values("name").page({ size: 1 }), "page_order"],
  ])("refuses at the call %s", (call, code) => {
    expect(call).toThrow(expect.objectContaining({ name: "ParamsError", code }));
  });

  it("refuses orders that cannot tell where a page ended", () =>
    orm.run(async () => {
      await expect(loose(Shop).all().orderBy("sales__name").page({ size: 1 }).run()).rejects.toMatchObject({
        code: "page_order",
      });
      const numbered = sales()
        .annotate({ n: Window(RowNumber(), { orderBy: ["name"] } as never) })
        .orderBy("n");
      await expect(numbered.page({ size: 1 }).run()).rejects.toMatchObject({
        name: "UnsupportedError",
        code: "page_order",
      });
      await expect(sales().orderBy("nope").page({ size: 1 }).run()).rejects.toMatchObject({ code: "unknown_field" });
    }));

  it("has one plan for all pages of an order but the first", () =>
    orm.run(async () => {
      const { planCache } = await import("terrapin");
      await fill(Array.from({ length: 9 }, (_, i) => ({ name: `n${i}`, price: "0" })));
      await pages(sales().orderBy("price", "-name"), 4);
      const { compiles } = planCache;
      await pages(sales().orderBy("price", "-name"), 3);
      expect(planCache.compiles).toBe(compiles);
    }));
});

describe("async iteration over values", () => {
  it("in the order of the key goes on after the last one, though it is not shown", async () => {
    const driver = mock({ dialect: sqliteDialect });
    const own = await Terrapin.context({ connections: { default: driver }, models });
    driver.answer(/FROM "shop"/, ({ params }) => {
      const from = params.length === 1 ? 1 : (params[0] as number) + 1;
      return { rows: Array.from({ length: from > 1000 ? 7 : 1001 }, (_, i) => [`n${from + i}`, from + i]) };
    });
    const found = await own.run(async () => {
      const rows: unknown[] = [];
      for await (const each of Shop.all().values("name")) rows.push(each);
      return rows;
    });
    expect(found.length).toBe(1007);
    expect(found[1006]).toEqual({ name: "n1007" });
    expect(driver.statements.map(({ sql, params }) => [sql, params])).toEqual([
      ['SELECT "name", "id" FROM "shop" ORDER BY "id" LIMIT ? + 0', [1001]],
      ['SELECT "name", "id" FROM "shop" WHERE "id" > ? ORDER BY "id" LIMIT ? + 0', [1000, 1001]],
    ]);
  });

  it("may write between two rows", () =>
    orm.run(async () => {
      await fill(["a", "b", "c"].map((name) => ({ name, price: "0" })));
      const seen: unknown[] = [];
      await inTransaction(async () => {
        for await (const [id, name] of sales().reverse().valuesList("id", "name")) {
          seen.push(name);
          await Sale.filter({ id }).update({ rank: seen.length });
        }
      });
      expect(seen).toEqual(["c", "b", "a"]);
      expect(await Sale.filter({ rank__isnull: false }).count()).toBe(3);
    }));
});
