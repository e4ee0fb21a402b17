import { after, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import type { Statement } from "../connection/driver.js";
import { Gathered } from "../connection/gathered.js";
import { bind } from "../plan/plan.js";
import { planCountDeleted, planDelete } from "../plan/write.js";
import type { QueryState } from "../query/state.js";
import { cascadesToItself } from "../schema/cascade.js";
import { metaOf, type Meta } from "../schema/meta.js";
import { Write } from "./awaitable.js";
import { forgetKeys } from "./referring.js";
import { clientOf, withFieldNames, write } from "./run.js";
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
    if (cascadesToItself(meta))
      return deleteCounted(state, meta, client, { sql: plan.sql, params: bind(plan.binders, values) });
    return after(write(client, meta, plan.sql, bind(plan.binders, values)), ({ affected }) => affected);
  });
}

/** A row that goes with another one, before its turn comes, is not counted by the DELETE: so they are counted before. */
function deleteCounted(state: QueryState, meta: Meta, client: Client, statement: Statement): MaybePromise<number> {
  const { plan, values } = planCountDeleted(state, meta, client.dialect);
  if (client instanceof Gathered) client.countsApart();
  return after(
    withFieldNames(meta, () => client.batch([{ sql: plan.sql, params: bind(plan.binders, values) }, statement])),
    ([counted]) => Number(counted!.rows[0]![0]),
  );
}
