/** A decimal taken apart: `digits` without leading zeros ("" for zero), the last `places` of them after the point. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly places: number;
}

/** The decimal places of a scaled integer: as many as one of 64 bits can count. */
export const MOST_PLACES = 18;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Reads decimal text exactly, exponents included; null when it is not a decimal. Trailing zeros after the point are dropped. */
export function parseDecimal(text: string): Decimal | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const whole = match[2]!;
  const fraction = match[3] ?? "";
  if (whole === "" && fraction === "") return null;
  const all = whole + fraction;
  let start = 0;
  let end = all.length;
  while (start < end && all.charCodeAt(start) === 48) start++;
  while (end > start && all.charCodeAt(end - 1) === 48) end--;
  if (start === end) return { negative: false, digits: "", places: 0 };
  const exponent = match[4] === undefined ? 0 : Number(match[4]);
  return {
    negative: match[1] === "-",
    digits: all.slice(start, end),
    places: fraction.length - (all.length - end) - exponent,
  };
}

/** True for text that is a decimal in canonical form with so many places and at most so many digits: parsing would change nothing. */
export function isCanonicalDecimal(text: string, maxDigits: number, places: number): boolean {
  const first = text.charCodeAt(0) === 45 ? 1 : 0;
  const point = places === 0 ? text.length : text.length - places - 1;
  const whole = point - first;
  if (whole < 1 || whole > maxDigits - places || (whole > 1 && text.charCodeAt(first) === 48)) return false;
  let sum = 0;
  for (let i = first; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (i === point ? digit !== -2 : digit >>> 0 > 9) return false;
    if (i !== point) sum += digit;
  }
  return first === 0 || sum > 0;
}

/** How many digits a decimal has before its point. */
export function wholeDigits({ digits, places }: Decimal): number {
  return Math.max(digits.length - places, 0);
}

/** The only text of a decimal with exactly so many places: no exponent, no plus, no needless zero, no minus before zero. */
export function canonicalDecimal({ negative, digits, places }: Decimal, wanted: number): string {
  const scaled = digits + "0".repeat(wanted - places);
  return digits === "" ? placePoint("0", wanted) : (negative ? "-" : "") + placePoint(scaled, wanted);
}

/** Puts a point before the last `places` digits. */
export function placePoint(digits: string, places: number): string {
  if (places === 0) return digits;
  const padded = digits.length > places ? digits : digits.padStart(places + 1, "0");
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** Negative, zero or positive, as the first decimal is less than, equal to or greater than the second. Exact. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  return left.negative ? compareSize(right, left) : compareSize(left, right);
}

function compareSize(left: Decimal, right: Decimal): number {
  if (left.digits === "" || right.digits === "") return left.digits.length - right.digits.length;
  const size = left.digits.length - left.places - (right.digits.length - right.places);
  if (size !== 0) return size;
  const length = Math.max(left.digits.length, right.digits.length);
  const [a, b] = [left.digits.padEnd(length, "0"), right.digits.padEnd(length, "0")];
  return a === b ? 0 : a < b ? -1 : 1;
}
