import { beforeAll, describe, expect, it } from "vitest";
import { fields, initModels, Model } from "terrapin";

class Team extends Model.define({ code: fields.char({ maxLength: 4, primaryKey: true }) }) {}
class Member extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 20, description: "As on the badge" }),
    note: fields.text({ null: true }),
    age: fields.smallInt({ default: 18 }),
    fee: fields.decimal({ maxDigits: 6, decimalPlaces: 2 }),
    count: fields.bigInt({ mode: "bigint", null: true }),
    size: fields.charEnum(["s", "m"], { null: true }),
    born: fields.date({ null: true }),
    joined: fields.datetime({ autoNowAdd: true }),
    token: fields.uuid({ null: true }),
    data: fields.json({ null: true }),
    team: fields.foreignKey<Team>("Team"),
  },
  { description: "Somebody" },
) {}

beforeAll(() => initModels([{ Team, Member }], "models"));

describe("jsonSchema", () => {
  it("tells what a reader is given", () => {
    const schema = Member.jsonSchema();
    expect(schema).toMatchObject({
      title: "Member",
      description: "Somebody",
      type: "object",
      additionalProperties: false,
    });
    expect(schema.required).toEqual(Object.keys(schema.properties));
    expect(schema.properties).toMatchObject({
      id: { type: "integer", readOnly: true },
      name: { type: "string", maxLength: 20, description: "As on the badge" },
      note: { type: ["string", "null"] },
      age: { type: "integer", minimum: -32_768, maximum: 32_767 },
      fee: { type: "string" },
      count: { type: ["string", "null"], pattern: "^-?[0-9]+$" },
      size: { type: ["string", "null"], enum: ["s", "m", null] },
      born: { type: ["string", "null"], format: "date" },
      joined: { type: "string", format: "date-time", readOnly: true },
      token: { format: "uuid" },
      data: {},
      teamId: { type: "string", maxLength: 4 },
    });
  });

  it("asks of a maker only what must be given, and not for what the database or the clock makes", () => {
    const schema = Member.jsonSchema({ for: "create" });
    expect(schema.required).toEqual(["name", "fee", "teamId"]);
    expect(Object.keys(schema.properties)).not.toContain("id");
    expect(Object.keys(schema.properties)).not.toContain("joined");
    expect(schema.properties["age"]).toMatchObject({ default: 18 });
  });

  it("asks nothing of a changer, and leaves out the key", () => {
    const schema = Team.jsonSchema({ for: "update" });
    expect(schema).toMatchObject({ properties: {}, required: [] });
    expect(Member.jsonSchema({ for: "update" }).required).toEqual([]);
  });

  it("is JSON", () => {
    const schema = Member.jsonSchema({ for: "create" });
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});

describe("standardSchema", () => {
  const validate = (value: unknown, purpose?: "create" | "update"): unknown =>
    Member.standardSchema(purpose === undefined ? {} : { for: purpose })["~standard"].validate(value);

  it("gives plain data as the fields hold it", () => {
    expect(
      validate({ name: "ann", fee: 12.5, age: "20", born: "2000-02-29", count: "9007199254740993", teamId: "a" }),
    ).toEqual({
      value: { name: "ann", fee: "12.50", age: 20, born: "2000-02-29", count: 9007199254740993n, teamId: "a" },
    });
  });

  it("tells everything that is wrong, and where", () => {
    expect(validate({ name: "x".repeat(21), fee: "1.234", size: "xl", admin: true, joined: "2024-01-01" })).toEqual({
      issues: [
        { message: expect.stringContaining("admin"), path: ["admin"] },
        { message: expect.stringContaining("joined"), path: ["joined"] },
        { message: expect.stringContaining("name"), path: ["name"] },
        { message: expect.stringContaining("fee"), path: ["fee"] },
        { message: expect.stringContaining("size"), path: ["size"] },
        { message: "teamId is required", path: ["teamId"] },
      ],
    });
  });

  it.each([null, undefined, 3, "x", [], [{}]])("refuses %j, which is no object", (value) => {
    expect(validate(value)).toEqual({ issues: [{ message: expect.stringContaining("Member"), path: [] }] });
  });

  it("takes null only where a field does, and parts of an object from a changer", () => {
    expect(validate({ note: null, name: null }, "update")).toEqual({
      issues: [{ message: expect.stringContaining("null"), path: ["name"] }],
    });
    expect(validate({ note: null }, "update")).toEqual({ value: { note: null } });
    expect(validate({}, "update")).toEqual({ value: {} });
  });

  it("says what it is, as the specification asks", () => {
    expect(Member.standardSchema()["~standard"]).toMatchObject({ version: 1, vendor: "terrapin" });
  });
});
