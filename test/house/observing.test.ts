import { build } from "esbuild";
import { expect, test } from "vitest";

/** What a bundler takes of core for a program that imports these names. */
async function filesFor(names: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: {
      contents: `import { ${names} } from "./core/index.ts"; console.log(${names});`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file);
}

const part = /connection\/(observe|log|stats)/;

test("a program that observes nothing loads nothing of it but the place where it would stand", async () => {
  const files = await filesFor("init, Model, fields, inTransaction");
  expect(files).toContain("core/connection/observing.ts");
  expect(files.filter((file) => part.test(file))).toEqual([]);
});

test("one that only listens loads neither logs nor counters", async () => {
  const files = await filesFor("init, Model, fields, observe");
  expect(files).toContain("core/connection/observe.ts");
  expect(files.filter((file) => /connection\/(log|stats|observe-repeated)/.test(file))).toEqual([]);
});
