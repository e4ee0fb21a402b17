import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";
import { rollup } from "rollup";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleHandler } from "../../bench/edge/handlers.js";
import { buildPackage } from "./support/build.js";

/** What a Worker may have to load, minified and compressed, in bytes. */
const budgets = {
  everything: 109 * 1024,
  worker: 67.4 * 1024,
  /** with relations, a load of them, a batch, and the driver for D1 */
  related: 86.7 * 1024,
};

/** What each adapter may add to a Worker that has the core already, and what it may not use itself: its client is its user's. */
const adapters = {
  d1: 13 * 1024,
  "durable-object": 13.5 * 1024,
  libsql: 14.5 * 1024,
  planetscale: 14 * 1024,
};

/** A Worker's share of an application: two models, a filter with order and limit, an insert, a handed-in driver. */
const worker = `
import { init, Model } from "terrapin";
import * as fields from "terrapin/fields";

class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 50 }),
  createdAt: fields.datetime({ autoNowAdd: true }),
}) {}

class Note extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  userId: fields.bigInt({ index: true }),
  text: fields.text(),
}) {}

export default {
  async fetch(request, env) {
    await init({ connections: { default: env.driver }, models: { User, Note } });
    if (request.method === "POST") return Response.json(await User.create({ name: await request.text() }));
    return Response.json(await Note.filter({ text__contains: "sea" }).orderBy("-id").limit(10));
  },
};
`;

/** A program that leaves it to the AsyncLocalStorage to find the transaction: after the error there must be no row. */
const implicit = `
import { fields, inTransaction, Model, Terrapin } from "terrapin";
import { sqlite } from "terrapin/sqlite";

class Note extends Model.define({ text: fields.text() }) {}

await Terrapin.init({ connections: { default: sqlite(":memory:") }, models: { Note } });
await Terrapin.generateSchemas();
await inTransaction(async () => {
  await Note.create({ text: "rolled back" });
  throw new Error("no");
}).catch((error) => { if (error.message !== "no") throw error; });
const rolledBack = await Note.all().count();
await inTransaction(async () => { await Note.create({ text: "kept" }); });
const kept = await Note.all().count();
await Terrapin.closeConnections();
console.log(JSON.stringify({ rolledBack, kept }));
`;

let folder: string;

beforeAll(() => {
  buildPackage();
  mkdirSync(".cache", { recursive: true });
  // Inside the package, so that it is found by its own name as a user would find it.
  folder = mkdtempSync(resolve(".cache/bundle-"));
  writeFileSync(join(folder, "worker.js"), worker);
  writeFileSync(join(folder, "implicit.js"), implicit);
  writeFileSync(join(folder, "everything.js"), 'export * from "terrapin";');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles as a Worker's tool does, and tells the size and what is in it. */
async function bundle(
  file: string,
  { conditions = ["workerd"], external = [] }: Pick<BuildOptions, "conditions" | "external"> = {},
) {
  const result = await build({
    entryPoints: [join(folder, file)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions,
    external,
    mainFields: ["module", "main"],
  });
  return {
    size: gzipSync(result.outputFiles[0]!.contents, { level: 9 }).length,
    inputs: Object.keys(result.metafile.inputs),
    /** what of it is left */
    parts: Object.entries(Object.values(result.metafile.outputs)[0]!.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path.replace(/^.*dist\//, "")),
    code: result.outputFiles[0]!.text,
    warnings: result.warnings,
  };
}

function run(file: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

describe("what a Worker loads", () => {
  test("stays within its budget", async () => {
    const { size, warnings } = await bundle("worker.js");
    expect(warnings).toEqual([]);
    expect(size).toBeLessThanOrEqual(budgets.worker);
  });

  test("stays within its budget with relations, a batch and D1", async () => {
    const { code } = await bundleHandler("terrapin");
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(budgets.related);
  });

  test("stays within a larger one with everything that the entry gives", async () => {
    const { size } = await bundle("everything.js");
    expect(size).toBeLessThanOrEqual(budgets.everything);
  });

  test("needs nothing of Node, under each condition that means a Worker or a browser", async () => {
    for (const condition of ["workerd", "edge-light", "browser"]) {
      const { inputs, code } = await bundle("everything.js", { conditions: [condition] });
      expect(inputs.filter((input) => /(^|\/)(node|drivers)\//.test(input.replace(/^.*dist\//, "")))).toEqual([]);
      expect(code).not.toMatch(/["']node:|\brequire\(/);
      expect(code).not.toMatch(/\beval\(|new Function\(/);
    }
  });

  test.each(Object.entries(adapters))(
    "the adapter %s stays within its budget, and needs nothing of Node",
    async (name, budget) => {
      writeFileSync(join(folder, `${name}.js`), `export * from "terrapin/${name}";`);
      for (const condition of ["workerd", "edge-light", "browser"]) {
        const { size, inputs, code } = await bundle(`${name}.js`, { conditions: [condition], external: ["@*"] });
        expect(size).toBeLessThanOrEqual(budget);
        expect(inputs.filter((input) => /\bdist\/(?:node\/|.*\/client\.js)/.test(input))).toEqual([]);
        expect(code).not.toMatch(/["']node:|\brequire\(|\beval\(|new Function\(/);
      }
    },
  );

  test.each(["libsql", "planetscale"])("the client of the adapter %s is the one for the web", async (name) => {
    writeFileSync(join(folder, `${name}.js`), `export * from "terrapin/${name}";`);
    const { code } = await bundle(`${name}.js`);
    expect(code).not.toMatch(/["']node:|\beval\(|new Function\(/);
  });

  test("drops what is not used", async () => {
    const { inputs, size } = await bundle("worker.js");
    expect(size).toBeLessThan((await bundle("everything.js")).size);
    expect(inputs.filter((input) => input.includes("dist/core/testing/"))).toEqual([]);
  });
});

describe("what a kind of field brings", () => {
  const brought = [
    "core/load/prefetch.js",
    "core/lookups/json.js",
    "core/model/attributes.js",
    "core/plan/links.js",
    "core/plan/related-row.js",
    "core/queryset/links.js",
    "core/queryset/together.js",
    "core/schema/ends.js",
    "core/schema/link-many.js",
  ];
  const related = brought.filter((path) => !/json|links|link-many/.test(path));

  test.each<[kinds: string, fields: string, parts: readonly string[]]>([
    ["a number and a text", "n: fields.int(), t: fields.text()", []],
    ["a document", "d: fields.json()", ["core/lookups/json.js"]],
    ["a foreign key", 'other: fields.foreignKey("Thing")', related],
    [
      "a many-to-many relation",
      'others: fields.manyToMany("Thing")',
      brought.filter((path) => path !== "core/lookups/json.js"),
    ],
  ])("comes with %s and nothing else", async (kinds, members, parts) => {
    const file = `${kinds.replaceAll(" ", "-")}.js`;
    writeFileSync(
      join(folder, file),
      `import { init, Model } from "terrapin";
      import * as fields from "terrapin/fields";
      class Thing extends Model.define({ ${members} }) {}
      export const open = (driver) => init({ connections: { default: driver }, models: { Thing } });`,
    );
    const bundled = await bundle(file);
    expect(brought.filter((path) => bundled.parts.includes(path))).toEqual(parts);
  });
});

test("what builds expressions comes with the first of them", async () => {
  const built = (parts: readonly string[]): string[] => parts.filter((path) => /computed\/|plan\/asked/.test(path));
  expect(built((await bundle("worker.js")).parts)).toEqual([]);
  writeFileSync(join(folder, "f.js"), 'export { F } from "terrapin";');
  expect(built((await bundle("f.js")).parts)).toContain("core/plan/asked.js");
});

describe("implicit transactions survive", () => {
  const external = ["better-sqlite3"];
  const outcome = { rolledBack: 0, kept: 1 };

  test("no bundler at all", () => {
    expect(run(join(folder, "implicit.js"))).toEqual(outcome);
  });

  test("esbuild, minified", async () => {
    const outfile = join(folder, "esbuild.js");
    const entryPoints = [join(folder, "implicit.js")];
    await build({ entryPoints, bundle: true, minify: true, format: "esm", platform: "node", external, outfile });
    expect(run(outfile)).toEqual(outcome);
  });

  test("rollup, with all its tree shaking", async () => {
    const dist = resolve("dist");
    const entry: Record<string, string> = { terrapin: "node/index.js", "terrapin/sqlite": "drivers/sqlite/index.js" };
    const bundled = await rollup({
      input: join(folder, "implicit.js"),
      external: (id) => external.includes(id) || id.startsWith("node:"),
      treeshake: { preset: "smallest", moduleSideEffects: (id) => !id.startsWith(dist) },
      plugins: [{ name: "self", resolveId: (id) => (entry[id] ? join(dist, entry[id]) : null) }],
    });
    await bundled.write({ dir: join(folder, "rollup"), format: "es" });
    expect(run(join(folder, "rollup/implicit.js"))).toEqual(outcome);
  });
});
