import type { Kysely } from "kysely";
import type { RelationTasks } from "../relations/contender.ts";
import { instantOf } from "./tools.ts";
import type { RelationTables } from "../relations/kysely.ts";

// Kysely's JSON helpers cast to a type that MariaDB has not, so relations are loaded level by level and grouped by hand.

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
  for (const row of rows as readonly Row[]) row["createdAt"] = instantOf(row["createdAt"] as string);
  return rows;
}
function asAuthors<Rows extends readonly object[]>(rows: Rows): Rows {
  for (const row of dated(rows) as readonly Row[]) row["active"] = row["active"] === 1;
  return rows;
}

/** Gives every parent a list, and says which is whose. */
function lists(parents: readonly object[], name: string): Map<number, object[]> {
  const found = new Map<number, object[]>();
  for (const parent of parents as readonly Row[]) {
    const list: object[] = [];
    parent[name] = list;
    found.set(parent["id"] as number, list);
  }
  return found;
}

export function kyselyRelations(db: Kysely<RelationTables>): RelationTasks {
  const authors = async () => asAuthors(await db.selectFrom("authors").select(author).orderBy("authors.id").execute());
  const postsOf = async (ofAuthors: Map<number, object[]>) => {
    const found = dated(
      await db
        .selectFrom("posts")
        .select(post)
        .where("posts.author_id", "in", [...ofAuthors.keys()])
        .execute(),
    );
    for (const child of found) ofAuthors.get(child.authorId)?.push(child);
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
      for (const child of found) ofPosts.get(child.postId)?.push(child);
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
    async post(id) {
      const row = await db.selectFrom("posts").select(post).where("posts.id", "=", id).executeTakeFirst();
      return row && dated([row])[0];
    },
  };
}
