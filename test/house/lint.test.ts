import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Diagnostic {
  code: string;
  labels: { span: { line: number } }[];
}

/** The rules that lint finds broken in a fixture, by the text of the line. */
function lint(fixture: string): [line: string, rule: string][] {
  const file = `test/house/fixtures/${fixture}`;
  const { stdout } = spawnSync("node_modules/.bin/oxlint", ["--type-aware", "-f", "json", file], { encoding: "utf8" });
  const lines = readFileSync(file, "utf8").split("\n");
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return diagnostics
    .map((it) => [it.labels[0]!.span.line, it.code] as const)
    .sort(([a], [b]) => a - b)
    .map(([line, code]) => [lines[line - 1]!.trim(), code.replace(/^.*\((.*)\)$/, "$1")]);
}

describe("typed lint", () => {
  test("catches every query and write that nobody awaits, and nothing else", () => {
    expect(lint("floating.ts")).toEqual([
      ['User.filter({ name: "a" });', "no-floating-promises"],
      ['User.all().update({ name: "b" });', "no-floating-promises"],
      ['User.create({ name: "c" });', "no-floating-promises"],
      ["user.save();", "no-floating-promises"],
      ["user.delete();", "no-floating-promises"],
      ["if (User.exists()) return;", "no-misused-promises"],
    ]);
  });
});
