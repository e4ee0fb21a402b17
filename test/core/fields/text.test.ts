import { describe, expect, it } from "vitest";
import { FieldError } from "../../../core/base/errors.js";
import { loose, thrown } from "./support.js";

describe("char", () => {
  it.each([undefined, 0, -1, 1.5, "50", NaN, Infinity])("refuses the length %s", (maxLength) => {
    expect(thrown(() => loose.char({ maxLength }))).toMatchObject({
      name: "ConfigurationError",
      code: "bad_max_length",
    });
  });

  it("refuses to be made without options", () => {
    expect(thrown(() => loose.char()).code).toBe("bad_max_length");
  });

  it("counts characters as code points when it is written", () => {
    const field = loose.char({ maxLength: 3 }).bind("name", "name");
    for (const value of ["", "abc", "👍👍👍", "a\u0000b", "é́a"]) expect(field.forWrite(value)).toBe(value);
    expect(thrown(() => field.forWrite("abcd"))).toMatchObject({
      name: "ValidationError",
      code: "too_long",
      message: "name: Length 4 > 3",
    });
    expect(thrown(() => field.forWrite("👍👍👍👍")).message).toBe("name: Length 4 > 3");
    expect(thrown(() => field.forWrite("x".repeat(1e6))).code).toBe("too_long");
  });

  it("may be searched for longer text than it holds", () => {
    expect(loose.char({ maxLength: 3 }).clean("abcdef")).toBe("abcdef");
  });

  it("refuses half surrogate pairs", () => {
    for (const value of ["\ud83d", "a\udc4d", "\udc4d\ud83d"])
      expect(thrown(() => loose.char({ maxLength: 9 }).clean(value)).code).toBe("not_well_formed");
  });
});

describe("text", () => {
  it("takes any well-formed text as it is", () => {
    for (const value of ["", "\u0000", "'; DROP TABLE users; --", "👩‍👩‍👧", "\r\n\t", "x".repeat(1e6)])
      expect(loose.text().forWrite(value)).toBe(value);
  });

  it("refuses other types, and converts those with an obvious text", () => {
    for (const value of [5, true, 5n]) {
      expect(() => loose.text().clean(value)).toThrow(FieldError);
      expect(loose.text().convert(value)).toBe(String(value));
    }
    for (const value of [{}, [], NaN, new Date(0), new String("x"), null])
      expect(() => loose.text().convert(value)).toThrow(FieldError);
  });
});

describe("uuid", () => {
  const canonical = "0a1b2c3d-4e5f-6789-abcd-ef0123456789";

  it("takes both cases, with and without hyphens, and gives one form", () => {
    for (const value of [
      canonical,
      canonical.toUpperCase(),
      canonical.replaceAll("-", ""),
      canonical.replaceAll("-", "").toUpperCase(),
    ])
      expect(loose.uuid().clean(value)).toBe(canonical);
  });

  it("refuses what is no UUID", () => {
    for (const value of [
      "",
      "x",
      `{${canonical}}`,
      `${canonical} `,
      canonical.slice(1),
      `${canonical}\n`,
      canonical.replace("a", "g"),
      5,
    ])
      expect(() => loose.uuid().clean(value)).toThrow(FieldError);
  });
});
