import type { Expr, OrderTerm } from "./ast.js";
import type { Writer } from "./writer.js";

/** Writes one expression. The switch is exhaustive: a new kind does not compile until it is written here. */
export function writeExpr(expr: Expr, out: Writer): void {
  if (++out.depth > out.deepest) out.deepest = out.depth;
  writeKind(expr, out);
  out.depth--;
}

function writeKind(expr: Expr, out: Writer): void {
  switch (expr.kind) {
    case "column":
      if (out.qualified && expr.table !== null) {
        out.name(expr.table);
        out.put(".");
      }
      return out.name(expr.name);
    case "param":
      return out.param(expr.slot, expr.encode);
    case "literal":
      return out.literal(expr.value);
    case "compare":
      return writeBinary(expr.left, expr.op, expr.right, out);
    case "arithmetic":
      out.put("(");
      writeBinary(expr.left, expr.op, divisor(expr, out), out);
      return out.put(")");
    case "call":
      if (expr.name === out.dialect.randomFunction) out.isSteady = false;
      out.put(`${expr.name}(`);
      out.list(expr.args, ", ", (arg) => writeExpr(arg, out));
      return out.put(")");
    case "text":
      return out.dialect.writeText(expr, out);
    case "datePart":
      return out.dialect.writeDatePart(expr.part, expr.of, expr.item, out);
    case "dateTrunc":
      return out.dialect.writeDateTrunc(expr.to, expr.item, out);
    case "inZone":
      return out.dialect.writeInZone(expr, out);
    case "cast":
      out.put("CAST(");
      writeExpr(expr.item, out);
      return out.put(` AS ${out.dialect.castType(expr.to, expr.places ?? 0)})`);
    case "isNull":
      writeExpr(expr.item, out);
      return out.put(expr.negated ? " IS NOT NULL" : " IS NULL");
    case "in":
      if (expr.list.kind === "list") return out.dialect.writeList(expr.left, expr.list, expr.negated, out);
      writeExpr(expr.left, out);
      out.put(expr.negated ? " NOT IN (" : " IN (");
      out.select(expr.list, out);
      return out.put(")");
    case "and":
      // AND binds tighter than OR, so only an OR inside it needs parentheses, and that writes its own.
      return expr.items.length === 0 ? out.put("1 = 1") : writeBalanced(expr.items, " AND ", out);
    case "or":
      if (expr.items.length < 2) return expr.items.length === 0 ? out.put("1 = 0") : writeExpr(expr.items[0]!, out);
      out.put("(");
      writeBalanced(expr.items, " OR ", out);
      return out.put(")");
    case "notTrue":
      out.put("(");
      writeExpr(expr.item, out);
      return out.put(") IS NOT TRUE");
    case "bool":
      return out.put(expr.value ? "1 = 1" : "1 = 0");
    case "exists":
      out.put(expr.negated ? "NOT EXISTS (" : "EXISTS (");
      out.select(expr.query, out);
      return out.put(")");
    case "scalar":
      out.put("(");
      out.select(expr.query, out);
      return out.put(")");
    case "case":
      out.put("CASE");
      for (const { when, then } of expr.whens) {
        out.put(" WHEN ");
        writeExpr(when, out);
        out.put(" THEN ");
        writeExpr(then, out);
      }
      out.put(" ELSE ");
      writeExpr(expr.otherwise, out);
      return out.put(" END");
    case "aggregate":
      out.put(`${expr.name}(${expr.distinct ? "DISTINCT " : ""}`);
      writeExpr(expr.item, out);
      return out.put(")");
    case "window":
      return writeWindow(expr, out);
    case "concat":
      return out.dialect.writeConcat(expr.items, out);
    case "json":
      return out.dialect.writeJson(expr, out);
    case "jsonValue":
      return out.dialect.writeJsonValue(expr, out);
    case "search":
      return out.dialect.writeSearch(expr, out);
    case "regex":
      return out.dialect.writeRegex(expr, out);
    case "raw":
      // Nobody knows what it does.
      out.isSteady = false;
      out.put("(");
      expr.parts.forEach((part, i) => {
        if (i > 0) writeExpr(expr.items[i - 1]!, out);
        out.put(part);
      });
      return out.put(")");
    case "inRange":
      return out.dialect.writeInRange(expr, out);
    case "inserted":
      return out.dialect.writeInserted(expr.name, out);
    default:
      return expr satisfies never;
  }
}

function writeWindow(window: Extract<Expr, { kind: "window" }>, out: Writer): void {
  const { call, partitionBy, orderBy } = window;
  if (call.kind === "call" && !out.dialect.neighbourDefaults && NEIGHBOURS.includes(call.name)) {
    const [value, distance, otherwise] = call.args;
    if (otherwise !== undefined) return writeExpr(neighbourOr(window, value!, distance!, otherwise), out);
  }
  writeExpr(call, out);
  out.put(" OVER (");
  if (partitionBy.length > 0) {
    out.put("PARTITION BY ");
    out.list(partitionBy, ", ", (item) => writeExpr(item, out));
    if (orderBy.length > 0) out.put(" ");
  }
  if (orderBy.length > 0) {
    out.put("ORDER BY ");
    writeOrder(orderBy, out);
  }
  out.put(")");
}

const NEIGHBOURS: readonly string[] = ["LAG", "LEAD"];

/** The value of a neighbour; whether there is one is told by a constant, which no row has as NULL. */
function neighbourOr(window: Extract<Expr, { kind: "window" }>, value: Expr, distance: Expr, otherwise: Expr): Expr {
  const { name } = window.call as Extract<Expr, { kind: "call" }>;
  const neighbour = (of: Expr): Expr => ({ ...window, call: { kind: "call", name, args: [of, distance] } });
  const missing: Expr = { kind: "isNull", item: neighbour({ kind: "literal", value: 1 }), negated: false };
  return { kind: "case", whens: [{ when: missing, then: otherwise }], otherwise: neighbour(value) };
}

/** `a, b DESC` */
export function writeOrder(terms: readonly OrderTerm[], out: Writer): void {
  out.list(terms, ", ", ({ expr, descending }) => {
    writeExpr(expr, out);
    if (descending) out.put(" DESC");
  });
}

/** What is divided by; NULL in place of zero, where that would be an error. */
function divisor({ op, right }: Extract<Expr, { kind: "arithmetic" }>, { dialect }: Writer): Expr {
  if (!dialect.divisionFails || (op !== "/" && op !== "%") || right.kind === "literal") return right;
  return { kind: "call", name: "NULLIF", args: [right, { kind: "literal", value: 0 }] };
}

function writeBinary(left: Expr, op: string, right: Expr, out: Writer): void {
  writeExpr(left, out);
  out.put(` ${op} `);
  writeExpr(right, out);
}

/** Up to this many terms stay in one flat chain: short statements read better so. */
const FLAT = 16;

/** As a balanced tree, because a chain of n terms is n deep, and databases stop at 1000 or at 100. */
export function writeBalanced(
  items: readonly Expr[],
  join: string,
  out: Writer,
  from: number = 0,
  to: number = items.length,
): void {
  const count = to - from;
  if (count > FLAT) {
    const middle = (from + to) >> 1;
    out.depth++;
    out.put("(");
    writeBalanced(items, join, out, from, middle);
    out.put(`)${join}(`);
    writeBalanced(items, join, out, middle, to);
    out.put(")");
    out.depth--;
    return;
  }
  // A chain leans to the left: its first two terms stand deepest. One term is no chain.
  out.depth += count - 2;
  for (let i = from; i < to; i++) {
    if (i > from) out.put(join);
    writeExpr(items[i]!, out);
    if (i > from) out.depth--;
  }
  out.depth++;
}
