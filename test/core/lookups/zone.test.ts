import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { context, Extract, fields, Model, type TerrapinContext, timezone, Trunc } from "terrapin";
import { anew } from "../../support/anew.js";

class Visit extends Model.define({
  id: fields.int({ primaryKey: true }),
  at: fields.datetime(),
  on: fields.date({ null: true }),
}) {}

const INSTANTS = [
  "2023-12-31T22:59:59.999Z", // still the old year in Berlin
  "2023-12-31T23:00:00.000Z", // 00:00 on New Year's Day there
  "2024-03-31T00:59:59.000Z", // 01:59:59, then clocks go forward
  "2024-03-31T01:00:00.000Z", // 03:00
  "2024-06-30T22:30:00.000Z", // 00:30 on the first of July
  "2024-10-27T00:30:00.000Z", // 02:30 for the first time
  "2024-10-27T01:30:00.000Z", // 02:30 again
];

let orm: TerrapinContext;
const open = async (zone: string): Promise<void> => {
  orm = await context({ connections: { default: await anew() }, models: { Visit }, timezone: zone });
  await orm.run(async () => {
    await orm.generateSchemas();
    await Visit.bulkCreate(INSTANTS.map((at) => new Visit({ at: new Date(at), on: "2024-01-01" })));
  });
};
const ids = (where: object): Promise<number[]> =>
  orm.run(
    async () =>
      await Visit.filter(where as { id: 1 })
        .orderBy("id")
        .valuesList("id", { flat: true }),
  );

describe("the time zone of a context", () => {
  beforeEach(() => open("Europe/Berlin"));
  afterEach(() => orm.closeConnections());

  it("decides the day of an instant", async () => {
    expect(await ids({ at__date: "2024-01-01" })).toEqual([2]);
    expect(await ids({ at__date: "2023-12-31" })).toEqual([1]);
    expect(await ids({ at__date: "2024-07-01" })).toEqual([5]);
    expect(await ids({ at__date: new Date("2024-06-30T23:00:00Z") })).toEqual([5]);
  });

  it("decides what is extracted from an instant, and in which span it is", async () => {
    const rows = Visit.annotate({
      year: Extract("at", "year"),
      hour: Extract("at", "hour"),
      day: Trunc("at", "day"),
      month: Trunc("at", "month"),
      own: Trunc("on", "year"),
    }).filter({ id__in: [1, 2, 5] });
    expect(await orm.run(async () => rows.orderBy("id").valuesList("year", "hour", "day", "month", "own"))).toEqual([
      [2023, 23, "2023-12-31", "2023-12-01", "2024-01-01"],
      [2024, 0, "2024-01-01", "2024-01-01", "2024-01-01"],
      [2024, 0, "2024-07-01", "2024-07-01", "2024-01-01"],
    ]);
  });

  it("decides the year and the other parts", async () => {
    expect(await ids({ at__year: 2023 })).toEqual([1]);
    expect(await ids({ at__year: 2024 })).toEqual([2, 3, 4, 5, 6, 7]);
    expect(await ids({ at__month: 7 })).toEqual([5]);
    expect(await ids({ at__day: 1 })).toEqual([2, 5]);
    expect(await ids({ at__quarter: 3 })).toEqual([5]);
    expect(await ids({ at__week: 1 })).toEqual([2]);
    expect(await ids({ at__hour: 0 })).toEqual([2, 5]);
    expect(await ids({ at__hour: 2 })).toEqual([6, 7]);
    expect(await ids({ at__hour: 3 })).toEqual([4]);
    expect(await ids({ at__minute: 30 })).toEqual([5, 6, 7]);
    expect(await ids({ at__second: 59 })).toEqual([1, 3]);
  });

  it("says nothing of a calendar's day", async () => {
    expect(await ids({ on__year: 2024, on__day: 1, on__month: 1 })).toHaveLength(INSTANTS.length);
  });

  it("leaves the same model's plans of another zone alone", async () => {
    expect(await ids({ at__day: 1 })).toEqual([2, 5]);
    const berlin = orm;
    await open("UTC");
    expect(await ids({ at__day: 1 })).toEqual([]);
    await orm.closeConnections();
    await open("Asia/Tokyo");
    expect(await ids({ at__day: 1 })).toEqual([1, 2, 5]);
    await berlin.closeConnections();
  });
});

describe("a wrong time zone", () => {
  it("is refused by name when the context is made", async () => {
    await expect(open("Mars/Olympus")).rejects.toMatchObject({
      code: "timezone",
      message: expect.stringContaining("Mars/Olympus"),
    });
  });
});

describe("timezone", () => {
  const instant = new Date("2024-07-01T10:00:00.000Z");
  it("goes from instants to wall clocks and back", () => {
    expect(timezone.localtime(instant, "Europe/Berlin")).toBe("2024-07-01T12:00:00.000+02:00");
    expect(timezone.localtime(instant, "America/St_Johns")).toBe("2024-07-01T07:30:00.000-02:30");
    expect(timezone.makeNaive(instant, "Europe/Berlin")).toBe("2024-07-01T12:00:00.000");
    expect(timezone.makeAware("2024-07-01T12:00", "Europe/Berlin")).toEqual(instant);
    expect(timezone.makeAware("2024-07-01", "UTC")).toEqual(new Date("2024-07-01T00:00:00.000Z"));
  });
  it("tells which is which", () => {
    expect(timezone.isAware(instant)).toBe(true);
    expect(timezone.isAware("2024-07-01T12:00:00Z")).toBe(true);
    expect(timezone.isNaive("2024-07-01T12:00:00")).toBe(true);
    expect(timezone.isNaive("2024-07-01T12:00:00+02:00")).toBe(false);
  });
  it("refuses what is neither", () => {
    expect(() => timezone.makeAware("2024-07-01T12:00:00Z", "UTC")).toThrow(/without an offset/);
    expect(() => timezone.makeAware("2024-02-30T99:00", "UTC")).toThrow();
    expect(() => timezone.makeNaive(new Date(Number.NaN), "UTC")).toThrow(/invalid/);
    expect(() => timezone.localtime(instant, "Mars/Olympus")).toThrow(/Mars/);
  });
});
