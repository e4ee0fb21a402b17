import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Starts one of the examples: the file of its folder that is meant to be run. In this process, so that whoever ends it ends the example.
const [name = ""] = process.argv.splice(2, 1);
const entries = ["index.ts", "server.ts"];
const entryOf = (folder: string): string | undefined =>
  entries.map((entry) => `examples/${folder}/${entry}`).find((file) => existsSync(file));

const file = /^[\w-]+$/.test(name) ? entryOf(name) : undefined;
if (file === undefined) {
  const known = readdirSync("examples").filter((folder) => entryOf(folder) !== undefined);
  console.error(`there is no example ${JSON.stringify(name)}; known: ${known.join(", ")}`);
  process.exit(2);
}
const { status } = spawnSync("npm", ["run", "--silent", "build"], {
  stdio: "inherit",
  shell: process.platform === "win32",
});
if (status !== 0) process.exit(1);
await import(pathToFileURL(resolve(file)).href);
