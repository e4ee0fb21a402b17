import { fields, type ManyToManyRelation, Model, type ReverseRelation } from "terrapin";

export class Author extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 80, unique: true }),
  },
  { ordering: ["name"] },
) {
  declare articles: ReverseRelation<Article>;
}

export class Tag extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  word: fields.char({ maxLength: 30, unique: true }),
}) {
  declare articles: ManyToManyRelation<Article>;
}

export class Article extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    author: fields.foreignKey<Author>("Author", { relatedName: "articles", onDelete: "CASCADE" }),
    title: fields.char({ maxLength: 120 }),
    body: fields.text({ blank: true }),
    createdAt: fields.datetime({ autoNowAdd: true }),
    version: fields.int({ default: 1 }),
    tags: fields.manyToMany<Tag>("Tag", { relatedName: "articles" }),
  },
  { ordering: ["-createdAt"], version: "version" },
) {}
