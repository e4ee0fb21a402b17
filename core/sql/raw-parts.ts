/** Quoted texts and names, comments: what they hold is nothing to us. */
const QUOTED = String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"|\`(?:[^\`]|\`\`)*\`|--[^\n]*|/\*[\s\S]*?\*/`;

/** SQL of an author, cut where `at` finds something outside of quotes and comments: parts, and between them what was found. */
export function partsOf(sql: string, at: RegExp): string[] {
  const parts: string[] = [];
  let from = 0;
  let comment = -1;
  for (const { 0: found, index } of sql.matchAll(new RegExp(`${QUOTED}|(?<found>${at.source})`, "g"))) {
    const end = index + found.length;
    if (found.startsWith("--")) comment = end;
    if (!new RegExp(`^(?:${at.source})$`).test(found)) continue;
    parts.push(sql.slice(from, index), found);
    from = end;
  }
  // What follows must not be part of a comment that nothing ends.
  parts.push(sql.slice(from) + (comment === sql.length ? "\n" : ""));
  return parts;
}

/** SQL of an author, cut at its placeholders: a question mark in quotes is none. */
export const rawParts = (sql: string): string[] => partsOf(sql, /\?/g).filter((_, i) => i % 2 === 0);
