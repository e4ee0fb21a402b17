import { FieldError, IntegrityError, OperationalError, ParamsError, ValidationError } from "../../base/errors.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import type { Obj } from "./models.js";

const made = (t: Kit, count: number, more: (i: number) => object = () => ({})): Obj[] =>
  Array.from({ length: count }, (_, i) => new t.Person({ name: `n${i}`, age: i, ...more(i) }));

/** Many objects at once. */
export const bulk: readonly ConformanceCase[] = [
  {
    name: "bulkCreate writes 120 objects and tells them their keys",
    run: async (t) => {
      const objects = made(t, 120, (i) => ({ score: i, extra: { i } }));
      const back = await t.Person.bulkCreate(objects);
      ok(
        back.length === 120 && back.every((one, i) => one === objects[i]),
        "bulkCreate gave other objects than it was given",
      );
      const read = await t.Person.inBulk(back.map(({ pk }) => pk));
      equal(read.size, 120, "the number of keys");
      for (const one of objects) equal({ ...read.get(one.pk) }, { ...one }, "the row under the object's key");
      equal(await t.statements(() => objects[3]!.save()), []);
      objects[7]!.age = 700;
      await objects[7]!.save();
      equal((await t.Person.get({ name: "n7" })).age, 700);
    },
  },
  {
    name: "bulkCreate takes keys of the caller's, and mixes them with generated ones",
    run: async (t) => {
      const objects = made(t, 70, (i) => (i % 3 === 0 ? { id: 1000 + i } : {}));
      await t.Person.bulkCreate(objects);
      const read = await t.Person.inBulk(
        objects.map(({ name }) => name),
        "name",
      );
      equal(
        objects.map(({ name, pk }) => [name, pk]),
        objects.map(({ name }) => [name, read.get(name)!.pk]),
      );
      equal(objects[3]!.pk, 1003);
      const tags = Array.from({ length: 120 }, (_, i) => new t.Tag({ code: `c${i}` }));
      await t.Tag.bulkCreate(tags);
      equal(await t.Tag.count(), 120);
      const tokens = await t.Token.bulkCreate([new t.Token({}), new t.Token({})]);
      equal((await t.Token.inBulk(tokens.map(({ pk }) => pk))).size, 2);
    },
  },
  {
    name: "bulkCreate of nothing, of one, and in batches",
    run: async (t) => {
      equal(await t.Person.bulkCreate([]), []);
      await t.Person.bulkCreate(made(t, 1));
      await t.Person.bulkCreate(
        made(t, 23, (i) => ({ name: `b${i}` })),
        { batchSize: 5 },
      );
      equal(await t.Person.count(), 24);
      await fails(() => t.Person.bulkCreate(made(t, 1), { batchSize: -1 }), ParamsError);
      await fails(() => t.Person.bulkCreate([{ name: "plain" }]), ParamsError);
      await fails(() => t.Person.bulkCreate([new t.Tag({ code: "x" })]), ParamsError);
      await fails(() => t.Person.bulkCreate({}), ParamsError);
      equal(await t.Person.count(), 24);
    },
  },
  {
    name: "bulkCreate is all or nothing",
    run: async (t) => {
      await t.Person.create({ name: "n110" });
      const objects = made(t, 120);
      await fails(() => t.Person.bulkCreate(objects), IntegrityError);
      equal(await t.Person.count(), 1);
      equal(objects[0]!.pk, undefined);
      objects[110]!.name = "free";
      objects[60]!.age = 2 ** 40;
      await fails(() => t.Person.bulkCreate(objects), ValidationError);
      equal(await t.Person.count(), 1);
      objects[60]!.age = 60;
      await t.Person.bulkCreate(objects);
      equal(await t.Person.count(), 121);
    },
  },
  {
    name: "bulkCreate may leave out what is there",
    run: async (t) => {
      await t.Person.create({ name: "n5", age: -5 });
      await t.Person.bulkCreate(made(t, 60), { ignoreConflicts: true });
      equal(await t.Person.count(), 60);
      equal((await t.Person.get({ name: "n5" })).age, -5);
      equal((await t.Person.get({ name: "n59" })).age, 59);
      await fails(() => t.Person.bulkCreate(made(t, 1), { ignoreConflicts: true, updateFields: ["age"] }), ParamsError);
    },
  },
  {
    name: "bulkCreate may update what is there, and tells the keys",
    run: async (t) => {
      const old = await t.Person.create({ name: "n5", age: -5, note: "kept" });
      const objects = made(t, 60);
      await t.Person.bulkCreate(objects, { updateFields: ["age"], onConflict: ["name"] });
      equal(await t.Person.count(), 60);
      equal(await t.Person.get({ name: "n5" }).values("id", "age", "note"), { id: old.id, age: 5, note: "kept" });
      equal(objects[5]!.pk, old.pk);
      const read = await t.Person.inBulk(
        objects.map(({ name }) => name),
        "name",
      );
      for (const one of objects) equal(one.pk, read.get(one.name)!.pk, "the key that the object was told");
      await t.Seat.create({ row: 1, number: 1, holder: "a" });
      await t.Seat.bulkCreate(
        [new t.Seat({ row: 1, number: 1, holder: "b" }), new t.Seat({ row: 1, number: 2, holder: "c" })],
        { onConflict: ["row", "number"], updateFields: ["holder"] },
      );
      equal(await t.Seat.orderBy("number").valuesList("number", "holder"), [
        [1, "b"],
        [2, "c"],
      ]);
      await fails(() => t.Person.bulkCreate(made(t, 1), { updateFields: ["age"] }), ParamsError);
      await fails(() => t.Person.bulkCreate(made(t, 1), { updateFields: ["nope"], onConflict: ["name"] }), FieldError, {
        code: "unknown_field",
      });
    },
  },
  {
    name: "bulkUpdate writes the named fields of every object",
    run: async (t) => {
      const objects = await t.Person.bulkCreate(made(t, 120));
      objects.forEach((one, i) => {
        one.age = i % 5 === 0 ? null : -i;
        one.note = `note ${i}`;
        one.active = false;
      });
      equal(await t.Person.bulkUpdate(objects, ["age", "note"]), 120);
      const rows = (await t.Person.orderBy("id").valuesList("age", "note", "active")) as unknown as unknown[][];
      equal(
        rows,
        objects.map((_, i) => [i % 5 === 0 ? null : -i, `note ${i}`, true]),
      );
      const stale = await t.Person.get({ id: objects[1]!.id });
      await t.Person.filter({ id: stale.id }).update({ note: "newer" });
      await objects[1]!.save({ updateFields: ["active"] });
      equal(await t.Person.get({ id: stale.id }).values("note", "active"), { note: "newer", active: false });
    },
  },
  {
    name: "what bulkUpdate wrote is no change at the next save",
    run: async (t) => {
      const [one] = await t.Person.bulkCreate(made(t, 1));
      one!.note = "bulk";
      await t.Person.bulkUpdate([one], ["note"]);
      await t.Person.filter({ id: one!.id }).update({ note: "newer" });
      one!.age = 50;
      await one!.save();
      equal(await t.Person.get({ id: one!.id }).values("note", "age"), { note: "newer", age: 50 });
    },
  },
  {
    name: "bulkUpdate is all or nothing, and refuses what it cannot do",
    run: async (t) => {
      const objects = await t.Person.bulkCreate(made(t, 10));
      for (const one of objects) one.note = "x";
      objects[9]!.name = "n0";
      await fails(() => t.Person.bulkUpdate(objects, ["note", "name"]), IntegrityError);
      equal(await t.Person.filter({ note: "x" }).count(), 0);
      equal(await t.Person.bulkUpdate([], ["note"]), 0);
      await fails(() => t.Person.bulkUpdate(objects, []), ParamsError);
      await fails(() => t.Person.bulkUpdate(objects, ["nope"]), FieldError, { code: "unknown_field" });
      await fails(() => t.Person.bulkUpdate(objects, ["id"]), FieldError);
      await fails(() => t.Person.bulkUpdate([new t.Person({ name: "new" })], ["note"]), OperationalError, {
        code: "no_key",
      });
      await t.Person.filter({ id: objects[0]!.id }).delete();
      equal(await t.Person.bulkUpdate(objects, ["note"]), 9);
    },
  },
];
