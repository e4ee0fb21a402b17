import { FieldError, ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { keyValue } from "../plan/filter.js";
import { isForward } from "../plan/path.js";
import { bind, type Planned } from "../plan/plan.js";
import { planMoveKeys, planUpdate } from "../plan/write.js";
import { isExpression } from "../query/is-expression.js";
import type { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Compiled } from "../sql/compile.js";
import { Write } from "./awaitable.js";
import { copyValues } from "./create.js";
import { forgetKeys } from "./referring.js";
import { clientOf, withFieldNames, write } from "./run.js";

/** Kinds of keys that can be moved out of the way and back: whole numbers. */
const COUNTS: readonly string[] = ["smallInt", "int", "bigInt"];

/** UPDATEs the rows of a query; gives the number of rows that matched. */
export function updateRows(state: QueryState, given: object): Write<number> {
  const values = copyValues(given, "update");
  checkMeant(state, "update");
  return new Write((): MaybePromise<number> => {
    if (state.none || state.limit === 0 || Object.keys(values).length === 0) return 0;
    const meta = metaOf(state.model);
    const client = clientOf(state, meta, true);
    if ("pk" in values) {
      if (meta.pk.name in values)
        throw new ParamsError(`update(): the key is given twice, as pk and as ${meta.pk.name}`);
      values[meta.pk.name] = values.pk;
      delete values.pk;
    }
    for (const name in values) if (meta.relations.has(name)) relationAsKey(values, name, meta);
    if (isExpression(values[meta.pk.name]) && COUNTS.includes(meta.pk.type.kind)) {
      forgetKeys(client, meta);
      const statements = planMoveKeys(state, values, meta, client.dialect).map(
        ({ plan, values: bound }: Planned<Compiled>) => ({ sql: plan.sql, params: bind(plan.binders, bound) }),
      );
      return after(
        withFieldNames(meta, () => client.batch(statements)),
        ([moved]) => moved!.affected,
      );
    }
    const { plan, values: bound } = planUpdate(state, values, meta, client.dialect);
    return after(write(client, meta, plan.sql, bind(plan.binders, bound)), ({ affected }) => affected);
  });
}

/** `{ user }` as what its column gets. */
function relationAsKey(values: Record<string, unknown>, name: string, meta: Meta): void {
  const relation = meta.relations.get(name)!;
  if (!isForward(relation))
    throw new FieldError(`update(): "${name}" of ${meta.name} has no column`, {
      code: "relation",
      hint:
        relation.through === null
          ? "update the objects that it leads to"
          : `await object.${name}.set([…]) says what it leads to`,
    });
  const { from } = relation;
  if (from.name in values) throw new ParamsError(`update(): "${name}" is given twice, as ${name} and as ${from.name}`);
  const value = values[name];
  values[from.name] = isExpression(value) ? value : keyValue(relation, value, name);
  delete values[name];
}

/** A write without a filter is more often forgotten than meant, so it has to be said. */
export function checkMeant(state: QueryState, call: string): void {
  const hint = state.access?.hint ?? null;
  if (hint !== null)
    throw new ParamsError(`${call}() cannot pass on ${hint.kind}Index()`, {
      code: "no_index_hints",
      hint: "leave it out",
    });
  if (state.groupBy !== null)
    throw new ParamsError(`${call}() changes rows, and groupBy() gives groups`, {
      code: "grouped",
      hint: "leave groupBy out, or filter by the keys that a query of groups gives",
    });
  if (state.where.length > 0 || state.all || state.none || state.limit === 0) return;
  throw new ParamsError(`${call}() without a filter would ${call} every row`, {
    code: "unfiltered",
    hint: `write .all().${call}(...) when that is meant`,
  });
}
