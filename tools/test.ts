import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";

// The whole check, in the order in which a mistake is cheapest to find. A tool counts as one test; vitest counts its own.
interface Step {
  name: string;
  command: string[];
  counts?: boolean;
}

const countsFile = ".cache/test-counts.json";
const bin = (name: string): string => `node_modules/.bin/${name}`;
const examples = readdirSync("examples").filter((name) => existsSync(`examples/${name}/index.ts`));

const steps: Step[] = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "types", command: ["npm", "run", "--silent", "typecheck"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "format", command: ["npm", "run", "--silent", "format:check"] },
  { name: "package", command: [bin("publint"), "--strict"] },
  { name: "package types", command: [bin("attw"), "--pack", ".", "--profile", "esm-only"] },
  {
    name: "tests",
    command: [bin("vitest"), "run", "--reporter=default", "--reporter=./tools/reporter.ts"],
    counts: true,
  },
  ...examples.map((name) => ({ name: `example ${name}`, command: [process.execPath, `examples/${name}/index.ts`] })),
];

const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
mkdirSync(".cache", { recursive: true });
rmSync(countsFile, { force: true });

for (const step of steps) {
  const started = performance.now();
  const [command = "", ...args] = step.command;
  // Only the tests speak while they run; a quiet step shows its output when it fails.
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: step.counts ? "inherit" : ["ignore", "pipe", "pipe"],
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, TERRAPIN_TEST_COUNTS: countsFile },
  });
  const ok = status === 0;
  if (!ok && !step.counts) process.stdout.write(`${stdout ?? ""}${stderr ?? ""}`);
  console.log(`${ok ? "ok    " : "FAILED"} ${step.name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) failures.push(step.name);

  if (!step.counts) {
    total[ok ? "passed" : "failed"]++;
  } else if (existsSync(countsFile)) {
    const counts = JSON.parse(readFileSync(countsFile, "utf8")) as typeof total;
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
    if (!ok && counts.failed === 0) total.failed++;
  } else {
    total.failed++;
  }
}

if (failures.length > 0) console.log(`\nfailed: ${failures.join(", ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ""}`);
process.exit(total.failed === 0 ? 0 : 1);
