import { sqlite } from "terrapin/sqlite";
import { conformance, type TestRunner } from "terrapin/testing";
import { describe, expect, it, test as base } from "vitest";

type Body = (this: unknown, ...given: unknown[]) => Promise<void>;

/** What was registered, by name. */
function registered(make: (runner: TestRunner) => unknown): Map<string, Body> {
  const bodies = new Map<string, Body>();
  make({ describe: (_, body) => body(), it: (name, body) => void bodies.set(name, body as Body) });
  return bodies;
}

const lacks = { script: "the proxy takes one statement at a time" } as const;
const bodies = registered((runner) => conformance(() => sqlite(":memory:"), { runner, lacks }));
const skipped = bodies.get("raw calls give rows by name, and scripts run whole")!;
const passing = bodies.get("a function that throws undoes everything, and its error comes through")!;

describe("the suite in any runner", () => {
  it("registers each case of each group under its name", () => {
    const cases = conformance(() => sqlite(":memory:")).flatMap((group) => group.cases.map(({ name }) => name));
    expect([...bodies.keys()]).toEqual(cases);
    expect(new Set(cases).size).toBe(cases.length);
  });

  it("gives functions without parameters, which no runner takes for callbacks or fixtures", () => {
    for (const body of bodies.values())
      expect([body.length, String(body).startsWith("async function body()")]).toEqual([0, true]);
  });

  it("says why a case is skipped, by the argument that vitest and node:test give", async () => {
    const reasons: string[] = [];
    await skipped.call(undefined, { skip: (reason: string) => reasons.push(reason) });
    await passing.call(undefined, { skip: (reason: string) => reasons.push(reason) });
    expect(reasons).toEqual([lacks.script]);
  });

  it("by this, as in Mocha", async () => {
    const reasons: string[] = [];
    await skipped.call({ skip: (reason: string) => reasons.push(reason) });
    expect(reasons).toEqual([lacks.script]);
  });

  it("and passes where nothing can be skipped, as in Jest", async () => {
    await skipped.call(undefined);
    await skipped.call({}, () => "done");
  });

  it("fails where the driver does something else", async () => {
    const lossy = (): ReturnType<typeof sqlite> => {
      const driver = sqlite(":memory:");
      const { run } = driver;
      driver.run = (sql, params, named) => run.call(driver, sql.replace(/^DELETE.*/, "SELECT 1"), params, named);
      return driver;
    };
    const failing = registered((runner) => conformance(lossy, { runner }));
    await expect(failing.get("update and delete touch exactly the rows of a slice")!.call(undefined)).rejects.toThrow();
  });
});

describe("the suite beside fixtures of vitest", () => {
  const test = base.extend<{ clock: number }>({ clock: [7, { auto: true }] });
  const runner: TestRunner = {
    describe: (name, body) => (name === "errors" ? describe(name, body) : undefined),
    it: test,
  };
  conformance(() => sqlite(":memory:"), { runner });
});
