import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Terrapin } from "terrapin";
import { beforeAll, describe, expect, test } from "vitest";
import { mock } from "../../core/testing/mock.js";
import { sqliteDialect } from "../../drivers/sqlite/dialect.js";
import { claimsModule, examplesModule, readClaims, readExamples } from "./support/examples.js";

const folder = resolve(".cache/examples");
const claims = readClaims();
const examples = readExamples();

interface Claims {
  models: Record<string, never>;
  makeObjects: () => Promise<object>;
  runs: ((objects: object) => Promise<void>)[];
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/examples.ts`, examplesModule(examples));
  writeFileSync(`${folder}/claims.ts`, claimsModule(claims));
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: "../../test/tsconfig.json",
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["*.ts"],
    }),
  );
});

describe("the examples in doc comments", () => {
  test("compile", () => {
    const args = ["node_modules/typescript/bin/tsc", "-p", folder, "--noEmit"];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const lines = examplesModule(examples).split("\n");
    const errors = stdout.split("\n").filter((line) => line.includes(".cache/examples"));
    const told = errors.map((error) => {
      const line = Number(/examples\.ts\((\d+)/.exec(error)?.[1] ?? 0);
      return `${/^\/\* (.*?) \*\//.exec(lines[line - 1] ?? "")?.[1] ?? ""} ${error}`;
    });
    expect(examples.length).toBeGreaterThan(20);
    expect(told).toEqual([]);
  });

  test.each(claims.map((claim, i) => ({ ...claim, i })))("$where: $code", async ({ sql, i }) => {
    const { models, makeObjects, runs } = (await import(/* @vite-ignore */ `${folder}/claims.ts`)) as Claims;
    const driver = mock({ dialect: sqliteDialect });
    driver.answer(/^(INSERT|UPDATE|DELETE)/, { affected: 1, insertId: 1 });
    const context = await Terrapin.context({ connections: { default: driver }, models });
    await context.run(async () => {
      const objects = await makeObjects();
      driver.clear();
      await runs[i]!(objects).catch((error: Error) => expect(error.name).toBe("DoesNotExist"));
    });
    const pattern = sql
      .split("…")
      .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*");
    expect(driver.statements[0]?.sql).toMatch(new RegExp(`^${pattern}$`));
  });
});
