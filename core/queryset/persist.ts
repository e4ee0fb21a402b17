import { FieldError, IncompleteInstanceError, IntegrityError, OperationalError, ParamsError } from "../base/errors.js";
import type { MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import type { Transaction } from "../connection/transaction.js";
import type { Field } from "../fields/field.js";
import { keptFor, type Column, type Kept } from "../plan/kept.js";
import { planDeleteOne, planInsert, planUpdateOne, type InsertPlan } from "../plan/write.js";
import type { Meta, Stored } from "../schema/meta.js";
import type { SqlValue } from "../sql/column-type.js";
import { write } from "./run.js";

/** An object of a model, seen as its attributes. */
export type Row = Record<string, unknown>;

/** What an object's values became before they are sent. */
export interface Prepared {
  readonly params: SqlValue[];
  /** attributes that were not in the form in which they will be read: name, value, name, value … */
  readonly settled: readonly unknown[];
}

/**
 * Cleans, validates and encodes the object's values for the given columns; the object is not touched yet. `params`
 * may be longer than one row: this one is written from `at` on.
 */
export function prepare(object: Row, columns: readonly Column[], params: SqlValue[] = [], at = 0): Prepared {
  const settled: unknown[] = [];
  for (let i = 0; i < columns.length; i++) params[at + i] = prepareOne(object, columns[i]!, settled);
  return { params, settled };
}

/** The same for one column. */
function prepareOne(object: Row, { field, codec }: Column, settled: unknown[]): SqlValue {
  const { name } = field;
  const given = object[name];
  if (given === undefined && field.null && !field.generated)
    throw new ParamsError(`"${name}" is undefined`, { code: "undefined", hint: "use null for NULL" });
  const value = field.forWrite(given);
  if (!Object.is(value, given) && !isSameMoment(value, given)) settled.push(name, value);
  return value === null || codec.encode === null ? (value as SqlValue) : codec.encode(value as never);
}

/** A Date is copied to be cleaned; the object keeps its own. */
const isSameMoment = (value: unknown, given: unknown): boolean =>
  value instanceof Date && given instanceof Date && value.getTime() === given.getTime();

/** Gives the object the values as they were written. */
export function settle(object: Row, { settled }: Prepared): void {
  for (let i = 0; i < settled.length; i += 2) {
    const name = settled[i] as string;
    const value = settled[i + 1];
    // Bytes are stored as they are: the object keeps its own, so that changing them inside is seen.
    if (value instanceof Uint8Array)
      object[name] = (object[name] as object).constructor === Uint8Array ? object[name] : value.slice();
    else object[name] = value;
  }
}

/** Sets what the clock says: `autoNow` at every write, `autoNowAdd` at the first. */
export function setTimes(object: Row, clocks: readonly Field[], first: boolean): void {
  let now: Date | null = null;
  for (const field of clocks) {
    if (!field.autoNow && !(first && field.autoNowAdd && (object[field.name] ?? null) === null)) continue;
    object[field.name] = field.autoValue((now ??= new Date()));
  }
}

/** Waits for defaults that are promises; at once when there are none. `lazy`: the fields whose default is a function. */
export function awaitDefaults(object: Row, lazy: readonly Field[]): MaybePromise<void> {
  if (lazy.length === 0) return;
  const pending = lazy.filter((field) => object[field.name] instanceof Promise);
  if (pending.length === 0) return;
  return Promise.all(
    pending.map(async (field) => {
      object[field.name] = await object[field.name];
    }),
  ).then(() => undefined);
}

/** True when the row's key is sent along instead of being left to the database. */
export const hasKey = (object: Row, pk: Field): boolean => !pk.generated || (object[pk.name] ?? null) !== null;

/** INSERTs a new object and gives it its key. */
export function insertObject(object: Row, meta: Meta, client: Client): MaybePromise<void> {
  const kept = keptFor(meta, client.dialect);
  const waiting = awaitDefaults(object, kept.lazyDefaults);
  return waiting === undefined
    ? insertNow(object, meta, client, kept)
    : waiting.then(() => insertNow(object, meta, client, kept));
}

function insertNow(object: Row, meta: Meta, client: Client, kept: Kept): MaybePromise<void> {
  if (kept.clocks.length > 0) setTimes(object, kept.clocks, true);
  const plan = planInsert(meta, client.dialect, hasKey(object, meta.pk), 1, null);
  const prepared = prepare(object, plan.columns);
  const answer = write(client, meta, plan.sql, prepared.params);
  if (answer instanceof Promise)
    return answer.then(({ insertId }) => inserted(object, meta, client, plan, prepared, insertId));
  return inserted(object, meta, client, plan, prepared, answer.insertId);
}

function inserted(
  object: Row,
  meta: Meta,
  client: Client,
  { columns }: InsertPlan,
  prepared: Prepared,
  key: number | bigint | null,
): void {
  undoOnRollback(object, meta, client, null);
  settle(object, prepared);
  if (columns.length < meta.fields.length) takeKey(object, meta, key);
  meta.objects.remember(object, storedRow(meta, columns, prepared.params, 0, object));
}

/** The key that the database made. */
export function takeKey(object: Row, meta: Meta, key: number | bigint | null): void {
  if (key === null) return;
  const { pk } = meta;
  if (pk.type.kind === "bigInt" && pk.type.mode === "bigint") {
    object[pk.name] = BigInt(key);
    return;
  }
  const number = Number(key);
  if (pk.lookups === "ordered" && !Number.isSafeInteger(number))
    throw new FieldError(`${meta.name}: the row was written, but its key does not fit a number`, {
      code: "unsafe_integer",
      hint: `"${pk.name}" as fields.bigInt({ mode: "bigint" }) holds such keys`,
    });
  object[pk.name] = pk.clean(number);
}

/** The written row in the order of the model's fields; its values stand in `params` from `at` on. */
export function storedRow(
  meta: Meta,
  columns: readonly Column[],
  params: readonly SqlValue[],
  at: number,
  object: Row,
): Stored {
  const { fields } = meta;
  const count = fields.length;
  if (columns.length === count) return { fields, row: params.length === count ? params : params.slice(at, at + count) };
  const row = new Array<unknown>(count);
  let next = 0;
  for (let i = 0; i < count; i++)
    row[i] = next < columns.length && columns[next]!.at === i ? params[at + next++] : object[fields[i]!.name];
  return { fields, row };
}

/** Which columns an UPDATE writes: those named, all, or those that changed. */
export interface UpdateOptions {
  readonly names: readonly string[] | null;
  readonly all: boolean;
}

/** UPDATEs a stored object; no statement when nothing changed. */
export function updateObject(object: Row, meta: Meta, client: Client, options: UpdateOptions): MaybePromise<void> {
  const kept = keptFor(meta, client.dialect);
  const waiting = awaitDefaults(object, kept.lazyDefaults);
  return waiting === undefined
    ? updateNow(object, meta, client, kept, options)
    : waiting.then(() => updateNow(object, meta, client, kept, options));
}

function updateNow(object: Row, meta: Meta, client: Client, kept: Kept, options: UpdateOptions): MaybePromise<void> {
  const stored = meta.objects.storedOf(object);
  const columns = writable(object, meta, kept, stored, options);
  if (stored === null && kept.clocks.length > 0) setTimes(object, kept.clocks, true);
  const written: Column[] = [];
  const settled: unknown[] = [];
  const params: SqlValue[] = [];
  let changes = 0;
  let now: Date | null = null;
  for (const column of columns) {
    const { field, codec } = column;
    if (field.autoNow && stored !== null) {
      const time = field.autoValue((now ??= new Date()));
      written.push(column);
      settled.push(field.name, time);
      params.push(codec.encode === null ? (time as SqlValue) : codec.encode(time as never));
      // Being saved is no change by itself: the time of the last change stays when nothing else did.
      if (options.all || options.names !== null) changes++;
      continue;
    }
    const before = stored === null || options.all ? undefined : storedValue(stored, column, meta);
    const given = object[field.name];
    if (before !== undefined && given === before && (given === null || codec.encode === null)) continue;
    const seen = settled.length;
    const param = prepareOne(object, column, settled);
    // Values are compared as they are bound: an object may have been changed inside.
    if (before !== undefined && sameStored(param, before)) {
      settled.length = seen;
      continue;
    }
    written.push(column);
    params.push(param);
    changes++;
  }
  if (changes === 0) return;
  const plan = planUpdateOne(meta, client.dialect, written);
  params.push(storedKey(object, meta, kept, stored));
  const prepared: Prepared = { params, settled };
  const answer = write(client, meta, plan.sql, params);
  if (answer instanceof Promise)
    return answer.then(({ affected }) => updated(object, meta, client, stored, written, prepared, affected));
  return updated(object, meta, client, stored, written, prepared, answer.affected);
}

function updated(
  object: Row,
  meta: Meta,
  client: Client,
  stored: Stored | null,
  written: readonly Column[],
  prepared: Prepared,
  affected: number,
): void {
  if (affected === 0)
    throw new IntegrityError(
      `Can't update object that doesn't exist: ${meta.name} has no row with this ${meta.pk.name}`,
      { code: "row_gone", table: meta.table.name },
    );
  undoOnRollback(object, meta, client, stored);
  settle(object, prepared);
  meta.objects.remember(object, merged(meta, stored, written, prepared.params));
}

/** The stored value of a column; undefined where it is not known. */
function storedValue({ fields, row }: Stored, { at, field }: Column, meta: Meta): unknown {
  if (fields === meta.fields) return row[at];
  const place = fields.indexOf(field);
  return place < 0 ? undefined : row[place];
}

/** The columns that this save is about. */
function writable(
  object: Row,
  meta: Meta,
  { columns, byName, generated }: Kept,
  stored: Stored | null,
  { names }: UpdateOptions,
): readonly Column[] {
  const partial = stored !== null && stored.fields.length < meta.fields.length;
  if (names === null) {
    if (partial)
      throw new IncompleteInstanceError(`${meta.name} was loaded with only(...): say what to write`, {
        hint: "save({ updateFields: [...] })",
      });
    if (generated.every((field) => (object[field.name] ?? null) !== null)) return columns;
    return columns.filter(({ field }) => !(field.generated && (object[field.name] ?? null) === null));
  }
  const named = names.map((name) => {
    const column = byName.get(name);
    if (column === undefined)
      throw new FieldError(`save(): ${meta.name} has no field "${name}"`, {
        code: "unknown_field",
        hint: `known: ${meta.names.join(", ")}`,
      });
    return column;
  });
  checkLoaded(object, named, meta, "save");
  return named;
}

/** Refuses to write what a partial instance does not hold. */
export function checkLoaded(object: Row, columns: readonly Column[], meta: Meta, call: string): void {
  const stored = meta.objects.storedOf(object);
  if (stored === null || stored.fields.length === meta.fields.length) return;
  const missing = columns.find(({ field }) => !stored.fields.includes(field) && object[field.name] === undefined);
  if (missing !== undefined)
    throw new IncompleteInstanceError(
      `${call}(): ${meta.name}.${missing.field.name} was not loaded, so it cannot be written`,
      { hint: "load it with only(...), or set it first" },
    );
}

/** Compares what would be bound with what was read: drivers may give an integer as number, bigint or text. */
function sameStored(bound: SqlValue, read: unknown): boolean {
  if (bound === read) return true;
  if (bound === null || read === null || read === undefined) return false;
  if (bound instanceof Uint8Array)
    return read instanceof Uint8Array && bound.length === read.length && bound.every((byte, i) => byte === read[i]);
  return typeof bound !== typeof read && String(bound) === String(read as SqlValue);
}

/** The key by which the row is found: as it was stored, so that a changed key moves the row. */
export function storedKey(object: Row, meta: Meta, kept: Kept, stored: Stored | null): SqlValue {
  const column = kept.columns[meta.pkIndex]!;
  const before = stored === null ? undefined : storedValue(stored, column, meta);
  if (before !== undefined) return before as SqlValue;
  const key = object[meta.pk.name] ?? null;
  if (key === null)
    throw new OperationalError(`${meta.name} has no ${meta.pk.name}, so its row cannot be found`, { code: "no_key" });
  return column.encode(key);
}

/** The stored row with the columns that were written. */
export function merged(
  meta: Meta,
  stored: Stored | null,
  columns: readonly Column[],
  params: readonly SqlValue[],
): Stored {
  if (stored === null) return unreadRow(meta, columns, params);
  const { fields } = stored;
  const row = stored.row.slice();
  for (let i = 0; i < columns.length; i++) {
    const at = fields === meta.fields ? columns[i]!.at : fields.indexOf(columns[i]!.field);
    if (at >= 0) row[at] = params[i];
  }
  return { fields, row };
}

/** A row that was written without having been read: what is not known counts as different at the next save. */
function unreadRow(meta: Meta, columns: readonly Column[], params: readonly SqlValue[]): Stored {
  const row = meta.fields.map((field): unknown => {
    const at = columns.findIndex((column) => column.field === field);
    if (at >= 0) return params[at];
    return field === meta.pk ? params[params.length - 1] : undefined;
  });
  return { fields: meta.fields, row };
}

/** DELETEs a stored object's row. */
export function deleteObject(object: Row, meta: Meta, client: Client): MaybePromise<void> {
  const stored = meta.objects.storedOf(object);
  if (stored === null)
    throw new OperationalError(`Can't delete unpersisted record: this ${meta.name} is not in the database`, {
      code: "not_saved",
    });
  const plan = planDeleteOne(meta, client.dialect);
  const key = storedKey(object, meta, keptFor(meta, client.dialect), stored);
  const answer = write(client, meta, plan.sql, [key]);
  if (answer instanceof Promise) return answer.then(() => deleted(object, meta, client, stored));
  return deleted(object, meta, client, stored);
}

function deleted(object: Row, meta: Meta, client: Client, stored: Stored): void {
  undoOnRollback(object, meta, client, stored);
  meta.objects.remember(object, null);
}

/** A rolled back write leaves the object as it was before: its key, and whether it is stored. */
export function undoOnRollback(object: Row, meta: Meta, client: Client, stored: Stored | null): void {
  if (!client.isTransaction) return;
  const key = object[meta.pk.name];
  (client as Transaction).onRollback(() => {
    object[meta.pk.name] = key;
    meta.objects.remember(object, stored);
  });
}
