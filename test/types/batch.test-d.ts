import { GuardError, type IntegrityKind } from "../../core/base/errors.js";
import { batch, F, guard } from "./support.js";
import { same, User } from "./models.js";

const user = new User({ username: "a", email: "a@b" });

export async function tuples(): Promise<void> {
  const [made, saved, count, held, all, one, none, names, rows, pair, updated] = await batch([
    User.create({ username: "a", email: "a@b" }),
    user.save(),
    User.all().count(),
    guard.affected(1),
    User.filter({ age__gt: 3 }),
    User.get({ id: 1 }),
    User.getOrNone({ id: 1 }),
    User.all().valuesList("username", { flat: true }),
    User.all().values("id", "nick"),
    User.getOrCreate({ username: "a" }, { email: "x@y" }),
    User.filter({ id: 1 }).update({ age: F("age").plus(1) }),
  ]);
  same<typeof made, User>();
  same<typeof saved, void>();
  same<typeof count, number>();
  same<typeof held, true>();
  same<typeof all, User[]>();
  same<typeof one, User>();
  same<typeof none, User | null>();
  same<typeof names, string[]>();
  same<typeof rows, { id: number; nick: string | null }[]>();
  same<typeof pair, [User, boolean]>();
  same<typeof updated, number>();

  const list = await batch([1, 2].map((id) => User.filter({ id }).exists()));
  same<typeof list, boolean[]>();
  const nothing = await batch([], { usingDb: "default" });
  same<typeof nothing, []>();
}

export function guards(): void {
  guard.exists(User.filter({ age: 1 }), { name: "somebody" });
  guard.absent(User.get({ id: 1 }));
  // @ts-expect-error: a guard asks about a query set
  guard.exists(User);
  // @ts-expect-error: a number of rows
  guard.affected("1");
  // @ts-expect-error: a name is text
  guard.affected(1, { name: 1 });
  const error = new GuardError("x", { guard: "somebody" });
  same<typeof error.guard, string | null>();
  same<typeof error.kind, IntegrityKind>();
}

export function refused(): void {
  // @ts-expect-error: a promise is under way, and a batch takes what nobody has begun
  void batch([User.all().run()]).run();
  // @ts-expect-error: no such thing goes into a batch
  void batch([1]).run();
  // @ts-expect-error: an option that there is not
  void batch([User.all()], { connection: "default" }).run();
  void batch([User.all()], { retry: 3, signal: new AbortController().signal }).run();
  void batch([User.all()], { retry: { times: 3, delay: 5 } }).run();
  // @ts-expect-error: how often, as a number
  void batch([User.all()], { retry: "3" }).run();
}
