import { describe, expect, it } from "vitest";
import { fields, Manager, Model } from "terrapin";
import { tablesForEach } from "../../support/tables.js";

class Dated extends Model.define(
  { title: fields.text(), hidden: fields.boolean({ default: false }) },
  { abstract: true },
) {
  static shown = new Manager<Dated>((all) => all.filter({ hidden: false }));
}
class Page extends Dated.define({}) {
  static long = new Manager<Page>((all) => all.filter({ title__startswith: "long" }));
}
class Draft extends Dated.define({}, { manager: new Manager<Dated>((all) => all.exclude({ title: "" })) }) {}

tablesForEach({ Page, Draft });

describe("a manager", () => {
  it("starts the queries of the model it stands on, its own and inherited", async () => {
    await Page.bulkCreate([
      new Page({ title: "long a" }),
      new Page({ title: "long b", hidden: true }),
      new Page({ title: "c" }),
    ]);
    await Draft.create({ title: "d" });
    expect(await Page.shown.orderBy("title").valuesList("title", { flat: true })).toEqual(["c", "long a"]);
    expect(await Page.long.filter({ hidden: false }).count()).toBe(1);
    expect(await Draft.shown.valuesList("title", { flat: true })).toEqual(["d"]);
  });

  it("from the options narrows every query of the class", async () => {
    await Draft.bulkCreate([new Draft({ title: "" }), new Draft({ title: "x" })]);
    expect(await Draft.all().count()).toBe(1);
    expect(await Draft.filter({ hidden: false }).valuesList("title", { flat: true })).toEqual(["x"]);
    expect(await Draft.getOrNone({ title: "" })).toBeNull();
  });

  it("says what it is made of, where a class of its own or something else would be ignored", () => {
    const loose = Manager as unknown as new (given?: unknown) => object;
    class Shown extends loose {
      getQuerySet(): unknown {
        return Page.filter({ hidden: false });
      }
    }
    for (const make of [() => new Shown(), () => new loose({ hidden: false }), () => new loose("shown")])
      expect(make).toThrow(/a manager is made of a function that narrows a query \(new Manager\(\(all\) =>/);
  });

  it("says that its model is not registered yet", () => {
    expect(() => new Manager().getQuerySet()).toThrow(/before its model was registered/);
  });
});
