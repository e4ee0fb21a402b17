import { F, Q } from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording, type Expected } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";
import { Author, Book, Tag } from "../../support/models.js";

const expectSql = await expectSqlOf({ Author, Book, Tag });
const FROM = 'SELECT "id", "name", "email", "age", "isActive" FROM "authors"'.replace('"isActive"', '"is_active"');

/** What is asked, the text after WHERE, the parameters. */
type Row = readonly [name: string, make: () => PromiseLike<unknown>, where: string | null, params: Expected[1]];

const people = (...where: unknown[]): PromiseLike<unknown> => loose(Author).filter(...where);
const others = (...where: unknown[]): PromiseLike<unknown> => loose(Author).exclude(...where);
const q = (where: object): never => loose(Q)(where) as never;

const check = (rows: readonly Row[]): void => {
  it.each(rows)("%s", async (_, make, where, params) => {
    await expectSql(make, { sqlite: [where === null ? FROM : `${FROM} WHERE ${where}`, params] });
  });
};

describe("conditions", () => {
  check([
    ["one value", () => people({ name: "a" }), '"name" = ?', ["a"]],
    ["null is IS NULL", () => people({ age: null }), '"age" IS NULL', []],
    ["__not null is IS NOT NULL", () => people({ age__not: null }), '"age" IS NOT NULL', []],
    ["several values must all hold", () => people({ name: "a", age__gt: 3 }), '"name" = ? AND "age" > ?', ["a", 3]],
    [
      "chained filters are the same as one",
      () => loose(Author).filter({ name: "a" }).filter({ age__gt: 3 }),
      '"name" = ? AND "age" > ?',
      ["a", 3],
    ],
    [
      "Q and object side by side are the same too",
      () => people(q({ name: "a" }), { age__gt: 3 }),
      '"name" = ? AND "age" > ?',
      ["a", 3],
    ],
    ["pk is the key", () => people({ pk: 5 }), '"id" = ?', [5]],
    ["pk takes lookups", () => people({ pk__gte: 5 }), '"id" >= ?', [5]],
    ["booleans are stored as 1 and 0", () => people({ isActive: false }), '"is_active" = ?', [0]],
    ["nothing said is no WHERE", () => people({}), null, []],
    ["an empty Q is no WHERE", () => people(q({})), null, []],
    ["an empty Q beside a condition says nothing", () => people(q({}), { name: "a" }), '"name" = ?', ["a"]],
  ]);
});

describe("Q trees", () => {
  check([
    [
      "OR has its own parentheses",
      () => people(Q.or(q({ name: "a" }), q({ age__gt: 3 })), { isActive: true }),
      '("name" = ? OR "age" > ?) AND "is_active" = ?',
      ["a", 3, 1],
    ],
    [
      "OR inside OR is flattened",
      () => people(Q.or(q({ name: "a" }), Q.or(q({ name: "b" }), q({ name: "c" })))),
      '("name" = ? OR "name" = ? OR "name" = ?)',
      ["a", "b", "c"],
    ],
    [
      "AND inside AND is flattened",
      () => people(Q.and(q({ name: "a" }), Q.and(q({ age: 1 }), q({ age: 2 })))),
      '"name" = ? AND "age" = ? AND "age" = ?',
      ["a", 1, 2],
    ],
    [
      "AND inside OR needs no parentheses",
      () => people(Q.or(q({ name: "a", age: 1 }), q({ name: "b" }))),
      '("name" = ? AND "age" = ? OR "name" = ?)',
      ["a", 1, "b"],
    ],
    ["an empty part of an OR adds nothing", () => people(Q.or(q({}), q({ name: "a" }))), '"name" = ?', ["a"]],
    ["OR of nothing holds everywhere", () => people(Q.or()), null, []],
    [
      "methods combine as the functions do",
      () =>
        people(
          loose(q({ name: "a" }))
            .or(q({ name: "b" }))
            .and(q({ age: 1 })),
        ),
      '("name" = ? OR "name" = ?) AND "age" = ?',
      ["a", "b", 1],
    ],
  ]);
});

describe("negation is pushed down to the comparisons", () => {
  check([
    ["of a column that cannot be NULL", () => others({ name: "a" }), '"name" <> ?', ["a"]],
    ["of a nullable column lets NULL through", () => others({ age: 3 }), '("age" <> ? OR "age" IS NULL)', [3]],
    ["__not lets NULL through as exclude does", () => people({ age__not: 3 }), '("age" <> ? OR "age" IS NULL)', [3]],
    ["excluding __not is the bare comparison", () => others({ age__not: 3 }), '"age" = ?', [3]],
    ["< becomes >=", () => others({ age__lt: 3 }), '("age" >= ? OR "age" IS NULL)', [3]],
    ["<= becomes >", () => others({ age__lte: 3 }), '("age" > ? OR "age" IS NULL)', [3]],
    ["> becomes <=", () => others({ age__gt: 3 }), '("age" <= ? OR "age" IS NULL)', [3]],
    [">= becomes <", () => others({ age__gte: 3 }), '("age" < ? OR "age" IS NULL)', [3]],
    ["of NULL is IS NOT NULL", () => others({ age: null }), '"age" IS NOT NULL', []],
    [
      "of several values is an OR",
      () => others({ age__gt: 3, age__lt: 9, name: "a" }),
      '("age" <= ? OR "age" IS NULL OR "age" >= ? OR "age" IS NULL OR "name" <> ?)',
      [3, 9, "a"],
    ],
    [
      "of an OR is an AND",
      () => others(Q.or(q({ name: "a" }), q({ name: "b" }))),
      '"name" <> ? AND "name" <> ?',
      ["a", "b"],
    ],
    [
      "of an OR keeps NULLs term by term",
      () => others(Q.or(q({ age: 1 }), q({ name: "b" }))),
      '("age" <> ? OR "age" IS NULL) AND "name" <> ?',
      [1, "b"],
    ],
    ["twice is nothing", () => people(Q.not(Q.not(q({ age: 1 })))), '"age" = ?', [1]],
    ["three times is once", () => people(Q.not(Q.not(Q.not(q({ age: 1 }))))), '("age" <> ? OR "age" IS NULL)', [1]],
    ["excluding a negation is the condition itself", () => others(Q.not(q({ age: 1 }))), '"age" = ?', [1]],
    [
      "inside a tree",
      () => people(Q.or(q({ name: "a" }), Q.not(q({ age: 1, name: "b" })))),
      '("name" = ? OR "age" <> ? OR "age" IS NULL OR "name" <> ?)',
      ["a", 1, "b"],
    ],
    ["of nothing is nothing at all", () => others({}), "1 = 0", []],
    ["of an empty Q is nothing at all", () => people(Q.not(q({}))), "1 = 0", []],
    ["of the negated empty Q is everything", () => others(Q.not(q({}))), null, []],
    [
      "of a list lets NULL through",
      () => others({ age__in: [1, 2] }),
      '("age" NOT IN (SELECT value FROM json_each(?)) OR "age" IS NULL)',
      ["[1,2]"],
    ],
    [
      "of a range is outside of it",
      () => others({ age__range: [1, 2] }),
      '("age" < ? OR "age" > ? OR "age" IS NULL)',
      [1, 2],
    ],
    ["of contains", () => others({ name__contains: "a" }), 'instr("name", ?) = 0', ["a"]],
    [
      "of contains on a nullable column",
      () => others({ email__contains: "a" }),
      '(instr("email", ?) = 0 OR "email" IS NULL)',
      ["a"],
    ],
    [
      "of startswith is outside of its range",
      () => others({ email__startswith: "a" }),
      '("email" < ? OR "email" >= ? OR "email" IS NULL)',
      ["a", "b"],
    ],
    ["of isnull", () => others({ age__isnull: true }), '"age" IS NOT NULL', []],
    [
      "of iexact asks for NULL of what it compares",
      () => others({ email__iexact: "A" }),
      '(lower("email") <> ? OR lower("email") IS NULL)',
      ["a"],
    ],
  ]);
});

describe("long chains", () => {
  it("are balanced, so that no database meets a tree of their length", async () => {
    const parts = Array.from({ length: 150 }, (_, i) => q({ name: `n${i}` }));
    let deepest = 0;
    let depth = 0;
    const { driver, run } = await recording({ Author });
    await run(() => people(Q.or(...parts)));
    const { sql, params } = driver.statements[0]!;
    for (const letter of sql) {
      if (letter === "(") deepest = Math.max(deepest, ++depth);
      if (letter === ")") depth--;
    }
    expect(params).toEqual(parts.map((_, i) => `n${i}`));
    expect(deepest).toBe(5);
    expect(sql.split(" OR ").length).toBe(150);
  });

  it("stay flat while they are short", async () => {
    const parts = Array.from({ length: 16 }, (_, i) => q({ age: i }));
    await expectSql(() => people(Q.or(...parts)), {
      sqlite: [`${FROM} WHERE (${parts.map(() => '"age" = ?').join(" OR ")})`, parts.map((_, i) => i)],
    });
  });

  it("of filters one after another are one flat AND", async () => {
    let query = loose(Author).all();
    for (let i = 0; i < 10; i++) query = query.filter({ age__not: i });
    await expectSql(() => query, {
      sqlite: [
        `${FROM} WHERE ${Array.from({ length: 10 }, () => '("age" <> ? OR "age" IS NULL)').join(" AND ")}`,
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      ],
    });
  });
});

describe("a query set inside a filter", () => {
  const BOOKS =
    'SELECT "id", "title", "isbn", "author_id", "price", "discount", "stock", "weight", "published_on", "created_at" FROM "books"';
  it("gives its key, under its own alias when the model is the same", async () => {
    await expectSql(() => people({ id__in: loose(Author).filter({ age: 3 }) }), {
      sqlite: [
        `${FROM} WHERE "id" IN (SELECT "authors_inner"."id" FROM "authors" AS "authors_inner" WHERE "authors_inner"."age" = ?)`,
        [3],
      ],
    });
  });

  it("gives the value that it selects", async () => {
    await expectSql(
      () => people({ id__in: loose(Book).filter({ stock__gt: 1 }).valuesList("authorId", { flat: true }) }),
      {
        sqlite: [`${FROM} WHERE "id" IN (SELECT "books"."author_id" FROM "books" WHERE "books"."stock" > ?)`, [1]],
      },
    );
  });

  it("is asked for what is not NULL when it is negated", async () => {
    await expectSql(() => others({ id__in: loose(Book).all().valuesList("authorId", { flat: true }) }), {
      sqlite: [
        `${FROM} WHERE "id" NOT IN (SELECT "books"."author_id" FROM "books" WHERE "books"."author_id" IS NOT NULL)`,
        [],
      ],
    });
  });

  it("keeps its own limit, order and parameters in place", async () => {
    await expectSql(
      () =>
        loose(Book)
          .filter({ stock: 1, authorId__in: loose(Author).filter({ age: 2 }).orderBy("name").limit(3), price: "4" })
          .orderBy(),
      {
        sqlite: [
          `${BOOKS} WHERE "stock" = ? AND "author_id" IN (SELECT "authors"."id" FROM "authors" WHERE "authors"."age" = ? ORDER BY "authors"."name", "authors"."id" LIMIT ? + 0) AND "price" = ?`,
          [1, 2, 3, 400],
        ],
      },
    );
  });

  it("of no rows holds nowhere", async () => {
    await expectSql(() => people({ id__in: loose(Author).none() }), {
      sqlite: [`${FROM} WHERE "id" IN (SELECT "authors_inner"."id" FROM "authors" AS "authors_inner" WHERE 1 = 0)`, []],
    });
  });

  it("must give one value per row", async () => {
    await expect(
      expectSql(() => people({ id__in: loose(Author).all().values("id", "name") }), { sqlite: ["", []] }),
    ).rejects.toMatchObject({ name: "ParamsError", message: expect.stringContaining("one value per row") });
  });

  it("stands after __in only", async () => {
    await expect(expectSql(() => people({ id: loose(Author).all() }), { sqlite: ["", []] })).rejects.toMatchObject({
      name: "FieldError",
      code: "bad_value",
      hint: "use __in or __not_in",
    });
  });

  it("cannot be raw SQL, whose rows nobody would ask for", async () => {
    await expect(
      expectSql(() => people({ id__in: loose(Author).raw("SELECT 1") }), { sqlite: ["", []] }),
    ).rejects.toMatchObject({ name: "FieldError", code: "bad_value" });
  });
});

describe("columns compared with columns", () => {
  check([
    ["equality", () => people({ name: F("email") }), '"name" = "email"', []],
    [
      "not equal, where either may be NULL",
      () => people({ age__not: F("id") }),
      '("age" <> "id" OR "age" IS NULL)',
      [],
    ],
    ["order", () => people({ id__gt: loose(F("age")).plus(1) }), '"id" > ("age" + ?)', [1n]],
    [
      "negated order asks the right side for NULL",
      () => others({ id__gt: loose(F("age")).plus(1) }),
      '("id" <= ("age" + ?) OR ("age" + ?) IS NULL)',
      [1n, 1n],
    ],
    ["pk on the right", () => people({ age__lt: F("pk") }), '"age" < "id"', []],
  ]);

  it.each([
    ["a column of another kind", { name: F("age") }, "FieldError", "bad_value"],
    ["an unknown column", { age: loose(F)("nope") }, "FieldError", "unknown_field"],
    ["arithmetic on text", { age: loose(F)("name").plus(1) }, "FieldError", "not_a_number"],
    ["a lookup that takes no expression", { name__contains: F("email") }, "FieldError", "bad_value"],
  ])("refuses %s", async (_, where, name, code) => {
    await expect(expectSql(() => people(where), { sqlite: ["", []] })).rejects.toMatchObject({ name, code });
  });
});
