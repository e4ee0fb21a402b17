import { FieldError } from "../base/errors.js";
import type { CompareOperator, Encode, Expr, ListParam } from "../sql/ast.js";
import { ALL, lookup, opposite, ORDERED, VALUES, type Lookup, type LookupContext } from "./lookup.js";

const isNull = (item: Expr): Expr => ({ kind: "isNull", item, negated: false });

const compare =
  (op: CompareOperator): Lookup["build"] =>
  (context) => ({ kind: "compare", op, left: compared(context), right: bound(context, context.encode) });

/** Shapes are compared as the bytes that they are. */
const compared = ({ left, field }: LookupContext): Expr =>
  field.type.kind === "geometry" ? { kind: "cast", item: left, to: "blob" } : left;

/** A value that is compared with the column, as the database must be told of it. */
function bound({ param, field, dialect }: LookupContext, encode: Encode): Expr {
  const cast = dialect.comparesAs(field.type);
  return cast === null ? param(encode) : { kind: "cast", item: param(encode), ...cast };
}

function boundList({ list, field, dialect }: LookupContext, encode: Encode): ListParam {
  const cast = dialect.comparesAs(field.type);
  return cast === null ? list(encode) : { ...list(encode), cast };
}

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
    const {
      left,
      field: { type },
    } = context;
    const among: Expr =
      context.field.isBytes || (type.kind === "uuid" && type.storage === "binary")
        ? amongBytes(context)
        : { kind: "in", left, list: boundList(context, context.encode), negated: false };
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
  (context) => {
    const at = (place: 0 | 1): Expr => bound(context, (value) => context.encode((value as readonly unknown[])[place]));
    return {
      kind: "and",
      items: [
        { kind: "compare", op: ">=", left: context.left, right: at(0) },
        { kind: "compare", op: "<=", left: context.left, right: at(1) },
      ],
    };
  },
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
