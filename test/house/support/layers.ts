import { importsOf, type Node, parse, resolveImport, runtimeImportsOf, walk } from "./source.js";

/** A broken rule of the house: which file, and what it does. */
export interface Breach {
  file: string;
  rule: string;
  what: string;
}

type Tree = ReadonlyMap<string, string>;

/** Folders of core in reading order: each may import those after it. */
export const layers = [
  "testing",
  "model",
  "queryset",
  "computed",
  "plan",
  "load",
  "lookups",
  "query",
  "schema",
  "fields",
  "types",
  "connection",
  "sql",
  "base",
] as const;

const onTop = ["core/index.ts", "core/orm.ts"];
const indexes = [
  "core/index.ts",
  "core/testing/index.ts",
  "core/testing/conformance/index.ts",
  "core/lookups/index.ts",
  "core/fields/index.ts",
];
const lentToAdapters = /^drivers\/[^/]+\/(dialect|types|errors|introspect|limits|wire|workerd|script|control)\.ts$/;
const mayUseNode = /^(drivers\/[^/]+\/client\.ts|node\/|cli\/)/;
const mayImportLate = /^node\//;

/** Every breach of the rules about who imports whom. */
export function checkImports(tree: Tree): Breach[] {
  const breaches: Breach[] = [];
  for (const [file, text] of tree) {
    for (const { target, late } of importsOf(text)) {
      const to = resolveImport(file, target);
      const rule = brokenRule(file, to, target);
      if (rule) breaches.push({ file, rule, what: `imports ${to}` });
      if (late && !mayImportLate.test(file)) breaches.push({ file, rule: "late import", what: `imports ${to} late` });
      if (target.startsWith(".") && !target.endsWith(".js")) {
        breaches.push({ file, rule: "import ending", what: `imports ${target} without ".js"` });
      }
    }
    if (/^core\/.*\/index\.ts$/.test(file) && !indexes.includes(file)) {
      breaches.push({ file, rule: "barrel", what: "is an index file that the house does not name" });
    }
  }
  return breaches;
}

/** Every circle of files that import each other at run time, once. */
export function checkCycles(tree: Tree): Breach[] {
  const edges = new Map<string, string[]>();
  for (const [file, text] of tree) {
    edges.set(
      file,
      runtimeImportsOf(text)
        .map((target) => resolveImport(file, target))
        .filter((to) => tree.has(to)),
    );
  }
  const done = new Set<string>();
  const breaches: Breach[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const circle = [...path.slice(at), file];
      breaches.push({ file, rule: "cycle", what: circle.join(" → ") });
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return breaches;
}

/** What code does that no Worker or bundler would stand: evaluated text, Node's globals, work done while loading. */
export function checkCode(tree: Tree): Breach[] {
  const breaches: Breach[] = [];
  for (const [file, text] of tree) {
    const inCore = file.startsWith("core/");
    const program = parse(text);
    const found = (rule: string, what: string): void => void breaches.push({ file, rule, what });

    if (
      file.startsWith("core/types/") &&
      (program.body as Node[]).some(
        (it) => it.type !== "ExportNamedDeclaration" || (it.specifiers as Node[]).length > 0 || it.declaration,
      )
    ) {
      found("types only", "has code that is left at run time");
    }
    if (file !== "cli/main.ts") {
      for (const statement of program.body as Node[]) {
        if (!isDeclaration(statement)) found("top-level side effect", `has a ${statement.type} at the top`);
      }
    }
    walk(program, (node, above) => {
      if (node.type === "StaticBlock") found("top-level side effect", "has a static block");
      if (node.type === "Identifier" && isFree(node, above[0])) {
        const name = node.name as string;
        if (name === "eval") found("evaluated text", "uses eval");
        if (name === "Function" && /^(New|Call)Expression$/.test(above[0]?.type ?? "") && above[0]?.callee === node) {
          found("evaluated text", "makes a function from text");
        }
        if (inCore && ["process", "Buffer", "require", "__dirname", "__filename", "setImmediate"].includes(name)) {
          found("Node global", `uses ${name}`);
        }
      }
      if (node.type === "MemberExpression" && inCore) {
        const object = node.object as Node;
        const property = (node.property as Node).name;
        if (
          object.type === "Identifier" &&
          object.name === "globalThis" &&
          (property === "process" || property === "Buffer")
        ) {
          found("Node global", `uses ${String(property)}`);
        }
        if ((property === "name" || property === "family") && isDialect(object) && isCompared(node, above)) {
          found("dialect by name", `branches on dialect.${String(property)}`);
        }
      }
    });
  }
  return breaches;
}

function brokenRule(file: string, to: string, target: string): string | undefined {
  const [top, folder] = file.split("/");
  const [toTop, toFolder] = to.split("/");
  const isPackage = !target.startsWith(".");
  if (target.startsWith("node:")) return mayUseNode.test(file) ? undefined : "node: outside its rooms";
  switch (top) {
    case "core":
      if (isPackage || toTop !== "core") return "core imports only core";
      // What is for tests stands on everything: it may set contexts up, and nothing may need it.
      if (folder === "testing" && to === "core/orm.ts") return undefined;
      if (onTop.includes(to)) return onTop.includes(file) ? undefined : "import goes up";
      if (onTop.includes(file)) return toFolder === "testing" ? "import goes up" : undefined;
      return layers.indexOf(folder as never) <= layers.indexOf(toFolder as never) ? undefined : "import goes up";
    case "drivers":
      if (isPackage) return file.endsWith("/client.ts") ? undefined : "client outside client.ts";
      if (file.endsWith("/dialect.ts") && to.endsWith("/client.ts")) return "dialect imports client";
      return toTop === "core" || (toTop === "drivers" && toFolder === folder) ? undefined : "import across rooms";
    case "adapters":
      if (isPackage) return undefined;
      return toTop === "core" || lentToAdapters.test(to) ? undefined : "import across rooms";
    case "migrate":
    case "app":
      if (isPackage) return "package outside its room";
      return toTop === "core" || toTop === top ? undefined : "import across rooms";
    case "node":
      return isPackage || ["core", "drivers", "node"].includes(toTop ?? "") ? undefined : "import across rooms";
    default:
      return undefined;
  }
}

function isDeclaration(statement: Node): boolean {
  return [
    "ImportDeclaration",
    "ExportNamedDeclaration",
    "ExportDefaultDeclaration",
    "ExportAllDeclaration",
    "FunctionDeclaration",
    "ClassDeclaration",
    "VariableDeclaration",
    "EmptyStatement",
  ].includes(statement.type);
}

/** Whether an identifier stands for a variable, and not for a key or a member. */
function isFree(node: Node, parent: Node | undefined): boolean {
  if (!parent) return true;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed === true;
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type)) return parent.value === node;
  return true;
}

function isDialect(object: Node): boolean {
  const name = object.type === "MemberExpression" ? (object.property as Node).name : object.name;
  return typeof name === "string" && /dialect$/i.test(name);
}

function isCompared(node: Node, above: readonly Node[]): boolean {
  const parent = above[0];
  if (!parent) return false;
  if (parent.type === "BinaryExpression") return /^[!=]=/.test(parent.operator as string);
  if (parent.type === "SwitchStatement") return parent.discriminant === node;
  if (parent.type === "MemberExpression") return parent.computed === true && parent.property === node;
  return (
    parent.type === "CallExpression" &&
    (parent.arguments as Node[]).includes(node) &&
    ["includes", "has", "startsWith", "get"].includes(
      ((parent.callee as Node).property as Node | undefined)?.name as string,
    )
  );
}
