import { ConfigurationError, typeName } from "../base/errors.js";
import { snakeCase } from "../base/names.js";
import type { Field } from "../fields/field.js";
import { IntField } from "../fields/numbers.js";
import { isRelation, type RelationField } from "../fields/relation.js";
import {
  columnField,
  DEFINITION,
  LISTENING,
  META,
  type Definition,
  type IndexOptions,
  type Meta,
  type ModelLike,
  type ModelOptions,
  type Objects,
} from "./meta.js";

const OPTIONS = [
  "table",
  "schema",
  "abstract",
  "description",
  "uniqueTogether",
  "indexes",
  "constraints",
  "ordering",
  "app",
  "manager",
  "naming",
  "managed",
  "defaultConnection",
  "version",
];

/** Checks the arguments of `define` that can be checked before the model has a name. */
export function checkDefinition(
  fields: Readonly<Record<string, unknown>>,
  options: ModelOptions,
  reserved: (name: string) => boolean,
): void {
  for (const option in options) {
    if (!OPTIONS.includes(option))
      throw new ConfigurationError(`Model.define has no option "${option}"`, {
        code: "unknown_option",
        hint: `known: ${OPTIONS.join(", ")}`,
      });
    checkOption(option, (options as Readonly<Record<string, unknown>>)[option]);
  }
  for (const name in fields) {
    if (!isField(fields[name]))
      throw new ConfigurationError(`Model.define: "${name}" is not a field`, {
        code: "not_a_field",
        hint: "make it with fields.int(), fields.char({ maxLength: 50 }), …",
      });
    if (name === "pk" || name.includes("__") || !/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) {
      throw new ConfigurationError(`Model.define: "${name}" cannot be the name of a field`, {
        code: "field_name",
        hint: "use letters, digits and single underscores; pk is the name of the key, whatever its field is called",
      });
    }
    if (reserved(name))
      throw new ConfigurationError(`Model.define: "${name}" is a method of every model`, {
        code: "field_name",
        hint: "choose another name and keep the column with the option column",
      });
  }
}

/** What the plain options must be; the others are checked where they are used. */
const isName = (value: unknown): boolean => typeof value === "string" && value !== "";
const isSwitch = (value: unknown): boolean => typeof value === "boolean";
const EXPECTED: Readonly<Record<string, readonly [what: string, isRight: (value: unknown) => boolean]>> = {
  table: ["a text", isName],
  schema: ["a text", isName],
  app: ["a text", isName],
  defaultConnection: ["a text", isName],
  version: ["the name of a field", isName],
  description: ["a text", (value) => typeof value === "string"],
  abstract: ["true or false", isSwitch],
  managed: ["true or false", isSwitch],
  uniqueTogether: ["a list", (value) => Array.isArray(value)],
  indexes: ["a list", (value) => Array.isArray(value)],
  constraints: ["a list", (value) => Array.isArray(value)],
  ordering: [
    "a list of field names",
    (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  ],
  naming: ['"snake" or "preserve"', (value) => value === "snake" || value === "preserve"],
};

function checkOption(option: string, value: unknown): void {
  const expected = EXPECTED[option];
  if (value === undefined || expected === undefined || expected[1](value)) return;
  throw new ConfigurationError(`Model.define: the option "${option}" is ${expected[0]}, not ${typeName(value)}`, {
    code: "bad_option",
  });
}

const isField = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (isRelation(value) || typeof (value as Field).forWrite === "function");

/** True for a class made by `Model.define`. */
export function isModelClass(value: unknown): value is ModelLike {
  return typeof value === "function" && DEFINITION in value;
}

/** True for a model that only lends its fields: it has no table of its own. */
export function isAbstract(model: ModelLike): boolean {
  return model[DEFINITION]!.options.abstract === true;
}

/** What `registerModel` needs besides the class. */
export interface Registration {
  readonly name: string;
  readonly app: string;
  /** default table name of a model that names none */
  readonly tableName: ((name: string) => string) | null;
  readonly objects: (model: ModelLike, fields: readonly Field[]) => Objects;
}

/** Gives a model class its Meta; the second time, only checks that the name is the same. */
export function registerModel(model: ModelLike, { name, app, tableName, objects }: Registration): Meta {
  const known = Object.hasOwn(model, META) ? model[META] : undefined;
  if (known !== undefined) {
    if (known.name === name && known.app === app) return known;
    throw new ConfigurationError(`${app}.${name} is already registered as ${known.label}`, {
      code: "registered_twice",
      hint: "a model class has one name in one app",
    });
  }
  const { options } = model[DEFINITION]!;
  const fields = fieldsOf(model, name);
  const field = new Map(fields.map((each) => [each.name, each]));
  const pk = fields.find((each) => each.primaryKey)!;
  const meta: Meta = {
    name,
    app,
    label: `${app}.${name}`,
    model,
    table: { schema: options.schema ?? null, name: options.table ?? tableName?.(name) ?? snakeCase(name) },
    fields,
    names: fields.map((each) => each.name),
    field,
    pk,
    pkIndex: fields.indexOf(pk),
    ordering: options.ordering ?? [],
    indexes: (options.indexes ?? []).map((index) =>
      Array.isArray(index) ? { fields: index as readonly string[] } : (index as IndexOptions),
    ),
    uniqueTogether: together(options.uniqueTogether),
    constraints: options.constraints ?? [],
    description: options.description ?? null,
    managed: options.managed !== false,
    defaultConnection: options.defaultConnection ?? null,
    version: versionOf(options.version, field, name),
    objects: objects(model, fields),
    listening: Object.hasOwn(model, LISTENING) ? (model[LISTENING] ?? null) : null,
    relations: new Map(),
    linked: false,
    kept: [],
  };
  Object.defineProperty(model, META, { value: meta });
  return meta;
}

/** The field that counts saves: an integer that starts somewhere. */
function versionOf(version: string | undefined, fields: ReadonlyMap<string, Field>, model: string): Field | null {
  if (version === undefined) return null;
  const field = fields.get(version);
  if (field !== undefined && ["smallInt", "int", "bigInt"].includes(field.kind) && typeof field.default === "number")
    return field;
  throw new ConfigurationError(`${model}: version names "${version}", which does not count`, {
    code: "bad_version",
    hint: `${version}: fields.int({ default: 1 })`,
  });
}

/** `["a", "b"]` is one rule, `[["a", "b"], ["c", "d"]]` are two. */
function together(rules: ModelOptions["uniqueTogether"]): readonly (readonly string[])[] {
  if (rules === undefined || rules.length === 0) return [];
  return typeof rules[0] === "string" ? [rules as readonly string[]] : (rules as readonly (readonly string[])[]);
}

/** What a model class is made of: its columns, and its relations by attribute. */
interface Members {
  readonly fields: readonly Field[];
  readonly relations: ReadonlyMap<string, RelationField>;
}

/** The bound fields of a model class, known before it has a name; collected once. */
export const fieldsOf = (model: ModelLike, name: string): readonly Field[] => membersOf(model, name).fields;

/** The relations of a model class that it defines itself or inherits. */
export const relationsOf = (model: ModelLike, name: string): ReadonlyMap<string, RelationField> =>
  membersOf(model, name).relations;

function membersOf(model: ModelLike, name: string): Members {
  const kept = MEMBERS.get(model);
  if (kept !== undefined) return kept;
  const { options } = model[DEFINITION]!;
  const members = collectMembers(model[DEFINITION]!, name, options.naming !== "preserve");
  MEMBERS.set(model, members);
  return members;
}

const MEMBERS = /* @__PURE__ */ new WeakMap<ModelLike, Members>();

/** Inherited members first; a child's takes the place of its parent's of the same name. */
function collectMembers(definition: Definition, model: string, snake: boolean): Members {
  const found = new Map<string, Field | RelationField>();
  const collect = (step: Definition | null): void => {
    if (step === null) return;
    collect(step.parent);
    for (const name in step.fields) found.set(name, step.fields[name]!);
  };
  collect(definition);
  const relations = new Map<string, RelationField>();
  const columns = new Map<string, Field>();
  for (const [name, member] of found) {
    if (!isRelation(member)) columns.set(name, member);
    else {
      relations.set(name, member);
      if (member.kind !== "manyToMany") columns.set(`${name}Id`, member.column());
    }
    const id = `${name}Id`;
    if (isRelation(member) && member.kind !== "manyToMany" && found.has(id))
      throw new ConfigurationError(`${model}.${id} is the column of the relation "${name}", and a field of its own`, {
        code: "field_name",
        hint: "leave the field out, or give it another name",
      });
  }
  const keys = [...columns].filter(([, field]) => field.primaryKey);
  if (keys.length > 1)
    throw new ConfigurationError(`${model} has more than one primary key: ${keys.map(([name]) => name).join(", ")}`, {
      code: "two_primary_keys",
    });
  if (keys.length === 0 && columns.has("id"))
    throw new ConfigurationError(`${model}.id is not the primary key, and there is no other`, {
      code: "no_primary_key",
      hint: "give one field primaryKey: true",
    });
  const all: [string, Field][] =
    keys.length === 0 ? [["id", new IntField({ primaryKey: true }).check()], ...columns] : [...columns];
  return { fields: all.map(([name, field]) => field.bind(name, snake ? snakeCase(name) : name)), relations };
}

/** Every name in the options must be a field's, or a relation's that has a column; an ordering may go along relations. */
export function checkNames(meta: Meta): void {
  const check = (names: readonly string[], option: string): void => {
    if (!Array.isArray(names))
      throw new ConfigurationError(`${meta.name}: ${option} takes lists of field names`, { code: "bad_option" });
    for (const name of names) {
      if (columnField(meta, name) !== undefined || (option === "ordering" && name.includes("__"))) continue;
      throw new ConfigurationError(`${meta.name}: ${option} names "${String(name)}", which is not a field`, {
        code: "unknown_field",
        hint: `known: ${meta.names.join(", ")}`,
      });
    }
  };
  check(
    meta.ordering.map((name) => (name.startsWith("-") ? name.slice(1) : name)),
    "ordering",
  );
  for (const rule of meta.uniqueTogether) check(rule, "uniqueTogether");
  for (const index of meta.indexes) {
    check(index.fields, "indexes");
    check(Object.keys(index.where ?? {}), "an index's where");
    if (index.fields.length === 0)
      throw new ConfigurationError(`${meta.name}: an index without fields`, { code: "bad_option" });
  }
  const columns = new Set<string>();
  for (const { column, name } of meta.fields) {
    if (columns.has(column))
      throw new ConfigurationError(`${meta.name}: two fields have the column "${column}", the second is ${name}`, {
        code: "column_twice",
      });
    columns.add(column);
  }
}
