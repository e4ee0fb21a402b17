import { ParseJSONResultsPlugin, type Kysely } from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/sqlite";
import { textDate } from "../contenders/convert.ts";
import type { RelationTasks } from "./contender.ts";

// Kysely's recipe for relations: its JSON helpers, with the plugin that parses what they give; the conversion is the user's.

export interface RelationTables {
  authors: { id: number; name: string; email: string; age: number; active: number; created_at: string };
  posts: { id: number; author_id: number; title: string; body: string; score: number; created_at: string };
  comments: { id: number; post_id: number; text: string; likes: number; created_at: string };
  tags: { id: number; name: string };
  post_tags: { post_id: number; tag_id: number };
}

const author = [
  "authors.id",
  "authors.name",
  "authors.email",
  "authors.age",
  "authors.active",
  "authors.created_at as createdAt",
] as const;
const post = [
  "posts.id",
  "posts.author_id as authorId",
  "posts.title",
  "posts.body",
  "posts.score",
  "posts.created_at as createdAt",
] as const;
const comment = [
  "comments.id",
  "comments.post_id as postId",
  "comments.text",
  "comments.likes",
  "comments.created_at as createdAt",
] as const;

type Row = Record<string, unknown>;

function dated<Rows extends readonly object[]>(rows: Rows): Rows {
  for (const row of rows as readonly Row[]) row["createdAt"] = textDate(row["createdAt"] as string);
  return rows;
}
function asAuthors<Rows extends readonly object[]>(rows: Rows): Rows {
  for (const row of dated(rows) as readonly Row[]) row["active"] = row["active"] === 1;
  return rows;
}

export function relationTasks(db: Kysely<RelationTables>): RelationTasks {
  const parsed = db.withPlugin(new ParseJSONResultsPlugin());
  return {
    async nested() {
      const rows = await parsed
        .selectFrom("authors")
        .select(author)
        .select((outer) =>
          jsonArrayFrom(
            outer
              .selectFrom("posts")
              .select(post)
              .select((inner) =>
                jsonArrayFrom(
                  inner.selectFrom("comments").select(comment).whereRef("comments.post_id", "=", "posts.id"),
                ).as("comments"),
              )
              .whereRef("posts.author_id", "=", "authors.id"),
          ).as("posts"),
        )
        .orderBy("authors.id")
        .execute();
      for (const { posts } of asAuthors(rows)) for (const { comments } of dated(posts)) dated(comments);
      return rows;
    },
    async withPosts() {
      const rows = await parsed
        .selectFrom("authors")
        .select(author)
        .select((outer) =>
          jsonArrayFrom(outer.selectFrom("posts").select(post).whereRef("posts.author_id", "=", "authors.id")).as(
            "posts",
          ),
        )
        .orderBy("authors.id")
        .execute();
      for (const { posts } of asAuthors(rows)) dated(posts);
      return rows;
    },
    async joined(count) {
      const rows = await parsed
        .selectFrom("posts")
        .select(post)
        .select((outer) =>
          jsonObjectFrom(outer.selectFrom("authors").select(author).whereRef("authors.id", "=", "posts.author_id")).as(
            "author",
          ),
        )
        .orderBy("posts.id")
        .limit(count)
        .execute();
      asAuthors(dated(rows).map(({ author: one }) => one as object));
      return rows;
    },
    tagged: async (count) =>
      dated(
        await parsed
          .selectFrom("posts")
          .select(post)
          .select((outer) =>
            jsonArrayFrom(
              outer
                .selectFrom("post_tags")
                .innerJoin("tags", "tags.id", "post_tags.tag_id")
                .select(["tags.id", "tags.name"])
                .whereRef("post_tags.post_id", "=", "posts.id"),
            ).as("tags"),
          )
          .orderBy("posts.id")
          .limit(count)
          .execute(),
      ),
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
          fn.sum<number>("score").as("sum"),
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
