import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manyModels } from "./many-models.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const strict = [
  "--strict",
  "--target",
  "es2022",
  "--lib",
  "es2023",
  "--module",
  "nodenext",
  "--noUncheckedIndexedAccess",
  "--types",
  "",
];

/** Runs the compiler without a tsconfig, single-threaded so that its counts are the same each time. */
function tsc(cwd: string, ...args: string[]): Promise<string> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [compiler, "--ignoreConfig", "--singleThreaded", "--pretty", "false", ...strict, ...args],
      { cwd },
      (_error, out) => resolve(out),
    );
  });
}

// A user's project: the declarations of the package in node_modules, reachable by its one entry only.
let project = "";
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "terrapin-types-"));
  const shipped = join(project, "node_modules/terrapin");
  await mkdir(shipped, { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(
    join(shipped, "package.json"),
    JSON.stringify({ name: "terrapin", type: "module", exports: { ".": { types: "./test/types/support.d.ts" } } }),
  );
  expect(
    await tsc(
      root,
      "test/types/support.ts",
      "--declaration",
      "--emitDeclarationOnly",
      "--rootDir",
      root,
      "--outDir",
      shipped,
    ),
  ).toBe("");
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

async function compile(source: string, ...args: string[]): Promise<string> {
  await writeFile(join(project, "main.ts"), source);
  return tsc(project, "main.ts", "--skipLibCheck", ...args);
}

const MODELS = `import { F, fields, Model, Q } from "terrapin";
class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }), email: fields.text(), age: fields.int({ default: 0 }), nick: fields.text({ null: true }),
}) {}
class Tag extends Model.define({ label: fields.text() }) {}
declare const show: never[];
`;

describe("what compiles and what must not", () => {
  for (const exact of ["true", "false"]) {
    test(`every statement is right and every mistake is one, with exactOptionalPropertyTypes ${exact}`, async () => {
      const files = (await readdir(join(root, "test/types")))
        .filter((name) => name.endsWith(".test-d.ts"))
        .map((name) => `test/types/${name}`);
      expect(files.length).toBeGreaterThan(3);
      expect(
        await tsc(
          root,
          ...files,
          "--noEmit",
          "--verbatimModuleSyntax",
          "--lib",
          "es2023,esnext.disposable",
          "--types",
          "node",
          "--exactOptionalPropertyTypes",
          exact,
        ),
      ).toBe("");
    }, 60_000);
  }

  test("the types need nothing but themselves, and have no run time", async () => {
    const files = (await readdir(join(root, "core/types"))).map((name) => `core/types/${name}`);
    expect(
      await tsc(
        root,
        ...files,
        "--noEmit",
        "--verbatimModuleSyntax",
        "--isolatedDeclarations",
        "--declaration",
        "--erasableSyntaxOnly",
      ),
    ).toBe("");
    for (const file of files) {
      expect(await readFile(join(root, file), "utf8")).not.toMatch(
        /^(?:export )?(?:const|let|var|function|class|enum)\b|^import (?!type)/m,
      );
    }
  }, 60_000);
});

describe("a mistake is answered with a sentence", () => {
  const mistakes: readonly (readonly [what: string, code: string, sentence: string])[] = [
    ["an unknown field", `User.filter({ nam: "x" });`, "'nam' is not a field"],
    ["an unknown field in a Q", `User.filter(Q.or(Q({ agee: 3 })));`, "'agee' is not a field"],
    ["an unknown lookup", `User.filter({ age__icontains: "x" });`, "'icontains' is not a lookup of 'age'"],
    ["a name that leads nowhere", `User.all().orderBy("age__x");`, "'age' is not a relation"],
    ["a wrong value", `User.filter({ age: "x" });`, "Type 'string' is not assignable to type 'number'"],
    [
      "undefined in a filter",
      `User.filter({ name: undefined });`,
      "Type 'undefined' is not assignable to type 'string'",
    ],
    [
      "undefined in a new row",
      `User.create({ name: "x", email: undefined });`,
      "Type 'undefined' is not assignable to type 'string'",
    ],
    ["null where none can be", `User.all().update({ name: null });`, "Type 'null' is not assignable to type 'string'"],
    [
      "a required value left out",
      `User.create({ name: "x" });`,
      "Property 'email' is missing in type '{ name: string; }' but required in type 'NeededBy<User>'",
    ],
    ["a new value that is none", `User.create({ name: "x", email: "y", ag: 3 });`, "'ag' is not a field"],
    [
      "a field left out by only",
      `async () => (await User.get({ id: 1 }).only("name")).email;`,
      `Property 'email' does not exist on type 'Only<User, "name">'`,
    ],
    ["an unknown name in orderBy", `User.all().orderBy("-agee");`, "'agee' is not a field"],
    ["an unknown name in values", `User.all().values("id", "nam");`, "'nam' is not a field"],
    ["an unknown name behind another name", `User.all().values({ who: "nam" });`, "'nam' is not a field"],
    ["an unknown name in a flat list", `User.all().valuesList("nam", { flat: true });`, "'nam' is not a field"],
    ["a flat list of two", `User.all().valuesList("id", "name", { flat: true });`, "'flat' takes one name before it"],
    ["an unknown name in only", `User.all().only("nam");`, `"age" | "email" | "id" | "name" | "nick"`],
    ["an unknown path in F", `User.filter({ age__gt: F("agee") });`, "'agee' is not a field"],
    ["arithmetic on text", `User.filter({ age: F("name").plus(1) });`, "'name' is not a number"],
    [
      "an expression that does not fit",
      `User.all().update({ name: F("age") });`,
      "this field cannot hold what the expression gives",
    ],
    ["a Q that no model claims", `Q({ age: 3 });`, "Q alone does not know its model: write User.q({ … })"],
    [
      "a Q of another model",
      `Tag.filter(User.q({ age: 3 }));`,
      "Type 'Q<User>' is not assignable to type 'Q<NoInfer<Tag>>'",
    ],
    ["an option that is none", `fields.int({ default: 0, foo: 1 });`, "'foo' is not an option of this field"],
    [
      "an unknown name in ordering",
      `Model.define({ a: fields.int() }, { ordering: ["b"] });`,
      `Type '"b"' is not assignable to type '"-a" | "-pk" | "a" | "pk"'`,
    ],
    [
      "an option of a model that is none",
      `Model.define({ a: fields.int() }, { tabel: "x" });`,
      "'tabel' does not exist in type",
    ],
  ];
  let answers: string[] = [];
  beforeAll(async () => {
    const out = await compile(MODELS + mistakes.map(([, code]) => code).join("\n"), "--noEmit");
    const first = MODELS.split("\n").length;
    answers = mistakes.map(() => "");
    let line = -1;
    for (const text of out.split("\n")) {
      const at = /^main\.ts\((\d+),/.exec(text);
      if (at !== null) line = Number(at[1]) - first;
      if (line >= 0) answers[line] += `${text}\n`;
    }
  }, 60_000);
  for (const [index, [what, , sentence]] of mistakes.entries()) {
    test(what, () => {
      expect(answers[index]).toContain(sentence);
    });
  }
});

describe("what an editor shows", () => {
  const shown: readonly (readonly [code: string, type: string])[] = [
    [`await User.all().values("id", { who: "name" })`, "{ id: number; who: string; }[]"],
    [`await Tag.all().values()`, "{ id: number; label: string; }[]"],
    [`await User.all().valuesList("id", "nick")`, "[number, string | null][]"],
    [`await User.all().valuesList("nick", { flat: true })`, "(string | null)[]"],
    [`await User.all().first()`, "User | null"],
    [`await User.all().only("name")`, `Only<User, "name">[]`],
    [`await User.getOrCreate({ name: "x", email: "y" })`, "[object: User, created: boolean]"],
    [`User.filter({ age: 3 })`, "QuerySet<User, User>"],
    [`User.filter({ age: 3 }).count()`, "Awaitable<number>"],
    [`(await User.get({ id: 3 })).id`, "number"],
    [`(await Tag.get({ id: 3 })).pk`, "number"],
  ];
  test("results are plain types, written out", async () => {
    const out = await compile(
      `${MODELS}async () => {\n${shown.map(([code]) => `show[0] = ${code};`).join("\n")}\n};`,
      "--noEmit",
    );
    expect(
      [
        ...out.matchAll(
          /Type '(.*)' is not assignable to type 'undefined'|^main.*Type '(.*)' is not assignable to type 'never'/gm,
        ),
      ].map((found) => found[2]),
    ).toEqual(shown.map(([, type]) => type));
  }, 60_000);
});

describe("declarations", () => {
  test("three exported models and two queries emit a short file that a user of them can compile", async () => {
    const source = `import { fields, Model } from "terrapin";
export class Timestamped extends Model.define({ createdAt: fields.datetime({ autoNowAdd: true }) }, { abstract: true }) {}
export class User extends Model.define({ id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }) }) { greeting() { return this.name; } }
export class Order extends Timestamped.define({ total: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }), note: fields.json<{ a: number }>({ null: true }) }) {}
export const adults = () => User.filter({ name__icontains: "x" }).only("name");
export const totals = () => Order.all().values("id", { sum: "total" });
`;
    expect(await compile(source, "--declaration", "--outDir", "out")).toBe("");
    const emitted = await readFile(join(project, "out/main.d.ts"), "utf8");
    expect(emitted).not.toContain("unique symbol");
    expect(emitted).not.toContain("/types/");
    expect(emitted.length).toBeLessThan(1_450);
    await writeFile(
      join(project, "user.ts"),
      `import { adults, Order, totals, User } from "./out/main.js";
const sum: Promise<string[]> = totals().run().then((rows) => rows.map((row) => row.sum));
const name: Promise<string[]> = adults().run().then((rows) => rows.map((row) => row.name));
Order.filter({ createdAt__year: 2024, pk: 3 }); User.create({ name: "x" }).run().then((user) => user.greeting());
// @ts-expect-error unknown field
User.filter({ nam: "x" });
// @ts-expect-error left out by only
adults().run().then((rows) => rows[0]?.id.toFixed() ?? rows[0]?.nick);
export const all = [sum, name];
`,
    );
    expect(await tsc(project, "user.ts", "--noEmit", "--skipLibCheck")).toBe("");
  }, 60_000);
});

describe("what the types cost", () => {
  async function instantiations(source: string): Promise<number> {
    const out = await compile(source, "--noEmit", "--extendedDiagnostics");
    expect(out).not.toContain("error TS");
    return Number(/Instantiations:\s+(\d+)/.exec(out)?.[1]);
  }

  test("60 models of 12 fields stay within 13,000 instantiations, and with 120 queries within 50,000", async () => {
    expect(await instantiations(manyModels(60, 12, 0))).toBeLessThan(13_000);
    const all = await instantiations(manyModels(60, 12, 120));
    expect(all).toBeGreaterThan(10_000);
    expect(all).toBeLessThan(50_000);
  }, 60_000);

  test("the cost grows in step with the number of models", async () => {
    const one = await instantiations(manyModels(30, 12, 60));
    const two = await instantiations(manyModels(60, 12, 120));
    expect(two / one).toBeLessThan(2.1);
  }, 60_000);
});
