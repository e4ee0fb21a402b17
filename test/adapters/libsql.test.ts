import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { createClient } from "@libsql/client";
import { libsql } from "../../adapters/libsql.js";
import { ConfigurationError, FieldError } from "../../core/base/errors.js";
import { conformance } from "../../core/testing/conformance/index.js";
import { asyncContext } from "../../node/async-context.js";
import { type HranaServer, startHranaServer } from "../support/hrana-server.js";
import { conformanceInWorkerd, worker } from "../support/workerd.js";

const runner = { describe, it };
const given = process.env["TEST_LIBSQL_URL"];
let server: HranaServer | null = null;

beforeAll(async () => {
  if (given === undefined) server = await startHranaServer();
});
afterAll(() => server?.close());

const remote = (): { url: string; authToken?: string } => {
  const authToken = process.env["TEST_LIBSQL_TOKEN"];
  return { url: given ?? server!.url, ...(authToken === undefined ? {} : { authToken }) };
};

describe("libSQL in memory", () => {
  conformance(() => libsql(":memory:"), { runner, asyncContext: asyncContext() });
});

describe("libSQL on a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "terrapin-libsql-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  conformance(() => libsql(`file:${join(folder, "app.db")}`), { runner, asyncContext: asyncContext() });
});

describe("libSQL over HTTP", () => {
  conformance(() => libsql(remote()), { runner, asyncContext: asyncContext() });
});

describe("libSQL over HTTP, from workerd", () => {
  const miniflare = worker("test/adapters/workers/libsql.ts", () => ({ bindings: { LIBSQL: remote() } }));

  conformanceInWorkerd(miniflare);
});

describe("libsql()", () => {
  test("takes a client that is there already, and leaves it closed when it closes", async () => {
    const client = createClient({ url: ":memory:", intMode: "bigint" });
    const driver = libsql(client);
    expect((await driver.run("SELECT 1, 9007199254740993", [])).rows).toEqual([[1, 9007199254740993n]]);
    await driver.close();
    expect(client.closed).toBe(true);
    const error = await Promise.resolve(driver.run("SELECT 1", [])).catch((thrown: unknown) => thrown);
    expect(driver.toError(error, null).code).toBe("closed");
  });

  test("says so when it is closed while a statement runs", async () => {
    const driver = libsql(remote());
    const running = Promise.resolve(driver.run("SELECT 1", [])).then(
      () => null,
      (thrown: unknown) => driver.toError(thrown, "SELECT 1"),
    );
    await driver.close();
    expect(await running).toMatchObject({ name: "DBConnectionError", code: "closed" });
    expect((await driver.run("SELECT 1", [])).rows).toEqual([[1]]);
    await driver.close();
  });

  test("opens again what it opened itself", async () => {
    const driver = libsql(":memory:");
    await driver.run("CREATE TABLE a (b)", []);
    await driver.close();
    expect((await driver.run("SELECT count(*) FROM sqlite_schema", [])).rows).toEqual([[0]]);
    await driver.close();
  });

  test("sends bigints and reads integers and bytes exactly, and keeps columns of one name apart", async () => {
    const driver = libsql(remote());
    const bytes = new Uint8Array([0, 255]);
    const { rows, columns } = await driver.run(
      "SELECT typeof(?) AS a, ? AS a, ? AS b",
      [1n, 2n ** 63n - 1n, bytes],
      true,
    );
    expect(rows).toEqual([["integer", 2n ** 63n - 1n, bytes]]);
    expect(columns).toEqual(["a", "a", "b"]);
  });

  test("does not write what the native client would not read", async () => {
    const driver = libsql(":memory:");
    await expect(driver.run("SELECT ?", ["a\0b"])).rejects.toThrow(FieldError);
    await driver.close();
  });

  test("never tells a password or a token", () => {
    expect(libsql("libsql://user:secret@db.example?authToken=secret").label).toBe("libsql://db.example");
  });

  test.each([
    ["nothing", undefined, "takes a URL, options or a client, not undefined"],
    ["options without a URL", { authToken: "x" }, "needs the URL of a database"],
    ["another way to read integers", { url: ":memory:", intMode: "number" }, "intMode is its own"],
  ])("refuses %s", (_name, source, message) => {
    expect(() => libsql(source as never)).toThrow(ConfigurationError);
    expect(() => libsql(source as never)).toThrow(message);
  });
});
