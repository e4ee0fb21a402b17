import { ParamsError, typeName } from "../base/errors.js";
import { after } from "../base/maybe.js";
import { isExpression } from "../query/is-expression.js";
import { conditions, QNode } from "../query/q.js";
import { QueryState, type Annotation } from "../query/state.js";
import { Read } from "./awaitable.js";
import { fetch } from "./run.js";

/** The computed values of a query with some more; one of the same name takes the place of the other. */
export function annotated(state: QueryState, values: unknown, call: string): Annotation[] {
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new ParamsError(`${call}() takes { name: expression }, not ${typeName(values)}`);
  const given = Object.entries(values).map(([name, expression]): Annotation => {
    if (!isExpression(expression))
      throw new ParamsError(`${call}(): "${name}" is no expression, but ${typeName(expression)}`, {
        hint: 'Count("orders"), F("price").times(2), Value(1), …',
      });
    // An object with `then` would be taken for a promise.
    if (name === "pk" || name === "then" || name === "" || name.includes("__"))
      throw new ParamsError(`${call}(): "${name}" cannot be the name of a value`);
    return { name, expression, ofGroup: state.groupBy !== null };
  });
  return [...state.annotations.filter(({ name }) => given.every((other) => other.name !== name)), ...given];
}

/** Aggregates are of the groups, whether they were named before or after them. */
export const ofGroups = (annotations: readonly Annotation[], groupBy: readonly string[]): Annotation[] =>
  annotations.map((each) =>
    each.expression.isAggregate && !groupBy.includes(each.name) ? { ...each, ofGroup: true } : each,
  );

/** One row gathered from all rows of the query. */
export function aggregate(state: QueryState, values: object): Read<object> {
  if (state.groupBy !== null)
    throw new ParamsError("aggregate() gives one row, and groupBy() one for each group", {
      code: "grouped",
      hint: "leave groupBy out, or annotate each group and select values(…)",
    });
  if (state.distinct && state.output.kind !== "objects")
    throw new ParamsError("aggregate() gathers rows, not distinct values", {
      code: "distinct_values",
      hint: 'Count("name", { distinct: true })',
    });
  if (Object.keys(values ?? {}).length === 0) throw new ParamsError('aggregate() needs a value: { n: Count("id") }');
  const next = new QueryState(state.model, state);
  next.groupBy = [];
  next.orderBy = [];
  next.reversed = next.keyed = false;
  next.annotations = annotated(next, values, "aggregate");
  next.output = { kind: "values", names: Object.keys(values).map((name) => ({ as: name, path: name })) };
  if (state.none) {
    next.none = false;
    next.where = [new QNode("and", true, [])];
  }
  return new Read(() => {
    const asked = state.none || (!state.isCut && !state.distinct) ? next : ofRows(state, next);
    return after(fetch(asked), ([row]) => row as object);
  });
}

/** The same about exactly the rows of a query that is sliced. */
function ofRows(state: QueryState, next: QueryState): QueryState {
  const rows = state.copy();
  rows.output = { kind: "flat", names: [{ as: "pk", path: "pk" }] };
  const asked = next.copy();
  asked.where = [conditions([{ pk__in: { state: rows } }], "aggregate")];
  asked.limit = asked.offset = null;
  asked.distinct = false;
  return asked;
}
