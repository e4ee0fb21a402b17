import { fields, Manager, Model, Terrapin } from "terrapin";
import { describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose, type Loose } from "../../support/loose.js";

const define = (columns: unknown, meta: object = {}): Loose => loose(Model).define(columns, meta);
const register = async (models: object): Promise<Loose> =>
  Terrapin.context({
    connections: { default: mock({ dialect: sqliteDialect }), other: mock({ dialect: sqliteDialect }) },
    models: loose(models),
  });

describe("Model.define refuses at once", () => {
  it.each<[string, () => unknown, string, string]>([
    ["an unknown option", () => define({}, { tabel: "x" }), "unknown_option", 'Model.define has no option "tabel"'],
    [
      "an ordering that is no list",
      () => define({}, { ordering: "name" }),
      "bad_option",
      'the option "ordering" is a list of field names, not a string',
    ],
    ["a number in an ordering", () => define({}, { ordering: [1] }), "bad_option", '"ordering"'],
    ["indexes that are no list", () => define({}, { indexes: "name" }), "bad_option", '"indexes" is a list'],
    ["an empty name of a table", () => define({}, { table: "" }), "bad_option", '"table" is a text'],
    [
      "abstract as a text",
      () => define({}, { abstract: "yes" }),
      "bad_option",
      '"abstract" is true or false, not a string',
    ],
    ["an unknown naming", () => define({}, { naming: "kebab" }), "bad_option", '"snake" or "preserve"'],
    ["what is no field", () => define({ name: "text" }), "not_a_field", '"name" is not a field'],
    ["null for a field", () => define({ name: null }), "not_a_field", '"name" is not a field'],
    ["a field called pk", () => define({ pk: fields.int() }), "field_name", '"pk" cannot be the name of a field'],
    [
      "two underscores in a name",
      () => define({ a__b: fields.int() }),
      "field_name",
      '"a__b" cannot be the name of a field',
    ],
    ["a name with a space", () => define({ "a b": fields.int() }), "field_name", '"a b" cannot be the name of a field'],
    [
      "a name with a minus before it",
      () => define({ "-a": fields.int() }),
      "field_name",
      '"-a" cannot be the name of a field',
    ],
    ["a name that is a number", () => define({ 1: fields.int() }), "field_name", '"1" cannot be the name of a field'],
    ["an empty name", () => define({ "": fields.int() }), "field_name", '"" cannot be the name of a field'],
    ["a prototype for a name", () => define(JSON.parse('{"__proto__":1}')), "not_a_field", "__proto__"],
    ...[
      "save",
      "delete",
      "refreshFromDb",
      "updateFromDict",
      "clone",
      "equals",
      "constructor",
      "toString",
      "hasOwnProperty",
    ].map((name): [string, () => unknown, string, string] => [
      `the name of a method: ${name}`,
      () => define({ [name]: fields.int() }),
      "field_name",
      `"${name}" is a method of every model`,
    ]),
  ])("%s", (_, make, code, message) => {
    expect(make).toThrow(
      expect.objectContaining({ name: "ConfigurationError", code, message: expect.stringContaining(message) }),
    );
  });

  it("names the options that there are", () => {
    expect(() => define({}, { nope: 1 })).toThrow(/known: table, schema, abstract, description/);
  });

  it("nothing that is only unusual", () => {
    expect(() =>
      define({
        größe: fields.int(),
        $cost: fields.int(),
        _private: fields.int(),
        then: fields.int(),
        values: fields.int(),
        filter: fields.int(),
      }),
    ).not.toThrow();
  });
});

describe("a model that contradicts itself is refused when it is registered", () => {
  it.each<[string, () => Loose, string, string]>([
    [
      "two keys",
      () => define({ a: fields.int({ primaryKey: true }), b: fields.int({ primaryKey: true }) }),
      "two_primary_keys",
      "Bad has more than one primary key: a, b",
    ],
    [
      "a key of its own beside its parent's",
      () =>
        define({ a: fields.int({ primaryKey: true }) }, { abstract: true }).define({
          b: fields.int({ primaryKey: true }),
        }),
      "two_primary_keys",
      "more than one primary key",
    ],
    ["an id that is no key", () => define({ id: fields.int() }), "no_primary_key", "Bad.id is not the primary key"],
    [
      "an ordering by nothing known",
      () => define({ a: fields.int() }, { ordering: ["-nope"] }),
      "unknown_field",
      'ordering names "nope"',
    ],
    [
      "an index over nothing known",
      () => define({ a: fields.int() }, { indexes: [["a", "nope"]] }),
      "unknown_field",
      'indexes names "nope"',
    ],
    [
      "an index over nothing",
      () => define({ a: fields.int() }, { indexes: [[]] }),
      "bad_option",
      "an index without fields",
    ],
    [
      "an index that is no list",
      () => define({ a: fields.int() }, { indexes: ["a"] }),
      "bad_option",
      "indexes takes lists of field names",
    ],
    [
      "a partial index with an unknown name",
      () => define({ a: fields.int() }, { indexes: [{ fields: ["a"], where: { nope: 1 } }] }),
      "unknown_field",
      '"nope"',
    ],
    [
      "a unique rule of nothing known",
      () => define({ a: fields.int() }, { uniqueTogether: [["a", "nope"]] }),
      "unknown_field",
      'uniqueTogether names "nope"',
    ],
    [
      "two fields of one column",
      () => define({ a: fields.int({ column: "x" }), b: fields.int({ column: "x" }) }),
      "column_twice",
      'two fields have the column "x", the second is b',
    ],
    [
      "two names that are one in snake case",
      () => define({ userName: fields.int(), user_name: fields.int() }),
      "column_twice",
      'the column "user_name"',
    ],
  ])("%s", async (_, make, code, message) => {
    await expect((async () => register({ Bad: make() }))()).rejects.toMatchObject({
      name: "ConfigurationError",
      code,
      message: expect.stringContaining(message),
    });
  });

  it("with the fields that it has as a hint", async () => {
    await expect(register({ Bad: define({ a: fields.int() }, { ordering: ["nope"] }) })).rejects.toMatchObject({
      hint: "known: id, a",
    });
  });
});

describe("a registered model", () => {
  it("has the name under which it is registered, whatever its class is called", async () => {
    const Anything = define({ a: fields.int() });
    const orm = await register({ Chosen: Anything });
    expect(Anything.describe()).toMatchObject({ name: "models.Chosen", table: "chosen" });
    expect(orm.apps.models.Chosen).toBe(Anything);
  });

  it("can be in several contexts under the same name, and under no other", async () => {
    const Shared = define({ a: fields.int() });
    await register({ Shared });
    await register({ Shared });
    await expect(register({ Other: Shared })).rejects.toMatchObject({
      name: "ConfigurationError",
      code: "registered_twice",
      message: expect.stringContaining("models.Shared"),
    });
  });

  it("has the implicit key before its fields", async () => {
    const Implicit = define({ a: fields.int() });
    await register({ Implicit });
    expect(Implicit.describe().pk_field).toMatchObject({
      name: "id",
      field_type: "IntField",
      generated: true,
      unique: true,
      indexed: true,
    });
  });

  it("keeps a key that its parent has, though it defines an id-less body", async () => {
    const Base = define({ code: fields.char({ maxLength: 5, primaryKey: true }) }, { abstract: true });
    const Keyed = Base.define({ a: fields.int() });
    await register({ Keyed });
    expect(Keyed.describe().pk_field.name).toBe("code");
  });

  it("does not inherit options", async () => {
    const Base = define({ a: fields.int() }, { abstract: true, table: "bases", ordering: ["a"], description: "b" });
    const Child = Base.define({ b: fields.int() });
    await register({ Child });
    expect(Child.describe()).toMatchObject({ table: "child", description: null, abstract: false });
  });

  it("may have its own default connection", async () => {
    const There = define({ a: fields.int() }, { defaultConnection: "other" });
    const orm = await register({ There });
    await orm.run(() => There.all());
    expect(orm.connections.get("other").driver.statements.length).toBe(1);
    expect(orm.connections.get("default").driver.statements.length).toBe(0);
  });

  it("with a manager that is none is refused", async () => {
    expect(() => define({ a: fields.int() }, { manager: {} })).toThrow(
      expect.objectContaining({
        name: "ConfigurationError",
        code: "bad_option",
        message: expect.stringContaining('"manager" is an object'),
      }),
    );
    await expect(register({ Right: define({ a: fields.int() }, { manager: new Manager() }) })).resolves.toBeDefined();
  });
});
