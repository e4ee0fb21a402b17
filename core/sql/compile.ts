import type { Ddl, Query } from "./ast.js";
import { writeDdl } from "./ddl.js";
import type { SqlValue } from "./column-type.js";
import type { Dialect } from "./dialect.js";
import { check } from "./limits.js";
import { writeQuery, writeSelect } from "./statements.js";
import { ALL_SLOTS, PACKED, Writer, type Binder } from "./writer.js";

/** A statement's text, and where each of its parameters comes from. */
export interface Compiled {
  readonly sql: string;
  readonly binders: readonly Binder[];
  /** asked twice, it has the same rows where nothing was written in between */
  readonly isSteady: boolean;
}

/** SQL tree in, text and binders out. Knows tables and columns only as strings. */
export function compile(query: Query, dialect: Dialect): Compiled {
  const out = new Writer(dialect, writeSelect);
  writeQuery(query, out);
  if (dialect.limits !== undefined) checkShape(query, out);
  return { sql: out.text, binders: out.binders, isSteady: out.isSteady };
}

function checkShape(query: Query, { deepest, dialect }: Writer): void {
  if (query.kind === "select") {
    const most = Math.max(query.columns.length, query.orderBy.length, query.groupBy.length);
    const hint = "select fewer: only(…), or prefetchRelated(…) in place of selectRelated(…)";
    check("the query selects, orders or groups by", most, "columns", "maxColumns", dialect, hint);
  }
  const hint = "Q.and(…) and Q.or(…) take any number side by side";
  check("the expression is", deepest, "deep", "maxDepth", dialect, hint);
}

/**
 * The same for a statement whose parameters are bound by its binders alone: more than the database takes are one, out of which each
 * is taken.
 */
export function compileBound(query: Query, dialect: Dialect): Compiled {
  const compiled = compile(query, dialect);
  const { limits, rows } = dialect;
  if (limits === undefined || rows === undefined || compiled.binders.length <= limits.maxParams) return compiled;
  const out = new Writer(dialect, writeSelect, null, rows);
  writeQuery(query, out);
  const { binders } = out;
  const columns = binders.map((): "plain" => "plain");
  const encode = (values: unknown): string => {
    const row = binders.map(({ slot, encode: one }): SqlValue => {
      const value = (values as readonly unknown[])[slot];
      return value === null || one === null ? (value as SqlValue) : one(value);
    });
    if (row.some((value) => value !== null && rows.kindOf(value) !== "plain")) {
      const unit = "parameters, bytes or very large or small floats among them";
      check("the statement has", row.length, unit, "maxParams", dialect, "ask in smaller parts");
    }
    return rows.textOf([row], columns);
  };
  // The placeholder stands once; a statement that names queries itself has one more.
  const [, named = null, rest] = /^(WITH (?:RECURSIVE )?)?(.*)$/s.exec(out.text)!;
  const values = `${PACKED} AS (SELECT ? AS v)`;
  const sql = named === null ? `WITH ${values} ${rest}` : `${named}${values}, ${rest}`;
  return { ...compiled, sql, binders: [{ slot: ALL_SLOTS, encode }] };
}

/** The same statement with its values as literals: for people, never for running. */
export function writeWithValues(query: Query, dialect: Dialect, values: readonly unknown[]): string {
  const out = new Writer(dialect, writeSelect, values);
  writeQuery(query, out);
  return out.text;
}

/** A statement that changes the schema, as text. */
export function compileDdl(ddl: Ddl, dialect: Dialect): string {
  if (ddl.kind === "createTable" && dialect.limits !== undefined)
    check(`the table ${ddl.table.name} has`, ddl.columns.length, "columns", "maxColumns", dialect, "split it");
  const out = new Writer(dialect, writeSelect, []);
  writeDdl(ddl, out);
  return out.text;
}
