import type { Kysely } from "kysely";
import type { conversions } from "./by-hand.ts";
import type { RelationTasks } from "./contender.ts";

// What kysely does over relations in the same words on every database.

export interface RelationTables {
  authors: { id: number; name: string; email: string; age: number; active: number; created_at: string };
  posts: { id: number; author_id: number; title: string; body: string; score: number; created_at: string };
  comments: { id: number; post_id: number; text: string; likes: number; created_at: string };
  tags: { id: number; name: string };
  post_tags: { post_id: number; tag_id: number };
}

export const author = [
  "authors.id",
  "authors.name",
  "authors.email",
  "authors.age",
  "authors.active",
  "authors.created_at as createdAt",
] as const;
export const post = [
  "posts.id",
  "posts.author_id as authorId",
  "posts.title",
  "posts.body",
  "posts.score",
  "posts.created_at as createdAt",
] as const;
export const comment = [
  "comments.id",
  "comments.post_id as postId",
  "comments.text",
  "comments.likes",
  "comments.created_at as createdAt",
] as const;

export function sharedRelationTasks(
  db: Kysely<RelationTables>,
  { dated, asAuthors }: ReturnType<typeof conversions>,
): Pick<RelationTasks, "postsByAge" | "authorsByScore" | "authorsByLikes" | "post"> & {
  groups(score: number): Promise<{ sum: unknown }[]>;
} {
  return {
    postsByAge: async (age) =>
      dated(
        await db
          .selectFrom("posts")
          .innerJoin("authors", "authors.id", "posts.author_id")
          .select(post)
          .where("authors.age", "=", age)
          .execute(),
      ),
    authorsByScore: async (score) =>
      asAuthors(
        await db
          .selectFrom("authors")
          .select(author)
          .where("authors.id", "in", (outer) =>
            outer.selectFrom("posts").select("posts.author_id").where("posts.score", "=", score),
          )
          .execute(),
      ),
    authorsByLikes: async (likes) =>
      asAuthors(
        await db
          .selectFrom("authors")
          .select(author)
          .where("authors.id", "in", (outer) =>
            outer
              .selectFrom("posts")
              .select("posts.author_id")
              .where("posts.id", "in", (inner) =>
                inner.selectFrom("comments").select("comments.post_id").where("comments.likes", "=", likes),
              ),
          )
          .execute(),
      ),
    groups: (score) =>
      db
        .selectFrom("posts")
        .select(({ fn }) => [
          "author_id as authorId",
          fn.count<number>("id").as("n"),
          fn.max("score").as("best"),
          fn.min("score").as("worst"),
          fn.sum<number | string>("score").as("sum"),
        ])
        .where("score", ">=", score)
        .groupBy("author_id")
        .having(({ fn }) => fn.count("id"), ">=", 2)
        .orderBy("n", "desc")
        .orderBy("author_id")
        .execute(),
    async post(id) {
      const row = await db.selectFrom("posts").select(post).where("posts.id", "=", id).executeTakeFirst();
      return row && dated([row])[0];
    },
  };
}
