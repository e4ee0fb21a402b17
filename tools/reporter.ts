import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Writes how many tests passed, failed and were skipped, for the closing line of `npm test`. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === "passed" ? "passed" : state === "failed" ? "failed" : "skipped"]++;
      }
    }
    const file = process.env.TERRAPIN_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}
