import { describe, expect, it } from "vitest";
import { fields, GuardError, init, inTransaction, Model } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { tablesForEach } from "../../support/tables.js";

class Account extends Model.define(
  {
    id: fields.int({ primaryKey: true }),
    owner: fields.text(),
    balance: fields.int({ default: 0 }),
    version: fields.int({ default: 1, column: "row_version" }),
  },
  { version: "version" },
) {}

tablesForEach({ Account });

describe("a model with a version", () => {
  it("counts the saves of each row", async () => {
    const account = await Account.create({ owner: "ann" });
    expect(account.version).toBe(1);
    account.balance = 5;
    await account.save();
    account.balance = 6;
    await account.save({ updateFields: ["balance"] });
    expect(account.version).toBe(3);
    expect(await Account.get({ id: account.id })).toEqual(account);
  });

  it("refuses to write over what somebody else has saved, and leaves the row and the object as they were", async () => {
    const { id } = await Account.create({ owner: "ann" });
    const [mine, theirs] = [await Account.get({ id }), await Account.get({ id })];
    theirs.balance = 10;
    await theirs.save();
    mine.balance = 7;
    const error = await mine
      .save()
      .run()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GuardError);
    expect(error).toMatchObject({ code: "stale", kind: "guard" });
    expect(await Account.get({ id })).toMatchObject({ balance: 10, version: 2 });
    expect(mine).toMatchObject({ balance: 7, version: 1 });
    await mine.refreshFromDb();
    mine.balance += 1;
    await mine.save();
    expect(await Account.get({ id })).toMatchObject({ balance: 11, version: 3 });
  });

  it("tells of a row that is gone in the same way", async () => {
    const account = await Account.create({ owner: "ann" });
    await Account.filter({ id: account.id }).delete();
    account.balance = 1;
    await expect(account.save()).rejects.toMatchObject({ code: "stale" });
  });

  it("does not count a save that changes nothing, and takes no version from outside", async () => {
    const account = await Account.create({ owner: "ann" });
    await account.save();
    expect(account.version).toBe(1);
    account.version = 9;
    account.balance = 2;
    await account.save();
    expect(account.version).toBe(2);
  });

  it("gives the object its version back when the transaction is rolled back", async () => {
    const account = await Account.create({ owner: "ann" });
    await inTransaction(async () => {
      account.balance = 3;
      await account.save();
      throw new Error("no");
    }).catch(() => undefined);
    account.balance = 4;
    await account.save();
    expect(await Account.get({ id: account.id })).toMatchObject({ balance: 4, version: 2 });
  });

  it("needs the version of a row that was loaded in part", async () => {
    await Account.create({ owner: "ann" });
    const part = await Account.all().only("balance").first();
    (part as unknown as Account).balance = 1;
    await expect((part as unknown as Account).save({ updateFields: ["balance"] })).rejects.toThrow(/version/);
  });
});

describe("a version that cannot count", () => {
  it.each([["missing"], ["owner"], ["plain"]])("is refused when the model is registered: %s", async (version) => {
    class Wrong extends Model.define(
      { id: fields.int({ primaryKey: true }), owner: fields.text(), plain: fields.int() },
      { version: version as "plain" },
    ) {}
    await expect(init({ connections: { default: sqlite(":memory:") }, models: { Wrong } })).rejects.toMatchObject({
      code: "bad_version",
    });
  });
});
