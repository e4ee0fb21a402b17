/** Quoted texts and names, comments, and what stands between them. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g;

/** SQL of an author, cut at its placeholders: a question mark in quotes is none. */
export function rawParts(sql: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of sql.matchAll(TOKENS)) {
    if (match[0] !== "?") continue;
    parts.push(sql.slice(from, match.index));
    from = match.index + 1;
  }
  parts.push(sql.slice(from));
  return parts;
}
