import { styleText } from "node:util";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";

const WIDTH = 100;

type Style = Parameters<typeof styleText>[0];

// Plain text when the output is not a terminal, or NO_COLOR is set.
const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** One line of text. */
export function say(text = ""): void {
  console.log(text);
}

/** What the next questions have in common. */
export function title(text: string): void {
  say(`\n${paint(["bold", "underline"], text)}`);
}

/** A numbered sentence over a question. */
export function heading(number: number, sentence: string): void {
  say(`\n${paint("bold", wrapped(`${number}. ${sentence}`, ""))}`);
}

/** What was asked, as it is written in the file of questions. */
export function code(work: () => unknown): void {
  say();
  for (const line of sourceOf(work)) say(paint("cyan", `    ${line}`));
}

/** The body of an arrow function, without the indentation it has in its file. */
function sourceOf(work: () => unknown): string[] {
  const [head, gap = ""] = /^(?:async )?\(\) =>(\s*)/.exec(work.toString()) ?? [""];
  const body = work.toString().slice(head.length);
  const block = body.startsWith("{");
  const lines = (block ? body.slice(1, -1) : gap + body).replace(/^\s*\n|\s+$/g, "").split("\n");
  const indents = lines.filter((line, index) => line !== "" && (index > 0 || /^\s/.test(line)));
  const indent = Math.min(...indents.map((line) => line.search(/\S/)));
  return lines.map((line) => (/^\s/.test(line) ? line.slice(indent) : line).trimEnd());
}

/** Statements, broken where a reader would break them, and how many were sent. */
export function sql(statements: string[], count: string): void {
  say();
  for (const statement of statements) say(paint("dim", broken(statement)));
  say(paint("dim", `    -- ${count}`));
}

const CLAUSES = ["FROM", "WHERE", "ORDER", "LIMIT", "SET", "VALUES", "ON", "RETURNING"];

function broken(statement: string): string {
  const lines: string[] = [];
  let line = "    ";
  let depth = 0;
  // A quoted text belongs to one word, whatever stands in it.
  for (const text of statement.match(/(?:'(?:[^']|'')*'|"[^"]*"|[^\s'"])+/g) ?? []) {
    // The client hands every number to SQLite as a double, which takes the column's type there.
    const word = text.includes("'") ? text : text.replace(/^(\(?\d+)\.0\b/, "$1");
    const clause = depth === 0 && CLAUSES.includes(word);
    if (line.trim() === "") {
      line += word;
    } else if (clause || line.length + word.length > WIDTH - 2) {
      const [, start, rest] = (clause ? null : /^(.{40,}) ((?:AND|OR|FROM|WHERE) .*)$/.exec(line)) ?? ["", line, ""];
      lines.push(start!);
      line = (clause ? "    " : "      ") + (rest === "" ? word : `${rest} ${word}`);
    } else {
      line += ` ${word}`;
    }
    const bare = word.replace(/'(?:[^']|'')*'/g, "");
    depth += bare.split("(").length - bare.split(")").length;
  }
  return [...lines, line].join("\n");
}

/** What came back: a table for rows, a line for anything else. */
export function result(value: unknown): void {
  say();
  if (Array.isArray(value) && value.every((row) => typeof row === "object" && row !== null)) {
    say(indented(rowsTable(value as Record<string, unknown>[])));
  } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    say(indented(table([], Object.entries(value))));
  } else {
    say(wrapped(`→ ${shown(value)}`));
  }
}

/** An error as a program would print it, and the properties that a program may branch on. */
export function failure(error: Error, names: string[]): void {
  say();
  say(paint("red", wrapped(`${error.name}: ${error.message}`)));
  const details = Object.entries(error).filter(([name]) => names.includes(name));
  if (details.length > 0) say(indented(table([], details)));
}

function rowsTable(rows: Record<string, unknown>[]): string {
  const first = rows[0];
  if (first === undefined) return "(no rows)";
  return table(
    Object.keys(first),
    rows.map((row) => Object.values(row)),
  );
}

function table(head: string[], rows: unknown[][]): string {
  const columns = rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? [];
  const made = new Table({
    head: head.map((name) => paint("bold", name)),
    colAligns: columns.map((values) => (values.every(isNumeric) ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  made.push(...rows.map((row) => row.map(shown)));
  return made.toString();
}

const isNumeric = (value: unknown): boolean =>
  value === null || typeof value === "number" || (typeof value === "string" && /^-?\d+\.\d+$/.test(value));

function shown(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") return value.toLocaleString("en-US");
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value !== "object") return String(value as string | boolean);
  return Object.entries(value)
    .map(([name, item]) => `${name}: ${shown(item)}`)
    .join(", ");
}

const indented = (text: string): string => text.replace(/^/gm, "    ");

function wrapped(text: string, indent = "    "): string {
  const [first = "", ...words] = text.split(" ");
  const lines: string[] = [];
  let line = indent + first;
  for (const word of words) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else {
      line += ` ${word}`;
    }
  }
  return [...lines, line].join("\n");
}

/** Counts up while something long runs. */
export interface Progress {
  add(rows: number): void;
  stop(): void;
}

/** A bar on a terminal, nothing elsewhere. */
export function progress(total: number): Progress {
  if (!process.stdout.isTTY) return { add() {}, stop() {} };
  const bar = new SingleBar({
    format: "Loading {bar} {percentage}% · {value} of {total} rows",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 40,
    hideCursor: true,
    formatValue: (value, _options, type) => (type === "percentage" ? String(value) : value.toLocaleString("en-US")),
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return { add: (rows) => bar.increment(rows), stop: () => bar.stop() };
}
