import { ConfigurationError, fields as typedFields, Model, Terrapin } from "terrapin";
import { describe, expect, it } from "vitest";
import { metaOf } from "../../../core/schema/meta.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose, type Loose } from "../../support/loose.js";

const fields = loose(typedFields);
const define = (columns: object, meta: object = {}): Loose => loose(Model).define(columns, meta);
const model = (columns: object, meta: object = {}): Loose => class extends define(columns, meta) {};
const id = fields.int({ primaryKey: true });
const fk = (to: string, options: object = {}): Loose => fields.foreignKey(to, options);
const m2m = (to: string, options: object = {}): Loose => fields.manyToMany(to, options);

const init = (models: object): Promise<unknown> =>
  Terrapin.context({ connections: { default: mock({ dialect: sqliteDialect }) }, models: loose(models) });
const inApps = (apps: Readonly<Record<string, object>>): Promise<unknown> =>
  Terrapin.context(
    loose({
      config: {
        connections: { default: mock({ dialect: sqliteDialect }) },
        apps: Object.fromEntries(
          Object.entries(apps).map(([name, models]) => [name, { models: [models], defaultConnection: "default" }]),
        ),
      },
    }),
  );

const relationsOf = (of: object): string[] =>
  [...metaOf(of).relations.values()].filter(({ hidden }) => !hidden).map(({ name }) => name);

describe("a relation that is wrong fails at init, by one error that says what is right", () => {
  const User = (): Loose => model({ id, name: fields.text(), code: fields.int({ unique: true }) });
  const cases: readonly (readonly [name: string, make: () => object, code: string, message: RegExp, hint: RegExp])[] = [
    [
      "to a model that there is not",
      () => ({ Post: model({ author: fk("Usr") }), User: User() }),
      "unknown_model",
      /Post\.author: there is no model "Usr"/,
      /models\.Post, models\.User/,
    ],
    [
      "to a model of another app that there is not",
      () => ({ Post: model({ author: fk("shop.User") }), User: User() }),
      "unknown_model",
      /shop\.User/,
      /models\.User/,
    ],
    [
      "with the name of a field on the other side",
      () => ({ Post: model({ author: fk("User", { relatedName: "name" }) }), User: User() }),
      "related_name_clash",
      /Post\.author: its other end would be User\.name/,
      /relatedName/,
    ],
    [
      "with the name of a method on the other side",
      () => ({ Post: model({ author: fk("User", { relatedName: "save" }) }), User: User() }),
      "related_name_clash",
      /User\.save/,
      /relatedName/,
    ],
    [
      "with the name of the key on the other side",
      () => ({ Post: model({ author: fk("User", { relatedName: "pk" }) }), User: User() }),
      "related_name_clash",
      /User\.pk/,
      /relatedName/,
    ],
    [
      "with the name of the other side's own relation, whichever comes first",
      () => ({ Post: model({ author: fk("User", { relatedName: "boss" }) }), User: model({ id, boss: fk("self") }) }),
      "related_name_clash",
      /Post\.author: its other end would be User\.boss/,
      /relatedName/,
    ],
    [
      "with the same name on the other side as another one",
      () => ({ Post: model({ author: fk("User"), reviewer: fk("User") }), User: User() }),
      "related_name_clash",
      /Post\.reviewer: its other end would be User\.posts/,
      /relatedName/,
    ],
    [
      "that becomes null and must not be",
      () => ({ Post: model({ author: fk("User", { onDelete: "SET_NULL" }) }), User: User() }),
      "bad_option",
      /Post\.author: onDelete SET_NULL needs null: true/,
      /./,
    ],
    [
      "that becomes a default that the database does not know",
      () => ({ Post: model({ author: fk("User", { onDelete: "SET_DEFAULT", default: 1 }) }), User: User() }),
      "bad_option",
      /SET_DEFAULT needs a dbDefault/,
      /database/,
    ],
    [
      "to a field that there is not",
      () => ({ Post: model({ author: fk("User", { toField: "nme" }) }), User: User() }),
      "unknown_field",
      /User has no field "nme"/,
      /id, name, code/,
    ],
    [
      "to a field that is not unique",
      () => ({ Post: model({ author: fk("User", { toField: "name" }) }), User: User() }),
      "not_unique",
      /User\.name is not unique/,
      /unique: true/,
    ],
    [
      "with one column for both keys of the pair",
      () => ({ Post: model({ tags: m2m("User", { forwardKey: "a", backwardKey: "a" }) }), User: User() }),
      "bad_option",
      /both "a"/,
      /two columns/,
    ],
    [
      "through a model with two foreign keys to one side",
      () => ({
        Post: model({ tags: m2m("User", { through: "Middle" }) }),
        User: User(),
        Middle: model({ post: fk("Post"), user: fk("User"), by: fk("User", { relatedName: "by" }) }),
      }),
      "two_candidates",
      /Middle has 2 foreign keys to User/,
      /forwardKey/,
    ],
    [
      "through a model with no foreign key to one side",
      () => ({
        Post: model({ tags: m2m("User", { through: "Middle" }) }),
        User: User(),
        Middle: model({ post: fk("Post") }),
      }),
      "two_candidates",
      /no foreign key to User/,
      /forwardKey/,
    ],
    [
      "through a model without the field that is named",
      () => ({
        Post: model({ tags: m2m("User", { through: "Middle", forwardKey: "usr" }) }),
        User: User(),
        Middle: model({ post: fk("Post"), user: fk("User") }),
      }),
      "unknown_field",
      /Middle has no field "usr"/,
      /userId/,
    ],
    [
      "with a field of the name of its column",
      () => ({ Post: model({ author: fk("User"), authorId: fields.int() }), User: User() }),
      "field_name",
      /authorId is the column of the relation "author"/,
      /./,
    ],
    [
      "with the column of another field",
      () => ({ Post: model({ author: fk("User", { column: "x" }), x: fields.int() }), User: User() }),
      "column_twice",
      /"x"/,
      /^/,
    ],
  ];
  it.each(cases)("%s", async (_, make, code, message, hint) => {
    const error = await init(make()).then(
      () => null,
      (thrown: unknown) => thrown as ConfigurationError,
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error!.hint ?? "").toMatch(hint);
  });

  it("to a name that two other apps have", async () => {
    const apps = { a: { User: User() }, b: { User: User() }, c: { Post: model({ author: fk("User") }) } };
    await expect(inApps(apps)).rejects.toMatchObject({
      code: "two_candidates",
      message: expect.stringMatching(/"User" is the name of 2 models/),
      hint: expect.stringMatching(/"a\.User" or "b\.User"/),
    });
  });

  it.each<[string, () => unknown, string, RegExp]>([
    ["no name at all", () => fk(undefined as never), "bad_option", /name of a model/],
    ["a class in place of a name", () => fk(User()), "bad_option", /name of a model/],
    ["an option that there is not", () => fk("User", { onDelet: "CASCADE" }), "unknown_option", /onDelet/],
    ["an option of another kind", () => fk("User", { through: "x" }), "unknown_option", /through/],
    ["a primary key that is a foreign key", () => fk("User", { primaryKey: true }), "unknown_option", /primaryKey/],
    ["a column for a many-to-many relation", () => m2m("User", { toField: "x" }), "unknown_option", /toField/],
    ["an action that there is not", () => fk("User", { onDelete: "cascade" }), "bad_option", /cascade/],
    ["a name that is no text", () => fk("User", { relatedName: true }), "bad_option", /relatedName/],
    ["a name that nobody can write", () => fk("User", { relatedName: "my posts" }), "bad_option", /relatedName/],
    ["a name with two underscores", () => fk("User", { relatedName: "my__posts" }), "bad_option", /relatedName/],
  ])("%s is refused where it is written", (_, make, code, message) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

describe("linking", () => {
  it("works the next time, when the model that was missing is there", async () => {
    const Post = model({ id, author: fk("User", { relatedName: "posts" }) });
    const Note = model({ id, post: fk("Post", { relatedName: "notes" }) });
    await expect(init({ Post, Note })).rejects.toMatchObject({ code: "unknown_model" });
    const User = model({ id });
    await init({ Post, Note, User });
    expect([relationsOf(Post), relationsOf(User), relationsOf(Note)]).toEqual([
      ["author", "notes"],
      ["posts"],
      ["post"],
    ]);
  });

  it("works the next time, when a name that clashed is gone", async () => {
    const User = model({ id, name: fields.text() });
    const columns = (relatedName: string): object => ({ id, author: fk("User", { relatedName }) });
    await expect(init({ User, Post: model(columns("name")) })).rejects.toMatchObject({ code: "related_name_clash" });
    const Post = model(columns("posts"));
    await init({ User, Post });
    expect(relationsOf(User)).toEqual(["posts"]);
  });

  it("leaves no trace of a model that failed", async () => {
    const User = model({ id, name: fields.text() });
    const Post = (reviewer: string): Loose =>
      model({ id, author: fk("User", { relatedName: "posts" }), reviewer: fk("User", { relatedName: reviewer }) });
    await expect(init({ User, Post: Post("name") })).rejects.toMatchObject({ code: "related_name_clash" });
    expect([relationsOf(User), "posts" in User.prototype]).toEqual([[], false]);
    await init({ User, Post: Post("reviews") });
    expect(relationsOf(User)).toEqual(["posts", "reviews"]);
  });

  it("points a key anew, when the model that failed gets another target", async () => {
    const Post = model({ id, author: fk("User", { relatedName: "posts" }) });
    await expect(init({ Post, User: model({ id, posts: fields.int() }) })).rejects.toMatchObject({
      code: "related_name_clash",
    });
    await init({ Post, User: model({ code: fields.char({ primaryKey: true, maxLength: 5 }) }) });
    expect(metaOf(Post).field.get("authorId")!.kind).toBe("char");
  });

  it("gives a model that is linked the other ends of models that come later", async () => {
    const User = model({ id });
    await init({ User });
    expect(relationsOf(User)).toEqual([]);
    const Post = model({ id, author: fk("User", { relatedName: "posts" }) });
    await init({ User, Post });
    expect(relationsOf(User)).toEqual(["posts"]);
    expect("posts" in User.prototype).toBe(true);
  });

  it("is the same in two contexts, each on its own database", async () => {
    const User = model({ id, name: fields.text() });
    const Post = model({ id, author: fk("User", { relatedName: "posts" }) });
    const open = (): Promise<Loose> =>
      Terrapin.context({ connections: { default: sqlite(":memory:") }, models: loose({ User, Post }) });
    const [one, other] = [await open(), await open()];
    for (const [orm, name] of [
      [one, "one"],
      [other, "other"],
    ])
      await orm.run(async () => {
        await orm.generateSchemas();
        const user = await User.create({ name });
        await user.posts.create({});
      });
    const names = async (): Promise<unknown> =>
      (await Post.filter({ author__name__startswith: "o" }).selectRelated("author")).map(
        ({ author }: Loose) => author.name,
      );
    expect(await one.run(names)).toEqual(["one"]);
    expect(await other.run(names)).toEqual(["other"]);
    await one.closeConnections();
    await other.closeConnections();
  });

  it("finds a model of its own app first, by app and name, and itself", async () => {
    const [mine, theirs] = [model({ id }), model({ id })];
    const Post = model({
      id,
      near: fk("User", { relatedName: "near" }),
      far: fk("b.User", { relatedName: "far" }),
      up: fk("self", { relatedName: "down", null: true }),
    });
    await inApps({ a: { User: mine, Post }, b: { User: theirs } });
    const targets = [...metaOf(Post).relations.values()]
      .filter(({ backward }) => !backward)
      .map(({ target }) => target.label);
    expect(targets).toEqual(["a.User", "b.User", "a.Post"]);
  });

  it("names the other end after the model: plural for many, singular for one, none when hidden", async () => {
    const User = model({ id });
    const BlogPost = model({ id, author: fk("User"), tags: m2m("User", { relatedName: false }) });
    const UserCard = model({ id, user: fields.oneToOne("User") });
    await init({ User, BlogPost, UserCard });
    expect(relationsOf(User)).toEqual(["blogPosts", "userCard"]);
  });

  it("lets several hidden ends stand side by side", async () => {
    const User = model({ id });
    const off = { relatedName: false };
    await init({ User, Post: model({ id, a: fk("User", off), b: fk("User", off), c: m2m("User", off) }) });
    expect(relationsOf(User)).toEqual([]);
    await expect(User.filter({ posts: 1 }).then()).rejects.toThrow();
  });

  it("gives a child what its abstract parent says, and each child an end of its own", async () => {
    const Owned = model(
      { id, owner: fk("User", { relatedName: false }), labels: m2m("Label", { relatedName: false }) },
      { abstract: true },
    );
    const [User, Label] = [model({ id }), model({ id })];
    const [Car, Boat] = [Owned.define({ wheels: fields.int() }), Owned.define({ sails: fields.int() })];
    await init({ User, Label, Car: class extends Car {}, Boat: class extends Boat {} });
    const Twice = model({ id, owner: fk("User") }, { abstract: true });
    await init({ User, A: class extends Twice.define({}) {}, B: class extends Twice.define({}) {} });
    expect(relationsOf(User)).toEqual(["as", "bs"]);
  });

  it("takes a key that points to a key, whatever the order", async () => {
    const User = model({ code: fields.char({ primaryKey: true, maxLength: 7 }) });
    const Profile = model({ user: fields.oneToOne("User", { primaryKey: true }) });
    const Note = model({ id, profile: fk("Profile") });
    await init({ Note, Profile, User });
    const key = metaOf(Note).field.get("profileId")!;
    expect([key.kind, key.type, metaOf(Profile).pk.name]).toEqual(["char", { kind: "char", maxLength: 7 }, "userId"]);
  });

  it("refuses keys that point to each other in a circle", async () => {
    const One = model({ other: fields.oneToOne("Other", { primaryKey: true, relatedName: "a" }) });
    const Other = model({ one: fields.oneToOne("One", { primaryKey: true, relatedName: "b" }) });
    await expect(init({ One, Other })).rejects.toBeInstanceOf(ConfigurationError);
  });
});
