// Lookups of one's own: what they take, and the fields that have them.

/** A lookup of one's own: `V` is what it is compared with. */
export interface OwnLookup<V> {
  readonly $value: V;
}

/** It is compared with what the column itself may be compared with. */
export interface SameValue {
  readonly $same: true;
}

/** A condition in SQL, the same for all databases or one for each family. */
export type LookupSql = string | { readonly sqlite?: string; readonly mysql?: string };

/** The type of `sqlLookup`. */
export interface SqlLookupFunction {
  (sql: LookupSql): OwnLookup<SameValue>;
  <F extends { readonly $lookups: { readonly exact: unknown } }>(
    sql: LookupSql,
    options: { readonly takes: F },
  ): OwnLookup<F["$lookups"]["exact"]>;
}

/** Any field that is a column. */
export interface AnyColumn {
  readonly $get: unknown;
  readonly $in: unknown;
  readonly $lookups: object;
  readonly $flags: unknown;
}

/** The field `F` with more lookups. */
export interface FieldWith<F extends AnyColumn, Own> {
  readonly $get: F["$get"];
  readonly $in: F["$in"];
  readonly $lookups: F["$lookups"] & OwnArguments<F["$lookups"], Own>;
  readonly $flags: F["$flags"];
}

/** What each of them takes. */
export type OwnArguments<Lookups, Own> = {
  [K in keyof Own]: Own[K] extends OwnLookup<infer V>
    ? V extends SameValue
      ? Lookups["exact" & keyof Lookups]
      : V
    : never;
};

/** The type of `withLookups`. */
export interface WithLookupsFunction {
  <F extends AnyColumn, const Own extends { readonly [name: string]: OwnLookup<unknown> }>(
    field: F,
    lookups: Own,
  ): FieldWith<F, Own>;
}
