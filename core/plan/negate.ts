import type { CompareOperator, Expr } from "../sql/ast.js";
import { both, contains, PLAIN } from "./parts.js";

const FLIPPED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};

/**
 * The condition that holds exactly where the given one does not: also where it is NULL. Pushed down to the
 * comparisons, because a planner uses no index through NOT.
 */
export function negate(expr: Expr): Expr {
  const nulls: Expr[] = [];
  const turned = flip(expr, nulls);
  if (nulls.length === 0) return turned;
  const missing = nulls.map((item): Expr => ({ kind: "isNull", item, negated: false }));
  return { kind: "or", items: turned.kind === "or" ? [...turned.items, ...missing] : [turned, ...missing] };
}

/** Flips one level; `nulls` collects what may be NULL and so would answer neither way. */
function flip(expr: Expr, nulls: Expr[]): Expr {
  switch (expr.kind) {
    case "compare":
      noteNulls(expr.left, nulls);
      noteNulls(expr.right, nulls);
      return { ...expr, op: FLIPPED[expr.op] };
    case "text":
      noteNulls(expr.left, nulls);
      return { ...expr, negated: !expr.negated };
    case "in":
      noteNulls(expr.left, nulls);
      if (expr.list.kind === "select" && !expr.negated)
        return { ...expr, list: withoutNulls(expr.list), negated: true };
      return { ...expr, negated: !expr.negated };
    case "isNull":
    case "exists":
      return { ...expr, negated: !expr.negated };
    case "bool":
      return { kind: "bool", value: !expr.value };
    // NOT (a AND b): one of them fails. What may be NULL is asked once for all of them.
    case "and":
      return { kind: "or", items: expr.items.map((item) => flip(item, nulls)) };
    case "or":
      return { kind: "and", items: expr.items.map(negate) };
    default:
      return { kind: "notTrue", item: expr };
  }
}

/** A NULL among the rows of a NOT IN would let nothing through. */
function withoutNulls(query: Extract<Expr, { kind: "scalar" }>["query"]): Extract<Expr, { kind: "scalar" }>["query"] {
  const column = query.columns[0]!.expr;
  if (!mayBeNull(column)) return query;
  const given: Expr = { kind: "isNull", item: column, negated: true };
  // What is computed of groups or over a window is known only after the rows are chosen.
  const isLate = query.groupBy.length > 0 || contains(column, "window");
  if (query.limit === null && query.offset === null && !isLate) {
    return { ...query, where: both(query.where, given) };
  }
  const outer: Expr = { kind: "column", table: "rows", name: "key", nullable: true };
  return {
    ...PLAIN,
    alias: "rows",
    from: { ...query, columns: [{ expr: column, as: "key" }] },
    columns: [{ expr: outer, as: null }],
    where: { kind: "isNull", item: outer, negated: true },
  };
}

function noteNulls(expr: Expr, nulls: Expr[]): void {
  if (!mayBeNull(expr)) return;
  const known = nulls.some(
    (other) =>
      other === expr ||
      (other.kind === "column" && expr.kind === "column" && other.table === expr.table && other.name === expr.name),
  );
  if (!known) nulls.push(expr);
}

/** A query that gives one row, whatever there is. */
const isGathered = ({ columns, having, limit, offset }: Extract<Expr, { kind: "scalar" }>["query"]): boolean =>
  columns[0]!.expr.kind === "aggregate" && having === null && limit === null && offset === null;

/** Functions that give NULL only where an argument is NULL. */
const NEVER_NULL: readonly string[] = [
  "round",
  "lower",
  "ABS",
  "LENGTH",
  "CHAR_LENGTH",
  "LOWER",
  "UPPER",
  "TRIM",
  "REPLACE",
];

/** True when the expression may be NULL for a row. */
export function mayBeNull(expr: Expr): boolean {
  switch (expr.kind) {
    case "column":
      return expr.nullable;
    case "param":
    case "bool":
    case "isNull":
    case "exists":
      return false;
    case "aggregate":
      return expr.name !== "COUNT";
    // Nothing counted is 0.
    case "scalar":
      return expr.query.groupBy.length > 0 || mayBeNull(expr.query.columns[0]!.expr) || !isGathered(expr.query);
    case "literal":
      return expr.value === null;
    case "arithmetic":
      return expr.op === "/" || expr.op === "%" || mayBeNull(expr.left) || mayBeNull(expr.right);
    // Any function may give NULL; bytes in hexadecimal stand beside a test for it.
    case "call":
      if (expr.name === "COALESCE") return expr.args.every(mayBeNull);
      return expr.name !== "hex" && (!NEVER_NULL.includes(expr.name) || expr.args.some(mayBeNull));
    case "cast":
    case "inZone":
    case "datePart":
    case "dateTrunc":
      return mayBeNull(expr.item);
    // Functions without arguments number rows, which are there.
    case "window":
      return expr.call.kind === "call" ? expr.call.args.length > 0 : mayBeNull(expr.call);
    default:
      return true;
  }
}
