import * as terrapin from "terrapin";
import * as testing from "terrapin/testing";
import { readShipped, readTree } from "./source.js";

/** Every value of an entry: an example may use any of them. */
const publicNames = (entry: object): string => Object.keys(entry).join(", ");

/** A doc comment's claim: this code sends that SQL. */
export interface Claim {
  where: string;
  code: string;
  sql: string;
}

/** An example in a doc comment. */
export interface Example {
  where: string;
  code: string;
}

/** Every "`code` gives `SQL`" of the public types; `…` in the SQL stands for what does not matter. */
export function readClaims(): Claim[] {
  const claims: Claim[] = [];
  for (const [file, text] of readTree(["core/types"])) {
    const words = text.replace(/\n\s*\* ?/g, " ");
    for (const [, code = "", sql = ""] of words.matchAll(/`([^`]+)` gives `([^`]+)`/g)) {
      if (/^(…|SELECT|INSERT|UPDATE|DELETE)/.test(sql)) claims.push({ where: file, code, sql });
    }
  }
  return claims;
}

/** Every `@example` of the shipped code, without comments. */
export function readExamples(): Example[] {
  const examples: Example[] = [];
  for (const [file, text] of readShipped()) {
    for (const [comment] of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
      const [, example] = comment.split("@example");
      if (example === undefined) continue;
      const lines = example
        .replace(/\*\/$/, "")
        .split("\n")
        .map((line) => line.replace(/^\s*\* ?/, "").replace(/\/\/ .*$/, ""));
      const code = lines
        .join("\n")
        .trim()
        .replace(/\{ … \}/g, "{}");
      const line = text.slice(0, text.indexOf(comment)).split("\n").length;
      examples.push({ where: `${file}:${line}`, code });
    }
  }
  return examples;
}

/** A module in which every example is a function of its own, on a line that starts with where it stands. */
export function examplesModule(examples: readonly Example[]): string {
  const bodies = examples.map(
    ({ where, code }, i) => `/* ${where} */ async function example${i}() { ${code.replaceAll("\n", " ")}\n}`,
  );
  return `${prelude}\n${bodies.join("\n")}\nvoid [${examples.map((_, i) => `example${i}`).join(", ")}];\n`;
}

/** A module that runs every claim, with the models that they speak of. */
export function claimsModule(claims: readonly Claim[]): string {
  const runs = claims.map(({ code }) => {
    const parts = code.split("; ");
    const last = parts.pop()!;
    const waits = /^(await|const) /.test(last);
    return `  async ({ user, article, tag }) => { ${[...parts, waits ? last : `await ${last}`].join("; ")}; },`;
  });
  return `${claimsPrelude}\nexport const runs: ((objects: Objects) => Promise<void>)[] = [\n${runs.join("\n")}\n];\n`;
}

const claimsPrelude = `
import { Count, F, fields, type ManyToManyRelation, Model, Q, type ReverseRelation, Sum } from "terrapin";
class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 20 }),
  age: fields.int({ null: true }),
}) {
  declare orders: ReverseRelation<Order>;
}
class Order extends Model.define({
  user: fields.foreignKey<User>("User", { relatedName: "orders" }),
  total: fields.int(),
}) {
  declare items: ReverseRelation<Item>;
}
class Item extends Model.define({ order: fields.foreignKey<Order>("Order", { relatedName: "items" }) }) {}
class Article extends Model.define({ tags: fields.manyToMany<Tag>("Tag", { relatedName: "articles" }) }) {}
class Tag extends Model.define({ name: fields.text() }) {
  declare articles: ManyToManyRelation<Article>;
}
class Product extends Model.define({ stock: fields.int() }) {}
export const models = { User, Order, Item, Article, Tag, Product };
export interface Objects { user: User; article: Article; tag: Tag }
/** Objects that are in the database. */
export async function makeObjects(): Promise<Objects> {
  const user = await User.create({ name: "a" });
  return { user, article: await Article.create({}), tag: await Tag.create({ name: "t" }) };
}
void [Count, F, Q, Sum];`;

const prelude = `
import * as terrapin from "terrapin";
import type { ReverseRelation } from "terrapin";
import { ${publicNames(terrapin)} } from "terrapin";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { ${publicNames(testing)} } from "terrapin/testing";
import { d1, type D1Binding } from "terrapin/d1";
import { describe, it, test as base } from "vitest";
import type { TestFixtures } from "terrapin/testing";
import { libsql } from "terrapin/libsql";
import { planetscale } from "terrapin/planetscale";
import { durableObject, type DurableObjectStorage } from "terrapin/durable-object";
import { Connection } from "../../core/connection/connection.js";
class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  username: fields.char({ maxLength: 50 }),
  name: fields.char({ maxLength: 50, null: true }),
  age: fields.int({ null: true }),
  isActive: fields.boolean({ default: true }),
  isAdmin: fields.boolean({ default: false }),
}) { declare orders: ReverseRelation<Order>; }
class Order extends Model.define({ total: fields.int(), status: fields.text(), user: fields.foreignKey<User>("User", { relatedName: "orders" }) }) {}
class Picture extends Model.define({ path: fields.text() }) {}
class Category extends Model.define({ id: fields.int({ primaryKey: true }), parent: fields.foreignKey<Category>("self", { null: true }) }) {}
const divisibleBy = sqlLookup("{column} % {value} = 0", { takes: fields.int() });
class A extends Model.define({ name: fields.text() }) {}
class B extends Model.define({ name: fields.text() }) {}
class Profile extends Model.define({ bio: fields.text({ blank: true }), user: fields.foreignKey<User>("User", { null: true }) }) {}
declare const config: terrapin.InitConfig;
declare const env: { DB: D1Binding };
declare const ctx: { storage: DurableObjectStorage };
declare const models: { User: typeof User };
declare const dialect: terrapin.Dialect;
declare const connection: terrapin.Connection;
declare const orm: terrapin.TerrapinContext;
declare const tx: terrapin.Transaction;
declare const user: User;
declare function main(): Promise<void>;
declare const response: Response;
declare function removeFile(path: string): void;
declare const metrics: { record(...given: unknown[]): void };
const { localtime, makeAware, makeNaive } = timezone;
`;
