import { describe, expect, test } from "vitest";
import { JsonNull } from "../../../core/fields/data.js";
import { formOf } from "../../../core/lookups/form.js";

describe("the form of a value", () => {
  test.each<[string, unknown, unknown]>([
    ["numbers of one size", 1, 2],
    ["texts", "a", "b"],
    ["lists of the same sorts", [1, "a"], [2, "b", "c"]],
    ["objects of the same keys", { a: 1, b: ["x"] }, { a: 2, b: ["y", "z"] }],
    ["what lies deeper than any lookup looks", { a: [{ b: 1 }] }, { a: [{ b: "x" }] }],
  ])("is the same for %s", (_name, one, other) => {
    expect(formOf(one)).toBe(formOf(other));
  });

  test.each<[string, unknown, unknown]>([
    ["null and the null of a document", null, JsonNull],
    ["true and false", true, false],
    ["a number and a text", 1, "1"],
    ["whole numbers and fractions", 1, 1.5],
    ["numbers and what is none", 1.5, Number.NaN],
    ["texts and what is not well-formed", "a", "\ud800"],
    ["a list with null and one without", ["a", null], ["a"]],
    ["lists that begin otherwise", [1, "a"], ["a", 1]],
    ["an object's null and a document's", { a: null }, { a: JsonNull }],
    ["other keys", { a: 1 }, { b: 1 }],
  ])("tells apart %s", (_name, one, other) => {
    expect(formOf(one)).not.toBe(formOf(other));
  });

  test("is found of what holds itself", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(typeof formOf(circle)).toBe("string");
  });
});
