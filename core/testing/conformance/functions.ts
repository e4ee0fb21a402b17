import { FieldError, ParamsError } from "../../base/errors.js";
import * as typedFields from "../../model/kinds.js";
import * as aggregates from "../../computed/functions/aggregate.js";
import * as casts from "../../computed/functions/cast.js";
import * as documents from "../../computed/functions/json.js";
import * as math from "../../computed/functions/math.js";
import * as times from "../../computed/functions/time.js";
import * as constants from "../../computed/functions/value.js";
import { equal, fails } from "./assert.js";
import type { ConformanceCase } from "./case.js";
import { ask, type Ask } from "./expressions.js";

type Make = (...given: unknown[]) => Ask;

const made = { ...aggregates, ...casts, ...documents, ...math, ...times, ...constants };
const { Cast, Ceil, Count, Extract, Floor, JsonLength, JsonValue, Now, Round, Sum, Trunc, Value } =
  made as unknown as Record<string, Make>;
const fields = typedFields as unknown as Readonly<Record<string, (options?: object) => object>>;
const flat = { flat: true };

/** Functions that databases spell differently. */
export const functions: readonly ConformanceCase[] = [
  {
    name: "numbers are rounded, up, down and half away from zero, on every kind",
    run: async (t) => {
      for (const [decimal, float, int] of [
        ["1.45", 1.5, 3],
        ["-1.45", -1.5, -3],
        ["2.00", 2, 0],
        ["-0.05", -0.2, 1],
        [null, null, null],
      ])
        await t.Sample.create({ decimal, float, int });
      const rows = ask(t.Sample).orderBy!("id").annotate!({
        a: Round!("decimal", 1),
        b: Round!("decimal"),
        c: Floor!("decimal"),
        d: Ceil!("decimal"),
        e: Floor!("float"),
        f: Ceil!("float"),
        g: Floor!("int"),
        h: Round!("float"),
      });
      equal(await rows.valuesList!("a", "b", "c", "d", "e", "f", "g"), [
        ["1.5", "1", 1, 2, 1, 2, 3],
        ["-1.5", "-1", -2, -1, -2, -1, -3],
        ["2.0", "2", 2, 2, 2, 2, 0],
        ["-0.1", "0", -1, 0, -1, 0, 1],
        [null, null, null, null, null, null, null],
      ]);
      equal(await rows.filter!({ c__lt: 0 }).count!(), 2);
      equal(await rows.filter!({ h: 2 }).count!(), 2);
      equal(await ask(t.Sample).aggregate!({ sum: Sum!(Floor!("decimal")) }), { sum: 0 });
      await fails(() => ask(t.Sample).annotate!({ x: Floor!("text") }), FieldError, { code: "not_a_number" });
      await fails(async () => Round!("decimal", -1), ParamsError);
    },
  },
  {
    name: "values become those of another kind",
    run: async (t) => {
      for (const [text, float, decimal, int] of [
        ["12", 1.5, "2.50", 7],
        ["-3.7x", -2.4, "-0.49", -7],
        ["x", 0, "0.00", 0],
        [null, null, null, null],
      ])
        await t.Sample.create({ text, float, decimal, int });
      equal(
        await ask(t.Sample).orderBy!("id").annotate!({
          a: Cast!("text", fields["int"]!()),
          b: Cast!("float", fields["int"]!()),
          c: Cast!("decimal", fields["int"]!()),
          d: Cast!("int", fields["decimal"]!({ maxDigits: 6, decimalPlaces: 2 })),
          e: Cast!("int", fields["text"]!()),
          f: Cast!("decimal", fields["float"]!()),
        }).valuesList!("a", "b", "c", "d", "e", "f"),
        [
          [12, 2, 3, "7.00", "7", 2.5],
          [-3, -2, 0, "-7.00", "-7", -0.49],
          [0, 0, 0, "0.00", "0", 0],
          [null, null, null, null, null, null],
        ],
      );
      equal(
        await ask(t.Sample).annotate!({ n: Cast!("text", fields["bigInt"]!()) }).filter!({ n__gt: 5 }).valuesList!(
          "text",
          flat,
        ),
        ["12"],
      );
      await fails(() => ask(t.Sample).annotate!({ x: Cast!("date", fields["text"]!()) }), FieldError, {
        code: "bad_value",
      });
      await fails(async () => Cast!("text", "int"), ParamsError);
    },
  },
  {
    name: "parts of dates and times as numbers, and the first day of their spans",
    run: async (t) => {
      await t.Sample.create({
        date: "2024-02-29",
        datetime: new Date(Date.UTC(2024, 11, 31, 23, 59, 58, 120)),
        time: "07:08:09",
      });
      await t.Sample.create({ date: "2023-01-01", datetime: new Date(Date.UTC(2024, 9, 1)), time: "23:00:00" });
      await t.Sample.create({});
      const parts = (of: string, names: readonly string[]): PromiseLike<unknown> =>
        ask(t.Sample).orderBy!("id").annotate!(
          Object.fromEntries(names.map((name) => [`${name}_of`, Extract!(of, name)])),
        ).valuesList!(...names.map((name) => `${name}_of`));
      equal(await parts("date", ["year", "quarter", "month", "week", "day"]), [
        [2024, 1, 2, 9, 29],
        [2023, 1, 1, 52, 1],
        [null, null, null, null, null],
      ]);
      equal(await parts("datetime", ["year", "month", "day", "hour", "minute", "second", "microsecond"]), [
        [2024, 12, 31, 23, 59, 58, 120000],
        [2024, 10, 1, 0, 0, 0, 0],
        [null, null, null, null, null, null, null],
      ]);
      equal(
        await ask(t.Sample).annotate!({ n: (Extract!("date", "week") as Ask).times!(2) }).filter!({
          date: "2024-02-29",
        }).valuesList!("n", flat),
        [18],
      );
      equal(await parts("time", ["hour", "minute", "second"]), [
        [7, 8, 9],
        [23, 0, 0],
        [null, null, null],
      ]);
      const spans = ["year", "quarter", "month", "week", "day"];
      for (const [of, first, second] of [
        [
          "date",
          ["2024-01-01", "2024-01-01", "2024-02-01", "2024-02-26", "2024-02-29"],
          ["2023-01-01", "2023-01-01", "2023-01-01", "2022-12-26", "2023-01-01"],
        ],
        [
          "datetime",
          ["2024-01-01", "2024-10-01", "2024-12-01", "2024-12-30", "2024-12-31"],
          ["2024-01-01", "2024-10-01", "2024-10-01", "2024-09-30", "2024-10-01"],
        ],
      ] as const) {
        const rows = ask(t.Sample).orderBy!("id").annotate!(
          Object.fromEntries(spans.map((name) => [name, Trunc!(of, name)])),
        );
        equal(await rows.valuesList!(...spans), [first, second, spans.map(() => null)]);
        equal(await rows.filter!({ month: first[2] }).count!(), 1);
      }
      equal(
        await ask(t.Sample).annotate!({ quarter: Trunc!("datetime", "quarter") }).filter!({ datetime__isnull: false })
          .groupBy!("quarter").annotate!({ n: Count!("id") }).values!(),
        [{ quarter: "2024-10-01", n: 2 }],
      );
      await fails(() => ask(t.Sample).annotate!({ x: Extract!("date", "hour") }), FieldError, { code: "bad_value" });
      await fails(() => ask(t.Sample).annotate!({ x: Trunc!("time", "day") }), FieldError, { code: "bad_value" });
      await fails(async () => Extract!("date", "century"), ParamsError);
    },
  },
  {
    name: "the database's clock",
    run: async (t) => {
      await t.Sample.create({ datetime: new Date(Date.now() - 86_400_000) });
      await t.Sample.create({ datetime: new Date(Date.now() + 86_400_000) });
      equal(await ask(t.Sample).filter!({ datetime__lt: Now!() }).count!(), 1);
      const [now] = (await ask(t.Sample).annotate!({ now: Now!() }).valuesList!("now", flat)) as [Date];
      equal(Math.abs(now.getTime() - Date.now()) < 60_000, true);
      equal(await ask(t.Sample).filter!({ datetime__gt: Now!() }).update!({ datetime: Now!() }), 1);
      equal(await ask(t.Sample).filter!({ datetime__lte: Now!() }).count!(), 2);
    },
  },
  {
    name: "what stands in documents",
    run: async (t) => {
      for (const json of [
        { size: { cm: 12.5, 'a"b': "q" }, tags: ["x", "y"], n: 3 },
        { size: { cm: "12" }, tags: [] },
        [1, 2, 3],
        null,
      ])
        await t.Sample.create({ json });
      const rows = ask(t.Sample).orderBy!("id").annotate!({
        cm: JsonValue!("json", "size__cm", fields["float"]!()),
        said: JsonValue!("json", "size__cm", fields["text"]!()),
        tag: JsonValue!("json", "tags__1", fields["text"]!()),
        quoted: JsonValue!("json", 'size__a"b', fields["text"]!()),
        second: JsonValue!("json", "1", fields["int"]!()),
        long: JsonLength!("json"),
      });
      equal(await rows.valuesList!("cm", "said", "tag", "quoted", "second", "long"), [
        [12.5, null, "y", "q", null, 3],
        [null, "12", null, null, null, 2],
        [null, null, null, null, 2, 3],
        [null, null, null, null, null, null],
      ]);
      equal(await rows.filter!({ cm__gt: 12 }).count!(), 1);
      equal(
        await rows.groupBy!("long").annotate!({ n: Count!("id") }).orderBy!("long").filter!({ long__gte: 3 })
          .valuesList!("n", flat),
        [2],
      );
      await fails(() => ask(t.Sample).annotate!({ x: JsonValue!("text", "a", fields["text"]!()) }), FieldError, {
        code: "bad_value",
      });
      await fails(async () => JsonValue!("json", "a____b", fields["text"]!()), ParamsError);
      await fails(async () => JsonValue!("json", "a", fields["json"]!()), ParamsError);
      equal(await ask(t.Sample).annotate!({ one: Round!(Value!(1)) }).first!().valuesList!("one", flat), 1);
    },
  },
];
