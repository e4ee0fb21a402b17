import { d1, type D1Binding } from "terrapin/d1";
import { durableObject, type DurableObjectStorage } from "terrapin/durable-object";
import { libsql } from "terrapin/libsql";
import { planetscale } from "terrapin/planetscale";
import { probe, type Probes } from "./probes.js";
import { survey } from "./survey.js";

interface Env {
  readonly DB: D1Binding;
  readonly LIBSQL_URL: string;
  readonly PLANETSCALE_URL: string;
  readonly SURVEYS: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

const probes: Probes<Env> = {
  d1: ({ DB }) => survey(d1(DB)),
  libsql: ({ LIBSQL_URL }) => survey(libsql(LIBSQL_URL)),
  planetscale: ({ PLANETSCALE_URL }) => survey(planetscale(PLANETSCALE_URL)),
};

const inside: Probes<DurableObjectStorage> = { object: (storage) => survey(durableObject(storage)) };

export class Surveys {
  constructor(readonly ctx: { readonly storage: DurableObjectStorage }) {}

  async fetch(request: Request): Promise<Response> {
    return (await probe(request, inside, this.ctx.storage))!;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.url.endsWith("/object")) return env.SURVEYS.get(env.SURVEYS.idFromName("one")).fetch(request);
    return (await probe(request, probes, env))!;
  },
};
