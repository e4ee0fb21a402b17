import { ParamsError, UnsupportedError } from "../base/errors.js";
import type { ReadColumn } from "../load/reader.js";
import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { CastTo, Expr, OrderTerm, Param, Select } from "../sql/ast.js";
import type { SqlValue } from "../sql/column-type.js";
import { compileBound } from "../sql/compile.js";
import type { Dialect } from "../sql/dialect.js";
import { asRead, keptFor } from "./kept.js";
import { mayBeNull } from "./negate.js";
import { both } from "./parts.js";
import { parseOperandPath, annotationIn } from "./path.js";
import { planAt, readerOf, type Plan, type Planned } from "./plan.js";
import { buildSelect, ordersOf } from "./select.js";
import { walkState } from "./shape.js";

/** The plan of one page: its rows carry what they are ordered by behind what is read of them. */
export interface PagePlan extends Plan {
  /** how many columns are the row's own */
  readonly width: number;
  /** what the columns behind those are */
  readonly order: readonly ReadColumn[];
}

const AFTER = Symbol("after");

/** The rows of a query after those whose order is `after`, as `PagePlan.order` told it; null: from the first on. */
export function planPage(
  state: QueryState,
  meta: Meta,
  dialect: Dialect,
  after: readonly (SqlValue | null)[] | null,
): Planned<PagePlan> {
  const values: unknown[] = [];
  let node = walkState(state, keptFor(meta, dialect).root("page"), meta, values);
  const slot = values.length;
  if (after !== null) {
    // NULL is compared in words of its own.
    node = node.step(AFTER).step(after.map((value) => (value === null ? "0" : "1")).join(""));
    values.push(...after);
  }
  const plan = planAt(node, () => {
    const built = buildSelect(state, meta, dialect);
    const { query } = built;
    const terms = query.orderBy.map((term) => ({ ...term, expr: named(term.expr, query) }));
    checkOrder(state, meta, terms);
    if (after !== null && after.length !== terms.length) throw badCursor();
    const columns = built.orderedBy();
    const key = keptFor(meta, dialect).columns[meta.pkIndex]!;
    const order = terms.map((_, i) => columns[i] ?? key);
    const carried = terms.map(({ expr }, i): Select["columns"][number] => ({
      expr: asRead(expr, order[i]!.codec),
      as: null,
    }));
    const page: Select = {
      ...query,
      columns: [...query.columns, ...carried],
      where:
        after === null
          ? query.where
          : both(
              query.where,
              rowsAfter(terms, after, slot, (i) => dialect.comparesAs(order[i]!.field.type)),
            ),
    };
    return {
      ...compileBound(page, dialect),
      read: readerOf(state, meta, built),
      parentOf: null,
      width: query.columns.length,
      order,
    };
  });
  return { plan, values };
}

/** A value that the order names by its place in the row, as the value itself. */
const named = (expr: Expr, { columns }: Select): Expr =>
  expr.kind === "literal" && typeof expr.value === "number" ? columns[expr.value - 1]!.expr : expr;

/** The order as text: a cursor of one order says nothing in another. */
export const orderText = (state: QueryState, meta: Meta): string =>
  [
    meta.label,
    ...ordersOf(state, meta).map(({ name, descending }) => (descending === state.reversed ? name : `-${name}`)),
    state.reversed ? "-" : "",
  ].join(" ");

/** The error for a cursor that no page gave. */
export const badCursor = (cause?: unknown): ParamsError =>
  new ParamsError("page(): this is no cursor", {
    code: "bad_cursor",
    hint: "give back `next` of an earlier page as it was",
    cause,
  });

function checkOrder(state: QueryState, meta: Meta, terms: readonly OrderTerm[]): void {
  for (const [i, { name }] of ordersOf(state, meta).entries()) {
    if (terms[i]!.expr.kind === "window")
      throw new UnsupportedError(
        `page(): "${name}" is numbered over all rows, so rows after one cannot be told by it`,
        {
          code: "page_order",
          hint: "order by what the window function orders by",
        },
      );
    if (annotationIn(state.annotations, name) === name) continue;
    const many = parseOperandPath(meta, name).steps.find((relation) => relation.many);
    if (many !== undefined)
      throw new ParamsError(`page(): "${name}" repeats rows: "${many.name}" leads to many objects`, {
        code: "page_order",
        hint: "annotate the rows with one value of them, Min or Max, and order by that",
      });
  }
}

/** Rows that come after given values in an order. NULL is less than everything. */
function rowsAfter(
  terms: readonly OrderTerm[],
  after: readonly (SqlValue | null)[],
  slot: number,
  castOf: (i: number) => CastTo | null,
): Expr {
  const param = (i: number): Expr => {
    const given: Param = { kind: "param", slot: slot + i, encode: null };
    const cast = castOf(i);
    return cast === null ? given : { kind: "cast", item: given, ...cast };
  };
  const strictly = (i: number): Expr => {
    const { expr, descending } = terms[i]!;
    if (after[i] === null)
      return descending ? { kind: "bool", value: false } : { kind: "isNull", item: expr, negated: true };
    const beyond: Expr = { kind: "compare", op: descending ? "<" : ">", left: expr, right: param(i) };
    if (!descending || !mayBeNull(expr)) return beyond;
    return { kind: "or", items: [beyond, { kind: "isNull", item: expr, negated: false }] };
  };
  const equal = (i: number): Expr =>
    after[i] === null
      ? { kind: "isNull", item: terms[i]!.expr, negated: false }
      : { kind: "compare", op: "=", left: terms[i]!.expr, right: param(i) };
  const from = (i: number): Expr => {
    if (i === terms.length - 1) return strictly(i);
    const beyond = strictly(i);
    const level: Expr = both(equal(i), from(i + 1));
    if (beyond.kind === "bool") return level;
    const items = beyond.kind === "or" ? [...beyond.items, level] : [beyond, level];
    return { kind: "or", items };
  };
  const [{ expr, descending }] = terms as [OrderTerm];
  // No planner finds the range in an OR: said once more, an index on the first column serves it.
  if (terms.length === 1 || after[0] === null || (descending && mayBeNull(expr))) return from(0);
  return both({ kind: "compare", op: descending ? "<=" : ">=", left: expr, right: param(0) }, from(0));
}
