import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  context,
  fields,
  inTransaction,
  Model,
  observe,
  repeatedQueries,
  withStats,
  type ReverseRelation,
} from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { ParamsError } from "../../../core/base/errors.js";
import { Connection } from "../../../core/connection/connection.js";
import { mock } from "../../../core/testing/mock.js";
import type { TerrapinContext } from "../../../core/orm.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";
import { later } from "../../support/later.js";

class User extends Model.define({ id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 20 }) }) {
  declare posts: ReverseRelation<Post>;
}
class Post extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  user: fields.foreignKey<User>("User", { relatedName: "posts" }),
}) {}

let orm: TerrapinContext;
let warnings: string[] = [];
const stops: (() => void)[] = [];
const detect = (options: Parameters<typeof repeatedQueries>[0] = 3): void => {
  const given = typeof options === "number" ? { limit: options } : options;
  stops.push(observe(repeatedQueries({ warn: (message) => warnings.push(message), ...given })));
};
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

beforeEach(() => {
  warnings = [];
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

describe.each([
  ["answers at once", (): ReturnType<typeof sqlite> => sqlite(":memory:")],
  ["answers later", () => later(sqlite(":memory:"))],
])("on a driver that %s", (_name, driver) => {
  beforeEach(async () => {
    orm = await context({ connections: { default: driver() }, models: { User, Post } });
    await orm.generateSchemas();
    await orm.run(async () => {
      await User.bulkCreate(Array.from({ length: 8 }, (_, i) => new User({ name: `u${i}` })));
      await Post.bulkCreate(Array.from({ length: 8 }, (_, i) => new Post({ userId: i + 1 })));
    });
  });
  afterEach(() => orm.closeConnections());

  it("names the line of a loop over unloaded relations, once, with the query, the count and the cure", async () => {
    detect(3);
    const loop = async () => {
      for (const user of await User.all()) await user.posts;
    };
    await orm.run(loop);
    await orm.run(loop);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^the same query ran 4 times with other parameters, from one line: loop \(.*observe-repeated\.test\.ts:\d+:\d+\)\n/,
    );
    expect(warnings[0]).toContain('SELECT "id", "user_id" FROM "post" WHERE "user_id" = ?');
    expect(warnings[0]).toContain("prefetchRelated");
  });

  it("finds queries that run side by side, and single objects", async () => {
    detect(3);
    await orm.run(async () => {
      await Promise.all((await User.all()).map(async (user) => user.posts.all()));
      for (const post of await Post.all()) await post.user;
    });
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toContain('FROM "user"');
  });

  it("says nothing of loops whose relations were loaded, nor of as many queries as are allowed", async () => {
    detect(3);
    await orm.run(async () => {
      for (const user of await User.all().prefetchRelated("posts")) expect(user.posts.length).toBe(1);
      for (let i = 1; i <= 3; i++) await User.get({ id: i });
      for await (const user of User.all()) expect(user.id).toBeGreaterThan(0);
    });
    expect(warnings).toEqual([]);
  });

  it("says nothing of different lines, nor of different queries of a line", async () => {
    detect(1);
    await orm.run(async () => {
      await User.get({ id: 1 });
      await User.get({ id: 2 });
      for (const where of [{ id: 1 }, { name: "u1" }]) await User.filter(where as { id: number });
    });
    expect(warnings).toEqual([]);
  });

  it("counts each request, transaction and run for itself", async () => {
    detect(3);
    const byId = (id: number) => User.filter({ id }).then((found) => found.length);
    await orm.run(async () => {
      for (let request = 0; request < 3; request++)
        await withStats(async () => {
          for (let id = 1; id <= 2; id++) await byId(id);
        });
    });
    expect(warnings).toEqual([]);
    await orm.run(() =>
      inTransaction(async () => {
        for (let id = 1; id <= 4; id++) await byId(id);
      }),
    );
    expect(warnings).toHaveLength(1);
  });

  it("tells writes in a loop how to become one", async () => {
    detect(3);
    await orm.run(async () => {
      for (let i = 0; i < 4; i++) await User.create({ name: `n${i}` });
      for (const user of await User.all()) {
        user.name = "x";
        await user.save();
      }
      for (const user of await User.all()) await user.delete();
    });
    expect(warnings.map((each) => /bulkCreate|bulkUpdate|pk__in/.exec(each)?.[0])).toEqual([
      "bulkCreate",
      "bulkUpdate",
      "pk__in",
    ]);
  });

  it("tells the same query with the same parameters to be asked once", async () => {
    detect(3);
    await orm.run(async () => {
      for (let i = 0; i < 4; i++) await User.get({ id: 1 });
    });
    expect(warnings[0]).toContain("4 times with the same parameters");
    expect(warnings[0]).toContain("ask once");
  });
});

describe("outside of any scope", () => {
  const db = () => new Connection("main", mock({ dialect, async: true }));

  it("a series goes on while there is no pause", async () => {
    detect({ limit: 3, pauseMs: 20 });
    const client = db();
    for (let i = 0; i < 4; i++) await client.executeQuery("SELECT ?", [i]);
    expect(warnings).toHaveLength(1);
  });

  it("and ends with one, as queries of one request after another do", async () => {
    detect({ limit: 3, pauseMs: 5 });
    const client = db();
    for (let i = 0; i < 6; i++) {
      await client.executeQuery("SELECT ?", [i]);
      await pause(15);
    }
    expect(warnings).toEqual([]);
  });

  it("remembers no more than it must", async () => {
    detect({ limit: 2, pauseMs: 60_000 });
    const client = db();
    const ask = (sql: string) => client.executeQuery(sql);
    await ask("SELECT 0");
    await ask("SELECT 0");
    for (let i = 1; i <= 1000; i++) await ask(`SELECT ${i}`);
    await ask("SELECT 0");
    expect(warnings).toEqual([]);
  });
});

it("refuses a limit that is none", () => {
  expect(() => repeatedQueries(0)).toThrow(ParamsError);
  expect(() => repeatedQueries({ limit: "5" as never })).toThrow("a string");
});
