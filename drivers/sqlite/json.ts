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

/**
 * The nodes of a document, each with the way to it and, where it is an array or object, its own text: what is inside a node is
 * found by looking into that, not by searching the whole. Integers and fractions are numbers.
 */
function writeNodes(name: string, write: () => void, out: Writer): void {
  out.put(
    `${name}(at, up, type, atom, value, depth) AS (SELECT '$', NULL, replace(type, 'integer', 'real'), atom, value, 0 FROM json_tree(`,
  );
  write();
  out.put(
    `) WHERE parent IS NULL UNION ALL SELECT ${name}.at || '/' || json_quote(inner.key), ${name}.at,` +
      " replace(inner.type, 'integer', 'real'), inner.atom, inner.value," +
      ` depth + 1 FROM ${name}, json_each(${name}.value) AS inner WHERE ${name}.type IN ('array', 'object'))`,
  );
}

/** Both have the same nodes in the same places. */
function writeEquals(node: Node<"json">, out: Writer): void {
  out.put("(WITH RECURSIVE ");
  writeNodes("_wanted", () => out.expr(node.value!), out);
  out.put(", ");
  writeNodes("_found", () => writeDocument(node, out), out);
  out.put(
    " SELECT (SELECT count(*) FROM _wanted) = (SELECT count(*) FROM _found) AND NOT EXISTS" +
      " (SELECT at, type, atom FROM _wanted EXCEPT SELECT at, type, atom FROM _found))",
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
 * way may be stepped into. `_step` goes back from the innermost wanted nodes and keeps for each in which nodes it is
 * contained: those whose pairs have every child. A wanted node that is in none ends the walk.
 *
 * Each pair looks at its own children only, and a step finds its pairs by an index: the time grows with the number of values
 * that are stored and the number that are wanted, not with the square of either.
 */
function writeContains(whole: Expr, part: Expr, out: Writer): void {
  out.put("(WITH RECURSIVE ");
  writeNodes("_nodes", () => out.expr(part), out);
  out.put(
    ", _wanted AS (SELECT at, up, row_number() OVER (ORDER BY depth DESC) AS n FROM _nodes)" +
      ", _pair(want, wtype, watom, wvalue, f, ftype, fvalue, around) AS (SELECT w.at, w.type, w.atom, w.value, '$'," +
      " replace(f.type, 'integer', 'real'), f.value, '' FROM _nodes AS w, json_tree(",
  );
  out.expr(whole);
  const fits = (wtype: string, watom: string): string =>
    `(${wtype} = replace(f.type, 'integer', 'real') AND ${watom} IS f.atom OR f.type = 'array' AND ${wtype} <> 'array')`;
  const found = "_pair.f || '/' || json_quote(f.key), replace(f.type, 'integer', 'real'), f.value";
  out.put(
    `) AS f WHERE w.up IS NULL AND f.parent IS NULL AND ${fits("w.type", "w.atom")}` +
      " UNION ALL SELECT _pair.want || '/' || json_quote(w.key), replace(w.type, 'integer', 'real'), w.atom, w.value," +
      ` ${found}, _pair.f FROM _pair, json_each(_pair.wvalue) AS w, json_each(_pair.fvalue) AS f` +
      " WHERE _pair.wtype = _pair.ftype AND _pair.wtype IN ('array', 'object')" +
      ` AND (_pair.wtype = 'array' OR w.key = f.key) AND ${fits("replace(w.type, 'integer', 'real')", "w.atom")}` +
      ` UNION ALL SELECT _pair.want, _pair.wtype, _pair.watom, _pair.wvalue, ${found}, _pair.around` +
      " FROM _pair, json_each(_pair.fvalue) AS f" +
      ` WHERE _pair.ftype = 'array' AND _pair.wtype <> 'array' AND ${fits("_pair.wtype", "_pair.watom")})` +
      // Groups in place of joins: what depends on a column of the row around it gets no index to join by.
      ", _alike AS (SELECT max(n) AS n, json_group_array(json_array(f, around)) FILTER (WHERE f IS NOT NULL) AS pairs FROM (" +
      "SELECT want AS at, NULL AS n, f, around FROM _pair WHERE wtype = ftype" +
      " UNION ALL SELECT at, n, NULL, NULL FROM _wanted) GROUP BY at HAVING count(f) > 0)" +
      ", _inner AS (SELECT max(n) AS n, json_group_array(kid) FILTER (WHERE kid IS NOT NULL) AS kids FROM (" +
      "SELECT up AS at, NULL AS n, n AS kid FROM _wanted WHERE up IS NOT NULL" +
      " UNION ALL SELECT at, n, NULL FROM _wanted) GROUP BY at HAVING count(kid) > 0)" +
      // What is carried along need not be found again at every step.
      ", _step(n, last, pairs, kids, places) AS (SELECT 0, (SELECT count(*) FROM _wanted)," +
      " (SELECT json_group_object(n, json(pairs)) FROM _alike), (SELECT json_group_object(n, json(kids)) FROM _inner), '{}'" +
      ` UNION ALL SELECT n + 1, last, pairs, kids, json_set(places, '$."' || (n + 1) || '"', json((` +
      "SELECT json_group_array(DISTINCT around) FROM (SELECT around, sum(have) OVER (PARTITION BY f) AS have FROM (" +
      "SELECT pair.value ->> 0 AS f, pair.value ->> 1 AS around, 0 AS have" +
      ` FROM json_each(pairs, '$."' || (n + 1) || '"') AS pair` +
      ` UNION ALL SELECT place.value, NULL, 1 FROM json_each(kids, '$."' || (n + 1) || '"') AS child` +
      ` CROSS JOIN json_each(places, '$."' || child.value || '"') AS place` +
      `)) WHERE around IS NOT NULL AND have = ifnull(json_array_length(kids, '$."' || (n + 1) || '"'), 0))))` +
      " FROM _step WHERE n < last AND instr(places, '[]') = 0)" +
      " SELECT EXISTS (SELECT 1 FROM _step WHERE n > 0 AND n = last AND instr(places, '[]') = 0))",
  );
}
