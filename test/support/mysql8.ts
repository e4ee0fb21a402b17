import { createRequire } from "node:module";
import { afterAll } from "vitest";
import type { Driver, Session, Runner } from "../../core/connection/driver.js";

interface Parsed {
  readonly lexerError?: { readonly message?: string } | null;
  readonly parserError?: { readonly message?: string } | null;
}
type Parser = new (options: { readonly version: string }) => { parse(sql: string): Parsed };

let parser: InstanceType<Parser> | null = null;

/** What a MySQL 8 grammar says against a statement; null: nothing. */
export function refusal(sql: string): string | null {
  const { default: Mysql8 } = createRequire(import.meta.url)("ts-mysql-parser") as { readonly default: Parser };
  parser ??= new Mysql8({ version: "8.0.31" });
  // The grammar is older than these two, so what stands on their sides is what is judged; and it ends a name at its first backtick.
  const known = sql
    .replace(/ (?:EXCEPT|INTERSECT) /g, " UNION ")
    .replace(/`(?:[^`]|``)*`/g, (name) => (name.slice(1, -1).includes("`") ? "`a name`" : name));
  const { lexerError, parserError } = parser.parse(known);
  const error = parserError ?? lexerError ?? null;
  return error === null ? null : (error.message ?? "refused");
}

/**
 * True where an UPDATE or DELETE asks the table that it changes in a way that MySQL refuses with its error 1093, and MariaDB
 * does not always: it may only do so in a derived table, and one that is not merged into the query around it.
 */
export function asksChangedTable(sql: string): boolean {
  const changed = /^(?:UPDATE|DELETE FROM) (`(?:[^`]|``)+`)/.exec(sql)?.[1];
  if (changed === undefined) return false;
  // Each parenthesis: whether what is in it is read before anything changes.
  const open: boolean[] = [];
  const tokens = sql.matchAll(/'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`|\/\*.*?\*\/|[A-Za-z]+|[()]/g);
  const found = Array.from(tokens, ([text]) => text);
  for (let i = 0; i < found.length; i++) {
    if (found[i] === "(") open.push((open.at(-1) ?? false) || isReadFirst(found, i));
    else if (found[i] === ")") open.pop();
    else if (found[i] === changed && /^(?:FROM|JOIN)$/.test(found[i - 1] ?? "") && i > 2 && open.at(-1) !== true)
      return open.length > 0;
  }
  return false;
}

/** A table made of distinct rows, or of some rows: a derived table that no optimizer merges. */
function isReadFirst(tokens: readonly string[], at: number): boolean {
  if (!/^(?:FROM|JOIN)$/.test(tokens[at - 1] ?? "")) return false;
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    if (tokens[i] === "(") depth++;
    else if (tokens[i] === ")" && --depth === 0) return false;
    else if (depth === 1 && /^(?:DISTINCT|LIMIT|GROUP)$/.test(tokens[i]!)) return true;
  }
  return false;
}

/** One for all statements that differ in nothing but how many values they have. */
const shapeOf = (sql: string): string => sql.replace(/\?(?:, \?)+/g, "?, ?").replace(/(\([?, ]+\))(?:, \1)+/g, "$1");

/**
 * A driver whose statements are judged after the tests of the file: each must be one that MySQL 8 takes too. At most `most` of
 * those that differ are parsed, because that takes 20 ms each.
 */
export function judged(most: number): (driver: Driver) => Driver {
  const heard = new Set<string>();
  afterAll(() => {
    // What the suite sends to see it refused.
    heard.delete("SELEC ?");
    const refused = [...heard].filter(asksChangedTable).map((sql) => `error 1093: ${sql}`);
    const shapes = [...new Set([...heard].map(shapeOf))];
    const step = Math.max(1, shapes.length / most);
    for (let i = 0; i < shapes.length; i += step) {
      const sql = shapes[Math.floor(i)]!;
      const message = refusal(sql);
      if (message !== null) refused.push(`${message}: ${sql}`);
    }
    if (refused.length > 0)
      throw new Error(`MySQL 8 refuses ${refused.length} statements:\n${refused.slice(0, 20).join("\n")}`);
  }, 300_000);
  return (driver) => listening(driver, heard);
}

function listening<Heard extends Runner & { begin?: unknown }>(runner: Heard, heard: Set<string>): Heard {
  const { run, batch, stream } = runner;
  runner.run = (sql, params, named) => {
    heard.add(sql);
    return run.call(runner, sql, params, named);
  };
  if (batch !== undefined)
    runner.batch = (statements) => {
      for (const { sql } of statements) heard.add(sql);
      return batch.call(runner, statements);
    };
  if (stream !== undefined)
    runner.stream = (sql, params) => {
      heard.add(sql);
      return stream.call(runner, sql, params);
    };
  const begin = runner.begin as ((...given: unknown[]) => Session | Promise<Session>) | undefined;
  if (begin !== undefined)
    runner.begin = (...given: unknown[]) => {
      const begun = begin.apply(runner, given);
      return begun instanceof Promise ? begun.then((session) => listening(session, heard)) : listening(begun, heard);
    };
  return runner;
}
