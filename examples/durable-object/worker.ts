import { context, F, FieldError, ParamsError, type TerrapinContext, ValidationError } from "terrapin";
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
        return failed(error);
      }
    });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const isCounter = pathname.endsWith("/visits");
    if (request.headers.get("upgrade") === "websocket" && !isCounter) return this.#join();
    switch (`${request.method} ${isCounter ? "visits" : "messages"}`) {
      case "GET visits":
        return Response.json({ visits: await visit() });
      case "GET messages":
        return Response.json(await Message.all().page({ size: 50, after: searchParams.get("after") }));
      case "POST messages": {
        const message = await Message.create(await messageOf(request));
        for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify(message));
        return Response.json(message, { status: 201 });
      }
      default:
        return Response.json({ error: "method_not_allowed", message: `not by ${request.method}` }, { status: 405 });
    }
  }

  /** Nothing that is said here asks for an answer. */
  webSocketMessage(): void {}

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

async function messageOf(request: Request): Promise<{ author: string; text: string }> {
  const { author, text } = ((await request.json().catch(() => null)) ?? {}) as Record<string, unknown>;
  if (typeof author !== "string" || typeof text !== "string")
    throw new ValidationError('a message is {"author": "…", "text": "…"}');
  return { author, text };
}

function failed(error: unknown): Response {
  if (error instanceof ValidationError || error instanceof FieldError || error instanceof ParamsError)
    return Response.json({ error: error.code, message: error.message }, { status: 400 });
  // What went wrong inside is for the log.
  console.error(error);
  return Response.json({ error: "internal", message: "something went wrong here" }, { status: 500 });
}

export default {
  async fetch(request: Request, { ROOM }: { readonly ROOM: Namespace }): Promise<Response> {
    const name = /^\/rooms\/([\w-]{1,50})(?:\/visits)?$/.exec(new URL(request.url).pathname)?.[1];
    if (name === undefined)
      return Response.json({ error: "not_found", message: "rooms are /rooms/name" }, { status: 404 });
    return ROOM.get(ROOM.idFromName(name)).fetch(request);
  },
};
