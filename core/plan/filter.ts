import { Expression } from "../query/expression.js";
import { QNode, type Condition } from "../query/q.js";
import type { QueryState } from "../query/state.js";
import type { LookupContext } from "../lookups/lookup.js";
import type { Expr, Select } from "../sql/ast.js";
import { buildCompared } from "./expression.js";
import { negate } from "./negate.js";
import { parsePath } from "./path.js";
import { checkSorts, type Scope } from "./scope.js";
import { isQuery } from "./shape.js";

/** Builds a query that stands inside another; given by `select.ts`, which needs this file. */
export type BuildInner = (state: QueryState, outer: Scope) => Select;

/** Q trees in, condition out; null when they say nothing. Slots are taken in the order of the shape walk. */
export function buildWhere(where: readonly QNode[], scope: Scope, inner: BuildInner): Expr | null {
  const items: Expr[] = [];
  const add = (expr: Expr): void => {
    if (expr.kind === "and") items.push(...expr.items);
    // What says nothing leaves no mark in the shape, so it must leave none in the text.
    else if (expr.kind !== "bool" || !expr.value) items.push(expr);
  };
  for (const q of where) add(buildTree(q, false, scope, inner));
  if (items.length === 0) return null;
  return items.length === 1 ? items[0]! : { kind: "and", items };
}

/** One tree. Negation is carried down to the conditions; two negations meet and vanish. */
function buildTree(q: QNode, negated: boolean, scope: Scope, inner: BuildInner): Expr {
  const turned = q.negated !== negated;
  const items = q.items.map((item) =>
    item instanceof QNode ? buildTree(item, turned, scope, inner) : buildCondition(item, turned, scope, inner),
  );
  if (items.length === 1) return items[0]!;
  // An empty tree holds everywhere, negated nowhere; De Morgan does the rest.
  if (items.length === 0) return { kind: "bool", value: !turned };
  const kind = (q.join === "and") !== turned ? "and" : "or";
  const flat = items
    .flatMap((item) => (item.kind === kind ? item.items : [item]))
    .filter((item) => kind === "or" || item.kind !== "bool" || !item.value);
  return flat.length === 0 ? { kind: "bool", value: true } : flat.length === 1 ? flat[0]! : { kind, items: flat };
}

function buildCondition({ path, value }: Condition, negated: boolean, scope: Scope, inner: BuildInner): Expr {
  const { field, lookup } = parsePath(scope.meta, path);
  const left = scope.column(field);
  if (lookup.bySize) checkSorts(field, scope.dialect, path);
  let positive: Expr;
  if (value instanceof Expression) {
    const slots = scope.slots;
    // The comparison itself is the lookup's; only its right side is computed.
    const shape = lookup.build({
      left,
      field,
      path,
      encode: (given) => given as never,
      param: () => ({ kind: "param", slot: -1, encode: null }),
      list: () => {
        throw new TypeError(path);
      },
      variant: "",
    });
    positive = buildCompared(shape as Extract<Expr, { kind: "compare" }>, field, value.node, scope, slots, path);
  } else if (value !== null && typeof value === "object" && isQuery(value)) {
    positive = { kind: "in", left, list: inner(value.state, scope), negated: false };
  } else {
    const slot = scope.slots.take();
    const context: LookupContext = {
      left,
      field,
      path,
      encode: scope.kept.byField.get(field)!.encode,
      param: (encode) => ({ kind: "param", slot, encode }),
      list: (encode) => ({ kind: "list", slot, encode }),
      variant: lookup.variant === null ? "" : lookup.variant(value),
    };
    positive = lookup.build(context);
  }
  return negated === lookup.negated ? positive : negate(positive);
}
