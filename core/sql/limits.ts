import { LimitError } from "../base/errors.js";
import type { SqlValue } from "./column-type.js";
import type { Dialect } from "./dialect.js";

/** What one statement cannot exceed. */
export interface StatementLimits {
  readonly maxParams: number;
  readonly maxSqlBytes: number;
  /** of a result */
  readonly maxColumns: number;
  readonly maxCompoundTerms: number;
  /** of an expression */
  readonly maxDepth: number;
  /** of one text or blob; absent: nothing is known to bound it */
  readonly maxValueBytes?: number;
  /** of a batch; absent: nothing is known to bound it */
  readonly maxStatementsPerRequest?: number;
}

/** Below these, programs come to the limit; databases that have no more than these tell by themselves when they are exceeded. */
const USUAL: Omit<StatementLimits, "maxValueBytes" | "maxStatementsPerRequest"> = {
  maxParams: 999,
  maxSqlBytes: 1_000_000,
  maxColumns: 500,
  maxCompoundTerms: 100,
  maxDepth: 500,
};

/** True for limits that statements are written for. */
export const isTight = (limits: StatementLimits): boolean =>
  (Object.keys(USUAL) as (keyof typeof USUAL)[]).some((name) => limits[name] < USUAL[name]);

/** The same dialect for a client that has limits: plans of the two are kept apart. */
export function within(dialect: Dialect, limits: StatementLimits): Dialect {
  let known = LIMITED.get(dialect);
  if (known === undefined) LIMITED.set(dialect, (known = new WeakMap()));
  let made = known.get(limits);
  if (made === undefined) known.set(limits, (made = { ...dialect, limits }));
  return made;
}

const LIMITED = /* @__PURE__ */ new WeakMap<Dialect, WeakMap<StatementLimits, Dialect>>();

/** A dialect for a client that has limits. */
export interface Limited {
  readonly name: string;
  readonly limits?: StatementLimits;
}

/** Refuses a statement that the database would not take. */
export function checkStatement({ sql, params }: Statement, dialect: Limited): void {
  check("the statement has", params.length, "parameters", "maxParams", dialect, "say it with a list: __in", sql);
  checkBytes("the statement has", sql, "maxSqlBytes", dialect, "ask in smaller parts");
  for (const value of params) checkBytes("a value has", value, "maxValueBytes", dialect, "ask in smaller parts");
}

interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

function checkBytes(what: string, value: SqlValue, limit: keyof StatementLimits, dialect: Limited, hint: string): void {
  const { length = 0 } = (value ?? "") as { readonly length?: number };
  // A character has at most three bytes, as strings count them.
  if (length * 3 <= (dialect.limits![limit] ?? Infinity)) return;
  const bytes = typeof value === "string" ? new TextEncoder().encode(value).length : length;
  check(what, bytes, "bytes", limit, dialect, hint);
}

/** Refuses what cannot be written any smaller. `what`, the count and its unit are a sentence. */
export function check(
  what: string,
  count: number,
  unit: string,
  limit: keyof StatementLimits,
  { name, limits }: Limited,
  hint: string,
  sql: string | null = null,
): void {
  const most = limits![limit]!;
  if (count > most)
    throw new LimitError(`${what} ${count} ${unit}, and ${name} takes ${most} (${limit})`, {
      hint: `${hint}; nothing was sent`,
      sql,
    });
}
