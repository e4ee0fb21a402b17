import { existsSync, readFileSync } from "node:fs";
import { resolveImport } from "./source.js";

/** Where the public names of each entry are kept. */
export const exportsFile = "test/house/exports.json";

/** The public names of one entry, values and types apart, in alphabetical order. */
export interface Names {
  values: string[];
  types: string[];
}

interface Conditions {
  [condition: string]: string;
}

/** The source file behind each entry of package.json: the Node build and, where there is another, the serverless one. */
export function entrySources(): Record<string, string> {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, string | Conditions> };
  const sources: Record<string, string> = {};
  for (const [path, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const name = `terrapin${path.slice(1)}`;
    const source = (file: string): string => file.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts");
    sources[name] = source(target.default!);
    if (target.workerd && target.workerd !== target.default) sources[`${name} (serverless)`] = source(target.workerd);
  }
  return sources;
}

/** The names that a module exports, read from its text; entries list their names by hand, so nothing has to be loaded. */
export function namesOf(file: string): Names {
  const values = new Set<string>();
  const types = new Set<string>();
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  for (const match of text.matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm)) {
    for (const part of match[2]!
      .split(",")
      .map((it) => it.trim())
      .filter(Boolean)) {
      const [, type, name] = /^(type\s+)?(?:\w+\s+as\s+)?(\w+)$/.exec(part) ?? [];
      if (name) (match[1] || type ? types : values).add(name);
    }
  }
  const declared =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(function\*?|class|const|let|interface|type)\s+(\w+)/gm;
  for (const match of text.matchAll(declared)) (/^(interface|type)$/.test(match[1]!) ? types : values).add(match[2]!);
  for (const match of text.matchAll(/^export\s+\*\s+as\s+(\w+)\s+from/gm)) values.add(match[1]!);
  for (const match of text.matchAll(/^export\s+(type\s+)?\*\s+from\s+"([^"]+)"/gm)) {
    const names = namesOf(resolveImport(file, match[2]!));
    for (const name of names.values) (match[1] ? types : values).add(name);
    for (const name of names.types) types.add(name);
  }
  return { values: [...values].sort(), types: [...types].sort() };
}

/** The text of the list that is kept: what every entry exports now. */
export function writeExports(): string {
  const names: Record<string, Names> = {};
  for (const [entry, file] of Object.entries(entrySources())) if (existsSync(file)) names[entry] = namesOf(file);
  return `${JSON.stringify(names, undefined, 2)}\n`;
}
