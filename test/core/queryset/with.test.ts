import * as terrapin from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording, type Expected } from "../../support/expect-sql.js";
import { loose, type Loose } from "../../support/loose.js";
import { models as related } from "../../support/related-models.js";

const { Concat, Count, Exists, F, Max, OuterRef, Q, Subquery, Sum, Value, With, planCache } = loose(terrapin);
const { Comment, Node, Post, User } = loose(related);
const expectSql = await expectSqlOf(related);
const flat = { flat: true };

const counted = (score = 3): Loose =>
  With(
    "counted",
    Post.filter({ score__lt: score })
      .groupBy("authorId")
      .annotate({ n: Count("id"), top: Max("score") })
      .values("authorId", "n", "top"),
  );
const COUNTED =
  'WITH "counted" ("authorId", "n", "top") AS (SELECT "post"."author_id", COUNT("post"."id"), MAX("post"."score") FROM "post" WHERE "post"."score" < ? GROUP BY "post"."author_id")';

const below = (): Loose =>
  With.recursive(
    "below",
    Node.filter({ id: "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b" })
      .annotate({ depth: Value(0) })
      .values("id", "depth"),
    (above: Loose) =>
      Node.filter({ parent: above.col("id") })
        .annotate({ depth: above.col("depth").plus(1) })
        .filter({ depth__lt: 5 })
        .values("id", "depth"),
  );
const BELOW =
  'WITH RECURSIVE "below" ("id", "depth") AS (SELECT "node"."id", ? FROM "node" WHERE "node"."id" = ? UNION ALL SELECT "node"."id", ("below"."depth" + ?) FROM "node" JOIN "below" ON 1 = 1 WHERE "node"."parent_id" = "below"."id" AND ("below"."depth" + ?) < ?)';
const ID = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";

type Row = readonly [name: string, make: () => Loose, sql: string, params: Expected[1]];

describe("a query under a name", () => {
  it.each<Row>([
    [
      "is a table to be asked",
      () => counted().filter({ n__gt: 1 }).orderBy("-top").limit(5).values("authorId", { best: "top" }),
      `${COUNTED} SELECT "authorId", "top" AS "best" FROM "counted" WHERE "n" > ? ORDER BY "top" DESC, "authorId" DESC LIMIT ? + 0`,
      [3, 1, 5],
    ],
    ["is counted", () => counted().count(), `${COUNTED} SELECT COUNT(1) FROM "counted"`, [3]],
    [
      "is counted where it is cut off",
      () => counted().limit(4).count(),
      `SELECT COUNT(1) FROM (${COUNTED} SELECT 1 AS "c0" FROM "counted" LIMIT ? + 0) AS "rows"`,
      [3, 4],
    ],
    [
      "is grouped again, and gathered",
      () => counted().aggregate({ all: Sum("n") }),
      `${COUNTED} SELECT SUM("n") AS "all" FROM "counted"`,
      [3],
    ],
    [
      "is joined by what the filter says",
      () => User.filter({ id: counted().col("authorId") }).values("name"),
      `${COUNTED} SELECT "users"."name" FROM "users" JOIN "counted" ON 1 = 1 WHERE "users"."id" = "counted"."authorId"`,
      [3],
    ],
    [
      "is joined by key, once, with nulls where there is no row",
      () => {
        const own = counted().on({ authorId: "id" });
        return User.annotate({ n: own.col("n"), top: own.col("top") })
          .filter({ top: null })
          .values("name", "n", "top");
      },
      `${COUNTED} SELECT "users"."name", "counted"."n", "counted"."top" FROM "users" LEFT JOIN "counted" ON "counted"."authorId" = "users"."id" WHERE "counted"."top" IS NULL`,
      [3],
    ],
    [
      "is joined inwards where a row without it would be dropped",
      () =>
        User.annotate({ n: counted().on({ authorId: "id" }).col("n") })
          .filter({ n__gt: 1 })
          .values("n"),
      `${COUNTED} SELECT "counted"."n" FROM "users" JOIN "counted" ON "counted"."authorId" = "users"."id" WHERE "counted"."n" > ?`,
      [3, 1],
    ],
    [
      "is joined to a computed value, with values of its own",
      () =>
        User.annotate({
          n: counted()
            .on({ authorId: F("id").plus(1), n: Value(2) })
            .col("n"),
        }).values("n"),
      `${COUNTED} SELECT "counted"."n" FROM "users" LEFT JOIN "counted" ON "counted"."authorId" = ("users"."id" + ?) AND "counted"."n" = ?`,
      [3, 1n, 2n],
    ],
    [
      "is joined twice where it is asked for different rows",
      () => {
        const all = counted();
        return Post.annotate({
          a: all.on({ authorId: "authorId" }).col("n"),
          b: all.on({ authorId: "reviewerId" }).col("n"),
        }).values("a", "b");
      },
      `${COUNTED} SELECT "counted"."n" AS "a", "counted_2"."n" AS "b" FROM "post" LEFT JOIN "counted" ON "counted"."authorId" = "post"."author_id" LEFT JOIN "counted" AS "counted_2" ON "counted_2"."authorId" = "post"."checked by"`,
      [3],
    ],
    [
      "stands in a list of keys",
      () => User.filter({ id__in: counted().filter({ n: 2 }).valuesList("authorId", flat) }).values("id"),
      `SELECT "id" FROM "users" WHERE "id" IN (${COUNTED} SELECT "counted"."authorId" FROM "counted" WHERE "counted"."n" = ?)`,
      [3, 2],
    ],
    [
      "stands in a subquery, and in Exists",
      () => {
        const own = counted().filter({ authorId: OuterRef("id") });
        return User.annotate({ n: Subquery(own.valuesList("n", flat)), any: Exists(own) }).values("n", "any");
      },
      `SELECT (${COUNTED} SELECT "counted"."n" FROM "counted" WHERE "counted"."authorId" = "users"."id") AS "n", EXISTS (${COUNTED} SELECT "counted"."authorId" FROM "counted" WHERE "counted"."authorId" = "users"."id") AS "any" FROM "users"`,
      [3, 3],
    ],
    [
      "stands beside related rows",
      () => User.filter({ posts__score: counted().col("top") }).values("id"),
      `SELECT "id" FROM "users" WHERE "id" IN (${COUNTED} SELECT "post"."author_id" FROM "post" JOIN "counted" ON 1 = 1 WHERE "post"."score" = "counted"."top")`,
      [3],
    ],
    [
      "chooses what is changed",
      () => Comment.filter({ id: counted().col("n") }).delete(),
      `DELETE FROM "comment" WHERE "id" IN (${COUNTED} SELECT "comment_rows"."id" FROM "comment" AS "comment_rows" JOIN "counted" ON 1 = 1 WHERE "comment_rows"."id" = "counted"."n")`,
      [3],
    ],
    [
      "stands in another",
      () => With("few", counted().filter({ n__lt: 2 }).values("top")).values("top"),
      `WITH "few" ("top") AS (${COUNTED} SELECT "counted"."top" FROM "counted" WHERE "counted"."n" < ?) SELECT "top" FROM "few"`,
      [3, 2],
    ],
    [
      "goes on from its own rows",
      () => below().filter({ depth__gt: 0 }).valuesList("id", flat),
      `${BELOW} SELECT "id" FROM "below" WHERE "depth" > ?`,
      [0n, ID, 1n, 1n, 5, 0],
    ],
    [
      "makes room for texts that grow",
      () =>
        With.recursive(
          "ways",
          Node.filter({ name: "a" })
            .annotate({ way: F("name") })
            .values("id", "way"),
          (above: Loose) =>
            Node.filter({ parent: above.col("id") })
              .annotate({ way: Concat(above.col("way"), Value("/"), "name") })
              .values("id", "way"),
        ).values("way"),
      'WITH RECURSIVE "ways" ("id", "way") AS (SELECT "node"."id", CAST("node"."name" AS TEXT) FROM "node" WHERE "node"."name" = ? UNION ALL SELECT "node"."id", ("ways"."way" || ? || "node"."name") FROM "node" JOIN "ways" ON 1 = 1 WHERE "node"."parent_id" = "ways"."id") SELECT "way" FROM "ways"',
      ["a", "/"],
    ],
    [
      "goes on from new rows only",
      () =>
        With.recursive(
          "near",
          Node.filter({ name: "a" }).values("id"),
          (near: Loose) => Node.filter({ parent: near.col("id") }).values("id"),
          { distinct: true },
        ),
      'WITH RECURSIVE "near" ("id") AS (SELECT "node"."id" FROM "node" WHERE "node"."name" = ? UNION SELECT "node"."id" FROM "node" JOIN "near" ON 1 = 1 WHERE "node"."parent_id" = "near"."id") SELECT "id" FROM "near"',
      ["a"],
    ],
  ])("%s", async (_name, make, sql, params) => {
    await expectSql(make, { sqlite: [sql, params] });
  });
});

const { run, driver } = await recording(related);
type Wrong = readonly [name: string, work: () => unknown, error: string, code: string];

describe("refuses", () => {
  it.each<Wrong>([
    ["a name that is none", () => With("a b", Post.all().values("id")), "ParamsError", "bad_name"],
    ["no name", () => With("", Post.all().values("id")), "ParamsError", "bad_name"],
    ["what is no query set", () => With("a", Post), "ParamsError", "params"],
    ["objects", () => With("a", Post.all()), "ParamsError", "named_values"],
    ["tuples", () => With("a", Post.all().valuesList("id")), "ParamsError", "named_values"],
    ["relations to load", () => With("a", Post.all().prefetchRelated("tags").values("id")), "ParamsError", "params"],
    ["no function", () => With.recursive("a", Post.all().values("id"), 1), "ParamsError", "params"],
    ["a column that is none", () => User.filter({ id: counted().col("x") }), "FieldError", "unknown_field"],
    ["a column of no name", () => counted().col(1), "ParamsError", "params"],
    ["nothing to be equal to", () => counted().on({}), "ParamsError", "params"],
    [
      "a column that nothing has, to be joined by",
      () => User.annotate({ n: counted().on({ nope: "id" }).col("n") }),
      "FieldError",
      "unknown_field",
    ],
    ["a key", () => counted().filter({ pk: 1 }), "FieldError", "unknown_field"],
    ["pages", () => counted().page({ size: 3 }), "ParamsError", "page_order"],
    ["locks", () => counted().selectForUpdate(), "UnsupportedError", "named_write"],
    ["an update of it", () => counted().filter({ n: 1 }).update({ n: 2 }), "UnsupportedError", "named_write"],
    [
      "its columns in an update",
      () => User.all().update({ name: counted().on({ authorId: "id" }).col("n") }),
      "UnsupportedError",
      "named_update",
    ],
    [
      "two of one name",
      () => User.filter(Q({ id: counted().col("authorId") }), Q({ id: counted(4).col("n") })),
      "ParamsError",
      "name_twice",
    ],
  ])("%s", async (_name, work, error, code) => {
    driver.clear();
    await run(async () => {
      await expect((async () => await work())()).rejects.toMatchObject({ name: error, code });
    });
    expect(driver.statements).toEqual([]);
  });
});

it("queries of one shape share a plan, whatever their values", async () => {
  await run(async () => {
    const ask = (score: number): Loose =>
      User.annotate({ n: counted(score).on({ authorId: "id" }).col("n") }).values("n");
    await ask(1);
    const { compiles } = planCache;
    driver.clear();
    await ask(2);
    expect(planCache.compiles).toBe(compiles);
    expect(driver.statements.map(({ params }) => params)).toEqual([[2]]);
  });
});
