import process from "node:process";
import { fields, Model, Terrapin } from "terrapin";
import { beforeEach, describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { sqlite } from "../../../drivers/sqlite/index.js";
import { anew } from "../../support/anew.js";
import { loose } from "../../support/loose.js";

class Event extends Model.define({
  id: fields.int({ primaryKey: true }),
  name: fields.text(),
  at: fields.date({ null: true }),
}) {}

const driver = mock({ dialect: sqliteDialect });
await Terrapin.init({ connections: { default: driver }, models: { Event } });
beforeEach(() => driver.clear());
const rows = (from: number, count: number): unknown[][] =>
  Array.from({ length: count }, (_, i) => [from + i, "a", null]);

async function collect(query: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const row of query) found.push(row);
  return found;
}

describe("async iteration", () => {
  it("by key goes on after the last key, a chunk at a time", async () => {
    driver.answer(/FROM "event"( ORDER| WHERE)/, ({ params }) => ({
      rows: params.length === 1 ? rows(1, 1000) : params[0] === 1000 ? rows(1001, 1000) : rows(2001, 7),
    }));
    const found = await collect(Event.all());
    expect(found.length).toBe(2007);
    expect(found[2006]).toMatchObject({ id: 2007 });
    expect(driver.statements.map(({ sql, params }) => [sql.slice(sql.indexOf("FROM")), params])).toEqual([
      ['FROM "event" ORDER BY "id" LIMIT ? + 0', [1000]],
      ['FROM "event" WHERE "id" > ? ORDER BY "id" LIMIT ? + 0', [1000, 1000]],
      ['FROM "event" WHERE "id" > ? ORDER BY "id" LIMIT ? + 0', [2000, 1000]],
    ]);
  });

  it("backwards by key", async () => {
    driver.answer(/DESC/, { rows: [] });
    await collect(Event.orderBy("-pk"));
    await collect(Event.all().reverse());
    expect(driver.statements.map(({ sql }) => sql.slice(sql.indexOf("FROM")))).toEqual([
      'FROM "event" ORDER BY "id" DESC LIMIT ? + 0',
      'FROM "event" ORDER BY "id" DESC LIMIT ? + 0',
    ]);
  });

  it("in another order is one statement", async () => {
    driver.answer(/ORDER BY "name"/, () => ({ rows: rows(1, 3) }));
    expect((await collect(Event.orderBy("name"))).length).toBe(3);
    expect((await collect(Event.orderBy("name").valuesList("id", { flat: true }))).length).toBe(3);
    expect(driver.statements.length).toBe(2);
  });

  it("never holds more than a chunk, however many rows there are", async () => {
    const inner = sqlite(":memory:");
    let pulled = 0;
    let most = 0;
    const counted = {
      dialect: inner.dialect,
      limits: inner.limits,
      begin: (options: never) => inner.begin!(options),
      close: () => inner.close(),
      async run(sql: string, params: never[]) {
        const result = await inner.run(sql, params);
        if (sql.startsWith("SELECT")) most = Math.max(most, result.rows.length);
        return result;
      },
      *stream(sql: string, params: never[]) {
        for (const row of inner.stream!(sql, params) as Iterable<unknown[]>) {
          pulled++;
          yield row;
        }
      },
    };
    const orm = await Terrapin.context({ connections: { default: counted as never }, models: { Event } });
    await orm.run(async () => {
      await orm.generateSchemas();
      const many = 20_000;
      await Event.bulkCreate(Array.from({ length: many }, (_, i) => new Event({ name: `e${i % 7}` })));
      for (const [query, isStreamed] of [
        [Event.all(), false],
        [Event.all().values("name"), false],
        [Event.filter({ name: "e3" }).orderBy("-id"), false],
        [Event.orderBy("name"), true],
        [Event.orderBy("name", "-id").values("id", "name"), true],
        [Event.all().distinct().valuesList("id", "name"), true],
      ] as const) {
        most = pulled = 0;
        let seen = 0;
        let ahead = 0;
        for await (const _ of query as AsyncIterable<unknown>) ahead = Math.max(ahead, pulled - ++seen);
        // One at a time from a driver that streams; otherwise from the chunk that was asked for last.
        expect(ahead).toBe(0);
        expect(most).toBeLessThanOrEqual(1001);
        expect(seen).toBeGreaterThan(2000);
        expect(isStreamed ? pulled : most).toBeGreaterThan(0);
      }
    });
    await orm.closeConnections();
  });

  it("starts nothing before the first step, and nothing more after break", async () => {
    const iterator = Event.all()[Symbol.asyncIterator]();
    expect(driver.statements).toEqual([]);
    driver.answer(/FROM "event" ORDER BY "id" LIMIT/, () => ({ rows: rows(1, 1000) }));
    expect(await iterator.next()).toMatchObject({ done: false, value: { id: 1 } });
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    for await (const _ of Event.all()) break;
    expect(driver.statements.length).toBe(2);
  });

  it("of none is no statement", async () => {
    expect(await collect(Event.none())).toEqual([]);
    expect(driver.statements).toEqual([]);
  });

  it("twice asks twice", async () => {
    const query = Event.orderBy("name");
    await collect(query);
    await collect(query);
    expect(driver.statements.length).toBe(2);
  });

  it("tells an unknown name", async () => {
    await expect(collect(loose(Event).filter({ nope: 1 }))).rejects.toMatchObject({
      name: "FieldError",
      code: "unknown_field",
    });
  });

  it("of a raw query gives its objects", async () => {
    driver.answer("SELECT * FROM raw", { rows: rows(1, 2), columns: ["id", "name", "at"] });
    expect(await collect(Event.raw("SELECT * FROM raw"))).toEqual([
      expect.objectContaining({ id: 1 }),
      expect.objectContaining({ id: 2 }),
    ]);
  });

  it.each([
    ["fails to read a row", [1, "a", "never"]],
    ["is left", [1, "a", null]],
  ])("gives back what the driver holds when it %s", async (_, row) => {
    let freed = false;
    const own = mock({ dialect: sqliteDialect });
    function* rowsOfDriver(): Generator<unknown[]> {
      try {
        yield [...row];
        yield [...row];
      } finally {
        freed = true;
      }
    }
    own.stream = rowsOfDriver;
    const orm = await Terrapin.context({ connections: { default: own }, models: { Event } });
    await orm
      .run(async () => {
        for await (const _event of Event.orderBy("name")) break;
      })
      .catch(() => null);
    expect(freed).toBe(true);
  });

  // A server keeps nothing that is no date in a column of dates.
  it.skipIf(process.env.TERRAPIN_TEST_DRIVER === "mysql")("that fails in the middle frees the connection", async () => {
    const orm = await Terrapin.context({ connections: { default: await anew() }, models: { Event } });
    await orm.run(async () => {
      await orm.generateSchemas();
      await Event.bulkCreate(["a", "b", "c"].map((name) => new Event({ name })));
      await orm.connections.get("default").executeQuery("UPDATE event SET at = 'never' WHERE name = 'b'");
      await expect(collect(Event.orderBy("name"))).rejects.toMatchObject({
        name: "FieldError",
        code: "bad_stored_value",
        message: expect.stringContaining("at: the stored value cannot be read"),
      });
      expect(await Event.filter({ name: "b" }).update({ at: null })).toBe(1);
      expect((await collect(Event.orderBy("name"))).length).toBe(3);
      await orm.closeConnections();
    });
  });
});
