import { createHash } from "node:crypto";
import { fields, Model } from "terrapin";
import type { ManyToManyRelation, ReverseOneToOne, ReverseRelation } from "terrapin";

// The models of the guide that Terrapin follows. Three texts of User are `blank`, because its own examples leave them out; `balance` is
// there because its example of a transaction moves money that no model has.

const hash = (password: string): string => createHash("sha256").update(password).digest("hex");

export class User extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true, description: "User ID" }),
    username: fields.char({ maxLength: 50, unique: true, description: "Username" }),
    email: fields.char({ maxLength: 255, unique: true, description: "Email" }),
    passwordHash: fields.char({ maxLength: 255, blank: true, description: "Password hash" }),
    firstName: fields.char({ maxLength: 30, blank: true, description: "First name" }),
    lastName: fields.char({ maxLength: 30, blank: true, description: "Last name" }),
    isActive: fields.boolean({ default: true, description: "Is active" }),
    isStaff: fields.boolean({ default: false, description: "Is staff" }),
    dateJoined: fields.datetime({ autoNowAdd: true, description: "Registration time" }),
    lastLogin: fields.datetime({ null: true, description: "Last login time" }),
    balance: fields.decimal({ maxDigits: 10, decimalPlaces: 2, default: "0" }),
  },
  { table: "users", description: "User model", indexes: [["username"], ["email"], ["dateJoined"]] },
) {
  declare profile: ReverseOneToOne<UserProfile>;
  declare orders: ReverseRelation<Order>;
  declare articles: ReverseRelation<Article>;

  override toString(): string {
    return `User(username=${this.username})`;
  }

  setPassword(password: string): void {
    this.passwordHash = hash(password);
  }
  checkPassword(password: string): boolean {
    return this.passwordHash === hash(password);
  }
}

export class UserProfile extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    user: fields.oneToOne<User>("User", { relatedName: "profile", description: "Associated user" }),
    bio: fields.text({ blank: true, description: "Personal bio" }),
    avatar: fields.char({ maxLength: 255, null: true, description: "Avatar URL" }),
    phone: fields.char({ maxLength: 20, null: true, description: "Phone number" }),
    address: fields.text({ blank: true, description: "Address" }),
    birthDate: fields.date({ null: true, description: "Birth date" }),
    createdAt: fields.datetime({ autoNowAdd: true }),
    updatedAt: fields.datetime({ autoNow: true }),
  },
  { table: "user_profiles" },
) {}

export enum OrderStatus {
  PENDING = "pending",
  CONFIRMED = "confirmed",
  SHIPPED = "shipped",
  DELIVERED = "delivered",
  CANCELLED = "cancelled",
}

export class Order extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    orderNumber: fields.char({ maxLength: 50, unique: true, description: "Order number" }),
    user: fields.foreignKey<User>("models.User", { relatedName: "orders", description: "Ordering user" }),
    totalAmount: fields.decimal({ maxDigits: 10, decimalPlaces: 2, description: "Total amount" }),
    status: fields.charEnum(OrderStatus, { default: OrderStatus.PENDING, description: "Order status" }),
    createdAt: fields.datetime({ autoNowAdd: true, description: "Created at" }),
    updatedAt: fields.datetime({ autoNow: true, description: "Updated at" }),
  },
  { table: "orders" },
) {}

export class Tag extends Model.define(
  { id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50, unique: true }) },
  { table: "tags" },
) {
  declare articles: ManyToManyRelation<Article>;
}

export class Article extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    title: fields.char({ maxLength: 200 }),
    content: fields.text(),
    author: fields.foreignKey<User>("models.User", { relatedName: "articles" }),
    tags: fields.manyToMany<Tag>("models.Tag", { relatedName: "articles" }),
    createdAt: fields.datetime({ autoNowAdd: true }),
  },
  { table: "articles" },
) {}

export class BaseModel extends Model.define({ id: fields.bigInt({ primaryKey: true }) }, { abstract: true }) {}

export class TimestampedModel extends BaseModel.define(
  { createdAt: fields.datetime({ autoNowAdd: true }), updatedAt: fields.datetime({ autoNow: true }) },
  { abstract: true },
) {}

export class Product extends TimestampedModel.define(
  {
    name: fields.char({ maxLength: 255, description: "Product name" }),
    price: fields.decimal({ maxDigits: 10, decimalPlaces: 2, description: "Price" }),
    isActive: fields.boolean({ default: true, description: "Is active" }),
  },
  { table: "products", indexes: [["name"], ["isActive", "createdAt"]] },
) {}

export const models = { User, UserProfile, Order, Tag, Article, Product };
