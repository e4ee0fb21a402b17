import { ParamsError, typeName } from "../../base/errors.js";
import { type Expression, PathExpression, isExpression } from "../expression.js";

/** What a function is given: a path, or an expression. */
export function argument(given: unknown, call: string): Expression {
  if (isExpression(given)) return given;
  if (typeof given === "string" && given !== "") return new PathExpression(given);
  throw new ParamsError(`${call}() takes names of fields and expressions, not ${typeName(given)}`, {
    hint: "a constant is Value(…)",
  });
}
