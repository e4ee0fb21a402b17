import { Miniflare } from "miniflare";
import { tables } from "./handlers.ts";

/** The runtime that a Worker is deployed to, with an empty database that has the tables. */
export async function startRuntime(code: string): Promise<Miniflare> {
  const miniflare = new Miniflare({
    // Named modules are handed over as they are; of a script, Miniflare would first look for imports, which is no Worker's time.
    modules: [{ type: "ESModule", path: "worker.mjs", contents: code }],
    compatibilityDate: "2026-07-01",
    d1Databases: { DB: "bench" },
  });
  await miniflare.ready;
  return miniflare;
}

/** Makes the tables, and gives the binding to them. */
export async function makeTables(miniflare: Miniflare): Promise<unknown> {
  const database = await miniflare.getD1Database("DB");
  await database.batch(tables.map((sql) => database.prepare(sql)));
  return database;
}

/** What the Worker is asked, one after another. */
export const requests: readonly { readonly method: string; readonly path: string; readonly body?: string }[] = [
  { method: "POST", path: "/", body: "Ali" },
  { method: "GET", path: "/?id=1" },
  { method: "GET", path: "/?text=fir" },
];
