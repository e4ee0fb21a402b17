import { Terrapin } from "terrapin";
import { libsql } from "terrapin/libsql";
import { startExample } from "../../tools/worker.ts";
import * as models from "../node-server/models.ts";

const { PORT = "8787", LIBSQL_URL, LIBSQL_TOKEN } = process.env;
if (LIBSQL_URL === undefined) {
  console.error(
    "LIBSQL_URL says which database: libsql://…, https://… or http://127.0.0.1:8080; LIBSQL_TOKEN opens it",
  );
  process.exit(2);
}
const token = LIBSQL_TOKEN === undefined ? {} : { authToken: LIBSQL_TOKEN };

const orm = await Terrapin.context({ connections: { default: libsql({ url: LIBSQL_URL, ...token }) }, models });
await orm.generateSchemas({ safe: true });
await orm.closeConnections();

const miniflare = await startExample("examples/worker-libsql", {
  port: Number(PORT),
  vars: { LIBSQL_URL, ...(LIBSQL_TOKEN === undefined ? {} : { LIBSQL_TOKEN }) },
});
console.log(`listening on ${(await miniflare.ready).origin}`);
