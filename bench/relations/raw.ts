import type Database from "better-sqlite3";
import { textDate } from "../contenders/convert.ts";
import { conversions, lists, share, textsOf, type Row, type Tuple } from "./by-hand.ts";
import type { RelationTasks } from "./contender.ts";

// By hand: statements prepared once, the keys of a level as one JSON parameter. Rows are the driver's own objects, but where two
// come in one row: those are made of its arrays.

const texts = textsOf('"');
const within = "IN (SELECT value FROM json_each(?))";
const { dated, asAuthors, joinedOf } = conversions(textDate);

export function relationTasks(db: Database.Database): RelationTasks {
  const authors = db.prepare(texts.authors);
  const postsOf = db.prepare(texts.postsOf(within));
  const commentsOf = db.prepare(texts.commentsOf(within));
  const tagsOf = db.prepare(texts.tagsOf(within)).raw();
  const joined = db.prepare(texts.joined).raw();
  const posts = db.prepare(texts.posts);
  const postsByAge = db.prepare(texts.postsByAge);
  const authorsByScore = db.prepare(texts.authorsByScore);
  const authorsByLikes = db.prepare(texts.authorsByLikes);
  const groups = db.prepare(texts.groups);
  const byKey = db.prepare(texts.post);

  const keysOf = (lists: ReadonlyMap<number, unknown>): string => JSON.stringify([...lists.keys()]);
  const postsOfAuthors = (all: readonly Row[]): Row[] => {
    const ofAuthors = lists(all, "posts");
    const children = dated(postsOf.all(keysOf(ofAuthors)) as Row[]);
    share(children, "authorId", ofAuthors);
    return children;
  };

  return {
    nested() {
      const all = asAuthors(authors.all() as Row[]);
      const ofPosts = lists(postsOfAuthors(all), "comments");
      share(dated(commentsOf.all(keysOf(ofPosts)) as Row[]), "postId", ofPosts);
      return all;
    },
    withPosts() {
      const all = asAuthors(authors.all() as Row[]);
      postsOfAuthors(all);
      return all;
    },
    joined: (count) => (joined.all(count) as Tuple[]).map(joinedOf),
    tagged(count) {
      const all = dated(posts.all(count) as Row[]);
      const ofPosts = lists(all, "tags");
      for (const row of tagsOf.all(keysOf(ofPosts)) as Tuple[])
        ofPosts.get(row[0] as number)?.push({ id: row[1], name: row[2] });
      return all;
    },
    postsByAge: (age) => dated(postsByAge.all(age) as Row[]),
    authorsByScore: (score) => asAuthors(authorsByScore.all(score) as Row[]),
    authorsByLikes: (likes) => asAuthors(authorsByLikes.all(likes) as Row[]),
    groups: (score) => groups.all(score) as Row[],
    post(id) {
      const row = byKey.get(id) as Row | undefined;
      if (row !== undefined) row["createdAt"] = textDate(row["createdAt"] as string);
      return row;
    },
  };
}
