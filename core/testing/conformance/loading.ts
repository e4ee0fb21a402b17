import {
  DoesNotExist,
  FieldError,
  IncompleteInstanceError,
  NoValuesFetched,
  OperationalError,
  ParamsError,
} from "../../base/errors.js";
import { planCache } from "../../plan/kept.js";
import { Random as typedRandom } from "../../computed/functions/math.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase } from "./case.js";
import { family, people, Prefetch, type Relative } from "./family.js";

const Random = typedRandom as unknown as () => object;
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const list = (value: unknown, name: string): unknown[] => Array.from(value as Iterable<Relative>, (one) => one[name]);

const texts = (value: unknown, name: string): string[] => list(value, name).map(String).toSorted();

/** Relations that come along: joined, asked for after the rows, asked for one by one. */
export const loading: readonly ConformanceCase[] = [
  {
    name: "selectRelated joins objects to any depth, null where there is none",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const posts = (await f.Post.orderBy("id")
        .all()
        .selectRelated("author__profile", "reviewer")) as unknown as Relative[];
      equal(
        await t.statements(() => {
          equal(
            list(
              posts.map(({ author }) => author),
              "name",
            ),
            ["ann", "ann", "bob"],
          );
          equal(
            posts.map(({ author }) => ((author as Relative).profile as Relative | null)?.bio ?? null),
            ["x", "x", null],
          );
          equal(
            posts.map(({ reviewer }) => (reviewer as Relative | null)?.name ?? null),
            [null, "bob", null],
          );
        }),
        [],
      );
      ok(posts[0]!.author instanceof f.User, "what is joined is no object of its model");
      const [ann] = (await f.User.orderBy("id").all().selectRelated("profile")) as unknown as Relative[];
      equal((ann!.profile as Relative).bio, "x");
      await (ann!.profile as Relative).save();
      const one = await f.Post.get({ title: "one" }).selectRelated("author");
      equal((one.author as Relative).name, "ann");
      equal((await f.Post.first().selectRelated("author")).authorId, 1);
      equal(await f.Post.getOrNone({ title: "none" }).selectRelated("author"), null);
      await fails(() => f.Post.get({ title: "none" }).selectRelated("author"), DoesNotExist);
      await fails(() => f.User.all().selectRelated("posts"), FieldError, { code: "to_many" });
      await fails(() => f.Post.all().selectRelated("writer"), FieldError, { hint: /author/ });
    },
  },
  {
    name: "a joined row whose values are all falsy is still a row",
    run: async (t) => {
      const f = await family(t);
      const zero = await f.User.create({ id: 7, name: "", nick: "", mark: 0 });
      await f.Profile.create({ id: 9, user: zero, bio: "" });
      const user = await f.User.get({ pk: 7 }).selectRelated("profile");
      equal((user.profile as Relative).bio, "");
      equal(((await f.Profile.get({ pk: 9 }).selectRelated("user")).user as Relative).name, "");
    },
  },
  {
    name: "selectRelated reads only the columns that only names",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const one = (await f.Post.get({ title: "one" })
        .selectRelated("author")
        .only("title", "author__name")) as Relative;
      const author = one.author as Relative;
      equal([one.title, author.name, author.id], ["one", "ann", 1]);
      equal([one.score, author.mark], [undefined, undefined]);
      author.name = "anna";
      await fails(() => author.save(), IncompleteInstanceError);
      await author.save({ updateFields: ["name"] });
      equal(await f.User.filter({ name: "anna", mark: 0 }).count(), 1);
    },
  },
  {
    name: "prefetchRelated asks once for each relation and level, whatever the number of rows",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const count = async (...paths: unknown[]): Promise<number> =>
        (await t.statements(() => f.User.all().prefetchRelated(...paths))).length;
      equal(await count("posts"), 2);
      equal(await count("posts__comments", "posts__labels"), 4);
      equal(await count("posts", "posts", "posts__author"), 3);
      equal(await count("posts__comments", "profile", "reviews", "badges"), 6);
      // Where it is one request, nobody knows before that there is nothing to load.
      const without = async (query: () => unknown, trips: number): Promise<void> =>
        equal(await t.requests(query), t.db.together ? 1 : trips, "the number of requests");
      await without(() => f.User.filter({ name: "none" }).prefetchRelated("posts__comments"), 1);
      await without(() => f.User.filter({ name: "cy" }).prefetchRelated("posts__comments__post"), 2);
      await without(() => f.Post.filter({ reviewer: null }).prefetchRelated("reviewer"), 1);
      equal((await t.statements(() => f.User.all().prefetchRelated("posts").values("name"))).length, 1);
    },
  },
  {
    name: "rows and their relations are one request where requests are dear, and exactly the same",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const users = await f.User.all();
      await f.Post.bulkCreate(
        Array.from({ length: 40 }, (_, i) => new f.Post({ author: users[i % 3], title: `p${i}`, score: i % 7 })),
      );
      const posts = await f.Post.all();
      await f.Comment.bulkCreate(
        Array.from({ length: 120 }, (_, i) => new f.Comment({ post: posts[i % 37], text: `c${i}`, score: i % 5 })),
      );
      const best = Prefetch("posts", f.Post.filter({ score__gte: 2 }).orderBy("-score").limit(2), { toAttr: "best" });
      const shown: unknown[] = [];
      const queries: readonly (readonly [() => PromiseLike<unknown>, number, number])[] = [
        [() => f.User.orderBy("name").prefetchRelated("posts__comments__post", "posts__labels"), 1, 5],
        [() => f.User.all().limit(2).prefetchRelated("posts__comments__post__author"), 1, 5],
        [() => f.User.orderBy("-mark").offset(1).limit(1).prefetchRelated("posts__comments"), 1, 3],
        [() => f.User.orderBy("id").prefetchRelated(best, "posts__comments"), 1, 4],
        [() => f.Post.orderBy("title").limit(9).selectRelated("author").prefetchRelated("author__posts__labels"), 1, 3],
        [() => f.Post.get({ title: "one" }).prefetchRelated("labels__posts__author", "comments"), 1, 5],
        [() => f.Label.filter({ posts__author__name: "ann" }).orderBy("slug").prefetchRelated("posts__comments"), 1, 3],
        [() => f.User.orderBy("name").first().prefetchRelated("posts"), 1, 2],
        [
          () =>
            f.Post.filter({ comments__score: 3 })
              .orderBy("id")
              .prefetchRelated(Prefetch("comments", f.Comment.all().limit(1))),
          1,
          2,
        ],
      ];
      for (const [query, once, elsewhere] of queries) {
        const requests = await t.requests(async () => {
          shown.push(JSON.parse(JSON.stringify(await query())));
        });
        equal(requests, t.db.together ? once : elsewhere, "the number of requests");
      }
      // The same, level by level and by hand.
      const [first] = shown as [Record<string, unknown>[]];
      for (const user of first) {
        const own = await f.Post.filter({ author: user.id }).orderBy("id");
        const keys = (of: readonly Relative[]): number[] => of.map(({ id }) => id as number).toSorted((a, b) => a - b);
        equal(keys(user.posts as unknown as Relative[]), keys(own));
        for (const post of user.posts as Relative[]) {
          const comments = await f.Comment.filter({ post: post.id });
          equal(
            (post.comments as unknown as Relative[]).map(({ id }) => id),
            comments.map(({ id }) => id),
          );
        }
      }
      const [, two, one, withBest] = shown as Record<string, unknown>[][];
      equal([two!.length, one!.length, (two![0]!.posts as unknown[]).length > 10], [2, 1, true]);
      equal(
        withBest!.map((user) => (user.best as Relative[]).map(({ score }) => score)),
        [
          [6, 6],
          [6, 6],
          [6, 5],
        ],
      );
    },
  },
  {
    name: "rows in a random order are loaded first, and then their relations",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const random = () =>
        (f.User.all() as unknown as { annotate(values: object): typeof f.User })
          .annotate({ chance: Random() })
          .orderBy("chance")
          .limit(2)
          .prefetchRelated("posts__comments");
      for (let i = 0; i < 5; i++) {
        const users = (await random()) as unknown as Relative[];
        for (const user of users) equal(user.posts.length, { ann: 2, bob: 1, cy: 0 }[user.name as "ann"]);
      }
      ok((await t.requests(random)) <= 3, "at most one request for each level");
    },
  },
  {
    name: "prefetchRelated gives each object its own, nested, of every kind of relation",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const users = (await f.User.orderBy("id")
        .all()
        .prefetchRelated("posts__labels", "posts__comments", "profile", "reviews__author")) as unknown as Relative[];
      equal(
        await t.statements(() => {
          equal(
            users.map(({ posts }) => texts(posts, "title")),
            [["one", "two"], ["three"], []],
          );
          const one = Array.from(users[0]!.posts).find(({ title }) => title === "one")!;
          equal(texts(one.labels, "slug"), ["blue", "red"]);
          equal(list(one.comments, "score"), [3, 2, 1]);
          equal(
            users.map(({ profile }) => (profile as Relative | null)?.bio ?? null),
            ["x", null, null],
          );
          equal(
            users.map(({ reviews }) => Array.from(reviews, ({ author }) => (author as Relative).name)),
            [[], ["ann"], []],
          );
        }),
        [],
      );
      const labels = (await f.Label.orderBy("rank").all().prefetchRelated("posts__author")) as unknown as Relative[];
      equal(
        labels.map(({ posts }) => Array.from(posts, ({ author }) => (author as Relative).name)),
        [["ann", "ann"], ["ann"], []],
      );
      const comments = (await f.Comment.all().prefetchRelated("post__author__profile")) as unknown as Relative[];
      equal(
        comments.map(({ post }) => (((post as Relative).author as Relative).profile as Relative).bio),
        ["x", "x", "x", "x"],
      );
    },
  },
  {
    name: "Prefetch filters, orders and cuts for each object, and may fill another attribute",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const best = f.Post.all().orderBy("-score").limit(1);
      const users = (await f.User.orderBy("id")
        .all()
        .prefetchRelated(
          Prefetch("posts", best, { toAttr: "best" }),
          Prefetch("posts", f.Post.filter({ score__lt: 2 })),
        )) as unknown as (Relative & { best: Relative[] })[];
      equal(
        users.map(({ best: found }) => list(found, "title")),
        [["two"], ["three"], []],
      );
      equal(
        users.map(({ posts }) => list(posts, "title")),
        [["one"], [], []],
      );
      const labels = (await f.Label.orderBy("rank")
        .all()
        .prefetchRelated(
          Prefetch("posts", best.prefetchRelated("comments").selectRelated("author")),
        )) as unknown as Relative[];
      equal(
        labels.map(({ posts }) => list(posts, "title")),
        [["two"], ["one"], []],
      );
      const [two] = labels[0]!.posts;
      equal([(two!.author as Relative).name, list(two!.comments, "text")], ["ann", ["c2"]]);
      const [post] = (await f.Post.filter({ title: "one" }).prefetchRelated(
        Prefetch("comments", f.Comment.all().offset(1).limit(1).only("text")),
      )) as unknown as Relative[];
      equal(
        Array.from(post!.comments, ({ text, score }) => [text, score]),
        [["c2", undefined]],
      );
      const nested = (await f.User.get({ name: "ann" }).prefetchRelated(
        "posts",
        Prefetch("posts__comments", f.Comment.filter({ text__isnull: false }).orderBy("score")),
      )) as Relative;
      equal(Array.from(nested.posts, ({ comments }) => list(comments, "text").join()).toSorted(), ["c2", "c2,c3"]);
      const none = (await f.User.all().prefetchRelated(
        Prefetch("posts", f.Post.all().limit(0)),
      )) as unknown as Relative[];
      equal(
        none.map(({ posts }) => posts.length),
        [0, 0, 0],
      );
      const one = (await f.Post.get({ title: "two" }).prefetchRelated(
        Prefetch("reviewer", f.User.filter({ name: "cy" })),
        Prefetch("author", undefined, { toAttr: "writer" }),
      )) as Relative;
      equal([one.reviewer, (one.writer as Relative).name], [null, "ann"]);
    },
  },
  {
    name: "what cannot be loaded is refused with what can",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      await fails(() => f.User.all().prefetchRelated("post"), FieldError, { hint: /posts/ });
      await fails(() => f.User.all().prefetchRelated("posts__labels__none"), FieldError, { hint: /posts/ });
      await fails(() => f.User.filter({ name: "none" }).prefetchRelated("none"), FieldError);
      await fails(() => f.User.filter({ name: "cy" }).prefetchRelated("posts__none"), FieldError);
      await fails(() => f.User.all().prefetchRelated("name"), FieldError);
      await fails(() => f.User.all().prefetchRelated(1), ParamsError);
      await fails(() => f.User.all().prefetchRelated(Prefetch("posts", f.Label.all())), ParamsError, {
        code: "wrong_model",
      });
      await fails(() => Prefetch("posts", f.Post.all().values("title")), ParamsError);
      for (const toAttr of ["name", "pk", "posts", "save", "profile"])
        await fails(() => f.User.all().prefetchRelated(Prefetch("posts", f.Post.all(), { toAttr })), ParamsError, {
          code: "to_attr",
        });
      const two = [Prefetch("posts", f.Post.filter({ score: 1 })), Prefetch("posts", f.Post.filter({ score: 2 }))];
      await fails(() => f.User.all().prefetchRelated(...two), ParamsError, { hint: /toAttr/ });
      await fails(() => f.Post.all().only("title").prefetchRelated("author"), IncompleteInstanceError, {
        message: /authorId/,
      });
    },
  },
  {
    name: "fetchRelated and fetchForList load what is missing for objects that are there",
    run: async (t) => {
      const f = await family(t);
      const { ann } = await people(f);
      const same = await ann.fetchRelated("posts__labels", "profile");
      equal([same === ann, ann.posts.length, (ann.profile as Relative).bio], [true, 2, "x"]);
      const users = (await f.User.orderBy("id")) as unknown as Relative[];
      let given: unknown;
      const sent = await t.statements(async () => {
        given = await f.User.fetchForList(users, "posts", Prefetch("reviews", f.Post.all().only("title")));
      });
      equal([sent.length, (given as Relative[])[0] === users[0]], [2, true]);
      equal(
        users.map(({ posts }) => posts.length),
        [2, 1, 0],
      );
      equal(await t.statements(() => f.User.fetchForList([], "posts")), []);
      await fails(() => f.User.fetchForList(users, "none"), FieldError);
      await fails(() => f.User.fetchForList([new f.User({ name: "n" })], "posts"), OperationalError, {
        code: "not_saved",
      });
    },
  },
  {
    name: "what is not loaded can be awaited once, and cannot be read at once",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const post = (await f.Post.get({ title: "two" })) as Relative;
      await fails(() => (post.author as Relative).name, NoValuesFetched, {
        message: /author/,
        hint: /selectRelated\("author"\).*await/,
      });
      const user = (await f.User.get({ name: "ann" })) as Relative;
      await fails(() => user.posts.length, NoValuesFetched, { hint: /prefetchRelated\("posts"\).*await/ });
      await fails(() => Array.from<unknown>(user.posts), NoValuesFetched);
      await fails(() => (user.profile as Relative).bio, NoValuesFetched);
      let both: unknown[] = [];
      const sent = await t.statements(async () => {
        both = [await post.author, await post.author];
      });
      equal([sent.length, both[0] === both[1]], [1, true]);
      equal((await t.statements(async () => [await user.profile, await user.profile])).length, 1);
      equal((await t.statements(async () => Promise.all([post.reviewer, post.reviewer]))).length, 1);
      equal(plain(post), { id: 2, title: "two", score: 2, authorId: 1, reviewerId: 2 });
    },
  },
  {
    name: "a loaded list holds its objects without asking again, and all() asks",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const user = (await f.User.get({ name: "ann" }).prefetchRelated("posts")) as Relative;
      equal(await t.statements(async () => equal((await user.posts).length, 2)), []);
      await f.Post.create({ author: user, title: "new" });
      equal([user.posts.length, (await user.posts.all()).length, await user.posts.count()], [2, 3, 3]);
      await user.refreshFromDb();
      equal(user.posts.length, 2);
      await user.fetchRelated("posts");
      equal(user.posts.length, 3);
    },
  },
  {
    name: "a loaded list is a list of objects to every other call",
    needs: ["transactions"],
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const user = (await f.User.get({ name: "ann" }).prefetchRelated("posts__labels")) as Relative;
      equal(await f.Comment.filter({ post__in: user.posts }).count(), 4);
      const special = await f.Label.get({ pk: "ü'" });
      await special.posts.add(...Array.from<unknown>(user.posts));
      equal(await special.posts.count(), 2);
      const one = Array.from(user.posts).find(({ title }) => title === "one")!;
      await one.labels.set(one.labels);
      equal([one.labels.length, await one.labels.count()], [2, 2]);
      equal((await f.Post.fetchForList(user.posts as unknown as Relative[], "comments")).length, 2);
      equal(one.comments.length, 3);
    },
  },
  {
    name: "rows one by one bring what was asked for along, in any order",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      for (const order of ["id", "-title"]) {
        const seen: string[] = [];
        const query = f.Post.orderBy(order).all().selectRelated("author").prefetchRelated("comments");
        for await (const post of query as unknown as AsyncIterable<Relative>)
          seen.push(`${String((post.author as Relative).name)} ${post.comments.length}`);
        equal(seen.toSorted(), ["ann 1", "ann 3", "bob 0"], `by ${order}`);
      }
    },
  },
  {
    name: "a relation whose column was left out cannot be known, and says so",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const post = (await f.Post.get({ title: "two" }).only("title")) as Relative;
      await fails(() => post.author, IncompleteInstanceError, { message: /authorId/, hint: /only/ });
      equal((await post.comments).length, 1);
      const user = (await f.User.get({ name: "ann" }).only("nick")) as Relative;
      await fails(() => f.Badge.filter({ holder: user }), IncompleteInstanceError, { message: /name/ });
      await fails(() => user.badges, IncompleteInstanceError);
      await post.refreshFromDb();
      equal(((await post.author) as Relative).name, "ann");
    },
  },
  {
    name: "joined and asked for together, each level once",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      let posts: Relative[] = [];
      const sent = await t.statements(async () => {
        posts = (await f.Post.orderBy("id")
          .all()
          .selectRelated("author")
          .prefetchRelated("author__posts__labels", "author__profile", "labels")) as unknown as Relative[];
      });
      equal(sent.length, 5);
      equal(
        posts.map(({ author }) => texts((author as Relative).posts, "title")),
        [["one", "two"], ["one", "two"], ["three"]],
      );
      equal(((posts[0]!.author as Relative).profile as Relative).bio, "x");
    },
  },
  {
    name: "2,000 parents and 20,000 children are loaded by two statements, and the second time nothing is compiled",
    run: async (t) => {
      const f = await family(t);
      await f.User.create({ name: "u" });
      const posts = await f.Post.bulkCreate(
        Array.from({ length: 2000 }, (_, i) => new f.Post({ title: `${i}`, authorId: 1 })),
      );
      await f.Comment.bulkCreate(
        Array.from({ length: 20_000 }, (_, i) => new f.Comment({ score: i, text: null, postId: posts[i % 2000]!.pk })),
      );
      let read: Relative[] = [];
      const sent = await t.statements(async () => {
        read = (await f.Post.orderBy("id").all().prefetchRelated("comments")) as unknown as Relative[];
      });
      const once = sent.length;
      if (t.db.dialect.lists === "json") equal(once, 2);
      equal(
        read.map(({ comments }) => comments.length).filter((length) => length !== 10),
        [],
      );
      equal(list(read[7]!.comments, "score")[0], 18_007);
      if (planCache.mode !== "on" || t.db.dialect.lists !== "json") return;
      await f.Post.filter({ id__lte: 5 }).prefetchRelated("comments");
      const before = planCache.compiles;
      await f.Post.filter({ id__lte: 1300 }).prefetchRelated("comments");
      equal(planCache.compiles, before, "the number of compiled plans");
    },
  },
];
