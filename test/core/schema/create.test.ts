import { fields, Index, SpatialIndex, Model, Terrapin } from "terrapin";
import { describe, expect, it } from "vitest";
import { createSchema } from "../../../core/schema/create.js";
import { metaOf } from "../../../core/schema/meta.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose, type Loose } from "../../support/loose.js";

/** The statements that make a model's table. */
async function ddl(models: Readonly<Record<string, unknown>>, safe = false): Promise<string[]> {
  await Terrapin.context({ connections: { default: mock({ dialect: sqliteDialect }) }, models: loose(models) });
  return createSchema(
    Object.values(models).map((model) => metaOf(model as object)),
    sqliteDialect,
    { safe },
  );
}

const define = (columns: object, meta: object = {}): Loose => loose(Model).define(columns, meta);

describe("a table", () => {
  it("has a column of the right type for every kind of field", async () => {
    const AllFields = define({
      id: fields.bigInt({ primaryKey: true }),
      small: fields.smallInt(),
      int: fields.int(),
      big: fields.bigInt(),
      exact: fields.bigInt({ mode: "bigint" }),
      float: fields.float(),
      price: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
      long: fields.decimal({ maxDigits: 30, decimalPlaces: 2 }),
      foreign: fields.decimal({ maxDigits: 10, decimalPlaces: 2, storage: "numeric" }),
      char: fields.char({ maxLength: 5 }),
      text: fields.text(),
      flag: fields.boolean(),
      day: fields.date(),
      at: fields.datetime(),
      clock: fields.time(),
      span: fields.timeDelta(),
      key: fields.uuid(),
      data: fields.json(),
      bytes: fields.binary(),
      level: fields.intEnum([1, 2]),
      state: fields.charEnum(["open", "shut"]),
    });
    expect(await ddl({ AllFields })).toEqual([
      `CREATE TABLE "all_fields" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  "small" INTEGER NOT NULL,
  "int" INTEGER NOT NULL,
  "big" INTEGER NOT NULL,
  "exact" INTEGER NOT NULL,
  "float" REAL NOT NULL,
  "price" INTEGER NOT NULL,
  "long" TEXT NOT NULL,
  "foreign" NUMERIC NOT NULL,
  "char" VARCHAR(5) NOT NULL,
  "text" TEXT NOT NULL,
  "flag" INTEGER NOT NULL,
  "day" TEXT NOT NULL,
  "at" TEXT NOT NULL,
  "clock" TEXT NOT NULL,
  "span" INTEGER NOT NULL,
  "key" CHAR(36) NOT NULL,
  "data" TEXT NOT NULL,
  "bytes" BLOB NOT NULL,
  "level" INTEGER NOT NULL,
  "state" VARCHAR(4) NOT NULL
)`,
    ]);
  });

  it("says what may be NULL, what is unique, and what the database fills in", async () => {
    const Plain = define({
      code: fields.char({ maxLength: 3, primaryKey: true }),
      name: fields.text({ null: true }),
      email: fields.char({ maxLength: 9, unique: true }),
      state: fields.text({ dbDefault: "it's" }),
      price: fields.decimal({ maxDigits: 5, decimalPlaces: 2, dbDefault: "1.5" }),
      flag: fields.boolean({ dbDefault: true }),
      at: fields.datetime({ dbDefault: loose("now") }),
      day: fields.date({ dbDefault: loose("now") }),
      none: fields.int({ null: true, dbDefault: null }),
      own: fields.int({ default: 5 }),
    });
    expect(await ddl({ Plain }, true)).toEqual([
      `CREATE TABLE IF NOT EXISTS "plain" (
  "code" VARCHAR(3) NOT NULL PRIMARY KEY,
  "name" TEXT,
  "email" VARCHAR(9) NOT NULL UNIQUE,
  "state" TEXT NOT NULL DEFAULT 'it''s',
  "price" INTEGER NOT NULL DEFAULT 150,
  "flag" INTEGER NOT NULL DEFAULT 1,
  "at" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  "day" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d', 'now')),
  "none" INTEGER DEFAULT NULL,
  "own" INTEGER NOT NULL
)`,
    ]);
  });

  it("is named after its model, unless it has a name, a schema or columns of its own", async () => {
    const HTTPServerLog = define({ userName: fields.text() });
    const Named = define(
      { userName: fields.text({ column: "USER NAME" }), lastSeen: fields.text() },
      { table: 'a "table"', schema: "main", naming: "preserve" },
    );
    expect(await ddl({ HTTPServerLog, Named })).toEqual([
      'CREATE TABLE "http_server_log" (\n  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,\n  "user_name" TEXT NOT NULL\n)',
      'CREATE TABLE "main"."a ""table""" (\n  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,\n  "USER NAME" TEXT NOT NULL,\n  "lastSeen" TEXT NOT NULL\n)',
    ]);
  });

  it("of an unmanaged model is not made", async () => {
    expect(await ddl({ Foreign: define({ name: fields.text() }, { managed: false }) })).toEqual([]);
  });

  it("of an abstract model does not exist", async () => {
    const Base = define({ name: fields.text() }, { abstract: true });
    const orm = await Terrapin.context({
      connections: { default: mock({ dialect: sqliteDialect }) },
      models: { Base, Child: Base.define({}, {}) },
    });
    expect(orm.schemaSql()).toBe(
      'CREATE TABLE IF NOT EXISTS "child" (\n  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,\n  "name" TEXT NOT NULL\n);',
    );
  });
});

describe("indexes and constraints", () => {
  it("have the names of the specification", async () => {
    const Allf = define(
      { ch: fields.char({ maxLength: 5, index: true }), big: fields.bigInt(), small: fields.smallInt() },
      { indexes: [["ch", "big"]], uniqueTogether: ["big", "small"] },
    );
    const statements = await ddl({ Allf });
    expect(statements[0]).toContain('CONSTRAINT "uid_allf_big_130e5d" UNIQUE ("big", "small")');
    expect(statements.slice(1)).toEqual([
      'CREATE INDEX "idx_allf_ch_cef9c2" ON "allf" ("ch")',
      'CREATE INDEX "idx_allf_ch_219484" ON "allf" ("ch", "big")',
    ]);
  });

  it("have names of at most 30 characters, however long their table is", async () => {
    const AVeryLongNameOfAModelIndeed = define({ anEvenLongerNameOfAField: fields.int({ index: true }) });
    const [, index] = await ddl({ AVeryLongNameOfAModelIndeed }, true);
    expect(index).toMatch(/^CREATE INDEX IF NOT EXISTS "idx_a_very_long_an_even_[0-9a-f]{6}" ON/);
  });

  it("may be partial, unique and named", async () => {
    const Ticket = define(
      { state: fields.charEnum(["open", "it's"]), owner: fields.int({ null: true }), flag: fields.boolean() },
      {
        indexes: [
          Index({
            fields: ["owner"],
            where: { state: "it's", owner: null, flag: true },
            name: "my index",
            unique: true,
          }),
          { fields: ["pk", "state"] },
        ],
      },
    );
    expect((await ddl({ Ticket })).slice(1)).toEqual([
      `CREATE UNIQUE INDEX "my index" ON "ticket" ("owner") WHERE "state" = 'it''s' AND "owner" IS NULL AND "flag" = 1`,
      expect.stringMatching(/^CREATE INDEX "idx_ticket_id_[0-9a-f]{6}" ON "ticket" \("id", "state"\)$/),
    ]);
  });

  it("over shapes are refused by name where there are none", async () => {
    const Place = define({ place: fields.geometry() }, { indexes: [SpatialIndex({ fields: ["place"] })] });
    await expect(ddl({ Place })).rejects.toMatchObject({
      name: "UnsupportedError",
      code: "no_spatial_indexes",
      message: expect.stringMatching(
        /^SQLite has no indexes over shapes, which "idx_place_place_[0-9a-f]{6}" would be/,
      ),
    });
  });

  it("asked for twice are made once", async () => {
    const Twice = define({ name: fields.char({ maxLength: 5, index: true }) }, { indexes: [["name"], ["name"]] });
    expect((await ddl({ Twice })).length).toBe(2);
  });

  it("of one name and different meaning are refused, because one would be missing", async () => {
    const Clash = define(
      { name: fields.text(), state: fields.text() },
      {
        indexes: [
          { fields: ["name"], where: { state: "a" } },
          { fields: ["name"], where: { state: "b" } },
        ],
      },
    );
    await expect(ddl({ Clash })).rejects.toMatchObject({
      name: "ConfigurationError",
      code: "index_twice",
      hint: expect.stringContaining("name"),
    });
  });

  it("are not made for what is unique already", async () => {
    expect(
      (await ddl({ Once: define({ name: fields.char({ maxLength: 5, index: true, unique: true }) }) })).length,
    ).toBe(1);
  });

  it("can be checks in the author's SQL", async () => {
    const Priced = define({ price: fields.int() }, { constraints: [{ name: "not negative", check: '"price" >= 0' }] });
    expect((await ddl({ Priced }))[0]).toContain('CONSTRAINT "not negative" CHECK ("price" >= 0)');
  });

  it("can be several rules of uniqueness", async () => {
    const Pairs = define(
      { a: fields.int(), b: fields.int(), c: fields.int() },
      {
        uniqueTogether: [
          ["a", "b"],
          ["b", "c"],
        ],
      },
    );
    expect((await ddl({ Pairs }))[0]!.match(/UNIQUE \([^)]*\)/g)).toEqual(['UNIQUE ("a", "b")', 'UNIQUE ("b", "c")']);
  });
});

describe("comments", () => {
  it("stand behind tables and columns", async () => {
    expect(
      (await ddl({ Said: define({ name: fields.text({ description: "who" }) }, { description: "people" }) }))[0],
    ).toBe(
      'CREATE TABLE "said" (\n  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,\n  "name" TEXT NOT NULL /* who */\n) /* people */',
    );
  });

  it.each([
    "*/ , x TEXT); DROP TABLE people; --",
    "**//",
    "a */ b */ c",
    "/* /* */ */",
    "line\nbreak'\"`\\",
    "?",
    "\u2028\u0007",
  ])("cannot leave their comment: %j", async (text) => {
    const Hostile = define({ name: fields.text({ description: text }) }, { description: text });
    const orm = await Terrapin.context({ connections: { default: sqlite(":memory:") }, models: { Hostile } });
    await orm.run(async () => {
      await orm.generateSchemas();
      const names = await orm.connections
        .get("default")
        .executeQueryDict("SELECT name FROM pragma_table_info('hostile')");
      expect(names).toEqual([{ name: "id" }, { name: "name" }]);
      await orm.closeConnections();
    });
  });

  it("with text that ends a statement early are refused or kept, never cut", async () => {
    const Zero = define({ name: fields.text({ description: "a\u0000b" }) });
    const [statement] = await ddl({ Zero });
    expect(statement).not.toContain("\u0000");
  });
});
