import { DBConnectionError, OperationalError, TerrapinError, TimeoutError } from "../base/errors.js";

// What can go wrong between here and a database that is reached by HTTP, whichever client sends the request.

/** What the requests of a transaction listen to; undefined: to nobody, as its end does. */
export interface Listening {
  signal: AbortSignal | undefined;
}

/** A `fetch` that ends after so many milliseconds, the body included, or by a signal. */
export function timedFetch(milliseconds: number, send: typeof fetch = fetch, listening?: Listening): typeof fetch {
  return async (input, init) => {
    const signals = [AbortSignal.timeout(milliseconds), init?.signal, listening?.signal].filter((each) => each != null);
    return send(input, { ...init, signal: AbortSignal.any(signals) });
  };
}

/** The error of a request that got no answer, or none that could be read: null for any other error. */
export function requestError(error: unknown, sql: string | null): TerrapinError | null {
  if (error instanceof TerrapinError) return error;
  const chain = causesOf(error);
  const details = { sql, cause: error };
  if (chain.some(({ name }) => name === "TimeoutError"))
    return new TimeoutError("the database gave no answer in time", {
      ...details,
      code: "request_timeout",
      hint: "whether a write took place is not known; requestTimeout says how long to wait",
    });
  if (chain.some(({ code, message }) => NOT_SENT.test(`${String(code)} ${message}`)))
    return new DBConnectionError("the database could not be reached", {
      ...details,
      code: "unreachable",
      hint: "nothing was sent; look at the URL and at whether the server is up",
    });
  if (chain.some((each) => each.name === "AbortError" || UNREADABLE.test(each.message) || each instanceof SyntaxError))
    return new DBConnectionError("the answer of the database could not be read", {
      ...details,
      code: "transient",
      hint: "whether a write took place is not known",
    });
  return null;
}

/** The error of a commit to which no answer came. */
export function commitUnknown(cause: unknown): DBConnectionError {
  return new DBConnectionError("no answer came to the commit: the transaction may have been committed or not", {
    code: "commit_unknown",
    sql: "COMMIT",
    cause,
    hint: "look at the data before doing it again",
  });
}

/** The error of an answer whose status says that it is none. */
export function statusError(status: number, said: string, sql: string | null, cause: unknown): TerrapinError {
  const details = { sql, cause };
  const message = `the database answered with HTTP status ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 401 || status === 403)
    return new DBConnectionError(message, { ...details, hint: "look at the token or password" });
  if (status === 429) return new OperationalError(message, { ...details, code: "overloaded" });
  if (status >= 500)
    return new DBConnectionError(message, {
      ...details,
      code: "transient",
      hint: "whether a write took place is not known",
    });
  return new OperationalError(message, details);
}

/** No connection came about, so nothing can have been written. */
const NOT_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|CERT_|DNS lookup failed/;
/** What the runtimes say of an answer that broke off, or was no answer at all. */
const UNREADABLE =
  /terminated|fetch failed|network|connection|other side closed|socket hang up|ECONNRESET|EPIPE|UND_ERR|JSON|Unexpected end/i;

interface Caused {
  readonly name?: string;
  readonly code?: unknown;
  readonly message: string;
}

function causesOf(error: unknown): Caused[] {
  const chain: Caused[] = [];
  for (let each = error; each instanceof Error && chain.length < 5; each = each.cause) {
    chain.push(each);
    // Node tries each address of a name, and gives the errors of all of them together.
    if (each instanceof AggregateError) chain.push(...(each.errors as Error[]));
  }
  return chain;
}
