import { describe, expect, test } from "vitest";
import { mysqlDatabase } from "../support/databases.js";
import { worker } from "../support/workerd.js";

const { hostname, port, username, password, pathname } = new URL(await mysqlDatabase());
const MYSQL = { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) };

describe("mysql2 in workerd, where no text is evaluated", () => {
  const miniflare = worker("test/adapters/workers/mysql.ts", () => ({
    bindings: { MYSQL },
    compatibilityFlags: ["nodejs_compat"],
  }));

  test.each(["/", "/text"])("writes, reads and undoes: %s", async (path) => {
    const response = await miniflare().dispatchFetch(`http://worker${path}`);
    expect(await response.json()).toEqual({
      id: expect.any(Number),
      name: "é🐢",
      cost: "1.35",
      big: "9223372036854775807",
      doc: { a: [1] },
      madeAt: true,
      undone: 0,
    });
  });
});
