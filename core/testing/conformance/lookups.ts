import { FieldError } from "../../base/errors.js";
import { JsonNull } from "../../fields/data.js";
import { Q as typedQ } from "../../query/q.js";
import { equal, fails } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import type { Askable } from "./models.js";
import { shape } from "./values.js";

/** Q without types: a case may say what does not compile. */
export const Q: LooseQ = typedQ as unknown as LooseQ;

/** A condition tree, loosely. */
export interface LooseQ {
  (where: object): object;
  and(...parts: object[]): object;
  or(...parts: object[]): object;
  not(part: object): object;
}

/** The keys of the rows of a query, in order. */
export async function idsOf(query: Askable): Promise<number[]> {
  return ((await query.valuesList("id", { flat: true })) as unknown as number[])
    .slice()
    .sort((left, right) => left - right);
}

/** A condition finds exactly these rows, its negations exactly the others, and `count` and `exists` agree. */
export async function finds(
  t: Kit,
  where: object,
  expected: readonly number[],
  everything: readonly number[] = [1, 2, 3, 4],
): Promise<void> {
  const what = show(where);
  const others = everything.filter((id) => !expected.includes(id));
  const { Sample } = t;
  equal(await idsOf(Sample.filter(where)), expected, `filter(${what})`);
  equal(await idsOf(Sample.exclude(where)), others, `exclude(${what})`);
  equal(await idsOf(Sample.filter(Q.not(Q(where)))), others, `filter(Q.not(${what}))`);
  equal(await idsOf(Sample.exclude(Q.not(Q(where)))), expected, `exclude(Q.not(${what}))`);
  equal(await idsOf(Sample.filter(Q.or(Q(where), Q.not(Q(where))))), everything, `${what} or its opposite`);
  equal(await Sample.filter(where).count(), expected.length, `filter(${what}).count()`);
  equal(await Sample.exclude(where).exists(), others.length > 0, `exclude(${what}).exists()`);
}

const show = (where: object): string =>
  JSON.stringify(where, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value instanceof Uint8Array ? [...value] : value,
  );

/** A field, three values of it in ascending order, and the words it has. `json` has no lists and no order. */
type Subject = readonly [
  field: string,
  group: "ordered" | "values" | "json",
  low: unknown,
  middle: unknown,
  high: unknown,
];

const SUBJECTS: readonly Subject[] = [
  ["smallInt", "ordered", -32_768, 0, 32_767],
  ["int", "ordered", -2_147_483_648, -1, 2_147_483_647],
  ["bigInt", "ordered", Number.MIN_SAFE_INTEGER, 7, Number.MAX_SAFE_INTEGER],
  ["big", "ordered", -(2n ** 63n), 2n ** 53n + 1n, 2n ** 63n - 1n],
  ["float", "ordered", -1.5e300, 0.1, 2.5],
  ["decimal", "ordered", "-9999999999999.99", "9.50", "10.00"],
  ["wide", "ordered", "-999999999999.999999", "0.000001", "999999999999.999999"],
  ["amount", "ordered", -0.001, 9.5, 999_999_999.999],
  ["char", "ordered", "", "Zebra", "apple"],
  ["text", "ordered", "a\u0000b", "a_b", "é😀"],
  ["date", "ordered", "0001-01-01", "2024-02-29", "9999-12-31"],
  ["datetime", "ordered", new Date(-62_135_596_800_000), new Date(1), new Date(253_402_300_799_999)],
  ["micro", "ordered", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000001Z", "2026-06-01T10:00:00.500000Z"],
  ["time", "ordered", "00:00:00", "12:30:00.000001", "23:59:59.999999"],
  ["delta", "ordered", -86_400_000_000, 1, 3_600_000_000],
  [
    "uuid",
    "values",
    "00000000-0000-0000-0000-000000000000",
    "12345678-9abc-4def-8000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
  ],
  ["binary", "values", new Uint8Array([]), new Uint8Array([0, 255, 39]), new Uint8Array([65, 0])],
  ["geometry", "values", shape(0, 1, 1, 2), shape(4326, 1, 1, 2), shape(0, 2, 1, 2, 3, 4)],
  ["intEnum", "ordered", 1, 2, 30],
  ["charEnum", "ordered", "draft", "open", "über"],
  ["json", "json", { a: 1 }, [1, "x"], "text"],
];

/** Rows 1 to 3 with the values of a subject, and row 4 with NULL. */
async function fill(t: Kit, [field, , ...given]: Subject): Promise<void> {
  for (const [i, value] of [...given, null].entries()) await t.Sample.create({ id: i + 1, [field]: value });
}

function subjectCase(subject: Subject): ConformanceCase {
  const [field, group, ...given] = subject;
  return {
    name: `${field} answers every comparison, with NULL among the rows`,
    run: async (t) => {
      const [low, middle, high] = given.map(t.text) as [unknown, unknown, unknown];
      await fill(t, [field, group, low, middle, high]);
      await finds(t, { [field]: null }, [4]);
      await finds(t, { [`${field}__isnull`]: true }, [4]);
      await finds(t, { [`${field}__isnull`]: false }, [1, 2, 3]);
      await finds(t, { [`${field}__not_isnull`]: true }, [1, 2, 3]);
      await finds(t, { [`${field}__not`]: null }, [1, 2, 3]);
      await finds(t, { [field]: middle }, [2]);
      await finds(t, { [`${field}__exact`]: high }, [3]);
      await finds(t, { [`${field}__not`]: low }, [2, 3, 4]);
      if (group === "json") return;
      await listLookups(t, field, low, middle, high);
      if (group === "ordered") await orderLookups(t, field, low, middle, high);
    },
  };
}

/** Documents, the last of them NULL, and which of them each filter finds. */
const DOCUMENTS: readonly unknown[] = [
  { a: { b: [1, { c: "x" }] }, k: null },
  { k: 1.5, a: { b: [] }, 'q"u.o$[0]': true },
  [1, [2, 3], { a: "é" }],
  "text",
  5,
  true,
  null,
];
const ASKED: readonly (readonly [where: object, ids: readonly number[]])[] = [
  [{ json: { k: null, a: { b: [1, { c: "x" }] } } }, [1]],
  [{ json__not: [1, [2, 3], { a: "é" }] }, [1, 2, 4, 5, 6, 7]],
  [{ json: [[2, 3], 1, { a: "é" }] }, []],
  [{ json: 5 }, [5]],
  [{ json: "text" }, [4]],
  [{ json: true }, [6]],
  [{ json: 1 }, []],
  [{ json__contains: { a: {} } }, [1, 2]],
  [{ json__contains: { a: { b: [{ c: "x" }] } } }, [1]],
  [{ json__contains: { a: { b: 1 } } }, [1]],
  [{ json__contains: [3, 1] }, [3]],
  [{ json__contains: 5 }, [5]],
  [{ json__contained_by: { a: { b: [1] }, k: 1.5, 'q"u.o$[0]': true, more: 1 } }, [2]],
  [{ json__has_key: 'q"u.o$[0]' }, [2]],
  [{ json__has_key: "k" }, [1, 2]],
  [{ json__length: 3 }, [2, 3]],
  [{ json__length: 1 }, [4, 5, 6]],
  [{ json__filter: { a__b__0: 1 } }, [1]],
  [{ json__filter: { a__b__1: { c: "x" } } }, [1]],
  [{ json__filter: { a__b__1__c__startswith: "x" } }, [1]],
  [{ json__filter: { a__0__b: null } }, [1, 2, 3, 4, 5, 6, 7]],
  [{ json__filter: { "0": { a: 1 } } }, []],
  [{ json__filter: { "2__a__iexact": "é" } }, [3]],
  [{ json__filter: { k__gte: 1 } }, [2]],
  [{ json__filter: { k__range: [1.5, 2] } }, [2]],
  [{ json__filter: { k__lt: "z" } }, []],
  [{ json__filter: { k: null } }, [1, 3, 4, 5, 6, 7]],
  [{ json__filter: { k: JsonNull } }, [1]],
  [{ json__filter: { k__in: [1.5, JsonNull] } }, [1, 2]],
  [{ json__filter: { k__not_in: [1.5, null] } }, []],
  [{ json__filter: { 'q"u.o$[0]': true } }, [2]],
  [{ json__filter: { 'q"u.o$[0]__not': true } }, [1, 3, 4, 5, 6, 7]],
];

const documents: ConformanceCase = {
  name: "documents are compared as what they say, at any depth",
  run: async (t) => {
    await t.Sample.bulkCreate(DOCUMENTS.map((json, i) => new t.Sample({ id: i + 1, json })));
    const all = DOCUMENTS.map((_, i) => i + 1);
    for (const [where, ids] of ASKED) await finds(t, where, ids, all);
  },
};

async function listLookups(t: Kit, field: string, low: unknown, middle: unknown, high: unknown): Promise<void> {
  await finds(t, { [`${field}__in`]: [low, high] }, [1, 3]);
  await finds(t, { [`${field}__in`]: [middle, middle, null] }, [2, 4]);
  await finds(t, { [`${field}__in`]: [] }, []);
  await finds(t, { [`${field}__in`]: [null] }, [4]);
  await finds(t, { [`${field}__not_in`]: [middle] }, [1, 3, 4]);
  await finds(t, { [`${field}__not_in`]: [low, null] }, [2, 3]);
  await finds(t, { [`${field}__not_in`]: [] }, [1, 2, 3, 4]);
  await finds(t, { [`${field}__in`]: t.Sample.filter({ id__gte: 2 }).valuesList(field, { flat: true }) }, [2, 3]);
  await finds(t, { [`${field}__not_in`]: t.Sample.filter({ id__gte: 2 }).valuesList(field, { flat: true }) }, [1, 4]);
  await finds(t, { [`${field}__in`]: t.Sample.none().valuesList(field, { flat: true }) }, []);
}

async function orderLookups(t: Kit, field: string, low: unknown, middle: unknown, high: unknown): Promise<void> {
  await finds(t, { [`${field}__gt`]: low }, [2, 3]);
  await finds(t, { [`${field}__gte`]: middle }, [2, 3]);
  await finds(t, { [`${field}__lt`]: high }, [1, 2]);
  await finds(t, { [`${field}__lte`]: middle }, [1, 2]);
  await finds(t, { [`${field}__gt`]: high }, []);
  await finds(t, { [`${field}__range`]: [low, middle] }, [1, 2]);
  await finds(t, { [`${field}__range`]: [high, low] }, []);
  await finds(t, { [`${field}__gt`]: low, [`${field}__lt`]: high }, [2]);
  await fails(() => t.Sample.filter({ [`${field}__gt`]: null }), FieldError, { code: "null_value" });
}

const TEXTS = [
  "50% off_now\\",
  "50X offYnow",
  'it\'s "so" `quoted`',
  "ÄÖÜ äöü",
  "a\u0000b",
  "😀 grin",
  "HELLO World",
  "hello world",
  "",
];
const ALL_TEXTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

async function fillTexts(t: Kit): Promise<(where: object, expected: number[]) => Promise<void>> {
  for (const [i, text] of [...TEXTS.map(t.text), null].entries())
    await t.Sample.create({ id: i + 1, text, char: text });
  return async (where, expected) => {
    await finds(t, where, expected, ALL_TEXTS);
    await finds(
      t,
      Object.fromEntries(Object.entries(where).map(([path, value]) => [path.replace("text", "char"), value])),
      expected,
      ALL_TEXTS,
    );
  };
}

const DAYS = [
  new Date("2024-12-30T00:00:00.000Z"),
  new Date("2025-01-01T13:05:09.250Z"),
  new Date("2025-12-31T23:59:59.999Z"),
  null,
  new Date("2026-01-04T12:00:00.000Z"),
];

const TEXT_AND_TIME: readonly ConformanceCase[] = [
  {
    name: "boolean answers exact, not, in and isnull",
    run: async (t) => {
      for (const [i, boolean] of [true, false, true, null].entries()) await t.Sample.create({ id: i + 1, boolean });
      await finds(t, { boolean: true }, [1, 3]);
      await finds(t, { boolean__not: true }, [2, 4]);
      await finds(t, { boolean__in: [false, null] }, [2, 4]);
      await finds(t, { boolean__not_in: [false, null] }, [1, 3]);
      await fails(() => t.Sample.filter({ boolean__gt: false }), FieldError, { code: "unknown_lookup" });
    },
  },
  {
    name: "%, _, \\ and quotes are ordinary characters in contains, startswith and endswith",
    run: async (t) => {
      const found = await fillTexts(t);
      await found({ text__contains: "%" }, [1]);
      await found({ text__contains: "off_now" }, [1]);
      await found({ text__contains: "\\" }, [1]);
      await found({ text__startswith: "50%" }, [1]);
      await found({ text__endswith: "_now\\" }, [1]);
      await found({ text__icontains: "OFF_NOW\\" }, [1]);
      await found({ text__istartswith: "50% O" }, [1]);
      await found({ text__iendswith: "OW\\" }, [1]);
      await found({ text__iexact: "50% OFF_NOW\\" }, [1]);
      await found({ text__contains: '\'s "so" `' }, [3]);
      await found({ text: 'it\'s "so" `quoted`' }, [3]);
      await found({ text__contains: "'; --" }, []);
    },
  },
  {
    name: "case counts in contains, startswith and endswith, and not in the forms with i",
    run: async (t) => {
      const found = await fillTexts(t);
      await found({ text__contains: "World" }, [7]);
      await found({ text__icontains: "WORLD" }, [7, 8]);
      await found({ text__startswith: "hello" }, [8]);
      await found({ text__istartswith: "hELLO" }, [7, 8]);
      await found({ text__endswith: "world" }, [8]);
      await found({ text__iendswith: "wORLD" }, [7, 8]);
      await found({ text__iexact: "Hello WORLD" }, [7, 8]);
      await found({ text: "hello World" }, []);
      await found({ text__in: ["HELLO World", "hello"] }, [7]);
    },
  },
  {
    name: "text may hold emoji, umlauts and NUL, and be empty",
    needs: ["nul"],
    run: async (t) => {
      const found = await fillTexts(t);
      await found({ text__contains: "😀" }, [6]);
      await found({ text__startswith: "😀" }, [6]);
      await found({ text__endswith: "äöü" }, [4]);
      await found({ text__contains: "\u0000" }, [5]);
      await found({ text__startswith: "a\u0000" }, [5]);
      for (const [id, text] of [
        [11, "\ud7ff!"],
        [12, "\ue000"],
        [13, "\u{10ffff}!"],
      ] as const)
        await t.Sample.create({ id, text });
      equal(await idsOf(t.Sample.filter({ text__startswith: "\ud7ff" })), [11]);
      equal(await idsOf(t.Sample.filter({ text__startswith: "\u{10ffff}" })), [13]);
      await t.Sample.filter({ id__gt: 10 }).delete();
      await found({ text__endswith: "\u0000b" }, [5]);
      await found({ text: "a\u0000b" }, [5]);
      await found({ text: "a" }, []);
      await found({ text__in: ["a\u0000b", "a"] }, [5]);
      await found({ text: "" }, [9]);
      await found({ text__in: [""] }, [9]);
      await found({ text__contains: "" }, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await found({ text__startswith: "" }, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await found({ text__iendswith: "" }, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await found({ text__iexact: "" }, [9]);
    },
  },
  {
    name: "a pattern may be longer than any LIKE allows",
    run: async (t) => {
      const long = `${"x".repeat(60_000)}%`;
      await t.Sample.create({ id: 1, text: `a${long}b` });
      for (const [lookup, value] of [
        ["contains", long],
        ["icontains", long.toUpperCase()],
        ["startswith", `a${long}`],
        ["endswith", `${long}b`],
        ["iexact", `A${long}B`],
      ] as const) {
        await finds(t, { [`text__${lookup}`]: value }, [1], [1]);
        await finds(t, { [`text__${lookup}`]: `${value}y` }, [], [1]);
      }
    },
  },
  {
    name: "the parts of a datetime",
    run: async (t) => {
      for (const [i, datetime] of DAYS.entries())
        await t.Sample.create({ id: i + 1, datetime, micro: datetime, date: datetime });
      const found = (where: object, expected: readonly number[]): Promise<void> =>
        finds(t, where, expected, [1, 2, 3, 4, 5]);
      for (const field of ["datetime", "micro", "date"]) {
        await found({ [`${field}__year`]: 2025 }, [2, 3]);
        await found({ [`${field}__year`]: 2026 }, [5]);
        await found({ [`${field}__year`]: 12_345 }, []);
        await found({ [`${field}__quarter`]: 4 }, [1, 3]);
        await found({ [`${field}__month`]: 1 }, [2, 5]);
        await found({ [`${field}__week`]: 1 }, [1, 2, 3, 5]);
        await found({ [`${field}__day`]: 31 }, [3]);
      }
      for (const field of ["datetime", "micro"]) {
        await found({ [`${field}__hour`]: 13 }, [2]);
        await found({ [`${field}__minute`]: 59 }, [3]);
        await found({ [`${field}__second`]: 9 }, [2]);
        await found({ [`${field}__microsecond`]: 250_000 }, [2]);
        await found({ [`${field}__microsecond`]: 0 }, [1, 5]);
        await found({ [`${field}__date`]: "2025-01-01" }, [2]);
        await found({ [`${field}__date`]: new Date("2025-12-31T08:00:00Z") }, [3]);
      }
      await fails(() => t.Sample.filter({ date__hour: 1 }), FieldError, { code: "unknown_lookup" });
      await fails(() => t.Sample.filter({ datetime__date: "2025-02-30" }), FieldError, { code: "bad_value" });
    },
  },
  {
    name: "the parts of days at both ends of the calendar",
    run: async (t) => {
      await t.Sample.create({ id: 1, datetime: new Date(-62_135_596_800_000), date: "0001-01-01" });
      await t.Sample.create({ id: 2, datetime: new Date(253_402_300_799_999), date: "9999-12-31" });
      await t.Sample.create({ id: 3 });
      const everything = [1, 2, 3];
      for (const field of ["datetime", "date"]) {
        await finds(t, { [`${field}__year`]: 1 }, [1], everything);
        await finds(t, { [`${field}__year`]: 9999 }, [2], everything);
        await finds(t, { [`${field}__year`]: 0 }, [], everything);
        await finds(t, { [`${field}__week`]: 1 }, [1], everything);
        await finds(t, { [`${field}__day`]: 31 }, [2], everything);
      }
      await finds(t, { datetime__date: "0001-01-01" }, [1], everything);
      await finds(t, { datetime__date: "9999-12-31" }, [2], everything);
    },
  },
  {
    name: "the parts of a time",
    run: async (t) => {
      for (const [i, time] of ["00:00:00", "13:05:09.000250", "23:59:59.999999", null].entries())
        await t.Sample.create({ id: i + 1, time });
      await finds(t, { time__hour: 13 }, [2]);
      await finds(t, { time__minute: 59 }, [3]);
      await finds(t, { time__second: 0 }, [1]);
      await finds(t, { time__microsecond: 250 }, [2]);
      await fails(() => t.Sample.filter({ time__year: 1 }), FieldError, { code: "unknown_lookup" });
    },
  },
  {
    name: "several conditions hold together, and their exclusion is NOT (a AND b)",
    run: async (t) => {
      for (const [id, int, char] of [
        [1, 1, "a"],
        [2, 1, "b"],
        [3, null, "a"],
        [4, 2, null],
      ] as const)
        await t.Sample.create({ id, int, char });
      await finds(t, { int: 1, char: "a" }, [1]);
      await finds(t, { int__not: 1, char__startswith: "a" }, [3]);
      await finds(t, Q.or(Q({ int: 2 }), Q({ char: "a" })), [1, 3, 4]);
      await finds(
        t,
        Q.and(Q.not(Q({ int: 2 })), Q.or(Q({ char: "b" }), Q.not(Q({ int__gte: 1, char__in: ["a"] })))),
        [2, 3],
      );
      equal(await idsOf(t.Sample.filter({ int: 1 }, Q({ char: "b" })).filter(Q.not(Q({ id: 7 })))), [2]);
      equal(await idsOf(t.Sample.filter({ int: 1 }).exclude({ char: "b" })), [1]);
    },
  },
  {
    name: "an empty condition holds everywhere, its negation nowhere",
    run: async (t) => {
      for (const id of [1, 2]) await t.Sample.create({ id });
      for (const empty of [{}, Q({}), Q.and(), Q.or(), Q.not(Q.not(Q({})))])
        equal(await idsOf(t.Sample.filter(empty)), [1, 2]);
      for (const never of [Q.not(Q({})), Q.and(Q.not(Q({})), Q({ id: 1 }))])
        equal(await idsOf(t.Sample.filter(never)), []);
      equal(await idsOf(t.Sample.exclude({})), []);
      equal(await idsOf(t.Sample.filter({}).filter()), [1, 2]);
    },
  },
  {
    name: "a list holds floats exactly, whatever their size",
    run: async (t) => {
      const floats = [
        482_641_747_421_090_370,
        -63_959_690_472_880_650,
        1e21,
        5e-324,
        Number.MAX_VALUE,
        0.1 + 0.2,
        2 ** 53,
      ];
      for (const [i, float] of floats.entries()) await t.Sample.create({ id: i + 1, float });
      for (const [i, float] of floats.entries())
        equal(await idsOf(t.Sample.filter({ float__in: [float, 0.3] })), [i + 1], String(float));
      equal(await idsOf(t.Sample.filter({ float__not_in: floats.slice(1) })), [1]);
    },
  },
  {
    name: "a list may be long, an OR too",
    run: async (t) => {
      for (const id of [1, 2, 3]) await t.Sample.create({ id, int: id });
      equal(await idsOf(t.Sample.filter({ int__in: Array.from({ length: 50_000 }, (_, i) => i + 2) })), [2, 3]);
      const length = Math.min(600, t.driver.limits.maxParams);
      const any = Q.or(...Array.from({ length }, (_, i) => Q({ int: i + 2 })));
      equal(await idsOf(t.Sample.filter(any)), [2, 3]);
      equal(await idsOf(t.Sample.exclude(any)), [1]);
    },
  },
];

/** Every lookup on every kind of field, under negation and with NULL among the rows. */
export const lookups: readonly ConformanceCase[] = /* @__PURE__ */ SUBJECTS.map(subjectCase).concat(
  documents,
  TEXT_AND_TIME,
);
