import { ParamsError } from "../../base/errors.js";
import type { Field } from "../../fields/field.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { Expr } from "../../sql/ast.js";
import type { SqlFunctionFactory } from "../../types/functions.js";
import { alike } from "../arithmetic.js";
import { Expression } from "../expression.js";
import { argument } from "./argument.js";

/** How a function is built, and what it gives. */
export interface FunctionRule {
  /** what the result is, from what the arguments are */
  readonly gives: (args: readonly Operand[], context: BuildContext) => Field | Operand;
  /** its place in a statement; left out: `NAME(argument, …)` */
  readonly build?: (args: readonly Expr[], context: BuildContext) => Expr;
  /** it gives one of its arguments, so they are brought into one form; how users call it */
  readonly alike?: string;
}

const CLOSE = Symbol(")");

/** A function of the database, called with expressions. */
export class FunctionCall extends Expression {
  constructor(
    readonly name: string,
    readonly args: readonly Expression[],
    readonly rule: FunctionRule,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return this.args.flatMap((each) => each.paths);
  }
  override get isAggregate(): boolean {
    return this.args.some((each) => each.isAggregate);
  }
  walk(at: Step, walk: Walk): Step {
    let node = at.step(this.rule).step(this.name);
    for (const each of this.args) node = each.walk(node, walk);
    return node.step(CLOSE);
  }
  build(context: BuildContext): Operand {
    const given = this.args.map((each) => each.build(context));
    const { rule } = this;
    const operands = rule.alike === undefined ? given : alike(given, context.dialect, rule.alike);
    const args = operands.map(({ expr }) => expr);
    const expr = rule.build?.(args, context) ?? { kind: "call", name: this.name, args };
    const result = rule.gives(operands, context);
    if (!("expr" in result)) return { field: result, expr };
    const { field, scale } = result;
    return { field, expr, ...(scale === undefined ? {} : { scale }) };
  }
}

/**
 * A function of one's own, in one line: what the database calls it, and a field that is like its result.
 * @example
 * const Reverse = sqlFunction("reverse", () => fields.text());
 * User.annotate({ backwards: Reverse("name") }); // SELECT …, reverse("name")
 */
export const sqlFunction: SqlFunctionFactory = ((
  name: string,
  gives: (...args: readonly Field[]) => Field,
): ((...args: unknown[]) => Expression) =>
  defined(name, name, { gives: (operands) => gives(...operands.map(({ field }) => field)) })) as never;

/** A function with a rule of its own. */
export const defined = <Call>(name: string, call: string, rule: FunctionRule, least = 1): Call =>
  ((...args: readonly unknown[]) => {
    if (args.length < least)
      throw new ParamsError(`${call}() takes ${least} ${least === 1 ? "argument" : "arguments"} at least`);
    return new FunctionCall(
      name,
      args.map((each) => argument(each, call)),
      rule,
    );
  }) as Call;
