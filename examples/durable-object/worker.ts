import { context, F, TerrapinError, type TerrapinContext } from "terrapin";
import { asyncContext } from "terrapin/async-context";
import { durableObject, type DurableObjectStorage } from "terrapin/durable-object";
import { Counter, Message } from "./models.ts";

interface ObjectContext {
  readonly storage: DurableObjectStorage;
  blockConcurrencyWhile(work: () => Promise<void>): Promise<void>;
  acceptWebSocket(socket: WebSocket): void;
  getWebSockets(): WebSocket[];
}

interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

declare const WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: WebSocket };

/** One room: a counter of visits and the messages, in the storage of one object. */
export class Room {
  orm!: TerrapinContext;

  constructor(readonly ctx: ObjectContext) {
    // Nothing reaches the object before its tables are there.
    void ctx.blockConcurrencyWhile(async () => {
      this.orm = await context({
        connections: { default: durableObject(ctx.storage) },
        models: { Counter, Message },
        asyncContext: asyncContext(),
      });
      await this.orm.generateSchemas({ safe: true });
    });
  }

  fetch(request: Request): Promise<Response> {
    return this.orm.run(async () => {
      try {
        return await this.#answer(request);
      } catch (error) {
        if (!(error instanceof TerrapinError)) throw error;
        return Response.json({ error: error.code, message: error.message }, { status: 400 });
      }
    });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (request.headers.get("upgrade") === "websocket") return this.#join();
    if (pathname.endsWith("/visits")) return Response.json({ visits: await visit() });
    if (request.method === "POST") {
      const { author, text } = (await request.json()) as { author: string; text: string };
      const message = await Message.create({ author, text });
      for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify(message));
      return Response.json(message, { status: 201 });
    }
    return Response.json(await Message.all().page({ size: 50, after: searchParams.get("after") }));
  }

  #join(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client } as ResponseInit);
  }
}

async function visit(): Promise<number> {
  const [counter] = await Counter.getOrCreate({ name: "visits" });
  await Counter.filter({ name: "visits" }).update({ value: F("value").plus(1) });
  await counter.refreshFromDb();
  return counter.value;
}

export default {
  async fetch(request: Request, { ROOM }: { readonly ROOM: Namespace }): Promise<Response> {
    const name = /^\/rooms\/([\w-]{1,50})(?:\/visits)?$/.exec(new URL(request.url).pathname)?.[1];
    if (name === undefined) return Response.json({ error: "not_found" }, { status: 404 });
    return ROOM.get(ROOM.idFromName(name)).fetch(request);
  },
};
