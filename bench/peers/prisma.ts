import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaClient } from "@prisma/client";
import type { Contender, Open } from "../contenders/contender.ts";
import { textDate } from "../contenders/convert.ts";

type Row = Record<string, unknown>;

/** Prisma reads an instant only in a form of its own, so its user reads the text of these tables. */
function dated(row: Row): Row {
  row["createdAt"] = textDate(row["createdAt"] as string);
  return row;
}
const allDated = (rows: Row[]): Row[] => {
  for (const row of rows) dated(row);
  return rows;
};

/** Prisma with its adapter for better-sqlite3. Its own tables for many-to-many are named in a way of its own, so the one between is a model. */
export const open: Open = async ({ file, schema }) => {
  const prisma = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: file }) });
  const exec = async (script: string): Promise<void> => {
    for (const statement of script.split(/;\s*(?=[A-Z])|;\s*$/))
      if (statement.trim() !== "") await prisma.$executeRawUnsafe(statement);
  };
  for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"])
    await prisma.$queryRawUnsafe(`PRAGMA ${pragma}`);
  await exec(schema);
  const contender: Partial<Contender> = {
    exec,
    close: () => prisma.$disconnect(),
    relations: {
      async nested() {
        const rows = await prisma.author.findMany({
          orderBy: { id: "asc" },
          include: { posts: { include: { comments: true } } },
        });
        for (const { posts } of allDated(rows)) {
          for (const { comments } of allDated(posts as Row[])) allDated(comments as Row[]);
        }
        return rows;
      },
      async withPosts() {
        const rows = await prisma.author.findMany({ orderBy: { id: "asc" }, include: { posts: true } });
        for (const { posts } of allDated(rows)) allDated(posts as Row[]);
        return rows;
      },
      async joined(count) {
        const rows = await prisma.post.findMany({ orderBy: { id: "asc" }, take: count, include: { author: true } });
        for (const { author } of allDated(rows)) dated(author as Row);
        return rows;
      },
      async tagged(count) {
        const rows = await prisma.post.findMany({
          orderBy: { id: "asc" },
          take: count,
          include: { links: { select: { tag: true } } },
        });
        for (const row of allDated(rows)) row["tags"] = (row["links"] as Row[]).map(({ tag }) => tag);
        return rows;
      },
      postsByAge: async (age) => allDated(await prisma.post.findMany({ where: { author: { age } } })),
      authorsByScore: async (score) =>
        allDated(await prisma.author.findMany({ where: { posts: { some: { score } } } })),
      authorsByLikes: async (likes) =>
        allDated(await prisma.author.findMany({ where: { posts: { some: { comments: { some: { likes } } } } } })),
      async groups(score) {
        const rows = await prisma.post.groupBy({
          by: ["authorId"],
          where: { score: { gte: score } },
          _count: { id: true },
          _max: { score: true },
          _min: { score: true },
          _sum: { score: true },
          having: { id: { _count: { gte: 2 } } },
          orderBy: [{ _count: { id: "desc" } }, { authorId: "asc" }],
        });
        return (rows as Row[]).map(({ authorId, _count, _max, _min, _sum }) => ({
          authorId,
          n: (_count as { id: number }).id,
          best: (_max as { score: number }).score,
          worst: (_min as { score: number }).score,
          sum: (_sum as { score: number }).score,
        }));
      },
      async post(id) {
        const row = await prisma.post.findUnique({ where: { id } });
        return row && dated(row);
      },
    },
  };
  return contender as Contender;
};
