import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

// Starts one of the examples: the file of its folder that is meant to be run.
const [name = "", ...args] = process.argv.slice(2);
const entries = ["index.ts", "server.ts"];
const entryOf = (folder: string): string | undefined =>
  entries.map((entry) => `examples/${folder}/${entry}`).find((file) => existsSync(file));

const file = /^[\w-]+$/.test(name) ? entryOf(name) : undefined;
if (file === undefined) {
  const known = readdirSync("examples").filter((folder) => entryOf(folder) !== undefined);
  console.error(`there is no example ${JSON.stringify(name)}; known: ${known.join(", ")}`);
  process.exit(2);
}
process.exit(spawnSync(process.execPath, [file, ...args], { stdio: "inherit" }).status ?? 0);
