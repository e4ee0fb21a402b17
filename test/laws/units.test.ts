import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as terrapin from "../../core/index.js";
import { setDefaultContext } from "../../core/connection/context.js";
import { loose } from "../support/loose.js";
import { mysqlLaws, SQLITE } from "./drivers.js";
import { decimalText, runs } from "./world.js";

const { Count, Sum } = loose(terrapin);

describe.each([SQLITE[0]!, await mysqlLaws()])("values of different units on $name", ({ open, share }) => {
  const cents = fc.bigInt({ min: -99_999_999n, max: 99_999_999n });
  const rows = fc.array(
    fc.record({ price: fc.option(cents), rate: cents, stock: fc.integer({ min: -999, max: 999 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

  test("are summed, chosen and compared as the numbers that they are", async () => {
    const { fields, Model, Case, Coalesce, F, Value, When, context } = loose(terrapin);
    const decimal = (decimalPlaces: number, more: object = {}): unknown =>
      fields.decimal({ maxDigits: 12, decimalPlaces, ...more });
    class Thing extends Model.define({
      id: fields.int({ primaryKey: true }),
      price: decimal(2, { null: true }),
      rate: decimal(4),
      stock: fields.int(),
    }) {}
    const orm = await context({ connections: { default: open() }, models: { Thing } });
    setDefaultContext(orm);
    await orm.generateSchemas();
    const things = loose(Thing);
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        await things.all().delete();
        await things.bulkCreate(
          given.map(
            ({ price, rate, stock }) =>
              new things({ price: price === null ? null : decimalText(price, 2), rate: decimalText(rate, 4), stock }),
          ),
        );
        const total = (values: readonly (bigint | null)[]): bigint | null =>
          values.reduce((sum, value) => (value === null ? sum : (sum ?? 0n) + value), null);
        const text = (value: bigint | null, places: number): unknown =>
          value === null ? null : decimalText(value, places);
        const fourth = given.map(({ price, rate }) => (price === null ? rate : price * 100n));
        const chosen = given.map(({ price, rate, stock }) =>
          stock > 0 ? (price === null ? null : price * 100n) : stock < 0 ? rate : 70_000n,
        );
        expect(
          await things.aggregate({
            prices: Sum("price"),
            products: Sum(F("price").times(F("stock"))),
            first: Sum(Coalesce("price", "rate")),
            chosen: Sum(
              Case(When({ stock__gt: 0 }, F("price")), When({ stock__lt: 0 }, F("rate")), { otherwise: Value(7) }),
            ),
            over: Count("id", { filter: { price__gt: F("rate") } }),
          }),
        ).toEqual({
          prices: text(total(given.map(({ price }) => price)), 2),
          products: text(total(given.map(({ price, stock }) => (price === null ? null : price * BigInt(stock)))), 2),
          first: text(total(fourth), 4),
          chosen: text(total(chosen), 4),
          over: given.filter(({ price, rate }) => price !== null && price * 100n > rate).length,
        });
      }),
      runs(Math.ceil(200 * share)),
    );
    await orm.closeConnections();
  });
});
