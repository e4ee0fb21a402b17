import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

// A stand-in for a libSQL server: Hrana 2 as JSON over HTTP, over SQLite. Each stream has a connection of its own, which its
// baton names; a stream that nobody asks for is given up after `idleMs`, as servers do.

type Value =
  | { type: "null" }
  | { type: "integer"; value: string }
  | { type: "float"; value: number }
  | { type: "text"; value: string }
  | { type: "blob"; base64: string };

interface HranaStatement {
  sql?: string;
  sql_id?: number;
  args?: Value[];
}

type Condition =
  | { type: "ok" | "error"; step: number }
  | { type: "not"; cond: Condition }
  | { type: "and" | "or"; conds: Condition[] }
  | { type: "is_autocommit" };

interface Step {
  stmt: HranaStatement;
  condition?: Condition | null;
}

type StreamRequest =
  | { type: "execute"; stmt: HranaStatement }
  | { type: "batch"; batch: { steps: Step[] } }
  | { type: "sequence"; sql?: string; sql_id?: number }
  | { type: "store_sql"; sql_id: number; sql: string }
  | { type: "close_sql"; sql_id: number }
  | { type: "get_autocommit" | "close" };

interface Failure {
  message: string;
  code: string;
}

interface Stream {
  readonly database: Database.Database;
  readonly texts: Map<number, string>;
  timer: NodeJS.Timeout | null;
}

/** A server that is running. */
export interface HranaServer {
  readonly url: string;
  /** Requests that it was sent. */
  readonly requests: number;
  /** Forgets every open stream, as a server does that restarts. */
  expire(): void;
  close(): Promise<void>;
}

/** Starts a server on an empty database. `token`: what requests must carry. */
export async function startHranaServer({ idleMs = 10_000, token = null as string | null } = {}): Promise<HranaServer> {
  const folder = mkdtempSync(join(tmpdir(), "terrapin-hrana-"));
  const streams = new Map<string, Stream>();
  let requests = 0;

  /** Connections that streams have given back: opening one takes longer than most statements. */
  const idle: Database.Database[] = [];

  const connect = (): Database.Database => {
    const database = new Database(join(folder, "data.db"), { timeout: 0 });
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = off");
    database.defaultSafeIntegers(true);
    return database;
  };
  const open = (): Stream => ({ database: idle.pop() ?? connect(), texts: new Map(), timer: null });
  const end = ({ database }: Stream): void => {
    if (database.inTransaction) database.exec("ROLLBACK");
    idle.push(database);
  };
  const give = (baton: string): void => {
    const stream = streams.get(baton);
    streams.delete(baton);
    if (stream?.timer) clearTimeout(stream.timer);
    if (stream !== undefined) end(stream);
  };

  const answer = async (body: { baton: string | null; requests: StreamRequest[] }): Promise<[number, unknown]> => {
    const known = body.baton === null || body.baton === undefined ? open() : streams.get(body.baton);
    if (known === undefined) return [400, { message: "The stream has expired", code: "STREAM_EXPIRED" }];
    if (body.baton) streams.delete(body.baton);
    if (known.timer) clearTimeout(known.timer);
    const results: unknown[] = [];
    let closed = false;
    for (const request of body.requests) {
      try {
        results.push({ type: "ok", response: await respond(known, request) });
      } catch (error) {
        results.push({ type: "error", error: failureOf(error) });
      }
      closed ||= request.type === "close";
    }
    if (closed) {
      end(known);
      return [200, { baton: null, base_url: null, results }];
    }
    const baton = randomUUID();
    streams.set(baton, known);
    known.timer = setTimeout(() => give(baton), idleMs).unref();
    return [200, { baton, base_url: null, results }];
  };

  const server = createServer((request, response) => {
    requests++;
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    void (async () => {
      if (request.method === "GET") return send(request.url === "/v2" ? 200 : 404, {});
      if (request.url !== "/v2/pipeline") return send(404, { message: "not found", code: "NOT_FOUND" });
      if (token !== null && request.headers.authorization !== `Bearer ${token}`)
        return send(401, { error: "Unauthorized" });
      send(...(await answer(JSON.parse(await textOf(request)))));
    })().catch((error: Error) => send(500, { message: error.message, code: "INTERNAL" }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));

  const expire = (): void => {
    for (const baton of streams.keys()) give(baton);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    expire,
    async close() {
      expire();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      for (const database of idle) database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function respond(stream: Stream, request: StreamRequest): Promise<unknown> {
  const { type } = request;
  switch (type) {
    case "execute":
      return { type, result: await execute(stream, request.stmt) };
    case "batch":
      return { type, result: await executeSteps(stream, request.batch.steps) };
    case "sequence":
      await whenFree(() => stream.database.exec(sqlOf(stream, request)));
      return { type };
    case "store_sql":
      stream.texts.set(request.sql_id, request.sql);
      return { type };
    case "close_sql":
      stream.texts.delete(request.sql_id);
      return { type };
    case "get_autocommit":
      return { type, is_autocommit: !stream.database.inTransaction };
    case "close":
      return { type };
    default:
      throw new Error(`unknown request ${String(type satisfies never)}`);
  }
}

async function execute(stream: Stream, statement: HranaStatement): Promise<unknown> {
  const { database } = stream;
  const prepared = database.prepare(sqlOf(stream, statement));
  const args = (statement.args ?? []).map(decode);
  const rows = await whenFree(() => {
    if (prepared.reader) return prepared.raw(true).all(...args) as unknown[][];
    prepared.run(...args);
    return [];
  });
  const told = database.prepare("SELECT changes(), last_insert_rowid()").raw(true).get() as [bigint, bigint];
  return {
    cols: prepared.reader ? prepared.columns().map(({ name, type }) => ({ name, decltype: type })) : [],
    rows: rows.map((row) => row.map(encode)),
    affected_row_count: prepared.readonly ? 0 : Number(told[0]),
    last_insert_rowid: String(told[1]),
  };
}

async function executeSteps(stream: Stream, steps: readonly Step[]): Promise<unknown> {
  const results: unknown[] = [];
  const errors: (Failure | null)[] = [];
  const holds = (condition: Condition): boolean => {
    switch (condition.type) {
      case "ok":
        return (results[condition.step] ?? null) !== null;
      case "error":
        return (errors[condition.step] ?? null) !== null;
      case "not":
        return !holds(condition.cond);
      case "and":
        return condition.conds.every(holds);
      case "or":
        return condition.conds.some(holds);
      case "is_autocommit":
        return !stream.database.inTransaction;
      default:
        throw new Error(`unknown condition ${String(condition satisfies never)}`);
    }
  };
  for (const [i, { stmt, condition }] of steps.entries()) {
    results[i] = errors[i] = null;
    if (condition && !holds(condition)) continue;
    try {
      results[i] = await execute(stream, stmt);
    } catch (error) {
      errors[i] = failureOf(error);
    }
  }
  return { step_results: results, step_errors: errors };
}

function sqlOf({ texts }: Stream, { sql, sql_id }: { sql?: string; sql_id?: number }): string {
  const text = sql ?? texts.get(sql_id ?? -1);
  if (text === undefined) throw Object.assign(new Error(`SQL text ${sql_id} not found`), { code: "SQL_NOT_FOUND" });
  return text;
}

/** Servers let a writer wait for the one before. */
async function whenFree<T>(work: () => T): Promise<T> {
  const until = Date.now() + 5000;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY") || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }
}

function failureOf(error: unknown): Failure {
  const { message, code = "UNKNOWN" } = error as { message: string; code?: string };
  return { message: code.startsWith("SQLITE_") ? `SQLite error: ${message}` : message, code };
}

function decode(value: Value): unknown {
  switch (value.type) {
    case "null":
      return null;
    case "integer":
      return BigInt(value.value);
    case "blob":
      return Buffer.from(value.base64, "base64");
    default:
      return value.value;
  }
}

function encode(value: unknown): Value {
  if (value === null) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "blob", base64: (value as Buffer).toString("base64").replace(/=+$/, "") };
}
