import { FieldError } from "../../core/base/errors.js";
import type { Dialect } from "../../core/sql/dialect.js";
import { sqliteDialect } from "./dialect.js";
import type { SqliteDatabase } from "./statements.js";

/** SQLite where the client can add functions: `regexp` is JavaScript's, with the flag `u`. */
export const nodeDialect: Dialect = {
  ...sqliteDialect,
  writeRegex({ item, pattern, ignoreCase }, out) {
    out.put("regexp(");
    out.expr(pattern);
    out.put(", ");
    out.expr(item);
    out.put(ignoreCase ? ", 'i')" : ")");
  },
};

/** Gives a connection the function `regexp(pattern, text, flags)`, which is also what `text REGEXP pattern` calls. */
export function addRegexp(database: SqliteDatabase): void {
  // One of the program's own stays.
  if (database.function === undefined || hasRegexp(database)) return;
  let last: { readonly pattern: unknown; readonly flags: unknown; readonly made: RegExp } | null = null;
  database.function("regexp", { deterministic: true, varargs: true }, (pattern, text, flags = "") => {
    if (pattern === null || text === null) return null;
    // All rows of a statement have the same pattern.
    if (last === null || last.pattern !== pattern || last.flags !== flags)
      last = { pattern, flags, made: compiled(String(pattern as string), `u${String(flags as string)}`) };
    return last.made.test(String(text as string)) ? 1 : 0;
  });
}

function hasRegexp(database: SqliteDatabase): boolean {
  return (
    database.prepare("SELECT 1 FROM pragma_function_list WHERE name = 'regexp' AND narg IN (-1, 3)").raw(true).all([])
      .length > 0
  );
}

function compiled(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (cause) {
    throw new FieldError(`the regular expression cannot be read: ${(cause as Error).message}`, {
      code: "bad_regex",
      hint: "on SQLite it is one of JavaScript's, with the flag u",
      cause,
    });
  }
}
