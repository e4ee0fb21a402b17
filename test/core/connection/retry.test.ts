import { afterEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../core/base/errors.js";
import { inTransaction } from "../../../core/connection/atomic.js";
import { Context, setAsyncStore, setDefaultContext } from "../../../core/connection/context.js";
import { ConnectionRegistry } from "../../../core/connection/registry.js";
import { mock, type MockDriver } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { asyncContext } from "../../../node/async-context.js";

function start(): MockDriver {
  const driver = mock({ dialect: sqliteDialect, async: true });
  setAsyncStore(asyncContext());
  setDefaultContext(new Context(new ConnectionRegistry({ default: driver })));
  return driver;
}

afterEach(() => {
  setAsyncStore(null);
  setDefaultContext(null);
});

const failing = (code: string): Error => new OperationalError("no", { code });

/** Fails that many times, then gives back how often it was called. */
function flaky(times: number, code: string): () => Promise<number> {
  let calls = 0;
  return async () => {
    calls++;
    if (calls <= times) throw failing(code);
    return calls;
  };
}

describe("retry", () => {
  it.each(["busy", "deadlock", "lock_timeout", "changed_since_read", "connection_lost"])(
    "runs the whole function again after %s",
    async (code) => {
      const driver = start();
      expect(await inTransaction(flaky(2, code), { retry: { times: 2, delay: 1 } })).toBe(3);
      expect(driver.statements.map(({ sql }) => sql)).toEqual([
        "BEGIN",
        "ROLLBACK",
        "BEGIN",
        "ROLLBACK",
        "BEGIN",
        "COMMIT",
      ]);
    },
  );

  it("gives up after so many times, with the last error", async () => {
    const driver = start();
    await expect(inTransaction(flaky(9, "deadlock"), { retry: { times: 2, delay: 0 } })).rejects.toMatchObject({
      code: "deadlock",
    });
    expect(driver.statements.filter(({ sql }) => sql === "BEGIN")).toHaveLength(3);
  });

  it("never repeats what was not asked to be, what may have been committed, and what will fail again", async () => {
    const driver = start();
    await expect(inTransaction(flaky(1, "deadlock"))).rejects.toMatchObject({ code: "deadlock" });
    for (const code of ["commit_unknown", "acquire_timeout", "integrity", "syntax"])
      await expect(inTransaction(flaky(1, code), { retry: 3 })).rejects.toMatchObject({ code });
    expect(driver.statements.filter(({ sql }) => sql === "BEGIN")).toHaveLength(5);
  });

  it("repeats when the COMMIT is what failed", async () => {
    const driver = start();
    let commits = 0;
    driver.answer("COMMIT", () => (commits++ === 0 ? failing("deadlock") : {}));
    let calls = 0;
    await inTransaction(async () => void calls++, { retry: { times: 1, delay: 0 } });
    expect(calls).toBe(2);
  });

  it("leaves repeating to the outermost transaction", async () => {
    start();
    let inner = 0;
    let outer = 0;
    await inTransaction(
      async (tx) => {
        outer++;
        await inTransaction(
          async () => {
            inner++;
            if (inner < 3) throw failing("deadlock");
          },
          { connection: tx, retry: 5 },
        );
      },
      { retry: { times: 5, delay: 0 } },
    );
    expect([outer, inner]).toEqual([3, 3]);
  });

  it("looks at what ended a transaction when something later says that it has ended", async () => {
    start();
    let calls = 0;
    const lost = Object.assign(failing("lost"), { cause: failing("deadlock") });
    await inTransaction(
      async () => {
        calls++;
        if (calls === 1) throw lost;
      },
      { retry: { times: 1, delay: 0 } },
    );
    expect(calls).toBe(2);
  });
});

describe("signal", () => {
  it("keeps a transaction from beginning", async () => {
    const driver = start();
    const reason = new Error("mine");
    await expect(inTransaction(async () => {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(driver.statements).toEqual([]);
  });

  it("rolls back what is aborted before it is committed, and does not repeat it", async () => {
    const driver = start();
    const controller = new AbortController();
    const work = async (): Promise<void> => {
      controller.abort(new Error("mine"));
    };
    await expect(inTransaction(work, { signal: controller.signal, retry: 3 })).rejects.toThrow("mine");
    expect(driver.statements.map(({ sql }) => sql)).toEqual(["BEGIN", "ROLLBACK"]);
  });

  it("is the reason, whatever the interrupted statement says", async () => {
    start();
    const controller = new AbortController();
    const work = async (): Promise<void> => {
      controller.abort(new Error("mine"));
      throw failing("interrupted");
    };
    await expect(inTransaction(work, { signal: controller.signal })).rejects.toThrow("mine");
  });
});
