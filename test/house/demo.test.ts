import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";

describe("the session in the README", () => {
  let output: string[] = [];

  beforeAll(() => {
    if (!existsSync("dist/node/index.js")) spawnSync("npm", ["run", "--silent", "build"]);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["examples/demo/index.ts"], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    output = stdout.split("\n").map((line) => line.trimEnd());
  }, 60_000);

  it("is what the demo prints, line by line and in its order, but for what is left out and the time", () => {
    const [, session = ""] = /```text\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8")) ?? [];
    const shown = session
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== "" && line !== "…" && !line.includes("rows per second"));
    expect(shown.length).toBeGreaterThan(50);
    let at = 0;
    for (const line of shown) {
      const found = output.indexOf(line, at);
      expect(found, `not in the demo's output from here on: ${line}`).toBeGreaterThanOrEqual(0);
      at = found + 1;
    }
  });
});
