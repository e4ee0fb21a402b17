// The models of the type tests: one with every kind of field, and the ways to have a key.
import { fields, Index, Manager, Model, type QuerySet } from "./support.js";

export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles when the two types are the same. */
export declare function same<A, B>(..._: Equal<A, B> extends true ? [] : [expected: B, got: A]): void;

/** Compiles when each type can stand for the other: for enums, whose union of members is not the same as the enum. */
export declare function alike<A, B>(
  ..._: [A] extends [B] ? ([B] extends [A] ? [] : [expected: B, got: A]) : [expected: B, got: A]
): void;

export enum OrderStatus {
  Pending = "pending",
  Paid = "paid",
}
export enum Level {
  Low = 1,
  High = 2,
}
export const SIZES = ["s", "m", "l"] as const;
export const COLOURS = { Red: "red", Blue: "blue" } as const;

export class Timestamped extends Model.define(
  {
    createdAt: fields.datetime({ autoNowAdd: true }),
    updatedAt: fields.datetime({ autoNow: true }),
  },
  { abstract: true },
) {
  static recent<T extends typeof Timestamped>(this: T): T {
    return this;
  }
  year(): number {
    return this.createdAt.getFullYear();
  }
}

export class User extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    username: fields.char({ maxLength: 50, unique: true }),
    email: fields.char({ maxLength: 255 }),
    bio: fields.text({ blank: true }),
    nick: fields.text({ null: true }),
    age: fields.int({ default: 0 }),
    rank: fields.smallInt({ null: true }),
    isActive: fields.boolean({ default: true }),
    level: fields.intEnum(Level, { default: Level.Low }),
    size: fields.charEnum(SIZES, { null: true }),
    settings: fields.json<{ theme: string; tags: string[] }>({ default: () => ({ theme: "x", tags: [] }) }),
  },
  {
    table: "users",
    ordering: ["-age", "username"],
    indexes: [["username", "age"], Index({ fields: ["email"], name: "by_email" })],
    uniqueTogether: [["username", "email"]],
    constraints: [{ name: "adult", check: '"age" >= 0' }],
    naming: "snake",
    managed: true,
  },
) {
  static readonly adults = new Manager<User>((all) => all.filter({ age__gte: 18 }));
  private secret = 1;
  greeting(): string {
    return `hi ${this.username} ${this.secret}`;
  }
  get isAdult(): boolean {
    return this.age >= 18;
  }
  namesakes(): QuerySet<User> {
    return User.filter({ username: this.username });
  }
}

export class Order extends Timestamped.define({
  total: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
  weight: fields.decimal({ maxDigits: 10, decimalPlaces: 2, mode: "number", storage: "text", null: true }),
  paid: fields.int({ default: 0 }),
  quantity: fields.int(),
  discount: fields.int({ null: true }),
  status: fields.charEnum(OrderStatus, { default: OrderStatus.Pending }),
  colour: fields.charEnum(COLOURS, { null: true }),
  note: fields.text({ null: true }),
  serial: fields.bigInt({ mode: "bigint", null: true }),
  ratio: fields.float({ null: true }),
  day: fields.date({ null: true }),
  at: fields.time({ null: true }),
  exactly: fields.datetime({ precision: 6, null: true }),
  took: fields.timeDelta({ null: true }),
  file: fields.binary({ null: true }),
  place: fields.geometry({ null: true }),
  extra: fields.json({ null: true }),
}) {}

/** Text keys must be given. */
export class Item extends Model.define({
  sku: fields.char({ maxLength: 20, primaryKey: true }),
  price: fields.int(),
}) {}
/** UUID keys are made when they are not given. */
export class Session extends Model.define({ token: fields.uuid({ primaryKey: true }), data: fields.text() }) {}
/** An integer key that does not count up must be given. */
export class Country extends Model.define({
  code: fields.int({ primaryKey: true, generated: false }),
  name: fields.text(),
}) {}
/** Without a key of its own: `id` is one. */
export class Tag extends Model.define({ name: fields.text({ validators: [(value) => value.length > 0] }) }) {}
/** A plain field may be called `id` when another is the key. */
export class Legacy extends Model.define({
  key: fields.char({ maxLength: 5, primaryKey: true }),
  id: fields.float(),
}) {}

export declare const user: User;
export declare const order: Order;
export declare const item: Item;
export declare const tag: Tag;
