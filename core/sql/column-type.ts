/** A value as it is bound to a statement. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** How texts compare and sort, by the family of the database; absent: by their code points. */
export type Collation = Readonly<Partial<Record<"sqlite" | "mysql", string>>>;

/** What a column holds, in no database's words; a dialect gives it a type name and a codec. */
export type ColumnType =
  | { readonly kind: "smallInt" | "int" }
  | { readonly kind: "bigInt"; readonly mode: "number" | "bigint" }
  | { readonly kind: "float" }
  | {
      readonly kind: "decimal";
      readonly maxDigits: number;
      readonly decimalPlaces: number;
      readonly mode: "string" | "number";
      readonly storage: "auto" | "text" | "numeric";
    }
  | { readonly kind: "boolean" }
  | { readonly kind: "char"; readonly maxLength: number; readonly collation?: Collation }
  | { readonly kind: "text"; readonly collation?: Collation }
  /** `storage`: as 16 bytes; absent: as text */
  | { readonly kind: "uuid"; readonly storage?: "binary" }
  | { readonly kind: "date" }
  | { readonly kind: "time" }
  /** `precision` 3: the attribute is a Date; 6: an ISO string with microseconds */
  | { readonly kind: "datetime"; readonly precision: 3 | 6 }
  | { readonly kind: "timeDelta" }
  | { readonly kind: "json" }
  | { readonly kind: "binary" }
  /** a shape in the database's own form, which nobody looks into */
  | { readonly kind: "geometry" };

/** How the values of one column type travel to and from one database. Null never reaches a codec: null is NULL. */
export interface Codec {
  /** Canonical JS value in, bound value out; null: bound as it is. */
  readonly encode: ((value: never) => SqlValue) | null;
  /** Stored value in, canonical JS value out; null: given as it is. Never changes its input. */
  readonly decode: ((stored: never) => unknown) | null;
  /** What the column is selected as, because the client would round it or take it apart otherwise; null: as it is. */
  readonly readAs: "text" | "blob" | null;
}
