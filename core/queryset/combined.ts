import { ParamsError, typeName } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { buildCombined, planCombined, type Combination } from "../plan/combine.js";
import { bind, inline } from "../plan/plan.js";
import { checkCount } from "../plan/shape.js";
import { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import type { CombineFunction, UnionFunction } from "../types/combined.js";
import { Lazy, Read } from "./awaitable.js";
import { checkNames } from "./output.js";
import { clientOf } from "./run.js";

/** The rows of several query sets, put together. */
export class CombinedQuerySet extends Lazy<unknown[]> {
  readonly #combination: Combination;
  constructor(combination: Combination) {
    super();
    this.#combination = combination;
  }

  protected start(): MaybePromise<unknown[]> {
    return this.#ask(false);
  }

  /** By selected values; a minus for descending. */
  orderBy(...names: string[]): CombinedQuerySet {
    checkNames(names, "orderBy");
    return new CombinedQuerySet({ ...this.#combination, orderBy: names });
  }
  limit(count: number): CombinedQuerySet {
    checkCount(count, "limit");
    return new CombinedQuerySet({ ...this.#combination, limit: count });
  }
  offset(count: number): CombinedQuerySet {
    checkCount(count, "offset");
    return new CombinedQuerySet({ ...this.#combination, offset: count });
  }
  count(): Read<number> {
    return new Read(() => after(this.#ask(true), ([count]) => Number(count)));
  }
  /** The statement with its values written into it: for people, not for running. */
  sql(): string {
    const [state] = this.#combination.states as [QueryState];
    const meta = metaOf(state.model);
    const { dialect } = clientOf(state, meta);
    return inline(
      buildCombined(this.#combination, dialect).query,
      dialect,
      planCombined(this.#combination, meta, dialect, false).values,
    );
  }

  #ask(counted: boolean): MaybePromise<unknown[]> {
    const [state] = this.#combination.states as [QueryState];
    const meta = metaOf(state.model);
    const client = clientOf(state, meta);
    for (const other of this.#combination.states)
      if (clientOf(other, metaOf(other.model)) !== client)
        throw new ParamsError("queries that are put together must be for one connection", { code: "combined" });
    const { plan, values } = planCombined(this.#combination, meta, client.dialect, counted);
    return after(client.run(plan.sql, bind(plan.binders, values)), ({ rows }) => rows.map((row) => plan.read(row)));
  }
}

const combined =
  (op: Combination["op"], call: string) =>
  (...given: unknown[]): CombinedQuerySet => {
    const last = given.at(-1);
    const all = typeof last === "object" && last !== null && (last as { all?: unknown }).all === true;
    const queries = all ? given.slice(0, -1) : given;
    const states = queries.map((query) => {
      const state = (query as { state?: unknown } | null)?.state;
      if (state instanceof QueryState) return state;
      throw new ParamsError(`${call}() takes query sets, not ${typeName(query)}`);
    });
    if (states.some(({ access }) => access !== null))
      throw new ParamsError(`${call}(): a part cannot lock its rows or name an index`, { code: "combined" });
    if (states.length < 2) throw new ParamsError(`${call}() needs at least two query sets`);
    const [{ model, output }] = states as [QueryState];
    if (output.kind === "objects" && states.some((state) => state.model !== model))
      throw new ParamsError(`${call}() takes query sets of one model, or their values`, {
        code: "combined",
        hint: "select them: .values(…) or .valuesList(…)",
      });
    if (states.some(({ output: { kind } }) => kind !== output.kind))
      throw new ParamsError(`${call}() takes query sets that all give objects, or values, or lists`, {
        code: "combined",
      });
    if (states.some(({ prefetch }) => prefetch.length > 0))
      throw new ParamsError(`${call}() gives rows alone: prefetchRelated() has no place in it`, {
        code: "combined",
        hint: "ask for the keys, and filter by them: Model.filter({ pk__in: … }).prefetchRelated(…)",
      });
    if (all && op !== "UNION") throw new ParamsError(`${call}() has no option "all"`);
    return new CombinedQuerySet({
      op: all ? "UNION ALL" : op,
      states,
      orderBy: [],
      limit: null,
      offset: null,
    });
  };

/**
 * The rows of all of them, equal ones once; `{ all: true }` keeps every one.
 * @example
 * await union(User.filter({ age__lt: 18 }), User.filter({ age__gt: 65 })).orderBy("name");
 */
export const union: UnionFunction = /* @__PURE__ */ combined("UNION", "union") as unknown as UnionFunction;
/**
 * The rows that are in all of them.
 * @example
 * await intersect(A.all().valuesList("name"), B.all().valuesList("name"));
 */
export const intersect: CombineFunction = /* @__PURE__ */ combined(
  "INTERSECT",
  "intersect",
) as unknown as CombineFunction;
/**
 * The rows of the first that are in none of the others.
 * @example
 * await except(User.all(), User.filter({ isActive: true }));
 */
export const except: CombineFunction = /* @__PURE__ */ combined("EXCEPT", "except") as unknown as CombineFunction;
