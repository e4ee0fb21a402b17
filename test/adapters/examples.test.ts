import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Miniflare } from "miniflare";
import { Terrapin, type Driver } from "terrapin";
import { d1 } from "terrapin/d1";
import { libsql } from "terrapin/libsql";
import { planetscale } from "terrapin/planetscale";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as models from "../../examples/node-server/models.ts";
import { startExample } from "../../tools/worker.js";
import { story } from "../support/application.js";
import { mysqlDatabase } from "../support/databases.js";
import { startHranaServer } from "../support/hrana-server.js";
import { startPsdbServer } from "../support/psdb-server.js";

const database = await mysqlDatabase();

interface Started {
  readonly miniflare: Miniflare;
  readonly close: () => Promise<void>;
}

async function makeTables(driver: Driver): Promise<void> {
  const orm = await Terrapin.context({ connections: { default: driver }, models });
  await orm.generateSchemas();
  await orm.closeConnections();
}

const examples: readonly (readonly [name: string, start: () => Promise<Started>])[] = [
  [
    "worker-d1",
    async () => {
      const miniflare = await startExample("examples/worker-d1");
      await makeTables(d1((await miniflare.getD1Database("DB")) as never));
      return { miniflare, close: async () => {} };
    },
  ],
  [
    "worker-libsql",
    async () => {
      const { url, close } = await startHranaServer();
      await makeTables(libsql(url));
      return { miniflare: await startExample("examples/worker-libsql", { vars: { LIBSQL_URL: url } }), close };
    },
  ],
  [
    "worker-planetscale",
    async () => {
      const { url, close } = await startPsdbServer(database);
      await makeTables(planetscale(url));
      return {
        miniflare: await startExample("examples/worker-planetscale", { vars: { PLANETSCALE_URL: url } }),
        close,
      };
    },
  ],
];

describe.each(examples)("the example %s", (_name, start) => {
  let started: Started;
  const send = (path: string, init: object): Promise<Response> =>
    started.miniflare.dispatchFetch(`http://example${path}`, init) as never;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(async () => {
    await started.miniflare.dispose();
    await started.close();
  });

  test("lists, creates and changes articles, and tells errors as JSON", async () => {
    const told = await story(send);
    expect(told.map(([, , status]) => status).join(" ")).toBe(
      `${"201 ".repeat(10)}200 200 200 200 200 200 200 200 409 422 200 204 404 422 422 400 400 422 422 400 422 413 422 400 400 400 200 200`,
    );
  });

  test("keeps requests of one moment apart", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `Writer ${i}`);
    const ids: number[] = [];
    for (const author of names) {
      const body = JSON.stringify({ author, title: author, tags: [author.replace(" ", "-")] });
      const response = await send("/articles", { method: "POST", body });
      ids.push(((await response.json()) as { id: number }).id);
    }
    const read = await Promise.all(
      ids.map(async (id) => {
        const response = await send(`/articles/${id}`, { method: "GET" });
        return [response.status, await response.json(), response.headers.get("x-statements")];
      }),
    );
    for (const [i, [status, article, statements]] of read.entries()) {
      expect(status).toBe(200);
      expect(article).toMatchObject({ title: names[i], author: { name: names[i] }, tags: [{ word: `Writer-${i}` }] });
      // Counted for each request by itself.
      expect(statements).toBe("2");
    }
  });
});

test("the example worker-d1 carries its session on", async () => {
  const [, start] = examples[0]!;
  const { miniflare } = await start();
  const body = '{"author":"Ann","title":"One"}';
  const first = await miniflare.dispatchFetch("http://example/articles", { method: "POST", body });
  const bookmark = first.headers.get("x-d1-bookmark")!;
  const next = await miniflare.dispatchFetch("http://example/articles/1", { headers: { "x-d1-bookmark": bookmark } });
  expect([bookmark.length > 0, next.status, next.headers.get("x-d1-bookmark")! >= bookmark]).toEqual([true, 200, true]);
  await miniflare.dispose();
});

describe("the example durable-object", () => {
  let miniflare: Miniflare;
  beforeAll(async () => {
    miniflare = await startExample("examples/durable-object");
  });
  afterAll(() => miniflare.dispose());
  const ask = async (path: string, body?: unknown): Promise<[number, never]> => {
    const response = await miniflare.dispatchFetch(`http://example/rooms/${path}`, {
      method: body === undefined ? "GET" : "POST",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, (await response.json()) as never];
  };

  test("loses no visit, and each room counts its own", async () => {
    const visits = await Promise.all(Array.from({ length: 20 }, () => ask("sea/visits")));
    expect(visits.every(([status]) => status === 200)).toBe(true);
    expect(await ask("sea/visits")).toEqual([200, { visits: 21 }]);
    expect(await ask("sky/visits")).toEqual([200, { visits: 1 }]);
  });

  test("keeps messages in order, in pages, and refuses what is none", async () => {
    for (let i = 1; i <= 60; i++) expect((await ask("sea", { author: "Ann", text: `${i} 🐢` }))[0]).toBe(201);
    const [, first] = await ask("sea");
    const { rows, next } = first as { rows: { text: string }[]; next: string };
    expect([rows.length, rows[0]!.text]).toEqual([50, "1 🐢"]);
    const [, second] = await ask(`sea?after=${encodeURIComponent(next)}`);
    expect(second).toMatchObject({ rows: { length: 10 }, next: null });
    expect(await ask("sea", { author: "x".repeat(51), text: "too long" })).toMatchObject([400, { error: "too_long" }]);
    expect((await ask("a/b/c"))[0]).toBe(404);
  });

  test.each([
    ["POST", "odd", "{bad", 400, "validation"],
    ["POST", "odd", "null", 400, "validation"],
    ["POST", "odd", '{"author":"Ann"}', 400, "validation"],
    ["POST", "odd", '{"author":"","text":"hi"}', 400, "validator"],
    ["POST", "odd", '{"author":"Ann","text":"\\ud83d"}', 400, "not_well_formed"],
    ["POST", "odd", JSON.stringify({ author: "Ann", text: "x".repeat(3_000_000) }), 400, "validator"],
    ["GET", "odd?after=zzz", null, 400, "bad_cursor"],
    ["DELETE", "odd", null, 405, "method_not_allowed"],
    ["POST", "odd/visits", "{}", 405, "method_not_allowed"],
  ])("answers %s %s with JSON when it is refused: %s", async (method, path, body, status, error) => {
    const response = await miniflare.dispatchFetch(`http://example/rooms/${path}`, {
      method,
      ...(body === null ? {} : { body }),
    });
    expect([response.status, await response.json()]).toMatchObject([status, { error }]);
    expect(await ask("odd")).toEqual([200, { rows: [], next: null }]);
  });

  test("tells everybody in the room of a new message", async () => {
    const { webSocket } = await miniflare.dispatchFetch("http://example/rooms/live", {
      headers: { upgrade: "websocket" },
    });
    webSocket!.accept();
    const heard = once(webSocket as never, "message") as Promise<[{ data: string }]>;
    await ask("live", { author: "Bob", text: "hi" });
    expect(JSON.parse((await heard)[0].data)).toMatchObject({ id: 1, author: "Bob", text: "hi" });
    webSocket!.close();
  });
});

test.each(["worker-d1", "worker-libsql", "worker-planetscale", "durable-object"])(
  "%s starts by its one command, and ends by itself when it is told to",
  async (name) => {
    const { LIBSQL_URL: _, PLANETSCALE_URL: __, ...env } = process.env;
    const server = spawn(process.execPath, [`examples/${name}/server.ts`], {
      env: { ...env, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let url: string | undefined;
    for await (const line of createInterface(server.stdout)) {
      url = /^listening on (.*)/.exec(line)?.[1];
      if (url !== undefined) break;
    }
    const response = await fetch(`${url}${name === "durable-object" ? "/rooms/sea" : "/articles"}`);
    expect(response.status).toBe(200);
    server.kill("SIGTERM");
    expect(await once(server, "exit")).toEqual([0, null]);
  },
);
