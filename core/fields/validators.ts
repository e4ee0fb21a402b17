import { compareDecimals, parseDecimal } from "../base/decimal-text.js";
import { ConfigurationError, typeName } from "../base/errors.js";
import { codePoints } from "../base/unicode.js";

/** A rule made by one of the functions below: gives a sentence when it refuses, and can describe itself. */
export interface DescribedValidator<T> {
  (value: T): string | undefined;
  readonly describe: () => Readonly<Record<string, unknown>>;
}

function rule<T>(
  test: (value: T) => string | undefined,
  description: Readonly<Record<string, unknown>>,
): DescribedValidator<T> {
  return Object.assign((value: T) => test(value), { describe: () => description });
}

/**
 * Text in which a regular expression matches, wherever it says: `^` and `$` anchor it.
 * @example fields.char({ maxLength: 20, validators: [RegexValidator("^[a-z]+$", "i")] })
 */
export function RegexValidator(pattern: string | RegExp, flags?: string): DescribedValidator<string> {
  const source = typeof pattern === "string" ? pattern : pattern.source;
  // Sticky and global expressions remember where they were.
  const regex = new RegExp(source, (flags ?? (typeof pattern === "string" ? "" : pattern.flags)).replace(/[gy]/g, ""));
  return rule((value) => (regex.test(value) ? undefined : `Value does not match regex '${source}'`), {
    pattern: source,
  });
}

/**
 * Text of at most so many characters.
 * @example fields.text({ validators: [MaxLengthValidator(500)] })
 */
export function MaxLengthValidator(maxLength: number): DescribedValidator<string> {
  const limit = checkedLimit("MaxLengthValidator", maxLength);
  return rule((value) => (codePoints(value) > limit ? `Length ${codePoints(value)} > ${limit}` : undefined), {
    max_length: limit,
  });
}

/**
 * Text of at least so many characters.
 * @example fields.char({ maxLength: 50, validators: [MinLengthValidator(3)] })
 */
export function MinLengthValidator(minLength: number): DescribedValidator<string> {
  const limit = checkedLimit("MinLengthValidator", minLength);
  return rule((value) => (codePoints(value) < limit ? `Length ${codePoints(value)} < ${limit}` : undefined), {
    min_length: limit,
  });
}

function checkedLimit(name: string, given: unknown): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= 0) return given;
  throw new ConfigurationError(`${name} takes a number of characters, not ${typeName(given)}`, {
    code: "bad_validator",
  });
}

/** A number as fields hold it: decimals are text. */
export type Numeric = number | bigint | string;

/**
 * Numbers and decimals that are at least a limit, compared exactly.
 * @example fields.decimal({ maxDigits: 10, decimalPlaces: 2, validators: [MinValueValidator("0.01")] })
 */
export function MinValueValidator(minValue: Numeric): DescribedValidator<Numeric> {
  return limited("MinValueValidator", minValue, (order) => order < 0, "greater", "ge");
}

/**
 * Numbers and decimals that are at most a limit, compared exactly.
 * @example fields.int({ validators: [MaxValueValidator(100)] })
 */
export function MaxValueValidator(maxValue: Numeric): DescribedValidator<Numeric> {
  return limited("MaxValueValidator", maxValue, (order) => order > 0, "less", "le");
}

function limited(
  name: string,
  limit: Numeric,
  refuses: (order: number) => boolean,
  word: string,
  key: string,
): DescribedValidator<Numeric> {
  const bound = parseDecimal(String(limit));
  if (bound === null)
    throw new ConfigurationError(`${name} takes a number or decimal text, not ${typeName(limit)}`, {
      code: "bad_validator",
    });
  const test = (value: Numeric): string | undefined => {
    const decimal = typeof value === "object" ? null : parseDecimal(String(value));
    if (decimal === null) return "Value must be a numeric value and is required";
    return refuses(compareDecimals(decimal, bound)) ? `Value should be ${word} or equal to ${limit}` : undefined;
  };
  return rule(test, { [key]: typeof limit === "bigint" ? String(limit) : limit });
}

/**
 * Text that lists integers: `1,2,3`.
 * @example fields.char({ maxLength: 100, validators: [CommaSeparatedIntegerListValidator({ allowNegative: true })] })
 */
export function CommaSeparatedIntegerListValidator(
  options: { readonly allowNegative?: boolean } = {},
): DescribedValidator<string> {
  const one = options.allowNegative === true ? "-?\\d+" : "\\d+";
  return RegexValidator(`^${one}(?:,${one})*$`);
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/;

function isIpv4(text: string): boolean {
  const octets = text.split(".");
  return octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) < 256);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1)!;
  let count = groups.reduce((sum, half) => sum + half.length, 0);
  if (last.length > 0 && last.at(-1)!.includes(".")) {
    if (!isIpv4(last.pop()!)) return false;
    count++;
  }
  const shape = halves.length === 2 ? count < 8 : count === 8;
  return shape && groups.every((half) => half.every((group) => /^[0-9a-f]{1,4}$/i.test(group)));
}

/**
 * Text that is an IPv4 address.
 * @example fields.char({ maxLength: 15, validators: [validateIpv4Address] })
 */
export function validateIpv4Address(value: string): string | undefined {
  return isIpv4(value) ? undefined : "Value is not a valid IPv4 address.";
}

/**
 * Text that is an IPv6 address.
 * @example fields.char({ maxLength: 45, validators: [validateIpv6Address] })
 */
export function validateIpv6Address(value: string): string | undefined {
  return isIpv6(value) ? undefined : "Value is not a valid IPv6 address.";
}

/**
 * Text that is an IPv4 or IPv6 address.
 * @example fields.char({ maxLength: 45, validators: [validateIpv46Address] })
 */
export function validateIpv46Address(value: string): string | undefined {
  return isIpv4(value) || isIpv6(value) ? undefined : "Value is not a valid IPv4 or IPv6 address.";
}

const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/** Labels of letters, digits and inner hyphens, the last one not a number. */
function isDomain(text: string): boolean {
  const labels = text.split(".");
  return (
    text.length <= 253 &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1)!)
  );
}

/**
 * Text that is a domain name, such as `example.com`; letters of any script may stand in it.
 * @example fields.char({ maxLength: 253, validators: [DomainNameValidator()] })
 */
export function DomainNameValidator(): DescribedValidator<string> {
  return rule((value) => (isDomain(value) ? undefined : "Value is not a valid domain name."), { format: "hostname" });
}

const URL_PARTS =
  /^([a-z][a-z0-9+.-]*):\/\/(?:[^\s/?#@]*@)?(\[[^\s\]]*\]|[^\s/?#:@[\]]*)(?::(\d{1,5}))?(?:[/?#]\S*)?$/iu;

/** A host of an address: a domain name, `localhost`, IPv4, or IPv6 in brackets. */
function isHost(text: string): boolean {
  return (
    text.toLowerCase() === "localhost" ||
    isIpv4(text) ||
    (text.startsWith("[") && isIpv6(text.slice(1, -1))) ||
    isDomain(text)
  );
}

/**
 * Text that is a URL with a host, of one of some schemes.
 * @example fields.char({ maxLength: 200, validators: [UrlValidator({ schemes: ["https"] })] })
 */
export function UrlValidator(options: { readonly schemes?: readonly string[] } = {}): DescribedValidator<string> {
  const schemes = options.schemes ?? ["http", "https", "ftp", "ftps"];
  const test = (value: string): string | undefined => {
    const parts = URL_PARTS.exec(value);
    const good =
      parts !== null &&
      schemes.includes(parts[1]!.toLowerCase()) &&
      isHost(parts[2]!) &&
      Number(parts[3] ?? 0) < 65_536;
    return good ? undefined : "Value is not a valid URL.";
  };
  return rule(test, { format: "uri" });
}

const MAILBOX =
  /^(?:[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*|"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*")$/u;

/**
 * Text that is an e-mail address.
 * @example fields.char({ maxLength: 254, validators: [EmailValidator()] })
 */
export function EmailValidator(): DescribedValidator<string> {
  const test = (value: string): string | undefined => {
    const at = value.lastIndexOf("@");
    const host = value.slice(at + 1);
    const good =
      at > 0 &&
      at <= 64 &&
      value.length <= 320 &&
      MAILBOX.test(value.slice(0, at)) &&
      (host.startsWith("[") ? isHost(host.replace(/^\[([\d.]+)\]$/, "$1")) : !isIpv4(host) && isHost(host));
    return good ? undefined : "Value is not a valid email address.";
  };
  return rule(test, { format: "email" });
}
