import { ParamsError, typeName } from "../base/errors.js";
import type { Expr, Select } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import { assigned, calculated, compared, constant, placesOf, type ArithmeticName, type Operand } from "./arithmetic.js";
import { isExpression } from "./is-expression.js";
import type { NamedTables } from "./named.js";
import type { QNode } from "./q.js";
import type { QueryState } from "./state.js";

/** One step of the walk that finds a plan: everything that is not a value. */
export interface Step {
  step(key: unknown): Step;
}

/** What an expression may ask while it is walked. */
export interface Walk {
  /** gets the values, in the order in which `build` takes their slots */
  readonly values: unknown[];
  /** walks conditions on the same rows */
  readonly where: (q: QNode, at: Step) => Step;
  /** walks a query that stands inside */
  readonly query: (state: QueryState, at: Step) => Step;
}

/** What an expression may ask while it is built. */
export interface BuildContext {
  readonly dialect: Dialect;
  /** true: it speaks of many rows at once, so aggregates gather them; false: of one row */
  readonly grouped: boolean;
  /** the context of the rows that are gathered */
  readonly rows: () => BuildContext;
  /** the place of the next value */
  readonly slot: () => number;
  /** the column, relation key or annotation at a path */
  readonly operand: (path: string) => Operand;
  /** conditions on the same row; null when they say nothing */
  readonly condition: (q: QNode) => Expr | null;
  /** the related rows that paths lead to, of one row or of all rows of the group; null when they lead to one row at most */
  readonly related: (paths: readonly string[], ofGroup?: boolean) => RelatedRows | null;
  /** a query that stands inside, its rows compared with this one by `OuterRef` */
  readonly query: (state: QueryState) => { readonly query: Select; readonly operand: Operand };
  /** the context of the query around this one */
  readonly outer: () => BuildContext;
  /** where queries under names are built and joined */
  readonly tables: NamedTables;
}

/** Related rows, to be asked something about. */
export interface RelatedRows {
  readonly context: BuildContext;
  /** the answer, as a query of its own */
  readonly ask: (answer: Expr, where: Expr | null) => Expr;
}

/** Something that the database computes. Immutable; it brings all that is needed to build it. */
export abstract class Expression {
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

  /** `target op this`, for a filter: both sides in one unit. */
  compared(compare: Extract<Expr, { kind: "compare" }>, target: Operand, context: BuildContext, path: string): Expr {
    return compared(compare, target, this.build(context), context.dialect, path);
  }
  /** In the stored form of the field that it is assigned to. */
  assigned(target: Operand, context: BuildContext): Expr {
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
