import { UnsupportedError } from "../../core/base/errors.js";
import type { DatePart, DateTrunc, Expr, ListParam } from "../../core/sql/ast.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import type { Dialect, Node } from "../../core/sql/dialect.js";
import type { Writer } from "../../core/sql/writer.js";
import { fullTextIndex, writeSearch } from "./full-text.js";
import { writeJson, writeJsonValue } from "./json.js";
import { rows } from "./rows.js";
import { codec, columnType, scaleOf, sorts } from "./types.js";

/** SQLite from 3.38 on, and everything that speaks its SQL: D1, Durable Objects, libSQL. */
export const sqliteDialect: Dialect = {
  name: "SQLite",
  family: "sqlite",
  returning: true,
  insertIdIs: "last",
  noLimit: "-1",
  // SQLite plans a bare LIMIT parameter anew at every execution, 2.6 µs each; an expression it leaves alone.
  countSuffix: " + 0",
  forUpdate: false,
  forUpdateOf: false,
  indexHints: false,
  inlineIndexes: false,
  transactionalDdl: true,
  forwardReferences: true,
  zone: null,
  lists: "json",
  decimals: "units",
  fractionalRemainder: false,
  divisionFails: false,
  foldsUnicode: false,
  padsTexts: false,
  escapesBackslash: false,
  setsDefault: true,
  spatialIndexes: false,
  countsDropped: true,
  limitInSubqueries: true,
  readsChangedTable: true,
  // Gathered values of the query around it have no place in the conditions of one that gathers nothing itself.
  havingKnowsColumns: true,
  assignsInOrder: false,
  neighbourDefaults: true,
  ordersDistinct: "any",
  emptyInsert: "DEFAULT VALUES",
  explain: "EXPLAIN QUERY PLAN ",
  explainFormats: { bytecode: "EXPLAIN " },

  rows,
  // Nothing outside of triggers may RAISE; a path that is none is refused with its own text.
  batches: {
    affected: "changes()",
    insertedKey: "last_insert_rowid()",
    failure: ["json_extract('{}', ", ")"],
  },

  lengthFunction: "LENGTH",
  randomFunction: "RANDOM",
  randomIs: "integer",

  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  columnType,
  codec,
  scaleOf,
  sorts,
  bitsOf: () => 64n,
  comparesAs: () => null,

  writeList(left, list, negated, out) {
    out.expr(left);
    // One parameter whatever the length: the statement's text, and so its plan, stays the same.
    out.put(negated ? " NOT IN (SELECT value FROM json_each(" : " IN (SELECT value FROM json_each(");
    out.param(list.slot, (items) => jsonList(items as readonly unknown[], list));
    out.put("))");
  },

  writeText({ test, left, right, ignoreCase, negated }: Node<"text">, out) {
    const fold = (item: Expr): void => {
      if (!ignoreCase) return out.expr(item);
      out.put("lower(");
      out.expr(item);
      out.put(")");
    };
    if (test === "contains") {
      out.put("instr(");
      fold(left);
      out.put(", ");
      fold(right);
      return out.put(negated ? ") = 0" : ") > 0");
    }
    // On bytes: substr() of text stops counting at a NUL character.
    const bytes = (item: Expr): void => {
      out.put("CAST(");
      fold(item);
      out.put(" AS BLOB)");
    };
    if (test === "startswith") {
      out.put("substr(");
      bytes(left);
      out.put(", 1, length(");
      bytes(right);
      out.put(negated ? ")) IS NOT " : ")) = ");
      return bytes(right);
    }
    out.put("substr(");
    bytes(left);
    out.put(", -length(");
    bytes(right);
    // substr() of an empty blob is NULL, and an empty text does not end so.
    out.put(negated ? ")) IS NOT " : ")) = ");
    bytes(right);
  },

  writeJson,
  writeJsonValue,
  writeSearch,
  fullTextIndex,
  writeRegex() {
    throw new UnsupportedError("this SQLite has no regular expressions", {
      code: "no_regex",
      hint: "they work with better-sqlite3 on Node; here use contains, startswith or endswith, or test the rows in your program",
    });
  },

  writeDateTrunc(to, item, out) {
    const [before, after] = TRUNC[to];
    out.put(before);
    out.expr(item);
    out.put(after);
    if (to !== "quarter") return;
    writePart("quarter", DATETIME_AT, item, out);
    out.put(" * 3 - 2) || '-01'");
  },
  writeDatePart(part, of, item, out) {
    writePart(part, of === "time" ? TIME_AT : DATETIME_AT, item, out);
  },

  writeInZone({ item, changes }, out) {
    out.put("strftime('%Y-%m-%d %H:%M:%f', ");
    out.expr(item);
    out.put(", (SELECT json_extract(value, '$[1]') || ' seconds' FROM json_each(");
    out.expr(changes);
    out.put(") WHERE json_extract(value, '$[0]') <= ");
    out.expr(item);
    out.put(" ORDER BY key DESC LIMIT 1))");
  },
  castType: (to) =>
    ({ text: "TEXT", longText: "TEXT", integer: "INTEGER", real: "REAL", decimal: "NUMERIC", blob: "BLOB" })[to],

  writeInRange({ item, of, low, high }: Node<"inRange">, out) {
    // A sum that leaves 64 bits goes on as a float, and a column takes any integer: the only complaint to be had from an
    // expression is abs() of the smallest integer. Selected as v, so that the item is written and calculated once.
    out.put("(SELECT CASE WHEN ");
    if (of === "integer") out.put("typeof(v) = 'real' OR ");
    out.put(`v NOT BETWEEN ${low} AND ${high} THEN abs(-9223372036854775808) ELSE v END FROM (SELECT `);
    out.expr(item);
    out.put(" AS v))");
  },

  writeConcat(items, out) {
    out.put("(");
    out.chain(items, " || ");
    out.put(")");
  },
  writeConflict({ target, set }, out) {
    out.put(" ON CONFLICT");
    if (target.length > 0) {
      out.put(" (");
      out.list(target, ", ", (name) => out.name(name));
      out.put(")");
    }
    if (set === null) return out.put(" DO NOTHING");
    out.put(" DO UPDATE SET ");
    out.list(set, ", ", ({ column, value }) => {
      out.name(column);
      out.put(" = ");
      out.expr(value);
    });
  },
  writeInserted(column, out) {
    out.put("excluded.");
    out.name(column);
  },

  // Only this spelling makes the column the rowid; AUTOINCREMENT keeps a deleted key from coming back.
  generatedKey: () => "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
  nowDefault: (type) => {
    if (type.kind === "date") return "(strftime('%Y-%m-%d', 'now'))";
    if (type.kind === "time") return "(strftime('%H:%M:%f000', 'now'))";
    return type.kind === "datetime" && type.precision === 6
      ? "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"
      : "(strftime('%Y-%m-%d %H:%M:%f', 'now'))";
  },
  writeDefault: (value, _type, out) => out.literal(value),
  tableOptions: "",
  foreignKeyThere: () => null,
  // A NUL character would end the statement in the middle of the comment.
  comment: (text) => ` /* ${text.replaceAll("*/", "* /").replaceAll("\0", " ")} */`,
};

/** Every element but null as a JSON literal: what null in a list means is said beside the list. Integers keep all digits, which JSON.stringify would not do for a bigint. */
export function jsonList(
  items: readonly unknown[],
  { encode }: ListParam,
  float: (value: number) => string = floatText,
): string {
  let text = "[";
  for (let i = 0; i < items.length; i++) {
    if (items[i] === null) continue;
    if (text !== "[") text += ",";
    const value = encode === null ? (items[i] as SqlValue) : encode(items[i]);
    text +=
      typeof value === "string"
        ? JSON.stringify(value)
        : typeof value === "number" && !Number.isSafeInteger(value)
          ? float(value)
          : String(value);
  }
  return `${text}]`;
}

/** A float's digits without a point would be read as an integer that it only is the nearest double to. */
export function floatText(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** What stands before and behind a stored text to have the first day of its span. */
const TRUNC: Readonly<Record<DateTrunc, readonly [before: string, after: string]>> = {
  year: ["substr(", ", 1, 4) || '-01-01'"],
  quarter: ["substr(", ", 1, 5) || printf('%02d', "],
  month: ["substr(", ", 1, 7) || '-01'"],
  week: ["date(", ", '-6 days', 'weekday 1')"],
  day: ["substr(", ", 1, 10)"],
};

/** Where the digits of each part stand in the stored text: [position from 1, length]. */
type Positions = Readonly<Partial<Record<DatePart, readonly [at: number, length: number]>>>;
const DATETIME_AT: Positions = {
  year: [1, 4],
  month: [6, 2],
  day: [9, 2],
  hour: [12, 2],
  minute: [15, 2],
  second: [18, 2],
  microsecond: [21, 6],
};
const TIME_AT: Positions = { hour: [1, 2], minute: [4, 2], second: [7, 2], microsecond: [10, 6] };

function writePart(part: DatePart, positions: Positions, item: Expr, out: Writer): void {
  if (part === "quarter") {
    out.put("(");
    writePart("month", positions, item, out);
    return out.put(" + 2) / 3");
  }
  if (part === "week") {
    // ISO week: count the Thursdays. '%V' came only with SQLite 3.46.
    out.put("(strftime('%j', date(");
    out.expr(item);
    return out.put(", '-3 days', 'weekday 4')) - 1) / 7 + 1");
  }
  const [at, length] = positions[part]!;
  out.put("CAST(substr(");
  out.expr(item);
  // Stored milliseconds have three digits: padded, they count microseconds as the six-digit form does.
  out.put(part === "microsecond" ? ` || '000', ${at}, ${length}) AS INTEGER)` : `, ${at}, ${length}) AS INTEGER)`);
}
