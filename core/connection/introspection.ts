/** A table as the database describes it. */
export interface TableDescription {
  readonly name: string;
  /** null where the database has no schemas, or for its default one */
  readonly schema: string | null;
  readonly columns: readonly ColumnDescription[];
  /** Column names of the primary key, in its order; empty when there is none. */
  readonly primaryKey: readonly string[];
  readonly foreignKeys: readonly ForeignKeyDescription[];
  /** Without the primary key. */
  readonly indexes: readonly IndexDescription[];
  readonly comment: string | null;
  /** The statement that made the table, where the database keeps it. */
  readonly sql: string | null;
}

/** A column as the database describes it. */
export interface ColumnDescription {
  readonly name: string;
  /** The type as declared: `VARCHAR(50)`; empty where none was given. */
  readonly type: string;
  readonly null: boolean;
  /** The DEFAULT as SQL text, or null. */
  readonly default: string | null;
  readonly primaryKey: boolean;
  /** The database counts it up, or computes it. */
  readonly generated: boolean;
  readonly comment: string | null;
}

/** A foreign key as the database describes it. */
export interface ForeignKeyDescription {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly table: string;
  /** Empty where the key refers to the other table's primary key without naming it. */
  readonly targets: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** An index as the database describes it. */
export interface IndexDescription {
  readonly name: string;
  /** null stands for an expression */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  /** It holds only some rows. */
  readonly partial: boolean;
  /** It belongs to a UNIQUE rule of the table, not to a CREATE INDEX. */
  readonly constraint: boolean;
}
