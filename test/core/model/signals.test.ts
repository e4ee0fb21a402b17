import {
  ConfigurationError,
  fields,
  IntegrityError,
  inTransaction,
  Model,
  postDelete,
  postSave,
  preDelete,
  preSave,
  registerListener,
  Terrapin,
} from "terrapin";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { metaOf } from "../../../core/schema/meta.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { later } from "../../support/later.js";
import { loose } from "../../support/loose.js";
import { models as related } from "../../support/related-models.js";

class User extends Model.define({
  name: fields.char({ maxLength: 20, unique: true }),
  code: fields.text({ default: async () => "made" }),
}) {}
class Log extends Model.define({ text: fields.char({ maxLength: 50, unique: true }) }) {}
class Team extends Model.define({ name: fields.text() }) {}
class Member extends User.define({ role: fields.text({ default: "guest" }) }) {}
class Shape extends Model.define({ sides: fields.int() }, { abstract: true }) {}
class Square extends Shape.define({}) {}

const models = { User, Log, Team, Member, Square };
let stops: (() => void)[] = [];
const keep = (stop: () => void): void => void stops.push(stop);
const names = (): Promise<string[]> => User.all().orderBy("id").valuesList("name", { flat: true }).run();
const texts = (): Promise<string[]> => Log.all().orderBy("id").valuesList("text", { flat: true }).run();

afterEach(async () => {
  for (const stop of stops) stop();
  stops = [];
  await Terrapin.closeConnections();
});

describe.each([
  ["at once", () => sqlite(":memory:")],
  ["with promises", () => later(sqlite(":memory:"))],
])("listeners, on a driver that answers %s,", (_name, open) => {
  beforeEach(async () => {
    await Terrapin.init({ connections: { default: open() }, models });
    await Terrapin.generateSchemas();
  });

  it("are told of one object's save and delete, with the words of the call", async () => {
    const heard: unknown[] = [];
    const hear = (signal: string) => (event: object) => void heard.push([signal, event]);
    keep(preSave(User, hear("preSave")));
    keep(postSave(User, hear("postSave")));
    keep(preDelete(User, hear("preDelete")));
    keep(postDelete(User, hear("postDelete")));
    const usingDb = Terrapin.getConnection("default");
    const user = await User.create({ name: "é" });
    const event = { sender: User, instance: user, usingDb };
    expect(heard).toEqual([
      ["preSave", { ...event, updateFields: null }],
      ["postSave", { ...event, updateFields: null, created: true }],
    ]);
    heard.length = 0;
    await user.save({ updateFields: ["name"] });
    await user.delete();
    expect(heard).toEqual([
      ["preSave", { ...event, updateFields: ["name"] }],
      ["postSave", { ...event, updateFields: ["name"], created: false }],
      ["preDelete", event],
      ["postDelete", event],
    ]);
    expect(heard.every((each) => (each as [string, { instance: User }])[1].instance === user)).toBe(true);
  });

  it("hear of getOrCreate when it creates, and of updateOrCreate always", async () => {
    const created: boolean[] = [];
    keep(postSave(User, (event) => void created.push(event.created)));
    await User.getOrCreate({ name: "a" });
    await User.getOrCreate({ name: "a" });
    await User.updateOrCreate({ name: "a" }, { code: "x" });
    await User.updateOrCreate({ name: "b" }, { code: "x" });
    expect(created).toEqual([true, false, true]);
  });

  it("hear nothing of writes to many rows, and of raw SQL", async () => {
    let heard = 0;
    for (const listen of [preSave, postSave, preDelete, postDelete]) keep(loose(listen)(User, () => void heard++));
    const [first] = await User.bulkCreate([new User({ name: "a" }), new User({ name: "b" })]);
    await User.bulkUpdate([first!], ["code"]);
    await User.filter({ name: "a" }).update({ code: "c" });
    await User.all().delete();
    await Terrapin.getConnection("default").executeQuery("DELETE FROM user");
    expect(heard).toBe(0);
  });

  it("run in the order in which they came, each after the one before has finished", async () => {
    const order: string[] = [];
    keep(
      preSave(User, async () => {
        await new Promise((done) => setTimeout(done, 5));
        order.push("slow");
      }),
    );
    keep(preSave(User, () => void order.push("quick")));
    keep(postSave(User, () => void order.push("after")));
    await User.create({ name: "a" });
    expect(order).toEqual(["slow", "quick", "after"]);
  });

  it("may change the object before it is written, also what save would not have written", async () => {
    keep(
      preSave(User, ({ instance }) => {
        instance.name = instance.name.trim();
      }),
    );
    const user = await User.create({ name: "  a " });
    expect([user.name, await names()]).toEqual(["a", ["a"]]);
    keep(
      preSave(User, ({ instance }) => {
        instance.code = "new";
      }),
    );
    await user.save();
    expect(await User.all().valuesList("code", { flat: true })).toEqual(["new"]);
  });

  it("find defaults that had to be waited for", async () => {
    let code = "";
    keep(preSave(User, ({ instance }) => void (code = instance.code)));
    await User.create({ name: "a" });
    expect(code).toBe("made");
  });

  it("may give a query back: it runs", async () => {
    keep(postSave(User, ({ instance }) => Log.create({ text: instance.name })));
    await User.create({ name: "a" });
    expect(await texts()).toEqual(["a"]);
  });

  it("stop a write by failing before it, and the other listeners do not run", async () => {
    let heard = 0;
    keep(
      preSave(User, () => {
        throw new Error("not this one");
      }),
    );
    keep(preSave(User, () => void heard++));
    keep(postSave(User, () => void heard++));
    const user = new User({ name: "a" });
    await expect(user.save()).rejects.toThrow("not this one");
    expect([await names(), heard]).toEqual([[], 0]);
    stops[0]!();
    await user.save();
    expect(await names()).toEqual(["a"]);
    keep(preDelete(User, () => Promise.reject(new Error("stays"))));
    await expect(user.delete()).rejects.toThrow("stays");
    expect(await names()).toEqual(["a"]);
  });

  it("that fail after a write leave the row, and the object knows its key", async () => {
    keep(
      postSave(User, () => {
        throw new Error("late");
      }),
    );
    const user = new User({ name: "a" });
    await expect(user.save()).rejects.toThrow("late");
    expect([await names(), user.id]).toEqual([["a"], 1]);
  });

  it("that fail after a write inside a transaction take the row along", async () => {
    keep(postSave(User, () => Promise.reject(new Error("late"))));
    const user = new User({ name: "a" });
    await expect(inTransaction(async () => user.save())).rejects.toThrow("late");
    expect([await names(), user.id]).toEqual([[], undefined]);
    for (const stop of stops) stop();
    await user.save();
    expect(await names()).toEqual(["a"]);
  });

  it("write in the transaction of the write, also one that was given by hand", async () => {
    keep(
      postSave(User, async ({ instance, usingDb }) => {
        await Log.create({ text: `${instance.name}1` });
        await Log.create({ text: `${instance.name}2` }, { usingDb });
      }),
    );
    await inTransaction(async (tx) => {
      await User.create({ name: "a" });
      await tx.rollback();
    });
    expect(await texts()).toEqual([]);
    const tx = await Terrapin.getConnection("default").begin();
    await User.create({ name: "b" }, { usingDb: tx });
    await tx.rollback();
    expect(await texts()).toEqual([]);
    await inTransaction(async () => User.create({ name: "c" }));
    expect(await texts()).toEqual(["c1", "c2"]);
  });

  it("that fail take along everything that one call of a relation writes", async () => {
    const { Post, Tag, User: Author } = loose(related);
    await Terrapin.init({ connections: { default: open() }, models: loose(related) });
    await Terrapin.generateSchemas();
    const post = await Post.create({ title: "t", author: await Author.create({ name: "ann" }) });
    const inside: boolean[] = [];
    keep(
      postSave(Tag, ({ usingDb }) => {
        inside.push(usingDb.isTransaction);
        throw new Error("late");
      }),
    );
    await expect(post.tags.create({ slug: "é" })).rejects.toThrow("late");
    expect([await Tag.all().count(), await post.tags.count(), inside]).toEqual([0, 0, [true]]);
    let heard = 0;
    stops.pop()!();
    keep(postSave(Tag, () => void heard++));
    await post.tags.getOrCreate({ slug: "a" });
    await post.tags.updateOrCreate({ slug: "a" }, { rank: 2 });
    await post.tags.set(["a"]);
    expect(heard).toBe(2);
  });

  it("that break a unique rule are not taken for a lost race of getOrCreate", async () => {
    await Log.create({ text: "a" });
    keep(postSave(User, () => Log.create({ text: "a" })));
    await expect(User.getOrCreate({ name: "a" })).rejects.toThrow(IntegrityError);
    await expect(User.updateOrCreate({ name: "b" })).rejects.toThrow(IntegrityError);
    expect(await names()).toEqual(["a", "b"]);
  });

  it("hear of writes that run side by side, each with its own object", async () => {
    const pairs: [string, string][] = [];
    const began: string[] = [];
    keep(
      preSave(User, async ({ instance }) => {
        began.push(instance.name);
        await Promise.resolve();
      }),
    );
    keep(postSave(User, ({ instance }) => void pairs.push([instance.name, String(instance.id)])));
    await Promise.all(["a", "b", "c"].map((name) => User.create({ name }).run()));
    expect(began).toEqual(["a", "b", "c"]);
    expect(pairs.length).toBe(3);
    for (const [name, id] of pairs) expect((await User.get({ name })).id).toBe(Number(id));
  });

  it("do not hear of what cannot be written", async () => {
    await User.create({ name: "a" });
    let heard = 0;
    keep(preSave(User, () => void heard++));
    const part = loose(await User.all().only("id").first());
    await expect(part.save()).rejects.toMatchObject({ code: "incomplete_instance" });
    await expect(part.save({ updateFields: ["nick"] })).rejects.toMatchObject({ code: "unknown_field" });
    await expect(loose(new User({ name: "x" })).delete()).rejects.toMatchObject({ code: "not_saved" });
    expect(heard).toBe(0);
  });

  it("are called for a save that changes nothing, and not for one of no fields", async () => {
    const user = await User.create({ name: "a" });
    let heard = 0;
    keep(preSave(User, () => void heard++));
    await user.save();
    await user.save({ updateFields: [] });
    expect(heard).toBe(1);
  });
});

describe("a listener", () => {
  beforeEach(async () => {
    await Terrapin.init({ connections: { default: sqlite(":memory:") }, models });
    await Terrapin.generateSchemas();
  });

  it("stands on the models it was given, and on none that inherit", async () => {
    const heard: unknown[] = [];
    keep(preSave([User, Team], ({ sender }) => void heard.push(sender)));
    await Member.create({ name: "m" });
    await User.create({ name: "u" });
    await Team.create({ name: "t" });
    expect(heard).toEqual([User, Team]);
  });

  it("may be named after its models, as a decorator does", async () => {
    const heard: string[] = [];
    const note = preSave(User, Team)(({ instance }) => void heard.push(instance.name));
    keep(preSave([User, Team], note));
    await User.create({ name: "u" });
    await Team.create({ name: "t" });
    expect(heard).toEqual(["u", "t"]);
  });

  it("is called once however often it is named, and no more after it was taken back", async () => {
    let heard = 0;
    const listener = (): void => void heard++;
    const stop = preSave(User, listener);
    keep(registerListener(User, "preSave", listener));
    await User.create({ name: "a" });
    stop();
    stop();
    await User.create({ name: "b" });
    expect(heard).toBe(1);
    expect(metaOf(User).listening).toBeNull();
  });

  it("that is taken back while listeners run still hears of what is being told", async () => {
    const heard: string[] = [];
    const first = preSave(User, () => {
      heard.push("first");
      second();
    });
    const second = preSave(User, () => void heard.push("second"));
    keep(first);
    await User.create({ name: "a" });
    await User.create({ name: "b" });
    expect(heard).toEqual(["first", "second", "first"]);
  });

  it("may come before its model is registered, and finds it behind usingDb", async () => {
    class Early extends Model.define({ name: fields.text() }) {}
    const heard: unknown[] = [];
    keep(preSave(Early, ({ instance }) => void heard.push(instance.name)));
    keep(preSave(Early.usingDb("default"), ({ sender }) => void heard.push(sender === Early)));
    await Terrapin.init({ connections: { default: sqlite(":memory:") }, models: { Early } });
    await Terrapin.generateSchemas();
    await Early.create({ name: "a" });
    expect(heard).toEqual(["a", true]);
  });

  it.each<[string, () => unknown, RegExp, string]>([
    [
      "a signal that there is not",
      () => loose(registerListener)(User, "pre_save", () => {}),
      /known: preSave/,
      "unknown_signal",
    ],
    ["no signal", () => loose(registerListener)(User, 7, () => {}), /a number/, "unknown_signal"],
    [
      "a listener that cannot be called",
      () => loose(registerListener)(User, "preSave", "x"),
      /callable, not a string/,
      "bad_listener",
    ],
    ["no listener", () => loose(preSave)([User]), /callable, not undefined/, "bad_listener"],
    ["no model", () => loose(preSave)(() => {}), /takes a model class/, "bad_listener"],
    [
      "models that are none",
      () => loose(preSave)([User, {}], () => {}),
      /takes a model class, not an object/,
      "bad_listener",
    ],
    ["an empty list", () => preSave([], () => {}), /no model is named/, "bad_listener"],
    ["an abstract model", () => preSave(Shape, () => {}), /Shape is abstract.*children/, "bad_listener"],
  ])("refuses %s", (_what, register, message, code) => {
    expect(register).toThrow(ConfigurationError);
    expect(register).toThrow(message);
    expect(register).toThrow(expect.objectContaining({ code }));
    expect(metaOf(User).listening).toBeNull();
  });
});
