import {
  DoesNotExist,
  FieldError,
  IncompleteInstanceError,
  MultipleObjectsReturned,
  ParamsError,
} from "../../base/errors.js";
import { F as typedF } from "../../computed/f.js";
import type { Expression } from "../../computed/expression.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { idsOf } from "./lookups.js";
import type { Obj, Rows } from "./models.js";

/** F without types. */
export const F: (path: string) => Expression = typedF as unknown as (path: string) => Expression;

const AGES = [30, null, 20, 30, null, 10];

/** Six people, `a` to `f`, with ages that repeat and miss. */
export async function people(t: Kit): Promise<Obj[]> {
  const made: Obj[] = [];
  for (const [i, age] of AGES.entries())
    made.push(await t.Person.create({ id: i + 1, name: "abcdef"[i], age, score: String(i) }));
  return made;
}

async function names(query: PromiseLike<unknown>): Promise<string> {
  const found = (await query) as Obj | Obj[] | null;
  return found === null ? "null" : Array.isArray(found) ? found.map((one) => one.name).join("") : String(found.name);
}

/** The queries count as many rows as they give, and exist when there is one. */
async function countsItself(query: Rows): Promise<void> {
  const { length } = await query;
  equal(await query.count(), length, `the count of ${query.sql()}`);
  equal(await query.exists(), length > 0, `the existence of ${query.sql()}`);
}

/** Reading: order, slices, single rows, shapes of rows, counting. */
export const select: readonly ConformanceCase[] = [
  {
    name: "orders by several fields, NULL first ascending and last descending",
    run: async (t) => {
      await people(t);
      equal(await names(t.Person.orderBy("age", "name")), "befcad");
      equal(await names(t.Person.orderBy("age", "-name")), "ebfcda");
      equal(await names(t.Person.orderBy("-age", "name")), "adcfbe");
      equal(await names(t.Person.orderBy("-age", "-name")), "dacfeb");
      equal(await names(t.Person.orderBy("-pk")), "fedcba");
      equal(await names(t.Person.orderBy("age", "name").orderBy("name")), "abcdef");
    },
  },
  {
    name: "reverse turns the order, NULLs with it",
    run: async (t) => {
      await people(t);
      equal(await names(t.Person.orderBy("age", "name").reverse()), "dacfeb");
      equal(await names(t.Person.orderBy("age", "name").reverse().reverse()), "befcad");
      equal(await names(t.Person.all().reverse()), "fedcba");
    },
  },
  {
    name: "a model's own ordering counts until another is said",
    run: async (t) => {
      for (const [row, number] of [
        [2, 1],
        [1, 1],
        [1, 2],
      ] as const)
        await t.Seat.create({ row, number });
      const seats = async (query: Rows): Promise<unknown> => query.valuesList("row", "number");
      equal(await seats(t.Seat.all()), [
        [1, 2],
        [1, 1],
        [2, 1],
      ]);
      equal(await seats(t.Seat.all().reverse()), [
        [2, 1],
        [1, 1],
        [1, 2],
      ]);
      equal(await seats(t.Seat.orderBy("-row", "number")), [
        [2, 1],
        [1, 1],
        [1, 2],
      ]);
      equal((await t.Seat.first()).number, 2);
      equal((await t.Seat.last()).row, 2);
    },
  },
  {
    name: "ties are broken by the key where rows are cut off",
    run: async (t) => {
      await people(t);
      equal(await names(t.Person.orderBy("age").limit(2)), "be");
      equal(await names(t.Person.orderBy("-age").limit(2)), "da");
      equal(await names(t.Person.orderBy("age").limit(1).offset(1)), "e");
      equal(await names(t.Person.orderBy("-active").slice(2, 4)), "dc");
    },
  },
  {
    name: "limit, offset and slice cut, and count and exists with them",
    run: async (t) => {
      await people(t);
      const sorted = t.Person.orderBy("name");
      equal(await names(sorted.limit(2)), "ab");
      equal(await names(sorted.limit(0)), "");
      equal(await names(sorted.offset(4)), "ef");
      equal(await names(sorted.offset(9)), "");
      equal(await names(sorted.limit(2).offset(1)), "bc");
      equal(await names(sorted.slice(1, 3)), "bc");
      equal(await names(sorted.slice(4)), "ef");
      equal(await names(sorted.slice(2, 2)), "");
      equal(await names(sorted.limit(2 ** 40)), "abcdef");
      equal(await names(sorted.limit(5).limit(1)), "a");
      for (const query of [
        sorted.limit(2),
        sorted.limit(0),
        sorted.offset(4),
        sorted.offset(9),
        sorted.limit(3).offset(5),
        sorted.slice(1, 3),
        t.Person.limit(3),
        t.Person.offset(2),
      ])
        await countsItself(query);
    },
  },
  {
    name: "limit, offset and slice take whole numbers from 0",
    run: async (t) => {
      for (const wrong of [-1, 1.5, Number.NaN, Infinity, "1", null, undefined, 1n, 2 ** 60]) {
        for (const call of [() => t.Person.limit(wrong), () => t.Person.offset(wrong), () => t.Person.slice(wrong)])
          await fails(call, ParamsError);
      }
      await fails(() => t.Person.slice(3, 1), ParamsError);
    },
  },
  {
    name: "first, last, latest and earliest give one object or null",
    run: async (t) => {
      equal(await names(t.Person.first()), "null");
      equal(await t.Person.last(), null);
      equal(await t.Person.filter({ age: 1 }).latest("age"), null);
      await people(t);
      equal(await names(t.Person.first()), "a");
      equal(await names(t.Person.last()), "f");
      equal(await names(t.Person.orderBy("age").first()), "b");
      equal(await names(t.Person.orderBy("age").last()), "d");
      equal(await names(t.Person.orderBy("age", "-name").last()), "a");
      equal(await names(t.Person.exclude({ age: null }).earliest("age")), "f");
      equal(await names(t.Person.all().latest("age", "name")), "d");
      equal(await names(t.Person.orderBy("name").latest("-age", "-name")), "b");
      equal(await names(t.Person.limit(0).first()), "null");
      equal(await names(t.Person.orderBy("name").slice(2, 4).first()), "c");
      const sliced = t.Person.orderBy("name").slice(2, 4);
      for (const call of [
        () => sliced.last(),
        () => sliced.latest("age"),
        () => sliced.earliest("age"),
        () => sliced.reverse(),
        () => sliced.orderBy("age"),
      ])
        await fails(call, ParamsError, { code: "sliced", hint: /order first/ });
      equal(await t.Person.orderBy("-name").first().values("name"), { name: "f" });
      await fails(() => t.Person.latest(), FieldError, { code: "no_fields" });
      await fails(() => t.Person.earliest("nam"), FieldError, { code: "unknown_field" });
    },
  },
  {
    name: "get finds exactly one, or says what it found instead",
    run: async (t) => {
      await people(t);
      equal((await t.Person.get({ name: "c" })).age, 20);
      equal((await t.Person.get({ pk: 3 })).name, "c");
      equal((await t.Person.filter({ age: 30 }).get({ name: "d" })).id, 4);
      await fails(() => t.Person.get({ name: "z" }), DoesNotExist, { code: "does_not_exist", message: /Person/ });
      await fails(() => t.Person.get({ age: 30 }), MultipleObjectsReturned, {
        code: "multiple_objects",
        message: /Person/,
      });
      await fails(() => t.Person.get(), MultipleObjectsReturned);
      await fails(() => t.Person.all().none().get(), DoesNotExist);
      equal(await t.Person.getOrNone({ name: "z" }), null);
      equal((await t.Person.getOrNone({ name: "a" })).id, 1);
      await fails(() => t.Person.getOrNone({ age: 30 }), MultipleObjectsReturned);
      equal(await t.Person.get({ name: "c" }).values("age", "name"), { age: 20, name: "c" });
      equal(await t.Person.get({ name: "c" }).valuesList("age", { flat: true }), 20);
    },
  },
  {
    name: "distinct, and its count",
    run: async (t) => {
      await people(t);
      const ages = t.Person.orderBy("age").distinct().valuesList("age", { flat: true });
      equal(await ages, [null, 10, 20, 30]);
      for (const query of [
        ages,
        ages.limit(3),
        ages.offset(1),
        ages.limit(0),
        t.Person.all().distinct(),
        t.Person.all().distinct().values("age", "active"),
        t.Person.filter({ age: 30 }).distinct().values("age"),
      ])
        await countsItself(query);
      equal(await t.Person.filter({ age: 30 }).distinct().values("age").count(), 1);
    },
  },
  {
    name: "values and valuesList give the columns asked for, decoded",
    run: async (t) => {
      await people(t);
      const one = t.Person.filter({ id: 1 });
      equal(await one.values("name", { years: "age" }, "active"), [{ name: "a", years: 30, active: true }]);
      equal(await one.values({ pk: "pk", a: "id", b: "score" }), [{ pk: 1, a: 1, b: "0.00" }]);
      equal(await one.valuesList("score", "name", "pk"), [["0.00", "a", 1]]);
      equal(await one.valuesList("active", { flat: true }), [true]);
      equal(await one.valuesList("name", "name"), [["a", "a"]]);
      equal(Object.keys((await one.values())[0]!), [
        "id",
        "name",
        "age",
        "score",
        "active",
        "note",
        "joined",
        "touched",
        "extra",
      ]);
      equal(((await one.valuesList()) as unknown as unknown[][])[0]!.length, 9);
      await fails(() => one.values("name", { name: "age" }), FieldError, { code: "duplicate_name" });
      await fails(() => one.valuesList("name", "age", { flat: true }), ParamsError);
      await fails(() => one.valuesList({ flat: true }), ParamsError);
      await fails(() => one.values("age__gt"), FieldError);
      await fails(() => one.values({ a: "nope" }), FieldError, { code: "unknown_field", hint: /name/ });
    },
  },
  {
    name: "only loads the key and what it names, and nothing else is written by chance",
    run: async (t) => {
      await people(t);
      const [first] = await t.Person.orderBy("name").only("name");
      equal(Object.keys(first!), ["id", "name"]);
      await fails(() => first!.save(), IncompleteInstanceError);
      first!.name = "z";
      await first!.save({ updateFields: ["name"] });
      await fails(() => first!.save({ updateFields: ["age"] }), IncompleteInstanceError);
      equal(await t.Person.get({ id: 1 }).values("name", "age", "score"), { name: "z", age: 30, score: "0.00" });
      await first!.refreshFromDb(["age"]);
      equal(first!.age, 30);
      await first!.refreshFromDb();
      equal(first!.active, true);
      equal(Object.keys(await t.Person.get({ id: 2 }).only("age")), ["id", "age"]);
      await fails(() => t.Person.only("nope"), FieldError, { code: "unknown_field" });
      await fails(() => t.Person.only(), FieldError, { code: "no_fields" });
    },
  },
  {
    name: "count and exists answer for filters, none and nothing",
    run: async (t) => {
      equal(await t.Person.count(), 0);
      equal(await t.Person.exists(), false);
      await people(t);
      for (const query of [
        t.Person.all(),
        t.Person.filter({ age: 30 }),
        t.Person.exclude({ age: 30 }),
        t.Person.filter({ age: 99 }),
        t.Person.all().none(),
        t.Person.orderBy("-age"),
      ])
        await countsItself(query);
      equal(await t.Person.exists({ name: "a" }), true);
      equal(await t.Person.filter({ age: 30 }).exists({ name: "b" }), false);
      equal(await t.statements(() => t.Person.all().none().filter({ age: 1 })), []);
    },
  },
  {
    name: "inBulk gives a Map of what it found",
    run: async (t) => {
      await people(t);
      const byKey = await t.Person.inBulk([3, 1, 99, 3]);
      equal([byKey.size, byKey.has(1)], [2, true]);
      equal(byKey.get(3)!.name, "c");
      equal([...(await t.Person.inBulk(["b", "zz"], "name")).keys()], ["b"]);
      equal((await t.Person.inBulk([])).size, 0);
      equal((await t.Person.filter({ age: 30 }).inBulk([1, 3])).size, 1);
      await fails(() => t.Person.inBulk([1], "nope"), FieldError, { code: "unknown_field" });
      await fails(() => t.Person.inBulk(5), ParamsError);
    },
  },
  {
    name: "F compares columns, in one unit",
    run: async (t) => {
      await t.Sample.create({ id: 1, int: 5, smallInt: 5, decimal: "5.00", wide: "5.000001", float: 5 });
      await t.Sample.create({
        id: 2,
        int: 5,
        smallInt: 6,
        decimal: "4.99",
        wide: "4.990000",
        float: 4.5,
        char: "x",
        text: "x",
      });
      await t.Sample.create({ id: 3, int: 5 });
      const { Sample } = t;
      equal(await idsOf(Sample.filter({ int: F("smallInt") })), [1]);
      equal(await idsOf(Sample.filter({ int__not: F("smallInt") })), [2, 3]);
      equal(await idsOf(Sample.exclude({ int: F("smallInt") })), [2, 3]);
      equal(await idsOf(Sample.filter({ int: F("decimal") })), [1]);
      equal(await idsOf(Sample.filter({ wide__gt: F("decimal") })), [1]);
      equal(await idsOf(Sample.filter({ decimal__gte: F("float") })), [1, 2]);
      equal(await idsOf(Sample.filter({ decimal__lt: F("int").minus("0.005") })), [2]);
      equal(await idsOf(Sample.exclude({ decimal__lt: F("int").minus("0.005") })), [1, 3]);
      equal(await idsOf(Sample.filter({ int: F("smallInt").plus(1).times(2).minus(7) })), [1]);
      equal(await idsOf(Sample.filter({ char: F("text") })), [2]);
      equal(await idsOf(Sample.filter({ int__gt: F("smallInt").dividedBy(0) })), []);
      equal(await idsOf(Sample.exclude({ int__gt: F("smallInt").dividedBy(0) })), [1, 2, 3]);
      await fails(() => Sample.filter({ int: F("char") }), FieldError);
      await fails(() => Sample.filter({ char__contains: F("text") }), FieldError);
      await fails(() => Sample.filter({ int: F("nope") }), FieldError, { code: "unknown_field" });
      await fails(() => Sample.filter({ int: F("char").plus(1) }), FieldError, { code: "not_a_number" });
    },
  },
  {
    name: "a query in __in may be sliced, ordered and distinct",
    run: async (t) => {
      await people(t);
      const oldest = t.Person.exclude({ age: null }).orderBy("-age", "name").limit(2);
      equal(await names(t.Person.filter({ id__in: oldest }).orderBy("name")), "ad");
      equal(await names(t.Person.exclude({ pk__in: oldest }).orderBy("name")), "bcef");
      equal(
        await names(t.Person.filter({ age__in: t.Person.filter({ name: "c" }).valuesList("age", { flat: true }) })),
        "c",
      );
      equal(
        await names(
          t.Person.exclude({ age__in: t.Person.orderBy("name").limit(2).valuesList("age", { flat: true }) }).orderBy(
            "name",
          ),
        ),
        "bcef",
      );
      await fails(() => t.Person.filter({ id__in: t.Person.all().valuesList("id", "age") }), ParamsError);
      await fails(() => t.Person.filter({ id: t.Person.all() }), FieldError);
    },
  },
  {
    name: "async iteration gives every row once, in order, and may be left early",
    run: async (t) => {
      await t.Person.bulkCreate(
        Array.from({ length: 2500 }, (_, i) => new t.Person({ name: `p${String(i).padStart(4, "0")}`, age: i % 7 })),
      );
      for (const query of [
        t.Person.all(),
        t.Person.orderBy("-pk"),
        t.Person.orderBy("age", "-name"),
        t.Person.filter({ age: 3 }),
        t.Person.orderBy("name").slice(10, 20),
      ]) {
        const seen: unknown[] = [];
        for await (const one of query) seen.push(one.name);
        // Where no order is asked for, iteration chooses that of the key.
        equal(
          seen,
          (await (query.sql().includes("ORDER BY") ? query : query.orderBy("pk"))).map((one) => one.name),
        );
      }
      let count = 0;
      for await (const one of t.Person.orderBy("name")) {
        await one.updateFromDict({ note: "seen" }).save();
        if (++count === 5) break;
      }
      equal(await t.Person.filter({ note: "seen" }).count(), 5);
      for await (const row of t.Person.orderBy("age", "name").limit(1).values("name")) equal(row, { name: "p0000" });
      for await (const _ of t.Person.all().none()) ok(false, "none() gave a row");
    },
  },
  {
    name: "raw gives objects, and what the model does not know beside them",
    run: async (t) => {
      await people(t);
      const table = t.db.dialect.quote("conformance_person");
      const [one, ...others] = await t.Person.raw(`SELECT id, name, active, 7 AS lucky FROM ${table} WHERE name = ?`, [
        "c",
      ]);
      equal(others, []);
      equal({ ...one }, { id: 3, name: "c", active: true, lucky: 7 });
      await fails(() => t.Person.raw(`SELECT name FROM ${table}`), FieldError, { code: "no_key" });
    },
  },
  {
    name: "a query set never changes, and a read runs at every await",
    run: async (t) => {
      const query = t.Person.orderBy("name");
      void query.filter({ name: "b" }).reverse().limit(1);
      equal(await names(query), "");
      await people(t);
      equal(await names(query), "abcdef");
      const list = [1, 2];
      const some = t.Person.filter({ id__in: list }).orderBy("name");
      list.push(3);
      equal(await names(some), "ab");
      equal(query.sql(), query.sql());
    },
  },
  {
    name: "explain and sql tell how a query would run",
    run: async (t) => {
      ok((await t.Person.filter({ name: "a" }).explain()).length > 0, "explain() gave nothing");
      ok(t.Person.filter({ name: "it's" }).sql().includes("'it''s'"), "sql() does not show the value");
    },
  },
];
