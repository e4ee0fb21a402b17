import { fields, Model } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { fixtures, sandbox, type TestFixtures } from "terrapin/testing";
import { describe, test as base } from "vitest";

class User extends Model.define({ name: fields.char({ maxLength: 20 }) }) {}

const { db } = fixtures({ connections: { default: () => sqlite(":memory:") }, models: { User } });
const test = base.extend<Pick<TestFixtures, "db">>({ db });
test.aroundEach(async (runTest, { db: _ }) => {
  await sandbox(async () => runTest());
});

describe("a sandbox around each test", () => {
  test.concurrent.for([1, 2, 3])("keeps those apart that run at the same time: %i", async (_, { expect }) => {
    expect(await User.count()).toBe(0);
    await User.create({ name: "mine" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await User.count()).toBe(1);
  });
});
