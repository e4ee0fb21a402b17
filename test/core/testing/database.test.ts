import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError, fields, Model, Terrapin, type ManyToManyRelation, type ReverseRelation } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { mock, testContext, testDatabase, truncateAllModels } from "terrapin/testing";
import { beforeEach, describe, expect, it } from "vitest";
import * as core from "../../../core/testing/index.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { batchOnly } from "../../support/batch-only.js";
import { ownFolder } from "../../support/folder.js";

class User extends Model.define({
  name: fields.char({ maxLength: 20 }),
  best: fields.foreignKey<User>("User", { null: true, relatedName: "admirers", onDelete: "RESTRICT" }),
  home: fields.foreignKey<Team>("Team", { null: true, relatedName: "fans", onDelete: "RESTRICT" }),
}) {
  declare admirers: ReverseRelation<User>;
  declare teams: ManyToManyRelation<Team>;
}
class Team extends Model.define({
  leader: fields.foreignKey<User>("User", { relatedName: "led", onDelete: "RESTRICT" }),
  members: fields.manyToMany<User>("User", { relatedName: "teams", onDelete: "RESTRICT" }),
}) {
  declare fans: ReverseRelation<User>;
}
class Match extends Model.define({ home: fields.foreignKey<Team>("Team", { onDelete: "RESTRICT" }) }) {}
const models = { Match, Team, User };

let folder: string;
const files = (): string[] => readdirSync(folder).sort();
const inFolder = (name: string) => sqlite(join(folder, `${name}.db`));
beforeEach(() => {
  folder = ownFolder();
});

describe("testDatabase", () => {
  it("is new, has the tables, is where models go, and leaves nothing behind", async () => {
    const db = await testDatabase({ connections: { default: inFolder }, models });
    expect(files()).toContain(`${db.name}.db`);
    expect(db.name).toMatch(/^test_[a-z0-9]+_[0-9a-f]{16}$/);
    await User.create({ name: "ann" });
    expect(await User.count()).toBe(1);
    await db.drop();
    await db.drop();
    expect(files()).toEqual([]);
  });

  it("gives way to the default context that was there", async () => {
    const db = await testDatabase({ connections: { default: sqlite(":memory:") }, models });
    await User.create({ name: "outer" });
    {
      await using inner = await testDatabase({ connections: { default: inFolder }, models });
      expect([await User.count(), inner.orm === db.orm]).toEqual([0, false]);
    }
    expect(await User.count()).toBe(1);
    await db.drop();
    expect(files()).toEqual([]);
  });

  it("never has the name of another, however many are made at once", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => testContext({ connections: { default: inFolder }, models })),
    );
    expect(new Set(all.map(({ name }) => name)).size).toBe(20);
    await Promise.all(all.map(({ orm }, i) => orm.run(() => User.create({ name: `${i}` }))));
    for (const [i, { orm }] of all.entries())
      expect(await orm.run(() => User.all().valuesList("name", { flat: true }))).toEqual([`${i}`]);
    await Promise.all(all.map((db) => db.drop()));
    expect(files()).toEqual([]);
  });

  it("gives one name to all connections, so that two may be the same database", async () => {
    const seen: string[] = [];
    const named = (name: string) => (seen.push(name), inFolder(name));
    await using db = await testContext({
      connections: { primary: named, copy: named },
      apps: { models: { models, defaultConnection: "primary" } },
    });
    expect(seen).toEqual([db.name, db.name]);
    await db.orm.run(() => User.create({ name: "a" }));
    expect(await db.orm.run(() => User.usingDb("copy").count())).toBe(1);
  });

  it("takes everything that init takes, URLs with {} in them too", async () => {
    const config = { dbUrl: `sqlite://${folder}/url-{}.db`, modules: { models: [models] }, timezone: "Europe/Berlin" };
    const one = await testContext(config);
    const two = await testContext(config);
    expect(files().filter((file) => /^url-[0-9a-f]+\.db$/.test(file)).length).toBe(2);
    expect(one.orm.settings.timezone).toBe("Europe/Berlin");
    await Promise.all([one.drop(), two.drop()]);
    expect(files()).toEqual([]);
    await expect(core.testContext({ dbUrl: "sqlite://a.db", modules: {} })).rejects.toMatchObject({
      code: "needs_driver",
    });
  });

  it("prepares tables and rows as it is told, inside of the context", async () => {
    await using db = await testContext({
      connections: { default: sqlite(":memory:") },
      models,
      prepare: async (orm) => {
        await orm.generateSchemas();
        await User.create({ name: "everybody's" });
      },
    });
    expect(await db.orm.run(() => User.count())).toBe(1);
    const wrong = testContext({ connections: { default: sqlite(":memory:") }, models, prepare: "x" as never });
    await expect(wrong).rejects.toThrow("prepare is a function that makes the tables, not a string");
  });

  it("refuses a database that has tables, and leaves it as it is", async () => {
    const path = join(folder, "app.db");
    const app = await Terrapin.context({ connections: { default: sqlite(path) }, models });
    await app.generateSchemas();
    await app.run(() => User.create({ name: "precious" }));
    for (const dbUrl of [`sqlite://${path}`, null]) {
      const config =
        dbUrl === null ? { connections: { default: sqlite(path) }, models } : { dbUrl, modules: { models: [models] } };
      const refused = testDatabase(config);
      await expect(refused).rejects.toThrow(ConfigurationError);
      await expect(refused).rejects.toMatchObject({ code: "not_a_test_database", message: /app\.db/ });
    }
    expect(await app.run(() => User.count())).toBe(1);
    await app.closeConnections();
  });

  it("leaves nothing behind when it fails halfway", async () => {
    const mine = new Error("mine");
    const failing = testDatabase({
      connections: { default: inFolder, second: (name) => inFolder(`${name}_second`) },
      models,
      prepare: async (orm) => {
        await orm.generateSchemas();
        throw mine;
      },
    });
    await expect(failing).rejects.toBe(mine);
    expect(files()).toEqual([]);
    const before = join(folder, "file");
    writeFileSync(before, "");
    const blocked = testDatabase({
      connections: { default: inFolder, second: () => sqlite(join(before, "x.db")) },
      models,
    });
    await expect(blocked).rejects.toThrow();
    expect(files()).toEqual(["file"]);
  });

  it("makes and drops nothing where a driver cannot, and closes it", async () => {
    const driver = mock({ dialect: sqliteDialect });
    const db = await testContext({ connections: { default: driver }, models: { User, Team } });
    expect(driver.statements.every(({ sql }) => sql.startsWith("CREATE"))).toBe(true);
    await db.drop();
    expect(driver.closed).toBe(true);
    expect(existsSync(join(folder, "x"))).toBe(false);
  });
});

describe("truncate", () => {
  it("empties every table: keys in a circle, to themselves, and pairs of many-to-many relations too", async () => {
    await using db = await testDatabase({ connections: { default: sqlite(":memory:") }, models });
    const ann = await User.create({ name: "ann" });
    const bob = await User.create({ name: "bob", best: ann });
    const team = await Team.create({ leader: bob });
    await team.members.add(ann, bob);
    ann.home = team;
    ann.best = ann;
    await ann.save();
    await Match.create({ home: team });
    await db.truncate();
    const through = await db.orm.connections.get("default").executeQueryDict("SELECT * FROM team_user");
    expect([await User.count(), await Team.count(), await Match.count(), through]).toEqual([0, 0, 0, []]);
    await User.create({ name: "again" });
    await truncateAllModels();
    expect(await User.count()).toBe(0);
  });

  it("works where no transaction stays open", async () => {
    const driver = batchOnly();
    await using db = await testDatabase({ connections: { default: driver }, models });
    const ann = await User.create({ name: "ann" });
    await Team.create({ leader: ann });
    driver.requests.length = 0;
    await db.truncate();
    expect(driver.requests.length).toBe(1);
    expect([await User.count(), await Team.count()]).toEqual([0, 0]);
  });

  it("sends one batch to each connection", async () => {
    const driver = mock({ dialect: sqliteDialect, without: ["begin"] });
    const other = mock({ dialect: sqliteDialect });
    class Log extends Model.define({ text: fields.text() }) {}
    class View extends Model.define({ text: fields.text() }, { managed: false }) {}
    const db = await testContext({
      connections: { default: driver, log: other },
      apps: { models: { models }, log: { models: { Log, View }, defaultConnection: "log" } },
    });
    driver.clear();
    other.clear();
    await db.truncate();
    expect(driver.roundTrips).toBe(1);
    expect(driver.statements.map(({ sql }) => sql)).toEqual([
      'DELETE FROM "team_user"',
      'UPDATE "user" SET "best_id" = NULL',
      'UPDATE "user" SET "home_id" = NULL',
      'DELETE FROM "match"',
      'DELETE FROM "team"',
      'DELETE FROM "user"',
    ]);
    expect(other.statements.map(({ sql }) => sql)).toEqual(['DELETE FROM "log"']);
    await db.drop();
  });
});
