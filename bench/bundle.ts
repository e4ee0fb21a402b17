import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { executedBytes } from "./executed.ts";

// What a Worker has to load: the same small handler by hand and through each library, minified and compressed.
// Relations and batches join it together with the features.

const request = `
  const url = new URL(request.url);
  const id = Number(url.searchParams.get("id"));
  if (request.method === "POST") return Response.json(await insert(env, await request.text()));
  if (id) return Response.json(await one(env, id));
  return Response.json(await list(env, url.searchParams.get("text") ?? ""));`;

const handlers: Readonly<Record<string, string>> = {
  empty: `
const insert = async () => ({}), one = async () => ({}), list = async () => [];
export default { async fetch(request, env) {${request} } };`,

  raw: `
const note = (row) => ({ id: row.id, userId: row.user_id, text: row.text, createdAt: new Date(row.created_at) });
const one = async (env, id) => {
  const row = await env.DB.prepare("SELECT id, name, created_at FROM users WHERE id = ?").bind(id).first();
  return row && { id: row.id, name: row.name, createdAt: new Date(row.created_at) };
};
const list = async (env, text) => {
  const sql = "SELECT id, user_id, text, created_at FROM notes WHERE instr(text, ?) ORDER BY id DESC LIMIT 10";
  return (await env.DB.prepare(sql).bind(text).all()).results.map(note);
};
const insert = (env, name) => env.DB.prepare("INSERT INTO users (name, created_at) VALUES (?, ?)").bind(name, Date.now()).run();
export default { async fetch(request, env) {${request} } };`,

  terrapin: `
import { fields, init, Model } from "terrapin";
class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 50 }),
  createdAt: fields.datetime({ autoNowAdd: true }),
}, { table: "users" }) {}
class Note extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  userId: fields.bigInt({ index: true }),
  text: fields.text(),
  createdAt: fields.datetime({ autoNowAdd: true }),
}, { table: "notes" }) {}
const one = (env, id) => User.getOrNone({ id });
const list = (env, text) => Note.filter({ text__contains: text }).orderBy("-id").limit(10);
const insert = (env, name) => User.create({ name });
export default { async fetch(request, env) {
  await init({ connections: { default: env.driver }, models: { User, Note } });${request} } };`,

  drizzle: `
import { desc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
const users = sqliteTable("users", {
  id: integer().primaryKey(),
  name: text({ length: 50 }).notNull(),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
});
const notes = sqliteTable("notes", {
  id: integer().primaryKey(),
  userId: integer("user_id").notNull(),
  text: text().notNull(),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
}, (table) => [index("notes_user").on(table.userId)]);
const one = async (env, id) => (await drizzle(env.DB).select().from(users).where(eq(users.id, id)))[0];
const list = (env, word) => drizzle(env.DB).select().from(notes).where(sql\`instr(\${notes.text}, \${word})\`).orderBy(desc(notes.id)).limit(10);
const insert = (env, name) => drizzle(env.DB).insert(users).values({ name, createdAt: new Date() });
export default { async fetch(request, env) {${request} } };`,

  kysely: `
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
class Connection {
  constructor(db) { this.db = db; }
  async executeQuery({ sql, parameters }) { return { rows: (await this.db.prepare(sql).bind(...parameters).all()).results }; }
}
class Driver {
  constructor(db) { this.db = db; }
  async init() {} async destroy() {} async releaseConnection() {}
  async acquireConnection() { return new Connection(this.db); }
}
const open = (env) => new Kysely({ dialect: {
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new Driver(env.DB),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
} });
const dated = ({ created_at, ...row }) => ({ ...row, createdAt: new Date(created_at) });
const one = async (env, id) => dated(await open(env).selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst());
const list = async (env, word) => (await open(env).selectFrom("notes").selectAll().where(sql\`instr(text, \${word})\`).orderBy("id", "desc").limit(10).execute()).map(dated);
const insert = (env, name) => open(env).insertInto("users").values({ name, created_at: Date.now() }).execute();
export default { async fetch(request, env) {${request} } };`,
};

const root = join(import.meta.dirname, "..");
const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(1);
const parts = process.argv.includes("--parts");
const executed = process.argv.includes("--executed");

console.log("| handler | minified, KiB | with gzip, KiB |\n|---|---|---|");
let entered: number | null = null;
const found: { name: string; bytes: number }[] = [];
for (const [name, contents] of Object.entries(handlers)) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, sourcefile: `${name}.js` },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    logLevel: "error",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`${name} gave no bundle`);
  console.log(
    `| ${name} | ${kibibytes(file.contents.length)} | ${kibibytes(gzipSync(file.contents, { level: 9 }).length)} |`,
  );
  if (name !== "terrapin") continue;
  if (executed) entered = await executedBytes(file.text, { driver: await preparedDriver() });
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  for (const [path, { bytesInOutput }] of Object.entries(inputs))
    found.push({ name: path.replace(/^dist\//, ""), bytes: bytesInOutput });
}

if (parts) {
  console.log("\n| module of ours | minified, KiB |\n|---|---|");
  for (const { name, bytes } of found.sort((left, right) => right.bytes - left.bytes)) {
    if (bytes > 100) console.log(`| ${name} | ${kibibytes(bytes)} |`);
  }
}

if (entered !== null)
  console.log(
    `\nOf terrapin's, the engine entered functions that are ${kibibytes(entered)} KiB with gzip to answer each request.`,
  );

/** A database that has the tables already, as a Worker's has. It is a file, because each `init` opens it anew. */
async function preparedDriver(): Promise<unknown> {
  const { sqlite } = await import("../dist/drivers/sqlite/index.js");
  const file = join(mkdtempSync(join(tmpdir(), "terrapin-bundle-")), "worker.db");
  process.on("exit", () => rmSync(dirname(file), { recursive: true, force: true }));
  const driver = sqlite(file);
  await driver.script?.(`
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, text TEXT NOT NULL, created_at TEXT NOT NULL);`);
  return driver;
}
