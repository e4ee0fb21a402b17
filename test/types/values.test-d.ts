// What is selected, and what can be read of it; functions over any model.
import { Q, type ModelClass, type ModelInstance, type QOf, type QuerySet } from "./support.js";
import { alike, Item, Order, type OrderStatus, same, Tag, User } from "./models.js";

async function values() {
  const a = await Order.all().values("id", { sum: "total", when: "createdAt" }, "discount");
  same<(typeof a)[number], { id: number; sum: string; when: Date; discount: number | null }>();
  const b = await Order.filter({ paid: 3 }).values("pk", "status");
  alike<(typeof b)[number], { pk: number; status: OrderStatus }>();
  const c = await Tag.all().values();
  same<(typeof c)[number], { name: string; id: number }>();
  const d = await Item.values("sku").first();
  same<typeof d, { sku: string } | null>();
  const e = await Order.all().valuesList("id", "status", "note");
  alike<typeof e, [number, OrderStatus, string | null][]>();
  const f = await User.valuesList("username", { flat: true });
  same<typeof f, string[]>();
  const g = await Order.filter({ id: 3 }).first().values("id");
  same<typeof g, { id: number } | null>();
  const h = await Order.get({ id: 3 }).valuesList("id", { flat: true });
  same<typeof h, number>();
  const i = await User.getOrNone({ id: 3 }).valuesList("id", "age");
  same<typeof i, [number, number] | null>();
  const j = await User.all().values("nick").filter({ age: 3 }).distinct();
  same<typeof j, { nick: string | null }[]>();
  // @ts-expect-error unknown
  Order.all().values("id", "totl");
  // @ts-expect-error unknown in a rename
  Order.all().values("id", { sum: "totl" });
  // @ts-expect-error a lookup is not a value
  Order.all().values("total__gt");
  // @ts-expect-error a method is not a value
  User.all().values("greeting");
  // @ts-expect-error not selected
  a[0]!.total;
  const w = await Tag.all().valuesList();
  same<typeof w, (string | number)[][]>();
  // @ts-expect-error flat takes one
  Order.all().valuesList("id", "total", { flat: true });
  // @ts-expect-error unknown
  Order.all().valuesList("totl", { flat: true });
  // @ts-expect-error unknown
  Order.all().first().values("totl");
  User.all().orderBy("-age", "username", "pk", "-pk");
  User.orderBy("age").orderBy();
  // @ts-expect-error unknown
  User.all().orderBy("-agee");
  // @ts-expect-error not a relation
  User.all().orderBy("age__x");
  // @ts-expect-error unknown
  User.all().latest("agee");
}

async function partly() {
  const rows = await User.all().only("username");
  const row = rows[0]!;
  same<typeof row.username, string>();
  same<typeof row.id, number>();
  same<typeof row.pk, number>();
  row.greeting();
  row.save({ updateFields: ["username"] });
  row.refreshFromDb();
  const one = await User.get({ id: 3 }).only("age");
  one.age.toFixed();
  const none = await User.only("age").first();
  none?.age.toFixed();
  // @ts-expect-error left out
  row.email;
  // @ts-expect-error left out
  one.email;
  // @ts-expect-error left out
  none?.email;
  // @ts-expect-error unknown
  User.all().only("usernam");
  // @ts-expect-error a partial row is not a User
  const whole: User = row;
  return whole;
}

/** what was thrown is as unknown as a promise's: nothing has to be said before it is looked at */
async function caught() {
  const a = await User.all().catch((error) => String(error.code));
  same<typeof a, User[] | string>();
  const b = await User.get({ id: 1 }).then(
    (user) => user.username,
    (error) => error.message.length as number,
  );
  same<typeof b, string | number>();
  await User.all()
    .update({ age: 3 })
    .catch((error: Error) => error.message);
}

/** over any model */
async function page<I extends ModelInstance>(model: ModelClass<I>, size: number, where: QOf<I>) {
  return model.filter(where).limit(size);
}
async function pageOf<M extends ModelClass>(model: M, size: number): Promise<InstanceType<M>[]> {
  return (await model.all().limit(size)) as InstanceType<M>[];
}
async function names<I extends ModelInstance & { name: string }>(model: ModelClass<I>) {
  return (await model.all()).map((one) => one.name);
}
async function paged<I, Row>(query: QuerySet<I, Row>, size: number) {
  return query.limit(size);
}
async function generic() {
  const rows = await page(User, 2, User.q({ age__gt: 3 }));
  same<typeof rows, User[]>();
  const more = await pageOf(Order, 3);
  same<typeof more, Order[]>();
  const tags = await names(Tag);
  same<typeof tags, string[]>();
  const ids = await paged(User.all().values("id"), 3);
  same<typeof ids, { id: number }[]>();
  // @ts-expect-error the Q of another model
  page(Order, 2, User.q({ age: 3 }));
  // @ts-expect-error a User has no name
  names(User);
  // @ts-expect-error wrong name where the model is known
  page(User, 2, Q({ agee: 3 }));
}
export const used = [values, partly, generic];
