import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fields, getConnection, inTransaction, Model, type ReverseRelation } from "terrapin";
import { captureQueries, expectQueries, mock, QueryCountError } from "terrapin/testing";
import { ParamsError } from "../../../core/base/errors.js";
import { Connection } from "../../../core/connection/connection.js";
import { asyncStore, setAsyncStore } from "../../../core/connection/context.js";
import { watcher } from "../../../core/connection/observing.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";
import { tablesForEach } from "../../support/tables.js";

class User extends Model.define({ id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 20 }) }) {
  declare posts: ReverseRelation<Post>;
}
class Post extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  user: fields.foreignKey<User>("User", { relatedName: "posts" }),
}) {}

tablesForEach({ User, Post });
beforeEach(async () => {
  const user = await User.create({ name: "ö" });
  await Post.create({ user });
});
afterEach(() => expect(watcher).toBeNull());

describe("expectQueries", () => {
  it("passes when so many ran, and gives what the function gives", async () => {
    const users = await expectQueries(2, () => User.all().prefetchRelated("posts"));
    expect(users[0]!.name).toBe("ö");
    await expectQueries(0, async () => {});
  });

  it.each([0, 1, 3])("fails with the statements that ran, when not %d but two did", async (wanted) => {
    const error = await expectQueries(wanted, () => User.filter({ name: "ö" }).prefetchRelated("posts")).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(QueryCountError);
    const { message, queries } = error as QueryCountError;
    expect(message).toMatch(wanted === 1 ? /^expected 1 statement, not 2\n/ : /^expected \d statements, not 2\n/);
    expect(message).toContain("1. -- default");
    expect(message).toContain('SELECT "id", "name" FROM "user" WHERE "name" = ?');
    expect(message).toContain('-- ["ö"]');
    expect(message).toContain("2. -- default");
    expect(queries).toHaveLength(2);
  });

  it("counts no BEGIN and no COMMIT, unless round trips are asked for", async () => {
    const work = () => inTransaction(() => User.create({ name: "x" }));
    await expectQueries(1, work);
    await expectQueries({ statements: 1, roundTrips: 3 }, work);
    await expect(expectQueries({ roundTrips: 1 }, work)).rejects.toThrow("expected 1 round trip, not 3");
  });

  it("lets the function's own error through", async () => {
    await expect(expectQueries(1, () => User.get({ id: 99 }))).rejects.toThrow("User");
    await expect(
      expectQueries(1, () => {
        throw new Error("mine");
      }),
    ).rejects.toThrow("mine");
  });

  it("counts only what its function sends, beside others", async () => {
    await Promise.all([
      expectQueries(1, () => User.all()),
      expectQueries(3, async () => {
        for (let i = 0; i < 3; i++) await User.count();
      }),
      User.count(),
    ]);
  });

  it("can keep to one connection", async () => {
    const other = new Connection("other", mock({ dialect }));
    await expectQueries(
      1,
      async () => {
        await User.count();
        void other.run("SELECT 1", []);
      },
      { connection: other },
    );
  });

  it("lists fifty statements at most", async () => {
    const many = async () => {
      for (let i = 0; i < 60; i++) await User.count();
    };
    const { message } = (await expectQueries(1, many).catch((reason: unknown) => reason as Error)) as Error;
    expect(message).toContain("50. --");
    expect(message).not.toContain("51. --");
    expect(message).toContain("… and 10 more");
  });

  it.each([[-1], [1.5], ["2"], [{}], [null]])("refuses %j as a number of statements", async (wanted) => {
    await expect(expectQueries(wanted as never, () => 1)).rejects.toThrow(ParamsError);
  });

  it("needs a function", async () => {
    await expect(expectQueries(1, User.all() as never)).rejects.toThrow(ParamsError);
  });
});

describe("captureQueries", () => {
  it("gives the answer, the events in order, and the counters", async () => {
    const { result, queries, stats } = await captureQueries(() => User.filter({ name: "ö" }).count());
    expect(result).toBe(1);
    expect(queries).toMatchObject([{ kind: "run", params: ["ö"], rows: 1, connection: "default" }]);
    expect(stats).toMatchObject({ statements: 1, roundTrips: 1 });
    const redacted = await captureQueries(() => User.filter({ name: "ö" }).count(), { params: false });
    expect(redacted.queries[0]).toMatchObject({ params: null, paramTypes: ["text"] });
  });

  it("captures everything meanwhile where nothing carries scopes", async () => {
    const store = asyncStore();
    const db = getConnection("default");
    setAsyncStore(null);
    try {
      const { queries } = await captureQueries(() => db.executeQuery("SELECT 1"));
      expect(queries.map(({ sql }) => sql)).toEqual(["SELECT 1"]);
    } finally {
      setAsyncStore(store);
    }
  });
});
