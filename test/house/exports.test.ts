import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { entrySources, exportsFile, namesOf, writeExports } from "./support/exports.js";
import { keepOrCompare } from "./support/kept.js";

describe("the public surface", () => {
  test("is the list that is kept in git; `npm run update:exports` writes it anew", () => {
    keepOrCompare(exportsFile, writeExports());
  });

  test("has a source file for every entry of package.json, and a build for every source", () => {
    const config = readFileSync("rollup.config.mjs", "utf8");
    for (const [entry, file] of Object.entries(entrySources())) {
      expect(existsSync(file), `${entry} → ${file}`).toBe(true);
      expect(config).toContain(`"${file}"`);
    }
  });

  test("lists every name by hand in core/index.ts", () => {
    const text = readFileSync("core/index.ts", "utf8");
    expect(text).not.toMatch(/export\s+(type\s+)?\*\s+from/);
    expect(
      text
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .split(";")
        .map((it) => it.trim())
        .filter((it) => it && !/^(export|import)\b/.test(it)),
    ).toEqual([]);
  });

  test("gives Node users everything that serverless users have", () => {
    const { values, types } = namesOf("core/index.ts");
    expect(namesOf("node/index.ts").values).toEqual(expect.arrayContaining(values));
    expect(namesOf("node/index.ts").types).toEqual(expect.arrayContaining(types));
  });
});
