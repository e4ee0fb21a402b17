import { getDefaultContext } from "../../connection/context.js";
import * as typedFields from "../../model/kinds.js";
import { Model, ModelBase } from "../../model/model.js";
import { Prefetch as typedPrefetch } from "../../query/prefetch.js";
import { createSchema } from "../../schema/create.js";
import { linkModels } from "../../schema/link.js";
import type { Meta, ModelLike } from "../../schema/meta.js";
import { Registry } from "../../schema/registry.js";
import { runAll, type Kit } from "./case.js";
import type { Obj, One, Rows, Table } from "./models.js";

/** A to-many relation of an object, loosely. */
export interface Related extends Kin {
  readonly length: number;
  [Symbol.iterator](): Iterator<Relative>;
  map<T>(each: (object: Relative) => T): T[];
  add(...objects: unknown[]): PromiseLike<void>;
  remove(...objects: unknown[]): PromiseLike<void>;
  set(objects: unknown): PromiseLike<void>;
  clear(): PromiseLike<void>;
  usingDb(target: unknown): Related;
}

/** An object with relations, loosely. */
export interface Relative extends Obj {
  fetchRelated(...paths: unknown[]): PromiseLike<Relative>;
  readonly posts: Related;
  readonly reviews: Related;
  readonly labels: Related;
  readonly comments: Related;
  readonly badges: Related;
  readonly kids: Related;
  readonly moons: Related;
  readonly pairs: Related;
  readonly paireds: Related;
  readonly links: Related;
  readonly members: Related;
  readonly teams: Related;
}

/** What loads relations, loosely. */
interface Loading<T> {
  selectRelated(...paths: unknown[]): T;
  prefetchRelated(...paths: unknown[]): T;
}

/** A query set of a model with relations, loosely. */
export interface Kin
  extends Omit<Rows, "then" | keyof Makers | keyof Starts | "usingDb">,
    Makers,
    Starts,
    Loading<Kin> {
  then: PromiseLike<Relative[]>["then"];
  usingDb(target: unknown): Kin;
}

/** A query for one object with relations, loosely. */
interface KinOne extends Omit<One, "then" | "only" | "usingDb">, PromiseLike<Relative>, Loading<KinOne> {
  only(...names: unknown[]): KinOne;
  usingDb(target: unknown): KinOne;
}

interface Makers {
  create(values?: unknown, options?: object): PromiseLike<Relative>;
  getOrCreate(values: unknown, defaults?: unknown, options?: object): PromiseLike<[Relative, boolean]>;
  updateOrCreate(values: unknown, defaults?: unknown, options?: object): PromiseLike<[Relative, boolean]>;
  bulkCreate(objects: unknown, options?: object): PromiseLike<Relative[]>;
}
interface Starts {
  all(): Kin;
  filter(...where: unknown[]): Kin;
  exclude(...where: unknown[]): Kin;
  orderBy(...names: unknown[]): Kin;
  limit(count: unknown): Kin;
  offset(count: unknown): Kin;
  only(...names: unknown[]): Kin;
  get(...where: unknown[]): KinOne;
  getOrNone(...where: unknown[]): KinOne;
  first(): KinOne;
  last(): KinOne;
}

/** A model with relations, loosely. */
export interface KinTable extends Omit<Table, keyof Makers | keyof Starts | "usingDb">, Makers, Starts {
  new (values?: object): Relative;
  usingDb(target: unknown): KinTable;
  fetchForList(objects: readonly object[], ...paths: unknown[]): PromiseLike<Relative[]>;
}

/** Models that are related in every way there is. */
export interface Family {
  readonly User: KinTable;
  readonly Profile: KinTable;
  readonly Post: KinTable;
  readonly Comment: KinTable;
  /** a key that is text */
  readonly Label: KinTable;
  /** a key that is a uuid; related to itself, one way without another end */
  readonly Node: KinTable;
  readonly Team: KinTable;
  /** in the middle of Team and User, with more to say */
  readonly Membership: KinTable;
  /** a foreign key of each kind of onDelete that the database has */
  readonly Bond: KinTable;
  /** foreign keys to a unique field, under a column of another name */
  readonly Badge: KinTable;
  /** keys that no number holds */
  readonly Star: KinTable;
}

/** `Prefetch` without types. */
export const Prefetch: (path: string, query?: unknown, options?: object) => object = typedPrefetch as unknown as (
  path: string,
  query?: unknown,
  options?: object,
) => object;

type Make = (...given: unknown[]) => object;
const fields = typedFields as unknown as Readonly<Record<string, Make>>;
const define = (columns: object, options: object): { new (values?: object): object } =>
  (Model as unknown as { define(columns: object, options: object): { new (values?: object): object } }).define(
    columns,
    options,
  );

/** Makes the models, and their tables new and empty, on the connection of the case. */
export async function family(t: Kit): Promise<Family> {
  const registry = new Registry();
  const models = makeFamily(t.db.dialect.setsDefault);
  const metas = Object.entries(models).map(([name, model]) =>
    registry.add(
      model as unknown as ModelLike,
      { name, app: "family", tableName: null, objects: ModelBase.objectsOf },
      "default",
    ),
  );
  linkModels(registry);
  for (const meta of metas) getDefaultContext()!.bind(meta, "default");
  await runAll(t.db, [
    ...tablesOf(metas).map((table) => `DROP TABLE IF EXISTS ${t.db.dialect.quote(table)}`),
    ...createSchema(metas, t.db.dialect, { safe: false }),
  ]);
  return models;
}

/** Every table, those that refer to others first. */
function tablesOf(metas: readonly Meta[]): string[] {
  const middle = metas.flatMap((meta) =>
    [...meta.relations.values()].flatMap(({ through }) => (through === null ? [] : [through.table.name])),
  );
  return [...new Set([...middle, ...metas.map(({ table }) => table.name).reverse()])];
}

/** Those that others refer to first. */
function makeFamily(setsDefault: boolean): Family {
  const key = { primaryKey: true };
  const maybe = { null: true };
  const { bigInt, int, char, text, uuid, foreignKey, oneToOne, manyToMany } = fields as Readonly<
    Record<string, Make>
  > & {
    readonly [name in "bigInt" | "int" | "char" | "text" | "uuid" | "foreignKey" | "oneToOne" | "manyToMany"]: Make;
  };
  class User extends define(
    {
      id: bigInt(key),
      name: char({ maxLength: 50, unique: true }),
      nick: text(maybe),
      mark: int({ default: 0 }),
    },
    { table: "family_user" },
  ) {}
  class Profile extends define(
    { id: int(key), bio: text(maybe), user: oneToOne("User", { relatedName: "profile" }) },
    { table: "family_profile" },
  ) {}
  class Label extends define(
    { slug: char({ ...key, maxLength: 30 }), rank: int({ default: 0 }) },
    { table: "family_label" },
  ) {}
  class Post extends define(
    {
      id: int(key),
      title: char({ maxLength: 50 }),
      score: int({ default: 0 }),
      author: foreignKey("User", { relatedName: "posts" }),
      reviewer: foreignKey("User", { ...maybe, relatedName: "reviews", onDelete: "SET_NULL" }),
      labels: manyToMany("Label", { relatedName: "posts" }),
    },
    { table: "family_post" },
  ) {}
  class Comment extends define(
    {
      id: int(key),
      text: text(maybe),
      score: int({ default: 0 }),
      post: foreignKey("Post", { relatedName: "comments" }),
    },
    { table: "family_comment", ordering: ["-score"] },
  ) {}
  class Node extends define(
    {
      id: uuid(key),
      name: char({ maxLength: 20 }),
      parent: foreignKey("self", { ...maybe, relatedName: "kids" }),
      links: manyToMany("self", { relatedName: false }),
    },
    { table: "family_node" },
  ) {}
  class Team extends define(
    {
      id: int(key),
      name: char({ maxLength: 20 }),
      members: manyToMany("User", { through: "Membership", relatedName: "teams" }),
    },
    { table: "family_team" },
  ) {}
  class Membership extends define(
    {
      id: int(key),
      team: foreignKey("Team", { relatedName: "memberships" }),
      user: foreignKey("User", { relatedName: "memberships" }),
      role: char({ maxLength: 20, default: "guest" }),
      joined: fields["datetime"]!({ autoNowAdd: true }),
    },
    { table: "family_membership", uniqueTogether: [["team", "user"]] },
  ) {}
  const bond = (name: string, more: object): object => foreignKey("User", { relatedName: `${name}Bonds`, ...more });
  class Bond extends define(
    {
      id: int(key),
      cascade: bond("cascade", { ...maybe, onDelete: "CASCADE" }),
      restrict: bond("restrict", { ...maybe, onDelete: "RESTRICT" }),
      setNull: bond("setNull", { ...maybe, onDelete: "SET_NULL" }),
      ...(setsDefault && { setDefault: bond("setDefault", { onDelete: "SET_DEFAULT", dbDefault: 1 }) }),
      noAction: bond("noAction", { ...maybe, onDelete: "NO_ACTION" }),
    },
    { table: "family_bond" },
  ) {}
  class Badge extends define(
    {
      id: int(key),
      holder: foreignKey("User", { ...maybe, toField: "name", column: "holder name", relatedName: "badges" }),
    },
    { table: "family_badge" },
  ) {}
  class Star extends define(
    {
      id: bigInt({ ...key, mode: "bigint" }),
      sun: foreignKey("self", { ...maybe, relatedName: "moons" }),
      pairs: manyToMany("self", { relatedName: "paireds", uniqueIndex: false }),
    },
    { table: "family_star" },
  ) {}
  return { User, Profile, Label, Post, Comment, Node, Team, Membership, Bond, Badge, Star } as unknown as Family;
}

/** Three users with posts, comments, labels and a profile. */
export async function people(
  f: Family,
): Promise<Readonly<Record<"ann" | "bob" | "cy" | "one" | "two" | "three", Relative>>> {
  const ann = await f.User.create({ name: "ann" });
  const bob = await f.User.create({ name: "bob", nick: "b" });
  const cy = await f.User.create({ name: "cy" });
  await f.Profile.create({ user: ann, bio: "x" });
  const one = await f.Post.create({ author: ann, title: "one", score: 1 });
  const two = await f.Post.create({ author: ann, reviewer: bob, title: "two", score: 2 });
  const three = await f.Post.create({ author: bob, title: "three", score: 3 });
  await f.Label.bulkCreate(["red", "blue", "ü'"].map((slug, rank) => new f.Label({ slug, rank })));
  await one.labels.add("red", "blue");
  await two.labels.add("red");
  await f.Comment.bulkCreate(
    [1, 2, 3].map((score) => new f.Comment({ post: one, score, text: score === 1 ? null : `c${score}` })),
  );
  await f.Comment.create({ post: two, text: "c2" });
  return { ann, bob, cy, one, two, three };
}
