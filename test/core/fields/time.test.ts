import { describe, expect, it } from "vitest";
import { FieldError } from "../../../core/base/errors.js";
import { loose, thrown } from "./support.js";

describe("date", () => {
  it("takes days of the years 1 to 9999", () => {
    for (const value of ["0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "1582-10-10"])
      expect(loose.date().clean(value)).toBe(value);
  });

  it("refuses days that do not exist and other forms", () => {
    for (const value of [
      "2023-02-29",
      "1900-02-29",
      "2024-13-01",
      "2024-00-10",
      "2024-01-00",
      "2024-04-31",
      "0000-01-01",
      "10000-01-01",
      "2024-1-1",
      "24-01-01",
      "",
      "today",
      "2024-01-01T00:00:00Z",
      "2024/01/01",
      " 2024-01-01",
    ]) {
      expect(() => loose.date().clean(value), value).toThrow(FieldError);
    }
  });

  it("takes the UTC day of a Date", () => {
    expect(loose.date().clean(new Date("2024-06-30T23:59:59.999Z"))).toBe("2024-06-30");
    expect(loose.date().clean(new Date(-1))).toBe("1969-12-31");
    for (const value of [new Date(NaN), new Date("+010000-01-01T00:00:00Z"), new Date("0000-12-31T00:00:00Z"), 0])
      expect(() => loose.date().clean(value)).toThrow(FieldError);
  });

  it("converts ISO text with a time", () => {
    expect(loose.date().convert("2024-06-30T23:30:00-01:00")).toBe("2024-07-01");
    expect(() => loose.date().convert("2024-06-31T00:00:00Z")).toThrow(FieldError);
  });
});

describe("datetime", () => {
  it("gives a Date of its own", () => {
    const given = new Date(1_700_000_000_123);
    const clean = loose.datetime().clean(given) as Date;
    given.setTime(0);
    expect(clean).toEqual(new Date(1_700_000_000_123));
  });

  it.each([
    ["2024-01-31T12:00:00Z", "2024-01-31T12:00:00.000Z"],
    ["2024-01-31T12:00:00.5Z", "2024-01-31T12:00:00.500Z"],
    ["2024-01-31 12:00:00", "2024-01-31T12:00:00.000Z"],
    ["2024-01-31T12:00", "2024-01-31T12:00:00.000Z"],
    ["2024-01-31", "2024-01-31T00:00:00.000Z"],
    ["2024-01-31T12:00:00+05:30", "2024-01-31T06:30:00.000Z"],
    ["2024-01-31T12:00:00-0100", "2024-01-31T13:00:00.000Z"],
    ["2024-01-31t12:00:00z", "2024-01-31T12:00:00.000Z"],
    ["2024-01-31T12:00:00.123000+00:00", "2024-01-31T12:00:00.123Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %s as %s", (text, iso) => {
    expect((loose.datetime().clean(text) as Date).toISOString()).toBe(iso);
  });

  it("refuses invalid Dates, years outside 1 to 9999, and text that is no instant", () => {
    const bad = [
      new Date(NaN),
      new Date("+010000-01-01T00:00:00Z"),
      new Date(-62_135_596_800_001),
      "2024-02-30",
      "2024-01-01T24:00:00Z",
      "2024-01-01T12:60:00Z",
      "2024-01-01T12:00:60Z",
      "2024-01-01T12:00:00+25:00",
      "2024-01-01T12",
      "",
      "now",
      "Mon, 01 Jan 2024 00:00:00 GMT",
      "0001-01-01T00:00:00+01:00",
      "9999-12-31T23:59:59-01:00",
      1_700_000_000,
      "1700000000",
      {},
      true,
    ];
    for (const value of bad) expect(() => loose.datetime().clean(value)).toThrow(FieldError);
  });

  it("refuses microseconds where only milliseconds fit", () => {
    expect(thrown(() => loose.datetime().clean("2024-01-01T00:00:00.123456Z")).code).toBe("too_precise");
  });

  it("gives ISO text with microseconds in precision 6", () => {
    const field = loose.datetime({ precision: 6 });
    expect(field.clean("2024-01-01 00:00:00.123456")).toBe("2024-01-01T00:00:00.123456Z");
    expect(field.clean("2024-01-01T01:00:00.5+01:00")).toBe("2024-01-01T00:00:00.500000Z");
    expect(field.clean(new Date(-1))).toBe("1969-12-31T23:59:59.999000Z");
    expect(field.clean("2024-01-01T00:00:00.123456000Z")).toBe("2024-01-01T00:00:00.123456Z");
    expect(thrown(() => field.clean("2024-01-01T00:00:00.1234567Z")).code).toBe("too_precise");
    expect(thrown(() => loose.datetime({ precision: 4 })).code).toBe("bad_precision");
  });

  it("makes the value of now", () => {
    const now = new Date("2024-05-06T07:08:09.010Z");
    expect(loose.datetime({ autoNow: true }).autoValue(now)).toEqual(now);
    expect(loose.datetime({ autoNow: true, precision: 6 }).autoValue(now)).toBe("2024-05-06T07:08:09.010000Z");
    expect(loose.time({ autoNowAdd: true }).autoValue(now)).toBe("07:08:09.010000");
    expect(loose.time({ autoNowAdd: true }).autoValue(new Date(0))).toBe("00:00:00");
    expect(loose.int().autoValue(now)).toBeUndefined();
  });
});

describe("time", () => {
  it.each([
    ["12:34:56", "12:34:56"],
    ["12:34", "12:34:00"],
    ["00:00:00.000000", "00:00:00"],
    ["23:59:59.999999", "23:59:59.999999"],
    ["12:34:56.5", "12:34:56.500000"],
    ["12:34:56.000001", "12:34:56.000001"],
  ])("reads %s as %s", (given, canonical) => {
    expect(loose.time().clean(given)).toBe(canonical);
  });

  it("refuses what is no time of day", () => {
    for (const value of [
      "24:00:00",
      "12:60:00",
      "12:00:60",
      "1:00:00",
      "12",
      "",
      "12:00:00Z",
      "12:00:00+01:00",
      "12:00:00.1234567",
      "-1:00:00",
      new Date(0),
      5,
    ])
      expect(() => loose.time().clean(value), String(value)).toThrow(FieldError);
  });
});
