import { createHash, type Hash } from "node:crypto";
import { dateText } from "../contenders/convert.ts";

/** How many there are: every author has as many posts as the next, and so on. */
export interface Sizes {
  readonly authors: number;
  readonly posts: number;
  readonly comments: number;
  readonly tags: number;
  readonly tagsOfPost: number;
}

export const sizes: Sizes = { authors: 100, posts: 1000, comments: 3000, tags: 50, tagsOfPost: 5 };
export const ages = 60;
export const scores = 100;
export const likes = 300;

const instant = (index: number): string =>
  `'${dateText(new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789) + index * 59_011))}'`;

/** Fills the tables, by a script that every contender runs: they store the same. */
export function* seedScript({ authors, posts, comments, tags, tagsOfPost }: Sizes): Generator<string> {
  yield "DELETE FROM post_tags; DELETE FROM comments; DELETE FROM posts; DELETE FROM tags; DELETE FROM authors";
  yield* inserts("authors (id, name, email, age, active, created_at)", authors, (index) => [
    index + 1,
    `'Author ${index}'`,
    `'author${index}@example.org'`,
    18 + (index % ages),
    index % 3 === 0 ? 0 : 1,
    instant(index),
  ]);
  yield* inserts("posts (id, author_id, title, body, score, created_at)", posts, (index) => [
    index + 1,
    (index % authors) + 1,
    `'Title of the post ${index}'`,
    `'What the post with number ${index} says, in a line'`,
    (index * 7) % scores,
    instant(index),
  ]);
  yield* inserts("comments (id, post_id, text, likes, created_at)", comments, (index) => [
    index + 1,
    (index % posts) + 1,
    `'What somebody says, ${index}'`,
    (index * 7) % likes,
    instant(index),
  ]);
  yield* inserts("tags (id, name)", tags, (index) => [index + 1, `'tag ${index}'`]);
  yield* inserts("post_tags (post_id, tag_id)", posts * tagsOfPost, (index) => {
    const post = Math.floor(index / tagsOfPost);
    return [post + 1, ((post * 3 + (index % tagsOfPost) * 11) % tags) + 1];
  });
}

function* inserts(into: string, count: number, row: (index: number) => (string | number)[]): Generator<string> {
  for (let from = 0; from < count; from += 500) {
    const rows = Array.from({ length: Math.min(500, count - from) }, (_, at) => `(${row(from + at).join(", ")})`);
    yield `INSERT INTO ${into} VALUES ${rows.join(", ")}`;
  }
}

type Row = Readonly<Record<string, unknown>>;
type Kind = "number" | "string" | "boolean" | "Date";
interface Entity {
  readonly columns: Readonly<Record<string, Kind>>;
  /** where a library keeps a foreign key: in a column, or in the object that it refers to */
  readonly keys?: Readonly<Record<string, string>>;
}

const author: Entity = {
  columns: { id: "number", name: "string", email: "string", age: "number", active: "boolean", createdAt: "Date" },
};
const post: Entity = {
  columns: { id: "number", title: "string", body: "string", score: "number", createdAt: "Date" },
  keys: { authorId: "author" },
};
const comment: Entity = {
  columns: { id: "number", text: "string", likes: "number", createdAt: "Date" },
  keys: { postId: "post" },
};
const tag: Entity = { columns: { id: "number", name: "string" } };

const group: Entity = {
  columns: { authorId: "number", n: "number", best: "number", worst: "number", sum: "number" },
};

/** An object as text; refuses a value of the wrong type, so that no contender wins by leaving a conversion out. */
function canonical({ columns, keys = {} }: Entity, object: unknown): string {
  const row = object as Row;
  const values = Object.entries(columns).map(([name, kind]) => {
    const value = row[name];
    const is = value instanceof Date ? "Date" : typeof value;
    if (is !== kind) throw new Error(`${name} is ${is}, not ${kind}`);
    return value instanceof Date ? value.toISOString() : String(value);
  });
  for (const [name, relation] of Object.entries(keys)) {
    const key = row[name] ?? (row[relation] as Row | undefined)?.["id"];
    if (typeof key !== "number") throw new Error(`${name} is ${typeof key}, not number`);
    values.push(String(key));
  }
  return values.join("|");
}

/** A loaded list, in an order that does not depend on how it was loaded. */
function listed(object: unknown, name: string): Row[] {
  const list = (object as Row)[name];
  if (typeof list !== "object" || list === null || !(Symbol.iterator in list)) throw new Error(`${name} is not loaded`);
  return [...(list as Iterable<Row>)].sort((left, right) => Number(left["id"]) - Number(right["id"]));
}

/** Answers as a digest that is the same for all contenders that did it right. */
export class Digest {
  readonly #hash: Hash = createHash("sha256");

  #each(rows: readonly unknown[], write: (row: unknown) => void): void {
    this.#hash.update(`${rows.length} rows\n`);
    for (const row of rows) write(row);
  }
  #add(entity: Entity, object: unknown): void {
    this.#hash.update(`${canonical(entity, object)}\n`);
  }
  authors(rows: readonly object[]): void {
    this.#each(byKey(rows), (row) => this.#add(author, row));
  }
  posts(rows: readonly object[]): void {
    this.#each(byKey(rows), (row) => this.#add(post, row));
  }
  nested(rows: readonly object[]): void {
    this.#each(rows, (row) => {
      this.#add(author, row);
      this.#each(listed(row, "posts"), (each) => {
        this.#add(post, each);
        this.#each(listed(each, "comments"), (one) => this.#add(comment, one));
      });
    });
  }
  joined(rows: readonly object[]): void {
    this.#each(rows, (row) => {
      this.#add(post, row);
      this.#add(author, (row as Row)["author"]);
    });
  }
  tagged(rows: readonly object[]): void {
    this.#each(rows, (row) => {
      this.#add(post, row);
      this.#each(listed(row, "tags"), (one) => this.#add(tag, one));
    });
  }
  groups(rows: readonly object[]): void {
    this.#each(rows, (row) => this.#add(group, row));
  }
  value(): string {
    return this.#hash.digest("hex").slice(0, 16);
  }
}

const byKey = (rows: readonly object[]): object[] =>
  [...rows].sort((left, right) => Number((left as Row)["id"]) - Number((right as Row)["id"]));
