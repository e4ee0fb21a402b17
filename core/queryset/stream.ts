import { after, type MaybePromise } from "../base/maybe.js";
import { bind, planSelect } from "../plan/plan.js";
import { conditions } from "../query/q.js";
import type { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import { fetchPage } from "./page.js";
import { clientOf, fetch, isLocking } from "./run.js";

/** Rows that are held at a time. */
const CHUNK = 1000;

/**
 * Rows one by one in flat memory. In the order of the key they are fetched in chunks, each after the last key of the
 * one before, so the connection is free between two rows; in another order the driver streams, where it can.
 */
export function stream(state: QueryState): AsyncIterator<unknown> {
  const meta = metaOf(state.model);
  const direction = state.none ? null : keyOrder(state, meta);
  if (direction !== null) return state.output.kind === "objects" ? byKey(state, meta, direction) : byPages(state);
  const client = clientOf(state, meta);
  // A transaction has one connection, and a half-read result would keep it from the loop's own statements. What is related
  // is loaded for all rows at once.
  if (
    state.none ||
    isLocking(state) ||
    state.prefetch.length > 0 ||
    client.driver.stream === undefined ||
    client.isTransaction
  )
    return overChunks((first) => (first ? fetch(state) : []));
  const { plan, values } = planSelect(state, meta, client.dialect);
  return overRows(client.stream(plan.sql, bind(plan.binders, values)), plan.read);
}

/** "gt" or "lt" when the rows come in the order of their key, and all of them. */
function keyOrder(state: QueryState, meta: Meta): "gt" | "lt" | null {
  if (state.isCut || state.distinct || state.groupBy !== null || state.from !== null) return null;
  const [first = "pk", ...more] = state.orderBy ?? meta.ordering;
  const name = first.startsWith("-") ? first.slice(1) : first;
  if (more.length > 0 || (name !== "pk" && name !== meta.pk.name)) return null;
  return first.startsWith("-") !== state.reversed ? "lt" : "gt";
}

function byKey(state: QueryState, meta: Meta, direction: "gt" | "lt"): AsyncIterator<unknown> {
  let last: unknown = null;
  let done = false;
  return overChunks((first) => {
    if (done) return [];
    const next = state.copy();
    next.orderBy = [direction === "gt" ? "pk" : "-pk"];
    next.reversed = false;
    next.limit = CHUNK;
    if (!first) next.where = [...state.where, conditions([{ [`pk__${direction}`]: last }], "filter")];
    return after(fetch(next), (rows) => {
      done = rows.length < CHUNK;
      last = (rows.at(-1) as Record<string, unknown> | undefined)?.[meta.pk.name] ?? null;
      return rows;
    });
  });
}

/** The same for values, which need not show the key. */
function byPages(state: QueryState): AsyncIterator<unknown> {
  let cursor: string | null = null;
  let done = false;
  return overChunks(() => {
    if (done) return [];
    return after(fetchPage(state, CHUNK, cursor), ({ rows, next }) => {
      cursor = next;
      done = next === null;
      return rows;
    });
  });
}

/** Iterates over what `fetchChunk` gives, until it gives nothing. */
function overChunks(fetchChunk: (first: boolean) => MaybePromise<unknown[]>): AsyncIterator<unknown> {
  let rows: unknown[] | null = null;
  let at = 0;
  const step = (): MaybePromise<IteratorResult<unknown>> => {
    if (rows !== null && at < rows.length) return { done: false, value: rows[at++] };
    if (rows !== null && rows.length === 0) return { done: true, value: undefined };
    return after(fetchChunk(rows === null), (chunk) => {
      rows = chunk;
      at = 0;
      return step();
    });
  };
  return {
    async next() {
      return step();
    },
    async return() {
      rows = [];
      at = 0;
      return { done: true, value: undefined };
    },
  };
}

function overRows(
  source: Iterable<unknown[]> | AsyncIterable<unknown[]>,
  read: (row: unknown[]) => unknown,
): AsyncIterator<unknown> {
  const rows = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return {
    async next() {
      const { done, value } = await rows.next();
      if (done === true) return { done: true, value: undefined };
      try {
        return { done: false, value: read(value as unknown[]) };
      } catch (error) {
        // A loop does not close an iterator that failed, and an open one would hold the connection.
        await rows.return?.();
        throw error;
      }
    },
    async return() {
      await rows.return?.();
      return { done: true, value: undefined };
    },
  };
}
