import { IntegrityError, TransactionManagementError, UnsupportedError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import { homeOf, resolveClient } from "../connection/context.js";
import type { Result } from "../connection/driver.js";
import type { Children, Loader, Loading } from "../load/prefetch.js";
import type { Fetching } from "./together.js";
import { bind, planSelect } from "../plan/plan.js";
import type { Access } from "../query/locking.js";
import type { QueryState } from "../query/state.js";
import { columnField, metaOf, type Meta } from "../schema/meta.js";
import { broughtBy } from "../schema/relation.js";
import type { SqlValue } from "../sql/column-type.js";

/** The life of a query, in order. Everything before `run` is pure; everything after is about the answer. */
export function fetch(state: QueryState): MaybePromise<unknown[]> {
  if (state.none) return [];
  const meta = metaOf(state.model);
  const client = clientOf(state, meta);
  if (takesSeveral(state, client))
    return after(fetchTogether(state, meta, client), ({ objects }) => objects as unknown[]);
  const { plan, values } = planSelect(state, meta, client.dialect);
  if (state.access !== null) checkLockable(state.access, client);
  return after(client.run(plan.sql, bind(plan.binders, values)), ({ rows }) => {
    const { read } = plan;
    for (let i = 0; i < rows.length; i++) rows[i] = read(rows[i]!) as never;
    return state.prefetch.length === 0 ? rows : after(loadAlso(rows as never, state, meta, client), () => rows);
  });
}

/** May it be several statements in one request: relations where requests are dear, and columns where they are few. */
const takesSeveral = ({ prefetch, related, output }: QueryState, client: Client): boolean =>
  output.kind === "objects" &&
  ((prefetch.length > 0 && client.together) || (related.length > 0 && client.dialect.limits !== undefined));

/** The rows, all that comes along with them and their relations in one request. */
function fetchTogether(state: QueryState, meta: Meta, client: Client): MaybePromise<Children> {
  const [path = state.prefetch[0]!.path] = state.related;
  return (broughtBy(meta, path) as Fetching).fetchTogether(state, meta, client);
}

/** Loads the relations that a query asked for besides its rows. */
export function loadAlso(
  objects: readonly object[],
  state: QueryState,
  meta: Meta,
  client: Client,
): MaybePromise<unknown> {
  const { prefetch, related, output, using } = state;
  if (output.kind !== "objects" || prefetch.length === 0) return undefined;
  const { loadRelations } = broughtBy(meta, prefetch[0]!.path) as Loading;
  return loadRelations(objects, meta, prefetch, related, loaderFor(client, using));
}

/**
 * How the relations of rows from `client` are asked for. `using`: where the rows were asked for by name, or null. Models of one
 * connection are asked where the rows came from, which may be a copy of it; others at home.
 */
export function loaderFor(client: Client, using: unknown): Loader {
  return {
    usingFor: ({ meta, target }) => using ?? (homeOf(meta) === homeOf(target) ? client : null),
    // Padded lists go up to a power of two; a quarter is left for what else the query says.
    most: client.dialect.lists === "json" ? Infinity : 2 ** Math.floor(Math.log2(client.limits.maxParams * 0.75)),
    ask(state) {
      if (state.none) return NOBODY;
      const meta = metaOf(state.model);
      const at = clientOf(state, meta);
      if (takesSeveral(state, at)) return fetchTogether(state, meta, at);
      const { plan, values } = planSelect(state, meta, at.dialect);
      return after(at.run(plan.sql, bind(plan.binders, values)), ({ rows }) => {
        const { read, parentOf } = plan;
        const parents = new Array<unknown>(rows.length);
        for (let i = 0; i < rows.length; i++) {
          parents[i] = parentOf!(rows[i]!);
          rows[i] = read(rows[i]!) as never;
        }
        const children = { objects: rows as never, parents };
        return state.prefetch.length === 0
          ? children
          : after(loadAlso(children.objects, state, meta, at), () => children);
      });
    },
  };
}

const NOBODY: Children = { objects: [], parents: [] };

/** The rows are locked, which only a transaction can do. */
export const isLocking = ({ access }: QueryState): boolean => access !== null && access.lock !== null;

/** The connection or transaction that a query is for. Rows are locked where they are written. */
export function clientOf(state: QueryState, meta: Meta, forWrite: boolean = isLocking(state)): Client {
  if (state.from === null) return resolveClient(meta, state.using as never, forWrite);
  if (forWrite)
    throw new UnsupportedError(
      `"${state.from.name}" is a query under a name: it can be read, but not written or locked`,
      {
        code: "named_write",
        hint: "write to the model that it asks",
      },
    );
  return resolveClient(metaOf(state.from.model), state.using as never);
}

/** A lock ends with its transaction: outside of one it would end before anything can be done with the rows. */
export function checkLockable({ lock }: Access, client: Client): void {
  if (lock === null || client.isTransaction) return;
  throw new TransactionManagementError("selectForUpdate() outside of a transaction would lock nothing", {
    code: "lock_outside",
    hint: "inTransaction(async (tx) => … selectForUpdate({ usingDb: tx }) …)",
  });
}

/** Runs a statement that changes rows; a broken constraint is told with the fields' names. */
export function write(client: Client, meta: Meta, sql: string, params: readonly SqlValue[]): MaybePromise<Result> {
  try {
    const done = client.run(sql, params);
    return done instanceof Promise ? renamedLater(done, meta) : done;
  } catch (error) {
    throw renamed(error, meta);
  }
}

/** Gives the columns in an IntegrityError the names that the user knows. */
export function withFieldNames<T>(meta: Meta, work: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const done = work();
    return done instanceof Promise ? renamedLater(done, meta) : done;
  } catch (error) {
    throw renamed(error, meta);
  }
}

function renamedLater<T>(done: Promise<T>, meta: Meta): Promise<T> {
  return done.catch((error: unknown) => {
    throw renamed(error, meta);
  });
}

function renamed(error: unknown, meta: Meta): unknown {
  if (!(error instanceof IntegrityError) || (error.table !== null && error.table !== meta.table.name)) return error;
  error.find(meta.table.name, rulesOf(meta));
  const fields = error.fields.map((column) => meta.fields.find((field) => field.column === column)?.name ?? column);
  (error as { fields: readonly string[] }).fields = fields;
  return error;
}

/** The columns of a model's unique rules, its key first. */
function rulesOf(meta: Meta): (readonly string[])[] {
  const { pk, fields, uniqueTogether, indexes } = meta;
  const together = [...uniqueTogether, ...indexes.flatMap((index) => (index.unique === true ? [index.fields] : []))];
  return [
    [pk.column],
    ...fields.flatMap((field) => (field.unique ? [[field.column]] : [])),
    ...together.map((names) => names.map((name) => columnField(meta, name)!.column)),
  ];
}
