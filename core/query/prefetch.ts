import { ParamsError, typeName } from "../base/errors.js";
import type { PrefetchFunction } from "../types/prefetch.js";
import { QueryState, type PrefetchRequest } from "./state.js";

/** A relation to load, with a query of one's own for it. */
export class PrefetchNode implements PrefetchRequest {
  constructor(
    readonly path: string,
    readonly query: QueryState | null,
    readonly toAttr: string | null,
  ) {}
}

/** What `prefetchRelated(…)` was given: paths, and `Prefetch(…)`. */
export function prefetchRequests(given: readonly unknown[], call: string): PrefetchRequest[] {
  return given.map((each) => {
    if (each instanceof PrefetchNode) return each;
    if (typeof each === "string" && each !== "") return new PrefetchNode(each, null, null);
    throw new ParamsError(`${call}() takes names of relations and Prefetch(…), not ${typeName(each)}`);
  });
}

/**
 * A relation to load with a query of one's own; its limit and offset count for each object. `toAttr` gets the result in place of
 * the relation.
 *
 * `User.all().prefetchRelated(Prefetch("orders", Order.filter({ status: "paid" }).orderBy("-id").limit(3), { toAttr: "latest" }))`
 */
export const Prefetch: PrefetchFunction = ((
  path: string,
  querySet?: { readonly state?: unknown },
  { toAttr = null }: { readonly toAttr?: string | null } = {},
): PrefetchNode => {
  if (typeof path !== "string" || path === "")
    throw new ParamsError(`Prefetch() takes the name of a relation, not ${typeName(path)}`);
  const state = querySet?.state;
  if (querySet !== undefined && !(state instanceof QueryState))
    throw new ParamsError(`Prefetch("${path}"): the second argument is a query set, not ${typeName(querySet)}`);
  if (state instanceof QueryState && state.output.kind !== "objects")
    throw new ParamsError(`Prefetch("${path}") loads objects, not values`, {
      hint: "leave out values() and valuesList(); only(…) reads fewer columns",
    });
  return new PrefetchNode(path, (state as QueryState | undefined) ?? null, toAttr);
}) as unknown as PrefetchFunction;
