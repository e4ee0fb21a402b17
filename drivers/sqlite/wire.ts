import type { Result } from "../../core/connection/driver.js";

/** What stands in quotes or is a comment, and the placeholders outside of both. */
export const TOKENS: RegExp = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?(?:\*\/|$)|\?/g;

/**
 * read: gives rows and changes nothing; returning: gives the rows that it changed; insert and change (UPDATE or DELETE) give
 * none; other: anything else, which has nothing to tell.
 */
export type WireKind = "read" | "returning" | "insert" | "change" | "other";

/** What a statement gives, by its words outside of quotes and comments. */
export function wireKind(sql: string): WireKind {
  let kind = KINDS.get(sql);
  if (kind !== undefined) return kind;
  kind = kindOf(sql.replace(TOKENS, (token) => (token === "?" ? token : " ")));
  if (KINDS.size >= 500) KINDS.clear();
  KINDS.set(sql, kind);
  return kind;
}

/** `replace(…)` is a function too. */
const WRITES = /^\s*(?:with\b.*\b)?(insert|replace|update|delete)\b\s*(?!\()/is;

function kindOf(words: string): WireKind {
  const verb = WRITES.exec(words)?.[1]?.toLowerCase();
  if (verb === undefined) return /^\s*(?:select|with|values|pragma|explain)\b/i.test(words) ? "read" : "other";
  if (/\breturning\b/i.test(words)) return "returning";
  return verb === "insert" || verb === "replace" ? "insert" : "change";
}

const KINDS = /* @__PURE__ */ new Map<string, WireKind>();

/** True for a statement that is asked for its rows. */
export const givesRows = (kind: WireKind): boolean => kind === "read" || kind === "returning";

/** What a client tells of a statement that it has run. */
export interface SqliteAnswer {
  /** as arrays; empty for a statement that gives none */
  readonly rows: unknown[][];
  readonly columns: readonly string[];
  /** rows that it changed; whatever was counted last, for a statement that changes none */
  readonly changes?: number | bigint;
  /** the key made last, by whichever statement that was */
  readonly lastInsertRowid?: number | bigint | null | undefined;
}

/** The answer to a statement, out of what a client tells: what is left from the statement before is none of it. */
export function sqliteResult(sql: string, answer: SqliteAnswer, named: boolean): Result {
  const kind = wireKind(sql);
  const { rows, columns, changes = 0, lastInsertRowid = null } = answer;
  const affected = kind === "returning" ? rows.length : kind === "insert" || kind === "change" ? Number(changes) : 0;
  const insertId = kind === "insert" && affected > 0 ? exactInteger(lastInsertRowid) : null;
  const result = { rows, affected, insertId };
  return named ? { ...result, columns: givesRows(kind) ? columns : [] } : result;
}

/** Integers that clients give as bigints: numbers wherever those are exact. Other values are left as they are. */
export function exactInteger<T>(value: T): T | number {
  return typeof value === "bigint" && value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER
    ? Number(value)
    : value;
}
