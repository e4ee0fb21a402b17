/** A connection or a transaction, as the object that a program holds. */
export interface ConnectionHandle {
  readonly executeQuery: (sql: string, params?: never) => unknown;
}

/** One request or job, as the object that a program holds: what `orm.scope()` gives. */
export interface ScopeHandle {
  readonly isRequestScope: true;
  readonly use: (item: never) => unknown;
}

/** Where a query runs: a connection's name, a connection, a transaction, or the scope of a request. */
export type UsingTarget = string | ConnectionHandle | ScopeHandle;

/** The last option of every call that runs something. */
export interface UsingOptions {
  usingDb?: UsingTarget;
}
