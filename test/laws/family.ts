import fc from "fast-check";
import { context, type TerrapinContext } from "../../core/index.js";
import type { Driver } from "../../core/connection/driver.js";
import { setDefaultContext } from "../../core/connection/context.js";
import { loose, type Loose } from "../support/loose.js";
import { Model, fields as typedFields } from "../../core/index.js";

const fields = loose(typedFields);
const define = (columns: object, meta: object = {}): Loose => loose(Model).define(columns, meta);

/** A row as plain JavaScript sees it: columns by the names of the fields, many-to-many relations as lists of keys. */
export type Plain = Readonly<Record<string, unknown>>;
export type ModelName = "Person" | "Card" | "Post" | "Note" | "Tag";
export type Data = Readonly<Record<ModelName, readonly Plain[]>>;

/** A relation as plain JavaScript goes along it. */
export interface Step {
  readonly to: ModelName;
  readonly many: boolean;
  /** the column that holds the key is this model's own, and this is the one that it points to */
  readonly key?: readonly [own: string, target: string];
  readonly follow: (row: Plain, data: Data) => readonly Plain[];
}

const one = (own: string, to: ModelName, target = "id"): Step => ({
  to,
  many: false,
  key: [own, target],
  follow: (row, data) => data[to].filter((each) => row[own] !== null && each[target] === row[own]),
});
const back = (own: string, to: ModelName, theirs: string, many = true): Step => ({
  to,
  many,
  follow: (row, data) => data[to].filter((each) => each[theirs] !== null && each[theirs] === row[own]),
});
const pairs = (own: string, to: ModelName): Step => ({
  to,
  many: true,
  follow: (row, data) => data[to].filter((each) => (row[own] as unknown[]).includes(each["id"])),
});
const pairsBack = (to: ModelName, theirs: string): Step => ({
  to,
  many: true,
  follow: (row, data) => data[to].filter((each) => (each[theirs] as unknown[]).includes(row["id"])),
});

/** Every relation of every model, both ends. */
export const RELATIONS: Readonly<Record<ModelName, Readonly<Record<string, Step>>>> = {
  Person: {
    boss: one("bossId", "Person"),
    staff: back("id", "Person", "bossId"),
    friends: pairs("friends", "Person"),
    admirers: pairsBack("Person", "friends"),
    card: back("id", "Card", "personId", false),
    posts: back("id", "Post", "authorId"),
    reviews: back("id", "Post", "reviewerId"),
    notes: back("code", "Note", "writerId"),
  },
  Card: { person: one("personId", "Person") },
  Post: {
    author: one("authorId", "Person"),
    reviewer: one("reviewerId", "Person"),
    notes: back("id", "Note", "postId"),
    tags: pairs("tags", "Tag"),
  },
  Note: { post: one("postId", "Post"), writer: one("writerId", "Person", "code") },
  Tag: { posts: pairsBack("Post", "tags") },
};

/** The columns of every model that are no keys of relations. */
export const COLUMNS: Readonly<Record<ModelName, readonly string[]>> = {
  Person: ["id", "code", "num", "word"],
  Card: ["id", "num"],
  Post: ["id", "num", "word"],
  Note: ["id", "num", "word"],
  Tag: ["id", "num"],
};
export const NAMES = Object.keys(RELATIONS) as ModelName[];

/** Texts, and the key of Tag, which is one. */
export const isText = (model: ModelName, column: string): boolean =>
  column === "word" || column === "code" || (column === "id" && model === "Tag");

const num = fc.option(fc.constantFrom(0, 1, 2), { nil: null, freq: 3 });
const word = fc.constantFrom("", "a", "b", "ä");
const tagKey = (i: number): string => ["t'1", "t2", "T2", "tä"][i]!;

/** A key among the first `count`, or none. */
const among = (count: number): fc.Arbitrary<number | null> =>
  count === 0 ? fc.constant(null) : fc.option(fc.integer({ min: 1, max: count }), { nil: null, freq: 3 });
const some = (count: number): fc.Arbitrary<number[]> =>
  count === 0 ? fc.constant([]) : fc.uniqueArray(fc.integer({ min: 1, max: count }), { maxLength: 3 });

/** A few rows of each model that refer to each other. */
export const families: fc.Arbitrary<Data> = fc
  .record({
    Person: fc.integer({ min: 0, max: 4 }),
    Card: fc.integer({ min: 0, max: 3 }),
    Post: fc.integer({ min: 0, max: 5 }),
    Note: fc.integer({ min: 0, max: 5 }),
    Tag: fc.integer({ min: 0, max: 4 }),
  })
  .chain((count) => {
    const rows = (length: number, make: (i: number) => fc.Arbitrary<Plain>): fc.Arbitrary<Plain[]> =>
      fc.tuple(...Array.from({ length }, (_, i) => make(i + 1)));
    const posts = count.Person === 0 ? 0 : count.Post;
    return fc.record({
      Person: rows(count.Person, (id) =>
        fc.record({
          id: fc.constant(id),
          code: fc.constant(`c${id}`),
          num,
          word,
          bossId: among(count.Person),
          friends: some(count.Person),
        }),
      ),
      Card: rows(Math.min(count.Card, count.Person), (id) =>
        fc.record({ id: fc.constant(id), num, personId: fc.constant(count.Person - id + 1) }),
      ),
      Post: rows(posts, (id) =>
        fc.record({
          id: fc.constant(id),
          num,
          word,
          authorId: fc.integer({ min: 1, max: Math.max(1, count.Person) }),
          reviewerId: among(count.Person),
          tags: some(count.Tag).map((keys) => keys.map((key) => tagKey(key - 1))),
        }),
      ),
      Note: rows(count.Note, (id) =>
        fc.record({
          id: fc.constant(id),
          num,
          word,
          postId: among(posts),
          writerId: among(count.Person).map((key) => (key === null ? null : `c${key}`)),
        }),
      ),
      Tag: rows(count.Tag, (id) => fc.record({ id: fc.constant(tagKey(id - 1)), num })),
    }) as fc.Arbitrary<Data>;
  });

/** A database with the tables of a family. */
export interface Family {
  readonly orm: TerrapinContext;
  readonly models: Readonly<Record<ModelName, Loose>>;
  /** Puts exactly these rows into the tables. */
  fill(data: Data): Promise<void>;
  close(): Promise<void>;
}

export async function openFamily(driver: Driver): Promise<Family> {
  const maybe = { null: true };
  const key = { primaryKey: true };
  class Person extends define({
    id: fields.bigInt(key),
    code: fields.char({ maxLength: 9, unique: true, column: "Code" }),
    num: fields.int(maybe),
    word: fields.text(),
    // Not CASCADE: SQLite does not count a matched row that went with its boss a moment before.
    boss: fields.foreignKey("self", { ...maybe, relatedName: "staff", onDelete: "SET_NULL" }),
    friends: fields.manyToMany("self", { relatedName: "admirers" }),
  }) {}
  class Card extends define({
    id: fields.int(key),
    num: fields.int(maybe),
    person: fields.oneToOne("Person", { relatedName: "card", column: "holder" }),
  }) {}
  class Post extends define({
    id: fields.int({ ...key, column: "post key" }),
    num: fields.int({ ...maybe, column: "n" }),
    word: fields.text(),
    author: fields.foreignKey("Person", { relatedName: "posts" }),
    reviewer: fields.foreignKey("Person", { ...maybe, relatedName: "reviews" }),
    tags: fields.manyToMany("Tag", { relatedName: "posts", through: "labels" }),
  }) {}
  class Note extends define({
    id: fields.int(key),
    num: fields.int(maybe),
    word: fields.text(),
    post: fields.foreignKey("Post", { ...maybe, relatedName: "notes" }),
    writer: fields.foreignKey("Person", { ...maybe, relatedName: "notes", toField: "code" }),
  }) {}
  class Tag extends define({ id: fields.char({ ...key, maxLength: 9 }), num: fields.int(maybe) }) {}
  const models = { Person, Card, Post, Note, Tag };
  const orm = await context({ connections: { default: driver }, models: loose(models) });
  setDefaultContext(orm);
  await orm.generateSchemas();
  return {
    orm,
    models,
    async fill(data) {
      const tables: Readonly<Record<ModelName, Loose>> = models;
      const make = (name: ModelName, rows: readonly Plain[]): PromiseLike<unknown> =>
        tables[name].bulkCreate(rows.map((row) => new tables[name](row)));
      for (const name of ["Note", "Card", "Post", "Person", "Tag"] as const) await tables[name].all().delete();
      // Bosses come after those that they lead.
      await make(
        "Person",
        data.Person.map(({ friends: _, ...row }) => ({ ...row, bossId: null })),
      );
      for (const { id, bossId } of data.Person) await tables.Person.filter({ id }).update({ bossId });
      await make("Tag", data.Tag);
      await make(
        "Post",
        data.Post.map(({ tags: _, ...row }) => row),
      );
      await make("Card", data.Card);
      await make("Note", data.Note);
      for (const row of data.Person)
        await (await tables.Person.get({ id: row["id"] })).friends.add(...(row["friends"] as unknown[]));
      for (const row of data.Post)
        await (await tables.Post.get({ id: row["id"] })).tags.add(...(row["tags"] as unknown[]));
    },
    close: () => orm.closeConnections(),
  };
}
