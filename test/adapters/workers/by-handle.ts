import { context, fields, Model } from "terrapin";
import { d1, type D1Binding } from "terrapin/d1";

class Entry extends Model.define({ id: fields.int({ primaryKey: true }), text: fields.text() }) {}

/** Without anything that carries a scope: every call says where it goes. Requests for two databases run in one isolate. */
export default {
  async fetch(request: Request, env: Readonly<Record<string, D1Binding>>): Promise<Response> {
    const [, name, text] = new URL(request.url).pathname.split("/");
    const orm = await context({ connections: { default: d1(env[name!]!) }, models: { Entry } });
    if (text === "setup") {
      await orm.generateSchemas();
      return Response.json([]);
    }
    const db = orm.connections.get("default");
    await Entry.create({ text: text! }, { usingDb: db });
    // Others get their turn here.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return Response.json(await Entry.usingDb(db).all().orderBy("id").valuesList("text", { flat: true }));
  },
};
