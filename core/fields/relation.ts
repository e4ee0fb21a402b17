import { ConfigurationError, typeName } from "../base/errors.js";
import type { Codec, ColumnType } from "../sql/column-type.js";
import { Field, type CommonFieldOptions, type IsCanonical, type LookupGroup } from "./field.js";

/** What the database does with a row whose target is deleted. */
export type OnDelete = "CASCADE" | "RESTRICT" | "SET_NULL" | "SET_DEFAULT" | "NO_ACTION";

/** The options of all relations; which of them a kind takes is checked. */
export interface RelationFieldOptions {
  readonly relatedName?: string | false;
  readonly onDelete?: OnDelete;
  readonly dbConstraint?: boolean;
  readonly description?: string;
  // foreignKey and oneToOne
  readonly null?: boolean;
  readonly default?: unknown;
  readonly dbDefault?: unknown;
  readonly unique?: boolean;
  readonly index?: boolean;
  readonly primaryKey?: boolean;
  readonly toField?: string;
  readonly column?: string;
  // manyToMany
  readonly through?: string;
  readonly forwardKey?: string;
  readonly backwardKey?: string;
  readonly uniqueIndex?: boolean;
}

export type RelationKind = "foreignKey" | "oneToOne" | "manyToMany";

const SHARED = ["relatedName", "onDelete", "dbConstraint", "description"];
const TO_ONE = [...SHARED, "null", "default", "dbDefault", "unique", "index", "toField", "column"];
const OPTIONS: Readonly<Record<RelationKind, readonly string[]>> = {
  foreignKey: TO_ONE,
  oneToOne: [...TO_ONE, "primaryKey"],
  manyToMany: [...SHARED, "through", "forwardKey", "backwardKey", "uniqueIndex"],
};
/** Two underscores would end it in a path. */
const isName = (given: unknown): boolean =>
  typeof given === "string" && !given.includes("__") && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(given);
const ACTIONS = ["CASCADE", "RESTRICT", "SET_NULL", "SET_DEFAULT", "NO_ACTION"];

/** True for a relation among the members of a model. Asked without the class, which programs without relations do not load. */
export const isRelation = (member: object): member is RelationField => "brings" in member;

/** A relation as its author defined it. What it leads to is found when the models are registered. */
export class RelationField {
  constructor(
    readonly kind: RelationKind,
    /** `"User"`, `"app.User"` or `"self"` */
    readonly to: string,
    readonly options: RelationFieldOptions,
    /** what relations are linked, shown and loaded with, which this layer does not know */
    readonly brings: object,
  ) {
    if (typeof to !== "string" || to === "")
      throw new ConfigurationError(`fields.${kind} takes the name of a model, not ${typeName(to)}`, {
        code: "bad_option",
        hint: `fields.${kind}<User>("User")`,
      });
    for (const name in options) {
      if (!OPTIONS[kind].includes(name))
        throw new ConfigurationError(`fields.${kind} has no option "${name}"`, {
          code: "unknown_option",
          hint: `known: ${OPTIONS[kind].join(", ")}`,
        });
    }
    const { onDelete, relatedName } = options;
    if (onDelete !== undefined && !ACTIONS.includes(onDelete))
      throw new ConfigurationError(`fields.${kind}: "${String(onDelete)}" is not an action for onDelete`, {
        code: "bad_option",
        hint: `known: ${ACTIONS.join(", ")}`,
      });
    if (relatedName !== undefined && relatedName !== false && !isName(relatedName))
      throw new ConfigurationError(`fields.${kind}: relatedName is a name or false, not "${String(relatedName)}"`, {
        code: "bad_option",
      });
  }

  /** The column that a to-one relation has, yet without a name. */
  column(): Field {
    return new KeyField(this);
  }
}

/**
 * The column of a to-one relation: `userId` for `user`. It holds what the field that it points to holds, so it takes that
 * field's type, lookups and codec; until the models are registered it knows none of them.
 */
export class KeyField extends Field {
  /** the field that it points to, under this one's name; null until the models are linked */
  inner: Field | null = null;

  constructor(readonly relation: RelationField) {
    const { options, kind } = relation;
    const own: Record<string, unknown> = {};
    for (const name of [
      "null",
      "default",
      "dbDefault",
      "unique",
      "index",
      "primaryKey",
      "column",
      "description",
    ] as const)
      if (options[name] !== undefined) own[name] = options[name];
    if (kind === "oneToOne") own["unique"] = true;
    // Without an index every load of the other side, and every delete there, would read the whole table.
    if (own["index"] === undefined) own["index"] = true;
    super(own as CommonFieldOptions, [], kind);
  }

  /** Points to `target`: a field of a registered model. */
  pointTo(target: Field): void {
    const source = target instanceof KeyField ? target.resolved : target;
    this.inner = Object.assign(Object.create(Object.getPrototypeOf(source) as object) as Field, source, {
      name: this.name,
      column: this.column,
      null: this.null,
      generated: false,
      validators: [],
    });
    this.check();
  }

  private get resolved(): Field {
    if (this.inner !== null) return this.inner;
    throw new ConfigurationError(`${this.name}: the model that it points to is not registered`, {
      code: "not_registered",
      hint: "pass all models to Terrapin.init({ models: { … } })",
    });
  }

  override get source(): Field {
    return this.inner ?? this;
  }
  override get kind(): string {
    return this.resolved.kind;
  }
  override get type(): ColumnType {
    return this.resolved.type;
  }
  override get lookups(): LookupGroup {
    return this.resolved.lookups;
  }
  override check(): this {
    return this.inner === null ? this : super.check();
  }
  override clean(value: unknown): unknown {
    return this.resolved.clean(value);
  }
  override convert(value: unknown): unknown {
    return this.resolved.convert(value);
  }
  override validate(value: unknown): void {
    this.resolved.validate(value);
  }
  override canonical(): IsCanonical {
    return this.resolved.isCanonical;
  }
  override codec(stored: Codec): Codec {
    return this.resolved.codec(stored);
  }
  override constraints(): Record<string, unknown> {
    return this.resolved.constraints();
  }
}
