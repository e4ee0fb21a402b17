import { fields as typedFields, Model, Terrapin, type Dialect } from "terrapin";
import { describe, expect, it } from "vitest";
import { KeyField, RelationField } from "../../../core/fields/relation.js";
import { createSchema } from "../../../core/schema/create.js";
import { metaOf } from "../../../core/schema/meta.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose, type Loose } from "../../support/loose.js";

const fields = loose(typedFields);
const model = (columns: object, meta: object = {}): Loose => class extends loose(Model).define(columns, meta) {};
const id = fields.int({ primaryKey: true });
const fk = (to: string, options: object = {}): Loose => fields.foreignKey(to, options);
const m2m = (to: string, options: object = {}): Loose => fields.manyToMany(to, options);

const init = (models: object): Promise<unknown> =>
  Terrapin.context({ connections: { default: mock({ dialect: sqliteDialect }) }, models: loose(models) });

/** The statements that make the models' tables. */
async function ddl(models: Readonly<Record<string, Loose>>, dialect: Dialect = sqliteDialect): Promise<string[]> {
  await init(models);
  return createSchema(
    Object.values(models).map((each) => metaOf(each)),
    dialect,
    { safe: false },
  );
}

/** Which table each statement is about, in short. */
const heads = (statements: readonly string[]): string[] =>
  statements.map((sql) => /^(CREATE TABLE|CREATE (?:UNIQUE )?INDEX|ALTER TABLE) "[^"]+"(?: ON "[^"]+")?/.exec(sql)![0]);

/** Knows no table before it is made, and makes indexes with it. */
const strict: Dialect = { ...sqliteDialect, forwardReferences: false, inlineIndexes: true };

describe("the table of a model with relations", () => {
  it("has a column like the key that it points to, a named constraint and an index", async () => {
    const User = model({ id: fields.bigInt({ primaryKey: true, mode: "bigint" }) }, { table: "users" });
    const Post = model({ id, author: fk("User") });
    expect((await ddl({ User, Post })).slice(1)).toEqual([
      `CREATE TABLE "post" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  "author_id" INTEGER NOT NULL,
  CONSTRAINT "fk_post_users_8b260611" FOREIGN KEY ("author_id") REFERENCES "users" ("id") ON DELETE CASCADE
)`,
      'CREATE INDEX "idx_post_author__0da5e6" ON "post" ("author_id")',
    ]);
  });

  it("says every option: null, column, unique, index, default, description, toField, onDelete, no constraint", async () => {
    const User = model({ id, code: fields.char({ maxLength: 4, unique: true, column: "CODE" }) });
    const off = { relatedName: false };
    const Post = model({
      id,
      a: fk("User", { ...off, null: true, onDelete: "SET_NULL", column: "The A", description: "who" }),
      b: fk("User", { ...off, unique: true, onDelete: "RESTRICT" }),
      c: fk("User", { ...off, index: false, dbDefault: 1, onDelete: "SET_DEFAULT" }),
      d: fk("User", { ...off, toField: "code", onDelete: "NO_ACTION" }),
      e: fk("User", { ...off, dbConstraint: false }),
    });
    expect((await ddl({ User, Post })).slice(1)).toEqual([
      `CREATE TABLE "post" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  "The A" INTEGER /* who */,
  "b_id" INTEGER NOT NULL UNIQUE,
  "c_id" INTEGER NOT NULL DEFAULT 1,
  "d_id" VARCHAR(4) NOT NULL,
  "e_id" INTEGER NOT NULL,
  CONSTRAINT "fk_post_user_2b0dcc64" FOREIGN KEY ("The A") REFERENCES "user" ("id") ON DELETE SET NULL,
  CONSTRAINT "fk_post_user_27bb770f" FOREIGN KEY ("b_id") REFERENCES "user" ("id") ON DELETE RESTRICT,
  CONSTRAINT "fk_post_user_a2d62397" FOREIGN KEY ("c_id") REFERENCES "user" ("id") ON DELETE SET DEFAULT,
  CONSTRAINT "fk_post_user_213b44aa" FOREIGN KEY ("d_id") REFERENCES "user" ("CODE") ON DELETE NO ACTION
)`,
      'CREATE INDEX "idx_post_The A_8ca215" ON "post" ("The A")',
      'CREATE INDEX "idx_post_d_id_2d6c7d" ON "post" ("d_id")',
      'CREATE INDEX "idx_post_e_id_7e362c" ON "post" ("e_id")',
    ]);
  });

  it("makes a one-to-one column unique, and the key where it is one", async () => {
    const User = model({ id: fields.uuid({ primaryKey: true }) });
    const Profile = model({ user: fields.oneToOne("User", { primaryKey: true }) });
    const Card = model({ id, profile: fields.oneToOne("Profile") });
    const [, profile, card] = await ddl({ User, Profile, Card });
    expect(profile).toContain('"user_id" CHAR(36) NOT NULL PRIMARY KEY');
    expect(card).toContain('"profile_id" CHAR(36) NOT NULL UNIQUE');
    expect(card).toContain('REFERENCES "profile" ("user_id")');
  });

  it("has the names that are known of old", async () => {
    const AllF = model(
      { id, par: fk("self", { null: true, relatedName: "kids" }), rel: m2m("self", { relatedName: "lers" }) },
      { table: "allf", naming: "snake" },
    );
    const text = (await ddl({ allf: AllF })).join("\n");
    expect(text).toContain("fk_allf_allf_b2071e10");
    expect(text).toContain(
      'CREATE UNIQUE INDEX "uidx_allf_allf_allf_re_82ea34" ON "allf_allf" ("allf_rel_id", "allf_id")',
    );
  });

  it("takes relations in uniqueTogether and indexes, by either name", async () => {
    const User = model({ id });
    const off = { relatedName: false, index: false };
    const Vote = model(
      { id, user: fk("User", off), on: fk("User", off) },
      { uniqueTogether: [["user", "onId"]], indexes: [["on", "user"]] },
    );
    const [, table, index] = await ddl({ User, Vote });
    expect(table).toMatch(/CONSTRAINT "uid_vote_user_id_\w+" UNIQUE \("user_id", "on_id"\)/);
    expect(index).toMatch(/ON "vote" \("on_id", "user_id"\)/);
  });

  it("names no table of another connection", async () => {
    const User = model({ id }, { defaultConnection: "other" });
    const Post = model({ id, author: fk("User") });
    const orm = await Terrapin.context({
      connections: { default: sqlite(":memory:"), other: sqlite(":memory:") },
      models: loose({ User, Post }),
    });
    expect(orm.schemaSql({ connection: "default" })).not.toContain("REFERENCES");
    await orm.run(async () => {
      await orm.generateSchemas();
      const user = await User.create({});
      const post = await Post.create({ author: user });
      expect((await (await Post.get({ pk: post.pk })).author).id).toBe(user.id);
    });
    await orm.closeConnections();
  });
});

describe("the order of the tables", () => {
  const chain = (): Record<string, Loose> => ({
    Comment: model({ id, post: fk("Post") }),
    Post: model({ id, author: fk("User"), tags: m2m("Tag") }),
    Tag: model({ id }),
    User: model({ id }),
  });

  it("is that of the references, and tables in the middle come last", async () => {
    expect(heads(await ddl(chain(), strict))).toEqual([
      'CREATE TABLE "user"',
      'CREATE TABLE "post"',
      'CREATE TABLE "comment"',
      'CREATE TABLE "tag"',
      'CREATE TABLE "post_tag"',
    ]);
  });

  const circle = (): Record<string, Loose> => ({
    A: model({ id, b: fk("B"), self: fk("self", { relatedName: false, null: true }) }),
    B: model({ id, c: fk("C"), cs: m2m("C", { relatedName: false }) }),
    C: model({ id, a: fk("A", { null: true, onDelete: "SET_NULL" }) }),
  });

  it("adds the constraint that closes a circle afterwards, where a table must be there to be named", async () => {
    const statements = await ddl(circle(), strict);
    expect(heads(statements)).toEqual([
      'CREATE TABLE "c"',
      'CREATE TABLE "b"',
      'CREATE TABLE "a"',
      'ALTER TABLE "c"',
      'CREATE TABLE "b_c"',
    ]);
    expect(statements[0]).not.toContain("REFERENCES");
    expect(statements[2]).toContain('FOREIGN KEY ("self_id") REFERENCES "a" ("id")');
    expect(statements[3]).toMatch(
      /^ALTER TABLE "c" ADD CONSTRAINT "fk_c_a_\w{8}" FOREIGN KEY \("a_id"\) REFERENCES "a" \("id"\) ON DELETE SET NULL$/,
    );
  });

  it("needs no more than one statement for each table of a circle, where it may name what is not there yet", async () => {
    const statements = await ddl(circle());
    expect(statements.some((sql) => sql.startsWith("ALTER"))).toBe(false);
    expect(statements.join("\n").match(/REFERENCES/g)).toHaveLength(6);
  });

  it("works in the database, circle and all, twice when safe", async () => {
    const models = circle();
    const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: loose(models) });
    await orm.run(async () => {
      await orm.generateSchemas();
      await orm.generateSchemas({ safe: true });
      const c = await models["C"].create({});
      const b = await models["B"].create({ c });
      const a = await models["A"].create({ b });
      c.a = a;
      await c.save();
      await a.delete();
      await c.refreshFromDb();
      expect([c.aId, await models["B"].count()]).toEqual([null, 1]);
    });
    await orm.closeConnections();
  });
});

describe("a table in the middle", () => {
  it("has two columns like the keys, a unique pair, an index for the way back, and what its options say", async () => {
    const Post = model({
      id,
      tags: m2m("Tag", {
        through: "labels",
        forwardKey: "t",
        backwardKey: "p",
        onDelete: "RESTRICT",
        description: "which is which",
      }),
    });
    const Tag = model({ slug: fields.char({ primaryKey: true, maxLength: 9 }) });
    expect((await ddl({ Post, Tag })).slice(2)).toEqual([
      expect.stringMatching(
        new RegExp(
          [
            'CREATE TABLE "labels" \\(',
            '  "p" INTEGER NOT NULL,',
            '  "t" VARCHAR\\(9\\) NOT NULL,',
            '  CONSTRAINT "fk_labels_post_\\w{8}" FOREIGN KEY \\("p"\\) REFERENCES "post" \\("id"\\) ON DELETE RESTRICT,',
            '  CONSTRAINT "fk_labels_tag_\\w{8}" FOREIGN KEY \\("t"\\) REFERENCES "tag" \\("slug"\\) ON DELETE RESTRICT',
            "\\) /\\* which is which \\*/",
          ].join("\n"),
        ),
      ),
      expect.stringMatching(/^CREATE UNIQUE INDEX "uidx_labels_p_\w{6}" ON "labels" \("p", "t"\)$/),
      expect.stringMatching(/^CREATE INDEX "idx_labels_t_\w{6}" ON "labels" \("t"\)$/),
    ]);
  });

  it("has no unique pair and no constraints where that is said", async () => {
    const Post = model({ id, tags: m2m("Tag", { uniqueIndex: false, dbConstraint: false }) });
    const text = (await ddl({ Post, Tag: model({ id }) })).slice(2).join("\n");
    expect(text).not.toMatch(/UNIQUE|REFERENCES/);
    expect(text).toMatch(/CREATE INDEX "idx_post_tag_post_id_\w{6}" ON "post_tag" \("post_id", "tag_id"\)/);
  });

  it("keeps pairs apart by itself where no index does", async () => {
    const Post = model({ id, tags: m2m("Tag", { uniqueIndex: false }) });
    const Tag = model({ id });
    const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: loose({ Post, Tag }) });
    await orm.run(async () => {
      await orm.generateSchemas();
      const [post, tag] = [await Post.create({}), await Tag.create({})];
      await post.tags.add(tag);
      await post.tags.add(tag, tag);
      expect(await post.tags.count()).toBe(1);
      expect((await orm.connections.get("default").run("SELECT COUNT(*) FROM post_tag", [])).rows).toEqual([[1]]);
    });
    await orm.closeConnections();
  });

  it("is made for either side of a self-relation, by the names of both ends", async () => {
    const Node = model({ id, links: m2m("self", { relatedName: "linked" }) });
    const [, table] = await ddl({ Node });
    expect(table).toMatch(/"node_node" \(\n {2}"node_rel_id" INTEGER NOT NULL,\n {2}"node_id" INTEGER NOT NULL/);
  });

  it("is not made where a model owns it, by the model's name or its table's", async () => {
    for (const through of ["Membership", "members"]) {
      const Team = model({ id, users: m2m("User", { through }) });
      const Membership = model({ id, team: fk("Team"), user: fk("User") }, { table: "members" });
      expect(
        heads(await ddl({ Team, User: model({ id }), Membership })).filter((head) => head.includes("TABLE")),
      ).toEqual(['CREATE TABLE "team"', 'CREATE TABLE "user"', 'CREATE TABLE "members"']);
    }
  });

  it("is not made for a model that somebody else manages, though others may refer to it", async () => {
    const User = model({ id }, { managed: false });
    const Post = model({ id, author: fk("User") });
    const Old = model({ id, posts: m2m("Post") }, { managed: false });
    const statements = await ddl({ User, Post, Old });
    expect(heads(statements)).toEqual(['CREATE TABLE "post"', expect.stringContaining('ON "post"')]);
    expect(statements[0]).toContain('REFERENCES "user" ("id")');
  });

  it("belongs to each child of an abstract parent", async () => {
    const Tagged = model(
      { id, tags: m2m("Tag", { relatedName: false }), by: fk("Tag", { relatedName: false }) },
      { abstract: true },
    );
    const tables = heads(await ddl({ Tag: model({ id }), Car: Tagged.define({}), Boat: Tagged.define({}) }));
    expect(tables.filter((head) => head.includes("TABLE"))).toEqual(
      ["tag", "car", "boat", "car_tag", "boat_tag"].map((name) => `CREATE TABLE "${name}"`),
    );
  });
});

describe("describe() of relations", () => {
  const User = model({ id: fields.bigInt({ primaryKey: true }) }, { table: "users" });
  const next = (): number => 1;
  const Post = model({
    id,
    author: fk("User", { relatedName: "posts", description: "who wrote it" }),
    editor: fk("User", {
      relatedName: false,
      null: true,
      onDelete: "SET_NULL",
      index: false,
      default: next,
      dbConstraint: false,
    }),
    tags: m2m("Tag", { relatedName: "posts", onDelete: "RESTRICT", description: "what about" }),
    seen: m2m("User", { relatedName: false, through: "views" }),
  });
  const Card = model({ id, user: fields.oneToOne("User", { relatedName: "card" }) });
  const Tag = model({ id });
  const described = async (of: Loose, serializable = true): Promise<Loose> => {
    await init({ User, Post, Card, Tag });
    return of.describe({ serializable });
  };
  const common = { generated: false, docstring: null, constraints: {}, default: null, description: null };

  it("tells foreign keys with their columns and actions", async () => {
    const { fk_fields: keys, data_fields: data } = await described(Post);
    expect(keys).toEqual([
      {
        ...common,
        name: "author",
        field_type: "ForeignKeyFieldInstance",
        js_type: "models.User",
        nullable: false,
        unique: false,
        indexed: true,
        description: "who wrote it",
        db_constraint: true,
        raw_field: "authorId",
        on_delete: "CASCADE",
      },
      {
        ...common,
        name: "editor",
        field_type: "ForeignKeyFieldInstance",
        js_type: "models.User",
        nullable: true,
        unique: false,
        indexed: false,
        default: "<function next>",
        db_constraint: false,
        raw_field: "editorId",
        on_delete: "SET NULL",
      },
    ]);
    expect(data).toEqual([
      expect.objectContaining({
        name: "authorId",
        field_type: "BigIntField",
        db_column: "author_id",
        js_type: "number",
      }),
      expect.objectContaining({ name: "editorId", nullable: true, default: "<function next>" }),
    ]);
  });

  it("tells the other ends, and none that is hidden", async () => {
    const user = await described(User);
    expect(user.backward_fk_fields).toEqual([
      {
        ...common,
        name: "posts",
        field_type: "BackwardFKRelation",
        js_type: "models.Post",
        nullable: false,
        unique: false,
        indexed: false,
        db_constraint: true,
      },
    ]);
    expect(user.backward_o2o_fields).toEqual([
      expect.objectContaining({
        name: "card",
        field_type: "BackwardOneToOneRelation",
        js_type: "models.Card",
        nullable: true,
      }),
    ]);
    expect([user.fk_fields, user.o2o_fields, user.m2m_fields]).toEqual([[], [], []]);
  });

  it("tells one-to-one relations", async () => {
    expect((await described(Card)).o2o_fields).toEqual([
      expect.objectContaining({
        name: "user",
        field_type: "OneToOneFieldInstance",
        unique: true,
        indexed: true,
        raw_field: "userId",
        on_delete: "CASCADE",
      }),
    ]);
  });

  it("tells many-to-many relations from both sides", async () => {
    const pair = { ...common, field_type: "ManyToManyFieldInstance", nullable: false, unique: false, indexed: false };
    expect((await described(Post)).m2m_fields).toEqual([
      {
        ...pair,
        name: "tags",
        js_type: "models.Tag",
        description: "what about",
        db_constraint: true,
        model_name: "models.Tag",
        related_name: "posts",
        forward_key: "tag_id",
        backward_key: "post_id",
        through: "post_tag",
        on_delete: "RESTRICT",
        _generated: false,
      },
      expect.objectContaining({ name: "seen", related_name: "", through: "views", forward_key: "user_id" }),
    ]);
    expect((await described(Tag)).m2m_fields).toEqual([
      {
        ...pair,
        name: "posts",
        js_type: "models.Post",
        db_constraint: true,
        model_name: "models.Post",
        related_name: "tags",
        forward_key: "post_id",
        backward_key: "tag_id",
        through: "post_tag",
        on_delete: "RESTRICT",
        _generated: true,
      },
    ]);
  });

  it("is plain JSON, or classes and functions as they are", async () => {
    for (const each of [User, Post, Card, Tag]) {
      const plain = await described(each);
      expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
    }
    const real = await described(Post, false);
    expect(real.fk_fields[1]).toMatchObject({ field_type: RelationField, js_type: User, default: next });
    expect(real.m2m_fields[0].js_type).toBe(Tag);
    expect(real.data_fields[0]).toMatchObject({ field_type: KeyField, js_type: Number });
  });
});
