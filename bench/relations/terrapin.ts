import { Count, Max, Min, Sum } from "terrapin";
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
  groups: (score) =>
    Post.filter({ score__gte: score })
      .groupBy("authorId")
      .annotate({ n: Count("id"), best: Max("score"), worst: Min("score"), sum: Sum("score") })
      .filter({ n__gte: 2 })
      .orderBy("-n", "authorId")
      .values(),
  post: (id) => Post.get({ id }),
};
