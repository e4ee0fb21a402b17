import { fields as typedFields, Model } from "terrapin";
import { loose, type Loose } from "./loose.js";

const fields = loose(typedFields);
const define = (columns: object, meta: object = {}): Loose => loose(Model).define(columns, meta);
const key = { primaryKey: true };
const maybe = { null: true };

// Models that are related in every way, without the types that would say so.

export class User extends define(
  { id: fields.bigInt(key), name: fields.char({ maxLength: 50, unique: true }), nick: fields.text(maybe) },
  { table: "users" },
) {}

export class Profile extends define({
  id: fields.int(key),
  bio: fields.text(maybe),
  user: fields.oneToOne("User", { relatedName: "profile" }),
}) {}

export class Post extends define({
  id: fields.int(key),
  title: fields.text({ column: "headline" }),
  score: fields.int({ default: 0 }),
  author: fields.foreignKey("User", { relatedName: "posts" }),
  reviewer: fields.foreignKey("User", { ...maybe, relatedName: "reviews", column: "checked by" }),
  tags: fields.manyToMany("Tag", { relatedName: "posts" }),
}) {}

export class Comment extends define(
  {
    id: fields.int(key),
    text: fields.text(maybe),
    post: fields.foreignKey("Post", { ...maybe, relatedName: "comments" }),
  },
  { ordering: ["-id"] },
) {}

/** A key that is text. */
export class Tag extends define({ slug: fields.char({ ...key, maxLength: 30 }), rank: fields.int(maybe) }) {}

/** A key that is a uuid, related to itself. */
export class Node extends define({
  id: fields.uuid(key),
  name: fields.text(),
  parent: fields.foreignKey("self", { ...maybe, relatedName: "kids" }),
  links: fields.manyToMany("self", { relatedName: "linked" }),
}) {}

/** A model in the middle, and columns that are called after nothing. */
export class Team extends define({
  id: fields.int(key),
  members: fields.manyToMany("User", { through: "Membership", relatedName: "teams" }),
}) {}
export class Membership extends define({
  id: fields.int(key),
  team: fields.foreignKey("Team", { relatedName: "memberships", column: "t" }),
  user: fields.foreignKey("User", { relatedName: "memberships", column: "u" }),
  role: fields.text({ default: "guest" }),
}) {}

/** Points to a unique field that is no key. */
export class Badge extends define({
  id: fields.int(key),
  holder: fields.foreignKey("User", { ...maybe, toField: "name", relatedName: "badges" }),
}) {}

/** A key that needs more than a number, and no constraint. */
export class Big extends define({
  id: fields.bigInt({ ...key, mode: "bigint" }),
  up: fields.foreignKey("Big", { ...maybe, relatedName: "down", dbConstraint: false }),
  owner: fields.foreignKey("User", { relatedName: false, dbConstraint: false }),
}) {}

export const models = { User, Profile, Post, Comment, Tag, Node, Team, Membership, Badge, Big };
