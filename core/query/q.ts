import { ParamsError, typeName } from "../base/errors.js";
import { isPlain, taken } from "../base/taken.js";
import { isExpression } from "./is-expression.js";
import type { Q as TypedQ, QFactory } from "../types/where.js";
import type { OmitUndefinedFunction } from "../types/writing.js";

/** One condition: a lookup path and the value that the user gave. */
export interface Condition {
  readonly path: string;
  readonly value: unknown;
  /** true: there is no path, and the value is an expression that is itself true or false */
  readonly isTruth?: true;
}

/** A tree of conditions. Immutable; `and`, `or` and `not` give a new one. Empty, it holds for every row. */
export class QNode {
  constructor(
    readonly join: "and" | "or",
    readonly negated: boolean,
    readonly items: readonly (Condition | QNode)[],
  ) {}

  and(...others: unknown[]): QNode {
    return combine("and", [this, ...others]);
  }
  or(...others: unknown[]): QNode {
    return combine("or", [this, ...others]);
  }
  not(): QNode {
    return new QNode(this.join, !this.negated, this.items);
  }
}

/** A condition tree from `{ path: value }`, or from trees and objects that must all hold. */
export function conditions(parts: readonly unknown[], call: string): QNode {
  if (parts.length === 1) return condition(parts[0], call);
  return new QNode(
    "and",
    false,
    parts.map((part) => condition(part, call)),
  );
}

function condition(part: unknown, call: string): QNode {
  if (part instanceof QNode) return part;
  if (isExpression(part)) return new QNode("and", false, [{ path: "", value: part, isTruth: true }]);
  if (typeof part !== "object" || part === null || Array.isArray(part)) {
    throw new ParamsError(`${call}() takes { field: value } objects and Q(...), not ${typeName(part)}`);
  }
  const items: Condition[] = [];
  for (const path in part) {
    const value = (part as Record<string, unknown>)[path];
    if (value === undefined)
      throw new ParamsError(`${call}(): "${path}" is undefined`, {
        code: "undefined",
        hint: "leave it out, use null for NULL, or drop it with omitUndefined(...)",
      });
    // The user may go on changing the value; what was asked stays asked.
    items.push({ path, value: typeof value === "object" ? taken(value) : value });
  }
  // A Map or a Date has no keys of its own: taken for an empty filter it would match everything.
  if (items.length === 0 && !isPlain(part))
    throw new ParamsError(`${call}() takes { field: value } objects and Q(...), not ${typeName(part)}`);
  return new QNode("and", false, items);
}

/** What is a condition by itself: a tree, or an expression that is true or false. */
function whole(part: unknown, call: string): QNode {
  if (part instanceof QNode || isExpression(part)) return condition(part, call);
  throw new ParamsError(`${call}() takes Q(...) conditions, not ${typeName(part)}`);
}

function combine(join: "and" | "or", parts: readonly unknown[]): QNode {
  // An empty part adds nothing: `let q = Q({}); q = q.or(...)` starts from nothing, as in Django.
  const said = parts.map((part) => whole(part, `Q.${join}`)).filter((part) => !isEmpty(part));
  return said.length === 1 ? said[0]! : new QNode(join, false, said);
}

/** True when the tree holds for every row because it says nothing: `filter({})`, `Q({})`, and combinations of such. */
export function isEmpty(node: QNode): boolean {
  return verdict(node) === true;
}

/** What a tree without any condition says of every row; null when it has conditions. */
function verdict(node: QNode): boolean | null {
  let holds = node.join === "and" || node.items.length === 0;
  for (const item of node.items) {
    const said = item instanceof QNode ? verdict(item) : null;
    if (said === null) return null;
    holds = node.join === "and" ? holds && said : holds || said;
  }
  return holds !== node.negated;
}

/**
 * A condition to keep, combine and pass on.
 *
 * `User.filter(Q.or(Q({ name: "a" }), Q({ age__gt: 3 })))` gives `… WHERE ("name" = ? OR "age" > ?)`.
 */
export const Q: QFactory = /* @__PURE__ */ Object.assign((where: unknown): QNode => condition(where, "Q"), {
  and: (...parts: unknown[]): QNode => combine("and", parts),
  or: (...parts: unknown[]): QNode => combine("or", parts),
  not: (part: unknown): QNode => whole(part, "Q.not").not(),
}) as unknown as QFactory;

/** A condition on the model `I`. */
export type Q<I> = TypedQ<I>;

/** The values without those that are undefined: for optional filters. */
export const omitUndefined: OmitUndefinedFunction = ((values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))) as OmitUndefinedFunction;
