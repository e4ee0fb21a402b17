import type { Expr } from "../sql/ast.js";

/** True where an expression of the statement itself, not of a query inside it, has a part of this kind. */
export const contains = (expr: Expr, kind: Expr["kind"]): boolean =>
  expr.kind === kind || partsOf(expr).some((part) => contains(part, kind));

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "compare":
    case "arithmetic":
    case "text":
      return [expr.left, expr.right];
    case "call":
      return expr.args;
    case "and":
    case "or":
    case "concat":
      return expr.items;
    case "cast":
    case "inZone":
    case "datePart":
    case "isNull":
    case "notTrue":
    case "inRange":
    case "aggregate":
      return [expr.item];
    case "in":
      return [expr.left];
    case "case":
      return [...expr.whens.flatMap(({ when, then }) => [when, then]), expr.otherwise];
    default:
      return [];
  }
}
