import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { build, transform } from "esbuild";

// One list of entries; what is not relative stays external, except what the Node entry carries along.
const input = [
  "core/index.ts",
  "core/model/kinds.ts",
  "core/testing/index.ts",
  "drivers/sqlite/index.ts",
  "drivers/sqlite/family.ts",
  "adapters/planetscale.ts",
  "adapters/d1.ts",
  "adapters/libsql.ts",
  "adapters/durable-object.ts",
  "drivers/mysql/index.ts",
  "node/index.ts",
  "node/async-context.ts",
  "node/testing.ts",
];
const bundled = ["yaml"];

// TypeScript in, one ES module out per source module, so that the declarations of tsc line up one to one.
const typescript = {
  name: "typescript",
  buildStart() {
    rmSync("dist", { recursive: true, force: true });
  },
  resolveId(id, from) {
    if (!from || !/^\.{1,2}\//.test(id)) return null;
    const path = resolve(dirname(from), id.replace(/\.js$/, ".ts"));
    return existsSync(path) ? path : null;
  },
  async transform(code, id) {
    if (!id.endsWith(".ts")) return null;
    const options = { verbatimModuleSyntax: true, useDefineForClassFields: true };
    const result = await transform(code, {
      loader: "ts",
      target: "es2022",
      sourcemap: true,
      sourcefile: id,
      tsconfigRaw: { compilerOptions: options },
    });
    return { code: result.code, map: result.map };
  },
};

// A package that the Node entry needs at run time becomes one module of ours, with its licence on top.
const bundle = {
  name: "bundle",
  resolveId: (id) => (bundled.includes(id) ? resolve("node/bundled", `${id}.js`) : null),
  async load(id) {
    const name = bundled.find((it) => id === resolve("node/bundled", `${it}.js`));
    if (!name) return null;
    const home = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const licence = readFileSync(resolve(home, "LICENSE"), "utf8").trim();
    const result = await build({
      stdin: { contents: `export { parse } from "${name}";`, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2022",
      minify: true,
      banner: { js: `/*! ${name}\n${licence}\n*/` },
    });
    return { code: result.outputFiles[0].text, map: { mappings: "" } };
  },
};

export default {
  input,
  external: (id) => !/^[./]/.test(id) && !bundled.includes(id),
  plugins: [typescript, bundle],
  treeshake: { moduleSideEffects: false },
  output: { dir: "dist", format: "es", sourcemap: true, preserveModules: true, preserveModulesRoot: "." },
};
