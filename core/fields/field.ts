import { ConfigurationError, FieldError, typeName, ValidationError } from "../base/errors.js";
import type { Codec, ColumnType } from "../sql/column-type.js";

/** Which words may follow `field__` in a filter. */
export type LookupGroup = "any" | "ordered" | "text" | "date" | "time" | "datetime" | "json";

/** A rule for values, run before every write: throws or returns a sentence when it refuses. Null is never passed. */
export type Validator = ((value: never) => unknown) & { readonly describe?: () => Readonly<Record<string, unknown>> };

/** Is this value written as it is? */
export type IsCanonical = (value: unknown) => boolean;

/** The options that every field takes. */
export interface CommonFieldOptions {
  readonly primaryKey?: boolean;
  readonly generated?: boolean;
  readonly null?: boolean;
  readonly blank?: boolean;
  readonly default?: unknown;
  readonly dbDefault?: unknown;
  readonly unique?: boolean;
  readonly index?: boolean;
  readonly column?: string;
  readonly description?: string;
  readonly validators?: readonly Validator[];
}

const COMMON = [
  "primaryKey",
  "generated",
  "null",
  "blank",
  "default",
  "dbDefault",
  "unique",
  "index",
  "column",
  "description",
  "validators",
];
const SWITCHES = ["primaryKey", "generated", "null", "blank", "unique", "index", "autoNow", "autoNowAdd"];

/**
 * One column of a model, as its author defined it. Unbound until the model gives it a name with `bind`.
 * It knows JS values and a column type; how the column stores them is the dialect's codec.
 */
export abstract class Field {
  /** `char`, `bigInt`, …: the name of the function in `fields` that makes it */
  abstract readonly kind: string;
  abstract readonly type: ColumnType;
  abstract readonly lookups: LookupGroup;
  /** lookups by name that only this kind of field has, and the author's own, which this layer does not know; null: none */
  readonly ownLookups: object | null = null;
  /** the attribute; "" while unbound */
  readonly name: string = "";
  /** the column; "" while unbound */
  readonly column: string = "";
  readonly null: boolean;
  readonly primaryKey: boolean;
  /** the database makes the value */
  readonly generated: boolean;
  readonly unique: boolean;
  readonly index: boolean;
  readonly blank: boolean;
  /** a value, a function that makes one, or undefined for none */
  readonly default: unknown;
  /** the column's DEFAULT; undefined for none */
  readonly dbDefault: unknown;
  readonly description: string | null;
  readonly validators: readonly Validator[];
  /** set at every save, or at the first */
  readonly autoNow: boolean = false;
  readonly autoNowAdd: boolean = false;

  /** `options` may hold the common options and those in `own`; any other name is a ConfigurationError. */
  constructor(
    readonly options: CommonFieldOptions,
    own: readonly string[],
    kind: string,
  ) {
    for (const name in options) {
      if (!COMMON.includes(name) && !own.includes(name)) {
        throw new ConfigurationError(`fields.${kind} has no option "${name}"`, {
          code: "unknown_option",
          hint: `known: ${[...own, ...COMMON].join(", ")}`,
        });
      }
      const expected = SWITCHES.includes(name)
        ? "boolean"
        : name === "column" || name === "description"
          ? "string"
          : null;
      const given = (options as Record<string, unknown>)[name];
      if (expected !== null && given !== undefined && typeof given !== expected) {
        throw new ConfigurationError(`fields.${kind}: the option "${name}" is a ${expected}, not ${typeName(given)}`, {
          code: "bad_option",
        });
      }
    }
    if (
      options.validators !== undefined &&
      (!Array.isArray(options.validators) || options.validators.some((rule) => typeof rule !== "function"))
    ) {
      throw new ConfigurationError(`fields.${kind}: validators must be a list of functions`, {
        code: "bad_option",
        hint: "each takes a value, and throws or returns a sentence when it refuses",
      });
    }
    this.null = options.null === true;
    this.primaryKey = options.primaryKey === true;
    this.generated = options.generated === true;
    this.unique = options.unique === true || this.primaryKey;
    this.index = options.index === true;
    this.blank = options.blank === true;
    this.default = options.default;
    this.dbDefault = options.dbDefault;
    this.description = options.description ?? null;
    this.validators = options.validators ?? [];
    if (this.primaryKey && this.null)
      throw new ConfigurationError(`fields.${kind}: a primary key cannot be null`, { code: "primary_key_null" });
  }

  /** A copy that knows its attribute and column. */
  bind(name: string, column: string): this {
    return Object.assign(Object.create(Object.getPrototypeOf(this) as object) as this, this, {
      name,
      column: this.options.column ?? column,
    }).check();
  }

  /**
   * Finds options that contradict each other or the kind of field, and defaults that the field itself refuses;
   * gives the field back, its plain defaults in canonical form. A subclass extends it, because a constructor runs too early.
   */
  check(): this {
    if (this.generated && !this.integer)
      throw this.misused(
        "generated",
        "cannot be made by the database",
        "only integer fields are generated; give a default or a dbDefault",
      );
    if (this.blank && !this.textual)
      throw this.misused(
        "blank",
        `has no empty text, so "blank" says nothing`,
        "null: true allows no value, default: … gives one",
      );
    if (!this.indexable && (this.unique || this.index)) {
      const option = this.primaryKey ? "primaryKey" : this.unique ? "unique" : "index";
      throw this.misused(option, "cannot be a key, unique or indexed", "fields.char has a length and can");
    }
    if (this.autoNow && this.autoNowAdd)
      throw this.misused(
        "autoNow",
        `takes "autoNow" or "autoNowAdd", not both`,
        "autoNow sets the value at the first save too",
      );
    Object.assign(this, {
      default: this.checkDefault("default", this.default),
      dbDefault: this.checkDefault("dbDefault", this.dbDefault),
    });
    return this;
  }

  /** True for whole numbers: they may count up as keys. */
  protected get integer(): boolean {
    return false;
  }
  /** True where an empty text is a value. */
  protected get textual(): boolean {
    return false;
  }
  /** True where the column can carry an index on every database. */
  protected get indexable(): boolean {
    return true;
  }

  /** The field that says what the values are: this one, or the one that a relation's column points to. */
  get source(): Field {
    return this;
  }

  /** True where values are bytes, which their owner could change. */
  get isBytes(): boolean {
    return false;
  }

  /** True where "now" is a default of the database: for dates and times. */
  get isClock(): boolean {
    return false;
  }

  /** A plain default in canonical form; functions and what is absent stay as they are. */
  protected checkDefault(option: "default" | "dbDefault", given: unknown): unknown {
    if (given === undefined || (typeof given === "function" && option === "default")) return given;
    try {
      if (given === null) {
        if (this.null) return null;
        throw new FieldError("the field is not nullable", { code: "null" });
      }
      const clean = this.clean(given);
      this.validate(clean);
      return clean;
    } catch (error) {
      if (!(error instanceof FieldError || error instanceof ValidationError)) throw error;
      const reason = error.message.startsWith(`${this.label}: `)
        ? error.message.slice(this.label.length + 2)
        : error.message;
      throw new ConfigurationError(`${this.label}: the field refuses its own ${option}: ${reason}`, {
        code: "bad_default",
        cause: error,
      });
    }
  }

  /** How messages call the field: its attribute, or the function that made it while it has none. */
  protected get label(): string {
    return this.name || `fields.${this.kind}`;
  }

  /** The error for an option that this kind of field cannot have. */
  protected misused(option: string, problem: string, hint: string): ConfigurationError {
    return new ConfigurationError(`${this.label}: a ${this.kind} field ${problem}`, { code: `bad_${option}`, hint });
  }

  /** True when `create` cannot do without a value. */
  get required(): boolean {
    return (
      !this.null &&
      !this.blank &&
      !this.generated &&
      !this.autoNow &&
      !this.autoNowAdd &&
      this.default === undefined &&
      this.dbDefault === undefined
    );
  }

  /**
   * A user's value in the field's canonical form: the type that reading gives, which it takes too.
   * Throws a FieldError that names the attribute and the value's type. Null and undefined are never passed.
   */
  abstract clean(value: unknown): unknown;

  /**
   * The same for values that come from outside, as `updateFromDict` takes them: text that says a number, a truth or a
   * date is converted where that loses nothing. Throws a FieldError otherwise. Null and undefined are never passed.
   */
  convert(value: unknown): unknown {
    return this.clean(value);
  }

  /** The value that `autoNow` and `autoNowAdd` set, or undefined where a field has no such options. */
  autoValue(_now: Date): unknown {
    return undefined;
  }

  /** How values are stored, given the dialect's codec for the column type: a subclass may wrap it. */
  codec(stored: Codec): Codec {
    return stored;
  }

  /** What `describe()` says of the values allowed; validators that describe themselves join in. */
  constraints(): Record<string, unknown> {
    return Object.assign({}, ...this.validators.map((validator) => validator.describe?.() ?? {})) as Record<
      string,
      unknown
    >;
  }

  /** Rules that hold for what is written, not for what is searched: range, length, validators. Takes a cleaned value. */
  validate(value: unknown): void {
    for (const validator of this.validators) {
      let verdict: unknown;
      try {
        verdict = (validator as (value: unknown) => unknown)(value);
      } catch (error) {
        if (error instanceof ValidationError && error.field !== null && error.field === this.name) throw error;
        throw this.refused(error instanceof Error ? error.message : String(error), "validator", null, error);
      }
      if (typeof verdict === "string") throw this.refused(verdict, "validator");
      if (isPromise(verdict))
        throw new ConfigurationError(`${this.label}: a validator must answer at once, not with a promise`, {
          code: "async_validator",
        });
    }
  }

  /**
   * A function that is true for values which `forWrite` gives back as they are: writing asks it first, because most
   * values are, and cleaning one costs several times as much. False says nothing: kinds that are written rarely leave it
   * at that. Null and undefined are never passed.
   */
  canonical(): IsCanonical {
    return () => false;
  }

  /** The same, where it knows all the rules: not with validators, and not in a subclass that has rules of its own. */
  get isCanonical(): IsCanonical {
    const knows = ownerOf(this, "canonical");
    const all =
      this.validators.length === 0 &&
      ["clean", "validate", "forWrite"].every((rule) => {
        const owner = ownerOf(this, rule);
        return owner === knows || Object.prototype.isPrototypeOf.call(owner, knows);
      });
    return all ? this.canonical() : () => false;
  }

  /** What is written for a value: cleaned and validated; null only where the field allows it. */
  forWrite(value: unknown): unknown {
    if (value === null || value === undefined) {
      if (this.null || this.generated) return null;
      throw new ValidationError(`${this.label}: the value must not be null`, {
        field: this.name,
        code: "null",
        hint: "the field is not nullable",
      });
    }
    const clean = this.clean(value);
    this.validate(clean);
    return clean;
  }

  /** The value that a new instance starts with, or undefined for none. What the database would fill in is filled in here too, so that the object has it. */
  initial(): unknown {
    const given = this.default === undefined ? this.dbDefault : this.default;
    if (given === undefined) return this.blank ? "" : undefined;
    if (typeof given === "function") return (given as () => unknown)();
    if (given === "now" && this.default === undefined && this.isClock) return this.autoValue(new Date());
    // Cleaning copies what could be changed, so that no two instances share a default.
    return typeof given === "object" && given !== null ? this.clean(given) : given;
  }

  /** The error for a value of the wrong type. */
  protected wrong(value: unknown, expected: string, hint: string | null = null): FieldError {
    return new FieldError(`${this.label}: ${typeName(value)} is not ${expected}`, { code: "bad_value", hint });
  }

  /** The error for a value of the right type that cannot be held exactly. */
  protected bad(problem: string, code: string, hint: string | null = null): FieldError {
    return new FieldError(`${this.label}: ${problem}`, { code, hint });
  }

  /** The error for a value that may be searched but not written. */
  protected refused(problem: string, code: string, hint: string | null = null, cause?: unknown): ValidationError {
    return new ValidationError(`${this.label}: ${problem}`, { field: this.name || null, code, hint, cause });
  }
}

/** Where the method comes from that an object has. */
function ownerOf(object: object, name: string): object {
  let at = object;
  while (!Object.hasOwn(at, name)) at = Object.getPrototypeOf(at) as object;
  return at;
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";
}
