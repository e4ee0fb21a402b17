import { describe, expect, it } from "vitest";
import { FieldError } from "../../../core/base/errors.js";
import { loose, thrown } from "./support.js";

describe("smallInt and int", () => {
  it("take safe integers and never give -0", () => {
    for (const value of [0, 1, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      expect(loose.int().clean(value)).toBe(value);
    expect(Object.is(loose.int().clean(-0), 0)).toBe(true);
  });

  it("refuse fractions, unsafe integers, text, booleans and bigints", () => {
    for (const value of [1.5, 2 ** 53, -(2 ** 53), NaN, Infinity, "5", true, 5n, null, new Number(5)])
      expect(() => loose.int().clean(value)).toThrow(FieldError);
    expect(thrown(() => loose.int().clean(2 ** 53)).code).toBe("unsafe_integer");
  });

  it("refuse what the column cannot hold when it is written, not when it is searched", () => {
    const cases = [
      ["smallInt", 2 ** 15],
      ["int", 2 ** 31],
    ] as const;
    for (const [kind, limit] of cases) {
      const field = loose[kind]().bind("n", "n");
      expect([field.forWrite(limit - 1), field.forWrite(-limit)]).toEqual([limit - 1, -limit]);
      for (const value of [limit, -limit - 1]) {
        expect(field.clean(value)).toBe(value);
        expect(thrown(() => field.forWrite(value))).toMatchObject({
          name: "ValidationError",
          code: "out_of_range",
          hint: `from ${-limit} to ${limit - 1}`,
        });
      }
    }
  });

  it("convert whole text and small bigints, and nothing that would lose", () => {
    const field = loose.int();
    expect([field.convert("5"), field.convert("-007"), field.convert("+5"), field.convert(9n)]).toEqual([5, -7, 5, 9]);
    for (const value of ["", " 5", "5.0", "5e2", "0x10", "9007199254740993", 2n ** 53n, true, "١", [5]])
      expect(() => field.convert(value)).toThrow(FieldError);
  });
});

describe("bigInt", () => {
  it("gives numbers, and takes bigints that a number holds", () => {
    const field = loose.bigInt();
    expect([field.clean(2 ** 53 - 1), field.clean(-5n), field.clean(9007199254740991n)]).toEqual([
      2 ** 53 - 1,
      -5,
      9007199254740991,
    ]);
    for (const value of [9007199254740992n, -9007199254740992n, 2 ** 53])
      expect(thrown(() => field.clean(value)).code).toBe("unsafe_integer");
  });

  it("gives bigints of 64 bits in bigint mode", () => {
    const field = loose.bigInt({ mode: "bigint" });
    expect([field.clean(5), field.clean(2n ** 63n - 1n), field.clean(-(2n ** 63n))]).toEqual([
      5n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
    for (const value of [2n ** 63n, -(2n ** 63n) - 1n])
      expect(thrown(() => field.clean(value)).code).toBe("out_of_range");
    for (const value of [2 ** 53, 1.5, "5", NaN]) expect(() => field.clean(value)).toThrow(FieldError);
  });

  it("converts text of any length exactly", () => {
    expect(loose.bigInt({ mode: "bigint" }).convert("9007199254740993")).toBe(9007199254740993n);
    expect(loose.bigInt().convert("+12")).toBe(12);
    expect(() => loose.bigInt().convert("9007199254740993")).toThrow(FieldError);
    expect(() => loose.bigInt().convert("12n")).toThrow(FieldError);
  });

  it("knows two modes", () => {
    expect(thrown(() => loose.bigInt({ mode: "text" }))).toMatchObject({
      name: "ConfigurationError",
      code: "bad_mode",
      hint: "known: number, bigint",
    });
  });
});

describe("float and timeDelta", () => {
  it("take finite numbers", () => {
    for (const value of [0.1, 5e-324, 1.7976931348623157e308, -1.5]) expect(loose.float().clean(value)).toBe(value);
    for (const value of [NaN, Infinity, -Infinity, "1.5", 1n])
      expect(() => loose.float().clean(value)).toThrow(FieldError);
    expect(Object.is(loose.float().clean(-0), 0)).toBe(true);
  });

  it("convert numeric text", () => {
    expect([loose.float().convert("1.5e3"), loose.float().convert(".5"), loose.timeDelta().convert("-5")]).toEqual([
      1500, 0.5, -5,
    ]);
    for (const value of ["", " ", "abc", "1e999", "Infinity", "NaN", "0x1"])
      expect(() => loose.float().convert(value)).toThrow(FieldError);
  });

  it("count microseconds as whole numbers", () => {
    expect(loose.timeDelta().clean(-86_400_000_000)).toBe(-86_400_000_000);
    for (const value of [0.5, 2 ** 53, "1"]) expect(() => loose.timeDelta().clean(value)).toThrow(FieldError);
  });
});

describe("decimal", () => {
  const price = loose.decimal({ maxDigits: 10, decimalPlaces: 2 });

  it.each([
    ["99.99", "99.99"],
    [99.99, "99.99"],
    ["1.5", "1.50"],
    [1, "1.00"],
    ["1e3", "1000.00"],
    ["1.5E-1", "0.15"],
    ["0012.3", "12.30"],
    [".5", "0.50"],
    ["5.", "5.00"],
    ["+5", "5.00"],
    ["-0", "0.00"],
    [-0, "0.00"],
    ["-0.00", "0.00"],
    ["-0.10", "-0.10"],
    ["1.5000", "1.50"],
    ["99999999.99", "99999999.99"],
    ["0e99999999999", "0.00"],
    [0.07, "0.07"],
  ])("reads %s exactly as %s", (given, canonical) => {
    expect(price.clean(given)).toBe(canonical);
  });

  it("takes seeds' 99.99 as text and as number, and gives the same", () => {
    expect(price.clean(99.99)).toBe(price.clean("99.99"));
    expect(Number(price.clean(99.99))).toBe(99.99);
  });

  it("refuses more places than the column has, instead of rounding", () => {
    for (const value of ["1.005", 0.1 + 0.2, "1e-3", 1e-7, "0.001"])
      expect(thrown(() => price.clean(value)).code).toBe("too_many_places");
  });

  it("refuses more digits than the column has", () => {
    for (const value of ["100000000", 1e21, "1e999999999999", "-123456789.1"])
      expect(thrown(() => price.clean(value)).code).toBe("too_many_digits");
  });

  it("refuses what is no decimal", () => {
    for (const value of [
      "",
      ".",
      "-",
      "1,5",
      "1 ",
      " 1",
      "abc",
      "1e",
      "e5",
      "0x1",
      "Infinity",
      NaN,
      Infinity,
      5n,
      true,
      null,
      "1.2.3",
      "１",
    ])
      expect(() => price.clean(value)).toThrow(FieldError);
  });

  it("answers quickly for text of a million characters", () => {
    const started = performance.now();
    expect(() => price.clean(`1${"0".repeat(1e6)}1`)).toThrow(FieldError);
    expect(() => price.clean(`1.${"0".repeat(1e6)}1`)).toThrow(FieldError);
    expect(() => price.clean(`${"0".repeat(1e6)}x`)).toThrow(FieldError);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("gives numbers on request, exactly", () => {
    const field = loose.decimal({ maxDigits: 10, decimalPlaces: 2, mode: "number" });
    expect([field.clean("99.99"), field.clean(0.07), Object.is(field.clean("-0"), 0)]).toEqual([99.99, 0.07, true]);
    expect(() => field.clean(1.005)).toThrow(FieldError);
  });

  it("holds hundreds of digits", () => {
    const digits = "9".repeat(300);
    expect(loose.decimal({ maxDigits: 400, decimalPlaces: 100 }).clean(`${digits}.1`)).toBe(
      `${digits}.1${"0".repeat(99)}`,
    );
  });

  it("has no point without places", () => {
    const field = loose.decimal({ maxDigits: 3, decimalPlaces: 0 });
    expect([field.clean("12.0"), field.clean(-5)]).toEqual(["12", "-5"]);
    expect(() => field.clean("0.5")).toThrow(FieldError);
  });

  it("may be all places", () => {
    const field = loose.decimal({ maxDigits: 3, decimalPlaces: 3 });
    expect(field.clean("-0.125")).toBe("-0.125");
    expect(() => field.clean(1)).toThrow(FieldError);
  });

  it("converts bigints too", () => {
    expect(price.convert(5n)).toBe("5.00");
  });

  it.each([
    [undefined, "bad_max_digits"],
    [{}, "bad_max_digits"],
    [{ maxDigits: 0, decimalPlaces: 0 }, "bad_max_digits"],
    [{ maxDigits: 5 }, "bad_decimal_places"],
    [{ maxDigits: 1.5, decimalPlaces: 0 }, "bad_max_digits"],
    [{ maxDigits: "5", decimalPlaces: 0 }, "bad_max_digits"],
    [{ maxDigits: 5, decimalPlaces: -1 }, "bad_decimal_places"],
    [{ maxDigits: 5, decimalPlaces: 6 }, "bad_decimal_places"],
    [{ maxDigits: 5, decimalPlaces: 2, mode: "float" }, "bad_mode"],
    [{ maxDigits: 5, decimalPlaces: 2, storage: "blob" }, "bad_storage"],
    [{ maxDigits: 16, decimalPlaces: 2, mode: "number" }, "bad_mode"],
    [{ maxDigits: 16, decimalPlaces: 2, storage: "numeric" }, "bad_storage"],
  ])("refuses the options %j", (options, code) => {
    expect(thrown(() => loose.decimal(options))).toMatchObject({ name: "ConfigurationError", code });
  });
});
