import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { transformSync } from "esbuild";
import { parseAst } from "rollup/parseAst";

/** A syntax node: its kind and whatever else it has. */
export interface Node {
  type: string;
  [key: string]: unknown;
}

/** One line of import: where to, and whether anything of it is left at run time. */
export interface Import {
  target: string;
  late: boolean;
}

const shipped = ["core", "drivers", "adapters", "migrate", "app", "node", "cli"];

/** Every file under the folders, with its text, by path from the root of the repository. */
export function readTree(folders: readonly string[], ending = ".ts"): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith(ending)) files.set(path, readFileSync(path, "utf8"));
    }
  };
  const present = new Set(readdirSync("."));
  for (const folder of folders) if (present.has(folder.split("/")[0]!)) visit(folder);
  return files;
}

/** The code that users get, by path. */
export function readShipped(): Map<string, string> {
  return readTree(shipped);
}

/** What is left of a TypeScript file at run time, as a syntax tree. */
export function parse(text: string): Node {
  const { code } = transformSync(text, {
    loader: "ts",
    target: "es2022",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return parseAst(code) as unknown as Node;
}

/** Calls `see` for every node below and including `node`, with the nodes above it, nearest first. */
export function walk(node: Node, see: (node: Node, above: readonly Node[]) => void, above: readonly Node[] = []): void {
  see(node, above);
  const path = [node, ...above];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, see, path);
    }
  }
}

/** All imports of a file as it is written, types included. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const code = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  for (const match of code.matchAll(/^(?:import|export)\b(?!\s*\()[^;"']*?\bfrom\s*["']([^"']+)["']/gm)) {
    found.push({ target: match[1]!, late: false });
  }
  for (const match of code.matchAll(/^import\s*["']([^"']+)["']/gm)) found.push({ target: match[1]!, late: false });
  for (const match of code.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)(\.\w)?/g)) {
    const isType = match[2] !== undefined && !/await\s*$/.test(code.slice(0, match.index));
    found.push({ target: match[1]!, late: !isType });
  }
  return found;
}

/** The imports of a file that are left at run time. */
export function runtimeImportsOf(text: string): string[] {
  const found: string[] = [];
  walk(parse(text), (node) => {
    const source = node.source as { value?: unknown } | null | undefined;
    if (typeof source?.value === "string") found.push(source.value);
  });
  return found;
}

/** The file that an import means, by path from the root, or the import itself when it is a package. */
export function resolveImport(from: string, target: string): string {
  return target.startsWith(".") ? posix.join(posix.dirname(from), target).replace(/\.js$/, ".ts") : target;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
