import { asc, eq, getTableColumns, inArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/mysql2";
import {
  bigint,
  boolean,
  datetime,
  index,
  int,
  longtext,
  mysqlTable,
  primaryKey,
  varchar,
} from "drizzle-orm/mysql-core";
import type { Pool } from "mysql2/promise";
import type { RelationTasks } from "../relations/contender.ts";
import { schemaOf, sharedQueries } from "../relations/drizzle-tasks.ts";

const key = () => bigint("id", { mode: "number" }).primaryKey().autoincrement();
const createdAt = () => datetime("created_at", { fsp: 3 }).notNull();

const authors = mysqlTable("authors", {
  id: key(),
  name: varchar("name", { length: 200 }).notNull(),
  email: varchar("email", { length: 200 }).notNull(),
  age: int("age").notNull(),
  active: boolean("active").notNull(),
  createdAt: createdAt(),
});
const posts = mysqlTable(
  "posts",
  {
    id: key(),
    authorId: bigint("author_id", { mode: "number" })
      .notNull()
      .references(() => authors.id),
    title: varchar("title", { length: 200 }).notNull(),
    body: longtext("body").notNull(),
    score: int("score").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("posts_author").on(table.authorId), index("posts_score").on(table.score)],
);
const comments = mysqlTable(
  "comments",
  {
    id: key(),
    postId: bigint("post_id", { mode: "number" })
      .notNull()
      .references(() => posts.id),
    text: longtext("text").notNull(),
    likes: int("likes").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("comments_post").on(table.postId), index("comments_likes").on(table.likes)],
);
const tags = mysqlTable("tags", { id: key(), name: varchar("name", { length: 200 }).notNull() });
const postTags = mysqlTable(
  "post_tags",
  {
    postId: bigint("post_id", { mode: "number" })
      .notNull()
      .references(() => posts.id),
    tagId: bigint("tag_id", { mode: "number" })
      .notNull()
      .references(() => tags.id),
  },
  (table) => [primaryKey({ columns: [table.postId, table.tagId] })],
);

const tables = { authors, posts, comments, tags, postTags };

function queries(client: Pool) {
  // Without LATERAL joins, which MariaDB has not.
  const db = drizzle({ client, schema: schemaOf(tables as never), mode: "planetscale" });
  return {
    ...sharedQueries(db as never, tables as never),
    // Its relational queries for one author, and for the tag of a link, are none that MariaDB takes.
    joined: (count: number) =>
      db
        .select({ ...getTableColumns(posts), author: getTableColumns(authors) })
        .from(posts)
        .innerJoin(authors, eq(authors.id, posts.authorId))
        .orderBy(asc(posts.id))
        .limit(count),
    async tagged(count: number): Promise<object[]> {
      const rows = await db.select().from(posts).orderBy(asc(posts.id)).limit(count);
      const ofPosts = new Map(rows.map((row) => [row.id, { ...row, tags: [] as object[] }]));
      const links = await db
        .select({ postId: postTags.postId, tag: getTableColumns(tags) })
        .from(postTags)
        .innerJoin(tags, eq(tags.id, postTags.tagId))
        .where(inArray(postTags.postId, [...ofPosts.keys()]));
      for (const { postId, tag } of links) ofPosts.get(postId)?.tags.push(tag);
      return [...ofPosts.values()];
    },
  };
}

/** Every query built where it is used. */
export function drizzleRelations(client: Pool): RelationTasks {
  const ask = queries(client);
  return {
    ...ask,
    post: async (id) => (await ask.post(id))[0],
  };
}
