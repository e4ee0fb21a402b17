import { UnsupportedError } from "../../core/base/errors.js";
import type { ListParam } from "../../core/sql/ast.js";
import type { Dialect } from "../../core/sql/dialect.js";
import { writeJson, writeJsonValue } from "./json.js";
import { writeRegex, writeSearch } from "./search.js";
import { codec, columnType } from "./types.js";

/** MySQL from 8.0.19 and MariaDB from 10.6 on. */
export const mysqlDialect: Dialect = {
  name: "MySQL",
  family: "mysql",
  returning: false,
  insertIdIs: "first",
  noLimit: "18446744073709551615",
  countSuffix: "",
  forUpdate: true,
  forUpdateOf: false,
  indexHints: true,
  inlineIndexes: true,
  transactionalDdl: false,
  forwardReferences: false,
  zone: null,
  lists: "padded",
  emptyInsert: "() VALUES ()",
  explain: "EXPLAIN ",
  explainFormats: { json: "EXPLAIN FORMAT=JSON " },
  lengthFunction: "CHAR_LENGTH",
  randomFunction: "RAND",
  randomIs: "fraction",
  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  columnType,
  codec,
  sorts: () => true,
  scaleOf: () => null,
  writeList(left, list: ListParam, negated, out) {
    out.expr(left);
    // One JSON text until lists are padded.
    out.put(`${negated ? " NOT" : ""} IN (SELECT v FROM JSON_TABLE(`);
    out.param(list.slot, (items) =>
      JSON.stringify((items as unknown[]).map((item) => (list.encode === null ? item : list.encode(item)))),
    );
    out.put(", '$[*]' COLUMNS (v LONGTEXT PATH '$')) AS items)");
  },
  writeText({ test, left, right, ignoreCase, negated }, out) {
    const fold = ignoreCase ? "LOWER(" : "(";
    out.put(test === "contains" ? `LOCATE(${fold}` : `RIGHT(${fold}`);
    if (test === "contains") {
      out.expr(right);
      out.put(`), ${fold}`);
      out.expr(left);
      return out.put(negated ? ")) = 0" : ")) > 0");
    }
    out.expr(left);
    out.put("), CHAR_LENGTH(");
    out.expr(right);
    out.put(`)) ${negated ? "<>" : "="} ${fold}`);
    out.expr(right);
    out.put(")");
  },
  writeJson,
  writeJsonValue,
  writeSearch,
  writeRegex,
  fullTextIndex: () => [],
  writeDatePart(part, _of, item, out) {
    out.put(`${part === "week" ? "WEEKOFYEAR" : part.toUpperCase()}(`);
    out.expr(item);
    out.put(")");
  },
  writeInZone() {
    throw new UnsupportedError("time zones are not written for MySQL yet");
  },
  castType: (to) => ({ text: "CHAR", longText: "CHAR(10000)", integer: "SIGNED", real: "DOUBLE", blob: "BINARY" })[to],
  writeInRange: ({ item }, out) => out.expr(item),
  writeConcat(items, out) {
    out.put("CONCAT(");
    out.list(items, ", ", (item) => out.expr(item));
    out.put(")");
  },
  writeConflict({ set, target }, out) {
    out.put(" ON DUPLICATE KEY UPDATE ");
    if (set === null || set.length === 0) {
      const name = target[0]!;
      out.name(name);
      out.put(" = ");
      return out.name(name);
    }
    out.list(set, ", ", ({ column, value }) => {
      out.name(column);
      out.put(" = ");
      out.expr(value);
    });
  },
  writeInserted(column, out) {
    out.put("VALUES(");
    out.name(column);
    out.put(")");
  },
  generatedKey: (type) => `${columnType(type)} NOT NULL PRIMARY KEY AUTO_INCREMENT`,
  nowDefault: (type) => (type.kind === "datetime" ? `CURRENT_TIMESTAMP(${type.precision})` : "(CURRENT_DATE)"),
  comment: (text) => ` COMMENT '${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
};
