import * as terrapin from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording, type Expected } from "../../support/expect-sql.js";
import { loose, type Loose } from "../../support/loose.js";
import * as simple from "../../support/models.js";
import { models as related } from "../../support/related-models.js";

const { Avg, Case, Coalesce, Count, F, Max, Q, Sum, Value, When, planCache } = loose(terrapin);
const { Author, Book } = loose(simple);
const { Post, User } = loose(related);
const expectSql = await expectSqlOf({ ...related, Author, Book });

type Row = readonly [name: string, make: () => Loose, sql: string, params: Expected[1]];

describe("computed values", () => {
  it.each<Row>([
    [
      "counts of several relations, each its own question",
      () => User.annotate({ p: Count("posts"), c: Count("posts__comments"), t: Count("teams") }).values("p", "c", "t"),
      'SELECT (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") AS "p", (SELECT COUNT("post__comments"."id") FROM "post" LEFT JOIN "comment" AS "post__comments" ON "post__comments"."post_id" = "post"."id" WHERE "post"."author_id" = "users"."id") AS "c", (SELECT COUNT("membership"."t") FROM "membership" WHERE "membership"."u" = "users"."id") AS "t" FROM "users"',
      [],
    ],
    [
      "a filter about the rows that are gathered",
      () =>
        User.annotate({
          n: Count("posts", { filter: { posts__score__gte: 2 } }),
          m: Sum("posts__comments__id", { filter: Q.not(Q({ posts__comments__text: "x" })) }),
        }).values("n", "m"),
      'SELECT (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."score" >= ?) AS "n", (SELECT SUM("post__comments"."id") FROM "post" LEFT JOIN "comment" AS "post__comments" ON "post__comments"."post_id" = "post"."id" WHERE "post"."author_id" = "users"."id" AND ("post__comments"."text" <> ? OR "post__comments"."text" IS NULL)) AS "m" FROM "users"',
      [2, "x"],
    ],
    [
      "distinct values",
      () =>
        User.annotate({ n: Count("posts__score", { distinct: true }) })
          .filter({ n__gt: 1 })
          .values("n"),
      'SELECT (SELECT COUNT(DISTINCT "post"."score") FROM "post" WHERE "post"."author_id" = "users"."id") AS "n" FROM "users" WHERE (SELECT COUNT(DISTINCT "post"."score") FROM "post" WHERE "post"."author_id" = "users"."id") > ?',
      [1],
    ],
    [
      "filtered, excluded, ordered by place",
      () =>
        User.annotate({ n: Count("posts") })
          .filter({ n__gt: 1 })
          .exclude({ n: 5 })
          .orderBy("-n")
          .limit(3),
      'SELECT "id", "name", "nick", (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") FROM "users" WHERE (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") > ? AND (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") <> ? ORDER BY 4 DESC, "id" DESC LIMIT ? + 0',
      [1, 5, 3],
    ],
    [
      "compared with a column and with another",
      () =>
        User.annotate({ n: Count("posts"), m: Count("reviews") })
          .filter({ n__gt: F("m"), m__lte: F("id") })
          .values("id"),
      'SELECT "id" FROM "users" WHERE (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") > (SELECT COUNT("post"."id") FROM "post" WHERE "post"."checked by" = "users"."id") AND (SELECT COUNT("post"."id") FROM "post" WHERE "post"."checked by" = "users"."id") <= "id"',
      [],
    ],
    [
      "calculated with",
      () =>
        User.annotate({ n: Count("posts"), d: F("n").times(2).plus(1) })
          .filter({ d: 3 })
          .values("d"),
      'SELECT (((SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") * ?) + ?) AS "d" FROM "users" WHERE (((SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") * ?) + ?) = ?',
      [2n, 1n, 2n, 1n, 3],
    ],
    [
      "of a row's own columns",
      () => Post.annotate({ n: Count("reviewer"), m: Max("score") }).values("n", "m"),
      'SELECT CASE WHEN "checked by" IS NOT NULL THEN 1 ELSE 0 END AS "n", CASE WHEN "score" IS NOT NULL THEN "score" ELSE NULL END AS "m" FROM "post"',
      [],
    ],
    [
      "beside related objects",
      () =>
        Post.annotate({ n: Count("comments") })
          .selectRelated("author")
          .only("title", "author__name")
          .orderBy("n"),
      'SELECT "post"."id", "post"."headline", (SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id"), "post__author"."id", "post__author"."name" FROM "post" JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" ORDER BY 3',
      [],
    ],
    [
      "counted",
      () =>
        User.annotate({ n: Count("posts") })
          .filter({ n: 0 })
          .count(),
      'SELECT COUNT(1) FROM "users" WHERE (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") = ?',
      [0],
    ],
    [
      "in an update's filter and values",
      () =>
        Post.annotate({ n: Count("comments") })
          .filter({ n__gt: 3 })
          .update({ score: F("n").plus(1) }),
      `UPDATE "post" SET "score" = (SELECT CASE WHEN typeof(v) = 'real' OR v NOT BETWEEN -2147483648 AND 2147483647 THEN abs(-9223372036854775808) ELSE v END FROM (SELECT ((SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id") + ?) AS v)) WHERE (SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id") > ?`,
      [1n, 3],
    ],
    [
      "in a delete's filter",
      () =>
        Post.annotate({ n: Count("comments") })
          .filter({ n: 0 })
          .delete(),
      'DELETE FROM "post" WHERE (SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id") = ?',
      [0],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

describe("groups", () => {
  it.each<Row>([
    [
      "by a column, with conditions on rows and on groups",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("id"), m: Max("score") })
          .filter({ n__gt: 1, score__lt: 5 })
          .orderBy("-n")
          .values(),
      'SELECT "author_id", COUNT("id") AS "n", MAX("score") AS "m" FROM "post" WHERE "score" < ? GROUP BY "author_id" HAVING COUNT("id") > ? ORDER BY 2 DESC',
      [5, 1],
    ],
    [
      "by a path",
      () =>
        Post.groupBy("author__name")
          .annotate({ n: Count("id") })
          .valuesList("author__name", "n"),
      'SELECT "post__author"."name", COUNT("post"."id") FROM "post" LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" GROUP BY "post__author"."name"',
      [],
    ],
    [
      "by a computed value, by its place",
      () =>
        Post.annotate({ big: Case(When({ score__gt: 2 }, true), { otherwise: false }) })
          .groupBy("big")
          .annotate({ n: Count("id") })
          .orderBy("big")
          .values(),
      'SELECT CASE WHEN "score" > ? THEN ? ELSE ? END AS "big", COUNT("id") AS "n" FROM "post" GROUP BY 1 ORDER BY 1',
      [2, 1n, 0n],
    ],
    [
      "of related rows",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("comments"), a: Avg("comments__id") })
          .values("n", "a"),
      'SELECT COALESCE(SUM((SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id")), 0) AS "n", (CAST(SUM((SELECT SUM("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id")) AS REAL) / SUM((SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "post"."id"))) AS "a" FROM "post" GROUP BY "author_id"',
      [],
    ],
    [
      "distinct related values of groups, of their rows all at once",
      () =>
        Post.filter({ score__lt: 9, comments__text: "x" })
          .groupBy("authorId", "reviewer__name")
          .annotate({ n: Count("comments__text", { distinct: true, filter: { score: 2 } }) })
          .values("n"),
      'SELECT (SELECT COUNT(DISTINCT "comment"."text") FROM "post" AS "post_of_group" LEFT JOIN "users" AS "post_of_group__reviewer" ON "post_of_group__reviewer"."id" = "post_of_group"."checked by" JOIN "comment" ON "comment"."post_id" = "post_of_group"."id" WHERE "post_of_group"."author_id" = MIN("post"."author_id") AND ("post_of_group__reviewer"."name" = MIN("post__reviewer"."name") OR "post_of_group__reviewer"."name" IS NULL AND MIN("post__reviewer"."name") IS NULL) AND "post_of_group"."score" < ? AND "post_of_group"."id" IN (SELECT "comment"."post_id" FROM "comment" WHERE "comment"."post_id" IS NOT NULL AND "comment"."text" = ?) AND "post_of_group"."score" = ?) AS "n" FROM "post" LEFT JOIN "users" AS "post__reviewer" ON "post__reviewer"."id" = "post"."checked by" WHERE "post"."score" < ? AND "post"."id" IN (SELECT "comment"."post_id" FROM "comment" WHERE "comment"."post_id" IS NOT NULL AND "comment"."text" = ?) GROUP BY "post"."author_id", "post__reviewer"."name"',
      [9, "x", 2, 9, "x"],
    ],
    [
      "by what a to-many relation leads to, its rows with it",
      () =>
        User.groupBy("posts__score")
          .annotate({ u: Count("id"), p: Count("posts__id", { filter: { posts__title: "x" } }) })
          .values(),
      'SELECT "users__posts"."score" AS "posts__score", COUNT("users"."id") AS "u", COUNT(CASE WHEN "users__posts"."headline" = ? THEN "users__posts"."id" ELSE NULL END) AS "p" FROM "users" LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id" GROUP BY "users__posts"."score"',
      ["x"],
    ],
    [
      "of what the rows of a to-many relation lead to, which multiplies none of the others",
      () =>
        User.groupBy("posts__score")
          .annotate({
            c: Count("posts__comments"),
            s: Sum("posts__id"),
            n: Count("id", { filter: { posts__title__not: "x" } }),
          })
          .values("c", "s", "n"),
      'SELECT COALESCE(SUM((SELECT COUNT("comment"."id") FROM "comment" WHERE "comment"."post_id" = "users__posts"."id")), 0) AS "c", SUM("users__posts"."id") AS "s", COUNT(CASE WHEN "users__posts"."id" IS NOT NULL AND ("users__posts"."headline" <> ? OR "users__posts"."headline" IS NULL) THEN "users"."id" ELSE NULL END) AS "n" FROM "users" LEFT JOIN "post" AS "users__posts" ON "users__posts"."author_id" = "users"."id" GROUP BY "users__posts"."score"',
      ["x"],
    ],
    [
      "in either order",
      () =>
        Post.annotate({ n: Count("id") })
          .filter({ n__gt: 1 })
          .groupBy("authorId")
          .values("authorId", "n"),
      'SELECT "author_id", COUNT("id") AS "n" FROM "post" GROUP BY "author_id" HAVING COUNT("id") > ?',
      [1],
    ],
    [
      "conditions that only groups have, together",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("id") })
          .filter(Q.or(Q({ n: 2 }), Q({ authorId: 1 })))
          .exclude({ n: F("authorId") })
          .values("n"),
      'SELECT COUNT("id") AS "n" FROM "post" GROUP BY "author_id" HAVING (COUNT("id") = ? OR "author_id" = ?) AND COUNT("id") <> "author_id"',
      [2, 1],
    ],
    [
      "counted",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("id") })
          .filter({ n__gt: 1 })
          .count(),
      'SELECT COUNT(1) FROM (SELECT 1 AS "c0" FROM "post" GROUP BY "post"."author_id" HAVING COUNT("post"."id") > ?) AS "rows"',
      [1],
    ],
    [
      "as keys of an exclusion",
      () =>
        User.exclude({
          id__in: Post.groupBy("authorId")
            .annotate({ m: Max("reviewerId") })
            .valuesList("m", { flat: true }),
        }).values("id"),
      'SELECT "id" FROM "users" WHERE "id" NOT IN (SELECT "rows"."key" FROM (SELECT MAX("post"."checked by") AS "key" FROM "post" GROUP BY "post"."author_id") AS "rows" WHERE "rows"."key" IS NOT NULL)',
      [],
    ],
    [
      "sliced, the groups' own values decide between equals",
      () =>
        Post.groupBy("authorId", "score")
          .annotate({ n: Count("id") })
          .orderBy("score")
          .limit(3)
          .values("n"),
      'SELECT COUNT("id") AS "n" FROM "post" GROUP BY "author_id", "score" ORDER BY "score", "author_id" LIMIT ? + 0',
      [3],
    ],
    [
      "asked for existence",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("id") })
          .filter({ n__gt: 1 })
          .values("n")
          .exists(),
      'SELECT 1 FROM "post" GROUP BY "author_id" HAVING COUNT("id") > ? LIMIT 1',
      [1],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

describe("one row gathered from all", () => {
  it.each<Row>([
    [
      "of all rows",
      () => Book.aggregate({ n: Count("id"), s: Sum("price"), a: Avg("price"), x: Max("publishedOn") }),
      'SELECT COUNT("id") AS "n", CAST(SUM("price") AS TEXT) AS "s", (AVG("price") / 100) AS "a", MAX("published_on") AS "x" FROM "books"',
      [],
    ],
    [
      "of some rows",
      () =>
        Book.filter({ stock__gt: 0 })
          .orderBy("title")
          .aggregate({ s: Sum("price", { filter: Q({ stock: 1 }) }) }),
      'SELECT CAST(SUM(CASE WHEN "stock" = ? THEN "price" ELSE NULL END) AS TEXT) AS "s" FROM "books" WHERE "stock" > ?',
      [1, 0],
    ],
    [
      "of a slice",
      () =>
        Book.orderBy("-id")
          .limit(5)
          .aggregate({ s: Sum("stock") }),
      'SELECT SUM("stock") AS "s" FROM "books" WHERE "id" IN (SELECT "books_inner"."id" FROM "books" AS "books_inner" ORDER BY "books_inner"."id" DESC LIMIT ? + 0)',
      [5],
    ],
    [
      "of no rows",
      () => Book.none().aggregate({ n: Count("id") }),
      'SELECT COUNT("id") AS "n" FROM "books" WHERE 1 = 0',
      [],
    ],
    [
      "of computed values",
      () => User.annotate({ n: Count("posts") }).aggregate({ a: Avg("n"), t: Sum("posts__score") }),
      'SELECT AVG((SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id")) AS "a", SUM((SELECT SUM("post"."score") FROM "post" WHERE "post"."author_id" = "users"."id")) AS "t" FROM "users"',
      [],
    ],
    [
      "calculated",
      () => Book.aggregate({ m: Sum("price").dividedBy(Count("id")), z: Coalesce(Sum("stock"), Value(0)) }),
      'SELECT ((CAST(SUM("price") AS REAL) / 100) / CAST(COUNT("id") AS REAL)) AS "m", COALESCE(SUM("stock"), ?) AS "z" FROM "books"',
      [0n],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

const { run, driver } = await recording({ ...related, Author, Book });
type Wrong = readonly [name: string, work: () => unknown, error: string, code: string];

describe("refuses", () => {
  it.each<Wrong>([
    ["what is no expression", () => User.annotate({ n: "posts" }), "ParamsError", "params"],
    ["what is no object", () => User.annotate([Count("posts")]), "ParamsError", "params"],
    ["the name of a field", () => User.annotate({ name: Count("posts") }), "FieldError", "annotation_name"],
    ["the name of a relation", () => User.annotate({ posts: Count("posts") }), "FieldError", "annotation_name"],
    ["the name of a method", () => User.annotate({ save: Count("posts") }), "FieldError", "annotation_name"],
    ["a name that makes a promise", () => User.annotate({ then: Count("posts") }), "ParamsError", "params"],
    ["a name with two underscores", () => User.annotate({ posts__n: Count("posts") }), "ParamsError", "params"],
    ["the name of the key", () => User.annotate({ pk: Count("posts") }), "ParamsError", "params"],
    ["a value computed from itself", () => User.annotate({ a: F("a").plus(1) }), "FieldError", "annotation_cycle"],
    [
      "values computed from each other",
      () => User.annotate({ a: F("b"), b: F("a") }),
      "FieldError",
      "annotation_cycle",
    ],
    ["an unknown path", () => User.annotate({ n: Count("postz") }), "FieldError", "unknown_field"],
    ["a sum of texts", () => User.annotate({ n: Sum("posts__title") }), "FieldError", "not_a_number"],
    [
      "an aggregate of two relations",
      () => User.annotate({ n: Sum(F("posts__id").plus(F("reviews__id"))) }),
      "FieldError",
      "two_relations",
    ],
    [
      "a lookup that the value has not",
      () => User.annotate({ n: Count("posts") }).filter({ n__contains: "1" }),
      "FieldError",
      "unknown_lookup",
    ],
    ["groups of nothing", () => Post.groupBy(), "FieldError", "no_fields"],
    ["groups as objects", () => Post.groupBy("score").annotate({ n: Count("id") }), "ParamsError", "grouped"],
    ["a column that is not of the group", () => Post.groupBy("score").values("title"), "FieldError", "not_grouped"],
    [
      "a value of a column that is not of the group",
      () =>
        Post.groupBy("score")
          .annotate({ x: F("title") })
          .values(),
      "FieldError",
      "not_grouped",
    ],
    [
      "a case about one",
      () =>
        Post.groupBy("score")
          .annotate({ x: Case(When({ title: "x" }, 1)) })
          .values(),
      "FieldError",
      "not_grouped",
    ],
    [
      "a condition on groups and on rows at once",
      () =>
        Post.groupBy("score")
          .annotate({ n: Count("id") })
          .filter(Q.or(Q({ n: 1 }), Q({ title: "x" })))
          .values(),
      "FieldError",
      "not_grouped",
    ],
    ["an order by one", () => Post.groupBy("score").orderBy("title").values(), "FieldError", "not_grouped"],
    [
      "a change of groups",
      () => Post.groupBy("score").filter({ id: 1 }).update({ score: 1 }),
      "ParamsError",
      "grouped",
    ],
    ["an aggregate of groups", () => Post.groupBy("score").aggregate({ n: Count("id") }), "ParamsError", "grouped"],
    [
      "an aggregate of distinct values",
      () =>
        Post.values("score")
          .distinct()
          .aggregate({ n: Count("id") }),
      "ParamsError",
      "distinct_values",
    ],
    ["an aggregate of nothing", () => Post.all().aggregate({}), "ParamsError", "params"],
    ["a row's value in an aggregate", () => Post.all().aggregate({ x: F("score") }), "FieldError", "not_grouped"],
    [
      "an aggregate that hides what it gathers",
      () => User.annotate({ n: Count("posts") }).aggregate({ n: Sum("n") }),
      "FieldError",
      "annotation_cycle",
    ],
  ])("%s", async (_name, work, error, code) => {
    driver.clear();
    await run(() => expect((async () => work())()).rejects.toMatchObject({ name: error, code }));
    expect(driver.statements).toEqual([]);
  });
});

describe("a computed value", () => {
  it("of the same name takes the place of the one before", async () => {
    await expectSql(
      () =>
        User.annotate({ n: Count("posts") })
          .annotate({ n: Count("teams") })
          .values("n"),
      {
        sqlite: [
          'SELECT (SELECT COUNT("membership"."t") FROM "membership" WHERE "membership"."u" = "users"."id") AS "n" FROM "users"',
          [],
        ],
      },
    );
  });

  it("does not change the query set that it was added to", async () => {
    const before = User.filter({ name: "a" });
    before.annotate({ n: Count("posts") });
    await expectSql(() => before, { sqlite: ['SELECT "id", "name", "nick" FROM "users" WHERE "name" = ?', ["a"]] });
  });

  it("is computed only where it is asked for", async () => {
    await expectSql(() => User.annotate({ n: Count("posts") }).valuesList("name"), {
      sqlite: ['SELECT "name" FROM "users"', []],
    });
  });

  it("makes no second plan, and its values are never in the text", async () => {
    await run(async () => {
      const ask = (score: number): Loose =>
        User.annotate({ n: Count("posts", { filter: { posts__score__gt: score } }) }).filter({ n__gt: score });
      await ask(12345);
      const before = planCache.compiles;
      driver.clear();
      await ask(67890);
      expect(planCache.compiles).toBe(before);
      expect(driver.statements[0]!.sql).not.toMatch(/12345|67890/);
      expect(driver.statements[0]!.params).toEqual([67890, 67890, 67890]);
    });
  });
});
