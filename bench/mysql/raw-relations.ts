import type { Pool, RowDataPacket } from "mysql2/promise";
import type { RelationTasks } from "../relations/contender.ts";
import { instantOf } from "./tools.ts";

// By hand: one statement for each level, its keys as a list, children grouped in a Map, conversions only where a column
// needs one.

type Row = Record<string, unknown>;
type Tuple = unknown[];

const names = {
  author: ["id", "name", "email", "age", "active", "created_at"],
  post: ["id", "author_id", "title", "body", "score", "created_at"],
  comment: ["id", "post_id", "text", "likes", "created_at"],
};
const called = (name: string): string => name.replace(/_./g, (pair) => pair.slice(1).toUpperCase());
const columns = (table: string, all: readonly string[]): string =>
  all.map((name) => `${table}.${name} AS \`${called(name)}\``).join(", ");
const author = columns("authors", names.author);
const post = columns("posts", names.post);
const comment = columns("comments", names.comment);

export function rawRelations(pool: Pool): RelationTasks {
  const rows = async (sql: string, values: number[]): Promise<Row[]> =>
    (await pool.execute<RowDataPacket[]>(sql, values))[0];
  const tuples = async (sql: string, values: number[]): Promise<Tuple[]> =>
    (await pool.execute<RowDataPacket[][]>({ sql, rowsAsArray: true }, values))[0] as unknown as Tuple[];
  const within = (keys: readonly unknown[]): string => `IN (${keys.map(() => "?").join(", ")})`;
  const dated = (found: Row[]): Row[] => {
    for (const row of found) row["createdAt"] = instantOf(row["createdAt"] as string);
    return found;
  };
  const asAuthors = (found: Row[]): Row[] => {
    for (const row of dated(found)) row["active"] = row["active"] === 1;
    return found;
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
  const postsOf = async (ofAuthors: Map<number, Row[]>): Promise<Row[]> => {
    const keys = [...ofAuthors.keys()];
    const found = dated(await rows(`SELECT ${post} FROM posts WHERE author_id ${within(keys)}`, keys));
    for (const child of found) ofAuthors.get(child["authorId"] as number)?.push(child);
    return found;
  };
  const authors = async (): Promise<Row[]> => asAuthors(await rows(`SELECT ${author} FROM authors ORDER BY id`, []));

  return {
    async nested() {
      const all = await authors();
      const ofPosts = lists(await postsOf(lists(all, "posts")), "comments");
      const keys = [...ofPosts.keys()];
      for (const child of dated(await rows(`SELECT ${comment} FROM comments WHERE post_id ${within(keys)}`, keys)))
        ofPosts.get(child["postId"] as number)?.push(child);
      return all;
    },
    async withPosts() {
      const all = await authors();
      await postsOf(lists(all, "posts"));
      return all;
    },
    async joined(count) {
      const found = await tuples(
        `SELECT ${post}, ${author.replaceAll("AS `", "AS `author_")} FROM posts JOIN authors ON authors.id = author_id ORDER BY posts.id LIMIT ?`,
        [count],
      );
      return found.map((row) => ({
        id: row[0],
        authorId: row[1],
        title: row[2],
        body: row[3],
        score: row[4],
        createdAt: instantOf(row[5] as string),
        author: {
          id: row[6],
          name: row[7],
          email: row[8],
          age: row[9],
          active: row[10] === 1,
          createdAt: instantOf(row[11] as string),
        },
      }));
    },
    async tagged(count) {
      const all = dated(await rows(`SELECT ${post} FROM posts ORDER BY id LIMIT ?`, [count]));
      const ofPosts = lists(all, "tags");
      const keys = [...ofPosts.keys()];
      const found = await tuples(
        `SELECT post_id, tags.id, tags.name FROM tags JOIN post_tags ON tag_id = tags.id WHERE post_id ${within(keys)}`,
        keys,
      );
      for (const row of found) ofPosts.get(row[0] as number)?.push({ id: row[1], name: row[2] });
      return all;
    },
    postsByAge: async (age) =>
      dated(await rows(`SELECT ${post} FROM posts JOIN authors ON authors.id = author_id WHERE age = ?`, [age])),
    authorsByScore: async (score) =>
      asAuthors(
        await rows(`SELECT ${author} FROM authors WHERE id IN (SELECT author_id FROM posts WHERE score = ?)`, [score]),
      ),
    authorsByLikes: async (likes) =>
      asAuthors(
        await rows(
          `SELECT ${author} FROM authors WHERE id IN (SELECT author_id FROM posts WHERE id IN (SELECT post_id FROM comments WHERE likes = ?))`,
          [likes],
        ),
      ),
    post: async (id) => dated(await rows(`SELECT ${post} FROM posts WHERE id = ?`, [id]))[0],
  };
}
