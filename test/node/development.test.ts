import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, it, vi } from "vitest";
import { closeConnections, fields, generateSchemas, init, Model } from "terrapin";
import { sqlite } from "terrapin/sqlite";

class Note extends Model.define({ text: fields.text() }) {}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const warnings: string[] = [];
const warn = vi
  .spyOn(process, "emitWarning")
  .mockImplementation(((message: string) => warnings.push(message)) as never);

afterEach(async () => {
  warnings.length = 0;
  await closeConnections();
});

async function start(development: boolean): Promise<void> {
  await init({ connections: { default: sqlite(":memory:") }, models: { Note }, development });
  await generateSchemas();
}

/** Makes a write and lets go of it. */
function makeOne(): void {
  void Note.create({ text: "lost" });
}

async function forget(): Promise<void> {
  for (let i = 0; i < 20 && warnings.length === 0; i++) {
    collect();
    await new Promise((done) => setTimeout(done, 5));
  }
}

it("names the line that made a write which nobody awaited", async () => {
  await start(true);
  makeOne();
  await forget();
  expect(warnings.join()).toContain("never awaited");
  expect(warnings.join()).toContain("development.test.ts");
  expect(await Note.count()).toBe(0);
});

it("says nothing of writes that ran", async () => {
  await start(true);
  await Note.create({ text: "kept" });
  await forget();
  expect(warnings).toEqual([]);
});

it("says nothing unless it was asked to", async () => {
  await start(false);
  makeOne();
  await forget();
  expect(warnings).toEqual([]);
  expect(warn).not.toHaveBeenCalledWith(expect.stringContaining("never awaited"), expect.anything());
});
