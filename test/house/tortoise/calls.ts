import {
  Count,
  DoesNotExist,
  FieldError,
  fields,
  IntegrityError,
  Model,
  MultipleObjectsReturned,
  OperationalError,
  ParamsError,
  postDelete,
  postSave,
  preDelete,
  preSave,
  Q,
  registerListener,
  Terrapin,
  ConfigurationError,
  UnsupportedError,
  ValidationError,
} from "terrapin";
import { expect } from "vitest";
import { captureQueries } from "../../../core/testing/capture.js";
import { loose } from "../../support/loose.js";
import { Order, Tag, User } from "../../support/seed-models.js";
import type { Proofs } from "../support/tortoise.js";
import { connection, fails, names, people, sends } from "./world.js";

const fresh = (name: string): User => new User({ username: name, email: `${name}@x.y` });
const values = (name: string): { username: string; email: string } => ({ username: name, email: `${name}@x.y` });

export const classMethods: Proofs = {
  "User.all()": ["A54 C32", async () => void (await people(), expect(await User.all()).toHaveLength(2))],
  "User.all(using_db=…)": [
    "C32",
    async () => {
      await people();
      expect(await User.usingDb("default").all().count()).toBe(2);
      expect(await User.all().usingDb(connection()).count()).toBe(2);
      await Terrapin.inTransaction(async (tx) => expect(await User.all().usingDb(tx).count()).toBe(2));
      await fails(() => User.all().usingDb("other"), ConfigurationError);
    },
  ],
  "User.annotate(…)": [
    "C33",
    async () => {
      await people();
      const both = { n: Count("orders"), t: Count("articles__tags") };
      expect(await loose(User).annotate(both).orderBy("-n").values("username", "n", "t")).toEqual([
        { username: "alice", n: 2, t: 2 },
        { username: "bob", n: 1, t: 0 },
      ]);
    },
  ],
  "User.filter(*args, **kwargs)": [
    "A52 C41",
    async () => {
      await people();
      expect(names(await User.filter(Q({ isActive: true }), { isStaff: false }))).toEqual(["alice"]);
    },
  ],
  "User.exclude(*args, **kwargs)": [
    "A53 C38",
    async () => {
      await people();
      const where = { isActive: true, lastLogin__gt: new Date(0) };
      expect(names(await User.filter(where))).toEqual(["bob"]);
      expect(names(await User.exclude(where))).toEqual(["alice"]);
    },
  ],
  "User.first(using_db=…)": [
    "A51 C41",
    async () => {
      expect(await User.first()).toBeNull();
      await people();
      expect((await User.first())?.id).toBe(1);
    },
  ],
  "User.get(*args, using_db=…, **kwargs)": [
    "A49 C41",
    async () => {
      await people();
      expect((await User.get({ username: "alice" })).id).toBe(1);
      expect((await User.usingDb("default").get({ id: 1 })).username).toBe("alice");
      await fails(() => User.get({ username: "x" }), DoesNotExist);
      await fails(() => User.get({ isActive: true }), MultipleObjectsReturned);
    },
  ],
  "User[7]": [
    "C41",
    async () => {
      await people();
      expect((await User.get({ pk: 1 })).username).toBe("alice");
      await fails(() => User.get({ pk: 7 }), DoesNotExist);
    },
  ],
  "User.get_or_none(…)": [
    "A50 C43",
    async () => {
      await people();
      expect(await User.getOrNone({ username: "nobody" })).toBeNull();
      await fails(() => User.getOrNone({ isActive: true }), MultipleObjectsReturned);
    },
  ],
  "User.exists(…)": [
    "C39",
    async () => {
      await people();
      expect([await User.exists({ username: "alice" }), await User.exists({ username: "x" })]).toEqual([true, false]);
    },
  ],
  "User.create(using_db=…, **kwargs)": [
    "A45 C36",
    async () => {
      const user = await User.create(values("a"), { usingDb: "default" });
      expect((await User.get({ username: "a" })).equals(user)).toBe(true);
      // @ts-expect-error: email is missing
      await fails(() => User.create({ username: "b" }), ValidationError);
      // @ts-expect-error: there is no such field
      await fails(() => User.create({ ...values("b"), colour: 1 }), FieldError, "unknown_field");
      await fails(() => User.create(values("a")), IntegrityError);
    },
  ],
  "User(username=…)": [
    "C36",
    async () => {
      const user = fresh("a");
      expect(await User.all().count()).toBe(0);
      await user.save();
      expect([user.id, await User.all().count()]).toEqual([1, 1]);
    },
  ],
  "User.get_or_create(defaults=None, using_db=…, **kwargs)": [
    "A48 C42",
    async () => {
      const [made, created] = await User.getOrCreate({ username: "a" }, { email: "e" }, { usingDb: "default" });
      const [found, again] = await User.getOrCreate({ username: "a" }, { email: "other" });
      expect([made.email, created, found.email, again]).toEqual(["e", true, "e", false]);
      await fails(
        () => loose(User).getOrCreate({ username: "a" }, { username: "b", email: "e" }),
        ParamsError,
        "defaults_conflict",
      );
    },
  ],
  "User.update_or_create(defaults=None, using_db=…, **kwargs)": [
    "C48",
    async () => {
      const [, created] = await User.updateOrCreate({ username: "a" }, { email: "e" });
      const [changed, again] = await User.updateOrCreate({ username: "a" }, { email: "f" }, { usingDb: "default" });
      expect([created, again, changed.email]).toEqual([true, false, "f"]);
      expect((await User.get({ username: "a" })).email).toBe("f");
      const emails = ["g", "h"];
      const race = await Promise.all(emails.map((email) => User.updateOrCreate({ username: "b" }, { email })));
      const loser = race.findIndex(([, made]) => !made);
      expect(race.filter(([, made]) => made)).toHaveLength(1);
      // Where there are several connections, either may be first; the other one updates.
      expect((await User.get({ username: "b" })).email).toBe(emails[loser]);
    },
  ],
  "User.bulk_create(objects)": [
    "A47 C34",
    async () => {
      const objects = [fresh("a"), fresh("b")];
      const made = await User.bulkCreate(objects);
      expect(made.map((user, i) => user === objects[i])).toEqual([true, true]);
      expect(made.map(({ id }) => id)).toEqual([1, 2]);
    },
  ],
  "bulk_create(batch_size=…)": [
    "C34",
    async () => {
      await User.bulkCreate(["a", "b", "c"].map(fresh), { batchSize: 1 });
      await fails(() => User.bulkCreate(["d", "e", "a"].map(fresh), { batchSize: 1 }), IntegrityError);
      expect(await User.all().count()).toBe(3);
      await fails(() => User.bulkCreate([fresh("z")], { batchSize: -1 }), ParamsError);
    },
  ],
  "bulk_create(ignore_conflicts=True)": [
    "C34",
    async () => {
      await fresh("a").save();
      await User.bulkCreate(["a", "b"].map(fresh), { ignoreConflicts: true });
      expect(await User.all().count()).toBe(2);
    },
  ],
  "bulk_create(update_fields=…, on_conflict=…)": [
    "C34",
    async () => {
      await fresh("a").save();
      const other = new User({ username: "a", email: "new" });
      await User.bulkCreate([other], { updateFields: ["email"], onConflict: ["username"] });
      expect((await User.get({ username: "a" })).email).toBe("new");
      await fails(() => User.bulkCreate([other], { updateFields: ["email"] }), ParamsError);
      await fails(() => User.bulkCreate([other], { onConflict: ["username"] }), ParamsError);
    },
  ],
  "bulk_create(using_db=…)": [
    "C34",
    async () => {
      await User.bulkCreate([fresh("a")], { usingDb: "default" });
      await fails(() => User.bulkCreate([fresh("b")], { usingDb: "other" }), ConfigurationError);
    },
  ],
  "User.bulk_update(objects, fields)": [
    "C35",
    async () => {
      const users = await User.bulkCreate(["a", "b"].map(fresh));
      for (const user of users) user.firstName = `is ${user.username}`;
      expect(await User.bulkUpdate(users, ["firstName"])).toBe(2);
      expect(await User.orderBy("id").valuesList("firstName", { flat: true })).toEqual(["is a", "is b"]);
      await fails(() => User.bulkUpdate([fresh("c")], ["firstName"]), OperationalError, "no_key");
      await fails(() => User.bulkUpdate(users, [loose("nmae")]), FieldError);
      expect(await User.bulkUpdate([], ["firstName"])).toBe(0);
    },
  ],
  "bulk_update(batch_size=…, using_db=…)": [
    "C35",
    async () => {
      const users = await User.bulkCreate(["a", "b", "c"].map(fresh));
      for (const user of users) user.firstName = "x";
      expect(await User.bulkUpdate(users, ["firstName"], { batchSize: 1, usingDb: "default" })).toBe(3);
    },
  ],
  'User.in_bulk(id_list, field_name="pk", using_db=…)': [
    "C44",
    async () => {
      await people();
      expect([...(await User.inBulk([1, 99])).keys()]).toEqual([1]);
      expect((await User.inBulk(["alice"], "username", { usingDb: "default" })).get("alice")?.id).toBe(1);
      expect((await User.inBulk()).size).toBe(2);
      expect((await User.inBulk([])).size).toBe(0);
    },
  ],
  "User.raw(sql, using_db=…)": [
    "C45 A11",
    async () => {
      await people();
      const found = await User.raw("SELECT * FROM users WHERE username LIKE ?", ["%lic%"]).usingDb("default");
      expect([names(found), found[0] instanceof User]).toEqual([["alice"], true]);
    },
  ],
  "User.fetch_for_list(instances, *names)": [
    "C40",
    async () => {
      await people();
      const loaded = await User.fetchForList(await User.orderBy("id"), "orders");
      expect(loaded.map(({ orders }) => orders.length)).toEqual([2, 1]);
      await fails(() => User.fetchForList([fresh("x")], "orders"), OperationalError);
    },
  ],
  "User.select_for_update()": [
    "C47",
    () => Terrapin.inTransaction(() => fails(() => User.selectForUpdate(), UnsupportedError, "no_row_locks")),
  ],
  "select_for_update(nowait, skip_locked, of, using_db)": [
    "C47",
    async () => {
      for (const options of [{ nowait: true }, { skipLocked: true }, { of: ["self"] }, { usingDb: "default" }])
        await Terrapin.inTransaction(() =>
          fails(() => loose(User).selectForUpdate(options), UnsupportedError, "no_row_locks"),
        );
      await fails(() => loose(User).selectForUpdate({ wait: 1 }), ParamsError);
    },
  ],
  "User.describe(serializable=True)": [
    "C37",
    () => {
      const keys = ["name", "app", "table", "abstract", "description", "docstring", "unique_together", "pk_field"];
      const relations = [
        "data_fields",
        "fk_fields",
        "backward_fk_fields",
        "o2o_fields",
        "backward_o2o_fields",
        "m2m_fields",
      ];
      expect(Object.keys(User.describe())).toEqual(expect.arrayContaining([...keys, ...relations]));
      expect(JSON.parse(JSON.stringify(User.describe()))).toEqual(User.describe());
      expect(User.describe({ serializable: false }).table).toBe("users");
    },
  ],
  'describe()["docstring"]': ["C37 A44", () => expect(User.describe().docstring).toBeNull()],
  "Signals.pre_save, post_save, pre_delete, post_delete": [
    "C46",
    async () => {
      const heard: string[] = [];
      const signals = { preSave, postSave, preDelete, postDelete };
      const stops = Object.entries(signals).flatMap(([name, signal]) => [
        loose(signal)(Tag, () => void heard.push(name)),
        registerListener(Tag, name as keyof typeof signals, () => void heard.push(`${name} by name`)),
      ]);
      const tag = await Tag.create({ name: "x" });
      await tag.delete();
      for (const stop of stops) stop();
      expect(heard).toEqual(Object.keys(signals).flatMap((name) => [name, `${name} by name`]));
    },
  ],
  "User.register_listener(signal, listener)": [
    "C46",
    async () => {
      const heard: string[] = [];
      const hear = ({ instance }: { instance: unknown }): void => void heard.push((instance as User).username);
      const stops = [registerListener(User, "preSave", hear), preSave(User, hear)];
      await fresh("a").save();
      for (const stop of stops) stop();
      await fresh("b").save();
      expect(heard).toEqual(["a"]);
      await fails(() => registerListener(User, "preSave", loose(7)), ConfigurationError, "bad_listener");
    },
  ],
};

export const objectMethods: Proofs = {
  "user.save()": [
    "A46 C54",
    async () => {
      const { alice } = await people();
      alice.firstName = "A.";
      expect(await sends(() => alice.save())).toBe(1);
      expect(await sends(() => alice.save())).toBe(0);
      expect((await User.get({ id: alice.id })).firstName).toBe("A.");
    },
  ],
  "save(using_db=…)": [
    "C54",
    async () => {
      await fresh("a").save({ usingDb: "default" });
      await fails(() => fresh("b").save({ usingDb: "other" }), ConfigurationError);
    },
  ],
  "save(update_fields=[…])": [
    "C54",
    async () => {
      const { alice } = await people();
      Object.assign(alice, { firstName: "new", lastName: "new" });
      await alice.save({ updateFields: ["firstName"] });
      expect(await User.get({ id: alice.id })).toMatchObject({ firstName: "new", lastName: "" });
    },
  ],
  "save(force_create=True)": [
    "C54",
    async () => {
      const { alice } = await people();
      await fails(() => alice.save({ forceCreate: true }), IntegrityError);
    },
  ],
  "save(force_update=True)": [
    "C54",
    async () => {
      const { alice } = await people();
      const { queries } = await captureQueries(() => alice.save({ forceUpdate: true }));
      expect(queries.map(({ sql }) => sql)).toEqual([
        expect.stringMatching(/^UPDATE .*"username".*"last_name".*"balance"/),
      ]);
      await fails(() => new User({ id: 99, ...values("x") }).save({ forceUpdate: true }), OperationalError);
    },
  ],
  "user.delete(using_db=…)": [
    "A62 C50",
    async () => {
      const tag = await Tag.create({ name: "a" });
      await tag.delete({ usingDb: "default" });
      expect(await Tag.all().count()).toBe(0);
      await fails(() => fresh("x").delete(), OperationalError, "not_saved");
    },
  ],
  'user.fetch_related("orders", using_db=…)': [
    "C51",
    async () => {
      const { alice } = await people();
      const full = await alice.fetchRelated("orders", "articles__tags", { usingDb: "default" });
      expect([full.orders.length, full.articles[0]?.tags.length]).toEqual([2, 2]);
      await fails(() => alice.fetchRelated(loose("nothing")), FieldError, "unknown_relation");
    },
  ],
  "user.refresh_from_db(fields=None, using_db=…)": [
    "C53",
    async () => {
      const tag = await Tag.create({ name: "a" });
      await Tag.all().update({ name: "b" });
      await tag.refreshFromDb(["name"], { usingDb: "default" });
      expect(tag.name).toBe("b");
      await Tag.all().delete();
      await fails(() => tag.refreshFromDb(), DoesNotExist);
      await fails(() => fresh("x").refreshFromDb(), OperationalError, "not_saved");
    },
  ],
  "user.clone(pk=…)": [
    "C49",
    async () => {
      const tag = await Tag.create({ name: "a" });
      const copy = tag.clone();
      copy.name = "b";
      await copy.save();
      expect([copy.id, tag.clone(7).id]).toEqual([2, 7]);
      class Country extends Model.define({ code: fields.char({ maxLength: 2, primaryKey: true }) }) {}
      await Terrapin.initModels([{ Country }], "models");
      await fails(() => new Country({ code: "pe" }).clone(), ParamsError);
    },
  ],
  "user.pk": [
    "C52",
    async () => {
      const { alice } = await people();
      expect(alice.pk).toBe(alice.id);
      expect(
        await User.filter({ pk__in: [1] })
          .orderBy("-pk")
          .values("pk"),
      ).toEqual([{ pk: 1 }]);
      expect(await Order.filter({ user__pk: alice.pk }).count()).toBe(2);
      expect((await Tag.create({ pk: 70, name: "x" })).id).toBe(70);
    },
  ],
  "user.update_from_dict(data)": [
    "C55",
    async () => {
      const { alice } = await people();
      // @ts-expect-error: there is no such field
      expect(alice.updateFromDict({ firstName: "B", colour: "red" })).toBe(alice);
      expect([alice.firstName, "colour" in alice]).toEqual(["B", false]);
      expect((await User.get({ id: alice.id })).firstName).toBe("Alice");
      await fails(() => alice.updateFromDict(loose({ email: null })), FieldError, "null");
      await fails(() => alice.updateFromDict(loose({ orders: [] })), ParamsError, "not_assignable");
    },
  ],
  "user1 == user2": [
    "A24",
    async () => {
      const { alice, bob } = await people();
      expect(alice.equals(await User.get({ id: alice.id }))).toBe(true);
      expect([alice.equals(bob), fresh("a").equals(fresh("a"))]).toEqual([false, false]);
    },
  ],
};
