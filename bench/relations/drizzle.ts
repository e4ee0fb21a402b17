import type Database from "better-sqlite3";
import { asc, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { customType, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { dateText, textDate } from "../contenders/convert.ts";
import type { RelationTasks } from "./contender.ts";
import { schemaOf, sharedQueries, type Given } from "./drizzle-tasks.ts";

const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => "text",
  toDriver: dateText,
  fromDriver: textDate,
});
const key = () => integer("id").primaryKey({ autoIncrement: true });
const createdAt = () => instant("created_at").notNull();

const authors = sqliteTable("authors", {
  id: key(),
  name: text("name").notNull(),
  email: text("email").notNull(),
  age: integer("age").notNull(),
  active: integer("active", { mode: "boolean" }).notNull(),
  createdAt: createdAt(),
});
const posts = sqliteTable(
  "posts",
  {
    id: key(),
    authorId: integer("author_id")
      .notNull()
      .references(() => authors.id),
    title: text("title").notNull(),
    body: text("body").notNull(),
    score: integer("score").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("posts_author").on(table.authorId), index("posts_score").on(table.score)],
);
const comments = sqliteTable(
  "comments",
  {
    id: key(),
    postId: integer("post_id")
      .notNull()
      .references(() => posts.id),
    text: text("text").notNull(),
    likes: integer("likes").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("comments_post").on(table.postId), index("comments_likes").on(table.likes)],
);
const tags = sqliteTable("tags", { id: key(), name: text("name").notNull() });
const postTags = sqliteTable(
  "post_tags",
  {
    postId: integer("post_id")
      .notNull()
      .references(() => posts.id),
    tagId: integer("tag_id")
      .notNull()
      .references(() => tags.id),
  },
  (table) => [primaryKey({ columns: [table.postId, table.tagId] })],
);

export const tables = { authors, posts, comments, tags, postTags };

export const connect = (client: Database.Database) => drizzle({ client, schema: schemaOf(tables) });

function queries(client: Database.Database) {
  const db = connect(client);
  return {
    ...sharedQueries(db, tables),
    joined: (count: Given) =>
      db.query.posts.findMany({ orderBy: asc(posts.id), limit: count as number, with: { author: true } }),
    tagged: (count: Given) =>
      db.query.posts.findMany({
        orderBy: asc(posts.id),
        limit: count as number,
        with: { links: { columns: {}, with: { tag: true } } },
      }),
  };
}

/** A relation over a table between gives the rows of that table; its user takes the tags out of them. */
function withTags<Tagged extends { links: readonly { tag: unknown }[] }>(rows: Tagged[]): object[] {
  for (const row of rows as (Tagged & { tags?: unknown[] })[]) row.tags = row.links.map(({ tag }) => tag);
  return rows;
}

/** Every query built where it is used. */
export function relationTasks(client: Database.Database): RelationTasks {
  const ask = queries(client);
  return {
    ...ask,
    tagged: async (count) => withTags(await ask.tagged(count)),
    post: async (id) => (await ask.post(id))[0],
  };
}

/** Every query prepared ahead. */
function prepared(client: Database.Database) {
  const ask = queries(client);
  const hole = sql.placeholder("given");
  return {
    nested: ask.nested().prepare(),
    withPosts: ask.withPosts().prepare(),
    joined: ask.joined(hole).prepare(),
    tagged: ask.tagged(hole).prepare(),
    postsByAge: ask.postsByAge(hole).prepare(),
    authorsByScore: ask.authorsByScore(hole).prepare(),
    authorsByLikes: ask.authorsByLikes(hole).prepare(),
    groups: ask.groups(hole).prepare(),
    post: ask.post(hole).prepare(),
  };
}

/** The queries prepared ahead. */
export function preparedRelationTasks(client: Database.Database): RelationTasks {
  const { nested, withPosts, joined, tagged, postsByAge, authorsByScore, authorsByLikes, groups, post } =
    prepared(client);
  return {
    nested: () => nested.execute(),
    withPosts: () => withPosts.execute(),
    joined: (given) => joined.execute({ given }),
    tagged: async (given) => withTags(await tagged.execute({ given })),
    postsByAge: (given) => postsByAge.execute({ given }),
    authorsByScore: (given) => authorsByScore.execute({ given }),
    authorsByLikes: (given) => authorsByLikes.execute({ given }),
    groups: (given) => groups.execute({ given }),
    post: async (given) => (await post.execute({ given }))[0],
  };
}

/** The same through the calls without promises that drizzle has for this client alone. */
export function syncRelationTasks(client: Database.Database): RelationTasks {
  const { nested, withPosts, joined, tagged, postsByAge, authorsByScore, authorsByLikes, groups, post } =
    prepared(client);
  return {
    nested: () => nested.execute().sync(),
    withPosts: () => withPosts.execute().sync(),
    joined: (given) => joined.execute({ given }).sync(),
    tagged: (given) => withTags(tagged.execute({ given }).sync()),
    postsByAge: (given) => postsByAge.all({ given }),
    authorsByScore: (given) => authorsByScore.all({ given }),
    authorsByLikes: (given) => authorsByLikes.all({ given }),
    groups: (given) => groups.all({ given }),
    post: (given) => post.get({ given }),
  };
}
