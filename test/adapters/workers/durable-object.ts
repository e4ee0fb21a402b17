import { context, fields, inTransaction, Model, type TerrapinContext } from "terrapin";
import { durableObject, type DurableObjectStorage } from "terrapin/durable-object";
import { asyncContext } from "terrapin/async-context";
import { answer, suite } from "./answer.js";
import { probe, type Probes } from "./probes.js";

interface Stub {
  fetch(request: Request | string): Promise<Response>;
}

interface Env {
  readonly SUITE: Namespace;
}

interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): Stub;
}

interface Context {
  readonly storage: DurableObjectStorage;
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
}

class Entry extends Model.define({ id: fields.int({ primaryKey: true }), text: fields.text() }) {}

const texts = async (orm: TerrapinContext): Promise<readonly string[]> =>
  orm.run(() => Entry.all().orderBy("id").valuesList("text", { flat: true }));

/** Anything that takes a turn of the event loop. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const probes: Probes<{ readonly orm: TerrapinContext; readonly storage: DurableObjectStorage }> = {
  /** A transaction stays open while other things happen, and what is not its own waits for its end. */
  async interactive({ orm }) {
    await orm.run(() => Entry.all().delete());
    const order: string[] = [];
    const inside = orm.run(() =>
      inTransaction(async () => {
        await Entry.create({ text: "one" });
        await pause();
        order.push(`inside ${await Entry.all().count()}`);
        await pause();
        throw new Error("no");
      }),
    );
    const outside = orm.run(async () => {
      await Entry.create({ text: "stranger" });
      order.push(`outside ${await Entry.all().count()}`);
    });
    await Promise.allSettled([inside, outside]);
    return [order, await texts(orm)];
  },

  async nested({ orm }) {
    await orm.run(() => Entry.all().delete());
    await orm.run(() =>
      inTransaction(async () => {
        await Entry.create({ text: "outer" });
        await inTransaction(async () => {
          await Entry.create({ text: "undone" });
          await pause();
          throw new Error("no");
        }).catch(() => {});
        await pause();
        await inTransaction(() => Entry.create({ text: "inner" }));
      }),
    );
    return texts(orm);
  },

  async batches({ orm }) {
    await orm.run(() => Entry.all().delete());
    const db = orm.connections.get("default");
    const insert = 'INSERT INTO "entry" ("text") VALUES (?)';
    await db.executeMany(insert, [["a"], ["b"]]);
    const failed = await db.executeMany(insert, [["c"], [null as never]]).catch((error: Error) => error.name);
    return [failed, await texts(orm)];
  },

  sync({ storage }) {
    const driver = durableObject(storage);
    const count = () => (driver.run("SELECT count(*) FROM entry", []) as { rows: unknown[][] }).rows[0]![0];
    const insert = "INSERT INTO entry (text) VALUES ('x')";
    const before = count() as number;
    const kept = driver.transactionSync!((session) => (session.run(insert, []) as { affected: number }).affected);
    const errors: string[] = [];
    for (const work of [
      () => {
        throw new Error("no");
      },
      async () => {},
    ]) {
      try {
        driver.transactionSync!((session): unknown => {
          void session.run(insert, []);
          return work();
        });
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    return [kept, (count() as number) - before, errors];
  },

  async syncInside({ orm, storage }) {
    const driver = durableObject(storage);
    const session = await driver.begin!({});
    try {
      driver.transactionSync!(() => 1);
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await session.rollback();
    }
    return orm.settings;
  },
};

export class Suite {
  #orm: TerrapinContext | null = null;

  constructor(
    readonly ctx: Context,
    readonly env: Env,
  ) {
    void ctx.blockConcurrencyWhile(async () => {
      this.#orm = await context({
        connections: { default: durableObject(ctx.storage) },
        models: { Entry },
        asyncContext: asyncContext(),
      });
      await this.#orm.generateSchemas({ safe: true });
    });
  }

  async fetch(request: Request): Promise<Response> {
    const orm = this.#orm!;
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/add/")) {
      await orm.run(async () => {
        await pause();
        await Entry.create({ text: pathname.slice(5) });
      });
      return Response.json(await texts(orm));
    }
    const found = await probe(request, probes, { orm, storage: this.ctx.storage });
    return (
      found ??
      answer(
        request,
        suite(() => durableObject(this.ctx.storage)),
      )
    );
  }
}

export default {
  async fetch(request: Request, { SUITE }: Env): Promise<Response> {
    const object = (name: string): Stub => SUITE.get(SUITE.idFromName(name));
    // Two objects at once, in one isolate, with the same models.
    if (new URL(request.url).pathname === "/two") {
      const asked = ["a", "b", "a", "b"].map(async (name, i) => {
        const response = await object(name).fetch(`http://object/add/${name}${i}`);
        return (await response.json()) as string[];
      });
      await Promise.all(asked);
      return Response.json(
        await Promise.all(
          ["a", "b"].map(async (name) => (await object(name).fetch(`http://object/add/${name}`)).json()),
        ),
      );
    }
    return object(new URL(request.url).pathname.startsWith("/probe/") ? "probes" : "suite").fetch(request);
  },
};
