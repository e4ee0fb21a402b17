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
}

/** Below these, programs come to the limit; databases that have no more than these tell by themselves when they are exceeded. */
const USUAL: StatementLimits = {
  maxParams: 999,
  maxSqlBytes: 1_000_000,
  maxColumns: 500,
  maxCompoundTerms: 100,
  maxDepth: 500,
};

/** True for limits that statements are written for. */
export const isTight = (limits: StatementLimits): boolean =>
  (Object.keys(USUAL) as (keyof StatementLimits)[]).some((name) => limits[name] < USUAL[name]);

/** The same dialect for a client that has limits: plans of the two are kept apart. */
export function within(dialect: Dialect, limits: StatementLimits): Dialect {
  let known = LIMITED.get(dialect);
  if (known === undefined) LIMITED.set(dialect, (known = new WeakMap()));
  let made = known.get(limits);
  if (made === undefined) known.set(limits, (made = { ...dialect, limits }));
  return made;
}

const LIMITED = /* @__PURE__ */ new WeakMap<Dialect, WeakMap<StatementLimits, Dialect>>();

/** Refuses a statement that the database would not take. */
export function checkStatement(sql: string, params: readonly SqlValue[], limits: StatementLimits, name: string): void {
  if (params.length > limits.maxParams)
    throw exceeded(
      `the statement has ${params.length} parameters`,
      "maxParams",
      limits,
      name,
      "say it with a list: __in",
      sql,
    );
  // A character has at most three bytes, as strings count them.
  if (sql.length * 3 > limits.maxSqlBytes && new TextEncoder().encode(sql).length > limits.maxSqlBytes)
    throw exceeded(
      `the statement has ${new TextEncoder().encode(sql).length} bytes`,
      "maxSqlBytes",
      limits,
      name,
      "ask in smaller parts",
      null,
    );
}

/** The error for what cannot be written any smaller. `name`: of the database. */
export function exceeded(
  what: string,
  limit: keyof StatementLimits,
  limits: StatementLimits,
  name: string,
  hint: string,
  sql: string | null,
): LimitError {
  return new LimitError(`${what}, and ${name} takes ${limits[limit]} (${limit})`, {
    hint: `${hint}; nothing was sent`,
    sql,
  });
}
