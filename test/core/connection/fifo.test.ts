import { describe, expect, it } from "vitest";
import { TimeoutError, TransactionManagementError } from "../../../core/base/errors.js";
import { captureOrigin, Fifo } from "../../../core/connection/fifo.js";

const queue = (timeout = 1000, isInside: (holder: object) => boolean = () => false): Fifo =>
  new Fifo({ name: "the connection to app.db", timeout, isInside });

describe("Fifo", () => {
  it("is free until somebody holds it and again after release", () => {
    const fifo = queue();
    const holder = {};
    expect(fifo.free).toBe(true);
    fifo.hold(holder, null);
    expect(fifo.free).toBe(false);
    fifo.release({});
    expect(fifo.free).toBe(false);
    fifo.release(holder);
    expect(fifo.free).toBe(true);
  });

  it("takes a job at once while it is free, and otherwise in its turn", async () => {
    const fifo = queue();
    expect(fifo.take(() => 1)).toBe(1);
    const holder = fifo.hold({});
    const later = fifo.take(() => 2);
    fifo.release(holder);
    expect(await later).toBe(2);
  });

  it("asks the test that it was attached with, and says by itself that it was closed", async () => {
    const fifo = new Fifo({ name: "the connection to app.db", timeout: 1000 });
    const own = fifo.hold({});
    const waiting = fifo.wait(() => 1);
    fifo.attach((holder) => holder === own);
    expect(() => fifo.wait(() => 1)).toThrow(TransactionManagementError);
    fifo.abandon();
    await expect(waiting).rejects.toThrow("the connection to app.db was closed");
    expect(fifo.free).toBe(true);
  });

  it("serves those who wait in order, and a job that holds makes the next ones wait on", async () => {
    const fifo = queue();
    const [first, second] = [{}, {}];
    const seen: string[] = [];
    fifo.hold(first, null);
    const a = fifo.wait(() => void seen.push("a"));
    const b = fifo.wait(() => {
      seen.push("b");
      fifo.hold(second, null);
    });
    const c = fifo.wait(() => void seen.push("c"));
    fifo.release(first);
    await a;
    await b;
    expect(seen).toEqual(["a", "b"]);
    fifo.release(second);
    await c;
    expect(seen).toEqual(["a", "b", "c"]);
  });

  it("goes on with the next one when a job throws", async () => {
    const fifo = queue();
    const holder = {};
    fifo.hold(holder, null);
    const failing = fifo.wait(() => {
      throw new Error("boom");
    });
    const next = fifo.wait(() => 7);
    fifo.release(holder);
    await expect(failing).rejects.toThrow("boom");
    await expect(next).resolves.toBe(7);
  });

  it("ends waiting with a TimeoutError that names the holder's line", async () => {
    const fifo = queue(20);
    function transferMoney(): void {
      fifo.hold({}, captureOrigin(captureNothing));
    }
    function captureNothing(): void {}
    transferMoney();
    const error = await fifo.wait(() => 1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as TimeoutError).code).toBe("acquire_timeout");
    expect((error as TimeoutError).message).toContain("waited 20 ms for the connection to app.db");
  });

  it("names the function that called the one whose call is captured", () => {
    const begin = (): { stack?: string } => captureOrigin(begin);
    function transferMoney(): { stack?: string } {
      return begin();
    }
    expect(
      transferMoney()
        .stack?.split("\n")
        .find((line) => line.includes(" at ")),
    ).toContain("transferMoney");
  });

  it("does not run the job of one who gave up", async () => {
    const fifo = queue(10);
    const holder = {};
    let ran = false;
    fifo.hold(holder, null);
    await expect(
      fifo.wait(() => {
        ran = true;
      }),
    ).rejects.toBeInstanceOf(TimeoutError);
    fifo.release(holder);
    expect(ran).toBe(false);
    expect(fifo.free).toBe(true);
  });

  it("refuses at once to wait for one's own ancestor", () => {
    const holder = {};
    const fifo = queue(1000, (each) => each === holder);
    fifo.hold(holder, null);
    expect(() => fifo.wait(() => 1)).toThrow(TransactionManagementError);
  });

  it("tells everybody when there is nothing left to wait for", async () => {
    const fifo = queue();
    fifo.hold({}, null);
    const waiting = [fifo.wait(() => 1), fifo.wait(() => 2)];
    fifo.abandon(new Error("closed"));
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(fifo.free).toBe(true);
  });
});
