import { serveExample, startExample } from "../../tools/worker.ts";

const { PORT = "8787" } = process.env;
const miniflare = await startExample("examples/durable-object", {
  port: Number(PORT),
  persist: ".cache/durable-object",
});
await serveExample(miniflare);
