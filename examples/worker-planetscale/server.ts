import { Terrapin } from "terrapin";
import { planetscale } from "terrapin/planetscale";
import { startExample } from "../../tools/worker.ts";
import * as models from "../node-server/models.ts";

const { PORT = "8787", PLANETSCALE_URL } = process.env;
if (PLANETSCALE_URL === undefined) {
  console.error("PLANETSCALE_URL says which database: https://user:password@host");
  process.exit(2);
}

const orm = await Terrapin.context({ connections: { default: planetscale(PLANETSCALE_URL) }, models });
await orm.generateSchemas({ safe: true });

const miniflare = await startExample("examples/worker-planetscale", { port: Number(PORT), vars: { PLANETSCALE_URL } });
console.log(`listening on ${(await miniflare.ready).origin}`);
