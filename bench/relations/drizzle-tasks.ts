import { asc, count, desc, eq, getTableColumns, gte, inArray, max, min, relations, sum, type sql } from "drizzle-orm";
import type { connect, tables as sqliteTables } from "./drizzle.ts";

// What drizzle does over relations in the same words on every database. Its types are different ones for each; the calls are
// the same.

type Tables = typeof sqliteTables;
type Db = ReturnType<typeof connect>;

/** The number of a query: a value, or a place for it in a prepared one. */
export type Given = number | ReturnType<typeof sql.placeholder>;

/** The tables with what leads from one to the other. */
export const schemaOf = ({ authors, posts, comments, tags, postTags }: Tables) => ({
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
});

export function sharedQueries(db: Db, { authors, posts, comments }: Tables) {
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
    groups: (score: Given) =>
      db
        .select({
          authorId: posts.authorId,
          n: count(posts.id),
          best: max(posts.score),
          worst: min(posts.score),
          sum: sum(posts.score).mapWith(Number),
        })
        .from(posts)
        .where(gte(posts.score, score as number))
        .groupBy(posts.authorId)
        .having(gte(count(posts.id), 2))
        .orderBy(desc(count(posts.id)), asc(posts.authorId)),
    post: (id: Given) => db.select().from(posts).where(eq(posts.id, id)),
  };
}
