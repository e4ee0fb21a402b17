import type { Ddl, Query } from "./ast.js";
import { writeDdl } from "./ddl.js";
import type { Dialect } from "./dialect.js";
import { writeQuery, writeSelect } from "./statements.js";
import { Writer, type Binder } from "./writer.js";

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
  return { sql: out.text, binders: out.binders, isSteady: out.isSteady };
}

/** The same statement with its values as literals: for people, never for running. */
export function writeWithValues(query: Query, dialect: Dialect, values: readonly unknown[]): string {
  const out = new Writer(dialect, writeSelect, values);
  writeQuery(query, out);
  return out.text;
}

/** A statement that changes the schema, as text. */
export function compileDdl(ddl: Ddl, dialect: Dialect): string {
  const out = new Writer(dialect, writeSelect, []);
  writeDdl(ddl, out);
  return out.text;
}
