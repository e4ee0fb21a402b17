import type { Codec, ColumnType, SqlValue } from "./column-type.js";
import type {
  BoundRows,
  CastTo,
  CastType,
  Conflict,
  DatePart,
  DateTrunc,
  Expr,
  FullTextDefinition,
  ListParam,
  RowValues,
  TableName,
} from "./ast.js";
import type { StatementLimits } from "./limits.js";
import type { Writer } from "./writer.js";

/** Node of one kind. */
export type Node<Kind extends Expr["kind"]> = Extract<Expr, { readonly kind: Kind }>;

/** How rows travel as one parameter. */
export interface BoundRowsForm {
  /** How a value stands among others. */
  kindOf(value: SqlValue): RowValues;
  /** The parameter. */
  textOf(rows: readonly (readonly SqlValue[])[], columns: readonly RowValues[]): string;
  /** One value of the first row of such a parameter, which the statement knows as `from`. */
  valueAt(column: number, from: string): string;
  /** Writes a SELECT of its rows, whose columns are c0, c1 … */
  write(rows: BoundRows, out: Writer): void;
}

/** How the statements of one batch speak of each other. */
export interface BatchWords {
  /** rows that the last write before matched */
  readonly affected: string;
  /** the key that the last INSERT before made */
  readonly insertedKey: string;
  /** around a parameter: an expression that fails the statement, and has the parameter's text in its error */
  readonly failure: readonly [before: string, after: string];
}

/**
 * Everything the compiler asks about a database: facts first, then the few places where its text differs.
 * A dialect is one frozen record; it knows no client. What the *client* can do is told by the driver.
 */
export interface Dialect {
  /** for messages and logs only: no code may branch on it */
  readonly name: string;
  /** the family whose stored forms and SQL it shares, as the seeds' `capabilities.dialect` says it */
  readonly family: "sqlite" | "mysql";
  /** an INSERT, UPDATE or DELETE can answer with rows */
  readonly returning: boolean;
  /** which of the keys that one INSERT of several rows made the client tells */
  readonly insertIdIs: "first" | "last";
  /** OFFSET may only follow a LIMIT; this is the LIMIT that means none */
  readonly noLimit: string;
  /** written after a bound LIMIT or OFFSET */
  readonly countSuffix: string;
  /** `SELECT … FOR UPDATE` exists */
  readonly forUpdate: boolean;
  /** `FOR UPDATE OF` names the tables whose rows are locked */
  readonly forUpdateOf: boolean;
  /** `FORCE INDEX` and `USE INDEX` exist */
  readonly indexHints: boolean;
  /** indexes are part of CREATE TABLE */
  readonly inlineIndexes: boolean;
  /** changes of the schema are undone with the transaction that they stand in; otherwise each commits what came before */
  readonly transactionalDdl: boolean;
  /** a foreign key may name a table that is not made yet; otherwise it is added afterwards */
  readonly forwardReferences: boolean;
  /** the time zone whose clocks say which day it is; null: UTC */
  readonly zone: string | null;
  /** a LIST is bound as one JSON parameter, or as several placeholders padded to 1, 2, 4, 8 … */
  readonly lists: "json" | "padded";

  /** what the statements of a batch can say of those before them; absent: a batch is always a transaction here */
  readonly batches?: BatchWords;

  /** what a statement cannot exceed; absent: nothing that programs come to */
  readonly limits?: StatementLimits;
  /** rows of a statement as one parameter; absent: each value is one */
  readonly rows?: BoundRowsForm;
  /**
   * What a decimal column holds: integers that count units of its last place, or decimal numbers of the database's own,
   * which stay exact when they are calculated with.
   */
  readonly decimals: "units" | "values";
  /** `%` takes fractions; otherwise it cuts them off first */
  readonly fractionalRemainder: boolean;
  /** dividing by zero fails where the result is written; otherwise it gives NULL */
  readonly divisionFails: boolean;
  /** lower() knows the letters of all scripts, not of ASCII alone */
  readonly foldsUnicode: boolean;
  /** texts are compared as if spaces followed them, so that one with a control character comes before what it starts with */
  readonly padsTexts: boolean;
  /** a backslash in a quoted text begins an escape */
  readonly escapesBackslash: boolean;
  /** ON DELETE SET DEFAULT exists */
  readonly setsDefault: boolean;
  /** indexes over shapes */
  readonly spatialIndexes: boolean;
  /** an INSERT that leaves rows out which are there already tells how many it wrote */
  readonly countsDropped: boolean;
  /** a query in IN may have a LIMIT of its own */
  readonly limitInSubqueries: boolean;
  /** a query inside an UPDATE or DELETE may ask the table that it changes */
  readonly readsChangedTable: boolean;
  /** a query inside HAVING may ask for a column of the groups that is not selected; where not, for a value gathered from it */
  readonly havingKnowsColumns: boolean;
  /** an UPDATE sees what it has assigned already, from left to right */
  readonly assignsInOrder: boolean;
  /** LAG and LEAD take what stands in for a missing row */
  readonly neighbourDefaults: boolean;
  /** distinct rows are ordered by what they show alone */
  readonly ordersDistinct: "shown" | "any";

  /** what counts the characters of a text */
  readonly lengthFunction: string;
  readonly randomFunction: string;
  /** what it gives: any integer, or a fraction from 0 to 1 */
  readonly randomIs: "integer" | "fraction";

  quote(name: string): string;
  columnType(type: ColumnType): string;
  /** The same codec object for equal types, or a new one: asked once per model and column. */
  codec(type: ColumnType): Codec;
  /** True when stored values compare and sort as the values themselves do. */
  sorts(type: ColumnType): boolean;
  /** How many decimal places the exact numbers of a decimal column have; null: it holds floats or texts. */
  scaleOf(type: ColumnType): number | null;

  /** How many bits an integer column of this type has. */
  bitsOf(type: ColumnType): bigint;
  /** What a bound value must be cast to where it is compared with a column; null: nothing. */
  comparesAs(type: ColumnType): CastTo | null;

  /** `left IN (…)` for a bound list */
  writeList(left: Expr, list: ListParam, negated: boolean, out: Writer): void;
  /** contains, startswith and endswith, on bytes or ignoring case; startswith is not asked where a range of texts says it */
  writeText(node: Node<"text">, out: Writer): void;
  /** a question about a JSON document; NULL counts as no */
  writeJson(node: Node<"json">, out: Writer): void;
  writeJsonValue(node: Node<"jsonValue">, out: Writer): void;
  /** a search in a full-text index, whose words are bound */
  writeSearch(node: Node<"search">, out: Writer): void;
  /** The statements that make a full-text index of a table, and keep it up to date; not asked where indexes are part of tables. */
  fullTextIndex(table: TableName, index: FullTextDefinition, ifNotExists: boolean): readonly string[];
  /** Throws an UnsupportedError where the database has no regular expressions. */
  writeRegex(node: Node<"regex">, out: Writer): void;
  /** the first day of a span of time, as a date column holds it */
  writeDateTrunc(to: DateTrunc, item: Expr, out: Writer): void;
  writeDatePart(part: DatePart, of: "date" | "time" | "datetime", item: Expr, out: Writer): void;
  writeInZone(node: Node<"inZone">, out: Writer): void;
  /** `places`: of a decimal */
  castType(to: CastType, places: number): string;
  /** The item alone where the database itself refuses what a column cannot hold. */
  writeInRange(node: Node<"inRange">, out: Writer): void;
  /** texts one after another, null where one is */
  writeConcat(items: readonly Expr[], out: Writer): void;
  writeConflict(conflict: Conflict, out: Writer): void;
  /** the value that the conflicting INSERT brought */
  writeInserted(column: string, out: Writer): void;
  /** an INSERT of no columns */
  readonly emptyInsert: string;
  /** column text for an integer key that counts up, in place of type, NOT NULL and PRIMARY KEY */
  generatedKey(type: ColumnType): string;
  /** DEFAULT clause for "now", in the stored form of the column */
  nowDefault(type: ColumnType): string;
  /** the value of a DEFAULT clause */
  writeDefault(value: SqlValue, type: ColumnType, out: Writer): void;
  /** written after the columns of CREATE TABLE */
  readonly tableOptions: string;
  /** what EXPLAIN is called here */
  readonly explain: string;
  /** what it is called where another form of the plan is asked for, by the form's name */
  readonly explainFormats: Readonly<Record<string, string>>;
  /** a question that has a row where a table has a foreign key of this name; not asked where keys may name tables to come */
  foreignKeyThere(table: TableName, name: string): string | null;
  /** a comment on a column or table, or "" where a comment has no place */
  comment(text: string): string;
}

/** The same dialect where the clocks of a time zone say which day it is: plans of the two are kept apart. */
export function inZone(dialect: Dialect, zone: string | null): Dialect {
  if (dialect.zone === zone) return dialect;
  let zones = ZONES.get(dialect);
  if (zones === undefined) ZONES.set(dialect, (zones = new Map()));
  let made = zones.get(zone);
  if (made === undefined) zones.set(zone, (made = { ...dialect, zone }));
  return made;
}

const ZONES = /* @__PURE__ */ new WeakMap<Dialect, Map<string | null, Dialect>>();
