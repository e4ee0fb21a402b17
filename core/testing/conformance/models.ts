import * as fields from "../../model/kinds.js";
import { Model } from "../../model/model.js";
import type { Client } from "../../connection/client.js";

/** An object of a model, loosely: the suite also says what types forbid. */
export interface Obj {
  [name: string]: unknown;
  pk: unknown;
  save(options?: object): PromiseLike<void>;
  delete(options?: object): PromiseLike<void>;
  refreshFromDb(fields?: unknown, options?: object): PromiseLike<void>;
  updateFromDict(values: object): Obj;
  clone(pk?: unknown): Obj;
  equals(other: unknown): boolean;
}

/** A query for one row, loosely. */
export interface One extends PromiseLike<Obj> {
  only(...names: unknown[]): One;
  values(...names: unknown[]): One;
  valuesList(...names: unknown[]): One;
  usingDb(target: unknown): One;
}

/** What both a model and a query set can be asked, loosely. */
export interface Askable {
  all(): Rows;
  none(): Rows;
  filter(...where: unknown[]): Rows;
  exclude(...where: unknown[]): Rows;
  get(...where: unknown[]): One;
  getOrNone(...where: unknown[]): One;
  first(): One;
  last(): One;
  latest(...names: unknown[]): One;
  earliest(...names: unknown[]): One;
  orderBy(...names: unknown[]): Rows;
  limit(count: unknown): Rows;
  offset(count: unknown): Rows;
  slice(from: unknown, to?: unknown): Rows;
  only(...names: unknown[]): Rows;
  values(...names: unknown[]): Rows;
  valuesList(...names: unknown[]): Rows;
  count(): PromiseLike<number>;
  exists(...where: unknown[]): PromiseLike<boolean>;
  inBulk(keys: unknown, name?: unknown, options?: object): PromiseLike<Map<unknown, Obj>>;
  create(values?: unknown, options?: object): PromiseLike<Obj>;
  getOrCreate(values: unknown, defaults?: unknown, options?: object): PromiseLike<[Obj, boolean]>;
  updateOrCreate(values: unknown, defaults?: unknown, options?: object): PromiseLike<[Obj, boolean]>;
  bulkCreate(objects: unknown, options?: object): PromiseLike<Obj[]>;
  bulkUpdate(objects: unknown, names: unknown, options?: object): PromiseLike<number>;
  raw(sql: string, params?: readonly unknown[]): PromiseLike<Obj[]>;
}

/** A query set, loosely. */
export interface Rows extends Askable, PromiseLike<Obj[]>, AsyncIterable<Obj> {
  reverse(): Rows;
  distinct(): Rows;
  update(values: unknown, options?: object): PromiseLike<number>;
  delete(options?: object): PromiseLike<number>;
  usingDb(target: unknown): Rows;
  explain(): PromiseLike<Record<string, unknown>[]>;
  sql(): string;
}

/** A model, loosely. */
export interface Table extends Askable {
  new (values?: object): Obj;
  usingDb(target: Client | string): Table;
  describe(options?: object): Record<string, unknown>;
}

/** The models of the suite: every run makes its own classes. */
export interface Models {
  /** one nullable field of each kind */
  readonly Sample: Table;
  /** what people write every day */
  readonly Person: Table;
  /** rules: unique together, a check */
  readonly Seat: Table;
  /** a key that is text, and a default that has to be waited for */
  readonly Tag: Table;
  /** a key that the library makes */
  readonly Token: Table;
  /** values that the database fills in */
  readonly Filled: Table;
  /** names that have to be quoted, and names that are words of the library */
  readonly Odd: Table;
}

/** Makes the models' classes. */
export function makeModels(): Models {
  return { Sample: sample(), Person: person(), Seat: seat(), Tag: tag(), Token: token(), Filled: filled(), Odd: odd() };
}

function sample(): Table {
  const maybe = { null: true } as const;
  class Sample extends Model.define(
    {
      id: fields.bigInt({ primaryKey: true }),
      smallInt: fields.smallInt(maybe),
      int: fields.int(maybe),
      bigInt: fields.bigInt(maybe),
      big: fields.bigInt({ ...maybe, mode: "bigint" }),
      float: fields.float(maybe),
      decimal: fields.decimal({ ...maybe, maxDigits: 15, decimalPlaces: 2 }),
      wide: fields.decimal({ ...maybe, maxDigits: 18, decimalPlaces: 6 }),
      amount: fields.decimal({ ...maybe, maxDigits: 12, decimalPlaces: 3, mode: "number" }),
      char: fields.char({ ...maybe, maxLength: 100 }),
      text: fields.text(maybe),
      boolean: fields.boolean(maybe),
      date: fields.date(maybe),
      datetime: fields.datetime(maybe),
      micro: fields.datetime({ ...maybe, precision: 6 }),
      time: fields.time(maybe),
      delta: fields.timeDelta(maybe),
      uuid: fields.uuid(maybe),
      json: fields.json(maybe),
      binary: fields.binary(maybe),
      geometry: fields.geometry(maybe),
      intEnum: fields.intEnum([1, 2, 30], maybe),
      charEnum: fields.charEnum(["draft", "open", "über"], maybe),
    },
    { table: "conformance_sample" },
  ) {}
  return Sample as unknown as Table;
}

function person(): Table {
  class Person extends Model.define(
    {
      id: fields.bigInt({ primaryKey: true }),
      name: fields.char({ maxLength: 200, unique: true }),
      age: fields.int({ null: true }),
      score: fields.decimal({ maxDigits: 8, decimalPlaces: 2, default: "1.50" }),
      active: fields.boolean({ default: true }),
      note: fields.text({ blank: true }),
      joined: fields.datetime({ autoNowAdd: true }),
      touched: fields.datetime({ autoNow: true }),
      extra: fields.json({ null: true }),
    },
    { table: "conformance_person", indexes: [["age", "name"]] },
  ) {}
  return Person as unknown as Table;
}

function seat(): Table {
  class Seat extends Model.define(
    {
      id: fields.int({ primaryKey: true }),
      row: fields.int(),
      number: fields.int(),
      holder: fields.char({ maxLength: 50, null: true }),
      price: fields.int({ default: 1 }),
    },
    {
      table: "conformance_seat",
      uniqueTogether: [["row", "number"]],
      ordering: ["row", "-number"],
      constraints: [{ name: "conformance_price", check: "price >= 0" }],
    },
  ) {}
  return Seat as unknown as Table;
}

function tag(): Table {
  class Tag extends Model.define(
    {
      code: fields.char({ maxLength: 100, primaryKey: true }),
      label: fields.char({ maxLength: 100, null: true, index: true, default: async () => "plain" }),
    },
    { table: "conformance_tag" },
  ) {}
  return Tag as unknown as Table;
}

function token(): Table {
  class Token extends Model.define(
    { id: fields.uuid({ primaryKey: true }), uses: fields.int({ default: 0 }) },
    { table: "conformance_token" },
  ) {}
  return Token as unknown as Table;
}

function filled(): Table {
  class Filled extends Model.define(
    {
      id: fields.int({ primaryKey: true }),
      count: fields.int({ dbDefault: 7 }),
      word: fields.char({ maxLength: 20, dbDefault: "it's" }),
      price: fields.decimal({ maxDigits: 6, decimalPlaces: 2, dbDefault: "9.90" }),
      open: fields.boolean({ dbDefault: true }),
      at: fields.datetime({ dbDefault: "now" }),
      note: fields.char({ maxLength: 20, null: true, dbDefault: "none" }),
    },
    { table: "conformance_filled" },
  ) {}
  return Filled as unknown as Table;
}

function odd(): Table {
  class Odd extends Model.define(
    {
      id: fields.int({ primaryKey: true, column: 'the "key"' }),
      order: fields.int({ column: "group" }),
      select: fields.char({ maxLength: 50, column: "from `where` [x]" }),
      values: fields.int({ null: true }),
      where: fields.int({ null: true }),
      tuples: fields.int({ null: true }),
      flat: fields.int({ null: true }),
    },
    { table: 'conformance odd "table"' },
  ) {}
  return Odd as unknown as Table;
}
