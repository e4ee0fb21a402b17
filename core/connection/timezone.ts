import { ParamsError, typeName } from "../base/errors.js";
import { instantOf, offsetAt, zoneNamed } from "../base/zone.js";
import { currentContext } from "./context.js";

// Instants are Dates, which know no zone; a wall clock's time without a zone is text. These go from one to the other.

/** The zone of the current context: its name, or "UTC". */
export const getTimezone = (): string => currentContext().connections.zone ?? "UTC";
/** The same: there is one zone for each context. */
export const getDefaultTimezone: () => string = getTimezone;

/** The present instant. */
export const now = (): Date => new Date();

/** True for an instant: a Date, or text that says its offset. */
export const isAware = (value: unknown): boolean =>
  value instanceof Date || (typeof value === "string" && /(?:Z|[+-]\d\d:?\d\d)$/.test(value));
/** True for a wall clock's time: text without an offset. */
export const isNaive = (value: unknown): boolean => typeof value === "string" && WALL.test(value);

const WALL = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?$/;

/**
 * What the clocks of a zone show at an instant, with their offset.
 * @example
 * localtime(new Date("2024-07-01T10:00:00Z"), "Europe/Berlin"); // "2024-07-01T12:00:00.000+02:00"
 */
export function localtime(value: Date = now(), zone: string = getTimezone()): string {
  const name = known(zone);
  const ahead = offsetAt(name, instantIn(value, "localtime"));
  const minutes = Math.abs(Math.round(ahead / 60_000));
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${makeNaive(value, zone)}${ahead < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/**
 * The instant at which the clocks of a zone show this time; the first, where they show it twice.
 * @example
 * makeAware("2024-07-01T12:00", "Europe/Berlin"); // 2024-07-01T10:00:00.000Z
 */
export function makeAware(value: string, zone: string = getTimezone()): Date {
  if (!isNaive(value))
    throw new ParamsError(`makeAware() takes a time without an offset, not ${typeName(value)}`, {
      code: "naive",
      hint: '"2024-07-01T12:00:00"',
    });
  const text = value.replace(" ", "T");
  const wall = new Date(`${text.length === 10 ? `${text}T00:00` : text}Z`).getTime();
  if (Number.isNaN(wall)) throw new ParamsError("makeAware(): there is no such time", { code: "naive" });
  return new Date(instantOf(known(zone), wall));
}

/**
 * What the clocks of a zone show at an instant.
 * @example
 * makeNaive(new Date("2024-07-01T10:00:00Z"), "Europe/Berlin"); // "2024-07-01T12:00:00.000"
 */
export function makeNaive(value: Date, zone: string = getTimezone()): string {
  const instant = instantIn(value, "makeNaive");
  return new Date(instant + offsetAt(known(zone), instant)).toISOString().slice(0, -1);
}

function instantIn(value: unknown, call: string): number {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
  throw new ParamsError(`${call}() takes a Date, not ${value instanceof Date ? "an invalid one" : typeName(value)}`, {
    code: "naive",
  });
}

function known(zone: string): string | null {
  const name = zoneNamed(zone);
  if (name !== undefined) return name;
  throw new ParamsError(`there is no time zone "${zone}"`, { code: "timezone", hint: '"Europe/Berlin", "UTC"' });
}
