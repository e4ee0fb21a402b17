import { Terrapin } from "terrapin";
import { beforeEach, describe, expect, it } from "vitest";
import { Read, watchUnrunWrites, Write } from "../../../core/queryset/awaitable.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose } from "../../support/loose.js";
import { Author, Book } from "../../support/models.js";

const driver = mock({ dialect: sqliteDialect });
await Terrapin.init({ connections: { default: driver }, models: { Author, Book } });
const ROW = [1, "a", null, 3, 1];
driver.answer("SELECT", () => ({ rows: [[...ROW]] }));
driver.answer("COUNT", { rows: [[7]] });
driver.answer("INSERT", { affected: 1, insertId: 5 });
driver.answer("UPDATE", { affected: 2 });
driver.answer("DELETE", { affected: 3 });
beforeEach(() => driver.clear());

const authors = loose(Author);
const WRITES: readonly [string, () => PromiseLike<unknown>, unknown][] = [
  ["create", () => authors.create({ name: "a" }), expect.objectContaining({ id: 5 })],
  ["save", () => loose(new Author({ name: "a" })).save(), undefined],
  ["update", () => authors.all().update({ age: 1 }), 2],
  ["delete", () => authors.all().delete(), 3],
  ["bulkCreate", () => authors.bulkCreate([new Author({ name: "a" })]), [expect.objectContaining({ id: 5 })]],
  ["getOrCreate", () => authors.getOrCreate({ name: "a" }), [expect.objectContaining({ id: 1 }), false]],
];
const READS: readonly [string, () => PromiseLike<unknown>, unknown][] = [
  ["a query set", () => authors.filter({ age: 3 }), [expect.objectContaining({ id: 1 })]],
  ["get", () => authors.get({ id: 1 }), expect.objectContaining({ id: 1 })],
  ["first", () => authors.first(), expect.objectContaining({ id: 1 })],
  ["count", () => authors.count(), 7],
  ["exists", () => authors.exists(), true],
  ["inBulk", () => authors.inBulk([1]), new Map([[1, expect.objectContaining({ id: 1 })]])],
];

describe("nothing runs before it is awaited", () => {
  it.each([...READS, ...WRITES])("%s", async (_, make) => {
    void make();
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
    expect(driver.statements).toEqual([]);
    expect(driver.roundTrips).toBe(0);
  });
});

describe("a read runs at every await", () => {
  it.each(READS)("%s", async (_, make, answer) => {
    const read = make();
    expect(await read).toEqual(answer);
    expect(await read).toEqual(answer);
    expect(driver.statements.length).toBe(2);
    const [one, other] = await Promise.all([read, read]);
    expect(one).toEqual(other);
    expect(driver.statements.length).toBe(4);
  });
});

describe("a write runs once", () => {
  it.each(WRITES)("%s", async (_, make, answer) => {
    const write = make();
    const first = await write;
    const count = driver.statements.length;
    expect(count).toBeGreaterThan(0);
    expect(first).toEqual(answer);
    expect(await write).toBe(first);
    expect(await loose(write).run()).toBe(first);
    expect(driver.statements.length).toBe(count);
  });

  it.each(WRITES)("%s, awaited by several at a time", async (_, make) => {
    const write = make();
    const [one, two, three] = await Promise.all([write, write, loose(write).run()]);
    expect(one).toBe(two);
    expect(two).toBe(three);
    expect(driver.statements.filter(({ sql }) => !sql.startsWith("SELECT")).length).toBeLessThanOrEqual(1);
  });

  it("and gives its first error every time", async () => {
    let runs = 0;
    const write = new Write(() => {
      runs++;
      throw new Error(`failure ${runs}`);
    });
    await expect(write).rejects.toThrow("failure 1");
    await expect(write).rejects.toThrow("failure 1");
    expect(runs).toBe(1);
  });
});

describe("the methods of a promise", () => {
  it("run() gives a real promise and starts at once", async () => {
    const promise = authors.all().run();
    expect(promise).toBeInstanceOf(Promise);
    expect(driver.statements.length).toBe(1);
    await promise;
  });

  it("then passes a value on, and takes null for a missing function", async () => {
    expect(await authors.count().then((count: number) => count + 1)).toBe(8);
    expect(await authors.count().then(null, null)).toBe(7);
    expect(await authors.count().then()).toBe(7);
  });

  it("catch gets the error and may answer for it", async () => {
    expect(await authors.filter({ nope: 1 }).catch((error: Error) => error.name)).toBe("FieldError");
    expect(await authors.count().catch(() => 0)).toBe(7);
  });

  it("finally is called either way and changes nothing", async () => {
    let calls = 0;
    expect(
      await authors.count().finally(() => {
        calls++;
      }),
    ).toBe(7);
    await expect(
      authors.filter({ nope: 1 }).finally(() => {
        calls++;
      }),
    ).rejects.toMatchObject({ code: "unknown_field" });
    expect(calls).toBe(2);
  });

  it("an async function that gives a query set runs it", async () => {
    const find = async () => Author.filter({ age: 3 });
    expect(await find()).toEqual([expect.objectContaining({ id: 1 })]);
  });

  it("a synchronous answer and a promise are the same to the caller", async () => {
    expect(await new Read(() => 1)).toBe(1);
    expect(await new Read(() => Promise.resolve(1))).toBe(1);
    await expect(new Read(() => Promise.reject(new Error("later")))).rejects.toThrow("later");
  });
});

describe("an error that appears when a query runs", () => {
  const here = /awaitable\.test\.ts/;
  const failing: readonly [string, () => PromiseLike<unknown>][] = [
    ["an unknown name", () => authors.filter({ nope: 1 })],
    ["an unknown lookup", () => authors.filter({ age__nope: 1 })],
    ["a wrong value", () => authors.filter({ age: "x" })],
    ["an unknown order", () => authors.orderBy("nope")],
    ["an unknown value", () => authors.values("nope")],
    ["a count", () => authors.filter({ nope: 1 }).count()],
    ["a single row", () => authors.get({ nope: 1 })],
    ["an update", () => authors.all().update({ nope: 1 })],
    ["a delete", () => authors.filter({ nope: 1 }).delete()],
    ["a create", () => authors.create({ name: null })],
    ["an unknown value of create", () => authors.create({ name: "a", nope: 1 })],
  ];
  it.each(failing)("is no error while it is made: %s", async (_, make) => {
    const query = make();
    await expect(query).rejects.toBeInstanceOf(Error);
  });

  it.each(failing)("has the line that waits for it in its stack: %s", async (_, make) => {
    let caught: Error | null = null;
    async function theCaller(): Promise<void> {
      await make();
    }
    try {
      await theCaller();
    } catch (error) {
      caught = error as Error;
    }
    expect(caught?.stack).toMatch(here);
    expect(caught?.stack).toContain("theCaller");
  });

  it("from the database has that line too, and the SQL without its parameters", async () => {
    const slow = mock({ dialect: sqliteDialect, async: true, answers: [new Error("disk I/O error")] });
    const orm = await Terrapin.context({ connections: { default: slow }, models: { Author } });
    async function theCaller(): Promise<unknown> {
      return await Author.filter({ name: "s3cret" });
    }
    const error = await orm.run(theCaller).then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({
      name: "OperationalError",
      message: "disk I/O error",
      sql: expect.stringContaining('WHERE "name" = ?'),
    });
    expect(error!.stack).toContain("theCaller");
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });
});

describe("a context", () => {
  it("is that of the function in which a query is made, even when its caller awaits it", async () => {
    const other = mock({ dialect: sqliteDialect });
    const orm = await Terrapin.context({ connections: { default: other }, models: { Author } });
    const rows = await orm.run(() => Author.filter({ age: 3 }));
    expect(rows).toEqual([]);
    expect(other.statements.length).toBe(1);
    expect(driver.statements.length).toBe(0);
  });

  it("gives what is no promise as it is", async () => {
    const orm = await Terrapin.context({
      connections: { default: mock({ dialect: sqliteDialect }) },
      models: { Author },
    });
    expect(orm.run(() => 5)).toBe(5);
    expect(orm.run(() => null)).toBeNull();
  });
});

describe("a write that nobody awaits", () => {
  it("is reported with the line that made it when it is collected, and one that ran is not", async () => {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const reports: string[] = [];
    watchUnrunWrites((message) => {
      reports.push(message);
    });
    try {
      (() => {
        void authors.all().update({ age: 1 });
      })();
      await authors.all().update({ age: 2 });
      for (let i = 0; i < 100 && reports.length === 0; i++) {
        collect();
        await new Promise((resolve) => {
          setTimeout(resolve, 2);
        });
      }
    } finally {
      watchUnrunWrites(null);
    }
    expect(reports).toEqual([expect.stringMatching(/never awaited/)]);
    expect(driver.statements.length).toBe(1);
  });
});
