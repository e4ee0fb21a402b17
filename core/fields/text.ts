import { ConfigurationError } from "../base/errors.js";
import { codePoints, isLongerThan, isWellFormed } from "../base/unicode.js";
import type { ColumnType } from "../sql/column-type.js";
import { type CommonFieldOptions, Field, type IsCanonical, type LookupGroup } from "./field.js";

/** Text with no limit: not a key, not unique, not indexed. */
export class TextField extends Field {
  readonly kind: string = "text";
  readonly type: ColumnType = { kind: "text" };
  readonly lookups: LookupGroup = "text";

  constructor(options: CommonFieldOptions = {}, own: readonly string[] = [], kind = "text") {
    super(options, own, kind);
  }

  protected override get textual(): boolean {
    return true;
  }
  protected override get indexable(): boolean {
    return false;
  }

  clean(value: unknown): string {
    if (typeof value !== "string") throw this.wrong(value, "text");
    if (!isWellFormed(value))
      throw this.bad("the text is not well-formed Unicode", "not_well_formed", "it holds half of a surrogate pair");
    return value;
  }

  override canonical(): IsCanonical {
    return (value) => typeof value === "string" && isWellFormed(value);
  }

  override convert(value: unknown): unknown {
    const plain =
      typeof value === "boolean" || typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));
    return this.clean(plain ? String(value) : value);
  }
}

/** Text of at most `maxLength` characters. */
export class CharField extends TextField {
  override readonly kind: string = "char";
  override readonly type: ColumnType & { readonly kind: "char" };

  constructor(options: CommonFieldOptions & { readonly maxLength: number }) {
    super(options ?? {}, ["maxLength"], "char");
    this.type = { kind: "char", maxLength: checkedLength("char", options?.maxLength) };
  }

  protected override get indexable(): boolean {
    return true;
  }

  override validate(value: unknown): void {
    const { maxLength } = this.type;
    if (isLongerThan(value as string, maxLength))
      throw this.refused(`Length ${codePoints(value as string)} > ${maxLength}`, "too_long");
    super.validate(value);
  }

  override canonical(): IsCanonical {
    const { maxLength } = this.type;
    return (value) => typeof value === "string" && value.length <= maxLength && isWellFormed(value);
  }

  override constraints(): Record<string, unknown> {
    return { max_length: this.type.maxLength, ...super.constraints() };
  }
}

/** A column's length as its author gave it. */
export function checkedLength(kind: string, given: unknown): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= 1) return given;
  throw new ConfigurationError(`fields.${kind}: maxLength must be an integer of at least 1`, {
    code: "bad_max_length",
    hint: `fields.${kind}({ maxLength: 255 })`,
  });
}

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ANY_UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/** A random UUID: the default of a key. */
function randomUuid(): string {
  return crypto.randomUUID();
}

/** A UUID as lower-case text with hyphens. */
export class UuidField extends Field {
  readonly kind: string = "uuid";
  readonly type: ColumnType = { kind: "uuid" };
  readonly lookups: LookupGroup = "any";

  constructor(options: CommonFieldOptions = {}) {
    const bare = options.primaryKey === true && options.default === undefined && options.dbDefault === undefined;
    super(bare ? { ...options, default: randomUuid } : options, [], "uuid");
  }

  clean(value: unknown): string {
    if (typeof value !== "string") throw this.wrong(value, "a UUID");
    if (CANONICAL.test(value)) return value;
    if (!ANY_UUID.test(value))
      throw this.bad("the text is not a UUID", "bad_value", "32 hexadecimal digits, with or without hyphens");
    return value.toLowerCase().replace(ANY_UUID, "$1-$2-$3-$4-$5");
  }
}
