import { FieldError, IntegrityError, OperationalError, ParamsError, TerrapinError } from "../../base/errors.js";
import { batch as typedBatch } from "../../queryset/batch.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { HOSTILE } from "./hostile.js";
import { Q } from "./lookups.js";
import { F, people } from "./select.js";

/** `batch` without types. */
const batch = typedBatch as unknown as (items: readonly unknown[]) => PromiseLike<unknown[]>;

const SECRET = "s3cret-value";

/** The statement is there, and no value of it. */
function tellsItsStatement(error: OperationalError, start: string): void {
  ok(error.sql?.startsWith(start) === true, `the statement is ${String(error.sql)}`);
  ok(!error.sql!.includes(SECRET), "the statement carries a value");
  ok(error.cause !== undefined, "the client's own error is lost");
}

/** Every place where a program may name a field, asked with a wrong one. */
const places = (t: Kit, name: string): readonly (() => unknown)[] => [
  () => t.Person.filter({ [name]: 1 }),
  () => t.Person.exclude({ [`${name}__gt`]: 1 }),
  () => t.Person.filter(Q.not(Q({ [name]: 1 }))),
  () => t.Person.get({ [name]: 1 }),
  () => t.Person.getOrNone({ [name]: 1 }),
  () => t.Person.exists({ [name]: 1 }),
  () => t.Person.orderBy(name),
  () => t.Person.orderBy(`-${name}`),
  () => t.Person.orderBy("name", name).limit(1),
  () => t.Person.latest(name),
  () => t.Person.earliest(name),
  () => t.Person.only(name),
  () => t.Person.values(name),
  () => t.Person.values({ x: name }),
  () => t.Person.valuesList(name),
  () => t.Person.valuesList(name, { flat: true }),
  () => t.Person.inBulk([1], name),
  () => t.Person.create({ name: "x", [name]: 1 }),
  () => t.Person.getOrCreate({ [name]: 1 }, { name: "x" }),
  () => t.Person.getOrCreate({ name: "a" }, { [name]: 1 }),
  () => t.Person.updateOrCreate({ name: "a" }, { [name]: 1 }),
  () => t.Person.all().update({ [name]: 1 }),
  () => t.Person.filter({ [name]: 1 }).update({ age: 1 }),
  () => t.Person.filter({ [name]: 1 }).delete(),
  () => t.Person.all().update({ age: F(name) }),
  () => t.Person.filter({ age: F(name) }),
  () => t.Person.filter({ age__gt: F("age").plus(F(name)) }),
  async () => (await t.Person.get({ name: "a" })).save({ updateFields: [name] }),
  async () => (await t.Person.get({ name: "a" })).refreshFromDb([name]),
  async () => t.Person.bulkUpdate([await t.Person.get({ name: "a" })], [name]),
  () => t.Person.bulkCreate([new t.Person({ name: "a" })], { onConflict: [name], updateFields: ["age"] }),
];

/** What goes wrong arrives as its class, says what was meant, and changes nothing. */
export const errors: readonly ConformanceCase[] = [
  {
    name: "an error in a batch says the same as alone, and of no other statement that it failed",
    needs: ["batch"],
    run: async (t) => {
      const person = (): PromiseLike<unknown> => t.Person.create({ name: SECRET });
      await person();
      const alone = await fails(person, IntegrityError);
      const inBatch = await fails(() => batch([t.Person.filter({ name: "a" }).delete(), person()]), IntegrityError);
      equal([inBatch.message, inBatch.kind, inBatch.fields], [alone.message, "unique", ["name"]]);
      ok(inBatch.sql === null || inBatch.sql.startsWith("INSERT"), `it names another statement: ${inBatch.sql}`);
    },
  },
  {
    name: "a unique rule that is broken names its fields",
    run: async (t) => {
      await t.Person.create({ name: SECRET });
      const error = await fails(() => t.Person.create({ name: SECRET }), IntegrityError, { code: "integrity" });
      equal([error.kind, error.fields], ["unique", ["name"]]);
      tellsItsStatement(error, "INSERT");
      await t.Seat.create({ row: 1, number: 1 });
      const other = await t.Seat.create({ row: 1, number: 2 });
      other.number = 1;
      const together = await fails(() => other.save(), IntegrityError);
      equal([together.kind, together.fields], ["unique", ["row", "number"]]);
      tellsItsStatement(together, "UPDATE");
      const many = await fails(
        () => t.Person.bulkCreate([new t.Person({ name: "x" }), new t.Person({ name: "x" })]),
        IntegrityError,
      );
      equal([many.kind, many.fields], ["unique", ["name"]]);
      const set = await fails(
        () =>
          t.Odd.bulkCreate([new t.Odd({ id: 1, order: 1, select: "x" }), new t.Odd({ id: 1, order: 1, select: "x" })]),
        IntegrityError,
      );
      ok(set.kind === "unique" || set.kind === "primaryKey", `the kind is ${set.kind}`);
      equal(set.fields, ["id"]);
    },
  },
  {
    name: "a key that is taken is an integrity error too",
    run: async (t) => {
      await t.Tag.create({ code: SECRET });
      const error = await fails(() => t.Tag.create({ code: SECRET }), IntegrityError);
      ok(error.kind === "primaryKey" || error.kind === "unique", `the kind is ${error.kind}`);
      equal(error.fields, ["code"]);
      tellsItsStatement(error, "INSERT");
    },
  },
  {
    name: "NOT NULL and CHECK that are broken say so",
    run: async (t) => {
      const missing = await fails(
        async () =>
          t.db.run(`INSERT INTO ${t.db.dialect.quote("conformance_tag")} (code, label) VALUES (NULL, ?)`, [SECRET]),
        IntegrityError,
      );
      equal(missing.kind, "notNull");
      tellsItsStatement(missing, "INSERT");
      const check = await fails(() => t.Seat.create({ row: 1, number: 1, price: -5 }), IntegrityError);
      equal([check.kind, check.constraint], ["check", "conformance_price"]);
      equal(await t.Seat.count(), 0);
    },
  },
  {
    name: "a statement that is wrong, or a table that is missing, is an operational error with its SQL",
    run: async (t) => {
      const syntax = await fails(async () => t.db.run("SELEC ?", [SECRET]), OperationalError);
      tellsItsStatement(syntax, "SELEC");
      await t.db.run(`DROP TABLE ${t.db.dialect.quote("conformance_tag")}`, []);
      const error = await fails(() => t.Tag.filter({ label: SECRET }), OperationalError);
      ok(!(error instanceof IntegrityError), "a missing table is no integrity error");
      tellsItsStatement(error, "SELECT");
      tellsItsStatement(await fails(() => t.Tag.create({ code: SECRET }), OperationalError), "INSERT");
    },
  },
  {
    name: "an unknown name fails everywhere with the names that are known",
    run: async (t) => {
      await people(t);
      for (const call of places(t, "nope"))
        await fails(call, FieldError, { code: "unknown_field", message: /nope/, hint: /name, age, score/ });
      await fails(() => t.Person.filter({ age__nope: 1 }), FieldError, { code: "unknown_lookup", hint: /gte/ });
      await fails(() => t.Person.filter({ age__contains: 1 }), FieldError, { code: "unknown_lookup" });
      await fails(() => t.Person.filter({ name__year: 1 }), FieldError, { code: "unknown_lookup" });
      equal(await t.Person.count(), 6);
      equal(await t.Person.exists({ age: 1 }), false);
    },
  },
  {
    name: "hostile names are unknown names, and the data is untouched",
    run: async (t) => {
      await people(t);
      const before = await t.Person.orderBy("id").valuesList();
      const known = new Set(["name", "id", "pk", "name__icontains"]);
      for (const text of HOSTILE.concat(
        "hasOwnProperty",
        "toString",
        'name"; DROP TABLE conformance_person; --',
        "name`",
        "age)--",
        "--age",
        "",
      )) {
        if (known.has(text)) continue;
        for (const call of places(t, text)) await fails(call, TerrapinError);
      }
      equal(await t.Person.orderBy("id").valuesList(), before);
    },
  },
  {
    name: "an alias of values may be any text",
    run: async (t) => {
      await people(t);
      for (const text of HOSTILE.filter((each) => each !== "__proto__"))
        equal(Object.entries((await t.Person.filter({ id: 1 }).values({ [text]: "name" }))[0]!), [[text, "a"]]);
      await fails(() => t.Person.values({ ["__proto__"]: "name" }), ParamsError);
      equal(await t.Person.count(), 6);
    },
  },
  {
    name: "values of the wrong shape are named by their type and never shown",
    run: async (t) => {
      for (const [where, message] of [
        [{ age: SECRET }, /age/],
        [{ age__in: SECRET }, /age__in/],
        [{ age__range: [1] }, /age__range/],
        [{ age__range: [1, null] }, /age__range/],
        [{ age__isnull: SECRET }, /age__isnull/],
        [{ name__contains: 5 }, /name__contains/],
        [{ joined__year: SECRET }, /joined__year/],
        [{ joined__date: SECRET }, /joined__date/],
        [{ joined: SECRET }, /joined/],
        [{ score: SECRET }, /score/],
        [{ active: SECRET }, /active/],
        [{ age__in: [1, SECRET] }, /age/],
        [{ age: [1] }, /age/],
        [{ age: {} }, /age/],
        [{ name: { toString: () => SECRET } }, /name/],
      ] as const) {
        const error = await fails(() => t.Person.filter(where), FieldError, { message });
        ok(!error.message.includes(SECRET), `the message shows the value: ${error.message}`);
      }
      await fails(() => t.Person.filter("name = 'a'"), TerrapinError, { message: /string/ });
      await fails(() => t.Person.filter(null), TerrapinError);
      await fails(() => t.Person.filter([{ name: "a" }]), TerrapinError);
      await fails(() => t.Person.create([]), TerrapinError);
      await fails(() => t.Person.create(null), TerrapinError);
      await fails(() => t.Person.orderBy(5), TerrapinError);
      await fails(() => t.Person.usingDb("nope").all(), TerrapinError, { code: "unknown_connection" });
    },
  },
  {
    name: "an error of a lazy call comes when it runs, with the caller's line",
    run: async (t) => {
      const query = t.Person.filter({ nope: 1 });
      const error = await fails(async function callerOfTheQuery() {
        return await query;
      }, FieldError);
      ok(error.stack?.includes("callerOfTheQuery") === true, `the stack does not name the caller: ${error.stack}`);
    },
  },
];
