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
