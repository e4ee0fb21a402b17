import { ParamsError, typeName } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import { readableSql } from "./log-sql.js";
import type { QueryObserver } from "./observe.js";
import type { QueryEvent } from "./observe-event.js";

/** What a piece of a log is, for whoever colours it. */
export type LogPart = "time" | "error" | "sql" | "detail";

/** How to write queries down. */
export interface QueryLogOptions {
  /** Takes each entry, of one or several lines; default: console.log. */
  readonly write?: (entry: string) => void;
  /** Write the values of parameters too; default: how many of which kind. */
  readonly params?: boolean;
  /** Write the user's line that asked; default: not, because it costs. */
  readonly caller?: boolean;
  /** Only what took at least so many milliseconds, and what failed. */
  readonly slowerThanMs?: number;
  /** Colours a piece of an entry; default: no colours. */
  readonly style?: (part: LogPart, text: string) => string;
}

/**
 * Writes every query in lines that a person can read; give it to `observe`.
 * @example
 * observe(queryLog({ slowerThanMs: 50 }));
 * // -- default 61.20 ms, 10 rows
 * // SELECT "id", "username"
 * // …
 */
export function queryLog(options: QueryLogOptions = {}): QueryObserver {
  // oxlint-disable-next-line no-console -- this is where a log goes when nothing else is said
  const { write = (entry: string): void => console.log(entry), params = false, caller = false } = options;
  const { slowerThanMs = 0, style } = options;
  checkedMs("slowerThanMs", slowerThanMs);
  return {
    params,
    caller,
    onQuery: (event) => {
      if (event.durationMs >= slowerThanMs || event.error !== null) write(logEntry(event, style));
    },
  };
}

/**
 * Warns of every query that took too long; give it to `observe`.
 * @example
 * observe(slowQueries(200));
 */
export function slowQueries(
  ms: number,
  options: { readonly warn?: (message: string) => void; readonly params?: boolean; readonly caller?: boolean } = {},
): QueryObserver {
  checkedMs("the threshold of slow queries", ms);
  // oxlint-disable-next-line no-console -- what nobody gave another way out has at least this one
  const { warn = (message: string): void => console.warn(message), params = false, caller = false } = options;
  return {
    params,
    caller,
    onQuery: (event) => {
      if (event.durationMs >= ms) warn(`slow query (${ms} ms or more)\n${logEntry(event)}`);
    },
  };
}

const plain = (_part: LogPart, text: string): string => text;

/** One event in readable lines: a comment with what happened, then the SQL, each statement of a batch on lines of its own. */
export function logEntry(event: QueryEvent, style: (part: LogPart, text: string) => string = plain): string {
  const { statements, error, caller } = event;
  const head = [style("time", `-- ${headOf(event)}`)];
  if (caller !== null) head.push(style("detail", `-- at ${caller}`));
  if (error !== null) head.push(style("error", `-- failed: ${error.name}: ${oneLine(error.message)}`));
  const body =
    statements.length === 0
      ? [style("sql", event.sql)]
      : statements.flatMap((each) => {
          const sql = style("sql", readableSql(each.sql));
          const params = paramsText(each.params, each.paramTypes);
          return params === "" ? [sql] : [sql, style("detail", `-- ${params}`)];
        });
  return [...head, ...body].join("\n");
}

/** `default 1.20 ms, 3 rows, transaction 7`. */
function headOf({ connection, durationMs, kind, statements, rows, affected, transaction }: QueryEvent): string {
  const parts = [`${connection} ${durationMs.toFixed(2)} ms`];
  if (kind === "batch") parts.push(`batch of ${statements.length}`);
  if (rows > 0 || (affected === 0 && (kind === "run" || kind === "stream"))) parts.push(counted(rows, "row"));
  if (affected > 0) parts.push(`${affected} affected`);
  if (transaction !== null) parts.push(`transaction ${transaction}`);
  return parts.join(", ");
}

/** The values where they were asked for, otherwise how many there are of which kind. */
function paramsText(params: readonly SqlValue[] | null, types: readonly string[]): string {
  if (types.length === 0) return "";
  const shown = params === null ? types.slice(0, MOST) : params.slice(0, MOST).map(valueText);
  const rest = types.length > MOST ? `, and ${types.length - MOST} more` : "";
  return params === null
    ? `${counted(types.length, "parameter")}: ${shown.join(", ")}${rest}`
    : `[${shown.join(", ")}${rest}]`;
}

const MOST = 20;
const LONGEST_VALUE = 200;

function valueText(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value);
  if (ArrayBuffer.isView(value)) return `blob of ${value.byteLength} bytes`;
  return String(value);
}

/** `1 row`, `3 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

function checkedMs(what: string, ms: unknown): void {
  if (typeof ms !== "number" || !(ms >= 0))
    throw new ParamsError(
      `${what} is a number of milliseconds, not ${typeof ms === "number" ? String(ms) : typeName(ms)}`,
      {
        hint: "200",
      },
    );
}
