import { ParamsError, typeName } from "../../base/errors.js";
import { BooleanField } from "../../fields/data.js";
import { rawParams, type RawValue } from "../../connection/raw.js";
import { Field } from "../../fields/field.js";
import { TextField } from "../../fields/text.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { Expr } from "../../sql/ast.js";
import type { ExistsFunction, OuterRefFunction, RawSqlFunction, SubqueryFunction } from "../../types/functions.js";
import { rawParts } from "../../sql/raw-parts.js";
import { Expression, PathExpression } from "../expression.js";
import { OBJECTS, QueryState } from "../../query/state.js";

function stateOf(query: unknown, call: string): QueryState {
  const state = (query as { readonly state?: unknown } | null)?.state;
  if (state instanceof QueryState) return state;
  throw new ParamsError(`${call}() takes a query set, not ${typeName(query)}`);
}

const SUBQUERY = Symbol("subquery");
const EXISTS = Symbol("exists");

/** The one value that a query gives, computed for each row. */
class SubqueryExpression extends Expression {
  override readonly paths: readonly string[] = [];
  constructor(readonly state: QueryState) {
    super();
  }
  walk(at: Step, walk: Walk): Step {
    return walk.query(this.state, at.step(SUBQUERY));
  }
  build(context: BuildContext): Operand {
    return context.query(this.state).operand;
  }
}

class ExistsExpression extends Expression {
  override readonly paths: readonly string[] = [];
  constructor(readonly state: QueryState) {
    super();
  }
  walk(at: Step, walk: Walk): Step {
    return walk.query(this.state, at.step(EXISTS));
  }
  build(context: BuildContext): Operand {
    const { query } = context.query(this.state);
    return { field: new BooleanField(), expr: { kind: "exists", query, negated: false } };
  }
}

/** The same rows, of which nothing but their number is asked. */
function oneColumn(state: QueryState): QueryState {
  const { output, groupBy } = state;
  if (output.kind === "objects") return state;
  const next = state.copy();
  const [first = groupBy === null ? undefined : { as: groupBy[0]!, path: groupBy[0]! }] = output.names ?? [];
  next.output =
    first === undefined || (groupBy === null && !state.distinct && state.from === null)
      ? OBJECTS
      : { kind: "flat", names: [first] };
  return next;
}

/** A column of the query around this one. */
class OuterPath extends PathExpression {
  override get paths(): readonly string[] {
    return [];
  }
  override walk(at: Step): Step {
    return at.step(OUTER).step(this.path);
  }
  override build(context: BuildContext): Operand {
    return context.outer().operand(this.path);
  }
}
const OUTER = Symbol("outer");

/** SQL of the author's own, with values for its placeholders. */
class RawExpression extends Expression {
  override readonly paths: readonly string[] = [];
  constructor(
    readonly sql: string,
    readonly params: readonly unknown[],
    readonly gives: Field,
  ) {
    super();
  }
  walk(at: Step, { values }: Walk): Step {
    values.push(...rawParams(this.params as readonly RawValue[]));
    const { kind, type, options } = this.gives;
    // The same SQL may be read as something else.
    return at
      .step(RAW)
      .step(this.sql)
      .step(`${kind} ${JSON.stringify([type, options])}`);
  }
  build(context: BuildContext): Operand {
    const items = this.params.map((): Expr => ({ kind: "param", slot: context.slot(), encode: null }));
    return { field: this.gives, expr: { kind: "raw", parts: rawParts(this.sql), items } };
  }
}
const RAW = Symbol("raw");

/** The value of a query's first row: `Subquery(Order.filter({ user: OuterRef("pk") }).orderBy("-id").limit(1).valuesList("total", { flat: true }))`. */
export const Subquery: SubqueryFunction = ((query: unknown): Expression =>
  new SubqueryExpression(stateOf(query, "Subquery"))) as unknown as SubqueryFunction;
/** Whether a query has rows: `Exists(Order.filter({ user: OuterRef("pk") }))`. */
export const Exists: ExistsFunction = ((query: unknown): Expression =>
  new ExistsExpression(oneColumn(stateOf(query, "Exists")))) as unknown as ExistsFunction;
/** A field of the row that the query around this one looks at. */
export const OuterRef: OuterRefFunction = ((path: string): Expression =>
  new OuterPath(path)) as unknown as OuterRefFunction;
/**
 * SQL as it is written, where nothing else will do. Never put text of a user into it: values go into `params`, one for each `?`.
 * `RawSql("length(name) + ?", [1], fields.int())`
 */
export const RawSql: RawSqlFunction = ((
  sql: string,
  params: readonly unknown[] = [],
  gives: unknown = new TextField(),
): Expression => {
  if (typeof sql !== "string" || sql.trim() === "") throw new ParamsError(`RawSql() takes SQL, not ${typeName(sql)}`);
  if (!(gives instanceof Field))
    throw new ParamsError(`RawSql() takes a field that says what it gives, not ${typeName(gives)}`, {
      hint: "fields.int()",
    });
  rawParams(params as readonly RawValue[]);
  const count = rawParts(sql).length - 1;
  if (count !== params.length)
    throw new ParamsError(`RawSql(): the SQL has ${count} placeholders, and ${params.length} values were given`);
  return new RawExpression(sql, params.slice(), gives);
}) as unknown as RawSqlFunction;
