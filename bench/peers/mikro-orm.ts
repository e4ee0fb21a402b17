import { defineEntity, MikroORM, Type } from "@mikro-orm/core";
import { MySqlDriver } from "@mikro-orm/mysql";
import { SqliteDriver } from "@mikro-orm/sqlite";
import type { Contender, Open } from "../contenders/contender.ts";
import { dateText, textDate } from "../contenders/convert.ts";
import { toolsOf } from "../mysql/tools.ts";

class Instant extends Type {
  convertToDatabaseValue(value: Date | null): string | null {
    return value === null ? null : dateText(value);
  }
  convertToJSValue(value: string | Date | null): Date | null {
    return typeof value === "string" ? textDate(value) : value;
  }
  compareAsType(): string {
    return "string";
  }
  getColumnType(): string {
    return "text";
  }
}

const p = defineEntity.properties;

/** The tables; instants are text on SQLite. */
function entities(onServer: boolean) {
  const createdAt = () => (onServer ? p.datetime(3).fieldName("created_at") : p.type(Instant).fieldName("created_at"));
  const Author = defineEntity({
    name: "Author",
    tableName: "authors",
    properties: {
      id: p.integer().primary(),
      name: p.string(),
      email: p.string(),
      age: p.integer(),
      active: p.boolean(),
      createdAt: createdAt(),
      posts: () => p.oneToMany(Post).mappedBy("author"),
    },
  });
  const Post = defineEntity({
    name: "Post",
    tableName: "posts",
    properties: {
      id: p.integer().primary(),
      author: () => p.manyToOne(Author).fieldName("author_id"),
      title: p.string(),
      body: p.string(),
      score: p.integer(),
      createdAt: createdAt(),
      comments: () => p.oneToMany(Comment).mappedBy("post"),
      tags: () => p.manyToMany(Tag).pivotTable("post_tags").joinColumn("post_id").inverseJoinColumn("tag_id"),
    },
  });
  const Comment = defineEntity({
    name: "Comment",
    tableName: "comments",
    properties: {
      id: p.integer().primary(),
      post: () => p.manyToOne(Post).fieldName("post_id"),
      text: p.string(),
      likes: p.integer(),
      createdAt: createdAt(),
    },
  });
  const Tag = defineEntity({
    name: "Tag",
    tableName: "tags",
    properties: { id: p.integer().primary(), name: p.string() },
  });
  return { Author, Post, Comment, Tag };
}

/** MikroORM as its guide shows: a fork of the entity manager for each piece of work. */
export const open: Open = async ({ file, schema }) => {
  const onServer = file.startsWith("mysql:");
  const { Author, Post, Comment, Tag } = entities(onServer);
  const tools = onServer ? await toolsOf(file, schema) : null;
  const orm = await MikroORM.init({
    ...(onServer ? { driver: MySqlDriver, clientUrl: file, timezone: "Z" } : { driver: SqliteDriver, dbName: file }),
    entities: [Author, Post, Comment, Tag],
  });
  const connection = orm.em.getConnection();
  if (!onServer) {
    for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"])
      await connection.execute(`PRAGMA ${pragma}`);
    await connection.executeDump(schema);
  }
  const contender: Partial<Contender> = {
    exec: (script) => (tools === null ? connection.executeDump(script) : tools.exec(script)),
    close: async () => {
      await tools?.end();
      await orm.close();
    },
    relations: {
      nested: () => orm.em.fork().find(Author, {}, { populate: ["posts.comments"], orderBy: { id: "asc" } }),
      withPosts: () => orm.em.fork().find(Author, {}, { populate: ["posts"], orderBy: { id: "asc" } }),
      joined: (limit) => orm.em.fork().find(Post, {}, { populate: ["author"], orderBy: { id: "asc" }, limit }),
      tagged: (limit) => orm.em.fork().find(Post, {}, { populate: ["tags"], orderBy: { id: "asc" }, limit }),
      postsByAge: (age) => orm.em.fork().find(Post, { author: { age } }),
      authorsByScore: (score) => orm.em.fork().find(Author, { posts: { score } }),
      authorsByLikes: (likes) => orm.em.fork().find(Author, { posts: { comments: { likes } } }),
      post: (id) => orm.em.fork().findOne(Post, { id }),
    },
  };
  return contender as Contender;
};
