import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { FIRST_INSTANT, formatInstant, LAST_INSTANT, shortTime } from "../../core/base/datetime-text.js";
import { FieldError } from "../../core/base/errors.js";
import { type Field, JsonNull } from "../../core/fields/index.js";
import type { ColumnType, SqlValue } from "../../core/sql/column-type.js";
import { codec, columnType, decimalForm } from "../../drivers/sqlite/types.js";
import { loose, thrown } from "../core/fields/support.js";

const db = new Database(":memory:");
afterAll(() => db.close());

const encode = (type: ColumnType, value: unknown): SqlValue => {
  const { encode: write } = codec(type);
  return write === null ? (value as SqlValue) : write(value as never);
};
const decode = (type: ColumnType, stored: unknown): unknown => {
  const { decode: read } = codec(type);
  return read === null ? stored : read(stored as never);
};

/** Writes a value into a column of the field's type and reads it back, as the library would. */
function tripper(type: ColumnType): (value: SqlValue) => { stored: unknown; kept: string; found: number } {
  const name = `t${Math.random().toString(36).slice(2)}`;
  db.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, v ${columnType(type)})`);
  const write = db.prepare(`INSERT OR REPLACE INTO ${name} VALUES (1, ?)`);
  const read = db
    .prepare(
      `SELECT ${codec(type).readAs === "text" ? "CAST(v AS TEXT)" : "v"}, typeof(v), (SELECT count(*) FROM ${name} WHERE v = ?) FROM ${name}`,
    )
    .raw();
  return (value) => {
    write.run(value);
    const [stored, kept, found] = read.get(value) as [unknown, string, number];
    return { stored, kept, found };
  };
}

const integers = (limit: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: -limit, max: limit - 1 }), fc.constantFrom(0, 1, -1, limit - 1, -limit));
const safe = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 0n),
);
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }).filter((value) => (value as unknown as { isWellFormed(): boolean }).isWellFormed()),
  fc.constantFrom("", "\u0000", "a\u0000b", "'; --", "👩‍👩‍👧", "\ufeff"),
);
const dates = fc
  .oneof(
    fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT }),
    fc.constantFrom(FIRST_INSTANT, LAST_INSTANT, -1, 0, 951_782_400_000),
  )
  .map((ms) => new Date(ms));
const micros = fc
  .tuple(dates, fc.integer({ min: 0, max: 999 }))
  .map(([date, extra]) => `${formatInstant({ ms: date.getTime(), nanos: extra * 1000 }, "T")}Z`);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }).filter((value) => value !== null),
  fc.constantFrom<unknown>(JsonNull, "", [], {}, 0, false, { 'a"b': ["\u2028"] }, [[null]]),
);
const decimals = (maxDigits: number, places: number): fc.Arbitrary<string> => {
  const limit = 10n ** BigInt(maxDigits) - 1n;
  return fc
    .oneof(fc.bigInt({ min: -limit, max: limit }), fc.constantFrom(0n, 1n, -1n, limit, -limit))
    .map((units) => `${units}e-${places}`);
};

const cases: readonly (readonly [name: string, field: Field, values: fc.Arbitrary<unknown>, kept: string])[] = [
  ["smallInt", loose.smallInt(), integers(2 ** 15), "integer"],
  ["int", loose.int(), integers(2 ** 31), "integer"],
  ["bigInt", loose.bigInt(), safe, "integer"],
  ["bigInt of bigints", loose.bigInt({ mode: "bigint" }), int64, "integer"],
  ["float", loose.float(), fc.double({ noNaN: true, noDefaultInfinity: true }), "real"],
  ["boolean", loose.boolean(), fc.boolean(), "integer"],
  ["char", loose.char({ maxLength: 1000 }), text, "text"],
  ["text", loose.text(), text, "text"],
  ["uuid", loose.uuid(), fc.uuid(), "text"],
  ["date", loose.date(), dates, "text"],
  ["datetime", loose.datetime(), dates, "text"],
  ["datetime with microseconds", loose.datetime({ precision: 6 }), fc.oneof(dates, micros), "text"],
  ["time", loose.time(), micros.map((value) => shortTime(value.slice(11, 26))), "text"],
  ["timeDelta", loose.timeDelta(), safe, "integer"],
  ["binary", loose.binary(), fc.uint8Array({ maxLength: 300 }), "blob"],
  ["json", loose.json(), json, "text"],
  ["intEnum", loose.intEnum([1, -5]), fc.constantFrom(1, -5), "integer"],
  ["charEnum", loose.charEnum(["", "ü"]), fc.constantFrom("", "ü"), "text"],
  ["decimal", loose.decimal({ maxDigits: 10, decimalPlaces: 2 }), decimals(10, 2), "integer"],
  ["decimal without places", loose.decimal({ maxDigits: 15, decimalPlaces: 0 }), decimals(15, 0), "integer"],
  ["decimal of 15 digits", loose.decimal({ maxDigits: 15, decimalPlaces: 15 }), decimals(15, 15), "integer"],
  ["decimal of 16 digits", loose.decimal({ maxDigits: 16, decimalPlaces: 4 }), decimals(16, 4), "integer"],
  ["decimal of 18 digits", loose.decimal({ maxDigits: 18, decimalPlaces: 6 }), decimals(18, 6), "integer"],
  ["decimal of 40 digits", loose.decimal({ maxDigits: 40, decimalPlaces: 20 }), decimals(40, 20), "text"],
  ["decimal as text", loose.decimal({ maxDigits: 10, decimalPlaces: 2, storage: "text" }), decimals(10, 2), "text"],
  [
    "decimal as a number",
    loose.decimal({ maxDigits: 15, decimalPlaces: 6, mode: "number" }),
    decimals(15, 6),
    "integer",
  ],
  [
    "decimal as a number in text",
    loose.decimal({ maxDigits: 15, decimalPlaces: 10, mode: "number", storage: "text" }),
    decimals(15, 10),
    "text",
  ],
  [
    "decimal as SQLite's number",
    loose.decimal({ maxDigits: 15, decimalPlaces: 6, storage: "numeric" }),
    decimals(15, 6),
    "",
  ],
  [
    "decimal as SQLite's number and ours",
    loose.decimal({ maxDigits: 15, decimalPlaces: 2, storage: "numeric", mode: "number" }),
    decimals(15, 2),
    "",
  ],
];

describe("values of every kind", () => {
  it.each(cases)(
    "%s: come back from SQLite unchanged, in the expected storage class, and are found by equality",
    (_, field, values, kept) => {
      const trip = tripper(field.type);
      fc.assert(
        fc.property(values, (value) => {
          const canonical = field.forWrite(value);
          const there = trip(encode(field.type, canonical));
          if (kept !== "") expect(there.kept).toBe(kept);
          expect(there.found).toBe(1);
          const back = decode(field.type, there.stored);
          expect(back).toEqual(canonical);
          expect(field.clean(back)).toEqual(canonical);
          expect(encode(field.type, back)).toEqual(encode(field.type, canonical));
        }),
        { numRuns: 300 },
      );
    },
  );

  it("sort as their values do: decimals, instants and times", () => {
    const sorted = (field: Field, values: unknown[]): unknown[] => {
      db.exec(`DROP TABLE IF EXISTS sorting; CREATE TABLE sorting (v ${columnType(field.type)})`);
      for (const value of values)
        db.prepare("INSERT INTO sorting VALUES (?)").run(encode(field.type, field.clean(value)));
      return db
        .prepare("SELECT v FROM sorting ORDER BY v")
        .pluck()
        .all()
        .map((stored) => decode(field.type, stored));
    };
    expect(sorted(loose.decimal({ maxDigits: 10, decimalPlaces: 2 }), ["10", "9.5", "-3", "1000", "0"])).toEqual([
      "-3.00",
      "0.00",
      "9.50",
      "10.00",
      "1000.00",
    ]);
    expect(
      sorted(loose.datetime(), [new Date(0), new Date(-1), new Date("0001-01-01T00:00:00Z"), new Date("2024-01-01")]),
    ).toEqual([new Date("0001-01-01T00:00:00Z"), new Date(-1), new Date(0), new Date("2024-01-01")]);
    expect(sorted(loose.time(), ["12:00:00.5", "12:00", "00:00:00.000001"])).toEqual([
      "00:00:00.000001",
      "12:00:00",
      "12:00:00.500000",
    ]);
  });
});

describe("column types", () => {
  it("are what SQLite needs to keep the stored form", () => {
    const of = (field: Field): string => columnType(field.type);
    expect(
      [loose.smallInt(), loose.int(), loose.bigInt(), loose.boolean(), loose.timeDelta(), loose.intEnum([1])].map(of),
    ).toEqual(Array(6).fill("INTEGER"));
    expect(
      [
        loose.float(),
        loose.char({ maxLength: 9 }),
        loose.charEnum(["abc"]),
        loose.text(),
        loose.uuid(),
        loose.binary(),
      ].map(of),
    ).toEqual(["REAL", "VARCHAR(9)", "VARCHAR(3)", "TEXT", "CHAR(36)", "BLOB"]);
    expect(
      [loose.date(), loose.time(), loose.datetime(), loose.datetime({ precision: 6 }), loose.json()].map(of),
    ).toEqual(Array(5).fill("TEXT"));
  });

  it("of decimals follow their digits and their storage", () => {
    const of = (maxDigits: number, storage?: string): string => {
      const type = loose.decimal({ maxDigits, decimalPlaces: 2, storage }).type as Extract<
        ColumnType,
        { kind: "decimal" }
      >;
      return `${decimalForm(type)} ${columnType(type)} ${codec(type).readAs}`;
    };
    expect([of(15), of(16), of(18), of(19), of(10, "text"), of(10, "numeric")]).toEqual([
      "integer INTEGER null",
      "integer INTEGER text",
      "integer INTEGER text",
      "text TEXT null",
      "text TEXT null",
      "numeric NUMERIC null",
    ]);
  });
});

describe("stored forms", () => {
  it("have a fixed width", () => {
    expect(encode(loose.datetime().type, new Date(5))).toBe("1970-01-01 00:00:00.005");
    expect(encode(loose.datetime({ precision: 6 }).type, "1970-01-01T00:00:00.000005Z")).toBe(
      "1970-01-01 00:00:00.000005",
    );
    expect(encode(loose.time().type, "12:00:00")).toBe("12:00:00.000000");
    expect(encode(loose.decimal({ maxDigits: 10, decimalPlaces: 2 }).type, "-12.50")).toBe(-1250);
    expect(encode(loose.decimal({ maxDigits: 18, decimalPlaces: 2 }).type, "-0.05")).toBe(-5n);
    expect(encode(loose.boolean().type, true)).toBe(1);
    expect(encode(loose.json().type, JsonNull)).toBe("null");
  });

  it("need no work at all for most kinds", () => {
    for (const field of [
      loose.int(),
      loose.bigInt(),
      loose.float(),
      loose.text(),
      loose.uuid(),
      loose.date(),
      loose.binary(),
    ])
      expect(codec(field.type).encode).toBeNull();
    for (const field of [loose.float(), loose.text(), loose.char({ maxLength: 5 }), loose.uuid()])
      expect(codec(field.type).decode).toBeNull();
  });
});

describe("foreign forms", () => {
  const datetime = loose.datetime().type;
  const precise = loose.datetime({ precision: 6 }).type;

  it.each([
    "2024-01-31 12:00:00",
    "2024-01-31T12:00:00Z",
    "2024-01-31T12:00:00.000Z",
    "2024-01-31 13:00:00+01:00",
    "2024-01-31 12:00:00.000000+00:00",
    "2024-01-31 12:00",
  ])("of instants are read: %s", (stored) => {
    expect(decode(datetime, stored)).toEqual(new Date("2024-01-31T12:00:00Z"));
    expect(decode(precise, stored)).toBe("2024-01-31T12:00:00.000000Z");
  });

  it("are refused where reading would lose or guess", () => {
    expect(thrown(() => decode(datetime, "2024-01-31 12:00:00.123456")).code).toBe("too_precise");
    expect(thrown(() => decode(precise, "2024-01-31 12:00:00.1234567")).code).toBe("too_precise");
    for (const stored of ["", "never", "2024-02-30 00:00:00.000", 1_700_000_000, 5n]) {
      expect(thrown(() => decode(datetime, stored)).code).toBe("bad_stored_value");
      expect(thrown(() => decode(precise, stored)).code).toBe("bad_stored_value");
    }
    expect(thrown(() => decode(loose.date().type, "yesterday")).code).toBe("bad_stored_value");
    expect(thrown(() => decode(loose.time().type, "noon")).code).toBe("bad_stored_value");
    expect(thrown(() => decode(loose.json().type, "{broken")).code).toBe("bad_stored_value");
    expect(thrown(() => decode(loose.binary().type, 5)).code).toBe("bad_stored_value");
    expect(thrown(() => decode(loose.int().type, 1.5)).code).toBe("bad_stored_value");
    expect(thrown(() => decode(loose.int().type, "abc")).code).toBe("bad_stored_value");
    expect(thrown(() => decode(loose.bigInt({ mode: "bigint" }).type, "1.5")).code).toBe("bad_stored_value");
  });

  it("of days, times, booleans, bytes and JSON are read", () => {
    expect(decode(loose.date().type, "2024-01-31 00:00:00")).toBe("2024-01-31");
    expect(decode(loose.time().type, "12:30")).toBe("12:30:00");
    expect([1, 0, 2, 1n, 0n].map((stored) => decode(loose.boolean().type, stored))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(decode(loose.binary().type, "é")).toEqual(new Uint8Array([195, 169]));
    expect(decode(loose.json().type, 5)).toBe(5);
  });

  it("of decimals are brought into canonical form", () => {
    const type = loose.decimal({ maxDigits: 10, decimalPlaces: 2, storage: "text" }).type;
    expect(["10.5", "1E+3", "7", "-0", 10.5].map((stored) => decode(type, stored))).toEqual([
      "10.50",
      "1000.00",
      "7.00",
      "0.00",
      "10.50",
    ]);
    expect(thrown(() => decode(type, "1.005")).code).toBe("bad_stored_value");
    const numeric = loose.decimal({ maxDigits: 10, decimalPlaces: 2, storage: "numeric" }).type;
    expect([0.1 + 0.2, 5, "5"].map((stored) => decode(numeric, stored))).toEqual(["0.30", "5.00", "5.00"]);
    expect(thrown(() => decode(numeric, 0.125)).code).toBe("bad_stored_value");
    expect(thrown(() => decode(numeric, "abc")).code).toBe("bad_stored_value");
  });
});

describe("integers that a number cannot hold", () => {
  it("are refused, not rounded", () => {
    const stored = db.prepare("SELECT 9007199254740993, -9223372036854775808").raw().get() as number[];
    for (const kind of ["int", "bigInt", "timeDelta"] as const) {
      for (const value of [...stored, 9007199254740993n])
        expect(thrown(() => decode(loose[kind]().type, value))).toMatchObject({
          name: "FieldError",
          code: "unsafe_integer",
        });
    }
    expect(() => decode(loose.decimal({ maxDigits: 10, decimalPlaces: 2 }).type, stored[0])).toThrow(FieldError);
  });

  it("are read exactly as bigints, however the client hands them over", () => {
    const { type } = loose.bigInt({ mode: "bigint" });
    expect(["9007199254740993", 9007199254740993n, 5].map((value) => decode(type, value))).toEqual([
      9007199254740993n,
      9007199254740993n,
      5n,
    ]);
    expect(thrown(() => decode(type, 2 ** 53)).name).toBe("FieldError");
  });
});

describe("bytes", () => {
  it("come back as a plain Uint8Array over the same memory", () => {
    const buffer = Buffer.from([1, 2, 3]);
    const bytes = decode(loose.binary().type, buffer) as Uint8Array;
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect([bytes.buffer === buffer.buffer, bytes.byteOffset === buffer.byteOffset, bytes.length]).toEqual([
      true,
      true,
      3,
    ]);
  });
});
