import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What goes wrong with one request. Reaches the server: `slow` (its answer takes a second), `cut` (half of its answer comes),
 * `lost` (none comes), `twice` (the server is asked twice, the second answer comes). Does not: a status, or a page of some proxy.
 */
export type Fault = "slow" | "cut" | "lost" | "twice" | "page" | 429 | 500;

/** A proxy in front of a server, which does one thing wrong when it is told to. */
export interface FaultyProxy {
  readonly url: string;
  /** How many requests were broken off before all of their answer was sent. */
  readonly abandoned: number;
  /** The next request whose body holds this text goes wrong. */
  next(fault: Fault, holding: string): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of an HTTP server; user and password of the URL stay. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let abandoned = 0;
  let armed: { readonly fault: Fault; readonly holding: string } | null = null;

  const proxy = createServer((request, response) => {
    response.once("close", () => {
      if (!response.writableEnded) abandoned++;
    });
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const hit = armed !== null && body.includes(armed.holding) ? armed.fault : null;
      if (hit !== null) armed = null;
      const forward = async (): Promise<Answer> => {
        const { authorization } = request.headers;
        const answer = await fetch(new URL(request.url!, target.replace(/\/\/.*@/, "//")), {
          method: request.method!,
          headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
          ...(request.method === "POST" ? { body } : {}),
        });
        return { status: answer.status, text: await answer.text() };
      };
      await answerWith(hit, forward, response);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((ready) => proxy.listen(0, "127.0.0.1", ready));

  const url = new URL(target);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    get abandoned() {
      return abandoned;
    },
    next: (fault, holding) => {
      armed = { fault, holding };
    },
    async close() {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answerWith(
  fault: Fault | null,
  forward: () => Promise<Answer>,
  response: ServerResponse,
): Promise<void> {
  const send = ({ status, text }: Answer, type = "application/json"): void => {
    response.writeHead(status, { "content-type": type });
    response.end(text);
  };
  switch (fault) {
    case null:
      return send(await forward());
    case "slow": {
      const answer = await forward();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return send(answer);
    }
    case "cut": {
      const { status, text } = await forward();
      response.writeHead(status, { "content-type": "application/json", "content-length": String(text.length) });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    case "lost":
      await forward();
      response.destroy();
      return;
    case "twice":
      await forward();
      return send(await forward());
    case "page":
      return send({ status: 200, text: "<html>please sign in</html>" }, "text/html");
    default:
      return send({ status: fault, text: "no" }, "text/plain");
  }
}
