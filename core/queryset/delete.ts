import { after, type MaybePromise } from "../base/maybe.js";
import { bind } from "../plan/plan.js";
import { planDelete } from "../plan/write.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import { Write } from "./awaitable.js";
import { forgetKeys } from "./referring.js";
import { clientOf, write } from "./run.js";
import { checkMeant } from "./update.js";

/** DELETEs the rows of a query; gives the number of rows that matched, cascades not counted. */
export function deleteRows(state: QueryState): Write<number> {
  checkMeant(state, "delete");
  return new Write((): MaybePromise<number> => {
    if (state.none || state.limit === 0) return 0;
    const meta = metaOf(state.model);
    const client = clientOf(state, meta, true);
    forgetKeys(client, null);
    const { plan, values } = planDelete(state, meta, client.dialect);
    return after(write(client, meta, plan.sql, bind(plan.binders, values)), ({ affected }) => affected);
  });
}
