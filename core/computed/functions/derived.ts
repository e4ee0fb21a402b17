import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import { Expression } from "../expression.js";

/** What is made of one value; `steps` say what, so that one shape has one plan. */
export class Derived extends Expression {
  constructor(
    readonly of: Expression,
    readonly steps: readonly unknown[],
    readonly make: (operand: Operand, context: BuildContext) => Operand,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return this.of.paths;
  }
  override get isAggregate(): boolean {
    return this.of.isAggregate;
  }
  walk(at: Step, walk: Walk): Step {
    return this.of.walk(
      this.steps.reduce<Step>((node, each) => node.step(each), at),
      walk,
    );
  }
  build(context: BuildContext): Operand {
    return this.make(this.of.build(context), context);
  }
}
