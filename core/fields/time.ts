import { ConfigurationError } from "../base/errors.js";
import {
  FIRST_INSTANT,
  formatDate,
  formatInstant,
  formatTime,
  type Instant,
  isDate,
  isTime,
  LAST_INSTANT,
  parseInstant,
  parseTime,
  shortTime,
} from "../base/datetime-text.js";
import type { ColumnType } from "../sql/column-type.js";
import { type CommonFieldOptions, Field, type IsCanonical, type LookupGroup } from "./field.js";

/** The options of fields that can be set to now. */
export interface AutoOptions extends CommonFieldOptions {
  readonly autoNow?: boolean;
  readonly autoNowAdd?: boolean;
}

/** What days, times and instants have in common: the database's clock may be their default. */
abstract class ClockField extends Field {
  override readonly autoNow: boolean;
  override readonly autoNowAdd: boolean;

  constructor(options: AutoOptions, own: readonly string[], kind: string) {
    super(options, own, kind);
    this.autoNow = options.autoNow === true;
    this.autoNowAdd = options.autoNowAdd === true;
  }

  override get isClock(): boolean {
    return true;
  }

  /** What the clock says now. */
  override autoValue(now: Date): unknown {
    return this.clean(now);
  }

  /** `dbDefault: "now"` is the database's clock. */
  protected override checkDefault(option: "default" | "dbDefault", given: unknown): unknown {
    return option === "dbDefault" && given === "now" ? given : super.checkDefault(option, given);
  }

  override constraints(): Record<string, unknown> {
    return this.autoNow || this.autoNowAdd ? { readOnly: true, ...super.constraints() } : super.constraints();
  }

  /** Milliseconds of a Date, refused when it is none or outside the years 1 to 9999. */
  protected instantOf(value: Date): number {
    const ms = value.getTime();
    if (ms >= FIRST_INSTANT && ms <= LAST_INSTANT) return ms;
    throw this.bad(Number.isNaN(ms) ? "the Date is invalid" : "the Date is outside the years 1 to 9999", "bad_value");
  }
}

/** A day as `"YYYY-MM-DD"`; of a Date, its day in UTC. */
export class DateField extends ClockField {
  readonly kind: string = "date";
  readonly type: ColumnType = { kind: "date" };
  readonly lookups: LookupGroup = "date";

  constructor(options: CommonFieldOptions = {}) {
    super(options, [], "date");
  }

  clean(value: unknown): string {
    if (typeof value === "string") {
      if (isDate(value)) return value;
      throw this.bad("the text is not a day", "bad_value", '"YYYY-MM-DD", the years 0001 to 9999');
    }
    if (isDateObject(value)) return formatDate(this.instantOf(value));
    throw this.wrong(value, "a day", '"YYYY-MM-DD" or a Date');
  }

  /** Takes ISO text with a time too, and keeps its day in UTC. */
  override convert(value: unknown): unknown {
    const instant = typeof value === "string" && value.length > 10 ? parseInstant(value) : null;
    return this.clean(instant === null ? value : formatDate(instant.ms));
  }
}

/** The options of an instant. */
export interface DatetimeFieldOptions extends AutoOptions {
  readonly precision?: 3 | 6;
}

/** An instant: a Date, or with `precision: 6` ISO text with microseconds. */
export class DatetimeField extends ClockField {
  readonly kind: string = "datetime";
  readonly type: ColumnType & { readonly kind: "datetime" };
  readonly lookups: LookupGroup = "datetime";

  constructor(options: DatetimeFieldOptions = {}) {
    super(options, ["precision", "autoNow", "autoNowAdd"], "datetime");
    const { precision = 3 } = options;
    if (precision !== 3 && precision !== 6)
      throw new ConfigurationError("fields.datetime: precision is 3 or 6", {
        code: "bad_precision",
        hint: "3 reads as a Date, 6 as ISO text with microseconds",
      });
    this.type = { kind: "datetime", precision };
  }

  clean(value: unknown): Date | string {
    if (isDateObject(value)) {
      const ms = this.instantOf(value);
      return this.type.precision === 3 ? new Date(ms) : isoText({ ms, nanos: 0 });
    }
    if (typeof value !== "string") throw this.wrong(value, "an instant", "a Date or ISO text");
    const instant = parseInstant(value);
    if (instant === null)
      throw this.bad(
        "the text is not a date and time",
        "bad_value",
        'ISO 8601, like "2026-01-31T12:00:00Z"; without an offset it is UTC',
      );
    if (this.type.precision === 6) {
      if (instant.nanos % 1000 !== 0) throw this.bad("the text has more than microseconds", "too_precise");
      return isoText(instant);
    }
    if (instant.nanos !== 0)
      throw this.bad(
        "the text has more than milliseconds",
        "too_precise",
        "fields.datetime({ precision: 6 }) holds microseconds",
      );
    return new Date(instant.ms);
  }

  /** A Date stays the object's own: only its moment is written. */
  override canonical(): IsCanonical {
    if (this.type.precision !== 3) return super.canonical();
    return (value) => value instanceof Date && value.getTime() >= FIRST_INSTANT && value.getTime() <= LAST_INSTANT;
  }
}

/** A time of day as `"HH:MM:SS"`, with six more digits where it has microseconds. */
export class TimeField extends ClockField {
  readonly kind: string = "time";
  readonly type: ColumnType = { kind: "time" };
  readonly lookups: LookupGroup = "time";

  constructor(options: AutoOptions = {}) {
    super(options, ["autoNow", "autoNowAdd"], "time");
  }

  clean(value: unknown): string {
    if (typeof value !== "string") throw this.wrong(value, "a time of day", '"HH:MM:SS" or "HH:MM:SS.ffffff"');
    if (isTime(value)) return value;
    const time = parseTime(value);
    if (time === null) throw this.bad("the text is not a time of day", "bad_value", '"HH:MM:SS" or "HH:MM:SS.ffffff"');
    return shortTime(time);
  }

  /** The time of day in UTC. */
  override autoValue(now: Date): unknown {
    return this.clean(formatTime(now.getTime()));
  }
}

function isoText(instant: Instant): string {
  return `${formatInstant(instant, "T")}Z`;
}

/** A Date of this realm or of another one. */
function isDateObject(value: unknown): value is Date {
  return (
    value instanceof Date ||
    (Object.prototype.toString.call(value) === "[object Date]" && typeof (value as Date).getTime === "function")
  );
}
