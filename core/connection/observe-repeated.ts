import { ParamsError, typeName } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import { readableSql } from "./log-sql.js";
import type { Scope } from "./context.js";
import type { QueryObserver, QueryPlace } from "./observe.js";
import type { QueryEvent } from "./observe-event.js";
import { Transaction } from "./transaction.js";

/** When a repeated query is worth a warning. */
export interface RepeatedOptions {
  /** How often the same query may run from one line; default: 5. */
  readonly limit?: number;
  /** Outside of any scope: a pause of so many milliseconds between two queries of a line ends the series; default: 10. */
  readonly pauseMs?: number;
  /** Is told, once for each line and query; default: console.warn. */
  readonly warn?: (message: string) => void;
}

/** Series and warnings that are remembered at a time; the oldest are forgotten. */
const MOST = 1000;
/** Whatever touches more rows than this is a portion of something large, not a query for each row. */
const PORTION = 500;

interface Series {
  count: number;
  /** The parameters of the first, shortened: it is kept for as long as the series. */
  readonly first: readonly unknown[];
  /** Some of them had other parameters than the first. */
  varies: boolean;
  endedAt: number;
}

/**
 * Warns of the line that runs the same query again and again, the N+1 of a loop over objects whose relations were not
 * loaded; give it to `observe`. Counted in one run, request (`withStats`) or transaction, or without pause outside of these.
 * @example
 * observe(repeatedQueries(5));
 */
export function repeatedQueries(options: number | RepeatedOptions = {}): QueryObserver {
  const given = typeof options === "number" ? { limit: options } : options;
  // oxlint-disable-next-line no-console -- what nobody gave another way out has at least this one
  const { limit = 5, pauseMs = 10, warn = (message: string): void => console.warn(message) } = given;
  if (!Number.isInteger(limit) || limit < 1)
    throw new ParamsError(`the limit of repeated queries is ${typeof limit === "number" ? limit : typeName(limit)}`, {
      hint: "how often a query may run from one line: 5",
    });
  const scopes = new WeakMap<object, Map<string, Series>>();
  const warned = new Map<string, true>();
  return {
    // Not told to anybody: they are compared, and forgotten with the series.
    params: true,
    caller: true,
    onQuery: (event, place) => {
      if (event.statements.length !== 1 || event.caller === null || event.rows + event.affected > PORTION) return;
      const key = `${event.caller}\n${event.sql}`;
      if (warned.has(key)) return;
      const { scope, lasting } = scopeOf(place);
      let all = scopes.get(scope);
      if (all === undefined) scopes.set(scope, (all = new Map<string, Series>()));
      const series = seriesOf(all, key, event, lasting ? Infinity : pauseMs);
      if (series.count <= limit) return;
      all.delete(key);
      remember(warned, key, true);
      warn(warning(event, series));
    },
  };
}

/** The series that this query goes on with, or begins. */
function seriesOf(all: Map<string, Series>, key: string, event: QueryEvent, pauseMs: number): Series {
  let series = all.get(key);
  const params = (event.params ?? []).map(shortened);
  if (series === undefined || event.startedAt - series.endedAt > pauseMs) {
    series = { count: 0, first: params, varies: false, endedAt: 0 };
    remember(all, key, series);
  }
  series.count++;
  series.varies ||= params.some((value, i) => value !== series.first[i]);
  series.endedAt = Math.max(series.endedAt, event.startedAt + event.durationMs);
  return series;
}

function shortened(value: SqlValue): unknown {
  if (ArrayBuffer.isView(value)) return `blob of ${value.byteLength}`;
  return typeof value === "string" && value.length > 100 ? `${value.length} ${value.slice(0, 100)}` : value;
}

/**
 * What a series is counted in: the innermost run or request, the outermost transaction, or the connection. The last one
 * does not end, so there a pause ends a series.
 */
function scopeOf({ client, scope }: QueryPlace): { readonly scope: object; readonly lasting: boolean } {
  for (let each = scope as Scope | null; each !== null; each = each.outer)
    if (each.context !== null || each.listening !== undefined) return { scope: each, lasting: true };
  if (!(client instanceof Transaction)) return { scope: client, lasting: false };
  let outermost = client;
  while (outermost.parent !== null) outermost = outermost.parent;
  return { scope: outermost, lasting: true };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= MOST && !map.has(key)) map.delete(map.keys().next().value!);
  map.set(key, value);
}

function warning({ caller, sql }: QueryEvent, { count, varies }: Series): string {
  const how = varies ? "with other parameters" : "with the same parameters";
  return `the same query ran ${count} times ${how}, from one line: ${caller}\n${readableSql(sql)}\n${cureOf(sql, varies)}`;
}

function cureOf(sql: string, varies: boolean): string {
  const verb = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase();
  if (verb === "INSERT" || verb === "REPLACE") return "write them at once with bulkCreate(objects)";
  if (verb === "UPDATE") return "write them at once with bulkUpdate(objects, fields), or one filter(…).update(…)";
  if (verb === "DELETE") return "delete them at once: filter({ pk__in: keys }).delete()";
  return varies
    ? 'load them at once: prefetchRelated("…") or selectRelated("…") where the objects are loaded, or inBulk(keys) before the loop'
    : "ask once, before the loop, and keep the answer";
}
