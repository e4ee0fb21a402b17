// Models that refer to each other: every kind of relation, to every kind of key.
import { OrderStatus, Timestamped } from "./models.js";
import {
  fields,
  Manager,
  type ManyToManyRelation,
  Model,
  type ReverseOneToOne,
  type ReverseRelation,
} from "./support.js";

export class User extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    username: fields.char({ maxLength: 50, unique: true }),
    email: fields.char({ maxLength: 255 }),
    nick: fields.text({ null: true }),
    age: fields.int({ default: 0 }),
    isActive: fields.boolean({ default: true }),
  },
  { ordering: ["-age", "username"] },
) {
  declare orders: ReverseRelation<Order>;
  declare reviews: ReverseRelation<Order>;
  declare profile: ReverseOneToOne<Profile>;
  declare articles: ReverseRelation<Article>;
  private secret = 1;
  greeting(): string {
    return `hi ${this.username} ${this.secret}`;
  }
  // What these two give is found from what they ask, so asking must not look at them.
  open() {
    return this.orders.filter({ status: "pending", user__username: this.username }).prefetchRelated("items");
  }
  get paid() {
    return this.orders.filter({ status: "paid" }).orderBy("-total").selectRelated("reviewer");
  }
  get isAdult(): boolean {
    return this.age >= 18;
  }
}

/** The relation is not the key, and comes before it. */
export class Profile extends Model.define({
  user: fields.oneToOne<User>("User", { relatedName: "profile" }),
  code: fields.uuid({ primaryKey: true }),
  visits: fields.int({ default: 0 }),
}) {}

export class Order extends Timestamped.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    user: fields.foreignKey<User>("User", { relatedName: "orders", onDelete: "CASCADE" }),
    reviewer: fields.foreignKey<User>("User", { relatedName: "reviews", null: true, onDelete: "SET_NULL" }),
    total: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
    paid: fields.int({ default: 0 }),
    quantity: fields.int(),
    discount: fields.int({ null: true }),
    status: fields.charEnum(OrderStatus, { default: OrderStatus.Pending }),
    note: fields.text({ null: true }),
  },
  { ordering: ["user", "-userId"], indexes: [["user", "status"], ["reviewerId"]], uniqueTogether: [["user", "note"]] },
) {
  declare items: ReverseRelation<Item>;
}

export class Item extends Model.define({
  sku: fields.char({ maxLength: 20, primaryKey: true }),
  order: fields.foreignKey<Order>("Order", { relatedName: "items" }),
  price: fields.int(),
}) {}

export class Article extends Model.define({
  id: fields.int({ primaryKey: true }),
  title: fields.text(),
  author: fields.foreignKey<User>("User", { relatedName: "articles" }),
  editor: fields.foreignKey<User>("User", { relatedName: false, default: 1 }),
  tags: fields.manyToMany<Tag>("Tag", { relatedName: "articles" }),
}) {
  static readonly published = new Manager<Article>((all) => all.filter({ title__not: "", tags__name__not: "draft" }));
}

/** Its key is the one that nobody defined. */
export class Tag extends Model.define({ name: fields.text() }) {
  declare articles: ManyToManyRelation<Article>;
}

export class Country extends Model.define({
  id: fields.int({ primaryKey: true }),
  code: fields.char({ maxLength: 2, unique: true }),
}) {
  declare cities: ReverseRelation<City>;
}

/** It refers to another field than the key. */
export class City extends Model.define({
  name: fields.text(),
  country: fields.foreignKey<Country, "code">("Country", { toField: "code", relatedName: "cities" }),
  twin: fields.foreignKey<Country, "code">("Country", { toField: "code", relatedName: false, null: true }),
}) {}

/** The relation is the key, and so is that of the next one. */
export class Account extends Model.define({
  owner: fields.oneToOne<User>("User", { primaryKey: true, relatedName: false }),
  balance: fields.int(),
}) {
  declare limit: ReverseOneToOne<Limit>;
}
export class Limit extends Model.define({
  account: fields.oneToOne<Account>("Account", { primaryKey: true, relatedName: "limit" }),
  amount: fields.int(),
}) {}

/** To itself, and in a circle. */
export class Category extends Model.define({
  name: fields.text(),
  parent: fields.foreignKey<Category>("self", { null: true, relatedName: "children" }),
  owner: fields.foreignKey<Owner>("Owner", { relatedName: false }),
  similar: fields.manyToMany<Category>("self"),
}) {
  declare children: ReverseRelation<Category>;
}
export class Owner extends Model.define({
  favourite: fields.foreignKey<Category>("Category", { null: true, relatedName: false }),
  categories: fields.manyToMany<Category>("Category", { through: "category_owner" }),
}) {
  hi(): number {
    return 1;
  }
}

/** A parent with a relation. */
export class Owned extends Model.define(
  { keeper: fields.foreignKey<User>("User", { relatedName: false }), tags: fields.manyToMany<Tag>("Tag") },
  { abstract: true },
) {
  keeperName(): string {
    return String(this.keeperId);
  }
}
export class Car extends Owned.define({ plate: fields.text() }, { indexes: [["keeper", "plate"]] }) {
  declare wheels: ReverseRelation<Wheel>;
}
export class Wheel extends Owned.define({ car: fields.foreignKey<Car>("Car", { relatedName: "wheels" }) }) {}

export declare const user: User;
export declare const order: Order;
export declare const article: Article;
export declare const tag: Tag;
export declare const city: City;
export declare const country: Country;
export declare const account: Account;
export declare const category: Category;
export declare const car: Car;
