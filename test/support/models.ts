import { fields, Model } from "terrapin";

/** The models that most tests ask about. */
export class Author extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 50 }),
    email: fields.char({ maxLength: 80, unique: true, null: true }),
    age: fields.int({ null: true }),
    isActive: fields.boolean({ default: true }),
  },
  { table: "authors" },
) {}

export class Book extends Model.define(
  {
    id: fields.int({ primaryKey: true }),
    title: fields.char({ maxLength: 100 }),
    isbn: fields.char({ maxLength: 20, unique: true }),
    authorId: fields.bigInt({ null: true }),
    price: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
    discount: fields.decimal({ maxDigits: 6, decimalPlaces: 4, default: "0" }),
    stock: fields.int({ default: 0 }),
    weight: fields.float({ null: true }),
    publishedOn: fields.date({ null: true }),
    createdAt: fields.datetime({ autoNowAdd: true }),
  },
  { table: "books", ordering: ["title"] },
) {}

/** A key that is not a number and that nobody generates. */
export class Tag extends Model.define({
  slug: fields.char({ maxLength: 30, primaryKey: true }),
  label: fields.text({ blank: true }),
  parent: fields.char({ maxLength: 30, null: true }),
}) {}
