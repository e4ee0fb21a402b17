import { fields, Model } from "terrapin";
import { describe, expect, it } from "vitest";
import { findLookup, lookupNames } from "../../../core/lookups/index.js";
import { textAfter } from "../../../core/lookups/text.js";
import { expectSqlOf, type Expected } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";

class Thing extends Model.define({
  id: fields.int({ primaryKey: true }),
  count: fields.int(),
  big: fields.bigInt({ mode: "bigint" }),
  price: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
  weight: fields.float(),
  span: fields.timeDelta(),
  flag: fields.boolean(),
  name: fields.char({ maxLength: 40 }),
  note: fields.text({ null: true }),
  key: fields.uuid(),
  state: fields.charEnum(["open", "done"]),
  level: fields.intEnum([1, 2]),
  day: fields.date(),
  at: fields.datetime(),
  precise: fields.datetime({ precision: 6 }),
  clock: fields.time(),
  bytes: fields.binary(),
  data: fields.json({ null: true }),
}) {}

const expectSql = await expectSqlOf({ Thing });
const where = (filter: object): PromiseLike<unknown> => loose(Thing).filter(filter).valuesList("id");

type Row = readonly [filter: object, sql: string, params: Expected[1]];
const UUID = "0b6b1d6e-6c5a-4a1b-8f3c-2d9e8a7b6c5d";

const check = (rows: readonly Row[]): void => {
  it.each(
    rows.map(
      ([filter, sql, params]) =>
        [
          JSON.stringify(filter, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
          filter,
          sql,
          params,
        ] as const,
    ),
  )("%s", async (_, filter, sql, params) => {
    await expectSql(() => where(filter), {
      sqlite: [`SELECT "id" FROM "thing"${sql === "" ? "" : ` WHERE ${sql}`}`, params],
    });
  });
};

describe("values arrive in the stored form of their column", () => {
  check([
    [{ count: 3 }, '"count" = ?', [3]],
    [{ count__exact: 3 }, '"count" = ?', [3]],
    [{ big: 9007199254740993n }, '"big" = ?', [9007199254740993n]],
    [{ big: 5 }, '"big" = ?', [5n]],
    [{ price: "12.5" }, '"price" = ?', [1250]],
    [{ price: 12.5 }, '"price" = ?', [1250]],
    [{ price__gt: "-0.01" }, '"price" > ?', [-1]],
    [{ weight__lte: 1e300 }, '"weight" <= ?', [1e300]],
    [{ span: 1_500_000 }, '"span" = ?', [1_500_000]],
    [{ flag: true }, '"flag" = ?', [1]],
    [{ name: "é'\"\\%_😀" }, '"name" = ?', ["é'\"\\%_😀"]],
    [{ key: UUID.toUpperCase() }, '"key" = ?', [UUID]],
    [{ state: "done" }, '"state" = ?', ["done"]],
    [{ level: 2 }, '"level" = ?', [2]],
    [{ day: "2026-02-28" }, '"day" = ?', ["2026-02-28"]],
    [{ day__gt: new Date("2026-02-28T23:59:59Z") }, '"day" > ?', ["2026-02-28"]],
    [{ at: new Date("2026-02-28T01:02:03.004Z") }, '"at" = ?', ["2026-02-28 01:02:03.004"]],
    [{ at__lt: "2026-02-28T01:00:00+01:00" }, '"at" < ?', ["2026-02-28 00:00:00.000"]],
    [{ precise: "2026-02-28T01:02:03.000004Z" }, '"precise" = ?', ["2026-02-28 01:02:03.000004"]],
    [{ clock: "01:02:03" }, '"clock" = ?', ["01:02:03.000000"]],
    [{ bytes: new Uint8Array([1, 255]) }, '"bytes" = ?', [new Uint8Array([1, 255])]],
    [{ data: null }, '"data" IS NULL', []],
    [{ data__isnull: false }, '"data" IS NOT NULL', []],
  ]);
});

describe("comparisons", () => {
  check([
    [{ count__not: 3 }, '"count" <> ?', [3]],
    [
      { count__gt: 3, count__gte: 4, count__lt: 5, count__lte: 6 },
      '"count" > ? AND "count" >= ? AND "count" < ? AND "count" <= ?',
      [3, 4, 5, 6],
    ],
    [{ name__gt: "m" }, '"name" > ?', ["m"]],
    [{ count__range: [1, 9] }, '"count" >= ? AND "count" <= ?', [1, 9]],
    [{ price__range: ["0.5", 2] }, '"price" >= ? AND "price" <= ?', [50, 200]],
    [
      { at__range: ["2026-01-01T00:00:00Z", new Date(Date.UTC(2026, 1, 1))] },
      '"at" >= ? AND "at" <= ?',
      ["2026-01-01 00:00:00.000", "2026-02-01 00:00:00.000"],
    ],
    [{ note__isnull: true }, '"note" IS NULL', []],
    [{ note__isnull: false }, '"note" IS NOT NULL', []],
    [{ note__not_isnull: true }, '"note" IS NOT NULL', []],
    [{ note__not_isnull: false }, '"note" IS NULL', []],
  ]);
});

describe("lists are one parameter, whatever their length", () => {
  const IN = "IN (SELECT value FROM json_each(?))";
  check([
    [{ count__in: [] }, `"count" ${IN}`, ["[]"]],
    [{ count__in: [1] }, `"count" ${IN}`, ["[1]"]],
    [
      { count__in: Array.from({ length: 5000 }, (_, i) => i) },
      `"count" ${IN}`,
      [`[${Array.from({ length: 5000 }, (_, i) => i).join(",")}]`],
    ],
    [{ count__not_in: [1, 2] }, '"count" NOT IN (SELECT value FROM json_each(?))', ["[1,2]"]],
    [
      { big__in: [9007199254740993n, -9223372036854775808n] },
      `"big" ${IN}`,
      ["[9007199254740993,-9223372036854775808]"],
    ],
    [{ price__in: ["1.5", 2] }, `"price" ${IN}`, ["[150,200]"]],
    [{ flag__in: [true, false] }, `"flag" ${IN}`, ["[1,0]"]],
    [{ name__in: ['"; DROP', "\u0000", "\u2028", "😀"] }, `"name" ${IN}`, ['["\\"; DROP","\\u0000","\u2028","😀"]']],
    [{ at__in: [new Date(0)] }, `"at" ${IN}`, ['["1970-01-01 00:00:00.000"]']],
    [{ bytes__in: [new Uint8Array([1, 171])] }, `hex("bytes") ${IN}`, ['["01AB"]']],
    [{ note__in: ["a", null] }, `("note" ${IN} OR "note" IS NULL)`, ['["a"]']],
    [{ note__in: [null] }, `("note" ${IN} OR "note" IS NULL)`, ["[]"]],
    [
      { note__not_in: ["a", null] },
      '("note" NOT IN (SELECT value FROM json_each(?)) OR "note" IS NULL) AND "note" IS NOT NULL',
      ['["a"]'],
    ],
    [{ note__not_in: ["a"] }, '("note" NOT IN (SELECT value FROM json_each(?)) OR "note" IS NULL)', ['["a"]']],
  ]);
});

describe("text", () => {
  check([
    [{ name__contains: "100%_\\" }, 'instr("name", ?) > 0', ["100%_\\"]],
    [{ name__icontains: "ÀB" }, 'instr(lower("name"), lower(?)) > 0', ["ÀB"]],
    [{ name__contains: "" }, "", []],
    [
      { name__endswith: "ab" },
      'substr(CAST("name" AS BLOB), -length(CAST(? AS BLOB))) = CAST(? AS BLOB)',
      ["ab", "ab"],
    ],
    [
      { name__iendswith: "AB" },
      'substr(CAST(lower("name") AS BLOB), -length(CAST(lower(?) AS BLOB))) = CAST(lower(?) AS BLOB)',
      ["AB", "AB"],
    ],
    [{ name__endswith: "" }, "", []],
    [{ name__startswith: "ab" }, '"name" >= ? AND "name" < ?', ["ab", "ac"]],
    [{ name__startswith: "" }, '"name" >= ?', [""]],
    [{ name__startswith: "a\u{10ffff}" }, '"name" >= ? AND "name" < ?', ["a\u{10ffff}", "b"]],
    [{ name__startswith: "\u{10ffff}\u{10ffff}" }, '"name" >= ?', ["\u{10ffff}\u{10ffff}"]],
    [{ name__startswith: "\ud7ff" }, '"name" >= ? AND "name" < ?', ["\ud7ff", "\ue000"]],
    [{ name__startswith: "😀" }, '"name" >= ? AND "name" < ?', ["😀", "😁"]],
    [{ name__istartswith: "AbÄ" }, 'lower("name") >= ? AND lower("name") < ?', ["abÄ", "abÅ"]],
    [{ name__istartswith: "AZ" }, 'lower("name") >= ? AND lower("name") < ?', ["az", "a{"]],
    [{ name__iexact: "ABÄ" }, 'lower("name") = ?', ["abÄ"]],
    [{ state__contains: "pe" }, 'instr("state", ?) > 0', ["pe"]],
  ]);

  it("the text after a prefix is greater than all that start with it, and the least such", () => {
    expect(textAfter("a")).toBe("b");
    expect(textAfter("")).toBeNull();
    expect(textAfter("\u{10ffff}")).toBeNull();
    expect(textAfter("a\u{10ffff}\u{10ffff}")).toBe("b");
    expect(textAfter("\uffff")).toBe("\u{10000}");
    expect(textAfter("\ud7ff")).toBe("\ue000");
  });
});

describe("dates and times", () => {
  check([
    [{ at__year: 2026 }, '"at" >= ? AND "at" < ?', ["2026-01-01 00:00:00.000", "2027-01-01 00:00:00.000"]],
    [{ day__year: 2026 }, '"day" >= ? AND "day" < ?', ["2026-01-01", "2027-01-01"]],
    [
      { precise__year: 2026 },
      '"precise" >= ? AND "precise" < ?',
      ["2026-01-01 00:00:00.000000", "2027-01-01 00:00:00.000000"],
    ],
    [{ at__year: 1 }, '"at" >= ? AND "at" < ?', ["0001-01-01 00:00:00.000", "0002-01-01 00:00:00.000"]],
    [{ at__year: 99 }, '"at" >= ? AND "at" < ?', ["0099-01-01 00:00:00.000", "0100-01-01 00:00:00.000"]],
    [{ at__year: 9999 }, '"at" >= ?', ["9999-01-01 00:00:00.000"]],
    [{ at__year: 0 }, "1 = 0", []],
    [{ at__year: 10000 }, "1 = 0", []],
    [{ at__date: "2026-02-28" }, '"at" >= ? AND "at" < ?', ["2026-02-28 00:00:00.000", "2026-03-01 00:00:00.000"]],
    [
      { at__date: new Date("2026-02-28T23:00:00Z") },
      '"at" >= ? AND "at" < ?',
      ["2026-02-28 00:00:00.000", "2026-03-01 00:00:00.000"],
    ],
    [{ at__date: "9999-12-31" }, '"at" >= ?', ["9999-12-31 00:00:00.000"]],
    [{ at__month: 2 }, 'CAST(substr("at", 6, 2) AS INTEGER) = ?', [2]],
    [{ day__day: 28 }, 'CAST(substr("day", 9, 2) AS INTEGER) = ?', [28]],
    [{ day__quarter: 4 }, '(CAST(substr("day", 6, 2) AS INTEGER) + 2) / 3 = ?', [4]],
    [{ day__week: 53 }, `(strftime('%j', date("day", '-3 days', 'weekday 4')) - 1) / 7 + 1 = ?`, [53]],
    [{ at__hour: 23 }, 'CAST(substr("at", 12, 2) AS INTEGER) = ?', [23]],
    [{ clock__hour: 23 }, 'CAST(substr("clock", 1, 2) AS INTEGER) = ?', [23]],
    [
      { clock__minute: 5, clock__second: 6 },
      'CAST(substr("clock", 4, 2) AS INTEGER) = ? AND CAST(substr("clock", 7, 2) AS INTEGER) = ?',
      [5, 6],
    ],
    [{ at__microsecond: 4000 }, `CAST(substr("at" || '000', 21, 6) AS INTEGER) = ?`, [4000]],
  ]);
});

describe("a value that its lookup cannot take", () => {
  it.each<[string, object, string, string]>([
    ["a word that is no lookup", { count__nope: 1 }, "unknown_lookup", '"nope" is not a lookup of int field "count"'],
    [
      "a word that is inherited by every object",
      { count__constructor: 1 },
      "unknown_lookup",
      '"constructor" is not a lookup',
    ],
    [
      "a lookup of another kind of field",
      { count__contains: "1" },
      "unknown_lookup",
      '"contains" is not a lookup of int field "count"',
    ],
    ["order on true and false", { flag__gt: true }, "unknown_lookup", '"gt" is not a lookup of boolean field "flag"'],
    [
      "order on bytes",
      { bytes__lt: new Uint8Array(1) },
      "unknown_lookup",
      '"lt" is not a lookup of binary field "bytes"',
    ],
    [
      "a part of a uuid",
      { key__startswith: "0b" },
      "unknown_lookup",
      '"startswith" is not a lookup of uuid field "key"',
    ],
    [
      "the day of a date, which is one",
      { day__date: "2026-01-01" },
      "unknown_lookup",
      '"date" is not a lookup of date field "day"',
    ],
    ["the hour of a date", { day__hour: 1 }, "unknown_lookup", '"hour" is not a lookup of date field "day"'],
    ["a path through a field", { name__note__contains: "a" }, "unknown_lookup", '"note__contains" is not a lookup'],
    ["an unknown field", { nope: 1 }, "unknown_field", 'Thing has no field "nope"'],
    ["an unknown field with a lookup", { nope__gt: 1 }, "unknown_field", 'Thing has no field "nope" (in "nope__gt")'],
    ["an empty name", { "": 1 }, "unknown_field", 'Thing has no field ""'],
    ["null in order", { count__gt: null }, "null_value", '"count__gt" cannot be compared with null'],
    ["null in text", { name__contains: null }, "null_value", '"name__contains" cannot be compared with null'],
    ["null as a list", { count__in: null }, "null_value", '"count__in" cannot be compared with null'],
    ["null as a part", { at__year: null }, "null_value", "null"],
    ["null for isnull", { note__isnull: null }, "null_value", "null"],
    [
      "null in a range",
      { count__range: [1, null] },
      "bad_value",
      '"count__range" takes an array of two values, neither null, not an array',
    ],
    ["one bound", { count__range: [1] }, "bad_value", "two values"],
    ["three bounds", { count__range: [1, 2, 3] }, "bad_value", "two values"],
    ["a bound of another type", { count__range: [1, "2"] }, "bad_value", "count: a string is not an integer"],
    [
      "a value that is no list",
      { count__in: 3 },
      "bad_value",
      '"count__in" takes an array or a query set, not a number',
    ],
    ["a Set for a list", { count__in: new Set([1]) }, "bad_value", "not a Set"],
    ["a wrong element", { count__in: [1, "2"] }, "bad_value", "count: a string is not an integer"],
    ["undefined in a list", { count__in: [1, undefined] }, "bad_value", "undefined"],
    ["a list for a value", { count: [1] }, "bad_value", "count: an array is not an integer"],
    ["an object for a value", { name: { a: 1 } }, "bad_value", "name: an object is not"],
    ["text for a number", { count: "3" }, "bad_value", "count: a string is not an integer"],
    ["a number for text", { name__contains: 3 }, "bad_value", '"name__contains" takes a string, not a number'],
    ["text that is not well-formed", { name__startswith: "\ud800" }, "bad_value", "takes a string"],
    ["a fraction for a part", { at__month: 1.5 }, "bad_value", '"at__month" takes a whole number'],
    ["text for a part", { at__year: "2026" }, "bad_value", '"at__year" takes a whole number, not a string'],
    ["a day that does not exist", { at__date: "2026-02-30" }, "bad_value", "not a day of the calendar"],
    ["a day with a time", { at__date: "2026-02-28T00:00:00Z" }, "bad_value", "not a day of the calendar"],
    ["an invalid Date", { at__date: new Date(Number.NaN) }, "bad_value", "not a day of the calendar"],
    ["an invalid Date as a value", { at: new Date(Number.NaN) }, "bad_value", "the Date is invalid"],
    ["1 for true", { flag: 1 }, "bad_value", "flag: a number is not true or false"],
    ["a word for isnull", { note__isnull: "false" }, "bad_value", '"note__isnull" takes true or false, not a string'],
    ["a member that does not exist", { state: "shut" }, "not_a_member", "state: the text is not a member"],
    ["an integer that is not exact", { count: 2 ** 60 }, "unsafe_integer", "count"],
    ["more places than the column has", { price: "1.234" }, "too_many_places", "price"],
    ["NaN", { weight: Number.NaN }, "bad_value", "weight: the number is not finite"],
    ["text that is no uuid", { key: "nope" }, "bad_value", "key"],
    ["a symbol", { name: Symbol("a") }, "bad_value", "name: a symbol is not"],
    ["a function", { name: () => "a" }, "bad_value", "name: a function is not"],
  ])("%s", async (_, filter, code, message) => {
    await expect(expectSql(() => where(filter), { sqlite: ["", []] })).rejects.toMatchObject({
      name: "FieldError",
      code,
      message: expect.stringContaining(message),
    });
  });

  it("is never told in the message", async () => {
    const secret = "s3cret-9f2";
    const error = await expectSql(() => where({ count: secret }), { sqlite: ["", []] }).then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: "FieldError" });
    expect(`${error!.message}${error!.stack}`).not.toContain(secret);
  });

  it.each<[object, string, string]>([
    [{ name__posix_regex: "a" }, "UnsupportedError", "no_regex"],
    [{ name__iposix_regex: "a" }, "UnsupportedError", "no_regex"],
    [{ name__search: "a" }, "FieldError", "no_full_text_index"],
    [{ data__filter: {} }, "FieldError", "bad_value"],
  ])("%j is never dropped", async (filter, name, code) => {
    await expect(expectSql(() => where(filter), { sqlite: ["", []] })).rejects.toMatchObject({ name, code });
  });

  it("is refused with the lookups that the field has", async () => {
    await expect(expectSql(() => where({ flag__nope: 1 }), { sqlite: ["", []] })).rejects.toMatchObject({
      hint: "known: exact, not, in, not_in, isnull, not_isnull",
    });
  });
});

it("lookups are found by their own names only", () => {
  expect(findLookup("gt", { lookups: "ordered", ownLookups: null })).not.toBeNull();
  expect(findLookup("toString", { lookups: "text", ownLookups: null })).toBeNull();
  expect(findLookup("__proto__", { lookups: "text", ownLookups: null })).toBeNull();
  expect(lookupNames({ lookups: "time", ownLookups: null })).toBe(
    "exact, not, in, not_in, isnull, not_isnull, gt, gte, lt, lte, range, hour, minute, second, microsecond",
  );
});
