import type { JsonPath } from "../../core/sql/ast.js";
import type { Node } from "../../core/sql/dialect.js";
import type { Writer } from "../../core/sql/writer.js";

/** A question about a JSON document. */
export function writeJson(node: Node<"json">, out: Writer): void {
  const { ask, item, path, slot } = node;
  const value = node.value!;
  switch (ask) {
    case "equals":
      out.put("(");
      writeGuards(node, out);
      writeNormal(() => writeAt(node, out), out);
      out.put(" = ");
      writeNormal(() => {
        out.put("JSON_EXTRACT(");
        out.expr(value);
        out.put(", '$')");
      }, out);
      return out.put(")");
    case "contains":
    case "containedBy": {
      const [whole, part] = ask === "contains" ? [item, value] : [value, item];
      out.put("JSON_CONTAINS(");
      out.expr(whole);
      out.put(", ");
      out.expr(part);
      return out.put(")");
    }
    case "among":
      out.put("(");
      writeGuards(node, out);
      writeType(node, out);
      // An array would be looked for element by element.
      out.put(" NOT IN ('ARRAY', 'OBJECT') AND JSON_CONTAINS(");
      out.expr(value);
      out.put(", ");
      writeAt(node, out);
      return out.put("))");
    case "hasKey":
      out.put("JSON_CONTAINS_PATH(");
      out.expr(item);
      out.put(", 'one', ");
      out.param(slot, (key) => pathText([key as string]));
      return out.put(")");
    case "nothing":
      out.put("COALESCE(");
      writeGuardedType(node, out);
      return out.put(", 'NULL') = 'NULL'");
    case "null":
      writeGuardedType(node, out);
      return out.put(" = 'NULL'");
    case "true":
    case "false":
      out.put("(");
      writeGuards(node, out);
      writeType(node, out);
      out.put(" = 'BOOLEAN' AND JSON_UNQUOTE(");
      writeAt({ item, path, slot }, out);
      return out.put(`) = '${ask}')`);
    default:
      return ask satisfies never;
  }
}

/** The text, the number or the length of what stands at a path; NULL where that has none. */
export function writeJsonValue(node: Node<"jsonValue">, out: Writer): void {
  if (node.as === "length") {
    out.put("JSON_LENGTH(");
    out.expr(node.item);
    return out.put(")");
  }
  out.put("CASE WHEN ");
  writeGuards(node, out);
  writeType(node, out);
  if (node.as === "text") {
    out.put(" = 'STRING' THEN JSON_UNQUOTE(");
    writeAt(node, out);
    return out.put(") END");
  }
  out.put(" IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN ");
  writeAt(node, out);
  out.put(" + 0e0 END");
}

/**
 * A document that is compared. MySQL compares documents; to MariaDB they are texts, which from 10.7 on it can bring into one
 * form: what stands in these comments, only MariaDB reads.
 */
function writeNormal(write: () => void, out: Writer): void {
  out.put("/*M!100700 JSON_NORMALIZE( */");
  write();
  out.put("/*M!100700 ) */");
}

type Place = Pick<Node<"json">, "item" | "path" | "slot">;

/** What stands at a path. The path is a parameter: a literal would have to know whether a backslash escapes. */
function writeAt({ item, path, slot }: Place, out: Writer): void {
  if (path.length === 0) return out.expr(item);
  out.put("JSON_EXTRACT(");
  out.expr(item);
  out.put(", ");
  out.param(slot, () => pathText(path));
  out.put(")");
}

function writeType(place: Place, out: Writer): void {
  out.put("JSON_TYPE(");
  writeAt(place, out);
  out.put(")");
}

function writeGuardedType(place: Place, out: Writer): void {
  if (!place.path.some(isIndex)) return writeType(place, out);
  out.put("CASE WHEN ");
  writeGuards(place, out, " THEN ");
  writeType(place, out);
  out.put(" END");
}

const isIndex = (step: string | number): boolean => typeof step === "number";

/** `$[0]` of what is no array is that itself, so every index asks first. */
function writeGuards({ item, path, slot }: Place, out: Writer, last = " AND "): void {
  const indexes = path.flatMap((step, i) => (isIndex(step) ? [i] : []));
  indexes.forEach((at, i) => {
    writeType({ item, path: path.slice(0, at), slot }, out);
    out.put(` = 'ARRAY'${i === indexes.length - 1 ? last : " AND "}`);
  });
}

const pathText = (path: JsonPath): string =>
  `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step)}`)).join("")}`;
