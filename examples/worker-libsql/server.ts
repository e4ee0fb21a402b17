import { Terrapin } from "terrapin";
import { libsql } from "terrapin/libsql";
import { startHranaServer } from "../../test/support/hrana-server.ts";
import { serveExample, startExample } from "../../tools/worker.ts";
import * as models from "../node-server/models.ts";

const { PORT = "8787", LIBSQL_URL, LIBSQL_TOKEN } = process.env;

// Without a database of one's own, a small server that speaks libSQL's protocol: its data ends with it.
const standIn = LIBSQL_URL === undefined ? await startHranaServer() : null;
const url = LIBSQL_URL ?? standIn!.url;
const token = LIBSQL_TOKEN === undefined ? {} : { authToken: LIBSQL_TOKEN };
console.log(`the database is ${standIn === null ? url : `a stand-in at ${url}; LIBSQL_URL says another`}`);

const orm = await Terrapin.context({ connections: { default: libsql({ url, ...token }) }, models });
await orm.generateSchemas({ safe: true });
await orm.closeConnections();

const miniflare = await startExample("examples/worker-libsql", {
  port: Number(PORT),
  vars: { LIBSQL_URL: url, ...(LIBSQL_TOKEN === undefined ? {} : { LIBSQL_TOKEN }) },
});
await serveExample(miniflare, async () => standIn?.close());
