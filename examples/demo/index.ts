import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { Terrapin } from "terrapin";
import { sqlite } from "terrapin/sqlite";
import { load } from "./load.ts";
import { City, Country, Currency, Language } from "./models.ts";
import { code, failure, heading, result, say, sql, title } from "./print.ts";
import { mistakes, reading, relations, writing, type Question } from "./questions.ts";

const file = fileURLToPath(new URL("../../.cache/demo.db", import.meta.url));
const models = { City, Country, Currency, Language };

/** Statements that were sent since the last question. */
const sent: string[] = [];

async function main(): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });

  await Terrapin.init({ connections: { default: sqlite(file) }, models });
  await Terrapin.generateSchemas();
  const { countries, cities, others, seconds } = await load();
  const rows = countries + cities + others;
  say(`Loaded ${countries} countries and ${cities.toLocaleString("en-US")} cities into SQLite`);
  say(`in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds).toLocaleString("en-US")} rows per second.`);

  // The same file once more, opened by ourselves, so that every statement can be watched.
  const watched = new Database(file, { verbose: (statement) => sent.push(String(statement)) });
  await Terrapin.init({ connections: { default: sqlite(watched) }, models });
  // The first use of a connection asks the database for its version; no question has to pay for that.
  await City.exists();
  await ask("Reading", reading);
  await ask("Relations", relations);
  await ask("Writing", writing);
  await ask("Mistakes", mistakes);
  watched.close();
}

async function ask(topic: string, questions: Question[]): Promise<void> {
  title(topic);
  for (const question of questions) await show(question);
}

let number = 0;

async function show({ ask, answer, throws }: Question): Promise<void> {
  heading(++number, ask);
  code(answer);
  sent.length = 0;
  try {
    const asked = answer();
    const value = await asked;
    if (throws !== undefined) throw new Error(`question ${number} was to throw a ${throws}`);
    // What a query set says of itself is easier to read than what was sent, where that was one statement.
    showSql(isQuery(asked) && sent.length === 1 ? [`${asked.sql()};`] : shortened(sent));
    if (value !== undefined) result(value);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== throws) throw error;
    showSql(shortened(sent));
    failure(error, ["code", "kind", "fields", "field"]);
  }
}

function showSql(statements: string[]): void {
  sql(statements, `${sent.length === 0 ? "no" : sent.length} statement${sent.length === 1 ? "" : "s"}`);
}

/** A query set tells its SQL itself. */
function isQuery(asked: unknown): asked is { sql(): string } {
  return typeof asked === "object" && asked !== null && "sql" in asked;
}

/** Many statements of one kind in a row are told once. */
function shortened(statements: string[]): string[] {
  const kind = (statement: string | undefined): string | undefined => statement?.slice(0, 30);
  const told: string[] = [];
  for (let at = 0; at < statements.length; ) {
    let next = at + 1;
    while (kind(statements[next]) === kind(statements[at])) next++;
    const count = next - at;
    for (const statement of statements.slice(at, count > 3 ? at + 1 : next)) told.push(`${statement};`);
    if (count > 3) told.push(`-- and ${count - 1} more like it`);
    at = next;
  }
  return told;
}

await Terrapin.runAsync(main);
