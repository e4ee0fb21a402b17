import { fields, Model, Terrapin } from "terrapin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { loose, type Loose } from "../../support/loose.js";

class Target extends Model.define({
  id: fields.int({ primaryKey: true }),
  small: fields.smallInt({ default: 0 }),
  int: fields.int({ default: 0 }),
  big: fields.bigInt({ default: 0 }),
  exact: fields.bigInt({ mode: "bigint", default: 0n }),
  price: fields.decimal({ maxDigits: 6, decimalPlaces: 2, default: "0" }),
  weight: fields.float({ default: 0 }),
  name: fields.char({ maxLength: 60, default: "n" }),
  note: fields.text({ null: true }),
  flag: fields.boolean({ default: true }),
  day: fields.date({ null: true }),
  at: fields.datetime({ null: true }),
  clock: fields.time({ null: true }),
  key: fields.uuid({ null: true }),
  data: fields.json({ null: true }),
  bytes: fields.binary({ null: true }),
  level: fields.intEnum([1, 2], { default: 1 }),
  state: fields.charEnum(["open", "done"], { default: "open" }),
}) {}
class Coded extends Model.define({
  code: fields.char({ maxLength: 80, primaryKey: true }),
  note: fields.text({ blank: true }),
}) {}

const orm = await Terrapin.init({ connections: { default: sqlite(":memory:") }, models: { Target, Coded } });
const targets = loose(Target);
const everything = async (): Promise<string> => {
  const db = orm.connections.get("default");
  const tables = await db.executeQueryDict("SELECT name, sql FROM sqlite_schema ORDER BY name");
  return JSON.stringify(
    [
      tables,
      await db.executeQueryDict("SELECT * FROM target ORDER BY id"),
      await db.executeQueryDict("SELECT * FROM coded ORDER BY code"),
    ],
    (_, value: unknown) => (typeof value === "bigint" ? String(value) : value),
  );
};
let before = "";

beforeAll(async () => {
  await orm.generateSchemas();
  await Target.bulkCreate([new Target({ name: "one" }), new Target({ name: "two", note: "x" })]);
  await Coded.create({ code: "k" });
  before = await everything();
});
afterAll(() => orm.closeConnections());

/** Whatever a call does, synchronously or not, as one promise. */
const attempt = (call: () => unknown): Promise<unknown> => (async () => call())();
const refused = async (call: () => unknown, error: object): Promise<void> => {
  await expect(attempt(call)).rejects.toMatchObject(error);
  expect(await everything()).toBe(before);
};

/** Every way in which a value can be written. */
const WRITES: readonly [string, (name: string, value: unknown) => unknown][] = [
  ["create", (name, value) => targets.create({ [name]: value })],
  ["update", (name, value) => targets.all().update({ [name]: value })],
  ["bulkCreate", (name, value) => targets.bulkCreate([new targets({ name: "ok" }), new targets({ [name]: value })])],
  ["save of a new object", (name, value) => new targets({ [name]: value }).save()],
  [
    "save",
    async (name, value) => {
      await Object.assign(await targets.first(), { [name]: value }).save();
    },
  ],
  [
    "bulkUpdate",
    async (name, value) => {
      const [one, two] = await targets.all();
      two[name] = value;
      await targets.bulkUpdate([one, two], [name]);
    },
  ],
  ["getOrCreate", (name, value) => targets.getOrCreate({ pk: 77 }, { [name]: value })],
  ["updateOrCreate", (name, value) => targets.updateOrCreate({ pk: 1 }, { [name]: value })],
];

const VALUES: readonly [field: string, what: string, value: unknown, name: string, code: string][] = [
  ["small", "out of range", 32768, "ValidationError", "out_of_range"],
  ["small", "out of range below", -32769, "ValidationError", "out_of_range"],
  ["int", "out of range", 2 ** 31, "ValidationError", "out_of_range"],
  ["int", "a fraction", 1.5, "FieldError", "bad_value"],
  ["int", "text", "1", "FieldError", "bad_value"],
  ["int", "NaN", Number.NaN, "FieldError", "bad_value"],
  ["int", "true", true, "FieldError", "bad_value"],
  ["int", "an object", {}, "FieldError", "bad_value"],
  ["int", "null", null, "ValidationError", "null"],
  ["big", "an unsafe integer", 2 ** 53, "FieldError", "unsafe_integer"],
  ["big", "an unsafe bigint", 2n ** 53n, "FieldError", "unsafe_integer"],
  ["exact", "more than 64 bits", 2n ** 63n, "FieldError", "out_of_range"],
  ["price", "too many places", "1.234", "FieldError", "too_many_places"],
  ["price", "too many digits", "12345", "FieldError", "too_many_digits"],
  ["price", "no number", "abc", "FieldError", "bad_value"],
  ["price", "0.1 + 0.2", 0.1 + 0.2, "FieldError", "too_many_places"],
  ["weight", "Infinity", Infinity, "FieldError", "bad_value"],
  ["weight", "text", "1.5", "FieldError", "bad_value"],
  ["name", "too long", "x".repeat(61), "ValidationError", "too_long"],
  ["name", "a number", 5, "FieldError", "bad_value"],
  ["name", "half a surrogate pair", "\ud800", "FieldError", "not_well_formed"],
  ["name", "null", null, "ValidationError", "null"],
  ["note", "an array", ["a"], "FieldError", "bad_value"],
  ["flag", "1", 1, "FieldError", "bad_value"],
  ["flag", "text", "true", "FieldError", "bad_value"],
  ["day", "a day that does not exist", "2026-02-30", "FieldError", "bad_value"],
  ["day", "text", "yesterday", "FieldError", "bad_value"],
  ["at", "an invalid Date", new Date(Number.NaN), "FieldError", "bad_value"],
  ["at", "text", "soon", "FieldError", "bad_value"],
  ["at", "a number", 0, "FieldError", "bad_value"],
  ["clock", "an hour too late", "25:00:00", "FieldError", "bad_value"],
  ["key", "no uuid", "abc", "FieldError", "bad_value"],
  ["data", "a function", { a: () => 1 }, "FieldError", "not_json"],
  ["data", "undefined inside", { a: undefined }, "FieldError", "not_json"],
  ["data", "a bigint", 5n, "FieldError", "not_json"],
  ["data", "a Date", { at: new Date(0) }, "FieldError", "not_json"],
  ["bytes", "text", "abc", "FieldError", "bad_value"],
  ["level", "no member", 3, "FieldError", "not_a_member"],
  ["state", "no member", "shut", "FieldError", "not_a_member"],
  ["nope", "an unknown field", 1, "FieldError", "unknown_field"],
  ["int", "undefined", undefined, "ParamsError", "undefined"],
];

describe.each(WRITES)("%s refuses, and leaves all data as it was", (how, write) => {
  // An attribute may be set to anything; what is unknown or undefined is no column's value then.
  const applies = VALUES.filter(
    ([field, , value]) => !((how === "save" || how === "bulkUpdate") && (field === "nope" || value === undefined)),
  );
  it.each(applies)("%s: %s", async (field, _, value, name, code) => {
    await refused(() => write(field, value), { name, code });
  });
});

describe("a filter refuses, and leaves all data as it was", () => {
  const filtered = VALUES.filter(
    ([, , value, name]) => value !== null && name === "FieldError" && typeof value !== "object",
  );
  it.each(filtered)("%s: %s", async (field, _, value, name, code) => {
    await refused(() => targets.filter({ [field]: value }), { name, code });
    await refused(() => targets.filter({ [field]: value }).delete(), { name, code });
    await refused(() => targets.filter({ [field]: value }).update({ int: 5 }), { name, code });
    await refused(() => targets.exclude({ [field]: value }).count(), { name, code });
    await refused(() => targets.get({ [field]: value }), { name, code });
  });
});

const HOSTILE = [
  "'; DROP TABLE target; --",
  '"; DROP TABLE target; --',
  "` OR 1=1",
  "' OR '1'='1",
  "\\'; DELETE FROM target; --",
  "/* */",
  "--",
  ";",
  "\u0000",
  "a\u0000b",
  "?",
  "?1",
  ":name",
  "@x",
  "$1",
  "%",
  "_",
  "\\",
  "${1}",
  "{{x}}",
  "NULL",
  "\u2028",
  "\u202e",
  "😀",
  "ß",
  "ﬀ",
  "İ",
  "\r\n",
  "\t",
  " ",
  "0",
  "1e309",
  "__proto__",
  "constructor",
  "toString",
  "[1,2]",
  '{"a":1}',
  "x'41'",
  "']",
  "\ufeff",
  "\uffff",
];

describe("hostile text as a value comes back as it went in, and does nothing else", () => {
  it.each(HOSTILE)("%j", async (text) => {
    const object = await Target.create({ name: text, note: text, data: { [text]: [text] } });
    try {
      const found = await Target.get({ id: object.id });
      expect([found.name, found.note, found.data]).toEqual([text, text, { [text]: [text] }]);
      expect(await targets.filter({ note: text }).count()).toBe(1);
      expect(await targets.filter({ note__in: [text] }).valuesList("id", { flat: true })).toEqual([object.id]);
      expect(await targets.filter({ note__startswith: text, note__contains: text, note__endswith: text }).count()).toBe(
        1,
      );
      expect(await targets.exclude({ note: text }).count()).toBe(2);
      expect(await targets.filter({ note: text }).update({ name: text })).toBe(1);
      expect(await targets.filter({ id: object.id }).values({ [`as ${text}`]: "note" })).toEqual([
        { [`as ${text}`]: text },
      ]);
    } finally {
      await object.delete();
    }
    expect(await everything()).toBe(before);
  });

  it.each(HOSTILE.filter((text) => text !== ""))("%j as a key", async (text) => {
    await Coded.create({ code: text, note: "n" });
    expect(await Coded.get({ pk: text })).toMatchObject({ code: text });
    expect(await Coded.inBulk([text, "k"])).toEqual(
      new Map([
        ["k", expect.anything()],
        [text, expect.anything()],
      ]),
    );
    expect(await Coded.filter({ code: text }).delete()).toBe(1);
    expect(await everything()).toBe(before);
  });
});

describe("hostile text as a name is refused", () => {
  const NAMES = [
    ...HOSTILE,
    "",
    "id; DROP TABLE target",
    'id" DESC; --',
    "id DESC",
    "-",
    "--id",
    "target.id",
    "id, name",
    "rowid",
    "*",
    "COUNT(*)",
    "id__",
    "__id",
    "id__gt__lt",
    "name__contains__",
    "pk__pk",
    "hasOwnProperty",
    "id\u0000",
    "ID",
  ];
  const PLACES: readonly [string, (name: string) => unknown][] = [
    ["filter", (name) => targets.filter({ [name]: 1 })],
    ["filter with a lookup", (name) => targets.filter({ [`${name}__in`]: [1] })],
    ["exclude, then delete", (name) => targets.exclude({ [name]: 1 }).delete()],
    ["a lookup", (name) => targets.filter({ [`id__${name}`]: 1 })],
    ["orderBy", (name) => targets.orderBy(name)],
    ["orderBy, descending", (name) => targets.orderBy(`-${name}`)],
    ["values", (name) => targets.values(name)],
    ["valuesList", (name) => targets.valuesList(name)],
    ["only", (name) => targets.only(name)],
    ["latest", (name) => targets.latest(name)],
    ["create", (name) => targets.create(Object.fromEntries([[name, 1]]))],
    ["update", (name) => targets.all().update(Object.fromEntries([[name, 1]]))],
    ["getOrCreate", (name) => targets.getOrCreate(Object.fromEntries([[name, 1]]))],
    [
      "save",
      async (name) => {
        await (await targets.first()).save({ updateFields: [name] });
      },
    ],
    [
      "bulkUpdate",
      async (name) => {
        await targets.bulkUpdate(await targets.all(), [name]);
      },
    ],
    ["inBulk", (name) => targets.inBulk([1], name)],
    [
      "refreshFromDb",
      async (name) => {
        await (await targets.first()).refreshFromDb([name]);
      },
    ],
    ["onConflict", (name) => targets.bulkCreate([new Target()], { onConflict: [name], updateFields: ["name"] })],
    ["updateFields", (name) => targets.bulkCreate([new Target()], { onConflict: ["id"], updateFields: [name] })],
  ];
  it.each(PLACES)("by %s", async (_, call) => {
    for (const name of NAMES) {
      const outcome = await attempt(() => call(name)).then(
        () => `${JSON.stringify(name)} was taken`,
        (error: Loose) =>
          ["FieldError", "ParamsError"].includes(error.name) ? null : `${JSON.stringify(name)}: ${error.stack}`,
      );
      expect(outcome).toBeNull();
    }
    expect(await everything()).toBe(before);
  });
});

it("a required value that is left out is refused before any SQL, in every way of creating", async () => {
  const missing = { name: "ValidationError", code: "null", field: "code" };
  await refused(() => loose(Coded).create({ note: "n" }), missing);
  await refused(() => new (loose(Coded))({ note: "n" }).save(), missing);
  await refused(() => Coded.bulkCreate([new Coded({ code: "new" }), new (loose(Coded))({})]), missing);
  await refused(() => loose(Coded).getOrCreate({ note: "missing" }), missing);
});

describe("a broken rule of the table is told with the user's names", () => {
  it("twice the same key", async () => {
    await refused(() => Coded.create({ code: "k" }), { name: "IntegrityError", kind: "primaryKey", fields: ["code"] });
    await refused(() => Coded.bulkCreate([new Coded({ code: "new" }), new Coded({ code: "k" })]), {
      name: "IntegrityError",
      kind: "primaryKey",
      fields: ["code"],
    });
  });
});
