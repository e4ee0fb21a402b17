import { spawnSync } from "node:child_process";

// Installs the heavy contenders, and generates Prisma's client for the tables of the benchmark.

const steps = [
  ["npm", "ci"],
  ["npx", "prisma", "generate", "--schema", "schema.prisma"],
];
for (const [command = "", ...values] of steps) {
  const { status } = spawnSync(command, values, {
    cwd: import.meta.dirname,
    stdio: "inherit",
    // To generate takes no schema engine; without a path of one, Prisma downloads it.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  });
  if (status !== 0) process.exit(status ?? 1);
}
