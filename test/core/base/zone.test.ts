import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesOf, instantOf, offsetAt, zoneNamed } from "../../../core/base/zone.js";

const hours = (zone: string, text: string): number => offsetAt(zone, Date.parse(text)) / 3_600_000;

describe("a time zone", () => {
  it("is known by its name, and UTC by null", () => {
    expect(zoneNamed("Europe/Berlin")).toBe("Europe/Berlin");
    expect(zoneNamed("UTC")).toBeNull();
    expect(zoneNamed("Etc/UTC")).toBeNull();
    expect(zoneNamed("Mars/Olympus")).toBeUndefined();
    expect(zoneNamed("")).toBeUndefined();
  });

  it("is ahead of UTC by what its clocks say at the instant", () => {
    expect(hours("Europe/Berlin", "2024-01-01T00:00:00Z")).toBe(1);
    expect(hours("Europe/Berlin", "2024-07-01T00:00:00Z")).toBe(2);
    expect(hours("Asia/Kolkata", "2024-07-01T00:00:00Z")).toBe(5.5);
    expect(hours("America/New_York", "2024-07-01T00:00:00Z")).toBe(-4);
    expect(hours("Pacific/Kiritimati", "2024-07-01T00:00:00Z")).toBe(14);
  });

  it("gives the instant of a wall clock's time, also where clocks are put forward or back", () => {
    const at = (text: string): string => new Date(instantOf("Europe/Berlin", Date.parse(`${text}Z`))).toISOString();
    expect(at("2024-07-01T12:00")).toBe("2024-07-01T10:00:00.000Z");
    // 02:30 was skipped; 03:30 is as far behind the gap.
    expect(at("2024-03-31T02:30")).toBe("2024-03-31T01:30:00.000Z");
    // 02:30 came twice: the first is meant.
    expect(at("2024-10-27T02:30")).toBe("2024-10-27T00:30:00.000Z");
  });

  it("goes there and back for every instant that clocks show once", () => {
    const zones = fc.constantFrom(
      "Europe/Berlin",
      "America/New_York",
      "Asia/Kolkata",
      "Australia/Lord_Howe",
      "Asia/Tehran",
    );
    const instants = fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2090, 0) });
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const wall = instant + offsetAt(zone, instant);
        const found = instantOf(zone, wall);
        // A time that clocks show twice has another instant, which they show alike.
        expect(found + offsetAt(zone, found)).toBe(wall);
        expect(found).toBeLessThanOrEqual(instant);
      }),
      { numRuns: 2000 },
    );
  });

  it("lists its changes in order, and they say the offset of every instant between 1900 and 2100", () => {
    for (const zone of ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]) {
      const changes = changesOf(zone);
      expect(changes.map(([from]) => from)).toEqual(changes.map(([from]) => from).toSorted((a, b) => a - b));
      fc.assert(
        fc.property(fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2099, 11) }), (instant) => {
          const said = changes.findLast(([from]) => from <= instant)![1];
          expect(said).toBe(offsetAt(zone, instant) / 1000);
        }),
        { numRuns: 500 },
      );
    }
  });
});
