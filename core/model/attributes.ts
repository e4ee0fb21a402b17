import { IncompleteInstanceError, OperationalError, ParamsError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { Read } from "../queryset/awaitable.js";
import { isUnsaved, keyValue } from "../plan/filter.js";
import { LoadedList, notLoaded, RelatedQuerySet } from "../queryset/related.js";
import { fetch } from "../queryset/run.js";
import { conditions } from "../query/q.js";
import { startOf } from "../query/start.js";
import { QueryState } from "../query/state.js";
import type { Objects } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";

type Row = Record<string, unknown>;

/** What an object knows of one of its relations. */
interface Known {
  /** what the relation started from when this was known: another key, and it is forgotten */
  readonly key: unknown;
  /** the object it leads to, null, or a list; undefined while only a handle was given out */
  readonly value: object | null | undefined;
  /** what is awaited, so that a second wait asks nothing */
  readonly handle: ToOneHandle | null;
}

/** Where objects keep what they know of their relations: one private slot. */
export interface Slot {
  readonly read: (object: object) => Record<string, Known> | null;
  readonly open: (object: object) => Record<string, Known>;
}

/** What relation fields bring to show objects what they lead to. */
export interface Attributes {
  readonly attributesOf: typeof attributesOf;
}

/** How the objects of a model have their relations. */
export const attributesOf = (
  slot: Slot,
): Pick<Objects, "relate" | "related" | "unrelate"> & { readonly define: Objects["addRelation"] } => ({
  define: (relation) => defineAttribute(relation, slot),
  relate: makeRelate(slot),
  related: makeRelated(slot),
  unrelate: makeUnrelate(slot),
});

/** Gives the objects of a model the attribute of a relation. */
function defineAttribute(relation: Relation, slot: Slot): void {
  Object.defineProperty(relation.meta.model.prototype, relation.name, attribute(relation, slot, false));
}

/** The attribute: on the prototype while nothing is loaded, and an enumerable one of the object's own afterwards. */
function attribute(relation: Relation, slot: Slot, enumerable: boolean): PropertyDescriptor {
  const { many } = relation;
  return {
    get(this: Row) {
      if (many) return new RelatedQuerySet(this, relation);
      const known = knownOf(this, relation, slot);
      return known?.value !== undefined ? known.value : unloaded(this, relation, slot);
    },
    set(this: Row, value: unknown) {
      if (many || relation.backward)
        throw new ParamsError(`${relation.meta.name}.${relation.name} cannot be assigned`, {
          code: "not_assignable",
          hint: many
            ? relation.through === null
              ? `set ${relation.target.name}.${relation.reverse.name} on the other objects`
              : `await object.${relation.name}.set([…])`
            : `set ${relation.target.name}.${relation.reverse.name} on the other object`,
        });
      assign(this, relation, value, slot);
    },
    enumerable,
    configurable: true,
  };
}

const knownOf = (object: Row, { name, from }: Relation, slot: Slot): Known | undefined => {
  const known = slot.read(object)?.[name];
  return known !== undefined && sameKey(known.key, object[from.name]) ? known : undefined;
};

const sameKey = (one: unknown, other: unknown): boolean =>
  one === other || (typeof one === "object" && one !== null && JSON.stringify(one) === JSON.stringify(other));

/** A to-one relation that is not loaded: null where there is nothing to load, otherwise something to wait for. */
function unloaded(object: Row, relation: Relation, slot: Slot): ToOneHandle | null {
  const { from, meta, name } = relation;
  const key = object[from.name] ?? null;
  if (object[from.name] === undefined && meta.objects.storedOf(object) !== null)
    throw new IncompleteInstanceError(
      `${meta.name}.${name}: ${from.name} was not loaded, so nobody knows what to load`,
      {
        hint: "name it in only(…)",
      },
    );
  if (key === null && !relation.backward) return null;
  const known = knownOf(object, relation, slot);
  if (known?.handle != null) return known.handle;
  const handle = makeHandle(object, relation);
  slot.open(object)[relation.name] = { key, value: undefined, handle };
  return handle;
}

/**
 * `order.user = user`: the column gets the key, which a new object has when it is saved before this one. A key in place of an
 * object is taken too.
 */
function assign(object: Row, relation: Relation, value: unknown, slot: Slot): void {
  const { from, name, meta } = relation;
  if (value === undefined)
    throw new ParamsError(`${meta.name}.${name} is undefined`, { code: "undefined", hint: "use null for none" });
  const key =
    value === null ? null : isUnsaved(relation, value) ? undefined : keyValue(relation, value, `${meta.name}.${name}`);
  object[from.name] = key;
  const known = slot.open(object);
  // The object is not shown as a column of its own: only what a query loaded is.
  if (typeof value === "object" && value !== null && key !== value) known[name] = { key, value, handle: null };
  else delete known[name];
}

/** Says what a relation leads to, and shows it as an attribute of the object's own. */
function makeRelate(slot: Slot): (object: object, relation: Relation, loaded: object | null) => void {
  const descriptors = new Map<Relation, PropertyDescriptor>();
  // Nobody keeps it, so one serves all lists.
  const ofList: PropertyDescriptor = { value: null, enumerable: true, configurable: true, writable: false };
  return (object, relation, loaded) => {
    const { name, many, from } = relation;
    if (many) {
      ofList.value = LoadedList.loaded(object, relation, loaded as object[]);
      Object.defineProperty(object, name, ofList);
      return;
    }
    const before = slot.read(object);
    const isShown = before !== null && before[name]?.value !== undefined && Object.hasOwn(object, name);
    const known = before ?? slot.open(object);
    known[name] = { key: (object as Row)[from.name], value: loaded, handle: null };
    if (isShown) return;
    let descriptor = descriptors.get(relation);
    if (descriptor === undefined) descriptors.set(relation, (descriptor = attribute(relation, slot, true)));
    Object.defineProperty(object, name, descriptor);
  };
}

/** What a relation of an object is known to lead to; undefined: it is not loaded. */
const makeRelated =
  (slot: Slot) =>
  (object: object, relation: Relation): object | null | undefined => {
    if (!relation.many) return knownOf(object as Row, relation, slot)?.value;
    const own = Object.hasOwn(object, relation.name) ? (object as Row)[relation.name] : undefined;
    return own instanceof LoadedList ? own : undefined;
  };

/** Makes a relation unloaded again. */
const makeUnrelate =
  (slot: Slot) =>
  (object: object, { name }: Relation): void => {
    const known = slot.read(object);
    if (known !== null) delete known[name];
    delete (object as Row)[name];
  };

/** A to-one relation that is not loaded: `await order.user`. To read through it is an error that names the ways to load it. */
export class ToOneHandle extends Read<object | null> {
  readonly #once: { answer: Promise<object | null> | null } = { answer: null };

  override run(): Promise<object | null> {
    const once = this.#once;
    // What failed may be tried again.
    return (once.answer ??= super.run().catch((error: unknown) => {
      once.answer = null;
      throw error;
    }));
  }
  /** Nothing to show of what is not there. */
  toJSON(): undefined {
    return undefined;
  }
}

/** One class for each relation: every attribute of the target explains itself. */
const HANDLES = /* @__PURE__ */ new WeakMap<Relation, typeof ToOneHandle>();

function makeHandle(object: Row, relation: Relation): ToOneHandle {
  let Handle = HANDLES.get(relation);
  if (Handle === undefined) HANDLES.set(relation, (Handle = handleClass(relation)));
  return new Handle(() => load(object, relation));
}

function handleClass(relation: Relation): typeof ToOneHandle {
  const Handle = class extends ToOneHandle {};
  const { target } = relation;
  const names = new Set([...target.names, ...target.relations.keys(), "pk"]);
  for (let at = target.model.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  for (const name of names) {
    if (name in Handle.prototype) continue;
    const refuse = (): never => {
      throw notLoaded(relation);
    };
    void Object.defineProperty(Handle.prototype, name, { get: refuse, set: refuse });
  }
  return Handle;
}

function load(object: Row, relation: Relation): MaybePromise<object | null> {
  const { from, to, target, meta, backward } = relation;
  const key = object[from.name] ?? null;
  if (backward && meta.objects.storedOf(object) === null)
    throw new OperationalError(`This ${meta.name} is not in the database, so nothing is related to it`, {
      code: "not_saved",
      hint: "save it first",
    });
  const state = backward ? startOf(target) : new QueryState(target.model);
  state.where = [...state.where, conditions([{ [to.name]: key }], relation.name)];
  state.limit = 2;
  return after(fetch(state), ([found]) => (found as object | undefined) ?? null);
}
