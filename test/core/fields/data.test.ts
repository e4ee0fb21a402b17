import { describe, expect, it } from "vitest";
import { FieldError } from "../../../core/base/errors.js";
import { JsonNull } from "../../../core/fields/index.js";
import { loose, thrown } from "./support.js";

describe("boolean", () => {
  it("takes true and false only, and converts the usual words", () => {
    for (const value of [1, 0, "true", "", null]) expect(() => loose.boolean().clean(value)).toThrow(FieldError);
    for (const value of [true, 1, "1", "true", "TRUE"]) expect(loose.boolean().convert(value)).toBe(true);
    for (const value of [false, 0, "0", "false", "False"]) expect(loose.boolean().convert(value)).toBe(false);
    for (const value of [2, "yes", "", 1n]) expect(() => loose.boolean().convert(value)).toThrow(FieldError);
  });
});

describe("binary", () => {
  it("copies bytes into a plain Uint8Array", () => {
    const given = Buffer.from([1, 2, 3]);
    const clean = loose.binary().clean(given) as Uint8Array;
    given[0] = 9;
    expect(clean).toEqual(new Uint8Array([1, 2, 3]));
    expect(clean.constructor).toBe(Uint8Array);
    expect(loose.binary().clean(new Uint8Array([4, 5]).buffer)).toEqual(new Uint8Array([4, 5]));
    expect(loose.binary().clean(new Uint8Array([4, 5, 6]).subarray(1, 2))).toEqual(new Uint8Array([5]));
    expect(loose.binary().clean(new Uint8Array())).toEqual(new Uint8Array());
  });

  it("refuses text, lists and other views", () => {
    for (const value of ["abc", [1, 2], new Uint16Array(2), new DataView(new ArrayBuffer(2))])
      expect(() => loose.binary().clean(value)).toThrow(FieldError);
  });
});

describe("json", () => {
  const field = loose.json().bind("doc", "doc");

  it("gives a copy of every kind of document", () => {
    const document = { a: [1, "x", true, null, { b: {} }], "": -1.5, "key with 👍": [] };
    const clean = field.clean(document) as typeof document;
    expect(clean).toEqual(document);
    expect(clean).not.toBe(document);
    expect(clean.a).not.toBe(document.a);
    for (const value of ["text", 5, false, [], {}]) expect(field.clean(value)).toEqual(value);
  });

  it("tells JSON null from no value", () => {
    expect(field.clean(JsonNull)).toBe(JsonNull);
    expect(field.clean({ a: JsonNull })).toEqual({ a: null });
    expect(JSON.stringify({ a: JsonNull })).toBe('{"a":null}');
    expect(thrown(() => field.forWrite(null)).code).toBe("null");
  });

  it("keeps a key called __proto__ as a key", () => {
    const clean = field.clean(JSON.parse('{"__proto__": {"admin": true}}')) as { admin?: boolean };
    expect(Object.keys(clean)).toEqual(["__proto__"]);
    expect(clean.admin).toBeUndefined();
    expect(Object.getPrototypeOf(clean)).toBe(Object.prototype);
  });

  it("takes objects without a prototype, the same object twice, and turns -0 into 0", () => {
    const shared = { x: 1 };
    expect(field.clean(Object.assign(Object.create(null), { a: shared, b: [shared, shared] }))).toEqual({
      a: { x: 1 },
      b: [{ x: 1 }, { x: 1 }],
    });
    expect(Object.is((field.clean([-0]) as number[])[0], 0)).toBe(true);
  });

  it.each([
    ["undefined in an object", { a: { b: undefined } }, "doc: undefined at a.b is not JSON"],
    ["undefined in a list", { a: [1, undefined] }, "doc: undefined at a[1] is not JSON"],
    ["a hole", Object.assign([], { 1: 1 }), "doc: undefined at [0] is not JSON"],
    ["NaN", [[Number.NaN]], "doc: a number that is not finite at [0][0] is not JSON"],
    ["a function", { run: () => 1 }, "doc: a function at run is not JSON"],
    ["a bigint", { big: 1n }, "doc: a bigint at big is not JSON"],
    ["a Date", { at: new Date(0) }, "doc: a Date at at is not JSON"],
    ["a Map", { m: new Map() }, "doc: a Map at m is not JSON"],
    ["a symbol key", { [Symbol("s")]: 1 }, "doc: a key that is a symbol is not JSON"],
    ["toJSON", { a: { toJSON: () => 1 } }, "doc: an object with toJSON at a is not JSON"],
    ["half a surrogate pair", ["\ud800"], "doc: text that is not well-formed Unicode at [0] is not JSON"],
    ["half a surrogate pair in a key", { "\ud800": 1 }, "doc: a key that is not well-formed Unicode is not JSON"],
  ])("refuses %s with its path", (_, value, message) => {
    const error = thrown(() => field.clean(value));
    expect(error).toMatchObject({ name: "FieldError", code: "not_json" });
    expect(error.message).toContain(message);
  });

  it("refuses cycles and documents that are too deep", () => {
    const loop: Record<string, unknown> = { a: {} };
    (loop.a as Record<string, unknown>).back = loop;
    expect(thrown(() => field.clean(loop)).message).toContain("an object that contains itself at a.back");
    let deep: unknown = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(thrown(() => field.clean(deep)).message).toContain("1000 levels");
  });
});

describe("enumerations", () => {
  enum Level {
    Low = 1,
    High = 2,
    Cold = -5,
  }
  enum Status {
    Pending = "pending",
    Paid = "paid",
  }
  const SIZES = ["s", "m", "xxl"] as const;

  it("take arrays, const objects and TypeScript enums, without the reverse entries of numeric ones", () => {
    const members = (field: unknown): unknown[] => [...(field as { members: Set<unknown> }).members];
    expect(members(loose.intEnum(Level))).toEqual([1, 2, -5]);
    expect(members(loose.charEnum(Status))).toEqual(["pending", "paid"]);
    expect(members(loose.charEnum(SIZES))).toEqual(["s", "m", "xxl"]);
    expect(members(loose.charEnum({ 1: "one", 2: "two" }))).toEqual(["one", "two"]);
    expect(members(loose.intEnum([3, 3, 4]))).toEqual([3, 4]);
  });

  it("are as long as their longest member, or longer on request", () => {
    expect(loose.charEnum(SIZES).type).toEqual({ kind: "char", maxLength: 3 });
    expect(loose.charEnum(["👍👍"]).type).toEqual({ kind: "char", maxLength: 2 });
    expect(loose.charEnum([""]).type).toEqual({ kind: "char", maxLength: 1 });
    expect(loose.charEnum(SIZES, { maxLength: 10 }).type).toEqual({ kind: "char", maxLength: 10 });
    for (const maxLength of [2, 0, 1.5])
      expect(thrown(() => loose.charEnum(SIZES, { maxLength })).code).toBe("bad_max_length");
  });

  it("describe their named members, up to 2048 characters", () => {
    expect(loose.charEnum(Status).description).toBe("Pending: pending\nPaid: paid");
    expect(loose.intEnum(Level).description).toBe("Low: 1\nHigh: 2\nCold: -5");
    expect(loose.charEnum(SIZES).description).toBeNull();
    expect(loose.charEnum(Status, { description: "mine" }).description).toBe("mine");
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`NAME${i}`, i]));
    expect(loose.intEnum(many).description).toHaveLength(2048);
  });

  it("refuse other values, in filters too, and list the members", () => {
    expect(loose.intEnum(Level).clean(2)).toBe(2);
    expect(thrown(() => loose.intEnum(Level).clean(3))).toMatchObject({
      name: "FieldError",
      code: "not_a_member",
      hint: "members: 1, 2, -5",
    });
    expect(thrown(() => loose.charEnum(Status).clean("PAID"))).toMatchObject({
      code: "not_a_member",
      hint: "members: pending, paid",
    });
    expect(thrown(() => loose.charEnum(Status).clean(5)).hint).toBe("members: pending, paid");
    expect(() => loose.intEnum(Level).clean("Low")).toThrow(FieldError);
    expect(loose.intEnum(Level).convert("1")).toBe(1);
  });

  it.each([[[]], [{}], [undefined], [null], [["a", 1]], [[true]], ["abc"]])("refuse %j as members", (values) => {
    expect(thrown(() => loose.charEnum(values))).toMatchObject({ name: "ConfigurationError", code: "bad_enum" });
    expect(thrown(() => loose.intEnum(values))).toMatchObject({ name: "ConfigurationError", code: "bad_enum" });
  });

  it("refuse members that their column cannot hold", () => {
    for (const value of [1.5, 40_000, NaN]) expect(thrown(() => loose.intEnum([value])).code).toBe("bad_enum");
    expect(thrown(() => loose.charEnum(["\ud800"])).code).toBe("bad_enum");
  });
});
