import { ConfigurationError, typeName } from "../base/errors.js";

/** Says on which connection the rows of a model are read and written. A method that is missing, or says null, leaves it to the next. */
export interface Router {
  /** The connection to read this model from. */
  dbForRead?(model: object): string | null | undefined;
  /** The connection to write this model to. */
  dbForWrite?(model: object): string | null | undefined;
}

/** A router, a class of them, or (Node) the path of a module that exports one. */
export type RouterSource = Router | (new () => Router) | string;

/** The name of the connection that routers send a model to; null: its own. */
export type Route = (model: object, label: string, forWrite: boolean) => string | null;

/** Refuses what cannot be a list of routers. */
export function checkRouters(given: unknown): readonly RouterSource[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw wrong(`routers is a list, not ${typeName(given)}`);
  for (const each of given as unknown[])
    if (typeof each !== "string" && typeof each !== "function" && (typeof each !== "object" || each === null))
      throw wrong(`Router must be either str or type, not ${typeName(each)}`);
  return given as readonly RouterSource[];
}

/** The router that a module exports: its default, or the only one. */
export function routerIn(path: string, exported: Readonly<Record<string, unknown>>): Router {
  const all = exported.default === undefined ? Object.values(exported) : [exported.default];
  const found = all.filter((each) => canRoute(typeof each === "function" ? each.prototype : each));
  if (found.length === 1) return madeRouter(found[0] as Router);
  throw wrong(`the module "${path}" exports ${found.length === 0 ? "no router" : `${found.length} routers`}`);
}

/** A router, made once where a class was given. */
export function madeRouter(source: Router | (new () => Router)): Router {
  let router: unknown = source;
  // Of a function that makes no object nothing is known.
  if (typeof source === "function") router = source.prototype === undefined ? null : new source();
  if (canRoute(router)) return router;
  throw wrong(`${nameOf(source)} has neither dbForRead nor dbForWrite`);
}

/** Asks the routers in order: the first answer counts. `names`: the connections that there are. */
export function routeBy(routers: readonly Router[], names: readonly string[]): Route {
  return (model, label, forWrite) => {
    const method = forWrite ? "dbForWrite" : "dbForRead";
    for (const router of routers) {
      const answer: unknown = router[method]?.(model) ?? null;
      if (answer === null) continue;
      if (typeof answer === "string" && names.includes(answer)) return answer;
      throw new ConfigurationError(
        typeof answer === "string"
          ? `${nameOf(router)}.${method} sends ${label} to the connection "${answer}", which there is not`
          : `${nameOf(router)}.${method} gave ${typeName(answer)} for ${label}, not the name of a connection`,
        { code: typeof answer === "string" ? "unknown_connection" : "router", hint: `known: ${names.join(", ")}` },
      );
    }
    return null;
  };
}

const canRoute = (router: unknown): router is Router =>
  typeof router === "object" &&
  router !== null &&
  ["dbForRead", "dbForWrite"].some((name) => typeof (router as Record<string, unknown>)[name] === "function");

function nameOf(router: Router | (new () => Router)): string {
  const name = typeof router === "function" ? router.name : router.constructor?.name;
  return name === undefined || name === "" || name === "Object" ? "a router" : `the router ${name}`;
}

function wrong(message: string): ConfigurationError {
  return new ConfigurationError(message, {
    code: "router",
    hint: 'routers: [{ dbForRead: (model) => "replica", dbForWrite: (model) => "default" }], or a class, or the path of one',
  });
}
