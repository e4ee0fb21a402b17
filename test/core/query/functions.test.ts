import * as terrapin from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording, type Expected } from "../../support/expect-sql.js";
import { loose, type Loose } from "../../support/loose.js";
import * as simple from "../../support/models.js";
import { models as related } from "../../support/related-models.js";

const {
  Avg,
  Case,
  Cast,
  Coalesce,
  Concat,
  Count,
  DenseRank,
  Exists,
  Extract,
  F,
  FirstValue,
  Floor,
  Lag,
  LastValue,
  Lead,
  Length,
  Lower,
  Now,
  NullIf,
  OuterRef,
  PercentRank,
  Q,
  Random,
  Rank,
  RawSql,
  Replace,
  Round,
  RowNumber,
  Subquery,
  Substr,
  Sum,
  Trim,
  Trunc,
  Upper,
  Value,
  When,
  Window,
  fields,
  planCache,
  sqlFunction,
} = loose(terrapin);
const { Author, Book } = loose(simple);
const { Comment, Post, Tag, User } = loose(related);
const expectSql = await expectSqlOf({ ...related, Author, Book });

type Row = readonly [name: string, make: () => Loose, sql: string, params: Expected[1]];

describe("functions", () => {
  it.each<Row>([
    [
      "texts",
      () =>
        Author.annotate({ l: Lower("name"), u: Upper("name"), t: Trim("name"), n: Length("name") }).values(
          "l",
          "u",
          "t",
          "n",
        ),
      'SELECT LOWER("name") AS "l", UPPER("name") AS "u", TRIM("name") AS "t", LENGTH("name") AS "n" FROM "authors"',
      [],
    ],
    [
      "texts of several arguments",
      () =>
        Author.annotate({
          c: Concat("name", Value(" <"), "email", Value(">")),
          s: Substr("name", Value(1), Value(3)),
          r: Replace("name", Value("a"), Value("b")),
        }).values("c", "s", "r"),
      'SELECT ("name" || ? || "email" || ?) AS "c", SUBSTR("name", ?, ?) AS "s", REPLACE("name", ?, ?) AS "r" FROM "authors"',
      [" <", ">", 1n, 3n, "a", "b"],
    ],
    [
      "functions inside functions, and arithmetic with them",
      () =>
        Author.annotate({
          x: Length(Trim(Lower("name")))
            .plus(F("age"))
            .times(2),
        })
          .filter({ x__gt: 3 })
          .values("x"),
      'SELECT ((LENGTH(TRIM(LOWER("name"))) + "age") * ?) AS "x" FROM "authors" WHERE ((LENGTH(TRIM(LOWER("name"))) + "age") * ?) > ?',
      [2n, 2n, 3],
    ],
    [
      "a path behind a relation",
      () =>
        Post.annotate({ a: Lower("author__name") })
          .filter({ a: "ann" })
          .values("a"),
      'SELECT LOWER("post__author"."name") AS "a" FROM "post" LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE LOWER("post__author"."name") = ?',
      ["ann"],
    ],
    [
      "the first that is not null, in one unit",
      () => Book.annotate({ p: Coalesce("price", "discount", Value(5)) }).values("p"),
      'SELECT CAST(COALESCE(("price" * 100), "discount", (? * 10000)) AS TEXT) AS "p" FROM "books" ORDER BY "title"',
      [5n],
    ],
    [
      "a constant in the stored form of what stands beside it",
      () =>
        Book.annotate({
          p: Coalesce("price", Value("9.90")),
          d: Coalesce("publishedOn", Value("2024-02-29")),
          t: Coalesce("createdAt", Value(new Date(0))),
        })
          .orderBy("id")
          .values("p", "d", "t"),
      'SELECT COALESCE("price", ?) AS "p", COALESCE("published_on", ?) AS "d", COALESCE("created_at", ?) AS "t" FROM "books" ORDER BY "id"',
      [990n, "2024-02-29", "1970-01-01 00:00:00.000"],
    ],
    [
      "null where equal",
      () =>
        Book.annotate({ s: NullIf("stock", Value(0)) })
          .exclude({ s: 3 })
          .orderBy("id")
          .values("s"),
      'SELECT NULLIF("stock", ?) AS "s" FROM "books" WHERE (NULLIF("stock", ?) <> ? OR NULLIF("stock", ?) IS NULL) ORDER BY "id"',
      [0n, 0n, 3, 0n],
    ],
    [
      "cases with conditions along paths, and the first null",
      () =>
        Post.annotate({
          x: Case(When({ author__name: "ann" }, null), When(Q.or(Q({ score__gt: 2 }), Q({ score: 0 })), F("title")), {
            otherwise: "none",
          }),
        }).values("x"),
      'SELECT CASE WHEN "post__author"."name" = ? THEN NULL WHEN ("post"."score" > ? OR "post"."score" = ?) THEN "post"."headline" ELSE ? END AS "x" FROM "post" LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id"',
      ["ann", 2, 0, "none"],
    ],
    [
      "a case about related rows",
      () => User.annotate({ x: Case(When({ posts__score__gt: 2 }, true), { otherwise: false }) }).values("x"),
      'SELECT CASE WHEN "id" IN (SELECT "post"."author_id" FROM "post" WHERE "post"."score" > ?) THEN ? ELSE ? END AS "x" FROM "users"',
      [2, 1n, 0n],
    ],
    [
      "constants of each kind",
      () =>
        Author.annotate({
          a: Value("it's ?"),
          b: Value(7),
          c: Value(7n),
          d: Value(1.5),
          e: Value(true),
          f: Value(new Date(0)),
          g: Value(null),
        }).values("a", "b", "c", "d", "e", "f", "g"),
      'SELECT ? AS "a", ? AS "b", CAST(? AS TEXT) AS "c", ? AS "d", ? AS "e", ? AS "f", NULL AS "g" FROM "authors"',
      ["it's ?", 7n, 7n, 1.5, 1n, "1970-01-01 00:00:00.000"],
    ],
    [
      "a function of one's own",
      () =>
        Author.annotate({ h: sqlFunction("hex", () => fields.text())("name") })
          .filter({ h__startswith: "61" })
          .values("h"),
      'SELECT hex("name") AS "h" FROM "authors" WHERE hex("name") >= ? AND hex("name") < ?',
      ["61", "62"],
    ],
    [
      "a random number, ordered by as it is selected",
      () => Author.annotate({ r: Random() }).orderBy("r").values("r"),
      'SELECT (CAST(ABS((RANDOM() % 9007199254740992)) AS REAL) / 9007199254740992) AS "r" FROM "authors" ORDER BY 1',
      [],
    ],
    [
      "an expression on the right of a filter",
      () => Author.filter({ age__lt: Length("name").plus(5) }).values("id"),
      'SELECT "id" FROM "authors" WHERE "age" < (LENGTH("name") + ?)',
      [5n],
    ],
    [
      "parts of days, and their spans",
      () =>
        Book.annotate({
          a: Extract("publishedOn", "week"),
          b: Trunc("publishedOn", "quarter"),
          c: Trunc("publishedOn", "week"),
        }).values("a", "b", "c"),
      `SELECT ((strftime('%j', date("published_on", '-3 days', 'weekday 4')) - 1) / 7 + 1) AS "a", substr("published_on", 1, 5) || printf('%02d', (CAST(substr("published_on", 6, 2) AS INTEGER) + 2) / 3 * 3 - 2) || '-01' AS "b", date("published_on", '-6 days', 'weekday 1') AS "c" FROM "books" ORDER BY "title"`,
      [],
    ],
    [
      "numbers with fewer places",
      () =>
        Book.annotate({ a: Floor("price"), b: Round("price", 1), c: Cast("price", fields.int()) }).values(
          "a",
          "b",
          "c",
        ),
      `SELECT CASE WHEN ("price" % 100) < 0 THEN (("price" / 100) - 1) ELSE ("price" / 100) END AS "a", CAST((CASE WHEN "price" < 0 THEN ("price" - 5) ELSE ("price" + 5) END / 10) AS TEXT) AS "b", (SELECT CASE WHEN typeof(v) = 'real' OR v NOT BETWEEN -2147483648 AND 2147483647 THEN abs(-9223372036854775808) ELSE v END FROM (SELECT (CASE WHEN "price" < 0 THEN ("price" - 50) ELSE ("price" + 50) END / 100) AS v)) AS "c" FROM "books" ORDER BY "title"`,
      [],
    ],
    [
      "the database's clock",
      () => Book.annotate({ n: Now() }).values("n"),
      `SELECT ((strftime('%Y-%m-%d %H:%M:%f', 'now'))) AS "n" FROM "books" ORDER BY "title"`,
      [],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

describe("queries inside queries", () => {
  it.each<Row>([
    [
      "a value of another query for each row",
      () =>
        User.annotate({
          best: Subquery(
            Post.filter({ author: OuterRef("pk") })
              .orderBy("-score")
              .limit(1)
              .valuesList("title", { flat: true }),
          ),
        }).values("name", "best"),
      'SELECT "name", (SELECT "post"."headline" FROM "post" WHERE "post"."author_id" = "users"."id" ORDER BY "post"."score" DESC, "post"."id" DESC LIMIT 1) AS "best" FROM "users"',
      [],
    ],
    [
      "whether another query has rows",
      () =>
        User.annotate({ has: Exists(Post.filter({ author: OuterRef("pk"), score: 2 })) })
          .filter({ has: true })
          .values("name"),
      'SELECT "name" FROM "users" WHERE EXISTS (SELECT "post"."id" FROM "post" WHERE "post"."author_id" = "users"."id" AND "post"."score" = ?) = ?',
      [2, 1],
    ],
    [
      "one inside another",
      () =>
        User.annotate({
          has: Exists(
            Post.annotate({ said: Exists(Comment.filter({ post: OuterRef("pk"), text: "x" })) }).filter({
              author: OuterRef("pk"),
              said: false,
            }),
          ),
        }).values("has"),
      'SELECT EXISTS (SELECT "post"."id" FROM "post" WHERE "post"."author_id" = "users"."id" AND EXISTS (SELECT "comment"."id" FROM "comment" WHERE "comment"."post_id" = "post"."id" AND "comment"."text" = ?) = ?) AS "has" FROM "users"',
      ["x", 0],
    ],
    [
      "two levels out, by a name in between",
      () =>
        User.annotate({
          x: Subquery(
            Post.annotate({
              u: OuterRef("pk"),
              c: Subquery(User.filter({ id: OuterRef("u") }).valuesList("name", { flat: true })),
            })
              .filter({ author: OuterRef("pk") })
              .limit(1)
              .valuesList("c", { flat: true }),
          ),
        }).values("x"),
      'SELECT (SELECT (SELECT "users_2"."name" FROM "users" AS "users_2" WHERE "users_2"."id" = "users"."id") FROM "post" WHERE "post"."author_id" = "users"."id" LIMIT 1) AS "x" FROM "users"',
      [],
    ],
    [
      "a query of groups",
      () =>
        User.annotate({
          s: Subquery(
            Post.filter({ author: OuterRef("pk") })
              .groupBy("authorId")
              .annotate({ s: Sum("score") })
              .valuesList("s", { flat: true }),
          ),
        }).values("s"),
      'SELECT (SELECT SUM("post"."score") FROM "post" WHERE "post"."author_id" = "users"."id" GROUP BY "post"."author_id") AS "s" FROM "users"',
      [],
    ],
    [
      "in a filter",
      () =>
        Post.filter({
          score: Subquery(Post.all().orderBy("-score").limit(1).valuesList("score", { flat: true })),
        }).values("id"),
      'SELECT "id" FROM "post" WHERE "score" = (SELECT "post_inner"."score" FROM "post" AS "post_inner" ORDER BY "post_inner"."score" DESC, "post_inner"."id" DESC LIMIT 1)',
      [],
    ],
    [
      "of no rows",
      () =>
        User.annotate({ s: Subquery(Post.none().valuesList("id", { flat: true })), e: Exists(Post.none()) }).values(
          "s",
          "e",
        ),
      'SELECT (SELECT "post"."id" FROM "post" WHERE 1 = 0) AS "s", EXISTS (SELECT "post"."id" FROM "post" WHERE 1 = 0) AS "e" FROM "users"',
      [],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

describe("windows", () => {
  it.each<Row>([
    [
      "numbers, ranks and sums",
      () =>
        Post.annotate({
          n: Window(RowNumber(), { partitionBy: "author", orderBy: ["-score", "id"] }),
          r: Window(Rank(), { orderBy: "-score" }),
          d: Window(DenseRank(), { orderBy: "score" }),
          p: Window(PercentRank(), { orderBy: "score" }),
          s: Window(Sum("score"), { partitionBy: ["authorId", F("reviewerId")] }),
        })
          .orderBy("id")
          .values("n", "r", "d", "p", "s"),
      'SELECT ROW_NUMBER() OVER (PARTITION BY "author_id" ORDER BY "score" DESC, "id") AS "n", RANK() OVER (ORDER BY "score" DESC) AS "r", DENSE_RANK() OVER (ORDER BY "score") AS "d", PERCENT_RANK() OVER (ORDER BY "score") AS "p", SUM("score") OVER (PARTITION BY "author_id", "checked by") AS "s" FROM "post" ORDER BY "id"',
      [],
    ],
    [
      "filtered by: the rest of the filter chooses what they look at",
      () =>
        Post.annotate({ n: Window(RowNumber(), { partitionBy: "author", orderBy: "-score" }) })
          .filter({ n__lte: 3, title: "a" })
          .orderBy("author__name", "n")
          .limit(4)
          .values("id", "n"),
      'SELECT "c0", "c1" AS "n" FROM (SELECT "post"."id" AS "c0", ROW_NUMBER() OVER (PARTITION BY "post"."author_id" ORDER BY "post"."score" DESC) AS "c1", "post__author"."name" AS "o0", "post"."id" AS "o1", ROW_NUMBER() OVER (PARTITION BY "post"."author_id" ORDER BY "post"."score" DESC) <= ? AS "kept" FROM "post" LEFT JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post"."headline" = ?) AS "rows" WHERE "kept" ORDER BY "o0", 2, "o1" LIMIT ? + 0',
      [3, "a", 4],
    ],
    [
      "filtered by, and counted",
      () =>
        Post.annotate({ n: Window(RowNumber(), { orderBy: "id" }) })
          .filter({ n: 1 })
          .count(),
      'SELECT COUNT(1) FROM (SELECT "rows"."c0" AS "c0" FROM (SELECT "post"."id" AS "c0", ROW_NUMBER() OVER (ORDER BY "post"."id") = ? AS "kept" FROM "post") AS "rows" WHERE "rows"."kept") AS "rows"',
      [1],
    ],
    [
      "filtered by in a delete",
      () =>
        Post.annotate({ n: Window(RowNumber(), { orderBy: "id" }) })
          .filter({ n__gt: 1 })
          .delete(),
      'DELETE FROM "post" WHERE "id" IN (SELECT "rows"."c0" FROM (SELECT "post_rows"."id" AS "c0", ROW_NUMBER() OVER (ORDER BY "post_rows"."id") > ? AS "kept" FROM "post" AS "post_rows") AS "rows" WHERE "rows"."kept")',
      [1],
    ],
    [
      "of groups, filtered by",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("id") })
          .annotate({ r: Window(Rank(), { orderBy: "-n" }) })
          .filter({ r: 1, n__gt: 2, score: 3 })
          .values("authorId"),
      'SELECT "c0" FROM (SELECT "post"."author_id" AS "c0", RANK() OVER (ORDER BY COUNT("post"."id") DESC) = ? AS "kept" FROM "post" WHERE "post"."score" = ? GROUP BY "post"."author_id" HAVING COUNT("post"."id") > ?) AS "rows" WHERE "kept"',
      [1, 3, 2],
    ],
    [
      "neighbours, with what stands in for them",
      () =>
        Book.annotate({
          a: Window(Lag("price", Value(1), Value(0)), { orderBy: "id" }),
          b: Window(Lead("title", Value(2), Value("end")), { orderBy: "id" }),
          c: Window(FirstValue("stock"), { orderBy: "-id" }),
          d: Window(LastValue("stock"), { orderBy: "id" }),
        })
          .orderBy("id")
          .values("a", "b", "c", "d"),
      'SELECT CAST(LAG("price", ?, (? * 100)) OVER (ORDER BY "id") AS TEXT) AS "a", LEAD("title", ?, ?) OVER (ORDER BY "id") AS "b", FIRST_VALUE("stock") OVER (ORDER BY "id" DESC) AS "c", LAST_VALUE("stock") OVER (ORDER BY "id") AS "d" FROM "books" ORDER BY "id"',
      [1n, 0n, 2n, "end"],
    ],
    [
      "what is calculated with aggregates",
      () =>
        Book.annotate({
          a: Window(Avg("price"), { partitionBy: "stock" }),
          c: Window(Count("id", { filter: { stock: 1 } })),
          r: Window(Sum("stock").dividedBy(Count("id"))),
        })
          .orderBy("id")
          .values("a", "c", "r"),
      'SELECT (AVG("price") OVER (PARTITION BY "stock") / 100) AS "a", COUNT(CASE WHEN "stock" = ? THEN "id" ELSE NULL END) OVER () AS "c", (CAST(SUM("stock") OVER () AS REAL) / CAST(COUNT("id") OVER () AS REAL)) AS "r" FROM "books" ORDER BY "id"',
      [1],
    ],
    [
      "related rows",
      () => User.annotate({ a: Window(Count("posts")) }).values("a"),
      'SELECT COALESCE(SUM((SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id")) OVER (), 0) AS "a" FROM "users"',
      [],
    ],
    [
      "over groups",
      () =>
        Post.groupBy("authorId")
          .annotate({ n: Count("id"), r: Window(Rank(), { orderBy: "-n" }), t: Window(Sum("n")) })
          .orderBy("r")
          .values(),
      'SELECT "author_id", COUNT("id") AS "n", RANK() OVER (ORDER BY COUNT("id") DESC) AS "r", SUM(COUNT("id")) OVER () AS "t" FROM "post" GROUP BY "author_id" ORDER BY 3',
      [],
    ],
    [
      "inside a case",
      () =>
        Post.annotate({
          n: Window(RowNumber(), { orderBy: "id" }),
          first: Case(When({ n: 1 }, true), { otherwise: false }),
        }).values("first"),
      'SELECT CASE WHEN ROW_NUMBER() OVER (ORDER BY "id") = ? THEN ? ELSE ? END AS "first" FROM "post"',
      [1, 1n, 0n],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

const { run } = await recording({ ...related, Author, Book });
type Wrong = readonly [name: string, work: () => unknown, error: string, code: string];

describe("refuses", () => {
  it.each<Wrong>([
    ["a function of nothing", () => Coalesce(), "ParamsError", "params"],
    ["too few arguments", () => Replace("name", "a"), "ParamsError", "params"],
    ["an argument that is no path and no expression", () => Lower(3), "ParamsError", "params"],
    ["a case without branches", () => Case({ otherwise: 1 }), "ParamsError", "params"],
    ["a branch that is none", () => Case(null), "ParamsError", "params"],
    ["a constant that no database has", () => Value({}), "ParamsError", "params"],
    ["a constant that is no number", () => Value(NaN), "ParamsError", "params"],
    ["SQL with other placeholders than values", () => RawSql("? + '?'", [1, 2]), "ParamsError", "params"],
    ["SQL with a value that is none", () => RawSql("?", [{}]), "ParamsError", "raw_value"],
    ["SQL that gives no field", () => RawSql("1", [], "int"), "ParamsError", "params"],
    ["a query that is none", () => Subquery("name"), "ParamsError", "params"],
    ["a window over a column", () => Window(F("id")), "ParamsError", "params"],
    ["a window function without a window", () => Post.annotate({ x: RowNumber() }), "ParamsError", "params"],
    [
      "a window without a name in a filter",
      () => Post.filter({ score__gt: Window(Count("id")) }),
      "UnsupportedError",
      "window_filter",
    ],
    [
      "a filter by a window before the rows are gathered",
      () =>
        Post.annotate({ x: Window(RowNumber()) })
          .filter({ x: 1 })
          .aggregate({ n: Count("id") }),
      "UnsupportedError",
      "window_filter",
    ],
    [
      "a filter by a window in a query about the row around it",
      () =>
        User.annotate({
          e: Exists(Post.annotate({ x: Window(RowNumber()) }).filter({ x: 1, author: OuterRef("pk") })),
        }),
      "UnsupportedError",
      "window_filter",
    ],
    [
      "a window in an update",
      () => Post.all().update({ score: Window(RowNumber()) }),
      "UnsupportedError",
      "window_update",
    ],
    [
      "distinct values over a window",
      () => Post.annotate({ x: Window(Sum("score", { distinct: true })) }),
      "UnsupportedError",
      "distinct_window",
    ],
    ["values of different kinds", () => Author.annotate({ x: Coalesce("name", "age") }), "FieldError", "bad_value"],
    [
      "a text in place of a number",
      () => Book.annotate({ x: Coalesce("stock", Value("many")) }),
      "FieldError",
      "bad_value",
    ],
    [
      "a constant of more places than there are",
      () => Book.annotate({ x: Coalesce("price", Value("0.001")) }),
      "FieldError",
      "too_many_places",
    ],
    [
      "more places than can be counted",
      () =>
        Book.annotate({
          x: F("discount").times(F("discount")).times(F("discount")).times(F("discount")).times(F("discount")),
        }),
      "FieldError",
      "too_many_places",
    ],
    ["OuterRef() outside", () => User.filter({ id: OuterRef("id") }), "FieldError", "outer_ref"],
    [
      "a query of two columns as a value",
      () => User.annotate({ x: Subquery(Post.values("id", "score")) }),
      "ParamsError",
      "params",
    ],
    ["a way to many values", () => User.annotate({ x: Lower("posts__title") }), "FieldError", "to_many"],
  ])("%s", async (_name, work, error, code) => {
    await run(() => expect((async () => work())().then((made) => made)).rejects.toMatchObject({ name: error, code }));
  });
});

describe("plans of expressions", () => {
  const size = (): number => planCache.compiles;
  it("are found again, whatever the values", async () => {
    await run(async () => {
      const ask = (text: string, n: number): Loose =>
        Author.annotate({
          a: Coalesce("email", Value(text)),
          b: Case(When({ name: text, age__gt: n }, text), { otherwise: Concat("name", Value(text)) }),
          c: RawSql("? || name", [text]),
          d: Window(Lag("name", Value(n), Value(text)), { orderBy: "id" }),
        }).filter({ a: text, age__lt: Length("name").plus(n) });
      await ask("one", 1);
      const before = size();
      await ask("it's ? \" two", 20);
      await ask("", 3);
      expect(size()).toBe(before);
    });
  });

  it.each<readonly [string, () => Loose, () => Loose]>([
    [
      "a constant and a field called like its kind",
      () => Tag.annotate({ x: Value("x") }),
      () => Tag.annotate({ x: F("rank") }),
    ],
    [
      "a column's name and a constant",
      () => Book.annotate({ x: Coalesce("title", "isbn") }),
      () => Book.annotate({ x: Coalesce("title", Value("isbn")) }),
    ],
    ["constants of two kinds", () => Book.annotate({ x: Value(1) }), () => Book.annotate({ x: Value(1n) })],
    ["a null and a text", () => Book.annotate({ x: Value(null) }), () => Book.annotate({ x: Value("null") })],
    [
      "one SQL read as two things",
      () => Book.annotate({ x: RawSql("1", [], fields.int()) }),
      () => Book.annotate({ x: RawSql("1", [], fields.decimal({ maxDigits: 5, decimalPlaces: 2 })) }),
    ],
    [
      "an argument and a partition",
      () => Book.annotate({ x: Window(Lag("title", "isbn"), { orderBy: "id" }) }),
      () => Book.annotate({ x: Window(Lag("title"), { partitionBy: "isbn", orderBy: "id" }) }),
    ],
    [
      "a partition and an order",
      () => Book.annotate({ x: Window(RowNumber(), { partitionBy: ["isbn", "id"] }) }),
      () => Book.annotate({ x: Window(RowNumber(), { partitionBy: "isbn", orderBy: "id" }) }),
    ],
    [
      "before and after groupBy",
      () =>
        Book.annotate({ x: F("title") })
          .groupBy("title")
          .annotate({ n: Sum("stock") })
          .values(),
      () =>
        Book.groupBy("title")
          .annotate({ x: F("title") })
          .annotate({ n: Sum("stock") })
          .values(),
    ],
    [
      "a small power and another",
      () => Book.annotate({ x: F("stock").pow(2) }),
      () => Book.annotate({ x: F("stock").pow(3) }),
    ],
  ])("%s differ", async (_name, one, other) => {
    planCache.mode = "verify";
    await run(async () => {
      await one();
      const before = size();
      await other();
      expect(size()).toBe(before + 1);
      await one();
    });
    planCache.mode = "on";
  });
});
