import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import mysql, { type Connection, type FieldPacket } from "mysql2";

// A stand-in for the HTTP interface of PlanetScale, over MariaDB or MySQL. A session is one connection, which the client
// names again with every request; one that nobody uses for `idleMs` is given up, and with it what it had begun.

const { Types } = mysql;
const BINARY = 63;
const UNSIGNED = 32;
const ENUM = 256;
const SET = 2048;

const NAMES: Readonly<Record<number, string>> = {
  [Types.DECIMAL]: "DECIMAL",
  [Types.NEWDECIMAL]: "DECIMAL",
  [Types.TINY]: "INT8",
  [Types.SHORT]: "INT16",
  [Types.INT24]: "INT24",
  [Types.LONG]: "INT32",
  [Types.LONGLONG]: "INT64",
  [Types.FLOAT]: "FLOAT32",
  [Types.DOUBLE]: "FLOAT64",
  [Types.NULL]: "NULL_TYPE",
  [Types.TIMESTAMP]: "TIMESTAMP",
  [Types.DATE]: "DATE",
  [Types.NEWDATE]: "DATE",
  [Types.TIME]: "TIME",
  [Types.DATETIME]: "DATETIME",
  [Types.YEAR]: "YEAR",
  [Types.BIT]: "BIT",
  [Types.JSON]: "JSON",
  [Types.GEOMETRY]: "GEOMETRY",
};

type Column = FieldPacket & {
  readonly characterSet: number;
  readonly columnType: number;
  readonly columnLength: number;
  readonly extendedFormat?: string;
};

interface SessionState {
  readonly id: string;
  readonly connection: Connection;
  inTransaction: boolean;
  /** its connection answers no more */
  broken: boolean;
  isBusy: boolean;
  timer: NodeJS.Timeout | null;
}

interface Failure {
  readonly errno?: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
}

/** A server that is running. */
export interface PsdbServer {
  /** with user and password */
  readonly url: string;
  /** Requests that it was sent. */
  readonly requests: number;
  /** Gives up every session, and with it what it had begun. */
  expire(): void;
  close(): Promise<void>;
}

/** Starts a server in front of the database of a `mysql://` URL. */
export async function startPsdbServer(database: string, { idleMs = 20_000 } = {}): Promise<PsdbServer> {
  const sessions = new Map<string, SessionState>();
  /** Connections that sessions have given back: to connect takes longer than most statements. */
  const idle: Connection[] = [];
  let requests = 0;

  const give = (session: SessionState): void => {
    sessions.delete(session.id);
    if (session.timer !== null) clearTimeout(session.timer);
    session.connection.destroy();
  };
  const sessionOf = async (id: string | undefined): Promise<SessionState | null> => {
    const known = id === undefined ? undefined : sessions.get(id);
    if (known === undefined && id !== undefined) return null;
    const session = known ?? {
      id: randomUUID(),
      connection: idle.pop() ?? (await connect(database)),
      inTransaction: false,
      broken: false,
      isBusy: false,
      timer: null,
    };
    sessions.set(session.id, session);
    if (session.timer !== null) clearTimeout(session.timer);
    session.timer = setTimeout(() => give(session), idleMs).unref();
    return session;
  };
  /** A session in which nothing was begun leaves nothing behind: its connection serves the next. */
  const rest = (session: SessionState): void => {
    if (session.inTransaction) return;
    sessions.delete(session.id);
    clearTimeout(session.timer!);
    if (session.broken) session.connection.destroy();
    else idle.push(session.connection);
  };

  const respond = async (url: string, body: Body): Promise<[number, unknown]> => {
    if (!url.endsWith("/Execute")) return [404, { error: { code: "unimplemented", message: "unimplemented" } }];
    const state = body.session?.vitessSession;
    const session = await sessionOf(state?.inTransaction ? state.SessionUUID : undefined);
    if (session === null)
      return [200, { session: null, error: failureOf({}, `transaction ${state!.SessionUUID}: not found`) }];
    // A transaction takes one query at a time; who sends another has mixed up its session.
    if (session.isBusy)
      return [200, { session: null, error: failureOf({}, `transaction ${session.id}: in use: for query`) }];
    session.isBusy = true;
    const answer = await execute(session, body.query);
    session.isBusy = false;
    rest(session);
    return [200, { session: wireOf(session), ...answer, timing: 0.001 }];
  };

  const server = createServer((request, response) => {
    requests++;
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    void (async () => {
      const [user, password] = credentialsOf(request);
      if (user !== "user" || password !== "secret")
        return send(401, { error: { code: "unauthenticated", message: "no such user" } });
      send(...(await respond(request.url!, JSON.parse(await textOf(request)) as Body)));
    })().catch((error: Error) => send(500, { error: { code: "internal", message: error.message } }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));

  const expire = (): void => {
    for (const session of sessions.values()) give(session);
  };
  return {
    url: `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    expire,
    async close() {
      expire();
      for (const connection of idle) connection.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Body {
  readonly query: string;
  readonly session?: { readonly vitessSession?: { readonly SessionUUID: string; readonly inTransaction?: boolean } };
}

function connect(url: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = mysql.createConnection({ uri: url, charset: "utf8mb4", timezone: "Z", disableEval: true });
    connection.on("error", () => undefined);
    // Without the check for whole groups, which MariaDB makes wrongly and MySQL does not.
    const settings =
      "SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'";
    connection.query(settings, (error) => (error ? reject(error) : resolve(connection)));
  });
}

async function execute(session: SessionState, sql: string): Promise<object> {
  try {
    const result = await new Promise<object>((resolve, reject) => {
      session.connection.query({ sql, rowsAsArray: true, typeCast: false }, (error, rows, columns) =>
        error ? reject(error) : resolve(resultOf(rows, columns as unknown as Column[])),
      );
    });
    if (/^\s*(?:begin|start\s+transaction)\b/i.test(sql)) session.inTransaction = true;
    if (/^\s*(?:commit|rollback)\s*;?\s*$/i.test(sql)) session.inTransaction = false;
    return { result };
  } catch (error) {
    const { sqlMessage } = error as Failure;
    session.broken = sqlMessage === undefined;
    return { error: failureOf(error as Failure, `${sqlMessage ?? String(error)}`, sql) };
  }
}

function failureOf({ errno = 1105, sqlState = "HY000" }: Failure, said: string, sql = ""): object {
  const code = errno === 1062 ? "AlreadyExists" : "InvalidArgument";
  return {
    code: errno === 1062 ? "ALREADY_EXISTS" : "INVALID_ARGUMENT",
    message: `target: app.-.primary: vttablet: rpc error: code = ${code} desc = ${said} (errno ${errno}) (sqlstate ${sqlState}) (CallerID: user): Sql: ${JSON.stringify(sql)}, BindVars: {}`,
  };
}

function wireOf({ id, inTransaction }: SessionState): object {
  const vitessSession = {
    autocommit: !inTransaction,
    ...(inTransaction ? { inTransaction } : {}),
    SessionUUID: id,
    options: { includedFields: "ALL", clientFoundRows: true },
  };
  return { signature: Buffer.from(id).toString("base64"), vitessSession };
}

function resultOf(rows: unknown, columns: readonly Column[] | undefined): object {
  if (!Array.isArray(rows)) {
    const { affectedRows, insertId } = rows as { affectedRows: number; insertId: number };
    return {
      ...(affectedRows > 0 ? { rowsAffected: String(affectedRows) } : {}),
      ...(Number(insertId) > 0 ? { insertId: String(insertId) } : {}),
    };
  }
  return { fields: columns!.map(fieldOf), rows: (rows as unknown[][]).map(rowOf) };
}

function fieldOf(column: Column): object {
  const { name, table, orgTable, orgName, schema, columnLength, characterSet, flags } = column;
  const source = orgTable ? { table, orgTable, database: schema, orgName } : {};
  return { name, type: typeOf(column), ...source, columnLength, charset: characterSet, flags };
}

function typeOf({ flags, characterSet, extendedFormat, columnType, orgTable }: Column): string {
  // MariaDB tells JSON apart only here.
  if (extendedFormat === "json") return "JSON";
  const set = Number(flags);
  // Integers that are computed are BIGINT in MySQL 8.
  const type = columnType === Types.LONG && !orgTable ? Types.LONGLONG : columnType;
  if (set & ENUM) return "ENUM";
  if (set & SET) return "SET";
  const name = NAMES[type];
  if (name !== undefined) return name.startsWith("INT") && set & UNSIGNED ? `U${name}` : name;
  const bytes = characterSet === BINARY;
  if (([Types.TINY_BLOB, Types.MEDIUM_BLOB, Types.LONG_BLOB, Types.BLOB] as number[]).includes(type))
    return bytes ? "BLOB" : "TEXT";
  if (type === Types.STRING) return bytes ? "BINARY" : "CHAR";
  return bytes ? "VARBINARY" : "VARCHAR";
}

function rowOf(row: readonly unknown[]): object {
  const parts = row.map((value) => (value === null ? null : (value as Buffer)));
  const all = Buffer.concat(parts.filter((part) => part !== null));
  return {
    lengths: parts.map((part) => (part === null ? "-1" : String(part.length))),
    ...(all.length > 0 ? { values: all.toString("base64") } : {}),
  };
}

function credentialsOf(request: IncomingMessage): string[] {
  const encoded = (request.headers.authorization ?? "").replace(/^Basic /, "");
  return Buffer.from(encoded, "base64").toString().split(":");
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
