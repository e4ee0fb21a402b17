import {
  FieldError,
  IntegrityError,
  NoValuesFetched,
  OperationalError,
  ParamsError,
  ValidationError,
} from "../../base/errors.js";
import { inTransaction } from "../../connection/atomic.js";
import { equal, fails, ok } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import { family, people, type Family, type Kin, type Relative } from "./family.js";
import { Q } from "./lookups.js";
import { F } from "./select.js";

const flat = async (query: unknown, name: string): Promise<string[]> =>
  ((await (query as Kin).valuesList(name, { flat: true })) as unknown as string[]).toSorted();
const titles = (query: unknown): Promise<string[]> => flat(query, "title");
const names = (query: unknown): Promise<string[]> => flat(query, "name");
const slugs = (query: unknown): Promise<string[]> => flat(query, "slug");
const loaded = (list: Iterable<Relative>): string[] => Array.from(list, ({ pk }) => String(pk)).toSorted();

const needs = ["transactions"] as const;

/** A user of each fate and a bond to each. */
async function bonds(f: Family, kind: string): Promise<{ readonly user: Relative; readonly bond: Relative }> {
  const fallback = await f.User.create({ name: "fallback" });
  const user = await f.User.create({ name: kind });
  equal(fallback.pk, 1);
  const others = kind === "setDefault" || !("setDefaultId" in new f.Bond({})) ? {} : { setDefault: 1 };
  return { user, bond: await f.Bond.create({ ...others, [kind]: user }) };
}

/** What becomes of an object when the one is deleted that a foreign key of this kind names. */
async function fate(t: Kit, kind: string): Promise<unknown> {
  const f = await family(t);
  const { user, bond } = await bonds(f, kind);
  try {
    await user.delete();
  } catch (error) {
    ok(error instanceof IntegrityError && error.kind === "foreignKey", `${kind}: ${String(error)}`);
    equal([await f.User.count(), user.pk], [2, bond[`${kind}Id`]]);
    return "refused";
  }
  const left = await f.Bond.getOrNone({ pk: bond.pk });
  return left === null ? "gone" : left[`${kind}Id`];
}

/** Related objects: how they are made, asked for, paired and lost. */
export const relations: readonly ConformanceCase[] = [
  {
    name: "create takes an object or its key, and gives both attributes",
    run: async (t) => {
      const f = await family(t);
      const ann = await f.User.create({ name: "ann" });
      const one = await f.Post.create({ author: ann, title: "one" });
      equal([one.authorId, one.author === ann, one.reviewerId, one.reviewer], [ann.id, true, null, null]);
      const two = await f.Post.create({ authorId: ann.id, title: "two", reviewer: null });
      equal([two.authorId, two.reviewerId], [ann.id, null]);
      const three = await f.Post.create({ author: ann.id, title: "three" });
      equal(three.authorId, ann.id);
      const made = new f.Post({ author: ann, title: "four" });
      await made.save();
      equal(await f.Post.filter({ author: ann }).count(), 4);
      equal((await f.Post.get({ title: "three" })).authorId, ann.id);
      const badge = await f.Badge.create({ holder: ann });
      equal([badge.holderId, (await f.Badge.get({ pk: badge.pk })).holderId], ["ann", "ann"]);
    },
  },
  {
    name: "create refuses a relation given twice or not at all, unsaved objects and wrong ones, before any statement",
    run: async (t) => {
      const f = await family(t);
      const { ann, one } = await people(f);
      const wrong: readonly (readonly [() => unknown, abstract new (...given: never[]) => Error, object])[] = [
        [() => f.Post.create({ author: ann, authorId: 1, title: "x" }), ParamsError, { message: /twice/ }],
        [() => f.Post.create({ title: "x" }), ValidationError, { message: /authorId/ }],
        [() => f.Post.create({ author: null, title: "x" }), ValidationError, { message: /authorId/ }],
        [() => f.Post.create({ author: undefined, title: "x" }), ParamsError, { code: "undefined" }],
        [
          () => f.Post.create({ author: new f.User({ name: "n" }), title: "x" }),
          OperationalError,
          { code: "not_saved" },
        ],
        [() => f.Post.create({ author: one, title: "x" }), FieldError, { code: "wrong_model", message: /User/ }],
        [() => f.Post.create({ author: { id: 1 }, title: "x" }), FieldError, { code: "wrong_model" }],
        [() => f.Post.create({ authorId: "x", title: "x" }), Error, {}],
      ];
      for (const [work, Class, how] of wrong) equal(await t.statements(() => fails(work, Class, how)), []);
      await fails(() => f.Post.create({ authorId: 999, title: "x" }), IntegrityError);
      equal(await f.Post.count(), 3);
    },
  },
  {
    name: "an assigned object brings its key, and an assigned key drops the object",
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, one } = await people(f);
      one.author = bob;
      equal([one.authorId, one.author === bob], [bob.id, true]);
      await one.save();
      equal((await f.Post.get({ pk: one.pk })).authorId, bob.id);
      one.authorId = ann.id;
      equal(((await one.author) as Relative).name, "ann");
      one.reviewer = bob;
      one.reviewer = null;
      await one.save();
      equal([one.reviewerId, one.reviewer], [null, null]);
      one.reviewer = bob.id;
      equal(((await one.reviewer) as Relative).name, "bob");
      const joined = (await f.Post.get({ title: "two" }).selectRelated("author", "reviewer")) as Relative;
      equal([(joined.author as Relative).name, (joined.reviewer as Relative).name], ["ann", "bob"]);
      joined.authorId = bob.id;
      joined.reviewerId = null;
      equal(((await joined.author) as Relative).name, "bob");
      equal(joined.reviewer, null);
      await fails(
        () => {
          one.author = one;
        },
        FieldError,
        { code: "wrong_model" },
      );
      equal(one.authorId, ann.id);
    },
  },
  {
    name: "a new object that is assigned has to be saved first",
    run: async (t) => {
      const f = await family(t);
      const { one } = await people(f);
      const fresh = new f.User({ name: "n" });
      one.author = fresh;
      equal([one.authorId, one.author === fresh], [undefined, true]);
      equal(
        await t.statements(() => fails(() => one.save(), OperationalError, { code: "not_saved", message: /author/ })),
        [],
      );
      const post = new f.Post({ author: fresh, title: "x" });
      equal(await t.statements(() => fails(() => post.save(), OperationalError, { code: "not_saved" })), []);
      one.reviewer = fresh;
      await fails(() => one.save(), OperationalError, { code: "not_saved" });
      await fresh.save();
      await one.save();
      await post.save();
      equal([one.authorId, one.reviewerId, post.authorId], [fresh.id, fresh.id, fresh.id]);
      equal([one.author === fresh, post.author === fresh], [true, true]);
      equal((await f.Post.get({ pk: one.pk })).reviewerId, fresh.id);
    },
  },
  {
    name: "the list on the other side is a query of its own, and makes objects that belong to its owner",
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, cy, one } = await people(f);
      equal(await titles(ann.posts.all()), ["one", "two"]);
      equal(await titles(ann.posts.filter({ score__gte: 2 })), ["two"]);
      equal(await titles(ann.posts.exclude({ labels__slug: "blue" })), ["two"]);
      equal([await cy.posts, await cy.posts.count(), await ann.posts.exists({ title: "three" })], [[], 0, false]);
      equal((await ann.posts.orderBy("-score").first()).title, "two");
      equal((await ann.posts.get({ title: "one" })).pk, one.pk);
      const made = await cy.posts.create({ title: "made" });
      equal([made.authorId, made.author === cy], [cy.id, true]);
      const [again, isNew] = await cy.posts.getOrCreate({ title: "made" }, { score: 9 });
      equal([again.pk, isNew, again.score], [made.pk, false, 0]);
      const [fresh, wasNew] = await bob.posts.getOrCreate({ title: "made" }, { score: 9 });
      equal([fresh.authorId, wasNew, fresh.score], [bob.id, true, 9]);
      const [updated, updatedNew] = await cy.posts.updateOrCreate({ title: "made" }, { score: 5 });
      equal([updated.pk, updatedNew, updated.score], [made.pk, false, 5]);
      const many = await cy.posts.bulkCreate(["a", "b"].map((title) => new f.Post({ title, authorId: ann.id })));
      equal(
        many.map(({ authorId }) => authorId),
        [cy.id, cy.id],
      );
      equal(await titles(cy.posts), ["a", "b", "made"]);
      equal(await cy.posts.all().update({ score: 7 }), 3);
      equal(await cy.posts.filter({ title: "a" }).delete(), 1);
      equal(await f.Post.filter({ score: 7 }).count(), 2);
      await fails(() => ann.posts.create({ title: "x", author: bob }), ParamsError, { message: /author/ });
      await fails(() => ann.posts.getOrCreate({ title: "x", authorId: bob.id }), ParamsError, { message: /author/ });
      const badge = await ann.badges.create({});
      equal(badge.holderId, "ann");
      equal(await ann.badges.count(), 1);
    },
  },
  {
    name: "an object that is not stored has no related ones, and says so by name",
    run: async (t) => {
      const f = await family(t);
      const made = new f.User({ name: "n" });
      const post = new f.Post({ title: "n" });
      for (const work of [
        () => made.posts,
        () => made.posts.all().count(),
        () => made.posts.create({ title: "x" }),
        () => made.profile,
        () => post.labels,
        () => post.labels.add("red"),
        () => post.labels.clear(),
        () => post.labels.set([]),
        () => post.labels.remove("red"),
        () => made.fetchRelated("posts"),
        () => f.Post.filter({ author: made }),
        () => f.Post.filter({ author__in: [made] }),
        () => f.Post.all().update({ author: made }),
      ])
        await fails(work, OperationalError, { code: "not_saved", message: /User|Post/ });
      equal(await f.Post.count(), 0);
    },
  },
  {
    name: "a one-to-one relation gives one object on the other side, null where there is none, and is unique",
    run: async (t) => {
      const f = await family(t);
      const { ann, bob } = await people(f);
      equal(((await ann.profile) as Relative).bio, "x");
      equal(await bob.profile, null);
      equal((await f.Profile.get({ user__name: "ann" })).bio, "x");
      equal(await names(f.User.filter({ profile__bio: "x" })), ["ann"]);
      equal(await names(f.User.filter({ profile: null })), ["bob", "cy"]);
      equal(await names(f.User.filter({ profile__isnull: false })), ["ann"]);
      await fails(() => f.Profile.create({ user: ann }), IntegrityError);
      await fails(
        () => {
          ann.profile = null;
        },
        ParamsError,
        { code: "not_assignable" },
      );
    },
  },
  {
    name: "many-to-many pairs are added once, removed, cleared, from either side, by object or key",
    run: async (t) => {
      const f = await family(t);
      const { one, two, three } = await people(f);
      const red = await f.Label.get({ pk: "red" });
      await three.labels.add(red, "ü'", red);
      await three.labels.add("red");
      await three.labels.add();
      equal(await slugs(three.labels), ["red", "ü'"]);
      equal(await titles(red.posts.all()), ["one", "three", "two"]);
      await red.posts.remove(three, two.pk, two);
      await red.posts.remove(three);
      equal(await titles(red.posts), ["one"]);
      await three.labels.clear();
      await three.labels.clear();
      equal([await three.labels, await slugs(one.labels)], [[], ["blue", "red"]]);
      await fails(() => one.labels.remove(), OperationalError, { code: "no_instances" });
      for (const bad of [[null], [two], [{ slug: "red" }]])
        await fails(() => one.labels.add(...bad), Error, { message: /labels/ });
      await fails(() => one.labels.add("red", "none"), IntegrityError);
      equal(await slugs(one.labels), ["blue", "red"]);
      const user = await f.User.get({ name: "ann" });
      await fails(() => (user.posts as { add: (post: unknown) => PromiseLike<void> }).add(one), ParamsError, {
        code: "not_many_to_many",
      });
    },
  },
  {
    name: "set makes the pairs exactly these, all or nothing",
    needs,
    run: async (t) => {
      const f = await family(t);
      const { one, three } = await people(f);
      await one.labels.set(["ü'", "red", "red"]);
      equal(await slugs(one.labels), ["red", "ü'"]);
      await one.labels.set(["ü'", "red"]);
      equal(await slugs(one.labels), ["red", "ü'"]);
      await fails(() => one.labels.set(["blue", "none"]), IntegrityError);
      equal(await slugs(one.labels), ["red", "ü'"]);
      await fails(() => one.labels.set("red"), ParamsError);
      await one.labels.set([]);
      equal(await one.labels, []);
      await f.Label.bulkCreate(Array.from({ length: 120 }, (_, i) => new f.Label({ slug: `l${i}` })));
      await three.labels.set(Array.from({ length: 120 }, (_, i) => `l${i}`));
      equal(await three.labels.count(), 120);
      await three.labels.set(Array.from({ length: 100 }, (_, i) => `l${i + 50}`).slice(0, 70));
      equal(await three.labels.count(), 70);
    },
  },
  {
    name: "pairs are written when they are waited for, once, and calls at the same time leave one pair",
    needs,
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, three } = await people(f);
      equal(
        await t.statements(() => {
          void three.labels.add("red");
          void three.labels.set(["blue"]);
          void three.labels.clear();
        }),
        [],
      );
      const add = three.labels.add("red");
      const sent = await t.statements(async () => [await add, await add]);
      equal(sent.filter((sql) => sql.startsWith("INSERT")).length, 1);
      await Promise.all([three.labels.add("red", "blue"), three.labels.add("blue"), three.labels.add("blue", "red")]);
      equal(await slugs(three.labels), ["blue", "red"]);
      const team = await f.Team.create({ name: "t" });
      await Promise.all([team.members.add(ann, bob), team.members.add(bob), ann.teams.add(team)]);
      equal([await names(team.members), await f.Membership.count()], [["ann", "bob"], 2]);
      await Promise.all([team.members.set([ann]), three.labels.set([])]);
      equal([await names(team.members), await three.labels.count()], [["ann"], 0]);
    },
  },
  {
    name: "a loaded list follows add, remove, set and clear",
    needs,
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const one = (await f.Post.get({ title: "one" }).prefetchRelated("labels")) as Relative;
      const special = await f.Label.get({ pk: "ü'" });
      equal(loaded(one.labels), ["blue", "red"]);
      await one.labels.add(special, special);
      equal(loaded(one.labels), ["blue", "red", "ü'"]);
      await one.labels.remove("red");
      equal(loaded(one.labels), ["blue", "ü'"]);
      await one.labels.set([special]);
      equal(loaded(one.labels), ["ü'"]);
      await one.labels.clear();
      equal([one.labels.length, await one.labels], [0, []]);
      const made = await one.labels.create({ slug: "made" });
      equal([one.labels.length, made.pk, await slugs(one.labels.all())], [1, "made", ["made"]]);
      // A key says nothing of the object: the list has to be asked for again.
      await one.labels.add("red");
      await fails(() => one.labels.length, NoValuesFetched);
      await one.fetchRelated("labels");
      equal(loaded(one.labels), ["made", "red"]);
    },
  },
  {
    name: "pairs and lists are as before when a transaction rolls back",
    needs,
    run: async (t) => {
      const f = await family(t);
      await people(f);
      const one = (await f.Post.get({ title: "one" }).prefetchRelated("labels")) as Relative;
      const special = await f.Label.get({ pk: "ü'" });
      const mine = new Error("mine");
      await fails(
        () =>
          inTransaction(async (tx) => {
            await one.labels.usingDb(tx).set([special]);
            equal([loaded(one.labels), await slugs(one.labels.all().usingDb(tx))], [["ü'"], ["ü'"]]);
            await one.labels.usingDb(tx).clear();
            throw mine;
          }),
        Error,
      );
      equal(await slugs(one.labels.all()), ["blue", "red"]);
      equal(loaded(await one.labels), ["blue", "red"]);
      await inTransaction(async (tx) => {
        await one.labels.usingDb(tx).add(special);
        await fails(() => one.labels.usingDb(tx).set(["none"]), IntegrityError);
        equal(await slugs(one.labels.all().usingDb(tx)), ["blue", "red", "ü'"]);
      });
      equal(await slugs(one.labels.all()), ["blue", "red", "ü'"]);
    },
  },
  {
    name: "objects that a relation makes are paired with its owner, or not made",
    needs,
    run: async (t) => {
      const f = await family(t);
      const { three } = await people(f);
      const [made, isNew] = await three.labels.getOrCreate({ slug: "new" }, { rank: 4 });
      equal([made.rank, isNew], [4, true]);
      const [red, redNew] = await three.labels.getOrCreate({ slug: "red" });
      equal([red.pk, redNew], ["red", false]);
      await three.labels.updateOrCreate({ slug: "blue" }, { rank: 8 });
      await three.labels.bulkCreate([new f.Label({ slug: "b1" }), new f.Label({ slug: "b2" })]);
      equal(await slugs(three.labels), ["b1", "b2", "blue", "new", "red"]);
      equal((await f.Label.get({ pk: "blue" })).rank, 8);
      await fails(() => three.labels.create({ slug: "red" }), IntegrityError);
      equal(await three.labels.count(), 5);
    },
  },
  {
    name: "a model in the middle keeps what else it says, and its defaults fill new pairs",
    needs,
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, cy } = await people(f);
      const team = await f.Team.create({ name: "t" });
      await f.Membership.create({ team, user: ann, role: "head" });
      await team.members.add(ann, bob.id);
      equal(await f.Membership.orderBy("id").valuesList("user__name", "role"), [
        ["ann", "head"],
        ["bob", "guest"],
      ]);
      ok((await f.Membership.get({ user: bob })).joined instanceof Date, "autoNowAdd sets nothing in a pair");
      equal(await names(team.members), ["ann", "bob"]);
      equal(await names(bob.teams), ["t"]);
      await team.members.set([ann, cy]);
      equal(await f.Membership.orderBy("id").valuesList("user__name", "role"), [
        ["ann", "head"],
        ["cy", "guest"],
      ]);
      equal(await names(f.Team.filter({ memberships__role: "head", memberships__user: ann })), ["t"]);
      equal(await names(f.User.filter({ teams__name: "t" }).exclude({ memberships__role: "head" })), ["cy"]);
      await team.members.remove(ann);
      equal(await f.Membership.count(), 1);
    },
  },
  {
    name: "a model may be related to itself, with and without another end",
    run: async (t) => {
      const f = await family(t);
      const root = await f.Node.create({ name: "root" });
      const kid = await f.Node.create({ name: "kid", parent: root });
      const grandkid = await root.kids.get({ name: "kid" }).then((one) => one.kids.create({ name: "grandkid" }));
      equal(await names(f.Node.filter({ parent__parent__name: "root" })), ["grandkid"]);
      equal(await names(f.Node.filter({ kids__kids: grandkid })), ["root"]);
      equal(await names(f.Node.filter({ parent: null })), ["root"]);
      equal(await names(f.Node.filter({ kids__isnull: true })), ["grandkid"]);
      equal(await names(f.Node.filter({ parent__name: F("name") })), []);
      await root.links.add(kid, root);
      equal([await names(root.links), await names(kid.links)], [["kid", "root"], []]);
      equal(await names(f.Node.filter({ links__name: "kid" })), ["root"]);
      equal(await names(f.Node.filter({ links: F("id") })), ["root"]);
      const all = (await f.Node.orderBy("name").selectRelated("parent__parent")) as unknown as Relative[];
      equal(
        all.map(({ parent }) => ((parent as Relative | null)?.parent as Relative | null | undefined)?.name ?? null),
        ["root", null, null],
      );
    },
  },
  {
    name: "keys that no number holds are exact on every way",
    needs,
    run: async (t) => {
      const f = await family(t);
      const [one, two, three] = [2n ** 60n + 1n, 2n ** 60n + 3n, 2n ** 60n + 5n];
      const sun = await f.Star.create({ id: one });
      const moons = await f.Star.bulkCreate([two, three].map((id) => new f.Star({ id, sun })));
      await sun.pairs.add(...moons);
      await sun.pairs.add(moons[0], three);
      const keys = (list: Iterable<Relative>): string[] => Array.from(list, ({ pk }) => String(pk)).toSorted();
      const both = [String(two), String(three)];
      equal(keys(await sun.moons), both);
      equal([await sun.pairs.count(), keys(await sun.pairs)], [2, both]);
      const [read] = (await f.Star.filter({ pk: one }).prefetchRelated("moons__sun", "pairs")) as unknown as Relative[];
      equal([keys(read!.moons), keys(read!.pairs)], [both, both]);
      ok(
        Array.from(read!.moons).every((moon) => (moon.sun as Relative).pk === one),
        "a foreign key led elsewhere",
      );
      const [moon] = (await f.Star.filter({ pk: two })
        .selectRelated("sun")
        .prefetchRelated("paireds")) as unknown as Relative[];
      equal([(moon!.sun as Relative).pk, keys(moon!.paireds)], [one, [String(one)]]);
      equal(await f.Star.filter({ sun: one, pk__in: moons.map(({ pk }) => pk) }).count(), 2);
      await sun.pairs.set([three]);
      equal(keys(await sun.pairs), [String(three)]);
    },
  },
  {
    name: "relations are written by every call that writes fields",
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, cy, one, two } = await people(f);
      const [same, isNew] = await f.Post.getOrCreate({ author: ann, title: "one" });
      equal([same.pk, isNew], [one.pk, false]);
      const [made] = await f.Post.getOrCreate({ title: "made" }, { author: bob });
      equal(made.authorId, bob.id);
      const [changed] = await f.Post.updateOrCreate({ title: "made" }, { author: cy, reviewer: bob });
      equal([changed.pk, changed.authorId, changed.reviewerId], [made.pk, cy.id, bob.id]);
      one.reviewer = two.reviewer = cy;
      equal(await f.Post.bulkUpdate([one, two], ["reviewer"]), 2);
      equal(await titles(cy.reviews), ["one", "two"]);
      one.title = "not written";
      one.reviewer = null;
      await one.save({ updateFields: ["reviewer"] });
      equal(await f.Post.filter({ pk: one.pk }).valuesList("title", "reviewerId"), [["one", null]]);
      one.updateFromDict({ author: bob, title: "written" });
      await one.save();
      equal(await titles(bob.posts.filter({ title: "written" })), ["written"]);
      await fails(() => one.updateFromDict({ author: bob, authorId: 1 }), ParamsError, { message: /twice/ });
      await f.Post.filter({ pk: one.pk }).update({ author: cy });
      await one.refreshFromDb();
      equal(((await one.author) as Relative).name, "cy");
    },
  },
  {
    name: "conditions on one path speak of one row, and a negation of rows of its own",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      equal(await names(f.User.filter({ posts__title: "one", posts__score: 2 })), []);
      equal(await names(f.User.filter({ posts__title: "one" }).filter({ posts__score: 2 })), []);
      equal(await names(f.User.filter({ posts__title: "one", posts__score: 1 })), ["ann"]);
      equal(await names(f.User.exclude({ posts__title: "one", posts__score: 2 })), ["ann", "bob", "cy"]);
      equal(await names(f.User.exclude({ posts__title: "one" })), ["bob", "cy"]);
      equal(await names(f.User.filter(Q({ posts__title: "one" }), Q.not(Q({ posts__score: 2 })))), []);
      equal(
        await names(f.User.filter({ posts__score: 1 }, Q.or(Q({ posts__score: 9 }), Q.not(Q({ posts__score: 3 }))))),
        ["ann"],
      );
      // Ann's post of score 1 is not the one of score 2, but she has that one too.
      equal(
        await names(f.User.filter({ posts__score: 1 }, Q.or(Q({ posts__score: 9 }), Q.not(Q({ posts__score: 2 }))))),
        [],
      );
      equal(await titles(f.Post.filter({ labels__in: ["red", "blue"] })), ["one", "two"]);
      equal(await titles(f.Post.filter({ labels__slug: "red" }).filter({ labels__slug: "blue" })), []);
      equal(await titles(f.Post.filter({ comments__score: F("score"), comments__text__isnull: true })), ["one"]);
      equal(await names(f.User.filter({ posts__labels__posts__author__name: "ann" })), ["ann"]);
      equal(await f.User.filter({ posts__labels__rank__gte: 0 }).count(), 1);
      equal(await names(f.User.filter({ posts__comments: null })), ["bob", "cy"]);
      equal(await names(f.User.filter({ posts__reviewer__nick: null })), ["ann", "bob", "cy"]);
      equal(await names(f.User.filter({ posts__reviewer__nick__not: "b" })), ["ann", "bob"]);
    },
  },
  {
    name: "a relation's name takes objects, keys, null, lists and query sets",
    run: async (t) => {
      const f = await family(t);
      const { ann, bob, cy, one, two } = await people(f);
      const red = await f.Label.get({ pk: "red" });
      const cases: readonly (readonly [object, readonly string[]])[] = [
        [{ author: ann }, ["one", "two"]],
        [{ author: ann.pk }, ["one", "two"]],
        [{ author__not: ann }, ["three"]],
        [{ author__in: [ann, bob.pk] }, ["one", "three", "two"]],
        [{ author__in: [] }, []],
        [{ author__not_in: [ann] }, ["three"]],
        [{ author__in: f.User.filter({ name: "bob" }) }, ["three"]],
        [{ author__isnull: true }, []],
        [{ reviewer: null }, ["one", "three"]],
        [{ reviewer__isnull: false }, ["two"]],
        [{ reviewer__not: bob }, ["one", "three"]],
        [{ reviewer__in: [bob, null] }, ["one", "three", "two"]],
        [{ reviewer__not_in: [null] }, ["two"]],
        [{ labels: red }, ["one", "two"]],
        [{ labels: null }, ["three"]],
        [{ labels__not: red }, ["one"]],
        [{ labels__in: f.Label.filter({ rank: 1 }) }, ["one"]],
        [{ labels__not_in: [red, "blue"] }, []],
        [{ labels__isnull: false }, ["one", "two"]],
        [{ author__profile: null }, ["three"]],
        [{ author__badges__isnull: true }, ["one", "three", "two"]],
      ];
      for (const [where, expected] of cases)
        equal(await titles(f.Post.filter(where)), expected, `the posts with ${Object.keys(where)[0]!}`);
      equal(await names(f.User.filter({ posts: one })), ["ann"]);
      equal(await names(f.User.filter({ posts__in: [one, two.pk] })), ["ann"]);
      equal(await names(f.User.filter({ posts__isnull: true })), ["cy"]);
      equal(
        await names(f.User.filter({ pk__in: f.Post.all().valuesList("author", { flat: true }) })).catch(() => "bad"),
        "bad",
      );
      equal(await names(f.User.filter({ pk__in: f.Post.all().valuesList("authorId", { flat: true }) })), [
        "ann",
        "bob",
      ]);
      await f.Badge.create({ holder: cy });
      equal(await f.Badge.filter({ holder: cy }).count(), 1);
      equal(await f.Badge.filter({ holder: "cy", holder__name: "cy", holderId: "cy", holder__pk: cy.pk }).count(), 1);
      equal(await f.Badge.filter({ holder__in: f.User.filter({ name: "cy" }) }).count(), 1);
      equal(await names(f.User.filter({ badges__isnull: false })), ["cy"]);
      for (const bad of [{ author: red }, { author__in: [red] }, { posts: ann }, { labels: one }])
        await fails(() => ("posts" in bad ? f.User : f.Post).filter(bad), FieldError, { code: "wrong_model" });
      await fails(() => f.Post.filter({ author__in: f.Label.all() }), FieldError, { code: "wrong_model" });
      await fails(() => f.Post.filter({ author__gt: 1 }), FieldError);
      await fails(() => f.Post.filter({ author__nme: 1 }), FieldError, { hint: /name/ });
    },
  },
  {
    name: "orders, values and computed values go along paths",
    run: async (t) => {
      const f = await family(t);
      await people(f);
      equal(await f.Post.orderBy("-author__name", "title").valuesList("title", "author__name", "reviewer__nick"), [
        ["three", "bob", null],
        ["one", "ann", null],
        ["two", "ann", "b"],
      ]);
      equal(await f.Post.orderBy("id").values("title", { by: "author__profile__bio" }, "author__pk"), [
        { title: "one", by: "x", author__pk: 1 },
        { title: "two", by: "x", author__pk: 1 },
        { title: "three", by: null, author__pk: 2 },
      ]);
      equal(await f.User.orderBy("name", "posts__title").valuesList("name", "posts__title"), [
        ["ann", "one"],
        ["ann", "two"],
        ["bob", "three"],
        ["cy", null],
      ]);
      equal(
        [await f.User.orderBy("posts__title").count(), await f.User.filter({ posts__score__gt: 0 }).count()],
        [4, 2],
      );
      equal(await titles(f.Post.filter({ author__nick: null, title__gt: F("author__name") })), ["one", "two"]);
      equal(await f.Post.filter({ reviewer__isnull: false }).update({ score: F("reviewer__mark").plus(40) }), 1);
      equal((await f.Post.get({ title: "two" })).score, 40);
      await fails(() => f.Post.orderBy("author"), FieldError);
      await fails(() => f.Post.all().values("labels"), FieldError);
      await fails(() => f.User.all().update({ mark: F("posts__score") }), FieldError, { code: "to_many" });
    },
  },
  {
    name: "update and delete go across relations, the table itself included",
    run: async (t) => {
      const f = await family(t);
      const { bob, cy } = await people(f);
      equal(await f.Post.filter({ author__name: "ann" }).update({ reviewer: cy }), 2);
      equal(await f.Post.filter({ comments__text: "c3" }).update({ title: "commented", authorId: bob.id }), 1);
      equal(await titles(bob.posts), ["commented", "three"]);
      equal(await f.User.filter({ posts__reviewer__name: "cy" }).update({ mark: 5 }), 2);
      equal(await f.Post.filter({ author__in: f.User.filter({ posts__title: "three" }) }).update({ score: 50 }), 2);
      equal(await f.Post.filter({ pk__in: f.Post.filter({ score: 50 }) }).update({ score: 51 }), 2);
      equal(await f.Post.all().orderBy("-author__name", "id").limit(1).update({ score: 52 }), 1);
      equal(await f.Comment.filter({ post__author__name: "bob" }).delete(), 3);
      equal(await f.Post.exclude({ labels__slug: "red" }).delete(), 1);
      equal(await f.Post.filter({ author__posts__comments__isnull: false }).delete(), 1);
      equal(await titles(f.Post.all()), ["commented"]);
      await f.Post.all().update({ reviewer: null });
      equal(await f.Post.filter({ reviewer: null }).count(), 1);
      await fails(() => f.Post.all().update({ labels: [] }), FieldError);
      await fails(() => f.Post.all().update({ author: bob, authorId: 1 }), ParamsError);
      await fails(() => f.Post.all().update({ author__name: "x" }), FieldError);
    },
  },
  {
    name: "the database does with related rows what onDelete says",
    run: async (t) => {
      equal(await fate(t, "cascade"), "gone");
      equal(await fate(t, "restrict"), "refused");
      equal(await fate(t, "setNull"), null);
      equal(await fate(t, "noAction"), "refused");
      const f = await family(t);
      const { one } = await people(f);
      await f.User.filter({ name: "ann" }).delete();
      equal([await f.Post.count(), await f.Comment.count(), await f.Profile.count()], [1, 0, 0]);
      equal(await f.Label.filter({ posts: one.pk }).count(), 0);
    },
  },
  {
    name: "a delete tells how many rows it matched, also where some of them go with others",
    run: async (t) => {
      const f = await family(t);
      const grow = async (): Promise<void> => {
        const root = await f.Node.create({ name: "root" });
        for (const name of ["a", "b"]) {
          const parent = await f.Node.create({ name, parent: root });
          for (const kid of ["x", "y"]) await f.Node.create({ name: kid, parent });
        }
      };
      await grow();
      equal(await f.Node.filter({ name: "none" }).delete(), 0);
      equal(await f.Node.all().delete(), 7);
      await grow();
      equal(await f.Node.filter({ name__in: ["a", "root", "x"] }).delete(), 4);
      equal(await f.Node.all().count(), 0);
      await grow();
      equal(await f.Node.filter({ parent__name: "root" }).delete(), 2);
      equal(await f.Node.all().count(), 1);
      await f.Node.all().delete();
      await grow();
      equal(await f.Node.all().orderBy("name").limit(3).delete(), 3);
      equal(await f.Node.all().count(), 0);
    },
  },
  {
    name: "the database gives related rows the default that onDelete asks for",
    needs: ["setDefault"],
    run: async (t) => equal(await fate(t, "setDefault"), 1),
  },
  {
    name: "every call of a relation takes a transaction",
    needs,
    run: async (t) => {
      const f = await family(t);
      const { ann, one, two } = await people(f);
      const mine = new Error("mine");
      await fails(
        () =>
          inTransaction(async (tx) => {
            await ann.posts.usingDb(tx).create({ title: "a" });
            await ann.posts.create({ title: "b" }, { usingDb: tx });
            await ann.posts.getOrCreate({ title: "c" }, {}, { usingDb: tx });
            await ann.posts.updateOrCreate({ title: "c" }, { score: 3 }, { usingDb: tx });
            await ann.posts.bulkCreate([new f.Post({ title: "d" })], { usingDb: tx });
            await two.labels.usingDb(tx).add("blue");
            await one.labels.usingDb(tx).remove("red");
            await two.labels.create({ slug: "made" }, { usingDb: tx });
            equal(await titles(ann.posts.usingDb(tx)), ["a", "b", "c", "d", "one", "two"]);
            equal(await slugs(two.labels.usingDb(tx)), ["blue", "made", "red"]);
            equal(await slugs(one.labels.all().usingDb(tx)), ["blue"]);
            const again = (await f.User.usingDb(tx).get({ pk: ann.pk }).prefetchRelated("posts__labels")) as Relative;
            equal(again.posts.length, 6);
            const list = await f.User.fetchForList([await f.User.usingDb(tx).get({ pk: ann.pk })], "posts", {
              usingDb: tx,
            });
            equal(list[0]!.posts.length, 6);
            throw mine;
          }),
        Error,
        { message: /^mine$/ },
      );
      equal(
        [await titles(ann.posts), await slugs(two.labels), await slugs(one.labels)],
        [["one", "two"], ["red"], ["blue", "red"]],
      );
    },
  },
  {
    name: "delete takes the rows that matched, though what goes with them changes what is asked of others",
    run: async (t) => {
      const f = await family(t);
      const [ann, bob] = [await f.User.create({ name: "ann" }), await f.User.create({ name: "bob" })];
      await f.User.create({ name: "cy" });
      await f.Post.create({ author: ann, reviewer: bob, title: "one" });
      equal(await f.User.filter({ reviews__isnull: true }).delete(), 2);
      equal(await f.User.all().valuesList("name", { flat: true }), ["bob"]);
    },
  },
];
