import mysql2 from "mysql2";
import { fields, inTransaction, Model, Terrapin } from "terrapin";
import { mysql } from "terrapin/mysql";
import { describe, expect, it } from "vitest";
import { conformance } from "../../core/testing/conformance/index.js";
import { asyncContext } from "../../node/async-context.js";
import { mysqlDatabase } from "../support/databases.js";

const url = await mysqlDatabase();
const { hostname: host, port, username: user, password, pathname } = new URL(url);
const where = { host, port: Number(port), user, password, database: pathname.slice(1) };
const runner = { describe, it };

describe("as text, as behind a proxy", () => {
  conformance(() => mysql({ ...where, prepared: false, disableEval: true }), { runner, asyncContext: asyncContext() });
});

describe("on a pool of the user's, with every flag wrong", () => {
  conformance(
    () =>
      mysql(
        mysql2.createPool({
          ...where,
          connectionLimit: 3,
          decimalNumbers: true,
          timezone: "+05:00",
          namedPlaceholders: true,
          nestTables: true,
        } as mysql2.PoolOptions),
      ),
    { runner, asyncContext: asyncContext() },
  );
});

class Job extends Model.define({ id: fields.int({ primaryKey: true }), taken: fields.boolean({ default: false }) }) {}

describe("rows that somebody else has locked", () => {
  it("are waited for, refused, or left out", async () => {
    const orm = await Terrapin.context({ connections: { default: mysql(where) }, models: { Job } });
    await orm.run(async () => {
      await orm.generateSchemas();
      await Job.bulkCreate([1, 2, 3].map((id) => new Job({ id })));
      const own = { connection: orm.connections.get("default") };
      await inTransaction(async () => {
        await Job.filter({ id: 1 }).selectForUpdate();
        const others = inTransaction(
          async (tx) => ({
            refused: await tx
              .use(Job)
              .filter({ id: 1 })
              .selectForUpdate({ nowait: true })
              .then(
                () => null,
                (error: unknown) => (error as { code: string }).code,
              ),
            left: await tx.use(Job).all().orderBy("id").selectForUpdate({ skipLocked: true }),
          }),
          own,
        );
        const { refused, left } = await others;
        // MariaDB has one error for a lock that is not free now and one that is not free in time.
        expect(refused).toMatch(/^(locked|lock_timeout)$/);
        expect(left.map(({ id }) => id)).toEqual([2, 3]);
      });
    });
    await orm.closeConnections();
  });
});
