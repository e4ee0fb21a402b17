import type { DateTrunc, CastType, Encode, Expr, ListParam } from "../../core/sql/ast.js";
import type { Dialect, Node } from "../../core/sql/dialect.js";
import { literalText, type Writer } from "../../core/sql/writer.js";
import { writeJson, writeJsonValue } from "./json.js";
import { writeRegex, writeSearch } from "./search.js";
import { codec, columnType, scaleOf } from "./types.js";

/**
 * MySQL from 8.0.19 on and MariaDB from 10.6 on, and everything that speaks their SQL. Every text is one that both accept
 * and mean the same by.
 */
export const mysqlDialect: Dialect = {
  name: "MySQL",
  family: "mysql",
  returning: false,
  insertIdIs: "first",
  noLimit: "18446744073709551615",
  countSuffix: "",
  forUpdate: true,
  // MariaDB does not know it.
  forUpdateOf: false,
  indexHints: true,
  inlineIndexes: true,
  transactionalDdl: false,
  forwardReferences: false,
  zone: null,
  lists: "padded",
  decimals: "values",
  fractionalRemainder: true,
  divisionFails: true,
  foldsUnicode: true,
  // `utf8mb4_bin` is the one binary collation that both have.
  padsTexts: true,
  escapesBackslash: true,
  // InnoDB takes it for RESTRICT, or refuses the table.
  setsDefault: false,
  spatialIndexes: true,
  countsDropped: false,
  limitInSubqueries: false,
  // MySQL's error 1093, which MariaDB does not raise in all of the same places.
  readsChangedTable: false,
  havingKnowsColumns: false,
  assignsInOrder: true,
  neighbourDefaults: false,
  ordersDistinct: "shown",
  emptyInsert: "() VALUES ()",
  explain: "EXPLAIN ",
  explainFormats: { json: "EXPLAIN FORMAT=JSON ", traditional: "EXPLAIN FORMAT=TRADITIONAL " },

  lengthFunction: "CHAR_LENGTH",
  randomFunction: "RAND",
  randomIs: "fraction",

  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  columnType,
  codec,
  scaleOf,
  sorts: () => true,
  bitsOf: ({ kind }) => (kind === "smallInt" ? 16n : kind === "int" ? 32n : 64n),
  // A bound text next to a decimal would make floats of both.
  comparesAs: (type) => (type.kind === "decimal" ? { to: "decimal", places: type.decimalPlaces } : null),

  writeList(left, list, negated, out) {
    if (list.width === 0) return out.put(negated ? "1 = 1" : "1 = 0");
    out.expr(left);
    out.put(negated ? " NOT IN (" : " IN (");
    const at = elementsOf(list);
    for (let i = 0; i < list.width; i++) {
      if (i > 0) out.put(", ");
      if (list.cast === undefined) out.param(list.slot, at(i));
      else {
        out.put("CAST(");
        out.param(list.slot, at(i));
        out.put(` AS ${castType(list.cast.to, list.cast.places)})`);
      }
    }
    out.put(")");
  },

  writeText({ test, left, right, ignoreCase, negated }: Node<"text">, out) {
    const fold = (item: Expr): void => {
      if (!ignoreCase) return out.expr(item);
      out.put("LOWER(");
      out.expr(item);
      out.put(")");
    };
    // Compared as bytes: no collation has a say, and none takes spaces at the end for nothing.
    const bytes = (write: () => void): void => {
      out.put("CAST(");
      write();
      out.put(" AS BINARY)");
    };
    if (test === "endswith") {
      bytes(() => {
        out.put("RIGHT(");
        fold(left);
        out.put(", CHAR_LENGTH(");
        fold(right);
        out.put("))");
      });
      out.put(negated ? " <> " : " = ");
      return bytes(() => fold(right));
    }
    out.put("LOCATE(");
    bytes(() => fold(right));
    out.put(", ");
    fold(left);
    out.put(test === "contains" ? (negated ? ") = 0" : ") > 0") : negated ? ") <> 1" : ") = 1");
  },

  writeJson,
  writeJsonValue,
  writeSearch,
  fullTextIndex: () => [],
  writeRegex,

  writeDateTrunc(to, item, out) {
    const [before, after, more] = TRUNC[to];
    out.put(before);
    out.expr(item);
    out.put(after);
    if (more === null) return;
    out.expr(item);
    out.put(more);
  },
  writeDatePart(part, _of, item, out) {
    // Mode 3 of WEEK is the week of ISO 8601.
    out.put(part === "week" ? "WEEK(" : `${part.toUpperCase()}(`);
    out.expr(item);
    out.put(part === "week" ? ", 3)" : ")");
  },

  writeInZone({ item, changes }, out) {
    out.put("DATE_ADD(");
    out.expr(item);
    out.put(", INTERVAL (SELECT `seconds` FROM JSON_TABLE(");
    out.expr(changes);
    out.put(
      ", '$[*]' COLUMNS (`n` FOR ORDINALITY, `since` VARCHAR(32) PATH '$[0]', `seconds` INT PATH '$[1]')) AS `zone`" +
        " WHERE `since` <= CAST(",
    );
    out.expr(item);
    out.put(" AS CHAR) ORDER BY `n` DESC LIMIT 1) SECOND)");
  },
  castType,

  writeInRange({ item, low, high }: Node<"inRange">, out) {
    // A column of the whole range refuses everything else by itself.
    if (WIDTHS.some((bits) => low === -(2n ** (bits - 1n)) && high === 2n ** (bits - 1n) - 1n)) return out.expr(item);
    // Otherwise the calculation is led past both ends of 64 bits, where it fails if the item is too far on either side.
    const above = MOST - high;
    const below = low - LEAST;
    out.put("((((CAST(");
    out.expr(item);
    out.put(` AS SIGNED) + ${above}) - ${above}) - ${below}) + ${below})`);
  },

  writeConcat(items, out) {
    out.put("CONCAT(");
    out.list(items, ", ", (item) => out.expr(item));
    out.put(")");
  },
  writeConflict({ target, set, key, counted }, out) {
    out.put(" ON DUPLICATE KEY UPDATE ");
    // IGNORE would also ignore values that do not fit.
    if (set === null) {
      out.name(key);
      out.put(" = ");
      return out.name(key);
    }
    if (counted) {
      // What the client is told as the key is that of the row that was met.
      out.name(key);
      out.put(" = LAST_INSERT_ID(");
      out.name(key);
      out.put("), ");
    }
    set.forEach(({ column, value }, i) => {
      if (i > 0) out.put(", ");
      out.name(column);
      out.put(" = ");
      if (i > 0 || target.length === 0) out.expr(value);
      else writeGuarded(value, target, key, out);
    });
  },
  writeInserted(column, out) {
    out.put("VALUES(");
    out.name(column);
    out.put(")");
  },

  generatedKey: (type) => `${columnType(type)} NOT NULL AUTO_INCREMENT PRIMARY KEY`,
  nowDefault: (type) => {
    // The session's own clock could be in any zone.
    if (type.kind === "date") return "(UTC_DATE())";
    if (type.kind === "time") return "(UTC_TIME(6))";
    return `(UTC_TIMESTAMP(${type.kind === "datetime" ? type.precision : 3}))`;
  },
  writeDefault(value, type, out) {
    // Long texts, documents and bytes have no default but an expression.
    const isLong = ["text", "json", "binary", "geometry"].includes(type.kind);
    out.put(isLong ? "(" : "");
    out.literal(value);
    if (isLong) out.put(")");
  },
  tableOptions: " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
  foreignKeyThere: ({ schema, name }, key) =>
    "SELECT 1 FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'FOREIGN KEY'" +
    ` AND TABLE_SCHEMA = ${schema === null ? "DATABASE()" : literalText(schema, true)}` +
    ` AND TABLE_NAME = ${literalText(name, true)} AND CONSTRAINT_NAME = ${literalText(key, true)}`,
  comment: (text) => ` COMMENT ${literalText(cut(text), true)}`,
};

/** What stands around a date or an instant, once or twice, to have the first day of its span. */
const TRUNC: Readonly<Record<DateTrunc, readonly [before: string, between: string, after: string | null]>> = {
  year: ["MAKEDATE(YEAR(", "), 1)", null],
  quarter: ["(MAKEDATE(YEAR(", "), 1) + INTERVAL QUARTER(", ") - 1 QUARTER)"],
  month: ["(DATE(", ") - INTERVAL DAYOFMONTH(", ") - 1 DAY)"],
  week: ["(DATE(", ") - INTERVAL WEEKDAY(", ") DAY)"],
  day: ["DATE(", ")", null],
};
/** A comment as long as a column may have. */
function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= LONGEST_COMMENT ? text : `${characters.slice(0, LONGEST_COMMENT - 1).join("")}…`;
}
const LONGEST_COMMENT = 1024;

function castType(to: CastType, places: number): string {
  return to === "decimal"
    ? `DECIMAL(65,${places})`
    : { text: "CHAR", longText: "CHAR(10000)", integer: "SIGNED", real: "DOUBLE", blob: "BINARY" }[to];
}

const WIDTHS = [16n, 32n, 64n];
const MOST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

/** Each element of a list for its placeholder; those that are too many get the last one again. */
function elementsOf({ encode, width }: ListParam): (at: number) => Encode {
  // A plan binds all elements of a list one after another, so null is looked for once.
  let last: unknown = null;
  let elements: readonly unknown[] = [];
  return (at) => (items) => {
    if (items !== last) {
      last = items;
      elements = (items as readonly unknown[]).includes(null)
        ? (items as readonly unknown[]).filter((item) => item !== null)
        : (items as readonly unknown[]);
    }
    const element = elements[Math.min(at, elements.length - 1)];
    if (at === width - 1) last = null;
    return encode === null ? (element as never) : encode(element);
  };
}

/**
 * The value of an upsert where the row that was met is one that its rule is about. Any other unique rule may have brought
 * the two together as well; then the statement fails, as it does where a rule can be named.
 */
function writeGuarded(value: Expr, target: readonly string[], key: string, out: Writer): void {
  out.put("CASE WHEN ");
  out.list(target, " AND ", (name) => {
    out.name(name);
    out.put(" <=> VALUES(");
    out.name(name);
    out.put(")");
  });
  out.put(" THEN ");
  out.expr(value);
  // A number that no double holds; the key in it keeps the server from calculating it beforehand.
  out.put(" ELSE EXP(9999 + LENGTH(");
  out.name(key);
  out.put(")) END");
}
