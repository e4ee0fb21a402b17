import { ParamsError, typeName } from "../base/errors.js";

/** Rows that nobody else may change until the transaction ends. */
export interface Lock {
  /** what happens where somebody else has them */
  readonly busy: "wait" | "nowait" | "skip";
  /** "self", and relations that come with the rows; none: all tables of the query */
  readonly of: readonly string[];
}

/** Indexes that the database is told to use, or to choose from. */
export interface IndexHint {
  readonly kind: "force" | "use";
  readonly names: readonly string[];
}

/** How a query gets at its rows, where that is said at all. */
export interface Access {
  readonly lock: Lock | null;
  readonly hint: IndexHint | null;
}

const LOCK_OPTIONS = ["nowait", "skipLocked", "of", "usingDb"];

/** The access of a query that `selectForUpdate({ … })` was called on. */
export function withLock(before: Access | null, options: unknown): Access {
  return { lock: lockOf(options), hint: before?.hint ?? null };
}

function lockOf(options: unknown): Lock {
  checkOptions(options, LOCK_OPTIONS, "selectForUpdate");
  const { nowait = false, skipLocked = false, of = [] } = options as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries({ nowait, skipLocked }))
    if (typeof value !== "boolean")
      throw new ParamsError(`selectForUpdate(): ${name} is true or false, not ${typeName(value)}`);
  if (nowait === true && skipLocked === true)
    throw new ParamsError("selectForUpdate(): nowait and skipLocked contradict each other", {
      hint: "nowait fails at a locked row, skipLocked leaves it out",
    });
  return {
    busy: nowait === true ? "nowait" : skipLocked === true ? "skip" : "wait",
    of: texts(of, "selectForUpdate(): of", '["self", "user"]'),
  };
}

/** The access of a query that is told of more indexes. */
export function withHint(access: Access | null, kind: IndexHint["kind"], given: readonly unknown[]): Access {
  const before = access?.hint ?? null;
  const call = `${kind}Index`;
  const names = texts(given, `${call}()`, `${call}("idx_users_name")`);
  if (names.length === 0) throw new ParamsError(`${call}() needs the name of an index`);
  if (before !== null && before.kind !== kind)
    throw new ParamsError("forceIndex() and useIndex() exclude each other", {
      hint: "name all indexes in one of them",
    });
  return { lock: access?.lock ?? null, hint: { kind, names: [...new Set([...(before?.names ?? []), ...names])] } };
}

/** The form of a plan that `explain({ format })` names; null: the usual one. */
export function explainFormat(options: unknown): string | null {
  checkOptions(options, ["format"], "explain");
  const { format = null } = options as { readonly format?: unknown };
  if (format !== null && typeof format !== "string")
    throw new ParamsError(`explain(): format is the name of a form, not ${typeName(format)}`);
  return format;
}

function checkOptions(options: unknown, known: readonly string[], call: string): void {
  if (typeof options !== "object" || options === null)
    throw new ParamsError(`${call}() takes options, not ${typeName(options)}`);
  for (const name in options)
    if (!known.includes(name))
      throw new ParamsError(`${call}() has no option "${name}"`, {
        code: "unknown_option",
        hint: `known: ${known.join(", ")}`,
      });
}

function texts(given: unknown, what: string, example: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (!Array.isArray(given) || list.some((each) => typeof each !== "string" || each === ""))
    throw new ParamsError(`${what} takes names, not ${typeName(list.find((each) => typeof each !== "string") ?? "")}`, {
      hint: example,
    });
  return list.slice() as string[];
}
