import { FieldError, IncompleteInstanceError, IntegrityError, OperationalError, ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import { Transaction } from "../connection/transaction.js";
import type { Field } from "../fields/field.js";
import { keptFor, type Column } from "../plan/kept.js";
import { planDeleteOne, planInsert, planUpdateOne } from "../plan/write.js";
import type { Meta, Stored } from "../schema/meta.js";
import type { SqlValue } from "../sql/column-type.js";
import { write } from "./run.js";

/** An object of a model, seen as its attributes. */
export type Row = Record<string, unknown>;

/** What a row was turned into before it is sent: normalised attributes, and what is bound. */
export interface Prepared {
  readonly clean: readonly unknown[];
  readonly params: SqlValue[];
}

/** Cleans, validates and encodes the object's values for the given columns; the object is not touched yet. */
export function prepare(object: Row, columns: readonly Column[]): Prepared {
  const count = columns.length;
  const clean = new Array<unknown>(count);
  const params = new Array<SqlValue>(count);
  for (let i = 0; i < count; i++) {
    const { field, codec } = columns[i]!;
    const given = object[field.name];
    if (given === undefined && field.null && !field.generated)
      throw new ParamsError(`"${field.name}" is undefined`, { code: "undefined", hint: "use null for NULL" });
    const value = field.forWrite(given);
    clean[i] = value;
    params[i] = value === null || codec.encode === null ? (value as SqlValue) : codec.encode(value as never);
  }
  return { clean, params };
}

/** Gives the object the values as they were written. */
export function settle(object: Row, columns: readonly Column[], { clean }: Prepared): void {
  for (let i = 0; i < columns.length; i++) {
    const { name } = columns[i]!.field;
    const value = clean[i];
    // Bytes are stored as they are: the object keeps its own, so that changing them inside is seen.
    if (value instanceof Uint8Array)
      object[name] = (object[name] as object).constructor === Uint8Array ? object[name] : value.slice();
    else if (!Object.is(object[name], value)) object[name] = value;
  }
}

/** Sets what the clock says: `autoNow` at every write, `autoNowAdd` at the first. */
export function setTimes(object: Row, fields: readonly Field[], first: boolean): void {
  let now: Date | null = null;
  for (const field of fields) {
    if (!field.autoNow && !(first && field.autoNowAdd && (object[field.name] ?? null) === null)) continue;
    object[field.name] = field.autoValue((now ??= new Date()));
  }
}

/** Waits for defaults that are promises; at once when there are none. */
export function awaitDefaults(object: Row, fields: readonly Field[]): MaybePromise<void> {
  const pending = fields.filter(
    (field) => typeof field.default === "function" && object[field.name] instanceof Promise,
  );
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
  return after(awaitDefaults(object, meta.fields), () => {
    setTimes(object, meta.fields, true);
    const plan = planInsert(meta, client.dialect, hasKey(object, meta.pk), 1, null);
    const prepared = prepare(object, plan.columns);
    return after(write(client, meta, plan.sql, prepared.params), ({ insertId }) => {
      undoOnRollback(object, meta, client);
      settle(object, plan.columns, prepared);
      if (plan.columns.length < meta.fields.length) takeKey(object, meta, insertId);
      meta.objects.remember(object, storedRow(meta, plan.columns, prepared.params, object));
    });
  });
}

/** The key that the database made. */
export function takeKey(object: Row, meta: Meta, key: number | bigint | null): void {
  if (key === null) return;
  const { pk } = meta;
  object[pk.name] = pk.type.kind === "bigInt" && pk.type.mode === "bigint" ? BigInt(key) : pk.clean(Number(key));
}

/** The written row in the order of the model's fields. */
export function storedRow(meta: Meta, columns: readonly Column[], params: readonly SqlValue[], object: Row): Stored {
  if (columns.length === meta.fields.length) return { fields: meta.fields, row: params };
  let next = 0;
  const row = meta.fields.map((field) => (columns[next]?.field === field ? params[next++] : object[field.name]));
  return { fields: meta.fields, row };
}

/** Which columns an UPDATE writes: those named, all, or those that changed. */
export interface UpdateOptions {
  readonly names: readonly string[] | null;
  readonly all: boolean;
}

/** UPDATEs a stored object; no statement when nothing changed. */
export function updateObject(object: Row, meta: Meta, client: Client, options: UpdateOptions): MaybePromise<void> {
  return after(awaitDefaults(object, meta.fields), () => {
    const stored = meta.objects.storedOf(object);
    const columns = writable(object, meta, client, stored, options);
    const changed =
      options.all || stored === null
        ? columns
        : columns.filter((column) =>
            isChanged(
              object,
              column,
              stored,
              stored.fields === meta.fields ? column.at : stored.fields.indexOf(column.field),
            ),
          );
    // Being saved is no change by itself: the time of the last change stays when nothing else did.
    if (changed.length === 0 && !(options.names !== null && columns.some(({ field }) => field.autoNow))) return;
    const written =
      options.all || stored === null
        ? columns
        : columns.filter((column) => column.field.autoNow || changed.includes(column));
    setTimes(
      object,
      written.map(({ field }) => field),
      stored === null,
    );
    const plan = planUpdateOne(meta, client.dialect, written);
    const prepared = prepare(object, written);
    const { params } = prepared;
    params.push(storedKey(object, meta, client, stored));
    return after(write(client, meta, plan.sql, params), ({ affected }) => {
      if (affected === 0)
        throw new IntegrityError(
          `Can't update object that doesn't exist: ${meta.name} has no row with this ${meta.pk.name}`,
          { code: "row_gone", table: meta.table.name },
        );
      undoOnRollback(object, meta, client);
      settle(object, written, prepared);
      meta.objects.remember(object, merged(meta, stored, written, params));
    });
  });
}

/** True when the value is not the stored one any more. Values are compared as they would be bound: an object may have been changed inside. */
function isChanged(object: Row, { field, codec }: Column, { row }: Stored, at: number): boolean {
  if (at < 0) return true;
  const stored = row[at];
  const value = object[field.name];
  if (value === stored && (value === null || codec.encode === null)) return false;
  const clean = field.forWrite(value);
  return !sameStored(
    clean === null || codec.encode === null ? (clean as SqlValue) : codec.encode(clean as never),
    stored,
  );
}

/** The columns that this save is about. */
function writable(
  object: Row,
  meta: Meta,
  client: Client,
  stored: Stored | null,
  { names }: UpdateOptions,
): readonly Column[] {
  const { columns } = keptFor(meta, client.dialect);
  const partial = stored !== null && stored.fields.length < meta.fields.length;
  if (names === null) {
    if (partial)
      throw new IncompleteInstanceError(`${meta.name} was loaded with only(...): say what to write`, {
        hint: "save({ updateFields: [...] })",
      });
    return columns.filter(({ field }) => !(field.generated && (object[field.name] ?? null) === null));
  }
  const named = names.map((name) => {
    const column = columns.find(({ field }) => field.name === name || (name === "pk" && field === meta.pk));
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
function storedKey(object: Row, meta: Meta, client: Client, stored: Stored | null): SqlValue {
  const at = stored === null ? -1 : stored.fields.indexOf(meta.pk);
  const column = keptFor(meta, client.dialect).columns[meta.pkIndex]!;
  if (at >= 0) return stored!.row[at] as SqlValue;
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
  const row = stored.row.slice();
  columns.forEach(({ field }, i) => {
    const at = stored.fields.indexOf(field);
    if (at >= 0) row[at] = params[i];
  });
  return { fields: stored.fields, row };
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
  return after(write(client, meta, plan.sql, [storedKey(object, meta, client, stored)]), () => {
    undoOnRollback(object, meta, client);
    meta.objects.remember(object, null);
  });
}

/** A rolled back write leaves the object as it was before: its key, and whether it is stored. */
export function undoOnRollback(object: Row, meta: Meta, client: Client): void {
  if (!(client instanceof Transaction)) return;
  const stored = meta.objects.storedOf(object);
  const key = object[meta.pk.name];
  client.onRollback(() => {
    object[meta.pk.name] = key;
    meta.objects.remember(object, stored);
  });
}
