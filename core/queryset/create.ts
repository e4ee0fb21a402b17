import { FieldError, IntegrityError, MultipleObjectsReturned, ParamsError, typeName } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { isPlain, taken } from "../base/taken.js";
import type { Client } from "../connection/client.js";
import { resolveClient } from "../connection/context.js";
import { checkConverses, type Gathered } from "../connection/gathered.js";
import type { Field } from "../fields/field.js";
import { keyValue } from "../plan/filter.js";
import { keptFor } from "../plan/kept.js";
import { conditions } from "../query/q.js";
import { OBJECTS, type QueryState } from "../query/state.js";
import { META, metaOf, type Meta, type ModelLike } from "../schema/meta.js";
import { asUnit, findOrMakeAtOnce } from "./at-once.js";
import { Write } from "./awaitable.js";
import { awaitDefaults, insertObject, updateObject, type Row } from "./persist.js";
import { clientOf, fetch } from "./run.js";

/** The values of a call, copied; undefined is never a value. */
export function copyValues(values: unknown, call: string): Row {
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new ParamsError(`${call}() takes { field: value }, not ${typeName(values)}`);
  const copy: Row = { ...values };
  let count = 0;
  for (const name in copy) {
    count++;
    const value = copy[name];
    if (value === undefined)
      throw new ParamsError(`${call}(): "${name}" is undefined`, {
        code: "undefined",
        hint: "leave it out, use null for NULL, or drop it with omitUndefined(...)",
      });
    if (typeof value === "object") copy[name] = taken(value);
  }
  if (count === 0 && !isPlain(values))
    throw new ParamsError(`${call}() takes { field: value }, not ${typeName(values)}`);
  return copy;
}

/** Makes an object and INSERTs it. `using`: a connection's name or handle; nothing: the current one. */
export function create(model: object, using: unknown, given: object): Write<object> {
  const known = (model as ModelLike)[META];
  if (known !== undefined && typeof given === "object" && given !== null && isPlain(given))
    return makeAndInsert(model, using, given as Row, known);
  const values = copyValues(given, "create");
  return new Write(() => {
    const meta = metaOf(model);
    return made(values, meta, resolveClient(meta, using as never, true));
  });
}

/**
 * Takes the values at the call, as the object that they make: copying them twice would cost as much as the INSERT. What
 * is wrong with a name is told when the write runs, as everything that a model knows.
 */
function makeAndInsert(model: object, using: unknown, given: Row, known: Meta): Write<object> {
  let object: Row;
  try {
    object = known.objects.fromGiven(given);
  } catch (error) {
    // The same, in the words of the call.
    if (error instanceof ParamsError) copyValues(given, "create");
    return new Write(() => {
      metaOf(model);
      throw error;
    });
  }
  return insertion(object, model, using);
}

const insertion = (object: Row, model: object, using: unknown): Write<object> =>
  new Write(() => {
    const meta = metaOf(model);
    return inserted(object, meta, resolveClient(meta, using as never, true), true);
  });

function inserted(object: Row, meta: Meta, client: Client, owned: boolean): MaybePromise<object> {
  const waiting = insertObject(object, meta, client, owned);
  return waiting === undefined ? object : after(waiting, () => object);
}

function made(values: Row, meta: Meta, client: Client): MaybePromise<object> {
  return inserted(meta.objects.fromValues(values), meta, client, false);
}

/** The object with these values, or a new one; and whether it is new. */
export function getOrCreate(state: QueryState, given: object, defaults: object): Write<[object, boolean]> {
  return findOrMake(state, given, defaults, "getOrCreate", null);
}

/** The same, but an object that is there gets the defaults: also when another program made it a moment ago. */
export function updateOrCreate(state: QueryState, given: object, defaults: object): Write<[object, boolean]> {
  return findOrMake(state, given, defaults, "updateOrCreate", (object, meta, client, changes) => {
    for (const name in changes) object[name === "pk" ? meta.pk.name : name] = changes[name];
    return after(updateObject(object, meta, client, null, false), () => object);
  });
}

/** A new object with all its defaults, or why it cannot be made. */
function orError(make: () => Row, lazy: readonly Field[]): MaybePromise<Row | Error> {
  try {
    const fresh = make();
    const ready = awaitDefaults(fresh, lazy);
    return ready instanceof Promise
      ? ready.then(
          () => fresh,
          (error: Error) => error,
        )
      : fresh;
  } catch (error) {
    return error as Error;
  }
}

/** Values by the names of columns: what is related, as its key. */
function columnValues(values: Row, meta: Meta): Row {
  const columns: Row = {};
  for (const name in values) {
    const relation = meta.relations.get(name);
    if (relation === undefined) columns[name === "pk" ? meta.pk.name : name] = values[name];
    else columns[relation.from.name] = keyValue(relation, values[name], name);
  }
  return columns;
}

type Found = (object: Row, meta: Meta, client: Client, defaults: Row) => MaybePromise<object>;

function findOrMake(
  state: QueryState,
  given: object,
  defaults: object,
  call: string,
  found: Found | null,
): Write<[object, boolean]> {
  const values = copyValues(given, call);
  const more = copyValues(defaults, call);
  for (const name in values) {
    if (name.includes("__"))
      throw new ParamsError(`${call}(): "${name}" is a lookup`, {
        code: "lookup_in_values",
        hint: "what is looked for is also what is created: name fields",
      });
    if (name in more && more[name] !== values[name])
      throw new ParamsError(`${call}(): "${name}" has one value to look for and another as default`, {
        code: "defaults_conflict",
      });
  }
  return new Write(() => {
    const meta = metaOf(state.model);
    for (const name in more) {
      if (!meta.field.has(name) && name !== "pk" && !meta.relations.has(name))
        throw new FieldError(`${call}(): ${meta.name} has no field "${name}"`, {
          code: "unknown_field",
          hint: `known: ${meta.names.join(", ")}`,
        });
    }
    const client = clientOf(state, meta, true);
    const next = state.copy();
    next.where = [...next.where, conditions([values], call)];
    next.limit = 2;
    next.using = client;
    next.only = null;
    next.output = OBJECTS;
    const make = (): Row => meta.objects.fromValues({ ...values, ...more });
    if (client.together && meta.listening === null) {
      const changes = found === null ? null : columnValues(more, meta);
      return after(orError(make, keptFor(meta, client.dialect).lazyDefaults), (fresh) =>
        asUnit(client, (unit) => findOrMakeAtOnce({ look: next, fresh, changes }, meta, unit as Gathered)),
      );
    }
    checkConverses(client, `${call}() of ${meta.name}, to which somebody listens,`);
    const look = (): MaybePromise<Row | null> => {
      return after(fetch(next), (rows) => {
        if (rows.length > 1)
          throw new MultipleObjectsReturned(`Multiple objects returned for "${meta.name}", expected at most one`, {
            hint: "look for something unique",
          });
        return (rows[0] as Row | undefined) ?? null;
      });
    };
    const give = (object: Row): MaybePromise<[object, boolean]> =>
      after(found === null ? object : found(object, meta, client, more), (changed) => [changed, false]);
    // Somebody else may have made it since we looked: then the unique rule refuses ours, and theirs is taken.
    const retry = (error: unknown): MaybePromise<[object, boolean]> => {
      if (!(error instanceof IntegrityError)) throw error;
      return after(look(), (object) => {
        if (object === null) throw error;
        return give(object);
      });
    };
    return after(look(), (object) => {
      if (object !== null) return give(object);
      let fresh: object | null = null;
      const orTheirs = (error: unknown): MaybePromise<[object, boolean]> => {
        // Ours was written: what failed is somebody who listens to it.
        if (fresh !== null && meta.objects.held(fresh) !== null) throw error;
        return retry(error);
      };
      try {
        fresh = make();
        const created = after(inserted(fresh as Row, meta, client, false), (object): [object, boolean] => [
          object,
          true,
        ]);
        return created instanceof Promise ? created.catch(orTheirs) : created;
      } catch (error) {
        return orTheirs(error);
      }
    });
  });
}
