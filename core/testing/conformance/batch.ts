import {
  DoesNotExist,
  GuardError,
  IntegrityError,
  MultipleObjectsReturned,
  OperationalError,
  ParamsError,
  TerrapinError,
  UnsupportedError,
} from "../../base/errors.js";
import { inTransaction } from "../../connection/atomic.js";
import { batch as typedBatch } from "../../queryset/batch.js";
import { guard as typedGuard } from "../../query/guard.js";
import { F as typedF } from "../../computed/f.js";
import { Sum as typedSum } from "../../computed/functions/aggregate.js";
import { preSave as typedPreSave } from "../../model/signals.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { family, people, Prefetch, type Relative } from "./family.js";

/** `batch` without types. */
const batch = typedBatch as unknown as (items: readonly unknown[], options?: object) => PromiseLike<unknown[]>;
const guard = typedGuard as unknown as Record<
  "affected" | "exists" | "absent",
  (what: unknown, options?: object) => object
>;
const preSave = typedPreSave as unknown as (
  model: unknown,
  listener: (event: { readonly instance: Record<string, unknown> }) => void,
) => () => void;
const F = typedF as unknown as (name: string) => { plus(by: number): object; minus(by: number): object };
const Sum = typedSum as unknown as (name: string) => object;

/** The requests of one batch: where databases keep transactions open they converse. */
const asksOnce = async (t: Kit, work: () => unknown): Promise<void> => {
  const requests = await t.requests(work);
  if (t.db.together) equal(requests, 1, "the number of requests");
};

/** Several reads and writes as one unit. */
export const batches: readonly ConformanceCase[] = [
  {
    name: "a batch runs reads and writes in order and gives what each of them gives",
    needs: ["batch"],
    run: async (t) => {
      const ann = await t.Person.create({ name: "ann", age: 1 });
      const bo = new t.Person({ name: "bo", age: 2 });
      await asksOnce(t, async () => {
        const answers = await batch([
          t.Person.count(),
          t.Person.create({ name: "cy", age: 3 }),
          bo.save(),
          t.Person.filter({ age__gte: 2 }).update({ age: F("age").plus(10) }),
          t.Person.orderBy("name"),
          t.Person.get({ name: "cy" }).only("age"),
          t.Person.getOrNone({ name: "none" }),
          t.Person.orderBy("-name").first(),
          t.Person.filter({ age: 12 }).exists(),
          t.Person.orderBy("name").valuesList("name", { flat: true }),
          t.Person.orderBy("name").limit(1).values("name", "age"),
          (t.Person.all() as unknown as { aggregate(values: object): unknown }).aggregate({ all: Sum("age") }),
          t.Person.inBulk(["ann"], "name"),
          t.Person.raw(`SELECT id, name FROM conformance_person WHERE age > ? ORDER BY name`, [11]),
          t.Person.filter({ name: "cy" }).delete(),
          ann.delete(),
          t.Person.count(),
        ]);
        const [
          before,
          cy,
          saved,
          updated,
          all,
          one,
          none,
          last,
          exists,
          names,
          values,
          sum,
          byName,
          raw,
          gone,
          end,
          left,
        ] = answers as unknown[];
        const name = (each: unknown): unknown => (each as { name: string }).name;
        equal([before, name(cy), saved, updated], [1, "cy", undefined, 2]);
        equal((all as object[]).map(name), ["ann", "bo", "cy"]);
        equal(
          [(one as { age: number }).age, none, name(last), exists, names],
          [13, null, "cy", true, ["ann", "bo", "cy"]],
        );
        equal([values, { ...(sum as object) }], [[{ name: "ann", age: 1 }], { all: 26 }]);
        equal([(byName as Map<unknown, object>).size, (raw as object[]).map(name)], [1, ["bo", "cy"]]);
        equal([gone, end, left, answers.length], [1, undefined, 1, 17]);
        ok((cy as { pk: unknown }).pk !== undefined, "a created object has its key");
      });
      equal((await t.Person.get({ pk: bo.pk })).age, 12);
      equal(await t.statements(() => batch([])), t.db.together ? [] : ["BEGIN", "COMMIT"]);
    },
  },
  {
    name: "a batch is all or nothing, and objects keep what they were",
    needs: ["batch"],
    run: async (t) => {
      const ann = await t.Person.create({ name: "ann", age: 1 });
      const fresh = new t.Person({ name: "new" });
      const gone = await t.Person.create({ name: "gone" });
      ann.age = 7;
      const many = [new t.Person({ name: "m1" }), new t.Person({ name: "m2" })];
      await fails(
        () =>
          batch([
            fresh.save(),
            ann.save(),
            gone.delete(),
            t.Person.bulkCreate(many),
            t.Person.filter({ name: "gone" }).delete(),
            t.Person.create({ name: "ann" }),
          ]),
        IntegrityError,
      );
      equal(
        [fresh.pk, many[0]!.pk, (await t.Person.get({ pk: ann.pk })).age, await t.Person.count()],
        [undefined, undefined, 1, 2],
      );
      equal(await t.requests(() => ann.save()), 1);
      equal((await t.Person.get({ pk: ann.pk })).age, 7);
      await fresh.save();
      await gone.delete();
      equal(await t.Person.orderBy("name").valuesList("name", { flat: true }), ["ann", "new"]);
    },
  },
  {
    name: "a guard of a delete counts the rows that go with others, or refuses to",
    needs: ["batch"],
    run: async (t) => {
      const f = await family(t);
      await f.Node.create({ name: "kid", parent: await f.Node.create({ name: "root" }) });
      const work = (): PromiseLike<unknown[]> => batch([f.Node.all().delete(), guard.affected(2)]);
      if (!t.db.together) return equal(await work(), [2, true]);
      await fails(work, ParamsError, { code: "guard_place" });
      equal(await f.Node.all().count(), 2);
      equal(await batch([f.Node.all().delete()]), [2]);
    },
  },
  {
    name: "what fails before anything is sent leaves everything as it was",
    needs: ["batch"],
    run: async (t) => {
      const wrong: readonly (readonly [unknown, abstract new (...given: never[]) => Error, object])[] = [
        [[t.Person.create({ name: "x" }), 7], ParamsError, { code: "batch_item", message: /item 1/ }],
        [[t.Person.create({ name: "x" }), Promise.resolve(1)], ParamsError, { code: "batch_item", message: /item 1/ }],
        [{}, ParamsError, {}],
        [[guard.affected(1)], ParamsError, { code: "guard_place" }],
        [[t.Person.count(), guard.affected(1)], ParamsError, { code: "guard_place" }],
        [[t.Person.create({ name: "x" }), t.Person.filter({ nobody: 1 })], TerrapinError, { code: "unknown_field" }],
        [[t.Person.create({ name: "x" }), t.Person.create({ name: null })], TerrapinError, {}],
      ];
      for (const [items, Class, how] of wrong) await fails(() => batch(items as unknown[]), Class, how);
      const done = t.Person.create({ name: "done" });
      await done;
      await fails(() => batch([done]), ParamsError, { code: "batch_item" });
      await fails(async () => guard.affected(-1), ParamsError);
      await fails(async () => guard.exists(7), ParamsError);
      equal(await t.Person.count(), 1);
    },
  },
  {
    name: "objects that refer to each other are made in one batch",
    needs: ["batch"],
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const ann = new f.User({ name: "new ann" });
      const bob = new f.User({ name: "new bob" });
      const post = new f.Post({ author: ann, reviewer: bob, title: "p1" });
      const comments = [1, 2].map((score) => new f.Comment({ post, score }));
      const old = await f.Post.get({ title: "three" });
      old.author = bob;
      await asksOnce(t, async () => {
        const [, , profile, , other, made] = (await batch([
          ann.save(),
          bob.save(),
          f.Profile.create({ user: ann, bio: "b" }),
          post.save(),
          f.Post.create({ author: ann, title: "p2" }),
          f.Comment.bulkCreate(comments),
          old.save(),
          (ann.posts as unknown as { create(values: object): unknown }).create({ title: "p3" }),
        ])) as Relative[];
        equal([profile!.userId, profile!.user === ann, other!.authorId], [ann.pk, true, ann.pk]);
        equal(
          (made as unknown as Relative[]).map(({ postId }) => postId),
          [post.pk, post.pk],
        );
      });
      equal([post.authorId, post.reviewerId, old.authorId], [ann.pk, bob.pk, bob.pk]);
      const read = await f.User.filter({ name__startswith: "new" }).orderBy("name").prefetchRelated("posts__comments");
      equal(
        read.map((user) => user.posts.map((each) => [each.title, each.reviewerId, each.comments.length])),
        [
          [
            ["p1", bob.pk, 2],
            ["p2", null, 0],
            ["p3", null, 0],
          ],
          [["three", null, 0]],
        ],
      );
      equal(await t.statements(() => post.save()), []);
    },
  },
  {
    name: "what is related to objects is loaded to any depth in a batch, and in one request for each way where requests are dear",
    needs: ["batch"],
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const names = (objects: readonly Relative[]): unknown =>
        objects.map(({ name, posts }) => [name, posts.map(({ title, comments }) => [title, comments.length])]);
      const read = await f.User.all().orderBy("id").prefetchRelated("posts__comments", "posts__labels");
      const [one, ...others] = await f.User.all().orderBy("id");
      await asksOnce(t, () =>
        batch([f.Label.create({ slug: "fresh" }), one!.fetchRelated("posts__comments", "posts__labels")]),
      );
      await asksOnce(t, () => f.User.fetchForList(others, "posts__comments", "posts__labels"));
      equal(names([one!, ...others]), names(read));
      equal(
        [one!, ...others].map(({ posts }) => posts.map(({ labels }) => labels.length)),
        read.map(({ posts }) => posts.map(({ labels }) => labels.length)),
      );
      const [first, second] = await f.User.all().orderBy("id");
      const asked = f.Post.all().orderBy("-id").limit(1).prefetchRelated("comments");
      await asksOnce(t, () =>
        batch([f.Label.create({ slug: "more" }), f.User.fetchForList([first!, second!], Prefetch("posts", asked))]),
      );
      equal(
        [first!, second!].map(({ posts }) => posts.map(({ title }) => title)),
        read.slice(0, 2).map(({ posts }) =>
          posts
            .map(({ id, title }) => [id, title] as const)
            .toSorted(([a], [b]) => Number(b) - Number(a))
            .slice(0, 1)
            .map(([, title]) => title),
        ),
      );
      equal(await f.Label.filter({ slug__in: ["fresh", "more"] }).count(), 2);
    },
  },
  {
    name: "an object is not referred to before it is made, nor where nobody knows its key",
    needs: ["batch"],
    run: async (t) => {
      const f = await family(t);
      const ann = new f.User({ name: "ann" });
      await fails(() => batch([f.Post.create({ author: ann, title: "x" }), ann.save()]), OperationalError, {
        code: "not_saved",
      });
      equal(await f.User.count(), 0);
      // Keys of the caller's, and keys that are no numbers.
      const bob = new f.User({ id: 77, name: "bob" });
      const root = new f.Node({ name: "root" });
      const leaf = new f.Node({ name: "leaf", parent: root });
      await asksOnce(t, () =>
        batch([bob.save(), f.Post.create({ author: bob, title: "x" }), root.save(), leaf.save()]),
      );
      equal([leaf.parentId, (await f.Post.get({ title: "x" })).authorId], [root.pk, 77]);
      const next = new f.User({ name: "next" });
      const work = (): PromiseLike<unknown[]> =>
        batch([next.save(), new f.User({ id: 500, name: "far" }).save(), f.Post.create({ author: next, title: "y" })]);
      if (t.db.together) await fails(work, OperationalError, { code: "key_unknown" });
      else {
        await work();
        equal((await f.Post.get({ title: "y" })).authorId, next.pk);
      }
    },
  },
  {
    name: "a guard that does not hold undoes the batch and tells its name",
    needs: ["batch"],
    run: async (t) => {
      const ann = await t.Person.create({ name: "ann", age: 1 });
      const take = (age: number): unknown => t.Person.filter({ name: "ann", age }).update({ age: age + 1 });
      const free = t.Person.filter({ name: "bo" });
      await asksOnce(t, async () => {
        equal(
          await batch([
            take(1),
            guard.affected(1),
            guard.exists(t.Person.filter({ age: 2 })),
            guard.absent(free),
            t.Person.create({ name: "cy" }),
            guard.affected(1, { name: "cy is made" }),
          ]).then((answers) => answers.slice(0, 4)),
          [1, true, true, true],
        );
      });
      const rules: readonly (readonly [unknown[], string, RegExp])[] = [
        [[take(1), guard.affected(1, { name: "still 1" })], "still 1", /"still 1", item 2,/],
        [[take(2), guard.affected(0)], "affected(0)", /guard\.affected\(0\), item 2,/],
        [[guard.exists(free, { name: "bo's there" })], "bo's there", /no such row/],
        [[guard.absent(t.Person.filter({ name: "ann" }))], "absent", /such a row/],
        [[guard.exists(free.limit(0))], "exists", /no such row/],
        [[take(2), guard.absent(t.Person.filter({ age: 3 }))], "absent", /such a row/],
        [[ann.save(), guard.affected(1)], "affected(1)", /matched 0 rows/],
      ];
      for (const [items, name, message] of rules) {
        const error = await fails(() => batch([t.Person.create({ name: "never" }), ...items]), GuardError, {
          code: "guard",
          message,
        });
        equal([error.guard, error.kind], [name, "guard"]);
        equal([await t.Person.count(), (await t.Person.get({ name: "ann" })).age], [2, 2]);
      }
      equal((await batch([guard.absent(free.limit(0)), guard.absent(t.Person.none())])).length, 2);
      equal(await batch([t.Person.filter({ name: "ann" }).update({ age: 2 }), guard.affected(1), t.Person.none()]), [
        1,
        true,
        [],
      ]);
    },
  },
  {
    name: "what a query for one row refuses, and what a save does not find, undoes the batch",
    needs: ["batch"],
    run: async (t) => {
      const ann = await t.Person.create({ name: "ann", age: 1 });
      await t.Person.create({ name: "bo", age: 1 });
      const more = (): unknown => t.Person.create({ name: "never" });
      await fails(() => batch([more(), t.Person.get({ name: "nobody" })]), DoesNotExist);
      await fails(() => batch([more(), t.Person.getOrNone({ age: 1 })]), MultipleObjectsReturned);
      await fails(() => batch([more(), t.Person.get({ age: 1 })]), MultipleObjectsReturned);
      const lost = await t.Person.get({ name: "bo" });
      await t.Person.filter({ name: "bo" }).delete();
      lost.age = 9;
      await fails(() => batch([more(), lost.save()]), IntegrityError, { code: "row_gone" });
      equal(await t.Person.valuesList("name", { flat: true }), ["ann"]);
      equal((await batch([t.Person.get({ name: "ann" }), more()])).length, 2);
      equal((await t.Person.get({ pk: ann.pk })).name, "ann");
    },
  },
  {
    name: "getOrCreate and updateOrCreate are one unit, in batches too",
    needs: ["batch"],
    run: async (t) => {
      await asksOnce(t, () => t.Person.getOrCreate({ name: "ann" }, { age: 1 }));
      await asksOnce(t, () => t.Person.getOrCreate({ name: "ann" }, { age: 2 }));
      await asksOnce(t, () => t.Person.updateOrCreate({ name: "ann" }, { age: 3, note: "n" }));
      await asksOnce(t, () => t.Person.updateOrCreate({ name: "bo" }, { age: null }));
      equal(await t.Person.orderBy("name").valuesList("name", "age", "note"), [
        ["ann", 3, "n"],
        ["bo", null, ""],
      ]);
      await asksOnce(t, async () => {
        const [found, made, changed, tag, all] = (await batch([
          t.Person.getOrCreate({ name: "ann" }, { age: 9 }),
          t.Person.getOrCreate({ name: "cy" }, { age: 4 }),
          t.Person.updateOrCreate({ name: "cy" }, { age: 5, extra: { a: [1] } }),
          t.Tag.getOrCreate({ code: "x" }),
          t.Person.orderBy("name").valuesList("name", "age"),
        ])) as [Relative, boolean][];
        equal([found![0].age, found![1], made![0].age, made![1]], [3, false, 4, true]);
        equal(
          [changed![0].age, changed![0].extra, changed![1], changed![0].pk === made![0].pk],
          [5, { a: [1] }, false, true],
        );
        equal([tag![0].label, tag![1]], ["plain", true]);
        equal(all as unknown, [
          ["ann", 3],
          ["bo", null],
          ["cy", 5],
        ]);
      });
      // What cannot be made need not be where it is there.
      await t.Seat.create({ row: 1, number: 1, holder: "ann" });
      equal((await t.Seat.getOrCreate({ holder: "ann" }))[1], false);
      await fails(() => t.Seat.getOrCreate({ holder: "nobody" }), TerrapinError, { message: /row/ });
      await fails(() => t.Seat.updateOrCreate({ holder: "nobody" }, { row: 3 }), TerrapinError, { message: /number/ });
      await t.Seat.create({ row: 1, number: 2, holder: "ann" });
      await fails(() => t.Seat.updateOrCreate({ holder: "ann" }, { price: 5 }), MultipleObjectsReturned);
      await fails(() => t.Seat.getOrCreate({ holder: "ann" }, { row: 7, number: 7 }), MultipleObjectsReturned);
      equal(await t.Seat.orderBy("number").valuesList("number", "price"), [
        [1, 1],
        [2, 1],
      ]);
      await fails(() => t.Person.getOrCreate({ age: 77 }, { name: "ann" }), IntegrityError);
      equal([await t.Person.count(), await t.Seat.count()], [3, 2]);
    },
  },
  {
    name: "pairs are added, removed, set and cleared as one unit, in batches too",
    needs: ["batch"],
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, one, two, three } = await people(f);
      const slugs = async (post: Relative): Promise<unknown> =>
        (await post.labels.all().orderBy("slug")).map(({ slug }) => slug);
      await asksOnce(t, () => one.labels.set(["blue", "ü'"]));
      equal(await slugs(one), ["blue", "ü'"]);
      await asksOnce(t, () => one.labels.add("blue", "red"));
      equal(await slugs(one), ["blue", "red", "ü'"]);
      await fails(() => one.labels.set(["red", "none"]), IntegrityError);
      equal(await slugs(one), ["blue", "red", "ü'"]);
      const green = new f.Label({ slug: "green" });
      const post = new f.Post({ title: "new", author: ann });
      await asksOnce(t, async () => {
        const answers = await batch([
          green.save(),
          post.save(),
          post.labels.add(green, "red"),
          two.labels.set(["blue", green]),
          one.labels.clear(),
          three.labels.remove("red"),
          (three.labels as unknown as { create(values: object): unknown }).create({ slug: "grey" }),
        ]);
        equal((answers[6] as Relative).slug, "grey");
      });
      equal(await slugs(post), ["green", "red"]);
      equal([await slugs(one), await slugs(two), await slugs(three)], [[], ["blue", "green"], ["grey"]]);
      const team = new f.Team({ name: "t" });
      const cy = new f.User({ name: "dan" });
      await asksOnce(t, () => batch([team.save(), cy.save(), team.members.add(cy, ann)]));
      await asksOnce(t, () => team.members.add(ann, bob));
      const members = await f.Membership.filter({ team }).orderBy("user__name").valuesList("user__name", "role");
      equal(members, [
        ["ann", "guest"],
        ["bob", "guest"],
        ["dan", "guest"],
      ]);
      const sun = await f.Star.create({});
      const moon = await f.Star.create({});
      await asksOnce(t, () => sun.pairs.add(moon));
      await asksOnce(t, () => sun.pairs.add(moon, sun));
      equal(await sun.pairs.all().count(), 2);
      await asksOnce(t, () =>
        (one.labels as unknown as { bulkCreate(objects: object[]): PromiseLike<unknown> }).bulkCreate([
          new f.Label({ slug: "p" }),
          new f.Label({ slug: "q" }),
        ]),
      );
      equal(await slugs(one), ["p", "q"]);
      equal((await one.labels.getOrCreate({ slug: "r" }))[1], true);
      equal(await slugs(one), ["p", "q", "r"]);
    },
  },
  {
    name: "a batch runs once, and its items are of it alone",
    needs: ["batch"],
    run: async (t) => {
      const write = t.Person.create({ name: "ann" });
      const all = batch([write, t.Person.count()]);
      equal(await t.statements(() => undefined), []);
      const [one, two] = await Promise.all([all, all]);
      ok(one === two, "a second await gives the first answer");
      equal([one[1], (await write).name, await t.Person.count()], [1, "ann", 1]);
      const [outcome, other] = await Promise.allSettled([
        batch([t.Person.create({ name: "bo" }), t.Person.create({ name: "ann" })]),
        batch([t.Person.create({ name: "cy" }), t.Person.count()]),
      ]);
      equal([outcome.status, other.status], ["rejected", "fulfilled"]);
      equal(await t.Person.orderBy("name").valuesList("name", { flat: true }), ["ann", "cy"]);
    },
  },
  {
    name: "a batch inside a transaction is a part of it",
    needs: ["transactions", "batch"],
    run: async (t) => {
      await fails(
        () =>
          inTransaction(async (tx) => {
            await t.Person.create({ name: "ann" }, { usingDb: tx });
            await batch([t.Person.create({ name: "bo" }), t.Person.usingDb(tx).count()], { usingDb: tx });
            await fails(() => batch([t.Person.create({ name: "ann" })], { usingDb: tx }), IntegrityError);
            equal(await t.Person.usingDb(tx).count(), 2);
            throw new RangeError("undo");
          }),
        RangeError,
      );
      equal(await t.Person.count(), 0);
    },
  },
  {
    name: "a batch that was undone for what may pass runs again as a whole, where that was asked for",
    needs: ["batch"],
    run: async (t) => {
      const bo = new t.Person({ name: "bo", age: 2 });
      const cy = await t.Person.create({ name: "cy", age: 3 });
      const dan = await t.Person.create({ name: "dan", age: 4 });
      let left = 0;
      const stop = preSave(t.Person, ({ instance }) => {
        if (instance["name"] === "last" && left-- > 0) throw new OperationalError("no", { code: "busy" });
      });
      const work = (retry: unknown): Promise<unknown[]> => {
        cy.age = 30;
        return (batch as (items: readonly unknown[], options: object) => Promise<unknown[]>)(
          [
            bo.save(),
            cy.save(),
            dan.delete(),
            t.Person.bulkCreate([new t.Person({ name: "e" }), new t.Person({ name: "f" })]),
            t.Person.filter({ name: "bo" }).update({ age: F("age").plus(10) }),
            t.Person.create({ name: "last" }),
            t.Person.orderBy("name").valuesList("name", { flat: true }),
          ],
          { retry },
        );
      };
      try {
        left = 1;
        await fails(() => work(0), OperationalError, { code: "busy" });
        left = 3;
        await fails(() => work({ times: 2, delay: 0 }), OperationalError, { code: "busy" });
        equal(await t.Person.orderBy("name").valuesList("name", "age"), [
          ["cy", 3],
          ["dan", 4],
        ]);
        left = 2;
        const answers = await work({ times: 2, delay: 0 });
        equal([answers[4], answers[6]], [1, ["bo", "cy", "e", "f", "last"]]);
        equal(
          await t.Person.filter({ name__in: ["bo", "cy"] })
            .orderBy("name")
            .valuesList("name", "age"),
          [
            ["bo", 12],
            ["cy", 30],
          ],
        );
        equal([(await t.Person.get({ name: "bo" })).id, (answers[5] as { name: string }).name], [bo.id, "last"]);
      } finally {
        stop();
      }
      await fails(() => work(-1), ParamsError, { code: "retry" });
    },
  },
  {
    name: "where nothing keeps a transaction open, inTransaction says how to write it",
    run: async (t) => {
      if (t.driver.begin !== undefined) return;
      await fails(() => inTransaction(async (_tx) => undefined), UnsupportedError, { hint: /batch\(\[/ });
      await fails(() => t.db.begin(), UnsupportedError, { hint: /batch\(\[/ });
    },
  },
];
