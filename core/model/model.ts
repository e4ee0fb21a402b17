import { ConfigurationError, FieldError, OperationalError, ParamsError, typeName } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { isPlain, taken } from "../base/taken.js";
import type { Field } from "../fields/field.js";
import type { RelationField } from "../fields/relation.js";
import { resolveClient } from "../connection/context.js";
import type { Loading } from "../load/prefetch.js";
import { Read, type Write } from "../queryset/awaitable.js";
import type { BulkCreateOptions, BulkOptions } from "../queryset/bulk.js";
import { copyValues, create } from "../queryset/create.js";
import type { Row } from "../queryset/persist.js";
import { QuerySet, type UsingOptions } from "../queryset/queryset.js";
import type { RawQuerySet } from "../queryset/raw.js";
import type { SingleQuerySet } from "../queryset/single.js";
import { loaderFor } from "../queryset/run.js";
import { prefetchRequests } from "../query/prefetch.js";
import { conditions, type QNode } from "../query/q.js";
import { QueryState } from "../query/state.js";
import { checkDefinition, fieldsOf, relationsOf } from "../schema/define.js";
import { describeModel } from "../schema/describe.js";
import { jsonSchema, standardSchema } from "../schema/json-schema.js";
import {
  DEFINITION,
  META,
  metaOf,
  type Definition,
  type Fill,
  type Held,
  type ModelLike,
  type ModelOptions,
  type Objects,
  type Stored,
} from "../schema/meta.js";
import { broughtBy, type Relation } from "../schema/relation.js";
import type { ModelDescription } from "../types/describe.js";
import type { JsonSchema, SchemaPurposeOptions, StandardSchema } from "../types/json-schema.js";
import type { Model as ModelInstance } from "../types/instance.js";
import type { ModelRoot } from "../types/model.js";
import { bindManagers, ModelManager } from "./manager.js";
import type { Attributes, Slot } from "./attributes.js";
import { deleteInstance, refresh, save, type RefreshOptions, type SaveOptions } from "./save.js";

/** Where a class that `usingDb` gave keeps its target. */
const USING: unique symbol = Symbol("terrapin.using");

/** A model class, seen from its static methods. */
type ModelClass = typeof ModelBase & ModelLike & { readonly [USING]?: unknown };

/** The class behind every model: `Model.define` extends it. */
export class ModelBase {
  /** Columns, as attributes of the object's own. */
  [column: string]: unknown;

  /** The row that the object came from or went to: a whole one as it is. One private slot, seen by nobody who copies or prints the object. */
  #stored: Held = null;

  /** What is known of the object's relations. */
  #related: ReturnType<Slot["read"]> = null;

  constructor(values?: Readonly<Record<string, unknown>> | Fill | symbol, stored?: unknown[] | Stored | typeof TAKE) {
    if (stored !== undefined && stored !== TAKE) {
      this.#stored = stored;
      (values as Fill)(this, (Array.isArray(stored) ? stored : (stored as Stored).row) as unknown[]);
    } else if (values === ROOM) {
      // Never runs. V8 counts these assignments before it makes the first object, and leaves room for as many columns:
      // without them an object of more than 16 columns becomes a slow dictionary. What a class does not need is given back.
      // biome-ignore format: the names only have to be there
      this.r1 = this.r2 = this.r3 = this.r4 = this.r5 = this.r6 = this.r7 = this.r8 = this.r9 = this.r10 =
        this.r11 = this.r12 = this.r13 = this.r14 = this.r15 = this.r16 = this.r17 = this.r18 = this.r19 = this.r20 =
        this.r21 = this.r22 = this.r23 = this.r24 = this.r25 = this.r26 = this.r27 = this.r28 = this.r29 = this.r30 =
        this.r31 = this.r32 = this.r33 = this.r34 = this.r35 = this.r36 = this.r37 = this.r38 = this.r39 = this.r40 = null;
    } else if (values !== PROBE) {
      if (typeof values === "function" || new.target === probed)
        throw new ConfigurationError(
          `the constructor of ${new.target.name} must pass all its arguments to super(...)`,
          { code: "constructor_arguments", hint: "constructor(...values) { super(...values); }, or no constructor" },
        );
      fillNew(this, new.target as unknown as ModelLike, (values ?? {}) as Row, stored === TAKE);
    }
  }

  /** How the layers below make and read objects of a model. */
  static objectsOf(model: ModelLike, fields: readonly Field[]): Objects {
    bindManagers(model, ModelBase);
    showPlainly(model.prototype);
    const Class = model as unknown as new (
      values: unknown,
      stored?: readonly unknown[] | Stored | typeof TAKE,
    ) => ModelBase;
    const slot: Slot = {
      read: (object) => (object as ModelBase).#related,
      open: (object) => ((object as ModelBase).#related ??= {}),
    };
    let attributes: ReturnType<Attributes["attributesOf"]> | null = null;
    const of = ({ field }: Relation): NonNullable<typeof attributes> =>
      (attributes ??= (field.brings as Attributes).attributesOf(slot));
    const { manager } = model[DEFINITION]?.options ?? {};
    let checked = false;
    const check = (): void => {
      checked = true;
      aboutOf(model);
    };
    return {
      fromRow(fill, row) {
        if (!checked) check();
        return new Class(fill, row);
      },
      fromPartialRow(fill, row, held) {
        if (!checked) check();
        return new Class(fill, { fields: held, row });
      },
      fromValues: (values) => new Class(values),
      fromGiven(values) {
        copied = null;
        const object = new Class(values, TAKE);
        // A constructor of the user's that hands on nothing but the values.
        if (copied !== object)
          for (const { name } of fields) if (object[name] === values[name]) object[name] = taken(values[name]);
        return object;
      },
      storedOf(object) {
        const stored = (object as ModelBase).#stored;
        return Array.isArray(stored) ? { fields, row: stored } : (stored as Stored | null);
      },
      remember(object, stored) {
        (object as ModelBase).#stored = stored !== null && stored.fields === fields ? stored.row : stored;
      },
      start: () => (manager instanceof ModelManager ? manager.querySetOf(model).state : new QueryState(model)),
      addRelation: (relation) => of(relation).define(relation),
      relate: (object, relation, loaded) => of(relation).relate(object, relation, loaded),
      related: (object, relation) => of(relation).related(object, relation),
      unrelate: (object, relation) => of(relation).unrelate(object, relation),
      held: (object) => (object as ModelBase).#stored,
      hold(object, held) {
        (object as ModelBase).#stored = held;
      },
    };
  }

  get pk(): unknown {
    return this[keyOf(this).name];
  }
  set pk(value: unknown) {
    this[keyOf(this).name] = value;
  }

  save(options: SaveOptions = {}): Write<void> {
    return save(this, modelOf(this), options);
  }
  delete(options: UsingOptions = {}): Write<void> {
    return deleteInstance(this, modelOf(this), options);
  }

  refreshFromDb(fields: readonly string[] | RefreshOptions = {}, options: UsingOptions = {}): Read<void> {
    return refresh(
      this,
      modelOf(this),
      Array.isArray(fields) ? { fields: fields as string[], ...options } : (fields as RefreshOptions),
    );
  }

  updateFromDict(values: object): this {
    const model = modelOf(this);
    const { fields, relations } = aboutOf(model);
    const given = copyValues(values, "updateFromDict");
    for (const name of relations.keys())
      if (name in given && `${name}Id` in given)
        throw new ParamsError(`updateFromDict(): "${name}" is given twice, as ${name} and as ${name}Id`);
    const converted = fields
      .filter((field) => field.name in given || (field.primaryKey && "pk" in given))
      .map((field): [string, unknown] => {
        const value = field.name in given ? given[field.name] : given.pk;
        if (value === null && !field.null) throw notNullable(field.name);
        return [field.name, value === null ? null : field.convert(value)];
      });
    // Both ends: what cannot be assigned says so.
    for (const [name, end] of model[META]?.relations ?? relations) {
      if (!(name in given)) continue;
      if (given[name] === null && "nullable" in end && !end.nullable) throw notNullable(name);
      this[name] = given[name];
    }
    return Object.assign(this, Object.fromEntries(converted));
  }

  /** Loads relations of this object, as `prefetchRelated` does for a query. */
  fetchRelated(...paths: unknown[]): Read<this> {
    return new Read(() => after(fetchFor([this], modelOf(this), paths, "fetchRelated"), () => this));
  }

  clone(pk?: unknown): this {
    const model = modelOf(this);
    const { fields, key } = aboutOf(model);
    const values: Row = {};
    for (const { name } of fields) if (name !== key.name && this[name] !== undefined) values[name] = taken(this[name]);
    if (pk !== undefined) values[key.name] = pk;
    else if (!key.generated && key.default === undefined)
      throw new ParamsError(`clone() of ${nameOf(model)} needs a key: ${key.name} is not generated`, {
        hint: "write clone(key)",
      });
    return new (model as unknown as new (values: Row) => this)(values);
  }

  equals(other: unknown): boolean {
    if (this === other) return true;
    if (typeof other !== "object" || other === null || other.constructor !== this.constructor) return false;
    const key = this.pk ?? null;
    return key !== null && key === (other as ModelBase).pk;
  }

  static define(this: ModelClass, fields: Readonly<Record<string, Field>>, options: ModelOptions = {}): ModelClass {
    checkDefinition(fields, options, (name) => name in ModelBase.prototype);
    if (options.manager !== undefined && !(options.manager instanceof ModelManager))
      throw new ConfigurationError(`Model.define: the option "manager" is ${typeName(options.manager)}`, {
        code: "bad_option",
        hint: "manager: new Manager((all) => all.filter({ … }))",
      });
    const definition: Definition = { fields, options, parent: this[DEFINITION] ?? null };
    const Defined: ModelClass = class extends this {};
    Object.defineProperty(Defined, DEFINITION, { value: definition });
    return Defined;
  }

  static usingDb(this: ModelClass, target: unknown): ModelClass {
    return Object.create(this, { [USING]: { value: target } }) as ModelClass;
  }

  /** Loads relations of objects that are there already. */
  static fetchForList(this: ModelClass, objects: readonly object[], ...paths: unknown[]): Read<object[]> {
    const list = Array.from(objects);
    return new Read(() => after(fetchFor(list, plain(this), paths, "fetchForList", this[USING]), () => list));
  }

  static all(this: ModelClass): QuerySet {
    return start(this).all();
  }
  static none(this: ModelClass): QuerySet {
    return start(this).none();
  }
  static filter(this: ModelClass, ...where: unknown[]): QuerySet {
    return start(this).filter(...where);
  }
  static exclude(this: ModelClass, ...where: unknown[]): QuerySet {
    return start(this).exclude(...where);
  }
  static get(this: ModelClass, ...where: unknown[]): SingleQuerySet {
    return start(this).get(...where);
  }
  static getOrNone(this: ModelClass, ...where: unknown[]): SingleQuerySet {
    return start(this).getOrNone(...where);
  }
  static first(this: ModelClass): SingleQuerySet {
    return start(this).first();
  }
  static last(this: ModelClass): SingleQuerySet {
    return start(this).last();
  }
  static latest(this: ModelClass, ...names: string[]): SingleQuerySet {
    return start(this).latest(...names);
  }
  static earliest(this: ModelClass, ...names: string[]): SingleQuerySet {
    return start(this).earliest(...names);
  }
  static orderBy(this: ModelClass, ...names: string[]): QuerySet {
    return start(this).orderBy(...names);
  }
  static limit(this: ModelClass, count: number): QuerySet {
    return start(this).limit(count);
  }
  static offset(this: ModelClass, count: number): QuerySet {
    return start(this).offset(count);
  }
  static slice(this: ModelClass, from: number, to?: number): QuerySet {
    return start(this).slice(from, to);
  }
  static selectForUpdate(this: ModelClass, options?: UsingOptions): QuerySet {
    return start(this).selectForUpdate(options);
  }
  static annotate(this: ModelClass, values: object): QuerySet {
    return start(this).annotate(values);
  }
  static groupBy(this: ModelClass, ...names: string[]): QuerySet {
    return start(this).groupBy(...names);
  }
  static aggregate(this: ModelClass, values: object): Read<object> {
    return start(this).aggregate(values);
  }
  static only(this: ModelClass, ...names: string[]): QuerySet {
    return start(this).only(...names);
  }
  static values(this: ModelClass, ...names: unknown[]): QuerySet {
    return start(this).values(...names);
  }
  static valuesList(this: ModelClass, ...names: unknown[]): QuerySet {
    return start(this).valuesList(...names);
  }
  static count(this: ModelClass): Read<number> {
    return start(this).count();
  }
  static exists(this: ModelClass, ...where: unknown[]): Read<boolean> {
    return start(this).exists(...where);
  }
  static inBulk(
    this: ModelClass,
    ...given: [keys?: readonly unknown[], fieldName?: string, options?: UsingOptions]
  ): Read<Map<unknown, unknown>> {
    return start(this).inBulk(...given);
  }
  static q(this: ModelClass, ...where: unknown[]): QNode {
    return conditions(where, "q");
  }
  static create(this: ModelClass, values: object, options: UsingOptions = {}): Write<object> {
    // A query set in between says nothing here and costs a tenth of an INSERT.
    const direct = this[USING] === undefined && this[DEFINITION]?.options.manager === undefined;
    return direct ? create(this, options.usingDb, values) : start(this).create(values, options);
  }
  static getOrCreate(
    this: ModelClass,
    values: object,
    defaults?: object,
    options?: UsingOptions,
  ): Write<[object, boolean]> {
    return start(this).getOrCreate(values, defaults, options);
  }
  static updateOrCreate(
    this: ModelClass,
    values: object,
    defaults?: object,
    options?: UsingOptions,
  ): Write<[object, boolean]> {
    return start(this).updateOrCreate(values, defaults, options);
  }
  static bulkCreate(
    this: ModelClass,
    objects: readonly object[],
    options?: BulkCreateOptions & UsingOptions,
  ): Write<object[]> {
    return start(this).bulkCreate(objects, options);
  }
  static bulkUpdate(
    this: ModelClass,
    objects: readonly object[],
    names: readonly string[],
    options?: BulkOptions & UsingOptions,
  ): Write<number> {
    return start(this).bulkUpdate(objects, names, options);
  }
  static raw(this: ModelClass, sql: string, params?: readonly unknown[]): RawQuerySet {
    return start(this).raw(sql, params);
  }

  static jsonSchema(this: ModelClass, options: SchemaPurposeOptions = {}): JsonSchema {
    return jsonSchema(metaOf(plain(this)), options.for ?? "read");
  }

  static standardSchema(this: ModelClass, options: SchemaPurposeOptions = {}): StandardSchema {
    return standardSchema(metaOf(plain(this)), options.for ?? "create");
  }

  static describe(this: ModelClass, { serializable = true }: { serializable?: boolean } = {}): ModelDescription {
    return describeModel(metaOf(plain(this)), serializable);
  }
}

/** The first query of a call on a class: its manager's, on the connection that `usingDb` named. */
function start(model: ModelClass): QuerySet {
  const target = model[USING];
  const own = target === undefined ? model : plain(model);
  const manager = own[DEFINITION]?.options.manager;
  const query = manager instanceof ModelManager ? manager.querySetOf(own) : new QuerySet(new QueryState(own));
  return target === undefined ? query : query.usingDb(target);
}

/** The class itself, behind what `usingDb` gave. */
function plain(model: ModelClass): ModelClass {
  let own = model;
  while (Object.hasOwn(own, USING)) own = Object.getPrototypeOf(own) as ModelClass;
  return own;
}

const modelOf = (object: object): ModelLike => object.constructor as unknown as ModelLike;
const notNullable = (name: string): FieldError =>
  new FieldError(`${name} is non nullable field, but null was passed`, { code: "null" });
const nameOf = (model: ModelLike): string => model[META]?.name ?? (model as { name?: string }).name ?? "this model";
const keyOf = (object: object): Field => aboutOf(modelOf(object)).key;

/** Given to a constructor in place of values, to see what the class itself puts on its objects. */
const PROBE: unique symbol = Symbol("probe");
/** The class of which an object is made to be looked at, and nothing else. */
let probed: unknown = null;
/** Given to a constructor beside values that are to be copied. */
const TAKE: unique symbol = Symbol("take");
/** The object that was last filled with copies. */
let copied: object | null = null;
/** Never given to anybody. */
const ROOM: unique symbol = Symbol("room");

/** What is known of a model class before it has a name. */
interface About {
  readonly fields: readonly Field[];
  readonly known: ReadonlySet<string>;
  readonly key: Field;
  readonly relations: ReadonlyMap<string, RelationField>;
  readonly names: readonly string[];
  /** what a new object starts with, by field: a value, or a function that makes one */
  readonly initial: readonly unknown[];
}

const ABOUT = /* @__PURE__ */ new WeakMap<ModelLike, About>();

/** Collected and checked when the first object of the class is made. */
function aboutOf(model: ModelLike): About {
  const kept = ABOUT.get(model);
  if (kept !== undefined) return kept;
  const fields = fieldsOf(model, nameOf(model));
  const about: About = {
    fields,
    known: new Set(fields.map(({ name }) => name)),
    key: fields.find((field) => field.primaryKey)!,
    relations: relationsOf(model, nameOf(model)),
    names: fields.map(({ name }) => name),
    initial: fields.map(initialOf),
  };
  checkShadows(model, about);
  ABOUT.set(model, about);
  return about;
}

/** A class field without `declare` would overwrite the column of the same name on every object. */
function checkShadows(model: ModelLike, { known, relations }: About): void {
  probed = model;
  let own: string[];
  try {
    own = Object.keys(Reflect.construct(model as never, [PROBE]) as object);
  } finally {
    probed = null;
  }
  const backward = model[META]?.relations;
  const shadow = own.find((name) => known.has(name) || relations.has(name) || backward?.has(name));
  if (shadow === undefined) return;
  const what = known.has(shadow) ? "column" : "relation";
  throw new ConfigurationError(`${nameOf(model)}.${shadow} is a ${what}, and the class field "${shadow}" hides it`, {
    code: "shadowed_field",
    hint: `write "declare ${shadow}", or leave the class field out`,
  });
}

/** What a field starts with: worked out now where it is the same for all objects. */
function initialOf(field: Field): unknown {
  const make = (): unknown => {
    const initial = field.initial() ?? ofDatabase(field);
    return initial === undefined && field.null ? null : initial;
  };
  const { default: given = field.dbDefault } = field;
  const changes = typeof given === "function" || (typeof given === "object" && given !== null) || given === "now";
  return changes ? make : make();
}

/** The column's own DEFAULT as a value, so that the new object has it without asking the database. */
function ofDatabase(field: Field): unknown {
  const { dbDefault } = field;
  if (dbDefault === "now" && (field.kind === "datetime" || field.kind === "date" || field.kind === "time")) {
    const now = new Date();
    return field.autoValue(now) ?? field.clean(now);
  }
  return taken(dbDefault);
}

/**
 * Fills a new object: the user's values, defaults, null where nothing is said of a nullable field. `take` copies what
 * its giver could change.
 */
function fillNew(object: Row, model: ModelLike, values: Readonly<Record<string, unknown>>, take: boolean): void {
  if (typeof values !== "object" || Array.isArray(values))
    throw new ParamsError(`new ${nameOf(model)}() takes { field: value }, not ${typeName(values)}`);
  const about = aboutOf(model);
  const { names, initial, key } = about;
  let found = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    let value = values[name];
    if (value !== undefined) found++;
    else if (name === key.name && values.pk !== undefined && Object.hasOwn(values, "pk")) value = values.pk;
    if (value === undefined) {
      const first = initial[i];
      value = typeof first === "function" ? (first as () => unknown)() : first;
    } else if (take && typeof value === "object") value = taken(value);
    object[name] = value;
  }
  if (take) copied = object;
  // Names mostly come in the order of the fields: then none has to be looked up.
  const given = Object.keys(values);
  let at = 0;
  for (let i = 0; i < given.length; i++) {
    while (at < names.length && names[at] !== given[i]) at++;
    at++;
  }
  if (at > names.length || found !== given.length || !(take || isPlain(values)))
    checkNames(object, model, values, about);
}

function checkNames(
  object: Row,
  model: ModelLike,
  values: Readonly<Record<string, unknown>>,
  { known, key, relations }: About,
): void {
  for (const name in values) {
    if (name === "pk" && !Object.hasOwn(values, key.name)) continue;
    if (name === "pk") throw new ParamsError(`new ${nameOf(model)}(): the key is given twice, as pk and by its name`);
    if (relations.has(name)) {
      relateNew(object, model, name, values);
      continue;
    }
    if (!known.has(name))
      throw new FieldError(`${nameOf(model)} has no field "${name}"`, {
        code: "unknown_field",
        hint: `known: ${[...known].join(", ")}`,
      });
    if (values[name] === undefined)
      throw new ParamsError(`new ${nameOf(model)}(): "${name}" is undefined`, {
        code: "undefined",
        hint: "leave it out, or use null for NULL",
      });
  }
}

/** A relation among the values of a new object: an object, or its key. */
function relateNew(object: Row, model: ModelLike, name: string, values: Readonly<Record<string, unknown>>): void {
  if (!(name in model.prototype))
    throw new ConfigurationError(`new ${nameOf(model)}({ ${name} }): the model is not registered`, {
      code: "not_registered",
      hint: "pass it to Terrapin.init({ models: { … } })",
    });
  if (`${name}Id` in values)
    throw new ParamsError(`new ${nameOf(model)}(): "${name}" is given twice, as ${name} and as ${name}Id`);
  object[name] = values[name];
}

/** Node asks for this when it prints an object: a loaded relation is shown as what it holds. */
function showPlainly(prototype: object): void {
  const inspect = Symbol.for("nodejs.util.inspect.custom");
  if (inspect in prototype) return;
  Object.defineProperty(prototype, inspect, {
    value(this: Row): object {
      const shown = Object.keys(this).map((name) => [name, { value: this[name], enumerable: true }]);
      const copy = Object.create(prototype, Object.fromEntries(shown) as PropertyDescriptorMap) as object;
      return Object.defineProperty(copy, inspect, { value: undefined });
    },
    configurable: true,
    writable: true,
  });
}

/** Loads relations of objects, on the connection that the last of `given` may name. */
function fetchFor(
  objects: readonly object[],
  model: ModelLike,
  given: readonly unknown[],
  call: string,
  using: unknown = null,
): MaybePromise<unknown> {
  const last = given.at(-1);
  const isOptions = typeof last === "object" && last !== null && "usingDb" in last;
  const meta = metaOf(model);
  const client = resolveClient(meta, (isOptions ? last.usingDb : using) as never);
  const requests = prefetchRequests(isOptions ? given.slice(0, -1) : given, call);
  for (const object of objects)
    if (meta.objects.storedOf(object) === null)
      throw new OperationalError(`${call}(): this ${meta.name} is not in the database`, {
        code: "not_saved",
        hint: "save it first",
      });
  if (requests.length === 0) return undefined;
  const { loadRelations } = broughtBy(meta, requests[0]!.path) as Loading;
  return loadRelations(objects, meta, requests, [], loaderFor(client, isOptions ? last.usingDb : using));
}

/**
 * What every model extends: `class User extends Model.define({ name: fields.text() }) {}`.
 */
export const Model: ModelRoot = ModelBase as unknown as ModelRoot;
/** An object of some model: `function label<I extends Model>(object: I) { … }`. */
export type Model = ModelInstance;
