import type { Answer } from "../contenders/contender.ts";

/** The tasks over relations, in the words of one library. */
export interface RelationTasks {
  /** authors, their posts, and the comments of those */
  nested(): Answer<readonly object[]>;
  /** all authors with their posts */
  withPosts(): Answer<readonly object[]>;
  /** posts with their author */
  joined(count: number): Answer<readonly object[]>;
  /** posts with their tags */
  tagged(count: number): Answer<readonly object[]>;
  /** posts whose author has this age */
  postsByAge(age: number): Answer<readonly object[]>;
  /** authors that have a post of this score */
  authorsByScore(score: number): Answer<readonly object[]>;
  /** authors that have a post that has a comment with so many likes */
  authorsByLikes(likes: number): Answer<readonly object[]>;
  /**
   * of the posts of at least this score: how many each author has, the best, the worst and the sum of their scores, for those who
   * have two at least, most first; absent: another contender's task
   */
  groups?(score: number): Answer<readonly object[]>;
  /** one post by its key: no relation, but a measure to compare with */
  post(id: number): Answer<object | null | undefined>;
}
