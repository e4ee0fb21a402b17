import {
  FieldError,
  GuardError,
  IncompleteInstanceError,
  IntegrityError,
  OperationalError,
  ParamsError,
} from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import type { Result } from "../connection/driver.js";
import { Gathered } from "../connection/gathered.js";
import type { Transaction } from "../connection/transaction.js";
import type { Field } from "../fields/field.js";
import { affectedGuard } from "../plan/guard.js";
import { keptFor, type Column, type Kept } from "../plan/kept.js";
import {
  planDeleteOne,
  planInsertComputed,
  planInsertOne,
  planUpdateComputed,
  planUpdateOne,
  type InsertPlan,
} from "../plan/write.js";
import type { Held, Listening, Meta } from "../schema/meta.js";
import type { SqlValue } from "../sql/column-type.js";
import { awaitedIn, expectKeys, forgetKeys, referTo, takeReferred, type Awaited } from "./referring.js";
import { write } from "./run.js";

/** An object of a model, seen as its attributes. */
export type Row = Record<string, unknown>;

/** What an object's values became before they are sent. */
export interface Prepared {
  readonly params: SqlValue[];
  /** attributes that were not in the form in which they will be read: name, value, name, value … */
  readonly settled: readonly unknown[];
  /** keys of objects that were not saved when they were assigned; null: there are none */
  readonly awaited: readonly Awaited[] | null;
}

const NOTHING: readonly unknown[] = [];

/**
 * Cleans, validates and encodes the object's values for the given columns; the object is not touched yet. `params`
 * may be longer than one row: this one is written from `at` on. `owned`: nobody else has what the object holds.
 */
export function prepare(
  object: Row,
  meta: Meta,
  columns: readonly Column[],
  params: SqlValue[] = new Array<SqlValue>(columns.length),
  at = 0,
  owned = false,
): Prepared {
  const all = valuesOf(object, meta.names, columns.length);
  let settled: unknown[] | null = null;
  let awaited: Awaited[] | null = null;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const given = all === null ? object[column.name] : all[column.at];
    if (isReady(column, given, owned)) params[at + i] = encoded(column, given);
    else {
      const other = given === undefined ? awaitedIn(object, column, meta, at + i) : null;
      if (other === null) params[at + i] = prepareOne(given, column, (settled ??= []));
      else (awaited ??= []).push(other);
    }
  }
  return { params, settled: settled ?? NOTHING, awaited };
}

/** From so many columns on all values are read at once: a look-up by name costs 15 ns then, all at once 5 each. */
const MANY = 8;

/** The object's values in the order of its fields; null where they would have to be looked up one by one. */
function valuesOf(object: Row, names: readonly string[], count: number): readonly unknown[] | null {
  if (count < MANY) return null;
  const own = Object.keys(object);
  for (let i = 0; i < names.length; i++) if (own[i] !== names[i]) return null;
  return Object.values(object);
}

/** True for a value that is written as it is. */
function isReady(column: Column, given: unknown, owned: boolean): boolean {
  if (given === null || given === undefined) return given === null && column.field.null;
  return (owned || !column.mutable) && column.isCanonical(given);
}

const encoded = ({ store }: Column, value: unknown): SqlValue =>
  value === null || store === null ? (value as SqlValue) : store(value);

/** Any other value, cleaned and validated. */
function prepareOne(given: unknown, column: Column, settled: unknown[]): SqlValue {
  const { field, name } = column;
  if (given === undefined && field.null && !field.generated)
    throw new ParamsError(`"${name}" is undefined`, { code: "undefined", hint: "use null for NULL" });
  const value = field.forWrite(given);
  if (!Object.is(value, given) && !isSameMoment(value, given)) settled.push(name, value);
  return encoded(column, value);
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

/** INSERTs a new object and gives it its key. `owned`: nobody else has what the object holds. */
export function insertObject(object: Row, meta: Meta, client: Client, owned = false): MaybePromise<void> {
  const kept = keptFor(meta, client.dialect);
  if (meta.listening !== null) return insertHeard(object, client, kept, meta.listening);
  return kept.lazyDefaults.length === 0
    ? insertNow(object, client, kept, owned)
    : after(awaitDefaults(object, kept.lazyDefaults), () => insertNow(object, client, kept, false));
}

/** The same between listeners, who have the object too and may change it first. */
const insertHeard = (object: Row, client: Client, kept: Kept, listening: Listening): MaybePromise<void> =>
  after(awaitDefaults(object, kept.lazyDefaults), () =>
    listening.save({ instance: object, usingDb: client, updateFields: null, created: true }, () =>
      insertNow(object, client, kept, false),
    ),
  );

function insertNow(object: Row, client: Client, kept: Kept, owned: boolean): MaybePromise<void> {
  const { meta } = kept;
  if (kept.clocks.length > 0) setTimes(object, kept.clocks, true);
  const plan = planInsertOne(kept, hasKey(object, meta.pk));
  const prepared = prepare(object, meta, plan.columns, undefined, 0, owned);
  if (client.gathers || prepared.awaited !== null) return insertReferring(object, client, kept, plan, prepared);
  const answer = write(client, meta, plan.sql, prepared.params);
  return answer instanceof Promise
    ? insertedLater(answer, object, client, kept, plan, prepared)
    : inserted(object, client, kept, plan, prepared, answer.insertId);
}

/** The same among other statements: those after it may refer to its key, as it may to the keys of rows before. */
function insertReferring(
  object: Row,
  client: Client,
  kept: Kept,
  plan: InsertPlan,
  prepared: Prepared,
): MaybePromise<void> {
  const { meta } = kept;
  const { computed, params } = referTo(prepared, kept, client);
  const sql = computed === null ? plan.sql : planInsertComputed(kept, plan.columns, 1, null, computed).sql;
  const answer = write(client, meta, sql, params);
  expectKeys([object], client, kept);
  return after(answer, ({ insertId }) => {
    takeReferred(object, prepared);
    inserted(object, client, kept, plan, prepared, insertId);
  });
}

function updateReferring(
  object: Row,
  client: Client,
  kept: Kept,
  held: Held,
  written: readonly Column[],
  prepared: Prepared,
): MaybePromise<void> {
  const { computed, params } = referTo(prepared, kept, client);
  const { sql } = computed === null ? planUpdateOne(kept, written) : planUpdateComputed(kept, written, computed);
  const answer = write(client, kept.meta, sql, params);
  if (client instanceof Gathered)
    client.check({
      sql: affectedGuard(kept.dialect).sql,
      params: [1, client.mark((cause) => goneOrStale(kept, held, cause))],
    });
  return after(answer, ({ affected }) => {
    takeReferred(object, prepared);
    updated(object, client, kept, held, written, prepared, affected);
  });
}

/** What makes a function pays for it also when it is not needed; so this and its like stand apart. */
const insertedLater = (
  answer: Promise<Result>,
  object: Row,
  client: Client,
  kept: Kept,
  plan: InsertPlan,
  prepared: Prepared,
): Promise<void> => answer.then(({ insertId }) => inserted(object, client, kept, plan, prepared, insertId));

/** Tells an object that it was inserted, and under which key. */
export function inserted(
  object: Row,
  client: Client,
  kept: Kept,
  { columns }: InsertPlan,
  prepared: Prepared,
  key: number | bigint | null,
): void {
  const { meta } = kept;
  undoOnRollback(object, kept, client, null);
  settle(object, prepared);
  if (columns.length < kept.columns.length) takeKey(object, kept, key);
  meta.objects.hold(object, storedRow(kept, columns, prepared.params, 0, object));
}

/** The key that the database made. */
export function takeKey(object: Row, { meta, columns }: Kept, key: number | bigint | null): void {
  if (key === null) return;
  const { pk } = meta;
  if (columns[meta.pkIndex]!.isCanonical(key)) {
    object[pk.name] = key;
    return;
  }
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
  { columns: all }: Kept,
  columns: readonly Column[],
  params: readonly SqlValue[],
  at: number,
  object: Row,
): readonly unknown[] {
  const count = all.length;
  if (columns.length === count) return params.length === count ? params : params.slice(at, at + count);
  const row = new Array<unknown>(count);
  let next = 0;
  for (let i = 0; i < count; i++) {
    const column = all[i]!;
    row[i] = column === columns[next] ? params[at + next++] : object[column.name];
  }
  return row;
}

/**
 * UPDATEs a stored object; no statement when nothing changed. It writes the columns named; without names, those that
 * changed, or `all`.
 */
export function updateObject(
  object: Row,
  meta: Meta,
  client: Client,
  names: readonly string[] | null,
  all: boolean,
): MaybePromise<void> {
  const kept = keptFor(meta, client.dialect);
  if (meta.listening !== null) return updateHeard(object, client, kept, names, all);
  return kept.lazyDefaults.length === 0
    ? updateNow(object, client, kept, names, all)
    : after(awaitDefaults(object, kept.lazyDefaults), () => updateNow(object, client, kept, names, all));
}

function updateHeard(
  object: Row,
  client: Client,
  kept: Kept,
  names: readonly string[] | null,
  all: boolean,
): MaybePromise<void> {
  const { meta } = kept;
  return after(awaitDefaults(object, kept.lazyDefaults), () => {
    // What cannot be written is refused before anybody is told that it will be.
    const held = meta.objects.held(object);
    if (names === null) writable(object, kept, held);
    else namedColumns(object, kept, held, names);
    return meta.listening!.save({ instance: object, usingDb: client, updateFields: names, created: false }, () =>
      updateNow(object, client, kept, names, all),
    );
  });
}

function updateNow(
  object: Row,
  client: Client,
  kept: Kept,
  names: readonly string[] | null,
  all: boolean,
): MaybePromise<void> {
  const { meta } = kept;
  const held = meta.objects.held(object);
  const named = names === null ? writable(object, kept, held) : namedColumns(object, kept, held, names);
  const { version } = kept;
  const columns = version === null ? named : named.filter((column) => column !== version);
  if (held === null && kept.clocks.length > 0) setTimes(object, kept.clocks, true);
  // What is named is mostly written: a list of the right size, where one that grows takes room for 17.
  const room = names === null ? 0 : columns.length;
  const written = new Array<Column>(room);
  const params = new Array<SqlValue>(room === 0 ? 0 : room + 1);
  const values = valuesOf(object, meta.names, columns.length);
  let settled: unknown[] | null = null;
  let awaited: Awaited[] | null = null;
  let count = 0;
  let changed = false;
  let now: Date | null = null;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const { field, name } = column;
    let param: SqlValue;
    const other = values === null && object[name] === undefined ? awaitedIn(object, column, meta, count) : null;
    if (other !== null) {
      (awaited ??= []).push(other);
      param = null;
      changed = true;
    } else if (field.autoNow && held !== null) {
      const time = field.autoValue((now ??= new Date()));
      (settled ??= []).push(name, time);
      param = encoded(column, time);
      // Being saved is no change by itself: the time of the last change stays when nothing else did.
      changed ||= all || names !== null;
    } else {
      const before = all ? undefined : heldValue(held, column);
      const given = values === null ? object[name] : values[column.at];
      if (before !== undefined && given === before && (given === null || column.store === null)) continue;
      const ready = isReady(column, given, true);
      const seen: number = settled === null ? 0 : settled.length;
      param = ready ? encoded(column, given) : prepareOne(given, column, (settled ??= []));
      // Values are compared as they are bound: an object may have been changed inside.
      if (before !== undefined && unchanged(column, param, before)) {
        if (settled !== null) settled.length = seen;
        continue;
      }
      // What was only compared so far becomes the object's own.
      if (ready && column.mutable) param = prepareOne(given, column, (settled ??= []));
      changed = true;
    }
    written[count] = column;
    params[count++] = param;
  }
  if (!changed) return;
  if (count < written.length) written.length = count;
  if (count + 1 < params.length) params.length = count + 1;
  params[count] = storedKey(object, kept, held);
  if (version !== null && held !== null) countSave(version, held, written, params, (settled ??= []));
  const prepared: Prepared = { params, settled: settled ?? NOTHING, awaited };
  if (client.gathers || awaited !== null) return updateReferring(object, client, kept, held, written, prepared);
  const plan = planUpdateOne(kept, written);
  const answer = write(client, meta, plan.sql, params);
  return answer instanceof Promise
    ? updatedLater(answer, object, client, kept, held, written, prepared)
    : updated(object, client, kept, held, written, prepared, answer.affected);
}

/** One save more; the row must still have the version that the object was read with, which follows the key. */
function countSave(version: Column, held: Held, written: Column[], params: SqlValue[], settled: unknown[]): void {
  const before = heldValue(held, version);
  if (before === undefined)
    throw new IncompleteInstanceError(
      `${version.name} was not loaded, so nobody can tell whether the row was saved since`,
      {
        hint: "name it in only(…)",
      },
    );
  const key = params.pop()!;
  const next = Number(before) + 1;
  written.push(version);
  params.push(encoded(version, next), key, before as SqlValue);
  settled.push(version.name, next);
}

const updatedLater = (
  answer: Promise<Result>,
  object: Row,
  client: Client,
  kept: Kept,
  held: Held,
  written: readonly Column[],
  prepared: Prepared,
): Promise<void> => answer.then(({ affected }) => updated(object, client, kept, held, written, prepared, affected));

function updated(
  object: Row,
  client: Client,
  kept: Kept,
  held: Held,
  written: readonly Column[],
  prepared: Prepared,
  affected: number,
): void {
  const { meta } = kept;
  if (affected === 0) throw goneOrStale(kept, held);
  undoOnRollback(object, kept, client, held);
  settle(object, prepared);
  meta.objects.hold(object, merged(kept, held, written, prepared.params));
}

/** The error for an UPDATE that found no row. */
function goneOrStale({ meta, version }: Kept, held: Held, cause?: unknown): IntegrityError {
  const { name, table, pk } = meta;
  if (version !== null && held !== null)
    return new GuardError(`${name} was saved or deleted by somebody else since it was loaded`, {
      code: "stale",
      table: table.name,
      hint: "refreshFromDb() and decide anew",
      cause,
    });
  return new IntegrityError(`Can't update object that doesn't exist: ${name} has no row with this ${pk.name}`, {
    code: "row_gone",
    table: table.name,
    cause,
  });
}

const isRow = (held: Held): held is readonly unknown[] => Array.isArray(held);

/** The stored value of a column; undefined where it is not known. */
function heldValue(held: Held, { at, field }: Column): unknown {
  if (held === null) return undefined;
  if (isRow(held)) return held[at];
  const place = held.fields.indexOf(field);
  return place < 0 ? undefined : held.row[place];
}

/** The columns of a save that names none. */
function writable(object: Row, { meta, columns, generated }: Kept, held: Held): readonly Column[] {
  if (held !== null && !isRow(held) && held.fields.length < meta.fields.length)
    throw new IncompleteInstanceError(`${meta.name} was loaded with only(...): say what to write`, {
      hint: "save({ updateFields: [...] })",
    });
  for (let i = 0; i < generated.length; i++)
    if ((object[generated[i]!.name] ?? null) === null)
      return columns.filter(({ field, name }) => !(field.generated && (object[name] ?? null) === null));
  return columns;
}

function namedColumns(object: Row, { meta, byName }: Kept, held: Held, names: readonly string[]): readonly Column[] {
  const named = new Array<Column>(names.length);
  for (let i = 0; i < names.length; i++) {
    const column = byName.get(names[i]!);
    if (column === undefined)
      throw new FieldError(`save(): ${meta.name} has no field "${names[i]}"`, {
        code: "unknown_field",
        hint: `known: ${meta.names.join(", ")}`,
      });
    named[i] = column;
  }
  if (!isRow(held)) checkLoaded(object, named, meta, "save");
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

/** Compares what would be bound with what was read. A database may give it back in another form that says the same. */
function unchanged(column: Column, bound: SqlValue, read: unknown): boolean {
  if (sameStored(bound, read)) return true;
  const { decode } = column.codec;
  if (decode === null || bound === null || read === null || read === undefined) return false;
  return sameStored(bound, encoded(column, decode(read as never)));
}

/** Drivers may give an integer as number, bigint or text. */
function sameStored(bound: unknown, read: unknown): boolean {
  if (bound === read) return true;
  if (bound === null || read === null || read === undefined) return false;
  if (bound instanceof Uint8Array)
    return read instanceof Uint8Array && bound.length === read.length && bound.every((byte, i) => byte === read[i]);
  return typeof bound !== typeof read && String(bound as SqlValue) === String(read as SqlValue);
}

/** The key by which the row is found: as it was stored, so that a changed key moves the row. */
export function storedKey(object: Row, { meta, columns }: Kept, held: Held): SqlValue {
  const column = columns[meta.pkIndex]!;
  const before = heldValue(held, column);
  if (before !== undefined) return before as SqlValue;
  const key = object[meta.pk.name] ?? null;
  if (key === null)
    throw new OperationalError(`${meta.name} has no ${meta.pk.name}, so its row cannot be found`, { code: "no_key" });
  return column.encode(key);
}

/** The stored row with the columns that were written. */
export function merged(kept: Kept, held: Held, columns: readonly Column[], params: readonly SqlValue[]): Held {
  if (held === null) return unreadRow(kept.meta, columns, params);
  const whole = isRow(held);
  const row = whole ? held.slice() : held.row.slice();
  for (let i = 0; i < columns.length; i++) {
    const at = whole ? columns[i]!.at : held.fields.indexOf(columns[i]!.field);
    if (at >= 0) row[at] = params[i];
  }
  return whole ? row : { fields: held.fields, row };
}

/** A row that was written without having been read: what is not known counts as different at the next save. */
function unreadRow(meta: Meta, columns: readonly Column[], params: readonly SqlValue[]): readonly unknown[] {
  return meta.fields.map((field): unknown => {
    const at = columns.findIndex((column) => column.field === field);
    if (at >= 0) return params[at];
    return field === meta.pk ? params[params.length - 1] : undefined;
  });
}

/** DELETEs a stored object's row. */
export function deleteObject(object: Row, meta: Meta, client: Client): MaybePromise<void> {
  const held = meta.objects.held(object);
  if (held === null)
    throw new OperationalError(`Can't delete unpersisted record: this ${meta.name} is not in the database`, {
      code: "not_saved",
    });
  const kept = keptFor(meta, client.dialect);
  return meta.listening === null
    ? deleteNow(object, client, kept, held)
    : meta.listening.delete({ instance: object, usingDb: client, updateFields: null, created: false }, () =>
        deleteNow(object, client, kept, meta.objects.held(object)),
      );
}

function deleteNow(object: Row, client: Client, kept: Kept, held: Held): MaybePromise<void> {
  const { meta } = kept;
  if (client.gathers) forgetKeys(client, null);
  const answer = write(client, meta, planDeleteOne(kept).sql, [storedKey(object, kept, held)]);
  return answer instanceof Promise
    ? deletedLater(answer, object, client, kept, held)
    : deleted(object, client, kept, held);
}

const deletedLater = (answer: Promise<Result>, object: Row, client: Client, kept: Kept, held: Held): Promise<void> =>
  answer.then(() => deleted(object, client, kept, held));

function deleted(object: Row, client: Client, kept: Kept, held: Held): void {
  undoOnRollback(object, kept, client, held);
  kept.meta.objects.hold(object, null);
}

/** A rolled back write leaves the object as it was before: its key, and whether it is stored. */
export function undoOnRollback(object: Row, { meta, restore }: Kept, client: Client, held: Held): void {
  if (client.isTransaction) (client as Transaction).restoreOnRollback(restore, object, object[meta.pk.name], held);
}
