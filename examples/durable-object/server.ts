import { startExample } from "../../tools/worker.ts";

const { PORT = "8787" } = process.env;
const miniflare = await startExample("examples/durable-object", {
  port: Number(PORT),
  persist: ".cache/durable-object",
});
console.log(`listening on ${(await miniflare.ready).origin}`);
