import { ConfigurationError, type FieldError, typeName } from "../base/errors.js";
import { canonicalDecimal, isCanonicalDecimal, parseDecimal, wholeDigits } from "../base/decimal-text.js";
import type { ColumnType } from "../sql/column-type.js";
import { type CommonFieldOptions, Field, type IsCanonical, type LookupGroup } from "./field.js";

const WHOLE = /^[+-]?\d+$/;

/** A key of whole numbers counts up, unless its author says where values come from. */
function keyOptions(options: CommonFieldOptions): CommonFieldOptions {
  const counts = options.primaryKey === true && options.default === undefined && options.dbDefault === undefined;
  return counts && options.generated === undefined ? { ...options, generated: true } : options;
}

/** An integer of 16 or 32 bits: a number. */
export class IntField extends Field {
  readonly kind: string;
  readonly type: ColumnType;
  readonly lookups: LookupGroup = "ordered";
  readonly limit: number;

  constructor(options: CommonFieldOptions = {}, kind: "smallInt" | "int" | "intEnum" = "int") {
    super(keyOptions(options), [], kind);
    this.kind = kind;
    this.type = { kind: kind === "int" ? "int" : "smallInt" };
    this.limit = kind === "int" ? 2 ** 31 : 2 ** 15;
  }

  protected override get integer(): boolean {
    return true;
  }

  clean(value: unknown): number {
    // Adding 0 turns -0 into 0.
    if (typeof value === "number" && Number.isSafeInteger(value)) return value + 0;
    throw this.wrongInteger(value);
  }

  override canonical(): IsCanonical {
    const { limit } = this;
    return (value) => isExact(value) && value >= -limit && value < limit;
  }

  override convert(value: unknown): unknown {
    return this.clean(convertWhole(value));
  }

  override validate(value: unknown): void {
    if ((value as number) < -this.limit || (value as number) >= this.limit) {
      throw this.refused(`the value is out of range`, "out_of_range", `from ${-this.limit} to ${this.limit - 1}`);
    }
    super.validate(value);
  }

  override constraints(): Record<string, unknown> {
    return { ge: this.generated ? 1 : -this.limit, le: this.limit - 1, ...super.constraints() };
  }

  private wrongInteger(value: unknown): FieldError {
    if (typeof value !== "number") return this.wrong(value, "an integer");
    return Number.isInteger(value)
      ? this.bad(
          "the number is too large to be an exact integer",
          "unsafe_integer",
          'fields.bigInt({ mode: "bigint" }) holds 64 bits',
        )
      : this.bad("the number is not an integer", "bad_value");
  }
}

const INT64 = 2n ** 63n;

/** An integer of 64 bits: a number that is exact, or a bigint. */
export class BigIntField extends Field {
  readonly kind: string = "bigInt";
  readonly type: ColumnType & { readonly kind: "bigInt" };
  readonly lookups: LookupGroup = "ordered";

  constructor(options: CommonFieldOptions & { readonly mode?: "number" | "bigint" } = {}) {
    super(keyOptions(options), ["mode"], "bigInt");
    const { mode = "number" } = options;
    choose("bigInt", "mode", mode, ["number", "bigint"]);
    this.type = { kind: "bigInt", mode };
  }

  protected override get integer(): boolean {
    return true;
  }

  clean(value: unknown): number | bigint {
    if (typeof value === "number") {
      if (!Number.isInteger(value)) throw this.bad("the number is not an integer", "bad_value");
      if (!Number.isSafeInteger(value))
        throw this.bad(
          "the number is too large to be an exact integer",
          "unsafe_integer",
          'give a bigint, and read it with mode: "bigint"',
        );
      return this.type.mode === "number" ? value + 0 : BigInt(value);
    }
    if (typeof value !== "bigint") throw this.wrong(value, "an integer", "a number or a bigint");
    if (this.type.mode === "bigint") {
      if (value >= -INT64 && value < INT64) return value;
      throw this.bad("the bigint does not fit into 64 bits", "out_of_range");
    }
    if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
    throw this.bad(
      "the bigint is too large for a number",
      "unsafe_integer",
      'fields.bigInt({ mode: "bigint" }) holds 64 bits',
    );
  }

  override canonical(): IsCanonical {
    return this.type.mode === "number" ? isExact : super.canonical();
  }

  override convert(value: unknown): unknown {
    return this.clean(typeof value === "string" && WHOLE.test(value) ? BigInt(value.replace("+", "")) : value);
  }

  override constraints(): Record<string, unknown> {
    const exact = this.type.mode === "bigint";
    const least = this.generated ? 1 : exact ? String(-INT64) : Number.MIN_SAFE_INTEGER;
    return { ge: least, le: exact ? String(INT64 - 1n) : Number.MAX_SAFE_INTEGER, ...super.constraints() };
  }
}

/** A number with a fraction, of double precision. */
export class FloatField extends Field {
  readonly kind: string = "float";
  readonly type: ColumnType = { kind: "float" };
  readonly lookups: LookupGroup = "ordered";

  constructor(options: CommonFieldOptions = {}) {
    super(options, [], "float");
  }

  clean(value: unknown): number {
    if (typeof value === "number" && Number.isFinite(value)) return value + 0;
    throw typeof value === "number" ? this.bad("the number is not finite", "bad_value") : this.wrong(value, "a number");
  }

  override canonical(): IsCanonical {
    return (value) => Number.isFinite(value) && !Object.is(value, -0);
  }

  override convert(value: unknown): unknown {
    return this.clean(typeof value === "string" && parseDecimal(value) !== null ? Number(value) : value);
  }
}

/** A span of time: a number of microseconds. */
export class TimeDeltaField extends Field {
  readonly kind: string = "timeDelta";
  readonly type: ColumnType = { kind: "timeDelta" };
  readonly lookups: LookupGroup = "ordered";

  constructor(options: CommonFieldOptions = {}) {
    super(options, [], "timeDelta");
  }

  clean(value: unknown): number {
    if (typeof value === "number" && Number.isSafeInteger(value)) return value + 0;
    throw typeof value === "number"
      ? this.bad("the number is not a whole count of microseconds", "bad_value")
      : this.wrong(value, "a number of microseconds");
  }

  override convert(value: unknown): unknown {
    return this.clean(convertWhole(value));
  }
}

/** How a decimal is kept where the database has none of its own. */
export type DecimalStorage = "auto" | "text" | "numeric";

/** The options of a decimal field. */
export interface DecimalFieldOptions extends CommonFieldOptions {
  readonly maxDigits: number;
  readonly decimalPlaces: number;
  readonly mode?: "string" | "number";
  readonly storage?: DecimalStorage;
}

/** Digits that every double holds: more of them would be rounded. */
const DOUBLE_DIGITS = 15;

/** An exact decimal: text with all its places, or a number on request. */
export class DecimalField extends Field {
  readonly kind: string = "decimal";
  readonly type: ColumnType & { readonly kind: "decimal" };
  readonly lookups: LookupGroup = "ordered";

  constructor(options: DecimalFieldOptions) {
    super(options ?? {}, ["maxDigits", "decimalPlaces", "mode", "storage"], "decimal");
    const { maxDigits, decimalPlaces, mode = "string", storage = "auto" } = options ?? {};
    const fail = (problem: string, code: string, hint: string | null = null): ConfigurationError =>
      new ConfigurationError(`fields.decimal: ${problem}`, { code, hint });
    if (!Number.isInteger(maxDigits) || maxDigits < 1)
      throw fail("maxDigits must be an integer of at least 1", "bad_max_digits");
    if (!Number.isInteger(decimalPlaces) || decimalPlaces < 0)
      throw fail("decimalPlaces must be an integer of at least 0", "bad_decimal_places");
    if (decimalPlaces > maxDigits) throw fail("decimalPlaces cannot be more than maxDigits", "bad_decimal_places");
    choose("decimal", "mode", mode, ["string", "number"]);
    choose("decimal", "storage", storage, ["auto", "text", "numeric"]);
    if (maxDigits > DOUBLE_DIGITS && mode === "number")
      throw fail(`mode "number" holds ${DOUBLE_DIGITS} digits exactly`, "bad_mode", 'the mode "string" holds all');
    if (maxDigits > DOUBLE_DIGITS && storage === "numeric")
      throw fail(
        `storage "numeric" keeps ${DOUBLE_DIGITS} digits exactly`,
        "bad_storage",
        '"auto" and "text" keep all',
      );
    this.type = { kind: "decimal", maxDigits, decimalPlaces, mode, storage };
  }

  clean(value: unknown): string | number {
    const { maxDigits, decimalPlaces, mode } = this.type;
    if (typeof value !== "string" && typeof value !== "number")
      throw this.wrong(value, "a decimal", "text or a number");
    if (mode === "string" && typeof value === "string" && isCanonicalDecimal(value, maxDigits, decimalPlaces))
      return value;
    const decimal = parseDecimal(String(value));
    if (decimal === null)
      throw typeof value === "string"
        ? this.bad("the text is not a decimal", "bad_value", 'like "12.50"')
        : this.bad("the number is not finite", "bad_value");
    if (decimal.places > decimalPlaces)
      throw this.bad(`the value has more than ${decimalPlaces} decimal places`, "too_many_places", "round it before");
    if (wholeDigits(decimal) > maxDigits - decimalPlaces) {
      throw this.bad(
        `the value has more than ${maxDigits - decimalPlaces} digits before the point`,
        "too_many_digits",
        `maxDigits is ${maxDigits}, ${decimalPlaces} of them are places`,
      );
    }
    const text = canonicalDecimal(decimal, decimalPlaces);
    return mode === "string" ? text : Number(text);
  }

  override canonical(): IsCanonical {
    const { maxDigits, decimalPlaces, mode } = this.type;
    if (mode === "number") return super.canonical();
    return (value) => typeof value === "string" && isCanonicalDecimal(value, maxDigits, decimalPlaces);
  }

  override convert(value: unknown): unknown {
    return this.clean(typeof value === "bigint" ? String(value) : value);
  }
}

/** True for an integer that a number holds exactly; -0 is not 0 yet. */
function isExact(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** Text and bigints that say a number exactly, as that number. */
function convertWhole(value: unknown): unknown {
  if (typeof value === "bigint" || (typeof value === "string" && WHOLE.test(value))) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return value;
}

function choose(kind: string, option: string, given: unknown, known: readonly string[]): void {
  if (known.includes(given as string)) return;
  throw new ConfigurationError(
    `fields.${kind}: "${option}" cannot be ${typeof given === "string" ? `"${given}"` : typeName(given)}`,
    { code: `bad_${option}`, hint: `known: ${known.join(", ")}` },
  );
}
