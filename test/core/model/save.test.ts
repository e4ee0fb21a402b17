import { fields, inTransaction, Model, Terrapin } from "terrapin";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose } from "../../support/loose.js";
import { Author, Tag } from "../../support/models.js";

class Page extends Model.define({
  id: fields.int({ primaryKey: true }),
  title: fields.char({ maxLength: 20 }),
  price: fields.decimal({ maxDigits: 8, decimalPlaces: 2, default: "0" }),
  data: fields.json<{ a: number[] }>({ null: true }),
  at: fields.datetime({ null: true }),
  bytes: fields.binary({ null: true }),
  big: fields.bigInt({ mode: "bigint", default: 0n }),
  views: fields.int({ null: true }),
}) {}

class Timed extends Model.define({
  name: fields.text(),
  createdAt: fields.datetime({ autoNowAdd: true }),
  updatedAt: fields.datetime({ autoNow: true }),
}) {}

let made = 0;
class Later extends Model.define({
  code: fields.text({ default: async () => `code${++made}` }),
  name: fields.text({ blank: true }),
}) {}

const driver = mock({ dialect: sqliteDialect });
await Terrapin.init({ connections: { default: driver }, models: { Author, Tag, Page, Timed, Later } });
let affected = 1;
driver.answer(/^SELECT.*FROM "page"/, () => ({
  rows: [[1, "t", 1250, '{"a":[1]}', "1970-01-01 00:00:00.000", new Uint8Array([7]), "9007199254740993", null]],
}));
driver.answer(/^SELECT "id", "title" FROM "page"/, () => ({ rows: [[1, "t"]] }));
driver.answer("INSERT", { affected: 1, insertId: 5 });
driver.answer("UPDATE", () => ({ affected }));
driver.answer("DELETE", { affected: 1 });
beforeEach(() => {
  driver.clear();
  affected = 1;
});

const read = async (): Promise<Page> => {
  const page = await Page.get({ id: 1 });
  driver.clear();
  return page;
};
const sent = (): (readonly [string, readonly unknown[]])[] => driver.statements.map(({ sql, params }) => [sql, params]);

describe("save of a stored object", () => {
  it("writes nothing when nothing has changed", async () => {
    const page = await read();
    await page.save();
    page.title = "t";
    page.price = "12.5";
    page.at = new Date(0);
    page.bytes = new Uint8Array([7]);
    page.data = { a: [1] };
    page.big = 9007199254740993n;
    page.views = null;
    await page.save();
    expect(sent()).toEqual([]);
  });

  it.each<[string, (page: Page) => void, string, unknown]>([
    [
      "a value",
      (page) => {
        page.title = "u";
      },
      "title",
      "u",
    ],
    [
      "a decimal",
      (page) => {
        page.price = "12.51";
      },
      "price",
      1251,
    ],
    [
      "JSON inside",
      (page) => {
        page.data!.a.push(2);
      },
      "data",
      '{"a":[1,2]}',
    ],
    [
      "a Date inside",
      (page) => {
        page.at!.setUTCFullYear(1971);
      },
      "at",
      "1971-01-01 00:00:00.000",
    ],
    [
      "bytes inside",
      (page) => {
        page.bytes![0] = 8;
      },
      "bytes",
      new Uint8Array([8]),
    ],
    [
      "a bigint by one",
      (page) => {
        page.big += 1n;
      },
      "big",
      9007199254740994n,
    ],
    [
      "a value to NULL",
      (page) => {
        page.at = null;
      },
      "at",
      null,
    ],
    [
      "NULL to a value",
      (page) => {
        page.views = 0;
      },
      "views",
      0,
    ],
  ])("writes only what has changed: %s", async (_, change, column, param) => {
    const page = await read();
    change(page);
    await page.save();
    expect(sent()).toEqual([[`UPDATE "page" SET "${column}" = ? WHERE "id" = ?`, [param, 1]]]);
    await page.save();
    expect(sent().length).toBe(1);
  });

  it("writes several changes in one statement, in the order of the fields", async () => {
    const page = await read();
    page.views = 3;
    page.title = "u";
    await page.save();
    expect(sent()).toEqual([['UPDATE "page" SET "title" = ?, "views" = ? WHERE "id" = ?', ["u", 3, 1]]]);
  });

  it("compares with the row as it was written last", async () => {
    const page = await read();
    page.title = "u";
    await page.save();
    page.title = "t";
    await page.save();
    expect(sent().map(([, params]) => params)).toEqual([
      ["u", 1],
      ["t", 1],
    ]);
  });

  it("moves the row when the key has changed", async () => {
    const page = await read();
    page.id = 9;
    await page.save();
    page.title = "u";
    await page.save();
    expect(sent()).toEqual([
      ['UPDATE "page" SET "id" = ? WHERE "id" = ?', [9, 1]],
      ['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 9]],
    ]);
  });

  it("gives attributes the form in which they will be read", async () => {
    const page = await read();
    loose(page).price = 3;
    loose(page).big = 5;
    loose(page).at = "2026-01-01T00:00:00Z";
    await page.save();
    expect(page).toMatchObject({ price: "3.00", big: 5n, at: new Date(Date.UTC(2026, 0, 1)) });
  });

  it("of named fields looks at those only", async () => {
    const page = await read();
    page.title = "u";
    page.views = 3;
    await page.save({ updateFields: ["views"] });
    expect(sent()).toEqual([['UPDATE "page" SET "views" = ? WHERE "id" = ?', [3, 1]]]);
    await page.save();
    expect(sent()[1]).toEqual(['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 1]]);
  });

  it("of no named fields is no statement", async () => {
    const page = await read();
    page.title = "u";
    await page.save({ updateFields: [] });
    expect(sent()).toEqual([]);
  });

  it("with forceUpdate writes all columns", async () => {
    const page = await read();
    await page.save({ forceUpdate: true });
    expect(sent()[0]![0]).toBe(
      'UPDATE "page" SET "id" = ?, "title" = ?, "price" = ?, "data" = ?, "at" = ?, "bytes" = ?, "big" = ?, "views" = ? WHERE "id" = ?',
    );
  });

  it("with forceCreate INSERTs", async () => {
    const page = await read();
    await page.save({ forceCreate: true });
    expect(sent()[0]![0]).toMatch(/^INSERT INTO "page" \("id", /);
  });

  it.each<[string, object, string]>([
    ["an unknown field", { updateFields: ["nope"] }, "FieldError"],
    ["both ways at once", { forceCreate: true, forceUpdate: true }, "ParamsError"],
    ["fields for an INSERT", { forceCreate: true, updateFields: ["title"] }, "ParamsError"],
    ["a text of fields", { updateFields: "title" }, "ParamsError"],
  ])("refuses %s", async (_, options, name) => {
    const page = await read();
    await expect((async () => loose(page).save(options))()).rejects.toMatchObject({ name });
    expect(sent()).toEqual([]);
  });

  it.each<[string, (page: Page) => void, string, string]>([
    [
      "null where none may be",
      (page) => {
        loose(page).title = null;
      },
      "ValidationError",
      "null",
    ],
    [
      "undefined where none may be",
      (page) => {
        loose(page).title = undefined;
      },
      "ValidationError",
      "null",
    ],
    [
      "undefined where null may be, which is not written as NULL",
      (page) => {
        loose(page).at = undefined;
      },
      "ParamsError",
      "undefined",
    ],
    [
      "a wrong type",
      (page) => {
        loose(page).views = "3";
      },
      "FieldError",
      "bad_value",
    ],
    [
      "too long a text",
      (page) => {
        page.title = "x".repeat(21);
      },
      "ValidationError",
      "too_long",
    ],
  ])("refuses %s before any SQL, and saves when that is mended", async (_, spoil, name, code) => {
    const page = await read();
    spoil(page);
    await expect(page.save()).rejects.toMatchObject({ name, code });
    expect(sent()).toEqual([]);
    Object.assign(page, { title: "u", at: null, views: 3 });
    await page.save();
    expect(sent().length).toBe(1);
  });

  it("whose row is gone says so, and does not count as saved", async () => {
    const page = await read();
    page.title = "u";
    affected = 0;
    await expect(page.save()).rejects.toMatchObject({
      name: "IntegrityError",
      code: "row_gone",
      message: "Can't update object that doesn't exist: Page has no row with this id",
    });
    affected = 1;
    await page.save();
    expect(sent().length).toBe(2);
  });
});

describe("save of a new object", () => {
  it("INSERTs and takes the key, then UPDATEs", async () => {
    const author = new Author({ name: "a" });
    await author.save();
    expect(author.id).toBe(5);
    author.age = 3;
    await author.save();
    await author.save();
    expect(sent()).toEqual([
      ['INSERT INTO "authors" ("name", "email", "age", "is_active") VALUES (?, ?, ?, ?)', ["a", null, null, 1]],
      ['UPDATE "authors" SET "age" = ? WHERE "id" = ?', [3, 5]],
    ]);
  });

  it("whose key is known can be told to UPDATE", async () => {
    await new Tag({ slug: "a", label: "b" }).save({ updateFields: ["label"] });
    await new Tag({ slug: "a", label: "c" }).save({ forceUpdate: true });
    await new Tag({ slug: "a", label: "d" }).save();
    expect(sent()).toEqual([
      ['UPDATE "tag" SET "label" = ? WHERE "slug" = ?', ["b", "a"]],
      ['UPDATE "tag" SET "slug" = ?, "label" = ?, "parent" = ? WHERE "slug" = ?', ["a", "c", null, "a"]],
      ['INSERT INTO "tag" ("slug", "label", "parent") VALUES (?, ?, ?)', ["a", "d", null]],
    ]);
  });

  it("that failed is still new", async () => {
    const author = new Author({ name: "x".repeat(51) });
    await expect(author.save()).rejects.toMatchObject({ name: "ValidationError" });
    author.name = "a";
    await author.save();
    expect(sent()[0]![0]).toMatch(/^INSERT/);
  });

  it("reads the object when it runs, not when it is made", async () => {
    const author = new Author({ name: "a" });
    const write = author.save();
    author.name = "b";
    await write;
    expect(sent()[0]![1]).toEqual(["b", null, null, 1]);
  });
});

describe("clocks", () => {
  it("autoNowAdd is set once, autoNow at every write that writes something else", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
    try {
      const object = await Timed.create({ name: "a" });
      expect(object.createdAt).toEqual(new Date(Date.UTC(2026, 0, 1)));
      expect(object.updatedAt).toEqual(object.createdAt);
      vi.setSystemTime(Date.UTC(2026, 0, 2));
      await object.save();
      expect(sent().length).toBe(1);
      expect(object.updatedAt).toEqual(new Date(Date.UTC(2026, 0, 1)));
      object.name = "b";
      await object.save();
      expect(sent()[1]).toEqual([
        'UPDATE "timed" SET "name" = ?, "updated_at" = ? WHERE "id" = ?',
        ["b", "2026-01-02 00:00:00.000", 5],
      ]);
      expect(object.createdAt).toEqual(new Date(Date.UTC(2026, 0, 1)));
    } finally {
      vi.useRealTimers();
    }
  });

  it("autoNowAdd keeps a value that is given", async () => {
    const object = await loose(Timed).create({ name: "a", createdAt: new Date(0) });
    expect(object.createdAt).toEqual(new Date(0));
  });

  it("autoNow of a failed save is not kept", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
    try {
      const object = await Timed.create({ name: "a" });
      vi.setSystemTime(Date.UTC(2026, 0, 2));
      loose(object).name = null;
      await expect(object.save()).rejects.toMatchObject({ name: "ValidationError" });
      expect(object.updatedAt).toEqual(new Date(Date.UTC(2026, 0, 1)));
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a default that is a promise", () => {
  it("is awaited before the row is written", async () => {
    const object = await Later.create({ name: "a" });
    expect(object.code).toMatch(/^code\d+$/);
    expect(sent()[0]![1]).toEqual([object.code, "a"]);
  });

  it("is awaited by bulkCreate", async () => {
    const objects = await Later.bulkCreate([new Later({ name: "a" }), new Later({ name: "b" })]);
    expect(objects.map(({ code }) => typeof code)).toEqual(["string", "string"]);
  });

  it("that fails is the error of the write, and nothing is sent", async () => {
    class Broken extends Model.define({
      code: fields.text({ default: () => Promise.reject(new Error("no code today")) }),
    }) {}
    const own = mock({ dialect: sqliteDialect });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Broken } });
    await expect(orm.run(() => Broken.create({}))).rejects.toThrow("no code today");
    expect(own.statements).toEqual([]);
  });
});

describe("delete of an object", () => {
  it("deletes its row, and only once", async () => {
    const page = await read();
    await page.delete();
    expect(sent()).toEqual([['DELETE FROM "page" WHERE "id" = ?', [1]]]);
    await expect(page.delete()).rejects.toMatchObject({
      name: "OperationalError",
      code: "not_saved",
      message: expect.stringContaining("Can't delete unpersisted record"),
    });
    expect(sent().length).toBe(1);
  });

  it("uses the key under which the row is stored", async () => {
    const page = await read();
    page.id = 9;
    await page.delete();
    expect(sent()).toEqual([['DELETE FROM "page" WHERE "id" = ?', [1]]]);
  });

  it("of a new object is refused", async () => {
    await expect(new Author({ name: "a" }).delete()).rejects.toMatchObject({
      name: "OperationalError",
      code: "not_saved",
    });
  });

  it("makes it new: it can be saved again", async () => {
    const page = await read();
    await page.delete();
    await page.save();
    expect(sent()[1]![0]).toMatch(/^INSERT INTO "page" \("id", /);
  });
});

describe("refreshFromDb", () => {
  it("reads all columns again, and forgets changes", async () => {
    const page = await read();
    page.title = "u";
    await page.refreshFromDb();
    expect(page.title).toBe("t");
    await page.save();
    expect(sent().map(([sql]) => sql.slice(0, 6))).toEqual(["SELECT"]);
  });

  it("reads named columns and leaves the others alone", async () => {
    const page = await read();
    page.title = "u";
    page.views = 9;
    await page.refreshFromDb(["title"]);
    expect(page).toMatchObject({ title: "t", views: 9 });
    await page.save();
    expect(sent()).toEqual([
      ['SELECT "id", "title" FROM "page" WHERE "id" = ?', [1]],
      ['UPDATE "page" SET "views" = ? WHERE "id" = ?', [9, 1]],
    ]);
  });

  it("of a new object, or of one whose row is gone, is refused", async () => {
    await expect(new Page({ title: "a" }).refreshFromDb()).rejects.toMatchObject({
      name: "OperationalError",
      code: "not_saved",
    });
    const tag = new Tag({ slug: "a" });
    await tag.save();
    await expect(tag.refreshFromDb()).rejects.toMatchObject({ name: "DoesNotExist" });
  });

  it("of an unknown field is refused", async () => {
    const page = await read();
    await expect(loose(page).refreshFromDb(["nope"])).rejects.toMatchObject({
      name: "FieldError",
      code: "unknown_field",
    });
  });
});

describe("an object that holds only some fields", () => {
  const partial = async (): Promise<Page> => {
    const page = loose(await Page.only("title").get({ id: 1 }));
    driver.clear();
    return page;
  };

  it("has those and the key, and nothing else", async () => {
    expect(Object.keys(await partial())).toEqual(["id", "title"]);
    expect(await partial()).toBeInstanceOf(Page);
  });

  it("must be told what to save", async () => {
    const page = await partial();
    page.title = "u";
    await expect(page.save()).rejects.toMatchObject({
      name: "IncompleteInstanceError",
      hint: expect.stringContaining("updateFields"),
    });
    await page.save({ updateFields: ["title"] });
    expect(sent()).toEqual([['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 1]]]);
  });

  it("does not write what it does not hold", async () => {
    const page = await partial();
    await expect(page.save({ updateFields: ["views"] })).rejects.toMatchObject({
      name: "IncompleteInstanceError",
      message: expect.stringContaining("Page.views was not loaded"),
    });
    await expect(page.save({ forceUpdate: true })).rejects.toMatchObject({ name: "IncompleteInstanceError" });
    await expect(Page.bulkUpdate([page], ["views"])).rejects.toMatchObject({ name: "IncompleteInstanceError" });
    expect(sent()).toEqual([]);
    page.views = 4;
    await page.save({ updateFields: ["views"] });
    expect(sent()).toEqual([['UPDATE "page" SET "views" = ? WHERE "id" = ?', [4, 1]]]);
  });

  it("becomes whole by refreshFromDb", async () => {
    const page = await partial();
    await page.refreshFromDb();
    page.title = "u";
    await page.save();
    expect(sent()[1]).toEqual(['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 1]]);
  });

  it("can be deleted", async () => {
    await (await partial()).delete();
    expect(sent()).toEqual([['DELETE FROM "page" WHERE "id" = ?', [1]]]);
  });
});

describe("bulkUpdate", () => {
  it("writes the named fields of each object by its key, and remembers them", async () => {
    const page = await read();
    page.title = "u";
    page.views = 9;
    expect(await Page.bulkUpdate([page], ["title"])).toBe(1);
    expect(sent()).toEqual([['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 1]]]);
    page.title = "t";
    await page.save();
    expect(sent()[1]).toEqual(['UPDATE "page" SET "title" = ?, "views" = ? WHERE "id" = ?', ["t", 9, 1]]);
  });

  it.each<[string, () => unknown, string, string]>([
    [
      "an unknown field",
      () => loose(Page).bulkUpdate([new Page({ id: 1, title: "a" })], ["nope"]),
      "FieldError",
      "unknown_field",
    ],
    ["the key", () => Page.bulkUpdate([new Page({ id: 1, title: "a" })], ["id"]), "FieldError", "key_in_bulk_update"],
    [
      "an object without a key",
      () => Page.bulkUpdate([new Page({ title: "a" })], ["title"]),
      "OperationalError",
      "no_key",
    ],
    [
      "a wrong value, before any of them is written",
      () =>
        loose(Page).bulkUpdate([new Page({ id: 1, title: "a" }), new (loose(Page))({ id: 2, title: 5 })], ["title"]),
      "FieldError",
      "bad_value",
    ],
  ])("refuses %s", async (_, make, name, code) => {
    await expect(make()).rejects.toMatchObject({ name, code });
    expect(sent()).toEqual([]);
  });
});

describe("a rolled back transaction", () => {
  const failing = async (work: () => Promise<void>): Promise<void> => {
    await expect(
      inTransaction(async (_tx) => {
        await work();
        throw new Error("stop");
      }),
    ).rejects.toThrow("stop");
    driver.clear();
  };

  it("leaves a created object new and without its key", async () => {
    const author = new Author({ name: "a" });
    await failing(() => author.save().run());
    expect(author.id).toBeUndefined();
    await author.save();
    expect(sent()[0]![0]).toMatch(/^INSERT INTO "authors" \("name"/);
  });

  it("leaves a saved object unsaved: its change is written by the next save", async () => {
    const page = await read();
    page.title = "u";
    await failing(() => page.save().run());
    expect(page.title).toBe("u");
    await page.save();
    expect(sent()).toEqual([['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 1]]]);
  });

  it("leaves a deleted object stored", async () => {
    const page = await read();
    await failing(() => page.delete().run());
    await page.delete();
    expect(sent()[0]![0]).toMatch(/^DELETE/);
  });

  it("leaves objects of bulkCreate new, and those of bulkUpdate unsaved", async () => {
    const author = new Author({ name: "a" });
    const page = await read();
    page.title = "u";
    await failing(async () => {
      await Author.bulkCreate([author]);
      await Page.bulkUpdate([page], ["title"]);
    });
    expect(author.id).toBeUndefined();
    await page.save();
    expect(sent()).toEqual([['UPDATE "page" SET "title" = ? WHERE "id" = ?', ["u", 1]]]);
  });

  it("of a savepoint undoes what was done in it and nothing else", async () => {
    const [outer, inner] = [new Author({ name: "a" }), new Author({ name: "b" })];
    await inTransaction(async (_tx) => {
      await outer.save();
      await expect(
        inTransaction(async (_savepoint) => {
          await inner.save();
          throw new Error("stop");
        }),
      ).rejects.toThrow("stop");
    });
    expect(outer.id).toBe(5);
    expect(inner.id).toBeUndefined();
  });
});
