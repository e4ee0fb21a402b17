import { fields, inTransaction, Model } from "terrapin";
import { mysql } from "terrapin/mysql";
import { fixtures, type TestFixtures } from "terrapin/testing";
import { describe, expect, test as base } from "vitest";
import { mysqlServer } from "../support/databases.js";

class User extends Model.define({ name: fields.char({ maxLength: 20, unique: true }) }) {}

const server = new URL(await mysqlServer());
const test = base.extend<TestFixtures>(
  fixtures({
    connections: { default: (name) => mysql(Object.assign(new URL(server), { pathname: `/${name}` }).href) },
    models: { User },
    prepare: async (orm) => {
      await orm.generateSchemas();
      await User.create({ name: "everybody's" });
    },
  }),
);

describe("fixtures of vitest on MariaDB", () => {
  for (const round of [1, 2])
    test(`give each test the database as it was made, round ${round}`, async ({ db }) => {
      expect(await User.count()).toBe(1);
      await User.create({ name: "mine" });
      await inTransaction(() => User.create({ name: "mine too" }));
      await expect(User.create({ name: "mine" })).rejects.toMatchObject({ kind: "unique" });
      expect(await User.count()).toBe(3);
      expect(db.orm.connections.get("default").isTransaction).toBe(true);
    });

  test("refuse what would commit the sandbox", async ({ db }) => {
    await expect(db.orm.generateSchemas()).rejects.toMatchObject({ code: "implicit_commit" });
    expect(await User.count()).toBe(1);
  });
});
