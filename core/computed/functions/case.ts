import { ParamsError } from "../../base/errors.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { Expr } from "../../sql/ast.js";
import type { CaseFunction, WhenFunction } from "../../types/functions.js";
import { alike, isNull } from "../arithmetic.js";
import { Expression, isExpression } from "../expression.js";
import { conditions, type QNode } from "../../query/q.js";
import { Value } from "./value.js";

/** One branch of a Case. */
export interface WhenBranch {
  readonly where: QNode;
  readonly then: Expression;
}

const branch = (given: unknown): Expression =>
  isExpression(given) ? given : (Value(given as null) as unknown as Expression);

/** A branch: `When({ status: "paid" }, 1)`. What follows is a constant or an expression. */
export const When: WhenFunction = ((where: object, then: unknown): WhenBranch => ({
  where: conditions([where], "When"),
  then: branch(then),
})) as unknown as WhenFunction;

class CaseExpression extends Expression {
  constructor(
    readonly branches: readonly WhenBranch[],
    readonly otherwise: Expression | null,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return [...this.branches.flatMap(({ then }) => then.paths), ...(this.otherwise?.paths ?? [])];
  }
  override get isAggregate(): boolean {
    return this.branches.some(({ then }) => then.isAggregate) || this.otherwise?.isAggregate === true;
  }
  walk(at: Step, walk: Walk): Step {
    let node = at.step(CASE);
    for (const { where, then } of this.branches) node = then.walk(walk.where(where, node), walk);
    return this.otherwise === null ? node.step(END) : this.otherwise.walk(node.step(ELSE), walk).step(END);
  }
  build(context: BuildContext): Operand {
    const built = this.branches.map(({ where, then }) => ({
      when: context.condition(where) ?? ({ kind: "bool", value: true } as Expr),
      operand: then.build(context),
    }));
    const last = this.otherwise?.build(context);
    const given = [...built.map(({ operand }) => operand), ...(last === undefined ? [] : [last])];
    const results = alike(given, context.dialect, "Case");
    const cases = (form: (operand: Operand) => Expr, operands: readonly Operand[]): Expr => ({
      kind: "case",
      whens: built.map(({ when }, i) => ({ when, then: form(operands[i]!) })),
      otherwise: last === undefined ? { kind: "literal", value: null } : form(operands.at(-1)!),
    });
    const result = { ...results[0]!, expr: cases(({ expr }) => expr, results) };
    // Constants alone go into whatever stands beside them.
    return given.every((each) => each.as !== undefined || isNull(each))
      ? { ...result, as: (field) => cases((each) => each.as?.(field) ?? each.expr, given) }
      : result;
  }
}

const CASE = Symbol("case");
const ELSE = Symbol("else");
const END = Symbol("end");

/**
 * The value of the first branch whose condition holds; `otherwise`, or null, where none does.
 * `Case(When({ age__lt: 18 }, "young"), { otherwise: "grown" })`
 */
export const Case: CaseFunction = ((...given: unknown[]): Expression => {
  const last = given.at(-1);
  const options = typeof last === "object" && last !== null && "otherwise" in last ? last : null;
  const branches = (options === null ? given : given.slice(0, -1)) as WhenBranch[];
  if (branches.length === 0 || branches.some((each) => !isExpression((each as WhenBranch | null | undefined)?.then)))
    throw new ParamsError("Case() takes When(…) branches", { hint: 'Case(When({ … }, "a"), { otherwise: "b" })' });
  return new CaseExpression(branches, options === null ? null : branch(options.otherwise));
}) as unknown as CaseFunction;
