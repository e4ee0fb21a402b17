import { ParamsError, UnsupportedError } from "../../base/errors.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { Expr, Select } from "../../sql/ast.js";
import type {
  EndFunction,
  NeighbourFunction,
  RankFunction,
  ShareFunction,
  WindowFunction,
} from "../../types/windows.js";
import { alike, FLOAT, INTEGER } from "../arithmetic.js";
import { Expression, PathExpression, isExpression } from "../expression.js";
import { argument } from "./argument.js";

/** Which rows a window function looks at, and in which order. */
export interface WindowOptions {
  /** rows with the same values here; left out: all rows */
  readonly partitionBy?: string | Expression | readonly (string | Expression)[];
  /** `"-total"` for descending */
  readonly orderBy?: string | Expression | readonly (string | Expression)[];
}

interface Term {
  readonly expression: Expression;
  readonly descending: boolean;
}

const OVER = Symbol("over");
const PARTITION = Symbol("partition");
const ORDER = Symbol("order");
const CLOSE = Symbol(")");
const DESCENDING = Symbol("descending");

/** A value of each row that other rows take part in. */
class WindowExpression extends Expression {
  constructor(
    readonly call: Expression,
    readonly partitionBy: readonly Expression[],
    readonly orderBy: readonly Term[],
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return this.call.paths;
  }
  walk(at: Step, walk: Walk): Step {
    let node = this.call.walk(at.step(OVER), walk).step(PARTITION);
    for (const each of this.partitionBy) node = each.walk(node, walk);
    node = node.step(ORDER);
    for (const { expression, descending } of this.orderBy)
      node = expression.walk(descending ? node.step(DESCENDING) : node, walk);
    return node.step(CLOSE);
  }
  build(context: BuildContext): Operand {
    const { call } = this;
    const { expr, ...operand } =
      call instanceof WindowCall ? call.call(context) : call.build({ ...context, grouped: true, rows: () => context });
    const partitionBy = this.partitionBy.map((each) => each.build(context).expr);
    const orderBy = this.orderBy.map(({ expression, descending }) => ({
      expr: expression.build(context).expr,
      descending,
    }));
    const over = (item: Expr): Expr => ({ kind: "window", keep: keptRows, call: item, partitionBy, orderBy });
    return { ...operand, expr: call instanceof WindowCall ? over(expr) : aggregatesIn(expr, over) };
  }
}

/** The rows become a table whose last column says whether a row is kept. */
function keptRows(query: Select, kept: Expr): Select {
  const ordered = query.orderBy.filter(({ expr }) => expr.kind !== "literal");
  const column = (name: string): Expr => ({ kind: "column", table: "rows", name, nullable: true });
  const from: Select = {
    ...query,
    distinct: false,
    columns: [
      ...query.columns.map(({ expr }, i) => ({ expr, as: `c${i}` })),
      ...ordered.map(({ expr }, i) => ({ expr, as: `o${i}` })),
      { expr: kept, as: "kept" },
    ],
    orderBy: [],
    limit: null,
    offset: null,
  };
  return {
    kind: "select",
    distinct: query.distinct,
    columns: query.columns.map((_, i) => ({ expr: column(`c${i}`), as: null })),
    from,
    alias: "rows",
    joins: [],
    where: column("kept"),
    groupBy: [],
    having: null,
    orderBy: query.orderBy.map((term) => {
      const at = ordered.indexOf(term);
      return at < 0 ? term : { ...term, expr: column(`o${at}`) };
    }),
    limit: query.limit,
    offset: query.offset,
  };
}

/** What is calculated with aggregates, each of them over the window. */
function aggregatesIn(expr: Expr, over: (item: Expr) => Expr): Expr {
  const inside = (item: Expr): Expr => aggregatesIn(item, over);
  switch (expr.kind) {
    case "aggregate":
      if (!expr.distinct) return over(expr);
      throw new UnsupportedError("a window cannot gather every value once", {
        code: "distinct_window",
        hint: "leave { distinct: true } out, or group the rows instead",
      });
    case "arithmetic":
      return { ...expr, left: inside(expr.left), right: inside(expr.right) };
    case "cast":
      return { ...expr, item: inside(expr.item) };
    case "call":
      return { ...expr, args: expr.args.map(inside) };
    case "case":
      return {
        ...expr,
        whens: expr.whens.map(({ when, then }) => ({ when: inside(when), then: inside(then) })),
        otherwise: inside(expr.otherwise),
      };
    case "compare":
      return { ...expr, left: inside(expr.left), right: inside(expr.right) };
    default:
      return expr;
  }
}

/** A function that only a window has. */
class WindowCall extends Expression {
  constructor(
    readonly name: string,
    readonly args: readonly Expression[],
    readonly gives: "integer" | "float" | "first",
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return this.args.flatMap((each) => each.paths);
  }
  walk(at: Step, walk: Walk): Step {
    return this.args.reduce((node, each) => each.walk(node, walk), at.step(this.name));
  }
  build(): Operand {
    throw new ParamsError(`${this.name} needs a window`, { hint: "Window(RowNumber(), { orderBy })" });
  }
  call(context: BuildContext): Operand {
    const [first, offset, otherwise] = this.args.map((each) => each.build(context));
    if (first === undefined) {
      const expr: Expr = { kind: "call", name: this.name, args: [] };
      return this.gives === "float" ? { field: FLOAT(), expr } : { field: INTEGER(), expr, scale: 0 };
    }
    // What stands in for a missing row is in the form of the others.
    const [value, instead] = alike(otherwise === undefined ? [first] : [first, otherwise], context.dialect, this.name);
    const args = [value!, offset, instead].flatMap((each) => (each === undefined ? [] : [each.expr]));
    return { ...value!, expr: { kind: "call", name: this.name, args } };
  }
}

const list = (given: WindowOptions["partitionBy"]): readonly (string | Expression)[] =>
  given === undefined ? [] : isExpression(given) || typeof given === "string" ? [given] : given;

/**
 * A function over the rows that share some values, for each row.
 * `Window(RowNumber(), { partitionBy: "user", orderBy: "-total" })`, `Window(Sum("total"), { partitionBy: "userId" })`
 */
export const Window: WindowFunction = ((call: unknown, { partitionBy, orderBy }: WindowOptions = {}): Expression => {
  if (!(call instanceof WindowCall) && !(isExpression(call) && call.isAggregate))
    throw new ParamsError("Window() takes a window function or an aggregate", {
      hint: "Window(RowNumber(), { orderBy })",
    });
  return new WindowExpression(
    call,
    list(partitionBy).map((each) => argument(each, "Window")),
    list(orderBy).map((each) =>
      typeof each === "string" && each.startsWith("-")
        ? { expression: new PathExpression(each.slice(1)), descending: true }
        : { expression: argument(each, "Window"), descending: false },
    ),
  );
}) as unknown as WindowFunction;

const ranking = <Call>(name: string, gives: "integer" | "float" = "integer"): Call =>
  ((): Expression => new WindowCall(name, [], gives)) as Call;

/** 1, 2, 3, … */
export const RowNumber: RankFunction = /* @__PURE__ */ ranking("ROW_NUMBER");
/** Equals share a place, and leave places out behind them. */
export const Rank: RankFunction = /* @__PURE__ */ ranking("RANK");
/** Equals share a place, and leave none out. */
export const DenseRank: RankFunction = /* @__PURE__ */ ranking("DENSE_RANK");
/** The place of a row between 0 and 1. */
export const PercentRank: ShareFunction = /* @__PURE__ */ ranking("PERCENT_RANK", "float");

const neighbour = <Call>(name: string): Call =>
  ((of: unknown, ...more: unknown[]): Expression =>
    new WindowCall(name, [argument(of, name), ...more.map((each) => argument(each, name))], "first")) as Call;

/** The value in a row before: `Lag("price")`, `Lag("price", Value(2))`. */
export const Lag: NeighbourFunction = /* @__PURE__ */ neighbour("LAG");
/** The value in a row behind. */
export const Lead: NeighbourFunction = /* @__PURE__ */ neighbour("LEAD");
/** The value in the first row of the window. */
export const FirstValue: EndFunction = /* @__PURE__ */ neighbour("FIRST_VALUE");
/** The value in the last row that the window has seen. */
export const LastValue: EndFunction = /* @__PURE__ */ neighbour("LAST_VALUE");
