import type { ColumnType, SqlValue } from "./column-type.js";

/** Turns a value that the user gave into the value that the driver gets. Never called with null. */
export type Encode = (value: unknown) => SqlValue;

export type CompareOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** A value to be bound. `slot` is its place in the values that the shape walk collects. */
export interface Param {
  readonly kind: "param";
  readonly slot: number;
  /** null: bound as it is */
  readonly encode: Encode | null;
}

/** A whole list bound as one parameter or several, as the dialect likes it. */
export interface ListParam {
  readonly kind: "list";
  readonly slot: number;
  /** how many placeholders it takes, where each element has its own */
  readonly width: number;
  /** for each element; null: bound as it is */
  readonly encode: Encode | null;
  /** what each element is cast to; absent: nothing */
  readonly cast?: CastTo;
}

/** A type that a value is cast to; `places`: of a decimal. */
export interface CastTo {
  readonly to: CastType;
  readonly places: number;
}

export type Expr =
  /** `table` is an alias of the statement, or null for a bare name; `nullable`: it may be NULL in this statement */
  | { readonly kind: "column"; readonly table: string | null; readonly name: string; readonly nullable: boolean }
  | Param
  /** a constant of the compiler's own, never of the user's */
  | { readonly kind: "literal"; readonly value: SqlValue }
  | { readonly kind: "compare"; readonly op: CompareOperator; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "arithmetic"; readonly op: ArithmeticOperator; readonly left: Expr; readonly right: Expr }
  /** a function by the name that both families know it by */
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expr[] }
  /** a function that each dialect spells its own way */
  | {
      readonly kind: "text";
      readonly test: TextTest;
      readonly left: Expr;
      readonly right: Expr;
      readonly ignoreCase: boolean;
      readonly negated: boolean;
    }
  | {
      readonly kind: "datePart";
      readonly part: DatePart;
      readonly of: "date" | "time" | "datetime";
      readonly item: Expr;
    }
  /** the first day of the span that a date or an instant is in, as a date */
  | { readonly kind: "dateTrunc"; readonly to: DateTrunc; readonly item: Expr }
  /** what the clocks of a time zone show; `changes`: JSON of [from, seconds ahead of UTC], "" first */
  | { readonly kind: "inZone"; readonly item: Expr; readonly changes: Param }
  /** `places`: of a decimal */
  | { readonly kind: "cast"; readonly item: Expr; readonly to: CastType; readonly places?: number }
  | { readonly kind: "isNull"; readonly item: Expr; readonly negated: boolean }
  | { readonly kind: "in"; readonly left: Expr; readonly list: ListParam | Select; readonly negated: boolean }
  | { readonly kind: "and" | "or"; readonly items: readonly Expr[] }
  /** true where `item` is not true: only around what cannot be negated otherwise */
  | { readonly kind: "notTrue"; readonly item: Expr }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "exists"; readonly query: Select; readonly negated: boolean }
  | { readonly kind: "scalar"; readonly query: Select }
  | {
      readonly kind: "case";
      readonly whens: readonly { readonly when: Expr; readonly then: Expr }[];
      readonly otherwise: Expr;
    }
  /** the item, where it is a number from `low` to `high` (NULL included); anything else fails the statement */
  | {
      readonly kind: "inRange";
      readonly item: Expr;
      /** what the item is when nothing overflowed */
      readonly of: "integer" | "real";
      readonly low: bigint;
      readonly high: bigint;
    }
  /** a value gathered from rows */
  | {
      readonly kind: "aggregate";
      readonly name: "COUNT" | "SUM" | "AVG" | "MIN" | "MAX";
      readonly item: Expr;
      readonly distinct: boolean;
    }
  /** texts one after another */
  | { readonly kind: "concat"; readonly items: readonly Expr[] }
  /** SQL of an author, and what stands between its parts */
  | { readonly kind: "raw"; readonly parts: readonly string[]; readonly items: readonly Expr[] }
  /** a function over the rows that share the values of `partitionBy`, in an order */
  | {
      readonly kind: "window";
      /** the rows of a query that a condition on windows keeps, after the windows have seen them all */
      readonly keep?: (query: Select, kept: Expr) => Select;
      readonly call: Expr;
      readonly partitionBy: readonly Expr[];
      readonly orderBy: readonly OrderTerm[];
    }
  /** a question about a JSON document, or about what stands at a path in it; answered for NULL too */
  | {
      readonly kind: "json";
      readonly ask: JsonQuestion;
      readonly item: Expr;
      readonly path: JsonPath;
      /** of the condition's value, for keys that the text of the statement cannot hold */
      readonly slot: number;
      /** a document as JSON text; for `hasKey` the key */
      readonly value: Expr | null;
    }
  /** the text, the number or the length at a path of a document; NULL where there is none such */
  | {
      readonly kind: "jsonValue";
      readonly as: JsonValueOf;
      readonly item: Expr;
      readonly path: JsonPath;
      readonly slot: number;
    }
  /** the row's texts, as a full-text index has them, have these words */
  | {
      readonly kind: "search";
      readonly index: TableName;
      /** what the index is over */
      readonly columns: readonly Expr[];
      /** the integer key that the index knows the row by */
      readonly key: Expr;
      readonly slot: number;
      /** the value is in the database's own search language */
      readonly raw: boolean;
    }
  /** a regular expression finds something in the item */
  | { readonly kind: "regex"; readonly item: Expr; readonly pattern: Expr; readonly ignoreCase: boolean }
  /** the value that an upsert would have inserted */
  | { readonly kind: "inserted"; readonly name: string };

/** Keys of objects and indexes of arrays, from the document inwards; none: the document itself. */
export type JsonPath = readonly (string | number)[];
/** `nothing`: there is nothing at the path, or JSON's null. `equals` and `containedBy` take arrays and objects there. */
export type JsonQuestion =
  | "equals"
  | "contains"
  | "containedBy"
  | "among"
  | "hasKey"
  | "true"
  | "false"
  | "null"
  | "nothing";
export type JsonValueOf = "text" | "number" | "length";

export type TextTest = "contains" | "startswith" | "endswith";
export type DateTrunc = "year" | "quarter" | "month" | "week" | "day";
export type DatePart = "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" | "microsecond";
/** `longText`: text that may be longer than what is cast. */
export type CastType = "text" | "longText" | "integer" | "real" | "decimal" | "blob";

export interface TableName {
  readonly schema: string | null;
  readonly name: string;
}

export interface Join {
  readonly type: "inner" | "left";
  readonly table: TableName;
  readonly alias: string;
  readonly on: Expr;
}

export interface OrderTerm {
  readonly expr: Expr;
  readonly descending: boolean;
}

/** Indexes that the database is told to use for a table, or to choose from. */
export interface IndexHints {
  readonly kind: "force" | "use";
  readonly names: readonly string[];
}

/** Rows are locked until the transaction ends. */
export interface RowLock {
  /** aliases of the tables whose rows; none: all */
  readonly of: readonly string[];
  /** where somebody else has them: wait, fail, or leave them out */
  readonly busy: "wait" | "nowait" | "skip";
}

export interface Select {
  readonly kind: "select";
  /** queries that it names like tables */
  readonly with?: readonly CommonTable[];
  readonly distinct: boolean;
  readonly columns: readonly { readonly expr: Expr; readonly as: string | null }[];
  /** a table, a query as a table, or several put together */
  readonly from: TableName | Select | Compound;
  readonly alias: string;
  readonly joins: readonly Join[];
  readonly where: Expr | null;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | null;
  readonly orderBy: readonly OrderTerm[];
  readonly limit: Expr | null;
  readonly offset: Expr | null;
  /** for the table that it is from */
  readonly hints?: IndexHints;
  readonly lock?: RowLock;
}

/** A query under a name. `recursive`: it names itself. */
export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Select | Compound;
  readonly recursive: boolean;
}

/** The rows of several queries, put together. */
export interface Compound {
  readonly kind: "compound";
  readonly op: "UNION" | "UNION ALL" | "INTERSECT" | "EXCEPT";
  readonly parts: readonly Select[];
}

/** What happens when an inserted row meets one that is there already. */
export interface Conflict {
  /** columns of the unique rule; empty: any rule */
  readonly target: readonly string[];
  /** null: the new row is dropped */
  readonly set: readonly Assignment[] | null;
  /** a column of the table's key */
  readonly key: string;
  /** the database counts the key up */
  readonly counted: boolean;
}

export interface Assignment {
  readonly column: string;
  readonly value: Expr;
}

/** Rows that come as one parameter, and how the values of each column are taken out of it. */
export interface BoundRows {
  readonly slot: number;
  readonly columns: readonly RowValues[];
}

/** How values of a column stand among others in text: as they are; as hexadecimal digits; as integers and powers of two, where they are floats. */
export type RowValues = "plain" | "bytes" | "scaled";

export interface Insert {
  readonly kind: "insert";
  readonly table: TableName;
  readonly columns: readonly string[];
  /** a row of an empty column list is written with the database's defaults; rows that are bound as one parameter */
  readonly rows: readonly (readonly Expr[])[] | BoundRows;
  /** the row is written where this has no rows; absent: always */
  readonly unless?: Select;
  readonly conflict: Conflict | null;
  readonly returning: readonly { readonly expr: Expr; readonly as: string | null }[];
}

export interface Update {
  readonly kind: "update";
  readonly table: TableName;
  readonly set: readonly Assignment[];
  /** rows to take values from: their columns are c0, c1 … of the table "rows"; absent: none */
  readonly from?: BoundRows;
  readonly where: Expr | null;
  /** rows that tell what is set, one for each that is changed; `on` says for which */
  readonly joined?: { readonly query: Select; readonly alias: string; readonly on: Expr };
}

export interface Delete {
  readonly kind: "delete";
  readonly table: TableName;
  readonly where: Expr | null;
}

export type Query = Select | Insert | Update | Delete;

/** A column as DDL writes it. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly null: boolean;
  readonly primaryKey: boolean;
  /** the database makes the value: an integer key that counts up */
  readonly generated: boolean;
  readonly unique: boolean;
  /** a DEFAULT clause; null: none */
  readonly default: ColumnDefault | null;
  readonly comment: string | null;
}

/** `value`: already encoded. `now`: the database's clock in the stored form of the column. */
export type ColumnDefault = { readonly kind: "value"; readonly value: SqlValue } | { readonly kind: "now" };

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: TableName;
  readonly targets: readonly string[];
  readonly onDelete: string;
}

export interface IndexDefinition {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  /** a partial index: only rows for which this holds; values in it are literals */
  readonly where: Expr | null;
  /** an index over words, where that is a part of its table; absent: it is none */
  readonly fullText?: { readonly tokenizer: string | null };
  /** an index over shapes */
  readonly spatial?: boolean;
}

/** An index over the words of texts. */
export interface FullTextDefinition {
  readonly name: string;
  readonly columns: readonly string[];
  /** the integer key that it knows rows by */
  readonly key: string;
  /** how texts are taken apart, in the database's own words; null: as it does by itself */
  readonly tokenizer: string | null;
}

export interface TableConstraint {
  readonly name: string;
  readonly kind: "unique" | "check";
  readonly columns: readonly string[];
  /** the condition of a check, as the model's author wrote it in SQL */
  readonly check: string | null;
}

export interface CreateTable {
  readonly kind: "createTable";
  readonly table: TableName;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly TableConstraint[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly indexes: readonly IndexDefinition[];
  readonly comment: string | null;
}

export interface CreateIndex {
  readonly kind: "createIndex";
  readonly table: TableName;
  readonly ifNotExists: boolean;
  readonly index: IndexDefinition;
}

/** A foreign key that was left out while its table was made, because the other one was not there. */
export interface AddForeignKey {
  readonly kind: "addForeignKey";
  readonly table: TableName;
  readonly key: ForeignKey;
}

export interface DropTable {
  readonly kind: "dropTable";
  readonly table: TableName;
  readonly ifExists: boolean;
}

/** One of the statements that make a full-text index. */
export interface CreateFullText {
  readonly kind: "createFullText";
  readonly sql: string;
}

export type Ddl = CreateFullText | CreateTable | CreateIndex | AddForeignKey | DropTable;
