import { type Client, context, type Driver, FieldError, fields, JsonNull, Model } from "terrapin";

const maybe = { null: true } as const;

class Survey extends Model.define(
  {
    id: fields.int({ primaryKey: true }),
    smallInt: fields.smallInt(maybe),
    int: fields.int(maybe),
    bigInt: fields.bigInt(maybe),
    bigIntExact: fields.bigInt({ ...maybe, mode: "bigint" }),
    float: fields.float(maybe),
    decimal: fields.decimal({ ...maybe, maxDigits: 15, decimalPlaces: 2 }),
    decimalWide: fields.decimal({ ...maybe, maxDigits: 30, decimalPlaces: 10 }),
    boolean: fields.boolean(maybe),
    char: fields.char({ ...maybe, maxLength: 20 }),
    text: fields.text(maybe),
    uuid: fields.uuid(maybe),
    intEnum: fields.intEnum([1, 2], maybe),
    charEnum: fields.charEnum(["draft", "open"], maybe),
    date: fields.date(maybe),
    time: fields.time(maybe),
    datetime: fields.datetime(maybe),
    datetimeExact: fields.datetime({ ...maybe, precision: 6 }),
    timeDelta: fields.timeDelta(maybe),
    json: fields.json(maybe),
    binary: fields.binary(maybe),
    geometry: fields.geometry(maybe),
  },
  { table: "survey" },
) {}

/** A kind of field: how it is written, and the values of it that drivers like to change. */
interface Kind {
  readonly name: string;
  readonly written: string;
  readonly values: readonly unknown[];
}

/** POINT(0 0) in the world of GPS. */
const POINT = new Uint8Array(25);
POINT.set([0xe6, 0x10, 0, 0, 1, 1]);

/** The kinds of fields, in the order in which they are told. */
export const KINDS: readonly Kind[] = [
  { name: "smallInt", written: "smallInt", values: [-32_768, 0, 32_767] },
  { name: "int", written: "int", values: [-2_147_483_648, 2_147_483_647] },
  { name: "bigInt", written: "bigInt", values: [Number.MIN_SAFE_INTEGER, 7, Number.MAX_SAFE_INTEGER] },
  {
    name: "bigIntExact",
    written: 'bigInt({ mode: "bigint" })',
    values: [-(2n ** 63n), 2n ** 53n + 1n, 2n ** 63n - 1n],
  },
  { name: "float", written: "float", values: [0.1, -1.5e300, 5e-324, 482_641_747_421_090_370] },
  { name: "decimal", written: "decimal, up to 18 digits", values: ["-9999999999999.99", "0.01", "10.50"] },
  { name: "decimalWide", written: "decimal, more digits", values: ["12345678901234567890.0123456789"] },
  { name: "boolean", written: "boolean", values: [true, false] },
  { name: "char", written: "char", values: ["", "ünï 😀", "it's \\ % _"] },
  { name: "text", written: "text", values: ["a\u0000b", "😀\r\n", "\ufeffbom"] },
  { name: "uuid", written: "uuid", values: ["ffffffff-ffff-ffff-ffff-ffffffffffff"] },
  { name: "intEnum", written: "intEnum", values: [2] },
  { name: "charEnum", written: "charEnum", values: ["open"] },
  { name: "date", written: "date", values: ["0001-01-01", "2024-02-29", "9999-12-31"] },
  { name: "time", written: "time", values: ["00:00:00", "23:59:59.999999"] },
  { name: "datetime", written: "datetime", values: [new Date(1), new Date(253_402_300_799_999)] },
  { name: "datetimeExact", written: "datetime({ precision: 6 })", values: ["2026-06-01T10:00:00.123456Z"] },
  { name: "timeDelta", written: "timeDelta", values: [-1, 86_400_000_000] },
  { name: "json", written: "json", values: [{ a: [1.5, null, "é\u0000"], "": {} }, "text", JsonNull] },
  { name: "binary", written: "binary", values: [new Uint8Array([]), new Uint8Array([0, 39, 92, 255])] },
  { name: "geometry", written: "geometry", values: [POINT] },
];

/** How a driver keeps each kind of field: the column's type, what is stored where the database tells, and what does not come back. */
export async function survey(driver: Driver): Promise<readonly string[]> {
  const orm = await context({ connections: { default: driver }, models: { Survey } });
  await orm.generateSchemas({ safe: true });
  const db = orm.connections.get("default");
  const cells: string[] = [];
  for (const { name, values } of KINDS) {
    const notes = new Set<string>();
    for (const value of values) notes.add(await fate(name, value, db));
    notes.delete("");
    const { column, type } = orm.registry.metas()[0]!.field.get(name)!;
    cells.push([`\`${driver.dialect.columnType(type)}\`${await storedAs(column, db)}`, ...notes].join(", "));
  }
  await driver.close();
  return cells;
}

/** Empty where the value came back as it went. */
async function fate(name: string, value: unknown, db: Client): Promise<string> {
  const rows = Survey.usingDb(db);
  try {
    const { id } = await rows.create({ [name]: value } as never);
    const read = (await rows.get({ id })) as unknown as Record<string, unknown>;
    return plain(read[name]) === plain(value) ? "" : "**changed**";
  } catch (error) {
    if (error instanceof FieldError && error.code === "nul_character") return "NUL refused";
    throw error;
  }
}

/** Values of one form have one text. */
function plain(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Uint8Array) return `bytes ${value.join(" ")}`;
  return value === JsonNull ? "JSON null" : `${typeof value} ${JSON.stringify(value)}`;
}

/** Where any column takes any value, the database is asked which it took. */
async function storedAs(column: string, db: Client): Promise<string> {
  if (!db.dialect.returning) return "";
  const rows = await db.executeQueryDict(
    `SELECT DISTINCT typeof("${column}") AS stored FROM survey WHERE "${column}" IS NOT NULL ORDER BY 1`,
  );
  return ` ${rows.map(({ stored }) => String(stored)).join("/")}`;
}
