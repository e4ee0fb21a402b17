import { FieldError } from "../../base/errors.js";
import type { Field } from "../../fields/field.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { Expr } from "../../sql/ast.js";
import type { Dialect } from "../../sql/dialect.js";
import type { AvgFunction, CountFunction, ExtremeFunction, SumFunction } from "../../types/functions.js";
import { BIG, decimalOf, FLOAT, INTEGER, isBig } from "../arithmetic.js";
import { Expression } from "../expression.js";
import { withoutWindow } from "../../plan/filter.js";
import { conditions, type QNode } from "../../query/q.js";
import { checkSorts } from "../../query/sorts.js";
import { argument } from "./argument.js";

/** How an aggregate gathers. */
export interface AggregateOptions {
  /** every value once */
  readonly distinct?: boolean;
  /** only rows for which this holds */
  readonly filter?: object;
}

type Name = "COUNT" | "SUM" | "AVG" | "MIN" | "MAX";

const FILTER = Symbol("filter");
const DISTINCT = Symbol("distinct");

/** A value gathered from rows: those of a group, or those that a to-many relation leads to. */
export class Aggregate extends Expression {
  constructor(
    readonly name: Name,
    readonly of: Expression,
    readonly distinct: boolean,
    readonly filter: QNode | null,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return [];
  }
  override get isAggregate(): boolean {
    return true;
  }

  walk(at: Step, walk: Walk): Step {
    const node = this.of.walk(at.step(this.name).step(this.distinct ? DISTINCT : null), walk);
    return this.filter === null ? node : walk.where(this.filter, node.step(FILTER));
  }

  build(context: BuildContext): Operand {
    // Values that several rows of a group share are one value: only a question about all of them tells them apart.
    const ofGroup = context.grouped && this.distinct && this.name !== "MIN" && this.name !== "MAX";
    const related = context.related(this.of.paths, ofGroup);
    if (related === null) return context.grouped ? this.#gather(context) : this.#alone(context);
    const inner = related.context;
    const operand = this.of.build(inner);
    const where = this.#where(inner);
    if (context.grouped && this.name === "AVG" && !ofGroup) {
      // A mean of means would be wrong: rows have different numbers of related ones.
      const total = (name: "SUM" | "COUNT"): Expr => {
        const ofRow = related.ask({ kind: "aggregate", name, item: operand.expr, distinct: false }, where);
        return { kind: "aggregate", name: "SUM", item: ofRow, distinct: false };
      };
      const sum: Expr = { kind: "cast", item: total("SUM"), to: "real" };
      return this.#result(operand, { kind: "arithmetic", op: "/", left: sum, right: total("COUNT") }, context.dialect);
    }
    const answer = this.#result(operand, related.ask(this.#of(operand.expr, context.dialect), where), context.dialect);
    return context.grouped && !ofGroup ? this.#ofAnswers(answer) : answer;
  }

  /** Over the rows of the group itself; those that the filter drops count as NULL. */
  #gather({ rows }: BuildContext): Operand {
    const context = rows();
    const operand = this.of.build(context);
    withoutWindow(operand.expr, this.name);
    const where = this.#where(context);
    const chosen: Expr =
      where === null ? operand.expr : { kind: "case", whens: [{ when: where, then: operand.expr }], otherwise: NULL };
    return this.#result(operand, this.#of(chosen, context.dialect), context.dialect);
  }

  /** Of one row alone, the row's own value. */
  #alone(context: BuildContext): Operand {
    const operand = this.of.build(context);
    const where = this.#where(context);
    const there: Expr = { kind: "isNull", item: operand.expr, negated: true };
    const holds: Expr = where === null ? there : { kind: "and", items: [there, where] };
    const isCount = this.name === "COUNT";
    const value: Expr = {
      kind: "case",
      whens: [{ when: holds, then: isCount ? { kind: "literal", value: 1 } : operand.expr }],
      otherwise: isCount ? { kind: "literal", value: 0 } : NULL,
    };
    return this.#result(operand, value, context.dialect);
  }

  #where({ condition }: BuildContext): Expr | null {
    return this.filter === null ? null : condition(this.filter);
  }

  #of(item: Expr, { decimals }: Dialect): Expr {
    // The mean of exact numbers would be an exact one, of few places.
    const of: Expr = this.name === "AVG" && decimals === "values" ? { kind: "cast", item, to: "real" } : item;
    return { kind: "aggregate", name: this.name, item: of, distinct: this.distinct };
  }

  /** The rows of a group have answers of their own, each about its related rows. */
  #ofAnswers({ field, expr, ...more }: Operand): Operand {
    const name = this.name === "COUNT" ? "SUM" : this.name;
    const gathered: Expr = { kind: "aggregate", name, item: expr, distinct: false };
    const sure: Expr =
      this.name === "COUNT"
        ? { kind: "call", name: "COALESCE", args: [gathered, { kind: "literal", value: 0 }] }
        : gathered;
    return { field, expr: sure, ...more };
  }

  #result({ field, scale }: Operand, expr: Expr, dialect: Dialect): Operand {
    switch (this.name) {
      case "COUNT":
        return { field: INTEGER(), expr, scale: 0 };
      case "AVG":
        return average(field, scale, expr, dialect);
      case "SUM":
        return sum(field, scale, expr, dialect);
      default:
        checkSorts(field, dialect, this.name === "MIN" ? "Min" : "Max");
        return { field, expr, ...(scale === undefined ? {} : { scale }) };
    }
  }
}

const NULL: Expr = { kind: "literal", value: null };

const isWhole = (field: Field): boolean => ["smallInt", "int", "bigInt", "timeDelta"].includes(field.type.kind);

/** Decimal places of the integers that stand for the values; null where they stand for themselves. */
const placesIn = ({ type }: Field, scale: number | undefined, dialect: Dialect): number | null =>
  scale ?? (type.kind === "decimal" ? dialect.scaleOf(type) : null);

function sum(field: Field, scale: number | undefined, expr: Expr, dialect: Dialect): Operand {
  checkNumber(field, "Sum", dialect);
  if (isWhole(field)) return { field: isBig(field) ? BIG() : INTEGER(), expr, scale: 0 };
  const places = placesIn(field, scale, dialect);
  return places === null ? { field, expr } : { field: decimalOf(places), expr, scale: places };
}

/** An average is a float, also of whole numbers. */
function average(field: Field, scale: number | undefined, expr: Expr, dialect: Dialect): Operand {
  checkNumber(field, "Avg", dialect);
  const places = dialect.decimals === "values" ? 0 : (placesIn(field, scale, dialect) ?? 0);
  const tens: Expr = { kind: "literal", value: 10 ** places };
  return { field: FLOAT(), expr: places === 0 ? expr : { kind: "arithmetic", op: "/", left: expr, right: tens } };
}

function checkNumber(field: Field, call: string, dialect: Dialect): void {
  const { kind } = field.type;
  if (kind === "decimal") return checkSorts(field, dialect, call);
  if (isWhole(field) || kind === "float") return;
  throw new FieldError(`${call}(): ${field.kind} field "${field.name}" is not a number`, { code: "not_a_number" });
}

const aggregate = <Call>(name: Name, call: string): Call =>
  ((of: unknown, { distinct = false, filter }: AggregateOptions = {}): Aggregate =>
    new Aggregate(
      name,
      argument(of, call),
      distinct,
      filter === undefined ? null : conditions([filter], call),
    )) as Call;

/** How many values there are, NULL not counted: `Count("orders")`, `Count("id", { filter: Q({ status: "paid" }) })`. */
export const Count: CountFunction = /* @__PURE__ */ aggregate<CountFunction>("COUNT", "Count");
/** Their sum; null of none. Exact for integers and decimals. */
export const Sum: SumFunction = /* @__PURE__ */ aggregate<SumFunction>("SUM", "Sum");
/** Their mean, a float; null of none. */
export const Avg: AvgFunction = /* @__PURE__ */ aggregate<AvgFunction>("AVG", "Avg");
/** The least of them; null of none. */
export const Min: ExtremeFunction = /* @__PURE__ */ aggregate<ExtremeFunction>("MIN", "Min");
/** The greatest of them; null of none. */
export const Max: ExtremeFunction = /* @__PURE__ */ aggregate<ExtremeFunction>("MAX", "Max");
