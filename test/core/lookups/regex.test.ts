import BetterSqlite from "better-sqlite3";
import { fields, Model, Terrapin } from "terrapin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { join } from "node:path";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose } from "../../support/loose.js";
import { ownFolder } from "../../support/folder.js";

class Word extends Model.define({
  id: fields.int({ primaryKey: true }),
  regexp: fields.text({ null: true }),
}) {}

const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { Word } });
afterAll(() => orm.closeConnections());
const words = ["sea", "Sea turtle", "éclair", "a\nb", "", null, "50%", "😀"];
beforeAll(() =>
  orm.run(async () => {
    await orm.generateSchemas();
    await Word.bulkCreate(words.map((regexp, i) => new Word({ id: i + 1, regexp })));
  }),
);
const ids = (where: object, call: "filter" | "exclude" = "filter"): Promise<number[]> =>
  orm.run(() => loose(Word)[call](where).orderBy("id").valuesList("id", { flat: true }));

describe("__posix_regex", () => {
  it.each([
    ["^sea", [1]],
    ["[Ss]ea$", [1]],
    ["", [1, 2, 3, 4, 5, 7, 8]],
    ["^.$", [8]],
    ["^\\p{L}+$", [1, 3]],
    ["%", [7]],
    ["'", []],
  ])("finds %s", async (pattern, found) => {
    expect(await ids({ regexp__posix_regex: pattern })).toEqual(found);
    const others = words.map((_, i) => i + 1).filter((id) => !found.includes(id));
    expect(await ids({ regexp__posix_regex: pattern }, "exclude")).toEqual(others);
  });

  it("ignores case as __iposix_regex", async () => {
    expect(await ids({ regexp__iposix_regex: "^SEA" })).toEqual([1, 2]);
    expect(await ids({ regexp__iposix_regex: "É" })).toEqual([3]);
  });

  it("refuses what is no pattern", async () => {
    await expect(ids({ regexp__posix_regex: "(" })).rejects.toMatchObject({ name: "FieldError", code: "bad_regex" });
    await expect(ids({ regexp__posix_regex: 5 })).rejects.toMatchObject({ name: "FieldError", code: "bad_value" });
    await expect(ids({ regexp__posix_regex: null })).rejects.toMatchObject({ code: "null_value" });
    await expect(ids({ id__posix_regex: "1" })).rejects.toMatchObject({ code: "unknown_lookup" });
  });

  it("is a parameter", async () => {
    const driver = mock({ dialect: orm.connections.get("default").driver.dialect });
    const own = await Terrapin.context({ connections: { default: driver }, models: { Word } });
    await own.run(() => Word.filter({ regexp__iposix_regex: "a" }));
    expect(driver.statements).toEqual([
      { sql: `SELECT "id", "regexp" FROM "word" WHERE regexp(?, "regexp", 'i')`, params: ["a"] },
    ]);
  });

  it("says where there are none", async () => {
    const own = await Terrapin.context({
      connections: { default: mock({ dialect: sqliteDialect }) },
      models: { Word },
    });
    await own.run(() =>
      expect(Word.filter({ regexp__posix_regex: "a" }).run()).rejects.toMatchObject({
        name: "UnsupportedError",
        code: "no_regex",
        hint: expect.stringContaining("better-sqlite3"),
      }),
    );
  });

  it("works on every connection to a file, and leaves a function of the program's own", async () => {
    const folder = ownFolder();
    const file = await Terrapin.context({ connections: { default: sqlite(join(folder, "a.db")) }, models: { Word } });
    try {
      await file.run(async () => {
        await file.generateSchemas();
        await Word.create({ regexp: "sea" });
        for await (const word of Word.filter({ regexp__posix_regex: "^s" }).orderBy("regexp")) expect(word.id).toBe(1);
      });
    } finally {
      await file.closeConnections();
    }
    const database = new BetterSqlite(":memory:");
    database.function("regexp", { varargs: true }, () => 1);
    const given = await Terrapin.context({ connections: { default: sqlite(database as never) }, models: { Word } });
    await given.run(async () => {
      await given.generateSchemas();
      await Word.create({ regexp: "sea" });
      expect(await Word.filter({ regexp__posix_regex: "never" }).count()).toBe(1);
    });
    await given.closeConnections();
  });
});
