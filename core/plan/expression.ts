import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { ArithmeticName, ExpressionNode } from "../query/expression.js";
import type { ArithmeticOperator, Encode, Expr } from "../sql/ast.js";
import type { ColumnType } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import { checkSorts, type Slots } from "./scope.js";
import { placesOf } from "./shape.js";

/**
 * What an expression gives. Exact numbers are integers times a power of ten: an integer column has scale 0, a decimal
 * column the scale of its stored form. `field`: a bare column of some other kind.
 */
type Computed =
  | { readonly expr: Expr; readonly kind: "exact"; readonly scale: number }
  | { readonly expr: Expr; readonly kind: "float" }
  | { readonly expr: Expr; readonly kind: "field"; readonly field: Field };
type Numeric = Exclude<Computed, { kind: "field" }>;

/** A column that an expression names, wherever its table stands. */
export interface Operand {
  readonly field: Field;
  readonly expr: Expr;
}

/** What an expression may ask while it is built. */
export interface ExpressionContext {
  readonly dialect: Dialect;
  readonly slots: Slots;
  readonly operand: (path: string) => Operand;
}

/** `left op expression`, for a filter: both sides in one unit. */
export function buildCompared(
  compare: Extract<Expr, { kind: "compare" }>,
  field: Field,
  node: ExpressionNode,
  path: string,
  context: ExpressionContext,
): Expr {
  const left = ofField({ field, expr: compare.left }, context);
  const right = build(node, context);
  if (left.kind === "field" || right.kind === "field") {
    sameKind(left, right, field, path);
    return { ...compare, left: left.expr, right: right.expr };
  }
  const [one, other] = inOneUnit(left, right);
  return { ...compare, left: one, right: other };
}

/** An expression in the stored form of the field that it is assigned to. */
export function buildAssigned({ field, expr }: Operand, node: ExpressionNode, context: ExpressionContext): Expr {
  const target = ofField({ field, expr }, context);
  const given = build(node, context);
  if (target.kind === "field" || given.kind === "field") {
    sameKind(target, given, field, field.name);
    return given.expr;
  }
  if (target.kind === "float") return real(given);
  const range = rangeOf(field.type);
  if (given.kind === "float") return rounded(given.expr, target.scale, range);
  const item =
    given.scale <= target.scale ? scaled(given, target.scale) : halved(given.expr, given.scale - target.scale);
  return given.scale === target.scale && staysWithin(range, node, target.scale, context) ? item : inRange(item, range);
}

/** The integers that a column may hold, in units of its last place. */
interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

const upTo = (high: bigint): Range => ({ low: -high, high });
/** Integers that a float counts without leaving one out. */
const SAFE: Range = upTo(2n ** 53n - 1n);
const INT64: Range = { low: -(2n ** 63n), high: 2n ** 63n - 1n };

function rangeOf(type: ColumnType): Range {
  switch (type.kind) {
    case "smallInt":
      return { low: -(2n ** 15n), high: 2n ** 15n - 1n };
    case "int":
      return { low: -(2n ** 31n), high: 2n ** 31n - 1n };
    case "decimal":
      return upTo(10n ** BigInt(type.maxDigits) - 1n);
    case "bigInt":
      return type.mode === "bigint" ? INT64 : SAFE;
    default:
      return SAFE;
  }
}

/** True for a column of no wider range, and for what remains of one: neither can leave the range. */
function staysWithin(range: Range, node: ExpressionNode, scale: number, context: ExpressionContext): boolean {
  if (node.kind === "arithmetic" && node.op === "mod") return staysWithin(range, node.left, scale, context);
  if (node.kind !== "path") return false;
  const operand = context.operand(node.path);
  const given = ofField(operand, context);
  const { low, high } = rangeOf(operand.field.type);
  return given.kind === "exact" && given.scale === scale && low >= range.low && high <= range.high;
}

const inRange = (item: Expr, { low, high }: Range): Expr => ({ kind: "inRange", item, of: "integer", low, high });

/** The same for an operand that would be cut to an integer: what is stored as one needs no look. */
const whole = (item: Expr): Expr => (item.kind === "arithmetic" && item.op !== "%" ? inRange(item, INT64) : item);

function build(node: ExpressionNode, context: ExpressionContext): Computed {
  if (node.kind === "path") return ofField(context.operand(node.path), context);
  if (node.kind === "value") return constant(node.value, context.slots);
  const left = numeric(build(node.left, context), node.left);
  if (node.op === "pow" && node.right.kind === "value" && isSmallPower(node.right.value)) {
    context.slots.take();
    return power(left, Number(node.right.value));
  }
  return arithmetic(node.op, left, numeric(build(node.right, context), node.right));
}

function ofField({ field, expr }: Operand, { dialect }: ExpressionContext): Computed {
  const { type } = field;
  // An enum is a code, not a quantity.
  if (field.lookups !== "ordered" || field.kind === "intEnum") return { expr, kind: "field", field };
  switch (type.kind) {
    case "smallInt":
    case "int":
    case "bigInt":
    case "timeDelta":
      return { expr, kind: "exact", scale: 0 };
    case "decimal": {
      checkSorts(field, dialect, field.name);
      const scale = dialect.scaleOf(type);
      return scale === null ? { expr, kind: "float" } : { expr, kind: "exact", scale };
    }
    case "float":
      return { expr, kind: "float" };
    default:
      return { expr, kind: "field", field };
  }
}

function numeric(computed: Computed, node: ExpressionNode): Numeric {
  if (computed.kind !== "field") return computed;
  throw new FieldError(`"${node.kind === "path" ? node.path : computed.field.name}" is not a number`, {
    code: "not_a_number",
    hint: "arithmetic works on integers, floats, decimals and time deltas",
  });
}

/** A constant, as an integer of as many places as it has. */
function constant(value: unknown, slots: Slots): Computed {
  const scale = placesOf(value);
  const encode: Encode = (given) => shifted(given, scale);
  return { expr: { kind: "param", slot: slots.take(), encode }, kind: "exact", scale };
}

/** "1.5" with 1 place → 15n: bound as an integer, so that integers stay integers. */
function shifted(value: unknown, scale: number): bigint {
  const [mantissa, exponent] = String(value).toLowerCase().split("e") as [string, string?];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  const zeros = scale - fraction.length + Number(exponent ?? 0);
  const count =
    BigInt(`${whole === "" || whole === "-" || whole === "+" ? `${whole}0` : whole}${fraction}`.replace("+", "")) *
    10n ** BigInt(zeros);
  if (BigInt.asIntN(64, count) === count) return count;
  throw new FieldError("a constant in arithmetic has more than 64 bits", { code: "bad_value" });
}

function arithmetic(op: ArithmeticName, left: Numeric, right: Numeric): Numeric {
  if (op === "pow") return { expr: { kind: "call", name: "pow", args: [real(left), real(right)] }, kind: "float" };
  if (op === "dividedBy") return { expr: binary("/", real(left), real(right)), kind: "float" };
  if (left.kind === "float" || right.kind === "float") return floating(op, real(left), real(right));
  if (op === "times")
    return { expr: binary("*", left.expr, right.expr), kind: "exact", scale: left.scale + right.scale };
  const scale = Math.max(left.scale, right.scale);
  const [one, other] = [scaled(left, scale), scaled(right, scale)];
  const expr = op === "mod" ? binary("%", whole(one), whole(other)) : binary(op === "plus" ? "+" : "-", one, other);
  return { expr, kind: "exact", scale };
}

function floating(op: "plus" | "minus" | "times" | "mod", left: Expr, right: Expr): Numeric {
  if (op !== "mod")
    return { expr: binary(({ plus: "+", minus: "-", times: "*" } as const)[op], left, right), kind: "float" };
  // SQLite's % turns its operands into integers first.
  const whole: Expr = { kind: "cast", item: binary("/", left, right), to: "integer" };
  return { expr: binary("-", left, binary("*", right, whole)), kind: "float" };
}

const isSmallPower = (value: unknown): boolean => placesOf(value) === 0 && Number(value) >= 0 && Number(value) <= 8;

/** Written out as a product: exact, and no database needs a math function for it. */
function power(base: Numeric, exponent: number): Numeric {
  let product: Numeric = { expr: { kind: "literal", value: 1 }, kind: "exact", scale: 0 };
  for (let i = 0; i < exponent; i++) product = i === 0 ? base : arithmetic("times", product, base);
  return product;
}

function inOneUnit(left: Numeric, right: Numeric): [Expr, Expr] {
  if (left.kind === "float" || right.kind === "float") return [real(left), real(right)];
  const scale = Math.max(left.scale, right.scale);
  return [scaled(left, scale), scaled(right, scale)];
}

const binary = (op: ArithmeticOperator, left: Expr, right: Expr): Expr => ({ kind: "arithmetic", op, left, right });
const tens = (places: number): Expr => ({ kind: "literal", value: 10n ** BigInt(places) });

/** The same number as an integer of more places. */
const scaled = (given: Extract<Numeric, { kind: "exact" }>, scale: number): Expr =>
  given.scale === scale ? given.expr : binary("*", given.expr, tens(scale - given.scale));

const real = (given: Numeric): Expr => {
  if (given.kind === "float") return given.expr;
  const float: Expr = { kind: "cast", item: given.expr, to: "real" };
  return given.scale === 0 ? float : binary("/", float, tens(given.scale));
};

/**
 * Half away from zero, as SQL assigns a number to a column of fewer places. A float beyond 2^53 does not say which
 * integer it means, and a cast gives the nearest one that there is.
 */
const rounded = (float: Expr, scale: number, { low, high }: Range): Expr => ({
  kind: "cast",
  to: "integer",
  item: {
    kind: "inRange",
    item: { kind: "call", name: "round", args: [scale === 0 ? float : binary("*", float, tens(scale))] },
    of: "real",
    low: low < SAFE.low ? SAFE.low : low,
    high: high > SAFE.high ? SAFE.high : high,
  },
});

/** The same for an integer with `places` digits too many, without leaving the integers. */
function halved(expr: Expr, places: number): Expr {
  const half: Expr = { kind: "literal", value: 5n * 10n ** BigInt(places - 1) };
  const negative: Expr = { kind: "compare", op: "<", left: expr, right: { kind: "literal", value: 0 } };
  const away: Expr = {
    kind: "case",
    whens: [{ when: negative, then: binary("-", expr, half) }],
    otherwise: binary("+", expr, half),
  };
  return binary("/", away, tens(places));
}

function sameKind(left: Computed, right: Computed, field: Field, path: string): void {
  if (
    left.kind === "field" &&
    right.kind === "field" &&
    left.field.lookups === right.field.lookups &&
    sameForm(left.field, right.field)
  )
    return;
  throw new FieldError(`"${path}": this expression does not give what ${field.kind} field "${field.name}" holds`, {
    code: "bad_value",
  });
}

/** Text is text; everything else must be stored alike. */
const sameForm = (left: Field, right: Field): boolean =>
  left.lookups === "text" || JSON.stringify(left.type) === JSON.stringify(right.type);
