import { inspect } from "node:util";
import { fields, Manager, Model, Terrapin } from "terrapin";
import { beforeEach, describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose, type Loose } from "../../support/loose.js";
import { Author, Tag } from "../../support/models.js";

class Note extends Model.define({
  id: fields.int({ primaryKey: true }),
  title: fields.char({ maxLength: 20 }),
  body: fields.text({ blank: true }),
  tags: fields.json({ default: () => ["new"] }),
  meta: fields.json<{ a: number[] }>({ null: true }),
  count: fields.int({ default: 3 }),
  at: fields.datetime({ null: true }),
  bytes: fields.binary({ null: true }),
}) {
  static readonly kind = "notes";
  static short() {
    return this.filter({ title: "a" });
  }
  shout() {
    return this.title.toUpperCase();
  }
  get length() {
    return this.body.length;
  }
  #secret = 5;
  secret() {
    return this.#secret;
  }
}

const driver = mock({ dialect: sqliteDialect });
await Terrapin.init({
  connections: { default: driver, other: mock({ dialect: sqliteDialect }) },
  models: { Author, Tag, Note },
});
beforeEach(() => driver.clear());

const VALUES = {
  id: 1,
  title: "t",
  body: "",
  tags: ["x"],
  meta: { a: [1] },
  count: 3,
  at: new Date(0),
  bytes: new Uint8Array([7]),
};
const ROW = [1, "t", "", '["x"]', '{"a":[1]}', 3, "1970-01-01 00:00:00.000", new Uint8Array([7])];
driver.answer(/FROM "note"/, () => ({ rows: [ROW.slice()] }));
const made: readonly [string, () => Promise<Note>][] = [
  ["made with new", async () => new Note(structuredClone(VALUES))],
  ["read from a row", async () => await Note.get({ id: 1 })],
];

describe.each(made)("an object %s looks like a plain one", (_, make) => {
  it("to Object.keys, in the order of the fields", async () => {
    expect(Object.keys(await make())).toEqual(Object.keys(VALUES));
  });
  it("to JSON", async () => {
    expect(JSON.parse(JSON.stringify(await make()))).toEqual({
      ...VALUES,
      at: "1970-01-01T00:00:00.000Z",
      bytes: { 0: 7 },
    });
  });
  it("to spread", async () => {
    expect({ ...(await make()) }).toEqual(VALUES);
  });
  it("to Object.entries and for…in", async () => {
    const note = await make();
    expect(Object.entries(note)).toEqual(Object.entries(VALUES));
    const names: string[] = [];
    for (const name in note) names.push(name);
    expect(names).toEqual(Object.keys(VALUES));
  });
  it("to structuredClone", async () => {
    expect(structuredClone(await make())).toEqual(VALUES);
  });
  it("to toEqual", async () => {
    expect(await make()).toEqual(VALUES);
    expect(await make()).toEqual(await make());
    expect(await make()).not.toEqual({ ...VALUES, title: "u" });
  });
  it("to console.log, with the name of its class", async () => {
    const text = inspect(await make());
    expect(text).toMatch(/^Note \{/);
    expect(text).toContain("title: 't'");
    expect(text).not.toMatch(/stored|symbol|Symbol/);
  });
  it("and has no hidden own properties", async () => {
    expect(Reflect.ownKeys(await make())).toEqual(Object.keys(VALUES));
  });
  it("and keeps its methods, getters, private fields and statics", async () => {
    const note = await make();
    expect(note.shout()).toBe("T");
    expect(note.length).toBe(0);
    expect(note.secret()).toBe(5);
    expect(Note.kind).toBe("notes");
    expect(note).toBeInstanceOf(Note);
    expect(note).toBeInstanceOf(Model as unknown as new () => object);
  });
  it("and its attributes can be set and deleted like any", async () => {
    const note = await make();
    note.title = "u";
    expect(note.title).toBe("u");
    expect(Object.getOwnPropertyDescriptor(note, "title")).toEqual({
      value: "u",
      writable: true,
      enumerable: true,
      configurable: true,
    });
  });
});

describe("new", () => {
  it("gives defaults, empty text where blank, null where nullable, and leaves the rest undefined", () => {
    expect({ ...new Note({ title: "a" }) }).toEqual({
      id: undefined,
      title: "a",
      body: "",
      tags: ["new"],
      meta: null,
      count: 3,
      at: null,
      bytes: null,
    });
  });

  it("shares no default between two objects", () => {
    const one = new Note({ title: "a" });
    (one.tags as string[]).push("more");
    expect(new Note({ title: "a" }).tags).toEqual(["new"]);
  });

  it("takes the key as pk", () => {
    const note = new Note({ pk: 7, title: "a" });
    expect(note.id).toBe(7);
    expect(note.pk).toBe(7);
    note.pk = 8;
    expect(note.id).toBe(8);
  });

  it("without values has defaults only", () => {
    expect(new Note().count).toBe(3);
  });

  it.each<[string, unknown, string, string]>([
    ["an unknown name", { title: "a", nope: 1 }, "FieldError", 'Note has no field "nope"'],
    ["undefined", { title: undefined }, "ParamsError", '"title" is undefined'],
    ["the key twice", { pk: 1, id: 2, title: "a" }, "ParamsError", "the key is given twice"],
    ["an array", [1], "ParamsError", "not an array"],
    ["text", "a", "ParamsError", "not a string"],
    ["a method's name", { title: "a", save: 1 }, "FieldError", 'no field "save"'],
  ])("refuses %s", (_, values, name, message) => {
    expect(() => new (loose(Note))(values)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    );
  });

  it("takes null for null and lets the write refuse it where it must", () => {
    expect(new (loose(Note))({ title: null }).title).toBeNull();
  });

  it("has the column's own default where the model gives none", () => {
    class Defaulted extends Model.define({
      state: fields.text({ dbDefault: "open" }),
      note: fields.text({ null: true, dbDefault: "none" }),
      at: fields.datetime({ dbDefault: loose("now") }),
      day: fields.date({ dbDefault: loose("now") }),
      clock: fields.time({ dbDefault: loose("now") }),
    }) {}
    const before = Date.now();
    const object = loose(new (loose(Defaulted))({}));
    expect(object.state).toBe("open");
    expect(object.note).toBe("none");
    expect(object.at.getTime()).toBeGreaterThanOrEqual(before);
    expect(object.day).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(object.clock).toMatch(/^\d\d:\d\d:\d\d/);
  });
});

describe("equals", () => {
  it("is the same class and the same key", () => {
    const note = new Note({ id: 1, title: "a" });
    expect(note.equals(new Note({ id: 1, title: "b" }))).toBe(true);
    expect(note.equals(note)).toBe(true);
    expect(note.equals(new Note({ id: 2, title: "a" }))).toBe(false);
    expect(note.equals(new Author({ id: 1, name: "a" }))).toBe(false);
    expect(note.equals({ id: 1 })).toBe(false);
    expect(note.equals(null)).toBe(false);
  });

  it("never holds between two objects without a key", () => {
    const note = new Note({ title: "a" });
    expect(note.equals(new Note({ title: "a" }))).toBe(false);
    expect(note.equals(note)).toBe(true);
  });
});

describe("clone", () => {
  it("is a new object without a key, with values of its own", () => {
    const note = new Note(structuredClone(VALUES));
    const copy = note.clone();
    expect(copy).toBeInstanceOf(Note);
    expect({ ...copy }).toEqual({ ...VALUES, id: undefined });
    copy.meta!.a.push(2);
    copy.at!.setUTCFullYear(2026);
    expect(note.meta).toEqual({ a: [1] });
    expect(note.at).toEqual(new Date(0));
  });

  it("of a stored object is saved by INSERT", async () => {
    driver.answer("INSERT", { affected: 1, insertId: 9 });
    const copy = (await Note.get({ id: 1 })).clone();
    await copy.save();
    expect(driver.statements.at(-1)!.sql).toMatch(/^INSERT INTO "note" \("title"/);
    expect(copy.id).toBe(9);
  });

  it("takes the key for the copy, which a key that nobody generates needs", () => {
    expect(new Note({ id: 1, title: "a" }).clone(5).id).toBe(5);
    expect(new Tag({ slug: "a" }).clone("b").slug).toBe("b");
    expect(() => new Tag({ slug: "a" }).clone()).toThrow(
      expect.objectContaining({ name: "ParamsError", message: expect.stringContaining("slug is not generated") }),
    );
  });
});

describe("updateFromDict", () => {
  it("converts what comes as text, ignores unknown names, gives the object back, and writes nothing", () => {
    const note = new Note({ title: "a" });
    expect(loose(note).updateFromDict({ count: "42", at: "2026-01-02T03:04:05Z", nope: 1, save: 2, pk: "7" })).toBe(
      note,
    );
    expect(note).toMatchObject({ count: 42, at: new Date("2026-01-02T03:04:05Z"), id: 7, title: "a" });
    expect(Object.keys(note)).not.toContain("nope");
    expect(note.save).toBeTypeOf("function");
    expect(driver.statements).toEqual([]);
  });

  it.each<[object, string]>([
    [{ title: "b", count: "x" }, "bad_value"],
    [{ title: "b", count: null }, "null"],
    [{ title: "b", at: "never" }, "bad_value"],
    [{ title: "b", count: 1.5 }, "bad_value"],
  ])("refuses %j and changes nothing then", (values, code) => {
    const note = new Note({ title: "a" });
    expect(() => loose(note).updateFromDict(values)).toThrow(expect.objectContaining({ name: "FieldError", code }));
    expect(note).toMatchObject({ title: "a", count: 3 });
  });

  it("takes null where the field does", () => {
    expect(new Note({ title: "a", at: new Date(0) }).updateFromDict({ at: null }).at).toBeNull();
  });
});

describe("a class field without declare", () => {
  it("that hides a column is found at the first object", () => {
    class Shadow extends Model.define({ name: fields.text({ null: true }), other: fields.int({ default: 1 }) }) {
      // @ts-expect-error: the compiler finds it too, where it looks
      name;
    }
    expect(() => new Shadow({ name: "a" })).toThrow(
      expect.objectContaining({
        name: "ConfigurationError",
        code: "shadowed_field",
        message: expect.stringContaining('Shadow.name is a column, and the class field "name" hides it'),
        hint: expect.stringContaining('"declare name"'),
      }),
    );
    expect(() => new Shadow()).toThrow(/declare name/);
  });

  it("is found when rows are read, too", async () => {
    class Shadowed extends Model.define({ name: fields.text({ null: true }) }) {
      override get pk(): never {
        return super.pk as never;
      }
      // @ts-expect-error: the compiler finds it too, where it looks
      name = "x";
    }
    const own = mock({ dialect: sqliteDialect, answers: [{ rows: [[1, "a"]] }] });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Shadowed } });
    await expect(orm.run(() => loose(Shadowed).all())).rejects.toMatchObject({
      name: "ConfigurationError",
      code: "shadowed_field",
    });
  });

  it("that hides nothing is an attribute like any, and not a column", () => {
    class Tagged extends Model.define({ name: fields.text({ blank: true }) }) {
      extra = 5;
    }
    expect({ ...new Tagged({ name: "a" }) }).toEqual({ id: undefined, name: "a", extra: 5 });
  });
});

describe("a constructor", () => {
  it("that passes everything on works", async () => {
    class Built extends Model.define({ name: fields.text() }) {
      readonly upper: string;
      constructor(...given: never[]) {
        super(...given);
        this.upper = String(this.name).toUpperCase();
      }
    }
    const own = mock({ dialect: sqliteDialect, answers: [{ rows: [[1, "a"]] }] });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Built } });
    expect(new (loose(Built))({ name: "a" }).upper).toBe("A");
    expect(await orm.run(() => loose(Built).all())).toEqual([{ id: 1, name: "a", upper: "A" }]);
  });

  it.each<[string, () => Loose]>([
    [
      "that passes the first argument only",
      () =>
        class First extends Model.define({ name: fields.text({ blank: true }) }) {
          constructor(values: never) {
            super(values);
          }
        },
    ],
    [
      "that passes nothing",
      () =>
        class Nothing extends Model.define({ name: fields.text({ blank: true }) }) {
          constructor() {
            super();
          }
        },
    ],
    [
      "that passes values of its own",
      () =>
        class Own extends Model.define({ name: fields.text({ blank: true }) }) {
          constructor() {
            super({ name: "x" });
          }
        },
    ],
  ])("%s is refused with a sentence when rows are read", async (_, define) => {
    const Broken = define();
    const own = mock({ dialect: sqliteDialect, answers: [{ rows: [[1, "a"]] }] });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Broken } });
    await expect(orm.run(() => Broken.all())).rejects.toMatchObject({
      name: "ConfigurationError",
      code: "constructor_arguments",
      message: expect.stringContaining("must pass all its arguments to super(...)"),
    });
  });
});

describe("inheritance", () => {
  class Timed extends Model.define({ createdAt: fields.datetime({ null: true }) }, { abstract: true }) {
    age() {
      return this.createdAt === null ? null : 1;
    }
    static recent() {
      return loose(this).filter({ createdAt__isnull: false });
    }
  }
  class Owned extends Timed.define({ owner: fields.text(), note: fields.text({ blank: true }) }, { abstract: true }) {
    whose() {
      return this.owner;
    }
  }
  class Doc extends Owned.define({ title: fields.text(), note: fields.char({ maxLength: 5, default: "n" }) }) {}
  class Sheet extends Owned.define({ rows: fields.int() }) {}

  it("brings fields, methods and statics down the chain, inherited fields first, the implicit key before all", async () => {
    const own = mock({ dialect: sqliteDialect });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Doc, Sheet } });
    const doc = new Doc({ owner: "a", title: "b" });
    expect(Object.keys(doc)).toEqual(["id", "createdAt", "owner", "note", "title"]);
    expect(doc.note).toBe("n");
    expect(doc.whose()).toBe("a");
    expect(doc.age()).toBeNull();
    expect(doc).toBeInstanceOf(Timed);
    expect(Object.keys(new Sheet({ owner: "a", rows: 1 }))).toEqual(["id", "createdAt", "owner", "note", "rows"]);
    await orm.run(() => Doc.recent());
    await orm.run(() => Sheet.recent());
    expect(own.statements.map(({ sql }) => sql)).toEqual([
      'SELECT "id", "created_at", "owner", "note", "title" FROM "doc" WHERE "created_at" IS NOT NULL',
      'SELECT "id", "created_at", "owner", "note", "rows" FROM "sheet" WHERE "created_at" IS NOT NULL',
    ]);
  });

  it("takes the child's field where both have one", () => {
    expect(new Doc({ owner: "a", title: "b" }).note).toBe("n");
  });
});

describe("usingDb on a class", () => {
  it("is the same model on another connection, methods of its own included", async () => {
    const other = Terrapin.connections.get("other").driver as typeof driver;
    other.clear();
    const there = Note.usingDb("other");
    await there.all();
    await there.short();
    await loose(there).create({ title: "a" });
    await there.usingDb("other").count();
    expect(other.statements.length).toBe(4);
    expect(driver.statements).toEqual([]);
    await Note.all();
    expect(driver.statements.length).toBe(1);
  });

  it("describes itself as the model that it is", () => {
    expect(Note.usingDb("other").describe()).toEqual(Note.describe());
    expect(Note.usingDb("other").usingDb("default").describe().name).toBe("models.Note");
  });

  it("the last one counts", async () => {
    await Note.usingDb("other").usingDb("default").all();
    expect(driver.statements.length).toBe(1);
  });

  it("of a name that is no connection says which there are", async () => {
    await expect(Note.usingDb("nowhere").all()).rejects.toMatchObject({
      name: "ConfigurationError",
      code: "unknown_connection",
      hint: "known: default, other",
    });
  });
});

describe("a manager", () => {
  class Row extends Model.define(
    { name: fields.text(), gone: fields.boolean({ default: false }) },
    { manager: loose(new Manager((all) => loose(all).filter({ gone: false }))) },
  ) {}

  it("in the options is where every query starts", async () => {
    const own = mock({ dialect: sqliteDialect });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Row } });
    await orm.run(async () => {
      await Row.all();
      await Row.filter({ name: "a" }).count();
      await Row.usingDb("default").exists();
    });
    expect(own.statements.map(({ sql, params }) => [sql.slice(sql.indexOf("FROM")), params])).toEqual([
      ['FROM "row" WHERE "gone" = ?', [0]],
      ['FROM "row" WHERE "gone" = ? AND "name" = ?', [0, "a"]],
      ['FROM "row" WHERE "gone" = ? LIMIT 1', [0]],
    ]);
  });

  it("says nothing of what is created", async () => {
    const own = mock({ dialect: sqliteDialect });
    own.answer(/^INSERT/, { affected: 1, insertId: 7 });
    const orm = await Terrapin.context({ connections: { default: own }, models: { Row } });
    const made = await orm.run(() => Row.create({ name: "a", gone: true }));
    expect(made).toMatchObject({ id: 7, name: "a", gone: true });
    expect(own.statements.map(({ params }) => params)).toEqual([["a", 1]]);
  });

  it("before its model is registered says so", () => {
    expect(() => loose(new Manager()).filter({ a: 1 })).toThrow(
      expect.objectContaining({ name: "ConfigurationError", code: "not_registered" }),
    );
  });
});
