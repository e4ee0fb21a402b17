import { fields, FullTextIndex, inTransaction, Model, Terrapin } from "terrapin";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose } from "../../support/loose.js";

class Topic extends Model.define({ id: fields.int({ primaryKey: true }), name: fields.text() }) {}

class Post extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    title: fields.char({ maxLength: 100 }),
    body: fields.text({ null: true, column: "text body" }),
    tag: fields.text({ blank: true }),
    plain: fields.text({ blank: true }),
    topic: fields.foreignKey<Topic>("Topic", { null: true, relatedName: "posts" }),
  },
  {
    indexes: [
      FullTextIndex({ fields: ["title", "body"] }),
      FullTextIndex({ fields: ["tag"], name: "tags", tokenizer: "porter unicode61" }),
      ["title"],
    ],
  },
) {}

const models = { Topic, Post };
const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models });
await orm.run(() => orm.generateSchemas());
const db = orm.connections.get("default");
afterAll(() => orm.closeConnections());
beforeEach(() => orm.run(() => Post.all().delete()));

const titles = (where: object, call: "filter" | "exclude" = "filter"): Promise<string[]> =>
  orm.run(() => loose(Post)[call](where).orderBy("id").valuesList("title", { flat: true }));
const write = (...posts: object[]): Promise<unknown> =>
  orm.run(() => loose(Post).bulkCreate(posts.map((post) => new Post(post as never))));

describe("__search", () => {
  it("finds the rows that have all words, in any field of the index", async () => {
    await write(
      { title: "Sea turtles", body: "swim far" },
      { title: "Sea lions", body: null },
      { title: "Éclair", body: "a turtle of sugar" },
    );
    expect(await titles({ title__search: "sea" })).toEqual(["Sea turtles", "Sea lions"]);
    expect(await titles({ title__search: "FAR turtles" })).toEqual(["Sea turtles"]);
    expect(await titles({ body__search: "eclair" })).toEqual(["Éclair"]);
    expect(await titles({ title__search: "sea" }, "exclude")).toEqual(["Éclair"]);
    expect(await titles({ title__search: "sugar" }, "exclude")).toEqual(["Sea turtles", "Sea lions"]);
  });

  it("takes what the database's search language means something by as words", async () => {
    await write({ title: 'say "not" AND near* or' }, { title: "say" });
    for (const words of [
      '"not"',
      "say AND",
      "near*",
      "-say NOT",
      "title:say (say",
      'say"',
      "^say NEAR/2",
      "say\u0000or",
      "{title} say",
    ])
      expect(Array.isArray(await titles({ title__search: words })), words).toBe(true);
    expect(await titles({ title__search: "say AND" })).toHaveLength(1);
    expect(await titles({ title__search: "say NOT" })).toHaveLength(1);
    expect(await titles({ title__search: "say OR title" })).toEqual([]);
    for (const nothing of ["", "  \n", "!!", "?"]) expect(await titles({ title__search: nothing })).toEqual([]);
    expect(await titles({ title__search: "" }, "exclude")).toHaveLength(2);
  });

  it("speaks that language when it is told to", async () => {
    await write({ title: "sea turtle" }, { title: "sea lion" }, { title: "seal" });
    expect(await titles({ title__search: { raw: "sea NOT lion" } })).toEqual(["sea turtle"]);
    expect(await titles({ title__search: { raw: "sea*" } })).toHaveLength(3);
    await expect(titles({ title__search: { raw: '"' } })).rejects.toMatchObject({ name: "OperationalError" });
  });

  it("sees every change, and nothing of one that was rolled back", async () => {
    await orm.run(async () => {
      const post = await loose(Post).create({ title: "old", body: "x" });
      expect(post.id).toBeGreaterThan(0);
      expect(await Post.filter({ title__search: "old" }).update({ title: "new" })).toBe(1);
      expect(await titles({ title__search: "old" })).toEqual([]);
      expect(await titles({ title__search: "new x" })).toEqual(["new"]);
      await inTransaction(async () => {
        await Post.all().update({ title: "lost" });
        throw new Error("no");
      }).catch(() => null);
      expect(await titles({ title__search: "new" })).toEqual(["new"]);
      expect(await Post.filter({ title__search: "new" }).delete()).toBe(1);
      expect(await titles({ title__search: "new" })).toEqual([]);
      await db.executeQuery("INSERT INTO tags(tags) VALUES ('integrity-check')");
    });
  });

  it("asks the index that is closest to the field, with its tokenizer", async () => {
    await write({ title: "running", tag: "running" });
    expect(await titles({ tag__search: "runs" })).toEqual(["running"]);
    expect(await titles({ title__search: "runs" })).toEqual([]);
  });

  it("goes along relations", async () => {
    await orm.run(async () => {
      const topic = await Topic.create({ name: "animals" });
      await Topic.create({ name: "other" });
      await write({ title: "sea turtle", topicId: topic.id }, { title: "sea lion" });
      const found = await loose(Topic).filter({ posts__title__search: "turtle" });
      expect(found.map(({ name }: Topic) => name)).toEqual(["animals"]);
      expect(await loose(Topic).exclude({ posts__title__search: "turtle" }).count()).toBe(1);
    });
  });

  it("refuses what is in no index, and what are no words", async () => {
    await expect(titles({ plain__search: "x" })).rejects.toMatchObject({
      name: "FieldError",
      code: "no_full_text_index",
      hint: expect.stringContaining('FullTextIndex({ fields: ["plain"] })'),
    });
    for (const value of [5, {}, { raw: 5 }, "\ud800", []])
      await expect(titles({ title__search: value })).rejects.toMatchObject({ code: "bad_value" });
    await expect(titles({ title__search: null })).rejects.toMatchObject({ code: "null_value" });
  });
});

describe("FullTextIndex", () => {
  it("is a table of its own, kept by triggers", () => {
    const sql = orm.schemaSql();
    const found = sql.slice(sql.indexOf("CREATE VIRTUAL"), sql.indexOf('CREATE VIRTUAL TABLE IF NOT EXISTS "tags"'));
    expect(found).toBe(
      [
        `CREATE VIRTUAL TABLE IF NOT EXISTS "fts_post_title_x" USING fts5("title", "text body", content = 'post', content_rowid = 'id');`,
        `CREATE TRIGGER IF NOT EXISTS "fts_post_title_x_insert" AFTER INSERT ON "post" BEGIN`,
        `  INSERT INTO "fts_post_title_x" (rowid, "title", "text body") VALUES (new."id", new."title", new."text body");`,
        "END;",
        `CREATE TRIGGER IF NOT EXISTS "fts_post_title_x_delete" AFTER DELETE ON "post" BEGIN`,
        `  INSERT INTO "fts_post_title_x" ("fts_post_title_x", rowid, "title", "text body") VALUES ('delete', old."id", old."title", old."text body");`,
        "END;",
        `CREATE TRIGGER IF NOT EXISTS "fts_post_title_x_update" AFTER UPDATE OF "id", "title", "text body" ON "post" BEGIN`,
        `  INSERT INTO "fts_post_title_x" ("fts_post_title_x", rowid, "title", "text body") VALUES ('delete', old."id", old."title", old."text body");`,
        `  INSERT INTO "fts_post_title_x" (rowid, "title", "text body") VALUES (new."id", new."title", new."text body");`,
        "END;",
        `INSERT INTO "fts_post_title_x" ("fts_post_title_x") SELECT 'rebuild' WHERE NOT EXISTS (SELECT 1 FROM "fts_post_title_x_docsize");`,
        "",
      ]
        .join("\n")
        .replaceAll("fts_post_title_x", /"(fts_post_title_\w{6})"/.exec(sql)![1]!),
    );
  });

  it("takes in what the table held before, and may be made twice", async () => {
    class Old extends Model.define({ id: fields.int({ primaryKey: true }), title: fields.text() }) {}
    class New extends Model.define(
      { id: fields.int({ primaryKey: true }), title: fields.text() },
      { table: "old", indexes: [FullTextIndex({ fields: ["title"] })] },
    ) {}
    const connection = sqlite(":memory:");
    const before = await Terrapin.context({ connections: { default: connection }, models: { Old } });
    await before.run(async () => {
      await before.generateSchemas();
      await Old.create({ title: "sea" });
    });
    const after = await Terrapin.context({ connections: { default: connection }, models: { New } });
    await after.run(async () => {
      await after.generateSchemas();
      await New.create({ title: "sea" });
      await after.generateSchemas();
      expect(await New.filter({ title__search: "sea" }).count()).toBe(2);
    });
    expect((await connection.introspect!()).map(({ name }) => name)).toEqual(["old"]);
    await after.closeConnections();
  });

  it.each([
    ["full_text_field", { id: fields.int({ primaryKey: true }), title: fields.int() }],
    ["full_text_key", { id: fields.uuid({ primaryKey: true }), title: fields.text() }],
    ["unknown_field", { id: fields.int({ primaryKey: true }), name: fields.text() }],
  ])("refuses %s", async (code, members) => {
    class Wrong extends loose(Model).define(members, { indexes: [loose(FullTextIndex)({ fields: ["title"] })] }) {}
    const make = async (): Promise<void> => {
      const own = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { Wrong } as never });
      await own.generateSchemas();
    };
    await expect(make()).rejects.toMatchObject({ name: "ConfigurationError", code });
  });
});
