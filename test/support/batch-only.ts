import { OperationalError } from "../../core/base/errors.js";
import type { Driver, Limits, Result, Statement } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import { sqliteError } from "../../drivers/sqlite/errors.js";
import { sqlite } from "../../drivers/sqlite/index.js";

/** What D1 cannot exceed. */
export const D1_LIMITS: Limits = {
  maxParams: 100,
  maxSqlBytes: 100_000,
  maxColumns: 100,
  maxCompoundTerms: 5,
  maxDepth: 100,
  maxLikeBytes: 50,
  maxStatementsPerRequest: 1000,
  maxValueBytes: 2_000_000,
};

/** What it promises is half of what it refuses. */
const VALUE_BYTES = 4 * 1024 * 1024;

/** A database that can do nothing but send batches, and the requests that went to it. */
export interface BatchOnly extends Driver {
  /** The statements of each request. */
  readonly requests: Statement[][];
}

/**
 * SQLite as D1 lets it be used: no transaction between requests, its limits, and every number bound as a float (as better-sqlite3
 * does by itself). Whoever exceeds a limit gets SQLite's own error, as if the limit had not been known.
 */
export function batchOnly(filePath = ":memory:"): BatchOnly {
  const real = sqlite({ filePath, foreignKeys: true } as never);
  const requests: Statement[][] = [];
  const send = async (statements: readonly Statement[]): Promise<Result[]> => {
    await Promise.resolve();
    requests.push([...statements]);
    for (const { sql, params } of statements) check(sql, params);
    const results = statements.length === 1 ? [await one(real, statements[0]!)] : await real.batch!(statements);
    for (const { rows } of results) {
      if ((rows[0]?.length ?? 0) > D1_LIMITS.maxColumns) throw tooMuch("too many columns in result set");
      for (const row of rows) row.forEach((value, i) => (row[i] = asD1Answers(value)));
    }
    return results.map((result) => ({ ...result, insertId: asD1Answers(result.insertId) as number | null }));
  };
  return {
    dialect: { ...real.dialect, name: "batch-only SQLite" },
    limits: D1_LIMITS,
    label: "batch only",
    requests,
    run: async (sql, params, named) => (await send([named === true ? { sql, params, named } : { sql, params }]))[0]!,
    batch: send,
    script: async (sql) => void (await real.script!(sql)),
    introspect: (on) => real.introspect!(on ?? real),
    close: () => real.close(),
    toError: (error, sql) => real.toError(error, sql),
  };
}

const one = (driver: Driver, { sql, params, named }: Statement): Result | Promise<Result> =>
  driver.run(sql, params, named);

function asD1Answers(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value;
}

const tooMuch = (message: string): Error => sqliteError("SQLITE_ERROR", message, null, null);

function check(sql: string, params: readonly SqlValue[]): void {
  if (params.length > D1_LIMITS.maxParams) throw tooMuch("too many SQL variables");
  if (Buffer.byteLength(sql) > D1_LIMITS.maxSqlBytes) throw tooMuch("statement too long");
  for (const value of params)
    if (typeof value === "string" && Buffer.byteLength(value) > VALUE_BYTES)
      throw sqliteError("SQLITE_TOOBIG", "string or blob too big", null, null);
  const words = wordsOf(sql);
  if (/^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)$/i.test(words[0] ?? ""))
    throw new OperationalError("To execute a transaction, please use the state.storage.transaction() API");
  if (words.some((word) => /^(LIKE|GLOB)$/i.test(word)))
    for (const value of params)
      if (typeof value === "string" && Buffer.byteLength(value) > D1_LIMITS.maxLikeBytes)
        throw tooMuch("LIKE or GLOB pattern too complex");
  measure(words, 0);
}

/** Words and signs, without what stands in quotes. */
function wordsOf(sql: string): string[] {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "x").match(/\w+|\|\||<>|[<>]=|[^\s\w]/g) ?? [];
}

const JOINS = /^(AND|OR|\|\||\+|-|\*|\/)$/i;
const COMPOUNDS = /^(UNION|INTERSECT|EXCEPT)$/i;

/** Reads one pair of parentheses: gives where it ends and how deep it is. */
function measure(words: readonly string[], from: number): { end: number; depth: number } {
  let terms = 1;
  let chain = 0;
  let longest = 0;
  let inner = 0;
  let i = from;
  for (; i < words.length && words[i] !== ")"; i++) {
    const word = words[i]!;
    if (word === "(") {
      const part = measure(words, i + 1);
      // Parentheses that only group add nothing.
      inner = Math.max(inner, part.depth + (/^\w+$/.test(words[i - 1] ?? "") && !JOINS.test(words[i - 1]!) ? 1 : 0));
      i = part.end;
    } else if (COMPOUNDS.test(word)) terms++;
    else if (JOINS.test(word)) chain++;
    else if (word === "," || /^(SELECT|FROM|WHERE|SET|VALUES|WHEN|THEN|ELSE|ON|BY|HAVING|LIMIT)$/i.test(word)) {
      longest = Math.max(longest, chain);
      chain = 0;
    }
  }
  if (terms > D1_LIMITS.maxCompoundTerms) throw tooMuch("too many terms in compound SELECT");
  const depth = Math.max(longest, chain) + Math.max(inner, 1);
  if (depth > D1_LIMITS.maxDepth) throw tooMuch("Expression tree is too large (maximum depth 100)");
  return { end: i, depth };
}
