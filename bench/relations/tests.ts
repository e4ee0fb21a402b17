import type { Answer, Contender } from "../contenders/contender.ts";
import { repeat } from "../repeat.ts";
import type { Test } from "../tests.ts";
import type { RelationTasks } from "./contender.ts";
import { ages, Digest, likes, scores, sizes } from "./data.ts";

/** A test over relations: what is measured, and the answer that all must give. */
export interface RelationTest extends Test {
  readonly needs: "relations";
  digest(tasks: RelationTasks, digest: Digest): Promise<void>;
}

const tasksOf = ({ relations }: Contender): RelationTasks => {
  if (relations === undefined) throw new Error("this contender has no tasks over relations");
  return relations;
};

/** A test of one call, some times for each run. */
const test = (
  key: string,
  name: string,
  operations: number,
  run: (tasks: RelationTasks, index: number) => Answer<unknown>,
  digest: RelationTest["digest"],
): RelationTest => ({
  key,
  name,
  operations,
  needs: "relations",
  run(contender, _journal, round) {
    const tasks = tasksOf(contender);
    return operations === 1 ? run(tasks, round) : repeat(operations, (index) => run(tasks, round * 31 + index));
  },
  digest,
});

export const relationTests: readonly RelationTest[] = [
  test(
    "N",
    "100 authors, 10 posts each, 3 comments each",
    1,
    (tasks) => tasks.nested(),
    async (tasks, digest) => digest.nested(await tasks.nested()),
  ),
  ...[100, 1000].map((count) =>
    test(
      count === 100 ? "O" : "O2",
      `${count} posts with their author`,
      1,
      (tasks) => tasks.joined(count),
      async (tasks, digest) => digest.joined(await tasks.joined(count)),
    ),
  ),
  test(
    "P",
    "200 posts with their 5 tags each",
    1,
    (tasks) => tasks.tagged(200),
    async (tasks, digest) => digest.tagged(await tasks.tagged(200)),
  ),
  test(
    "Q",
    "posts by their author's age",
    20,
    (tasks, index) => tasks.postsByAge(18 + (index % ages)),
    async (tasks, digest) => {
      for (const age of [18, 40, 77]) digest.posts(await tasks.postsByAge(age));
    },
  ),
  test(
    "Q2",
    "authors with a post of a score",
    20,
    (tasks, index) => tasks.authorsByScore(index % scores),
    async (tasks, digest) => {
      for (const score of [0, 50, 99]) digest.authors(await tasks.authorsByScore(score));
    },
  ),
  test(
    "Q3",
    "authors with a comment of so many likes",
    20,
    (tasks, index) => tasks.authorsByLikes(index % likes),
    async (tasks, digest) => {
      for (const number of [0, 150, 299]) digest.authors(await tasks.authorsByLikes(number));
    },
  ),
  test(
    "X",
    "posts of each author, counted and gathered",
    5,
    (tasks, index) => tasks.groups?.(index % 50),
    async (tasks, digest) => {
      for (const score of [0, 20, 99]) digest.groups((await tasks.groups?.(score)) ?? []);
    },
  ),
  test(
    "V",
    "get a post by key",
    100,
    (tasks, index) => tasks.post(((index * 31) % sizes.posts) + 1),
    async (tasks, digest) => {
      for (const id of [1, 500]) digest.posts([(await tasks.post(id)) ?? {}]);
    },
  ),
];

/** True where a contender has no call for a test over relations. */
export const isLeftOut = (key: string, { relations }: Contender): boolean =>
  key === "X" && relations?.groups === undefined;

/** The digest of a contender's answer to a test. */
export async function relationDigest(contender: Contender, key: string): Promise<string> {
  const found = relationTests.find((each) => each.key === key);
  if (found === undefined) throw new Error(`no test over relations is called ${key}`);
  const digest = new Digest();
  await found.digest(tasksOf(contender), digest);
  return digest.value();
}
