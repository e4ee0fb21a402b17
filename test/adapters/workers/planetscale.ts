import { planetscale } from "terrapin/planetscale";
import type { ConformanceOptions } from "terrapin/testing";
import { answer, suite } from "./answer.js";

interface Env {
  readonly PLANETSCALE_URL: string;
  readonly LACKS: ConformanceOptions["lacks"] & object;
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    answer(
      request,
      suite(() => planetscale(env.PLANETSCALE_URL), { lacks: env.LACKS }),
    ),
};
