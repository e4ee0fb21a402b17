import { describe, expect, it } from "vitest";
import { describeField } from "../../../core/fields/describe.js";
import { CharField, JsonNull } from "../../../core/fields/index.js";
import { MaxLengthValidator, MinValueValidator } from "../../../core/fields/validators.js";
import { everyKind, loose } from "./support.js";

describe("describeField", () => {
  it("tells everything of a key", () => {
    expect(
      describeField(loose.bigInt({ primaryKey: true, description: "Key" }).bind("id", "user_id"), true, {
        sqlite: "INTEGER",
      }),
    ).toEqual({
      name: "id",
      field_type: "BigIntField",
      db_column: "user_id",
      js_type: "number",
      generated: true,
      nullable: false,
      unique: true,
      indexed: true,
      default: null,
      description: "Key",
      docstring: null,
      constraints: { ge: 1, le: Number.MAX_SAFE_INTEGER },
      db_field_types: { "": "BIGINT", sqlite: "INTEGER" },
    });
  });

  it("has the keys of the seeds in their order", () => {
    const keys = [
      "name",
      "field_type",
      "db_column",
      "js_type",
      "generated",
      "nullable",
      "unique",
      "indexed",
      "default",
      "description",
      "docstring",
      "constraints",
      "db_field_types",
    ];
    expect(Object.keys(describeField(loose.int()))).toEqual(keys);
    expect(Object.keys(describeField(loose.datetime()))).toEqual([...keys, "auto_now_add", "auto_now"]);
  });

  it("is plain JSON for every kind and every default", () => {
    for (const field of [
      ...Object.values(everyKind()),
      loose.bigInt({ mode: "bigint", default: 5n }),
      loose.binary({ default: new Uint8Array([1, 255]) }),
    ]) {
      const description = describeField(field);
      expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    }
  });

  it("names types and column types of every kind", () => {
    const told = Object.fromEntries(
      Object.entries(everyKind()).map(([kind, field]) => {
        const { field_type, js_type, db_field_types } = describeField(field);
        return [kind, [field_type, js_type, db_field_types[""]]];
      }),
    );
    expect(told).toEqual({
      smallInt: ["SmallIntField", "number", "SMALLINT"],
      int: ["IntField", "number", "INT"],
      bigInt: ["BigIntField", "number", "BIGINT"],
      float: ["FloatField", "number", "DOUBLE PRECISION"],
      decimal: ["DecimalField", "string", "DECIMAL(10,2)"],
      char: ["CharField", "string", "VARCHAR(20)"],
      text: ["TextField", "string", "TEXT"],
      boolean: ["BooleanField", "boolean", "BOOL"],
      date: ["DateField", "string", "DATE"],
      datetime: ["DatetimeField", "Date", "TIMESTAMP"],
      time: ["TimeField", "string", "TIME"],
      timeDelta: ["TimeDeltaField", "number", "BIGINT"],
      uuid: ["UUIDField", "string", "CHAR(36)"],
      binary: ["BinaryField", "Uint8Array", "BLOB"],
      geometry: ["GeometryField", "Uint8Array", "GEOMETRY"],
      json: ["JSONField", "unknown", "JSON"],
      intEnum: ["IntEnumFieldInstance", "number", "SMALLINT"],
      charEnum: ["CharEnumFieldInstance", "string", "VARCHAR(1)"],
    });
  });

  it.each([
    [loose.int({ default: 5 }), 5],
    [
      loose.int({
        default: function later() {
          return 5;
        },
      }),
      "<function later>",
    ],
    [loose.decimal({ maxDigits: 5, decimalPlaces: 2, default: "1.5" }), "1.50"],
    [loose.json({ default: { a: 1 } }), '{"a":1}'],
    [loose.json({ default: JsonNull }), "null"],
    [loose.datetime({ default: new Date(0) }), "1970-01-01T00:00:00.000Z"],
    [loose.bigInt({ mode: "bigint", default: 2n ** 60n }), "1152921504606846976"],
    [loose.binary({ default: new Uint8Array([1, 255]) }), "01ff"],
    [loose.boolean({ default: false }), false],
    [loose.charEnum(["a", "b"], { default: "b" }), "b"],
    [loose.uuid({ primaryKey: true }), "<function randomUuid>"],
    [loose.text(), null],
  ])("tells the default (%#)", (field, expected) => {
    expect(describeField(field).default).toBe(expected);
  });

  it("tells what values are allowed, validators included", () => {
    const of = (field: ReturnType<typeof loose.int>): unknown => describeField(field).constraints;
    expect(of(loose.smallInt())).toEqual({ ge: -32768, le: 32767 });
    expect(of(loose.int({ validators: [MinValueValidator(0)] }))).toEqual({ ge: 0, le: 2147483647 });
    expect(of(loose.bigInt({ mode: "bigint" }))).toEqual({ ge: "-9223372036854775808", le: "9223372036854775807" });
    expect(of(loose.char({ maxLength: 9, validators: [() => undefined] }))).toEqual({ max_length: 9 });
    expect(of(loose.text({ validators: [MaxLengthValidator(5)] }))).toEqual({ max_length: 5 });
    expect(of(loose.charEnum(["abc"]))).toEqual({ max_length: 3 });
    expect(of(loose.datetime({ autoNowAdd: true }))).toEqual({ readOnly: true });
    expect(of(loose.boolean())).toEqual({});
  });

  it("tells autoNow as both", () => {
    expect(describeField(loose.datetime({ autoNow: true }))).toMatchObject({ auto_now_add: true, auto_now: true });
    expect(describeField(loose.datetime({ autoNowAdd: true }))).toMatchObject({ auto_now_add: true, auto_now: false });
  });

  it("gives classes and functions as they are when it need not be JSON", () => {
    const make = (): string => "x";
    const description = describeField(loose.char({ maxLength: 5, default: make }), false);
    expect([description.field_type, description.js_type, description.default]).toEqual([CharField, String, make]);
    expect(describeField(loose.datetime(), false).js_type).toBe(Date);
    expect(describeField(loose.bigInt({ mode: "bigint" }), false).js_type).toBe(BigInt);
  });
});
