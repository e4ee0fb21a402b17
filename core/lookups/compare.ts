import { FieldError } from "../base/errors.js";
import type { CompareOperator, Encode, Expr } from "../sql/ast.js";
import { ALL, lookup, opposite, ORDERED, VALUES, type Lookup, type LookupContext } from "./lookup.js";

const isNull = (item: Expr): Expr => ({ kind: "isNull", item, negated: false });

const compare =
  (op: CompareOperator): Lookup["build"] =>
  ({ left, param, encode }) => ({ kind: "compare", op, left, right: param(encode) });

/** `field: value`, and null for NULL. */
export const exact: Lookup = lookup(
  VALUES,
  (context) => (context.variant === "null" ? isNull(context.left) : compare("=")(context)),
  { takesNull: true, takesExpression: true, variant: (value) => (value === null ? "null" : "") },
);
export const not: Lookup = opposite(exact);

export const gt: Lookup = lookup(ORDERED, compare(">"), { bySize: true, takesExpression: true });
export const gte: Lookup = lookup(ORDERED, compare(">="), { bySize: true, takesExpression: true });
export const lt: Lookup = lookup(ORDERED, compare("<"), { bySize: true, takesExpression: true });
export const lte: Lookup = lookup(ORDERED, compare("<="), { bySize: true, takesExpression: true });

/** `field__in: [...]`; null in the list stands for NULL. */
export const inList: Lookup = lookup(
  VALUES,
  (context) => {
    const { left, list } = context;
    const among: Expr =
      context.field.kind === "binary"
        ? amongBytes(context)
        : { kind: "in", left, list: list(context.encode), negated: false };
    return context.variant === "null" ? { kind: "or", items: [among, isNull(left)] } : among;
  },
  {
    takesList: true,
    expects: "an array or a query set",
    accepts: Array.isArray,
    variant: (value) => (Array.isArray(value) && value.includes(null) ? "null" : ""),
  },
);
export const notInList: Lookup = opposite(inList);

/** Lists travel as text, which bytes are not: both sides are compared in hexadecimal. */
function amongBytes({ left, list, encode }: LookupContext): Expr {
  const among: Expr = {
    kind: "in",
    left: { kind: "call", name: "hex", args: [left] },
    list: list(hexOf(encode)),
    negated: false,
  };
  // SQLite's hex(NULL) is the hex of no bytes.
  return left.kind === "column" && !left.nullable
    ? among
    : { kind: "and", items: [{ kind: "isNull", item: left, negated: true }, among] };
}

const hexOf =
  (encode: Encode): Encode =>
  (value) =>
    Array.from(encode(value) as Uint8Array, (byte) => byte.toString(16).padStart(2, "0"))
      .join("")
      .toUpperCase();

/** `field__range: [from, to]`, both included. */
export const range: Lookup = lookup(
  ORDERED,
  ({ left, param, encode }) => ({
    kind: "and",
    items: [
      { kind: "compare", op: ">=", left, right: param((value) => encode((value as readonly unknown[])[0])) },
      { kind: "compare", op: "<=", left, right: param((value) => encode((value as readonly unknown[])[1])) },
    ],
  }),
  {
    bySize: true,
    expects: "an array of two values, neither null",
    accepts: (value) =>
      Array.isArray(value) && value.length === 2 && value.every((bound) => bound !== null && bound !== undefined),
  },
);

/** `field__isnull: true | false` */
export const isnull: Lookup = lookup(
  ALL,
  ({ left, variant }) => ({ kind: "isNull", item: left, negated: variant === "false" }),
  {
    expects: "true or false",
    accepts: (value) => typeof value === "boolean",
    variant: String,
  },
);
export const notIsnull: Lookup = opposite(isnull);

/** The error for a value that has not the shape its lookup asks for. */
export function wrongValue(path: string, expected: string, got: string): FieldError {
  return new FieldError(`"${path}" takes ${expected}, not ${got}`, { code: "bad_value" });
}
