import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manyAnnotatedModels, manyModels, manyRelatedModels } from "../test/types/many-models.ts";

// What the compiler pays: 60 models of 12 fields and 120 queries, the same program for each library. Once without relations,
// and once in a ring of them, where each query loads two levels.

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

/** Each query filters over a relation where the library can: drizzle's relational queries filter columns only. */
const related: Readonly<Record<string, string>> = {
  terrapin: manyRelatedModels(models, columns, queries),

  drizzle: `import { and, eq, gt, relations } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
${each(models, (index) => `const t${index} = sqliteTable("t${index}", { id: integer().primaryKey(), parentId: integer().notNull(), ${fieldsOf(["$: text()", "$: integer().notNull()", "$: integer()"], ", ")} });`)}
${each(models, (index) => `const r${index} = relations(t${index}, ({ one, many }) => ({ parent: one(t${(index + 1) % models}, { fields: [t${index}.parentId], references: [t${(index + 1) % models}.id] }), children: many(t${(index + models - 1) % models}) }));`)}
const db = drizzle(":memory:", { schema: { ${each(models, (index) => `t${index}, r${index},`)} } });
${each(
  queries,
  (index) => `export async function q${index}() {
  const rows = await db.query.t${index % models}.findMany({ where: and(eq(t${index % models}.c0, "x"), gt(t${index % models}.c1, 1)), with: { parent: { with: { parent: true } }, children: true }, limit: 5 });
  return rows.map((row) => [row.c0, row.parent.parent.c1, row.children.map((child) => child.c2)] as const);
}`,
)}`,
};

/** Counts, groups and functions over the same ring. */
const computed: Readonly<Record<string, string>> = { terrapin: manyAnnotatedModels(models, columns, queries) };

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

/** The table of one set of programs. */
function table(title: string, sources: Readonly<Record<string, string>>): void {
  console.log(`${title}\n\n| program | instantiations | types | check, s |\n|---|---|---|---|`);
  for (const [name, source] of Object.entries(sources)) {
    writeFileSync(join(folder, `${name}.ts`), source);
    const found = Array.from({ length: 3 }, () => compile(name));
    const seconds = found.map((one) => one.seconds).sort((left, right) => left - right)[1] ?? 0;
    console.log(
      `| ${name} | ${found[0]?.instantiations.toLocaleString("en")} | ${found[0]?.types.toLocaleString("en")} | ${seconds.toFixed(2)} |`,
    );
  }
}

mkdirSync(folder, { recursive: true });
try {
  table(`${models} models of ${columns} fields, ${queries} queries`, programs);
  table(`\nThe same in a ring of relations, two levels loaded`, related);
  table(`\nThe same ring, asked for computed values`, computed);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
