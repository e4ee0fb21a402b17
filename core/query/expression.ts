import { ParamsError, typeName } from "../base/errors.js";

/** Arithmetic as users name it. */
export type ArithmeticName = "plus" | "minus" | "times" | "dividedBy" | "mod" | "pow";

/** What an expression asks for, as data: the plan gives it columns, types and parameters. */
export type ExpressionNode =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "value"; readonly value: unknown }
  | {
      readonly kind: "arithmetic";
      readonly op: ArithmeticName;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    };

/** Something that the database computes: a column by path, or arithmetic on it. Immutable. */
export class Expression {
  constructor(readonly node: ExpressionNode) {}

  plus(other: unknown): Expression {
    return this.#with("plus", other);
  }
  minus(other: unknown): Expression {
    return this.#with("minus", other);
  }
  times(other: unknown): Expression {
    return this.#with("times", other);
  }
  /** Division as in mathematics: two integers may give a fraction. */
  dividedBy(other: unknown): Expression {
    return this.#with("dividedBy", other);
  }
  mod(other: unknown): Expression {
    return this.#with("mod", other);
  }
  pow(other: unknown): Expression {
    return this.#with("pow", other);
  }

  #with(op: ArithmeticName, other: unknown): Expression {
    return new Expression({ kind: "arithmetic", op, left: this.node, right: operand(op, other) });
  }
}

function operand(op: ArithmeticName, other: unknown): ExpressionNode {
  if (other instanceof Expression) return other.node;
  if (typeof other === "number" || typeof other === "bigint" || typeof other === "string")
    return { kind: "value", value: other };
  throw new ParamsError(`${op}() takes a number, a decimal in a string or an expression, not ${typeName(other)}`);
}
