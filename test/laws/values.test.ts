import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../core/testing/conformance/models.js";
import { F } from "./loose.js";
import { COLUMNS, decimalText, openWorld, rowSets, runs, scaled, type World } from "./world.js";
import { mysqlLaws, SQLITE } from "./drivers.js";

let world: World;
let Thing: Table;

describe.each([SQLITE[0]!, await mysqlLaws()])("$name", (law) => {
  beforeAll(async () => {
    world = await openWorld(law);
    ({ Thing } = world);
  });
  afterAll(() => world.close());

  describe("a value of any kind", () => {
    test("comes back as it was given, by every way in and out", async () => {
      await fc.assert(
        fc.asyncProperty(rowSets(4), async (rows) => {
          await world.fill([]);
          await Thing.bulkCreate(rows.map((values) => new Thing(values)));
          const created = rows.map((values) => ({ ...values, id: values.id + 100, mark: 0 }));
          for (const values of created) expect({ ...(await Thing.create(values)) }).toEqual(values);
          const names = ["id", ...COLUMNS.map(({ name }) => name)];
          expect((await Thing.filter({ id__lt: 100 }).orderBy("id")).map((one) => ({ ...one }))).toEqual(
            rows.map((values) => ({ ...values, mark: 0 })),
          );
          expect(await Thing.filter({ id__gt: 100 }).orderBy("id").values()).toEqual(created);
          expect(
            await Thing.filter({ id__lt: 100 })
              .orderBy("id")
              .valuesList(...names),
          ).toEqual(rows.map((values) => names.map((name) => values[name])));
        }),
        runs(250),
      );
    });

    test("is the same after update, save and refresh", async () => {
      await fc.assert(
        fc.asyncProperty(
          rowSets(2).filter((rows) => rows.length === 2),
          async ([first, second]) => {
            await world.fill([first!]);
            const { id: _, ...values } = second!;
            const one = await Thing.get({ id: 1 });
            Object.assign(one, structuredClone(values));
            await one.save();
            expect({ ...(await Thing.get({ id: 1 })) }).toEqual({ ...values, id: 1, mark: 0 });
            const { id: _id, ...before } = first!;
            expect(await Thing.filter({ id: 1 }).update(before)).toBe(1);
            await one.refreshFromDb();
            expect({ ...one }).toEqual({ ...first!, mark: 0 });
          },
        ),
        runs(250),
      );
    });
  });

  const units = fc.bigInt({ min: -99_999n, max: 99_999n });
  const step = fc.tuple(
    fc.constantFrom("plus" as const, "minus" as const, "times" as const),
    fc.oneof(
      fc.constantFrom("int", "decimal", "wide"),
      units.map((value) => decimalText(value, 1)),
      fc.integer({ min: -20, max: 20 }),
    ),
  );

  /** A number as units and places. */
  type Exact = readonly [units: bigint, places: number];

  const lift = ([value, places]: Exact, wanted: number): bigint => value * 10n ** BigInt(wanted - places);

  function apply(op: "plus" | "minus" | "times", left: Exact, right: Exact): Exact {
    if (op === "times") return [left[0] * right[0], left[1] + right[1]];
    const places = Math.max(left[1], right[1]);
    return [
      op === "plus" ? lift(left, places) + lift(right, places) : lift(left, places) - lift(right, places),
      places,
    ];
  }

  /** Half away from zero. */
  function rounded([value, places]: Exact, wanted: number): bigint {
    if (places <= wanted) return lift([value, places], wanted);
    const unit = 10n ** BigInt(places - wanted);
    const half = (value < 0n ? -value : value) + unit / 2n;
    return (value < 0n ? -1n : 1n) * (half / unit);
  }

  describe("arithmetic of exact numbers", () => {
    test("gives in the database what integers give, compared and assigned", async () => {
      await fc.assert(
        fc.asyncProperty(
          rowSets(1).filter((rows) => rows.length === 1),
          fc.tuple(fc.integer({ min: -999, max: 999 }), units, units),
          fc.array(step, { minLength: 1, maxLength: 2 }),
          async ([row], [int, decimal, wide], steps) => {
            const values = { ...row!, int, decimal: decimalText(decimal, 2), wide: decimalText(wide, 6) };
            const exact = new Map<unknown, Exact>([
              ["int", [BigInt(int), 0]],
              ["decimal", [decimal, 2]],
              ["wide", [wide, 6]],
            ]);
            await world.fill([values]);
            let expression = F("decimal");
            let expected = exact.get("decimal")!;
            for (const [op, other] of steps) {
              expression = expression[op](exact.has(other) ? F(other as string) : other);
              expected = apply(
                op,
                expected,
                exact.get(other) ?? (typeof other === "number" ? [BigInt(other), 0] : [scaled(other), 1]),
              );
            }
            const [asked] = (await Thing.all().values("wide")) as unknown as { wide: string }[];
            const order = lift(expected, 20) - lift([scaled(asked!.wide), 6], 20);
            for (const [lookup, holds] of [
              ["gt", order < 0n],
              ["lte", order >= 0n],
              ["not", order !== 0n],
            ] as const)
              expect(await Thing.filter({ [`wide__${lookup}`]: expression }).exists()).toBe(holds);
            await Thing.all().update({ wide: expression, decimalNull: expression, bigNull: expression });
            expect(await Thing.all().valuesList("wide", "decimalNull", "bigNull")).toEqual([
              [decimalText(rounded(expected, 6), 6), decimalText(rounded(expected, 2), 2), rounded(expected, 0)],
            ]);
          },
        ),
        runs(1000),
      );
    });
  });
});
