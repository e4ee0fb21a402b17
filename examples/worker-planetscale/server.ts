import { Terrapin } from "terrapin";
import { planetscale } from "terrapin/planetscale";
import { startPsdbServer } from "../../test/support/psdb-server.ts";
import { startMariadb } from "../../tools/mariadb.ts";
import { serveExample, startExample } from "../../tools/worker.ts";
import * as models from "../node-server/models.ts";

const { PORT = "8787", PLANETSCALE_URL } = process.env;

// Without a database of one's own, a small server that speaks PlanetScale's protocol, over a MariaDB whose data ends with it.
const standIn = PLANETSCALE_URL === undefined ? await startStandIn() : null;
const url = PLANETSCALE_URL ?? standIn!.url;
console.log(`the database is ${standIn === null ? new URL(url).host : "a stand-in; PLANETSCALE_URL says another"}`);

const orm = await Terrapin.context({ connections: { default: planetscale(url) }, models });
await orm.generateSchemas({ safe: true });

const miniflare = await startExample("examples/worker-planetscale", {
  port: Number(PORT),
  vars: { PLANETSCALE_URL: url },
});
await serveExample(miniflare, async () => standIn?.close());

async function startStandIn(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const mariadb = await startMariadb();
  const setup = await Terrapin.context({ connections: { default: mariadb.url }, models });
  await setup.connections.get("default").executeScript("CREATE DATABASE articles CHARACTER SET utf8mb4");
  await setup.closeConnections();
  const server = await startPsdbServer(`${mariadb.url}articles`);
  return {
    url: server.url,
    async close() {
      await server.close();
      await mariadb.stop();
    },
  };
}
