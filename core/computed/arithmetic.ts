import { MOST_PLACES, placePoint } from "../base/decimal-text.js";
import { FieldError } from "../base/errors.js";
import { BigIntField, DecimalField, FloatField } from "../fields/numbers.js";
import type { Field } from "../fields/field.js";
import { TextField } from "../fields/text.js";
import type { ArithmeticOperator, Encode, Expr } from "../sql/ast.js";
import type { ColumnType } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import type { Operand } from "../query/expression.js";
import { checkSorts } from "../query/sorts.js";

/** Arithmetic as users name it. */
export type ArithmeticName = "plus" | "minus" | "times" | "dividedBy" | "mod" | "pow";

/**
 * What an operand is to arithmetic. Exact numbers are integers times a power of ten: an integer column has scale 0, a decimal
 * column the scale of its stored form. `field`: a value of some other kind.
 */
type Computed =
  | { readonly expr: Expr; readonly kind: "exact"; readonly scale: number }
  | { readonly expr: Expr; readonly kind: "float" }
  | { readonly expr: Expr; readonly kind: "field"; readonly field: Field };
type Numeric = Exclude<Computed, { kind: "field" }>;

/** `left op right`, for a filter: both sides in one unit. */
export function compared(
  compare: Extract<Expr, { kind: "compare" }>,
  target: Operand,
  given: Operand,
  dialect: Dialect,
  path: string,
): Expr {
  const left = computed(target, dialect);
  const right = computed(fitting(given, target, dialect), dialect);
  if (isNull(given)) return { ...compare, left: left.expr, right: given.expr };
  if (left.kind === "field" || right.kind === "field") {
    sameKind(left, right, target.field, path);
    return { ...compare, left: left.expr, right: right.expr };
  }
  const [one, other] = inOneUnit(left, right, dialect);
  return { ...compare, left: one, right: other };
}

/** An operand in the stored form of the field that it is assigned to. */
export function assigned(target: Operand, operand: Operand, dialect: Dialect): Expr {
  const { field } = target;
  const to = computed(target, dialect);
  const given = computed(fitting(operand, target, dialect), dialect);
  if (isNull(operand)) return operand.expr;
  if (to.kind === "field" || given.kind === "field") {
    sameKind(to, given, field, field.name);
    return given.expr;
  }
  if (to.kind === "float") return real(given, dialect);
  // A column of decimals rounds them, and refuses what is too large, by itself.
  if (field.type.kind === "decimal" && dialect.decimals === "values") return given.expr;
  const range = rangeOf(field.type);
  if (given.kind === "float") return rounded(given.expr, to.scale, range, dialect);
  const item =
    given.scale <= to.scale ? scaled(given, to.scale, dialect) : halved(given.expr, given.scale - to.scale, dialect);
  return given.scale === to.scale && staysWithin(range, operand) ? item : inRange(item, range);
}

/** What an operation gives. `power`: the exponent, where it is a constant. */
export function calculated(
  op: ArithmeticName,
  left: Operand,
  right: Operand,
  dialect: Dialect,
  power: unknown,
): Operand {
  const one = numeric(left, dialect);
  const isWide = isBig(left.field) || isBig(right.field);
  if (op === "pow" && isSmallPower(power)) return asOperand(powered(one, Number(power), dialect), isWide);
  const result = asOperand(arithmetic(op, one, numeric(right, dialect), dialect), isWide);
  // What remains of a division stays where the number was.
  return op === "mod" && left.within !== undefined && one.kind === "exact" && one.scale === result.scale
    ? { ...result, within: left.within }
    : result;
}

/** The number with fewer decimal places, half away from zero; of the same kind. */
export function roundedTo(operand: Operand, places: number, dialect: Dialect): Operand {
  const given = numeric(operand, dialect);
  if (given.kind === "float") {
    const args: Expr[] = [given.expr, { kind: "literal", value: places }];
    return { field: FLOAT(), expr: { kind: "call", name: "ROUND", args: places === 0 ? args.slice(0, 1) : args } };
  }
  if (given.scale <= places) return operand;
  const expr: Expr =
    dialect.decimals === "values"
      ? { kind: "cast", item: given.expr, to: "decimal", places }
      : halved(given.expr, given.scale - places, dialect);
  return { field: decimalOf(places), expr, scale: places };
}

/** The whole number below, or above. */
export function wholeNumber(toward: "FLOOR" | "CEIL", operand: Operand, dialect: Dialect): Operand {
  const given = numeric(operand, dialect);
  if (given.kind === "exact" && given.scale === 0) return operand;
  const result = { field: INTEGER(), scale: 0 };
  if (given.kind === "float" || dialect.decimals === "values") {
    const item: Expr = { kind: "call", name: toward, args: [given.expr] };
    const within: Expr =
      given.kind === "float" && dialect.decimals === "units" ? { kind: "inRange", item, of: "real", ...SAFE } : item;
    return { ...result, expr: { kind: "cast", item: within, to: "integer" } };
  }
  // Integers are divided towards zero.
  const unit = tens(given.scale);
  const quotient = binary("/", given.expr, unit);
  const zero: Expr = { kind: "literal", value: 0 };
  const isBeyond: Expr = {
    kind: "compare",
    op: toward === "FLOOR" ? "<" : ">",
    left: binary("%", given.expr, unit),
    right: zero,
  };
  const one: Expr = { kind: "literal", value: 1 };
  const then = binary(toward === "FLOOR" ? "-" : "+", quotient, one);
  return { ...result, expr: { kind: "case", whens: [{ when: isBeyond, then }], otherwise: quotient } };
}

/** A number as an operand: exact ones read as integers or decimals. */
function asOperand(result: Numeric, isWide: boolean): Operand {
  if (result.kind === "float") return { expr: result.expr, field: FLOAT() };
  const { expr, scale } = result;
  return { expr, scale, field: scale === 0 ? (isWide ? BIG() : INTEGER()) : decimalOf(scale) };
}

/** It is NULL itself, which fits everywhere. */
export const isNull = ({ expr }: Operand): boolean => expr.kind === "literal" && expr.value === null;

/** Values of which one is given: numbers in one unit, constants in the form of what stands beside them. */
export function alike(given: readonly Operand[], dialect: Dialect, call: string): Operand[] {
  const said = given.filter((each) => !isNull(each));
  const typed = said.filter((each) => each.as === undefined);
  const first = typed[0] ?? said[0];
  if (first === undefined) return [...given];
  const fitted = said.map((each) => (each === first ? each : fitting(each, first, dialect)));
  const form = commonForm(fitted, first, dialect, call);
  const others = fitted.values();
  return given.map((each) => {
    if (isNull(each)) return { ...form.result, expr: each.expr };
    return { ...form.result, expr: form.convert(others.next().value!) };
  });
}

interface Form {
  readonly result: Omit<Operand, "expr">;
  readonly convert: (operand: Operand) => Expr;
}

function commonForm(given: readonly Operand[], first: Operand, dialect: Dialect, call: string): Form {
  const { field, scale } = first;
  const asIs = ({ expr }: Operand): Expr => expr;
  const same = given.every((each) => each.scale === scale && sameForm(each.field, field));
  if (same && field.lookups !== "text")
    return { result: { field, ...(scale === undefined ? {} : { scale }) }, convert: asIs };
  if (given.every((each) => each.field.lookups === "text"))
    return { result: { field: given.every((each) => each.field === field) ? field : new TextField() }, convert: asIs };
  const numbers = given.map((each) => computed(each, dialect));
  if (numbers.some(({ kind }) => kind === "field"))
    throw new FieldError(
      `${call}() is given values of different kinds: ${given.map((each) => each.field.kind).join(", ")}`,
      {
        code: "bad_value",
      },
    );
  if (numbers.some(({ kind }) => kind === "float"))
    return { result: { field: FLOAT() }, convert: (each) => real(computed(each, dialect) as Numeric, dialect) };
  const places = Math.max(...numbers.map((each) => (each as Extract<Numeric, { kind: "exact" }>).scale));
  // A wider integer column among them says how it is read.
  const widest = given.find((each) => each.as === undefined && isBig(each.field));
  return {
    result: { field: places === 0 ? (widest?.field ?? INTEGER()) : decimalOf(places), scale: places },
    convert: (each) => scaled(computed(each, dialect) as Extract<Numeric, { kind: "exact" }>, places, dialect),
  };
}

/** A constant in the form of what it stands beside; numbers only where that is no number as SQL counts. */
function fitting(given: Operand, beside: Operand, dialect: Dialect): Operand {
  const { as } = given;
  const { field, scale } = beside;
  if (as === undefined || (field.lookups === "text" && given.field.lookups === "text")) return given;
  const isWhole = given.scale === 0;
  if ((isWhole || given.field.kind === "float") && field.kind !== "intEnum") {
    if (field.type.kind !== "decimal") return given;
    if (isWhole && (scale ?? dialect.scaleOf(field.type)) !== null) return given;
  }
  return { field, expr: as(field), ...(scale === undefined ? {} : { scale }) };
}

/** Fields without names, for what has no column. */
export const INTEGER = (): Field => new BigIntField();
/** Read as a bigint, as every column is that it was calculated from. */
export const BIG = (): Field => new BigIntField({ mode: "bigint" });
export const isBig = ({ type }: Field): boolean => type.kind === "bigInt" && type.mode === "bigint";
export const FLOAT = (): Field => new FloatField();
export const decimalOf = (decimalPlaces: number): Field =>
  new DecimalField({ maxDigits: 18, decimalPlaces: Math.min(18, decimalPlaces) });

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
function staysWithin(range: Range, { within, field }: Operand): boolean {
  const { low, high } = rangeOf(within ?? field.type);
  return within !== undefined && low >= range.low && high <= range.high;
}

const inRange = (item: Expr, { low, high }: Range): Expr => ({ kind: "inRange", item, of: "integer", low, high });

/** The same for an operand that would be cut to an integer: what is stored as one needs no look. */
const whole = (item: Expr): Expr => (item.kind === "arithmetic" && item.op !== "%" ? inRange(item, INT64) : item);

function computed({ field, expr, scale }: Operand, dialect: Dialect): Computed {
  const { type } = field;
  if (scale !== undefined) return { expr, kind: "exact", scale };
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
      const places = dialect.scaleOf(type);
      return places === null ? { expr, kind: "float" } : { expr, kind: "exact", scale: places };
    }
    case "float":
      return { expr, kind: "float" };
    default:
      return { expr, kind: "field", field };
  }
}

function numeric(operand: Operand, dialect: Dialect): Numeric {
  const given = computed(operand, dialect);
  if (given.kind !== "field") return given;
  throw new FieldError(`"${operand.field.name || operand.field.kind}" is not a number`, {
    code: "not_a_number",
    hint: "arithmetic works on integers, floats, decimals and time deltas",
  });
}

/**
 * How many decimal places a constant of arithmetic has: 0 for a whole number. Throws for what is no number.
 * Scientific notation is written out: 1e-7 has seven places.
 */
export function placesOf(value: unknown): number {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return 0;
  const match = /^[+-]?\d*\.?(\d*)(?:e([+-]?\d+))?$/i.exec(String(value));
  if (match === null || !/\d/.test(String(value)) || (typeof value === "number" && !Number.isFinite(value))) {
    throw new FieldError("a constant in arithmetic must be a number, or a decimal in a string", { code: "bad_value" });
  }
  if (typeof value === "number" && Number.isInteger(value))
    throw new FieldError("a whole number beyond 2^53 is not exact", {
      code: "bad_value",
      hint: "write it as a bigint",
    });
  const places = Math.max(0, match[1]!.length - Number(match[2] ?? 0));
  if (places <= MOST_PLACES && Number(match[2] ?? 0) <= MOST_PLACES) return places;
  throw new FieldError(
    places > MOST_PLACES
      ? `a constant in arithmetic has more than ${MOST_PLACES} decimal places`
      : "a constant in arithmetic has more than 64 bits",
    { code: "bad_value" },
  );
}

/** A constant, as an integer of as many places as it has; as it is where decimals are numbers of the database's own. */
export function constant(value: unknown, slot: number, dialect: Dialect): Operand {
  const scale = placesOf(value);
  const field = scale === 0 ? INTEGER() : decimalOf(scale);
  const encode: Encode = (given) => shifted(given, scale);
  if (scale === 0 || dialect.decimals === "units") return { expr: { kind: "param", slot, encode }, scale, field };
  const asText: Encode = (given) => {
    const digits = String(shifted(given, scale));
    return digits.startsWith("-") ? `-${placePoint(digits.slice(1), scale)}` : placePoint(digits, scale);
  };
  return {
    // A bound text would make the calculation one of floats.
    expr: { kind: "cast", item: { kind: "param", slot, encode: asText }, to: "decimal", places: scale },
    scale,
    field,
  };
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

function arithmetic(op: ArithmeticName, left: Numeric, right: Numeric, dialect: Dialect): Numeric {
  const [leftReal, rightReal] = [(): Expr => real(left, dialect), (): Expr => real(right, dialect)];
  if (op === "pow") return { expr: { kind: "call", name: "pow", args: [leftReal(), rightReal()] }, kind: "float" };
  if (op === "dividedBy") return { expr: binary("/", leftReal(), rightReal()), kind: "float" };
  if (left.kind === "float" || right.kind === "float") return floating(op, leftReal(), rightReal(), dialect);
  if (op === "times")
    return { expr: binary("*", left.expr, right.expr), kind: "exact", scale: left.scale + right.scale };
  const scale = Math.max(left.scale, right.scale);
  const [one, other] = [scaled(left, scale, dialect), scaled(right, scale, dialect)];
  const expr =
    op === "mod" && dialect.decimals === "units"
      ? binary("%", whole(one), whole(other))
      : binary(({ plus: "+", minus: "-", mod: "%" } as const)[op], one, other);
  return { expr, kind: "exact", scale };
}

function floating(op: "plus" | "minus" | "times" | "mod", left: Expr, right: Expr, dialect: Dialect): Numeric {
  if (op !== "mod" || dialect.fractionalRemainder)
    return {
      expr: binary(({ plus: "+", minus: "-", times: "*", mod: "%" } as const)[op], left, right),
      kind: "float",
    };
  // SQLite's % turns its operands into integers first.
  const whole: Expr = { kind: "cast", item: binary("/", left, right), to: "integer" };
  return { expr: binary("-", left, binary("*", right, whole)), kind: "float" };
}

const isSmallPower = (value: unknown): boolean =>
  value !== undefined && placesOf(value) === 0 && Number(value) >= 0 && Number(value) <= 8;

/** Written out as a product: exact, and no database needs a math function for it. */
function powered(base: Numeric, exponent: number, dialect: Dialect): Numeric {
  let product: Numeric = { expr: { kind: "literal", value: 1 }, kind: "exact", scale: 0 };
  for (let i = 0; i < exponent; i++) product = i === 0 ? base : arithmetic("times", product, base, dialect);
  return product;
}

function inOneUnit(left: Numeric, right: Numeric, dialect: Dialect): [Expr, Expr] {
  if (left.kind === "float" || right.kind === "float") return [real(left, dialect), real(right, dialect)];
  const scale = Math.max(left.scale, right.scale);
  return [scaled(left, scale, dialect), scaled(right, scale, dialect)];
}

const binary = (op: ArithmeticOperator, left: Expr, right: Expr): Expr => ({ kind: "arithmetic", op, left, right });
const tens = (places: number): Expr => ({ kind: "literal", value: 10n ** BigInt(places) });

/** The same number as an integer of more places, where decimals are integers. */
const scaled = (given: Extract<Numeric, { kind: "exact" }>, scale: number, { decimals }: Dialect): Expr =>
  given.scale === scale || decimals === "values" ? given.expr : binary("*", given.expr, tens(scale - given.scale));

const real = (given: Numeric, { decimals }: Dialect): Expr => {
  if (given.kind === "float") return given.expr;
  const float: Expr = { kind: "cast", item: given.expr, to: "real" };
  return given.scale === 0 || decimals === "values" ? float : binary("/", float, tens(given.scale));
};

/**
 * Half away from zero, as SQL assigns a number to a column of fewer places. A float beyond 2^53 does not say which
 * integer it means, and a cast gives the nearest one that there is.
 */
const rounded = (float: Expr, scale: number, { low, high }: Range, { decimals }: Dialect): Expr => ({
  kind: "cast",
  to: "integer",
  item: {
    kind: "inRange",
    item:
      decimals === "values"
        ? // A float would be rounded to the even one of its neighbours.
          { kind: "cast", item: float, to: "decimal", places: FLOAT_PLACES }
        : { kind: "call", name: "round", args: [scale === 0 ? float : binary("*", float, tens(scale))] },
    of: "real",
    low: low < SAFE.low ? SAFE.low : low,
    high: high > SAFE.high ? SAFE.high : high,
  },
});

/** More places say nothing about which integer is nearest. */
const FLOAT_PLACES = 20;

/** The same for an integer with `places` digits too many, without leaving the integers. */
function halved(expr: Expr, places: number, { decimals }: Dialect): Expr {
  if (decimals === "values") return { kind: "cast", item: expr, to: "integer" };
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
  throw new FieldError(`"${path}": this expression does not give what a ${field.kind} holds`, {
    code: "bad_value",
  });
}

/** Text is text; everything else must be stored alike. */
const sameForm = (left: Field, right: Field): boolean =>
  left.lookups === "text" || JSON.stringify(left.type) === JSON.stringify(right.type);
