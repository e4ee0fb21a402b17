/** For whom a schema is: who makes an object, who changes one, or who is given one. */
export type SchemaPurpose = "create" | "update" | "read";

/** Options of `jsonSchema` and `standardSchema`. */
export interface SchemaPurposeOptions {
  /** default: `"read"` for `jsonSchema`, `"create"` for `standardSchema` */
  for?: SchemaPurpose;
}

/** A JSON Schema of an object. */
export interface JsonSchema {
  readonly $schema: string;
  readonly title: string;
  readonly description?: string;
  readonly type: "object";
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** What is wrong with a value, and where. */
export interface StandardIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

/** A validator as standardschema.dev specifies it. */
export interface StandardSchema<Output = Record<string, unknown>> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };
    readonly types?: { readonly input: unknown; readonly output: Output };
  };
}
