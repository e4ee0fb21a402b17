import { IntegrityError, OperationalError, TerrapinError } from "../../base/errors.js";
import { createSchema } from "../../schema/create.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";

async function create(t: Kit, safe: boolean): Promise<void> {
  for (const sql of createSchema(t.metas, t.db.dialect, { safe })) await t.db.run(sql, []);
}

/** Tables, indexes, rules, defaults and names. */
export const schema: readonly ConformanceCase[] = [
  {
    name: "making the tables again is harmless when safe, and an error when not",
    run: async (t) => {
      await t.Person.create({ name: "a" });
      await create(t, true);
      equal(await t.Person.count(), 1);
      const error = await fails(() => create(t, false), OperationalError);
      ok(error.sql?.startsWith("CREATE TABLE") === true, "the error does not carry its statement");
      equal(await t.Person.count(), 1);
    },
  },
  {
    name: "names and words that must be quoted work in every call",
    run: async (t) => {
      const one = await t.Odd.create({ order: 1, select: "x", values: 5, where: 6, tuples: 7, flat: 8 });
      equal(
        { ...(await t.Odd.get({ pk: one.pk })) },
        { id: 1, order: 1, select: "x", values: 5, where: 6, tuples: 7, flat: 8 },
      );
      equal(
        await t.Odd.filter({ order__gte: 1, select__contains: "x" })
          .orderBy("-order", "select")
          .values("order", "select"),
        [{ order: 1, select: "x" }],
      );
      await t.Odd.bulkCreate([new t.Odd({ order: 2, select: "y" }), new t.Odd({ order: 3, select: "z" })]);
      equal(await t.Odd.filter({ order: 2 }).update({ select: "yy" }), 1);
      one.order = 10;
      await one.save();
      equal(await t.Odd.orderBy("-order").limit(2).valuesList("order", { flat: true }), [10, 3]);
      equal(await t.Odd.filter({ order: 3 }).orderBy("select").limit(1).delete(), 1);
      equal(
        await t.Odd.orderBy("order")
          .only("select")
          .then((rows) => rows.map(({ select }) => select)),
        ["yy", "x"],
      );
    },
  },
  {
    name: "a field called like a word of the library is only a field",
    run: async (t) => {
      await t.Odd.create({ order: 1, select: "a", values: 1, where: 1, tuples: 1, flat: 1 });
      await t.Odd.create({ order: 2, select: "b", values: 2, where: 2, tuples: 2, flat: 2 });
      const { Odd } = t;
      for (const name of ["values", "tuples", "flat", "where"]) {
        equal(
          (await Odd.filter({ [name]: 2 })).map(({ order }) => order),
          [2],
          `the rows by ${name}`,
        );
        equal((await Odd.orderBy("order").values("order")).length, 2);
        equal(((await Odd.values()) as unknown[]).length, 2);
        equal((await Odd.valuesList()).length, 2);
        equal(await Odd.orderBy("order").valuesList(name, { flat: true }), [1, 2]);
      }
      equal(await Odd.filter({ where: 2 }).update({ order: 20 }), 1);
      equal(await Odd.all().update({ order: 5, where: 6 }), 2);
      equal(await Odd.all().valuesList("order", "where"), [
        [5, 6],
        [5, 6],
      ]);
    },
  },
  {
    name: "the database's own defaults have the stored form of the library",
    run: async (t) => {
      await t.db.run(`INSERT INTO ${t.db.dialect.quote("conformance_filled")} (count) VALUES (1)`, []);
      const one = await t.Filled.get({ count: 1 });
      equal([one.word, one.price, one.open, one.note], ["it's", "9.90", true, "none"]);
      ok(Math.abs((one.at as Date).getTime() - Date.now()) < 300_000, "the database's now is not now");
      equal(
        await t.Filled.filter({
          at__lte: new Date(Date.now() + 300_000),
          at__gt: new Date(0),
          price: "9.9",
          open: true,
        }).count(),
        1,
      );
    },
  },
  {
    name: "unique rules, checks and keys are rules of the database",
    run: async (t) => {
      await t.Seat.create({ row: 1, number: 1 });
      await t.Seat.create({ row: 1, number: 2 });
      await fails(() => t.Seat.create({ row: 1, number: 1 }), IntegrityError);
      await fails(() => t.Seat.create({ row: 2, number: 1, price: -1 }), IntegrityError);
      await fails(() => t.Seat.filter({ number: 2 }).update({ number: 1 }), IntegrityError);
      await t.Tag.create({ code: "a" });
      await t.Tag.create({ code: "A" });
      await fails(() => t.Tag.create({ code: "a" }), IntegrityError);
      equal([await t.Seat.count(), await t.Tag.count()], [2, 2]);
    },
  },
  {
    name: "describe is plain JSON and names every field",
    run: async (t) => {
      for (const meta of t.metas) {
        const description = t[meta.name as "Sample"].describe();
        equal(JSON.parse(JSON.stringify(description)), description);
        equal(description.table, meta.table.name);
        const described = [description.pk_field, ...(description.data_fields as unknown[])].map(
          (field) => (field as { name: string }).name,
        );
        equal(described.slice().sort(), meta.names.slice().sort());
      }
    },
  },
  {
    name: "the tables are described as they were asked for",
    needs: ["introspect"],
    run: async (t) => {
      const tables = await t.db.introspect();
      for (const meta of t.metas) {
        const table = tables.find(({ name }) => name === meta.table.name);
        ok(table !== undefined, `the table ${meta.table.name} is not there`);
        equal(
          table!.columns.map((column) => [column.name, column.null]),
          meta.fields.map((field) => [field.column, field.null]),
          `the columns of ${meta.name}`,
        );
        equal(table!.primaryKey, [meta.pk.column]);
      }
      const rules = (name: string): unknown =>
        tables
          .find((table) => table.name === name)!
          .indexes.map((index) => `${index.unique ? "unique " : ""}${index.columns.join()}`)
          .toSorted();
      equal(rules("conformance_seat"), ["unique row,number"]);
      equal(rules("conformance_person"), ["age,name", "unique name"]);
      equal(rules("conformance_tag"), ["label"]);
      equal(
        tables
          .find(({ name }) => name === "conformance_filled")!
          .columns.filter((column) => column.default !== null)
          .map(({ name }) => name),
        ["count", "word", "price", "open", "at", "note"],
      );
    },
  },
  {
    name: "raw calls give rows by name, and scripts run whole",
    needs: ["script"],
    run: async (t) => {
      await t.db.executeScript(
        "CREATE TABLE conformance_raw (a INTEGER, b VARCHAR(20)); INSERT INTO conformance_raw VALUES (1, 'x;y')",
      );
      try {
        await t.db.executeMany("INSERT INTO conformance_raw VALUES (?, ?)", [
          [2, null],
          [3, "z"],
        ]);
        equal(await t.db.executeQueryDict("SELECT a, b FROM conformance_raw ORDER BY a"), [
          { a: 1, b: "x;y" },
          { a: 2, b: null },
          { a: 3, b: "z" },
        ]);
        const [count, rows] = await t.db.executeQuery("SELECT b FROM conformance_raw WHERE a > ?", [1]);
        equal([count, rows.length], [2, 2]);
        await fails(() => t.db.executeQuery("SELECT nope FROM conformance_raw"), TerrapinError);
      } finally {
        await t.db.executeScript("DROP TABLE conformance_raw");
      }
    },
  },
];
