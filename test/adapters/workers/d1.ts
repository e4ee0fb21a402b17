import { batch, fields, init, inTransaction, Model } from "terrapin";
import { d1, type D1Binding, type D1Meta } from "terrapin/d1";
import { answer, suite } from "./answer.js";
import { probe, type Probes } from "./probes.js";

interface Env {
  readonly DB: D1Binding;
}

class Entry extends Model.define({ id: fields.int({ primaryKey: true }), text: fields.text() }) {}

class Item extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  code: fields.char({ maxLength: 20, unique: true }),
  value: fields.int(),
  price: fields.decimal({ maxDigits: 10, decimalPlaces: 2 }),
}) {}

async function entries(env: Env, session?: string) {
  const driver = d1(env.DB, session === undefined ? {} : { session });
  const orm = await init({ connections: { default: driver }, models: { Entry } });
  await orm.generateSchemas({ safe: true });
  return { orm, driver };
}

const probes: Probes<Env> = {
  async types({ DB }) {
    const { rows } = await d1(DB).run("SELECT typeof(?), typeof(?), typeof(?), ?, '?', CAST(? AS TEXT)", [
      5n,
      5,
      "5",
      new Uint8Array([0, 255]),
      -9223372036854775808n,
    ]);
    return rows.map((row) => row.map((value) => (value instanceof Uint8Array ? [...value] : value)));
  },

  async sameNames({ DB }) {
    const driver = d1(DB);
    const sql = "SELECT 1 AS a, 2 AS a, 3 AS b; ";
    const [one, two] = await driver.batch!([
      { sql, params: [] },
      { sql: "WITH c(a) AS (VALUES (7)) SELECT c.a, d.a, ? FROM c, c AS d -- why", params: [8] },
    ]);
    return [one!.rows, two!.rows, (await driver.run(sql, [])).rows, await driver.run(sql, [], true)];
  },

  async counters({ DB }) {
    const told: [sql: string, meta: D1Meta][] = [];
    const driver = d1(DB, { onMeta: (meta, sql) => told.push([sql, meta]) });
    await driver.run("CREATE TABLE counted (id INTEGER PRIMARY KEY, n INTEGER)", []);
    await driver.run("INSERT INTO counted (n) VALUES (1), (2), (3)", []);
    const { rows } = await driver.run("SELECT id, id, n FROM counted", []);
    const { affected } = await driver.run("UPDATE counted SET n = 0 WHERE id > ?", [1]);
    return { rows, affected, told: told.map(([sql, meta]) => [sql, meta.rows_read, meta.rows_written]) };
  },

  async sessions(env) {
    const { driver: first } = await entries(env, "first-primary");
    await Entry.create({ text: "seen" });
    const { bookmark } = first;
    const { driver: second } = await entries(env, bookmark!);
    const { driver: none } = await entries(env);
    return [
      typeof bookmark,
      await Entry.filter({ text: "seen" }).usingDb("default").count(),
      second.bookmark! >= bookmark!,
      none.bookmark,
    ];
  },

  async scripts({ DB }) {
    const driver = d1(DB);
    await driver.script!(
      "CREATE TABLE scripted (n);\n CREATE TRIGGER made AFTER INSERT ON scripted BEGIN SELECT 1; END;",
    );
    try {
      await driver.script!("INSERT INTO scripted VALUES (1); INSERT INTO nowhere VALUES (2)");
    } catch (error) {
      return [driver.toError(error, null).message, (await driver.run("SELECT n FROM scripted", [])).rows];
    }
    return null;
  },

  /** How many requests it takes to write and find many rows. */
  async many(env) {
    const driver = d1(env.DB);
    let requests = 0;
    const { run, batch } = driver;
    driver.run = (...given) => {
      requests++;
      return run.apply(driver, given);
    };
    driver.batch = (...given) => {
      requests++;
      return batch!.apply(driver, given);
    };
    const orm = await init({ connections: { default: driver }, models: { Item } });
    await orm.generateSchemas({ safe: true });
    const counted = async <T>(work: () => PromiseLike<T>): Promise<number> => {
      requests = 0;
      await work();
      return requests;
    };
    const items = Array.from({ length: 5000 }, (_, i) => new Item({ code: `c${i}`, value: i, price: "0.10" }));
    const keys = Array.from({ length: 50_000 }, (_, i) => i + 1);
    return {
      insert: await counted(() => Item.bulkCreate(items)),
      upsert: await counted(() =>
        Item.bulkCreate(
          items.map(({ code }, i) => new Item({ code, value: -i, price: "0.20" })),
          { onConflict: ["code"], updateFields: ["value", "price"] },
        ),
      ),
      update: await counted(async () => {
        const stored = await Item.all();
        for (const item of stored) item.value = 7;
        requests = 0;
        await Item.bulkUpdate(stored, ["value"]);
      }),
      found: await Item.filter({ id__in: keys, value: 7, price: "0.20" }).count(),
      find: await counted(() => Item.filter({ id__in: keys }).count()),
    };
  },

  /** Updates take a second statement along, which counts. */
  async statements(env) {
    await entries(env);
    await Entry.create({ text: "one" });
    const updates = (count: number) =>
      batch(Array.from({ length: count }, (_, i) => Entry.all().update({ text: `${i}` }))).then(
        () => "kept",
        ({ name, message }: Error) => [name, message],
      );
    return [await updates(501), await Entry.filter({ text: "one" }).exists(), await updates(500)];
  },

  async transaction(env) {
    await entries(env);
    return inTransaction(async (tx) => tx.use(Entry).create({ text: "never" }), { connection: "default" });
  },
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return (
      (await probe(request, probes, env)) ??
      answer(
        request,
        suite(() => d1(env.DB)),
      )
    );
  },
};
