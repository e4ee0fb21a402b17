import { ParamsError, typeName } from "../../base/errors.js";
import type { Field } from "../../fields/field.js";
import { BooleanField } from "../../fields/data.js";
import { TextField } from "../../fields/text.js";
import { DatetimeField } from "../../fields/time.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { Encode, Expr } from "../../sql/ast.js";
import type { SqlValue } from "../../sql/column-type.js";
import type { ValueFunction } from "../../types/functions.js";
import { BIG, constant, FLOAT } from "../arithmetic.js";
import { Expression } from "../expression.js";

/** A constant among expressions. */
class Constant extends Expression {
  override readonly paths: readonly string[] = [];
  constructor(readonly value: unknown) {
    super();
  }
  walk(at: Step, { values }: Walk): Step {
    values.push(this.value);
    return at.step(VALUE).step(kindOf(this.value));
  }
  build(context: BuildContext): Operand {
    const { value } = this;
    const slot = context.slot();
    if (value === null) return { field: new TextField(), expr: { kind: "literal", value: null } };
    const as = (field: Field): Expr => {
      const encode = field.codec(context.dialect.codec(field.type)).encode as Encode | null;
      const clean: Encode = (given) => {
        const fit = field.clean(given) as never;
        const stored: SqlValue = encode === null ? fit : encode(fit);
        // Drivers bind numbers as floats, and a calculation would go on with one.
        return field.type.kind !== "float" && Number.isSafeInteger(stored) ? BigInt(stored as number) : stored;
      };
      return { kind: "param", slot, encode: clean };
    };
    if (kindOf(value) === "whole") return { ...constant(value, slot, context.dialect), as };
    // It comes back as it was given.
    if (kindOf(value) === "bigint") return { ...constant(value, slot, context.dialect), field: BIG(), as };
    const field = fieldOf(value);
    return { field, expr: as(field), as };
  }
}

/** Fields may be called like the kinds of constants. */
const VALUE = Symbol("value");

type ConstantKind = "null" | "whole" | "bigint" | "float" | "text" | "boolean" | "date";

function kindOf(value: unknown): ConstantKind {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "bigint") return "bigint";
  if (Number.isSafeInteger(value)) return "whole";
  if (typeof value === "number" && Number.isFinite(value)) return "float";
  if (value instanceof Date) return "date";
  throw new ParamsError(`Value() takes a text, number, bigint, boolean, Date or null, not ${typeName(value)}`);
}

function fieldOf(value: unknown): Field {
  switch (kindOf(value)) {
    case "float":
      return FLOAT();
    case "boolean":
      return new BooleanField();
    case "date":
      return new DatetimeField();
    default:
      return new TextField();
  }
}

/** A constant: `Coalesce("nick", Value("nobody"))`. It is bound, never written into the statement. */
export const Value: ValueFunction = ((value: unknown): Expression => {
  kindOf(value);
  return new Constant(value);
}) as unknown as ValueFunction;
