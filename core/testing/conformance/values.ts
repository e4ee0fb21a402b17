import { FieldError, TerrapinError, ValidationError } from "../../base/errors.js";
import { JsonNull } from "../../fields/index.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { HOSTILE } from "./hostile.js";

/** A value as it is given, and as it is read; the same when there is only one. */
type There = readonly [given: unknown, read?: unknown];

/** Every way in and every way out. */
async function thereAndBack(t: Kit, field: string, pair: There): Promise<void> {
  const given = pair[0];
  const expected = pair.length === 1 ? given : pair[1];
  const { Sample } = t;
  const made = await Sample.create({ [field]: given });
  equal(made[field], expected, `${field} of a created object`);
  const read = await Sample.get({ id: made.id });
  equal(read[field], expected, `${field} of a row that was created`);
  equal(await t.statements(() => read.save()), [], `statements of a save without change of ${field}`);
  equal(await Sample.filter({ id: made.id }).valuesList(field, { flat: true }), [expected], `${field} in valuesList`);
  equal(await Sample.filter({ id: made.id }).values(field), [{ [field]: expected }], `${field} in values`);
  if (field !== "json")
    equal(await Sample.filter({ id: made.id, [field]: given }).exists(), true, `${field} found by its own value`);
  await Sample.filter({ id: made.id }).update({ [field]: null });
  await Sample.filter({ id: made.id }).update({ [field]: given });
  equal((await Sample.get({ id: made.id }))[field], expected, `${field} of a row that was updated`);
  read[field] = null;
  await read.save();
  read[field] = expected;
  await read.save();
  const [first, second] = await Sample.bulkCreate([new Sample({ [field]: given }), new Sample({ [field]: null })]);
  const found = await Sample.inBulk([made.id, first!.id, second!.id]);
  equal(
    [...found.values()].map((one) => one[field]),
    [expected, expected, null],
    `${field} after save and bulkCreate`,
  );
}

const round = (field: string, pairs: readonly There[]): ConformanceCase => ({
  name: `${field} goes there and back unchanged`,
  run: async (t) => {
    for (const pair of pairs) await thereAndBack(t, field, pair.map(t.text) as unknown as There);
  },
});

const refuses = (field: string, values: readonly unknown[]): ConformanceCase => ({
  name: `${field} refuses what it cannot hold, before any statement`,
  run: async (t) => {
    for (const value of values) {
      equal(
        await t.statements(() => fails(() => t.Sample.create({ [field]: value }), TerrapinError)),
        [],
        "statements",
      );
      await fails(() => t.Sample.filter({ id: 1 }).update({ [field]: value }), TerrapinError);
    }
    equal(await t.Sample.count(), 0);
  },
});

const TEXTS: readonly There[] = [
  ["x"],
  ["it's"],
  ["ß→😀👨‍👩‍👧‍👦é"],
  ["\u0000"],
  ["a\u0000b\u0000"],
  ["%_\\"],
  [" spaces "],
  ["line\r\nbreak\t"],
  ["null"],
  ["\ufeffbom"],
  ["\u{10ffff}\ud7ff\ue000"],
  ["0123"],
  ["1e5"],
  ["true"],
];

/** One long text of many scripts, about a megabyte. */
const megabyte = (): string => "0123456789 äöü 😀 \u0000'\"\\ ".repeat(40_000);

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7919) & 255);
}

/** A shape as MySQL stores it: a point (kind 1) or a line of points (kind 2). */
export function shape(srid: number, kind: number, ...numbers: readonly number[]): Uint8Array {
  const isLine = kind === 2;
  const view = new DataView(new ArrayBuffer((isLine ? 13 : 9) + numbers.length * 8));
  view.setUint32(0, srid, true);
  view.setUint8(4, 1);
  view.setUint32(5, kind, true);
  if (isLine) view.setUint32(9, numbers.length / 2, true);
  numbers.forEach((number, i) => view.setFloat64((isLine ? 13 : 9) + i * 8, number, true));
  return new Uint8Array(view.buffer);
}

const nested = (levels: number): unknown => (levels === 0 ? "bottom" : { [`level "${levels}"`]: [nested(levels - 1)] });

/** Values there and back, for every kind of field. */
export const values: readonly ConformanceCase[] = [
  round("smallInt", [[0], [-1], [32_767], [-32_768], [-0, 0]]),
  round("int", [[2_147_483_647], [-2_147_483_648], [-0, 0]]),
  round("bigInt", [[0], [2 ** 31], [-(2 ** 31) - 1], [Number.MAX_SAFE_INTEGER], [Number.MIN_SAFE_INTEGER], [5n, 5]]),
  round("big", [
    [0n],
    [-1n],
    [2n ** 53n],
    [2n ** 53n + 1n],
    [-(2n ** 53n) - 1n],
    [2n ** 63n - 1n],
    [-(2n ** 63n)],
    [7, 7n],
  ]),
  round("float", [
    [0],
    [-0, 0],
    [0.1],
    [-1.5],
    [1 / 3],
    [5],
    [1e21],
    [2 ** 53],
    [Number.MAX_VALUE],
    [-Number.MAX_VALUE],
    [Number.MIN_VALUE],
    [2.2250738585072014e-308],
    [1.7976931348623155e308],
    [123_456_789.123_456_78],
  ]),
  round("decimal", [
    ["0.00"],
    ["0.01"],
    ["-0.01"],
    ["9999999999999.99"],
    ["-9999999999999.99"],
    ["1.5", "1.50"],
    [2, "2.00"],
    [0.07, "0.07"],
    ["-0", "0.00"],
    ["1e3", "1000.00"],
    ["007.10", "7.10"],
    [1e-2, "0.01"],
  ]),
  round("wide", [
    ["0.000001"],
    ["-0.000001"],
    ["999999999999.999999"],
    ["-999999999999.999999"],
    ["9007199254.740993"],
    ["900719925474.099301"],
  ]),
  round("amount", [
    [0],
    [0.001],
    [-0.001],
    [999_999_999.999],
    [1.005],
    [0.1 + 0.2 - 5.551115123125783e-17],
    ["2.5", 2.5],
  ]),
  round("char", TEXTS.concat([["x".repeat(100)], ["😀".repeat(100)], [""]])),
  round("text", TEXTS.concat([[""], ["x".repeat(70_000)]])),
  round("boolean", [[true], [false]]),
  round("date", [
    ["0001-01-01"],
    ["9999-12-31"],
    ["2024-02-29"],
    ["1582-10-10"],
    [new Date("2026-03-04T23:59:59.999Z"), "2026-03-04"],
  ]),
  round("datetime", [
    [new Date(0)],
    [new Date(-1)],
    [new Date(-62_135_596_800_000)],
    [new Date(253_402_300_799_999)],
    [new Date("2024-02-29T12:00:00.001Z")],
    ["2026-01-31T12:00:00+02:00", new Date("2026-01-31T10:00:00Z")],
    ["2026-01-31 12:00:00", new Date("2026-01-31T12:00:00Z")],
  ]),
  round("micro", [
    ["2026-01-31T12:00:00.000001Z"],
    ["0001-01-01T00:00:00.000000Z"],
    ["9999-12-31T23:59:59.999999Z"],
    [new Date(1), "1970-01-01T00:00:00.001000Z"],
    ["2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000000Z"],
  ]),
  round("time", [
    ["00:00:00"],
    ["23:59:59"],
    ["23:59:59.999999"],
    ["00:00:00.000001"],
    ["12:30", "12:30:00"],
    ["12:30:00.5", "12:30:00.500000"],
  ]),
  round("delta", [[0], [1], [-1], [86_400_000_000], [Number.MAX_SAFE_INTEGER], [Number.MIN_SAFE_INTEGER]]),
  round("uuid", [
    ["00000000-0000-0000-0000-000000000000"],
    ["123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"],
    ["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-426614174000"],
  ]),
  round("json", [
    [{}],
    [[]],
    [""],
    ["text"],
    [0],
    [-1.5],
    [true],
    [false],
    [JsonNull],
    [{ a: null, "": [[], {}], "ключ 😀": "\u0000'\"\\%" }],
    [[1e300, 5e-324, 2 ** 53, -0.1]],
    [{ a: JsonNull }, { a: null }],
    [nested(10)],
    [{ __proto_: 1, constructor: "c", toString: [1] }],
    [Array.from({ length: 2000 }, (_, i) => i)],
  ]),
  { ...round("json", [[nested(50)]]), name: "json may be deep", needs: ["deepJson"] },
  round("binary", [
    [new Uint8Array(0)],
    [new Uint8Array([0])],
    [bytes(256)],
    [new Uint8Array([255, 254, 0, 39, 34, 92])],
    [bytes(3).buffer, bytes(3)],
  ]),
  round("geometry", [[shape(0, 1, 1.5, -2)], [shape(4326, 1, 5e-324, 90)], [shape(0, 2, 0, 0, 1, 0.1)]]),
  round("intEnum", [[1], [2], [30]]),
  round("charEnum", [["draft"], ["über"]]),
  refuses("smallInt", [32_768, -32_769, 1.5, "1", true, 5n, Number.NaN, {}]),
  refuses("int", [2_147_483_648, -2_147_483_649, 0.1, Infinity, "1", [], new Date()]),
  refuses("bigInt", [2 ** 53, -(2 ** 53), 2n ** 53n, 1.5, "5"]),
  refuses("big", [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 0.5, "5"]),
  refuses("float", [Number.NaN, Infinity, -Infinity, "1.5", 1n]),
  refuses("decimal", ["0.001", "10000000000000.00", "abc", "", "1,5", Number.NaN, Infinity, true, 0.1 + 0.2, "0x10"]),
  refuses("wide", ["0.0000001", "1000000000000", "1e18"]),
  refuses("char", ["x".repeat(101), "😀".repeat(101), 5, true, "\ud800", "a\udc00", {}, []]),
  refuses("text", ["\ud83d", 1, [], {}]),
  refuses("boolean", [0, 1, "true", "t", []]),
  refuses("date", [
    "2023-02-29",
    "0000-01-01",
    "10000-01-01",
    "2024-1-1",
    "01.02.2024",
    "",
    new Date(Number.NaN),
    5,
    "2024-02-30",
  ]),
  refuses("datetime", [
    "",
    "yesterday",
    new Date(Number.NaN),
    new Date(8.64e15),
    new Date(-62_135_596_800_001),
    "2026-02-30T00:00:00Z",
    5,
    "2026-01-31T12:00:00.0001Z",
  ]),
  refuses("micro", ["2026-01-31T12:00:00.0000001Z", "2026-13-01T00:00:00Z", 1]),
  refuses("time", ["24:00:00", "12:60:00", "12", "", 5, new Date(), "12:00:00.0000001"]),
  refuses("delta", [0.5, 2 ** 53, "1", 1n]),
  refuses("uuid", ["", "123", "g23e4567-e89b-12d3-a456-426614174000", 5]),
  refuses("json", [
    undefined,
    { a: undefined },
    { a: () => 1 },
    Number.NaN,
    [Infinity],
    { a: 1n },
    new Date(),
    new Map(),
    { a: "\ud800" },
    Symbol("x"),
  ]),
  refuses("binary", ["bytes", [1, 2], 5, {}]),
  refuses("geometry", [
    "POINT(1 2)",
    new Uint8Array(0),
    bytes(25),
    shape(0, 1, 1, 2).slice(4),
    shape(0, 8, 1, 2),
    shape(0, 1).slice(0, 12),
  ]),
  refuses("intEnum", [3, "1", 1.5, -1]),
  refuses("charEnum", ["closed", "Draft", "", 1]),
  {
    name: "a megabyte of text, bytes and JSON",
    run: async (t) => {
      const text = t.text(megabyte());
      const made = await t.Sample.create({ text });
      const read = await t.Sample.get({ text });
      ok(read.text === text && read.id === made.id, "the long text came back changed");
      // A row of its own each: platforms bound the row too.
      const { id } = await t.Sample.create({ json: [{ text }] });
      equal((await t.Sample.get({ id })).json, [{ text }]);
      await t.Sample.bulkCreate([new t.Sample({ text }), new t.Sample({ binary: bytes(1_000_003) })]);
      equal((await t.Sample.get({ binary: bytes(1_000_003) })).binary, bytes(1_000_003));
      equal(await t.Sample.filter({ text__endswith: text }).count(), 2);
      await t.Sample.create({ binary: bytes(100_003) });
      equal(await t.Sample.filter({ binary__in: [bytes(100_003), bytes(1)] }).count(), 1);
    },
  },
  {
    name: "what is given is copied, and what is read belongs to the reader",
    run: async (t) => {
      const json = { list: [1] };
      const binary = new Uint8Array([1, 2]);
      const datetime = new Date(5);
      const later = t.Sample.create({ json, binary, datetime });
      const made = await later;
      json.list.push(2);
      binary[0] = 9;
      datetime.setTime(6);
      equal([made.json, made.binary, made.datetime], [{ list: [1] }, new Uint8Array([1, 2]), new Date(5)]);
      const [one, other] = [await t.Sample.get({ id: made.id }), await t.Sample.get({ id: made.id })];
      (one.json as { list: number[] }).list.push(3);
      (one.binary as Uint8Array)[0] = 7;
      equal([other.json, other.binary], [{ list: [1] }, new Uint8Array([1, 2])]);
    },
  },
  {
    name: "hostile texts are only texts, wherever a value goes",
    run: async (t) => {
      const hostile = HOSTILE.map(t.text);
      for (const [i, text] of hostile.entries()) {
        await thereAndBack(t, "text", [text]);
        const one = await t.Person.create({ name: text, note: text, extra: { [text]: text } });
        equal(await t.Person.filter({ name: text }).valuesList("note", "extra"), [[text, { [text]: text }]]);
        for (const lookup of [
          "exact",
          "iexact",
          "contains",
          "icontains",
          "startswith",
          "istartswith",
          "endswith",
          "iendswith",
        ]) {
          ok(
            await t.Person.filter({ id: one.id }).exists({ [`name__${lookup}`]: text }),
            `${lookup} does not find what is there: ${JSON.stringify(text)}`,
          );
        }
        equal(await t.Person.filter({ name__in: [text, "other"] }).count(), 1);
        equal(await t.Person.exclude({ name__in: [text] }).count(), i);
        equal(await t.Person.filter({ name__gte: text, name__lte: text }).count(), 1);
        await t.Tag.create({ code: text, label: text });
        equal((await t.Tag.get({ pk: text })).label, text);
        equal((await t.Person.inBulk([text], "name")).get(text)!.id, one.id);
      }
      equal(await t.Person.count(), HOSTILE.length);
      equal(await t.Tag.count(), HOSTILE.length);
      equal(await t.Tag.filter({ code__in: hostile }).delete(), HOSTILE.length);
    },
  },
  {
    name: "undefined is never a value",
    run: async (t) => {
      const one = await t.Person.create({ name: "a" });
      for (const call of [
        () => t.Person.filter({ name: undefined }),
        () => t.Person.exclude({ age: undefined }),
        () => t.Person.create({ name: "b", age: undefined }),
        () => t.Person.all().update({ age: undefined }),
        () => t.Person.getOrCreate({ name: "c" }, { age: undefined }),
        () => t.Person.get({ id: undefined }),
        () => t.Person.filter({ id: 1 }).exists({ name: undefined }),
        () => new t.Person({ name: undefined }),
      ])
        await fails(call, TerrapinError, { code: "undefined" });
      equal(await t.Person.valuesList("id", "age"), [[one.id, null]]);
    },
  },
  {
    name: "what is missing or null is refused before any statement",
    run: async (t) => {
      equal(
        await t.statements(async () => {
          await fails(() => t.Person.create({}), ValidationError, { message: /name/ });
          await fails(() => t.Person.create({ name: null }), ValidationError, { message: /name/ });
          await fails(() => t.Person.create({ name: "a", score: null }), ValidationError, { message: /score/ });
          await fails(() => t.Person.create({ name: "a", nope: 1 }), FieldError, {
            code: "unknown_field",
            hint: /name/,
          });
        }),
        [],
      );
    },
  },
];
