import { Client } from "@planetscale/database";
import { afterAll, describe, expect, it, test } from "vitest";
import { planetscale } from "../../adapters/planetscale.js";
import { ConfigurationError, ParamsError, UnsupportedError } from "../../core/base/errors.js";
import { conformance } from "../../core/testing/conformance/index.js";
import { asyncContext } from "../../node/async-context.js";
import { mysqlDatabase } from "../support/databases.js";
import { startPsdbServer } from "../support/psdb-server.js";
import { conformanceInWorkerd, worker } from "../support/workerd.js";

const runner = { describe, it };
const given = process.env["TEST_PLANETSCALE_URL"];
const server = given === undefined ? await startPsdbServer(await mysqlDatabase()) : null;
const url = given ?? server!.url;
afterAll(() => server?.close());

const lacks = given === undefined ? { deepJson: "the MariaDB behind the stand-in takes JSON of 32 levels" } : {};

describe("PlanetScale from Node", () => {
  conformance(() => planetscale(url), { runner, lacks, asyncContext: asyncContext() });
});

describe("PlanetScale from workerd", () => {
  const miniflare = worker("test/adapters/workers/planetscale.ts", () => ({
    bindings: { PLANETSCALE_URL: url, LACKS: lacks },
  }));

  conformanceInWorkerd(miniflare);
});

describe("planetscale()", () => {
  const driver = planetscale(url);
  const one = async (sql: string, ...params: never[]): Promise<unknown> => (await driver.run(sql, params)).rows[0]![0];

  test.each([
    ["a text of many scripts", 'it\'s \\ "ünï" 😀 \n\r\t \u001a % _ ?', "SELECT ?"],
    ["a text with NUL", "a\0b", "SELECT ?"],
    ["the smallest integer", -9223372036854775808n, "SELECT CAST(? AS CHAR)", "-9223372036854775808"],
    ["a float that decimals only come near", 0.1, "SELECT ? + 0.2e0", 0.1 + 0.2],
    ["the largest float", Number.MAX_VALUE, "SELECT ?"],
    ["the smallest float", 5e-324, "SELECT ?"],
    ["a float of many digits", 482_641_747_421_090_370, "SELECT ?"],
    ["an integer", 7, "SELECT ? DIV 2", 3],
    ["nothing", null, "SELECT ?"],
    ["bytes", new Uint8Array([0, 39, 92, 255]), "SELECT ?"],
    ["no bytes", new Uint8Array([]), "SELECT HEX(?)", ""],
  ])("sends and reads %s exactly", async (_name, value, sql, expected = value as never) => {
    expect(await one(sql, value as never)).toEqual(expected);
  });

  test("finds placeholders only outside of quotes and comments", async () => {
    const sql = "SELECT '?', 'it''s ?', '\\'?', \"?\", ? AS `?` -- ?\n /* ? */ # ?";
    expect((await driver.run(sql, [5], true)).columns!.at(-1)).toBe("?");
    expect((await driver.run(sql, [5])).rows).toEqual([["?", "it's ?", "'?", "?", 5]]);
    await expect(driver.run("SELECT ?, ?", [1])).rejects.toThrow(ParamsError);
    await expect(driver.run("SELECT ?", [1, 2])).rejects.toThrow(ParamsError);
  });

  test("gives integers past 2^53 as bigints where they were asked for by name", async () => {
    expect((await driver.run("SELECT 9007199254740993 AS a, 1 AS b", [], true)).rows).toEqual([[9007199254740993n, 1]]);
  });

  test("sends the statements of a transaction one after another, and each other one in a session of its own", async () => {
    let [running, most] = [0, 0];
    const sessions: unknown[] = [];
    const counted: typeof fetch = async (input, init) => {
      most = Math.max(most, ++running);
      sessions.push((JSON.parse(init!.body as string) as { session: unknown }).session);
      const answer = await fetch(input, init).finally(() => running--);
      return answer;
    };
    const own = planetscale({ url, fetch: counted });
    const five = (on: Pick<typeof own, "run">): Promise<unknown> =>
      Promise.all([1, 2, 3, 4, 5].map(async (n) => on.run("SELECT ?", [n])));
    await five(own);
    await own.run("SELECT 6", []);
    expect([most > 1, sessions]).toEqual([true, [null, null, null, null, null, null]]);
    most = 0;
    const session = await own.begin!({});
    await five(session);
    await session.commit();
    expect([most, sessions.slice(7).every((each) => each !== null)]).toEqual([1, true]);
  });

  test("takes a client that is there already", async () => {
    expect((await planetscale(new Client({ url })).run("SELECT 1", [])).rows).toEqual([[1]]);
  });

  test("refuses statements that would change a session which nobody gets back", async () => {
    await expect(driver.run("BEGIN", [])).rejects.toThrow("cannot be run by hand");
    await expect(driver.begin!({ isolation: "serializable" })).rejects.toThrow(UnsupportedError);
  });

  test("tells no password", () => {
    expect(planetscale("https://user:secret@db.example").label).toBe("db.example");
  });

  test.each([
    ["nothing", undefined, "takes a URL, options or a client, not undefined"],
    ["no URL", "db", "a URL that is none"],
    ["half of the credentials", { host: "x", username: "y" }, "needs a URL, or host, username and password"],
    ["an unknown option", { url: "https://x", user: "y" }, 'has no option "user"'],
  ])("refuses %s", (_name, source, message) => {
    expect(() => planetscale(source as never)).toThrow(ConfigurationError);
    expect(() => planetscale(source as never)).toThrow(message);
  });
});
