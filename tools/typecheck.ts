import { spawnSync } from "node:child_process";

// Shipped code with declarations, core without Node's types, and everything that only runs here.
const projects = ["tsconfig.json", "tsconfig.core.json", "test/tsconfig.json"];

let failed = 0;
for (const project of projects) {
  // Called by path: another package may put its own `tsc` into node_modules/.bin.
  const args = ["node_modules/typescript/bin/tsc", "-p", project, "--noEmit"];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
