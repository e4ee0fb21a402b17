import { DoesNotExist, OperationalError, ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { Read, Write } from "../queryset/awaitable.js";
import { deleteObject, insertObject, updateObject, type Row } from "../queryset/persist.js";
import type { UsingOptions } from "../queryset/queryset.js";
import { resolveClient } from "../connection/context.js";
import { fetch } from "../queryset/run.js";
import { conditions } from "../query/q.js";
import { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";

/** How an object is saved. */
export interface SaveOptions extends UsingOptions {
  readonly updateFields?: readonly string[];
  readonly forceCreate?: boolean;
  readonly forceUpdate?: boolean;
}

/** Which fields are read again. */
export interface RefreshOptions extends UsingOptions {
  readonly fields?: readonly string[];
}

function stateFor(model: object, { usingDb }: UsingOptions): QueryState {
  const state = new QueryState(model);
  if (usingDb !== undefined) state.using = usingDb;
  return state;
}

/** INSERT when the object is new, else UPDATE of what changed. */
export function save(object: Row, model: object, options: SaveOptions): Write<void> {
  const { updateFields = null, forceCreate = false, forceUpdate = false } = options;
  if (forceCreate && (forceUpdate || updateFields !== null))
    throw new ParamsError("save(): forceCreate contradicts forceUpdate and updateFields");
  if (updateFields !== null && !Array.isArray(updateFields))
    throw new ParamsError("save(): updateFields takes an array of field names");
  const names = updateFields === null ? null : updateFields.slice();
  const { usingDb } = options;
  return new Write((): MaybePromise<void> => {
    if (names !== null && names.length === 0) return;
    const meta = metaOf(model);
    const client = resolveClient(meta, usingDb as never, true);
    // A new object whose key is known may be told to update the row that has it.
    const update =
      !forceCreate &&
      (meta.objects.held(object) !== null ||
        ((forceUpdate || names !== null) && (object[meta.pk.name] ?? null) !== null));
    return update
      ? updateObject(object, meta, client, names, forceUpdate && names === null)
      : insertObject(object, meta, client);
  });
}

/** DELETE of the object's row. */
export function deleteInstance(object: Row, model: object, { usingDb }: UsingOptions): Write<void> {
  return new Write((): MaybePromise<void> => {
    const meta = metaOf(model);
    return deleteObject(object, meta, resolveClient(meta, usingDb as never, true));
  });
}

/** Reads the object's row again, whole or some fields of it. */
export function refresh(object: Row, model: object, options: RefreshOptions): Read<void> {
  const names = options.fields?.slice();
  return new Read((): MaybePromise<void> => {
    const meta = metaOf(model);
    if (meta.objects.storedOf(object) === null)
      throw new OperationalError(`Can't refresh unpersisted record: this ${meta.name} is not in the database`, {
        code: "not_saved",
      });
    const state = stateFor(model, options);
    state.where = [conditions([{ [meta.pk.name]: object[meta.pk.name] }], "refreshFromDb")];
    state.only = names === undefined || names.length === 0 ? null : names;
    return after(fetch(state), ([fresh]) => {
      if (fresh === undefined) throw new DoesNotExist(`Object "${meta.name}" does not exist any more`);
      take(object, fresh as Row, meta);
    });
  });
}

/** Gives the object the fields that were read, and remembers the row behind them. */
function take(object: Row, fresh: Row, meta: Meta): void {
  const read = meta.objects.storedOf(fresh)!;
  const known = meta.objects.storedOf(object)!;
  for (const { name } of read.fields) object[name] = fresh[name];
  if (read.fields.length === meta.fields.length) return meta.objects.remember(object, read);
  const row = known.fields.map((field, i) => {
    const at = read.fields.indexOf(field);
    return at < 0 ? known.row[i] : read.row[at];
  });
  const more = read.fields.filter((field) => !known.fields.includes(field));
  meta.objects.remember(object, {
    fields: [...known.fields, ...more],
    row: [...row, ...more.map((field) => read.row[read.fields.indexOf(field)])],
  });
}
