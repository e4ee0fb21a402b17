import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manyModels } from "../test/types/many-models.ts";

// What the compiler pays: 60 models of 12 fields and 120 queries, the same program for each library.

const models = 60;
const columns = 12;
const queries = 120;

const each = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const fieldsOf = (kinds: readonly string[], separator: string): string =>
  Array.from({ length: columns - 1 }, (_, index) =>
    (kinds[index % kinds.length] ?? "").replaceAll("$", `c${index}`),
  ).join(separator);

/** A third of the queries takes all columns; the rest takes three. */
const programs: Readonly<Record<string, string>> = {
  plain: `${each(models, (index) => `export interface T${index} { id: number; ${fieldsOf(["$: string | null", "$: number", "$: number | null", "$: string", "$: Date", "$: boolean", "$: string"], "; ")} }`)}
declare function find<Row>(where: Partial<Row>): Promise<Row[]>;
${each(queries, (index) => `export async function q${index}() { const rows = await find<T${index % models}>({ c0: "x" }); return rows.map((row) => [row.c0, row.c1] as const); }`)}`,

  terrapin: manyModels(models, columns, queries),

  drizzle: `import { and, desc, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, numeric, sqliteTable, text } from "drizzle-orm/sqlite-core";
const db = drizzle(":memory:");
${each(models, (index) => `const t${index} = sqliteTable("t${index}", { id: integer().primaryKey(), ${fieldsOf(["$: text()", "$: integer().notNull()", "$: integer()", "$: text({ length: 20 }).notNull()", "$: integer({ mode: 'timestamp_ms' }).notNull()", "$: integer({ mode: 'boolean' }).notNull().default(true)", "$: numeric().notNull()"], ", ")} });`)}
${each(queries, (index) => {
  const table = `t${index % models}`;
  return `export async function q${index}() {
  const rows = await db.select(${index < queries / 3 ? "" : `{ id: ${table}.id, c0: ${table}.c0, c1: ${table}.c1 }`}).from(${table}).where(and(eq(${table}.c0, "x"), gt(${table}.c1, 1))).orderBy(desc(${table}.c1)).limit(5);
  return rows.map((row) => [row.c0, row.c1] as const);
}`;
})}`,

  kysely: `import { Kysely, type Generated } from "kysely";
${each(models, (index) => `interface T${index} { id: Generated<number>; ${fieldsOf(["$: string | null", "$: number", "$: number | null", "$: string", "$: Generated<number>", "$: Generated<number>", "$: string"], "; ")} }`)}
interface Tables { ${each(models, (index) => `t${index}: T${index};`)} }
declare const db: Kysely<Tables>;
${each(
  queries,
  (index) => `export async function q${index}() {
  const rows = await db.selectFrom("t${index % models}")${index < queries / 3 ? ".selectAll()" : `.select(["id", "c0", "c1"])`}.where("c0", "=", "x").where("c1", ">", 1).orderBy("c1", "desc").limit(5).execute();
  return rows.map((row) => [row.c0, row.c1] as const);
}`,
)}`,
};

const root = join(import.meta.dirname, "..");
const folder = join(root, ".cache", "bench-types");
const settings = [
  "--strict",
  "--noUncheckedIndexedAccess",
  "--skipLibCheck",
  "--noEmit",
  "--target",
  "es2022",
  "--module",
  "nodenext",
  "--types",
  "",
];

/** One program through the compiler, single-threaded so that its counts are the same each time. */
function compile(name: string): { instantiations: number; types: number; seconds: number } {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const values = [
    compiler,
    "--ignoreConfig",
    "--singleThreaded",
    "--pretty",
    "false",
    "--extendedDiagnostics",
    ...settings,
    `${name}.ts`,
  ];
  const { stdout, status } = spawnSync(process.execPath, values, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} does not compile:\n${stdout.slice(0, 2000)}`);
  const number = (label: string): number => Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(stdout)?.[1]);
  return { instantiations: number("Instantiations"), types: number("Types"), seconds: number("Check time") };
}

mkdirSync(folder, { recursive: true });
try {
  console.log(
    `${models} models of ${columns} fields, ${queries} queries\n\n| program | instantiations | types | check, s |\n|---|---|---|---|`,
  );
  for (const [name, source] of Object.entries(programs)) {
    writeFileSync(join(folder, `${name}.ts`), source);
    const found = Array.from({ length: 3 }, () => compile(name));
    const seconds = found.map((one) => one.seconds).sort((left, right) => left - right)[1] ?? 0;
    console.log(
      `| ${name} | ${found[0]?.instantiations.toLocaleString("en")} | ${found[0]?.types.toLocaleString("en")} | ${seconds.toFixed(2)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
