import { ParamsError } from "../../core/base/errors.js";

/** What ends a statement or stands for a value, or must be passed over as a whole: texts, names, comments. */
const PART =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|#[^\n]*|--(?:[ \t][^\n]*|(?=\n|$))|\/\*[\s\S]*?\*\/|;|\?/g;

/** Refuses values that are not as many as a statement by hand asks for: the client would send others in their place. */
export function checkValues(sql: string, params: readonly unknown[]): void {
  let wanted = 0;
  for (const [part] of sql.matchAll(PART)) if (part === "?") wanted++;
  if (wanted !== params.length)
    throw new ParamsError(`the numbers of values (${params.length}) and of ? in the statement (${wanted}) differ`, {
      hint: "one value for each ?",
    });
}

/** A statement without the comments that it begins with; those that the server reads are none. */
export const withoutLead = (sql: string): string =>
  sql.replace(/^(?:\s+|\(|#[^\n]*(?:\n|$)|--(?:[ \t][^\n]*)?(?:\n|$)|\/\*M?!\d*|\/\*[\s\S]*?\*\/)+/, "");

/**
 * The statements of a script, which semicolons separate. They are sent one by one: the client takes several at once only
 * with a flag that would make every injection worse.
 */
export function statementsOf(script: string): string[] {
  if (/^\s*delimiter\b/im.test(script))
    throw new ParamsError("DELIMITER is a word of MySQL's own terminal program, not of SQL", {
      code: "delimiter",
      hint: "run each statement with semicolons inside it by itself, with executeQuery",
    });
  const statements: string[] = [];
  let from = 0;
  const add = (to: number): void => {
    const text = script.slice(from, to).trim();
    // A comment alone is no statement.
    if (text.replace(PART, (part) => (/^(?:#|--|\/\*(?![!+M]))/.test(part) ? "" : part)).trim() !== "")
      statements.push(text);
  };
  for (const { 0: part, index } of script.matchAll(PART)) {
    if (part !== ";") continue;
    add(index);
    from = index + 1;
  }
  add(script.length);
  return statements;
}
