import { fields } from "terrapin";
import { describe, expect, it } from "vitest";
import {
  makeFill,
  makeFlatReader,
  makeTupleReader,
  makeValuesReader,
  type ReadColumn,
} from "../../../core/load/reader.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose } from "../../support/loose.js";

const columnOf = (name: string, field: unknown): ReadColumn => {
  const bound = loose(field).bind(name, name);
  return { name, field: bound, codec: sqliteDialect.codec(bound.type) };
};
const COLUMNS = [
  columnOf("id", fields.int()),
  columnOf("name", fields.text({ null: true })),
  columnOf("at", fields.datetime({ null: true })),
  columnOf("bytes", fields.binary({ null: true })),
];
const row = (): unknown[] => [1, "a", "1970-01-01 00:00:00.000", new Uint8Array([7])];
const READ = [1, "a", new Date(0), new Uint8Array([7])];

describe("a row", () => {
  it("fills an object and stays as it was read", () => {
    const given = row();
    const object: Record<string, unknown> = {};
    makeFill(COLUMNS)(object, given);
    expect(object).toEqual({ id: 1, name: "a", at: READ[2], bytes: READ[3] });
    expect(given).toEqual(row());
    (object.bytes as Uint8Array)[0] = 9;
    expect(given).toEqual(row());
  });

  it("becomes a plain object of values", () => {
    const object = makeValuesReader(COLUMNS)(row());
    expect(object).toEqual({ id: 1, name: "a", at: READ[2], bytes: READ[3] });
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  it("becomes a tuple", () => {
    expect(makeTupleReader(COLUMNS)(row())).toEqual(READ);
  });
  it("becomes its first value, decoded where it must be", () => {
    expect(makeFlatReader([COLUMNS[0]!])([1])).toBe(1);
    expect(makeFlatReader([COLUMNS[1]!])(["a"])).toBe("a");
    expect(makeFlatReader([COLUMNS[2]!])(["1970-01-01 00:00:00.000"])).toEqual(new Date(0));
    expect(makeFlatReader([COLUMNS[2]!])([null])).toBeNull();
  });

  it.each([
    [
      "filled",
      (given: unknown[]) => {
        const object = {};
        makeFill(COLUMNS)(object, given);
        return Object.values(object);
      },
    ],
    ["values", (given: unknown[]) => Object.values(makeValuesReader(COLUMNS)(given) as object)],
    ["tuple", (given: unknown[]) => makeTupleReader(COLUMNS)(given)],
  ] as const)("keeps NULL as null: %s", (_, read) => {
    expect(read([1, null, null, null])).toEqual([1, null, null, null]);
  });

  it.each([
    ["filled", (given: unknown[]) => makeFill(COLUMNS)({}, given)],
    ["values", (given: unknown[]) => makeValuesReader(COLUMNS)(given)],
    ["tuple", (given: unknown[]) => makeTupleReader(COLUMNS)(given)],
    ["flat", (given: unknown[]) => makeFlatReader([COLUMNS[2]!])([given[2]])],
  ] as const)("with a value that cannot be read names the field: %s", (_, read) => {
    expect(() => read([1, "a", "never", null])).toThrow(
      expect.objectContaining({
        name: "FieldError",
        code: "bad_stored_value",
        message: expect.stringContaining("at: the stored value cannot be read"),
      }),
    );
  });
});
