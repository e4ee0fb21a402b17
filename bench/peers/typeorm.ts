import { DataSource, EntitySchema } from "typeorm";
import type { Contender, Open } from "../contenders/contender.ts";
import { dateText, textDate } from "../contenders/convert.ts";
import { toolsOf } from "../mysql/tools.ts";

const key = { id: { type: "integer", primary: true, generated: "increment" } };
const asText = { name: "created_at", type: "text", transformer: { from: textDate, to: dateText } };
const asInstant = { name: "created_at", type: "datetime", precision: 3 };
const toOne = (target: string, name: string, inverseSide: string) => ({
  type: "many-to-one",
  target,
  joinColumn: { name },
  inverseSide,
});
const toMany = (target: string, inverseSide: string) => ({ type: "one-to-many", target, inverseSide });

/** The tables; instants are text on SQLite. */
function entities(createdAt: object) {
  const Author = new EntitySchema({
    name: "Author",
    tableName: "authors",
    columns: {
      ...key,
      name: { type: "text" },
      email: { type: "text" },
      age: { type: "integer" },
      active: { type: "boolean" },
      createdAt,
    },
    relations: { posts: toMany("Post", "author") },
  });
  const Post = new EntitySchema({
    name: "Post",
    tableName: "posts",
    columns: {
      ...key,
      authorId: { name: "author_id", type: "integer" },
      title: { type: "text" },
      body: { type: "text" },
      score: { type: "integer" },
      createdAt,
    },
    relations: {
      author: toOne("Author", "author_id", "posts"),
      comments: toMany("Comment", "post"),
      tags: {
        type: "many-to-many",
        target: "Tag",
        joinTable: {
          name: "post_tags",
          joinColumn: { name: "post_id", referencedColumnName: "id" },
          inverseJoinColumn: { name: "tag_id", referencedColumnName: "id" },
        },
      },
    },
  });
  const Comment = new EntitySchema({
    name: "Comment",
    tableName: "comments",
    columns: {
      ...key,
      postId: { name: "post_id", type: "integer" },
      text: { type: "text" },
      likes: { type: "integer" },
      createdAt,
    },
    relations: { post: toOne("Post", "post_id", "comments") },
  });
  const Tag = new EntitySchema({ name: "Tag", tableName: "tags", columns: { ...key, name: { type: "text" } } });
  return { Author, Post, Comment, Tag };
}

/** TypeORM by its repositories' `find`; it keeps prepared statements by itself. */
export const open: Open = async ({ file, schema }) => {
  const onServer = file.startsWith("mysql:");
  const { Author, Post, Comment, Tag } = entities(onServer ? asInstant : asText);
  const tools = onServer ? await toolsOf(file, schema) : null;
  const source = new DataSource({
    ...(onServer
      ? { type: "mysql", url: file, timezone: "Z", supportBigNumbers: true, bigNumberStrings: false }
      : { type: "better-sqlite3", database: file, enableWAL: true }),
    entities: [Author, Post, Comment, Tag],
  });
  await source.initialize();
  const client = source.driver.databaseConnection;
  if (!onServer) {
    client.pragma("synchronous = NORMAL");
    client.exec(schema);
  }
  const authors = source.getRepository(Author);
  const posts = source.getRepository(Post);
  const contender: Partial<Contender> = {
    exec: (script) => (tools === null ? client.exec(script) : tools.exec(script)),
    close: async () => {
      await tools?.end();
      await source.destroy();
    },
    relations: {
      nested: () => authors.find({ relations: { posts: { comments: true } }, order: { id: "ASC" } }),
      withPosts: () => authors.find({ relations: { posts: true }, order: { id: "ASC" } }),
      joined: (count) => posts.find({ relations: { author: true }, order: { id: "ASC" }, take: count }),
      tagged: (count) => posts.find({ relations: { tags: true }, order: { id: "ASC" }, take: count }),
      postsByAge: (age) => posts.find({ where: { author: { age } } }),
      authorsByScore: (score) => authors.find({ where: { posts: { score } } }),
      authorsByLikes: (likes) => authors.find({ where: { posts: { comments: { likes } } } }),
      async groups(score) {
        const rows = await posts
          .createQueryBuilder("post")
          .select("post.authorId", "authorId")
          .addSelect("COUNT(post.id)", "n")
          .addSelect("MAX(post.score)", "best")
          .addSelect("MIN(post.score)", "worst")
          .addSelect("SUM(post.score)", "sum")
          .where("post.score >= :score", { score })
          .groupBy("post.authorId")
          .having("COUNT(post.id) >= 2")
          .orderBy("n", "DESC")
          .addOrderBy("post.authorId")
          .getRawMany();
        // The sum of integers is a DECIMAL on a server, and a text.
        if (onServer) for (const row of rows) row.sum = Number(row.sum);
        return rows;
      },
      post: (id) => posts.findOneBy({ id }),
    },
  };
  return contender as Contender;
};
