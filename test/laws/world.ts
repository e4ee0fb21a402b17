import fc from "fast-check";
import { context, fields, Model, type TerrapinContext } from "../../core/index.js";
import { setDefaultContext } from "../../core/connection/context.js";
import type { Table } from "../../core/testing/conformance/models.js";
import type { LawDriver } from "./drivers.js";

/** A row as plain JavaScript sees it: canonical values by the names of the fields, and the key. */
export type Plain = Readonly<Record<string, unknown>> & { readonly id: number };

/** Which lookups a kind has. */
export type Group = "ordered" | "text" | "equal" | "date" | "datetime" | "time";

/** One kind of field: how it is made, what values it has, and how plain JavaScript compares them. */
export interface Kind {
  readonly name: string;
  readonly group: Group;
  readonly make: (more: object) => unknown;
  /** canonical values, many of them equal to each other */
  readonly values: fc.Arbitrary<unknown>;
  readonly compare: (left: never, right: never) => number;
}

const byNumber = (left: number | bigint, right: number | bigint): number => (left < right ? -1 : left > right ? 1 : 0);
const encoder = new TextEncoder();
/** How the database that is asked compares texts, and lowers their letters; and how often it is asked. */
export const rules = { padsTexts: false, foldsUnicode: false, share: 1 };
const padded = (text: string, length: number): string =>
  rules.padsTexts ? text.padEnd(text.length + Math.max(0, length - [...text].length)) : text;
/** UTF-8 bytes, which is the order of code points; where texts are padded, as if spaces followed the shorter one. */
export const byText = (left: string, right: string): number => {
  const length = Math.max([...left].length, [...right].length);
  return byBytes(encoder.encode(padded(left, length)), encoder.encode(padded(right, length)));
};
function byBytes(left: Uint8Array, right: Uint8Array): number {
  for (let i = 0; i < Math.min(left.length, right.length); i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return left.length - right.length;
}

/** "-12.50" → -1250n */
export const scaled = (text: string): bigint => BigInt(text.replace(".", ""));
const byDecimal = (left: string, right: string): number => byNumber(scaled(left), scaled(right));

export function decimalText(units: bigint, places: number): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** Mostly a few small values, so that rows meet; sometimes any. */
const mostly = <T>(few: readonly T[], any: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...few) }, { weight: 1, arbitrary: any });

const LETTERS = [
  "a",
  "A",
  "b",
  "z",
  "Z",
  "%",
  "_",
  "\\",
  "'",
  '"',
  "é",
  "É",
  "ß",
  "ı",
  "\u212a",
  "😀",
  "\u0000",
  "\u{10ffff}",
  "\ud7ff",
  "\ue000",
  " ",
  "0",
];
/** Short texts of few characters, all of them awkward somewhere. */
export const texts: fc.Arbitrary<string> = mostly(
  ["", "a", "A", "ab", "a%", "\u0000", "é"],
  fc.array(fc.constantFrom(...LETTERS), { maxLength: 4 }).map((letters) => letters.join("")),
);

const days = fc
  .integer({ min: -719_162, max: 2_932_896 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
const instants = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }).map((ms) => new Date(ms));
const INSTANTS = [
  "2024-12-30T00:00:00.000Z",
  "2024-12-31T23:59:59.999Z",
  "2025-01-01T00:00:00.000Z",
  "2025-01-01T13:05:09.250Z",
  "0001-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
];
const micros = fc
  .tuple(instants, fc.integer({ min: 0, max: 999 }))
  .map(([at, more]) => `${at.toISOString().slice(0, 23)}${String(more).padStart(3, "0")}Z`);
const clock = fc
  .tuple(fc.integer({ min: 0, max: 86_399 }), mostly([0, 1], fc.integer({ min: 0, max: 999_999 })))
  .map(
    ([second, micro]) =>
      `${new Date(second * 1000).toISOString().slice(11, 19)}${micro === 0 ? "" : `.${String(micro).padStart(6, "0")}`}`,
  );

export const KINDS: readonly Kind[] = [
  {
    name: "smallInt",
    group: "ordered",
    make: fields.smallInt as never,
    values: mostly([0, 1, 2, -1], fc.integer({ min: -32_768, max: 32_767 })),
    compare: byNumber,
  },
  {
    name: "int",
    group: "ordered",
    make: fields.int as never,
    values: mostly([0, 1, 2, -1, 2_147_483_647], fc.integer()),
    compare: byNumber,
  },
  {
    name: "bigInt",
    group: "ordered",
    make: fields.bigInt as never,
    values: mostly([0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER], fc.maxSafeInteger()),
    compare: byNumber,
  },
  {
    name: "big",
    group: "ordered",
    make: (more) => fields.bigInt({ ...more, mode: "bigint" }),
    values: mostly(
      [0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ),
    compare: byNumber,
  },
  {
    name: "float",
    group: "ordered",
    make: fields.float as never,
    values: mostly(
      [0, 1, 0.1, -1.5, 1e300, 482_641_747_421_090_370],
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    ),
    compare: byNumber,
  },
  {
    name: "decimal",
    group: "ordered",
    make: (more) => fields.decimal({ ...more, maxDigits: 15, decimalPlaces: 2 }),
    values: mostly(
      ["0.00", "0.10", "9.50", "10.00", "-0.01"],
      fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }).map((units) => decimalText(units, 2)),
    ),
    compare: byDecimal,
  },
  {
    name: "wide",
    group: "ordered",
    make: (more) => fields.decimal({ ...more, maxDigits: 18, decimalPlaces: 6 }),
    values: mostly(
      ["0.000000", "9.500000", "10.000000", "-0.000001"],
      fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }).map((units) => decimalText(units, 6)),
    ),
    compare: byDecimal,
  },
  {
    name: "amount",
    group: "ordered",
    make: (more) => fields.decimal({ ...more, maxDigits: 12, decimalPlaces: 3, mode: "number" }),
    values: mostly(
      [0, 0.001, 9.5, 10],
      fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((units) => units / 1000 + 0),
    ),
    compare: byNumber,
  },
  {
    name: "char",
    group: "text",
    make: (more) => fields.char({ ...more, maxLength: 20 }),
    values: texts,
    compare: byText,
  },
  { name: "text", group: "text", make: fields.text as never, values: texts, compare: byText },
  {
    name: "charEnum",
    group: "text",
    make: (more) => fields.charEnum(["a", "A", "ab", "é"], more),
    values: fc.constantFrom("a", "A", "ab", "é"),
    compare: byText,
  },
  {
    name: "intEnum",
    group: "ordered",
    make: (more) => fields.intEnum([1, 2, 30], more),
    values: fc.constantFrom(1, 2, 30),
    compare: byNumber,
  },
  {
    name: "boolean",
    group: "equal",
    make: fields.boolean as never,
    values: fc.boolean(),
    compare: (left, right) => Number(left) - Number(right),
  },
  {
    name: "uuid",
    group: "equal",
    make: fields.uuid as never,
    values: mostly(["00000000-0000-0000-0000-000000000000", "12345678-9abc-4def-8000-000000000000"], fc.uuid()),
    compare: byText,
  },
  {
    name: "binary",
    group: "equal",
    make: fields.binary as never,
    values: fc.uint8Array({ maxLength: 2, max: 3 }).map((bytes) => new Uint8Array(bytes)),
    compare: byBytes,
  },
  {
    name: "date",
    group: "date",
    make: fields.date as never,
    values: mostly(["2024-12-30", "2025-01-01", "2024-02-29", "0001-01-01", "9999-12-31"], days),
    compare: byText,
  },
  {
    name: "datetime",
    group: "datetime",
    make: fields.datetime as never,
    values: mostly(
      INSTANTS.map((text) => new Date(text)),
      instants,
    ),
    compare: (left: Date, right: Date) => left.getTime() - right.getTime(),
  },
  {
    name: "micro",
    group: "datetime",
    make: (more) => fields.datetime({ ...more, precision: 6 }),
    values: mostly(
      INSTANTS.map((text) => `${text.slice(0, 23)}001Z`),
      micros,
    ),
    compare: byText,
  },
  {
    name: "time",
    group: "time",
    make: fields.time as never,
    values: mostly(["00:00:00", "13:05:09.250000", "23:59:59.999999"], clock),
    compare: byText,
  },
  {
    name: "delta",
    group: "ordered",
    make: fields.timeDelta as never,
    values: mostly([0, 1, -1, 3_600_000_000], fc.maxSafeInteger()),
    compare: byNumber,
  },
];

/** Every kind twice: `x` holds a value, `xNull` may hold none. */
export const COLUMNS: readonly { readonly name: string; readonly kind: Kind; readonly null: boolean }[] = KINDS.flatMap(
  (kind) => [
    { name: kind.name, kind, null: false },
    { name: `${kind.name}Null`, kind, null: true },
  ],
);

export const columnOf = new Map(COLUMNS.map((column) => [column.name, column]));

const row = fc.record(
  Object.fromEntries(
    COLUMNS.map((column) => [
      column.name,
      column.null ? fc.option(column.kind.values, { nil: null, freq: 3 }) : column.kind.values,
    ]),
  ),
);

/** Some rows with keys from 1. */
export const rowSets = (maxLength = 10): fc.Arbitrary<Plain[]> =>
  fc.array(row, { maxLength }).map((rows) => rows.map((values, i) => ({ ...values, id: i + 1 }) as Plain));

/** A database with one table of all kinds. */
export interface World {
  readonly orm: TerrapinContext;
  readonly Thing: Table;
  /** Puts exactly these rows into the table. */
  fill(rows: readonly Plain[]): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld({ open, share }: LawDriver): Promise<World> {
  const driver = open();
  const { padsTexts, foldsUnicode } = driver.dialect;
  Object.assign(rules, { padsTexts, foldsUnicode, share });
  const all = Object.fromEntries(
    COLUMNS.map(({ name, kind, null: nullable }) => [name, kind.make({ null: nullable }) as never]),
  );
  class Thing extends Model.define({
    id: fields.bigInt({ primaryKey: true }),
    ...all,
    mark: fields.int({ default: 0 }) as never,
  }) {}
  const table = Thing as unknown as Table;
  const orm = await context({ connections: { default: driver }, models: { Thing } });
  setDefaultContext(orm);
  await orm.generateSchemas();
  return {
    orm,
    Thing: table,
    async fill(rows) {
      await table.all().delete();
      await table.bulkCreate(rows.map((values) => new table(values)));
    },
    close: () => orm.closeConnections(),
  };
}

/** Runs of a property, from a seed that does not change. */
export const runs = (numRuns: number): fc.Parameters<unknown> => ({
  numRuns: Math.ceil(numRuns * rules.share),
  seed: 20_261_121,
  endOnFailure: false,
});
