import {
  FieldError,
  inTransaction,
  ParamsError,
  Prefetch,
  TransactionManagementError,
  UnsupportedError,
  type Dialect,
} from "terrapin";
import { beforeEach, describe, expect, it } from "vitest";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { recording } from "../../support/expect-sql.js";
import { loose } from "../../support/loose.js";
import { models } from "../../support/related-models.js";

const { User, Post, Tag } = loose(models);

/** As much of MySQL as locks and hints need. */
const mysql: Dialect = {
  ...sqliteDialect,
  name: "MySQL",
  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  forUpdate: true,
  forUpdateOf: true,
  indexHints: true,
  explain: "EXPLAIN FORMAT=JSON ",
  explainFormats: { json: "EXPLAIN FORMAT=JSON ", tree: "EXPLAIN FORMAT=TREE " },
};
const mariadb: Dialect = { ...mysql, name: "MariaDB", forUpdateOf: false };

const { driver, run } = await recording(models, [], mysql);
const maria = await recording(models, [], mariadb);
const lite = await recording(models);
beforeEach(() => driver.clear());

/** What is sent inside a transaction. */
async function locked(query: () => unknown): Promise<string[]> {
  await run(() => inTransaction(async () => void (await query())));
  return driver.statements.map(({ sql }) => sql).filter((sql) => sql !== "BEGIN" && sql !== "COMMIT");
}
async function sent(query: () => unknown): Promise<string[]> {
  await run(async () => void (await query()));
  return driver.statements.map(({ sql }) => sql);
}

describe("selectForUpdate", () => {
  it("locks the rows of a query until the transaction ends", async () => {
    expect(await locked(() => Tag.selectForUpdate().filter({ rank: 1 }).limit(5))).toEqual([
      "SELECT `slug`, `rank` FROM `Tag` WHERE `rank` = ? LIMIT ? + 0 FOR UPDATE".replace("Tag", "tag"),
    ]);
    expect(await locked(() => Tag.all().selectForUpdate({ nowait: true }))).toContain(
      "SELECT `slug`, `rank` FROM `tag` FOR UPDATE NOWAIT",
    );
    expect(await locked(() => Tag.all().selectForUpdate({ skipLocked: true, nowait: false }))).toContain(
      "SELECT `slug`, `rank` FROM `tag` FOR UPDATE SKIP LOCKED",
    );
    expect(await locked(() => Tag.filter({ rank: 1 }).first().selectForUpdate())).toContain(
      "SELECT `slug`, `rank` FROM `tag` WHERE `rank` = ? ORDER BY `slug` LIMIT 1 FOR UPDATE",
    );
  });

  it("names tables in the words of relations", async () => {
    const query = Post.all().only("id").selectRelated("author", "reviewer");
    const [sql] = await locked(() => query.selectForUpdate({ of: ["self", "reviewer"], skipLocked: true }));
    expect(sql).toMatch(/LEFT JOIN `users` AS `(\w+)` ON .* FOR UPDATE OF `post`, `\1` SKIP LOCKED$/);
    await expect(locked(() => query.selectForUpdate({ of: ["tags"] }))).rejects.toThrow(FieldError);
    await expect(locked(() => query.selectForUpdate({ of: ["tags"] }))).rejects.toThrow(/self, author, reviewer/);
  });

  it("keeps plans with different locks apart", async () => {
    const ways = [{}, { nowait: true }, { skipLocked: true }, { of: ["self"] }];
    for (const _ of [1, 2]) for (const way of ways) await locked(() => User.all().selectForUpdate(way));
    await locked(() => User.all());
    const ends = driver.statements
      .map(({ sql }) => /FROM `users`(.*)/.exec(sql)?.[1])
      .filter((end) => end !== undefined);
    const once = [" FOR UPDATE", " FOR UPDATE NOWAIT", " FOR UPDATE SKIP LOCKED", " FOR UPDATE OF `users`"];
    expect(ends).toEqual([...once, ...once, ""]);
  });

  it("locks the related rows of a Prefetch, also where they are numbered", async () => {
    driver.answer(/FROM `users`/, () => ({ rows: [[1, "ann", null]] }));
    const locking = (query: unknown): Promise<string[]> =>
      locked(() => User.all().prefetchRelated(Prefetch("posts", loose(query))));
    expect((await locking(Post.all().selectForUpdate()))[1]).toMatch(/ FOR UPDATE$/);
    expect((await locking(Post.all().limit(1).selectForUpdate()))[3]).toMatch(/ FOR UPDATE\) AS `rows` WHERE/);
  });

  it("says nothing of rows that are only counted", async () => {
    const [count, exists] = await sent(async () => {
      await User.selectForUpdate().count();
      await User.selectForUpdate().exists();
    });
    expect([count, exists].join()).not.toContain("FOR UPDATE");
  });

  it("is shown by sql(), and explained, outside of a transaction too", async () => {
    await run(async () => {
      expect(Tag.selectForUpdate().sql()).toBe("SELECT `slug`, `rank` FROM `tag` FOR UPDATE");
      await Tag.selectForUpdate().explain();
    });
    expect(driver.statements[0]!.sql).toBe("EXPLAIN FORMAT=JSON SELECT `slug`, `rank` FROM `tag` FOR UPDATE");
  });

  it("outside of a transaction is refused: the lock would end before the rows arrive", async () => {
    const query = User.selectForUpdate();
    await expect(run(() => query.run())).rejects.toThrow(TransactionManagementError);
    await expect(run(() => query.run())).rejects.toMatchObject({ code: "lock_outside" });
    await expect(
      run(async () => {
        for await (const _ of query.orderBy("name"));
      }),
    ).rejects.toMatchObject({ code: "lock_outside" });
    expect(driver.statements).toEqual([]);
  });

  it("joins the transaction that it is given by hand", async () => {
    await run(() => inTransaction(async (tx) => void (await User.selectForUpdate({ usingDb: tx }))));
    expect(driver.statements.at(-2)!.sql).toMatch(/FOR UPDATE$/);
  });

  it("is refused by name where it has no meaning, with the way out", async () => {
    const query = (): unknown => User.selectForUpdate().run();
    await expect(lite.run(query)).rejects.toThrow(UnsupportedError);
    await expect(lite.run(() => inTransaction(async () => query()))).rejects.toThrow(/SQLite.*inTransaction\(\)/);
    const of = (): unknown => User.selectForUpdate({ of: ["self"] }).run();
    await expect(maria.run(() => inTransaction(async () => of()))).rejects.toThrow(/MariaDB/);
    await maria.run(() => inTransaction(async () => void (await User.selectForUpdate({ nowait: true }))));
    expect(lite.driver.statements.filter(({ sql }) => sql.startsWith("SELECT"))).toEqual([]);
  });

  it("of a query inside another is refused", async () => {
    const inner = Post.selectForUpdate().valuesList("authorId", { flat: true });
    await expect(sent(() => User.filter({ id__in: inner }))).rejects.toThrow(/locks nothing/);
  });

  it.each<[string, unknown, RegExp]>([
    ["an unknown option", { skip_locked: true }, /"skip_locked".*nowait, skipLocked, of, usingDb/],
    ["both ways at once", { nowait: true, skipLocked: true }, /contradict/],
    ["a way that is no boolean", { nowait: 1 }, /nowait is true or false, not a number/],
    ["one name instead of a list", { of: "self" }, /of takes names/],
    ["names that are none", { of: [7] }, /takes names, not a number/],
    ["no options", null, /null/],
  ])("refuses %s at once", (_what, options, message) => {
    expect(() => User.selectForUpdate(options)).toThrow(ParamsError);
    expect(() => User.all().selectForUpdate(options)).toThrow(message);
  });
});

describe("forceIndex and useIndex", () => {
  it("name indexes for the table of the query", async () => {
    expect(await sent(() => Tag.all().forceIndex("by rank", "b`c").filter({ rank: 1 }))).toEqual([
      "SELECT `slug`, `rank` FROM `tag` FORCE INDEX (`by rank`, `b``c`) WHERE `rank` = ?",
    ]);
    driver.clear();
    expect(
      await sent(() =>
        Tag.all()
          .useIndex("a")
          .useIndex("b", "a")
          .get({ rank: 1 })
          .catch(() => {}),
      ),
    ).toEqual(["SELECT `slug`, `rank` FROM `tag` USE INDEX (`a`, `b`) WHERE `rank` = ? LIMIT 2"]);
  });

  it("go along into counts, values and queries inside others", async () => {
    const query = Tag.all().forceIndex("a");
    const all = await sent(async () => {
      await query.count();
      await query.distinct().count();
      await query.exists();
      await query.values("slug");
      await query.getOrNone({ rank: 1 });
      await Tag.filter({ slug__in: query }).limit(1);
    });
    expect(all.length).toBe(6);
    for (const sql of all) expect(sql).toMatch(/FROM `tag`( AS `\w+`)? FORCE INDEX \(`a`\)/);
  });

  it("stand after the alias of a table that has one, before its joins", async () => {
    const [sql] = await sent(() => Post.all().useIndex("i").selectRelated("author").only("id"));
    expect(sql).toMatch(/FROM `post` USE INDEX \(`i`\) JOIN `users`/);
  });

  it("keep plans with different hints apart", async () => {
    const all = await sent(async () => {
      for (const _ of [1, 2]) {
        await Tag.all().useIndex("a");
        await Tag.all().forceIndex("a");
        await Tag.all().useIndex("a", "b");
        await Tag.all();
      }
    });
    expect(new Set(all).size).toBe(4);
    expect(all.slice(4)).toEqual(all.slice(0, 4));
  });

  it("are refused by name where there are no hints, and by writes, which cannot pass them on", async () => {
    for (const call of ["forceIndex", "useIndex"]) {
      await expect(lite.run(() => Tag.all()[call]("a").run())).rejects.toThrow(UnsupportedError);
      await expect(lite.run(() => Tag.all()[call]("a").count().run())).rejects.toThrow(
        `SQLite cannot be told by ${call}()`,
      );
      expect(() => Tag.all()[call]("a").update({ rank: 1 })).toThrow(ParamsError);
      expect(() => Tag.all()[call]("a").delete()).toThrow(`delete() cannot pass on ${call}()`);
    }
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no name", () => Tag.all().forceIndex(), /needs the name of an index/],
    ["an empty name", () => Tag.all().useIndex(""), /takes names/],
    ["what is no name", () => Tag.all().useIndex("a", 7), /not a number/],
    ["both at once", () => Tag.all().useIndex("a").forceIndex("b"), /exclude each other/],
  ])("refuse %s", (_what, make, message) => {
    expect(make).toThrow(ParamsError);
    expect(make).toThrow(message);
  });
});

describe("explain", () => {
  it("takes a format that the database has", async () => {
    const all = await sent(async () => {
      await Tag.all().explain();
      await Tag.all().explain({ format: "tree" });
      await Tag.filter({ rank: 1 }).first().explain({ format: "json" });
    });
    expect(all.map((sql) => sql.split(" SELECT")[0])).toEqual([
      "EXPLAIN FORMAT=JSON",
      "EXPLAIN FORMAT=TREE",
      "EXPLAIN FORMAT=JSON",
    ]);
    await lite.run(() => Tag.all().explain({ format: "bytecode" }).run());
    expect(lite.driver.statements.at(-1)!.sql).toMatch(/^EXPLAIN SELECT/);
  });

  it("refuses one that it has not, by name, and options that there are not", async () => {
    const wrong = lite.run(() => Tag.all().explain({ format: "tree" }).run());
    await expect(wrong).rejects.toThrow(UnsupportedError);
    await expect(wrong).rejects.toThrow(/SQLite does not explain a query as "tree".*known: bytecode/);
    await expect(run(() => Tag.all().explain({ format: "toString" }).run())).rejects.toThrow(UnsupportedError);
    expect(() => Tag.all().explain({ formatt: "json" })).toThrow(/"formatt".*known: format/);
    expect(() => Tag.all().explain({ format: 7 })).toThrow(ParamsError);
    expect(() => Tag.all().first().explain(null)).toThrow(ParamsError);
  });
});
