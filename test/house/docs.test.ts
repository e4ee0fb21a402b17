import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { mysqlDatabase } from "../support/databases.js";
import { blocksOf, moduleOf } from "./support/docs.js";
import { readTree } from "./support/source.js";

const pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", ...readTree(["docs"], ".md").keys()];
const withCode = pages.filter((page) => blocksOf(readFileSync(page, "utf8")).some((block) => !block.source));
const folder = resolve(".cache/docs");
const moduleFile = (page: string): string => join(folder, `${page.replaceAll("/", "_")}.ts`);

// The guide to MySQL speaks to a server.
process.env["DATABASE_URL"] = await mysqlDatabase();

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const page of withCode) writeFileSync(moduleFile(page), moduleOf(readFileSync(page, "utf8")));
  const options = { extends: "../../test/tsconfig.json", include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
});

describe("the pages", () => {
  test("have code that compiles", () => {
    const args = ["node_modules/typescript/bin/tsc", "-p", folder, "--noEmit"];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout.split("\n").filter((line) => line.includes(".cache/docs"))).toEqual([]);
  });

  test.each(withCode)("%s: its code runs and prints what it says", async (page) => {
    const home = process.cwd();
    const empty = mkdtempSync(join(tmpdir(), "terrapin-docs-"));
    process.chdir(empty);
    try {
      await import(/* @vite-ignore */ moduleFile(page));
    } finally {
      process.chdir(home);
      const { Terrapin } = await import("terrapin");
      await Terrapin.closeConnections();
      rmSync(empty, { recursive: true, force: true });
    }
  });

  test("show our own code as it is written", () => {
    const shown = pages.flatMap((page) => blocksOf(readFileSync(page, "utf8")).filter((block) => block.source));
    expect(shown.map((block) => block.source)).toContain("core/queryset/run.ts");
    for (const { source, lines } of shown) expect(readFileSync(source!, "utf8")).toContain(lines.join("\n"));
  });

  test("link only to files that exist", () => {
    const broken: string[] = [];
    for (const page of pages) {
      const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
        if (!/^[a-z]+:/.test(target) && !existsSync(resolve(page, "..", target))) broken.push(`${page} → ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test("name no machine, no registry and no unfinished work", () => {
    const bad = /registry\.npmjs|\/root\/|\/work\/|\/tmp\/|\bTODO\b|\bFIXME\b/;
    expect(pages.filter((page) => bad.test(readFileSync(page, "utf8")))).toEqual([]);
  });
});

describe("the making of a module from a page", () => {
  const page = [
    "# Page",
    "```ts",
    'import { a, b } from "x";',
    "console.log(a + 1); // → 2",
    "```",
    "```sh",
    "npm test",
    "```",
    "```ts no-run",
    'import { b, c } from "x";',
    "export const d = await c(b);",
    "```",
  ].join("\n");

  test("keeps line numbers, imports each name once, and does not run what must not run", () => {
    const lines = moduleOf(page).split("\n");
    expect(lines[2]).toBe('import { a, b } from "x";');
    expect(lines[3]).toBe('printed("2", a + 1);');
    expect(lines[6]).toBe("");
    expect(lines[8]).toBe('import { c } from "x"; export async function neverRun8() {');
    expect(lines[10]).toBe("const d = await c(b);");
    expect(lines[11]).toBe("}");
  });

  test("imports each module under a name once", () => {
    const block = ["```ts", 'import * as m from "x";', "```"];
    const lines = moduleOf([...block, ...block].join("\n")).split("\n");
    expect([lines[1], lines[4]]).toEqual(['import * as m from "x";', ""]);
  });

  test("takes a block as code only when it says so", () => {
    expect(blocksOf(page).map(({ line, run }) => [line, run])).toEqual([
      [1, true],
      [8, false],
    ]);
    expect(blocksOf("````\n```js\nx\n```\n```sql\nx\n```\n")).toEqual([]);
  });
});
