import { describe, expect, it } from "vitest";
import { Connection } from "../../../core/connection/connection.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";

describe("mock", () => {
  it("records statements and answers from its script, then with nothing", async () => {
    const driver = mock({
      dialect,
      answers: [{ rows: [[1]] }, new Error("boom"), ({ params }) => ({ affected: params.length })],
    });
    const db = new Connection("default", driver);
    expect((await db.run("A", [])).rows).toEqual([[1]]);
    expect(() => db.run("B", [])).toThrow("boom");
    expect((await db.run("C", [1, 2])).affected).toBe(2);
    expect(await db.run("D", [])).toEqual({ rows: [], affected: 0, insertId: null });
    expect(driver.statements).toEqual([
      { sql: "A", params: [] },
      { sql: "B", params: [] },
      { sql: "C", params: [1, 2] },
      { sql: "D", params: [] },
    ]);
  });

  it("prefers rules to the script, the newest first", async () => {
    const driver = mock({ dialect, answers: [{ affected: 1 }] });
    driver.answer("users", { affected: 2 });
    driver.answer(/^DELETE/, { affected: 3 });
    expect(
      [
        await driver.run("DELETE FROM users", []),
        await driver.run("UPDATE users", []),
        await driver.run("UPDATE x", []),
      ].map(({ affected }) => affected),
    ).toEqual([3, 2, 1]);
  });

  it("counts a batch as one round trip and forgets on clear", async () => {
    const driver = mock({ dialect, async: true });
    await driver.batch!([
      { sql: "A", params: [] },
      { sql: "B", params: [] },
    ]);
    expect([driver.roundTrips, driver.statements.length]).toEqual([1, 2]);
    driver.clear();
    expect([driver.roundTrips, driver.statements.length]).toEqual([0, 0]);
  });

  it("leaves out what it should not be able to do, and has the limits it is given", () => {
    const driver = mock({ dialect, without: ["begin", "stream"], limits: { maxParams: 100 } });
    expect([driver.begin, driver.stream, driver.limits.maxParams, driver.limits.maxColumns]).toEqual([
      undefined,
      undefined,
      100,
      Infinity,
    ]);
    expect(driver.batch).toBeDefined();
  });
});
