import { afterEach, describe, expect, it, vi } from "vitest";
import {
  closeConnections,
  context,
  fields,
  generateSchemas,
  getConnection,
  init,
  Model,
  type QueryEvent,
} from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { init as coreInit } from "../../core/orm.js";

class Note extends Model.define({ id: fields.bigInt({ primaryKey: true }), text: fields.text() }) {}

const base = () => ({ connections: { default: sqlite(":memory:") }, models: { Note } });
const warnings: string[] = [];
vi.spyOn(process, "emitWarning").mockImplementation(((message: string) => warnings.push(message)) as never);
afterEach(async () => {
  warnings.length = 0;
  await closeConnections();
});

describe("init", () => {
  it("observes the connections of its own context", async () => {
    const events: QueryEvent[] = [];
    await init({ ...base(), onQuery: (event) => events.push(event), logParams: true, logCaller: true });
    await generateSchemas();
    events.length = 0;
    const other = await context(base());
    await other.generateSchemas();
    await other.run(() => Note.count());
    await other.closeConnections();
    expect(events).toEqual([]);
    await Note.filter({ text: "ö" }).count();
    expect(events).toMatchObject([
      { params: ["ö"], caller: expect.stringContaining("observe.test.ts") as string, connection: "default" },
    ]);
    await closeConnections();
    await init(base());
    await generateSchemas();
    expect(events).toHaveLength(1);
  });

  it("goes on observing a connection that was closed and opened again", async () => {
    const events: QueryEvent[] = [];
    await init({ ...base(), onQuery: (event) => events.push(event) });
    await generateSchemas();
    await closeConnections();
    await generateSchemas();
    expect(events).toHaveLength(2);
  });

  it("writes the log where it is told, without values unless they are asked for", async () => {
    const entries: string[] = [];
    await init({ ...base(), logQueries: { write: (entry) => entries.push(entry), style: (_part, text) => text } });
    await generateSchemas();
    await Note.create({ text: "secret" });
    expect(entries.at(-1)).toContain("INSERT INTO");
    expect(entries.at(-1)).toContain("1 parameter: text");
    expect(entries.join()).not.toContain("secret");
  });

  it("begins the log with the databases, and tells no password", async () => {
    const entries: string[] = [];
    const connections = {
      default: sqlite(":memory:"),
      far: "mysql://ann:hush@127.0.0.1:1/app",
      plain: "sqlite://x.db",
    };
    await init({
      connections,
      models: {},
      logQueries: { write: (entry) => entries.push(entry), style: (_, text) => text },
    });
    expect(entries).toEqual([
      "-- connections: default is :memory: (SQLite), far is mysql://127.0.0.1:1/app (MySQL), plain is x.db (SQLite)",
    ]);
  });

  it("writes the log to standard error otherwise, plain where that is no terminal", async () => {
    const write = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
    try {
      await init({ ...base(), logQueries: true });
      await generateSchemas();
      await Note.count();
      const [text] = write.mock.calls.at(-1) as [string];
      expect(text).toMatch(/^-- default [\d.]+ ms, 1 row\nSELECT COUNT\(.\) FROM "note"\n$/);
    } finally {
      write.mockRestore();
    }
  });

  it("warns of slow queries and of repeated ones as the platform warns", async () => {
    await init({ ...base(), slowQueryMs: 0 });
    await generateSchemas();
    expect(warnings[0]).toMatch(/^slow query \(0 ms or more\)/);
    await init({ ...base(), detectRepeated: 2 });
    await generateSchemas();
    warnings.length = 0;
    for (let id = 0; id < 3; id++) await Note.filter({ id });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("ran 3 times");
  });

  it("reports a listener that fails as the platform warns, and goes on", async () => {
    await init({
      ...base(),
      onQuery: () => {
        throw new Error("listener broke");
      },
    });
    await generateSchemas();
    expect(await Note.count()).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("listener broke");
  });

  it.each([
    [{ slowQueryMs: -1 }, "slowQueryMs is a number of milliseconds"],
    [{ slowQueryMs: "200" }, "slowQueryMs is a number of milliseconds, not a string"],
    [{ logQueries: "yes" }, "logQueries is true or options"],
    [{ detectRepeated: "yes" }, "detectRepeated is a number or options"],
    [{ detectRepeated: 0 }, "limit of repeated queries"],
    [{ logParams: 1 }, "logParams is true or false"],
    [{ onQuery: 1 }, "a listener is a function"],
  ])("refuses %j", async (given, message) => {
    await expect(init({ ...base(), ...(given as object) })).rejects.toThrow(message);
  });

  it("names the imports that do the same where only what is imported is loaded", async () => {
    const refused = coreInit({ ...base(), logQueries: true });
    await expect(refused).rejects.toMatchObject({ code: "needs_observe" });
    await expect(coreInit({ ...base(), logQueries: true })).rejects.toThrow("logQueries");
  });
});

it.each([
  ["FORCE_COLOR", "\u001b[36mSELECT 1\u001b[39m"],
  ["NO_COLOR", "SELECT 1"],
])("colours the log as %s says", async (variable, line) => {
  const write = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  vi.stubEnv("FORCE_COLOR", undefined);
  vi.stubEnv("NO_COLOR", undefined);
  vi.stubEnv(variable, "1");
  try {
    await init({ ...base(), logQueries: true });
    await getConnection("default").executeQuery("SELECT 1");
    expect((write.mock.calls.at(-1) as [string])[0].split("\n")).toContain(line);
  } finally {
    vi.unstubAllEnvs();
    write.mockRestore();
  }
});
