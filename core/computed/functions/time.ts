import { FieldError, ParamsError } from "../../base/errors.js";
import { DateField, DatetimeField } from "../../fields/time.js";
import type { BuildContext, Operand, Step } from "../../query/expression.js";
import type { DatePart, DateTrunc, Expr } from "../../sql/ast.js";
import type { ExtractFunction, NowFunction, TruncFunction } from "../../types/functions.js";
import { INTEGER } from "../arithmetic.js";
import { Expression } from "../expression.js";
import { inZone } from "../../query/in-zone.js";
import { argument } from "./argument.js";
import { Derived } from "./derived.js";

const DAYS: readonly string[] = ["year", "quarter", "month", "week", "day"];
const CLOCKS: readonly string[] = ["hour", "minute", "second", "microsecond"];

/** A date or time as the clocks of the context's zone show it. */
function shown({ field, expr }: Operand, { dialect }: BuildContext, what: string, call: string): Expr {
  const { lookups } = field;
  const has = DAYS.includes(what) ? ["date", "datetime"] : ["time", "datetime"];
  if (!has.includes(lookups))
    throw new FieldError(`${call}(): ${field.kind} field "${field.name}" has no ${what}`, {
      code: "bad_value",
      hint: `${has.join(" and ")} fields have one`,
    });
  return lookups === "datetime" && dialect.zone !== null ? inZone(expr, dialect.zone) : expr;
}

function checkPart(part: unknown, known: readonly string[], call: string): void {
  if (!known.includes(part as string))
    throw new ParamsError(`${call}() takes the name of a part`, { hint: `known: ${known.join(", ")}` });
}

const EXTRACT = Symbol("extract");
const TRUNC = Symbol("trunc");
const NOW = Symbol("now");

/** A part of a date or time, as a number: `Extract("placedAt", "year")`. Weeks are those of ISO 8601. */
export const Extract: ExtractFunction = ((of: unknown, part: DatePart): Expression => {
  checkPart(part, [...DAYS, ...CLOCKS], "Extract");
  return new Derived(argument(of, "Extract"), [EXTRACT, part], (operand, context) => {
    const item = shown(operand, context, part, "Extract");
    const kind = operand.field.lookups as "date" | "time" | "datetime";
    const expr: Expr = { kind: "datePart", part, of: kind, item };
    // What it is calculated from must not be torn apart where one calculates with it.
    return { field: INTEGER(), scale: 0, expr: { kind: "raw", parts: ["", ""], items: [expr] } };
  });
}) as unknown as ExtractFunction;

/**
 * The first day of the year, quarter, month or week (Monday) of a date or an instant, or its day: for groups.
 * `Order.annotate({ month: Trunc("placedAt", "month") }).groupBy("month")`
 */
export const Trunc: TruncFunction = ((of: unknown, to: DateTrunc): Expression => {
  checkPart(to, DAYS, "Trunc");
  return new Derived(argument(of, "Trunc"), [TRUNC, to], (operand, context) => ({
    field: new DateField(),
    expr: { kind: "dateTrunc", to, item: shown(operand, context, to, "Trunc") },
  }));
}) as unknown as TruncFunction;

class NowExpression extends Expression {
  override readonly paths: readonly string[] = [];
  walk(at: Step): Step {
    return at.step(NOW);
  }
  build({ dialect }: BuildContext): Operand {
    const field = new DatetimeField();
    return { field, expr: { kind: "raw", parts: [dialect.nowDefault(field.type)], items: [] } };
  }
}

/** The instant at which the statement runs, by the database's clock. */
export const Now: NowFunction = (() => new NowExpression()) as unknown as NowFunction;
