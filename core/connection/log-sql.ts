/** A statement up to this length stays on one line. */
const SHORT = 72;
/** What is longer is cut: nobody reads it, and it would fill the log. */
const LONGEST = 10_000;

/** A quoted text or name, a comment, a word, a number, a space, or any single sign. */
const TOKENS =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_][\w$]*|\s+|[^]/g;

/** Words that begin a line, each with the words that may come before it on that line. */
const CLAUSES =
  /^(?:SELECT|FROM|WHERE|GROUP BY|HAVING|WINDOW|ORDER BY|LIMIT|VALUES|SET|RETURNING|UNION ALL|UNION|INTERSECT|EXCEPT|ON CONFLICT|ON DUPLICATE KEY UPDATE|(?:(?:LEFT|RIGHT|FULL|INNER|CROSS|NATURAL) (?:OUTER )?)?JOIN|FOR UPDATE)\b/i;

/**
 * SQL as a person reads it: a line for each clause, AND and OR below what they belong to, subqueries moved in. Nothing
 * but white space between words is changed.
 * @example
 * readableSql('SELECT "id" FROM "users" WHERE "age" > ? ORDER BY "id"');
 */
export function readableSql(sql: string): string {
  const text =
    sql.length > LONGEST ? `${sql.slice(0, LONGEST)} … (${sql.length.toLocaleString("en")} characters)` : sql;
  if (text.length <= SHORT && !text.includes("\n")) return text;
  const tokens = text.match(TOKENS) ?? [];
  const lines: string[] = [];
  // Of each open parenthesis: is it a subquery, on lines of its own?
  const open: boolean[] = [];
  let line = "";
  let depth = 0;
  let indent = 0;
  let between = false;
  const start = (at: number): void => {
    if (line.trim() !== "") lines.push("  ".repeat(indent) + line.trim());
    line = "";
    indent = at;
  };
  for (const [i, token] of tokens.entries()) {
    const flat = open.length > 0 && !open.at(-1)!;
    if (token === "(") {
      const query = /^\s*(?:SELECT|WITH)\b/i.test(tokens.slice(i + 1, i + 3).join(""));
      line += token;
      open.push(query);
      if (query) start(++depth * 2);
    } else if (token === ")") {
      const query = open.pop() ?? false;
      if (query) start(--depth * 2);
      line += token;
    } else if (!flat && /^[A-Z]/i.test(token) && CLAUSES.test(wordsAt(tokens, i)) && !continues(line)) {
      start(depth * 2);
      line += token;
    } else if (!flat && /^(?:AND|OR)$/i.test(token)) {
      // The AND of BETWEEN ? AND ? begins nothing.
      if (between) between = false;
      else start(depth * 2 + 1);
      line += token;
    } else if (token.startsWith("--")) {
      line += token;
      start(indent);
    } else {
      if (/^BETWEEN$/i.test(token)) between = true;
      line += /^\s+$/.test(token) ? (line === "" || line.endsWith(" ") ? "" : " ") : token;
    }
  }
  start(0);
  return lines.join("\n");
}

/** Up to four words from here on, with single spaces. */
function wordsAt(tokens: readonly string[], at: number): string {
  return tokens
    .slice(at, at + 7)
    .join("")
    .replace(/\s+/g, " ");
}

/** The words before are the beginning of the same clause: the JOIN of LEFT JOIN, the SET of UPDATE … ON … SET. */
function continues(line: string): boolean {
  return /(?:^|\s)(?:LEFT|RIGHT|FULL|INNER|CROSS|NATURAL|OUTER|DO UPDATE|DELETE|INSERT|UNION|EXCEPT|INTERSECT|DISTINCT|IS|ORDER|GROUP|FOR)\s*$/i.test(
    line,
  );
}
