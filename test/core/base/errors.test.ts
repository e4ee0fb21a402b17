import { describe, expect, it } from "vitest";
import { typeName } from "../../../core/base/errors.js";

class Money {}
class Expression {}

describe("the type of a value", () => {
  it.each<[unknown, string]>([
    [null, "null"],
    [undefined, "undefined"],
    [1, "a number"],
    ["text", "a string"],
    [1n, "a bigint"],
    [() => 1, "a function"],
    [[], "an array"],
    [{}, "an object"],
    [Object.create(null), "an object"],
    [new (class {})(), "an object"],
    [new Date(), "a Date"],
    [new Money(), "a Money"],
    [new Error("secret"), "an Error"],
    [new Expression(), "an Expression"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [new Uint8Array(1), "a Uint8Array"],
    [new URL("x:y"), "a URL"],
  ])("has the right article, %#", (value, name) => {
    expect(typeName(value)).toBe(name);
  });
});
