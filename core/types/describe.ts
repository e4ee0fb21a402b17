/** Options of `describe`. */
export interface DescribeOptions {
  /** false: functions and values as they are, instead of text that JSON can hold */
  serializable?: boolean;
}

/** A field as `describe()` tells it. */
export interface FieldDescription {
  readonly name: string;
  readonly field_type: unknown;
  readonly db_column: string;
  readonly js_type: unknown;
  readonly generated: boolean;
  readonly nullable: boolean;
  readonly unique: boolean;
  readonly indexed: boolean;
  readonly default: unknown;
  readonly description: string | null;
  readonly docstring: null;
  readonly constraints: Readonly<Record<string, unknown>>;
  readonly db_field_types: Readonly<Record<string, string>>;
  readonly auto_now_add?: boolean;
  readonly auto_now?: boolean;
  readonly [key: string]: unknown;
}

/** A model as `describe()` tells it. */
export interface ModelDescription {
  readonly name: string;
  readonly app: string;
  readonly table: string;
  readonly abstract: boolean;
  readonly description: string | null;
  /** always null: classes have no docstring; use `description` */
  readonly docstring: null;
  readonly unique_together: readonly (readonly string[])[];
  readonly indexes: readonly unknown[];
  readonly pk_field: FieldDescription;
  readonly data_fields: readonly FieldDescription[];
  readonly fk_fields: readonly FieldDescription[];
  readonly backward_fk_fields: readonly FieldDescription[];
  readonly o2o_fields: readonly FieldDescription[];
  readonly backward_o2o_fields: readonly FieldDescription[];
  readonly m2m_fields: readonly FieldDescription[];
}
