import { describe, expect, it } from "vitest";
import { ConfigurationError, FieldError, ValidationError } from "../../../core/base/errors.js";
import { CharField, IntField, JsonNull, TextField } from "../../../core/fields/index.js";
import type { Codec } from "../../../core/sql/column-type.js";
import { everyKind, loose, thrown } from "./support.js";

const kinds = Object.entries(everyKind());

describe("options", () => {
  it.each(kinds)("%s refuses an option it does not know and lists those it knows", (kind) => {
    const given = { maxLength: 5, maxDigits: 5, decimalPlaces: 1, primray_key: true };
    const make = (): unknown => {
      if (kind === "intEnum") return loose.intEnum([1], { primray_key: true });
      if (kind === "charEnum") return loose.charEnum(["a"], { primray_key: true });
      if (kind === "char") return loose.char({ maxLength: 5, primray_key: true });
      if (kind === "decimal") return loose.decimal({ maxDigits: 5, decimalPlaces: 1, primray_key: true });
      return loose[kind as "int"]({ primray_key: given.primray_key });
    };
    const error = thrown(make);
    expect(error).toMatchObject({ name: "ConfigurationError", code: "unknown_option" });
    expect(error.message).toContain(`fields.${kind} has no option "primray_key"`);
    expect(error.hint).toContain("primaryKey");
  });

  it.each([
    ["null", 1],
    ["unique", "yes"],
    ["column", 5],
    ["description", true],
    ["index", null],
  ])("refuses %s of the wrong type", (name, value) => {
    expect(thrown(() => loose.int({ [name]: value }))).toMatchObject({
      name: "ConfigurationError",
      code: "bad_option",
    });
  });

  it("refuses validators that are no functions", () => {
    expect(thrown(() => loose.int({ validators: [5] })).code).toBe("bad_option");
    expect(thrown(() => loose.int({ validators: () => true })).code).toBe("bad_option");
  });

  it("takes an option that is undefined as absent", () => {
    const field = loose.int({ null: undefined, column: undefined, default: undefined });
    expect([field.null, field.required]).toEqual([false, true]);
  });

  it("refuses a primary key that may be null", () => {
    expect(thrown(() => loose.int({ primaryKey: true, null: true })).code).toBe("primary_key_null");
  });

  it.each(kinds.filter(([kind]) => !["smallInt", "int", "bigInt", "intEnum"].includes(kind)))(
    "%s cannot be generated",
    (_, field) => {
      const copy = Object.assign(Object.create(Object.getPrototypeOf(field) as object) as typeof field, field, {
        generated: true,
      });
      expect(thrown(() => copy.check())).toMatchObject({ name: "ConfigurationError", code: "bad_generated" });
    },
  );

  it.each(kinds.filter(([kind]) => !["char", "text"].includes(kind)))("%s cannot be blank", (_, field) => {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(field) as object) as typeof field, field, {
      blank: true,
    });
    expect(thrown(() => copy.check())).toMatchObject({ name: "ConfigurationError", code: "bad_blank" });
  });

  it.each(["text", "json", "binary", "geometry"] as const)("%s cannot be a key, unique or indexed", (kind) => {
    for (const option of ["primaryKey", "unique", "index"]) {
      expect(thrown(() => loose[kind]({ [option]: true }))).toMatchObject({
        name: "ConfigurationError",
        code: `bad_${option}`,
      });
    }
  });

  it("refuses autoNow together with autoNowAdd", () => {
    expect(thrown(() => loose.datetime({ autoNow: true, autoNowAdd: true })).code).toBe("bad_autoNow");
    expect(thrown(() => loose.time({ autoNow: true, autoNowAdd: true })).code).toBe("bad_autoNow");
  });
});

describe("keys", () => {
  it("count up when they are integers, unless told otherwise", () => {
    for (const kind of ["smallInt", "int", "bigInt"] as const) {
      expect(loose[kind]({ primaryKey: true }).generated).toBe(true);
      expect(loose[kind]({ primaryKey: true, generated: false }).generated).toBe(false);
      expect(loose[kind]({ primaryKey: true, default: () => 5 }).generated).toBe(false);
      expect(loose[kind]().generated).toBe(false);
    }
  });

  it("are random when they are UUIDs, and different each time", () => {
    const field = loose.uuid({ primaryKey: true });
    const [first, second] = [field.initial(), field.initial()];
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first).not.toBe(second);
    expect(loose.uuid().initial()).toBeUndefined();
  });

  it("are unique", () => {
    expect(loose.int({ primaryKey: true }).unique).toBe(true);
  });
});

describe("defaults", () => {
  it("are refused when the field itself refuses them", () => {
    const error = thrown(() => loose.int({ default: "five" }));
    expect(error).toMatchObject({ name: "ConfigurationError", code: "bad_default" });
    expect(error.message).toBe("fields.int: the field refuses its own default: a string is not an integer");
    expect(thrown(() => loose.char({ maxLength: 2, default: "abc" })).code).toBe("bad_default");
    expect(thrown(() => loose.charEnum(["a"], { default: "b" })).code).toBe("bad_default");
    expect(thrown(() => loose.smallInt({ dbDefault: 40_000 })).code).toBe("bad_default");
    expect(thrown(() => loose.int({ default: null })).code).toBe("bad_default");
    expect(loose.int({ default: null, null: true }).initial()).toBeNull();
  });

  it("are given in canonical form", () => {
    expect(loose.decimal({ maxDigits: 6, decimalPlaces: 2, default: 1.5 }).initial()).toBe("1.50");
    expect(loose.bigInt({ mode: "bigint", default: 5 }).initial()).toBe(5n);
  });

  it("are never shared between instances", () => {
    const field = loose.json({ default: { tags: ["x"] } });
    const first = field.initial() as { tags: string[] };
    first.tags.push("y");
    expect(field.initial()).toEqual({ tags: ["x"] });
    const date = loose.datetime({ default: new Date(0) });
    (date.initial() as Date).setTime(5);
    expect(date.initial()).toEqual(new Date(0));
  });

  it("keep JSON null", () => {
    expect(loose.json({ default: JsonNull }).initial()).toBe(JsonNull);
  });

  it("may be functions, also such that give a promise", async () => {
    expect(loose.int({ default: () => 7 }).initial()).toBe(7);
    await expect(loose.int({ default: async () => Promise.resolve(8) }).initial()).resolves.toBe(8);
  });

  it("make a field optional", () => {
    expect(loose.int().required).toBe(true);
    for (const options of [{ default: 1 }, { dbDefault: 1 }, { null: true }, { primaryKey: true }])
      expect(loose.int(options).required).toBe(false);
    expect(loose.datetime({ autoNow: true }).required).toBe(false);
    expect(loose.datetime({ autoNowAdd: true }).required).toBe(false);
    const blank = loose.text({ blank: true });
    expect([blank.required, blank.initial()]).toEqual([false, ""]);
  });

  it("of the database may be its clock, where the field is a time", () => {
    for (const kind of ["date", "time", "datetime"] as const)
      expect(loose[kind]({ dbDefault: "now" }).dbDefault).toBe("now");
    expect(thrown(() => loose.datetime({ default: "now" })).code).toBe("bad_default");
    expect(thrown(() => loose.int({ dbDefault: "now" })).code).toBe("bad_default");
    expect(thrown(() => loose.int({ dbDefault: () => 5 })).code).toBe("bad_default");
  });
});

describe("bind", () => {
  it("gives a copy with names and leaves the field as it is", () => {
    const field = loose.int({ column: "n" });
    const bound = field.bind("count", "count");
    expect([bound.name, bound.column, field.name, field.column]).toEqual(["count", "n", "", ""]);
    expect(loose.int().bind("count", "the_count").column).toBe("the_count");
    expect(bound).toBeInstanceOf(IntField);
    expect(bound.clean(5)).toBe(5);
  });

  it("makes errors name the attribute, and never the value", () => {
    const error = thrown(() => loose.int().bind("age", "age").clean("secret"));
    expect(error.message).toBe("age: a string is not an integer");
  });
});

describe("forWrite", () => {
  it("refuses null and undefined where the field is not nullable", () => {
    for (const value of [null, undefined]) {
      expect(thrown(() => loose.text().bind("bio", "bio").forWrite(value))).toMatchObject({
        name: "ValidationError",
        code: "null",
      });
      expect(loose.text({ null: true }).forWrite(value)).toBeNull();
      expect(loose.int({ primaryKey: true }).forWrite(value)).toBeNull();
    }
  });

  it("cleans, then asks the validators in their order and stops at the first that refuses", () => {
    const seen: unknown[] = [];
    const field = loose
      .bigInt({
        mode: "bigint",
        validators: [
          (v: bigint) => {
            seen.push(v);
          },
          () => "is too odd",
          () => {
            seen.push("never");
          },
        ],
      })
      .bind("n", "n");
    const error = thrown(() => field.forWrite(5));
    expect(error).toMatchObject({ name: "ValidationError", message: "n: is too odd", code: "validator" });
    expect(seen).toEqual([5n]);
  });

  it("turns what a validator throws into a ValidationError that names the field and keeps the cause", () => {
    const cause = new RangeError("no");
    const field = loose
      .int({
        validators: [
          () => {
            throw cause;
          },
        ],
      })
      .bind("n", "n");
    try {
      field.forWrite(1);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ message: "n: no", field: "n", cause });
    }
  });

  it("does not let a validator's promise pass for consent", () => {
    const field = loose.int({ validators: [async () => Promise.resolve("refused")] });
    expect(() => field.forWrite(1)).toThrow(ConfigurationError);
  });

  it("does not ask validators about values that are only searched", () => {
    expect(loose.char({ maxLength: 2, validators: [() => "never"] }).clean("much too long")).toBe("much too long");
  });
});

describe("every kind", () => {
  const wrongTypes = [
    Symbol("x"),
    () => 1,
    new Map(),
    undefined,
    Number.NaN,
    Infinity,
    "\ud800",
    {},
    [],
    [1],
    new Date(Number.NaN),
    new Error("x"),
  ];

  it.each(kinds)("%s refuses what is not its own with a FieldError", (kind, field) => {
    for (const value of wrongTypes) {
      if (
        kind === "json" &&
        typeof value === "object" &&
        (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
      )
        continue;
      expect(() => field.clean(value), String(typeof value)).toThrow(FieldError);
      expect(() => field.convert(value), String(typeof value)).toThrow(FieldError);
    }
  });

  it.each(kinds)("%s gives back what it has cleaned", (kind, field) => {
    const samples: Record<string, unknown> = {
      smallInt: -5,
      int: 5,
      bigInt: 2 ** 40,
      float: 1.5,
      decimal: "1.5",
      char: "é",
      text: "",
      boolean: false,
      date: "2024-02-29",
      datetime: new Date(5),
      time: "12:00",
      timeDelta: 5,
      uuid: "00000000-0000-0000-0000-000000000000",
      binary: new Uint8Array([1]),
      geometry: new Uint8Array([0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0]),
      json: { a: [null] },
      intEnum: 2,
      charEnum: "b",
    };
    const once = field.clean(samples[kind]);
    expect(field.clean(once)).toEqual(once);
    expect(field.convert(samples[kind])).toEqual(once);
  });
});

describe("a field of one's own", () => {
  class Points extends TextField {
    override readonly kind = "points";
    separator = ";";
    constructor(options = {}) {
      super(options, ["separator"], "points");
    }
    override clean(value: unknown): never {
      if (!Array.isArray(value)) throw this.wrong(value, "a list of points");
      return value.map(Number) as never;
    }
    override codec(stored: Codec): Codec {
      return {
        ...stored,
        encode: (points: number[]) => points.join(this.separator),
        decode: (text: string) => text.split(this.separator).map(Number),
      };
    }
  }

  it("has its own values, codec, options and defaults", () => {
    const field = new Points({ separator: ";", default: [1, 2] }).bind("points", "points");
    const { encode, decode } = field.codec({ encode: null, decode: null, readAs: null });
    expect(encode!(field.clean([3, "4"]))).toBe("3;4");
    expect(decode!("3;4" as never)).toEqual([3, 4]);
    expect(field.initial()).toEqual([1, 2]);
    expect(() => new Points({ separatr: "," })).toThrow('fields.points has no option "separatr"');
  });

  it("checks its default when it is bound, after its constructor has run", () => {
    expect(thrown(() => new Points({ default: 5 }).bind("points", "points"))).toMatchObject({ code: "bad_default" });
  });

  it("may extend one that has options", () => {
    class Slug extends CharField {
      override clean(value: unknown): string {
        return super.clean(value).toLowerCase();
      }
    }
    expect(new Slug({ maxLength: 5 }).forWrite("ABC")).toBe("abc");
  });
});
