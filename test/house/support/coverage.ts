import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Where the rows are written by hand, and the page that is made of them. */
export const coverageSource = "test/house/coverage.list";
export const coveragePage = "docs/coverage.md";

/** The milestones in the order in which they are built. */
export const milestones = ["first", "relations", "query power", "mysql", "edge", "migrations", "app"] as const;

/** One feature, rule or trap and what is known of it. */
export interface Row {
  id: string;
  section: string;
  feature: string;
  milestone: string;
  proof: string;
}

/** A test that a row names as its proof. */
export interface Proof {
  file: string;
  test: string;
}

/** The rows of the list, in order. */
export function readRows(text: string): Row[] {
  let section = "";
  const rows: Row[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    if (line === "" || line.startsWith("#")) continue;
    const parts = line.split(" | ");
    const [id = "", feature = "", milestone = ""] = parts;
    rows.push({ id, section, feature, milestone, proof: parts.slice(3).join(" | ") });
  }
  return rows;
}

/** Whether a row waits for work. */
export const isUnproven = (row: Row): boolean => row.proof === "pending" || row.proof === "open";

/** What is wrong with a row's milestone or proof, or null. */
export function faultOf(row: Row, done: ReadonlySet<string>): string | null {
  if (!(milestones as readonly string[]).includes(row.milestone)) return `unknown milestone "${row.milestone}"`;
  if (isUnproven(row)) return done.has(row.milestone) ? "has neither a test nor a decision" : null;
  if (row.proof.startsWith("decision ")) {
    const [, number = "", reason = ""] = /^decision (\d{4}): (.+)$/.exec(row.proof) ?? [];
    if (reason === "") return 'a decision is written "decision 0004: why not"';
    return decisionFile(number) ? null : `decision ${number} does not exist`;
  }
  const proofs = proofsOf(row.proof);
  if (proofs.length === 0) return "names no proof";
  for (const { file, test } of proofs) {
    if (!/^(test\/.*\.test(-d)?|core\/testing\/conformance\/[a-z-]+)\.ts$/.test(file))
      return `"${file}" is not a test file`;
    if (!existsSync(file)) return `${file} does not exist`;
    if (!hasTest(readFileSync(file, "utf8"), test)) return `${file} has no test "${test}"`;
  }
  return null;
}

/** The tests that a proof names. */
export function proofsOf(proof: string): Proof[] {
  return proof.split(" && ").map((part) => {
    const at = part.indexOf(": ");
    return { file: part.slice(0, at), test: part.slice(at + 2) };
  });
}

/** Whether a test of that name is written in the text of a test file, or a case in one of the conformance suite. */
export function hasTest(text: string, name: string): boolean {
  const quoted = [JSON.stringify(name), `'${name}'`, `\`${name}\``];
  return quoted.some((it) => new RegExp(`(\\(\\s*${escape(it)}|\\{\\s*name: ${escape(it)},)`).test(text));
}

/** The page, made of the rows. */
export function writeCoverage(rows: readonly Row[]): string {
  const lines = [
    "# Coverage",
    "",
    "Every feature, rule and trap of the behaviour that Terrapin follows, with the test that proves it or the decision that",
    "refuses it. Written by `npm run update:coverage` from `test/house/coverage.list`; a test compares the two.",
    "",
    "| Milestone | Rows | Proven | Decided otherwise | To do |",
    "| --- | --- | --- | --- | --- |",
  ];
  for (const milestone of milestones) {
    const of = rows.filter((row) => row.milestone === milestone);
    if (of.length === 0) continue;
    const waiting = of.filter(isUnproven).length;
    const decided = of.filter((row) => row.proof.startsWith("decision ")).length;
    lines.push(`| ${milestone} | ${of.length} | ${of.length - waiting - decided} | ${decided} | ${waiting} |`);
  }
  for (const section of new Set(rows.map((row) => row.section))) {
    lines.push("", `## ${section}`, "", "| | Feature | Milestone | Proof |", "| --- | --- | --- | --- |");
    for (const row of rows.filter((it) => it.section === section)) {
      lines.push(`| ${row.id} | ${row.feature} | ${row.milestone} | ${writeProof(row.proof)} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function writeProof(proof: string): string {
  if (proof === "pending" || proof === "open") return proof;
  const decision = /^decision (\d{4}): (.+)$/.exec(proof);
  if (decision) return `[decision ${decision[1]}](decisions/${decisionFile(decision[1]!)}): ${decision[2]}`;
  return proofsOf(proof)
    .map(({ file, test }) => `[${test.replaceAll("|", "\\|")}](../${file})`)
    .join("; ");
}

function decisionFile(number: string): string | undefined {
  return readdirSync("docs/decisions").find((name) => name.startsWith(`${number}-`));
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
