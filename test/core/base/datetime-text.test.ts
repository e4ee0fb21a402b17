import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dayNumber,
  daysInMonth,
  FIRST_INSTANT,
  formatDate,
  formatDatetime,
  formatInstant,
  formatTime,
  isDate,
  isTime,
  LAST_INSTANT,
  parseDatetime,
  parseInstant,
  parseTime,
  shortTime,
} from "../../../core/base/datetime-text.js";

const instants = fc.oneof(
  fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT }),
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.constantFrom(
    FIRST_INSTANT,
    LAST_INSTANT,
    0,
    -1,
    951_782_400_000,
    951_868_799_999,
    -2_203_891_200_001,
    4_107_542_399_999,
  ),
);

const stored = (ms: number): string => new Date(ms).toISOString().replace("T", " ").slice(0, -1);

describe("instants as text", () => {
  it("are written as the platform writes them, in the fixed form", () => {
    fc.assert(
      fc.property(instants, (ms) => {
        expect(formatDatetime(ms)).toBe(stored(ms));
        expect(`${formatDate(ms)} ${formatTime(ms)}`).toBe(stored(ms));
      }),
      { numRuns: 2000 },
    );
  });

  it("are read back to the same millisecond", () => {
    fc.assert(
      fc.property(instants, (ms) => {
        expect(parseDatetime(formatDatetime(ms))).toBe(ms);
      }),
      { numRuns: 2000 },
    );
  });

  it("agree on every day of the years 1 to 9999", () => {
    const day = new Date(FIRST_INSTANT);
    for (let number = FIRST_INSTANT / 86_400_000, i = 0; i < 3_652_059; i += 97, number += 97) {
      day.setTime(FIRST_INSTANT + i * 86_400_000);
      expect(dayNumber(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate())).toBe(number);
    }
  });

  it("know the length of every month", () => {
    for (const year of [1, 4, 100, 400, 1900, 2000, 2023, 2024, 9999]) {
      for (let month = 1; month <= 12; month++) {
        const end = new Date(0);
        end.setUTCFullYear(year, month, 0);
        expect(daysInMonth(year, month)).toBe(end.getUTCDate());
      }
    }
  });

  it.each([
    "",
    "2024-01-01 00:00:00",
    "2024-01-01T00:00:00.000",
    "2024-01-01 00:00:00.0000",
    "2024-02-30 00:00:00.000",
    "2023-02-29 00:00:00.000",
    "2024-13-01 00:00:00.000",
    "2024-00-01 00:00:00.000",
    "2024-01-00 00:00:00.000",
    "0000-01-01 00:00:00.000",
    "2024-01-01 24:00:00.000",
    "2024-01-01 00:60:00.000",
    "2024-01-01 00:00:60.000",
    "2024-01-01 00:00:00.00a",
    "2024-01-01 00:00:00.0a0",
    "2024-01-01 00:00:00.a00",
    "2024-01-01 00:00:0a.000",
    "2024-01-01 0a:00:00.000",
    "202a-01-01 00:00:00.000",
    "-024-01-01 00:00:00.000",
    "2024-01-01 00:00:00,000",
    "2024/01/01 00:00:00.000",
    "２０２４-01-01 00:00:00.000",
  ])("do not read %j in the fast form", (text) => {
    expect(parseDatetime(text)).toBeNaN();
  });

  it("read the ISO forms with offsets and microseconds", () => {
    expect(parseInstant("2024-01-01T00:00:00.123456789+02:00")).toEqual({
      ms: Date.UTC(2023, 11, 31, 22, 0, 0, 123),
      nanos: 456_789,
    });
    expect(parseInstant("2024-01-01 00:00:00 +00")).toEqual({ ms: Date.UTC(2024, 0, 1), nanos: 0 });
    expect(parseInstant("2024-01-01T10:20Z")).toEqual({ ms: Date.UTC(2024, 0, 1, 10, 20), nanos: 0 });
    expect(parseInstant("1969-12-31T23:59:59.9999Z")).toEqual({ ms: -1, nanos: 900_000 });
    for (const text of [
      "2024-01-01T00:00:00+24:00",
      "2024-01-01T00:00:00+00:60",
      "2024-01-01Z",
      "2024-01-01T00:00:00.Z",
      "2024-1-1",
      "x2024-01-01",
      "2024-01-01\n",
    ])
      expect(parseInstant(text), text).toBeNull();
  });

  it("carry microseconds through", () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 999 }), (ms, micros) => {
        const instant = { ms, nanos: micros * 1000 };
        expect(parseInstant(formatInstant(instant))).toEqual(instant);
        expect(parseInstant(`${formatInstant(instant, "T")}Z`)).toEqual(instant);
        expect(formatInstant(instant)).toHaveLength(26);
      }),
    );
  });
});

describe("days and times as text", () => {
  it("know real days", () => {
    for (const text of ["0001-01-01", "9999-12-31", "2000-02-29"]) expect(isDate(text)).toBe(true);
    for (const text of ["1900-02-29", "2024-02-30", "", "2024-01-01 ", "2024-1-01", "2024-01-01 00:00:00.000"])
      expect(isDate(text)).toBe(false);
  });

  it("know real times of day", () => {
    for (const text of ["00:00:00", "23:59:59"]) expect(isTime(text)).toBe(true);
    for (const text of [
      "24:00:00",
      "00:60:00",
      "00:00:60",
      "0:00:00",
      "00-00:00",
      "00:00-00",
      "aa:00:00",
      "00:a0:00",
      "00:00:0a",
      "",
      "00:00",
    ])
      expect(isTime(text), text).toBe(false);
  });

  it("agree with the platform on which days exist", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (year, month, day) => {
          const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
          const date = new Date(0);
          date.setUTCFullYear(year, month - 1, day);
          expect(isDate(text)).toBe(year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("have a fixed width inside and a short form outside", () => {
    expect([
      parseTime("01:02"),
      parseTime("01:02:03"),
      parseTime("01:02:03.4"),
      parseTime("01:02:03.000004000"),
    ]).toEqual(["01:02:00.000000", "01:02:03.000000", "01:02:03.400000", "01:02:03.000004"]);
    for (const text of ["", "24:00", "1:02", "01:02:03.", "01:02:03.0000001", "01:02:61", "aa:bb"])
      expect(parseTime(text), text).toBeNull();
    expect([shortTime("01:02:03.000000"), shortTime("01:02:03.100000")]).toEqual(["01:02:03", "01:02:03.100000"]);
  });
});
