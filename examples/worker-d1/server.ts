import { Terrapin } from "terrapin";
import { d1 } from "terrapin/d1";
import { serveExample, startExample } from "../../tools/worker.ts";
import * as models from "../node-server/models.ts";

const { PORT = "8787" } = process.env;
const miniflare = await startExample("examples/worker-d1", { port: Number(PORT), persist: ".cache/worker-d1" });

// The tables are made from outside, once: a Worker that looks at every request whether they are there pays for it.
const orm = await Terrapin.context({
  connections: { default: d1((await miniflare.getD1Database("DB")) as never) },
  models,
});
await orm.generateSchemas({ safe: true });

await serveExample(miniflare);
