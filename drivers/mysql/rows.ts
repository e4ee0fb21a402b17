import { ones, tens } from "../../core/base/datetime-text.js";

// The rows of a prepared statement, read by closures over their columns: as exact as the client's own reader with its
// flags set right, and faster, because that one makes a key of all columns for every answer, and texts of dates by
// joining lists. What it does not know is left to the client's reader.

/** What we use of a packet of mysql2. */
export interface Packet {
  offset: number;
  readonly buffer: Uint8Array;
  readInt8(): number;
  readSInt8(): number;
  readInt16(): number;
  readSInt16(): number;
  readInt32(): number;
  readSInt32(): number;
  readInt64(): number | string;
  readSInt64(): number | string;
  readFloat(): number;
  readDouble(): number;
  readLengthCodedString(encoding: string): string;
  readLengthCodedBuffer(): Uint8Array;
}

/** What we use of a column's description. */
export interface Column {
  readonly columnType: number;
  readonly characterSet: number;
  readonly encoding: string;
  readonly flags: number;
  readonly decimals: number;
  readonly extendedFormat?: string;
}

type Read = (packet: Packet) => unknown;

const UNSIGNED = 32;
/** The character set that says: no text. */
const BINARY = 63;

/** What makes a reader, in the client's own words: a class, of which one is made for every answer. */
export type RowParser = new () => { next(packet: Packet): unknown[] };

/** A reader for rows of these columns; null where one of them is of a kind that is not known here. */
export function rowParser(columns: readonly Column[]): RowParser | null {
  const reads: Read[] = [];
  for (const column of columns) {
    const read = readOf(column);
    if (read === null) return null;
    reads.push(read);
  }
  const count = reads.length;
  const nullBytes = (count + 9) >> 3;
  const reader = {
    next(packet: Packet): unknown[] {
      const { buffer } = packet;
      // A byte of status, then one bit for each column, from the third on.
      const nulls = packet.offset + 1;
      packet.offset = nulls + nullBytes;
      const row = new Array<unknown>(count);
      for (let i = 0; i < count; i++) {
        const bit = i + 2;
        row[i] = (buffer[nulls + (bit >> 3)]! & (1 << (bit & 7))) === 0 ? reads[i]!(packet) : null;
      }
      return row;
    },
  };
  return function Rows() {
    return reader;
  } as unknown as RowParser;
}

/** True when rows of these columns are read in the same way. */
export function sameColumns(one: readonly Column[], other: readonly Column[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) {
    const [left, right] = [one[i]!, other[i]!];
    if (
      left.columnType !== right.columnType ||
      left.characterSet !== right.characterSet ||
      left.flags !== right.flags ||
      left.decimals !== right.decimals ||
      left.extendedFormat !== right.extendedFormat
    )
      return false;
  }
  return true;
}

function readOf({ columnType, characterSet, encoding, flags, decimals, extendedFormat }: Column): Read | null {
  const unsigned = (flags & UNSIGNED) !== 0;
  const text: Read = (packet) => packet.readLengthCodedString(encoding);
  // MariaDB's JSON is text that says what it is.
  if (extendedFormat === "json") return text;
  switch (columnType) {
    case 1:
      return unsigned ? (packet) => packet.readInt8() : (packet) => packet.readSInt8();
    case 2:
      return unsigned ? (packet) => packet.readInt16() : (packet) => packet.readSInt16();
    case 3:
    case 9:
      return unsigned ? (packet) => packet.readInt32() : (packet) => packet.readSInt32();
    case 8:
      // Text where a number would round it.
      return unsigned ? (packet) => packet.readInt64() : (packet) => packet.readSInt64();
    case 13:
      return (packet) => packet.readInt16();
    case 4:
      return (packet) => packet.readFloat();
    case 5:
      return (packet) => packet.readDouble();
    case 6:
      return () => null;
    case 0:
    case 246:
      return (packet) => packet.readLengthCodedString("ascii");
    case 10:
    case 14:
      return readDay;
    case 7:
    case 12:
      if (decimals === 3) return readMilliseconds;
      return decimals > 0 && decimals <= 6
        ? (packet) => readInstant(packet, decimals)
        : (packet) => readInstant(packet, 0);
    case 11:
      return decimals > 0 && decimals <= 6 ? (packet) => readClock(packet, decimals) : (packet) => readClock(packet, 0);
    case 245:
      return (packet) => packet.readLengthCodedString("utf8");
    case 15:
    case 16:
    case 247:
    case 248:
    case 249:
    case 250:
    case 251:
    case 252:
    case 253:
    case 254:
      return characterSet === BINARY ? (packet) => packet.readLengthCodedBuffer() : text;
    default:
      return null;
  }
}

/** "00" to "99" */
const TWO: readonly string[] = /* @__PURE__ */ Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));

/** `YYYY-MM-DD`; the server leaves out what is zero. */
function readDay(packet: Packet): string {
  const { buffer, offset } = packet;
  const length = buffer[offset]!;
  packet.offset = offset + 1 + length;
  return length < 4 ? "0000-00-00" : dayAt(buffer, offset + 1);
}

/** `YYYY-MM-DD HH:MM:SS`, and as many digits of the second's fraction as the column has. */
function readInstant(packet: Packet, decimals: number): string {
  const { buffer, offset } = packet;
  const length = buffer[offset]!;
  packet.offset = offset + 1 + length;
  const day = length < 4 ? "0000-00-00" : dayAt(buffer, offset + 1);
  const time =
    length < 7 ? " 00:00:00" : ` ${TWO[buffer[offset + 5]!]}:${TWO[buffer[offset + 6]!]}:${TWO[buffer[offset + 7]!]}`;
  return decimals === 0 ? day + time : day + time + fraction(length < 11 ? 0 : uint32(buffer, offset + 8), decimals);
}

/**
 * `YYYY-MM-DD HH:MM:SS.SSS`, made of its characters: whoever looks into a text of joined pieces has them put together first, which takes
 * longer than all the rest.
 */
function readMilliseconds(packet: Packet): string {
  const { buffer, offset } = packet;
  const length = buffer[offset]!;
  packet.offset = offset + 1 + length;
  const year = length < 4 ? 0 : buffer[offset + 1]! | (buffer[offset + 2]! << 8);
  const month = length < 4 ? 0 : buffer[offset + 3]!;
  const day = length < 4 ? 0 : buffer[offset + 4]!;
  const timed = length >= 7;
  const hour = timed ? buffer[offset + 5]! : 0;
  const minute = timed ? buffer[offset + 6]! : 0;
  const second = timed ? buffer[offset + 7]! : 0;
  const milli = length < 11 ? 0 : (uint32(buffer, offset + 8) / 1000) | 0;
  const century = (year / 100) | 0;
  const rest = year - century * 100;
  const centi = (milli / 10) | 0;
  // biome-ignore format: a line for each part
  return String.fromCharCode(
    tens(century), ones(century), tens(rest), ones(rest), 45,
    tens(month), ones(month), 45,
    tens(day), ones(day), 32,
    tens(hour), ones(hour), 58,
    tens(minute), ones(minute), 58,
    tens(second), ones(second), 46,
    tens(centi), ones(centi), 48 + milli - centi * 10,
  );
}

/** `HH:MM:SS`, with a sign and more hours than a day has where it is no time of day. */
function readClock(packet: Packet, decimals: number): string {
  const { buffer, offset } = packet;
  const length = buffer[offset]!;
  packet.offset = offset + 1 + length;
  if (length < 8) return decimals === 0 ? "00:00:00" : `00:00:00${fraction(0, decimals)}`;
  const hours = uint32(buffer, offset + 2) * 24 + buffer[offset + 6]!;
  const text = `${buffer[offset + 1] === 1 ? "-" : ""}${TWO[hours] ?? String(hours)}:${TWO[buffer[offset + 7]!]}:${TWO[buffer[offset + 8]!]}`;
  return decimals === 0 ? text : text + fraction(length < 12 ? 0 : uint32(buffer, offset + 9), decimals);
}

function dayAt(buffer: Uint8Array, at: number): string {
  const year = buffer[at]! | (buffer[at + 1]! << 8);
  return `${TWO[Math.trunc(year / 100)]}${TWO[year % 100]}-${TWO[buffer[at + 2]!]}-${TWO[buffer[at + 3]!]}`;
}

const uint32 = (buffer: Uint8Array, at: number): number =>
  (buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)) >>> 0;

function fraction(micros: number, decimals: number): string {
  return `.${String(micros).padStart(6, "0").slice(0, decimals)}`;
}
