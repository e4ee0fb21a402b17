/** One fenced block of TypeScript in a page. */
export interface Block {
  /** Line of the opening fence, from 0. */
  line: number;
  lines: string[];
  run: boolean;
  /** The file whose text this is, for a block that only shows code of ours. */
  source?: string;
}

/** The TypeScript blocks of a Markdown page, those in HTML comments included: they prepare what readers need not see. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let other = false;
  for (const [line, text] of markdown.split("\n").entries()) {
    if (open) {
      if (/^```\s*$/.test(text)) {
        blocks.push(open);
        open = undefined;
      } else {
        open.lines.push(text);
      }
    } else if (other) {
      other = !/^```\s*$/.test(text);
    } else if (/^```(ts|typescript)\b/.test(text)) {
      const source = /\bsource (\S+)/.exec(text)?.[1];
      open = { line, lines: [], run: !/\bno-run\b/.test(text), ...(source ? { source } : {}) };
    } else {
      other = text.startsWith("```");
    }
  }
  return blocks;
}

/**
 * The blocks as one module whose line numbers are those of the page. A block that must not run becomes a function
 * that nobody calls; `console.log(x); // → text` becomes a check of what is printed.
 */
export function moduleOf(markdown: string): string {
  const out = markdown.split("\n").map(() => "");
  const imported = new Set<string>();
  let checks = false;
  for (const block of blocksOf(markdown)) {
    if (block.source) continue;
    const hoisted: string[] = [];
    for (const [i, text] of block.lines.entries()) {
      let line = text;
      if (/^import\b.*\bfrom\b/.test(line)) {
        const fresh = withoutKnown(line, imported);
        if (block.run) line = fresh;
        else {
          hoisted.push(fresh);
          line = "";
        }
      } else if (block.run) {
        const printed = /^(\s*)console\.log\((.*)\);\s*\/\/ → (.*)$/.exec(line);
        if (printed) {
          line = `${printed[1]}printed(${JSON.stringify(printed[3])}, ${printed[2]});`;
          checks = true;
        }
      } else {
        line = line.replace(/^export /, "");
      }
      out[block.line + 1 + i] = line;
    }
    if (!block.run) {
      out[block.line] = `${hoisted.join(" ")} export async function neverRun${block.line}() {`;
      out[block.line + 1 + block.lines.length] = "}";
    }
  }
  if (checks) out.push(printedHelper);
  out.push("export {};");
  return out.join("\n");
}

const printedHelper = `
import { format } from "node:util";
function printed(expected: string, ...values: unknown[]): void {
  const plain = (text: string): string => text.replace(/\\s+/g, " ").trim();
  const actual = plain(format(...values));
  if (actual !== plain(expected)) throw new Error("the page says " + plain(expected) + " and it prints " + actual);
}`;

/** An import line without the names that an earlier block imported. */
function withoutKnown(line: string, known: Set<string>): string {
  const match = /^import\s+(type\s+)?\{([^}]*)\}\s+from\s+(.+)$/.exec(line);
  if (!match) {
    const module = /^import\s+\*\s+as\s+(\w+)\s/.exec(line)?.[1];
    if (module !== undefined && known.has(module)) return "";
    if (module !== undefined) known.add(module);
    return line;
  }
  const names = match[2]!
    .split(",")
    .map((it) => it.trim())
    .filter((it) => it && !known.has(it.replace(/^type\s+/, "")));
  for (const name of names) known.add(name.replace(/^type\s+/, ""));
  return names.length > 0 ? `import ${match[1] ?? ""}{ ${names.join(", ")} } from ${match[3]}` : "";
}
