import type { Expr, TextTest } from "../sql/ast.js";
import { lookup, type Lookup, type LookupContext } from "./lookup.js";

const TEXT = ["text"] as const;
const TEXT_VALUE: Partial<Lookup> = {
  expects: "a string",
  accepts: (value) => typeof value === "string" && value.isWellFormed(),
};

/** ASCII only, as SQLite's lower() is: what differs by locale differs on no database. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const folded = (left: Expr): Expr => ({ kind: "call", name: "lower", args: [left] });

const test = (name: TextTest, ignoreCase: boolean): Lookup =>
  lookup(
    TEXT,
    ({ left, param, variant }: LookupContext): Expr =>
      variant === "empty"
        ? { kind: "isNull", item: left, negated: true }
        : { kind: "text", test: name, left, right: param(null), ignoreCase, negated: false },
    { ...TEXT_VALUE, variant: (value) => (value === "" ? "empty" : "") },
  );

export const contains: Lookup = test("contains", false);
export const icontains: Lookup = test("contains", true);
export const endswith: Lookup = test("endswith", false);
export const iendswith: Lookup = test("endswith", true);

/** As a range, so that an index on the column serves it, and no limit of LIKE is ever met. */
const starts = (ignoreCase: boolean): Lookup =>
  lookup(
    TEXT,
    ({ left, param, variant }) => {
      const item = ignoreCase ? folded(left) : left;
      const from = (value: unknown): string => (ignoreCase ? lower(value as string) : (value as string));
      const lowest: Expr = { kind: "compare", op: ">=", left: item, right: param(from) };
      if (variant === "open") return lowest;
      return {
        kind: "and",
        items: [lowest, { kind: "compare", op: "<", left: item, right: param((value) => textAfter(from(value))!) }],
      };
    },
    { ...TEXT_VALUE, variant: (value) => (textAfter(value as string) === null ? "open" : "") },
  );

export const startswith: Lookup = starts(false);
export const istartswith: Lookup = starts(true);

export const iexact: Lookup = lookup(
  TEXT,
  ({ left, param }) => ({
    kind: "compare",
    op: "=",
    left: folded(left),
    right: param((value) => lower(value as string)),
  }),
  TEXT_VALUE,
);

/**
 * The first text that is greater than every text that starts with `prefix`, in code point order;
 * null when there is none: for "" and for a prefix of the last code point only.
 */
export function textAfter(prefix: string): string | null {
  const points = Array.from(prefix);
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    // Surrogates are no characters: after U+D7FF comes U+E000.
    if (last < 0x10ffff) return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return null;
}
