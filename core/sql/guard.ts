import { UnsupportedError } from "../base/errors.js";
import type { Select } from "./ast.js";
import type { Compiled } from "./compile.js";
import type { BatchWords, Dialect } from "./dialect.js";
import { writeSelect } from "./statements.js";
import { Writer } from "./writer.js";

/** What must hold of the statements before, or of the rows that are there by then. */
export type Condition =
  /** as many rows as its parameter says were matched by the last write */
  | { readonly kind: "affected" }
  | { readonly kind: "exists"; readonly query: Select; readonly negated: boolean }
  /** the row inserted last has the highest key */
  | { readonly kind: "highestKey"; readonly query: Select };

/**
 * A statement that fails unless something holds: between the statements of a batch, it undoes all of them. The parameter in slot
 * `name` is the text that its error has.
 */
export function compileGuard(condition: Condition, dialect: Dialect, count: number, name: number): Compiled {
  const words = wordsOf(dialect);
  const out = new Writer(dialect, writeSelect);
  out.put("SELECT CASE WHEN ");
  writeCondition(condition, words, count, out);
  out.put(` THEN 1 ELSE ${words.failure[0]}`);
  out.param(name, null);
  out.put(`${words.failure[1]} END`);
  return { sql: out.text, binders: out.binders, isSteady: out.isSteady };
}

function writeCondition(condition: Condition, words: BatchWords, count: number, out: Writer): void {
  switch (condition.kind) {
    case "affected":
      out.put(`${words.affected} = `);
      return out.param(count, null);
    case "highestKey":
      out.put(`${words.insertedKey} = (`);
      out.select(condition.query, out);
      return out.put(")");
    case "exists":
      out.put(condition.negated ? "NOT EXISTS (" : "EXISTS (");
      out.select(condition.query, out);
      return out.put(")");
    default:
      return condition satisfies never;
  }
}

function wordsOf({ batches, name }: Dialect): BatchWords {
  if (batches !== undefined) return batches;
  throw new UnsupportedError(`${name} has no statement that fails by a condition`, {
    hint: "inTransaction(async (tx) => { … }) looks and throws",
  });
}
