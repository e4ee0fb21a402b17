import type { Expression } from "./expression.js";

/**
 * True for an expression. The layers that build statements ask this and do not import the class, so that a program without
 * expressions does not load what builds them.
 */
export const isExpression = (value: unknown): value is Expression =>
  typeof value === "object" && value !== null && typeof (value as Partial<Expression>).assigned === "function";
