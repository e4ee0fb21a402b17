import { fields, Model, type ManyToManyRelation, type ReverseRelation } from "terrapin";

/** Models that refer to each other, as a user of Terrapin writes them. */

export class Author extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    name: fields.char({ maxLength: 100 }),
    email: fields.char({ maxLength: 200 }),
    age: fields.int(),
    active: fields.boolean(),
    createdAt: fields.datetime(),
  },
  { table: "authors" },
) {
  declare posts: ReverseRelation<Post>;
}

export class Post extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    author: fields.foreignKey<Author>("Author", { relatedName: "posts" }),
    title: fields.char({ maxLength: 200 }),
    body: fields.text(),
    score: fields.int({ index: true }),
    createdAt: fields.datetime(),
    tags: fields.manyToMany<Tag>("Tag", {
      relatedName: "posts",
      through: "post_tags",
      backwardKey: "post_id",
      forwardKey: "tag_id",
    }),
  },
  { table: "posts" },
) {
  declare comments: ReverseRelation<Comment>;
}

export class Comment extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    post: fields.foreignKey<Post>("Post", { relatedName: "comments" }),
    text: fields.text(),
    likes: fields.int({ index: true }),
    createdAt: fields.datetime(),
  },
  { table: "comments" },
) {}

export class Tag extends Model.define(
  { id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }) },
  { table: "tags" },
) {
  declare posts: ManyToManyRelation<Post>;
}

export const relationModels = { Author, Post, Comment, Tag };
