import type { Pool, RowDataPacket } from "mysql2/promise";
import { conversions, lists, share, textsOf, type Row, type Tuple } from "../relations/by-hand.ts";
import type { RelationTasks } from "../relations/contender.ts";
import { instantOf } from "./tools.ts";

// By hand: prepared statements, the keys of a level as a list.

const texts = textsOf("`");
const within = (keys: ReadonlyMap<number, unknown>): string => `IN (${Array(keys.size).fill("?").join(", ")})`;
const { dated, asAuthors, joinedOf } = conversions(instantOf);

export function rawRelations(pool: Pool): RelationTasks {
  const rows = async (sql: string, values: number[] = []): Promise<Row[]> =>
    (await pool.execute<RowDataPacket[]>(sql, values))[0];
  const tuples = async (sql: string, values: number[]): Promise<Tuple[]> =>
    (await pool.execute<RowDataPacket[][]>({ sql, rowsAsArray: true }, values))[0] as unknown as Tuple[];
  const postsOfAuthors = async (all: readonly Row[]): Promise<Row[]> => {
    const ofAuthors = lists(all, "posts");
    const children = dated(await rows(texts.postsOf(within(ofAuthors)), [...ofAuthors.keys()]));
    share(children, "authorId", ofAuthors);
    return children;
  };

  return {
    async nested() {
      const all = asAuthors(await rows(texts.authors));
      const ofPosts = lists(await postsOfAuthors(all), "comments");
      share(dated(await rows(texts.commentsOf(within(ofPosts)), [...ofPosts.keys()])), "postId", ofPosts);
      return all;
    },
    async withPosts() {
      const all = asAuthors(await rows(texts.authors));
      await postsOfAuthors(all);
      return all;
    },
    joined: async (count) => (await tuples(texts.joined, [count])).map(joinedOf),
    async tagged(count) {
      const all = dated(await rows(texts.posts, [count]));
      const ofPosts = lists(all, "tags");
      for (const row of await tuples(texts.tagsOf(within(ofPosts)), [...ofPosts.keys()]))
        ofPosts.get(row[0] as number)?.push({ id: row[1], name: row[2] });
      return all;
    },
    postsByAge: async (age) => dated(await rows(texts.postsByAge, [age])),
    authorsByScore: async (score) => asAuthors(await rows(texts.authorsByScore, [score])),
    authorsByLikes: async (likes) => asAuthors(await rows(texts.authorsByLikes, [likes])),
    async groups(score) {
      const found = await rows(texts.groups, [score]);
      // The sum of integers is a DECIMAL.
      for (const row of found) row["sum"] = Number(row["sum"]);
      return found;
    },
    post: async (id) => dated(await rows(texts.post, [id]))[0],
  };
}
