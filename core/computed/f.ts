import { ParamsError, typeName } from "../base/errors.js";
import type { FFunction } from "../types/expressions.js";
import { PathExpression } from "./expression.js";

/**
 * The value of a field in the database, for filters and updates.
 *
 * `Product.all().update({ stock: F("stock").minus(1) })` gives `UPDATE "product" SET "stock" = ("stock" - ?)`.
 */
export const F: FFunction = ((path: string): PathExpression => {
  if (typeof path !== "string" || path === "")
    throw new ParamsError(`F() takes the name of a field, not ${typeName(path)}`);
  return new PathExpression(path);
}) as unknown as FFunction;
