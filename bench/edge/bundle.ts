import { gzipSync } from "node:zlib";
import { executedBytes } from "./executed.ts";
import { bundleHandler, handlers } from "./handlers.ts";

// What a Worker has to load, minified and compressed.

const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(1);

console.log("| handler | minified, KiB | with gzip, KiB |\n|---|---|---|");
for (const name of Object.keys(handlers)) {
  const { code } = await bundleHandler(name);
  console.log(`| ${name} | ${kibibytes(code.length)} | ${kibibytes(gzipSync(code, { level: 9 }).length)} |`);
}

const { code, parts } = await bundleHandler("terrapin");

if (process.argv.includes("--executed"))
  console.log(
    `\nTo answer, the engine enters functions of ours that are ${kibibytes(await executedBytes(code))} KiB with gzip.`,
  );

if (process.argv.includes("--parts")) {
  console.log("\n| module of ours | minified, KiB |\n|---|---|");
  for (const [path, bytes] of [...parts].sort(([, left], [, right]) => right - left))
    if (bytes > 100) console.log(`| ${path.replace(/^dist\//, "")} | ${kibibytes(bytes)} |`);
}
