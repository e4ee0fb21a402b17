import { existsSync } from "node:fs";
import { join } from "node:path";
import { fields, inTransaction, Model } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { fixtures, sandbox, type TestFixtures } from "terrapin/testing";
import { afterAll, describe, expect, test as base } from "vitest";
import { sharedFolder } from "../../support/folder.js";

class User extends Model.define({ name: fields.char({ maxLength: 20 }) }) {}

const folder = sharedFolder();
const paths: string[] = [];
const test = base.extend<TestFixtures>(
  fixtures({
    connections: {
      default: (name) => {
        paths.push(join(folder, name));
        return sqlite(join(folder, name));
      },
    },
    models: { User },
    prepare: async (orm) => {
      await orm.generateSchemas();
      await User.create({ name: "everybody's" });
    },
  }),
);
afterAll(() => expect(paths.length).toBe(1));

describe("fixtures of vitest", () => {
  for (const round of [1, 2])
    test(`give each test the database as it was made, round ${round}`, async ({ db, box }) => {
      expect(await User.count()).toBe(1);
      await User.create({ name: "mine" });
      await inTransaction(() => User.create({ name: "mine too" }));
      expect(await User.count()).toBe(3);
      expect(existsSync(join(folder, db.name))).toBe(true);
      expect(box.transactions.length).toBe(1);
    });

  test("work for tests that name none of them", async () => {
    expect(await User.count()).toBe(1);
    await User.all().delete();
  });

  test("leave a sandbox of one's own to a test", async () => {
    await sandbox(() => User.all().delete());
    expect(await User.count()).toBe(1);
  });
});
