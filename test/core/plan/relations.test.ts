import { F as typedF, Q as typedQ } from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording, type Expected } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";
import { models } from "../../support/related-models.js";

const { User, Profile, Post, Comment, Tag, Node, Team, Badge, Big } = loose(models);
const [F, Q, q] = [loose(typedF), loose(typedQ), loose(typedQ)];
const expectSql = await expectSqlOf(models);

const COLUMNS = {
  users: ["id", "name", "nick"],
  post: ["id", "headline", "score", "author_id", "checked by"],
  comment: ["id", "text", "post_id"],
  tag: ["slug", "rank"],
  node: ["id", "name", "parent_id"],
  profile: ["id", "bio", "user_id"],
  badge: ["id", "holder_id"],
} as const;
type Names = Readonly<Record<keyof typeof COLUMNS, string>>;
const selecting = (column: (table: string, name: string) => string): Names =>
  Object.fromEntries(
    Object.entries(COLUMNS).map(([table, names]) => [
      table,
      `SELECT ${names.map((name) => column(table, name)).join(", ")} FROM "${table}"`,
    ]),
  ) as Names;
/** A table alone, and a table that others are joined to. */
const own = selecting((_, name) => `"${name}"`);
const all = selecting((table, name) => `"${table}"."${name}"`);

/** What is asked, the text, the parameters. */
type Row = readonly [name: string, make: () => PromiseLike<unknown>, sql: string, params: Expected[1]];
const check = (rows: readonly Row[]): void => {
  it.each(rows)("%s", async (_, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
};

describe("a to-one path", () => {
  check([
    [
      "joins, and INNER where a row without it is dropped anyway",
      () => Post.filter({ author__name: "a" }),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post__author"."name" = ?`,
      ["a"],
    ],
    [
      "is the own column where it ends in the key that it points to",
      () => Post.filter({ author__id: 1 }),
      `${own.post} WHERE "author_id" = ?`,
      [1],
    ],
    [
      "is the own column by the name pk too, with a lookup",
      () => Post.filter({ author__pk__gt: 1 }),
      `${own.post} WHERE "author_id" > ?`,
      [1],
    ],
    [
      "is the own column by its attribute",
      () => Post.filter({ authorId: 1 }),
      `${own.post} WHERE "author_id" = ?`,
      [1],
    ],
    ["takes a key in place of an object", () => Post.filter({ author: 1 }), `${own.post} WHERE "author_id" = ?`, [1]],
    [
      "joins relation after relation",
      () => Comment.filter({ post__author__name: "a" }),
      `${all.comment} JOIN "post" AS "comment__post" ON "comment__post"."id" = "comment"."post_id" JOIN "users" AS "comment__post__author" ON "comment__post__author"."id" = "comment__post"."author_id" WHERE "comment__post__author"."name" = ? ORDER BY "comment"."id" DESC`,
      ["a"],
    ],
    [
      "joins one less where the last relation's key is enough",
      () => Comment.filter({ post__author: 1 }),
      `${all.comment} JOIN "post" AS "comment__post" ON "comment__post"."id" = "comment"."post_id" WHERE "comment__post"."author_id" = ? ORDER BY "comment"."id" DESC`,
      [1],
    ],
    [
      "that may have no row joins INNER under a condition that needs one",
      () => Post.filter({ reviewer__name: "a" }),
      `${all.post} JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE "post__reviewer"."name" = ?`,
      ["a"],
    ],
    [
      "that may have no row joins LEFT where the condition holds without one",
      () => Post.exclude({ reviewer__name: "a" }),
      `${all.post} LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE ("post__reviewer"."name" <> ? OR "post__reviewer"."name" IS NULL)`,
      ["a"],
    ],
    [
      "that always has a row stays INNER when excluded",
      () => Post.exclude({ author__name: "a" }),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post__author"."name" <> ?`,
      ["a"],
    ],
    [
      "is null where its column is",
      () => Post.filter({ reviewer: null }),
      `${own.post} WHERE "checked by" IS NULL`,
      [],
    ],
    [
      "is not null where its column is not",
      () => Post.filter({ reviewer__isnull: false }),
      `${own.post} WHERE "checked by" IS NOT NULL`,
      [],
    ],
    ["that is required is never null", () => Post.filter({ author: null }), `${own.post} WHERE 1 = 0`, []],
    [
      "to a null column holds without a row",
      () => Post.filter({ reviewer__nick: null }),
      `${all.post} LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE "post__reviewer"."nick" IS NULL`,
      [],
    ],
    [
      "to a column that is not null needs a row",
      () => Post.filter({ reviewer__nick__isnull: false }),
      `${all.post} JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE "post__reviewer"."nick" IS NOT NULL`,
      [],
    ],
    [
      "with __not holds without a row",
      () => Post.filter({ reviewer__nick__not: "x" }),
      `${all.post} LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE ("post__reviewer"."nick" <> ? OR "post__reviewer"."nick" IS NULL)`,
      ["x"],
    ],
    [
      "itself takes __not",
      () => Post.filter({ reviewer__not: 1 }),
      `${own.post} WHERE ("checked by" <> ? OR "checked by" IS NULL)`,
      [1],
    ],
    [
      "itself takes __in",
      () => Post.filter({ author__in: [1, 2] }),
      `${own.post} WHERE "author_id" IN (SELECT value FROM json_each(?))`,
      ["[1,2]"],
    ],
    [
      "itself takes __in with null",
      () => Post.filter({ reviewer__in: [1, null] }),
      `${own.post} WHERE ("checked by" IN (SELECT value FROM json_each(?)) OR "checked by" IS NULL)`,
      ["[1]"],
    ],
    [
      "itself takes __not_in",
      () => Post.filter({ reviewer__not_in: [1] }),
      `${own.post} WHERE ("checked by" NOT IN (SELECT value FROM json_each(?)) OR "checked by" IS NULL)`,
      ["[1]"],
    ],
    [
      "itself takes a query set",
      () => Post.filter({ author__in: User.filter({ name: "a" }) }),
      `${own.post} WHERE "author_id" IN (SELECT "users"."id" FROM "users" WHERE "users"."name" = ?)`,
      ["a"],
    ],
    [
      "itself takes the others of a query set",
      () => Post.filter({ reviewer__not_in: User.filter({ name: "a" }) }),
      `${own.post} WHERE ("checked by" NOT IN (SELECT "users"."id" FROM "users" WHERE "users"."name" = ?) OR "checked by" IS NULL)`,
      ["a"],
    ],
    [
      "itself takes a query set that is cut",
      () => Post.filter({ author__in: User.orderBy("-name").limit(3) }),
      `${own.post} WHERE "author_id" IN (SELECT "users"."id" FROM "users" ORDER BY "users"."name" DESC LIMIT ? + 0)`,
      [3],
    ],
    [
      "in an OR with another joins LEFT",
      () => Post.filter(Q.or(q({ author__name: "a" }), q({ reviewer__name: "b" }))),
      `${all.post} LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE ("post__author"."name" = ? OR "post__reviewer"."name" = ?)`,
      ["a", "b"],
    ],
    [
      "in an OR, and needed beside it, joins INNER",
      () => Post.filter(Q.or(q({ reviewer__name: "a" }), q({ title: "b" })), { reviewer__nick: "c" }),
      `${all.post} JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE ("post__reviewer"."name" = ? OR "post"."headline" = ?) AND "post__reviewer"."nick" = ?`,
      ["a", "b", "c"],
    ],
    [
      "that every part of an OR needs joins INNER",
      () => Post.filter(Q.or(q({ reviewer__name: "a" }), q({ reviewer__nick: "b" }))),
      `${all.post} JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE ("post__reviewer"."name" = ? OR "post__reviewer"."nick" = ?)`,
      ["a", "b"],
    ],
    [
      "with a range of text uses the range",
      () => Post.filter({ author__name__startswith: "x" }),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post__author"."name" >= ? AND "post__author"."name" < ?`,
      ["x", "y"],
    ],
    [
      "in get asks for two rows",
      () => Post.get({ author__name: "x" }),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post__author"."name" = ? LIMIT 2`,
      ["x"],
    ],
    [
      "in first is ordered by the key",
      () => Post.filter({ author__name: "x" }).first(),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post__author"."name" = ? ORDER BY "post"."id" LIMIT 1`,
      ["x"],
    ],
  ]);
});

describe("a one-to-one path", () => {
  check([
    [
      "is a foreign key on its own side",
      () => Profile.filter({ user__name: "a" }),
      `${all.profile} JOIN "users" AS "profile__user" ON "profile__user"."id" = "profile"."user_id" WHERE "profile__user"."name" = ?`,
      ["a"],
    ],
    [
      "is joined from the other side",
      () => User.filter({ profile__bio: "x" }),
      `${all.users} JOIN "profile" AS "users__profile" ON "users__profile"."user_id" = "users"."id" WHERE "users__profile"."bio" = ?`,
      ["x"],
    ],
    [
      "is null where there is no row on the other side",
      () => User.filter({ profile: null }),
      `${all.users} LEFT JOIN "profile" AS "users__profile" ON "users__profile"."user_id" = "users"."id" WHERE "users__profile"."id" IS NULL`,
      [],
    ],
    [
      "is not null where there is one",
      () => User.filter({ profile__isnull: false }),
      `${all.users} JOIN "profile" AS "users__profile" ON "users__profile"."user_id" = "users"."id" WHERE "users__profile"."id" IS NOT NULL`,
      [],
    ],
    [
      "excluded holds without a row",
      () => User.exclude({ profile__bio: "x" }),
      `${all.users} LEFT JOIN "profile" AS "users__profile" ON "users__profile"."user_id" = "users"."id" WHERE ("users__profile"."bio" <> ? OR "users__profile"."bio" IS NULL)`,
      ["x"],
    ],
    [
      "goes on after a foreign key",
      () => Post.filter({ author__profile__bio: "x" }),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" JOIN "profile" AS "post__author__profile" ON "post__author__profile"."user_id" = "post__author"."id" WHERE "post__author__profile"."bio" = ?`,
      ["x"],
    ],
  ]);
});

describe("a path to many from a foreign key's other side", () => {
  check([
    [
      "is a list of keys",
      () => User.filter({ posts__title: "x" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?)`,
      ["x"],
    ],
    [
      "leaves out NULL among the keys",
      () => User.filter({ reviews__title: "x" }),
      `${own.users} WHERE "id" IN (SELECT "post"."checked by" FROM "post" WHERE "post"."checked by" IS NOT NULL AND "post"."headline" = ?)`,
      ["x"],
    ],
    [
      "excluded is NOT EXISTS",
      () => User.exclude({ posts__title: "x" }),
      `${own.users} WHERE NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = ?)`,
      ["x"],
    ],
    [
      "is null where there is none",
      () => User.filter({ posts__isnull: true }),
      `${own.users} WHERE NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id")`,
      [],
    ],
    [
      "is not null where there is one",
      () => User.filter({ posts__isnull: false }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post")`,
      [],
    ],
    [
      "takes a key",
      () => User.filter({ posts: 3 }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" = ?)`,
      [3],
    ],
    [
      "takes keys",
      () => User.filter({ posts__in: [3, 4] }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT value FROM json_each(?)))`,
      ["[3,4]"],
    ],
    [
      "takes no keys at all",
      () => User.filter({ posts__in: [] }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT value FROM json_each(?)))`,
      ["[]"],
    ],
    [
      "with __not asks for another row",
      () => User.filter({ posts__not: 3 }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" <> ?)`,
      [3],
    ],
    [
      "takes a query set, under an alias of its own",
      () => User.filter({ posts__in: Post.filter({ score: 1 }) }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT "post_inner"."id" FROM "post" AS "post_inner" WHERE "post_inner"."score" = ?))`,
      [1],
    ],
    [
      "to null holds without a row too",
      () => User.filter({ posts__reviewer: null }),
      `${own.users} WHERE ("id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."checked by" IS NULL) OR NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id"))`,
      [],
    ],
    [
      "with two conditions asks for one row",
      () => User.filter({ posts__title: "x", posts__score: 2 }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ? AND "post"."score" = ?)`,
      ["x", 2],
    ],
    [
      "with chained conditions asks for one row",
      () => User.filter({ posts__title: "x" }).filter({ posts__score: 2 }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ? AND "post"."score" = ?)`,
      ["x", 2],
    ],
    [
      "with two conditions excluded asks for no such row",
      () => User.exclude({ posts__title: "x", posts__score: 2 }),
      `${own.users} WHERE NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = ? AND "post"."score" = ?)`,
      ["x", 2],
    ],
    [
      "beside a negation asks for two different rows",
      () => User.filter({ posts__title: "x" }, Q.not(q({ posts__score: 2 }))),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?) AND NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."score" = ?)`,
      ["x", 2],
    ],
    [
      "beside an OR over the same path asks for one row",
      () => User.filter({ posts__title: "x" }, Q.or(q({ posts__score: 2 }), q({ name: "n" }))),
      `${own.users} WHERE EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = ? AND ("post"."score" = ? OR "users"."name" = ?))`,
      ["x", 2, "n"],
    ],
    [
      "beside a negation inside an OR asks for a row of its own there",
      () => User.filter({ posts__title: "x" }, Q.or(q({ posts__score: 2 }), Q.not(q({ posts__score: 3 })))),
      `${own.users} WHERE EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = ? AND ("post"."score" = ? OR NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."score" = ?)))`,
      ["x", 2, 3],
    ],
    [
      "in an OR asks for each by itself",
      () => User.filter(Q.or(q({ posts__title: "x" }), q({ posts__score: 2 }))),
      `${own.users} WHERE ("id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?) OR "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."score" = ?))`,
      ["x", 2],
    ],
    [
      "beside another to the same table asks for itself",
      () => User.filter({ posts__title: "x", reviews__title: "y" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?) AND "id" IN (SELECT "post"."checked by" FROM "post" WHERE "post"."checked by" IS NOT NULL AND "post"."headline" = ?)`,
      ["x", "y"],
    ],
    [
      "in a negated AND is one of its parts",
      () => User.filter(Q.not(q({ posts__title: "x", name: "n" }))),
      `${own.users} WHERE (NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = ?) OR "name" <> ?)`,
      ["x", "n"],
    ],
    [
      "of a path to many is a list in a list",
      () => User.filter({ posts__comments__text: "x" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT "comment"."post_id" FROM "comment" WHERE "comment"."post_id" IS NOT NULL AND "comment"."text" = ?))`,
      ["x"],
    ],
    [
      "of a path to many shares the row in the middle",
      () => User.filter({ posts__comments__text: "x", posts__title: "t" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT "comment"."post_id" FROM "comment" WHERE "comment"."post_id" IS NOT NULL AND "comment"."text" = ?) AND "post"."headline" = ?)`,
      ["x", "t"],
    ],
    [
      "after a foreign key starts from the own column",
      () => Comment.filter({ post__comments__text: "x" }),
      `${own.comment} WHERE "post_id" IN (SELECT "comment__comments"."post_id" FROM "comment" AS "comment__comments" WHERE "comment__comments"."post_id" IS NOT NULL AND "comment__comments"."text" = ?) ORDER BY "id" DESC`,
      ["x"],
    ],
    [
      "after a required foreign key too",
      () => Post.filter({ author__posts__title: "x" }),
      `${own.post} WHERE "author_id" IN (SELECT "post__posts"."author_id" FROM "post" AS "post__posts" WHERE "post__posts"."headline" = ?)`,
      ["x"],
    ],
    [
      "that comes back to where it began",
      () => User.filter({ posts__comments__post__author__name: "x" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT "comment"."post_id" FROM "comment" JOIN "post" AS "comment__post" ON "comment__post"."id" = "comment"."post_id" JOIN "users" AS "comment__post__author" ON "comment__post__author"."id" = "comment__post"."author_id" WHERE "comment"."post_id" IS NOT NULL AND "comment__post__author"."name" = ?))`,
      ["x"],
    ],
    [
      "takes text lookups",
      () => User.filter({ posts__title__icontains: "x" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE instr(lower("post"."headline"), lower(?)) > 0)`,
      ["x"],
    ],
  ]);
});

describe("a many-to-many path", () => {
  check([
    [
      "joins the other table to the one in the middle",
      () => Post.filter({ tags__rank: 1 }),
      `${own.post} WHERE "id" IN (SELECT "post_tag"."post_id" FROM "post_tag" JOIN "tag" AS "post_tag__tag" ON "post_tag__tag"."slug" = "post_tag"."tag_id" WHERE "post_tag__tag"."rank" = ?)`,
      [1],
    ],
    [
      "does without the other table for a key",
      () => Post.filter({ tags: "red" }),
      `${own.post} WHERE "id" IN (SELECT "post_tag"."post_id" FROM "post_tag" WHERE "post_tag"."tag_id" = ?)`,
      ["red"],
    ],
    [
      "does without it for the key by its name",
      () => Post.filter({ tags__slug: "red" }),
      `${own.post} WHERE "id" IN (SELECT "post_tag"."post_id" FROM "post_tag" WHERE "post_tag"."tag_id" = ?)`,
      ["red"],
    ],
    [
      "does without it for a list of keys",
      () => Post.filter({ tags__in: ["red", "blue"] }),
      `${own.post} WHERE "id" IN (SELECT "post_tag"."post_id" FROM "post_tag" WHERE "post_tag"."tag_id" IN (SELECT value FROM json_each(?)))`,
      ['["red","blue"]'],
    ],
    [
      "with two conditions asks for one row",
      () => Post.filter({ tags__slug: "red", tags__rank: 2 }),
      `${own.post} WHERE "id" IN (SELECT "post_tag"."post_id" FROM "post_tag" JOIN "tag" AS "post_tag__tag" ON "post_tag__tag"."slug" = "post_tag"."tag_id" WHERE "post_tag"."tag_id" = ? AND "post_tag__tag"."rank" = ?)`,
      ["red", 2],
    ],
    [
      "excluded is NOT EXISTS over the table in the middle",
      () => Post.exclude({ tags__slug: "red" }),
      `${own.post} WHERE NOT EXISTS (SELECT 1 FROM "post_tag" WHERE "post_tag"."post_id" = "post"."id" AND "post_tag"."tag_id" = ?)`,
      ["red"],
    ],
    [
      "excluded by a column joins inside",
      () => Post.exclude({ tags__rank: 1 }),
      `${own.post} WHERE NOT EXISTS (SELECT 1 FROM "post_tag" JOIN "tag" AS "post_tag__tag" ON "post_tag__tag"."slug" = "post_tag"."tag_id" WHERE "post_tag"."post_id" = "post"."id" AND "post_tag__tag"."rank" = ?)`,
      [1],
    ],
    [
      "is null where there is no pair",
      () => Post.filter({ tags__isnull: true }),
      `${own.post} WHERE NOT EXISTS (SELECT 1 FROM "post_tag" WHERE "post_tag"."post_id" = "post"."id")`,
      [],
    ],
    [
      "is not null where there is a pair",
      () => Post.filter({ tags__isnull: false }),
      `${own.post} WHERE "id" IN (SELECT "post_tag"."post_id" FROM "post_tag")`,
      [],
    ],
    [
      "to null holds without a pair too",
      () => Post.filter({ tags__rank: null }),
      `${own.post} WHERE ("id" IN (SELECT "post_tag"."post_id" FROM "post_tag" JOIN "tag" AS "post_tag__tag" ON "post_tag__tag"."slug" = "post_tag"."tag_id" WHERE "post_tag__tag"."rank" IS NULL) OR NOT EXISTS (SELECT 1 FROM "post_tag" WHERE "post_tag"."post_id" = "post"."id"))`,
      [],
    ],
    [
      "goes the other way",
      () => Tag.filter({ posts__title: "x" }),
      `${own.tag} WHERE "slug" IN (SELECT "post_tag"."tag_id" FROM "post_tag" JOIN "post" AS "post_tag__post" ON "post_tag__post"."id" = "post_tag"."post_id" WHERE "post_tag__post"."headline" = ?)`,
      ["x"],
    ],
    [
      "goes on along a foreign key",
      () => Tag.filter({ posts__author__name: "x" }),
      `${own.tag} WHERE "slug" IN (SELECT "post_tag"."tag_id" FROM "post_tag" JOIN "post" AS "post_tag__post" ON "post_tag__post"."id" = "post_tag"."post_id" JOIN "users" AS "post_tag__post__author" ON "post_tag__post__author"."id" = "post_tag__post"."author_id" WHERE "post_tag__post__author"."name" = ?)`,
      ["x"],
    ],
    [
      "goes on to a foreign key's column",
      () => Tag.filter({ posts__author: 1 }),
      `${own.tag} WHERE "slug" IN (SELECT "post_tag"."tag_id" FROM "post_tag" JOIN "post" AS "post_tag__post" ON "post_tag__post"."id" = "post_tag"."post_id" WHERE "post_tag__post"."author_id" = ?)`,
      [1],
    ],
    [
      "after a path to many",
      () => User.filter({ posts__tags__slug: "red" }),
      `${own.users} WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."id" IN (SELECT "post_tag"."post_id" FROM "post_tag" WHERE "post_tag"."tag_id" = ?))`,
      ["red"],
    ],
    [
      "after a path to many, excluded",
      () => User.exclude({ posts__tags__slug: "red" }),
      `${own.users} WHERE NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."id" IN (SELECT "post_tag"."post_id" FROM "post_tag" WHERE "post_tag"."tag_id" = ?))`,
      ["red"],
    ],
    [
      "there and back again does without the table between",
      () => Tag.filter({ posts__tags__rank: 1 }),
      `${own.tag} WHERE "slug" IN (SELECT "post_tag"."tag_id" FROM "post_tag" WHERE "post_tag"."post_id" IN (SELECT "post_tag__post__tags"."post_id" FROM "post_tag" AS "post_tag__post__tags" JOIN "tag" AS "post_tag__post__tags__tag" ON "post_tag__post__tags__tag"."slug" = "post_tag__post__tags"."tag_id" WHERE "post_tag__post__tags__tag"."rank" = ?))`,
      [1],
    ],
    [
      "through a model of its own",
      () => Team.filter({ members__name: "x" }),
      'SELECT "id" FROM "team" WHERE "id" IN (SELECT "membership"."t" FROM "membership" JOIN "users" AS "membership__users" ON "membership__users"."id" = "membership"."u" WHERE "membership__users"."name" = ?)',
      ["x"],
    ],
    [
      "through a model of its own, back, by key",
      () => User.filter({ teams: 1 }),
      `${own.users} WHERE "id" IN (SELECT "membership"."u" FROM "membership" WHERE "membership"."t" = ?)`,
      [1],
    ],
    [
      "beside the model in the middle as a relation",
      () => Team.filter({ memberships__role: "x", memberships__user__name: "n" }),
      'SELECT "id" FROM "team" WHERE "id" IN (SELECT "membership"."t" FROM "membership" JOIN "users" AS "membership__user" ON "membership__user"."id" = "membership"."u" WHERE "membership"."role" = ? AND "membership__user"."name" = ?)',
      ["x", "n"],
    ],
  ]);
});

describe("a path to the same model", () => {
  check([
    [
      "joins it under another name",
      () => Node.filter({ parent__name: "x" }),
      `${all.node} JOIN "node" AS "node__parent" ON "node__parent"."id" = "node"."parent_id" WHERE "node__parent"."name" = ?`,
      ["x"],
    ],
    [
      "twice joins it under two",
      () => Node.filter({ parent__parent__name: "x" }),
      `${all.node} JOIN "node" AS "node__parent" ON "node__parent"."id" = "node"."parent_id" JOIN "node" AS "node__parent__parent" ON "node__parent__parent"."id" = "node__parent"."parent_id" WHERE "node__parent__parent"."name" = ?`,
      ["x"],
    ],
    [
      "from the other side",
      () => Node.filter({ kids__name: "x" }),
      `${own.node} WHERE "id" IN (SELECT "node__kids"."parent_id" FROM "node" AS "node__kids" WHERE "node__kids"."parent_id" IS NOT NULL AND "node__kids"."name" = ?)`,
      ["x"],
    ],
    [
      "twice from the other side",
      () => Node.filter({ kids__kids__name: "x" }),
      `${own.node} WHERE "id" IN (SELECT "node__kids"."parent_id" FROM "node" AS "node__kids" WHERE "node__kids"."parent_id" IS NOT NULL AND "node__kids"."id" IN (SELECT "node__kids__kids"."parent_id" FROM "node" AS "node__kids__kids" WHERE "node__kids__kids"."parent_id" IS NOT NULL AND "node__kids__kids"."name" = ?))`,
      ["x"],
    ],
    [
      "through a table in the middle",
      () => Node.filter({ links__name: "x" }),
      `${own.node} WHERE "id" IN (SELECT "node_node"."node_rel_id" FROM "node_node" JOIN "node" AS "node_node__node" ON "node_node__node"."id" = "node_node"."node_id" WHERE "node_node__node"."name" = ?)`,
      ["x"],
    ],
    [
      "through a table in the middle, from the other side",
      () => Node.filter({ linked__name: "x" }),
      `${own.node} WHERE "id" IN (SELECT "node_node"."node_id" FROM "node_node" JOIN "node" AS "node_node__node" ON "node_node__node"."id" = "node_node"."node_rel_id" WHERE "node_node__node"."name" = ?)`,
      ["x"],
    ],
    [
      "through a table in the middle, excluded",
      () => Node.exclude({ links__name: "x" }),
      `${own.node} WHERE NOT EXISTS (SELECT 1 FROM "node_node" JOIN "node" AS "node_node__node" ON "node_node__node"."id" = "node_node"."node_id" WHERE "node_node"."node_rel_id" = "node"."id" AND "node_node__node"."name" = ?)`,
      ["x"],
    ],
    [
      "by a uuid in any case",
      () => Node.filter({ parent: "00000000-0000-0000-0000-00000000000A" }),
      `${own.node} WHERE "parent_id" = ?`,
      ["00000000-0000-0000-0000-00000000000a"],
    ],
  ]);
});

describe("a foreign key to another unique field", () => {
  check([
    [
      "compares that field's values",
      () => Badge.filter({ holder: "ann" }),
      `${own.badge} WHERE "holder_id" = ?`,
      ["ann"],
    ],
    [
      "is that field, and joins for others",
      () => Badge.filter({ holder__name: "ann", holder__nick: "x" }),
      `${all.badge} JOIN "users" AS "badge__holder" ON "badge__holder"."name" = "badge"."holder_id" WHERE "badge"."holder_id" = ? AND "badge__holder"."nick" = ?`,
      ["ann", "x"],
    ],
    [
      "joins for the key",
      () => Badge.filter({ holder__id: 1 }),
      `${all.badge} JOIN "users" AS "badge__holder" ON "badge__holder"."name" = "badge"."holder_id" WHERE "badge__holder"."id" = ?`,
      [1],
    ],
    [
      "from the other side",
      () => User.filter({ badges__id: 1 }),
      `${own.users} WHERE "name" IN (SELECT "badge"."holder_id" FROM "badge" WHERE "badge"."holder_id" IS NOT NULL AND "badge"."id" = ?)`,
      [1],
    ],
    [
      "takes that field of a query set",
      () => Badge.filter({ holder__in: User.filter({ nick: "x" }) }),
      `${own.badge} WHERE "holder_id" IN (SELECT "users"."name" FROM "users" WHERE "users"."nick" = ?)`,
      ["x"],
    ],
  ]);
});

describe("other keys", () => {
  check([
    [
      "of 64 bits stay exact",
      () => Big.filter({ up: 2n ** 60n, up__up: 5n }),
      'SELECT CAST("big"."id" AS TEXT), CAST("big"."up_id" AS TEXT), "big"."owner_id" FROM "big" JOIN "big" AS "big__up" ON "big__up"."id" = "big"."up_id" WHERE "big"."up_id" = ? AND "big__up"."up_id" = ?',
      [1152921504606846976n, 5n],
    ],
    [
      "without a constraint join LEFT: the row may be missing",
      () => Big.all().selectRelated("owner", "up"),
      'SELECT CAST("big"."id" AS TEXT), CAST("big"."up_id" AS TEXT), "big"."owner_id", "big__owner"."id", "big__owner"."name", "big__owner"."nick", CAST("big__up"."id" AS TEXT), CAST("big__up"."up_id" AS TEXT), "big__up"."owner_id" FROM "big" LEFT JOIN "users" AS "big__owner" ON "big__owner"."id" = "big"."owner_id" LEFT JOIN "big" AS "big__up" ON "big__up"."id" = "big"."up_id"',
      [],
    ],
    [
      "without another end are paths all the same",
      () => Big.filter({ owner__name: "x" }),
      'SELECT CAST("big"."id" AS TEXT), CAST("big"."up_id" AS TEXT), "big"."owner_id" FROM "big" JOIN "users" AS "big__owner" ON "big__owner"."id" = "big"."owner_id" WHERE "big__owner"."name" = ?',
      ["x"],
    ],
  ]);
});

describe("F", () => {
  check([
    [
      "goes along a foreign key",
      () => Post.filter({ title: F("author__name") }),
      `${all.post} JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post"."headline" = "post__author"."name"`,
      [],
    ],
    [
      "may find no row",
      () => Post.filter({ title__not: F("reviewer__nick") }),
      `${all.post} LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE ("post"."headline" <> "post__reviewer"."nick" OR "post__reviewer"."nick" IS NULL)`,
      [],
    ],
    [
      "makes a question about the outer row",
      () => User.filter({ posts__title: F("name") }),
      `${own.users} WHERE EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = "users"."name")`,
      [],
    ],
    [
      "shares the row of the other conditions",
      () => Post.filter({ score__gt: F("comments__id"), comments__text: "x" }),
      `${own.post} WHERE EXISTS (SELECT 1 FROM "comment" WHERE "comment"."post_id" = "post"."id" AND "post"."score" > "comment"."id" AND "comment"."text" = ?)`,
      ["x"],
    ],
    [
      "is the own column in an update where that is enough",
      () => Post.filter({ id: 1 }).update({ reviewer: F("author__id") }),
      'UPDATE "post" SET "checked by" = "author_id" WHERE "id" = ?',
      [1],
    ],
    [
      "is looked up for each row in an update",
      () => Comment.all().update({ text: F("post__author__name") }),
      'UPDATE "comment" SET "text" = (SELECT "post__author"."name" FROM "post" LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post"."id" = "comment"."post_id")',
      [],
    ],
  ]);
});

describe("orders and values", () => {
  check([
    [
      "join LEFT: they drop no row",
      () => Post.orderBy("author__name", "-reviewer__nick"),
      `${all.post} LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" ORDER BY "post__author"."name", "post__reviewer"."nick" DESC`,
      [],
    ],
    [
      "end with the key where rows are cut",
      () => Post.orderBy("author__name").limit(5),
      `${all.post} LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" ORDER BY "post__author"."name", "post"."id" LIMIT ? + 0`,
      [5],
    ],
    ["need no join for a key", () => Post.orderBy("author__id"), `${own.post} ORDER BY "author_id"`, []],
    [
      "over a path to many repeat the row",
      () => User.orderBy("posts__title"),
      `${all.users} LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id" ORDER BY "users__posts"."headline"`,
      [],
    ],
    [
      "are selected along paths",
      () => Post.all().values("title", "author__name", { n: "reviewer__nick" }),
      'SELECT "post"."headline", "post__author"."name" AS "author__name", "post__reviewer"."nick" AS "n" FROM "post" LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by"',
      [],
    ],
    [
      "are the own column for a key",
      () => Post.all().values("author__id", "authorId"),
      'SELECT "author_id" AS "author__id", "author_id" FROM "post"',
      [],
    ],
    [
      "go along several paths to many",
      () => User.all().valuesList("name", "posts__title", "posts__tags__slug"),
      'SELECT "users"."name", "users__posts"."headline", "users__posts__tags"."slug" FROM "users" LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id" LEFT JOIN "post_tag" AS "users__posts__tags_through" ON "users__posts__tags_through"."post_id" = "users__posts"."id" LEFT JOIN "tag" AS "users__posts__tags" ON "users__posts__tags"."slug" = "users__posts__tags_through"."tag_id"',
      [],
    ],
    [
      "show all rows, whatever a filter asks",
      () => User.filter({ posts__score: 1 }).valuesList("posts__title"),
      'SELECT "users__posts"."headline" FROM "users" LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id" WHERE "users"."id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."score" = ?)',
      [1],
    ],
  ]);
});

describe("selectRelated", () => {
  check([
    [
      "joins INNER where every row has one, LEFT otherwise",
      () => Post.all().selectRelated("author", "reviewer__profile"),
      'SELECT "post"."id", "post"."headline", "post"."score", "post"."author_id", "post"."checked by", "post__author"."id", "post__author"."name", "post__author"."nick", "post__reviewer"."id", "post__reviewer"."name", "post__reviewer"."nick", "post__reviewer__profile"."id", "post__reviewer__profile"."bio", "post__reviewer__profile"."user_id" FROM "post" JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" LEFT JOIN "profile" AS "post__reviewer__profile" ON "post__reviewer__profile"."user_id" = "post__reviewer"."id"',
      [],
    ],
    [
      "uses the join of a filter",
      () => Post.filter({ reviewer__name: "x" }).selectRelated("reviewer"),
      'SELECT "post"."id", "post"."headline", "post"."score", "post"."author_id", "post"."checked by", "post__reviewer"."id", "post__reviewer"."name", "post__reviewer"."nick" FROM "post" JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE "post__reviewer"."name" = ?',
      ["x"],
    ],
    [
      "reads only what is named, and keys",
      () => Post.all().only("title", "author__name").selectRelated("author"),
      'SELECT "post"."id", "post"."headline", "post__author"."id", "post__author"."name" FROM "post" JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id"',
      [],
    ],
    [
      "is cut like any query",
      () => Post.all().selectRelated("author").limit(3),
      'SELECT "post"."id", "post"."headline", "post"."score", "post"."author_id", "post"."checked by", "post__author"."id", "post__author"."name", "post__author"."nick" FROM "post" JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" LIMIT ? + 0',
      [3],
    ],
  ]);
});

describe("counting", () => {
  check([
    [
      "asks as the filter does",
      () => User.filter({ posts__title: "x" }).count(),
      'SELECT COUNT(1) FROM "users" WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?)',
      ["x"],
    ],
    [
      "counts rows that an order repeats",
      () => User.orderBy("posts__title").count(),
      'SELECT COUNT(1) FROM "users" LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id"',
      [],
    ],
    [
      "leaves out orders that repeat nothing",
      () => Post.orderBy("author__name").count(),
      'SELECT COUNT(1) FROM "post"',
      [],
    ],
    [
      "counts rows that values repeat",
      () => User.all().values("posts__title").count(),
      'SELECT COUNT(1) FROM "users" LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id"',
      [],
    ],
    [
      "exists asks as the filter does",
      () => User.filter({ posts__title: "x" }).exists(),
      'SELECT 1 FROM "users" WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?) LIMIT 1',
      ["x"],
    ],
    [
      "distinct needs no more than the filter",
      () => User.filter({ posts__title: "x" }).distinct(),
      'SELECT DISTINCT "id", "name", "nick" FROM "users" WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?)',
      ["x"],
    ],
  ]);
});

describe("updates and deletes", () => {
  check([
    [
      "name the rows by key where a join is needed",
      () => Post.filter({ author__name: "x" }).update({ score: 1 }),
      'UPDATE "post" SET "score" = ? WHERE "id" IN (SELECT "post_rows"."id" FROM "post" AS "post_rows" JOIN "users" AS "post_rows__author" ON "post_rows__author"."id" = "post_rows"."author_id" WHERE "post_rows__author"."name" = ?)',
      [1, "x"],
    ],
    [
      "need no list for a column of their own",
      () => Post.filter({ author: 1 }).update({ reviewer: 2 }),
      'UPDATE "post" SET "checked by" = ? WHERE "author_id" = ?',
      [2, 1],
    ],
    [
      "ask over paths to many as selects do",
      () => User.filter({ posts__title: "x" }).update({ nick: "y" }),
      'UPDATE "users" SET "nick" = ? WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?)',
      ["y", "x"],
    ],
    [
      "ask for no such row as selects do",
      () => User.exclude({ posts__title: "x" }).update({ nick: "y" }),
      'UPDATE "users" SET "nick" = ? WHERE NOT EXISTS (SELECT 1 FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."headline" = ?)',
      ["y", "x"],
    ],
    [
      "delete by key where a join is needed",
      () => Post.filter({ author__name: "x" }).delete(),
      'DELETE FROM "post" WHERE "id" IN (SELECT "post_rows"."id" FROM "post" AS "post_rows" JOIN "users" AS "post_rows__author" ON "post_rows__author"."id" = "post_rows"."author_id" WHERE "post_rows__author"."name" = ?)',
      ["x"],
    ],
    [
      "delete over paths to many",
      () => User.filter({ posts__title: "x" }).delete(),
      'DELETE FROM "users" WHERE "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."headline" = ?)',
      ["x"],
    ],
    [
      "delete the first of an order along a path",
      () => Post.all().orderBy("author__name").limit(3).delete(),
      'DELETE FROM "post" WHERE "id" IN (SELECT "post_rows"."id" FROM "post" AS "post_rows" LEFT JOIN "users" AS "post_rows__author" ON "post_rows__author"."id" = "post_rows"."author_id" ORDER BY "post_rows__author"."name", "post_rows"."id" LIMIT ? + 0)',
      [3],
    ],
    [
      "ask their own table by another name",
      () => Post.filter({ pk__in: Post.filter({ author__name: "x" }) }).delete(),
      'DELETE FROM "post" WHERE "id" IN (SELECT "post_inner"."id" FROM "post" AS "post_inner" JOIN "users" AS "post_inner__author" ON "post_inner__author"."id" = "post_inner"."author_id" WHERE "post_inner__author"."name" = ?)',
      ["x"],
    ],
  ]);
});

describe("deletes that cascade to their own table", () => {
  it("count what they match before it goes", async () => {
    const { driver, run } = await recording(models, [{ rows: [[4]] }, {}]);
    await run(async () => expect(await Node.filter({ name: "x" }).delete()).toBe(4));
    expect(driver.statements.map(({ sql, params }) => [sql, ...params])).toEqual([
      ['SELECT COUNT(1) FROM "node" WHERE "name" = ?', "x"],
      ['DELETE FROM "node" WHERE "name" = ?', "x"],
    ]);
  });
});

describe("loading", () => {
  const parents = [
    [1, "a", null],
    [2, "b", null],
  ];
  const loads = async (make: () => PromiseLike<unknown>, rows: unknown[][] = parents): Promise<unknown> => {
    const { driver, run } = await recording(models, [{ rows }]);
    await run(async () => make());
    return driver.statements.slice(1).map(({ sql, params }) => [sql, ...params]);
  };

  it("asks for the other side of a foreign key by its column, in the model's own order", async () => {
    expect(await loads(() => Post.all().prefetchRelated("comments"), [[7, "t", 0, 1, null]])).toEqual([
      [`${own.comment} WHERE "post_id" IN (SELECT value FROM json_each(?)) ORDER BY "id" DESC`, "[7]"],
    ]);
  });

  it("asks for the target of a foreign key by each key once, and not for NULL", async () => {
    const rows = [
      [1, "t", 0, 5, null],
      [2, "t", 0, 5, 6],
    ];
    expect(await loads(() => Post.all().prefetchRelated("author", "reviewer"), rows)).toEqual([
      [`${own.users} WHERE "id" IN (SELECT value FROM json_each(?))`, "[5]"],
      [`${own.users} WHERE "id" IN (SELECT value FROM json_each(?))`, "[6]"],
    ]);
  });

  it("asks for many-to-many objects with the key of the pair", async () => {
    expect(await loads(() => Post.all().prefetchRelated("tags"), [[7, "t", 0, 1, null]])).toEqual([
      [
        'SELECT "tag"."slug", "tag"."rank", "post_tag"."post_id" FROM "tag" JOIN "post_tag" ON "post_tag"."tag_id" = "tag"."slug" WHERE "post_tag"."post_id" IN (SELECT value FROM json_each(?))',
        "[7]",
      ],
    ]);
  });

  it("numbers the rows of each parent where a limit is for each", async () => {
    const best = (): unknown => Post.filter({ score__gt: 1 }).orderBy("-score").offset(1).limit(2);
    const { Prefetch } = await import("terrapin");
    expect(await loads(() => User.all().prefetchRelated(loose(Prefetch)("posts", best())))).toEqual([
      [
        'SELECT "c0", "c1", "c2", "c3", "c4" FROM (SELECT "post"."id" AS "c0", "post"."headline" AS "c1", "post"."score" AS "c2", "post"."author_id" AS "c3", "post"."checked by" AS "c4", ROW_NUMBER() OVER (PARTITION BY "post"."author_id" ORDER BY "post"."score" DESC, "post"."id" DESC) AS "n" FROM "post" WHERE "post"."score" > ? AND "post"."author_id" IN (SELECT value FROM json_each(?))) AS "rows" WHERE "n" > ? AND "n" <= (? + ?) ORDER BY "n"',
        1,
        "[1,2]",
        1,
        1,
        2,
      ],
    ]);
  });

  it("asks for the pairs of one object alone", async () => {
    const { driver, run } = await recording(models, [{ rows: [[7, "t", 0, 1, null]] }]);
    await run(async () => {
      const post = await Post.get({ id: 7 });
      driver.clear();
      await post.tags.add("red", "blue");
      await post.tags.remove("red", "blue");
      await post.tags.clear();
    });
    expect(driver.statements.map(({ sql, params }) => [sql, ...params])).toEqual([
      ['INSERT INTO "post_tag" ("post_id", "tag_id") VALUES (?, ?) ON CONFLICT DO NOTHING', 7, "red"],
      ['INSERT INTO "post_tag" ("post_id", "tag_id") VALUES (?, ?) ON CONFLICT DO NOTHING', 7, "blue"],
      [
        'DELETE FROM "post_tag" WHERE "post_id" = ? AND "tag_id" IN (SELECT value FROM json_each(?))',
        7,
        '["red","blue"]',
      ],
      ['DELETE FROM "post_tag" WHERE "post_id" = ?', 7],
    ]);
  });
});
