import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { Fill } from "../schema/meta.js";
import type { Codec } from "../sql/column-type.js";

/** Stored value in, canonical JS value out; null for a column that needs nothing. */
type Decode = ((stored: never) => unknown) | null;

/** One column of a row: the name it gets, and how its stored value is read. */
export interface ReadColumn {
  readonly name: string;
  readonly field: Field;
  readonly codec: Codec;
}

/** Reads one row into what the query gives. */
export type ReadRow = (row: unknown[]) => unknown;

/** Only the columns that need decoding, as two parallel lists: the loop over them touches nothing else. */
function decoders(columns: readonly ReadColumn[]): {
  readonly at: readonly number[];
  readonly decode: readonly ((stored: unknown) => unknown)[];
} {
  const at: number[] = [];
  const decode: ((stored: unknown) => unknown)[] = [];
  columns.forEach((column, i) => {
    const one = column.codec.decode as Decode;
    if (one === null) return;
    at.push(i);
    decode.push(named(one as (stored: unknown) => unknown, column.field));
  });
  return { at, decode };
}

/** A codec does not know its column; what it refuses is told with the field's name. */
function named(decode: (stored: unknown) => unknown, field: Field): (stored: unknown) => unknown {
  return (stored) => {
    if (stored === null) return null;
    try {
      return decode(stored);
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      throw new FieldError(`${field.name}: the stored value cannot be read: ${cause.message}`, {
        code: (cause as { code?: string }).code ?? "bad_stored_value",
        cause,
      });
    }
  };
}

/** Fills a new object from a row; the row itself stays as it was read, to be compared at `save`. */
export function makeFill(columns: readonly ReadColumn[]): Fill {
  const names = columns.map((column) => column.name);
  const all = columns.map((column) => {
    const decode = column.codec.decode as Decode;
    if (decode === null) return null;
    const read = named(decode as (stored: unknown) => unknown, column.field);
    // The row keeps its own bytes, so that changing those of the object is seen.
    return column.field.kind === "binary"
      ? (stored: unknown): unknown => (read(stored) as Uint8Array | null)?.slice() ?? null
      : read;
  });
  const count = names.length;
  return (object, row) => {
    for (let i = 0; i < count; i++) {
      const decode = all[i]!;
      const stored = row[i];
      object[names[i]!] = decode === null ? stored : decode(stored);
    }
  };
}

/** Rows as plain objects. */
export function makeValuesReader(columns: readonly ReadColumn[]): ReadRow {
  const names = columns.map((column) => column.name);
  const { at, decode } = decoders(columns);
  const count = names.length;
  return (row) => {
    for (let i = 0; i < at.length; i++) row[at[i]!] = decode[i]!(row[at[i]!]);
    const object: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) object[names[i]!] = row[i];
    return object;
  };
}

/** Rows as arrays, in place: the row belongs to the caller. */
export function makeTupleReader(columns: readonly ReadColumn[]): ReadRow {
  const { at, decode } = decoders(columns);
  return (row) => {
    for (let i = 0; i < at.length; i++) row[at[i]!] = decode[i]!(row[at[i]!]);
    return row;
  };
}

/** The first value of each row. */
export function makeFlatReader(columns: readonly ReadColumn[]): ReadRow {
  const [decode] = decoders(columns).decode;
  return decode === undefined ? (row) => row[0] : (row) => decode(row[0]);
}
