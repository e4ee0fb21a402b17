// Days, times and instants as text, in the proleptic Gregorian calendar and in UTC. Two of these functions run for
// every value read or written, so they count by hand: Date.parse and regular expressions cost several times as much.

const DAY = 86_400_000;
/** 0001-01-01 00:00:00.000 */
export const FIRST_INSTANT: number = -62_135_596_800_000;
/** 9999-12-31 23:59:59.999 */
export const LAST_INSTANT: number = 253_402_300_799_999;

/** Days from 1970-01-01 to a day of the years 0 to 9999. */
export function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is the last of its year.
  const shifted = month > 2 ? year : year - 1;
  const century = (shifted / 100) | 0;
  const dayOfYear = ((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0;
  return 365 * shifted + (shifted >> 2) - century + (century >> 2) + dayOfYear + day - 719_469;
}

/** How many days a month has. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

function formatDay(days: number): string {
  const shifted = days + 719_468;
  const era = (shifted / 146_097) | 0;
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const march = ((5 * dayOfYear + 2) / 153) | 0;
  const month = march < 10 ? march + 3 : march - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const digits = year > 999 ? `${year}` : `${year}`.padStart(4, "0");
  return `${digits}-${two(month)}-${two(dayOfYear - (((153 * march + 2) / 5) | 0) + 1)}`;
}

let lastDay = Number.NaN;
let lastDayText = "";

/** The day of an instant between FIRST_INSTANT and LAST_INSTANT: `YYYY-MM-DD`. */
export function formatDate(ms: number): string {
  const days = Math.floor(ms / DAY);
  // Rows written together mostly share their day.
  if (days !== lastDay) {
    lastDayText = formatDay(days);
    lastDay = days;
  }
  return lastDayText;
}

/** The time of day of an instant: `HH:MM:SS.SSS`. */
export function formatTime(ms: number): string {
  return formatDatetime(ms).slice(11);
}

/**
 * An instant between FIRST_INSTANT and LAST_INSTANT as `YYYY-MM-DD HH:MM:SS.SSS`. Made of its characters: pieces that are
 * joined have to be put together once more when they are bound, and then cost 160 ns instead of 60.
 */
export function formatDatetime(ms: number): string {
  const day = formatDate(ms);
  const rest = ms - lastDay * DAY;
  const seconds = (rest / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const hour = (minutes / 60) | 0;
  const minute = minutes - hour * 60;
  const second = seconds - minutes * 60;
  const milli = rest - seconds * 1000;
  const centi = (milli / 10) | 0;
  // biome-ignore format: a line for each part
  return String.fromCharCode(
    day.charCodeAt(0), day.charCodeAt(1), day.charCodeAt(2), day.charCodeAt(3), 45,
    day.charCodeAt(5), day.charCodeAt(6), 45,
    day.charCodeAt(8), day.charCodeAt(9), 32,
    tens(hour), ones(hour), 58,
    tens(minute), ones(minute), 58,
    tens(second), ones(second), 46,
    tens(centi), ones(centi), 48 + milli - centi * 10,
  );
}

/** The character code of the first of two digits. */
export const tens = (value: number): number => 48 + ((value / 10) | 0);
/** The character code of the last digit. */
export const ones = (value: number): number => 48 + (value % 10);

/** Two digits as a number; anything else becomes a number that no range contains. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? -10_000 : tens * 10 + ones;
}

/** Milliseconds of an instant written as `YYYY-MM-DD HH:MM:SS.SSS`; NaN for any other form. */
export function parseDatetime(text: string): number {
  if (
    text.length !== 23 ||
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 32 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58 ||
    text.charCodeAt(19) !== 46
  )
    return Number.NaN;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  const milli = pair(text, 20) * 10 + text.charCodeAt(22) - 48;
  if (
    year < 1 ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    (day > 28 && day > daysInMonth(year, month)) ||
    hour < 0 ||
    hour > 23 ||
    minute < 0 ||
    minute > 59 ||
    second < 0 ||
    second > 59 ||
    milli < 0 ||
    (text.charCodeAt(22) - 48) >>> 0 > 9
  )
    return Number.NaN;
  return dayNumber(year, month, day) * DAY + hour * 3_600_000 + minute * 60_000 + second * 1000 + milli;
}

/** True for a real day of the years 1 to 9999 written as `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  return year > 0 && month > 0 && month < 13 && day > 0 && (day < 29 || day <= daysInMonth(year, month));
}

/** True for a time of day written as `HH:MM:SS`. */
export function isTime(text: string): boolean {
  if (text.length !== 8 || text.charCodeAt(2) !== 58 || text.charCodeAt(5) !== 58) return false;
  const hour = pair(text, 0);
  const minute = pair(text, 3);
  const second = pair(text, 6);
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

/** An instant: milliseconds since 1970, and the nanoseconds that they leave over. */
export interface Instant {
  readonly ms: number;
  readonly nanos: number;
}

const INSTANT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?)?$/i;

/**
 * Reads the ISO forms of an instant: a day alone is its midnight, text without an offset is UTC.
 * Null for what is no instant of the years 1 to 9999.
 */
export function parseInstant(text: string): Instant | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [, day, minutes = "00:00", seconds = "00", fraction = "", , sign, offsetHours = "00", offsetMinutes = "00"] =
    match;
  const digits = fraction.padEnd(9, "0");
  const local = parseDatetime(`${day} ${minutes}:${seconds}.${digits.slice(0, 3)}`);
  if (offsetHours > "23" || offsetMinutes > "59") return null;
  const offset = Number(offsetHours) * 3_600_000 + Number(offsetMinutes) * 60_000;
  const ms = local - (sign === "-" ? -offset : offset);
  return ms >= FIRST_INSTANT && ms <= LAST_INSTANT ? { ms, nanos: Number(digits.slice(3)) } : null;
}

/** An instant with microseconds as `YYYY-MM-DD HH:MM:SS.ffffff`, joined by another character when one is given. */
export function formatInstant({ ms, nanos }: Instant, join = " "): string {
  return `${formatDate(ms)}${join}${formatTime(ms)}${String(nanos / 1000).padStart(3, "0")}`;
}

const TIME = /^(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/;

/** Reads a time of day into `HH:MM:SS.ffffff`; null for what is none, or has more than microseconds. */
export function parseTime(text: string): string | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, minutes, seconds = "00", fraction = ""] = match;
  const digits = fraction.padEnd(9, "0");
  if (!digits.endsWith("000") || !isTime(`${minutes}:${seconds}`)) return null;
  return `${minutes}:${seconds}.${digits.slice(0, 6)}`;
}

/** A time of day of fixed width without the microseconds that are none: `HH:MM:SS` or `HH:MM:SS.ffffff`. */
export function shortTime(text: string): string {
  return text.endsWith(".000000") ? text.slice(0, 8) : text;
}
