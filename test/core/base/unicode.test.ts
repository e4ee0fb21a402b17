import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codePoints, isLongerThan, isWellFormed } from "../../../core/base/unicode.js";

describe("text", () => {
  it("is counted in code points, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(codePoints(text)).toBe(Array.from(text).length);
      }),
    );
    for (const text of ["", "\ud83d", "\udc4d\ud83d", "a\ud83db", "👍", "👍\ud83d"])
      expect(codePoints(text)).toBe(Array.from(text).length);
  });

  it("is longer than a limit exactly when its code points are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), fc.nat(30), (text, limit) => {
        expect(isLongerThan(text, limit)).toBe(Array.from(text).length > limit);
      }),
    );
  });

  it("is well-formed without lone surrogates", () => {
    expect(["", "👍", "\ud83d", "\udc4d"].map(isWellFormed)).toEqual([true, true, false, false]);
  });
});
