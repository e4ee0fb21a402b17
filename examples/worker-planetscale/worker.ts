import { context } from "terrapin";
import { asyncContext } from "terrapin/async-context";
import { planetscale } from "terrapin/planetscale";
import { app } from "../node-server/app.ts";
import * as models from "../node-server/models.ts";

interface Env {
  /** `https://user:password@host` */
  readonly PLANETSCALE_URL: string;
}

export default {
  async fetch(request: Request, { PLANETSCALE_URL }: Env): Promise<Response> {
    const orm = await context({
      connections: { default: planetscale(PLANETSCALE_URL) },
      models,
      asyncContext: asyncContext(),
    });
    return orm.run(async () => app.fetch(request));
  },
};
