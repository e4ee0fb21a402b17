import { FieldError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import type { Fill } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Codec } from "../sql/column-type.js";

/** Stored value in, canonical JS value out; null for a column that needs nothing. */
type Decode = ((stored: never) => unknown) | null;

/** One column of a row: the name it gets, and how its stored value is read. */
export interface ReadColumn {
  readonly name: string;
  readonly field: Field;
  readonly codec: Codec;
}

/** An object that comes along in a row, and those that come along with it. */
export interface RelatedPart {
  readonly relation: Relation;
  /** position of its first column in the row */
  readonly start: number;
  readonly columns: readonly ReadColumn[];
  /** all its columns are there */
  readonly isWhole: boolean;
  readonly parts: readonly RelatedPart[];
}

/** Reads one row into what the query gives. */
export type ReadRow = (row: unknown[]) => unknown;

/** Only the columns that need decoding, as parallel lists: the loop over them touches nothing else. */
interface Decoders {
  readonly at: readonly number[];
  readonly decode: readonly ((stored: unknown) => unknown)[];
  readonly names: readonly string[];
}

function decoders(columns: readonly ReadColumn[]): Decoders {
  const at: number[] = [];
  const decode: ((stored: unknown) => unknown)[] = [];
  const names: string[] = [];
  columns.forEach((column, i) => {
    const one = column.codec.decode as Decode;
    if (one === null) return;
    at.push(i);
    decode.push(one as (stored: unknown) => unknown);
    names.push(column.name);
  });
  return { at, decode, names };
}

/** A codec does not know its column; what it refuses is told with the field's name. */
function unreadable(cause: unknown, { name }: { readonly name: string }): unknown {
  if (!(cause instanceof Error)) return cause;
  return new FieldError(`${name}: the stored value cannot be read: ${cause.message}`, {
    code: (cause as { code?: string }).code ?? "bad_stored_value",
    cause,
  });
}

/** Decodes a row in place: it belongs to the caller. */
function decodeRow({ at, decode, names }: Decoders, row: unknown[]): void {
  let i = 0;
  try {
    for (; i < at.length; i++) {
      const stored = row[at[i]!];
      if (stored !== null) row[at[i]!] = decode[i]!(stored);
    }
  } catch (cause) {
    throw unreadable(cause, { name: names[i]! });
  }
}

/** Fills a new object from a row; the row itself stays as it was read, to be compared at `save`. */
export function makeFill(columns: readonly ReadColumn[]): Fill {
  const names = columns.map((column) => column.name);
  const all = columns.map(({ codec, field }) => {
    const decode = codec.decode as ((stored: unknown) => unknown) | null;
    // The row keeps its own bytes, so that changing those of the object is seen.
    if (!field.isBytes) return decode;
    return (stored: unknown): unknown => ((decode === null ? stored : decode(stored)) as Uint8Array).slice();
  });
  const count = names.length;
  return (object, row) => {
    let i = 0;
    try {
      for (; i < count; i++) {
        const decode = all[i]!;
        const stored = row[i];
        object[names[i]!] = decode === null || stored === null ? stored : decode(stored);
      }
    } catch (cause) {
      throw unreadable(cause, columns[i]!);
    }
  };
}

/** Objects with their computed values and their related ones: each gets its own part of the row. */
export function makeRelatedReader(
  base: ReadRow,
  width: number,
  extras: readonly ReadColumn[],
  parts: readonly RelatedPart[],
): ReadRow {
  const attach = makeAttach(parts);
  const fill = makeFill(extras);
  return (row) => {
    const object = base(row.slice(0, width)) as Record<string, unknown>;
    if (extras.length > 0) fill(object, row.slice(width, width + extras.length));
    attach(object, row);
    return object;
  };
}

function makeAttach(parts: readonly RelatedPart[]): (object: object, row: unknown[]) => void {
  const steps = parts.map(({ relation, start, columns, isWhole, parts: inner }) => {
    const { objects, pk } = relation.target;
    const { relate } = relation.meta.objects;
    const fill = makeFill(columns);
    const fields = columns.map(({ field }) => field);
    const key = start + fields.indexOf(pk);
    const end = start + columns.length;
    const attach = inner.length === 0 ? null : makeAttach(inner);
    return (object: object, row: unknown[]): void => {
      if (row[key] === null) return relate(object, relation, null);
      const part = row.slice(start, end);
      const related = isWhole ? objects.fromRow(fill, part) : objects.fromPartialRow(fill, part, fields);
      if (attach !== null) attach(related, row);
      relate(object, relation, related);
    };
  });
  return (object, row) => {
    for (let i = 0; i < steps.length; i++) steps[i]!(object, row);
  };
}

/** Rows as plain objects. */
export function makeValuesReader(columns: readonly ReadColumn[]): ReadRow {
  const names = columns.map((column) => column.name);
  const decoded = decoders(columns);
  const count = names.length;
  const Wide = count > WIDE ? makeWide() : null;
  return (row) => {
    decodeRow(decoded, row);
    const object: Record<string, unknown> = Wide === null ? {} : new Wide();
    for (let i = 0; i < count; i++) object[names[i]!] = row[i];
    return object;
  };
}

/** A literal has no room for more names: beyond this many V8 makes it a slow dictionary. */
const WIDE = 16;

/** A maker of plain objects with room for many names: V8 counts the assignments, which never run, and gives back what is not used. */
function makeWide(): new () => Record<string, unknown> {
  function Wide(this: Record<string, unknown>, never?: true): void {
    if (never)
      this.r1 =
        this.r2 =
        this.r3 =
        this.r4 =
        this.r5 =
        this.r6 =
        this.r7 =
        this.r8 =
        this.r9 =
        this.r10 =
        this.r11 =
        this.r12 =
        this.r13 =
        this.r14 =
        this.r15 =
        this.r16 =
        this.r17 =
        this.r18 =
        this.r19 =
        this.r20 =
        this.r21 =
        this.r22 =
        this.r23 =
        this.r24 =
        this.r25 =
        this.r26 =
        this.r27 =
        this.r28 =
        this.r29 =
        this.r30 =
        this.r31 =
        this.r32 =
        this.r33 =
        this.r34 =
        this.r35 =
        this.r36 =
        this.r37 =
        this.r38 =
        this.r39 =
        this.r40 =
          null;
  }
  Wide.prototype = Object.prototype;
  return Wide as never;
}

/** Rows as arrays, in place. */
export function makeTupleReader(columns: readonly ReadColumn[]): ReadRow {
  const decoded = decoders(columns);
  return (row) => {
    decodeRow(decoded, row);
    return row;
  };
}

/** The first value of each row. */
export function makeFlatReader(columns: readonly ReadColumn[]): ReadRow {
  const decoded = decoders(columns);
  return (row) => {
    decodeRow(decoded, row);
    return row[0];
  };
}
