import { mkdirSync } from "node:fs";
import { serve } from "@hono/node-server";
import { closeConnections, generateSchemas, init } from "terrapin";
import { app } from "./app.ts";
import * as models from "./models.ts";

const { DATABASE_URL = "sqlite://.cache/node-server.db", PORT = "3000" } = process.env;

mkdirSync(".cache", { recursive: true });
await init({ connections: { default: DATABASE_URL }, models, logQueries: process.env["LOG_QUERIES"] === "1" });
await generateSchemas({ safe: true });

const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});

// First no new requests, then the ones that run, then the database.
const stop = (): void => {
  server.close(() => {
    void closeConnections().then(() => process.exit(0));
  });
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
