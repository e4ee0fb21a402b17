import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { app } from "../../examples/node-server/app.ts";
import * as models from "../../examples/node-server/models.ts";
import { tablesForEach } from "../support/tables.js";

const { Article, Author, Tag } = models;

const send = (method: string, path: string, body?: unknown): Promise<Response> =>
  Promise.resolve(app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
const answer = async (method: string, path: string, body?: unknown): Promise<[number, unknown]> => {
  const response = await send(method, path, body);
  return [response.status, response.status === 204 ? null : await response.json()];
};

describe("the articles of the Node server", () => {
  tablesForEach(models);

  test("are written with their author and tags, and read with both", async () => {
    const written = { author: "Ann", title: "Søren 🐢", body: "…", tags: ["sea", "sky", "sea"] };
    expect(await answer("POST", "/articles", written)).toEqual([201, { id: 1, version: 1 }]);
    expect(await answer("GET", "/articles/1")).toEqual([
      200,
      {
        id: 1,
        authorId: 1,
        title: "Søren 🐢",
        body: "…",
        version: 1,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        author: { id: 1, name: "Ann" },
        tags: [
          { id: 1, word: "sea" },
          { id: 2, word: "sky" },
        ],
      },
    ]);
    await send("POST", "/articles", { author: "Ann", title: "Again", tags: ["sky"] });
    expect([await Author.all().count(), await Tag.all().count(), await Article.all().count()]).toEqual([1, 2, 2]);
  });

  test("come in pages, by tag and by words of the title, in two statements whatever their number", async () => {
    for (let number = 1; number <= 25; number++)
      await send("POST", "/articles", { author: "Ann", title: `Part ${number}`, tags: [number % 2 ? "odd" : "even"] });
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const from: string = next === null ? "" : `&after=${encodeURIComponent(next)}`;
      const response = await send("GET", `/articles?size=5&tag=odd${from}`);
      expect(response.headers.get("x-statements")).toBe("2");
      const page = (await response.json()) as { articles: { title: string }[]; next: string | null };
      seen.push(...page.articles.map(({ title }) => title));
      ({ next } = page);
    } while (next !== null);
    expect(seen).toEqual(Array.from({ length: 13 }, (_, i) => `Part ${25 - 2 * i}`));
    const [, found] = await answer("GET", "/articles?search=PART%2024");
    expect(found).toMatchObject({ articles: [{ title: "Part 24" }], next: null });
  });

  test("are changed by whoever saw the last version, and by nobody else", async () => {
    await send("POST", "/articles", { author: "Ann", title: "One" });
    expect(await answer("PATCH", "/articles/1", { version: 1, title: "Two" })).toEqual([200, { id: 1, version: 2 }]);
    expect(await answer("PATCH", "/articles/1", { version: 1, title: "Three" })).toMatchObject([
      409,
      { error: "stale" },
    ]);
    expect(await Article.get({ id: 1 })).toMatchObject({ title: "Two", version: 2 });
    expect(await answer("DELETE", "/articles/1")).toEqual([204, null]);
    expect(await answer("DELETE", "/articles/1")).toMatchObject([404, { error: "does_not_exist" }]);
  });

  test.each([
    ["a body that is no object", "POST", "/articles", [1], 400, "params"],
    ["no title", "POST", "/articles", { author: "Ann" }, 422, "validation"],
    ["a title that is too long", "POST", "/articles", { author: "Ann", title: "x".repeat(121) }, 422, "too_long"],
    ["tags that are no words", "POST", "/articles", { author: "Ann", title: "One", tags: [1] }, 422, "validation"],
    ["a key that is no number", "GET", "/articles/1;DROP TABLE article", undefined, 400, "params"],
    ["a cursor that is none", "GET", "/articles?after=zzz", undefined, 400, "bad_cursor"],
    ["a size that is none", "GET", "/articles?size=-1", undefined, 400, "params"],
    ["a path that is none", "GET", "/nothing", undefined, 404, "not_found"],
  ])("refuse %s, and nothing is written", async (_what, method, path, body, status, error) => {
    expect(await answer(method, path, body)).toMatchObject([status, { error }]);
    expect([await Author.all().count(), await Article.all().count()]).toEqual([0, 0]);
  });
});

describe("the Node server", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "terrapin-server-"));
    if (!existsSync("dist/node/index.js")) spawnSync("npm", ["run", "--silent", "build"]);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("starts, answers, and ends by itself when it is told to", async () => {
    const env = { ...process.env, PORT: "0", DATABASE_URL: `sqlite://${folder}/server.db` };
    const server = spawn(process.execPath, ["examples/node-server/server.ts"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    server.stderr.on("data", (text) => (errors += text));
    const [line] = (await once(createInterface(server.stdout), "line")) as [string];
    const url = line.replace("listening on ", "");
    const response = await fetch(`${url}/articles`, { method: "POST", body: '{"author":"Ann","title":"One"}' });
    expect([response.status, await response.json()]).toEqual([201, { id: 1, version: 1 }]);
    server.kill("SIGTERM");
    expect(await once(server, "exit")).toEqual([0, null]);
    expect(errors).toBe("");
  }, 30_000);
});
