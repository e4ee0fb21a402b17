import { build } from "esbuild";
import { join } from "node:path";

// The same small Worker on D1 by hand and through each library: two models, a user with their notes, a list with filter,
// order and limit, and a user with a first note written together. `/ping` asks nothing.

const routes = `
export default { async fetch(request, env) {
  const url = new URL(request.url);
  const id = Number(url.searchParams.get("id"));
  if (url.pathname === "/ping") return new Response("pong");
  if (request.method === "POST") return Response.json(await insert(env, await request.text()));
  if (id) return Response.json(await one(env, id));
  return Response.json(await list(env, url.searchParams.get("text") ?? ""));
} };`;

/** The tables that all of them work on, as statements. */
export const tables: readonly string[] = [
  "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, created_at TEXT NOT NULL)",
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), text TEXT NOT NULL, created_at TEXT NOT NULL)",
  "CREATE INDEX notes_user ON notes (user_id)",
];

/** Programs by the library that they use; `empty` asks no database. */
export const handlers: Readonly<Record<string, string>> = {
  empty: `
const insert = async () => ({}), one = async () => ({}), list = async () => [];
${routes}`,

  raw: `
const text = (date) => date.toISOString().replace("T", " ").replace("Z", "");
const date = (stored) => new Date(stored.replace(" ", "T") + "Z");
const user = (row) => ({ id: row.id, name: row.name, createdAt: date(row.created_at) });
const note = (row) => ({ id: row.id, userId: row.user_id, text: row.text, createdAt: date(row.created_at) });
const one = async (env, id) => {
  const [users, notes] = await env.DB.batch([
    env.DB.prepare("SELECT id, name, created_at FROM users WHERE id = ?").bind(id),
    env.DB.prepare("SELECT id, user_id, text, created_at FROM notes WHERE user_id = ? ORDER BY id").bind(id),
  ]);
  return users.results.length === 0 ? null : { ...user(users.results[0]), notes: notes.results.map(note) };
};
const list = async (env, word) => {
  const sql = "SELECT id, user_id, text, created_at FROM notes WHERE instr(text, ?) ORDER BY id DESC LIMIT 10";
  return (await env.DB.prepare(sql).bind(word).all()).results.map(note);
};
const insert = async (env, name) => {
  const now = text(new Date());
  const [made] = await env.DB.batch([
    env.DB.prepare("INSERT INTO users (name, created_at) VALUES (?, ?) RETURNING id").bind(name, now),
    env.DB.prepare("INSERT INTO notes (user_id, text, created_at) VALUES (last_insert_rowid(), ?, ?)").bind("first", now),
  ]);
  return made.results[0];
};
${routes}`,

  terrapin: `
import { batch, init, Model } from "terrapin";
import { d1 } from "terrapin/d1";
import * as fields from "terrapin/fields";
class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 50 }),
  createdAt: fields.datetime({ autoNowAdd: true }),
}, { table: "users" }) {}
class Note extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  user: fields.foreignKey("User", { relatedName: "notes" }),
  text: fields.text(),
  createdAt: fields.datetime({ autoNowAdd: true }),
}, { table: "notes", ordering: ["id"] }) {}
let opened;
const open = (env) => (opened ??= init({ connections: { default: d1(env.DB) }, models: { User, Note } }));
const one = async (env, id) => (await open(env), User.getOrNone({ id }).prefetchRelated("notes"));
const list = async (env, text) => (await open(env), Note.filter({ text__contains: text }).orderBy("-id").limit(10));
const insert = async (env, name) => {
  await open(env);
  const user = new User({ name });
  await batch([user.save(), Note.create({ user, text: "first" })]);
  return { id: user.id };
};
${routes}`,

  drizzle: `
import { desc, eq, relations, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { customType, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
const instant = customType({
  dataType: () => "text",
  toDriver: (date) => date.toISOString().replace("T", " ").replace("Z", ""),
  fromDriver: (stored) => new Date(stored.replace(" ", "T") + "Z"),
});
const users = sqliteTable("users", {
  id: integer().primaryKey(),
  name: text({ length: 50 }).notNull(),
  createdAt: instant("created_at").notNull(),
});
const notes = sqliteTable("notes", {
  id: integer().primaryKey(),
  userId: integer("user_id").notNull().references(() => users.id),
  text: text().notNull(),
  createdAt: instant("created_at").notNull(),
}, (table) => [index("notes_user").on(table.userId)]);
const usersRelations = relations(users, ({ many }) => ({ notes: many(notes) }));
const notesRelations = relations(notes, ({ one }) => ({ user: one(users, { fields: [notes.userId], references: [users.id] }) }));
const open = (env) => drizzle(env.DB, { schema: { users, notes, usersRelations, notesRelations } });
const one = (env, id) => open(env).query.users.findFirst({ where: eq(users.id, id), with: { notes: { orderBy: notes.id } } });
const list = (env, word) => open(env).select().from(notes).where(sql\`instr(\${notes.text}, \${word})\`).orderBy(desc(notes.id)).limit(10);
const insert = async (env, name) => {
  const db = open(env);
  const now = new Date();
  const [made] = await db.batch([
    db.insert(users).values({ name, createdAt: now }).returning({ id: users.id }),
    db.insert(notes).values({ userId: sql\`last_insert_rowid()\`, text: "first", createdAt: now }),
  ]);
  return made[0];
};
${routes}`,

  kysely: `
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/sqlite";
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
const stored = (date) => date.toISOString().replace("T", " ").replace("Z", "");
const dated = ({ created_at, ...row }) => ({ ...row, createdAt: new Date(created_at.replace(" ", "T") + "Z") });
const noted = ({ user_id, ...row }) => ({ ...dated(row), userId: user_id });
const columns = ["id", "user_id", "text", "created_at"];
const one = async (env, id) => {
  const found = await open(env).selectFrom("users").selectAll()
    .select((db) => jsonArrayFrom(db.selectFrom("notes").select(columns).whereRef("notes.user_id", "=", "users.id").orderBy("id")).as("notes"))
    .where("id", "=", id).executeTakeFirst();
  return found === undefined ? null : { ...dated(found), notes: JSON.parse(found.notes).map(noted) };
};
const list = async (env, word) => (await open(env).selectFrom("notes").select(columns)
  .where(sql\`instr(text, \${word})\`).orderBy("id", "desc").limit(10).execute()).map(noted);
// Two requests, because its queries know no batch; by hand it would be raw.
const insert = async (env, name) => {
  const created_at = stored(new Date());
  const made = await open(env).insertInto("users").values({ name, created_at }).returning("id").executeTakeFirst();
  await open(env).insertInto("notes").values({ user_id: made.id, text: "first", created_at }).execute();
  return made;
};
${routes}`,
};

const root = join(import.meta.dirname, "../..");

/** One of them as a Worker's tool makes it: the text, and how many bytes come from which file. */
export async function bundleHandler(name: string): Promise<{ code: string; parts: ReadonlyMap<string, number> }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: handlers[name]!, resolveDir: root, sourcefile: `${name}.js` },
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
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  return {
    code: outputFiles[0]!.text,
    parts: new Map(Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  };
}
