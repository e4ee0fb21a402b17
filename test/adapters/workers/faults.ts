import type { Driver } from "terrapin";
import { libsql } from "terrapin/libsql";
import { planetscale } from "terrapin/planetscale";
import { probe, type Probes } from "./probes.js";

interface Env {
  readonly LIBSQL_URL: string;
  readonly PLANETSCALE_URL: string;
}

/** Fails with the error that a user sees. */
async function ask(driver: Driver): Promise<unknown> {
  try {
    return (await driver.run("SELECT 1", [])).rows;
  } catch (error) {
    throw driver.toError(error, "SELECT 1");
  }
}

const probes: Probes<Env> = {
  libsql: ({ LIBSQL_URL }) => ask(libsql({ url: LIBSQL_URL, requestTimeout: 500 })),
  planetscale: ({ PLANETSCALE_URL }) => ask(planetscale({ url: PLANETSCALE_URL, requestTimeout: 500 })),
};

export default {
  fetch: async (request: Request, env: Env): Promise<Response> => (await probe(request, probes, env))!,
};
