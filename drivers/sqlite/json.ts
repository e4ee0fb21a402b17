import type { Expr, JsonPath } from "../../core/sql/ast.js";
import type { Node } from "../../core/sql/dialect.js";
import type { Writer } from "../../core/sql/writer.js";

// Everything here is plain SQL, so that D1 and Durable Objects, where no function can be added, answer the same. A value is
// one parameter of JSON text whatever it holds, so that one statement serves all values.

/** A question about a JSON document, answered 1 or 0, also for NULL. */
export function writeJson(node: Node<"json">, out: Writer): void {
  const { qualified } = out;
  // json_each() and json_tree() have columns of their own: key, value, type, id, path, …
  out.qualified = true;
  writeQuestion(node, out);
  out.qualified = qualified;
}

function writeQuestion(node: Node<"json">, out: Writer): void {
  const value = node.value!;
  switch (node.ask) {
    case "equals":
      return writeEquals(node, out);
    case "contains":
      return writeContains(node.item, value, out);
    case "containedBy":
      return writeContains(value, node.item, out);
    case "among":
      out.put("EXISTS (SELECT 1 FROM json_each(");
      out.expr(value);
      out.put(") WHERE replace(type, 'integer', 'real') = replace(");
      writeAt("type", node, out);
      out.put(", 'integer', 'real') AND atom IS ");
      writeAt("value", node, out);
      return out.put(")");
    case "hasKey":
      // The keys of an array are integers, which equal no text.
      out.put("EXISTS (SELECT 1 FROM json_each(");
      out.expr(node.item);
      out.put(") WHERE key = ");
      out.expr(value);
      return out.put(")");
    case "nothing":
      out.put("coalesce(");
      writeAt("type", node, out);
      return out.put(", 'null') = 'null'");
    case "true":
    case "false":
    case "null":
      writeAt("type", node, out);
      return out.put(` IS '${node.ask}'`);
    default:
      return node.ask satisfies never;
  }
}

/** The text, the number or the length of what stands at a path; NULL where that has none. */
export function writeJsonValue(node: Node<"jsonValue">, out: Writer): void {
  const { qualified } = out;
  out.qualified = true;
  if (node.as === "length") {
    out.put("CASE WHEN ");
    out.expr(node.item);
    out.put(" IS NOT NULL THEN (SELECT count(*) FROM json_each(");
    out.expr(node.item);
    out.put(")) END");
  } else {
    out.put("CASE WHEN ");
    writeAt("type", node, out);
    out.put(node.as === "text" ? " = 'text' THEN " : " IN ('integer', 'real') THEN ");
    writeAt("value", node, out);
    out.put(" END");
  }
  out.qualified = qualified;
}

/** What stands where: the document, the way into it, and the slot of a value that is never null. */
type Place = Pick<Node<"json">, "item" | "path" | "slot">;

/** Type or value of what stands at a path; NULL where nothing does. */
function writeAt(wanted: "type" | "value", { item, path, slot }: Place, out: Writer): void {
  if (path.every(isPlain)) {
    out.put(wanted === "type" ? "json_type(" : "json_extract(");
    out.expr(item);
    out.put(", ");
    out.literal(pathText(path));
    return out.put(")");
  }
  // A path has no way to write a key with a quotation mark in it: such keys are found step by step.
  out.put(`(SELECT ${wanted} FROM json_each(`);
  writeSteps(item, path.slice(0, -1), slot, out);
  out.put(") WHERE key = ");
  writeStep(path.at(-1)!, slot, out);
  out.put(")");
}

/** The array or object at a path; NULL where there is none. */
function writeSteps(item: Expr, path: JsonPath, slot: number, out: Writer): void {
  if (path.length === 0) return out.expr(item);
  out.put("(SELECT value FROM json_each(");
  writeSteps(item, path.slice(0, -1), slot, out);
  out.put(") WHERE key = ");
  writeStep(path.at(-1)!, slot, out);
  out.put(" AND type IN ('array', 'object'))");
}

function writeStep(step: string | number, slot: number, out: Writer): void {
  if (typeof step === "number") out.literal(step);
  else out.param(slot, () => step);
}

const isPlain = (step: string | number): boolean => typeof step === "number" || !/["\\\p{Cc}]/u.test(step);

const pathText = (path: JsonPath): string =>
  `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `."${step}"`)).join("")}`;

/** The nodes of a document. Integers and fractions are numbers. */
function writeTree(name: string, columns: string, write: () => void, out: Writer): void {
  out.put(
    `${name} AS (SELECT id, parent, key, replace(type, 'integer', 'real') AS type, atom${columns} FROM json_tree(`,
  );
  write();
  out.put("))");
}

/** Both are one tree: from the root on, each node meets the one of the same key, and none is left over. */
function writeEquals(node: Node<"json">, out: Writer): void {
  out.put("(WITH RECURSIVE ");
  writeTree("_wanted", "", () => out.expr(node.value!), out);
  out.put(", ");
  writeTree("_found", "", () => writeDocument(node, out), out);
  out.put(
    ", _pair(w, f) AS (SELECT w.id, f.id FROM _wanted AS w, _found AS f" +
      " WHERE w.parent IS NULL AND f.parent IS NULL AND w.type = f.type AND w.atom IS f.atom" +
      " UNION ALL SELECT w.id, f.id FROM _pair, _wanted AS w, _found AS f" +
      " WHERE w.parent = _pair.w AND f.parent = _pair.f AND w.key = f.key AND w.type = f.type AND w.atom IS f.atom)" +
      " SELECT count(*) = (SELECT count(*) FROM _wanted) AND count(*) = (SELECT count(*) FROM _found) FROM _pair)",
  );
}

/** A whole document as it is, what stands inside one only where it is an array or object: a text would be taken for JSON. */
function writeDocument(node: Node<"json">, out: Writer): void {
  if (node.path.length === 0) return out.expr(node.item);
  out.put("CASE WHEN ");
  writeAt("type", node, out);
  out.put(" IN ('array', 'object') THEN ");
  writeAt("value", node, out);
  out.put(" END");
}

/**
 * Whether one document contains another, as MySQL's JSON_CONTAINS means it. `_pair` walks from the roots inwards: which node
 * might be the one that contains a wanted one, and `around` it which contains the parent; for all but arrays any array on the
 * way may be stepped into. `_step` goes back from the innermost wanted nodes (in `json_tree` children have greater ids) and
 * keeps for each in which nodes it is contained; a wanted node that is in none ends the walk.
 */
function writeContains(whole: Expr, part: Expr, out: Writer): void {
  out.put("(WITH RECURSIVE ");
  writeTree("_wanted", ", row_number() OVER (ORDER BY id DESC) AS n", () => out.expr(part), out);
  out.put(", ");
  writeTree("_found", "", () => out.expr(whole), out);
  const fits = "(w.type = f.type AND w.atom IS f.atom OR f.type = 'array' AND w.type <> 'array')";
  out.put(
    ", _pair(w, f, alike, enter, around) AS (" +
      "SELECT w.id, f.id, w.type = f.type, f.type = 'array' AND w.type <> 'array', -1" +
      ` FROM _wanted AS w, _found AS f WHERE w.parent IS NULL AND f.parent IS NULL AND ${fits}` +
      " UNION SELECT w.id, f.id, w.type = f.type, f.type = 'array' AND w.type <> 'array', _pair.f" +
      " FROM _pair, _wanted AS w, _found AS f" +
      " WHERE _pair.alike AND w.parent = _pair.w AND f.parent = _pair.f" +
      ` AND (w.key = f.key OR typeof(w.key) = 'integer') AND ${fits}` +
      " UNION SELECT w.id, f.id, w.type = f.type, f.type = 'array' AND w.type <> 'array', _pair.around" +
      " FROM _pair, _wanted AS w, _found AS f" +
      ` WHERE _pair.enter AND w.id = _pair.w AND f.parent = _pair.f AND ${fits})` +
      `, _step(n, places) AS (SELECT 0, '{}' UNION ALL SELECT w.n, json_set(places, '$."' || w.id || '"', json((` +
      "SELECT json_group_array(DISTINCT around) FROM _pair WHERE _pair.w = w.id AND _pair.alike" +
      " AND NOT EXISTS (SELECT 1 FROM _wanted AS child WHERE child.parent = w.id AND NOT EXISTS (" +
      `SELECT 1 FROM json_each(places, '$."' || child.id || '"') AS place WHERE place.value = _pair.f)))))` +
      " FROM _step, _wanted AS w WHERE w.n = _step.n + 1 AND instr(places, '[]') = 0)" +
      " SELECT EXISTS (SELECT 1 FROM _step WHERE n > 0 AND n = (SELECT count(*) FROM _wanted) AND instr(places, '[]') = 0))",
  );
}
