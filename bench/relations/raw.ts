import type Database from "better-sqlite3";
import { textDate } from "../contenders/convert.ts";
import type { RelationTasks } from "./contender.ts";

// By hand: one statement for each level, its keys as one JSON parameter, children grouped in a Map, conversions only where a
// column needs one. Rows are the driver's own objects, but where two come in one row: those are made of its arrays.

type Row = Record<string, unknown>;
type Tuple = unknown[];

const names = {
  author: ["id", "name", "email", "age", "active", "created_at"],
  post: ["id", "author_id", "title", "body", "score", "created_at"],
  comment: ["id", "post_id", "text", "likes", "created_at"],
};
const called = (name: string): string => name.replace(/_./g, (pair) => pair.slice(1).toUpperCase());
const columns = (table: string, all: readonly string[]): string =>
  all.map((name) => `${table}.${name} AS "${called(name)}"`).join(", ");

export function relationTasks(db: Database.Database): RelationTasks {
  const author = columns("authors", names.author);
  const post = columns("posts", names.post);
  const comment = columns("comments", names.comment);
  const within = "IN (SELECT value FROM json_each(?))";

  const authors = db.prepare(`SELECT ${author} FROM authors ORDER BY id`);
  const postsOf = db.prepare(`SELECT ${post} FROM posts WHERE author_id ${within}`);
  const commentsOf = db.prepare(`SELECT ${comment} FROM comments WHERE post_id ${within}`);
  const joined = db
    .prepare(`SELECT ${post}, ${author} FROM posts JOIN authors ON authors.id = author_id ORDER BY posts.id LIMIT ?`)
    .raw();
  const posts = db.prepare(`SELECT ${post} FROM posts ORDER BY id LIMIT ?`);
  const tagsOf = db
    .prepare(`SELECT post_id, tags.id, tags.name FROM tags JOIN post_tags ON tag_id = tags.id WHERE post_id ${within}`)
    .raw();
  const postsByAge = db.prepare(`SELECT ${post} FROM posts JOIN authors ON authors.id = author_id WHERE age = ?`);
  const authorsByScore = db.prepare(
    `SELECT ${author} FROM authors WHERE id IN (SELECT author_id FROM posts WHERE score = ?)`,
  );
  const authorsByLikes = db.prepare(
    `SELECT ${author} FROM authors WHERE id IN (SELECT author_id FROM posts WHERE id IN (SELECT post_id FROM comments WHERE likes = ?))`,
  );
  const groups = db.prepare(
    `SELECT author_id AS "authorId", COUNT(id) AS n, MAX(score) AS best, MIN(score) AS worst, SUM(score) AS sum FROM posts
      WHERE score >= ? GROUP BY author_id HAVING COUNT(id) >= 2 ORDER BY n DESC, author_id`,
  );
  const byKey = db.prepare(`SELECT ${post} FROM posts WHERE id = ?`);

  const dated = (rows: Row[]): Row[] => {
    for (const row of rows) row["createdAt"] = textDate(row["createdAt"] as string);
    return rows;
  };
  const asAuthors = (rows: Row[]): Row[] => {
    for (const row of rows) {
      row["active"] = row["active"] === 1;
      row["createdAt"] = textDate(row["createdAt"] as string);
    }
    return rows;
  };
  /** Gives every parent a list, and says which is whose. */
  const lists = (parents: readonly Row[], name: string): Map<number, Row[]> => {
    const found = new Map<number, Row[]>();
    for (const parent of parents) {
      const list: Row[] = [];
      parent[name] = list;
      found.set(parent["id"] as number, list);
    }
    return found;
  };
  const keysOf = (lists: ReadonlyMap<number, unknown>): string => JSON.stringify([...lists.keys()]);

  return {
    nested() {
      const all = asAuthors(authors.all() as Row[]);
      const ofAuthors = lists(all, "posts");
      const children = dated(postsOf.all(keysOf(ofAuthors)) as Row[]);
      for (const child of children) ofAuthors.get(child["authorId"] as number)?.push(child);
      const ofPosts = lists(children, "comments");
      const last = dated(commentsOf.all(keysOf(ofPosts)) as Row[]);
      for (const child of last) ofPosts.get(child["postId"] as number)?.push(child);
      return all;
    },
    withPosts() {
      const all = asAuthors(authors.all() as Row[]);
      const ofAuthors = lists(all, "posts");
      for (const child of dated(postsOf.all(keysOf(ofAuthors)) as Row[]))
        ofAuthors.get(child["authorId"] as number)?.push(child);
      return all;
    },
    joined(count) {
      return (joined.all(count) as Tuple[]).map((row) => ({
        id: row[0],
        authorId: row[1],
        title: row[2],
        body: row[3],
        score: row[4],
        createdAt: textDate(row[5] as string),
        author: {
          id: row[6],
          name: row[7],
          email: row[8],
          age: row[9],
          active: row[10] === 1,
          createdAt: textDate(row[11] as string),
        },
      }));
    },
    tagged(count) {
      const all = dated(posts.all(count) as Row[]);
      const ofPosts = lists(all, "tags");
      for (const row of tagsOf.all(keysOf(ofPosts)) as Tuple[])
        ofPosts.get(row[0] as number)?.push({ id: row[1], name: row[2] });
      return all;
    },
    postsByAge: (age) => dated(postsByAge.all(age) as Row[]),
    authorsByScore: (score) => asAuthors(authorsByScore.all(score) as Row[]),
    authorsByLikes: (likes) => asAuthors(authorsByLikes.all(likes) as Row[]),
    groups: (score) => groups.all(score) as Row[],
    post(id) {
      const row = byKey.get(id) as Row | undefined;
      if (row !== undefined) row["createdAt"] = textDate(row["createdAt"] as string);
      return row;
    },
  };
}
