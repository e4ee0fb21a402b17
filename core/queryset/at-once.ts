import { MultipleObjectsReturned } from "../base/errors.js";
import type { MaybePromise } from "../base/maybe.js";
import { captureOrigin } from "../connection/fifo.js";
import type { Client } from "../connection/client.js";
import type { Result } from "../connection/driver.js";
import { Gathered } from "../connection/gathered.js";
import { abort } from "../connection/transaction.js";
import { planExistsGuard } from "../plan/guard.js";
import { keptFor, type Column, type Kept } from "../plan/kept.js";
import { bind, planSelect } from "../plan/plan.js";
import { insertedColumns, planInsertUnless, planUpdate } from "../plan/write.js";
import type { Expression } from "../query/expression.js";
import { conditions, QNode } from "../query/q.js";
import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import { hasKey, inserted, prepare, setTimes, type Prepared, type Row } from "./persist.js";
import { forgetKeys, referTo, takeReferred } from "./referring.js";
import { withFieldNames } from "./run.js";

// What is several statements in a conversation, in one request.

/**
 * All or nothing: as a part of what is gathered, as one request where requests are dear or all there is, else in a transaction of
 * its own or a savepoint of the one that is open.
 */
export function asUnit<T>(client: Client, work: (unit: Client) => MaybePromise<T>): MaybePromise<T> {
  if (client.gathers) return work(client);
  if (!client.together) return inUnit(client, work);
  const unit = new Gathered(client);
  return unit.whole(() => work(unit));
}

async function inUnit<T>(client: Client, work: (tx: Client) => MaybePromise<T>): Promise<T> {
  const tx = await client.beginNow({}, captureOrigin(asUnit));
  try {
    const answer = await work(tx);
    await tx.finish(true);
    return answer;
  } catch (error) {
    await abort(tx);
    throw error;
  }
}

/** A new object's INSERT, which does nothing where a query has rows; tells whether it did. */
export function insertUnless(
  object: Row,
  prepared: Prepared,
  columns: readonly Column[],
  there: QueryState,
  client: Client,
  kept: Kept,
): Promise<boolean> {
  const { meta } = kept;
  forgetKeys(client, meta);
  const { computed, params } = referTo(prepared, kept, client);
  const { plan, values } = planInsertUnless(kept, columns, there, computed);
  const answer = withFieldNames(meta, () =>
    client.run(plan.sql, [...params, ...bind(plan.binders.slice(params.length), values)]),
  );
  return Promise.resolve(answer).then(({ affected, insertId }) => {
    if (affected === 0) return false;
    takeReferred(object, prepared);
    inserted(object, client, kept, { ...plan, columns }, prepared, insertId);
    return true;
  });
}

/** What `getOrCreate` and `updateOrCreate` are asked. */
export interface Wanted {
  /** the rows that are there already */
  readonly look: QueryState;
  /** a new object, for when there is none; or why there can be none */
  readonly fresh: Row | Error;
  /** what an object that is there gets; null: nothing */
  readonly changes: Readonly<Row> | null;
}

/** The object that is there or a new one, and whether it is new: an INSERT that may do nothing, and a SELECT. */
export async function findOrMakeAtOnce(
  { look, fresh, changes }: Wanted,
  meta: Meta,
  unit: Gathered,
): Promise<[object, boolean]> {
  const kept = keptFor(meta, unit.dialect);
  const several = (): Error =>
    new MultipleObjectsReturned(`Multiple objects returned for "${meta.name}", expected at most one`, {
      hint: "look for something unique",
    });
  const there = look.copy();
  there.limit = null;
  const second = look.copy();
  [second.limit, second.offset, second.keyed] = [1, 1, true];
  checkRows(second, true, several, meta, unit);
  const update = changes === null ? null : updateOf(look, changes, meta, unit);
  let created: Promise<boolean>;
  try {
    if (fresh instanceof Error) throw fresh;
    if (kept.clocks.length > 0) setTimes(fresh, kept.clocks, true);
    const columns = insertedColumns(kept, hasKey(fresh, meta.pk));
    created = insertUnless(fresh, prepare(fresh, meta, columns), columns, there, unit, kept);
  } catch (error) {
    // What cannot be made need not be made where it is there.
    checkRows(look, false, () => error, meta, unit);
    created = Promise.resolve(false);
  }
  const { plan, values } = planSelect(look, meta, unit.dialect);
  const found = unit.run(plan.sql, bind(plan.binders, values)) as Promise<Result>;
  const [isNew, , { rows }] = await Promise.all([created, update, found]);
  if (isNew) return [fresh, true];
  if (rows.length !== 1) throw several();
  return [plan.read(rows[0]!) as object, false];
}

/** A statement that fails where there are rows, or none. */
function checkRows(state: QueryState, negated: boolean, error: () => unknown, meta: Meta, unit: Gathered): void {
  const { plan, values } = planExistsGuard(state, meta, unit.dialect, negated, unit.mark(error));
  unit.check({ sql: plan.sql, params: bind(plan.binders, values) });
}

/** The UPDATE of a row that is there, where it is different from what it shall be. */
function updateOf(look: QueryState, changes: Readonly<Row>, meta: Meta, unit: Gathered): MaybePromise<Result> | null {
  const set: Row = {};
  const different: QNode[] = [];
  let always = false;
  for (const name of Object.keys(changes)) {
    const field = meta.field.get(name)!;
    set[name] = changes[name];
    // Documents and bytes are not compared by every lookup.
    if (field.kind === "json" || field.isBytes) always = true;
    else different.push(conditions([{ [`${name}__not`]: changes[name] }], "updateOrCreate"));
  }
  if (Object.keys(set).length === 0) return null;
  const now = new Date();
  for (const field of meta.fields) if (field.autoNow && !(field.name in set)) set[field.name] = field.autoValue(now);
  if (meta.version !== null) set[meta.version.name] = oneMore;
  const state = look.copy();
  [state.limit, state.offset] = [null, null];
  if (!always) state.where = [...state.where, new QNode("or", false, different)];
  const { plan, values } = planUpdate(state, set, meta, unit.dialect);
  return withFieldNames(meta, () => unit.run(plan.sql, bind(plan.binders, values)));
}

/** The next version, as much of an expression as an update asks for: the real ones would bring all of arithmetic. */
const oneMore: Pick<Expression, "walk" | "assigned"> = {
  walk: (at) => at.step(oneMore),
  assigned: ({ expr }) => ({ kind: "arithmetic", op: "+", left: expr, right: { kind: "literal", value: 1 } }),
};
