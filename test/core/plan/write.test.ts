import { F, fields, Model } from "terrapin";
import { describe, expect, it } from "vitest";
import { expectSqlOf, recording } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";
import { Author, Book, Tag } from "../../support/models.js";

class Tick extends Model.define({}) {}
class Wide extends Model.define({ id: fields.bigInt({ primaryKey: true, mode: "bigint" }) }) {}
const expectSql = await expectSqlOf({ Author, Book, Tag, Tick, Wide });
const authors = loose(Author);
const tags = loose(Tag);

describe("UPDATE of a query", () => {
  it("sets values in the order in which they were given", async () => {
    await expectSql(() => authors.filter({ age: 3 }).update({ isActive: false, name: "b", age: null }), {
      sqlite: ['UPDATE "authors" SET "is_active" = ?, "name" = ?, "age" = ? WHERE "age" = ?', [0, "b", null, 3]],
    });
  });

  it("of everything says so with all()", async () => {
    await expectSql(() => authors.all().update({ age: 1 }), { sqlite: ['UPDATE "authors" SET "age" = ?', [1]] });
  });

  it("takes every filter that a select takes", async () => {
    await expectSql(() => authors.exclude({ age__in: [1, null] }).update({ age: 1 }), {
      sqlite: [
        'UPDATE "authors" SET "age" = ? WHERE ("age" NOT IN (SELECT value FROM json_each(?)) OR "age" IS NULL) AND "age" IS NOT NULL',
        [1, "[1]"],
      ],
    });
  });

  it("of a slice is an UPDATE of its keys, in the slice's order", async () => {
    await expectSql(() => loose(Book).filter({ stock: 1 }).offset(3).limit(5).update({ stock: 2 }), {
      sqlite: [
        'UPDATE "books" SET "stock" = ? WHERE "id" IN (SELECT "books_rows"."id" FROM "books" AS "books_rows" WHERE "books_rows"."stock" = ? ORDER BY "books_rows"."title", "books_rows"."id" LIMIT ? + 0 OFFSET ? + 0)',
        [2, 1, 5, 3],
      ],
    });
  });

  it("of nothing to set, of no rows, or of none of them is no statement", async () => {
    await expectSql(() => authors.all().update({}), { sqlite: [] });
    await expectSql(() => authors.none().update({ age: 1 }), { sqlite: [] });
    await expectSql(() => authors.all().limit(0).update({ age: 1 }), { sqlite: [] });
    await expectSql(() => authors.limit(0).update({ age: 1 }), { sqlite: [] });
  });

  it("moves keys out of the way first, because uniqueness is checked row by row", async () => {
    await expectSql(() => authors.filter({ age: 1 }).update({ id: loose(F)("id").plus(1), name: "a" }), {
      sqlite: [
        [
          'UPDATE "authors" SET "id" = ((SELECT CASE WHEN typeof(v) = \'real\' OR v NOT BETWEEN -9007199254740991 AND 9007199254740991 THEN abs(-9223372036854775808) ELSE v END FROM (SELECT ("id" + ?) AS v)) - 4611686018427387904), "name" = ? WHERE "age" = ?',
          [1n, "a", 1],
        ],
        ['UPDATE "authors" SET "id" = ("id" + 4611686018427387904) WHERE "id" < -2305843009213693952', []],
      ],
    });
  });

  it("moves keys of 64 bits only where the second statement finds them again", async () => {
    await expectSql(
      () =>
        loose(Wide)
          .all()
          .update({ id: loose(F)("id") }),
      {
        sqlite: [
          [
            'UPDATE "wide" SET "id" = ((SELECT CASE WHEN typeof(v) = \'real\' OR v NOT BETWEEN -2305843009213693951 AND 2305843009213693951 THEN abs(-9223372036854775808) ELSE v END FROM (SELECT "id" AS v)) - 4611686018427387904)',
            [],
          ],
          ['UPDATE "wide" SET "id" = ("id" + 4611686018427387904) WHERE "id" < -2305843009213693952', []],
        ],
      },
    );
  });

  it("moves keys that are called pk too", async () => {
    const { driver, run } = await recording({ Author });
    await run(() => authors.all().update({ pk: loose(F)("pk").plus(1) }));
    expect(driver.statements.map(({ sql }) => sql.split(" ").slice(0, 4).join(" "))).toEqual([
      'UPDATE "authors" SET "id"',
      'UPDATE "authors" SET "id"',
    ]);
  });

  it("does not calculate with a key that is text", async () => {
    await expectSql(() => tags.all().update({ slug: F("label") }), {
      sqlite: ['UPDATE "tag" SET "slug" = "label"', []],
    });
  });

  it("of a plain key is one statement", async () => {
    await expectSql(() => authors.filter({ id: 1 }).update({ pk: 2 }), {
      sqlite: ['UPDATE "authors" SET "id" = ? WHERE "id" = ?', [2, 1]],
    });
  });

  it.each([
    ["an unknown field", { nope: 1 }, "FieldError", "unknown_field"],
    ["a lookup", { age__gt: 1 }, "FieldError", "unknown_field"],
    ["the key twice", { pk: 1, id: 2 }, "ParamsError", "params"],
    ["null for what is not nullable", { name: null }, "ValidationError", "null"],
    ["a value of the wrong type", { age: "3" }, "FieldError", "bad_value"],
    ["a value that validators refuse", { name: "x".repeat(51) }, "ValidationError", "too_long"],
    ["a query set as a value", { age: loose(Author).all() }, "FieldError", "bad_value"],
  ])("refuses %s", async (_, values, name, code) => {
    await expect(expectSql(() => authors.all().update(values), { sqlite: ["", []] })).rejects.toMatchObject({
      name,
      code,
    });
  });
});

describe("DELETE of a query", () => {
  it("takes a filter", async () => {
    await expectSql(() => authors.filter({ age__lt: 3 }).delete(), {
      sqlite: ['DELETE FROM "authors" WHERE "age" < ?', [3]],
    });
  });

  it("of everything says so with all()", async () => {
    await expectSql(() => authors.all().delete(), { sqlite: ['DELETE FROM "authors"', []] });
  });

  it("of a slice deletes its keys", async () => {
    await expectSql(() => authors.all().orderBy("-age").limit(3).delete(), {
      sqlite: [
        'DELETE FROM "authors" WHERE "id" IN (SELECT "authors_rows"."id" FROM "authors" AS "authors_rows" ORDER BY "authors_rows"."age" DESC, "authors_rows"."id" DESC LIMIT ? + 0)',
        [3],
      ],
    });
  });

  it("of no rows is no statement", async () => {
    await expectSql(() => authors.none().delete(), { sqlite: [] });
    await expectSql(() => authors.filter({ age: 1 }).limit(0).delete(), { sqlite: [] });
  });
});

describe("an unfiltered write", () => {
  it.each<[string, () => unknown]>([
    ["update", () => authors.filter().update({ age: 1 })],
    ["update after filter({})", () => authors.filter({}).update({ age: 1 })],
    ["delete after filter({})", () => authors.filter({}).delete()],
    ["delete after an empty Q", () => authors.filter(authors.q({})).delete()],
    ["delete after a Q of empty ones", () => authors.filter(authors.q({}).or(authors.q({}))).delete()],
    ["delete after a doubly negated empty Q", () => authors.filter(authors.q({}).not().not()).delete()],
    ["delete after excluding the negated empty Q", () => authors.exclude(authors.q({}).not(), {}).delete()],
    ["delete after a bare limit", () => authors.limit(3).delete()],
    ["delete after an order", () => authors.orderBy("age").delete()],
    ["update after an offset", () => authors.offset(3).update({ age: 1 })],
  ])("%s is refused at the call", (_, write) => {
    expect(write).toThrow(
      expect.objectContaining({ name: "ParamsError", code: "unfiltered", hint: expect.stringContaining(".all()") }),
    );
  });

  it("is allowed when the filter cannot hold, because that is said", async () => {
    await expectSql(() => authors.exclude({}).delete(), { sqlite: ['DELETE FROM "authors" WHERE 1 = 0', []] });
  });
});

describe("INSERT", () => {
  it("writes whole rows without the generated key", async () => {
    await expectSql(() => authors.create({ name: "a" }), {
      sqlite: ['INSERT INTO "authors" ("name", "email", "age", "is_active") VALUES (?, ?, ?, ?)', ["a", null, null, 1]],
    });
  });

  it("sends a key that is given", async () => {
    await expectSql(() => authors.create({ pk: 7, name: "a", age: 1 }), {
      sqlite: [
        'INSERT INTO "authors" ("id", "name", "email", "age", "is_active") VALUES (?, ?, ?, ?, ?)',
        [7, "a", null, 1, 1],
      ],
    });
  });

  it("of a table of nothing but its key", async () => {
    await expectSql(() => loose(Tick).create({}), { sqlite: ['INSERT INTO "tick" DEFAULT VALUES', []] });
  });

  it("of several rows of nothing but their key makes one statement each", async () => {
    await expectSql(() => loose(Tick).bulkCreate([new Tick(), new Tick(), new Tick()]), {
      sqlite: [
        ['INSERT INTO "tick" DEFAULT VALUES', []],
        ['INSERT INTO "tick" DEFAULT VALUES', []],
        ['INSERT INTO "tick" DEFAULT VALUES', []],
      ],
    });
  });

  it("of several rows is one statement per chunk", async () => {
    const row = "(?, ?, ?)";
    const make = (count: number): Tag[] => Array.from({ length: count }, (_, i) => new Tag({ slug: `t${i}` }));
    const params = (from: number, to: number): (string | null)[] =>
      Array.from({ length: to - from }, (_, i) => [`t${from + i}`, "", null]).flat();
    const insert = (rows: number): string =>
      `INSERT INTO "tag" ("slug", "label", "parent") VALUES ${Array(rows).fill(row).join(", ")}`;
    await expectSql(() => tags.bulkCreate(make(3), { batchSize: 2 }), {
      sqlite: [
        [insert(1), params(0, 1)],
        [insert(1), params(1, 2)],
        [insert(1), params(2, 3)],
      ],
    });
    await expectSql(() => tags.bulkCreate(make(21)), {
      sqlite: [
        [insert(16), params(0, 16)],
        [insert(4), params(16, 20)],
        [insert(1), params(20, 21)],
      ],
    });
    await expectSql(() => tags.bulkCreate([]), { sqlite: [] });
  });

  it("drops rows that are there already", async () => {
    await expectSql(() => tags.bulkCreate([new Tag({ slug: "a" })], { ignoreConflicts: true }), {
      sqlite: [
        'INSERT INTO "tag" ("slug", "label", "parent") VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        ["a", "", null],
      ],
    });
  });

  it("updates rows that are there already, and asks which keys they have", async () => {
    await expectSql(
      () =>
        authors.bulkCreate([new Author({ name: "a", email: "e" })], {
          updateFields: ["name", "age"],
          onConflict: ["email"],
        }),
      {
        sqlite: [
          'INSERT INTO "authors" ("name", "email", "age", "is_active") VALUES (?, ?, ?, ?) ON CONFLICT ("email") DO UPDATE SET "name" = excluded."name", "age" = excluded."age" RETURNING "id", "email"',
          ["a", "e", null, 1],
        ],
      },
    );
  });

  it.each([
    ["both ways at once", { ignoreConflicts: true, updateFields: ["label"], onConflict: ["slug"] }],
    ["updateFields without onConflict", { updateFields: ["label"] }],
    ["no updateFields", { updateFields: [], onConflict: ["slug"] }],
    ["onConflict alone", { onConflict: ["slug"] }],
    ["a batch size that is no count", { batchSize: -1 }],
  ])("refuses %s at the call", (_, options) => {
    expect(() => tags.bulkCreate([new Tag({ slug: "a" })], options)).toThrow(
      expect.objectContaining({ name: "ParamsError" }),
    );
  });

  it.each([
    ["a plain object", [{ slug: "a" }]],
    ["an object of another model", [new Author({ name: "a" })]],
    ["no array", "abc"],
    ["null in the array", [null]],
  ])("bulkCreate refuses %s", (_, objects) => {
    expect(() => tags.bulkCreate(objects)).toThrow(expect.objectContaining({ name: "ParamsError" }));
  });
});
