/** How a request is sent to the application of `examples/node-server`. */
export type Send = (path: string, init: { method: string; body?: string }) => Promise<Response>;

/** What one request was answered with; times are not told. */
export type Answered = readonly [method: string, path: string, status: number, body: unknown];

/** A day in the life of the application: everything that it can do, right and wrong, and what it answers. */
export async function story(send: Send): Promise<readonly Answered[]> {
  const told: Answered[] = [];
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await send(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    const answer =
      text === "" ? null : (JSON.parse(text, (key, value) => (key === "createdAt" ? "…" : value)) as never);
    told.push([method, path, response.status, answer]);
    return answer ?? {};
  };

  await ask("POST", "/articles", {
    author: "Ann",
    title: "Søren's 🐢 100% _",
    body: "…\t'\"\\",
    tags: ["sea", "sky", "sea"],
  });
  await ask("POST", "/articles", { author: "Ann", title: "Again", tags: ["sky", "ГОРА"] });
  await ask("POST", "/articles", { author: "Bob", title: "Alone" });
  for (let number = 1; number <= 7; number++)
    await ask("POST", "/articles", { author: "Cy", title: `Part ${number}`, tags: [number % 2 ? "odd" : "even"] });
  await ask("GET", "/articles/1");
  let next: unknown = null;
  do
    ({ next } = await ask(
      "GET",
      `/articles?size=4${next === null ? "" : `&after=${encodeURIComponent(String(next))}`}`,
    ));
  while (next !== null);
  await ask("GET", "/articles?tag=odd&size=2");
  await ask("GET", "/articles?search=100%25%20_");
  await ask("GET", "/articles?search=part");
  await ask("PATCH", "/articles/3", { version: 1, title: "No more alone" });
  await ask("PATCH", "/articles/3", { version: 1, title: "Too late" });
  await ask("PATCH", "/articles/3", { version: 2, title: "x".repeat(121) });
  await ask("GET", "/articles/3");
  await ask("DELETE", "/articles/2");
  await ask("DELETE", "/articles/2");
  await ask("POST", "/articles", { author: "Ann", title: "x".repeat(121), tags: ["never"] });
  await ask("POST", "/articles", { author: "a".repeat(81), title: "One", tags: ["never"] });
  const refused: readonly (readonly [method: string, path: string, body?: unknown])[] = [
    ["POST", "/articles", null],
    ["POST", "/articles", [1]],
    ["POST", "/articles", { author: 1, title: "One", tags: ["never"] }],
    ["POST", "/articles", { author: "", title: "One", tags: ["never"] }],
    ["POST", "/articles", { author: "Ann", title: "\ud83d", tags: ["never"] }],
    ["POST", "/articles", { author: "Ann", title: "One", tags: Array.from({ length: 21 }, (_, i) => `never ${i}`) }],
    ["POST", "/articles", { author: "Ann", title: "One", body: "x".repeat(1_000_000), tags: ["never"] }],
    ["PATCH", "/articles/3", { version: "2", title: "One" }],
    ["GET", "/articles/1e1"],
    ["GET", "/articles?size=-1"],
    ["GET", "/articles?after=zzz"],
  ];
  for (const each of refused) await ask(...each);
  await ask("GET", "/articles?tag=never");
  await ask("GET", "/articles?size=99");
  return told;
}
