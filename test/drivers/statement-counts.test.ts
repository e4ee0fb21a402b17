import { Count, fields, inTransaction, Model } from "terrapin";
import type { Driver, ManyToManyRelation, ReverseRelation } from "terrapin";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { captureQueries, testContext } from "terrapin/testing";
import { expect, it } from "vitest";
import { mysqlDatabase } from "../support/databases.js";

const url = await mysqlDatabase();

class Author extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 50, unique: true }),
  age: fields.int({ default: 1 }),
}) {
  declare posts: ReverseRelation<Post>;
}
class Post extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  title: fields.char({ maxLength: 50 }),
  author: fields.foreignKey<Author>("Author", { relatedName: "posts" }),
  tags: fields.manyToMany<Tag>("Tag", { relatedName: "posts" }),
}) {}
class Tag extends Model.define({ id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }) }) {
  declare posts: ManyToManyRelation<Post>;
}

const authors = (count: number, from = 0): Author[] =>
  Array.from({ length: count }, (_, i) => new Author({ name: `a${from + i}`, age: i }));
const upsert = (objects: Author[]) => Author.bulkCreate(objects, { onConflict: ["name"], updateFields: ["age"] });
const first = async (): Promise<Author> => (await Author.first())!;

type Call = readonly [name: string, work: () => unknown, sqlite: number, mysql?: number];

/** What calls send. The fourth column is there where it differs, and has to say why. */
const calls: readonly Call[] = [
  ["create", () => Author.create({ name: "x" }), 1],
  ["save a change", async () => Object.assign(await first(), { age: 99 }).save(), 2],
  ["save nothing", async () => (await first()).save(), 1],
  ["update", () => Author.filter({ posts__title: "p1" }).update({ age: 5 }), 1],
  ["delete one", async () => (await Author.get({ name: "a3" })).delete(), 2],
  ["getOrCreate, there", () => Author.getOrCreate({ name: "a1" }), 1],
  ["getOrCreate, not there", () => Author.getOrCreate({ name: "new" }), 2],
  ["filter across relations", () => Author.filter({ posts__tags__name: "t1" }), 1],
  ["selectRelated", () => Post.all().selectRelated("author"), 1],
  ["prefetchRelated", () => Author.all().prefetchRelated("posts__tags"), 3],
  [
    "count, exists, aggregate",
    async () => [
      await Author.count(),
      await Author.exists({ age: 1 }),
      await Author.all().aggregate({ n: Count("id") }),
    ],
    3,
  ],
  [
    "groups",
    () =>
      Post.all()
        .groupBy("authorId")
        .annotate({ n: Count("id") })
        .values("authorId", "n"),
    1,
  ],
  ["add", async () => (await Post.first())!.tags.add(...(await Tag.all())), 4],
  ["set", async () => (await Post.first())!.tags.set(await Tag.filter({ name: "t1" })), 4],
  ["bulkCreate of 60", () => Author.bulkCreate(authors(60, 1000)), 5],
  // Each statement is a round trip there, so one takes more rows.
  ["bulkCreate of 1000", () => Author.bulkCreate(authors(1000, 2000)), 20, 2],
  ["bulkUpdate of 4", async () => Author.bulkUpdate(await Author.all().limit(4), ["age"]), 5],
  ["upsert of one", () => upsert(authors(1)), 1],
  // No answer of an INSERT of several rows tells the keys of those that were there.
  ["upsert of 4", () => upsert(authors(4)), 1, 2],
  ["nested transactions", () => inTransaction(() => inTransaction(() => Author.create({ name: "in" }))), 1],
  ["bulk delete", () => Author.filter({ name__startswith: "a1" }).delete(), 1],
];

async function counts(driver: Driver): Promise<Record<string, number>> {
  await using db = await testContext({ connections: { default: driver }, models: { Author, Post, Tag } });
  return await db.orm.run(async () => {
    await Author.bulkCreate(authors(10));
    const tags = await Tag.bulkCreate([new Tag({ name: "t1" }), new Tag({ name: "t2" })]);
    for (const [i, author] of (await Author.all().limit(3)).entries())
      await (await Post.create({ title: `p${i}`, author })).tags.add(...tags);
    const found: Record<string, number> = {};
    for (const [name, work] of calls) found[name] = (await captureQueries(async () => work())).stats.statements;
    return found;
  });
}

it("every call sends as many statements on MySQL as on SQLite, but where it says why", async () => {
  expect(await counts(sqlite(":memory:"))).toEqual(Object.fromEntries(calls.map(([name, , sent]) => [name, sent])));
  expect(await counts(mysql(url))).toEqual(
    Object.fromEntries(calls.map(([name, , sent, onMysql = sent]) => [name, onMysql])),
  );
});
