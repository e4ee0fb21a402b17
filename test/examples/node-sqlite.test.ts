import { readFileSync } from "node:fs";
import { Terrapin, TransactionManagementError } from "terrapin";
import { describe, expect, it } from "vitest";
import { nodeSqlite } from "../../examples/node-sqlite/driver.ts";
import { Author } from "../../examples/node-server/models.ts";

describe("the driver of the page about adapters", () => {
  it("is whole in 60 lines", () => {
    expect(readFileSync("examples/node-sqlite/driver.ts", "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(60);
  });

  it("keeps nothing of a transaction that was open when it was closed", async () => {
    const driver = nodeSqlite(":memory:");
    const orm = await Terrapin.context({ connections: { default: driver }, models: { Author } });
    const tx = await orm.connections.get("default").begin();
    const waiting = driver.run("SELECT 1", []);
    await orm.closeConnections();
    await expect(waiting).rejects.toThrow("the connection to :memory: was closed");
    await expect(tx.executeQuery("SELECT 1")).rejects.toThrow(TransactionManagementError);
    expect(driver.run("SELECT 1", [])).toMatchObject({ rows: [[1]] });
  });
});
