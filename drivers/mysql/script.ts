import { ParamsError } from "../../core/base/errors.js";

/** What ends a statement, or must be passed over as a whole: texts, names, comments. */
const PART =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|#[^\n]*|--(?:[ \t][^\n]*|(?=\n|$))|\/\*[\s\S]*?\*\/|;/g;

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
