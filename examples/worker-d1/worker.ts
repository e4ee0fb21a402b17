import { context } from "terrapin";
import { asyncContext } from "terrapin/async-context";
import { d1, type D1Binding } from "terrapin/d1";
import { app } from "../node-server/app.ts";
import * as models from "../node-server/models.ts";

interface Env {
  readonly DB: D1Binding;
}

export default {
  // Each request has a context and a session of its own: nothing is shared with the requests beside it.
  async fetch(request: Request, { DB }: Env): Promise<Response> {
    const db = d1(DB, { session: request.headers.get("x-d1-bookmark") ?? "first-primary" });
    const orm = await context({ connections: { default: db }, models, asyncContext: asyncContext() });
    const answer = await orm.run(async () => app.fetch(request));
    const response = new Response(answer.body, answer);
    // Whoever sends it back sees what was written here, from whichever replica.
    if (db.bookmark !== null) response.headers.set("x-d1-bookmark", db.bookmark);
    return response;
  },
};
