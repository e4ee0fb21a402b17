import { F, fields, generateSchemas, init, inTransaction, Model } from "terrapin";
import { asyncContext } from "terrapin/async-context";
import { mysql, type MysqlOptions } from "terrapin/mysql";

class Thing extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 20 }),
  madeAt: fields.datetime({ autoNowAdd: true }),
  cost: fields.decimal({ maxDigits: 8, decimalPlaces: 2 }),
  big: fields.bigInt({ mode: "bigint" }),
  doc: fields.json<{ a: number[] }>(),
}) {}

/** Writes and reads on a server that is reached by a socket; `/text` without prepared statements. */
export default {
  async fetch(request: Request, { MYSQL }: { readonly MYSQL: MysqlOptions }): Promise<Response> {
    const prepared = new URL(request.url).pathname !== "/text";
    const orm = await init({
      connections: { default: mysql({ ...MYSQL, disableEval: true, prepared }) },
      models: { Thing },
      asyncContext: asyncContext(),
    });
    await generateSchemas({ safe: true });
    const thing = { name: "é🐢", cost: "1.25", big: 9223372036854775807n, doc: { a: [1] } };
    await inTransaction(async () => {
      const { id } = await Thing.create(thing);
      await Thing.filter({ id }).update({ cost: F("cost").plus("0.10") });
    });
    await inTransaction(async () => {
      await Thing.create({ ...thing, name: "undone" });
      throw new Error("no");
    }).catch(() => {});
    const found = await Thing.filter({ name__icontains: "É" }).orderBy("-id").first();
    const undone = await Thing.filter({ name: "undone" }).count();
    await orm.closeConnections();
    return Response.json({ ...found, big: String(found?.big), madeAt: found?.madeAt instanceof Date, undone });
  },
};
