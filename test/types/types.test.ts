import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Editor } from "./editor.js";
import { manyAnnotatedModels, manyModels, manyRelatedModels } from "./many-models.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const strict = [
  "--strict",
  "--target",
  "es2022",
  "--lib",
  "es2023",
  "--module",
  "nodenext",
  "--noUncheckedIndexedAccess",
  "--types",
  "",
];

/** Runs the compiler without a tsconfig, single-threaded so that its counts are the same each time. */
function tsc(cwd: string, ...args: string[]): Promise<string> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [compiler, "--ignoreConfig", "--singleThreaded", "--pretty", "false", ...strict, ...args],
      { cwd },
      (_error, out) => resolve(out),
    );
  });
}

// A user's project: the declarations of the package in node_modules, reachable by its one entry only.
let project = "";
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "terrapin-types-"));
  const shipped = join(project, "node_modules/terrapin");
  await mkdir(shipped, { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(
    join(shipped, "package.json"),
    JSON.stringify({ name: "terrapin", type: "module", exports: { ".": { types: "./test/types/support.d.ts" } } }),
  );
  expect(
    await tsc(
      root,
      "test/types/support.ts",
      "--declaration",
      "--emitDeclarationOnly",
      "--rootDir",
      root,
      "--outDir",
      shipped,
    ),
  ).toBe("");
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

async function compile(source: string, ...args: string[]): Promise<string> {
  await writeFile(join(project, "main.ts"), source);
  return tsc(project, "main.ts", "--skipLibCheck", ...args);
}

const MODELS = `import { F, fields, Model, Q } from "terrapin";
class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }), email: fields.text(), age: fields.int({ default: 0 }), nick: fields.text({ null: true }),
}) {}
class Tag extends Model.define({ label: fields.text() }) {}
declare const show: never[];
`;

const RELATED = `import { F, fields, Model, Prefetch, type ManyToManyRelation, type ReverseOneToOne, type ReverseRelation } from "terrapin";
class User extends Model.define({ name: fields.char({ maxLength: 50 }), age: fields.int({ default: 0 }) }) { declare orders: ReverseRelation<Order>; declare profile: ReverseOneToOne<Profile>; }
class Profile extends Model.define({ user: fields.oneToOne<User>("User", { relatedName: "profile" }), visits: fields.int() }) {}
class Order extends Model.define({
  user: fields.foreignKey<User>("User", { relatedName: "orders" }), reviewer: fields.foreignKey<User>("User", { relatedName: false, null: true }), total: fields.int(), tags: fields.manyToMany<Tag>("Tag"),
}) { declare items: ReverseRelation<Item>; }
class Item extends Model.define({ order: fields.foreignKey<Order>("Order", { relatedName: "items" }), price: fields.int() }) {}
class Tag extends Model.define({ label: fields.text() }) { declare orders: ManyToManyRelation<Order>; }
declare const user: User;
declare const order: Order;
declare const tag: Tag;
`;

describe("what compiles and what must not", () => {
  for (const exact of ["true", "false"]) {
    test(`every statement is right and every mistake is one, with exactOptionalPropertyTypes ${exact}`, async () => {
      const files = (await readdir(join(root, "test/types")))
        .filter((name) => name.endsWith(".test-d.ts"))
        .map((name) => `test/types/${name}`);
      expect(files.length).toBeGreaterThan(3);
      expect(
        await tsc(
          root,
          ...files,
          "--noEmit",
          "--verbatimModuleSyntax",
          "--lib",
          "es2023,es2024.string,esnext.disposable",
          "--types",
          "node",
          "--exactOptionalPropertyTypes",
          exact,
        ),
      ).toBe("");
    }, 60_000);
  }

  test("the types need nothing but themselves, and have no run time", async () => {
    const files = (await readdir(join(root, "core/types"))).map((name) => `core/types/${name}`);
    expect(
      await tsc(
        root,
        ...files,
        "--noEmit",
        "--verbatimModuleSyntax",
        "--isolatedDeclarations",
        "--declaration",
        "--erasableSyntaxOnly",
      ),
    ).toBe("");
    for (const file of files) {
      expect(await readFile(join(root, file), "utf8")).not.toMatch(
        /^(?:export )?(?:const|let|var|function|class|enum)\b|^import (?!type)/m,
      );
    }
  }, 60_000);
});

type Mistakes = readonly (readonly [what: string, code: string, sentence: string])[];

describe("a mistake is answered with a sentence", () => {
  const mistakes: Mistakes = [
    ["an unknown field", `User.filter({ nam: "x" });`, "'nam' is not a field"],
    ["an unknown field in a Q", `User.filter(Q.or(Q({ agee: 3 })));`, "'agee' is not a field"],
    ["an unknown lookup", `User.filter({ age__icontains: "x" });`, "'icontains' is not a lookup of 'age'"],
    ["a name that leads nowhere", `User.all().orderBy("age__x");`, "'age' is not a relation"],
    ["a wrong value", `User.filter({ age: "x" });`, "Type 'string' is not assignable to type 'number'"],
    [
      "undefined in a filter",
      `User.filter({ name: undefined });`,
      "Type 'undefined' is not assignable to type 'string'",
    ],
    [
      "undefined in a new row",
      `User.create({ name: "x", email: undefined });`,
      "Type 'undefined' is not assignable to type 'string'",
    ],
    ["null where none can be", `User.all().update({ name: null });`, "Type 'null' is not assignable to type 'string'"],
    [
      "a required value left out",
      `User.create({ name: "x" });`,
      "Property 'email' is missing in type '{ name: string; }' but required in type 'NeededBy<User>'",
    ],
    ["a new value that is none", `User.create({ name: "x", email: "y", ag: 3 });`, "'ag' is not a field"],
    [
      "a field left out by only",
      `async () => (await User.get({ id: 1 }).only("name")).email;`,
      `Property 'email' does not exist on type 'Only<User, "name">'`,
    ],
    ["an unknown name in orderBy", `User.all().orderBy("-agee");`, "'agee' is not a field"],
    ["an unknown name in values", `User.all().values("id", "nam");`, "'nam' is not a field"],
    ["an unknown name behind another name", `User.all().values({ who: "nam" });`, "'nam' is not a field"],
    ["an unknown name in a flat list", `User.all().valuesList("nam", { flat: true });`, "'nam' is not a field"],
    ["a flat list of two", `User.all().valuesList("id", "name", { flat: true });`, "'flat' takes one name before it"],
    ["an unknown name in only", `User.all().only("nam");`, `"age" | "email" | "id" | "name" | "nick"`],
    ["an unknown path in F", `User.filter({ age__gt: F("agee") });`, "'agee' is not a field"],
    ["arithmetic on text", `User.filter({ age: F("name").plus(1) });`, "'name' is not a number"],
    [
      "an expression that does not fit",
      `User.all().update({ name: F("age") });`,
      "this field cannot hold what the expression gives",
    ],
    ["a Q that no model claims", `Q({ age: 3 });`, "Q alone does not know its model: write User.q({ … })"],
    [
      "a Q of another model",
      `Tag.filter(User.q({ age: 3 }));`,
      "Type 'Q<User>' is not assignable to type 'Q<NoInfer<Tag>>'",
    ],
    ["an option that is none", `fields.int({ default: 0, foo: 1 });`, "'foo' is not an option of this field"],
    [
      "an unknown name in ordering",
      `Model.define({ a: fields.int() }, { ordering: ["b"] });`,
      `Type '"b"' is not assignable to type '"-a" | "-pk" | "a" | "pk"'`,
    ],
    [
      "an option of a model that is none",
      `Model.define({ a: fields.int() }, { tabel: "x" });`,
      "'tabel' does not exist in type",
    ],
  ];
  answered(MODELS, mistakes);
});

describe("a mistake with a relation is answered with a sentence", () => {
  const mistakes: Mistakes = [
    [
      "reading what is not loaded",
      `order.user.name;`,
      "Property 'name' does not exist on type 'NotLoaded<User, User>'",
    ],
    [
      "the length of what is not loaded",
      `user.orders.length;`,
      "Property 'length' does not exist on type 'ReverseRelation<Order>'",
    ],
    ["a row of what is not loaded", `user.orders[0];`, "Property '0' does not exist on type 'ReverseRelation<Order>'"],
    [
      "a loop over what is not loaded",
      `for (const one of user.orders) one;`,
      "Type 'ReverseRelation<Order>' must have a '[Symbol.iterator]()'",
    ],
    ["an object of another model", `order.user = tag;`, "Type 'Tag' is not assignable to type 'ToOneRef<User>'"],
    [
      "a required relation left out",
      `Order.create({ total: 3 });`,
      `Property 'user' is missing in type '{ total: number; }' but required in type 'Reference<"user", "give 'user' or 'userId'">'`,
    ],
    [
      "an object and its key",
      `Order.create({ total: 3, user, userId: 3 });`,
      "'user' and 'userId' are one value: give one of them",
    ],
    [
      "an object and its key in an update",
      `Order.all().update({ user, userId: 3 });`,
      "'user' and 'userId' are one value: give one of them",
    ],
    [
      "many-to-many as a value",
      `Order.create({ total: 3, user, tags: [tag] });`,
      "'tags' is many-to-many: use its add() or set()",
    ],
    [
      "another model in a filter",
      `Order.filter({ user: tag });`,
      "Type 'Tag' is not assignable to type 'number | User'",
    ],
    ["an unknown field behind a relation", `User.filter({ orders__totl: 3 });`, "'totl' is not a field"],
    [
      "an unknown lookup behind a relation",
      `User.filter({ orders__total__icontains: "x" });`,
      "'icontains' is not a lookup of 'total'",
    ],
    ["a path through a column", `User.filter({ age__name: "x" });`, "'name' is not a lookup of 'age'"],
    [
      "another model's query set",
      `Order.filter({ user__in: Tag.all() });`,
      "Type 'QuerySet<Tag, Tag>' is not assignable to type 'readonly (number | User | null)[] | RowsOf<User>'",
    ],
    ["the order of a relation", `Order.all().orderBy("-user");`, "'user' is a relation: name one of its fields"],
    ["the value of a relation", `Order.all().values("user");`, "'user' is a relation: name one of its fields"],
    [
      "the value of a relation behind another",
      `Order.all().values("user__profile");`,
      "'user__profile' is a relation: name one of its fields",
    ],
    ["a value behind no relation", `Order.all().values("usr__name");`, "'usr' is not a relation"],
    ["a path in F", `Order.filter({ total__gt: F("user__agee") });`, "'agee' is not a field"],
    ["joining several", `Order.all().selectRelated("tags");`, "'tags' is to-many: use prefetchRelated"],
    [
      "joining several on the way",
      `Item.all().selectRelated("order__tags__orders");`,
      "'tags' is to-many: use prefetchRelated",
    ],
    ["joining nothing", `Order.all().selectRelated("user", "usr");`, "'usr' is not a relation"],
    ["loading nothing", `User.all().prefetchRelated("orders__itms");`, "'itms' is not a relation"],
    ["loading a column", `User.all().prefetchRelated("name");`, "'name' is not a relation"],
    ["loading nothing later", `user.fetchRelated("ordrs");`, "'ordrs' is not a relation"],
    ["loading nothing for a list", `User.fetchForList([user], "ordrs");`, "'ordrs' is not a relation"],
    [
      "a Prefetch of nothing",
      `User.all().prefetchRelated(Prefetch("ordrs", Order.all()));`,
      "'ordrs' is not a relation",
    ],
    [
      "a Prefetch of another model",
      `User.all().prefetchRelated(Prefetch("orders", Tag.all()));`,
      "the query set is of another model",
    ],
    [
      "a Prefetch of parts",
      `User.all().prefetchRelated(Prefetch("orders", Order.all().only("total")));`,
      "rows that are not whole objects need a toAttr",
    ],
    [
      "many-to-many with another model",
      `order.tags.add(user);`,
      "Argument of type 'User' is not assignable to parameter of type 'number | Tag'",
    ],
    [
      "an option that is none",
      `fields.foreignKey<User>("User", { foo: 1 });`,
      "'foo' does not exist in type 'RelationOptions",
    ],
    [
      "toField without its type",
      `fields.foreignKey<User>("User", { toField: "name" });`,
      `Type '"name"' is not assignable to type '"pk"'`,
    ],
    [
      "what may be null",
      `async () => (await Order.all().selectRelated("reviewer"))[0]!.reviewer.name;`,
      "Object is possibly 'null'",
    ],
    [
      "a relation left out by only",
      `async () => (await Order.all().only("total"))[0]!.user;`,
      `Property 'user' does not exist on type 'Only<Order, "total">'`,
    ],
  ];
  answered(RELATED, mistakes);
});

const COMPUTED = `import { Abs, Case, Coalesce, Concat, Count, F, fields, Length, Lower, Max, Model, OuterRef, Q, RowNumber, Subquery, Sum, Value, When, Window, type ReverseRelation } from "terrapin";
class User extends Model.define({ name: fields.char({ maxLength: 50 }), age: fields.int({ default: 0 }), nick: fields.text({ null: true }) }) { declare orders: ReverseRelation<Order>; }
class Order extends Model.define({
  user: fields.foreignKey<User>("User", { relatedName: "orders" }), total: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }), quantity: fields.int(), status: fields.charEnum(["open", "paid"]), day: fields.date(),
}) {}
const counted = User.all().annotate({ n: Count("orders") });
const grouped = Order.all().groupBy("userId").annotate({ n: Count("id") });
`;

const FACTORIES = `${RELATED.replace("F, fields", "F, factory, fields")}
const users = factory(User, { name: (n) => \`user\${n}\` });
const orders = factory(Order, { user: users, total: 3 });
`;

describe("a mistake with a factory is answered with a sentence", () => {
  const mistakes: Mistakes = [
    [
      "a required value left out",
      `factory(User, {});`,
      "Property 'name' is missing in type '{}' but required in type 'Named<\"name\">'",
    ],
    [
      "a required relation left out",
      `factory(Order, { total: 3 });`,
      `Property 'user' is missing in type '{ total: number; }' but required in type 'Reference<"user", "give 'user' or 'userId'">'`,
    ],
    ["an unknown field", `users.create({ nam: "x" });`, "'nam' is not a field"],
    [
      "an object and its key",
      `orders.create({ user, userId: 3 });`,
      "'user' and 'userId' are one value: give one of them",
    ],
    [
      "one factory for several",
      `users.create({ orders });`,
      "is not assignable to type 'Made<User, FactoryMany<Order>>'",
    ],
  ];
  answered(FACTORIES, mistakes);
});

describe("a mistake with a computed value is answered with a sentence", () => {
  const mistakes: Mistakes = [
    ["an unknown path", `User.all().annotate({ n: Count("ordrs") });`, "'ordrs' is not a field"],
    ["an unknown path, deep", `User.all().annotate({ n: Sum("orders__totl") });`, "'totl' is not a field"],
    ["the sum of a text", `User.all().annotate({ n: Sum("name") });`, "'name' is not a number"],
    ["the sum of a date", `Order.all().aggregate({ n: Sum("day") });`, "'day' is not a number"],
    [
      "the sum of another function",
      `User.all().annotate({ n: Sum(Lower("name")) });`,
      "what stands here is not a number: it is text",
    ],
    [
      "the greatest of relations",
      `User.all().annotate({ n: Max("orders") });`,
      "'orders' is a relation: name one of its fields",
    ],
    ["text of a number", `User.all().annotate({ n: Lower("age") });`, "'age' is not a text"],
    ["the length of a decimal", `Order.all().annotate({ n: Length("total") });`, "'total' is not a text"],
    ["one text after a number", `User.all().annotate({ n: Concat("name", "age") });`, "'age' is not a text"],
    ["arithmetic on text", `User.all().annotate({ n: Abs(F("name")) });`, "'name' is not a number"],
    [
      "two kinds of values",
      `User.all().annotate({ n: Coalesce("nick", Value(3)) });`,
      "these give values of different kinds",
    ],
    [
      "branches of two kinds",
      `User.all().annotate({ n: Case(When({ age: 3 }, "a"), { otherwise: 3 }) });`,
      "these give values of different kinds",
    ],
    [
      "an unknown field in a condition",
      `User.all().annotate({ n: Case(When({ agee: 3 }, 1)) });`,
      "'agee' is not a field",
    ],
    [
      "a wrong value in a condition",
      `Order.all().aggregate({ n: Count("id", { filter: { status: "payed" } }) });`,
      "'status' does not take this value",
    ],
    [
      "an unknown field in a Q inside",
      `Order.all().aggregate({ n: Count("id", { filter: Q({ statuss: "paid" }) }) });`,
      "'statuss' is not a field",
    ],
    [
      "a Q of another model inside",
      `Order.all().aggregate({ n: Count("id", { filter: User.q({ age: 3 }) }) });`,
      "Type '(model: User) => void' is not assignable to type '(model: Order) => void'",
    ],
    [
      "the name of a field",
      `User.all().annotate({ age: Count("orders") });`,
      "'age' cannot be the name of this: choose another",
    ],
    ["a lookup that it does not have", `counted.filter({ n__icontains: "x" });`, "'icontains' is not a lookup of 'n'"],
    ["a wrong value", `counted.filter({ n: "x" });`, "Type 'string' is not assignable to type 'number'"],
    ["an unknown name to order by", `counted.orderBy("-m");`, "'m' is not a field"],
    ["a computed value in an update", `counted.update({ n: 3 });`, "'n' is not a field"],
    ["what is not part of a group", `grouped.values("status");`, "'status' is not part of the group"],
    [
      "what is not part of a group, under another name",
      `grouped.values({ s: "status" });`,
      "'status' is not part of the group",
    ],
    ["an order that is not part of a group", `grouped.orderBy("-status");`, "'status' is not part of the group"],
    [
      "groups as objects",
      `async () => (await grouped).length;`,
      "Property 'length' does not exist on type 'GroupedQuerySet<",
    ],
    ["a subquery of objects", `Subquery(Order.all());`, `select one value: .valuesList(\\"id\\", { flat: true })`],
    [
      "a window function without a window",
      `Order.all().annotate({ n: RowNumber() });`,
      "is missing in type 'WindowCall<",
    ],
    [
      "a window over several",
      `User.all().annotate({ n: Window(RowNumber(), { partitionBy: "orders" }) });`,
      "'orders' is a relation: name one of its fields",
    ],
    [
      "a result that may be null",
      `User.all().update({ name: Lower("nick") });`,
      "this field cannot hold what the expression gives",
    ],
  ];
  answered(COMPUTED, mistakes);
});

describe("what an editor shows of computed values", () => {
  const shown: readonly (readonly [code: string, type: string])[] = [
    [`await counted`, "(User & { n: number; })[]"],
    [`await counted.first()`, "(User & { n: number; }) | null"],
    [`await counted.values("name", "n")`, "{ n: number; name: string; }[]"],
    [
      `await User.all().annotate({ spent: Sum("orders__total"), next: F("age").plus(1) })`,
      "(User & { spent: string | null; next: number; })[]",
    ],
    [`await Order.all().aggregate({ n: Count("id"), sum: Sum("total") })`, "{ n: number; sum: string | null; }"],
    [`await grouped.values("userId", { count: "n" })`, "{ count: number; userId: number; }[]"],
    [`await grouped.valuesList("userId", "n")`, "[number, number][]"],
    [
      `await User.all().annotate({ size: Case(When({ age__gt: 3 }, "big"), { otherwise: "small" }) }).values("size")`,
      '{ size: "big" | "small"; }[]',
    ],
    [
      `await User.all().annotate({ last: Subquery(Order.filter({ user: OuterRef("pk") }).valuesList("quantity", { flat: true })) }).values("last")`,
      "{ last: number | null; }[]",
    ],
    [`counted`, "QuerySet<Annotated<User, { n: WholeResult<never> & Gathers; }>, User & { n: number; }>"],
    [`grouped`, `GroupedQuerySet<Annotated<Order, { n: WholeResult<never> & Gathers; }>, "n" | "userId">`],
    [`Count("orders")`, `Aggregated<"count", "orders", "any", never, unknown>`],
  ];
  test("results are plain types, written out", async () => {
    const out = await compile(
      `${COMPUTED}declare const show: never[];\nasync () => {\n${shown.map(([code]) => `show[0] = ${code};`).join("\n")}\n};`,
      "--noEmit",
    );
    const found = [...out.matchAll(/^main.*Type '(.*)' is not assignable to type '(?:never|undefined)'/gm)];
    expect(found.map((each) => each[1])).toEqual(shown.map(([, type]) => type));
  }, 60_000);
});

/** A test for each mistake: the compiler's answer to its line holds the sentence. */
function answered(models: string, mistakes: Mistakes): void {
  let answers: string[] = [];
  beforeAll(async () => {
    const out = await compile(models + mistakes.map(([, code]) => code).join("\n"), "--noEmit");
    const first = models.split("\n").length;
    answers = mistakes.map(() => "");
    let line = -1;
    for (const text of out.split("\n")) {
      const at = /^main\.ts\((\d+),/.exec(text);
      if (at !== null) line = Number(at[1]) - first;
      if (line >= 0) answers[line] += `${text}\n`;
    }
  }, 60_000);
  for (const [index, [what, , sentence]] of mistakes.entries()) {
    test(what, () => {
      expect(answers[index]).toContain(sentence);
    });
  }
}

describe("what an editor shows", () => {
  const shown: readonly (readonly [code: string, type: string])[] = [
    [`await User.all().values("id", { who: "name" })`, "{ id: number; who: string; }[]"],
    [`await Tag.all().values()`, "{ id: number; label: string; }[]"],
    [`await User.all().valuesList("id", "nick")`, "[number, string | null][]"],
    [`await User.all().valuesList("nick", { flat: true })`, "(string | null)[]"],
    [`await User.all().first()`, "User | null"],
    [`await User.all().only("name")`, `Only<User, "name">[]`],
    [`await User.getOrCreate({ name: "x", email: "y" })`, "[object: User, created: boolean]"],
    [`User.filter({ age: 3 })`, "QuerySet<User, User>"],
    [`User.filter({ age: 3 }).count()`, "Awaitable<number>"],
    [`(await User.get({ id: 3 })).id`, "number"],
    [`(await Tag.get({ id: 3 })).pk`, "number"],
  ];
  test("results are plain types, written out", async () => {
    const out = await compile(
      `${MODELS}async () => {\n${shown.map(([code]) => `show[0] = ${code};`).join("\n")}\n};`,
      "--noEmit",
    );
    expect(
      [
        ...out.matchAll(
          /Type '(.*)' is not assignable to type 'undefined'|^main.*Type '(.*)' is not assignable to type 'never'/gm,
        ),
      ].map((found) => found[2]),
    ).toEqual(shown.map(([, type]) => type));
  }, 60_000);
});

describe("what an editor shows of relations", () => {
  const shown: readonly (readonly [code: string, type: string])[] = [
    [`const a = order.user;`, "ToOneRef<User>"],
    [`const b = order.reviewer;`, "ToOneRef<User> | null"],
    [`const c = user.orders;`, "ReverseRelation<Order>"],
    [`const d = user.profile;`, "ReverseOneToOne<Profile>"],
    [`const e = order.tags;`, "ManyToManyRelation<Tag>"],
    [`const f = await order.reviewer;`, "User | null"],
    [`const g = await Order.all().selectRelated("user");`, `Loaded<Order, "user">[]`],
    [`const h = g[0]!.user;`, "User"],
    [`const i = (await Order.get({ id: 1 }).selectRelated("reviewer")).reviewer;`, "User | null"],
    [
      `const j = await User.get({ id: 1 }).prefetchRelated("orders__items", "profile");`,
      `Loaded<User, "orders__items" | "profile">`,
    ],
    [`const k = j.orders[0];`, `Loaded<Order, "items"> | undefined`],
    [`const l = j.profile;`, "Profile | null"],
    [`const m = await user.fetchRelated("orders");`, `Loaded<User, "orders">`],
    [
      `const n = (await User.get({ id: 1 }).prefetchRelated(Prefetch("orders", Order.all(), { toAttr: "all" }))).all;`,
      "Order[]",
    ],
    [
      `const o = await Order.all().values("id", { who: "reviewer__name" });`,
      "{\n    id: number;\n    who: string | null;\n}[]",
    ],
    [`const p = await user.orders.create({ total: 3 });`, "Order"],
    [`const q = Order.filter({ user }).selectRelated("user");`, `QuerySet<Order, Loaded<Order, "user">>`],
  ];
  const offered: readonly (readonly [code: string, names: readonly string[], not: readonly string[]])[] = [
    [
      `Item.filter({ `,
      ["order?", "order__total?", "order__isnull?", "orderId__in?", "price__gt?", "pk__in?"],
      ["order__gt?", "save?"],
    ],
    [`Order.filter({ `, ["user?", "user__name?", "user__in?", "userId__gt?", "tags__label?"], ["user__gt?"]],
    [`Order.all().orderBy("`, ["user__name", "-user__name", "userId", "-total", "pk"], ["user", "save"]],
    [`Order.all().values("`, ["user__name", "userId", "tags__label"], ["user"]],
    [`User.all().prefetchRelated("`, ["orders", "orders__items", "orders__tags", "profile", "profile__user"], ["name"]],
    [`Order.all().selectRelated("`, ["user", "reviewer", "user__profile"], ["tags", "items", "user__orders"]],
    [`Order.get({ id: 1 }).prefetchRelated("`, ["items", "user__orders"], ["total"]],
    [`user.fetchRelated("`, ["orders", "orders__items"], ["name"]],
    [`Order.create({ `, ["user?", "userId?", "total", "reviewer?"], ["tags", "tags?", "items?"]],
  ];
  const ends: Readonly<Record<string, string>> = { "{ ": "});", '("': '");' };
  const source = [
    RELATED,
    ...shown.map(([code]) => code),
    ...offered.map(([code]) => code + (ends[code.slice(-2)] ?? "")),
    "export {};",
  ].join("\n");
  let editor: Editor;
  beforeAll(async () => {
    const file = join(project, "editor.ts");
    await writeFile(file, source);
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          target: "es2022",
          module: "nodenext",
          noUncheckedIndexedAccess: true,
          types: [],
        },
        files: ["editor.ts"],
      }),
    );
    editor = new Editor(join(root, "node_modules/typescript/bin/tsc"), file, source);
    await editor.open(project);
  }, 60_000);
  afterAll(() => editor.close());

  for (const [code, type] of shown) {
    test(`${code} is ${type.replaceAll(/\s+/g, " ")}`, async () => {
      const name = code.slice(0, "const a".length);
      expect(await editor.hover(`\n${name}`)).toBe(`${name}: ${type}`);
    }, 60_000);
  }

  for (const [code, names, not] of offered) {
    test(`${code} is completed`, async () => {
      const all = await editor.offers(`\n${code}`);
      expect(all).toEqual(expect.arrayContaining([...names]));
      expect(all.filter((name) => not.includes(name))).toEqual([]);
    }, 60_000);
  }
});

describe("declarations", () => {
  test("three exported models and two queries emit a short file that a user of them can compile", async () => {
    const source = `import { fields, Model } from "terrapin";
export class Timestamped extends Model.define({ createdAt: fields.datetime({ autoNowAdd: true }) }, { abstract: true }) {}
export class User extends Model.define({ id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }) }) { greeting() { return this.name; } }
export class Order extends Timestamped.define({ total: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }), note: fields.json<{ a: number }>({ null: true }) }) {}
export const adults = () => User.filter({ name__icontains: "x" }).only("name");
export const totals = () => Order.all().values("id", { sum: "total" });
`;
    expect(await compile(source, "--declaration", "--outDir", "out")).toBe("");
    const emitted = await readFile(join(project, "out/main.d.ts"), "utf8");
    expect(emitted).not.toContain("unique symbol");
    expect(emitted).not.toContain("/types/");
    expect(emitted.length).toBeLessThan(1_450);
    await writeFile(
      join(project, "user.ts"),
      `import { adults, Order, totals, User } from "./out/main.js";
const sum: Promise<string[]> = totals().run().then((rows) => rows.map((row) => row.sum));
const name: Promise<string[]> = adults().run().then((rows) => rows.map((row) => row.name));
Order.filter({ createdAt__year: 2024, pk: 3 }); User.create({ name: "x" }).run().then((user) => user.greeting());
// @ts-expect-error unknown field
User.filter({ nam: "x" });
// @ts-expect-error left out by only
adults().run().then((rows) => rows[0]?.id.toFixed() ?? rows[0]?.nick);
export const all = [sum, name];
`,
    );
    expect(await tsc(project, "user.ts", "--noEmit", "--skipLibCheck")).toBe("");
  }, 60_000);
});

describe("declarations of related models", () => {
  test("three exported models and two queries emit a short file that a user of them can compile", async () => {
    const source = `import { fields, Model, Prefetch, type ManyToManyRelation, type ReverseOneToOne, type ReverseRelation } from "terrapin";
export class User extends Model.define({ id: fields.bigInt({ primaryKey: true }), name: fields.char({ maxLength: 50 }) }) { declare orders: ReverseRelation<Order>; declare profile: ReverseOneToOne<Order>; open() { return this.orders.filter({ total: 3 }); } }
export class Order extends Model.define({ user: fields.foreignKey<User>("User", { relatedName: "orders" }), owner: fields.oneToOne<User>("User", { null: true }), total: fields.int(), tags: fields.manyToMany<Tag>("Tag") }) {}
export class Tag extends Model.define({ label: fields.text() }) { declare orders: ManyToManyRelation<Order>; }
export const open = () => User.filter({ orders__total__gt: 3 }).prefetchRelated("orders__tags").selectRelated("profile");
export const recent = () => User.all().prefetchRelated(Prefetch("orders", Order.all(), { toAttr: "recent" }));
`;
    expect(await compile(source, "--declaration", "--outDir", "out")).toBe("");
    const emitted = await readFile(join(project, "out/main.d.ts"), "utf8");
    expect(emitted).not.toContain("unique symbol");
    expect(emitted).not.toContain("/types/");
    expect(emitted.length).toBeLessThan(1_700);
    await writeFile(
      join(project, "user.ts"),
      `import { open, Order, recent, Tag, User } from "./out/main.js";
const labels: Promise<string[]> = open().run().then((rows) => rows.flatMap((row) => row.orders.flatMap((one) => one.tags.map((tag) => tag.label))));
const totals: Promise<number[]> = recent().run().then((rows) => rows.map((row) => row.recent.length));
Order.create({ userId: 3, total: 3 }).run().then(async (order) => (await order.user).name.trim());
Tag.filter({ orders__user__name: "x" });
// @ts-expect-error unknown field
User.filter({ orders__nam: "x" });
// @ts-expect-error not loaded
recent().run().then((rows) => rows[0]?.orders.length);
export const all = [labels, totals];
`,
    );
    expect(await tsc(project, "user.ts", "--noEmit", "--skipLibCheck")).toBe("");
  }, 60_000);
});

describe("declarations of computed values", () => {
  test("exported queries and expressions emit a short file that a user of them can compile", async () => {
    const source = `import { Case, Count, F, fields, Model, RowNumber, sqlFunction, Sum, When, Window, type ReverseRelation } from "terrapin";
export class User extends Model.define({ name: fields.char({ maxLength: 50 }), age: fields.int() }) { declare orders: ReverseRelation<Order>; }
export class Order extends Model.define({ user: fields.foreignKey<User>("User", { relatedName: "orders" }), total: fields.int() }) {}
export const busy = () => User.all().annotate({ n: Count("orders"), spent: Sum("orders__total") }).filter({ n__gt: 3 });
export const groups = () => Order.all().groupBy("userId").annotate({ n: Count("id") });
export const size = Case(When({ age__gt: 3 }, "big"), When(User.q({ age: 2 }), "two"), { otherwise: F("name") });
export const rank = Window(RowNumber(), { partitionBy: "user", orderBy: "-total" });
export const Hex = sqlFunction("hex", () => fields.text());
export const paid = Count("orders", { filter: { orders__total__gt: 3 } });
export const more = F("age").plus(1);
`;
    expect(await compile(source, "--declaration", "--outDir", "out")).toBe("");
    const emitted = await readFile(join(project, "out/main.d.ts"), "utf8");
    expect(emitted).not.toContain("unique symbol");
    expect(emitted).not.toContain("/types/");
    expect(emitted.length).toBeLessThan(3_000);
    await writeFile(
      join(project, "user.ts"),
      `import { busy, groups, Hex, more, Order, paid, rank, size, User } from "./out/main.js";
export const counts: Promise<number[]> = busy().filter({ spent__gt: 3 }).orderBy("-n").run().then((rows) => rows.map((row) => row.n));
export const sizes: Promise<string[]> = User.all().annotate({ size, paid, more, hex: Hex("name") }).valuesList("size", { flat: true }).run();
export const pairs: Promise<[number, number][]> = groups().orderBy("-n").valuesList("userId", "n").run();
Order.all().annotate({ rank }).filter({ rank: 1 });
// @ts-expect-error of another model
Order.all().annotate({ size });
// @ts-expect-error of another model
Order.all().annotate({ paid });
// @ts-expect-error not part of the group
groups().values("total");
`,
    );
    expect(await tsc(project, "user.ts", "--noEmit", "--skipLibCheck")).toBe("");
  }, 60_000);
});

describe("what the types cost", () => {
  async function instantiations(source: string): Promise<number> {
    const out = await compile(source, "--noEmit", "--extendedDiagnostics");
    expect(out).not.toContain("error TS");
    return Number(/Instantiations:\s+(\d+)/.exec(out)?.[1]);
  }

  test("60 models of 12 fields stay within 13,000 instantiations, and with 120 queries within 50,000", async () => {
    expect(await instantiations(manyModels(60, 12, 0))).toBeLessThan(13_000);
    const all = await instantiations(manyModels(60, 12, 120));
    expect(all).toBeGreaterThan(10_000);
    expect(all).toBeLessThan(50_000);
  }, 60_000);

  test("60 models in a ring of relations stay within 25,000, and with 120 queries over relations within 90,000", async () => {
    expect(await instantiations(manyRelatedModels(60, 12, 0))).toBeLessThan(25_000);
    const all = await instantiations(manyRelatedModels(60, 12, 120));
    expect(all).toBeGreaterThan(25_000);
    expect(all).toBeLessThan(90_000);
  }, 60_000);

  test("60 models with 120 queries of computed values stay within 220,000", async () => {
    const all = await instantiations(manyAnnotatedModels(60, 12, 120));
    expect(all).toBeGreaterThan(25_000);
    expect(all).toBeLessThan(220_000);
  }, 60_000);

  test("the cost of computed values grows in step with the number of models", async () => {
    const one = await instantiations(manyAnnotatedModels(30, 12, 60));
    const two = await instantiations(manyAnnotatedModels(60, 12, 120));
    expect(two / one).toBeLessThan(2.1);
  }, 60_000);

  test("the cost of relations grows in step with the number of models", async () => {
    const one = await instantiations(manyRelatedModels(30, 12, 60));
    const two = await instantiations(manyRelatedModels(60, 12, 120));
    expect(two / one).toBeLessThan(2.1);
  }, 60_000);

  test("the cost grows in step with the number of models", async () => {
    const one = await instantiations(manyModels(30, 12, 60));
    const two = await instantiations(manyModels(60, 12, 120));
    expect(two / one).toBeLessThan(2.1);
  }, 60_000);
});
