import { fields, Model } from "terrapin";
import type { Json } from "./data.ts";
import { relationModels } from "./relations/models.ts";

/** The models of the benchmark, as a user of Terrapin writes them. */

const journalFields = {
  id: fields.bigInt({ primaryKey: true }),
  timestamp: fields.datetime({ autoNowAdd: true }),
  level: fields.smallInt({ index: true }),
  text: fields.char({ maxLength: 255 }),
};

export class Journal1 extends Model.define(journalFields, { table: "journal1" }) {}

export class Journal2 extends Model.define(
  { ...journalFields, parentId: fields.bigInt({ index: true }) },
  { table: "journal2" },
) {}

export class Journal3 extends Model.define(
  {
    ...journalFields,
    float1: fields.float(),
    small1: fields.smallInt(),
    int1: fields.int(),
    big1: fields.bigInt(),
    char1: fields.char({ maxLength: 255 }),
    text1: fields.text(),
    decimal1: fields.decimal({ maxDigits: 12, decimalPlaces: 8 }),
    json1: fields.json<Json>(),
    float2: fields.float({ null: true }),
    small2: fields.smallInt({ null: true }),
    int2: fields.int({ null: true }),
    big2: fields.bigInt({ null: true }),
    char2: fields.char({ maxLength: 255, null: true }),
    text2: fields.text({ null: true }),
    decimal2: fields.decimal({ maxDigits: 12, decimalPlaces: 8, null: true }),
    json2: fields.json<Json>({ null: true }),
    float3: fields.float(),
    small3: fields.smallInt(),
    int3: fields.int(),
    big3: fields.bigInt(),
    char3: fields.char({ maxLength: 255 }),
    text3: fields.text(),
    decimal3: fields.decimal({ maxDigits: 12, decimalPlaces: 8 }),
    json3: fields.json<Json>(),
    float4: fields.float({ null: true }),
    small4: fields.smallInt({ null: true }),
    int4: fields.int({ null: true }),
    big4: fields.bigInt({ null: true }),
    char4: fields.char({ maxLength: 255, null: true }),
    text4: fields.text({ null: true }),
    decimal4: fields.decimal({ maxDigits: 12, decimalPlaces: 8, null: true }),
    json4: fields.json<Json>({ null: true }),
  },
  { table: "journal3" },
) {}

export class User extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 100 }),
    email: fields.char({ maxLength: 200 }),
    age: fields.int(),
    active: fields.boolean(),
    createdAt: fields.datetime(),
  },
  { table: "users" },
) {}

export class Counter extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    key: fields.char({ maxLength: 100, unique: true }),
    value: fields.int(),
    updatedAt: fields.datetime(),
  },
  { table: "counters" },
) {}

export class Event extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    kind: fields.char({ maxLength: 20 }),
    payload: fields.text(),
    value: fields.float(),
    createdAt: fields.datetime(),
  },
  { table: "events" },
) {}

export const models = { Journal1, Journal2, Journal3, User, Counter, Event, ...relationModels };
