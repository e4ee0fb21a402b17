import { FieldError, ParamsError, typeName, UnsupportedError } from "../../base/errors.js";
import { Field } from "../../fields/field.js";
import type { Operand } from "../../query/expression.js";
import type { CastType, Expr } from "../../sql/ast.js";
import type { Dialect } from "../../sql/dialect.js";
import type { CastFunction } from "../../types/functions.js";
import { assigned, FLOAT, INTEGER } from "../arithmetic.js";
import type { Expression } from "../expression.js";
import { argument } from "./argument.js";
import { Derived } from "./derived.js";

const CAST = Symbol("cast");
const NUMBERS = ["smallInt", "int", "bigInt", "float", "decimal"];

/**
 * A number as another kind of number or as text, a text as a number: `Cast("code", fields.int())`. Fractions are rounded half
 * away from zero where the new kind has fewer places; what it cannot hold fails. A text that begins with no number is 0.
 */
export const Cast: CastFunction = ((of: unknown, to: unknown): Expression => {
  if (!(to instanceof Field))
    throw new ParamsError(`Cast() takes a field that says what it gives, not ${typeName(to)}`, {
      hint: 'Cast("code", fields.int())',
    });
  const { kind, type, options } = to;
  return new Derived(
    argument(of, "Cast"),
    [CAST, `${kind} ${JSON.stringify([type, options])}`],
    (given, { dialect }) => ({
      field: to,
      expr: castTo(to, given, dialect),
    }),
  );
}) as unknown as CastFunction;

const cast = (item: Expr, to: CastType): Expr => ({ kind: "cast", item, to });

function castTo(to: Field, given: Operand, dialect: Dialect): Expr {
  const isText = given.field.lookups === "text";
  if (to.lookups === "text" && ["char", "text"].includes(to.type.kind)) {
    if (isText) return given.expr;
    if (given.field.lookups === "ordered" && ["smallInt", "int", "bigInt"].includes(given.field.type.kind))
      return cast(given.expr, "text");
    throw refused(given.field, to, "databases write these differently: format them in the program");
  }
  if (!NUMBERS.includes(to.kind)) throw refused(given.field, to, `it gives text or one of ${NUMBERS.join(", ")}`);
  if (!isText) return assigned({ field: to, expr: given.expr }, given, dialect);
  if (to.type.kind === "decimal") {
    if (dialect.decimals === "values")
      return { kind: "cast", item: given.expr, to: "decimal", places: to.type.decimalPlaces };
    throw new UnsupportedError(`Cast(): ${dialect.name} cannot make an exact decimal of a text`, {
      code: "cast",
      hint: "fields.float() where it need not be exact",
    });
  }
  const number: Operand =
    to.type.kind === "float"
      ? { field: FLOAT(), expr: cast(given.expr, "real") }
      : { field: INTEGER(), expr: cast(given.expr, "integer"), scale: 0 };
  return assigned({ field: to, expr: number.expr }, number, dialect);
}

const refused = (from: Field, to: Field, hint: string): FieldError =>
  new FieldError(`Cast(): a ${from.kind} value cannot become a ${to.kind} value`, { code: "bad_value", hint });
