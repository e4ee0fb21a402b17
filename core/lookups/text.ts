import { codePoints } from "../base/unicode.js";
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
    (context) => {
      const { left, param, variant, dialect } = context;
      if (dialect.padsTexts || isCollated(context)) return startsTested(context, ignoreCase);
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

/**
 * Where a text with a control character comes before what it starts with, the range begins at the least of those that the
 * column can hold, and what is in it is tested. A column of another order than that of code points has no such range.
 */
function startsTested(context: LookupContext, ignoreCase: boolean): Expr {
  const { left, param, field, variant } = context;
  const test: Expr = { kind: "text", test: "startswith", left, right: param(null), ignoreCase, negated: false };
  const { type } = field;
  if (ignoreCase || left.kind !== "column" || type.kind !== "char" || isCollated(context)) return test;
  const least = (value: unknown): string =>
    (value as string).padEnd(
      (value as string).length + Math.max(0, type.maxLength - codePoints(value as string)),
      "\0",
    );
  const items: Expr[] = [{ kind: "compare", op: ">=", left, right: param(least) }];
  if (variant !== "open")
    items.push({ kind: "compare", op: "<", left, right: param((value) => textAfter(value as string)!) });
  return { kind: "and", items: [...items, test] };
}

/** True for a column of another order than that of code points. */
const isCollated = ({ field: { type }, dialect: { family } }: LookupContext): boolean =>
  (type.kind === "char" || type.kind === "text") && type.collation?.[family] !== undefined;

export const startswith: Lookup = starts(false);
export const istartswith: Lookup = starts(true);

export const iexact: Lookup = lookup(
  TEXT,
  ({ left, param, dialect }) => ({
    kind: "compare",
    op: "=",
    left: folded(left),
    right: dialect.foldsUnicode ? folded(param(null)) : param((value) => lower(value as string)),
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
