import { ParseJSONResultsPlugin, type Kysely } from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/sqlite";
import { textDate } from "../contenders/convert.ts";
import { conversions } from "./by-hand.ts";
import type { RelationTasks } from "./contender.ts";
import { author, comment, post, sharedRelationTasks, type RelationTables } from "./kysely-tasks.ts";

// Kysely's recipe for relations: its JSON helpers, with the plugin that parses what they give; the conversion is the user's.

const asRead = conversions(textDate);
const { dated, asAuthors } = asRead;

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
    ...sharedRelationTasks(db, asRead),
  };
}
