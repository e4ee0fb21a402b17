// What tests are made of, and the scope of a request by handle.
import type { RequestScope } from "../../core/connection/context.js";
import { inTransaction } from "../../core/connection/atomic.js";
import type { Driver } from "../../core/connection/driver.js";
import type { Transaction } from "../../core/connection/transaction.js";
import {
  conformance,
  expectQueries,
  openSandbox,
  sandbox,
  testContext,
  testDatabase,
} from "../../core/testing/index.js";
import type { TerrapinContext } from "../../core/orm.js";
import { same } from "./models.js";
import { Order, User } from "./related-models.js";

declare const driver: Driver;
declare const open: (name: string) => Driver;
declare const orm: TerrapinContext;

export async function sandboxes() {
  const answer = await sandbox(async (tx) => {
    same<typeof tx, Transaction>();
    return 5;
  });
  same<typeof answer, number>();
  const users = await sandbox(() => User.all(), { connections: ["default"] });
  same<typeof users, User[]>();
  const box = await openSandbox();
  same<(typeof box.transactions)[number], Transaction>();
  await expectQueries(1, () => sandbox(() => User.count()));
  // @ts-expect-error a list of names
  await sandbox(() => 5, { connections: "default" });
  // @ts-expect-error an option that there is not
  await openSandbox({ connection: "default" });
}

export async function databases() {
  await using db = await testDatabase({ connections: { default: open, copy: driver, log: "sqlite://:memory:" } });
  same<typeof db.orm, TerrapinContext>();
  same<typeof db.name, string>();
  await testContext({ dbUrl: "sqlite://test-{}.db", modules: {}, prepare: (made) => made.generateSchemas() });
  // @ts-expect-error a function makes a driver
  await testDatabase({ connections: { default: (name: string) => name } });
  // @ts-expect-error what testing means is not asked
  await testDatabase({ connections: { default: driver }, testing: true });
}

export function suites() {
  const [group] = conformance(() => driver, { lacks: { stream: "the proxy buffers" } });
  same<ReturnType<NonNullable<typeof group>["cases"][number]["run"]>, Promise<string | null>>();
  // @ts-expect-error a capability that there is not
  conformance(() => driver, { lacks: { streams: "x" } });
}

export async function scopes(user: User) {
  const scope = orm.scope();
  same<typeof scope, RequestScope>();
  const all = await scope.use(User).filter({ age__gt: 3 }).usingDb(scope);
  same<typeof all, User[]>();
  await user.save({ usingDb: scope });
  await scope.use(user.orders).create({ total: 1, quantity: 1 });
  await Order.create({ user, total: 1, quantity: 1 }, { usingDb: scope });
  await inTransaction(async (tx) => tx.use(User).count(), { connection: scope });
  // @ts-expect-error nothing that could be moved
  scope.use(5);
  // @ts-expect-error no scope
  User.usingDb({ use: 5 });
}
