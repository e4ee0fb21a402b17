import { FieldError, OperationalError, ParamsError, typeName } from "../base/errors.js";
import { after, inOrder, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import type { Result, Statement } from "../connection/driver.js";
import type { Field } from "../fields/field.js";
import { keptFor, type Column, type Kept } from "../plan/kept.js";
import { fieldAt } from "../plan/path.js";
import {
  insertedColumns,
  planInsert,
  planInsertBound,
  planInsertComputed,
  planKeysOf,
  planUpdateBound,
  planUpdateComputed,
  planUpdateOne,
  type InsertPlan,
  type OnConflict,
} from "../plan/write.js";
import { conditions } from "../query/q.js";
import type { QueryState } from "../query/state.js";
import { columnField, metaOf, type Meta, type ModelLike } from "../schema/meta.js";
import type { RowValues } from "../sql/ast.js";
import type { SqlValue } from "../sql/column-type.js";
import type { BoundRowsForm } from "../sql/dialect.js";
import { Read, Write } from "./awaitable.js";
import {
  awaitDefaults,
  checkLoaded,
  hasKey,
  merged,
  prepare,
  setTimes,
  settle,
  storedKey,
  storedRow,
  takeKey,
  undoOnRollback,
  type Prepared,
  type Row,
} from "./persist.js";
import { expectKeys, forgetKeys, referTo, takeReferred } from "./referring.js";
import { clientOf, fetch, withFieldNames, write } from "./run.js";

/** How objects are cut into statements. */
export interface BulkOptions {
  /** objects per statement; 0 or left out: as many as is good */
  readonly batchSize?: number;
}

/** What happens to objects whose row is there already. */
export interface BulkCreateOptions extends BulkOptions {
  readonly ignoreConflicts?: boolean;
  readonly updateFields?: readonly string[];
  readonly onConflict?: readonly string[];
}

/** Rows of one INSERT: each size is a statement of its own to keep. */
const ROWS_PER_INSERT = [500, 200, 50, 16, 4, 1] as const;

/** More rows gain nothing where no round trip is saved. */
const ROWS_AT_HAND = 50;

/** Values of one INSERT to a server; with more of them the server takes longer than the round trips that are saved. */
const VALUES_PER_INSERT = 8000;

/** INSERTs new objects, all or none, and gives them back with their keys where the database tells them. */
export function bulkCreate(state: QueryState, given: readonly object[], options: BulkCreateOptions): Write<object[]> {
  const objects = checkObjects(state.model, given, "bulkCreate");
  const size = batchSizeOf(options, "bulkCreate");
  checkConflictOptions(options);
  return new Write(() => {
    if (objects.length === 0) return objects;
    const meta = metaOf(state.model);
    const conflict = conflictOf(options, meta);
    const client = clientOf(state, meta, true);
    const kept = keptFor(meta, client.dialect);
    return after(
      kept.lazyDefaults.length === 0
        ? undefined
        : inOrder(objects, (object) => awaitDefaults(object, kept.lazyDefaults)),
      () => insertAll(objects, meta, client, kept, size, conflict),
    );
  });
}

function insertAll(
  objects: Row[],
  meta: Meta,
  client: Client,
  kept: Kept,
  size: number,
  conflict: OnConflict | null,
): MaybePromise<object[]> {
  if (kept.clocks.length > 0) for (const object of objects) setTimes(object, kept.clocks, true);
  if (objects.length === 1 && !client.gathers) return insertOnly(objects, meta, client, kept, conflict);
  const keyed = objects.filter((object) => hasKey(object, meta.pk));
  const keyless = keyed.length === 0 ? objects : objects.filter((object) => !hasKey(object, meta.pk));
  const chunks = [
    ...inChunks(keyed, meta, client, true, size, conflict),
    ...inChunks(keyless, meta, client, false, size, conflict),
  ];
  // Only an INSERT of one row tells the key of a row that it met.
  const asked = chunks.filter(
    ({ columns, objects: some }) =>
      conflict !== null &&
      conflict.update !== null &&
      !client.dialect.returning &&
      some.length > 1 &&
      columns.length < kept.columns.length,
  );
  const statements = [
    ...chunks.map(({ statement }) => statement),
    ...asked.map((chunk) => keysOf(chunk, kept, conflict!.target)),
  ];
  const answer = withFieldNames(meta, () => client.batch(statements));
  // An upsert may meet old rows, and rows with keys of their own come first.
  if (conflict !== null) forgetKeys(client, meta);
  else expectKeys(keyed.length === 0 ? objects : [...keyless, ...keyed], client, kept);
  return after(answer, (results) => {
    chunks.forEach((chunk, i) => {
      const told = asked.includes(chunk) ? results[chunks.length + asked.indexOf(chunk)]! : results[i]!;
      tellObjects(chunk, { ...results[i]!, rows: told.rows }, kept, client, conflict);
    });
    return objects;
  });
}

/** The question for the keys of the rows that a chunk has written. */
function keysOf({ columns, objects, params }: Chunk, { meta, dialect }: Kept, target: readonly Field[]): Statement {
  const width = columns.length;
  const places = target.map((field) => columns.findIndex((column) => column.field === field));
  return {
    sql: planKeysOf(meta, dialect, target, objects.length).sql,
    params: objects.flatMap((_, i) => places.map((place) => params[i * width + place]!)),
  };
}

/** The same for one object, which would feel the lists of many. */
function insertOnly(
  objects: Row[],
  meta: Meta,
  client: Client,
  kept: Kept,
  conflict: OnConflict | null,
): MaybePromise<object[]> {
  const plan = planInsert(meta, client.dialect, hasKey(objects[0]!, meta.pk), 1, conflict);
  const prepared = prepare(objects[0]!, meta, plan.columns);
  const { params } = prepared;
  const statement = insertStatement(plan, 1, prepared, kept, client, conflict);
  return after(write(client, meta, statement.sql, statement.params), (result) => {
    tellObjects(
      { statement, columns: plan.columns, objects, prepared: [prepared], params },
      result,
      kept,
      client,
      conflict,
    );
    return objects;
  });
}

/** The INSERT with what it waits for filled in. */
function insertStatement(
  { sql, columns }: InsertPlan,
  count: number,
  prepared: Pick<Prepared, "params" | "awaited">,
  kept: Kept,
  client: Client,
  conflict: OnConflict | null,
): Statement {
  if (prepared.awaited === null) return { sql, params: prepared.params };
  const { computed, params } = referTo(prepared, kept, client);
  return { sql: computed === null ? sql : planInsertComputed(kept, columns, count, conflict, computed).sql, params };
}

/** The objects of one INSERT. */
interface Chunk {
  readonly statement: Statement;
  readonly columns: readonly Column[];
  readonly objects: readonly Row[];
  readonly prepared: readonly Prepared[];
  /** those of all rows, one after another */
  readonly params: SqlValue[];
}

function inChunks(
  objects: readonly Row[],
  meta: Meta,
  client: Client,
  withKey: boolean,
  size: number,
  conflict: OnConflict | null,
): Chunk[] {
  if (objects.length === 0) return [];
  const kept = keptFor(meta, client.dialect);
  const columns = insertedColumns(kept, withKey);
  if (columns.length > 0 && boundTogether(objects.length, columns.length, client)) {
    const chunks = boundChunks(objects, columns, client, kept, size, conflict);
    if (chunks !== null) return chunks;
  }
  const chunks: Chunk[] = [];
  const { driver, limits } = client;
  const width = columns.length;
  const { daemon = false } = driver.facts ?? {};
  const rows = daemon ? Math.max(ROWS_AT_HAND, VALUES_PER_INSERT / width) : ROWS_AT_HAND;
  // Half of what is known to fit, because a text that carries its values escapes them.
  const room = daemon ? limits.maxSqlBytes / 2 : Infinity;
  // A table of nothing but a generated key: DEFAULT VALUES makes one row.
  const most = width === 0 ? 1 : Math.min(size, limits.maxParams / width, rows);
  let at = 0;
  while (at < objects.length) {
    let count = rowsWithin(Math.min(objects.length - at, most));
    const params = new Array<SqlValue>(count * width);
    const prepared = objects
      .slice(at, at + count)
      .map((object, i) => prepare(object, meta, columns, params, i * width));
    while (count > 1 && isLarger(params, room)) {
      prepared.length = count = rowsWithin(count - 1);
      params.length = count * width;
    }
    const part = objects.slice(at, at + count);
    const plan = planInsert(meta, client.dialect, withKey, count, conflict);
    const waits = prepared.some((each) => each.awaited !== null);
    const awaited = waits ? prepared.flatMap((each) => each.awaited ?? []) : null;
    const statement = insertStatement(plan, count, { params, awaited }, kept, client, conflict);
    chunks.push({ statement, columns, objects: part, prepared, params });
    at += count;
  }
  return chunks;
}

/** The largest of the sizes that is none beyond this. */
const rowsWithin = (most: number): number => ROWS_PER_INSERT.find((rows) => rows <= most) ?? 1;

/** True when texts and bytes alone take more room; a character has up to three bytes, as strings count them. */
function isLarger(params: readonly SqlValue[], room: number): boolean {
  let bytes = 0;
  for (const value of params)
    if (typeof value === "string") bytes += value.length * 3;
    else if (value instanceof Uint8Array) bytes += value.length;
  return bytes > room;
}

/** Rows of so many columns had better come as one parameter: where requests are dear, and where parameters are few. */
function boundTogether(rows: number, width: number, { dialect, limits, together }: Client): boolean {
  if (dialect.rows === undefined || rows === 1) return false;
  return together || Math.min(rows, ROWS_AT_HAND) * width > limits.maxParams;
}

/** Bytes of one parameter, where nothing is known to bound it. */
const BOUND_BYTES = 16_000_000;

/** As few statements as there may be; null: rows wait for keys that only the database knows. */
function boundChunks(
  objects: readonly Row[],
  columns: readonly Column[],
  client: Client,
  kept: Kept,
  size: number,
  conflict: OnConflict | null,
): Chunk[] | null {
  const { rows } = client.dialect as { readonly rows: BoundRowsForm };
  const prepared = objects.map((object) => prepare(object, kept.meta, columns));
  for (const each of prepared) if (each.awaited !== null && referTo(each, kept, client).computed !== null) return null;
  return boundParts(
    prepared.map(({ params }) => params),
    columns.length,
    size,
    client,
  ).map(({ from, to, kinds }) => {
    const part = prepared.slice(from, to);
    const values = part.map(({ params }) => params);
    const params = values.flat();
    // A row that fills a parameter had better come as it is.
    const statement: Statement =
      values.length === 1
        ? { sql: planInsert(kept.meta, kept.dialect, columns.length === kept.columns.length, 1, conflict).sql, params }
        : { sql: planInsertBound(kept, columns, conflict, kinds).sql, params: [rows.textOf(values, kinds)] };
    return {
      statement,
      columns,
      objects: objects.slice(from, to),
      // What they waited for stands in the list of all values.
      prepared: part.map((each, i) => ({ ...each, params, awaited: moved(each.awaited, i * columns.length) })),
      params,
    };
  });
}

const moved = (awaited: Prepared["awaited"], by: number): Prepared["awaited"] =>
  awaited === null ? null : awaited.map((each) => ({ ...each, at: each.at + by }));

/** Which rows go together, and how the values of their columns stand in the parameter. */
function boundParts(
  all: readonly (readonly SqlValue[])[],
  width: number,
  size: number,
  { dialect, limits }: Client,
): { readonly from: number; readonly to: number; readonly kinds: readonly RowValues[] }[] {
  const { kindOf } = dialect.rows!;
  const room = limits.maxValueBytes ?? BOUND_BYTES;
  const parts: { from: number; to: number; kinds: RowValues[] }[] = [];
  let bytes = Infinity;
  all.forEach((row, i) => {
    let wanted = 2;
    for (const value of row) wanted += bytesOf(value);
    bytes += wanted;
    let part = parts.at(-1);
    if (part === undefined || bytes > room || i - part.from >= size) {
      parts.push((part = { from: i, to: i, kinds: new Array<RowValues>(width).fill("plain") }));
      bytes = wanted;
    }
    part.to = i + 1;
    for (let j = 0; j < width; j++) if (part.kinds[j] === "plain" && row[j] !== null) part.kinds[j] = kindOf(row[j]!);
  });
  return parts;
}

/** At most so many bytes has a value among others. Escaped, a character has up to six; that is rare, so it is counted. */
function bytesOf(value: SqlValue): number {
  if (typeof value !== "string") return value instanceof Uint8Array ? value.length * 2 + 3 : 26;
  // Few texts need more than three bytes a character, quotes and commas included.
  return value.length < 1000 ? value.length * 6 + 3 : new TextEncoder().encode(JSON.stringify(value)).length + 1;
}

/** Tells the objects of one INSERT what was written, and which keys they have. */
function tellObjects(
  { columns, objects, prepared, params }: Chunk,
  { rows, affected, insertId }: Result,
  kept: Kept,
  client: Client,
  conflict: OnConflict | null,
): void {
  const { meta } = kept;
  // A dropped row looks like a written one from here, so then nothing is said of any of them.
  const isDropped = !client.dialect.countsDropped || affected < objects.length;
  if (conflict !== null && conflict.update === null && isDropped) return;
  const keyOf =
    columns.length === kept.columns.length
      ? null
      : keyTeller(conflict, rows, insertId, objects.length, columns, params, client);
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i]!;
    const at = i * columns.length;
    undoOnRollback(object, kept, client, meta.objects.held(object));
    const { awaited } = prepared[i]!;
    if (awaited !== null) takeReferred(object, { params: params as SqlValue[], awaited });
    settle(object, prepared[i]!);
    if (keyOf !== null) takeKey(object, kept, keyOf(i, at));
    meta.objects.hold(object, storedRow(kept, columns, params, at, object));
  }
}

/** How the key of each row is told: from what the client says of the INSERT, or from what an upsert answered. */
function keyTeller(
  conflict: OnConflict | null,
  rows: readonly unknown[][],
  insertId: number | bigint | null,
  count: number,
  columns: readonly Column[],
  params: readonly SqlValue[],
  client: Client,
): (i: number, at: number) => number | bigint | null {
  if (conflict === null) return (i) => (insertId === null ? null : nthKey(insertId, i, count, client));
  if (count === 1) return () => (rows[0]?.[0] as number | bigint | undefined) ?? insertId;
  // The order of the answer means nothing: rows are known by the values of the unique rule.
  const places = conflict.target.map((field) => columns.findIndex((column) => column.field === field));
  const targets = places.map((place) => columns[place]!);
  const keys = new Map(
    rows.map((row) => [
      targetText(targets.map((column, i) => restored(column, row[i + 1]))),
      row[0] as number | bigint,
    ]),
  );
  return (_, at) => keys.get(targetText(places.map((place) => params[at + place]))) ?? null;
}

/** The rows of one INSERT have keys that follow each other; databases tell the first of them or the last. */
function nthKey(told: number | bigint, i: number, count: number, client: Client): number | bigint {
  const distance = (client.dialect.insertIdIs === "first" ? i : i - count + 1) * (client.driver.keyStep ?? 1);
  return typeof told === "number" ? told + distance : told + BigInt(distance);
}

/** A stored value in the form in which it was bound. */
function restored({ codec: { decode }, store }: Column, stored: unknown): unknown {
  if (decode === null || stored === null) return stored;
  const value = decode(stored as never);
  return store === null ? value : store(value);
}

/** The values of a unique rule as one text. Drivers may give an integer as number, bigint or text. */
const targetText = (values: readonly unknown[]): string =>
  values.length === 1 && typeof values[0] !== "object"
    ? String(values[0] as SqlValue)
    : JSON.stringify(
        values.map((value) => (value instanceof Uint8Array ? Array.from(value) : String(value as SqlValue))),
      );

function checkConflictOptions({ ignoreConflicts, updateFields, onConflict }: BulkCreateOptions): void {
  if (ignoreConflicts === true && updateFields !== undefined)
    throw new ParamsError("bulkCreate(): ignoreConflicts and updateFields contradict each other");
  if (updateFields !== undefined && (onConflict === undefined || onConflict.length === 0))
    throw new ParamsError("bulkCreate(): updateFields needs onConflict", {
      hint: "name the unique fields whose conflict is meant",
    });
  if (updateFields !== undefined && updateFields.length === 0)
    throw new ParamsError("bulkCreate(): updateFields is empty", {
      hint: "ignoreConflicts: true keeps the rows that are there",
    });
  if (onConflict !== undefined && updateFields === undefined && ignoreConflicts !== true)
    throw new ParamsError("bulkCreate(): onConflict needs updateFields or ignoreConflicts");
}

function conflictOf({ ignoreConflicts, updateFields, onConflict }: BulkCreateOptions, meta: Meta): OnConflict | null {
  if (ignoreConflicts !== true && updateFields === undefined) return null;
  const fields = (names: readonly string[]): Field[] =>
    names.map((name) => columnField(meta, name) ?? fieldAt(meta, name, name));
  return { target: fields(onConflict ?? []), update: updateFields === undefined ? null : fields(updateFields) };
}

/** UPDATEs the named fields of stored objects, all or none. */
export function bulkUpdate(
  state: QueryState,
  given: readonly object[],
  names: readonly string[],
  options: BulkOptions,
): Write<number> {
  const objects = checkObjects(state.model, given, "bulkUpdate");
  const size = batchSizeOf(options, "bulkUpdate");
  if (names.length === 0) throw new ParamsError("bulkUpdate() needs the names of the fields to write");
  const wanted = names.slice();
  return new Write((): MaybePromise<number> => {
    if (objects.length === 0) return 0;
    const meta = metaOf(state.model);
    const client = clientOf(state, meta, true);
    const kept = keptFor(meta, client.dialect);
    const columns = wanted.map((name) => {
      const field = columnField(meta, name) ?? fieldAt(meta, name, name);
      if (field === meta.pk)
        throw new FieldError(`bulkUpdate() cannot change the key ${meta.name}.${field.name}`, {
          code: "key_in_bulk_update",
        });
      return kept.byField.get(field)!;
    });
    const clocks = columns.map(({ field }) => field).filter((field) => field.autoNow);
    for (const object of objects) {
      if ((object[meta.pk.name] ?? null) === null)
        throw new OperationalError(`bulkUpdate(): an object has no ${meta.pk.name}`, {
          code: "no_key",
          hint: "save it first",
        });
      checkLoaded(object, columns, meta, "bulkUpdate");
      setTimes(object, clocks, false);
    }
    const prepared = objects.map((object) => {
      const each = prepare(object, meta, columns);
      each.params.push(storedKey(object, kept, meta.objects.held(object)));
      return each;
    });
    const statements = updateStatements(prepared, columns, client, kept, size);
    return after(
      withFieldNames(meta, () => client.batch(statements)),
      (results) => {
        objects.forEach((object, i) => {
          const held = meta.objects.held(object);
          undoOnRollback(object, kept, client, held);
          takeReferred(object, prepared[i]!);
          settle(object, prepared[i]!);
          if (held !== null) meta.objects.hold(object, merged(kept, held, columns, prepared[i]!.params));
        });
        return results.reduce((sum, { affected }) => sum + affected, 0);
      },
    );
  });
}

/** One for each object, or for as many as there may be. */
function updateStatements(
  prepared: readonly Prepared[],
  columns: readonly Column[],
  client: Client,
  kept: Kept,
  size: number,
): Statement[] {
  const referring = prepared.map((each) => referTo(each, kept, client));
  const isPlain = referring.every(({ computed }) => computed === null);
  const all = prepared.map(({ params }) => params);
  // An object that is there twice is written twice, which one statement would not do.
  const isOnce = (): boolean => new Set(all.map((params) => params.at(-1))).size === all.length;
  const { sql } = planUpdateOne(kept, columns);
  if (isPlain && boundTogether(prepared.length, columns.length + 1, client) && isOnce())
    return boundParts(all, columns.length + 1, size, client).map(({ from, to, kinds }) =>
      to - from === 1
        ? { sql, params: all[from]! }
        : {
            sql: planUpdateBound(kept, columns, kinds).sql,
            params: [client.dialect.rows!.textOf(all.slice(from, to), kinds)],
          },
    );
  return referring.map(({ computed, params }) => ({
    sql: computed === null ? sql : planUpdateComputed(kept, columns, computed).sql,
    params,
  }));
}

/** The objects with the given keys, by key; null: all objects of the query. */
export function inBulk(
  state: QueryState,
  keys: readonly unknown[] | null | undefined,
  fieldName: string,
): Read<Map<unknown, unknown>> {
  if (keys !== null && !Array.isArray(keys))
    throw new ParamsError(`inBulk() takes an array of keys, not ${typeName(keys)}`);
  const wanted = keys === null ? null : Array.from<unknown>(keys);
  return new Read(() => {
    if (state.output.kind !== "objects")
      throw new ParamsError("inBulk() gives objects by key, not values", {
        hint: "leave out values() or valuesList()",
      });
    if (wanted?.length === 0) return new Map();
    const { name } = fieldAt(metaOf(state.model), fieldName, fieldName);
    const next = state.copy();
    if (wanted !== null) next.where = [...next.where, conditions([{ [`${name}__in`]: wanted }], "inBulk")];
    if (next.only !== null) next.only = [...next.only, name];
    return after(fetch(next), (rows) => new Map((rows as Row[]).map((row) => [row[name], row])));
  });
}

function checkObjects(model: object, given: readonly object[], call: string): Row[] {
  if (!Array.isArray(given)) throw new ParamsError(`${call}() takes an array of objects, not ${typeName(given)}`);
  const wrong = given.find((object) => !Object.prototype.isPrototypeOf.call((model as ModelLike).prototype, object));
  if (wrong !== undefined)
    throw new ParamsError(
      `${call}() takes objects of ${(model as { name?: string }).name ?? "the model"}, not ${typeName(wrong)}`,
      { hint: `make them with new ${(model as { name?: string }).name ?? "Model"}({ … })` },
    );
  return Array.from(given) as Row[];
}

function batchSizeOf({ batchSize }: BulkOptions, call: string): number {
  if (batchSize === undefined || batchSize === 0) return Infinity;
  if (Number.isSafeInteger(batchSize) && batchSize > 0) return batchSize;
  throw new ParamsError(`${call}(): batchSize must be a whole number from 0`);
}
