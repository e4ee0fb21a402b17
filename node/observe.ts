import process from "node:process";
import { styleText } from "node:util";
import { ConfigurationError, typeName } from "../core/base/errors.js";
import type { InitConfig } from "../core/connection/config.js";
import type { Context } from "../core/connection/context.js";
import { queryLog, slowQueries, type LogPart, type QueryLogOptions } from "../core/connection/log.js";
import { observe, type QueryListener, type QueryObserver } from "../core/connection/observe.js";
import { repeatedQueries } from "../core/connection/observe-repeated.js";

/** Observes the connections of a context as its configuration says. */
export function observeContext(context: Context, config: InitConfig, warn: (message: string) => void): void {
  const { onQuery, slowQueryMs, logQueries, detectRepeated, logParams, logCaller } = config;
  const params = flag("logParams", logParams);
  const caller = flag("logCaller", logCaller);
  const add = (listener: QueryListener | QueryObserver): void => void observe(listener, { context, warn });
  if (onQuery !== undefined) {
    if (typeof onQuery === "function") observe(onQuery, { context, warn, params, caller });
    else add(onQuery);
  }
  if (logQueries !== undefined && logQueries !== false) {
    if (logQueries !== true && (typeof logQueries !== "object" || logQueries === null))
      throw wrong("logQueries", "true or options", logQueries);
    const options: QueryLogOptions = {
      write: toStandardError,
      params,
      caller,
      ...(logQueries === true ? {} : logQueries),
    };
    options.write!((options.style ?? coloured)("time", setUpOf(context)));
    add(nodeLog(options));
  }
  if (slowQueryMs !== undefined) {
    if (typeof slowQueryMs !== "number" || !(slowQueryMs >= 0))
      throw wrong("slowQueryMs", "a number of milliseconds", slowQueryMs);
    add(slowQueries(slowQueryMs, { warn, params, caller }));
  }
  if (detectRepeated !== undefined && detectRepeated !== false) {
    const given =
      detectRepeated === true ? {} : typeof detectRepeated === "number" ? { limit: detectRepeated } : detectRepeated;
    if (typeof given !== "object" || given === null) throw wrong("detectRepeated", "a number or options", given);
    add(repeatedQueries({ warn, ...given }));
  }
}

/** Which database each connection is, in one line; drivers never tell passwords. */
function setUpOf({ connections }: Context): string {
  const told = connections.names.map((name) => {
    const { label, dialect } = connections.client(name).driver;
    return `${name} is ${label === undefined ? dialect.name : `${label} (${dialect.name})`}`;
  });
  return `-- connections: ${told.join(", ")}`;
}

const toStandardError = (entry: string): void => void process.stderr.write(`${entry}\n`);

/** The log as Node writes it: on standard error, with colours where that is a terminal that wants them. */
export function nodeLog(options: QueryLogOptions = {}): QueryObserver {
  return queryLog({ write: toStandardError, style: coloured, ...options });
}

const COLOURS = { time: "gray", error: "red", sql: "cyan", detail: "gray" } as const;

function coloured(part: LogPart, text: string): string {
  // Asked for each entry: NO_COLOR, FORCE_COLOR and whether it is a terminal are its own questions.
  return styleText(COLOURS[part], text, { stream: process.stderr });
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value !== "boolean") throw wrong(name, "true or false", value);
  return value;
}

function wrong(name: string, what: string, value: unknown): ConfigurationError {
  return new ConfigurationError(
    `${name} is ${what}, not ${typeof value === "number" ? String(value) : typeName(value)}`,
    { code: "bad_option", hint: "see docs/guides/observing.md" },
  );
}
