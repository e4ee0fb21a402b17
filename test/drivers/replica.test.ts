import { join } from "node:path";
import {
  fields,
  getConnection,
  inTransaction,
  Model,
  postSave,
  stats,
  Terrapin,
  withStats,
  type ManyToManyRelation,
  type RequestScope,
  type ReverseRelation,
  type Router,
  type TerrapinContext,
} from "terrapin";
import { openSandbox, sandbox } from "terrapin/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setAsyncStore } from "../../core/connection/context.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { asyncContext } from "../../node/async-context.js";
import { ownFolder } from "../support/folder.js";

class Author extends Model.define({ name: fields.char({ maxLength: 50 }) }) {
  declare books: ReverseRelation<Book>;
}
class Book extends Model.define({
  title: fields.char({ maxLength: 50 }),
  author: fields.foreignKey<Author>("Author", { relatedName: "books" }),
  tags: fields.manyToMany<Tag>("Tag", { relatedName: "books" }),
}) {}
class Tag extends Model.define({ name: fields.char({ maxLength: 50 }) }) {
  declare books: ManyToManyRelation<Book>;
}
class Visit extends Model.define({ page: fields.char({ maxLength: 50 }) }) {}

/** Visits are kept on a database of their own; everything else is written to the primary and read from its copy. */
const router: Router = {
  dbForRead: (model) => (model === Visit ? "visits" : "replica"),
  dbForWrite: (model) => (model === Visit ? "visits" : "primary"),
};
const models = { Author, Book, Tag };

let orm: TerrapinContext;

beforeEach(async () => {
  const folder = ownFolder();
  const file = (name: string) =>
    sqlite({ filePath: join(folder, `${name}.db`), synchronous: "OFF", acquireTimeout: 300 });
  const connections = { primary: file("primary"), replica: file("replica") };
  // Both files have the tables; nothing is ever copied, so each read tells where it went.
  const copy = await Terrapin.context({ connections: { default: connections.replica }, models });
  await copy.generateSchemas();
  orm = await Terrapin.init({
    connections,
    apps: { models: { models, defaultConnection: "primary" } },
    routers: [router],
  });
  await orm.generateSchemas();
});
afterEach(() => Terrapin.closeConnections());

const names = async (): Promise<string[]> => Author.orderBy("name").valuesList("name", { flat: true });

describe("a primary and its replica", () => {
  it("writes to the one and reads from the other", async () => {
    await Author.create({ name: "written" });
    expect(await names()).toEqual([]);
    expect(await Author.usingDb("primary").count()).toBe(1);
    await Author.usingDb("replica").create({ name: "copied" });
    expect(await names()).toEqual(["copied"]);
  });

  it("reads what was written in the same scope, on the primary", async () => {
    await orm.run(async () => {
      expect(await names()).toEqual([]);
      const ann = await Author.create({ name: "ann" });
      expect(await names()).toEqual(["ann"]);
      expect(await Author.filter({ name: "ann" }).exists()).toBe(true);
      ann.name = "anna";
      await ann.save();
      await ann.refreshFromDb();
      expect((await Author.get({ name__startswith: "ann" })).name).toBe("anna");
      // Every model that is written to this primary.
      await ann.books.create({ title: "one" });
      expect(await Book.all().count()).toBe(1);
      expect((await Author.all().prefetchRelated("books"))[0]!.books.map((book) => book.title)).toEqual(["one"]);
      for await (const author of Author.all()) expect(author.name).toBe("anna");
    });
    expect(await names()).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ["create", () => Author.create({ name: "b" })],
    ["bulkCreate", () => Author.bulkCreate([new Author({ name: "b" })])],
    ["update", () => Author.filter({ name: "a" }).update({ name: "b" })],
    ["delete", () => Author.filter({ name: "nobody" }).delete()],
    ["getOrCreate", () => Author.getOrCreate({ name: "a" })],
    ["a pair of a many-to-many relation", async () => (await Book.usingDb("primary").all())[0]!.tags.clear()],
    ["a write that names the connection", () => Author.create({ name: "b" }, { usingDb: "primary" })],
    ["a write by handle", () => Author.usingDb(getConnection("primary")).create({ name: "b" })],
    ["a transaction", () => inTransaction((tx) => tx.executeQuery('UPDATE "author" SET "name" = ?', ["b"]))],
  ])("counts %s as a write", async (_what, write) => {
    await Author.usingDb("replica").create({ name: "copied" });
    const author = await Author.create({ name: "a" });
    await Book.create({ title: "t", author });
    await orm.run(async () => {
      expect(await names()).toEqual(["copied"]);
      await write();
      expect(await names()).not.toContain("copied");
    });
  });

  it("goes on reading the replica after reads, and after a write that was built and never ran", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    await orm.run(async () => {
      // oxlint-disable-next-line typescript/no-floating-promises -- that is the point
      Author.create({ name: "never" });
      await Author.all();
      expect(await names()).toEqual(["copied"]);
    });
  });

  it("keeps scopes apart that run at the same time", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    const request = (writes: boolean): Promise<string[]> =>
      orm.run(async () => {
        if (writes) await Author.create({ name: "mine" });
        await new Promise((resolve) => setTimeout(resolve, 5));
        return names();
      });
    const [one, two, three] = await Promise.all([request(true), request(false), request(true)]);
    expect([one, two, three]).toEqual([["mine", "mine"], ["copied"], ["mine", "mine"]]);
  });

  it("ends with the innermost scope: what stands around a run reads its replica on", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    await orm.run(async () => {
      await orm.run(async () => {
        await Author.create({ name: "inner" });
        expect(await names()).toEqual(["inner"]);
      });
      expect(await names()).toEqual(["copied"]);
    });
  });

  it("remembers through what stands inside the scope: transactions, counters, listeners", async () => {
    const stop = postSave(Author, async ({ instance }) => {
      if (instance.name === "first") await Author.create({ name: "second" });
    });
    await orm.run(async () => {
      await withStats(() => inTransaction(() => Author.create({ name: "first" })));
      expect(await names()).toEqual(["first", "second"]);
    });
    stop();
    await withStats(async () => {
      await Author.create({ name: "third" });
      expect(await names()).toEqual(["first", "second", "third"]);
      expect(stats()?.statements).toBe(2);
    });
    expect(await names()).toEqual([]);
  });

  it("says nothing of models that are written elsewhere", async () => {
    const visits = sqlite(":memory:");
    const replica = sqlite(":memory:");
    const connections = { primary: sqlite(":memory:"), replica, visits };
    const more = await Terrapin.context({
      connections,
      apps: {
        models: { models, defaultConnection: "primary" },
        log: { models: { Visit }, defaultConnection: "visits" },
      },
      routers: [router],
    });
    await more.generateSchemas();
    await (await Terrapin.context({ connections: { default: replica }, models })).generateSchemas();
    await more.run(async () => {
      await Author.usingDb("replica").create({ name: "copied" });
      await Visit.create({ page: "/" });
      expect(await names()).toEqual(["copied"]);
      await expect(inTransaction(() => Author.create({ name: "a" }))).rejects.toMatchObject({
        code: "which_connection",
      });
    });
    await more.closeConnections();
  });
});

describe("a transaction", () => {
  it("is on the primary when routers write all models there, and takes the reads", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    await inTransaction(async (tx) => {
      expect(tx.connectionName).toBe("primary");
      expect(await names()).toEqual([]);
      await Author.create({ name: "a" });
      expect(await names()).toEqual(["a"]);
    });
    expect(await names()).toEqual(["copied"]);
  });

  it("that is rolled back leaves nothing, and the scope on the primary", async () => {
    await orm.run(async () => {
      await inTransaction(async () => {
        await Author.create({ name: "gone" });
        throw new Error("no");
      }).catch(() => undefined);
      expect(await names()).toEqual([]);
      await Author.usingDb("replica").create({ name: "copied" });
      expect(await names()).toEqual([]);
    });
  });
});

describe("a sandbox", () => {
  it("is on the primary, and takes the reads", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    await sandbox(async (...transactions) => {
      expect(transactions.map((tx) => tx.connectionName)).toEqual(["primary"]);
      await Author.create({ name: "a" });
      expect(await names()).toEqual(["a"]);
    });
    expect([await names(), await Author.usingDb("primary").count()]).toEqual([["copied"], 0]);
  });

  it("between hooks stands in the place of the replica too", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    const box = await openSandbox();
    await Author.create({ name: "a" });
    expect([await names(), await Author.usingDb("replica").count()]).toEqual([["a"], 1]);
    await inTransaction(() => Author.create({ name: "b" }));
    expect(await names()).toEqual(["a", "b"]);
    await box.close();
    expect([await names(), await Author.usingDb("primary").count()]).toEqual([["copied"], 0]);
  });

  it("on both connections lets the writes be seen", async () => {
    await sandbox(
      async () => {
        await Author.create({ name: "a" });
        expect(await names()).toEqual(["a"]);
      },
      { connections: ["replica", "primary"] },
    );
  });
});

describe("where nothing carries scopes", () => {
  beforeEach(() => setAsyncStore(null));
  afterEach(() => setAsyncStore(asyncContext()));

  it("reads go to the replica, and by handle to the primary or the transaction", async () => {
    const ann = await Author.create({ name: "ann" });
    expect(await names()).toEqual([]);
    expect(await Author.usingDb("primary").count()).toBe(1);
    await ann.refreshFromDb({ usingDb: "primary" });
    await inTransaction(async (tx) => {
      expect(tx.connectionName).toBe("primary");
      await tx.use(Author).create({ name: "bob" });
      expect(await tx.use(Author).count()).toBe(2);
      // Only the handle says that a call belongs to the transaction.
      expect(await names()).toEqual([]);
    });
    expect(await Author.usingDb("primary").count()).toBe(2);
  });

  it("a scope by handle reads what was written in it", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    const [one, other] = [orm.scope(), orm.scope()];
    const seen = (scope: RequestScope) => Author.usingDb(scope).all().valuesList("name", { flat: true });
    expect(await seen(one)).toEqual(["copied"]);
    const ann = await one.use(Author).create({ name: "ann" });
    expect([await seen(one), await seen(other), await names()]).toEqual([["ann"], ["copied"], ["copied"]]);
    await Book.create({ title: "one", author: ann }, { usingDb: one });
    const [loaded] = await Author.all().usingDb(one).prefetchRelated("books");
    expect(loaded!.books.map((book) => book.title)).toEqual(["one"]);
    ann.name = "anna";
    await ann.save({ usingDb: one });
    await ann.refreshFromDb({ usingDb: one });
    expect(ann.name).toBe("anna");
    expect(await one.use(ann.books).count()).toBe(1);
  });

  it("a transaction of such a scope is on the primary, and counts as a write", async () => {
    await Author.usingDb("replica").create({ name: "copied" });
    const scope = orm.scope();
    await inTransaction(async (tx) => tx.use(Author).create({ name: "ann" }), { connection: scope });
    expect(await scope.use(Author).all().valuesList("name", { flat: true })).toEqual(["ann"]);
    const reading = orm.scope();
    await withStats(() => reading.use(Author).count(), { connection: reading });
    expect(await reading.use(Author).all().valuesList("name", { flat: true })).toEqual(["copied"]);
  });

  it("a scope belongs to its context, whatever the default one is", async () => {
    const alone = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models, asyncContext: null });
    await alone.generateSchemas();
    const scope = alone.scope();
    await scope.use(Author).create({ name: "elsewhere" });
    expect([await Author.usingDb(scope).count(), await Author.usingDb("primary").count()]).toEqual([1, 0]);
    class Stranger extends Model.define({ name: fields.text() }) {}
    await expect(Stranger.usingDb(scope).count()).rejects.toMatchObject({ code: "not_registered" });
    await alone.closeConnections();
  });
});

it("a scope by handle joins the transaction that its caller runs in", async () => {
  const scope = orm.scope();
  await inTransaction(async () => {
    await scope.use(Author).create({ name: "ann" });
    expect(await scope.use(Author).count()).toBe(1);
    throw new Error("no");
  }).catch(() => undefined);
  expect(await Author.usingDb("primary").count()).toBe(0);
});
