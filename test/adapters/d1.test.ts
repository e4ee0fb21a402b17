import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../core/base/errors.js";
import { d1 } from "../../adapters/d1.js";
import { conformanceInWorkerd, runProbe, worker } from "../support/workerd.js";

describe("D1 in workerd", () => {
  const miniflare = worker("test/adapters/workers/d1.ts", () => ({ d1Databases: { DB: "suite" } }));

  conformanceInWorkerd(miniflare);

  test("binds integers as integers and gives bytes as bytes", async () => {
    expect(await runProbe(miniflare(), "types")).toEqual([
      ["integer", "real", "text", [0, 255], "?", "-9223372036854775808"],
    ]);
  });

  test("keeps columns of one name apart, in batches too", async () => {
    expect(await runProbe(miniflare(), "sameNames")).toEqual([
      [[1, 2, 3]],
      [[7, 7, 8]],
      [[1, 2, 3]],
      { rows: [[1, 2, 3]], affected: 0, insertId: null, columns: ["a", "a", "b"] },
    ]);
  });

  test("tells the counters of each statement to whoever asks", async () => {
    expect(await runProbe(miniflare(), "counters")).toEqual({
      rows: [
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 3],
      ],
      affected: 2,
      told: [
        ["CREATE TABLE counted (id INTEGER PRIMARY KEY, n INTEGER)", 1, 2],
        ["INSERT INTO counted (n) VALUES (1), (2), (3)", 0, 3],
        ["SELECT id, id, n FROM counted", 3, 0],
        ["UPDATE counted SET n = 0 WHERE id > ?", 2, 2],
      ],
    });
  });

  test("carries a session on by its bookmark", async () => {
    expect(await runProbe(miniflare(), "sessions")).toEqual(["string", 1, true, null]);
  });

  test("runs a script whole or not at all", async () => {
    expect(await runProbe(miniflare(), "scripts")).toEqual(["no such table: nowhere", []]);
  });

  test("writes 5,000 rows in one request, whichever way, and finds 50,000 keys in one", async () => {
    expect(await runProbe(miniflare(), "many")).toEqual({ insert: 1, upsert: 1, update: 1, found: 5000, find: 1 });
  });

  test("counts the statements that count rows, before anything is sent", async () => {
    expect(await runProbe(miniflare(), "statements")).toEqual([
      [
        "LimitError",
        "the request has 1002 statements, and D1 takes 1000 (maxStatementsPerRequest) (an update or delete takes two; write in smaller batches; nothing was sent)",
      ],
      true,
      "kept",
    ]);
  });

  test("keeps no transaction open, and says what to write instead", async () => {
    expect(await runProbe(miniflare(), "transaction")).toEqual({
      error: {
        type: "UnsupportedError",
        code: "unsupported",
        message: expect.stringContaining("(D1) cannot keep a transaction open between statements"),
        hint: expect.stringContaining("await batch([order.save(), guard.affected(1),"),
      },
    });
  });
});

describe("d1() refuses", () => {
  const binding = { prepare: () => null!, batch: () => null! };
  test.each([
    ["what is no binding", () => d1(undefined as never), "takes the binding of a D1 database, not undefined"],
    ["a name", () => d1("DB" as never), "takes the binding of a D1 database, not a string"],
    ["an unknown option", () => d1(binding, { sesion: "x" } as never), 'has no option "sesion"'],
    ["an empty bookmark", () => d1(binding, { session: "" }), "a word or a bookmark"],
    ["a session where there are none", () => d1(binding, { session: "first-primary" }), "has no sessions"],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });
});
