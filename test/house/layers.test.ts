import { describe, expect, test } from "vitest";
import { checkCode, checkCycles, checkImports } from "./support/layers.js";
import { readShipped } from "./support/source.js";

describe("the shipped code", () => {
  const tree = readShipped();

  test("imports only downwards and only between rooms that know each other", () => {
    expect(tree.size).toBeGreaterThan(20);
    expect(checkImports(tree)).toEqual([]);
  });

  test("has no cycle at run time", () => {
    expect(checkCycles(tree)).toEqual([]);
  });

  test("evaluates no text, needs no global of Node, never asks a dialect for its name, and does nothing on import", () => {
    expect(checkCode(tree)).toEqual([]);
  });
});

describe("the rules notice", () => {
  test.each([
    ["an import that goes up", "core/sql/a.ts", 'import { x } from "../plan/b.js";', "import goes up"],
    ["a type that goes up", "core/load/a.ts", 'import type { X } from "../queryset/b.js";', "import goes up"],
    ["an inline type that goes up", "core/load/a.ts", 'export let x: import("../plan/b.js").X;', "import goes up"],
    ["an import over several lines", "core/sql/a.ts", 'import {\n  x,\n} from "../plan/b.js";', "import goes up"],
    ["a re-export that goes up", "core/base/a.ts", 'export * from "../sql/b.js";', "import goes up"],
    ["a folder that reaches for the top", "core/model/a.ts", 'import { x } from "../orm.js";', "import goes up"],
    [
      "a program that needs what is for tests",
      "core/orm.ts",
      'import { x } from "./testing/mock.js";',
      "import goes up",
    ],
    ["a folder that the house does not know", "core/base/a.ts", 'import { x } from "../utils/b.js";', "import goes up"],
    ["a package in core", "core/sql/a.ts", 'import x from "yaml";', "core imports only core"],
    ["a driver in core", "core/orm.ts", 'import x from "../drivers/sqlite/index.js";', "core imports only core"],
    ["node: in core", "core/sql/a.ts", 'import "node:fs";', "node: outside its rooms"],
    ["node: in a dialect", "drivers/x/dialect.ts", 'import "node:fs";', "node: outside its rooms"],
    ["a driver that uses another", "drivers/x/a.ts", 'import x from "../y/a.js";', "import across rooms"],
    ["a client outside its file", "drivers/x/a.ts", 'import x from "better-sqlite3";', "client outside client.ts"],
    [
      "a dialect that knows its client",
      "drivers/x/dialect.ts",
      'import x from "./client.js";',
      "dialect imports client",
    ],
    [
      "an adapter that takes a client",
      "adapters/a.ts",
      'import x from "../drivers/x/client.js";',
      "import across rooms",
    ],
    ["a late import", "core/plan/a.ts", 'export const x = () => import("./b.js");', "late import"],
    ["an import without ending", "core/plan/a.ts", 'import { x } from "./b";', "import ending"],
    ["a new barrel", "core/plan/index.ts", "export const x = 1;", "barrel"],
  ])("%s", (_name, file, text, rule) => {
    expect(checkImports(new Map([[file, text]]))).toContainEqual(expect.objectContaining({ file, rule }));
  });

  test.each([
    ["eval", 'export const x = () => eval("1");', "evaluated text"],
    ["new Function", 'export const x = () => new Function("1");', "evaluated text"],
    ["process", "export const x = () => process.env;", "Node global"],
    ["process by way of globalThis", "export const x = () => globalThis.process;", "Node global"],
    ["Buffer", 'export const x = () => Buffer.from("a");', "Node global"],
    ["a call at the top", "export const list: string[] = [];\nlist.push('a');", "top-level side effect"],
    ["an if at the top", "if (globalThis.x) { globalThis.y = 1; }", "top-level side effect"],
    ["a static block", "export class X { static { globalThis.x = 1; } }", "top-level side effect"],
    ["a comparison of a dialect's name", "export const x = (o) => o.dialect.name === 'mysql';", "dialect by name"],
    [
      "a comparison from the other side",
      "export const x = (dialect) => 'mysql' !== dialect.family;",
      "dialect by name",
    ],
    [
      "a switch over a dialect's name",
      "export const x = (dialect) => { switch (dialect.name) {} };",
      "dialect by name",
    ],
    ["a list of dialects", "export const x = (dialect) => ['mysql'].includes(dialect.name);", "dialect by name"],
    ["a table by dialect", "export const x = (dialect) => ({ mysql: 1 })[dialect.name];", "dialect by name"],
  ])("%s", (_name, text, rule) => {
    expect(checkCode(new Map([["core/plan/a.ts", text]]))).toContainEqual(expect.objectContaining({ rule }));
  });

  test("code among the types", () => {
    const rules = checkCode(new Map([["core/types/a.ts", "export const x = 1;"]])).map((it) => it.rule);
    expect(rules).toEqual(["types only"]);
  });

  test("a cycle of three files, but not one of types", () => {
    const a = 'import { b } from "./b.js"; export const a = b;';
    const b = 'import { c } from "./c.js"; export const b = c;';
    const value = new Map([
      ["core/sql/a.ts", a],
      ["core/sql/b.ts", b],
      ["core/sql/c.ts", 'import { a } from "./a.js"; export const c = a;'],
    ]);
    const type = new Map([
      ["core/sql/a.ts", a],
      ["core/sql/b.ts", b],
      ["core/sql/c.ts", 'import type { a } from "./a.js"; export const c = 1;'],
    ]);
    expect(checkCycles(value)).toEqual([
      { file: "core/sql/a.ts", rule: "cycle", what: "core/sql/a.ts → core/sql/b.ts → core/sql/c.ts → core/sql/a.ts" },
    ]);
    expect(checkCycles(type)).toEqual([]);
  });

  test("nothing wrong with ordinary code", () => {
    const text = [
      'import type { A } from "../base/a.js";',
      '/** Uses process, `import("../plan/b.js")` and Buffer only in words. */',
      "export function x(a: A) { return { process: 1, name: a.dialect.name, b: a.eval }; }",
      "export const table = new Map([[1, 2]]);",
    ].join("\n");
    const tree = new Map([["core/sql/a.ts", text]]);
    expect([...checkImports(tree), ...checkCode(tree), ...checkCycles(tree)]).toEqual([]);
  });
});
