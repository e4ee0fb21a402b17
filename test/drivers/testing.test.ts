import { join } from "node:path";
import {
  fields,
  inTransaction,
  Model,
  Terrapin,
  type Driver,
  type ManyToManyRelation,
  type ReverseOneToOne,
  type ReverseRelation,
} from "terrapin";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { factory, openSandbox, sandbox, testContext, testDatabase, type TestDatabase } from "terrapin/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mysqlServer } from "../support/databases.js";
import { sharedFolder } from "../support/folder.js";

class User extends Model.define({
  name: fields.char({ maxLength: 20, unique: true }),
  best: fields.foreignKey<User>("User", { null: true, relatedName: false, onDelete: "RESTRICT" }),
  home: fields.foreignKey<Team>("Team", { null: true, relatedName: false, onDelete: "RESTRICT" }),
}) {
  declare profile: ReverseOneToOne<Profile>;
  declare led: ReverseRelation<Team>;
  declare teams: ManyToManyRelation<Team>;
}
class Profile extends Model.define({
  user: fields.oneToOne<User>("User", { relatedName: "profile", onDelete: "RESTRICT" }),
  bio: fields.char({ maxLength: 50, blank: true }),
}) {}
class Team extends Model.define({
  name: fields.char({ maxLength: 20 }),
  budget: fields.decimal({ maxDigits: 10, decimalPlaces: 2, default: "0.00" }),
  leader: fields.foreignKey<User>("User", { relatedName: "led", onDelete: "RESTRICT" }),
  members: fields.manyToMany<User>("User", { relatedName: "teams", onDelete: "RESTRICT" }),
}) {}
const models = { User, Profile, Team };

const users = factory(User, { name: (n) => `user${n}` });
const profiles = factory(Profile, { user: users, bio: (n) => `bio ${n}` });
const teams = factory(Team, { name: (n) => `team${n}`, leader: users, members: users.many(2) });

const folder = sharedFolder();
const server = new URL(await mysqlServer());

const names = (): PromiseLike<string[]> => User.orderBy("name").valuesList("name", { flat: true });

describe.each<[string, (name: string) => Driver]>([
  ["SQLite on a file", (name) => sqlite({ filePath: join(folder, `${name}.db`), synchronous: "OFF" })],
  ["MariaDB", (name) => mysql(Object.assign(new URL(server), { pathname: `/${name}` }).href)],
])("tests on %s", (_database, open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    for (const each of [users, profiles, teams]) each.reset();
    db = await testDatabase({ connections: { default: open }, models });
  });
  afterEach(() => db.drop());

  it("have databases of their own, made at the same time and dropped", async () => {
    const others = await Promise.all([1, 2, 3].map(() => testContext({ connections: { default: open }, models })));
    await Promise.all(others.map(({ orm }) => orm.run(() => users.createMany(2))));
    await User.create({ name: "here" });
    for (const { orm } of others) expect(await orm.run(() => User.count())).toBe(2);
    expect(await names()).toEqual(["here"]);
    await Promise.all(others.map((other) => other.drop()));
    const again = await testContext({ connections: { default: () => open(others[0]!.name) }, models });
    expect(await again.orm.run(() => User.count())).toBe(0);
    await again.drop();
    await open(others[0]!.name).dropDatabase!();
  });

  it("never drop a database that somebody else filled", async () => {
    const name = `${db.name}_app`;
    const app = await Terrapin.context({ connections: { default: open(name) }, models, createDb: true });
    await app.generateSchemas();
    await app.run(() => User.create({ name: "precious" }));
    await expect(testContext({ connections: { default: () => open(name) }, models })).rejects.toMatchObject({
      code: "not_a_test_database",
    });
    expect(await app.run(() => User.count())).toBe(1);
    await app.connections.get("default").dbDelete();
  });

  it("may empty their tables: keys in a circle, to themselves, and pairs", async () => {
    const team = await teams.create();
    const [ann] = await User.all();
    await profiles.create({ user: ann! });
    ann!.best = ann!;
    ann!.home = team;
    await ann!.save();
    await db.truncate();
    expect([await User.count(), await Team.count(), await Profile.count()]).toEqual([0, 0, 0]);
    await teams.create();
  });

  it("undo what they did in a sandbox: writes, transactions, bulk writes, failures", async () => {
    await users.create({ name: "before" });
    await sandbox(async () => {
      await inTransaction(() => users.create({ name: "a" }));
      await inTransaction(async () => {
        await User.all().delete();
        throw new Error("no");
      }).catch(() => undefined);
      await expect(users.create({ name: "a" })).rejects.toMatchObject({ kind: "unique" });
      await User.bulkCreate(users.buildMany(3));
      expect(await User.count()).toBe(5);
      await sandbox(() => User.all().delete());
      expect(await User.count()).toBe(5);
    });
    expect(await names()).toEqual(["before"]);
  });

  it("run sandboxes at the same time without seeing each other", async () => {
    const seen = await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        sandbox(async () => {
          await users.create({ name });
          await new Promise((resolve) => setTimeout(resolve, 10));
          return names();
        }),
      ),
    );
    expect(seen).toEqual([["a"], ["b"], ["c"], ["d"]]);
    expect(await User.count()).toBe(0);
  });

  it("open sandboxes between hooks, nested too", async () => {
    const box = await openSandbox();
    await teams.create();
    const inner = await openSandbox();
    await inTransaction(() =>
      User.all()
        .update({ name: "x", best: null })
        .catch(() => undefined),
    );
    await users.createMany(2);
    await inner.close();
    expect(await User.count()).toBe(3);
    await box.close();
    expect([await User.count(), await Team.count()]).toEqual([0, 0]);
  });

  it("may be dropped with a sandbox open, nested too", async () => {
    const other = await testContext({ connections: { default: open }, models });
    await other.orm.run(async () => {
      await openSandbox();
      await users.create();
      await openSandbox();
      await users.create();
    });
    await other.drop();
    const again = await testContext({ connections: { default: () => open(other.name) }, models });
    expect(await again.orm.run(() => User.count())).toBe(0);
    await again.drop();
    await open(other.name).dropDatabase!();
  });

  it("say when the transaction of a sandbox was ended inside", async () => {
    await expect(sandbox((tx) => tx.commit())).rejects.toMatchObject({ code: "sandbox_ended" });
  });

  it("make objects with relations, exact values and keys", async () => {
    const team = await teams.create({ budget: "12345678.90", name: "über 🐢" });
    expect(await Team.get({ pk: team.pk }).values("name", "budget")).toEqual({
      name: "über 🐢",
      budget: "12345678.90",
    });
    expect((await team.leader).name).toBe("user1");
    expect(await team.members.orderBy("id").valuesList("name", { flat: true })).toEqual(["user2", "user3"]);
    const user = await users.create({ profile: profiles, led: teams.many(2, { members: [] }), teams: [team] });
    expect([(await user.profile)?.bio, await user.led.count(), await user.teams.count()]).toEqual(["bio 1", 2, 1]);
    const more = await users.createMany(20);
    expect(new Set(more.map(({ id }) => id)).size).toBe(20);
  });
});
