import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError, inTransaction, Terrapin, type InitConfig, type Router } from "terrapin";
import { afterEach, describe, expect, it } from "vitest";
import * as core from "../../../core/index.js";
import { mock, type MockDriver } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose } from "../../support/loose.js";
import { models } from "../../support/related-models.js";
import { ownFolder } from "../../support/folder.js";

const { User, Post, Tag } = loose(models);

/** Reads go to the copy, writes to the original. */
const split: Router = { dbForRead: () => "copy", dbForWrite: () => "main" };

async function start(
  routers: NonNullable<InitConfig["routers"]>,
  more: Partial<InitConfig> = {},
): Promise<{ main: MockDriver; copy: MockDriver; went: (work: () => unknown) => Promise<string> }> {
  const main = mock({ dialect: sqliteDialect });
  const copy = mock({ dialect: sqliteDialect });
  await Terrapin.init({
    connections: { main, copy },
    apps: { models: { models: loose(models), defaultConnection: "main" } },
    routers,
    ...more,
  });
  for (const driver of [main, copy]) driver.answer("INSERT", { affected: 1, insertId: 7 });
  /** Where the statements of some work went, in order of the connections. */
  const went = async (work: () => unknown): Promise<string> => {
    main.clear();
    copy.clear();
    await work();
    return [main.statements.length > 0 ? "main" : "", copy.statements.length > 0 ? "copy" : ""].join(" ").trim();
  };
  return { main, copy, went };
}

afterEach(() => Terrapin.closeConnections());

describe("routers", () => {
  it("say where rows are read", async () => {
    const { went } = await start([split]);
    const reads: readonly (() => unknown)[] = [
      () => User.all(),
      () => User.getOrNone({ id: 1 }),
      () => User.all().count(),
      () => User.all().exists(),
      () => User.all().values("id"),
      () => User.all().explain(),
      () => User.raw('SELECT "id" FROM "users"').catch(() => {}),
      () => User.filter({ id__in: Post.all().valuesList("authorId", { flat: true }) }),
      async () => {
        for await (const _ of User.all().orderBy("name"));
      },
    ];
    for (const read of reads) expect(await went(read)).toBe("copy");
  });

  it("say where rows are written", async () => {
    const { went, main } = await start([split]);
    const user = await User.create({ name: "a" });
    const tag = new Tag({ slug: "t" });
    const writes: readonly (() => unknown)[] = [
      () => User.create({ name: "b" }),
      () => new User({ name: "c" }).save(),
      () => User.bulkCreate([new User({ name: "d" })]),
      () => User.bulkUpdate([user], ["nick"]),
      () => User.filter({ id: 1 }).update({ nick: "x" }),
      () => User.filter({ id: 1 }).delete(),
      // What is looked for is made where it was not found.
      () => User.getOrCreate({ name: "e" }),
      () => User.updateOrCreate({ name: "f" }, { nick: "y" }),
    ];
    for (const write of writes) expect(await went(write)).toBe("main");
    await tag.save();
    const post = await Post.create({ title: "t", author: user });
    for (const call of ["add", "remove", "clear"])
      expect(await went(() => post.tags[call](...(call === "clear" ? [] : [tag])))).toBe("main");
    expect(await went(() => post.tags.set([tag]))).toBe("main");
    expect(await went(() => post.tags)).toBe("copy");
    main.answer("DELETE", { affected: 1 });
    expect(await went(() => user.delete())).toBe("main");
  });

  it("are asked for each model, and a model they say nothing of keeps its connection", async () => {
    const asked: object[] = [];
    const { went } = await start([
      { dbForRead: (model) => void asked.push(model) as undefined },
      { dbForRead: (model) => (model === Tag ? "copy" : null) },
    ]);
    expect(await went(() => Tag.all())).toBe("copy");
    expect(await went(() => User.all())).toBe("main");
    expect(asked).toEqual([Tag, User]);
    expect(await went(() => Tag.create({ slug: "x" }))).toBe("main");
  });

  it("answer in order: the first answer counts, and the others are not asked", async () => {
    let asked = 0;
    const { went } = await start([split, { dbForRead: () => (asked++, "main") }]);
    expect(await went(() => User.all())).toBe("copy");
    expect(asked).toBe(0);
  });

  it("say nothing where the call names a connection", async () => {
    const { went } = await start([split]);
    expect(await went(() => User.all().usingDb("main"))).toBe("main");
    expect(await went(() => User.usingDb("copy").create({ name: "a" }))).toBe("copy");
    expect(await went(() => User.create({ name: "a" }, { usingDb: Terrapin.getConnection("copy") }))).toBe("copy");
  });

  it("leave reads to the transaction that the model is written in", async () => {
    const { went } = await start([split]);
    const both = async (): Promise<void> => {
      await User.create({ name: "a" });
      await User.all();
    };
    expect(await went(() => inTransaction(both, { connection: "main" }))).toBe("main");
    expect(await went(both)).toBe("main copy");
    // One for reading takes no writes, which belong elsewhere.
    expect(await went(() => inTransaction(both, { connection: "copy" }))).toBe("main copy");
  });

  it("leave a model alone that is kept elsewhere than the open transaction", async () => {
    const { went, main } = await start([
      { dbForRead: (model) => (model === Tag ? "copy" : null), dbForWrite: (model) => (model === Tag ? "copy" : null) },
    ]);
    expect(await went(() => inTransaction(() => Tag.create({ slug: "a" }), { connection: "main" }))).toBe("main copy");
    expect(main.statements.map(({ sql }) => sql)).toEqual(["BEGIN", "COMMIT"]);
  });

  it("may be classes, made once", async () => {
    let made = 0;
    class ToCopy {
      constructor() {
        made++;
      }
      readonly #name = "copy";
      dbForRead(): string {
        return this.#name;
      }
    }
    const { went } = await start([ToCopy]);
    expect(await went(() => User.all())).toBe("copy");
    expect(await went(() => User.all())).toBe("copy");
    expect(made).toBe(1);
  });

  it("hold for the context that they were given to", async () => {
    await start([split]);
    const alone = mock({ dialect: sqliteDialect });
    const other = await Terrapin.context({ connections: { default: alone }, models: loose(models) });
    await other.run(() => User.all());
    expect(alone.statements.length).toBe(1);
  });

  it("are found in modules by their path", async () => {
    const folder = ownFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const named = file("named.mjs", 'export const other = 1; export class R { dbForRead() { return "copy"; } }');
    const usual = file("usual.mjs", 'export default { dbForRead: () => "copy" }; export const b = { dbForRead() {} };');
    for (const path of [named, usual]) {
      const { went } = await start([path]);
      expect(await went(() => User.all())).toBe("copy");
    }
    await expect(start([file("none.mjs", "export const a = 1;")])).rejects.toThrow(/exports no router/);
    const two = "export class A { dbForRead() {} } export class B { dbForWrite() {} }";
    await expect(start([file("two.mjs", two)])).rejects.toMatchObject({ code: "router" });
    const { init } = core;
    await expect(
      init({ connections: { main: mock({ dialect: sqliteDialect }) }, models: {}, routers: ["./x.js"] }),
    ).rejects.toMatchObject({ code: "no_files" });
  });

  it("may stand in a configuration record", async () => {
    const copy = mock({ dialect: sqliteDialect });
    await Terrapin.init({
      config: {
        connections: { default: mock({ dialect: sqliteDialect }), copy },
        apps: { models: { models: [loose(models)] } },
        ROUTERS: [split],
      },
    });
    await User.all();
    expect(copy.statements.length).toBe(1);
  });

  it("that name a connection which there is not are an error, not the default", async () => {
    await start([
      class Lost implements Router {
        dbForRead = (): string => "cpoy";
      },
    ]);
    await expect(User.all()).rejects.toThrow(ConfigurationError);
    await expect(User.all()).rejects.toMatchObject({ code: "unknown_connection", hint: "known: main, copy" });
    await expect(User.all()).rejects.toThrow(/Lost\.dbForRead sends models\.User to the connection "cpoy"/);
  });

  it.each<[string, unknown, RegExp]>([
    [
      "an answer that is a promise",
      { dbForRead: async () => "copy" },
      /a router.dbForRead gave a Promise for models.User/,
    ],
    ["an answer that is a number", { dbForRead: () => 7 }, /gave a number/],
    ["an answer without a name", { dbForRead: () => "" }, /""/],
  ])("refuse %s", async (_what, router, message) => {
    await start([router as Router]);
    await expect(User.all()).rejects.toThrow(message);
    await expect(User.create({ name: "a" })).resolves.toBeDefined();
  });

  it.each<[string, unknown, RegExp]>([
    ["an object that routes nothing", { db_for_read: () => "copy" }, /neither dbForRead nor dbForWrite/],
    ["a class that routes nothing", class Nothing {}, /Nothing has neither/],
    ["a function that makes none", () => split, /neither/],
    ["a number", 7, /Router must be either str or type, not a number/],
    ["nothing", null, /not null/],
  ])("cannot be %s", async (_what, router, message) => {
    await expect(start([router as Router])).rejects.toThrow(message);
    await expect(start([router as Router])).rejects.toMatchObject({ code: "router" });
  });

  it("that throw, fail the query with their own error", async () => {
    await start([
      {
        dbForRead() {
          throw new RangeError("no shard");
        },
      },
    ]);
    await expect(User.all()).rejects.toThrow(RangeError);
  });
});

it("prefetches on the connection that the rows came from", async () => {
  const main = sqlite(":memory:");
  const copy = sqlite(":memory:");
  await Terrapin.init({
    connections: { main, copy },
    apps: { models: { models: loose(models), defaultConnection: "main" } },
    routers: [{ dbForRead: (model) => (model === User ? "copy" : null) }],
  });
  await Terrapin.generateSchemas();
  const made = await Terrapin.context({ connections: { default: copy }, models: loose(models) });
  await made.generateSchemas();
  const ann = await User.create({ name: "ann" }, { usingDb: "copy" });
  await Post.create({ title: "on the copy", author: ann }, { usingDb: "copy" });
  const [user] = await User.all().prefetchRelated("posts");
  expect(user.posts[0].title).toBe("on the copy");
});
