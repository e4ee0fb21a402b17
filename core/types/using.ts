/** A connection or a transaction, as the object that a program holds. */
export interface ConnectionHandle {
  readonly executeQuery: (sql: string, params?: never) => unknown;
}

/** Where a query runs: a connection's name, a connection, or a transaction. */
export type UsingTarget = string | ConnectionHandle;

/** The last option of every call that runs something. */
export interface UsingOptions {
  usingDb?: UsingTarget;
}
