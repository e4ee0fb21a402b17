import { readFileSync } from "node:fs";
import * as errors from "../../core/base/errors.js";
import { describe, expect, test } from "vitest";
import { type Node, parse, readShipped, walk } from "./support/source.js";

const page = readFileSync("docs/errors.md", "utf8");
const [classPart = "", codePart = ""] = page.slice(page.indexOf("## Classes")).split("## Codes");

/** The cells of the rows that begin with a name in backquotes. */
const rowsOf = (part: string): string[][] =>
  [...part.matchAll(/^\| `.*$/gm)].map(([row]) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const unquote = (cell: string): string => cell.replaceAll("`", "");

/** The codes in a file: as `code: "…"`, in a driver's table, or given to one of the small functions that make an error. */
function codesIn(text: string): string[] {
  const codes: string[] = [];
  const take = (node: Node | undefined): void => {
    if (node?.type === "Literal" && typeof node.value === "string") codes.push(node.value);
    if (node?.type === "ConditionalExpression")
      for (const side of [node.consequent, node.alternate]) take(side as Node);
  };
  walk(parse(text), (node) => {
    if (node.type === "Property" && (node.key as Node).name === "code") take(node.value as Node);
    if (node.type === "VariableDeclarator" && (node.id as Node).name === "OPERATIONAL") {
      for (const entry of (node.init as Node).properties as Node[]) take(entry.value as Node);
    }
    if (node.type !== "CallExpression") return;
    const callee = node.callee as Node;
    const name = callee.type === "MemberExpression" ? (callee.property as Node).name : callee.name;
    if (["bad", "refused", "fail"].includes(name as string)) take((node.arguments as Node[])[1]);
  });
  return codes;
}

type ErrorClass = new (message: string, details?: errors.ErrorDetails) => errors.TerrapinError;
const isErrorClass = (value: unknown): boolean =>
  value === errors.TerrapinError || (typeof value === "function" && value.prototype instanceof errors.TerrapinError);
const classes = Object.entries(errors).filter(([, value]) => isErrorClass(value)) as unknown as [string, ErrorClass][];

describe("docs/errors.md", () => {
  test("lists every class with its default code", () => {
    const documented = rowsOf(classPart).map(([name = "", code = ""]) => [unquote(name), unquote(code)]);
    expect(documented).toEqual(classes.map(([name, Class]) => [name, new Class("x").code]));
  });

  test("lists every code that is thrown, once, in alphabetical order, and none besides", () => {
    const thrown = new Set<string>();
    for (const [file, text] of readShipped()) {
      if (!file.startsWith("core/testing/") && file !== "core/base/errors.ts")
        for (const code of codesIn(text)) thrown.add(code);
    }
    expect(rowsOf(codePart).map(([code = ""]) => unquote(code))).toEqual([...thrown].sort());
  });

  test("names a class, a cause and a cure in every row", () => {
    const names = classes.map(([name]) => name);
    for (const [code = "", owners = "", cause = "", cure = ""] of rowsOf(codePart)) {
      expect(
        unquote(owners)
          .split(", ")
          .filter((owner) => !names.includes(owner)),
        code,
      ).toEqual([]);
      expect(cause.length, code).toBeGreaterThan(10);
      expect(cure.length, code).toBeGreaterThan(3);
    }
  });
});

describe("an error class", () => {
  test.each(classes)("%s has its name, keeps its cause, and is exported", async (name, Class) => {
    const cause = new Error("below");
    const error = new (Class as new (message: string, details: errors.ErrorDetails) => errors.TerrapinError)("m", {
      cause,
      hint: "h",
    });
    expect(error).toBeInstanceOf(errors.TerrapinError);
    expect([error.name, error.cause, error.hint, error.message]).toEqual([name, cause, "h", "m (h)"]);
    expect(((await import("terrapin")) as unknown as Record<string, unknown>)[name]).toBe(Class);
  });
});
