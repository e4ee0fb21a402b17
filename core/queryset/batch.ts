import { GuardError, ParamsError, typeName } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { clientFor } from "../connection/atomic.js";
import type { Client } from "../connection/client.js";
import { detoured, scopeOf, writtenTo } from "../connection/context.js";
import { captureOrigin } from "../connection/fifo.js";
import type { BeginOptions, Origin } from "../connection/driver.js";
import { Counted } from "../connection/counted.js";
import { Gathered } from "../connection/gathered.js";
import { isSurelyUndone, isTransient, retried, retryOf, type RetryOptions } from "../connection/retry.js";
import { abort } from "../connection/transaction.js";
import { affectedGuard, planExistsGuard } from "../plan/guard.js";
import { bind } from "../plan/plan.js";
import { GuardNode } from "../query/guard.js";
import { metaOf } from "../schema/meta.js";
import type { BatchFunction } from "../types/batch.js";
import type { QueryState } from "../query/state.js";
import { Lazy, Write } from "./awaitable.js";
import { QuerySet, type UsingOptions } from "./queryset.js";
import { clientOf } from "./run.js";
import { noRow, severalRows, SingleQuerySet } from "./single.js";

type Item = Lazy<unknown> | GuardNode;

interface BatchOptions extends UsingOptions {
  readonly signal?: AbortSignal;
  readonly retry?: number | RetryOptions;
}

/**
 * Runs several reads and writes as one unit, in order: all of them, or none. Where a database keeps transactions open it is one;
 * where it does not, it is one request. Guards say what must hold for it to be kept.
 * @example
 * const ann = new User({ username: "ann" });
 * const [, order, updated] = await batch([
 *   ann.save(),
 *   Order.create({ user: ann, total: 3, status: "open" }), // refers to a user that is new itself
 *   User.filter({ id: 7, age: null }).update({ age: 30 }),
 *   guard.affected(1, { name: "nobody was faster" }),      // or else nothing of this happens
 * ]);
 */
export const batch: BatchFunction = ((given: readonly unknown[], options: BatchOptions = {}): Write<unknown[]> => {
  const items = checkItems(given);
  for (const name in options)
    if (!OPTIONS.includes(name))
      throw new ParamsError(`batch has no option "${name}"`, {
        code: "unknown_option",
        hint: `known: ${OPTIONS.join(", ")}`,
      });
  const retry = retryOf(options.retry, "batch([…], { retry: 3 })");
  const origin = captureOrigin(batch);
  return new Write((): MaybePromise<unknown[]> => {
    const found = clientFor(options.usingDb as never, "batch([…], { usingDb })");
    const writes = items.filter((item) => item instanceof Write);
    const client = writes.length > 0 ? writtenTo(found, scopeOf(options.usingDb as never)) : found;
    const { signal } = options;
    signal?.throwIfAborted();
    items.forEach(checkFresh);
    const once = (): Promise<unknown[]> =>
      client.together
        ? gathered(items, client, signal)
        : conversed(items, client, signal === undefined ? {} : { signal }, origin);
    if (retry.times === 0 || client.isTransaction) return once();
    const may = client.together && writes.length > 0 ? isSurelyUndone : isTransient;
    return retried(once, retry, may, signal, () => writes.forEach((write) => write.rewind()));
  });
}) as never;

const OPTIONS: readonly string[] = ["usingDb", "signal", "retry"];

function checkItems(given: readonly unknown[]): Item[] {
  if (!Array.isArray(given))
    throw new ParamsError(`batch takes an array of reads and writes, not ${typeName(given)}`, {
      hint: "batch([User.create({ … }), Order.filter({ … })])",
    });
  const items = Array.from<unknown>(given);
  items.forEach((item, i) => {
    if (item instanceof GuardNode) return checkPlace(item, items, i);
    if (item instanceof Lazy) return undefined;
    const isPromise = typeof (item as { then?: unknown } | null)?.then === "function";
    throw new ParamsError(`batch: item ${i} is ${isPromise ? "under way or done already" : typeName(item)}`, {
      code: "batch_item",
      hint: "give reads and writes that nobody has awaited: User.create({ … }), without await or run()",
    });
  });
  return items as Item[];
}

/** A guard of affected rows stands behind the write that it is about, or behind other guards of it. */
function checkPlace(guard: GuardNode, items: readonly unknown[], i: number): void {
  if (guard.holds.kind !== "affected" || items[guarded(items, i)] instanceof Write) return;
  throw new ParamsError(`batch: item ${i}, guard.${guard.name}, does not follow a write`, {
    code: "guard_place",
    hint: "put it right behind the write whose rows it counts",
  });
}

/** The place of the item that a guard is about; -1: there is none. */
function guarded(items: readonly unknown[], i: number): number {
  let at = i - 1;
  while (at >= 0 && items[at] instanceof GuardNode) at--;
  return at;
}

function checkFresh(item: Item, i: number): void {
  if (item instanceof Write && item.hasBegun)
    throw new ParamsError(`batch: item ${i} is under way or done already`, {
      code: "batch_item",
      hint: "give writes that nobody has awaited",
    });
}

/** Sends what asks for a client to the unit, where it may. */
function toUnit(unit: Client, i: number): (client: Client) => Client {
  return (client) => {
    if (client.connection === unit.connection) return unit;
    throw new ParamsError(
      `batch: item ${i} is for the connection "${client.connectionName}", the batch for "${unit.connectionName}"`,
      { code: "batch_connection", hint: "one batch is for one connection: make one for each" },
    );
  };
}

/** One after another in a transaction. */
async function conversed(
  items: readonly Item[],
  client: Client,
  options: Pick<BeginOptions, "signal">,
  origin: Origin,
): Promise<unknown[]> {
  const tx = await client.beginNow(options, origin);
  try {
    const results: unknown[] = [];
    let affected = 0;
    for (const [i, item] of items.entries()) {
      if (item instanceof GuardNode) {
        await detoured(toUnit(tx, i), () => checkGuard(item, i, affected));
        results.push(true);
        continue;
      }
      const counted = new Counted(tx);
      const result: unknown = await detoured(toUnit(counted, i), () => item.run());
      results.push(result);
      // What a write says of itself is the number of rows that it matched, however many statements it took.
      if (item instanceof Write) affected = typeof result === "number" ? result : counted.affected;
    }
    await tx.finish(true);
    return results;
  } catch (error) {
    await abort(tx);
    // What the interrupted statement says is not why it was interrupted.
    options.signal?.throwIfAborted();
    throw error;
  }
}

function checkGuard(guard: GuardNode, i: number, affected: number): MaybePromise<void> {
  const { holds } = guard;
  if (holds.kind === "affected") {
    if (affected !== holds.count) throw failed(guard, i, affected);
    return undefined;
  }
  return after(new QuerySet(holds.state).exists().run(), (exists) => {
    if (exists !== (holds.kind === "exists")) throw failed(guard, i, null);
  });
}

/** All at once. */
async function gathered(items: readonly Item[], client: Client, signal: AbortSignal | undefined): Promise<unknown[]> {
  const unit = new Gathered(client);
  const writes = items.some((item) => item instanceof Write);
  const answers: Promise<unknown>[] = [];
  let wrote = 0;
  try {
    for (const [i, item] of items.entries()) {
      if (item instanceof GuardNode) {
        gatherGuard(item, i, unit, wrote);
        answers.push(Promise.resolve(true));
        continue;
      }
      const before = unit.writes;
      answers.push((await unit.gather(() => detoured(toUnit(unit, i), () => item.run()))).answer);
      if (item instanceof SingleQuerySet && writes) gatherSingle(item, unit, i);
      if (item instanceof Write) wrote = unit.writes - before;
    }
    signal?.throwIfAborted();
    await unit.send();
    const results = await Promise.all(answers);
    await unit.finish(true);
    return results;
  } catch (error) {
    if (unit.isOpen) await unit.give(error);
    throw error;
  }
}

function gatherGuard(guard: GuardNode, i: number, unit: Gathered, writes: number): void {
  const { holds } = guard;
  if (holds.kind === "affected") {
    // What sent nothing changed nothing, and the database would still tell of the write before.
    if (writes === 0 && holds.count !== 0) throw failed(guard, i, 0);
    if (writes > 1)
      throw new ParamsError(`batch: item ${i}, guard.${guard.name}, is about a write of several statements`, {
        code: "guard_place",
        hint: "where a batch is one request, rows are counted for one statement: update(…), delete(), create(…), save()",
      });
    if (writes === 0) return;
    const { sql } = affectedGuard(unit.dialect);
    return unit.check({ sql, params: [holds.count, unit.mark((cause) => failed(guard, i, null, cause))] });
  }
  const { state } = holds;
  const mark = (): string => unit.mark((cause) => failed(guard, i, null, cause));
  gatherRows(state, holds.kind === "absent", mark, () => failed(guard, i, null), unit, i);
}

/** A statement that fails unless there are rows, or none. `now`: the error when that is known without asking. */
function gatherRows(
  state: QueryState,
  negated: boolean,
  mark: () => string,
  now: () => Error,
  unit: Gathered,
  i: number,
): void {
  const meta = metaOf(state.model);
  detoured(toUnit(unit, i), () => clientOf(state, meta));
  if (state.none || state.limit === 0) {
    if (!negated) throw now();
    return;
  }
  const { plan, values } = planExistsGuard(state, meta, unit.dialect, negated, mark());
  unit.check({ sql: plan.sql, params: bind(plan.binders, values) });
}

/** What a query for one row refuses must undo the writes of the batch, so the database has to refuse it. */
function gatherSingle({ state, expected }: SingleQuerySet, unit: Gathered, i: number): void {
  if (expected === "first") return;
  const { name } = metaOf(state.model);
  if (expected === "one")
    gatherRows(
      state,
      false,
      () => unit.mark(() => noRow(name)),
      () => noRow(name),
      unit,
      i,
    );
  const second = state.copy();
  second.limit = 1;
  second.offset = (state.offset ?? 0) + 1;
  second.keyed = true;
  if (state.limit === null || state.limit > 1)
    gatherRows(
      second,
      true,
      () => unit.mark(() => severalRows(name)),
      () => severalRows(name),
      unit,
      i,
    );
}

function failed(guard: GuardNode, i: number, affected: number | null, cause?: unknown): GuardError {
  const { holds, name, label } = guard;
  const found =
    holds.kind !== "affected"
      ? holds.kind === "exists"
        ? "there is no such row"
        : "there is such a row"
      : affected === null
        ? `the write before it did not match ${rows(holds.count)}`
        : `the write before it matched ${rows(affected)}`;
  return new GuardError(
    `batch: ${label === null ? `guard.${name}` : `the guard "${label}"`}, item ${i}, does not hold: ${found}`,
    {
      code: "guard",
      guard: name,
      hint: "nothing of the batch was kept",
      cause,
    },
  );
}

const rows = (count: number): string => (count === 1 ? "1 row" : `${count} rows`);
