import * as fields from "../../../core/model/kinds.js";
import type { Field } from "../../../core/fields/index.js";

type Maker = (...args: never[]) => unknown;
type RelationKind = "foreignKey" | "oneToOne" | "manyToMany";
type Makers = { readonly [Kind in Exclude<keyof typeof fields, RelationKind>]: (...args: unknown[]) => Field };

/** The functions of `fields` without their types: what a JavaScript program can pass, and the field that runs. */
export const loose = fields as unknown as Makers satisfies Readonly<Record<string, Maker>>;

/** One field of every kind, under its name. */
export const everyKind = (options: object = {}): Record<keyof Makers, Field> => ({
  smallInt: loose.smallInt(options),
  int: loose.int(options),
  bigInt: loose.bigInt(options),
  float: loose.float(options),
  decimal: loose.decimal({ maxDigits: 10, decimalPlaces: 2, ...options }),
  char: loose.char({ maxLength: 20, ...options }),
  text: loose.text(options),
  boolean: loose.boolean(options),
  date: loose.date(options),
  datetime: loose.datetime(options),
  time: loose.time(options),
  timeDelta: loose.timeDelta(options),
  uuid: loose.uuid(options),
  binary: loose.binary(options),
  geometry: loose.geometry(options),
  json: loose.json(options),
  intEnum: loose.intEnum([1, 2], options),
  charEnum: loose.charEnum(["a", "b"], options),
});

/** The code and message of what a call throws. */
export function thrown(run: () => unknown): { name: string; code: string; message: string; hint: string | null } {
  try {
    run();
  } catch (error) {
    const { name, message, code, hint } = error as { name: string; message: string; code: string; hint: string | null };
    return { name, code, message, hint };
  }
  throw new Error("nothing was thrown");
}
