import type { Expr, Select, TableName } from "../sql/ast.js";

/** A SELECT that says nothing but what and from where. */
export const PLAIN: Omit<Select, "from" | "alias" | "columns"> = {
  kind: "select",
  distinct: false,
  joins: [],
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
};

/** One condition and another, flat; null: only the other. */
export const both = (one: Expr | null, other: Expr): Expr =>
  one === null ? other : { kind: "and", items: one.kind === "and" ? [...one.items, other] : [one, other] };

/** True where an expression of the statement itself, not of a query inside it, has a part of this kind. */
export const contains = (expr: Expr, kind: Expr["kind"]): boolean => partOf(expr, kind) !== null;

/** The first such part; null: there is none. */
export function partOf<Kind extends Expr["kind"]>(expr: Expr, kind: Kind): Extract<Expr, { kind: Kind }> | null {
  if (expr.kind === kind) return expr as Extract<Expr, { kind: Kind }>;
  for (const part of partsOf(expr)) {
    const found = partOf(part, kind);
    if (found !== null) return found;
  }
  return null;
}

/** True where a part of a statement, however deep, is a query that asks a table; null: any. */
export const asksTable = (part: unknown, asked: TableName | null): boolean =>
  someNode(part, (node) => {
    const { from, joins } = node as Partial<Select>;
    const isIt = (table: unknown): boolean =>
      asked === null ||
      ((table as Partial<TableName>).name === asked.name && (table as Partial<TableName>).schema === asked.schema);
    return node.kind === "select" && (isIt(from) || joins!.some(({ table }) => isIt(table)));
  });

/** True where a part of a statement, however deep, reads a column of one of its tables. */
export const readsColumn = (part: unknown, table: string, column: string): boolean =>
  someNode(
    part,
    (node) => node.kind === "column" && node.name === column && (node.table === null || node.table === table),
  );

function someNode(part: unknown, is: (node: Readonly<Record<string, unknown>>) => boolean): boolean {
  if (typeof part !== "object" || part === null) return false;
  // A join knows the scope that it is made for, which knows everything.
  if (!Array.isArray(part) && Object.getPrototypeOf(part) !== Object.prototype) return false;
  if (!Array.isArray(part) && is(part as Readonly<Record<string, unknown>>)) return true;
  return Object.values(part).some((inner) => someNode(inner, is));
}

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
    case "raw":
      return expr.items;
    case "cast":
    case "inZone":
    case "datePart":
    case "dateTrunc":
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
