import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalDecimal,
  compareDecimals,
  isCanonicalDecimal,
  parseDecimal,
  placePoint,
  wholeDigits,
} from "../../../core/base/decimal-text.js";

/** A decimal as an integer and a number of places, and its canonical text made another way. */
const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }));
const textOf = (unscaled: bigint, places: number): string => {
  const size = unscaled < 0n ? -unscaled : unscaled;
  const fraction = places === 0 ? "" : `.${String(size % 10n ** BigInt(places)).padStart(places, "0")}`;
  return `${unscaled < 0n ? "-" : ""}${size / 10n ** BigInt(places)}${fraction}`;
};

describe("decimals as text", () => {
  it("come back from parsing as they were", () => {
    fc.assert(
      fc.property(decimals, ([unscaled, places]) => {
        const text = textOf(unscaled, places);
        expect(canonicalDecimal(parseDecimal(text)!, places)).toBe(text);
        expect(isCanonicalDecimal(text, 60, places)).toBe(true);
      }),
    );
  });

  it("are the same however they are written", () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: -30, max: 30 }), ([unscaled, places], exponent) => {
        expect(parseDecimal(`${unscaled}e${exponent - places}`)).toEqual(
          parseDecimal(`${textOf(unscaled, places)}00E${exponent}`.replace(/^(-?\d+)00E/, "$1.00E")),
        );
      }),
    );
  });

  it("compare as numbers do", () => {
    fc.assert(
      fc.property(decimals, decimals, ([a, aPlaces], [b, bPlaces]) => {
        const [left, right] = [a * 10n ** BigInt(bPlaces), b * 10n ** BigInt(aPlaces)];
        const order = compareDecimals(parseDecimal(textOf(a, aPlaces))!, parseDecimal(textOf(b, bPlaces))!);
        expect(Math.sign(order)).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  it("compare without writing out huge exponents", () => {
    expect(compareDecimals(parseDecimal("1e999999999")!, parseDecimal("2")!)).toBeGreaterThan(0);
    expect(compareDecimals(parseDecimal("-1e-999999999")!, parseDecimal("0")!)).toBeLessThan(0);
    expect(wholeDigits(parseDecimal("1e999999999")!)).toBe(1_000_000_000);
  });

  it("are canonical in one form only", () => {
    const canonical = (text: string): boolean => isCanonicalDecimal(text, 5, 2);
    for (const text of ["0.00", "1.50", "-1.50", "999.99", "-0.01"]) expect(canonical(text), text).toBe(true);
    for (const text of [
      "-0.00",
      "1.5",
      "1.500",
      "01.50",
      ".50",
      "1000.00",
      "1",
      "",
      "-",
      "+1.50",
      "1,50",
      "a.bc",
      "1.5a",
      "--1.50",
    ])
      expect(canonical(text), text).toBe(false);
    expect([
      isCanonicalDecimal("-0", 3, 0),
      isCanonicalDecimal("0", 3, 0),
      isCanonicalDecimal("1.", 3, 0),
      isCanonicalDecimal("", 3, 0),
    ]).toEqual([false, true, false, false]);
  });

  it("get their point placed with leading zeros where they need them", () => {
    expect([placePoint("5", 2), placePoint("50", 2), placePoint("1250", 2), placePoint("7", 0)]).toEqual([
      "0.05",
      "0.50",
      "12.50",
      "7",
    ]);
  });
});
