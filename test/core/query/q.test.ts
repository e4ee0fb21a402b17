import { omitUndefined, Q } from "terrapin";
import { describe, expect, it } from "vitest";
import { conditions, isEmpty, QNode } from "../../../core/query/q.js";
import { loose } from "../../support/loose.js";

const q = loose(Q);
const a = q({ a: 1 });
const b = q({ b: 2 });

describe("Q", () => {
  it("holds what was asked, in order", () => {
    expect(q({ b: 2, a__gt: 1 })).toEqual(
      new QNode("and", false, [
        { path: "b", value: 2 },
        { path: "a__gt", value: 1 },
      ]),
    );
  });

  it("is combined into new trees and never changed", () => {
    const before = structuredClone(a);
    const tree = a.or(b).and(a).not();
    expect(tree).toEqual(new QNode("and", true, [new QNode("or", false, [a, b]), a]));
    expect(structuredClone(a)).toEqual(before);
    expect(a.not().not()).toEqual(a);
    expect(q.not(a)).toEqual(a.not());
    expect(q.or(a, b)).toEqual(a.or(b));
    expect(q.and(a)).toBe(a);
  });

  it("of nothing adds nothing to what it is combined with", () => {
    expect(q({}).or(a)).toBe(a);
    expect(q({}).and(a)).toBe(a);
    expect(q.or(q({}), a, q({}))).toBe(a);
  });

  it("takes null, and lists and dates as they are at the call", () => {
    const list = [1];
    const tree = q({ a: null, b__in: list });
    list.push(2);
    expect(tree.items).toEqual([
      { path: "a", value: null },
      { path: "b__in", value: [1] },
    ]);
  });

  it.each<[string, () => unknown]>([
    ["undefined inside", () => q({ a: undefined })],
    ["nothing", () => q()],
    ["null", () => q(null)],
    ["text", () => q("a = 1")],
    ["a list", () => q([a])],
    ["a Map", () => q(new Map([["a", 1]]))],
    ["an object where a Q belongs", () => q.or({ a: 1 })],
    ["undefined in and()", () => a.and(undefined)],
    ["text in not()", () => q.not("a")],
    ["an object in or()", () => a.or({ b: 1 })],
  ])("refuses %s", (_, call) => {
    expect(call).toThrow(expect.objectContaining({ name: "ParamsError" }));
  });

  it("inherited keys are asked too, an empty class is not taken for an empty filter", () => {
    class Filter {
      a = 1;
    }
    expect(q(new Filter()).items).toEqual([{ path: "a", value: 1 }]);
    expect(() => q(new (class Nothing {})())).toThrow(expect.objectContaining({ name: "ParamsError" }));
    expect(q(Object.create(null)).items).toEqual([]);
  });
});

describe("a tree that says nothing", () => {
  it.each<[string, () => QNode, boolean]>([
    ["an empty object", () => q({}), true],
    ["several", () => conditions([{}, q({})], "filter"), true],
    ["negated twice", () => q({}).not().not(), true],
    ["or of nothing", () => q.or(), true],
    ["negated", () => q({}).not(), false],
    ["negations that meet across levels", () => conditions([q({}).not(), {}], "exclude").not(), true],
    ["a condition", () => a, false],
    ["a condition beside nothing", () => conditions([{}, a], "filter"), false],
    ["what never holds beside a condition", () => conditions([q({}).not(), a], "filter"), false],
    ["what never holds, negated, or-ed", () => new QNode("or", true, [q({}).not()]), true],
  ])("%s", (_, make, empty) => {
    expect(isEmpty(make())).toBe(empty);
  });
});

describe("omitUndefined", () => {
  it("drops undefined and nothing else", () => {
    expect(omitUndefined({ a: undefined, b: null, c: 0, d: "", e: false, f: Number.NaN })).toEqual({
      b: null,
      c: 0,
      d: "",
      e: false,
      f: Number.NaN,
    });
  });

  it("leaves its argument alone", () => {
    const given = { a: undefined, b: 1 };
    omitUndefined(given);
    expect(Object.keys(given)).toEqual(["a", "b"]);
  });
});
