import { fields as typedFields, Manager, Model, Prefetch } from "terrapin";
import { beforeEach, describe, expect, it } from "vitest";
import { loose, type Loose } from "../../support/loose.js";
import { tablesForEach } from "../../support/tables.js";

const fields = loose(typedFields);
const define = (columns: object, meta: object = {}): Loose => loose(Model).define(columns, meta);
let tenant = 1;

/** Rows that were deleted softly are there for nobody. */
const alive = { manager: new Manager<Loose>((all: Loose) => all.filter({ deleted: false }).orderBy("-id")) };
const deleted = fields.boolean({ default: false });

class User extends define({ name: fields.text(), deleted }, alive) {}
class Post extends define(
  {
    title: fields.text(),
    deleted,
    author: fields.foreignKey("User", { relatedName: "posts" }),
    tags: fields.manyToMany("Tag", { relatedName: "posts" }),
  },
  alive,
) {
  static everything: Loose = new Manager<Loose>();
}
class Profile extends define(
  { bio: fields.text(), deleted, user: fields.oneToOne("User", { relatedName: "profile" }) },
  alive,
) {}
class Tag extends define(
  { slug: fields.char({ maxLength: 20, primaryKey: true }), tenant: fields.int({ default: () => tenant }) },
  { manager: new Manager<Loose>((all: Loose) => all.filter({ tenant })) },
) {}

tablesForEach(loose({ User, Post, Profile, Tag }));
beforeEach(async () => {
  tenant = 1;
  const ann = await User.create({ name: "ann" });
  await User.create({ name: "bob" });
  const one = await Post.create({ title: "one", author: ann });
  await Post.create({ title: "gone", author: ann, deleted: true });
  await Post.create({ title: "two", author: ann });
  await Profile.create({ bio: "é", user: ann });
  await Tag.create({ slug: "mine" });
  await Tag.create({ slug: "theirs", tenant: 2 });
  await one.tags.add("mine", "theirs");
});

const titles = (posts: readonly Loose[]): string[] => posts.map(({ title }) => title);
const slugs = (tags: readonly Loose[]): string[] => tags.map(({ slug }) => slug);

describe("the default manager of a model", () => {
  it("starts what is related to an object, in its order", async () => {
    const ann = await User.get({ name: "ann" });
    expect(titles(await ann.posts)).toEqual(["two", "one"]);
    expect(await ann.posts.count()).toBe(2);
    expect(titles(await ann.posts.filter({ title__in: ["one", "gone"] }))).toEqual(["one"]);
    expect(titles(await ann.posts.usingDb("default").all())).toEqual(["two", "one"]);
  });

  it("starts what is loaded for many objects, also deeper", async () => {
    const [bob, ann] = await User.all().prefetchRelated("posts__tags");
    expect([titles(ann.posts), titles(bob.posts)]).toEqual([["two", "one"], []]);
    expect(slugs(ann.posts[1].tags)).toEqual(["mine"]);
    const [again] = await User.fetchForList([await User.get({ name: "ann" })], "posts");
    expect(titles(again.posts)).toEqual(["two", "one"]);
  });

  it("starts many-to-many relations, from either side", async () => {
    const post = await Post.get({ title: "one" });
    expect(slugs(await post.tags)).toEqual(["mine"]);
    await Post.filter({ title: "one" }).update({ deleted: true });
    const tag = await Tag.get({ slug: "mine" });
    expect(titles(await tag.posts)).toEqual([]);
  });

  it("is asked anew each time: a scope may follow the one who asks", async () => {
    const post = await Post.get({ title: "one" });
    tenant = 2;
    expect(slugs(await post.tags)).toEqual(["theirs"]);
    const [loaded] = await Post.filter({ title: "one" }).prefetchRelated("tags");
    expect(slugs(loaded.tags)).toEqual(["theirs"]);
    tenant = 3;
    expect(await post.tags.exists()).toBe(false);
  });

  it("starts the other end of a one-to-one relation, waited for or loaded", async () => {
    const ann = await User.get({ name: "ann" });
    expect((await ann.profile).bio).toBe("é");
    await Profile.filter({ bio: "é" }).update({ deleted: true });
    expect(await (await User.get({ name: "ann" })).profile).toBeNull();
    const [loaded] = await User.filter({ name: "ann" }).prefetchRelated("profile");
    expect(loaded.profile).toBeNull();
  });

  it("hides nothing that an object points to itself: its type promises it", async () => {
    await User.filter({ name: "ann" }).update({ deleted: true });
    const post = await Post.get({ title: "one" });
    expect((await post.author).name).toBe("ann");
    const [prefetched] = await Post.filter({ title: "one" }).prefetchRelated("author");
    const [joined] = await Post.filter({ title: "one" }).selectRelated("author");
    expect([prefetched.author.name, joined.author.name]).toEqual(["ann", "ann"]);
    expect(await User.getOrNone({ name: "ann" })).toBeNull();
  });

  it("gives way to the query of a Prefetch, which starts where its author let it start", async () => {
    const all = Post.everything.orderBy("id");
    const [ann] = await User.filter({ name: "ann" }).prefetchRelated(Prefetch("posts", all, { toAttr: "every" }));
    expect(titles(ann.every)).toEqual(["one", "gone", "two"]);
    const [again] = await User.filter({ name: "ann" }).prefetchRelated(Prefetch("posts", Post.all().orderBy("id")));
    expect(titles(again.posts)).toEqual(["one", "two"]);
  });

  it("says what getOrCreate of a relation finds", async () => {
    const ann = await User.get({ name: "ann" });
    expect((await ann.posts.getOrCreate({ title: "one" }))[1]).toBe(false);
    expect((await ann.posts.getOrCreate({ title: "gone" }))[1]).toBe(true);
    const post = await Post.get({ title: "one" });
    await expect(post.tags.getOrCreate({ slug: "theirs" })).rejects.toMatchObject({ kind: "primaryKey" });
    expect((await post.tags.getOrCreate({ slug: "new" }))[1]).toBe(true);
    expect(slugs(await post.tags.orderBy("slug"))).toEqual(["mine", "new"]);
  });

  it("does not stand between a relation and its writes: set makes the pairs exactly these", async () => {
    const post = await Post.get({ title: "one" });
    await post.tags.set(["mine"]);
    tenant = 2;
    expect(await post.tags.count()).toBe(0);
  });

  it("keeps its order out of the way of limits for each object", async () => {
    const latest = Prefetch("posts", Post.all().limit(1));
    const [, ann] = await User.all().prefetchRelated(latest);
    expect(titles(ann.posts)).toEqual(["two"]);
  });
});
