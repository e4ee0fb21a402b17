/** What every Terrapin error can say besides its message. */
export interface ErrorDetails {
  /** Stable, lower-case identifier such as `unknown_field`; see docs/errors.md. */
  readonly code?: string;
  /** What would be right, in the user's own words: the known names, the call to write instead. */
  readonly hint?: string | null;
  /** The error of the client or runtime that led here. */
  readonly cause?: unknown;
}

/** The root of every error that Terrapin throws on purpose. */
export class TerrapinError extends Error {
  /** Stable identifier of the situation; a program may branch on it. */
  readonly code: string;
  /** What would be right, or null when there is nothing to add. */
  readonly hint: string | null;

  constructor(message: string, details: ErrorDetails = {}, defaultCode = "error") {
    const hint = details.hint ?? null;
    super(
      hint === null ? message : `${message} (${hint})`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = new.target.errorName;
    this.code = details.code ?? defaultCode;
    this.hint = hint;
  }

  /** Spelled out, so that minifiers do not rename what users read in logs. */
  static readonly errorName: string = "TerrapinError";
}

/** A set-up that cannot work: models, options, connections, calls before `init`. */
export class ConfigurationError extends TerrapinError {
  static override readonly errorName: string = "ConfigurationError";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "configuration");
  }
}

/** A name, lookup or value that does not fit the model's fields. */
export class FieldError extends TerrapinError {
  static override readonly errorName: string = "FieldError";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "field");
  }
}

/** An argument of a call that cannot be right, whatever the model. */
export class ParamsError extends TerrapinError {
  static override readonly errorName: string = "ParamsError";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "params");
  }
}

/** A value that its field's rules refuse; nothing was written. */
export class ValidationError extends TerrapinError {
  static override readonly errorName: string = "ValidationError";
  /** The attribute whose value was refused, or null when the rule is about several. */
  readonly field: string | null;
  constructor(message: string, details: ErrorDetails & { readonly field?: string | null } = {}) {
    super(message, details, "validation");
    this.field = details.field ?? null;
  }
}

/** `get` found no row. */
export class DoesNotExist extends TerrapinError {
  static override readonly errorName: string = "DoesNotExist";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "does_not_exist");
  }
}

/** `get` or `getOrNone` found more than one row. */
export class MultipleObjectsReturned extends TerrapinError {
  static override readonly errorName: string = "MultipleObjectsReturned";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "multiple_objects");
  }
}

/** A partial instance (made by `only`) was asked for something it does not hold. */
export class IncompleteInstanceError extends TerrapinError {
  static override readonly errorName: string = "IncompleteInstanceError";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "incomplete_instance");
  }
}

/** A relation was read that nothing has loaded. */
export class NoValuesFetched extends TerrapinError {
  static override readonly errorName: string = "NoValuesFetched";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "no_values_fetched");
  }
}

/** This database, driver or version cannot do what was asked; the hint names a way out. */
export class UnsupportedError extends TerrapinError {
  static override readonly errorName: string = "UnsupportedError";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "unsupported");
  }
}

/** Details of an error that came from a database. */
export interface DatabaseErrorDetails extends ErrorDetails {
  /** The statement, never its parameters. */
  readonly sql?: string | null;
}

/** The database, or the way to it, failed. */
export class OperationalError extends TerrapinError {
  static override readonly errorName: string = "OperationalError";
  /** The statement that failed, without its parameters; null when there was none. */
  readonly sql: string | null;
  constructor(message: string, details: DatabaseErrorDetails = {}, defaultCode = "operational") {
    super(message, details, defaultCode);
    this.sql = details.sql ?? null;
  }
}

/** The database could not be reached or opened. */
export class DBConnectionError extends OperationalError {
  static override readonly errorName: string = "DBConnectionError";
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, details, "connection");
  }
}

/** Something waited longer than it was allowed to. */
export class TimeoutError extends OperationalError {
  static override readonly errorName: string = "TimeoutError";
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, details, "timeout");
  }
}

/** A limit of the driver or platform would be exceeded; nothing was sent. */
export class LimitError extends OperationalError {
  static override readonly errorName: string = "LimitError";
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, details, "limit");
  }
}

/** Which rule of the schema a write broke. */
export type IntegrityKind = "unique" | "primaryKey" | "foreignKey" | "notNull" | "check" | "guard" | "other";

/** Details of a broken constraint. */
export interface IntegrityDetails extends DatabaseErrorDetails {
  readonly kind?: IntegrityKind;
  /** The attributes (columns where no model is known) that the rule is about; empty when the database does not tell. */
  readonly fields?: readonly string[];
  /** The table whose rule it is, or null when the database does not tell. */
  readonly table?: string | null;
  /** The constraint's or index's name, or null when the database does not tell. */
  readonly constraint?: string | null;
  /** Finds the columns of the rule among those of a table's unique rules, where the database tells its name alone. */
  readonly among?: (table: string, rules: readonly (readonly string[])[]) => readonly string[] | null;
}

/** A constraint of the schema refused a write; nothing of the statement was kept. */
export class IntegrityError extends OperationalError {
  static override readonly errorName: string = "IntegrityError";
  readonly kind: IntegrityKind;
  readonly fields: readonly string[];
  readonly table: string | null;
  readonly constraint: string | null;
  readonly #among: IntegrityDetails["among"];
  constructor(message: string, details: IntegrityDetails = {}) {
    super(message, details, "integrity");
    this.#among = details.among;
    this.kind = details.kind ?? "other";
    this.fields = details.fields ?? [];
    this.table = details.table ?? null;
    this.constraint = details.constraint ?? null;
  }

  /** Takes its columns from those of a table's unique rules, where it knows no more of the rule than a name. */
  find(table: string, rules: readonly (readonly string[])[]): void {
    if (this.fields.length > 0) return;
    const found = this.#among?.(table, rules) ?? null;
    if (found !== null) Object.assign(this, { fields: found, table });
  }
}

/** A guard of a batch did not hold; the whole batch was rolled back. */
export class GuardError extends IntegrityError {
  static override readonly errorName: string = "GuardError";
  /** The name of the guard; null for the version of an object. */
  readonly guard: string | null;
  constructor(message: string, details: IntegrityDetails & { readonly guard?: string | null } = {}) {
    super(message, { kind: "guard", ...details });
    this.guard = details.guard ?? null;
  }
}

/** A transaction was used in a way that cannot work: finished, or waiting for itself. */
export class TransactionManagementError extends TerrapinError {
  static override readonly errorName: string = "TransactionManagementError";
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "transaction");
  }
}

/** The type of a value for an error message: never the value itself. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") {
    const name = (value as object).constructor?.name;
    return name && name !== "Object" ? `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}` : "an object";
  }
  return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
}
