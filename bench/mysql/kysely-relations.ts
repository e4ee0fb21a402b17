import type { Kysely } from "kysely";
import { conversions, lists, share } from "../relations/by-hand.ts";
import type { RelationTasks } from "../relations/contender.ts";
import { author, comment, post, sharedRelationTasks, type RelationTables } from "../relations/kysely-tasks.ts";
import { instantOf } from "./tools.ts";

// Kysely's JSON helpers cast to a type that MariaDB has not, so relations are loaded level by level and grouped by hand.

const asRead = conversions(instantOf);
const { dated, asAuthors } = asRead;

export function kyselyRelations(db: Kysely<RelationTables>): RelationTasks {
  const tasks = sharedRelationTasks(db, asRead);
  const authors = async () => asAuthors(await db.selectFrom("authors").select(author).orderBy("authors.id").execute());
  const postsOf = async (ofAuthors: Map<number, object[]>) => {
    const found = dated(
      await db
        .selectFrom("posts")
        .select(post)
        .where("posts.author_id", "in", [...ofAuthors.keys()])
        .execute(),
    );
    share(found, "authorId", ofAuthors);
    return found;
  };
  return {
    async nested() {
      const all = await authors();
      const ofPosts = lists(await postsOf(lists(all, "posts")), "comments");
      const found = dated(
        await db
          .selectFrom("comments")
          .select(comment)
          .where("comments.post_id", "in", [...ofPosts.keys()])
          .execute(),
      );
      share(found, "postId", ofPosts);
      return all;
    },
    async withPosts() {
      const all = await authors();
      await postsOf(lists(all, "posts"));
      return all;
    },
    async joined(count) {
      const rows = await db
        .selectFrom("posts")
        .innerJoin("authors", "authors.id", "posts.author_id")
        .select(post)
        .select([
          "authors.name",
          "authors.email",
          "authors.age",
          "authors.active",
          "authors.created_at as authorCreatedAt",
        ])
        .orderBy("posts.id")
        .limit(count)
        .execute();
      return dated(rows).map(({ name, email, age, active, authorCreatedAt, ...own }) => ({
        ...own,
        author: { id: own.authorId, name, email, age, active: active === 1, createdAt: instantOf(authorCreatedAt) },
      }));
    },
    async tagged(count) {
      const all = dated(await db.selectFrom("posts").select(post).orderBy("posts.id").limit(count).execute());
      const ofPosts = lists(all, "tags");
      const found = await db
        .selectFrom("post_tags")
        .innerJoin("tags", "tags.id", "post_tags.tag_id")
        .select(["post_tags.post_id", "tags.id", "tags.name"])
        .where("post_tags.post_id", "in", [...ofPosts.keys()])
        .execute();
      for (const { post_id, id, name } of found) ofPosts.get(post_id)?.push({ id, name });
      return all;
    },
    ...tasks,
    async groups(score) {
      const found = await tasks.groups(score);
      // The sum of integers is a DECIMAL.
      for (const row of found) row.sum = Number(row.sum);
      return found;
    },
  };
}
