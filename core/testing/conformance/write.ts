import {
  DoesNotExist,
  FieldError,
  IntegrityError,
  MultipleObjectsReturned,
  OperationalError,
  ParamsError,
  ValidationError,
} from "../../base/errors.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase } from "./case.js";
import { F, people } from "./select.js";
import type { Obj, Rows } from "./models.js";

/** One object at a time, and rows by filter. */
export const write: readonly ConformanceCase[] = [
  {
    name: "create gives the object with defaults, key and normalised values",
    run: async (t) => {
      const made = await t.Person.create({ name: "ali", score: 3, extra: { a: [1, null] } });
      equal(made.id, 1);
      equal(made.pk, 1);
      equal([made.age, made.score, made.active, made.note, made.extra], [null, "3.00", true, "", { a: [1, null] }]);
      ok(made.joined instanceof Date && made.touched instanceof Date, "autoNowAdd and autoNow set no Date");
      const read = await t.Person.get({ id: 1 });
      equal({ ...read }, { ...made });
      ok(read instanceof t.Person, "the row is not an object of its model");
      ok(made.equals(read) && !made.equals(await t.Person.create({ name: "bo" })), "equals() does not compare keys");
      equal(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(made)));
    },
  },
  {
    name: "create takes a key of the caller's, by either name",
    run: async (t) => {
      equal((await t.Person.create({ id: 70, name: "a" })).pk, 70);
      equal((await t.Person.create({ pk: 71, name: "b" })).id, 71);
      ok(Number((await t.Person.create({ name: "c" })).id) > 71, "the next key is not above the last");
      equal((await t.Tag.create({ code: "x'y" })).pk, "x'y");
      const token = await t.Token.create({});
      equal((await t.Token.get({ pk: token.pk })).id, token.id);
      await fails(() => t.Person.create({ pk: 1, id: 1, name: "d" }), ParamsError);
    },
  },
  {
    name: "values are taken at the call, and a write runs once",
    run: async (t) => {
      const values = { name: "a", extra: { deep: 1 } };
      const later = t.Person.create(values);
      values.name = "b";
      const [one, other] = [await later, await later];
      ok(one === other, "the second await made another object");
      equal(await t.Person.all().valuesList("name", { flat: true }), ["a"]);
      await t.Person.create({ name: "c" });
      equal(
        await t.statements(() => {
          void t.Person.create({ name: "never" });
        }),
        [],
      );
    },
  },
  {
    name: "what the database fills in comes back with the object",
    run: async (t) => {
      const made = await t.Filled.create({});
      const read = await t.Filled.get({ pk: made.pk });
      equal([read.count, read.word, read.price, read.open, read.note], [7, "it's", "9.90", true, "none"]);
      ok(
        read.at instanceof Date && Math.abs(read.at.getTime() - Date.now()) < 300_000,
        "the database's now is not now",
      );
      equal({ ...made }, { ...read });
      equal((await t.Filled.create({ count: 8, note: null })).count, 8);
      equal(await t.Filled.filter({ count: 8 }).valuesList("word", "note"), [["it's", null]]);
      const several = await t.Filled.bulkCreate([
        new t.Filled(),
        new t.Filled({ word: "own" }),
        new t.Filled({ count: 1 }),
      ]);
      equal(
        await t.Filled.filter({ id__in: several.map(({ pk }) => pk) })
          .orderBy("id")
          .valuesList("count", "word"),
        [
          [7, "it's"],
          [7, "own"],
          [1, "it's"],
        ],
      );
    },
  },
  {
    name: "save inserts what is new and updates what changed, nothing else",
    run: async (t) => {
      const one = new t.Person({ name: "a", age: 1 });
      equal((await t.statements(() => one.save())).length, 1);
      equal(await t.statements(() => one.save()), []);
      const touched = one.touched as Date;
      await new Promise((resolve) => setTimeout(resolve, 5));
      one.age = 2;
      const [sql, ...more] = await t.statements(() => one.save());
      equal(more, []);
      ok(sql!.includes("age") && sql!.includes("touched") && !sql!.includes("score"), `not only what changed: ${sql}`);
      ok((one.touched as Date).getTime() > touched.getTime(), "autoNow did not move");
      one.age = 2;
      one.extra = { list: [1] };
      await one.save();
      (one.extra as { list: number[] }).list.push(2);
      equal((await t.statements(() => one.save())).length, 1);
      equal(await t.Person.get({ id: one.id }).values("age", "extra"), { age: 2, extra: { list: [1, 2] } });
      const read = await t.Person.get({ id: one.id });
      read.score = 1.5;
      read.joined = new Date((read.joined as Date).getTime());
      equal(await t.statements(() => read.save()), []);
    },
  },
  {
    name: "save writes the fields it is told, and all of them when forced",
    run: async (t) => {
      const one = await t.Person.create({ name: "a", age: 1 });
      one.age = 2;
      one.note = "unsaved";
      await one.save({ updateFields: ["age"] });
      equal(await t.Person.get({ id: one.id }).values("age", "note"), { age: 2, note: "" });
      await t.Person.filter({ id: one.id }).update({ score: "9.00" });
      await one.save();
      equal(await t.Person.get({ id: one.id }).values("note", "score"), { note: "unsaved", score: "9.00" });
      await one.save({ forceUpdate: true });
      equal(await t.Person.get({ id: one.id }).values("score"), { score: "1.50" });
      equal(await t.statements(() => one.save({ updateFields: [] })), []);
      await fails(() => one.save({ updateFields: ["nope"] }), FieldError, { code: "unknown_field" });
      await fails(() => one.save({ forceCreate: true, forceUpdate: true }), ParamsError);
      await fails(() => one.save({ forceCreate: true }), IntegrityError);
      await fails(() => new t.Person({ id: 99, name: "x" }).save({ forceUpdate: true }), IntegrityError, {
        code: "row_gone",
      });
      const known = new t.Person({ id: one.id, name: "told" });
      await known.save({ updateFields: ["name"] });
      equal(await t.Person.get({ id: one.id }).values("name", "note"), { name: "told", note: "unsaved" });
    },
  },
  {
    name: "a changed key moves the row",
    run: async (t) => {
      const tag = await t.Tag.create({ code: "old", label: "x" });
      tag.code = "new";
      await tag.save();
      equal(await t.Tag.all().valuesList("code", "label"), [["new", "x"]]);
      const one = await t.Person.create({ name: "a" });
      one.pk = 500;
      await one.save();
      equal(await t.Person.all().valuesList("id", { flat: true }), [500]);
    },
  },
  {
    name: "delete, refresh, clone and updateFromDict",
    run: async (t) => {
      const one = await t.Person.create({ name: "a", age: 1 });
      await t.Person.filter({ id: one.id }).update({ age: 5, note: "new" });
      await one.refreshFromDb(["age"]);
      equal([one.age, one.note], [5, ""]);
      await one.refreshFromDb();
      equal(one.note, "new");
      const twin = one.clone();
      equal([twin.id, twin.age], [undefined, 5]);
      twin.updateFromDict({ name: "b", age: "7", active: "false" });
      await twin.save();
      equal(await t.Person.get({ id: twin.id }).values("name", "age", "active"), { name: "b", age: 7, active: false });
      equal((await t.Tag.create({ code: "c" })).clone("d").pk, "d");
      await one.delete();
      equal(await t.Person.all().valuesList("name", { flat: true }), ["b"]);
      await fails(() => one.delete(), OperationalError, { code: "not_saved" });
      await fails(() => one.refreshFromDb(), OperationalError, { code: "not_saved" });
      await t.Person.filter({ id: twin.id }).delete();
      await fails(() => twin.refreshFromDb(), DoesNotExist);
      twin.age = 8;
      await fails(() => twin.save(), IntegrityError, { code: "row_gone" });
      await one.save();
      equal(await t.Person.all().valuesList("name", { flat: true }), ["a"]);
    },
  },
  {
    name: "getOrCreate finds, or makes with the defaults",
    run: async (t) => {
      const [made, isNew] = await t.Person.getOrCreate({ name: "a" }, { age: 1 });
      equal([made.age, isNew], [1, true]);
      const [found, again] = await t.Person.getOrCreate({ name: "a" }, { age: 2 });
      equal([found.id, found.age, again], [made.id, 1, false]);
      const [missing] = await t.Person.getOrCreate({ name: "b", age: null });
      equal((await t.Person.getOrCreate({ name: "b", age: null }))[0].id, missing.id);
      await t.Person.create({ name: "c", age: 1 });
      await fails(() => t.Person.getOrCreate({ age: 1 }, { name: "d" }), MultipleObjectsReturned);
      await fails(() => t.Person.getOrCreate({ name__icontains: "a" }), ParamsError, { code: "lookup_in_values" });
      await fails(() => t.Person.getOrCreate({ name: "x" }, { name: "y" }), ParamsError, { code: "defaults_conflict" });
      await fails(() => t.Person.getOrCreate({ name: "a" }, { nope: 1 }), FieldError, { code: "unknown_field" });
      equal(await t.Person.count(), 3);
    },
  },
  {
    name: "updateOrCreate changes what is there, or makes it",
    run: async (t) => {
      const [made, isNew] = await t.Person.updateOrCreate({ name: "a" }, { age: 1 });
      equal([made.age, isNew], [1, true]);
      const [changed, again] = await t.Person.updateOrCreate({ name: "a" }, { age: 2 });
      equal([changed.id, changed.age, again], [made.id, 2, false]);
      equal(await t.Person.all().valuesList("name", "age"), [["a", 2]]);
      const { touched } = await t.Person.get({ name: "a" });
      const sent = await t.statements(() => t.Person.updateOrCreate({ name: "a" }, { age: 2 }));
      // In one request the database has to find out that nothing changes.
      if (!t.db.together)
        equal(
          sent.filter((sql) => sql.startsWith("UPDATE")),
          [],
        );
      equal((await t.Person.get({ name: "a" })).touched, touched);
    },
  },
  {
    name: "getOrCreate and updateOrCreate at the same time make one row",
    run: async (t) => {
      const made = await Promise.all(
        Array.from({ length: 20 }, () => t.Person.getOrCreate({ name: "one" }, { age: 0 })),
      );
      equal(made.filter(([, isNew]) => isNew).length, 1);
      equal(new Set(made.map(([one]) => one.id)).size, 1);
      const changed = await Promise.all(
        Array.from({ length: 20 }, (_, i) => t.Person.updateOrCreate({ name: "two" }, { age: i })),
      );
      equal(changed.filter(([, isNew]) => isNew).length, 1);
      equal(await t.Person.count(), 2);
      // The default of a tag is a promise: here all have looked before the first one is made.
      const tags = await Promise.all(Array.from({ length: 5 }, () => t.Tag.getOrCreate({ code: "x" })));
      equal(tags.filter(([, isNew]) => isNew).length, 1);
      const labelled = await Promise.all(
        Array.from({ length: 5 }, (_, i) => t.Tag.updateOrCreate({ code: "y" }, { label: `l${i}` })),
      );
      equal([labelled.filter(([, isNew]) => isNew).length, await t.Tag.count()], [1, 2]);
      const winner = labelled.findIndex(([, isNew]) => isNew);
      ok((await t.Tag.get({ code: "y" })).label !== `l${winner}`, "the losers of the race did not update");
    },
  },
  {
    name: "update sets values and expressions, and tells how many rows matched",
    run: async (t) => {
      await people(t);
      equal(await t.Person.filter({ age: 30 }).update({ note: "thirty", active: false }), 2);
      equal(await t.Person.filter({ age: 30 }).update({ note: "thirty" }), 2);
      equal(await t.Person.filter({ age__isnull: true }).update({ age: 0 }), 2);
      equal(await t.Person.all().update({ age: F("age").plus(1).times(2), score: F("score").plus("0.25") }), 6);
      equal(await t.Person.orderBy("id").valuesList("age", "score", "note"), [
        [62, "0.25", "thirty"],
        [2, "1.25", ""],
        [42, "2.25", ""],
        [62, "3.25", "thirty"],
        [2, "4.25", ""],
        [22, "5.25", ""],
      ]);
      equal(await t.Person.filter({ id: 2 }).update({ age: null, extra: { a: 1 } }), 1);
      equal(await t.Person.get({ id: 2 }).values("age", "extra"), { age: null, extra: { a: 1 } });
      equal(await t.Person.filter({ id: 1 }).update({ score: F("score").dividedBy(3), age: F("age").mod(4) }), 1);
      equal(await t.Person.get({ id: 1 }).values("age", "score"), { age: 2, score: "0.08" });
      for (const [given, rounded] of [
        ["0.005", "0.51"],
        ["-0.005", "0.50"],
        ["-1.005", "-0.51"],
        ["-1.004", "-0.50"],
        ["-0.5049", "0.00"],
      ] as const) {
        await t.Person.filter({ id: 1 }).update({ score: "0.50" });
        await t.Person.filter({ id: 1 }).update({ score: F("score").plus(given) });
        equal((await t.Person.get({ id: 1 })).score, rounded, `0.50 + ${given}`);
      }
      equal(await t.Person.filter({ id: 3 }).update({ age: F("age").pow(2).minus(1) }), 1);
      equal((await t.Person.get({ id: 3 })).age, 1763);
      equal(await t.Person.filter({ id: 99 }).update({ age: 1 }), 0);
      equal(await t.Person.all().update({}), 0);
    },
  },
  {
    name: "a computed number that does not fit its column is refused, and nothing is written",
    run: async (t) => {
      const most = 2n ** 63n - 1n;
      const values = {
        smallInt: 32_767,
        int: 2 ** 31 - 1,
        bigInt: Number.MAX_SAFE_INTEGER,
        big: most,
        float: 1e300,
        decimal: "9999999999999.99",
        wide: "999999999999.999999",
        amount: 999_999_999.999,
        delta: Number.MAX_SAFE_INTEGER,
      };
      const made = await t.Sample.create(values);
      const least = await t.Sample.create({ smallInt: -32_768, int: -(2 ** 31), big: -(2n ** 63n), float: -1e300 });
      const none = await t.Sample.create({});
      const stored = await t.Sample.orderBy("id").values();
      const tooLarge: readonly object[] = [
        { smallInt: F("smallInt").plus(1) },
        { smallInt: F("int") },
        { int: F("int").plus(1) },
        { int: F("int").times(F("int")).times(F("int")) },
        { int: F("bigInt") },
        { int: F("float") },
        { int: F("float").dividedBy(3) },
        { bigInt: F("bigInt").plus(1) },
        { bigInt: F("big") },
        { bigInt: F("float") },
        { big: F("big").plus(1) },
        // Back inside the range, but rounded on the way.
        { big: F("big").plus(F("big")).minus(F("big")) },
        { big: F("big").times(F("int")).mod(7) },
        { big: F("float") },
        { big: F("big").dividedBy(1) },
        { decimal: F("decimal").plus("0.01") },
        { decimal: F("decimal").plus("0.005") },
        { decimal: F("decimal").times(F("decimal")) },
        { decimal: F("float") },
        { wide: F("wide").plus("0.000001") },
        { wide: F("wide").times(F("wide")) },
        { wide: F("decimal") },
        { amount: F("amount").plus("0.001") },
        { delta: F("delta").plus(1) },
        { bigInt: 5, int: F("int").plus(1), text: "x" },
      ];
      for (const change of tooLarge) {
        const error = await fails(() => t.Sample.all().update(change), OperationalError, {
          code: "out_of_range",
          message: /does not fit/,
          hint: /./,
        });
        ok(error.sql?.startsWith("UPDATE") === true, "the error does not tell its statement");
      }
      for (const change of [
        { smallInt: F("smallInt").minus(1) },
        { int: F("int").minus(1) },
        { big: F("big").minus(1) },
        { big: F("float") },
      ])
        await fails(() => t.Sample.filter({ id: least.id }).update(change), OperationalError, { code: "out_of_range" });
      equal(await t.Sample.orderBy("id").values(), stored);
      equal(await t.Sample.filter({ id: none.id }).update(Object.assign({}, ...tooLarge.slice(0, -1))), 1);
      equal(await t.Sample.get({ id: none.id }).values(), stored[2]);
      // The last numbers that fit.
      equal(
        await t.Sample.filter({ id: made.id }).update({
          smallInt: F("smallInt").minus(65_535),
          int: F("int").times(-1).minus(1),
          bigInt: F("bigInt").times(-1),
          big: F("big").times(-1).minus(1),
          decimal: F("decimal").times(-1),
          wide: F("wide").times(-1),
          amount: F("amount").plus("0.0004"),
          delta: F("delta").times(-1),
        }),
        1,
      );
      equal(
        await t.Sample.get({ id: made.id }).values(
          "smallInt",
          "int",
          "bigInt",
          "big",
          "decimal",
          "wide",
          "amount",
          "delta",
        ),
        {
          smallInt: -32_768,
          int: -(2 ** 31),
          bigInt: Number.MIN_SAFE_INTEGER,
          big: -(2n ** 63n),
          decimal: "-9999999999999.99",
          wide: "-999999999999.999999",
          amount: 999_999_999.999,
          delta: Number.MIN_SAFE_INTEGER,
        },
      );
    },
  },
  {
    name: "a new key that does not fit a number says that its row was written",
    run: async (t) => {
      await t.Person.create({ id: Number.MAX_SAFE_INTEGER, name: "a" });
      const failure = { code: "unsafe_integer", message: /row was written/, hint: /mode: "bigint"/ };
      await fails(() => t.Person.create({ name: "b" }), FieldError, failure);
      await fails(() => t.Person.bulkCreate([new t.Person({ name: "c" })]), FieldError, failure);
      equal(await t.Person.orderBy("name").valuesList("name", { flat: true }), ["a", "b", "c"]);
    },
  },
  {
    name: "update and delete touch exactly the rows of a slice",
    run: async (t) => {
      await people(t);
      equal(await t.Person.orderBy("name").limit(2).filter({ age__not: 20 }).update({ note: "x" }), 2);
      equal(await t.Person.all().orderBy("name").slice(1, 3).update({ note: "y" }), 2);
      equal(await t.Person.filter({ active: true }).orderBy("-name").offset(5).update({ note: "z" }), 1);
      equal(await t.Person.orderBy("id").valuesList("note", { flat: true }), ["z", "y", "y", "", "", ""]);
      equal(await t.Person.filter({ age: 30 }).orderBy("-id").limit(1).delete(), 1);
      equal(await t.Person.all().orderBy("age").limit(2).delete(), 2);
      equal(await t.Person.orderBy("id").valuesList("name", { flat: true }), ["a", "c", "f"]);
      equal(await t.Person.all().limit(0).delete(), 0);
      equal(await t.Person.all().none().delete(), 0);
      equal(await t.Person.filter({ id__in: t.Person.filter({ age: 10 }) }).delete(), 1);
      equal(await t.Person.exclude({ age: 20 }).delete(), 1);
      equal(await t.Person.all().delete(), 1);
    },
  },
  {
    name: "keys may move over each other",
    run: async (t) => {
      await people(t);
      equal(await t.Person.all().update({ id: F("id").plus(1) }), 6);
      equal(await t.Person.orderBy("id").valuesList("id", "name"), [
        [2, "a"],
        [3, "b"],
        [4, "c"],
        [5, "d"],
        [6, "e"],
        [7, "f"],
      ]);
      equal(await t.Person.filter({ id__gt: 3 }).update({ pk: F("id").minus(1).times(10), note: "moved" }), 4);
      equal(await t.Person.orderBy("id").valuesList("id", "note"), [
        [2, ""],
        [3, ""],
        [30, "moved"],
        [40, "moved"],
        [50, "moved"],
        [60, "moved"],
      ]);
    },
  },
  {
    name: "keys that would collide for good leave everything as it was",
    run: async (t) => {
      await people(t);
      await fails(() => t.Person.filter({ id__gt: 3 }).update({ id: F("id").minus(2) }), IntegrityError);
      equal(await t.Person.orderBy("id").valuesList("id", "note"), [
        [1, ""],
        [2, ""],
        [3, ""],
        [4, ""],
        [5, ""],
        [6, ""],
      ]);
      await fails(() => t.Person.filter({ name: "b" }).update({ name: "a" }), IntegrityError);
      equal(await t.Person.filter({ name: "b" }).count(), 1);
    },
  },
  {
    name: "a write of all rows has to be meant",
    run: async (t) => {
      await people(t);
      const forgotten: readonly Rows[] = [
        t.Person.filter({}),
        t.Person.filter(),
        t.Person.limit(3),
        t.Person.orderBy("name"),
        t.Person.offset(1),
      ];
      for (const query of forgotten) {
        await fails(() => query.update({ age: 1 }), ParamsError, { code: "unfiltered", hint: /all\(\)/ });
        await fails(() => query.delete(), ParamsError, { code: "unfiltered" });
      }
      equal(await t.Person.filter({ age: 1 }).count(), 0);
      equal(await t.Person.count(), 6);
      equal(await t.Person.all().update({ age: 1 }), 6);
    },
  },
  {
    name: "a value that is refused leaves everything as it was",
    run: async (t) => {
      const one: Obj = await t.Person.create({ name: "a", age: 1 });
      one.note = "changed";
      one.age = 2 ** 31;
      await fails(() => one.save(), ValidationError, { code: "out_of_range" });
      await fails(() => t.Person.filter({ id: one.id }).update({ note: "x", age: 1.5 }), FieldError);
      await fails(() => t.Person.filter({ id: one.id }).update({ note: "x", name: null }), ValidationError);
      await fails(() => t.Person.filter({ id: one.id }).update({ nope: 1 }), FieldError, { code: "unknown_field" });
      await fails(() => t.Person.filter({ id: one.id }).update({ age__gt: 1 }), FieldError);
      await fails(() => t.Person.filter({ id: one.id }).update({ age: 1, pk: 3, id: 3 }), ParamsError);
      equal(await t.Person.get({ id: one.id }).values("age", "note"), { age: 1, note: "" });
    },
  },
];
