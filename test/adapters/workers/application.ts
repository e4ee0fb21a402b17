import { context, type Driver, type TerrapinContext } from "terrapin";
import { asyncContext } from "terrapin/async-context";
import { d1, type D1Binding } from "terrapin/d1";
import { durableObject, type DurableObjectStorage } from "terrapin/durable-object";
import { libsql } from "terrapin/libsql";
import { app } from "../../../examples/node-server/app.ts";
import * as models from "../../../examples/node-server/models.ts";

interface Env {
  readonly DB: D1Binding;
  readonly LIBSQL_URL: string;
  readonly ARTICLES: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

async function open(driver: Driver): Promise<TerrapinContext> {
  const orm = await context({ connections: { default: driver }, models, asyncContext: asyncContext() });
  await orm.generateSchemas({ safe: true });
  return orm;
}

export class Articles {
  readonly #orm: Promise<TerrapinContext>;

  constructor(context: { readonly storage: DurableObjectStorage }) {
    this.#orm = open(durableObject(context.storage));
  }

  async fetch(request: Request): Promise<Response> {
    return (await this.#orm).run(async () => app.fetch(request));
  }
}

export default {
  async fetch(request: Request, { DB, LIBSQL_URL, ARTICLES }: Env): Promise<Response> {
    const { hostname } = new URL(request.url);
    if (hostname === "object") return ARTICLES.get(ARTICLES.idFromName("one")).fetch(request);
    return (await open(hostname === "d1" ? d1(DB) : libsql(LIBSQL_URL))).run(async () => app.fetch(request));
  },
};
