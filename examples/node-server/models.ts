import { type ManyToManyRelation, MinLengthValidator, Model, type ReverseRelation } from "terrapin";
import * as fields from "terrapin/fields";

const validators = [MinLengthValidator(1)];

export class Author extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 80, unique: true, validators }),
  },
  { ordering: ["name"] },
) {
  declare articles: ReverseRelation<Article>;
}

export class Tag extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  word: fields.char({ maxLength: 30, unique: true, validators }),
}) {
  declare articles: ManyToManyRelation<Article>;
}

export class Article extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    author: fields.foreignKey<Author>("Author", { relatedName: "articles", onDelete: "CASCADE" }),
    title: fields.char({ maxLength: 120, validators }),
    body: fields.text({ blank: true }),
    createdAt: fields.datetime({ autoNowAdd: true }),
    version: fields.int({ default: 1 }),
    tags: fields.manyToMany<Tag>("Tag", { relatedName: "articles" }),
  },
  { ordering: ["-createdAt"], version: "version" },
) {}
