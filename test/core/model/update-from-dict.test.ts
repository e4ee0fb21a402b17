import { FieldError, ParamsError, Terrapin } from "terrapin";
import { anew } from "../../support/anew.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loose } from "../../support/loose.js";
import { Article, models, Order, User } from "../../support/seed-models.js";

describe("updateFromDict and relations", () => {
  beforeAll(async () => {
    await Terrapin.init({ connections: { default: await anew() }, models });
    await Terrapin.generateSchemas();
  });
  afterAll(() => Terrapin.closeConnections());

  const user = (name: string): PromiseLike<User> => User.create({ username: name, email: name });

  it.each([
    ["the other end of a foreign key", async () => [await user("a"), { firstName: "x", orders: [] }] as const],
    [
      "the other end of a one-to-one relation",
      async () => [await user("b"), { firstName: "x", profile: null }] as const,
    ],
    [
      "a many-to-many relation",
      async () =>
        [await Article.create({ title: "", content: "", author: await user("c") }), { title: "x", tags: [] }] as const,
    ],
  ])("refuses %s, and changes nothing", async (_, make) => {
    const [object, values] = await make();
    const before = { ...object };
    expect(() => loose(object).updateFromDict(values)).toThrow(ParamsError);
    expect(() => loose(object).updateFromDict(values)).toThrow(/cannot be assigned/);
    expect({ ...object }).toEqual(before);
  });

  it("assigns a foreign key, and not when another value is refused", async () => {
    const [ann, bob] = [await user("ann"), await user("bob")];
    const order = await Order.create({ orderNumber: "1", user: ann, totalAmount: 1 });
    expect(() => order.updateFromDict(loose({ user: bob, totalAmount: null }))).toThrow(FieldError);
    expect(() => order.updateFromDict(loose({ user: null }))).toThrow(/user is non nullable field/);
    expect(order.userId).toBe(ann.id);
    order.updateFromDict({ user: bob, totalAmount: "2.00" });
    expect([order.userId, order.totalAmount]).toEqual([bob.id, "2.00"]);
  });
});
