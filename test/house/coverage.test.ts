import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { coveragePage, coverageSource, faultOf, hasTest, readRows, writeCoverage } from "./support/coverage.js";
import { keepOrCompare } from "./support/kept.js";

/** Milestones that are finished: none of their rows may wait any more. */
const done = new Set(["first"]);

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => prefix + String(i + 1).padStart(prefix.includes(".") ? 1 : 2, "0"));

describe("the coverage of the behaviour that we follow", () => {
  const rows = readRows(readFileSync(coverageSource, "utf8"));

  test("has a row for every feature, rule and trap, once", () => {
    expect(rows.map((row) => row.id)).toEqual([
      ...numbered("A", 120),
      ...numbered("C", 55),
      ...numbered("2.10.", 19),
      ...numbered("2.11.", 15),
      ...numbered("2.12.", 16),
      ...numbered("2.13.", 40),
      ...numbered("2.14.", 15),
      ...numbered("2.15.", 9),
      ...numbered("2.16.", 6),
      ...numbered("T", 67),
    ]);
  });

  test("names only tests and decisions that exist, and leaves nothing of a finished milestone open", () => {
    const faults = rows.flatMap((row) => {
      const fault = faultOf(row, done);
      return fault ? [`${row.id} ${row.feature}: ${fault}`] : [];
    });
    expect(faults).toEqual([]);
  });

  test("is what docs/coverage.md says; `npm run update:coverage` writes it anew", () => {
    keepOrCompare(coveragePage, writeCoverage(rows));
  });
});

describe("the check notices", () => {
  const row = { id: "X01", section: "", feature: "", milestone: "first", proof: "pending" };

  test("a row of a finished milestone that waits, but not one of a later milestone", () => {
    expect(faultOf(row, done)).toBe("has neither a test nor a decision");
    expect(faultOf({ ...row, milestone: "mysql", proof: "open" }, done)).toBeNull();
  });

  test("a missing file, a missing test, a missing decision and a proof that is none", () => {
    const fault = (proof: string): string | null => faultOf({ ...row, proof }, done);
    expect(fault("test/nowhere.test.ts: x")).toBe("test/nowhere.test.ts does not exist");
    expect(fault("test/house/layers.test.ts: never written")).toContain('has no test "never written"');
    expect(fault("test/house/layers.test.ts: has no cycle at run time")).toBeNull();
    expect(fault("decision 9999: because")).toBe("decision 9999 does not exist");
    expect(fault("decision 0004")).toContain("a decision is written");
    expect(fault("core/index.ts: x")).toBe('"core/index.ts" is not a test file');
    expect(fault("")).toBe('"" is not a test file');
  });

  test("a name that stands in the file, but not as a test's name", () => {
    expect(hasTest('// works\ntest("works well", f);', "works")).toBe(false);
    expect(hasTest('test(\n  "works",\n  f);', "works")).toBe(true);
    expect(hasTest('test.each([1])("works with %s", f);', "works with %s")).toBe(true);
  });
});
