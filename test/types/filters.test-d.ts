// What a filter may say.
import { F, omitUndefined, Q, type QOf } from "./support.js";
import {
  Country,
  Item,
  Level,
  Order,
  OrderStatus,
  same,
  Session,
  Tag,
  tag,
  Timestamped,
  User,
  user,
} from "./models.js";

async function filtering() {
  User.filter({
    id: 3,
    pk: 3,
    pk__in: [1, 2n],
    pk__gt: 3,
    username: "a",
    username__icontains: "b",
    username__not: "c",
    username__in: ["a"],
  });
  User.filter({
    age__range: [1, 2],
    nick: null,
    nick__isnull: true,
    nick__not: null,
    nick__in: ["a", null],
    rank__not_isnull: false,
  });
  User.filter({
    size: "s",
    size__in: ["s", "m"],
    level: Level.Low,
    level__gt: 1,
    isActive: true,
    isActive__not: false,
  });
  User.filter({
    username__startswith: "a",
    username__iendswith: "z",
    username__iexact: "q",
    bio__posix_regex: "^x",
    bio__search: "y",
  });
  User.filter({
    settings: { theme: "x", tags: [] },
    settings__contains: { theme: "x" },
    settings__filter: { theme: "x" },
    settings__has_key: "theme",
  });
  Order.filter({
    createdAt__year: 2024,
    createdAt__quarter: 2,
    createdAt__week: 3,
    createdAt__date: "2024-01-01",
    createdAt__hour: 3,
    createdAt__microsecond: 5,
  });
  Order.filter({
    createdAt: "2024-01-01T00:00:00Z",
    createdAt__gte: new Date(),
    createdAt__range: [new Date(), "2024-01-01"],
    day: new Date(),
    day__month: 3,
  });
  Order.filter({
    at__hour: 3,
    at: "10:00",
    took__gt: 1000,
    file: new Uint8Array(),
    place: new Uint8Array(),
    ratio__lt: 0.5,
    serial: 3n,
    serial__in: [1, 2n],
    exactly__gt: "2024-01-01",
  });
  Order.filter({
    status: "paid",
    status__in: [OrderStatus.Paid, "pending"],
    total__gte: 3,
    total: "3.50",
    weight: 1.5,
    extra: { any: 1 },
  });
  Session.filter({ pk: "x", token__in: ["a"] });
  Country.filter({ pk__gte: 3 });
  Tag.filter({ id: 3, pk: 3, id__in: [1] });
  User.filter({
    id__in: User.filter({ age__gt: 3 }).valuesList("id", { flat: true }),
    nick__in: Tag.all().valuesList("name", { flat: true }),
  });
  User.filter({ username__in: User.all().valuesList("nick", { flat: true }) });

  const maybe: { email?: string } = {};
  User.filter(maybe);
  User.filter({ nick: null, ...(user.age ? { age: 3 } : {}) });
  User.filter(omitUndefined({ age: 3 as number | undefined, email: "x" }));
  User.filter({});
  User.filter({ age: 3 }, { username: "a", email: "b" });
  User.filter(Q({ age: 3 }), Q({ nick: null }), { email: "x" });

  // @ts-expect-error unknown field
  User.filter({ usernam: "x" });
  // @ts-expect-error unknown field in the second object
  User.filter({ age: 3 }, { usernam: "x" });
  // @ts-expect-error unknown lookup
  User.filter({ age__icontains: "x" });
  // @ts-expect-error undefined
  User.filter({ email: undefined });
  // @ts-expect-error may be undefined
  User.filter({ email: (user as User | undefined)?.email });
  // @ts-expect-error undefined is no document either
  Order.filter({ extra: undefined });
  // @ts-expect-error undefined in a list
  User.filter({ email__in: ["a", undefined] });
  // @ts-expect-error omitUndefined does not change the type
  User.filter(omitUndefined({ age: "x" as string | undefined }));
  // @ts-expect-error null in a field that is not nullable
  User.filter({ email: null });
  // @ts-expect-error comparing with null
  User.filter({ nick__gt: null });
  // @ts-expect-error not a size
  User.filter({ size: "xl" });
  // @ts-expect-error not a size
  User.filter({ size__in: ["s", "xl"] });
  // @ts-expect-error not a level
  User.filter({ level: 7 });
  // @ts-expect-error boolean
  User.filter({ nick__isnull: "x" });
  // @ts-expect-error one bound
  User.filter({ age__range: [1] });
  // @ts-expect-error wrong type of key
  Order.filter({ pk: "x" });
  // @ts-expect-error wrong type of key in a list
  Order.filter({ pk__in: ["x"] });
  // @ts-expect-error an implicit key is a number
  Tag.filter({ id: "x" });
  // @ts-expect-error a document has no order
  User.filter({ settings__gt: 3 });
  // @ts-expect-error a method is not a field
  User.filter({ greeting: "x" });
  // @ts-expect-error a getter is not a field
  User.filter({ isAdult: true });
  // @ts-expect-error nor a way to one
  User.filter({ greeting__x: "x" });
  // @ts-expect-error lookup after lookup
  User.filter({ age__gt__gt: 3 });
  // @ts-expect-error a day has no hour
  Order.filter({ day__hour: 3 });
  // @ts-expect-error rows are not values
  User.filter({ id__in: User.all() });
  // @ts-expect-error values of another type
  User.filter({ id__in: User.all().valuesList("username", { flat: true }) });
  // @ts-expect-error a filter needs something to say
  User.filter();
  // @ts-expect-error a string is no filter
  User.filter("username");
}

async function rows() {
  same<User, Awaited<ReturnType<typeof one>>>();
  async function one() {
    return await User.get({ id: 3 });
  }
  const n = await User.getOrNone({ id: 3 });
  same<typeof n, User | null>();
  const f = await User.filter({ age: 3 }).first();
  same<typeof f, User | null>();
  const l = await User.all().latest("age", "pk");
  same<typeof l, User | null>();
  const a = await User.all()
    .filter({ age: 3 })
    .exclude({ nick: null })
    .reverse()
    .distinct()
    .limit(3)
    .offset(2)
    .slice(1, 2)
    .run();
  same<typeof a, User[]>();
  const s = await User.orderBy("-age").limit(3).get();
  same<typeof s, User>();
  const r = await User.raw("select * from users where id > ?", [3]);
  same<typeof r, User[]>();
  const c = await User.filter({ age: 3 }).count();
  same<typeof c, number>();
  const e = (await User.exists({ age: 3 })) && (await User.exists()) && (await User.all().exists({ nick: null }));
  same<typeof e, boolean>();
  const m = await User.inBulk([1, 2n]);
  same<typeof m, Map<number, User>>();
  const m2 = await User.inBulk(["a"], "username");
  same<typeof m2, Map<string, User>>();
  const m3 = await Session.all().inBulk(["x"]);
  same<typeof m3, Map<string, Session>>();
  const t: string = User.all().sql();
  const x = await User.filter({ age: 3 }).explain();
  same<typeof x, Record<string, unknown>[]>();
  for await (const u of User.all()) u.greeting();
  const p = await User.all().usingDb("other").none();
  same<typeof p, User[]>();
  await User.usingDb("other").get({ id: 3 });
  const first = await Promise.all([User.get({ id: 1 }), Tag.all()]);
  same<typeof first, [User, Tag[]]>();
  const adults = await User.adults.filter({ username: "x" }).orderBy("age");
  same<typeof adults, User[]>();
  // @ts-expect-error may be null
  f.greeting();
  // @ts-expect-error wrong type of key
  User.inBulk(["x"]);
  // @ts-expect-error unknown field
  User.inBulk(["x"], "usernam");
  // @ts-expect-error unknown field
  User.exists({ usernam: "x" });
  // @ts-expect-error a filter is needed for one row
  User.get();
  // @ts-expect-error unknown connection
  User.usingDb(5);
  return t;
}

async function conditions() {
  User.filter(Q({ username: "a", age__gt: 3 }));
  User.filter(Q({}));
  User.filter(Q.or(Q({ username: "a" }), Q({ age__gt: 3 }), Q.not(Q({ nick: null }))));
  User.filter({ age: 3 }, Q.or(Q({ username: "a" }), Q({ email: "b" })));
  User.all().exclude(Q.or(Q({ username: "a" }), Q.and(Q({ age: 3 }), Q({ nick__isnull: true }))));
  let q = User.q({ isActive: true });
  q = q
    .and(User.q({ age__gt: 3 }))
    .or(Q({ username: "x" }))
    .not();
  await User.filter(q).first();
  await User.get(q);
  await User.all().filter({ age: 3 }, q);
  await User.getOrNone({ age: 3 }, q);
  const parts: QOf<User>[] = [q, User.q({ age: 1 })];
  User.filter(Q.or(...parts));
  // @ts-expect-error unknown name
  User.filter(Q({ usernam: "a" }));
  // @ts-expect-error unknown name, further in
  User.filter(Q.or(Q({ username: "a" }), Q({ agee: 3 })));
  // @ts-expect-error wrong type
  User.filter(Q.not(Q({ age: "x" })));
  // @ts-expect-error undefined
  User.filter(Q({ age: undefined }));
  // @ts-expect-error unknown name
  User.q({ agee: 3 });
  // @ts-expect-error another model's Q
  Order.filter(q);
  // @ts-expect-error Q on its own does not know its model
  const free = Q({ username: "a" });
  const recent = Timestamped.q({ createdAt__gte: new Date() });
  Order.filter(recent);
  // @ts-expect-error a Tag has no createdAt
  Tag.filter(recent);
  return free;
}

async function expressions() {
  Order.filter({ paid__lt: F("quantity") });
  Order.filter({ paid__lt: F("quantity").plus(1).times(F("discount")), total__gt: F("total") });
  User.filter(Q({ age__gt: F("rank").minus(2) }));
  Item.filter({ price: F("price").pow(2).mod(3).dividedBy("2.5") });
  // @ts-expect-error the path in F is wrong
  Order.filter({ paid__lt: F("quantiti") });
  // @ts-expect-error the path in the second F is wrong
  Order.filter({ paid__lt: F("quantity").plus(F("discont")) });
  // @ts-expect-error text is not a number
  User.filter({ age__gt: F("username").plus(1) });
  // @ts-expect-error an instant is not a number
  Order.filter({ paid: F("createdAt").plus(1) });
  // @ts-expect-error only numbers are added
  F("age").plus("x");
}
export const used = [filtering, rows, conditions, expressions, tag];
