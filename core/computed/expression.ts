import { ParamsError, typeName } from "../base/errors.js";
import { contextAt, truthOf, type PlaceInStatement } from "../plan/asked.js";
import type { BuildContext, Expression as Asked, Operand, Place, Step, Walk } from "../query/expression.js";
import { isExpression as isAsked } from "../query/is-expression.js";
import type { Expr } from "../sql/ast.js";
import { assigned, calculated, compared, constant, placesOf, type ArithmeticName } from "./arithmetic.js";

/** True for an expression: there are no others than these. */
export const isExpression = (value: unknown): value is Expression => isAsked(value);

/** Something that the database computes. Immutable; it brings all that is needed to build it. */
export abstract class Expression implements Asked {
  /** Says what it is, step by step, and gives its values. */
  abstract walk(at: Step, walk: Walk): Step;
  /** Its place in a statement. Slots are taken in the order of the walk. */
  abstract build(context: BuildContext): Operand;
  /** the paths that it names for the row itself */
  abstract readonly paths: readonly string[];
  /** it gathers many rows, or has a part that does */
  get isAggregate(): boolean {
    return false;
  }

  built(place: Place): Operand {
    return this.build(contextAt(place as PlaceInStatement));
  }
  compared(compare: Extract<Expr, { kind: "compare" }>, target: Operand, place: Place, path: string): Expr {
    const context = contextAt(place as PlaceInStatement);
    return compared(compare, target, this.build(context), context.dialect, path);
  }
  truth(place: Place): Expr {
    return truthOf(this.built(place));
  }
  assigned(target: Operand, place: Place): Expr {
    const context = contextAt(place as PlaceInStatement);
    return assigned(target, this.build(context), context.dialect);
  }

  plus(other: unknown): Expression {
    return new Arithmetic("plus", this, number("plus", other));
  }
  minus(other: unknown): Expression {
    return new Arithmetic("minus", this, number("minus", other));
  }
  times(other: unknown): Expression {
    return new Arithmetic("times", this, number("times", other));
  }
  /** Division as in mathematics: two integers may give a fraction. */
  dividedBy(other: unknown): Expression {
    return new Arithmetic("dividedBy", this, number("dividedBy", other));
  }
  mod(other: unknown): Expression {
    return new Arithmetic("mod", this, number("mod", other));
  }
  pow(other: unknown): Expression {
    return new Arithmetic("pow", this, number("pow", other));
  }
}

/** A column by path. */
export class PathExpression extends Expression {
  constructor(readonly path: string) {
    super();
  }
  override get paths(): readonly string[] {
    return [this.path];
  }
  walk(at: Step): Step {
    return at.step(this.path);
  }
  build(context: BuildContext): Operand {
    return context.operand(this.path);
  }
}

/** A number among others. */
class NumberConstant extends Expression {
  override readonly paths: readonly string[] = [];
  constructor(readonly value: number | bigint | string) {
    super();
  }
  walk(at: Step, { values }: Walk): Step {
    values.push(this.value);
    return at.step(placesOf(this.value));
  }
  build(context: BuildContext): Operand {
    return constant(this.value, context.slot(), context.dialect);
  }
}

const OPEN = Symbol("(");
const CLOSE = Symbol(")");

class Arithmetic extends Expression {
  constructor(
    readonly op: ArithmeticName,
    readonly left: Expression,
    readonly right: Expression,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return [...this.left.paths, ...this.right.paths];
  }
  override get isAggregate(): boolean {
    return this.left.isAggregate || this.right.isAggregate;
  }
  walk(at: Step, walk: Walk): Step {
    const left = this.left.walk(at.step(OPEN).step(this.op), walk);
    // Small whole powers are written out, so the exponent is part of the text.
    return this.right.walk(this.#power === undefined ? left : left.step(String(this.#power)), walk).step(CLOSE);
  }
  build(context: BuildContext): Operand {
    const left = this.left.build(context);
    return calculated(this.op, left, this.right.build(context), context.dialect, this.#power);
  }
  get #power(): number | bigint | string | undefined {
    return this.op === "pow" && this.right instanceof NumberConstant ? this.right.value : undefined;
  }
}

function number(op: ArithmeticName, other: unknown): Expression {
  if (isExpression(other)) return other;
  if (typeof other === "number" || typeof other === "bigint" || typeof other === "string")
    return new NumberConstant(other);
  throw new ParamsError(`${op}() takes a number, a decimal in a string or an expression, not ${typeName(other)}`);
}
