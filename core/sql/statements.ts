import { UnsupportedError } from "../base/errors.js";
import type {
  Assignment,
  CommonTable,
  Compound,
  Delete,
  Expr,
  IndexHints,
  Insert,
  Query,
  RowLock,
  Select,
  TableName,
  Update,
} from "./ast.js";
import type { BoundRowsForm } from "./dialect.js";
import { writeExpr, writeOrder } from "./expressions.js";
import type { Writer } from "./writer.js";

/** Writes one statement that reads or changes rows. */
export function writeQuery(query: Query, out: Writer): void {
  switch (query.kind) {
    case "select":
      return writeSelect(query, out);
    case "insert":
      return writeInsert(query, out);
    case "update":
      return writeUpdate(query, out);
    case "delete":
      return writeDelete(query, out);
    default:
      return query satisfies never;
  }
}

/** A table's name with its schema. */
export function writeTable(table: TableName, out: Writer): void {
  if (table.schema !== null) {
    out.name(table.schema);
    out.put(".");
  }
  out.name(table.name);
}

export function writeSelect(node: Select, out: Writer): void {
  const { qualified } = out;
  // Inside another statement a bare name could mean the outer table's column.
  out.qualified = qualified || node.joins.length > 0 || out.text !== "";
  if (node.with !== undefined) writeWith(node.with, out);
  out.put(node.distinct ? "SELECT DISTINCT " : "SELECT ");
  out.list(node.columns, ", ", ({ expr, as }) => {
    writeExpr(expr, out);
    if (as !== null) {
      out.put(" AS ");
      out.name(as);
    }
  });
  out.put(" FROM ");
  writeFrom(node, out);
  for (const join of node.joins) {
    out.put(join.type === "left" ? " LEFT JOIN " : " JOIN ");
    writeTable(join.table, out);
    writeAlias(join.table, join.alias, out);
    out.put(" ON ");
    writeExpr(join.on, out);
  }
  writeWhere(node.where, out);
  if (node.groupBy.length > 0) {
    out.put(" GROUP BY ");
    out.list(node.groupBy, ", ", (expr) => writeExpr(expr, out));
  }
  if (node.having !== null) {
    out.put(" HAVING ");
    writeExpr(node.having, out);
  }
  if (node.orderBy.length > 0) {
    out.put(" ORDER BY ");
    writeOrder(node.orderBy, out);
  }
  writeSlice(node.limit, node.offset, out);
  if (node.lock !== undefined) writeLock(node.lock, out);
  out.qualified = qualified;
}

/** `WITH a (x, y) AS (…), b (z) AS (…) ` */
function writeWith(tables: readonly CommonTable[], out: Writer): void {
  out.put(tables.some(({ recursive }) => recursive) ? "WITH RECURSIVE " : "WITH ");
  out.list(tables, ", ", ({ name, columns, query }) => {
    out.name(name);
    out.put(" (");
    out.list(columns, ", ", (column) => out.name(column));
    out.put(") AS (");
    writeQueries(query, out);
    out.put(")");
  });
  out.put(" ");
}

function writeQueries(query: Select | Compound, out: Writer): void {
  if (query.kind === "select") writeSelect(query, out);
  else out.list(query.parts, ` ${query.op} `, (part) => writeSelect(part, out));
}

function writeFrom(node: Select, out: Writer): void {
  if ("kind" in node.from) {
    out.put("(");
    writeQueries(node.from, out);
    out.put(") AS ");
    return out.name(node.alias);
  }
  writeTable(node.from, out);
  writeAlias(node.from, node.alias, out);
  if (node.hints !== undefined) writeHints(node.hints, out);
}

function writeHints({ kind, names }: IndexHints, out: Writer): void {
  out.put(kind === "force" ? " FORCE INDEX (" : " USE INDEX (");
  out.list(names, ", ", (name) => out.name(name));
  out.put(")");
}

const BUSY: Readonly<Record<RowLock["busy"], string>> = { wait: "", nowait: " NOWAIT", skip: " SKIP LOCKED" };

function writeLock({ of, busy }: RowLock, out: Writer): void {
  out.put(" FOR UPDATE");
  if (of.length > 0) out.put(" OF ");
  out.list(of, ", ", (name) => out.name(name));
  out.put(BUSY[busy]);
}

function writeAlias(table: TableName, alias: string, out: Writer): void {
  if (alias === table.name) return;
  out.put(" AS ");
  out.name(alias);
}

function writeWhere(where: Expr | null, out: Writer): void {
  if (where === null) return;
  out.put(" WHERE ");
  writeExpr(where, out);
}

function writeSlice(limit: Expr | null, offset: Expr | null, out: Writer): void {
  if (limit === null && offset === null) return;
  out.put(" LIMIT ");
  if (limit === null) out.put(out.dialect.noLimit);
  else writeCount(limit, out);
  if (offset === null) return;
  out.put(" OFFSET ");
  writeCount(offset, out);
}

function writeCount(count: Expr, out: Writer): void {
  writeExpr(count, out);
  if (count.kind === "param") out.put(out.dialect.countSuffix);
}

function writeInsert(node: Insert, out: Writer): void {
  out.put("INSERT INTO ");
  writeTable(node.table, out);
  if (node.columns.length === 0) {
    out.put(` ${out.dialect.emptyInsert}`);
  } else {
    out.put(" (");
    out.list(node.columns, ", ", (name) => out.name(name));
    out.put(") ");
    writeRows(node, out);
  }
  if (node.conflict !== null) out.dialect.writeConflict(node.conflict, out);
  if (node.returning.length === 0) return;
  out.put(" RETURNING ");
  out.list(node.returning, ", ", ({ expr }) => writeExpr(expr, out));
}

function writeRows({ rows, unless, conflict }: Insert, out: Writer): void {
  if ("slot" in rows) {
    rowsOf(out).write(rows, out);
    // What follows would be read as the condition of a join otherwise.
    return conflict === null ? undefined : out.put(" WHERE true");
  }
  if (unless !== undefined) {
    out.put("SELECT ");
    out.list(rows[0]!, ", ", (expr) => writeExpr(expr, out));
    out.put(" WHERE NOT EXISTS (");
    writeSelect(unless, out);
    return out.put(")");
  }
  out.put("VALUES ");
  out.list(rows, ", ", (row) => {
    out.put("(");
    out.list(row, ", ", (expr) => writeExpr(expr, out));
    out.put(")");
  });
}

function rowsOf({ dialect }: Writer): BoundRowsForm {
  if (dialect.rows !== undefined) return dialect.rows;
  throw new UnsupportedError(`${dialect.name} cannot take the rows of a statement as one parameter`);
}

/** `a = …, b = …`; `of`: the table whose columns these are, where there are others too */
function writeAssignments(set: readonly Assignment[], out: Writer, of: TableName | null): void {
  out.list(set, ", ", ({ column, value }) => {
    if (of !== null) {
      out.name(of.name);
      out.put(".");
    }
    out.name(column);
    out.put(" = ");
    writeExpr(value, out);
  });
}

function writeUpdate(node: Update, out: Writer): void {
  out.put("UPDATE ");
  writeTable(node.table, out);
  if (node.joined !== undefined) {
    const { query, alias, on } = node.joined;
    out.put(" JOIN (");
    writeSelect(query, out);
    out.put(") AS ");
    out.name(alias);
    out.put(" ON ");
    out.qualified = true;
    writeExpr(on, out);
  }
  out.put(" SET ");
  // The table may have columns that are called as those of the rows.
  if (node.from !== undefined) out.qualified = true;
  writeAssignments(node.set, out, node.joined === undefined ? null : node.table);
  if (node.from !== undefined) {
    out.put(" FROM (");
    rowsOf(out).write(node.from, out);
    out.put(") AS ");
    out.name("rows");
  }
  writeWhere(node.where, out);
}

function writeDelete(node: Delete, out: Writer): void {
  out.put("DELETE FROM ");
  writeTable(node.table, out);
  writeWhere(node.where, out);
}
