import { UnsupportedError } from "../base/errors.js";
import type {
  ColumnDefinition,
  CreateIndex,
  CreateTable,
  Ddl,
  ForeignKey,
  IndexDefinition,
  TableConstraint,
} from "./ast.js";
import { writeExpr } from "./expressions.js";
import { writeTable } from "./statements.js";
import type { Writer } from "./writer.js";

/** Writes one statement that changes the schema. */
export function writeDdl(node: Ddl, out: Writer): void {
  switch (node.kind) {
    case "createTable":
      return writeCreateTable(node, out);
    case "createFullText":
      return out.put(node.sql);
    case "createIndex":
      return writeCreateIndex(node, out);
    case "addForeignKey":
      out.put("ALTER TABLE ");
      writeTable(node.table, out);
      out.put(" ADD ");
      return writeForeignKey(node.key, out);
    case "dropTable":
      out.put(node.ifExists ? "DROP TABLE IF EXISTS " : "DROP TABLE ");
      return writeTable(node.table, out);
    default:
      return node satisfies never;
  }
}

function writeCreateTable(node: CreateTable, out: Writer): void {
  out.put(node.ifNotExists ? "CREATE TABLE IF NOT EXISTS " : "CREATE TABLE ");
  writeTable(node.table, out);
  out.put(" (");
  const lines: (() => void)[] = [
    ...node.columns.map((column) => () => writeColumn(column, out)),
    ...node.constraints.map((constraint) => () => writeConstraint(constraint, out)),
    ...node.foreignKeys.map((key) => () => writeForeignKey(key, out)),
  ];
  if (out.dialect.inlineIndexes) lines.push(...node.indexes.map((index) => () => writeInlineIndex(index, out)));
  out.list(lines, ",", (write) => {
    out.put("\n  ");
    write();
  });
  out.put(`\n)${out.dialect.tableOptions}`);
  if (node.comment !== null) out.put(out.dialect.comment(node.comment));
}

function writeColumn(column: ColumnDefinition, out: Writer): void {
  out.name(column.name);
  out.put(" ");
  if (column.primaryKey && column.generated) {
    out.put(out.dialect.generatedKey(column.type));
  } else {
    out.put(out.dialect.columnType(column.type));
    if (!column.null) out.put(" NOT NULL");
    if (column.default !== null) {
      out.put(" DEFAULT ");
      if (column.default.kind === "now") out.put(out.dialect.nowDefault(column.type));
      else out.dialect.writeDefault(column.default.value, column.type, out);
    }
    if (column.primaryKey) out.put(" PRIMARY KEY");
    else if (column.unique) out.put(" UNIQUE");
  }
  if (column.comment !== null) out.put(out.dialect.comment(column.comment));
}

function writeForeignKey(key: ForeignKey, out: Writer): void {
  if (key.onDelete === "SET DEFAULT" && !out.dialect.setsDefault)
    throw new UnsupportedError(
      `${out.dialect.name} has no ON DELETE SET DEFAULT, which "${key.columns.join()}" asks for`,
      {
        code: "no_set_default",
        hint: 'onDelete: "SET_NULL" or "RESTRICT"; or dbConstraint: false, and change the rows yourself',
      },
    );
  out.put("CONSTRAINT ");
  out.name(key.name);
  out.put(" FOREIGN KEY (");
  out.list(key.columns, ", ", (name) => out.name(name));
  out.put(") REFERENCES ");
  writeTable(key.table, out);
  out.put(" (");
  out.list(key.targets, ", ", (name) => out.name(name));
  out.put(`) ON DELETE ${key.onDelete}`);
}

function writeConstraint(constraint: TableConstraint, out: Writer): void {
  out.put("CONSTRAINT ");
  out.name(constraint.name);
  if (constraint.kind === "check") return out.put(` CHECK (${constraint.check})`);
  out.put(" UNIQUE (");
  out.list(constraint.columns, ", ", (name) => out.name(name));
  out.put(")");
}

function writeInlineIndex(index: IndexDefinition, out: Writer): void {
  if (index.where !== null)
    throw new UnsupportedError(`${out.dialect.name} has no indexes of some rows, which "${index.name}" would be`, {
      code: "no_partial_indexes",
      hint: "leave the condition out, or keep the index for databases that have them",
    });
  const kind = index.fullText !== undefined ? "FULLTEXT " : index.unique ? "UNIQUE " : spatial(index, out);
  out.put(`${kind}KEY `);
  out.name(index.name);
  writeIndexColumns(index, out);
  if (index.fullText?.tokenizer != null) {
    out.put(" WITH PARSER ");
    out.name(index.fullText.tokenizer);
  }
}

function spatial(index: IndexDefinition, out: Writer): string {
  if (index.spatial !== true) return "";
  if (out.dialect.spatialIndexes) return "SPATIAL ";
  throw new UnsupportedError(`${out.dialect.name} has no indexes over shapes, which "${index.name}" would be`, {
    code: "no_spatial_indexes",
    hint: "leave the index out, or keep the model for databases that have them",
  });
}

function writeCreateIndex({ table, ifNotExists, index }: CreateIndex, out: Writer): void {
  out.put(`CREATE ${index.unique ? "UNIQUE " : spatial(index, out)}INDEX ${ifNotExists ? "IF NOT EXISTS " : ""}`);
  if (table.schema !== null) {
    // SQLite wants the schema on the index, not on the table.
    out.name(table.schema);
    out.put(".");
  }
  out.name(index.name);
  out.put(" ON ");
  out.name(table.name);
  writeIndexColumns(index, out);
  if (index.where === null) return;
  out.put(" WHERE ");
  writeExpr(index.where, out);
}

function writeIndexColumns(index: IndexDefinition, out: Writer): void {
  out.put(" (");
  out.list(index.columns, ", ", (name) => out.name(name));
  out.put(")");
}
