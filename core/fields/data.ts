import { ConfigurationError, typeName } from "../base/errors.js";
import { codePoints, isWellFormed } from "../base/unicode.js";
import type { ColumnType } from "../sql/column-type.js";
import { type CommonFieldOptions, Field, type IsCanonical, type LookupGroup } from "./field.js";
import { IntField } from "./numbers.js";
import { checkedLength } from "./text.js";

/** True or false. */
export class BooleanField extends Field {
  readonly kind: string = "boolean";
  readonly type: ColumnType = { kind: "boolean" };
  readonly lookups: LookupGroup = "any";

  constructor(options: CommonFieldOptions = {}) {
    super(options, [], "boolean");
  }

  clean(value: unknown): boolean {
    if (typeof value === "boolean") return value;
    throw this.wrong(value, "true or false");
  }

  override canonical(): IsCanonical {
    return (value) => typeof value === "boolean";
  }

  /** Takes 1, 0, and the words `true`, `false`, `1`, `0` too. */
  override convert(value: unknown): unknown {
    const word = typeof value === "string" ? value.toLowerCase() : value;
    if (word === 1 || word === "1" || word === "true") return true;
    if (word === 0 || word === "0" || word === "false") return false;
    return this.clean(value);
  }
}

/** Bytes. */
export class BinaryField extends Field {
  readonly kind: string = "binary";
  readonly type: ColumnType = { kind: "binary" };
  readonly lookups: LookupGroup = "any";

  constructor(options: CommonFieldOptions = {}, kind = "binary") {
    super(options, [], kind);
  }

  override get isBytes(): boolean {
    return true;
  }

  protected override get indexable(): boolean {
    return false;
  }

  /** Copies the bytes, because their owner may use the buffer again before they are written. */
  clean(value: unknown): Uint8Array {
    const tag = Object.prototype.toString.call(value);
    if (tag === "[object Uint8Array]" || tag === "[object ArrayBuffer]")
      return new Uint8Array(value as ArrayBuffer | Uint8Array<ArrayBuffer>);
    throw this.wrong(value, "bytes", "a Uint8Array or an ArrayBuffer");
  }
}

/** The shortest shape: what it refers to, its byte order, its kind, and that it has no parts. */
const SHORTEST_SHAPE = 13;

/** A shape in space: bytes as MySQL stores them, which are passed on as they are. */
export class GeometryField extends BinaryField {
  override readonly kind: string = "geometry";
  override readonly type: ColumnType = { kind: "geometry" };

  constructor(options: CommonFieldOptions = {}) {
    super(options, "geometry");
  }

  override clean(value: unknown): Uint8Array {
    const bytes = super.clean(value);
    // After the four bytes of the SRID: little-endian, one of the seven kinds.
    if (bytes.length >= SHORTEST_SHAPE && bytes[4] === 1 && bytes[5]! >= 1 && bytes[5]! <= 7) return bytes;
    throw this.bad(
      "the bytes are no geometry",
      "not_geometry",
      "4 bytes of the SRID and then WKB, both little-endian, as MySQL stores them",
    );
  }
}

class JsonNullValue {
  toJSON(): null {
    return null;
  }
}

/** The JSON document `null`, where plain `null` is a missing value: SQL's NULL. */
export type JsonNull = JsonNullValue;
/** The JSON document `null`, where plain `null` is a missing value: SQL's NULL. */
export const JsonNull: JsonNull = /* @__PURE__ */ Object.freeze(/* @__PURE__ */ new JsonNullValue());

/** Deeper documents are refused, as databases do. */
const DEEPEST = 1000;

/** A JSON document. */
export class JsonField extends Field {
  readonly kind: string = "json";
  readonly type: ColumnType = { kind: "json" };
  readonly lookups: LookupGroup = "json";

  constructor(
    options: CommonFieldOptions = {},
    /** lookups that only documents have */
    override readonly ownLookups: object | null = null,
  ) {
    super(options, [], "json");
  }

  protected override get indexable(): boolean {
    return false;
  }

  /** A copy of the document, refused with the path of what JSON would drop or change. */
  clean(value: unknown): unknown {
    return value === JsonNull ? value : this.copy(value, [], []);
  }

  override canonical(): IsCanonical {
    return (value) => isDocument(value, 0);
  }

  private copy(value: unknown, path: (string | number)[], above: object[]): unknown {
    switch (typeof value) {
      case "string":
        if (!isWellFormed(value)) throw this.unfit("text that is not well-formed Unicode", path);
        return value;
      case "number":
        if (!Number.isFinite(value)) throw this.unfit("a number that is not finite", path);
        return value + 0;
      case "boolean":
        return value;
      case "object":
        return value === null || value === JsonNull ? null : this.copyObject(value, path, above);
      default:
        throw this.unfit(typeName(value), path);
    }
  }

  private copyObject(value: object, path: (string | number)[], above: object[]): unknown {
    if (above.includes(value)) throw this.unfit("an object that contains itself", path);
    if (above.length === DEEPEST) throw this.bad(`the document is more than ${DEEPEST} levels deep`, "not_json");
    const list = Array.isArray(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (!list && prototype !== null && Object.getPrototypeOf(prototype) !== null)
      throw this.unfit(typeName(value), path);
    above.push(value);
    const result = list ? this.copyList(value, path, above) : this.copyRecord(value, path, above);
    above.pop();
    return result;
  }

  private copyList(items: readonly unknown[], path: (string | number)[], above: object[]): unknown[] {
    const result: unknown[] = [];
    for (let i = 0; i < items.length; i++) {
      path.push(i);
      result.push(this.copy(items[i], path, above));
      path.pop();
    }
    return result;
  }

  private copyRecord(record: object, path: (string | number)[], above: object[]): unknown {
    if (typeof (record as { toJSON?: unknown }).toJSON === "function") throw this.unfit("an object with toJSON", path);
    if (Object.getOwnPropertySymbols(record).length > 0) throw this.unfit("a key that is a symbol", path);
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(record)) {
      if (!isWellFormed(key)) throw this.unfit("a key that is not well-formed Unicode", path);
      path.push(key);
      const copied = this.copy((record as Record<string, unknown>)[key], path, above);
      path.pop();
      // Assigning would set the prototype.
      if (key === "__proto__")
        Object.defineProperty(result, key, { value: copied, enumerable: true, configurable: true, writable: true });
      else result[key] = copied;
    }
    return result;
  }

  private unfit(what: string, path: readonly (string | number)[]): Error {
    const at = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
    return this.bad(
      `${what}${at === "" ? "" : ` at ${at.replace(/^\./, "")}`} is not JSON`,
      "not_json",
      "null, true, false, finite numbers, text, arrays and plain objects are",
    );
  }
}

/** True for what JSON gives back as it is. Half of the time that copying it takes. */
function isDocument(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
      return isWellFormed(value);
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "boolean":
      return true;
    case "object":
      return value === null || (depth < DEEPEST && isDocumentObject(value, depth));
    default:
      return false;
  }
}

function isDocumentObject(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return false;
    for (let i = 0; i < value.length; i++) if (!isDocument(value[i], depth + 1)) return false;
    return true;
  }
  if (prototype !== Object.prototype || (value as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  for (const key in value) {
    if (!isWellFormed(key) || !isDocument((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

/** The members of an enumeration: an array, a const object, or a TypeScript enum. */
export type EnumSource = readonly (string | number)[] | { readonly [name: string]: string | number };

/** Names and values of an enumeration, without the entries that numeric enums add to find names by value. */
function members(
  kind: string,
  source: EnumSource,
  type: "string" | "number",
): readonly (readonly [name: string | null, value: string | number])[] {
  if (typeof source !== "object" || source === null) {
    throw new ConfigurationError(`fields.${kind}: the values are missing`, {
      code: "bad_enum",
      hint: "an array, a const object or a TypeScript enum",
    });
  }
  const record = source as { readonly [name: string]: string | number };
  const found = Array.isArray(source)
    ? (source as readonly (string | number)[]).map((value) => [null, value] as const)
    : Object.keys(record)
        .filter((key) => !isReverse(record, key))
        .map((key) => [key, record[key]!] as const);
  if (found.length === 0)
    throw new ConfigurationError(`fields.${kind}: the enumeration has no members`, { code: "bad_enum" });
  const wrong = found.find(([, value]) => typeof value !== type);
  if (wrong !== undefined)
    throw new ConfigurationError(`fields.${kind}: ${typeName(wrong[1])} cannot be a member`, {
      code: "bad_enum",
      hint: `members are ${type}s`,
    });
  return found;
}

function isReverse(record: { readonly [name: string]: string | number }, key: string): boolean {
  const name = record[key];
  return String(Number(key)) === key && typeof name === "string" && record[name] === Number(key);
}

/** The description that an enumeration gives its column: a line for each named member. */
function withDescription(options: CommonFieldOptions, found: ReturnType<typeof members>): CommonFieldOptions {
  if (options.description !== undefined || found[0]![0] === null) return options;
  const description = found.map(([name, value]) => `${name}: ${value}`).join("\n");
  return { ...options, description: Array.from(description).slice(0, 2048).join("") };
}

/** One of a few integers. */
export class IntEnumField extends IntField {
  override readonly kind: string = "intEnum";
  readonly members: ReadonlySet<number>;

  constructor(values: EnumSource, options: CommonFieldOptions = {}) {
    const found = members("intEnum", values, "number");
    super(withDescription(options, found), "intEnum");
    this.members = new Set(found.map(([, value]) => value as number));
    for (const member of this.members) {
      if (Number.isInteger(member) && member >= -this.limit && member < this.limit) continue;
      throw new ConfigurationError("fields.intEnum: a member is not an integer of 16 bits", {
        code: "bad_enum",
        hint: `from ${-this.limit} to ${this.limit - 1}`,
      });
    }
  }

  override clean(value: unknown): number {
    const number = super.clean(value);
    if (this.members.has(number)) return number;
    throw this.bad("the number is not a member", "not_a_member", `members: ${[...this.members].join(", ")}`);
  }
}

/** One of a few texts. */
export class CharEnumField extends Field {
  readonly kind: string = "charEnum";
  readonly type: ColumnType & { readonly kind: "char" };
  readonly lookups: LookupGroup = "text";
  readonly members: ReadonlySet<string>;

  constructor(values: EnumSource, options: CommonFieldOptions & { readonly maxLength?: number } = {}) {
    const found = members("charEnum", values, "string");
    super(withDescription(options, found), ["maxLength"], "charEnum");
    this.members = new Set(found.map(([, value]) => value as string));
    let longest = 1;
    for (const member of this.members) {
      if (!isWellFormed(member))
        throw new ConfigurationError("fields.charEnum: a member is not well-formed Unicode", { code: "bad_enum" });
      longest = Math.max(longest, codePoints(member));
    }
    const maxLength = options.maxLength === undefined ? longest : checkedLength("charEnum", options.maxLength);
    if (maxLength < longest)
      throw new ConfigurationError(`fields.charEnum: maxLength ${maxLength} is too short for the members`, {
        code: "bad_max_length",
        hint: `the longest has ${longest} characters`,
      });
    this.type = { kind: "char", maxLength };
  }

  protected override get textual(): boolean {
    return this.members.has("");
  }

  clean(value: unknown): string {
    if (typeof value === "string" && this.members.has(value)) return value;
    const known = `members: ${[...this.members].join(", ")}`;
    throw typeof value === "string"
      ? this.bad("the text is not a member", "not_a_member", known)
      : this.wrong(value, "a member", known);
  }

  override constraints(): Record<string, unknown> {
    return { max_length: this.type.maxLength, ...super.constraints() };
  }
}
