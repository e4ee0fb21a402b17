import type { TerrapinError } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Client } from "./client.js";
import type { Result, Statement } from "./driver.js";
import type { SendKind, Sending } from "./observing.js";
import { Transaction } from "./transaction.js";

/** The kind of a parameter, which is all that is told of one unless values are asked for. */
export type ParamType = "null" | "integer" | "real" | "text" | "blob" | "boolean" | "other";

/** One statement as it went to the database. */
export interface QueryStatement {
  readonly sql: string;
  /** One for each parameter, in order. */
  readonly paramTypes: readonly ParamType[];
  /** The values themselves; null unless they were asked for with `params: true`. */
  readonly params: readonly SqlValue[] | null;
  /** Rows that it gave. */
  readonly rows: number;
  /** Rows that an INSERT, UPDATE or DELETE matched. */
  readonly affected: number;
}

/** What happened on one trip to the database. */
export interface QueryEvent {
  /** How it was sent. `begin`, `commit` and `rollback` are of transactions and savepoints alike. */
  readonly kind: SendKind;
  /** Its text; of a batch the texts of all statements, of what has no text of its own the words of SQL. */
  readonly sql: string;
  /** The statements: one for `run`, `stream` and `script`, several for a batch, none for the rest. */
  readonly statements: readonly QueryStatement[];
  /** The kinds of all parameters. */
  readonly paramTypes: readonly ParamType[];
  /** The values of all parameters; null unless they were asked for. */
  readonly params: readonly SqlValue[] | null;
  /** Milliseconds since 1970 at which it was sent. */
  readonly startedAt: number;
  /** Until the answer was there; of a stream, the time spent waiting for rows. */
  readonly durationMs: number;
  readonly rows: number;
  readonly affected: number;
  /** Always 1: a batch is one trip, however many statements it holds. */
  readonly roundTrips: number;
  /** The connection's name. */
  readonly connection: string;
  /** Of the transaction it ran in: `"7"`, and `"7.1"` for the first savepoint inside; null outside of one. */
  readonly transaction: string | null;
  /** The user's line that asked for it; null unless it was asked for with `caller: true`. */
  readonly caller: string | null;
  /** The error that it failed with, under our name. */
  readonly error: TerrapinError | null;
}

/** What is known once an answer, or an error, is there. */
export interface Outcome {
  readonly value: unknown;
  readonly error: TerrapinError | null;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly caller: string | null;
}

/** The event of one trip, with what was asked for. */
export function makeEvent(
  sending: Sending,
  outcome: Outcome,
  { params, caller }: { readonly params: boolean; readonly caller: boolean },
): QueryEvent {
  const { client, kind } = sending;
  const results = resultsOf(kind, outcome.value);
  const statements = sending.statements.map((statement, i) => statementOf(statement, results[i], params));
  const first = statements[0];
  return {
    kind,
    sql: textOf(sending),
    statements,
    paramTypes: statements.length === 1 ? first!.paramTypes : statements.flatMap((each) => each.paramTypes),
    params: params ? (statements.length === 1 ? first!.params : statements.flatMap((each) => each.params!)) : null,
    startedAt: outcome.startedAt,
    durationMs: outcome.durationMs,
    rows: sum(statements, "rows"),
    affected: sum(statements, "affected"),
    roundTrips: 1,
    connection: client.connectionName,
    transaction: transactionOf(outcome.value instanceof Transaction ? outcome.value : client),
    caller: caller ? outcome.caller : null,
    error: outcome.error,
  };
}

/** What was sent, as text. */
export function textOf({ client, kind, statements }: Sending): string {
  if (statements.length > 0) return statements.map(({ sql }) => sql).join(";\n");
  // The client writes these itself, so the words are those of SQL and not always its own.
  const inside = client instanceof Transaction && (kind === "begin" || client.parent !== null);
  return inside ? SAVEPOINT[kind as "begin"] : kind.toUpperCase();
}

const SAVEPOINT = { begin: "SAVEPOINT", commit: "RELEASE SAVEPOINT", rollback: "ROLLBACK TO SAVEPOINT" };

function resultsOf(kind: SendKind, value: unknown): readonly (Partial<Result> | undefined)[] {
  if (Array.isArray(value)) return value as Result[];
  return kind === "run" || kind === "stream" ? [value as Result | undefined] : [];
}

function statementOf(
  { sql, params }: Statement,
  result: Partial<Result> | undefined,
  withParams: boolean,
): QueryStatement {
  return {
    sql,
    paramTypes: params.map(typeOf),
    params: withParams ? params : null,
    rows: result?.rows?.length ?? 0,
    affected: result?.affected ?? 0,
  };
}

function typeOf(value: unknown): ParamType {
  if (value === null) return "null";
  switch (typeof value) {
    case "bigint":
      return "integer";
    case "number":
      return Number.isInteger(value) ? "integer" : "real";
    case "string":
      return "text";
    case "boolean":
      return "boolean";
  }
  return ArrayBuffer.isView(value) ? "blob" : "other";
}

function sum(statements: readonly QueryStatement[], what: "rows" | "affected"): number {
  return statements.reduce((all, each) => all + each[what], 0);
}

/** Numbers for transactions, given when they are first told of: nobody else pays for them. */
interface Numbers {
  last: number;
  readonly of: WeakMap<Transaction, { readonly id: string; inside: number }>;
}
let numbers: Numbers | null = null;

function transactionOf(client: Client): string | null {
  return client instanceof Transaction ? numberOf(client).id : null;
}

function numberOf(transaction: Transaction): { readonly id: string; inside: number } {
  const all = (numbers ??= { last: 0, of: new WeakMap() });
  let found = all.of.get(transaction);
  if (found === undefined) {
    const outer = transaction.parent === null ? null : numberOf(transaction.parent);
    found = { id: outer === null ? String(++all.last) : `${outer.id}.${++outer.inside}`, inside: 0 };
    all.of.set(transaction, found);
  }
  return found;
}
