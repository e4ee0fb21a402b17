import { ConfigurationError } from "../base/errors.js";
import { codePoints, isLongerThan, isWellFormed } from "../base/unicode.js";
import type { Collation, ColumnType } from "../sql/column-type.js";
import { type CommonFieldOptions, Field, type IsCanonical, type LookupGroup } from "./field.js";

/** The options of texts. */
export interface TextFieldOptions extends CommonFieldOptions {
  /** how the database compares and sorts these texts; default: by their code points */
  readonly collation?: string | Collation;
}

/** The collation of a column; its name is written into statements as it is. */
function collationOf(kind: string, options: TextFieldOptions | undefined): { readonly collation?: Collation } {
  const given = options?.collation;
  if (given === undefined) return {};
  const collation = typeof given === "string" ? { sqlite: given, mysql: given } : { ...given };
  const isName = (name: unknown): boolean => typeof name === "string" && /^\w{1,64}$/.test(name);
  const known = Object.entries(collation).every(([family, name]) => FAMILIES.includes(family) && isName(name));
  if (known && Object.keys(collation).length > 0) return { collation };
  throw new ConfigurationError(`fields.${kind}: collation is the name of a collation, or one for each family`, {
    code: "bad_collation",
    hint: '{ sqlite: "NOCASE", mysql: "utf8mb4_unicode_ci" }',
  });
}

const FAMILIES: readonly string[] = ["sqlite", "mysql"];

/** Text with no limit: not a key, not unique, not indexed. */
export class TextField extends Field {
  readonly kind: string = "text";
  readonly type: ColumnType;
  readonly lookups: LookupGroup = "text";

  constructor(options: TextFieldOptions = {}, own: readonly string[] = [], kind = "text") {
    super(options, ["collation", ...own], kind);
    this.type = { kind: "text", ...collationOf(kind, options) };
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

  constructor(options: TextFieldOptions & { readonly maxLength: number }) {
    super(options ?? {}, ["maxLength"], "char");
    this.type = { kind: "char", maxLength: checkedLength("char", options?.maxLength), ...collationOf("char", options) };
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

/** The options of a UUID. */
export interface UuidFieldOptions extends CommonFieldOptions {
  /** `binary`: in 16 bytes; default: as text */
  readonly storage?: "text" | "binary";
}

/** A UUID as lower-case text with hyphens. */
export class UuidField extends Field {
  readonly kind: string = "uuid";
  readonly type: ColumnType;
  readonly lookups: LookupGroup = "any";

  constructor(options: UuidFieldOptions = {}) {
    const bare = options.primaryKey === true && options.default === undefined && options.dbDefault === undefined;
    super(bare ? { ...options, default: randomUuid } : options, ["storage"], "uuid");
    const { storage = "text" } = options;
    if (storage !== "text" && storage !== "binary")
      throw new ConfigurationError('fields.uuid: storage is "text" or "binary"', { code: "bad_storage" });
    this.type = storage === "binary" ? { kind: "uuid", storage } : { kind: "uuid" };
  }

  clean(value: unknown): string {
    if (typeof value !== "string") throw this.wrong(value, "a UUID");
    if (CANONICAL.test(value)) return value;
    if (!ANY_UUID.test(value))
      throw this.bad("the text is not a UUID", "bad_value", "32 hexadecimal digits, with or without hyphens");
    return value.toLowerCase().replace(ANY_UUID, "$1-$2-$3-$4-$5");
  }
}
