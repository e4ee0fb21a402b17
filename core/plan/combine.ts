import { FieldError, ParamsError } from "../base/errors.js";
import type { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Compound, Expr, OrderTerm, Select } from "../sql/ast.js";
import { compileBound } from "../sql/compile.js";
import type { Dialect } from "../sql/dialect.js";
import { asRead, keptFor } from "./kept.js";
import { PLAIN } from "./parts.js";
import { planAt, readerOf, type Plan, type Planned } from "./plan.js";
import { nextParam, Slots } from "./scope.js";
import { COUNT, buildSelect, emptied, type BuiltSelect } from "./select.js";
import { walkNames, walkState, type ShapeNode } from "./shape.js";

/** Queries put together, and which of their rows are wanted in which order. */
export interface Combination {
  readonly op: Compound["op"];
  readonly states: readonly QueryState[];
  readonly orderBy: readonly string[];
  readonly limit: number | null;
  readonly offset: number | null;
}

const LIMIT = Symbol("limit");
const OFFSET = Symbol("offset");
const NEXT = Symbol("next");

/** The plan of the rows, or of their number. */
export function planCombined(combination: Combination, meta: Meta, dialect: Dialect, counted: boolean): Planned<Plan> {
  const { op, states, orderBy, limit, offset } = combination;
  const values: unknown[] = [];
  let node: ShapeNode = keptFor(meta, dialect).root("combined").step(op).step(counted);
  for (const state of states) {
    const inner = metaOf(state.model);
    node = walkState(state, node.step(NEXT).step(inner).step(state.none), inner, values);
  }
  node = walkNames(orderBy, node);
  if (limit !== null) {
    node = node.step(LIMIT);
    values.push(limit);
  }
  if (offset !== null) {
    node = node.step(OFFSET);
    values.push(offset);
  }
  const make = (): Plan => {
    const { query, first } = buildCombined(combination, dialect, counted);
    return {
      ...compileBound(query, dialect),
      read: counted ? (row) => row[0] : readerOf(states[0]!, meta, first),
      parentOf: null,
    };
  };
  return { plan: planAt(node, make), values };
}

/** The statement as a tree: also for `.sql()`. */
export function buildCombined(
  { op, states, orderBy, limit, offset }: Combination,
  dialect: Dialect,
  counted = false,
): { readonly query: Select; readonly first: BuiltSelect } {
  const slots = new Slots();
  const built = states.map((state) => {
    const select = buildSelect(state, metaOf(state.model), dialect, slots);
    return { ...select, query: emptied(select.query, state) };
  });
  const first = built[0]!;
  checkAlike(built);
  const names = first.query.columns.map((_, i) => `c${i}`);
  const reads = [...first.columns, ...first.extras];
  const parts = built.map(({ query }): Select => {
    // Values are ordered as what they are; only the whole turns them into text to be read.
    const columns = query.columns.map(({ expr }, i) => ({
      expr: reads[i]!.codec.readAs !== null && expr.kind === "cast" ? expr.item : expr,
      as: names[i]!,
    }));
    const isWhole = query.orderBy.length === 0 && query.limit === null && query.offset === null;
    if (isWhole && query.with === undefined) return { ...query, columns };
    // A part that is cut off, or names queries, is a table of its own: LIMIT and WITH belong to the whole otherwise.
    return {
      ...PLAIN,
      columns: names.map((name) => ({ expr: column(name), as: null })),
      from: { ...query, columns },
      alias: "rows",
    };
  });
  const whole: Select = {
    ...PLAIN,
    columns: counted
      ? [{ expr: COUNT, as: null }]
      : names.map((name, i) => ({
          expr: asRead(column(name), reads[i]!.codec),
          as: null,
        })),
    from: { kind: "compound", op, parts: nested(op, parts, names, dialect) },
    alias: "rows",
    orderBy: orderBy.map((entry) => orderTerm(entry, first)),
    limit: limit === null ? null : nextParam(slots),
    offset: offset === null ? null : nextParam(slots),
  };
  if (!counted || (limit === null && offset === null))
    return { query: { ...whole, ...(counted ? NO_ORDER : {}) }, first };
  const sliced: Select = { ...whole, columns: [{ expr: { kind: "literal", value: 1 }, as: "c0" }] };
  return { query: { ...PLAIN, columns: whole.columns, from: sliced, alias: "rows" }, first };
}

/** No more parts than the database puts together at once: the first ones become a part themselves. */
function nested(
  op: Compound["op"],
  parts: readonly Select[],
  names: readonly string[],
  { limits }: Dialect,
): readonly Select[] {
  const most = limits?.maxCompoundTerms ?? Infinity;
  let left = parts;
  while (left.length > most) {
    const first: Select = {
      ...PLAIN,
      columns: names.map((name) => ({ expr: column(name), as: null })),
      from: { kind: "compound", op, parts: left.slice(0, most) },
      alias: "rows",
    };
    left = [first, ...left.slice(most)];
  }
  return left;
}

const NO_ORDER = { orderBy: [], limit: null, offset: null } as const;

const column = (name: string): Expr => ({ kind: "column", table: "rows", name, nullable: true });

/** An order by a selected value: what is put together has no other columns. */
function orderTerm(entry: string, { columns, extras }: BuiltSelect): OrderTerm {
  const descending = entry.startsWith("-");
  const name = descending ? entry.slice(1) : entry;
  const at = [...columns, ...extras].findIndex(
    (each) => each.name === name || (name === "pk" && each.field.primaryKey),
  );
  if (at >= 0) return { expr: column(`c${at}`), descending };
  throw new FieldError(`"${name}" is not among the values of queries that are put together`, {
    code: "unknown_field",
    hint: `they are: ${[...columns, ...extras].map((each) => each.name).join(", ")}`,
  });
}

/** Rows can only be put together where they have the same columns. */
function checkAlike(built: readonly BuiltSelect[]): void {
  const kinds = ({ columns, extras, related }: BuiltSelect): string =>
    JSON.stringify(
      [...columns, ...extras, ...related].map((each) => ("field" in each ? each.field : null)).map(typeOf),
    );
  if (built.some(({ related }) => related.length > 0))
    throw new ParamsError("selectRelated() has no place in queries that are put together", {
      code: "combined",
      hint: 'select what is needed: .values("author__name")',
    });
  const [first, ...others] = built.map(kinds);
  if (others.every((other) => other === first)) return;
  throw new ParamsError("queries that are put together must give the same kinds of values, in the same order", {
    code: "combined",
    hint: "select them: .values(…) or .valuesList(…)",
  });
}

const typeOf = (field: unknown): unknown => {
  const { kind } = (field as { type: { kind: string } }).type;
  if (["char", "text", "uuid"].includes(kind)) return "text";
  return ["smallInt", "int", "bigInt"].includes(kind) ? "int" : (field as { type: unknown }).type;
};
