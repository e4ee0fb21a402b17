import { ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { bind, type Planned } from "../plan/plan.js";
import { planMoveKeys, planUpdate } from "../plan/write.js";
import { Expression } from "../query/expression.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import type { Compiled } from "../sql/compile.js";
import { Write } from "./awaitable.js";
import { copyValues } from "./create.js";
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
    const client = clientOf(state, meta);
    if ("pk" in values) {
      if (meta.pk.name in values)
        throw new ParamsError(`update(): the key is given twice, as pk and as ${meta.pk.name}`);
      values[meta.pk.name] = values.pk;
      delete values.pk;
    }
    if (values[meta.pk.name] instanceof Expression && COUNTS.includes(meta.pk.type.kind)) {
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

/** A write without a filter is more often forgotten than meant, so it has to be said. */
export function checkMeant(state: QueryState, call: string): void {
  if (state.where.length > 0 || state.all || state.none || state.limit === 0) return;
  throw new ParamsError(`${call}() without a filter would ${call} every row`, {
    code: "unfiltered",
    hint: `write .all().${call}(...) when that is meant`,
  });
}
