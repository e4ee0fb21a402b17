import type { RelationTasks } from "./contender.ts";
import { Author, Post } from "./models.ts";

export const relationTasks: RelationTasks = {
  nested: () => Author.all().orderBy("id").prefetchRelated("posts__comments"),
  withPosts: () => Author.all().orderBy("id").prefetchRelated("posts"),
  joined: (count) => Post.all().orderBy("id").limit(count).selectRelated("author"),
  tagged: (count) => Post.all().orderBy("id").limit(count).prefetchRelated("tags"),
  postsByAge: (age) => Post.filter({ author__age: age }),
  authorsByScore: (score) => Author.filter({ posts__score: score }),
  authorsByLikes: (likes) => Author.filter({ posts__comments__likes: likes }),
  post: (id) => Post.get({ id }),
};
