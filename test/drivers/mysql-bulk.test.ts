import { fields, inTransaction, LimitError, Model } from "terrapin";
import { captureQueries } from "terrapin/testing";
import type { MysqlDriver } from "terrapin/mysql";
import { mysql } from "terrapin/mysql";
import { describe, expect, it } from "vitest";
import { mysqlDatabase } from "../support/databases.js";
import { tablesForEach } from "../support/tables.js";

const url = await mysqlDatabase();

class Note extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  title: fields.text(),
  level: fields.smallInt(),
  bytes: fields.binary({ null: true }),
}) {}
class Wide extends Model.define(
  Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`n${i}`, fields.int({ default: i })])),
) {}

const notes = (count: number, title: (i: number) => string = String): Note[] =>
  Array.from({ length: count }, (_, i) => new Note({ title: title(i), level: i % 5 }));
const statements = async (work: () => PromiseLike<unknown>): Promise<number> =>
  (await captureQueries(work)).queries.filter(({ sql }) => sql.startsWith("INSERT")).length;

describe.each([
  ["prepared", true],
  ["as text", false],
])("many rows at once, %s", (_name, prepared) => {
  let driver: MysqlDriver;
  tablesForEach({ Note, Wide }, () => (driver = mysql(`${url}?prepared=${prepared}&maxsize=2`)));

  it("come in as few statements as are good for the server", async () => {
    const made = notes(1207);
    expect(await statements(() => Note.bulkCreate(made))).toBe(7);
    const keys = made.map(({ id }) => id);
    expect(keys).toEqual(keys.map((_, i) => keys[0]! + i));
    expect(await Note.all().orderBy("id").valuesList("id", "title")).toEqual(keys.map((id, i) => [id, String(i)]));
    expect(await statements(() => Wide.bulkCreate(Array.from({ length: 400 }, () => new Wide({}))))).toBe(2);
    expect(await statements(() => Note.bulkCreate(notes(30), { batchSize: 10 }))).toBe(9);
  });

  it("are cut to what the server takes", async () => {
    const megabyte = "ä𝄞'\\".repeat(100_000);
    const made = await Note.bulkCreate(notes(20, (i) => `${i} ${megabyte}`));
    expect(await Note.all().count()).toBe(20);
    expect((await Note.get({ id: made[7]!.id })).title).toBe(`7 ${megabyte}`);
    const bytes = new Uint8Array(1_000_000).map((_, i) => i % 251);
    const blobs = await Note.bulkCreate(Array.from({ length: 20 }, () => new Note({ title: "", level: 1, bytes })));
    expect((await Note.get({ id: blobs[19]!.id })).bytes).toEqual(bytes);
  });

  it("that are too large one by one are refused, and the connection is replaced", async () => {
    const huge = "x".repeat(17_000_000);
    await expect(Note.create({ title: huge, level: 1 })).rejects.toThrow(LimitError);
    expect(await Note.all().count()).toBe(0);
    await expect(
      inTransaction(async () => {
        await Note.create({ title: "before", level: 1 });
        await Note.create({ title: huge, level: 1 });
      }),
    ).rejects.toThrow(LimitError);
    expect(await Note.all().count()).toBe(0);
    expect(driver.pool).toMatchObject({ busy: 0, waiting: 0 });
  });
});
