import { FieldError } from "../base/errors.js";
import { instantOf, offsetAt } from "../base/zone.js";
import type { LookupGroup } from "../fields/field.js";
import { inZone } from "../query/in-zone.js";
import type { DatePart, Expr } from "../sql/ast.js";
import { lookup, type Lookup, type LookupContext } from "./lookup.js";

const DAYS: readonly LookupGroup[] = ["date", "datetime"];
const CLOCKS: readonly LookupGroup[] = ["time", "datetime"];
const WHOLE: Partial<Lookup> = { expects: "a whole number", accepts: (value) => Number.isSafeInteger(value) };

const part = (name: DatePart, groups: readonly LookupGroup[]): Lookup =>
  lookup(
    groups,
    ({ left, param, field, dialect: { zone } }): Expr => ({
      kind: "compare",
      op: "=",
      left: {
        kind: "datePart",
        part: name,
        of: field.lookups as "date" | "time" | "datetime",
        item: zone !== null && field.lookups === "datetime" && IN_ZONE.includes(name) ? inZone(left, zone) : left,
      },
      right: param(null),
    }),
    WHOLE,
  );

/** Parts that clocks of different zones show differently. */
const IN_ZONE: readonly DatePart[] = ["quarter", "month", "week", "day", "hour", "minute"];

export const quarter: Lookup = part("quarter", DAYS);
export const month: Lookup = part("month", DAYS);
export const week: Lookup = part("week", DAYS);
export const day: Lookup = part("day", DAYS);
export const hour: Lookup = part("hour", CLOCKS);
export const minute: Lookup = part("minute", CLOCKS);
export const second: Lookup = part("second", CLOCKS);
export const microsecond: Lookup = part("microsecond", CLOCKS);

/** From the start of one day to the start of another, on the stored column: an index serves it. */
function between(
  { left, param, encode, variant }: LookupContext,
  from: (value: unknown) => Date,
  to: (value: unknown) => Date,
): Expr {
  if (variant === "none") return { kind: "bool", value: false };
  const lowest: Expr = { kind: "compare", op: ">=", left, right: param((value) => encode(from(value))) };
  if (variant === "last") return lowest;
  return {
    kind: "and",
    items: [lowest, { kind: "compare", op: "<", left, right: param((value) => encode(to(value))) }],
  };
}

/** The instant at which a day begins where the clocks of `zone` count. */
const begin = (day: Date, { dialect: { zone }, field }: LookupContext): Date =>
  field.lookups === "datetime" ? new Date(instantOf(zone, day.getTime())) : day;

const startOfYear = (year: number): Date => {
  const start = new Date(0);
  start.setUTCFullYear(year, 0, 1);
  return start;
};

/** Years are stored with four digits, from 1 to 9999. */
export const year: Lookup = lookup(
  DAYS,
  (context) =>
    between(
      context,
      (value) => begin(startOfYear(value as number), context),
      (value) => begin(startOfYear((value as number) + 1), context),
    ),
  {
    ...WHOLE,
    variant: (value) => ((value as number) < 1 || (value as number) > 9999 ? "none" : value === 9999 ? "last" : ""),
  },
);

const DAY = 86_400_000;

/** `datetime__date`: "YYYY-MM-DD", or a Date whose day is meant, where the clocks of the time zone count. */
export const date: Lookup = lookup(
  ["datetime"],
  (context) =>
    between(
      context,
      (value) => begin(dayOf(value, context), context),
      (value) => begin(new Date(dayOf(value, context).getTime() + DAY), context),
    ),
  {
    expects: 'a Date or "YYYY-MM-DD"',
    accepts: (value) => typeof value === "string" || value instanceof Date,
    variant: (value) =>
      (typeof value === "string" ? value : isDate(value) ? value.toISOString() : "").startsWith("9999-12-31")
        ? "last"
        : "",
  },
);

const isDate = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());

function dayOf(value: unknown, { path, dialect: { zone } }: LookupContext): Date {
  const text =
    typeof value === "string"
      ? value
      : isDate(value)
        ? new Date(value.getTime() + offsetAt(zone, value.getTime())).toISOString().slice(0, 10)
        : "";
  const start = new Date(`${text}T00:00:00.000Z`);
  if (text.length !== 10 || Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== text) {
    throw new FieldError(`"${path}": the date is not a day of the calendar written as YYYY-MM-DD`, {
      code: "bad_value",
    });
  }
  return start;
}
