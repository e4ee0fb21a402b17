import { context } from "terrapin";
import { asyncContext } from "terrapin/async-context";
import { libsql } from "terrapin/libsql";
import { app } from "../node-server/app.ts";
import * as models from "../node-server/models.ts";

interface Env {
  readonly LIBSQL_URL: string;
  readonly LIBSQL_TOKEN?: string;
}

interface Execution {
  waitUntil(work: Promise<unknown>): void;
}

export default {
  // What waits for the network belongs to a request, so each has a client of its own.
  async fetch(request: Request, { LIBSQL_URL, LIBSQL_TOKEN }: Env, execution: Execution): Promise<Response> {
    const database = libsql({ url: LIBSQL_URL, ...(LIBSQL_TOKEN === undefined ? {} : { authToken: LIBSQL_TOKEN }) });
    const orm = await context({ connections: { default: database }, models, asyncContext: asyncContext() });
    try {
      return await orm.run(async () => app.fetch(request));
    } finally {
      // The answer need not wait for it.
      execution.waitUntil(orm.closeConnections());
    }
  },
};
