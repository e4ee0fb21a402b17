import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { readShipped } from "./source.js";

/** Builds the package unless the build is newer than every source. */
export function buildPackage(): void {
  const built = "dist/node/index.d.ts";
  const sources = [...readShipped().keys(), "rollup.config.mjs", "package.json"];
  const since = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (sources.every((file) => statSync(file).mtimeMs < since)) return;
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "build"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the build failed\n${stdout}${stderr}`);
}
