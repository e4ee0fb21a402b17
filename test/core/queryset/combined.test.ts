import * as terrapin from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording, type Expected } from "../../support/expect-sql.js";
import { loose, type Loose } from "../../support/loose.js";
import { models as related } from "../../support/related-models.js";

const { Count, Value, except, intersect, union } = loose(terrapin);
const { Badge, Post, Tag, User } = loose(related);
const expectSql = await expectSqlOf({ ...related });

type Row = readonly [name: string, make: () => Loose, sql: string, params: Expected[1]];

describe("queries that are put together", () => {
  it.each<Row>([
    [
      "objects",
      () =>
        union(User.filter({ name: "a" }), User.filter({ name__startswith: "b" }))
          .orderBy("-name")
          .limit(5)
          .offset(2),
      'SELECT "c0", "c1", "c2" FROM (SELECT "users"."id" AS "c0", "users"."name" AS "c1", "users"."nick" AS "c2" FROM "users" WHERE "users"."name" = ? UNION SELECT "users"."id" AS "c0", "users"."name" AS "c1", "users"."nick" AS "c2" FROM "users" WHERE "users"."name" >= ? AND "users"."name" < ?) AS "rows" ORDER BY "c1" DESC LIMIT ? + 0 OFFSET ? + 0',
      ["a", "b", "c", 5, 2],
    ],
    [
      "every row of values, parts sliced",
      () =>
        union(
          User.valuesList("name", { flat: true }),
          Tag.orderBy("-rank").limit(2).valuesList("slug", { flat: true }),
          { all: true },
        ).orderBy("name"),
      'SELECT "c0" FROM (SELECT "users"."name" AS "c0" FROM "users" UNION ALL SELECT "rows"."c0" FROM (SELECT "tag"."slug" AS "c0" FROM "tag" ORDER BY "tag"."rank" DESC, "tag"."slug" DESC LIMIT 2) AS "rows") AS "rows" ORDER BY "c0"',
      [],
    ],
    [
      "the rows in all",
      () => intersect(User.values("name"), Badge.values("holderId"), Tag.values("slug")),
      'SELECT "c0" FROM (SELECT "users"."name" AS "c0" FROM "users" INTERSECT SELECT "badge"."holder_id" AS "c0" FROM "badge" INTERSECT SELECT "tag"."slug" AS "c0" FROM "tag") AS "rows"',
      [],
    ],
    [
      "the rows of the first alone, one of them empty",
      () => except(Post.values("score"), Post.none().values("score"), Tag.values("rank")),
      'SELECT "c0" FROM (SELECT "post"."score" AS "c0" FROM "post" EXCEPT SELECT "post"."score" AS "c0" FROM "post" WHERE 1 = 0 EXCEPT SELECT "tag"."rank" AS "c0" FROM "tag") AS "rows"',
      [],
    ],
    [
      "computed values",
      () =>
        union(User.annotate({ n: Count("posts") }).values("n"), User.annotate({ n: Value(7) }).values("n")).orderBy(
          "n",
        ),
      'SELECT "c0" FROM (SELECT (SELECT COUNT("post"."id") FROM "post" WHERE "post"."author_id" = "users"."id") AS "c0" FROM "users" UNION SELECT ? AS "c0" FROM "users") AS "rows" ORDER BY "c0"',
      [7n],
    ],
    [
      "counted",
      () => union(User.all(), User.all()).count(),
      'SELECT COUNT(1) FROM (SELECT "users"."id" AS "c0", "users"."name" AS "c1", "users"."nick" AS "c2" FROM "users" UNION SELECT "users"."id" AS "c0", "users"."name" AS "c1", "users"."nick" AS "c2" FROM "users") AS "rows"',
      [],
    ],
    [
      "counted in a slice",
      () => union(User.all(), User.all(), { all: true }).limit(4).count(),
      'SELECT COUNT(1) FROM (SELECT 1 AS "c0" FROM (SELECT "users"."id" AS "c0", "users"."name" AS "c1", "users"."nick" AS "c2" FROM "users" UNION ALL SELECT "users"."id" AS "c0", "users"."name" AS "c1", "users"."nick" AS "c2" FROM "users") AS "rows" LIMIT ? + 0) AS "rows"',
      [4],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

const { run } = await recording({ ...related });
type Wrong = readonly [name: string, work: () => unknown, error: string, code: string];

describe("refuses to put together", () => {
  it.each<Wrong>([
    ["one query", () => union(User.all()), "ParamsError", "params"],
    ["what is no query", () => union(User.all(), [1]), "ParamsError", "params"],
    ["objects of two models", () => union(User.all(), Tag.all()), "ParamsError", "combined"],
    ["values of other kinds", () => union(User.values("id"), User.values("name")), "ParamsError", "combined"],
    ["values and lists", () => union(User.values("id"), User.valuesList("id")), "ParamsError", "combined"],
    [
      "related objects",
      () => union(Post.all().selectRelated("author"), Post.all().selectRelated("author")),
      "ParamsError",
      "combined",
    ],
    ["relations to be loaded", () => union(User.all().prefetchRelated("posts"), User.all()), "ParamsError", "combined"],
    ["every row of a difference", () => except(User.all(), User.all(), { all: true }), "ParamsError", "params"],
    [
      "an order by what is not selected",
      () => union(User.values("name"), User.values("name")).orderBy("id"),
      "FieldError",
      "unknown_field",
    ],
    ["a limit that is none", () => union(User.all(), User.all()).limit(-1), "ParamsError", "params"],
  ])("%s", async (_name, work, error, code) => {
    await run(() => expect((async () => work())()).rejects.toMatchObject({ name: error, code }));
  });
});

it("none and all of a model are different plans", async () => {
  const { driver, run: on } = await recording({ ...related });
  await on(async () => {
    await union(User.all(), User.all());
    await union(User.none(), User.all());
  });
  const [one, other] = driver.statements;
  expect(one!.sql).not.toBe(other!.sql);
});
