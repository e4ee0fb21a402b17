import { Terrapin, type TerrapinError } from "terrapin";
import { anew } from "../../support/anew.js";
import { expect } from "vitest";
import { asyncStore, getDefaultContext, setDefaultContext } from "../../../core/connection/context.js";
import { captureQueries } from "../../../core/testing/capture.js";
import { Article, models, Order, Tag, User, UserProfile } from "../../support/seed-models.js";

/** A class of errors; some take more than a message. */
type ErrorClass = abstract new (...given: never[]) => Error;

/** Runs with the models of the guide in a database of its own. */
export async function inWorld(work: () => unknown): Promise<void> {
  const orm = await Terrapin.context({ connections: { default: await anew() }, models });
  try {
    await orm.run(async () => {
      await orm.generateSchemas();
      await work();
    });
  } finally {
    await orm.closeConnections();
  }
}

/** Runs where no context is, and none was made by `init`. */
export async function outside(work: () => Promise<unknown>): Promise<void> {
  const before = getDefaultContext();
  setDefaultContext(null);
  try {
    await asyncStore()!.run({ context: null, transaction: null, outer: null }, work);
  } finally {
    setDefaultContext(before);
  }
}

export const connection = (): ReturnType<typeof Terrapin.getConnection> => Terrapin.getConnection("default");

/** Two users, three orders, an article with two tags. */
export async function people() {
  const alice = await User.create({
    username: "alice",
    email: "alice@example.com",
    firstName: "Alice",
    dateJoined: new Date("2024-12-05T10:00:00Z"),
  });
  const bob = await User.create({
    username: "bob",
    email: "bob@gmail.com",
    firstName: "Bob",
    isStaff: true,
    dateJoined: new Date("2023-03-01T10:00:00Z"),
    lastLogin: new Date("2024-01-01T00:00:00Z"),
  });
  const orders = await Order.bulkCreate([
    new Order({ orderNumber: "N-1", user: alice, totalAmount: "100.00" }),
    new Order({ orderNumber: "N-2", user: alice, totalAmount: "200.50" }),
    new Order({ orderNumber: "N-3", user: bob, totalAmount: "9.50" }),
  ]);
  const profile = await UserProfile.create({ user: bob, bio: "Developer" });
  const [python, web] = await Tag.bulkCreate([new Tag({ name: "Python" }), new Tag({ name: "Web" })]);
  const article = await Article.create({ title: "Guide", content: "…", author: alice });
  await article.tags.add(python!, web!);
  return { alice, bob, orders, profile, python: python!, web: web!, article };
}

/** The usernames, sorted. */
export const names = (users: readonly { username: string }[]): string[] => users.map(({ username }) => username).sort();

/** Fails unless it throws or rejects with that class, and with that code where one is given. */
export async function fails(work: () => unknown, kind: ErrorClass, code?: string): Promise<void> {
  let error: unknown = null;
  try {
    await work();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(kind);
  if (code !== undefined) expect((error as TerrapinError).code).toBe(code);
}

/** How many statements it sends. */
export async function sends(work: () => PromiseLike<unknown>): Promise<number> {
  return (await captureQueries(work)).stats.statements;
}
