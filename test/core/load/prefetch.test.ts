import { Prefetch as typedPrefetch, Terrapin } from "terrapin";
import { describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { anew } from "../../support/anew.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { later } from "../../support/later.js";
import { loose } from "../../support/loose.js";
import { models } from "../../support/related-models.js";

const { User, Post, Comment, Node } = loose(models);
const Prefetch = loose(typedPrefetch);

describe("loading relations", () => {
  it("asks for no more keys at a time than a statement takes", async () => {
    const driver = mock({ dialect: { ...sqliteDialect, lists: "padded" }, limits: { maxParams: 100 } });
    driver.answer(/FROM "users"/, { rows: Array.from({ length: 150 }, (_, i) => [i + 1, `u${i}`, null]) });
    driver.answer(/FROM "post"/, ({ params }) => ({
      rows: (JSON.parse(params[0] as string) as number[]).map((key) => [key * 10, "t", 0, key, null]),
    }));
    const orm = await Terrapin.context({ connections: { default: driver }, models: loose(models) });
    const users = await orm.run(async () => User.all().prefetchRelated("posts"));
    expect(driver.statements.slice(1).map(({ params }) => JSON.parse(params[0] as string).length)).toEqual([
      64, 64, 22,
    ]);
    expect(users.map((user: { id: number; posts: { id: number }[] }) => user.posts[0]!.id / user.id)).toEqual(
      Array.from({ length: 150 }, () => 10),
    );
  });

  it("asks for relations side by side, each of them at once", async () => {
    const driver = mock({ dialect: sqliteDialect, async: true, answers: [{ rows: [[1, "u", null]] }] });
    const orm = await Terrapin.context({ connections: { default: driver }, models: loose(models) });
    const { run } = driver;
    let [running, most] = [0, 0];
    driver.run = async (...given) => {
      most = Math.max(most, ++running);
      const answer = await run.apply(driver, given);
      running--;
      return answer;
    };
    await orm.run(async () => User.all().prefetchRelated("posts", "reviews", "badges"));
    expect(most).toBe(3);
  });

  it("fails by one error when several of them fail, some at once and some later, and leaves nothing unheard", async () => {
    const orm = await Terrapin.context({ connections: { default: later(sqlite(":memory:")) }, models: loose(models) });
    const unheard: unknown[] = [];
    const listen = (error: unknown): number => unheard.push(error);
    process.on("unhandledRejection", listen);
    await orm.run(async () => {
      await orm.generateSchemas();
      await User.create({ name: "u" });
      await orm.connections.get("default").run("DROP TABLE badge", []);
      await expect(
        User.all()
          .prefetchRelated("badges", Prefetch("posts", Post.filter({ nope: 1 })), "reviews")
          .then(),
      ).rejects.toMatchObject({ message: expect.stringMatching(/badge|nope/) });
      await new Promise((resolve) => void setTimeout(resolve, 20));
    });
    process.off("unhandledRejection", listen);
    expect(unheard).toEqual([]);
    await orm.closeConnections();
  });

  it("changes nothing of an object when it fails", async () => {
    const orm = await Terrapin.context({ connections: { default: await anew() }, models: loose(models) });
    await orm.run(async () => {
      await orm.generateSchemas();
      const user = await User.create({ name: "u" });
      await Post.create({ title: "t", author: user });
      await orm.connections.get("default").run("DROP TABLE comment", []);
      await expect(user.fetchRelated("posts__comments").then()).rejects.toThrow(/comment/);
      expect(Object.keys(user)).toEqual(["id", "name", "nick"]);
      await user.fetchRelated(Prefetch("posts", Post.all(), { toAttr: "mine" }));
      expect([user.mine.length, () => user.posts.length]).toEqual([1, expect.any(Function)]);
      expect(() => user.posts.length).toThrow(/not loaded/);
    });
    await orm.closeConnections();
  });

  it("finds a key that was assigned in another form than the database's", async () => {
    const orm = await Terrapin.context({ connections: { default: await anew() }, models: loose(models) });
    await orm.run(async () => {
      await orm.generateSchemas();
      const root = await Node.create({ name: "root" });
      const kid = new Node({ name: "kid" });
      kid.parentId = root.id.toUpperCase();
      expect((await kid.parent).name).toBe("root");
      await kid.save();
      kid.parentId = root.id.toUpperCase();
      await kid.fetchRelated("parent");
      expect(kid.parent.name).toBe("root");
    });
    await orm.closeConnections();
  });

  it("goes along a path as long as one likes", async () => {
    const orm = await Terrapin.context({ connections: { default: await anew() }, models: loose(models) });
    await orm.run(async () => {
      await orm.generateSchemas();
      const user = await User.create({ name: "u" });
      const post = await Post.create({ title: "t", author: user });
      await Comment.create({ post });
      const path = Array.from({ length: 10 }, () => "posts__author").join("__");
      let [found] = await User.all().prefetchRelated(`${path}__posts__comments`);
      for (let i = 0; i < 10; i++) found = found.posts[0].author;
      expect(found.posts[0].comments).toHaveLength(1);
      expect(await User.filter({ [`${path}__name`]: "u" }).count()).toBe(1);
      expect(await User.exclude({ [`${path}__name`]: "u" }).count()).toBe(0);
    });
    await orm.closeConnections();
  });
});
