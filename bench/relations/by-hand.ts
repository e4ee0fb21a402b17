// What raw and kysely do by hand over relations, on every database: one statement for each level, children grouped in a Map,
// conversions only where a column needs one.

export type Row = Record<string, unknown>;
export type Tuple = unknown[];

const names = {
  author: ["id", "name", "email", "age", "active", "created_at"],
  post: ["id", "author_id", "title", "body", "score", "created_at"],
  comment: ["id", "post_id", "text", "likes", "created_at"],
};
const called = (name: string): string => name.replace(/_./g, (pair) => pair.slice(1).toUpperCase());

/** The statements, for a database that quotes names so. A list of keys goes where `within` says. */
export function textsOf(quote: '"' | "`") {
  const columns = (table: string, all: readonly string[]): string =>
    all.map((name) => `${table}.${name} AS ${quote}${called(name)}${quote}`).join(", ");
  const author = columns("authors", names.author);
  const post = columns("posts", names.post);
  const comment = columns("comments", names.comment);
  return {
    authors: `SELECT ${author} FROM authors ORDER BY id`,
    postsOf: (within: string) => `SELECT ${post} FROM posts WHERE author_id ${within}`,
    commentsOf: (within: string) => `SELECT ${comment} FROM comments WHERE post_id ${within}`,
    tagsOf: (within: string) =>
      `SELECT post_id, tags.id, tags.name FROM tags JOIN post_tags ON tag_id = tags.id WHERE post_id ${within}`,
    joined: `SELECT ${post}, ${author} FROM posts JOIN authors ON authors.id = author_id ORDER BY posts.id LIMIT ?`,
    posts: `SELECT ${post} FROM posts ORDER BY id LIMIT ?`,
    postsByAge: `SELECT ${post} FROM posts JOIN authors ON authors.id = author_id WHERE age = ?`,
    authorsByScore: `SELECT ${author} FROM authors WHERE id IN (SELECT author_id FROM posts WHERE score = ?)`,
    authorsByLikes:
      `SELECT ${author} FROM authors WHERE id IN (SELECT author_id FROM posts` +
      ` WHERE id IN (SELECT post_id FROM comments WHERE likes = ?))`,
    groups:
      `SELECT author_id AS ${quote}authorId${quote}, COUNT(id) AS n, MAX(score) AS best, MIN(score) AS worst, SUM(score) AS sum` +
      ` FROM posts WHERE score >= ? GROUP BY author_id HAVING COUNT(id) >= 2 ORDER BY n DESC, author_id`,
    post: `SELECT ${post} FROM posts WHERE id = ?`,
  };
}

/** Makes rows of the driver into rows with their values, in place. */
export function conversions(readInstant: (stored: string) => Date) {
  const dated = <Rows extends readonly object[]>(rows: Rows): Rows => {
    for (const row of rows as readonly Row[]) row["createdAt"] = readInstant(row["createdAt"] as string);
    return rows;
  };
  return {
    dated,
    asAuthors<Rows extends readonly object[]>(rows: Rows): Rows {
      for (const row of rows as readonly Row[]) {
        row["active"] = row["active"] === 1;
        row["createdAt"] = readInstant(row["createdAt"] as string);
      }
      return rows;
    },
    /** Two objects come in one row: they are made of its values. */
    joinedOf: (row: Tuple): Row => ({
      id: row[0],
      authorId: row[1],
      title: row[2],
      body: row[3],
      score: row[4],
      createdAt: readInstant(row[5] as string),
      author: {
        id: row[6],
        name: row[7],
        email: row[8],
        age: row[9],
        active: row[10] === 1,
        createdAt: readInstant(row[11] as string),
      },
    }),
  };
}

/** Gives every parent a list, and says which is whose. */
export function lists(parents: readonly object[], name: string): Map<number, object[]> {
  const found = new Map<number, object[]>();
  for (const parent of parents as readonly Row[]) {
    const list: object[] = [];
    parent[name] = list;
    found.set(parent["id"] as number, list);
  }
  return found;
}

/** Puts every child into the list of its parent. */
export function share(children: readonly object[], key: string, of: ReadonlyMap<number, object[]>): void {
  for (const child of children as readonly Row[]) of.get(child[key] as number)?.push(child);
}
