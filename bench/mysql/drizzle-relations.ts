import { asc, eq, getTableColumns, inArray, relations } from "drizzle-orm";
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

const schema = {
  authors,
  posts,
  comments,
  tags,
  postTags,
  authorRelations: relations(authors, ({ many }) => ({ posts: many(posts) })),
  postRelations: relations(posts, ({ one, many }) => ({
    author: one(authors, { fields: [posts.authorId], references: [authors.id] }),
    comments: many(comments),
    links: many(postTags),
  })),
  commentRelations: relations(comments, ({ one }) => ({
    post: one(posts, { fields: [comments.postId], references: [posts.id] }),
  })),
  tagRelations: relations(tags, ({ many }) => ({ links: many(postTags) })),
  linkRelations: relations(postTags, ({ one }) => ({
    post: one(posts, { fields: [postTags.postId], references: [posts.id] }),
    tag: one(tags, { fields: [postTags.tagId], references: [tags.id] }),
  })),
};

type Given = number;

function queries(client: Pool) {
  // Without LATERAL joins, which MariaDB has not.
  const db = drizzle({ client, schema, mode: "planetscale" });
  const withPostOfScore = (score: Given) => db.select({ id: posts.authorId }).from(posts).where(eq(posts.score, score));
  const withCommentOfLikes = (likes: Given) =>
    db
      .select({ id: posts.authorId })
      .from(posts)
      .where(inArray(posts.id, db.select({ id: comments.postId }).from(comments).where(eq(comments.likes, likes))));
  return {
    nested: () =>
      db.query.authors.findMany({ orderBy: asc(authors.id), with: { posts: { with: { comments: true } } } }),
    withPosts: () => db.query.authors.findMany({ orderBy: asc(authors.id), with: { posts: true } }),
    // Its relational queries for one author, and for the tag of a link, are none that MariaDB takes.
    joined: (count: Given) =>
      db
        .select({ ...getTableColumns(posts), author: getTableColumns(authors) })
        .from(posts)
        .innerJoin(authors, eq(authors.id, posts.authorId))
        .orderBy(asc(posts.id))
        .limit(count),
    async tagged(count: Given): Promise<object[]> {
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
    postsByAge: (age: Given) =>
      db
        .select(getTableColumns(posts))
        .from(posts)
        .innerJoin(authors, eq(authors.id, posts.authorId))
        .where(eq(authors.age, age)),
    authorsByScore: (score: Given) =>
      db
        .select()
        .from(authors)
        .where(inArray(authors.id, withPostOfScore(score))),
    authorsByLikes: (likes: Given) =>
      db
        .select()
        .from(authors)
        .where(inArray(authors.id, withCommentOfLikes(likes))),
    post: (id: Given) => db.select().from(posts).where(eq(posts.id, id)),
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
